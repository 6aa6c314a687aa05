"""Values and units as the graph states them, read into the types of `bpsgraph.quantity`.

The properties are those of the guarantees and units of the ontology (module values).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.quantity import (
    QUANTITIES,
    ByReference,
    Delegated,
    Dimension,
    InKind,
    PercentOf,
    Range,
    Supplement,
    Unit,
    Value,
    exact,
)
from bpsgraph.terms import BASE, BPS, SKOS, XSD

_KIND = BASE + "kind/"
_NUMBER_TYPES = frozenset({XSD + "decimal", XSD + "integer"})
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class Units(Mapping[str, Unit]):
    """The units of the graph, by IRI."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_iri = {unit.iri: unit for unit in units}
        self._by_label = {label: unit for unit in self._by_iri.values() for label in unit.labels}

    def __getitem__(self, iri: str) -> Unit:
        return self._by_iri[iri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_iri)

    def __len__(self) -> int:
        return len(self._by_iri)

    def named(self, label: str) -> Unit | None:
        """The unit that bears the label, preferred or alternative, or `None`."""
        return self._by_label.get(label)


def read_units(triples: Iterable[Triple]) -> Units:
    """The units among the triples of a vocabulary: everything with a `bps:multiplier`.

    Raises `ValueError` where a unit has no dimension or a multiplier that is no positive number.
    """
    nodes: dict[str, dict[str, list[NamedNode | Literal]]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            node = nodes.setdefault(triple.subject.value, {})
            node.setdefault(triple.predicate.value, []).append(triple.object)
    units = []
    for iri, node in sorted(nodes.items()):
        multiplier = _number(node, "multiplier")
        if multiplier is None:
            continue
        dimension = _one(node, "dimension")
        if dimension is None:
            raise ValueError(f"the unit {iri} has no dimension")
        annual = _one(nodes.get(dimension, {}), "annualDimension")
        units.append(
            Unit(
                iri,
                Dimension(dimension, annual),
                multiplier,
                _one(node, "numeratorUnit"),
                _one(node, "perUnit"),
                _one(node, "period"),
                tuple(
                    label.value for name in ("prefLabel", "altLabel") for label in node.get(SKOS + name, [])
                ),
            )
        )
    return Units(units)


def read_value(
    triples: Iterable[Triple], units: Units, replaces: Mapping[str, frozenset[str]] | None = None
) -> Value:
    """The value that the triples of one guarantee state.

    `replaces` gives, for a document, those that it replaces. Raises `ValueError` where the kind is unknown, a
    property that the kind needs is missing, a number is malformed, or the unit is not among `units`.
    """
    node: dict[str, list[NamedNode | Literal]] = {}
    for triple in triples:
        if isinstance(triple.object, NamedNode | Literal):
            node.setdefault(triple.predicate.value, []).append(triple.object)
    kind = (_one(node, "kind") or "").removeprefix(_KIND)
    if kind in QUANTITIES:
        return QUANTITIES[kind](_stated(node), _unit(node, units), _integer(node, "periodsPerYear"))
    match kind:
        case "supplement":
            return Supplement(
                _stated(node),
                _unit(node, units),
                _integer(node, "periodsPerYear"),
                _one(node, "supplementTo") or "",
            )
        case "range":
            return Range(
                _stated(node),
                _unit(node, units),
                _number(node, "lower"),
                _number(node, "upper"),
                _integer(node, "minimumTiers"),
                _integer(node, "maximumTiers"),
                _integer(node, "periodsPerYear"),
            )
        case "percentOf":
            percent = _number(node, "percent")
            if percent is None:
                raise ValueError("a percentOf value has no bps:percent")
            owner = _one(node, "baseOwner")
            return PercentOf(
                percent,
                _one(node, "baseMeasure"),
                _one(node, "baseSegment"),
                None if owner is None else owner.removeprefix(BPS),
            )
        case "inKind":
            return InKind()
        case "byReference":
            references = frozenset(term.value for term in node.get(BPS + "reference", []))
            older = [(replaces or {}).get(reference, frozenset()) for reference in references]
            return ByReference(references, frozenset().union(*older))
        case "delegated":
            return Delegated(frozenset(term.value for term in node.get(BPS + "delegatedTo", [])))
    raise ValueError(f"{kind or 'nothing'} is not one of the twelve kinds of value")


def _one(node: Mapping[str, list[NamedNode | Literal]], name: str) -> str | None:
    terms = node.get(BPS + name, [])
    if len(terms) > 1:
        raise ValueError(f"more than one bps:{name}")
    return terms[0].value if terms else None


def _number(node: Mapping[str, list[NamedNode | Literal]], name: str) -> Fraction | None:
    text = _one(node, name)
    if text is None:
        return None
    term = node[BPS + name][0]
    typed = isinstance(term, Literal) and term.datatype.value in _NUMBER_TYPES
    if not typed or not _DECIMAL.fullmatch(text):
        raise ValueError(f"bps:{name} {term} is no exact number")
    return exact(Decimal(text))


def _integer(node: Mapping[str, list[NamedNode | Literal]], name: str) -> int | None:
    number = _number(node, name)
    if number is not None and number.denominator != 1:
        raise ValueError(f"bps:{name} {number} is no whole number")
    return None if number is None else int(number)


def _stated(node: Mapping[str, list[NamedNode | Literal]]) -> Fraction:
    value, over, under = (_number(node, n) for n in ("value", "fractionNumerator", "fractionDenominator"))
    if value is not None:
        return value
    if over is None or not under:
        raise ValueError("a value with neither bps:value nor a whole fraction")
    return over / under


def _unit(node: Mapping[str, list[NamedNode | Literal]], units: Units) -> Unit:
    iri = _one(node, "unit")
    if iri is None or iri not in units:
        raise ValueError(f"the unit {iri} is not in the vocabulary" if iri else "a number without bps:unit")
    return units[iri]
