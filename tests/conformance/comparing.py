"""Whether two answers or two graphs are the same but for the labels of their blank nodes."""

from collections.abc import Iterable
from decimal import Decimal

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Literal, NamedNode, Quad

from bpsgraph.results import Rows
from bpsgraph.terms import XSD, Term

_SIZES = ("long", "int", "short", "byte")
_INTEGERS = {
    "integer",
    "nonPositiveInteger",
    "negativeInteger",
    "nonNegativeInteger",
    "positiveInteger",
    *_SIZES,
    *(f"unsigned{size.capitalize()}" for size in _SIZES),
}


def same_graph(first: Iterable[Quad], second: Iterable[Quad]) -> bool:
    """Whether the quads are isomorphic, over all their graphs at once."""
    return _canonical(first) == _canonical(second)


def same_rows(first: Rows, second: Rows) -> bool:
    """Whether the rows are the same, each as often, in whatever order of rows and columns."""
    if set(first.columns) != set(second.columns) or len(first) != len(second):
        return False
    return _canonical(_as_quads(first)) == _canonical(_as_quads(second))


def same_values(first: Rows, second: Rows) -> bool:
    """Whether the rows are the same where numbers are compared by value and integers of every type are one."""
    return same_rows(_by_value(first), _by_value(second))


def _by_value(rows: Rows) -> Rows:
    return Rows(rows.columns, tuple(tuple(_value(term) for term in row) for row in rows.rows))


def _value(term: Term | None) -> Term | None:
    if not isinstance(term, Literal) or term.language or not term.datatype.value.startswith(XSD):
        return term
    kind = term.datatype.value.removeprefix(XSD)
    try:
        if kind in _INTEGERS:
            return Literal(str(int(term.value)), datatype=NamedNode(XSD + "integer"))
        if kind == "decimal":
            value = Decimal(term.value)
            return Literal(f"{value.normalize():f}" if value else "0", datatype=term.datatype)
        if kind in {"double", "float"}:
            return Literal(repr(float(term.value)), datatype=term.datatype)
    except (ValueError, ArithmeticError):
        return term
    if kind == "boolean":
        return Literal({"1": "true", "0": "false"}.get(term.value, term.value), datatype=term.datatype)
    return term


def _canonical(quads: Iterable[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _as_quads(rows: Rows) -> Iterable[Quad]:
    """The rows as a graph with a blank node for each, so that labels are compared like those of a graph."""
    for number, row in enumerate(rows):
        node = BlankNode(f"row{number}")
        yield Quad(node, NamedNode("urn:is"), Literal("a row"), DefaultGraph())
        for column, term in row.items():
            if term is not None:
                yield Quad(node, NamedNode(f"urn:column:{column}"), term, DefaultGraph())


def shown(terms: Iterable[Term | None]) -> str:
    """The terms of a row, in short."""
    return " ".join("-" if term is None else str(term)[:60] for term in terms)
