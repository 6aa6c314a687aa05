"""The SPARQL endpoint as it describes itself (https://www.w3.org/TR/sparql11-service-description/).

Everything has an IRI below that of the endpoint, so that the same service gives the same triples.
"""

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from bpsgraph.results import Triples
from bpsgraph.terms import RDF_TYPE, short

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_SIMPLE = NamedNode("http://www.w3.org/ns/entailment/Simple")
RESULT_FORMATS = (
    *("SPARQL_Results_XML", "SPARQL_Results_JSON", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)
"""The answers to be had, by their names in https://www.w3.org/ns/formats/."""
INPUT_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def service_description(endpoint: str, *, writable: bool = False, graphs: Iterable[str] = ()) -> Triples:
    """What the endpoint with this IRI can do, and which named graphs it has, by their IRIs.

    A query sees the union of the graphs as its default graph unless it or its request names a dataset.
    Updates are spoken of only where the server is `writable`. Raises `ValueError` where a name is no IRI.
    """
    return Triples(frozenset(_described(endpoint, writable, graphs)))


def _described(endpoint: str, writable: bool, graphs: Iterable[str]) -> Iterator[Triple]:
    service = NamedNode(endpoint + "#service")
    dataset = NamedNode(endpoint + "#dataset")
    union = NamedNode(endpoint + "#union")
    yield Triple(service, RDF_TYPE, _term("Service"))
    yield Triple(service, _term("endpoint"), NamedNode(endpoint))
    yield Triple(service, _term("supportedLanguage"), _term("SPARQL11Query"))
    yield Triple(service, _term("feature"), _term("UnionDefaultGraph"))
    yield Triple(service, _term("defaultEntailmentRegime"), _SIMPLE)
    for name in RESULT_FORMATS:
        yield Triple(service, _term("resultFormat"), NamedNode(_FORMATS + name))
    if writable:
        yield Triple(service, _term("supportedLanguage"), _term("SPARQL11Update"))
        for name in INPUT_FORMATS:
            yield Triple(service, _term("inputFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, _term("defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, _term("Dataset"))
    yield Triple(dataset, _term("defaultGraph"), union)
    yield Triple(union, RDF_TYPE, _term("Graph"))
    for graph in sorted(set(graphs)):
        named = NamedNode(f"{endpoint}#{short(graph)}")
        yield Triple(dataset, _term("namedGraph"), named)
        yield Triple(named, RDF_TYPE, _term("NamedGraph"))
        yield Triple(named, _term("name"), NamedNode(graph))


def _term(name: str) -> NamedNode:
    return NamedNode(SD + name)
