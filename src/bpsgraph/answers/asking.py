"""A saved question as people ask it: things by their names, a group of places, two values side by side."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.saved import answered
from bpsgraph.errors import BadParameter
from bpsgraph.library import Library, Query
from bpsgraph.library.saved import Values
from bpsgraph.library.values import Value
from bpsgraph.store import Store
from bpsgraph.terms import short

if TYPE_CHECKING:
    from bpsgraph.ingest.names import Names

# What a place, an item and so on may be called by; documents stand for standards too.
_NAMED = ("item", "category", "domain", "measure", "segment", "unit", "agency", "document", "jurisdiction")


def asked(
    store: Store,
    library: Library,
    saved: Query,
    values: Mapping[str, Values],
    *,
    compare: tuple[str, str] | None = None,
    everything: bool = False,
    group: str | None = None,
    highlight: str | None = None,
) -> Answer:
    """The answer to a saved query, of a group of places where one is named, or two of them compared.

    `compare` are two values of one parameter (`edition=2021`, `2023`), and `everything` keeps rows that are
    the same. Rows about `highlight`, and about the places asked for beside a group, stand out. Raises what
    `answered` raises.
    """
    # Here, since most questions are asked of no group.
    from bpsgraph.answers.groups import PARAMETER, named

    found = _asked(store, library, saved, dict(values), compare, everything, group)
    marked = [highlight] if highlight else []
    if group is not None:
        # Who asks for one place among its group wants to see it there.
        marked += [str(one) for one in values.get(PARAMETER, [])]  # type: ignore[union-attr]
    return replace(found, highlighted=frozenset[str]().union(*map(named, marked)))


def _asked(
    store: Store,
    library: Library,
    saved: Query,
    values: dict[str, Values],
    compare: tuple[str, str] | None,
    everything: bool,
    group: str | None,
) -> Answer:
    if group is not None:
        from bpsgraph.answers.groups import PARAMETER, members

        codes = members(store, library, saved, group)
        asked = [str(one) for one in values.get(PARAMETER, [])]  # type: ignore[union-attr]
        values = {**values, PARAMETER: list(dict.fromkeys([*codes, *asked]))}
    if compare is None:
        return answered(store, library, saved, values)
    from bpsgraph.answers.comparing import compared, meant

    name, *both = meant(store, library, saved, *compare)
    before, after = (answered(store, library, saved, {**values, name: [value]}) for value in both)
    return compared(before, after, name, (both[0], both[1]), everything=everything)


def has_names(saved: Query, values: Mapping[str, Values]) -> bool:
    """Whether `by_name` has something to replace, for which it needs the names that are known."""
    return any(
        not _is_key(saved, name, str(one))
        for name, several in values.items()
        for one in (several if isinstance(several, list | tuple) else [several])
    )


def by_name(names: "Names", saved: Query, values: Mapping[str, Values]) -> dict[str, Values]:
    """The values with the keys of things in the place of their Chinese names; raises `BadParameter`."""
    found: dict[str, Values] = {}
    for name, several in values.items():
        kind = _kind(saved, name)
        keys: list[Value] = []
        for one in several if isinstance(several, list | tuple) else [several]:
            text = str(one)
            if _is_key(saved, name, text):
                keys.append(one)
                continue
            things = names.find(kind, text)
            if len(things) != 1:
                known = ", ".join(short(thing) for thing in things) or " or ".join(names.near(kind, text))
                problem = f"{text!r} is the name of several" if things else f"no {kind} is called {text!r}"
                raise BadParameter(name, problem, f"did you mean {known}?" if known else "give its key")
            keys.append(things[0])
        found[name] = keys
    return found


def _kind(saved: Query, name: str) -> str:
    return (saved.parameter(name).header.of_class or "").partition("/")[0]


def _is_key(saved: Query, name: str, text: str) -> bool:
    return text.isascii() or saved.parameter(name).header.type != "iri" or _kind(saved, name) not in _NAMED
