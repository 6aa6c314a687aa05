"""The twelve kinds of value, their exact conversion and their comparison.

What a promise or a floor says is one of twelve kinds of value, each a frozen type here, and every number is
an exact `fractions.Fraction`: 1/3 x 3 is 1, and no float comes in anywhere. Units and values are read from
the graph by `bpsgraph.stated`, so that Python converts with the very numbers that SPARQL uses:
amount = value x multiplier.

    Value
      Quantity                 a number with a unit
        Fixed Floor Rate Ratio Coverage Frequency
        Supplement             on top of another measure
      Range                    a mean with a lower and an upper bound
      PercentOf                a percentage of another figure
      InKind ByReference Delegated

`compare` gives the verdict on one promise against one floor by the table of the model. It knows nothing of
catalogues: which promise answers which floor, and what a document referred to says, are questions for the
graph. `resolve` takes the answers to the latter as a function.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

Number = Fraction | Decimal | int


class NotComparable(ValueError):  # noqa: N818 - the name of the verdict, not of an error class
    """Two values cannot be brought to one basis; the message names both."""


class Direction(StrEnum):
    """Whether more or less of a measure is better (code list `direction`)."""

    MORE = "more"
    LESS = "less"


class ValueVerdict(StrEnum):
    """How a promise stands to a floor (code list `value-verdict`); the value is the notation."""

    MEETS = "meets"
    BELOW = "below"
    ABOVE = "above"
    MISSING = "missing"
    DEFERRED = "deferred"
    NOT_COMPARABLE = "notComparable"
    NO_FLOOR = "noFloor"


@dataclass(frozen=True)
class Dimension:
    """The units that compare directly; `annual` is the yearly dimension that stated periods lead to."""

    iri: str
    annual: str | None = None


@dataclass(frozen=True)
class Unit:
    """A unit of the graph: one of it is `multiplier` of its dimension's canonical unit."""

    iri: str
    dimension: Dimension
    multiplier: Fraction
    numerator: str | None = None
    per: str | None = None
    period: str | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "multiplier", exact(self.multiplier))
        if self.multiplier <= 0:
            raise ValueError(f"the multiplier of {self.iri} is not positive")


@dataclass(frozen=True)
class Amount:
    """A number in the canonical unit of a dimension, exact."""

    exact: Fraction
    dimension: Dimension

    @property
    def decimal(self) -> Decimal:
        """The `bps:amount` of the graph: a finite decimal, to be divided by `divisor`."""
        return decimal_and_divisor(self.exact)[0]

    @property
    def divisor(self) -> int:
        """The `bps:divisor` of the graph: 1 wherever the number is a finite decimal."""
        return decimal_and_divisor(self.exact)[1]


class Value:
    """What a promise or a floor says; the concrete types are the twelve kinds."""

    kind: ClassVar[str]


@dataclass(frozen=True)
class Quantity(Value):
    """A number with its unit, and the periods per year where the text states them."""

    value: Fraction
    unit: Unit
    periods_per_year: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", exact(self.value))
        _check_periods(self.periods_per_year)

    @property
    def amount(self) -> Amount:
        """The value in the canonical unit of its dimension."""
        return Amount(self.value * self.unit.multiplier, self.unit.dimension)


class Fixed(Quantity):
    """A certain amount: 650 yuan per student per year."""

    kind = "fixed"


class Floor(Quantity):
    """An amount stated as at least: not less than 15 programmes."""

    kind = "floor"


class Rate(Quantity):
    """An amount per day or other short unit: 4 yuan per student per day."""

    kind = "rate"


class Ratio(Quantity):
    """So much per so many: 30 square metres per hundred households."""

    kind = "ratio"


class Coverage(Quantity):
    """A share of those to be covered: 100 percent."""

    kind = "coverage"


class Frequency(Quantity):
    """A number of times in a period: once a year."""

    kind = "frequency"


@dataclass(frozen=True)
class Supplement(Quantity):
    """An amount on top of the measure `to`: 200 more for boarders."""

    kind: ClassVar[str] = "supplement"
    to: str = ""


@dataclass(frozen=True)
class Range(Value):
    """A mean with bounds and a number of tiers; the bounds may be unstated."""

    kind: ClassVar[str] = "range"
    value: Fraction
    unit: Unit
    lower: Fraction | None = None
    upper: Fraction | None = None
    minimum_tiers: int | None = None
    maximum_tiers: int | None = None
    periods_per_year: int | None = None

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper"):
            number = getattr(self, name)
            object.__setattr__(self, name, None if number is None else exact(number))
        _check_periods(self.periods_per_year)
        bounds = [n for n in (self.lower, self.value, self.upper) if n is not None]
        if bounds != sorted(bounds):
            raise ValueError("a range has its mean between its lower and its upper bound")

    @property
    def mean(self) -> Quantity:
        """The mean as a quantity of its own."""
        return Fixed(self.value, self.unit, self.periods_per_year)

    def worst(self, direction: Direction) -> Quantity | None:
        """The bound that the least favoured gets: the lower one where more is better; `None` if unstated."""
        bound = self.lower if direction is Direction.MORE else self.upper
        return None if bound is None else Fixed(bound, self.unit, self.periods_per_year)


