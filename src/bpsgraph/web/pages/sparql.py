"""The page where queries are written: a form, the answer below it, and the limits that hold."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode

from bpsgraph.config import Settings
from bpsgraph.engine import guard
from bpsgraph.errors import BpsError
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.literals import is_number
from bpsgraph.results import Rows, Text
from bpsgraph.store.answering import ROW_FORMATS
from bpsgraph.terms import PREFIXES, Term, short
from bpsgraph.web.pages.tables import Cell, Row, Table
from bpsgraph.web.view import View

SHOWN_ROWS = 1_000
SHOWN_TRIPLES = 2_000
EXAMPLE = """\
# 国家基本标准：每项服务的名称 / The national baseline: the name of each item
SELECT ?item ?name WHERE {
  ?item a bps:ServiceItem ; skos:prefLabel ?name
  FILTER(LANG(?name) = "zh")
}
ORDER BY ?name
LIMIT 50
"""
_EXAMPLES = (
    (Text("服务事项", "Items"), EXAMPLE),
    (
        Text("各图的大小", "Graphs and their size"),
        "SELECT ?graph (COUNT(*) AS ?size) { GRAPH ?graph { ?s ?p ?o } }\nGROUP BY ?graph ORDER BY ?graph\n",
    ),
    (Text("一件事物的全部陈述", "All that is said of a thing"), "DESCRIBE <item/legal-aid>\n"),
)
_ANSWER = Text("结果", "Answer")


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, of one of three forms; `cut` where there is more of it."""

    rows: Rows | None = None
    boolean: bool | None = None
    triples: str | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """Why there is no answer: the sentence, and where in the query."""

    problem: str
    cure: str
    where: str
    code: str

    @classmethod
    def of(cls, error: BpsError) -> Self:
        """What the error says."""
        return cls(error.problem, error.cure, error.where or "", error.code)


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the page shows; `formats` are addresses of the same answer as data."""

    text: str
    asked: bool
    slip: Slip | None
    table: Table | None
    boolean: bool | None
    triples: str | None
    cut: bool
    count: int
    formats: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    prefixes: tuple[tuple[str, str], ...]
    limits: "Limits"
    island: dict[str, object]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the endpoint, in seconds, rows and bytes."""

    seconds: float
    rows: int
    bytes: int
    text: int
    shown: int


def workbench(view: View, text: str, found: Found | None, slip: Slip | None, settings: Settings) -> Workbench:
    """The page for a query with its answer, with what is wrong with it, or for none."""
    rows = found.rows if found else None
    names = RDF_FORMATS if found and found.triples is not None else ROW_FORMATS
    return Workbench(
        text=text or EXAMPLE,
        asked=bool(text),
        slip=slip,
        table=_table(view, rows) if rows else None,
        boolean=found.boolean if found else None,
        triples=found.triples if found else None,
        cut=bool(found and found.cut),
        count=len(rows.rows) if rows else 0,
        formats=tuple(
            (FORMATS[name].label, "/sparql?" + urlencode({"query": text, "format": name})) for name in names
        )
        if found
        else (),
        examples=tuple(
            Example(view.say(title), view.link("/sparql", query=query)) for title, query in _EXAMPLES
        ),
        prefixes=tuple(sorted(PREFIXES.items())),
        limits=Limits(
            settings.timeout, settings.max_rows, settings.max_answer_size, guard.LARGEST, SHOWN_ROWS
        ),
        island={"endpoint": "/sparql", "prefixes": dict(sorted(PREFIXES.items())), "query": text or EXAMPLE},
    )


def _table(view: View, rows: Rows) -> Table:
    numbers = [
        bool(known) and all(map(is_number, known))
        for known in (
            [row[place] for row in rows.rows if row[place] is not None] for place in range(len(rows.columns))
        )
    ]
    return Table(
        title=view.say(_ANSWER),
        description="",
        columns=tuple(Cell(f"?{name}", number) for name, number in zip(rows.columns, numbers, strict=True)),
        rows=tuple(Row(tuple(_cell(view, term) for term in row)) for row in rows.rows),
    )


def _cell(view: View, term: Term | None) -> Cell:
    if isinstance(term, NamedNode):
        href = view.href(term.value)
        return Cell(short(term.value), href=href if href.startswith(("/", "https://", "http://")) else "")
    if isinstance(term, Literal):
        return Cell(f"{term.value}@{term.language}" if term.language else term.value, is_number(term))
    if isinstance(term, BlankNode):
        return Cell(str(term))
    return Cell("" if term is None else str(term))
