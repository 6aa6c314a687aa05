"""Running the shapes: pyshifty for speed, pyshacl as the reference, behind one function.

Both are given the same triples and have to give the same results; the tests hold them to it. SHACL is
https://www.w3.org/TR/shacl/; a result is what its section 3.6.2 requires.
"""

import logging
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode as OxBlankNode
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from bpsgraph import opening
from bpsgraph.errors import BadParameter
from bpsgraph.ingest.rdf import malformed
from bpsgraph.terms import Term
from bpsgraph.validation.permitted import check_shapes

if TYPE_CHECKING:
    import rdflib
    import shifty

SH = "http://www.w3.org/ns/shacl#"


class Engine(StrEnum):
    """What finds: the queries in SPARQL (`auto`, `sparql`), or an engine for the shapes that say the same."""

    AUTO = "auto"
    PYSHIFTY = "pyshifty"
    PYSHACL = "pyshacl"
    SPARQL = "sparql"


@dataclass(frozen=True, slots=True)
class Result:
    """One result: which shape, about which node, and the path and value where there are any.

    The path is left out where it is more than one property, since each engine describes such a path anew.
    """

    shape: str
    focus: Term
    path: NamedNode | None
    value: Term | None


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """The shapes of some files as one graph; every label of a blank node belongs to its file."""

    triples: tuple[Triple, ...]

    @classmethod
    def read(cls, files: Iterable[Path]) -> "ShapesGraph":
        """All triples of the Turtle files; raises `UnreadableFile` and `MalformedFile` (`check_shapes`)."""
        return _read(tuple(files))


@lru_cache(maxsize=4)
def _read(files: tuple[Path, ...]) -> ShapesGraph:
    return ShapesGraph(tuple(triple for file in files for triple in _triples(file)))


def _triples(file: Path) -> list[Triple]:
    try:
        quads = parse(opening.content(file), format=RdfFormat.TURTLE, rename_blank_nodes=True)
        triples = [quad.triple for quad in quads]
    except SyntaxError as error:
        raise malformed(error, str(file)) from error
    check_shapes(triples, str(file))
    return triples


def run_shapes(
    shapes: ShapesGraph,
    data: Sequence[Triple],
    engine: Engine = Engine.AUTO,
    *,
    focus: Collection[Term] | None = None,
) -> set[Result]:
    """The results of judging the data by the shapes; where `focus` is given, those about its nodes only.

    Raises `BadParameter` where the engine asked for is not installed or runs no shapes.
    """
    # pyshacl could be told the nodes itself, but then it passes what it finds in shapes within shapes (0.40).
    results = _results(report_of(shapes, data, engine))
    return results if focus is None else {result for result in results if result.focus in focus}


def report_of(shapes: ShapesGraph, data: Sequence[Triple], engine: Engine = Engine.AUTO) -> "rdflib.Graph":
    """The validation report of an engine as it gives it (https://www.w3.org/TR/shacl/#validation-report).

    Raises `BadParameter` where the engine asked for is not installed or runs no shapes, and `RuntimeError`
    where it cannot run all of them.
    """
    if engine is Engine.SPARQL:
        raise BadParameter("engine", "sparql runs no shapes", "use pyshifty or pyshacl")
    if engine is Engine.AUTO:
        engine = Engine.PYSHIFTY if find_spec("shifty") else Engine.PYSHACL
    if engine is Engine.PYSHIFTY and not find_spec("shifty"):
        raise BadParameter("engine", "pyshifty is not installed here", "use pyshacl, or install pyshifty")
    run = _run_pyshifty if engine is Engine.PYSHIFTY else _run_pyshacl
    with _quiet_about_literals():
        return run(shapes, data)


def _run_pyshifty(shapes: ShapesGraph, data: Sequence[Triple]) -> "rdflib.Graph":
    with warnings.catch_warnings():
        # A shape that could not run must not look like one that passed.
        warnings.simplefilter("error")
        _, report, _ = _prepared(shapes).validate(
            _n_triples(data), graph_mode="data", infer=False, sort_results=False, on_unsupported="error"
        )
    return report


