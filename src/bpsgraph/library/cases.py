"""The tests of saved queries: small data, parameters, and the rows that are expected.

A query `gaps/missing-items` has a folder `gaps/missing-items/` with `data.ttl` (or `data.trig`),
`expected.csv`, and `parameters.yaml` where the case gives values. Further cases stand beside them:
`expected-2023.csv` with `parameters-2023.yaml`. In the CSV an IRI of the project is written as its key
(`item/legal-aid`).
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            raise MalformedFile(self.parameters, "is no YAML", "write name: value") from exc
        if not isinstance(read, dict):
            raise MalformedFile(self.parameters, "is no mapping", "write name: value")
        return read

    def columns_and_rows(self) -> tuple[Row, list[Row]]:
        """The heading and the rows of the file of expected rows.

        Raises `UnreadableFile` where it is not there, `MalformedFile` where it is no CSV in UTF-8 or empty.
        """
        try:
            with self.expected.open(encoding="utf-8-sig", newline="") as file:
                lines = [tuple(row) for row in csv.reader(file)]
        except OSError as exc:
            cure = "write the rows that are expected"
            raise UnreadableFile(self.expected, exc.strerror or str(exc), cure) from exc
        except (UnicodeDecodeError, csv.Error) as exc:
            raise MalformedFile(self.expected, "is no CSV in UTF-8", "save it as CSV in UTF-8") from exc
        if not lines:
            raise MalformedFile(self.expected, "is empty", "write the columns, and below them the rows")
        return lines[0], lines[1:]


def cases(folder: Path) -> Iterator[Case]:
    """All cases below `folder`, by query and name; also those that have parameters and no expected rows."""
    asked = {
        path.with_name(f"expected{path.stem.removeprefix('parameters')}.csv")
        for path in folder.rglob("parameters*.yaml")
    }
    for expected in sorted(asked.union(folder.rglob("expected*.csv"))):
        name = expected.stem.removeprefix("expected").removeprefix("-")
        parameters = expected.with_name(f"parameters-{name}.yaml" if name else "parameters.yaml")
        data = next((path for path in sorted(expected.parent.glob("data.*"))), None)
        if data is None:
            raise UnreadableFile(expected.parent, "there is no data.ttl", "add what the rows come from")
        query = expected.parent.relative_to(folder).as_posix()
        yield Case(query, name, data, expected, parameters if parameters.is_file() else None)


def differences(case: Case, library: Library, ask: Callable[[Path, str], Rows] | None = None) -> list[str]:
    """The columns, and what the answer lacks and has, one line per row; empty where the case holds.

    Rows are compared in order where the query orders them, else as a multiset; numbers by value. `ask`
    answers a query from the data in a file, by default with the embedded store. Raises `BpsError` where a
    file of the case cannot be used.
    """
    query = library[case.query]
    heading, expected = case.columns_and_rows()
    rows = (ask or ask_embedded)(case.data, bind(query, case.values()))
    if heading != rows.columns:
        return [_line(_EXPECTED_COLUMNS, heading), _line(_FOUND_COLUMNS, rows.columns)]
    found = [tuple(plain(term) for term in row) for row in rows.rows]
    wanted, got = [_by_value(row) for row in expected], [_by_value(row) for row in found]
    lacking, extra = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    lines = [_line(_EXPECTED, row) for row in sorted(lacking.elements())]
    lines += [_line(_FOUND, row) for row in sorted(extra.elements())]
    if not lines and query.scan.ordered and wanted != got:
        return ["the rows are right and their order is not"]
    return [_line(_COLUMNS, heading), *lines] if lines else []


_COLUMNS, _EXPECTED, _FOUND = "列 columns", "期望 expected", "实得 found"
_EXPECTED_COLUMNS, _FOUND_COLUMNS = "期望的列 columns expected", "实得的列 columns found"


def _line(what: str, row: Iterable[str]) -> str:
    return f"{what}: {', '.join(row)}"


def ask_embedded(data: Path, text: str) -> Rows:
    """The rows from the data in a Turtle or TriG file, in a store in memory. Raises `MalformedFile`."""
    store = EmbeddedStore.in_memory()
    graphs: dict[str, list[Triple]] = {}
    form = RdfFormat.TRIG if data.suffix == ".trig" else RdfFormat.TURTLE
    try:
        quads = list(parse(path=data, format=form, base_iri=BASE))
    except (SyntaxError, ValueError) as exc:
        raise MalformedFile(data, f"is no {form.name}", str(exc.args[0]).rstrip(".")) from exc
    for quad in quads:
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
