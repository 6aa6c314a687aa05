"""The ledger of targets: where each stands, by the rule of its basis and footnote.

What is compared follows box 1 of the plan (专栏1) and its notes:

- *value of the year*: the latest figure, against the target; once the date has passed only a figure of that
  date tells that it was missed; before the date against the straight line
  base + (target - base) x (t - base year) / (due year - base year), t being the year of the figure. The base
  year is the one of the base value, 2019 where note 2 (**) says so. Without a base value there is no line.
- *mean of the period* (note 1, *): the mean of the years of the period that are reported, of how many; what
  counts is the target itself and no line from the base, since both figures are means. `needed` is the mean
  that the years left would have to have: (target x N - sum) / (N - n).
- *total of the period* (note 4, ***): the sum of the period so far against the total; before the date against
  an even share of it, target x years gone / N, never a line from the base, which is another period's total.
  `needed` is what is left, per year.

`more than` is strict, on the line too. 应保尽保 is reached at 100 percent of those eligible, where a share is
observed at all; 基本实现 is never judged by a number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.library import Library, answer, bind
from bpsgraph.library.saved import Values
from bpsgraph.quantity import exact
from bpsgraph.results import Rows
from bpsgraph.store import Store, select
from bpsgraph.terms import Term

_STATUS_RANK = ("normal", "provisional", "estimated")
_NOT_NUMBERS = ("all-eligible", "basically-achieved")
_ALL = Fraction(100)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the unit of the target, for the half-open span of days from `start` to `end`.

    `value` is None where it is stated as missing.
    """

    observation: str
    period: str
    start: date
    end: date
    basis: str
    status: str
    value: Fraction | None
    verification: str | None
    source: str | None

    @property
    def years(self) -> Fraction:
        """How many calendar years it spans."""
        return _position(self.end) - _position(self.start)


