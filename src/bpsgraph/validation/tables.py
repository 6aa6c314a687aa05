"""Verdicts as objects: both operands, their conversion, whose floor it was and until when."""

from datetime import date
from decimal import Decimal

from pyoxigraph import NamedNode

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict, Operand, Text, Verdict
from bpsgraph.terms import Term
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.findings import quantity_words, source_of


def verdicts_of(facts: Facts, catalogue: str) -> list[Verdict]:
    """The verdicts on a catalogue, by item, measure, segment, owner and day."""
    nodes = facts.subjects("catalogue", NamedNode(catalogue))
    return [_verdict(facts, node) for node in nodes if facts.value(node, "valueVerdict")]


def _verdict(facts: Facts, node: Term) -> Verdict:
    floor, promise = facts.value(node, "floor"), facts.value(node, "promise")
    return Verdict(
        catalogue=facts.text(node, "catalogue") or "",
        item=_words(facts, node, "item"),
        measure=_words(facts, node, "measure"),
        segment=facts.label(facts.value(node, "segment")),
        floor=_operand(facts, node, floor, "floor") if floor else None,
        promise=_operand(facts, node, promise, "promise") if promise else None,
        owner=facts.text(node, "owner"),
        value_verdict=ValueVerdict(_last(facts, node, "valueVerdict")),
        coverage_verdict=CoverageVerdict(_last(facts, node, "coverageVerdict") or "notStated"),
        rule=_last(facts, node, "rule").partition("#")[2],
        conversion=_conversion(facts, node),
        deferred_to=_label(facts, facts.value(node, "deferredTo")),
        source=source_of(facts, floor),
        verification=(facts.text(floor, "verification") or "").rpartition("/")[2] or None,
        valid_from=_day(facts, node, "validFrom"),
        valid_until=_day(facts, node, "validUntil"),
    )


def _operand(facts: Facts, node: Term, side: Term, role: str) -> Operand:
    return Operand(
        guarantee=str(facts.text(side, "statement") if role == "floor" else side.value) or str(side.value),
        kind=_last(facts, node, f"{role}Kind"),
        stated_as=facts.text(side, "statedAs"),
        segment=facts.label(facts.value(side, "segment") or facts.value(side, "effectiveSegment")),
        amount=facts.decimal(node, f"{role}Amount"),
        divisor=facts.decimal(node, f"{role}Divisor") or Decimal(1),
        lower_amount=facts.decimal(node, f"{role}LowerAmount"),
    )


def _conversion(facts: Facts, node: Term) -> str | None:
    """Both numbers in the common unit: `650 < 720 元/人·年`."""
    dimension = facts.value(node, "dimension")
    sides = []
    for role in ("promise", "floor"):
        amount = facts.decimal(node, f"{role}Amount")
        if dimension is None or amount is None:
            return None
        sides.append((amount, facts.decimal(node, f"{role}Divisor") or Decimal(1)))
    (promise, above), (floor, below) = sides
    difference = promise * below - floor * above
    sign = "<" if difference < 0 else ">" if difference > 0 else "="
    left = quantity_words(facts, promise, above, None).zh
    return f"{left} {sign} {quantity_words(facts, floor, below, dimension, facts.value(node, 'measure')).zh}"


def _words(facts: Facts, node: Term, name: str) -> Text:
    return facts.label(facts.value(node, name)) or Text("", "")


def _label(facts: Facts, term: Term | None) -> str | None:
    words = facts.label(term)
    return words.zh if words else None


def _last(facts: Facts, node: Term, name: str) -> str:
    return (facts.text(node, name) or "").rpartition("/")[2]


def _day(facts: Facts, node: Term, name: str) -> date | None:
    text = facts.text(node, name)
    return date.fromisoformat(text) if text else None
