"""How equally places provide one guarantee, or stand by one indicator.

Each place counts once, with what its newest catalogue by the day promises, or with its observation of the
period; a place that reports nothing is missing, and the measures then have bounds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.inequality import (
    MEASURES,
    Bounds,
    Decomposition,
    bounded,
    decomposed,
    mean,
)
from bpsgraph.errors import BadParameter
from bpsgraph.library import Library, bind
from bpsgraph.library.saved import Values
from bpsgraph.results import Text
from bpsgraph.store import Store, select
from bpsgraph.terms import Term, short

PROMISES = "analysis/promised-values"
OBSERVATIONS = "observations/figures"
PLACES = "analysis/places-of-level"
DECOMPOSED = ("theil_t", "theil_l")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is expected to report, and the province it is in; a province is in itself."""

    iri: str
    name: Text
    province: str
    province_name: Text


@dataclass(frozen=True, slots=True)
class Figure:
    """What one place promises or was observed to have: `words` and `source` say where it is from.

    `attained` is whether it reaches the floor of the State, None where the State has none.
    """

    place: Place
    value: Fraction
    weight: Fraction
    attained: bool | None
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """One measure of the figures, what it can be whatever the missing places have, its parts by province."""

    name: str
    value: float | None
    bounds: Bounds
    parts: Decomposition | None = None


