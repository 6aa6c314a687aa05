"""Measures: what can be promised, and one with its floors over time and what places promise."""

from dataclasses import dataclass

from bpsgraph.answers import Answer
from bpsgraph.errors import NotFound, nearest
from bpsgraph.terms import BASE, short
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import (
    Fact,
    Section,
    described,
    said,
    section_of,
    triples_of,
    value_of,
)
from bpsgraph.web.view import View

_ACROSS = (
    "jurisdiction", "item", "segment", "owner", "promise_words", "floor_words", "promise_amount",
    "floor_amount", "dimension", "percent_of_floor", "verdict", "since", "neighbours_below", "neighbours",
    "source", "verification",
)  # fmt: skip
_HISTORY = (
    "owner", "item", "segment", "from", "until", "amount", "dimension", "rise_percent", "words", "source",
    "verification",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures."""

    measures: Section
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its facts, its floors over time, what places promise; `equality` leads to their spread."""

    title: str
    facts: tuple[Fact, ...]
    history: Section
    across: Section
    equality: str
    offers: tuple[tuple[str, str], ...]


def measures(view: View) -> Measures:
    """The page of all measures."""
    answer = measures_table(view)
    return Measures(section_of(view, answer, "measures", drawn=False), offers_of(view, "/measures", answer))


def measures_table(view: View) -> Answer:
    """All measures."""
    return view.answered("measures/all")


def measure(view: View, key: str) -> Measure:
    """The page of one measure by its key. Raises `NotFound`."""
    iri = f"{BASE}measure/{key}"
    known = measures_table(view).rows
    row = next((row for row in known if value_of(row, "measure") == iri), None)
    if row is None:
        keys = [short(value_of(row, "measure")) for row in known]
        raise NotFound(f"measure/{key}", nearest(f"measure/{key}", keys))
    numbered = int(value_of(row, "with_number") or 0)
    return Measure(
        title=said(view, row, "measure") or key,
        facts=described(view, iri),
        history=section_of(view, view.answered("floors/history", measure=iri), "history", _HISTORY),
        across=section_of(
            view, view.answered("floors/measure-across-places", measure=iri), "across", _ACROSS
        ),
        equality=view.link("/equality", measure=key) if numbered > 1 else "",
        offers=triples_of(view, iri),
    )
