"""Cells and columns of the tables of a comparison."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.editions.differences import Statement
from bpsgraph.analysis.editions.statements import Named
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.quantity import decimal_and_divisor
from bpsgraph.results import Rows, Text
from bpsgraph.terms import XSD, Term


def answer(
    name: str,
    title: Text,
    description: Text,
    columns: tuple[Column, ...],
    rows: Sequence[Sequence[object]],
    made: Provenance,
    *,
    charts: tuple[Chart, ...] = (),
    notes: tuple[Text, ...] = (),
    key: tuple[str, ...] = (),
    further: tuple[Answer, ...] = (),
) -> Answer:
    """The answer of these rows, whose cells become terms."""
    table = Rows(tuple(c.name for c in columns), tuple(tuple(term(cell) for cell in row) for row in rows))
    return Answer(name, title, description, columns, table, made, charts, notes, key, further)


def pair(stem: str, zh: str, en: str) -> tuple[Column, Column]:
    """The two columns of names of a stem."""
    return (
        Column(f"{stem}_zh", Text(f"{zh}（中文）", f"{en} (Chinese)")),
        Column(f"{stem}_en", Text(f"{zh}（英文）", f"{en} (English)")),
    )


def thing(stem: str, zh: str, en: str) -> tuple[Column, ...]:
    """The column of an IRI and those of its names."""
    return (Column(stem, Text(zh, en)), *pair(stem, zh, en))


def named(thing: Named | None) -> list[object]:
    """The cells of `thing`."""
    return [None, None, None] if thing is None else [NamedNode(thing.iri), *words(thing.name)]


def words(text: Text | None) -> list[object]:
    """The cells of `pair`; empty words are unknown."""
    return [None, None] if text is None else [text.zh or None, text.en or None]


def joined(texts: Iterable[Text]) -> Text:
    """Several texts in one cell."""
    several = list(texts)
    return Text("；".join(text.zh for text in several), "; ".join(text.en for text in several))


def backing(statement: Statement | None) -> list[object]:
    """The cells of verification and source."""
    if statement is None:
        return [None, None]
    source = statement.backing.source
    return [statement.backing.verification, NamedNode(source) if source else None]


def plain(number: Fraction) -> str:
    """The number as it stands in a cell."""
    return str(term(number).value)  # type: ignore[union-attr]


def term(cell: object) -> Term | None:
    """The term of a cell: a thing, a text, or a number of its datatype; None is unknown."""
    match cell:
        case None:
            return None
        case NamedNode():
            return cell
        case bool():
            return Literal(str(cell).lower(), datatype=NamedNode(XSD + "boolean"))
        case int():
            return Literal(str(cell), datatype=NamedNode(XSD + "integer"))
        case Fraction():
            decimal, divisor = decimal_and_divisor(cell)
            # A figure such as a third is shown to ten places; it is compared exactly.
            text = f"{decimal:f}" if divisor == 1 else f"{round(float(cell), 10):f}"
            return Literal(text, datatype=NamedNode(XSD + "decimal"))
        case Decimal():
            return Literal(f"{cell:f}", datatype=NamedNode(XSD + "decimal"))
    return Literal(str(cell))
