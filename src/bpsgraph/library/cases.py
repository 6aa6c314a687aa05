"""The tests of saved queries: small data, parameters, and the rows that are expected.

A query `gaps/missing-items` has a folder `gaps/missing-items/` with `data.ttl` (or `data.trig`),
`expected.csv`, and `parameters.yaml` where the case gives values. Further cases stand beside them:
`expected-2023.csv` with `parameters-2023.yaml`. In the CSV an IRI of the project is written as its key
(`item/legal-aid`).
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.library.saved import Library, Values, bind
from bpsgraph.results import Rows
from bpsgraph.store import EmbeddedStore, select
from bpsgraph.terms import BASE, Term, short

Row = tuple[str, ...]
DATA_GRAPH = "https://w3id.org/bps/graph/test"


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one query: where its data are, what it is asked with, and what is expected."""

    query: str
    name: str
    data: Path
    expected: Path
    parameters: Path | None

    def values(self) -> dict[str, Values]:
        """The values that the case gives; empty where it has no file of parameters."""
        if self.parameters is None:
            return {}
        try:
            read = yaml.load(self.parameters.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        except yaml.YAMLError as exc:
            raise MalformedFile(self.parameters, "is no YAML", "write name: value") from exc
        if not isinstance(read, dict):
            raise MalformedFile(self.parameters, "is no mapping", "write name: value")
        return read

    def columns_and_rows(self) -> tuple[Row, list[Row]]:
        """The heading and the rows of the file of expected rows."""
        with self.expected.open(encoding="utf-8", newline="") as file:
            heading, *rows = [tuple(row) for row in csv.reader(file)]
        return heading, rows


def cases(folder: Path) -> Iterator[Case]:
    """All cases below `folder`, by query and name."""
    for expected in sorted(folder.rglob("expected*.csv")):
        name = expected.stem.removeprefix("expected").removeprefix("-")
        parameters = expected.with_name(f"parameters-{name}.yaml" if name else "parameters.yaml")
        data = next((path for path in sorted(expected.parent.glob("data.*"))), None)
        if data is None:
            raise UnreadableFile(expected.parent, "there is no data.ttl", "add what the rows come from")
        query = expected.parent.relative_to(folder).as_posix()
        yield Case(query, name, data, expected, parameters if parameters.is_file() else None)


def differences(case: Case, library: Library, ask: Callable[[Path, str], Rows] | None = None) -> list[str]:
    """What the answer has and lacks, one line per row; empty where the case holds.

    Rows are compared in order where the query orders them, else as a multiset; numbers by value. `ask`
    answers a query from the data in a file, by default with the embedded store.
    """
    query = library[case.query]
    heading, expected = case.columns_and_rows()
    rows = (ask or ask_embedded)(case.data, bind(query, case.values()))
    if heading != rows.columns:
        return [f"columns: expected {', '.join(heading)}; found {', '.join(rows.columns)}"]
    found = [tuple(plain(term) for term in row) for row in rows.rows]
    wanted, got = [_by_value(row) for row in expected], [_by_value(row) for row in found]
    lacking, extra = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    lines = [f"- {', '.join(row)}" for row in sorted(lacking.elements())]
    lines += [f"+ {', '.join(row)}" for row in sorted(extra.elements())]
    if not lines and query.scan.ordered and wanted != got:
        return ["the rows are right and their order is not"]
    return lines


def ask_embedded(data: Path, text: str) -> Rows:
    """The rows from the data in a Turtle or TriG file, in a store in memory."""
    store = EmbeddedStore.in_memory()
    graphs: dict[str, list[Triple]] = {}
    form = RdfFormat.TRIG if data.suffix == ".trig" else RdfFormat.TURTLE
    for quad in parse(path=data, format=form, base_iri=BASE):
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else DATA_GRAPH
        graphs.setdefault(name, []).append(quad.triple)
    for name, triples in graphs.items():
        store.replace_graph(name, triples)
    return select(store, text)


def plain(term: Term | None) -> str:
    """A term as it stands in a file of expected rows."""
    if term is None:
        return ""
    return short(term.value) if isinstance(term, NamedNode) else term.value


def _by_value(row: Row) -> Row:
    return tuple(_number(cell) for cell in row)


def _number(cell: str) -> str:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return cell
    return format(number.normalize(), "f") if number.is_finite() and number else "0" if number == 0 else cell
