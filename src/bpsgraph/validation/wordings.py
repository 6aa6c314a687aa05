"""Verdicts in words without what is a place's own, and for which of many worlds they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bpsgraph.columns.statements import StatementsOfWorld
from bpsgraph.results import Operand

Key = tuple[tuple[int, ...], tuple[int, ...]]
"""What a world says of a verdict, in numbers: predicates and objects, those that are its own left out."""
# For so many worlds that say different things of what a verdict names; further ones are put into words anew.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Wording:
    """The fields of a verdict but catalogue and promise; `promise` is that one without its words.

    `silent` are the things looked at of which a world says nothing by itself, `said` what it says of others.
    """

    fields: Mapping[str, Any]
    promise: Operand | None
    silent: frozenset[int]
    said: Mapping[int, tuple[list[int], list[int]]]

    def holds(self, own: StatementsOfWorld, added: frozenset[int]) -> bool:
        """Whether it holds for the world that says this by itself, and more of what was added."""
        if not own.subjects.isdisjoint(self.silent) or not added.isdisjoint(self.silent):
            return False
        return all(
            thing not in added and own.of(thing) == statements for thing, statements in self.said.items()
        )

    def is_about(self, things: frozenset[int]) -> bool:
        """Whether any of these things was looked at."""
        return not (things.isdisjoint(self.silent) and things.isdisjoint(self.said))


class Wordings:
    """What was put into words, as long as all worlds share the same of what was looked at."""

    def __init__(self) -> None:
        self._known: dict[Key, list[Wording]] = {}

    def find(self, key: Key, own: StatementsOfWorld, added: frozenset[int]) -> Wording | None:
        """The words for a verdict in a world, where they are known."""
        return next((one for one in self._known.get(key, ()) if one.holds(own, added)), None)

    def keep(self, key: Key, wording: Wording) -> None:
        """Know the words for a verdict."""
        known = self._known.setdefault(key, [])
        if len(known) < _MOST:
            known.append(wording)

    def forget(self, subjects: Iterable[int] | None = None) -> None:
        """Know nothing more for which any of these was looked at; or nothing at all."""
        if subjects is None:
            self._known.clear()
            return
        things = frozenset(subjects)
        known = {
            key: [one for one in wordings if not one.is_about(things)]
            for key, wordings in self._known.items()
        }
        self._known = {key: wordings for key, wordings in known.items() if wordings}
