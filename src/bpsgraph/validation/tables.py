"""Verdicts as objects: both operands, their conversion, whose floor it was and until when."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from bpsgraph.errors import visible
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict, Operand, Text, Verdict
from bpsgraph.terms import PROV, Term
from bpsgraph.validation.amounts import quantity_words
from bpsgraph.validation.facts import Facts, number
from bpsgraph.validation.findings import source_of

_Said = Mapping[str, Term]
WHOSE, PROMISE, VERDICT = "catalogue", "promise", "valueVerdict"
"""What a verdict says of whom it is on, what promise it is on, and what it is."""
_NOTHING = Text("", "")


def verdicts_of(facts: Facts, catalogue: str) -> list[Verdict]:
    """The verdicts on a catalogue, by item, measure, segment, owner and day."""
    verdicts = (facts.first_values(node) for node in facts.subjects(WHOSE, NamedNode(catalogue)))
    return [verdict_of(facts, said) for said in verdicts if VERDICT in said]


def verdict_of(facts: Facts, said: _Said) -> Verdict:
    """The verdict of which this is said, by name in this project's vocabulary."""
    floor, promise = said.get("floor"), said.get(PROMISE)
    deferred = facts.label(said.get("deferredTo"))
    return Verdict(
        catalogue=_text(said, WHOSE) or "",
        item=facts.label(said.get("item")) or _NOTHING,
        measure=facts.label(said.get("measure")) or _NOTHING,
        segment=facts.label(said.get("segment")),
        floor=operand_of(facts, said, floor, "floor") if floor else None,
        promise=operand_of(facts, said, promise, PROMISE) if promise else None,
        owner=_text(said, "owner"),
        value_verdict=ValueVerdict(_last(said, VERDICT)),
        coverage_verdict=CoverageVerdict(_last(said, "coverageVerdict") or "notStated"),
        rule=_last(said, "rule").partition("#")[2],
        conversion=_conversion(facts, said),
        deferred_to=deferred.zh if deferred else None,
        source=source_of(facts, floor),
        verification=(facts.text(floor, "verification") or "").rpartition("/")[2] or None,
        valid_from=_day(said, "validFrom"),
        valid_until=_day(said, "validUntil"),
        item_iri=_text(said, "item"),
        clause=facts.text(floor, "clause") or facts.text(floor, PROV + "hadPrimarySource"),
    )


def operand_of(facts: Facts, said: _Said, side: Term, role: str) -> Operand:
    """The side of a verdict in that role, `floor` or `promise`."""
    return Operand(
        guarantee=str(facts.text(side, "statement") if role == "floor" else side.value) or str(side.value),
        kind=_last(said, f"{role}Kind"),
        stated_as=facts.text(side, "statedAs"),
        segment=facts.label(facts.value(side, "segment") or facts.value(side, "effectiveSegment")),
        amount=number(said.get(f"{role}Amount")),
        divisor=number(said.get(f"{role}Divisor")) or Decimal(1),
        lower_amount=number(said.get(f"{role}LowerAmount")),
    )


def _conversion(facts: Facts, said: _Said) -> str | None:
    """Both numbers in the common unit: `650 < 720 元/人·年`."""
    dimension = said.get("dimension")
    sides = []
    for role in ("promise", "floor"):
        amount = number(said.get(f"{role}Amount"))
        if dimension is None or amount is None:
            return None
        sides.append((amount, number(said.get(f"{role}Divisor")) or Decimal(1)))
    (promise, above), (floor, below) = sides
    difference = promise * below - floor * above
    sign = "<" if difference < 0 else ">" if difference > 0 else "="
    left = quantity_words(facts, promise, above, None).zh
    return f"{left} {sign} {quantity_words(facts, floor, below, dimension, said.get('measure')).zh}"


def _text(said: _Said, name: str) -> str | None:
    term = said.get(name)
    return visible(term.value) if isinstance(term, Literal | NamedNode) else None


def _last(said: _Said, name: str) -> str:
    return (_text(said, name) or "").rpartition("/")[2]


def _day(said: _Said, name: str) -> date | None:
    text = _text(said, name)
    return date.fromisoformat(text) if text else None
