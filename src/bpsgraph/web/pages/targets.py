"""The ledger of targets, and one target with what was observed of it."""

from dataclasses import dataclass, replace
from datetime import date

from bpsgraph.analysis.target_answer import ledger_answer
from bpsgraph.analysis.targets import Progress, ledger, wants_attention
from bpsgraph.answers import Answer
from bpsgraph.errors import BadParameter, NotFound, did_you_mean, nearest
from bpsgraph.terms import BASE
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import (
    Choice,
    Fact,
    Section,
    choice_of,
    codes_of,
    facts_of,
    said,
    section_of,
    value_of,
    worded,
)
from bpsgraph.web.view import View

_SHOWN = (
    "target", "plan", "attribute", "base_value", "comparator", "value", "unit", "due", "status", "observed",
    "period", "expected", "reported", "years", "needed", "verification",
)  # fmt: skip
_PATH = ("series", "year", "period", "value", "unit", "verification", "source")
_STATUSES = "target-status"


@dataclass(frozen=True, slots=True)
class Count:
    """How many targets stand where, with the address of these alone."""

    label: str
    number: int
    href: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger on a day, with what it can be restricted to."""

    as_of: str
    ledger: Section
    counts: tuple[Count, ...]
    plans: Choice
    attributes: Choice
    statuses: Choice
    late: bool
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One target: what is asked for, where it stands, and the figures of its indicator."""

    title: str
    plan: tuple[str, str]
    facts: tuple[Fact, ...]
    path: Section
    as_of: str


def targets(view: View) -> Ledger:
    """The page of the ledger; raises `BadParameter` for a day, plan, attribute or status that is none."""
    day = _as_of(view)
    entries = _entries(view, day)
    whole = _answered(view, entries, day)
    words = codes_of(view, _STATUSES)
    numbers = {status: sum(one.status == status for one in entries) for status in words}
    plans = [(value_of(row, "plan"), said(view, row, "plan")) for row in whole.rows]
    kinds = codes_of(view, "attribute")
    answer = ledger_table(view)
    return Ledger(
        as_of=day.isoformat(),
        ledger=section_of(
            view, worded(view, answer, "comparator", "comparator"), "ledger", _SHOWN, page="/targets"
        ),
        counts=tuple(
            Count(words[status], number, view.link("/targets", **{**_asked(view), "status": status}))
            for status, number in numbers.items()
            if number
        ),
        plans=choice_of(view, "plan", sorted((iri.rpartition("/")[2], name) for iri, name in plans)),
        attributes=choice_of(view, "attribute", kinds.items()),
        statuses=choice_of(view, "status", words.items()),
        late=bool(view.parameters.get("late")),
        offers=offers_of(view, "/targets", answer),
    )


def ledger_table(view: View) -> Answer:
    """The rows of the ledger that the address asks for."""
    day = _as_of(view)
    given = {
        name: value for name in ("plan", "jurisdiction", "attribute") if (value := view.parameters.get(name))
    }
    entries = (
        ledger(view.snapshot.store, view.snapshot.library, as_of=day, **given)
        if given
        else _entries(view, day)
    )
    asked = {"as_of": day.isoformat(), **given}
    status = view.parameters.get("status")
    if status:
        known = codes_of(view, _STATUSES)
        if status not in known:
            choices = ", ".join(known)
            raise BadParameter(
                "status", f"there is no status {status!r}", did_you_mean(status, known, choices)
            )
        entries = tuple(one for one in entries if one.status == status)
        asked["status"] = status
    if view.parameters.get("late"):
        entries = tuple(one for one in entries if wants_attention(one, day))
        asked["late"] = "true"
    return _answered(view, entries, day, asked)


def target(view: View, key: str) -> Target:
    """The page of one target; raises `NotFound`."""
    iri = f"{BASE}target/{key}"
    day = _as_of(view)
    entries = _entries(view, day)
    found = tuple(one for one in entries if one.target.iri == iri)
    if not found:
        keys = [one.target.iri.removeprefix(BASE) for one in entries]
        raise NotFound(f"target/{key}", nearest(f"target/{key}", keys))
    answer = _answered(view, found, day)
    row = next(iter(answer.rows))
    # Its name is the heading of the page.
    facts = facts_of(view, worded(view, _without(answer, "target"), "comparator", "comparator"))
    return Target(
        title=said(view, row, "target"),
        plan=(view.href(value_of(row, "plan")), said(view, row, "plan")),
        facts=facts,
        path=section_of(view, view.answered("targets/path", target=iri), "path", _PATH),
        as_of=day.isoformat(),
    )


def _entries(view: View, day: date) -> tuple[Progress, ...]:
    def made() -> tuple[Progress, ...]:
        return ledger(view.snapshot.store, view.snapshot.library, as_of=day)

    # Of other days there are too many to keep.
    return view.snapshot.kept(("targets", day), made) if day == date.today() else made()


def _answered(
    view: View, entries: tuple[Progress, ...], day: date, asked: dict[str, str] | None = None
) -> Answer:
    parameters = {name: (value,) for name, value in (asked or {"as_of": day.isoformat()}).items()}
    return ledger_answer(view.snapshot.store, view.snapshot.library, entries, day, parameters)


def _without(answer: Answer, stem: str) -> Answer:
    left = (stem, f"{stem}_zh", f"{stem}_en", "starts", "kind")
    names = [name for name in answer.rows.columns if name not in left]
    return replace(answer.only(names), charts=())


def _as_of(view: View) -> date:
    given = view.parameters.get("as_of")
    if not given:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadParameter(
            "as_of", f"{given!r} is no day of the calendar", "write it as 2024-06-01"
        ) from None


def _asked(view: View) -> dict[str, str]:
    names = ("plan", "jurisdiction", "attribute", "as_of")
    return {name: value for name in names if (value := view.parameters.get(name))}
