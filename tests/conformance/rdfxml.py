"""The RDF/XML suite, through what reads uploads: `bpsgraph.ingest.rdf.parse`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pyoxigraph import Quad

from bpsgraph.errors import BpsError
from bpsgraph.formats import FORMATS
from bpsgraph.ingest.rdf import parse
from conformance.comparing import same_graph
from conformance.manifests import MF, Case, Kind, Place, Problem, entries, name_of


def cases(place: Place) -> Iterator[Case]:
    """Every test: files that have to be read as stated, and files that have to be refused."""
    for graph, entry in entries(place, place.root / "rdf-xml" / "manifest.ttl"):
        action = place.file(graph.one(entry, MF + "action"))
        result = graph.one(entry, MF + "result")
        kinds = {kind.rpartition("#")[2] for kind in graph.types(entry)}
        run = partial(_refused, place, action)
        if "TestXMLEval" in kinds:
            run = partial(_read, place, action, place.file(result))
        yield Case("rdf-xml", name_of(entry), run)


def _read(place: Place, file: Path, expected: Path) -> Problem | None:
    try:
        found = parse(file.read_bytes(), file.name, FORMATS["rdfxml"], base=place.iri(file))
    except BpsError as error:
        return Problem(Kind.REFUSED, str(error))
    wanted = place.triples(expected)
    if same_graph(
        [Quad(t.subject, t.predicate, t.object) for t in found],
        [Quad(t.subject, t.predicate, t.object) for t in wanted],
    ):
        return None
    return Problem(Kind.ANSWER, f"gives {len(found)} triples, not those expected ({len(wanted)})")


def _refused(place: Place, file: Path) -> Problem | None:
    try:
        parse(file.read_bytes(), file.name, FORMATS["rdfxml"], base=place.iri(file))
    except BpsError:
        return None
    return Problem(Kind.ACCEPTED)
