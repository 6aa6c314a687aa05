"""What a promise or a floor says, in words: its number with a unit, in the canonical one too."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from bpsgraph.results import Text
from bpsgraph.terms import Term
from bpsgraph.validation.facts import Facts


def stated(facts: Facts, side: Term | None) -> Text | None:
    """What a promise or floor says: its number in its own unit and in the canonical one, else its words."""
    words = facts.text(side, "statedAs")
    number, unit = facts.decimal(side, "value"), facts.label(facts.value(side, "unit"))
    converted = number_of(facts, side)
    if number is None or unit is None:
        return converted or (Text(f"“{words}”", f"“{words}”") if words else None)
    own = Text(f"{number.normalize():f}{unit.zh}", f"{number.normalize():f} {unit.en}")
    multiplier = facts.decimal(facts.value(side, "unit"), "multiplier")
    if converted is None or multiplier is None or multiplier == 1:
        return own
    return Text(f"{own.zh}（合{converted.zh}）", f"{own.en} (= {converted.en})")


def number_of(facts: Facts, side: Term | None) -> Text | None:
    """The number of a promise or floor in the canonical unit of its dimension."""
    amount, divisor = facts.decimal(side, "amount"), facts.decimal(side, "divisor")
    if amount is None:
        return None
    return quantity_words(
        facts, amount, divisor or Decimal(1), facts.value(side, "dimension"), facts.value(side, "measure")
    )


def quantity_words(
    facts: Facts, amount: Decimal, divisor: Decimal, dimension: Term | None, measure: Term | None = None
) -> Text:
    """An amount with a canonical unit of its dimension, the measure's own where it is one: `650元/生·年`."""
    number = plain_number(amount, divisor)
    unit = facts.label(_unit(facts, dimension, measure))
    return Text(f"{number}{unit.zh}", f"{number} {unit.en}") if unit else Text(number, number)


def _unit(facts: Facts, dimension: Term | None, measure: Term | None) -> Term | None:
    """The first unit of the dimension that is canonical."""
    for unit in _units(facts, dimension, measure):
        if facts.value(unit, "dimension") == dimension and facts.decimal(unit, "multiplier") == 1:
            return unit
    return None


def _units(facts: Facts, dimension: Term | None, measure: Term | None) -> Iterator[Term]:
    yield from facts.values(measure, "canonicalUnit")
    yield from facts.values(dimension, "canonicalUnit")
    if dimension:
        yield from facts.subjects("dimension", dimension)


def plain_number(amount: Decimal, divisor: Decimal) -> str:
    """`amount / divisor` as people write it: a decimal where it ends, else a fraction."""
    exact = Fraction(amount) / Fraction(divisor)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    return f"{(Decimal(exact.numerator) / Decimal(exact.denominator)).normalize():f}"