@dataclass(frozen=True, slots=True)
class Target:
    """A target as its document sets it; `row` are the terms of the ledger's row, by column.

    `counts_from` is the first day of its period, `ends` the day after its last; `base_end` the day after the
    base period.
    """

    iri: str
    comparator: str
    basis: str
    value: Fraction | None
    base: Fraction | None
    base_end: date | None
    counts_from: date | None
    due: date | None
    row: Mapping[str, Term | None]

    @property
    def ends(self) -> date | None:
        """The day after the date it is due."""
        return self.due + timedelta(days=1) if self.due else None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a target stands: the status (code list `target-status`) and what it rests on.

    `observed` is the latest value, the mean so far or the sum so far; `period` of what. `expected` is what
    the pace asks for at that time, `share` how far the way from the base (or of the total) is gone, in
    percent. `reported` of `years` are the years of a mean or total with a figure; `needed` is what each year
    left has to bring.
    """

    target: Target
    status: str
    observed: Fraction | None = None
    period: str | None = None
    expected: Fraction | None = None
    share: Fraction | None = None
    reported: Fraction | None = None
    years: Fraction | None = None
    needed: Fraction | None = None
    figures: tuple[Figure, ...] = ()
    doubled: int = 0


def ledger(
    store: Store,
    library: Library,
    *,
    as_of: date,
    plan: str | None = None,
    jurisdiction: str | None = None,
    attribute: str | None = None,
) -> tuple[Progress, ...]:
    """Every target with where it stands on a day, binding ones first; keys or IRIs restrict them.

    A figure counts once its period has ended. Raises `BadParameter` for a value that is no such thing.
    """
    values: dict[str, Values] = {
        name: given
        for name, given in (("plan", plan), ("jurisdiction", jurisdiction), ("attribute", attribute))
        if given is not None
    }
    found = answer(store, library, library["analysis/targets"], values)
    assert isinstance(found, Rows)
    # An end is exclusive: the year 2023 has ended by the last day of it. No day follows the last of 9999.
    after = as_of if as_of == date.max else as_of + timedelta(days=1)
    until = {**values, "date": after.isoformat()}
    figures: dict[str, list[Figure]] = {}
    for row in select(store, bind(library["analysis/target-figures"], until)):
        figures.setdefault(_text(row["target"]) or "", []).append(_figure(row))
    return tuple(
        progress(target, figures.get(target.iri, ()), as_of) for target in (_target(row) for row in found)
    )


def wants_attention(entry: Progress, as_of: date) -> bool:
    """Whether a target is late or behind, or is past its date without a figure that tells."""
    return entry.status in ("late", "behind") or (
        entry.status == "no-figure" and _is_past(entry.target, as_of)
    )


def progress(target: Target, figures: Iterable[Figure], as_of: date) -> Progress:
    """Where one target stands on a day by the figures known of it."""
    known, doubled = _one_each(figures)
    if target.comparator in _NOT_NUMBERS or target.value is None:
        done = _without_number(target, known, as_of)
    elif target.basis == "period-mean":
        done = _mean(target, known, as_of)
    elif target.basis == "cumulative":
        done = _total(target, known, as_of)
    else:
        done = _value_of_year(target, known, as_of)
    return replace(done, doubled=doubled)


def _without_number(target: Target, known: Sequence[Figure], as_of: date) -> Progress:
    latest = _latest(known)
    if target.comparator != "all-eligible" or latest is None:
        return Progress(target, "not-numeric")
    assert latest.value is not None
    status = "reached" if latest.value >= _ALL else _unreached(target, latest, as_of) or "open"
    return Progress(target, status, latest.value, latest.period, figures=(latest,))


def _value_of_year(target: Target, known: Sequence[Figure], as_of: date) -> Progress:
    assert target.value is not None
    latest = _latest(known)
    if latest is None:
        return Progress(target, "no-figure")
    assert latest.value is not None
    rising = target.base is None or target.value >= target.base
    expected = share = None
    if target.base is not None and target.base_end is not None and target.ends is not None:
        begun, end = _position(target.base_end), _position(target.ends)
        gone = min((_position(latest.end) - begun) / (end - begun), Fraction(1))
        expected = target.base + (target.value - target.base) * gone
        if target.value != target.base:
            share = 100 * (latest.value - target.base) / (target.value - target.base)
    if _meets(target, latest.value, target.value, rising):
        status = "reached"
    elif past := _unreached(target, latest, as_of):
        status = past
    elif expected is None:
        status = "open"
    else:
        status = "on-track" if _meets(target, latest.value, expected, rising) else "behind"
    return Progress(target, status, latest.value, latest.period, expected, share, figures=(latest,))


def _mean(target: Target, known: Sequence[Figure], as_of: date) -> Progress:
    assert target.value is not None
    years = _length(target)
    used = _apart([figure for figure in known if figure.basis != "cumulative"], target)
    reported = sum((figure.years for figure in used), Fraction(0))
    if not used or years is None:
        return Progress(target, "no-figure", years=years, reported=reported)
    total = sum((_value(figure) * figure.years for figure in used), Fraction(0))
    mean, left = total / reported, years - reported
    needed = (target.value * years - total) / left if left > 0 else None
    good = _meets(target, mean, target.value, rising=True)
    if left <= 0:
        status = "reached" if good else "late" if _is_past(target, as_of) else "behind"
    elif _is_past(target, as_of):
        # The years that nobody reported could still make it good, and could undo it.
        status = "no-figure" if good else "late"
    else:
        status = "on-track" if good else "behind"
    return Progress(
        target, status, mean, _span(used), target.value, None, reported, years, needed, tuple(used)
    )


def _total(target: Target, known: Sequence[Figure], as_of: date) -> Progress:
    assert target.value is not None
    years = _length(target)
    used = _apart([figure for figure in known if figure.basis != "period-mean"], target)
    reported = sum((figure.years for figure in used), Fraction(0))
    if not used:
        return Progress(target, "no-figure", years=years, reported=reported)
    total = sum((_value(figure) for figure in used), Fraction(0))
    share = 100 * total / target.value if target.value else None
    expected = needed = None
    if years is not None and target.base_end is not None and target.counts_from is not None:
        gone = min(_position(used[-1].end) - _position(target.counts_from), years)
        expected = target.value * gone / years
        needed = max(target.value - total, Fraction(0)) / (years - gone) if gone < years else None
    if _meets(target, total, target.value, rising=True):
        status = "reached"
    elif _is_past(target, as_of):
        # A sum in which years are missing is a lower bound.
        status = "late" if years is None or reported >= years else "no-figure"
    elif expected is None:
        status = "open"
    else:
        status = "on-track" if _meets(target, total, expected, rising=True) else "behind"
    return Progress(target, status, total, _span(used), expected, share, reported, years, needed, tuple(used))


def _meets(target: Target, value: Fraction, wanted: Fraction, rising: bool) -> bool:
    if target.comparator == "more-than":
        return value > wanted
    return value >= wanted if rising else value <= wanted


def _unreached(target: Target, latest: Figure, as_of: date) -> str | None:
    """`late` where a figure of the date itself falls short; one from before it does not tell."""
    if not _is_past(target, as_of):
        return None
    assert target.ends is not None
    return "late" if latest.end >= target.ends else "no-figure"


def _is_past(target: Target, as_of: date) -> bool:
    return target.due is not None and as_of > target.due


def _latest(known: Sequence[Figure]) -> Figure | None:
    return max(
        (figure for figure in known if figure.basis == "year"), key=lambda figure: figure.end, default=None
    )


def _one_each(figures: Iterable[Figure]) -> tuple[list[Figure], int]:
    """The figures with a value in their order, one for a period and basis; how many said something else.

    Of several, the one with the better status counts, then the one whose name comes first.
    """
    chosen: dict[tuple[date, date, str], Figure] = {}
    doubled = 0
    for figure in sorted(figures, key=lambda one: (_rank(one), one.observation)):
        if figure.value is None:
            continue
        known = chosen.setdefault((figure.start, figure.end, figure.basis), figure)
        doubled += known.value != figure.value
    return sorted(chosen.values(), key=lambda one: (one.end, one.start, one.observation)), doubled


def _rank(figure: Figure) -> int:
    return _STATUS_RANK.index(figure.status) if figure.status in _STATUS_RANK else len(_STATUS_RANK)


def _apart(known: Sequence[Figure], target: Target) -> list[Figure]:
    """Figures of the period that do not overlap, in order; of those that do, the longest."""
    taken: list[Figure] = []
    for figure in sorted(known, key=lambda one: (-one.years, one.start)):
        inside = target.ends is None or figure.end <= target.ends
        if inside and all(figure.end <= one.start or one.end <= figure.start for one in taken):
            taken.append(figure)
    return sorted(taken, key=lambda one: one.start)


def _span(used: Sequence[Figure]) -> str:
    first, last = used[0].start.year, (used[-1].end - timedelta(days=1)).year
    return str(first) if first == last else f"{first}/{last}"


def _length(target: Target) -> Fraction | None:
    if target.counts_from is None or target.ends is None:
        return None
    return _position(target.ends) - _position(target.counts_from)


def _position(day: date) -> Fraction:
    """A day on the line of years: 2021 is the first of January 2021."""
    start = date(day.year, 1, 1)
    return day.year + Fraction((day - start).days, (date(day.year + 1, 1, 1) - start).days)


def _value(figure: Figure) -> Fraction:
    assert figure.value is not None
    return figure.value


def _target(row: Mapping[str, Term | None]) -> Target:
    base_period = _text(row["base_period"])
    return Target(
        iri=_text(row["target"]) or "",
        comparator=_text(row["comparator"]) or "equal",
        basis=_text(row["basis"]) or "year",
        value=_number(row["value"]),
        base=_number(row["base_value"]),
        base_end=date(int(base_period[-4:]) + 1, 1, 1) if base_period else None,
        counts_from=_day(row["starts"]),
        due=_day(row["due"]),
        row=row,
    )


def _figure(row: Mapping[str, Term | None]) -> Figure:
    start, end = _day(row["from"]), _day(row["until"])
    assert start is not None
    assert end is not None
    return Figure(
        observation=_text(row["observation"]) or "",
        period=_text(row["period"]) or "",
        start=start,
        end=end,
        basis=_text(row["basis"]) or "year",
        status=_text(row["status"]) or "normal",
        value=_number(row["converted"]),
        verification=_text(row["verification"]),
        source=_text(row["source"]),
    )


def _text(term: Term | None) -> str | None:
    return term.value if isinstance(term, (Literal, NamedNode)) else None


def _number(term: Term | None) -> Fraction | None:
    return exact(Decimal(term.value)) if isinstance(term, Literal) else None


def _day(term: Term | None) -> date | None:
    return date.fromisoformat(term.value) if isinstance(term, Literal) else None
