"""Pilots on a timeline, and one with its phases, tasks and targets."""

from dataclasses import dataclass, replace
from datetime import date

from bpsgraph.analysis.target_answer import ledger_answer
from bpsgraph.analysis.targets import ledger
from bpsgraph.answers import Answer
from bpsgraph.errors import NotFound, nearest
from bpsgraph.terms import BASE, short
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import (
    FACTS,
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

_LISTED = (
    "province",
    "pilot",
    "type",
    "status",
    "issued",
    "domains",
    "tasks",
    "targets",
    "phases",
    "verification",
    "source",
)
_PHASES = ("pilot", "phase", "from", "until", "content", "clause", "verification")
_TASKS = ("task", "part_of", "role", "agency", "due", "clause", "verification")
_TARGETS = ("target", "comparator", "value", "unit", "words", "due", "status", "verification")


@dataclass(frozen=True, slots=True)
class Pilots:
    """All pilots, their phases on a timeline, and their types by domain."""

    pilots: Section
    phases: Section
    by_domain: Section
    types: Choice
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pilot:
    """One pilot: its facts, phases, tasks with who leads and when they are due, and targets."""

    title: str
    facts: tuple[Fact, ...]
    phases: Section | None
    tasks: Section | None
    targets: Section | None
    offers: tuple[tuple[str, str], ...]


def pilots(view: View) -> Pilots:
    """The page of all pilots; raises `BadParameter` for an unknown type or province."""
    answer = pilots_table(view)
    return Pilots(
        pilots=section_of(view, answer, "pilots", _LISTED),
        phases=section_of(view, view.answered("pilots/phases"), "phases", _PHASES),
        by_domain=section_of(view, view.answered("pilots/by-type-and-domain"), "by-domain"),
        types=choice_of(view, "type", codes_of(view, "pilot-type").items()),
        offers=offers_of(view, "/pilots", answer),
    )


def pilots_table(view: View) -> Answer:
    """The pilots that the address asks for."""
    asked = {name: value for name in ("type", "province") if (value := view.parameters.get(name))}
    return view.answered("pilots/all", **asked)


def pilot(view: View, key: str) -> Pilot:
    """The page of one pilot by its key, such as `140500/specialised`. Raises `NotFound`."""
    iri = f"{BASE}pilot/{key}"
    known = view.answered("pilots/all").rows
    row = next((row for row in known if value_of(row, "pilot") == iri), None)
    if row is None:
        keys = [short(value_of(row, "pilot")) for row in known]
        raise NotFound(f"pilot/{key}", nearest(f"pilot/{key}", keys))
    plan = _plan(view, iri)
    phases = view.answered("pilots/phases", pilot=iri)
    return Pilot(
        title=said(view, row, "pilot") or key,
        facts=described(view, iri),
        phases=section_of(view, phases, "phases", _PHASES[1:]) if phases.rows.rows else None,
        tasks=_tasks(view, plan) if plan else None,
        targets=_targets(view, plan) if plan else None,
        offers=triples_of(view, iri),
    )


def _plan(view: View, iri: str) -> str | None:
    """The document that the pilot goes by: its source, if that is one."""
    for row in view.answered(FACTS, thing=iri).rows:
        if value_of(row, "property").endswith("hadPrimarySource") and "/document/" in value_of(row, "value"):
            return value_of(row, "value")
    return None


def _tasks(view: View, plan: str) -> Section | None:
    answer = view.answered("pilots/tasks", document=plan)
    return section_of(view, answer, "tasks", _TASKS) if answer.rows.rows else None


def _targets(view: View, plan: str) -> Section | None:
    today = date.today()
    store, library = view.snapshot.store, view.snapshot.library
    entries = ledger(store, library, as_of=today, plan=plan)
    if not entries:
        return None
    asked = {"plan": plan.rpartition("/")[2]}
    answer = ledger_answer(store, library, entries, today, {name: (value,) for name, value in asked.items()})
    return section_of(view, replace(answer, charts=()), "targets", _TARGETS, page="/targets", asked=asked)