@dataclass(frozen=True)
class PercentOf(Value):
    """A percentage of the figure for another measure or segment, the State's or the place's own."""

    kind: ClassVar[str] = "percentOf"
    percent: Fraction
    base_measure: str | None = None
    base_segment: str | None = None
    base_owner: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "percent", exact(self.percent))

    @property
    def base(self) -> tuple[str | None, str | None, str | None]:
        """Whose figure for what it is a percentage of: percentages of one base compare without knowing it."""
        return self.base_measure, self.base_segment, self.base_owner


@dataclass(frozen=True)
class InKind(Value):
    """Delivered in kind, by exemption or as a service, without an amount."""

    kind: ClassVar[str] = "inKind"


@dataclass(frozen=True)
class ByReference(Value):
    """As the documents referred to say; `replaces` holds all that these replace, directly or by others."""

    kind: ClassVar[str] = "byReference"
    references: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Delegated(Value):
    """Left to somebody else to set."""

    kind: ClassVar[str] = "delegated"
    to: frozenset[str] = frozenset()


QUANTITIES: dict[str, type[Quantity]] = {
    kind.kind: kind for kind in (Fixed, Floor, Rate, Ratio, Coverage, Frequency)
}
KINDS: dict[str, type[Value]] = {
    **QUANTITIES,
    **{kind.kind: kind for kind in (Supplement, Range, PercentOf, InKind, ByReference, Delegated)},
}

Lookup = Callable[[PercentOf | ByReference], Value | None]


def exact(number: Number) -> Fraction:
    """The number as a fraction.

    Raises `TypeError` for a float, and `ValueError` for a decimal that is not finite.
    """
    if isinstance(number, bool) or not isinstance(number, Fraction | Decimal | int):
        raise TypeError(f"{number!r} is not an exact number: give a Decimal, a Fraction or an int")
    if isinstance(number, Decimal) and not number.is_finite():
        raise ValueError(f"{number} is not finite")
    return Fraction(number)


def decimal_and_divisor(number: Fraction) -> tuple[Decimal, int]:
    """The number as a finite decimal and a divisor, which is 1 wherever the decimal alone will do."""
    divisor, digits = number.denominator, 0
    for prime in (2, 5):
        power = 0
        while divisor % prime == 0:
            divisor //= prime
            power += 1
        digits = max(digits, power)
    scaled = abs(number.numerator) * 10**digits // (number.denominator // divisor)
    figures = tuple(int(figure) for figure in str(scaled))
    return Decimal((int(number < 0), figures, -digits)), divisor


def convert(quantity: Quantity, unit: Unit, periods_per_year: int | None = None) -> Quantity:
    """The same quantity in another unit, exactly; its kind stays.

    A day or a school month becomes a year, and back, only with the periods per year that the quantity states
    or that are given. Raises `NotComparable` where the two units share no basis.
    """
    periods = quantity.periods_per_year or periods_per_year
    here, there = quantity.unit.dimension, unit.dimension
    amount = quantity.amount.exact
    if here.iri == there.iri:
        pass
    elif here.annual == there.iri and periods:
        amount *= periods
    elif there.annual == here.iri and periods:
        amount /= periods
    else:
        raise NotComparable(f"{quantity.unit.iri} does not become {unit.iri}{_why(here, there)}")
    return replace(quantity, value=amount / unit.multiplier, unit=unit)


def total(supplement: Supplement, base: Quantity | Range) -> Quantity | Range:
    """The figure with its supplement, in the unit of the figure; the bounds of a range rise with it.

    Raises `NotComparable` where the units share no basis.
    """
    more = convert(supplement, base.unit, base.periods_per_year).value
    if isinstance(base, Quantity):
        return replace(base, value=base.value + more)
    return _map_range(base, lambda number: number + more)


def resolve(value: Value, lookup: Lookup) -> Value:
    """The value with its references followed and its percentage worked out, as far as `lookup` knows.

    `lookup` gives the base of a percentage and what a document referred to says, or `None`. What it does not
    know, or what leads back to itself, stays as it was.
    """
    end = _resolve(value, lookup, frozenset())
    return value if end is None else end


