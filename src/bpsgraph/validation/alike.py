"""The verdicts on many submissions as objects: what is alike in them is put into words once.

How a place stands to a floor is said in the words of the floor, its item and its source, as for every other
place that stands to it alike; only the promise is its own. What was put into words in one world holds in
another where the verdict is the same there, and where that world says the same of all that was looked at.
"""

from dataclasses import fields

from pyoxigraph import Literal, NamedNode

from bpsgraph.errors import visible
from bpsgraph.results import Operand, Text, Verdict
from bpsgraph.terms import BPS, Term
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.sayings import Watched, WorldFacts
from bpsgraph.validation.tables import PROMISE, VERDICT, WHOSE, operand_of, verdict_of
from bpsgraph.validation.wordings import Wording

_OWN = frozenset({"catalogue", "promise"})
_SHARED = tuple(field.name for field in fields(Verdict) if field.name not in _OWN)


def verdicts_of_world(facts: WorldFacts, catalogue: str) -> tuple[Verdict, ...]:
    """The verdicts on the catalogue of a world, as `verdicts_of` gives them."""
    sayings = facts.sayings
    about = NamedNode(catalogue)
    nodes = sayings.having_numbers(facts.world, BPS + WHOSE, about)
    return _World(facts, visible(catalogue)).verdicts(sorted(nodes, key=sayings.text))


class _World:
    """Puts the verdicts of one world into words."""

    def __init__(self, facts: WorldFacts, catalogue: str) -> None:
        sayings = self._sayings = facts.sayings
        self._facts, self._catalogue = facts, catalogue
        self._own, self._shared = sayings.own(facts.world), sayings.shared()
        self._added = frozenset(map(sayings.number, facts.added))
        self._labels: dict[int, Text | None] = {}
        self._whose, self._promise, self._verdict, *self._of_promises = (
            sayings.number(NamedNode(BPS + name))
            for name in (WHOSE, PROMISE, VERDICT, "statedAs", "segment", "effectiveSegment")
        )

    def verdicts(self, nodes: list[int]) -> tuple[Verdict, ...]:
        found = (self._of(node) for node in nodes)
        return tuple(verdict for verdict in found if verdict is not None)

    def _of(self, node: int) -> Verdict | None:
        """The verdict that a node is; none where it is something else."""
        predicates, objects = self._own.of(node)
        promises = predicates.count(self._promise)
        if self._is_spoken_of(node) or promises > 1 or predicates.count(self._whose) != 1:
            return self._by_itself(node)
        if self._verdict not in predicates:
            return None
        side = 0
        objects[predicates.index(self._whose)] = 0
        if promises:
            place = predicates.index(self._promise)
            side, objects[place] = objects[place], 0
        key = tuple(predicates), tuple(objects)
        wording = self._sayings.wordings.find(key, self._own, self._added)
        if wording is None:
            wording, lasts = self._worded(node)
            if lasts:
                self._sayings.wordings.keep(key, wording)
        promise = self._promised(node, side, wording.promise) if wording.promise is not None else None
        return Verdict(catalogue=self._catalogue, promise=promise, **wording.fields)

    def _is_spoken_of(self, thing: int) -> bool:
        """Whether others say anything of it than its world by itself."""
        return thing in self._shared.subjects or thing in self._added

    def _by_itself(self, node: int) -> Verdict | None:
        said = self._said(node)
        return verdict_of(self._facts, said) if VERDICT in said else None

    def _said(self, node: int) -> dict[str, Term]:
        return self._facts.first_values(self._sayings.term(node))

    def _worded(self, node: int) -> tuple[Wording, bool]:
        """The words for a verdict, and whether they hold for other worlds."""
        said = self._said(node)
        promise = said.pop(PROMISE, None)
        watched = Watched(self._facts)
        verdict = verdict_of(watched, said)
        seen = set(map(self._sayings.number, watched.seen))
        spoken = {thing for thing in seen if thing in self._own.subjects}
        wording = Wording(
            {name: getattr(verdict, name) for name in _SHARED},
            operand_of(Facts(), said, promise, PROMISE) if promise is not None else None,
            frozenset(seen - spoken),
            {thing: self._own.of(thing) for thing in spoken},
        )
        return wording, not watched.searched and self._added.isdisjoint(seen)

    def _promised(self, node: int, side: int, promise: Operand) -> Operand:
        """A promise in its words."""
        predicates, objects = self._own.of(side)
        if self._is_spoken_of(side) or self._repeats(predicates):
            # Which of several counts is said there.
            return operand_of(self._facts, self._said(node), self._sayings.term(side), PROMISE)
        said = dict(zip(predicates, objects, strict=True))
        stated, segment, effective = map(said.get, self._of_promises)
        segment = segment or effective
        return Operand(
            guarantee=self._sayings.text(side).decode()[1:-1],
            kind=promise.kind,
            stated_as=self._text(stated) if stated else None,
            segment=self._label(segment) if segment else None,
            amount=promise.amount,
            divisor=promise.divisor,
            lower_amount=promise.lower_amount,
        )

    def _repeats(self, predicates: list[int]) -> bool:
        """Whether anything that a promise is put into words by is said twice."""
        count = predicates.count
        words, segment, effective = self._of_promises
        return count(words) > 1 or count(segment) > 1 or count(effective) > 1

    def _text(self, number: int) -> str | None:
        term = self._sayings.term(number)
        return visible(term.value) if isinstance(term, Literal | NamedNode) else None

    def _label(self, number: int) -> Text | None:
        if number not in self._labels:
            self._labels[number] = self._facts.label(self._sayings.term(number))
        return self._labels[number]
