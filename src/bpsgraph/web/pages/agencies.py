"""Agencies: all of them, and one with what it leads and supports, its counterparts, and what changed."""

from dataclasses import dataclass

from bpsgraph.answers import Answer
from bpsgraph.errors import NotFound, nearest
from bpsgraph.terms import BASE, short
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import (
    Choice,
    Fact,
    Section,
    choice_of,
    described,
    restricted,
    said,
    section_of,
    triples_of,
    value_of,
)
from bpsgraph.web.view import View

_RESPONSIBLE = ("role", "thing", "catalogue", "due")
_LED = ("domain", "items")
_CHANGED = ("item", "earlier_edition", "later_edition", "change")


@dataclass(frozen=True, slots=True)
class Agencies:
    """All agencies, or those of one place, with their load."""

    agencies: Section
    load: Section
    by_domain: Section
    without: Section
    changes: Section
    places: Choice
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency: its facts, its duties, what it leads by domain, what it was and is, and who led before."""

    title: str
    place: tuple[str, str]
    facts: tuple[Fact, ...]
    duties: Section
    by_domain: Section | None
    over_time: Section
    changes: Section
    offers: tuple[tuple[str, str], ...]


def agencies(view: View) -> Agencies:
    """The page of all agencies, or of those of the place `?jurisdiction=`."""
    answer = agencies_table(view)
    every = view.answered("agencies/all")
    places = [
        (value_of(row, "jurisdiction").rpartition("/")[2], said(view, row, "jurisdiction"))
        for row in every.rows
    ]
    asked = _asked(view)
    return Agencies(
        agencies=section_of(view, answer, "agencies"),
        load=section_of(view, view.answered("agencies/load", **asked), "load"),
        by_domain=section_of(view, view.answered("agencies/led-by-domain", **asked), "by-domain"),
        without=section_of(
            view, view.answered("agencies/without-counterpart", **asked), "without", drawn=False
        ),
        changes=section_of(view, _changes(view, asked), "changes"),
        places=choice_of(view, "jurisdiction", places),
        offers=offers_of(view, "/agencies", answer),
    )


def agencies_table(view: View) -> Answer:
    """The agencies that the address asks for."""
    return view.answered("agencies/all", **_asked(view))


def agency(view: View, key: str) -> Agency:
    """The page of one agency by its key, such as `100000/moe`. Raises `NotFound`."""
    iri = f"{BASE}agency/{key}"
    known = view.answered("agencies/all").rows
    row = next((row for row in known if value_of(row, "agency") == iri), None)
    if row is None:
        keys = [short(value_of(row, "agency")) for row in known]
        raise NotFound(f"agency/{key}", nearest(f"agency/{key}", keys))
    place = value_of(row, "jurisdiction")
    led = restricted(view.answered("agencies/led-by-domain", jurisdiction=place), "agency", iri)
    changes = restricted(_changes(view, {}), "agency", iri)
    return Agency(
        title=said(view, row, "agency") or key,
        place=(view.href(place), said(view, row, "jurisdiction")),
        facts=described(view, iri),
        duties=section_of(
            view, view.answered("agencies/responsibilities", agency=iri), "duties", _RESPONSIBLE
        ),
        by_domain=section_of(view, led, "by-domain", _LED, drawn=False) if led.rows.rows else None,
        over_time=section_of(view, view.answered("agencies/in-force", agency=iri), "over-time", drawn=False),
        changes=section_of(view, changes, "changes", _CHANGED, drawn=False),
        offers=triples_of(view, iri),
    )


def _changes(view: View, asked: dict[str, str]) -> Answer:
    """Who came to lead or ceased to lead between editions, of all places kept."""
    if asked:
        return view.answered("agencies/lead-changes", **asked)
    return view.snapshot.kept("lead changes", lambda: view.answered("agencies/lead-changes"))


def _asked(view: View) -> dict[str, str]:
    place = view.parameters.get("jurisdiction")
    return {"jurisdiction": place} if place else {}
