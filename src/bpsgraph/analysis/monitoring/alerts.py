"""Alerts: what turned, what recovered, and what is coming, each on the day on which it happens.

Verdicts carry the interval in which they hold, so that a change is the beginning or the end of one. Two that
follow each other without a gap at one place, for one owner, item, measure and segment, are one shortfall: an
edition that restates a floor changes nothing, and a floor that rises further is told as such.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.targets import Progress, ledger, wants_attention
from bpsgraph.library import Library, answer
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, Term

ENDED = "ended"
RAISED = "raised"
BELOW = ("below", "below-and-narrower")
NARROWER = ("narrower", "below-and-narrower")
MISSING = "missing"
_PROVISION = f"{BASE}measure/provision"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its names; a name is None where it has none in that language."""

    iri: str
    zh: str | None = None
    en: str | None = None

    def name(self, language: str) -> str:
        """What it is called in `zh` or `en`, else in the other language, else its key."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second or self.iri.removeprefix(BASE)


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning: `kind` (code list `alert`), the day on which it happens, at which place, to what.

    `thing` is the verdict, catalogue or target, `stated` what it says or what was observed, `required` what
    is asked for. `coming` says that the day is still ahead of the day of the watch.
    """

    kind: str
    date: date
    coming: bool
    place: Named
    thing: Named
    catalogue: str | None = None
    item: Named | None = None
    stated: str | None = None
    required: str | None = None
    verification: str | None = None
    source: str | None = None

    @property
    def key(self) -> str:
        """What tells it from every other alert, today and later; coming and come are two."""
        stage = "coming" if self.coming else "come"
        return f"{stage}/{self.kind}/{self.date.isoformat()}/{self.thing.iri.removeprefix(BASE)}"

    @property
    def adverse(self) -> bool:
        """Whether it is for the worse."""
        return self.kind != ENDED


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A floor that is not met from `begins` until `ends` (exclusive, None where no end is known)."""

    verdict: str
    change: str
    begins: date
    ends: date | None
    place: Named
    owner: str
    item: Named
    measure: Named
    segment: Named
    floor: Fraction | None
    row: Mapping[str, Term | None]

    @property
    def thread(self) -> tuple[str, str, str, str, str]:
        """What follows one another where this is equal: place, owner, item, measure, segment."""
        return (*self.matter, self.segment.iri)

    @property
    def matter(self) -> tuple[str, str, str, str]:
        """Place, owner, item and measure, for whatever segment."""
        return (self.place.iri, self.owner, self.item.iri, self.measure.iri)

    def stands(self, day: date) -> bool:
        """Whether it falls short on that day."""
        return self.begins <= day and (self.ends is None or day < self.ends)

    def alert(self, kind: str, day: date, as_of: date) -> Alert:
        """The alert that this shortfall begins, grows or ends on that day."""
        return Alert(
            kind,
            day,
            day > as_of,
            self.place,
            self._named(),
            text(self.row["catalogue"]),
            self.item,
            text(self.row["promise_words"]),
            text(self.row["floor_words"]),
            text(self.row["verification"]),
            text(self.row["source"]),
        )

    def _named(self) -> Named:
        if self.measure.iri == _PROVISION:
            return Named(self.verdict, self.item.name("zh"), self.item.name("en"))
        return Named(
            self.verdict,
            f"{self.item.name('zh')}：{self.measure.name('zh')}（{self.segment.name('zh')}）",
            f"{self.item.name('en')}: {self.measure.name('en')} ({self.segment.name('en')})",
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How many values fall short on a day: in all, and of them below, missing and narrower."""

    day: date
    short: int
    below: int
    missing: int
    narrower: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What was found between two days: alerts in the order of their days, and how many values fell short.

    `gone` are alerts of the last run that the graph no longer gives.
    """

    since: date | None
    as_of: date
    ahead: int
    alerts: tuple[Alert, ...]
    standings: tuple[Standing, ...]
    gone: int = 0

    @property
    def turned(self) -> tuple[Alert, ...]:
        """Those for the worse that have come."""
        return tuple(alert for alert in self.alerts if alert.adverse and not alert.coming)

    @property
    def coming(self) -> tuple[Alert, ...]:
        """Those for the worse that are still ahead."""
        return tuple(alert for alert in self.alerts if alert.adverse and alert.coming)


def watch(
    store: Store,
    library: Library,
    *,
    as_of: date,
    since: date | None = None,
    ahead: int = 0,
    jurisdiction: str | None = None,
) -> Watch:
    """What happened after `since` and by `as_of`, and what will within `ahead` days after it.

    Without `since` everything known counts. `jurisdiction` is a key or an IRI; all where None. Raises
    `BadParameter` for one that is not known.
    """
    horizon = as_of + timedelta(days=ahead)
    span: dict[str, Values] = {"until": horizon.isoformat()}
    if since is not None:
        span["since"] = since.isoformat()
    if jurisdiction is not None:
        span["jurisdiction"] = jurisdiction
    shortfalls = [_shortfall(row) for row in _ask(store, library, "analysis/monitoring-shortfalls", span)]
    targets = ledger(store, library, as_of=as_of, jurisdiction=jurisdiction)
    alerts = [
        *changes(shortfalls, since, horizon, as_of),
        *(_due(row, as_of) for row in _ask(store, library, "analysis/monitoring-dates", span)),
        *(
            alert
            for entry in targets
            if wants_attention(entry, as_of)
            for alert in [_target(entry, as_of)]
            if since is None or alert.date > since
        ),
    ]
    alerts.sort(key=lambda alert: (alert.date, alert.place.iri, alert.kind, alert.thing.iri))
    return Watch(since, as_of, ahead, tuple(alerts), standings(shortfalls, since, as_of))


def changes(shortfalls: Sequence[Shortfall], since: date | None, until: date, as_of: date) -> Iterable[Alert]:
    """The alerts of shortfalls that begin, grow or end after `since` and by `until`."""
    ended: dict[tuple[tuple[str, ...], date], Shortfall] = {}
    begun = set()
    for one in shortfalls:
        begun.add((one.matter, one.begins))
        if one.ends is not None:
            ended[one.thread, one.ends] = one
    for one in shortfalls:
        if since is None or one.begins > since:
            kind = _turn(ended.get((one.thread, one.begins)), one)
            if kind is not None:
                yield one.alert(kind, one.begins, as_of)
        if one.ends is None or one.ends > until or (since is not None and one.ends <= since):
            continue
        if (one.matter, one.ends) not in begun:
            yield one.alert(ENDED, one.ends, as_of)


def _turn(before: Shortfall | None, now: Shortfall) -> str | None:
    if before is None or before.change != now.change:
        return now.change
    if before.floor is not None and now.floor is not None and now.floor > before.floor:
        return RAISED
    return None


def standings(shortfalls: Sequence[Shortfall], since: date | None, until: date) -> tuple[Standing, ...]:
    """How many values fall short on the first day, and on every day by `until` on which that changes."""
    days = {one.begins for one in shortfalls} | {one.ends for one in shortfalls if one.ends is not None}
    counted = sorted(day for day in days if day <= until and (since is None or day > since))
    if since is not None:
        counted.insert(0, since)
    found: list[Standing] = []
    for day in counted:
        standing = [one.change for one in shortfalls if one.stands(day)]
        entry = Standing(
            day,
            len(standing),
            sum(change in BELOW for change in standing),
            standing.count(MISSING),
            sum(change in NARROWER for change in standing),
        )
        last = found[-1] if found else None
        if last is None or (last.short, last.below, last.missing, last.narrower) != (
            entry.short,
            entry.below,
            entry.missing,
            entry.narrower,
        ):
            found.append(entry)
    return tuple(found)


def _ask(store: Store, library: Library, name: str, values: dict[str, Values]) -> Rows:
    found = answer(store, library, library[name], values)
    assert isinstance(found, Rows)
    return found


def _shortfall(row: Mapping[str, Term | None]) -> Shortfall:
    begins = _day(row["begins"])
    assert begins is not None
    amount, divisor = row["floor_amount"], row["floor_divisor"]
    floor = None
    if isinstance(amount, Literal) and isinstance(divisor, Literal):
        floor = Fraction(amount.value) / Fraction(divisor.value)
    return Shortfall(
        verdict=text(row["verdict"]) or "",
        change=text(row["change"]) or "",
        begins=begins,
        ends=_day(row["ends"]),
        place=_named(row, "jurisdiction"),
        owner=text(row["owner"]) or "",
        item=_named(row, "item"),
        measure=_named(row, "measure"),
        segment=_named(row, "segment"),
        floor=floor,
        row=row,
    )


def _due(row: Mapping[str, Term | None], as_of: date) -> Alert:
    day = _day(row["date"])
    assert day is not None
    return Alert(
        text(row["change"]) or "",
        day,
        day > as_of,
        _named(row, "jurisdiction"),
        _named(row, "catalogue"),
        text(row["catalogue"]),
        verification=text(row["verification"]),
        source=text(row["source"]),
    )


def _target(entry: Progress, as_of: date) -> Alert:
    """A target that wants attention: on the day after it was due, or at the end of its latest figure."""
    row, target = entry.target.row, entry.target
    if entry.status == "behind":
        day = entry.figures[-1].end
    else:
        assert target.ends is not None
        day = target.ends
    return Alert(
        f"target-{entry.status}",
        day,
        day > as_of,
        _named(row, "jurisdiction"),
        _named(row, "target"),
        stated=_rounded(entry.observed),
        required=_rounded(entry.expected) or text(row["words"]) or text(row["value"]),
        verification=text(row["verification"]),
        source=entry.figures[-1].source if entry.figures else None,
    )


def _rounded(number: Fraction | None) -> str | None:
    return None if number is None else f"{float(round(number, 4)):g}"


def _named(row: Mapping[str, Term | None], stem: str) -> Named:
    return Named(text(row[stem]) or "", text(row[f"{stem}_zh"]), text(row[f"{stem}_en"]))


def text(term: Term | None) -> str | None:
    """The value of an IRI or literal; None where there is none."""
    return term.value if isinstance(term, (Literal, NamedNode)) else None


def _day(term: Term | None) -> date | None:
    return date.fromisoformat(term.value) if isinstance(term, Literal) else None


def labels_of(store: Store, library: Library) -> dict[str, Text]:
    """The labels of the kinds of alert, by key."""
    return {
        text(row["notation"]) or "": Text(text(row["code_zh"]) or "", text(row["code_en"]) or "")
        for row in _ask(store, library, "vocabulary/codes", {"list": "alert"})
    }
