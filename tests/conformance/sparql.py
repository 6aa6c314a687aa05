"""The SPARQL 1.1 suites, through the guard, the embedded store and the writers of results.

A query is asked over the dataset of its test (`default_graphs` and `named_graphs` of `Store.query`), because the
default graph of our store is the union of all graphs. Its text gets a BASE, which stands for the place of its
file. An answer is written in the format of the expected one and read back before it is compared.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryResultsFormat

from bpsgraph.engine import guard
from bpsgraph.errors import BpsError, InconsistentOntology, StoreUnavailable
from bpsgraph.reasoning import close_ontology
from bpsgraph.results import Rows, Triples
from bpsgraph.store import EmbeddedStore
from bpsgraph.terms import RDF, Term
from conformance.comparing import same_graph, same_rows, same_values, shown
from conformance.manifests import MF, Case, Graph, Kind, Place, Problem, entries, name_of

_QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_UT = "http://www.w3.org/2009/sparql/tests/test-update#"
_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_ENT = "http://www.w3.org/ns/entailment/"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_FORMATS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}
# Regimes that `bpsgraph.reasoning` has a part of.
_OURS = {_ENT + "RDF", _ENT + "RDFS", _ENT + "OWL-RDF-Based"}

# The files that a query names itself.
_FROM = re.compile(r"^\s*FROM(?:\s+NAMED)?\s*<([^>:]+)>", re.MULTILINE | re.IGNORECASE)

Answer = Rows | bool | Triples


def cases(place: Place) -> Iterator[Case]:
    """Every test of the SPARQL 1.1 suites that needs no server."""
    for manifest in sorted((place.root / "sparql11").glob("*/manifest.ttl")):
        for graph, entry in entries(place, manifest):
            run = _runner(place, graph, entry)
            if run is not None:
                yield Case(f"sparql11/{manifest.parent.name}", name_of(entry), run)


def _runner(place: Place, graph: Graph, entry: Term) -> Callable[[], Problem | None] | None:
    kinds = {kind.removeprefix(MF) for kind in graph.types(entry)}
    action = graph.one(entry, MF + "action")
    if kinds & {"QueryEvaluationTest", "CSVResultFormatTest"}:
        assert action is not None
        return partial(_evaluate, place, graph, entry, action)
    if "UpdateEvaluationTest" in kinds:
        assert action is not None
        return partial(_update, place, graph, entry, action)
    for kind, judge in {"Positive": _right, "Negative": _wrong}.items():
        if any(name.startswith(kind) for name in kinds):
            file = place.file(action)
            return partial(judge, _change if file.suffix == ".ru" else _ask, place, file)
    return None


def _evaluate(place: Place, graph: Graph, entry: Term, action: Term) -> Problem | None:
    file = place.file(graph.one(action, _QT + "query"))
    regimes = {
        item.value
        for head in graph.all(action, _SD + "entailmentRegime")
        for item in graph.items(head)
        if isinstance(item, NamedNode)
    }
    if regimes and not regimes & _OURS:
        return Problem(Kind.NOT_RUN, ", ".join(sorted(regime.removeprefix(_ENT) for regime in regimes)))
    default = [place.file(term) for term in graph.all(action, _QT + "data")]
    named = [place.file(term) for term in graph.all(action, _QT + "graphData")]
    text = _text(place, file)
    inside = [file.with_name(name) for name in _FROM.findall(text)]
    with EmbeddedStore.in_memory() as store:
        for data in {*default, *named, *inside}:
            store.replace_graph(place.iri(data), place.triples(data))
        default_graphs = [place.iri(data) for data in default]
        named_graphs = [place.iri(data) for data in named]
        if regimes:
            try:
                closure = close_ontology([triple for data in default for triple in place.triples(data)])
            except InconsistentOntology as error:
                return Problem(Kind.REFUSED, str(error))
            store.replace_graph("urn:closure", closure)
            default_graphs.append("urn:closure")
        try:
            guard.check(text)
            if inside:
                answer = store.query(text)
            else:
                answer = store.query(text, default_graphs=default_graphs, named_graphs=named_graphs)
        except BpsError as error:
            return Problem(Kind.REFUSED, str(error))
    return _difference(place, answer, place.file(graph.one(entry, MF + "result")))


def _difference(place: Place, answer: Answer, expected: Path) -> Problem | None:
    """What an answer has otherwise than the file says."""
    if expected.suffix == ".csv":
        assert isinstance(answer, Rows)
        found, wanted = _csv(answer.to_csv()), _csv(expected.read_text(encoding="utf-8"))
        if found == wanted:
            return None
        return Problem(
            Kind.SPELLING if _numbers(found) == _numbers(wanted) else Kind.ANSWER, f"gives {found}"
        )
    wanted_answer = _expected(place, expected)
    if isinstance(answer, bool):
        return None if answer is wanted_answer else Problem(Kind.ANSWER, f"gives {str(answer).lower()}")
    if isinstance(answer, Triples):
        assert isinstance(wanted_answer, Triples)
        same = same_graph(_quads(answer), _quads(wanted_answer))
        words = f"gives {len(answer)} triples, not those expected ({len(wanted_answer)})"
        return None if same else Problem(Kind.ANSWER, words)
    assert isinstance(wanted_answer, Rows)
    written = {
        ".srx": answer.to_xml,
        ".srj": answer.to_json,
        ".tsv": answer.to_tsv,
    }.get(expected.suffix, answer.to_json)()
    back = _read_results(written.encode(), _FORMATS.get(expected.suffix, QueryResultsFormat.JSON))
    assert isinstance(back, Rows)
    if not same_rows(back, answer):
        return Problem(Kind.ANSWER, "the answer is another after it is written and read back")
    if same_rows(answer, wanted_answer):
        return None
    kind = Kind.SPELLING if same_values(answer, wanted_answer) else Kind.ANSWER
    return Problem(kind, _rows_apart(answer, wanted_answer))


def _rows_apart(found: Rows, wanted: Rows) -> str:
    if set(found.columns) != set(wanted.columns):
        return f"gives the columns {', '.join(found.columns)}, not {', '.join(wanted.columns)}"

    def counted(rows: Rows) -> Counter[str]:
        return Counter(shown(row[column] for column in wanted.columns) for row in rows)

    more, less = counted(found) - counted(wanted), counted(wanted) - counted(found)
    return f"gives {' | '.join(sorted(more)) or 'fewer rows'}, not {' | '.join(sorted(less)) or 'them'}"


def _expected(place: Place, file: Path) -> Answer:
    if file.suffix in _FORMATS:
        return _read_results(file.read_bytes(), _FORMATS[file.suffix])
    graph = place.read(file)
    sets = graph.subjects(RDF + "type", NamedNode(_RS + "ResultSet"))
    if not sets:
        return Triples(frozenset(place.triples(file)))
    if boolean := graph.text(sets[0], _RS + "boolean"):
        return boolean == "true"
    columns = tuple(str(term.value) for term in graph.all(sets[0], _RS + "resultVariable"))
    rows = []
    for solution in graph.all(sets[0], _RS + "solution"):
        bound = {
            graph.text(binding, _RS + "variable"): graph.one(binding, _RS + "value")
            for binding in graph.all(solution, _RS + "binding")
        }
        rows.append(tuple(bound.get(column) for column in columns))
    return Rows(columns, tuple(rows))


def _read_results(data: bytes, format: QueryResultsFormat) -> Rows | bool:
    parsed = ox.parse_query_results(data, format)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    columns = tuple(variable.value for variable in parsed.variables)
    return Rows(columns, tuple(tuple(solution) for solution in parsed))


Table = Counter[frozenset[tuple[str, str]]]


def _csv(text: str) -> Table:
    """The rows of a CSV by column; blank nodes, whose labels say nothing, are all the same."""
    rows = csv.DictReader(io.StringIO(text))
    return Counter(
        frozenset((column, "_:" if cell.startswith("_:") else cell) for column, cell in row.items())
        for row in rows
    )


def _numbers(table: Table) -> Counter[frozenset[tuple[str, object]]]:
    """The rows of a CSV with numbers by value."""

    def value(cell: str) -> object:
        try:
            return float(cell)
        except ValueError:
            return cell

    counted: Counter[frozenset[tuple[str, object]]] = Counter()
    for row, times in table.items():
        counted[frozenset((column, value(cell)) for column, cell in row)] += times
    return counted


def _quads(triples: Triples) -> Iterator[Quad]:
    for triple in triples:
        yield Quad(triple.subject, triple.predicate, triple.object)


def _update(place: Place, graph: Graph, entry: Term, action: Term) -> Problem | None:
    result = graph.one(entry, MF + "result")
    text = _text(place, place.file(graph.one(action, _UT + "request")))
    with EmbeddedStore.in_memory() as store:
        for quads in _states(place, graph, action).values():
            if quads:
                store.update(_insertion(quads))
        try:
            guard.check(text, update=True)
            store.update(text)
        except BpsError as error:
            return Problem(Kind.REFUSED, str(error))
        wanted = [quad for quads in _states(place, graph, result).values() for quad in quads]
        found = [Quad(t.subject, t.predicate, t.object) for t in _default_graph(store)]
        for iri in store.graphs():
            name = NamedNode(iri)
            found += [Quad(t.subject, t.predicate, t.object, name) for t in store.graph(iri)]
    if same_graph(found, wanted):
        return None
    return Problem(Kind.ANSWER, f"leaves {len(found)} quads, not those expected ({len(wanted)})")


def _default_graph(store: EmbeddedStore) -> Triples:
    answer = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(answer, Triples)
    return answer


def _states(place: Place, graph: Graph, node: Term | None) -> dict[str, list[Quad]]:
    """The quads of a graph store by the name of their graph, empty for the default graph."""
    states: dict[str, list[Quad]] = {}
    if node is None:
        return states
    for data in graph.all(node, _UT + "data"):
        triples = place.triples(place.file(data))
        states.setdefault("", []).extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    for part in graph.all(node, _UT + "graphData"):
        name = NamedNode(graph.text(part, _LABEL))
        triples = place.triples(place.file(graph.one(part, _UT + "graph")))
        states.setdefault(name.value, []).extend(
            Quad(t.subject, t.predicate, t.object, name) for t in triples
        )
    return states


def _insertion(quads: list[Quad]) -> str:
    body = " .\n".join(str(quad.triple) for quad in quads)
    name = quads[0].graph_name
    return f"INSERT DATA {{ {body if isinstance(name, DefaultGraph) else f'GRAPH {name} {{ {body} }}'} }}"


def _text(place: Place, file: Path) -> str:
    return f"BASE <{place.iri(file)}>\n{file.read_text(encoding='utf-8')}"


# What the store says of text that it could parse.
_PARSED = "the query cannot be evaluated"


def _right(run: Callable[[str], object], place: Place, file: Path) -> Problem | None:
    try:
        run(_text(place, file))
    except StoreUnavailable:
        return None
    except BpsError as error:
        return None if str(error).startswith(_PARSED) else Problem(Kind.REFUSED, str(error))
    return None


def _wrong(run: Callable[[str], object], place: Place, file: Path) -> Problem | None:
    return None if _right(run, place, file) else Problem(Kind.ACCEPTED)


def _ask(text: str) -> None:
    guard.check(text)
    with EmbeddedStore.in_memory() as store:
        store.query(text)


def _change(text: str) -> None:
    guard.check(text, update=True)
    with EmbeddedStore.in_memory() as store:
        store.update(text)