@lru_cache(maxsize=4)
def _prepared(shapes: ShapesGraph) -> "shifty.PreparedValidator":
    import shifty

    validator = shifty.PreparedValidator(_n_triples(shapes.triples))
    if validator.diagnostics:
        raise RuntimeError(f"pyshifty cannot run all shapes: {'; '.join(validator.diagnostics)}")
    return validator


def _run_pyshacl(shapes: ShapesGraph, data: Sequence[Triple]) -> "rdflib.Graph":
    import pyshacl

    _, report, text = pyshacl.validate(
        _graph_that_reads_a_query_once(data),
        shacl_graph=_shapes_graph(shapes),
        inference="none",
        advanced=False,
        js=False,
        do_owl_imports=False,
        # The graph is this call's own, and a copy would be a plain one.
        inplace=True,
    )
    if isinstance(report, Exception):
        raise RuntimeError(f"pyshacl cannot run the shapes: {text}") from report
    return report  # type: ignore[no-any-return]


@lru_cache(maxsize=4)
def _shapes_graph(shapes: ShapesGraph) -> "rdflib.Graph":
    return _rdflib_graph(shapes.triples)


def _graph_that_reads_a_query_once(data: Sequence[Triple]) -> "rdflib.Graph":
    """The data as a graph that parses each query once: pyshacl asks it anew for every focus node."""
    import rdflib
    from rdflib.plugins.sparql import prepareQuery

    read = lru_cache(maxsize=None)(prepareQuery)

    class Graph(rdflib.Graph):
        def query(self, query_object: Any, *args: Any, **others: Any) -> "rdflib.query.Result":
            # pyshacl writes the prefixes into the text, so that the text says everything.
            prepared = read(query_object) if isinstance(query_object, str) else query_object
            return super().query(prepared, *args, **others)

    return Graph().parse(_n_triples(data), format="nt")


def _results(report: "rdflib.Graph") -> set[Result]:
    from rdflib import RDF, URIRef

    results = set()
    for node in report.subjects(RDF.type, URIRef(SH + "ValidationResult")):
        about = {name: report.value(node, URIRef(SH + name)) for name in ("sourceShape", "focusNode")}
        path, value = (_term(report.value(node, URIRef(SH + name))) for name in ("resultPath", "value"))
        focus = _term(about["focusNode"])
        assert focus is not None, "SHACL requires a focus node of every result"
        single = path if isinstance(path, NamedNode) else None
        results.add(Result(str(about["sourceShape"]), focus, single, value))
    return results


def _term(term: "rdflib.term.Node | None") -> Term | None:
    """The term as pyoxigraph has it, so that results of both engines are equal where they say the same."""
    from rdflib import BNode, Literal, URIRef

    if term is None:
        return None
    if isinstance(term, URIRef):
        return NamedNode(str(term))
    if isinstance(term, BNode):
        return OxBlankNode(str(term))
    assert isinstance(term, Literal)
    if term.language:
        return OxLiteral(str(term), language=term.language)
    return OxLiteral(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)


@contextmanager
def _quiet_about_literals() -> Iterator[None]:
    """Malformed literals stay as they are written and are not logged: the shapes say what is wrong.

    rdflib would log each with a traceback, and make `false` of a boolean that is neither true nor false.
    """
    import rdflib

    logger = logging.getLogger("rdflib.term")
    before = logger.disabled, rdflib.NORMALIZE_LITERALS
    logger.disabled, rdflib.NORMALIZE_LITERALS = True, False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="(Serializing|Parsing) weird")
            yield
    finally:
        logger.disabled, rdflib.NORMALIZE_LITERALS = before


def _n_triples(triples: Iterable[Triple]) -> bytes:
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None
    return text


def _rdflib_graph(triples: Iterable[Triple]) -> "rdflib.Graph":
    import rdflib

    return rdflib.Graph().parse(_n_triples(triples), format="nt")
