"""What to type: a number in the unit of its own cell, and the row that is missing."""

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from bpsgraph.results import Text
from bpsgraph.terms import Term
from bpsgraph.validation.facts import Facts

# Kinds whose number stands for their amount, so that one is in proportion to the other.
PROPORTIONAL = {"fixed", "floor", "rate", "ratio", "coverage", "frequency"}
_LESS = "direction/less"
Say = Callable[[Facts, Term | None], Text | None]
_PLACES = Decimal("0.01")
_CELLS = (
    ("beneficiaryText", Text("服务对象", "beneficiaries")),
    ("content", Text("服务内容", "content")),
    ("serviceStandard", Text("服务标准", "standard")),
)


def number_to_type(facts: Facts, promise: Term, floor: Term | None) -> Text | None:
    """The number that meets the floor, in the unit in which the promise is written; None where there is none.

    A number that does not end is rounded to the side on which the floor is met.
    """
    kind = (facts.text(promise, "kind") or "").rpartition("/")[2]
    written = facts.decimal(promise, "value")
    unit = facts.label(facts.value(promise, "unit"))
    verdict = next((v for v in facts.subjects("promise", promise) if facts.value(v, "floor") == floor), None)
    if kind not in PROPORTIONAL or not written or unit is None or verdict is None:
        return None
    number = number_needed(facts, promise, verdict)
    if number is None:
        return None
    rounded = _written(number, ROUND_FLOOR if less_is_better(facts, promise) else ROUND_CEILING)
    return Text(f"{rounded}{unit.zh}", f"{rounded} {unit.en}")


def number_needed(facts: Facts, promise: Term, verdict: Term, bound: str = "") -> Fraction | None:
    """The exact number with which a promise is as its floor is, in its own unit; None where none can be told.

    `bound` is `Lower` for the lower bound of a range.
    """
    written = facts.decimal(promise, bound.lower() or "value")
    given = _amount(facts, verdict, "promise", bound)
    asked = _amount(facts, verdict, "floor", bound)
    if written is None or not given or asked is None:
        return None
    return asked * Fraction(written) / given


def less_is_better(facts: Facts, side: Term | None) -> bool:
    """Whether a promise or a floor is on a measure of which less is better."""
    return (facts.text(facts.value(side, "measure"), "direction") or "").endswith(_LESS)


def row_to_add(facts: Facts, floor: Term | None, say: Say) -> Text | None:
    """The cells of the missing row and of its promises as the level above has them, for whoever adds it.

    `say` words the value of a floor.
    """
    row = facts.value(floor, "statement")
    cells = [(name, facts.label(facts.value(row, key))) for key, name in _CELLS]
    agencies = [words for agency in facts.values(row, "leadAgency") if (words := facts.label(agency))]
    if agencies:
        zh, en = "、".join(words.zh for words in agencies), ", ".join(words.en for words in agencies)
        cells.append((Text("牵头负责单位", "lead agency"), Text(zh, en)))
    known = [(name, words) for name, words in cells if words]
    known += _promises(facts, facts.value(floor, "item"), say)
    if not known:
        return None
    return Text(
        "；".join(f"{name.zh}：{words.zh}" for name, words in known),
        "; ".join(f"{name.en}: {words.en}" for name, words in known),
    )


def _promises(facts: Facts, item: Term | None, say: Say) -> Iterator[tuple[Text, Text]]:
    """What the floors compared with ask of an item: the measure with its segment, and the value."""
    verdicts = facts.subjects("item", item) if item is not None else []
    floors = {str(floor): floor for verdict in verdicts for floor in facts.values(verdict, "floor")}
    for _, floor in sorted(floors.items()):
        measure, segment = (facts.label(facts.value(floor, key)) for key in ("measure", "segment"))
        value = say(facts, floor)
        if measure is not None and value is not None:
            zh, en = (f"（{segment.zh}）", f" ({segment.en})") if segment else ("", "")
            yield Text(measure.zh + zh, measure.en + en), value


def _amount(facts: Facts, verdict: Term, role: str, bound: str = "") -> Fraction | None:
    amount = facts.decimal(verdict, f"{role}{bound}Amount")
    if amount is None:
        return None
    return Fraction(amount) / Fraction(facts.decimal(verdict, f"{role}Divisor") or 1)


def _written(number: Fraction, rounding: str) -> str:
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{(exact if rest == 1 else exact.quantize(_PLACES, rounding)).normalize():f}"