@dataclass(frozen=True, slots=True)
class Equality:
    """How one guarantee to one group of people, or one indicator, is spread over places.

    `missing` are the places that report nothing. `assumed` are the ends between which their figures are taken
    to lie; without them only what needs no assumption has bounds. `weighted` says whether places count by
    weight.
    """

    subject: Text
    people: Text
    unit: Text
    figures: tuple[Figure, ...]
    missing: tuple[Place, ...]
    assumed: tuple[float, float] | None
    weighted: bool
    statistics: tuple[Statistic, ...]

    @property
    def judged(self) -> tuple[Figure, ...]:
        """The figures for which the State has a floor."""
        return tuple(figure for figure in self.figures if figure.attained is not None)

    @property
    def attained(self) -> int:
        """How many of those reach it."""
        return sum(figure.attained is True for figure in self.judged)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which places are asked, when, and between which ends missing figures are taken to lie.

    `weights` is an indicator whose observations weigh the places (population); `lowest` and `highest` are
    given both or not at all.
    """

    level: str = "county"
    within: str = "100000"
    day: date | None = None
    period: str | None = None
    weights: str | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """Figures that can be compared: of one item, one group of people, one dimension."""

    subject: Text
    people: Text
    unit: Text
    figures: Mapping[str, tuple[Fraction, bool | None, str, str]]


def equality_of_guarantee(
    store: Store, library: Library, measure: str, scope: Scope, segment: str | None = None
) -> tuple[Equality, ...]:
    """One `Equality` for each item and group of people that places promise the measure for.

    Raises `BadParameter` for a measure that no place of the level states with a number.
    """
    values: dict[str, Values] = {"measure": measure, "segment": segment}
    if scope.day is not None:
        values["date"] = scope.day
    series: dict[tuple[str, str, str], _Series] = {}
    found: dict[tuple[str, str, str], dict[str, tuple[Fraction, bool | None, str, str]]] = defaultdict(dict)
    for row in select(store, bind(library[PROMISES], values)):
        key = (_iri(row["item"]), _iri(row["segment"]), _iri(row["dimension"]))
        attained = _text(row["below"]) == "false" if _text(row["judged"]) == "true" else None
        value = Fraction(_text(row["amount"])) / Fraction(_text(row["divisor"]))
        # Rows are ordered by date: what a place says last takes the place of what it said before.
        found[key][_iri(row["jurisdiction"])] = (value, attained, _text(row["words"]), _iri(row["promise"]))
        series[key] = _Series(_names(row, "item"), _names(row, "segment"), _names(row, "unit"), found[key])
    return _answered(store, library, [series[key] for key in sorted(series)], scope, f"measure {measure}")


def equality_of_indicator(
    store: Store, library: Library, indicator: str, scope: Scope
) -> tuple[Equality, ...]:
    """One `Equality` for the observations of an indicator in a period.

    Raises `BadParameter` without a period where there are several, and where nothing was observed.
    """
    found: dict[str, tuple[Fraction, bool | None, str, str]] = {}
    names = unit = Text("", "")
    rows = [
        row for row in select(store, bind(library[OBSERVATIONS], {"indicator": indicator})) if row["value"]
    ]
    periods = sorted({_text(row["period"]) for row in rows})
    if scope.period is None and len(periods) > 1:
        raise BadParameter(
            "--period",
            f"{indicator} was observed in {len(periods)} periods",
            f"give one of {', '.join(periods)}",
        )
    for row in rows:
        if scope.period in (None, _text(row["period"])):
            value = Fraction(_text(row["value"]))
            found[_iri(row["jurisdiction"])] = (value, None, _text(row["period"]), _iri(row["observation"]))
            names, unit = _names(row, "indicator"), _names(row, "unit")
    series = [_Series(names, Text("", ""), unit, found)] if found else []
    return _answered(store, library, series, scope, f"indicator {indicator}")


def _answered(
    store: Store, library: Library, series: Sequence[_Series], scope: Scope, asked: str
) -> tuple[Equality, ...]:
    places = _places(store, library, scope)
    weights = _weights(store, library, scope)
    answers = [_equality(one, places, weights, scope) for one in series if set(one.figures) & set(places)]
    if not answers:
        raise BadParameter(
            asked,
            f"no place of level {scope.level} within {scope.within} has a number for it",
            "choose another --level, --within or day",
        )
    return tuple(answers)


def _equality(
    series: _Series, places: Mapping[str, Place], weights: Mapping[str, Fraction] | None, scope: Scope
) -> Equality:
    # A place without a weight cannot be counted by weight: it is among those that report nothing.
    here = [iri for iri in series.figures if iri in places and (weights is None or iri in weights)]
    figures = tuple(
        Figure(places[iri], value, Fraction(1) if weights is None else weights[iri], attained, words, source)
        for iri, (value, attained, words, source) in sorted(series.figures.items())
        if iri in here
    )
    if not figures:
        raise BadParameter("--weights", "no place has both a figure and a weight", "import the weights first")
    missing = tuple(place for iri, place in places.items() if iri not in here)
    values = [float(figure.value) for figure in figures]
    if min(values) < 0:
        raise BadParameter("--measure", "a figure is negative", "inequality is of what is nought or more")
    counted = [float(figure.weight) for figure in figures]
    ends = _ends(scope)
    lacking = _missing_weights(missing, weights)
    provinces = [figure.place.province for figure in figures]
    statistics = [_mean(values, counted, lacking, ends)]
    for name, measure in MEASURES.items():
        bounds = Bounds(None, None)
        if lacking is not None and (ends is not None or not lacking):
            bounds = bounded(name, values, counted, lacking, *(ends or (0.0, 0.0)))
        parts = decomposed(name, values, counted, provinces) if name in DECOMPOSED else None
        statistics.append(Statistic(name, measure(values, counted), bounds, parts))
    return Equality(
        series.subject,
        series.people,
        series.unit,
        figures,
        missing,
        ends,
        weights is not None,
        tuple(statistics),
    )


def _missing_weights(missing: Sequence[Place], weights: Mapping[str, Fraction] | None) -> list[float] | None:
    """The weights of the places without a figure; None where one of them is unknown."""
    if weights is None:
        return [1.0] * len(missing)
    if any(place.iri not in weights for place in missing):
        return None
    return [float(weights[place.iri]) for place in missing]


def _ends(scope: Scope) -> tuple[float, float] | None:
    if scope.lowest is None and scope.highest is None:
        return None
    if scope.lowest is None or scope.highest is None:
        raise BadParameter("--lowest and --highest", "only one of them is given", "give both")
    if scope.lowest > scope.highest:
        raise BadParameter(
            "--lowest", f"{scope.lowest} is more than --highest {scope.highest}", "exchange the two"
        )
    return float(scope.lowest), float(scope.highest)


def _mean(
    values: Sequence[float],
    counted: Sequence[float],
    lacking: Sequence[float] | None,
    ends: tuple[float, float] | None,
) -> Statistic:
    average = mean(values, counted)
    if lacking is None or (lacking and ends is None):
        return Statistic("mean", average, Bounds(None, None))
    least, greatest = (
        mean([*values, *[end] * len(lacking)], [*counted, *lacking]) for end in ends or (0.0, 0.0)
    )
    return Statistic("mean", average, Bounds(least, greatest))


def _places(store: Store, library: Library, scope: Scope) -> dict[str, Place]:
    places = {}
    for row in select(store, bind(library[PLACES], {"level": scope.level, "within": scope.within})):
        iri, name = _iri(row["jurisdiction"]), _names(row, "jurisdiction")
        inside = row["province"] is not None
        places[iri] = Place(
            iri, name, _iri(row["province"]) if inside else iri, _names(row, "province") if inside else name
        )
    return places


def _weights(store: Store, library: Library, scope: Scope) -> dict[str, Fraction] | None:
    if scope.weights is None:
        return None
    found: dict[str, Fraction] = {}
    for row in select(store, bind(library[OBSERVATIONS], {"indicator": scope.weights})):
        if row["value"] is not None and Fraction(_text(row["value"])) > 0:
            # Rows are ordered by period: the newest weight counts.
            found[_iri(row["jurisdiction"])] = Fraction(_text(row["value"]))
    if not found:
        raise BadParameter(
            "--weights",
            f"{scope.weights} was observed nowhere",
            "import it with `bpsgraph observations` first",
        )
    return found


def _names(row: Mapping[str, Term | None], stem: str) -> Text:
    zh, en = _text(row[f"{stem}_zh"]), _text(row[f"{stem}_en"])
    fallback = short(_iri(row[stem])) if stem in row else ""
    return Text(zh or en or fallback, en or zh or fallback)


def _iri(term: Term | None) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, Literal) else ""


__all__ = [
    "Equality",
    "Figure",
    "Place",
    "Scope",
    "Statistic",
    "equality_of_guarantee",
    "equality_of_indicator",
]