def compare(
    promise: Value | None, floor: Value | None, direction: Direction | str = Direction.MORE
) -> ValueVerdict:
    """The verdict on a promise (`None`: absent) against a floor (`None`: there is none).

    Both are given as `resolve` left them. Raises `ValueError` where both are absent, since then there
    is no question.
    """
    direction = Direction(direction)
    if promise is None:
        if floor is None:
            raise ValueError("neither a promise nor a floor")
        return ValueVerdict.MISSING
    if floor is None:
        return ValueVerdict.NO_FLOOR
    if isinstance(promise, Delegated):
        return ValueVerdict.DEFERRED
    if isinstance(floor, Delegated):
        return ValueVerdict.DEFERRED if isinstance(promise, ByReference) else ValueVerdict.NO_FLOOR
    if isinstance(promise, ByReference):
        same = isinstance(floor, ByReference) and bool(
            floor.references & (promise.references | promise.replaces)
        )
        return ValueVerdict.MEETS if same else ValueVerdict.DEFERRED
    if isinstance(floor, ByReference):
        return ValueVerdict.NOT_COMPARABLE if isinstance(promise, InKind) else ValueVerdict.DEFERRED
    if isinstance(promise, InKind) and isinstance(floor, InKind):
        return ValueVerdict.MEETS
    if isinstance(promise, Quantity | Range) and isinstance(floor, Quantity | Range):
        return _compare_numbers(promise, floor, direction)
    if isinstance(promise, PercentOf) and isinstance(floor, PercentOf) and promise.base == floor.base:
        return _verdict(direction, promise.percent - floor.percent)
    return ValueVerdict.NOT_COMPARABLE


def difference(promise: Quantity, floor: Quantity) -> Fraction:
    """Promise less floor on their common basis; the sign is their order.

    The common basis is their dimension, else the year that the periods stated by the promise, else by the
    floor, lead to. Raises `NotComparable` where there is none.
    """
    if promise.unit.dimension.iri == floor.unit.dimension.iri:
        return promise.amount.exact - floor.amount.exact
    here, there = promise.unit.dimension, floor.unit.dimension
    periods = promise.periods_per_year or floor.periods_per_year
    if periods and here.annual == there.iri:
        return promise.amount.exact * periods - floor.amount.exact
    if periods and there.annual == here.iri:
        return promise.amount.exact - floor.amount.exact * (floor.periods_per_year or periods)
    # Days against school months: each needs its own count, one's days are not the other's months.
    each_states = promise.periods_per_year and floor.periods_per_year
    if each_states and here.annual is not None and here.annual == there.annual:
        yearly = promise.amount.exact * (promise.periods_per_year or 1)
        return yearly - floor.amount.exact * (floor.periods_per_year or 1)
    raise NotComparable(f"{promise.unit.iri} against {floor.unit.iri}{_why(here, there)}")


def _compare_numbers(
    promise: Quantity | Range, floor: Quantity | Range, direction: Direction
) -> ValueVerdict:
    if isinstance(promise, Supplement) != isinstance(floor, Supplement):
        return ValueVerdict.NOT_COMPARABLE
    if isinstance(promise, Supplement) and isinstance(floor, Supplement) and promise.to != floor.to:
        return ValueVerdict.NOT_COMPARABLE
    worst_promise, worst_floor = _worst(promise, direction), _worst(floor, direction)
    try:
        differences = [difference(_mean(promise), _mean(floor))]
        if worst_promise is not None and worst_floor is not None:
            differences.append(difference(worst_promise, worst_floor))
    except NotComparable:
        return ValueVerdict.NOT_COMPARABLE
    return _verdict(direction, *differences)


def _verdict(direction: Direction, mean: Fraction, worst: Fraction = Fraction(0)) -> ValueVerdict:
    sign = 1 if direction is Direction.MORE else -1
    if sign * mean < 0 or sign * worst < 0:
        return ValueVerdict.BELOW
    return ValueVerdict.ABOVE if sign * mean > 0 else ValueVerdict.MEETS


def _mean(value: Quantity | Range) -> Quantity:
    return value.mean if isinstance(value, Range) else value


def _worst(value: Quantity | Range, direction: Direction) -> Quantity | None:
    # Everybody gets at least a plain figure: it is its own lower bound.
    return value.worst(direction) if isinstance(value, Range) else value


def _resolve(value: Value, lookup: Lookup, seen: frozenset[Value]) -> Value | None:
    if not isinstance(value, PercentOf | ByReference):
        return value
    if value in seen:
        return None
    found = lookup(value)
    if found is None:
        return value
    end = _resolve(found, lookup, seen | {value})
    if end is None or isinstance(value, ByReference):
        return end
    if isinstance(end, Quantity):
        return replace(end, value=end.value * value.percent / 100)
    if isinstance(end, Range):
        return _map_range(end, lambda number: number * value.percent / 100)
    return value


def _map_range(value: Range, change: Callable[[Fraction], Fraction]) -> Range:
    def changed(number: Fraction | None) -> Fraction | None:
        return None if number is None else change(number)

    return replace(value, value=change(value.value), lower=changed(value.lower), upper=changed(value.upper))


def _why(here: Dimension, there: Dimension) -> str:
    if there.iri in (here.annual, there.annual) or here.iri in (here.annual, there.annual):
        return ": neither states the periods per year"
    return ": they measure different things"


def _check_periods(periods: int | None) -> None:
    if periods is not None and periods <= 0:
        raise ValueError(f"{periods} periods per year: there must be at least one")
