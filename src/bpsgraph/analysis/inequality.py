"""Measures of how unequal numbers are, with weights, decomposition by group, and bounds for what is missing.

The definitions are those of Cowell, Measuring Inequality (3rd edition, chapters 2, 3 and A), and Shorrocks,
"The class of additively decomposable inequality measures", Econometrica 48 (1980). Every measure here is of
the population and not of a sample, does not change when all values are multiplied, and is 0 where all are
the same. A weight counts a value that many times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, product
from math import fsum, log, sqrt

Numbers = Sequence[float]
Measure = Callable[[Numbers, Numbers], float | None]
# Beyond this many different weights to place, the extremes are not searched for.
_SEARCHED = 12


def mean(values: Numbers, weights: Numbers) -> float:
    """The weighted arithmetic mean."""
    return fsum(v * w for v, w in zip(values, weights, strict=True)) / fsum(weights)


def range_ratio(values: Numbers, weights: Numbers) -> float | None:
    """The greatest value over the least; None where the least is 0."""
    return max(values) / min(values) if min(values) > 0 else None


def variation(values: Numbers, weights: Numbers) -> float | None:
    """The coefficient of variation: the standard deviation over the mean; None where the mean is 0."""
    centre = mean(values, weights)
    if centre == 0:
        return None
    squares = fsum(w * (v - centre) ** 2 for v, w in zip(values, weights, strict=True))
    return sqrt(squares / fsum(weights)) / centre


def gini(values: Numbers, weights: Numbers) -> float | None:
    """Half the mean difference of two values drawn at random, over the mean; None where the mean is 0."""
    ordered = sorted(zip(values, weights, strict=True))
    total = fsum(w for _, w in ordered)
    whole = fsum(v * w for v, w in ordered)
    if whole == 0:
        return None
    # The sum over all pairs of w·w'·|v - v'| in one pass over the ordered values.
    below, parts = 0.0, []
    for value, weight in ordered:
        parts.append(value * weight * (2 * below + weight - total))
        below += weight
    return fsum(parts) / (total * whole)


def theil_t(values: Numbers, weights: Numbers) -> float | None:
    """Theil's first measure, GE(1): the mean of (v/m)·ln(v/m); a value of 0 adds nothing."""
    centre = mean(values, weights)
    if centre == 0:
        return None
    terms = (w * v / centre * log(v / centre) for v, w in zip(values, weights, strict=True) if v > 0)
    return fsum(terms) / fsum(weights)


def theil_l(values: Numbers, weights: Numbers) -> float | None:
    """Theil's second measure, GE(0), the mean logarithmic deviation; None where a value is 0."""
    if min(values) <= 0:
        return None
    centre = mean(values, weights)
    return fsum(w * log(centre / v) for v, w in zip(values, weights, strict=True)) / fsum(weights)


MEASURES: dict[str, Measure] = {
    "range_ratio": range_ratio,
    "variation": variation,
    "gini": gini,
    "theil_t": theil_t,
    "theil_l": theil_l,
}


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A measure as the sum of what lies between the means of groups and what lies within groups."""

    between: float
    within: float

    @property
    def total(self) -> float:
        """The measure of all values together."""
        return self.between + self.within

    @property
    def share_between(self) -> float | None:
        """The part of the whole that lies between groups, 0 to 1; None where all values are the same."""
        return self.between / self.total if self.total > 0 else None


def decomposed(
    measure: str, values: Numbers, weights: Numbers, groups: Sequence[str]
) -> Decomposition | None:
    """`theil_t` or `theil_l` between and within groups (Shorrocks 1980); None where it is undefined.

    Within a group T counts by the group's share of the total, L by its share of the weights. Raises KeyError
    for a measure that is not a sum of such parts.
    """
    of = {"theil_t": theil_t, "theil_l": theil_l}[measure]
    if of(values, weights) is None:
        return None
    centre, total = mean(values, weights), fsum(weights)
    between, within = [], []
    for group in sorted(set(groups)):
        places = [place for place, name in enumerate(groups) if name == group]
        own, counted = [values[place] for place in places], [weights[place] for place in places]
        people, average = fsum(counted) / total, mean(own, counted)
        inner = of(own, counted)
        if measure == "theil_t":
            if average > 0:
                share = people * average / centre
                between.append(share * log(average / centre))
                within.append(share * (inner or 0.0))
        else:
            between.append(people * log(centre / average))
            within.append(people * (inner or 0.0))
    return Decomposition(fsum(between), fsum(within))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest that a measure can be, whatever the missing values are."""

    least: float | None
    greatest: float | None


def bounded(
    measure: str, values: Numbers, weights: Numbers, missing: Numbers, low: float, high: float
) -> Bounds:
    """What a measure can be when values with the weights `missing` are anywhere from `low` to `high`.

    Each measure is quasi-convex in the values, because it is convex where their mean is fixed and does not
    change when all are multiplied. So it is greatest where every missing value is one of the two ends: all
    choices are tried, which for equal weights are one more than there are missing values; with more than
    twelve of different weights the greatest is None. And it is least where all missing values are the same,
    since moving two towards their mean never makes it greater: that value is searched for.
    """
    of = MEASURES[measure]
    if not missing:
        exact = of(values, weights)
        return Bounds(exact, exact)
    whole, number = fsum(missing), len(missing)

    def with_high(heavy: float) -> float | None:
        ends = [(high, heavy), (low, whole - heavy)]
        added = [(value, weight) for value, weight in ends if weight > 0]
        return of([*values, *(v for v, _ in added)], [*weights, *(w for _, w in added)])

    splits: list[float] = []
    if len(set(missing)) == 1:
        splits = [whole * count / number for count in range(number + 1)]
    elif number <= _SEARCHED:
        splits = [fsum(compress(missing, chosen)) for chosen in product((0, 1), repeat=number)]
    found = [with_high(heavy) for heavy in splits]
    greatest = None if None in found or not found else max(one for one in found if one is not None)
    return Bounds(_least(lambda same: of([*values, same], [*weights, whole]), values, low, high), greatest)


def _least(of: Callable[[float], float | None], values: Numbers, low: float, high: float) -> float | None:
    """The least of a quasi-convex function on an interval, by golden section and at the values themselves."""
    if of(low) is None or of(high) is None:
        return None

    def at(place: float) -> float:
        found = of(place)
        assert found is not None
        return found

    ratio = (sqrt(5) - 1) / 2
    left, right = low, high
    for _ in range(200):
        if right - left <= 1e-12 * max(abs(left), abs(right), 1.0):
            break
        first, second = right - ratio * (right - left), left + ratio * (right - left)
        if at(first) <= at(second):
            right = second
        else:
            left = first
    candidates = [low, high, (left + right) / 2, *(value for value in values if low <= value <= high)]
    return min(at(place) for place in candidates)
