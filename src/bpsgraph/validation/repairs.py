"""Which change cures a finding, where there is exactly one right answer.

There is one where a number is below its floor: the number of the floor in the unit of the cell, where that is
exact; where the cell of a promise is left empty: the floor with its unit; where a reader remarks on a name
that can only mean one thing: the name of that thing; and where a unit is named and not referred to.
"""

from collections.abc import Mapping
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.ingest import Places
from bpsgraph.results import Repair
from bpsgraph.terms import BPS, RDF_TYPE, SKOS, Term, short
from bpsgraph.validation.cures import PROPORTIONAL, less_is_better, number_needed
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.rules import Rule
from bpsgraph.validation.shapes import Result

_UNIT = NamedNode(BPS + "Unit")
# As many as can be multiplied exactly (structure-value-digits).
_PLACES = 6


def repair_of(
    result: Result, rule: Rule, operands: Mapping[str, Term], floor: Term | None, facts: Facts, places: Places
) -> Repair | None:
    """The change that cures the finding of a result; None where there is none, or could be several."""
    if isinstance(operands.get("replacement"), Literal):
        return _as_remarked(rule, operands)
    if rule.id == "baseline-below":
        return _raised(facts, result.focus)
    if rule.id == "completeness-guarantee" and floor is not None:
        return _filled_in(facts, result.focus, floor, places)
    if rule.id == "structure-unit-unknown" and isinstance(result.value, Literal):
        return _unit_referred_to(facts, result.value)
    return None


def _as_remarked(rule: Rule, operands: Mapping[str, Term]) -> Repair | None:
    given, concerned = operands.get("given"), operands.get("concerned")
    path = concerned.value if isinstance(concerned, NamedNode) else rule.field
    if not isinstance(given, Literal) or path is None:
        return None
    return Repair(path=path, old=given.value, new=operands["replacement"].value)


def _raised(facts: Facts, promise: Term) -> Repair | None:
    """The number that meets every floor of the promise, where only one number has to change."""
    kind = (facts.text(promise, "kind") or "").rpartition("/")[2]
    bounds = (
        {"value": ""} if kind in PROPORTIONAL else {"value": "", "lower": "Lower"} if kind == "range" else {}
    )
    verdicts = facts.subjects("promise", promise)
    if kind == "supplement" and all(_stands_alone(facts, promise, verdict) for verdict in verdicts):
        bounds = {"value": ""}
    less = less_is_better(facts, promise)
    numbers: dict[str, Fraction] = {}
    changed = []
    for name, bound in bounds.items():
        written = facts.values(promise, name)
        number = facts.decimal(promise, name)
        if len(written) != 1 or number is None:
            return None
        needed = [
            n for verdict in verdicts if (n := number_needed(facts, promise, verdict, bound)) is not None
        ]
        numbers[name] = Fraction(number)
        best = min([*needed, numbers[name]]) if less else max([*needed, numbers[name]])
        if best != numbers[name]:
            numbers[name] = best
            changed.append(name)
    upper = facts.decimal(promise, "upper")
    ordered = [numbers[name] for name in ("lower", "value") if name in numbers]
    if kind == "range" and upper is not None:
        ordered.append(Fraction(upper))
    if len(changed) != 1 or ordered != sorted(ordered):
        return None
    (name,) = changed
    old, new = _plain(Fraction(facts.decimal(promise, name) or 0)), _plain(numbers[name])
    return Repair(path=BPS + name, old=old, new=new) if old and new else None


def _stands_alone(facts: Facts, promise: Term, verdict: Term) -> bool:
    """Whether a supplement is compared with one, and not together with the figure that it raises."""
    return facts.decimal(verdict, "promiseAmount") == facts.decimal(promise, "amount")


def _filled_in(facts: Facts, catalogue: Term, floor: Term, places: Places) -> Repair | None:
    """The floor's number with its unit for the cell that is left empty for it."""
    if not places.blanks:
        return None
    item, measure, segment = (facts.value(floor, name) for name in ("item", "measure", "segment"))
    unanswered = [
        verdict
        for verdict in facts.subjects("catalogue", catalogue)
        if facts.value(verdict, "item") == item
        and facts.value(verdict, "measure") == measure
        and facts.value(verdict, "promise") is None
    ]
    blank = places.blanks.get((_iri(item), _iri(measure), _iri(segment)))
    if blank is None and len({facts.value(verdict, "segment") for verdict in unanswered}) == 1:
        blank = places.blanks.get((_iri(item), _iri(measure)))
    of_remarks = {place for thing, place in places.things.items() if "/remark/" in thing}
    if blank is None or blank in of_remarks:
        return None
    # Where a place above has a floor too, the State's alone would still be too little.
    asked: dict[Fraction, Term] = {}
    for verdict in unanswered:
        above = facts.value(verdict, "floor")
        amount, divisor = facts.decimal(above, "amount"), facts.decimal(above, "divisor")
        if facts.value(verdict, "segment") == segment and above is not None and amount is not None:
            asked[Fraction(amount) / Fraction(divisor or 1)] = above
    if not asked:
        return None
    best = asked[min(asked) if less_is_better(facts, floor) else max(asked)]
    kind = (facts.text(best, "kind") or "").rpartition("/")[2]
    number, unit = facts.decimal(best, "value"), facts.label(facts.value(best, "unit"))
    if kind not in PROPORTIONAL or number is None or unit is None:
        return None
    return Repair(path=BPS + "value", old="", new=f"{_plain(Fraction(number))}{unit.zh}")


def _unit_referred_to(facts: Facts, given: Literal) -> Repair | None:
    """The key of the unit that is called so: a unit is referred to, and not written out in words."""
    units = {
        unit
        for name in ("prefLabel", "altLabel", "notation")
        for literal in (Literal(given.value), *(Literal(given.value, language=tag) for tag in ("zh", "en")))
        for unit in facts.subjects(SKOS + name, literal)
        if _UNIT in facts.values(unit, RDF_TYPE.value)
    }
    if len(units) != 1:
        return None
    return Repair(path=BPS + "unit", old=given.value, new=short(_iri(units.pop())))


def _plain(number: Fraction) -> str | None:
    """The number as a decimal of at most six places; None where it has more."""
    exact = number * 10**_PLACES
    if exact.denominator != 1:
        return None
    text = f"{abs(exact.numerator):0{_PLACES + 1}d}"
    text = f"{text[:-_PLACES]}.{text[-_PLACES:]}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text


def _iri(term: Term | None) -> str:
    return term.value if term is not None else ""
