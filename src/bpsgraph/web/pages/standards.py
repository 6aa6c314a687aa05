"""Standards: all of them, and one with what it replaces, what relies on it, and what a revision touches."""

from dataclasses import dataclass

from bpsgraph.analysis.network import impact_answer
from bpsgraph.answers import Answer, state_of
from bpsgraph.errors import NotFound, nearest
from bpsgraph.terms import BASE, short
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.documents import Clause, Entry, clause, clauses_of, neighbours_of
from bpsgraph.web.pages.graph import Graph, network_of
from bpsgraph.web.pages.sections import (
    Choice,
    Fact,
    Section,
    choice_of,
    codes_of,
    described,
    said,
    section_of,
    triples_of,
    value_of,
)
from bpsgraph.web.view import View

_FARTHEST = 3
_LISTED = ("standard", "number", "level", "status", "issued", "from", "until", "branch", "verification")


@dataclass(frozen=True, slots=True)
class Standards:
    """All standards, how many there are of each kind, and which references are out of date."""

    standards: Section
    outdated: Section
    relied_on: Section
    reach: Section
    by_status: Section
    coverage: Section
    committees: Section
    levels: Choice
    statuses: Choice
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard; `outdated` are the references to it where it was replaced or withdrawn."""

    title: str
    number: str
    key: str
    ended: bool
    facts: tuple[Fact, ...]
    outdated: Section | None
    graph: Graph | None
    relied_on: Section
    impact: Section
    clauses: tuple[Entry, ...]
    offers: tuple[tuple[str, str], ...]
    shown_as: str = "standards/whole.html.jinja"


def standards(view: View) -> Standards:
    """The page of all standards; raises `BadParameter` for an unknown level or status."""
    answer = standards_table(view)
    return Standards(
        standards=section_of(view, answer, "standards", _LISTED),
        outdated=section_of(view, view.answered("standards/references-to-check"), "outdated"),
        relied_on=section_of(view, view.answered("standards/withdrawn-relied-on"), "relied-on"),
        reach=section_of(view, view.answered("standards/reach"), "reach"),
        by_status=section_of(view, view.answered("standards/by-status-and-level"), "by-status"),
        coverage=section_of(view, view.answered("standards/coverage-by-domain-and-aspect"), "coverage"),
        committees=section_of(view, view.answered("standards/by-technical-committee"), "committees"),
        levels=choice_of(view, "level", codes_of(view, "standard-level").items()),
        statuses=choice_of(view, "status", codes_of(view, "status").items()),
        offers=offers_of(view, "/standards", answer),
    )


def standards_table(view: View) -> Answer:
    """The standards that the address asks for."""
    asked = {name: value for name in ("level", "status") if (value := view.parameters.get(name))}
    return view.answered("standards/all", **asked)


def standard(view: View, key: str) -> Standard | Clause:
    """The page of a standard by its key, or of one of its clauses. Raises `NotFound`."""
    iri = f"{BASE}standard/{key}"
    if "/" in key:
        return clause(view, iri)
    known = view.answered("standards/all").rows
    row = next((row for row in known if value_of(row, "standard") == iri), None)
    if row is None:
        keys = [short(value_of(row, "standard")) for row in known]
        raise NotFound(f"standard/{key}", nearest(f"standard/{key}", keys))
    network = network_of(view)
    touched = impact_answer(network, state_of(view.snapshot.store), network.things[iri], _FARTHEST)
    outdated = view.answered("standards/references-to-check", cited=iri)
    thing = network.things[iri]
    asked = {"impact": short(iri), "distance": str(_FARTHEST)}
    return Standard(
        title=said(view, row, "standard"),
        number=value_of(row, "number"),
        key=short(iri),
        ended=bool(thing.successors) or (thing.status or "").endswith("status/withdrawn"),
        facts=described(view, iri),
        outdated=section_of(view, outdated, "outdated") if outdated.rows.rows else None,
        graph=neighbours_of(view, iri),
        relied_on=section_of(view, view.answered("standards/relied-on-by", standard=iri), "relied-on"),
        impact=section_of(view, touched, "impact", page="/network", asked=asked),
        clauses=clauses_of(view, iri),
        offers=triples_of(view, iri),
    )
