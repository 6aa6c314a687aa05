"""Which cell, row or line a finding points at: where somebody has to type."""

from collections.abc import Iterator

from pyoxigraph import NamedNode

from bpsgraph.ingest import Place, Places
from bpsgraph.terms import BPS, Term
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.shapes import Result

# Where a property has no cell of its own, the cells in which it can be stated too, the likeliest first.
_INSTEAD = {
    "beneficiary": ("beneficiaryText",),
    "unit": ("value", "statedAs"),
    "value": ("statedAs",),
    "kind": ("value", "statedAs"),
    "lower": ("value", "statedAs"),
    "upper": ("value", "statedAs"),
    "percent": ("value", "statedAs"),
    "reference": ("value", "statedAs"),
    "delegatedTo": ("value", "statedAs"),
    "segment": ("measure",),
    "validFrom": ("issued",),
}
_PRESENCE = "measure/provision"


def place_of(result: Result, path: str | None, floor: Term | None, facts: Facts, places: Places) -> Place:
    """The cell to type in, else the row or the line of what the finding is about; empty where none is known.

    What is missing points at the cell that is left empty for it, else at the row where it would be added.
    """
    if floor is not None and facts.value(result.focus, "item") is None and _is_catalogue(facts, result.focus):
        return _missing(floor, facts, places) or _of_thing(result.focus, facts, places)
    several = places_of_promises(result, facts, places)
    return (
        (several[-1] if several else None)
        or _cell(result, path, facts, places)
        or places.next_rows.get(path or "")
        or _of_thing(result.focus, facts, places)
    )


def places_of_promises(result: Result, facts: Facts, places: Places) -> list[Place]:
    """Where the promises of a row on the measure that a result points at stand, in the order of the file.

    There are some only where the result is about a row, and its value is a measure.
    """
    if facts.value(result.focus, "catalogue") is None or result.value is None:
        return []
    item = facts.value(result.focus, "item")
    rows = facts.subjects("item", item) if item is not None else []
    guarantees = {one: None for row in rows for one in facts.values(row, "guarantee")}
    promises = [one for one in guarantees if facts.value(one, "measure") == result.value]
    known = [
        places.values.get((_iri(promise), BPS + "value")) or places.things.get(_iri(promise))
        for promise in promises
    ]
    return sorted(
        (place for place in known if place is not None),
        key=lambda place: (place.sheet or "", place.row or 0, place.line or 0),
    )


def _is_catalogue(facts: Facts, focus: Term) -> bool:
    return facts.value(focus, "jurisdiction") is not None and facts.value(focus, "extent") is not None


def _missing(floor: Term, facts: Facts, places: Places) -> Place | None:
    item, measure, segment = (_iri(facts.value(floor, name)) for name in ("item", "measure", "segment"))
    if measure.endswith(_PRESENCE):
        return places.blanks.get((item,)) or places.next_rows.get(BPS + "Provision")
    blank = places.blanks.get((item, measure, segment)) or places.blanks.get((item, measure))
    if blank is not None:
        return blank
    row = next((row for row in facts.subjects("item", NamedNode(item)) if _iri(row) in places.things), None)
    return places.next_rows.get(BPS + "Guarantee") or (places.things[_iri(row)] if row is not None else None)


def _cell(result: Result, path: str | None, facts: Facts, places: Places) -> Place | None:
    focus = _iri(result.focus)
    for name in _properties(result, path, facts):
        if (focus, name) in places.values:
            return places.values[focus, name]
    return None


def _properties(result: Result, path: str | None, facts: Facts) -> Iterator[str]:
    if path is None:
        return
    name = path.removeprefix(BPS)
    if name == "guarantee" and isinstance(result.value, NamedNode):
        name = "measure"
    if name == "beneficiary" and facts.value(result.focus, "measure") is not None:
        # A promise says in its own row whom it covers.
        name = "segment"
    yield BPS + name if not name.startswith("http") else name
    for other in _INSTEAD.get(name, ()):
        yield BPS + other


def _of_thing(focus: Term, facts: Facts, places: Places) -> Place:
    """Where the description of the thing begins, else that of the row or catalogue that it belongs to."""
    thing: Term | None = focus
    # A file may say that a catalogue belongs to itself.
    seen = set()
    while thing is not None and thing not in seen:
        seen.add(thing)
        if _iri(thing) in places.things:
            return places.things[_iri(thing)]
        thing = next(iter(facts.subjects("guarantee", thing)), None) or facts.value(thing, "catalogue")
    return Place()


def _iri(term: Term | None) -> str:
    return str(term.value) if term is not None else ""
