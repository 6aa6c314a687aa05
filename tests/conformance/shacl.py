"""The SHACL suite, through `bpsgraph.validation.shapes` with each engine that comes with the project.

Reports are compared as the suite has it (https://w3c.github.io/data-shapes/data-shapes-test-suite/): whether the
data conforms, and of every result focus node, path, value, shape, component and severity, as isomorphic graphs.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from importlib.util import find_spec

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse

from bpsgraph.terms import RDF, Term
from bpsgraph.validation.shapes import SH, Engine, ShapesGraph, report_of
from conformance.comparing import same_graph
from conformance.manifests import MF, Case, Graph, Kind, Place, Problem, entries, name_of

_SHT = "http://www.w3.org/ns/shacl-test#"
_COMPARED = ("focusNode", "resultPath", "value", "sourceShape", "sourceConstraintComponent", "resultSeverity")
ENGINES = tuple(
    engine
    for engine, module in ((Engine.PYSHIFTY, "shifty"), (Engine.PYSHACL, "pyshacl"))
    if find_spec(module)
)


def cases(place: Place) -> Iterator[Case]:
    """Every test of SHACL Core and SHACL-SPARQL, with each engine."""
    found = []
    for part in ("core", "sparql"):
        for file in sorted((place.root / "shacl" / part).rglob("*.ttl")):
            if file.name != "manifest.ttl":
                found += [(part, file, graph, entry) for graph, entry in entries(place, file)]
    for engine in ENGINES:
        for part, file, graph, entry in found:
            name = f"{file.parent.name}/{name_of(entry)}"
            yield Case(f"shacl/{part} {engine}", name, partial(_validate, place, graph, entry, engine))


def _validate(place: Place, graph: Graph, entry: Term, engine: Engine) -> Problem | None:
    action = graph.one(entry, MF + "action")
    assert action is not None
    shapes = ShapesGraph(place.triples(place.file(graph.one(action, _SHT + "shapesGraph"))))
    data = place.triples(place.file(graph.one(action, _SHT + "dataGraph")))
    expected = graph.one(entry, MF + "result")
    assert expected is not None
    fails = expected == NamedNode(_SHT + "Failure")
    try:
        report = report_of(shapes, data, engine).serialize(format="nt", encoding="utf-8")
    except Exception as error:
        # The engines have no base class for what they cannot run.
        return None if fails else Problem(Kind.FAILED, str(error).splitlines()[0][:160])
    found = Graph(quad.triple for quad in parse(report, RdfFormat.N_TRIPLES))
    if fails:
        return Problem(Kind.ACCEPTED, "the shapes are run")
    reports = found.subjects(RDF + "type", NamedNode(SH + "ValidationReport"))
    assert len(reports) == 1
    if same_graph(_compared(found, reports[0]), _compared(graph, expected)):
        return None
    mine, theirs = (sorted(_summary(g, node)) for g, node in ((found, reports[0]), (graph, expected)))
    if mine == theirs:
        return Problem(Kind.ANSWER, f"the {len(mine)} results differ in shape, component, severity or path")
    more = [line for line in mine if line not in theirs]
    less = [line for line in theirs if line not in mine]
    words = f"gives {len(mine)} results, not {len(theirs)}: {'; '.join(more[:3])} for {'; '.join(less[:3])}"
    return Problem(Kind.ANSWER, words)


def _summary(graph: Graph, report: Term) -> Iterator[str]:
    for result in graph.all(report, SH + "result"):
        yield " ".join(
            "_" if isinstance(term, BlankNode) else str(term).rpartition("/")[2][:60].rstrip(">")
            for name in ("focusNode", "value", "sourceConstraintComponent")
            if (term := graph.one(result, SH + name)) is not None
        )


def _compared(graph: Graph, report: Term) -> Iterable[Quad]:
    """What of a report is compared, as a graph."""
    yield from _quads(graph, report, "conforms")
    for result in graph.all(report, SH + "result"):
        assert isinstance(report, NamedNode | BlankNode)
        yield Quad(report, NamedNode(SH + "result"), result)
        for name in _COMPARED:
            if name != "resultPath":
                yield from _quads(graph, result, name)
        # Results about one path may share the blank node that describes it or have one each.
        for path in graph.all(result, SH + "resultPath"):
            node = BlankNode() if isinstance(path, BlankNode) else path
            assert isinstance(result, NamedNode | BlankNode)
            yield Quad(result, NamedNode(SH + "resultPath"), node)
            yield from _path(graph, path, node)


def _quads(graph: Graph, node: Term, name: str) -> Iterator[Quad]:
    assert isinstance(node, NamedNode | BlankNode)
    for term in graph.all(node, SH + name):
        yield Quad(node, NamedNode(SH + name), term)


def _path(graph: Graph, path: Term, copy: Term) -> Iterator[Quad]:
    """What describes a path that is not one property (https://www.w3.org/TR/shacl/#property-paths), of a copy."""
    if not isinstance(copy, BlankNode):
        return
    operators = ("alternative", "inverse", "zeroOrMore", "oneOrMore", "zeroOrOne")
    for name in (RDF + "first", RDF + "rest", *(f"{SH}{operator}Path" for operator in operators)):
        for term in graph.all(path, name):
            below = BlankNode() if isinstance(term, BlankNode) else term
            yield Quad(copy, NamedNode(name), below)
            yield from _path(graph, term, below)
