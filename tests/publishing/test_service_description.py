"""The endpoint describes itself: https://www.w3.org/2009/sparql/docs/tests/data-sparql11/service-description/."""

import pytest
from pyoxigraph import NamedNode

from bpsgraph import serialisation
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.publishing.discovery import service_description
from bpsgraph.publishing.discovery.service import SD
from bpsgraph.results import Triples
from bpsgraph.terms import RDF_TYPE

ENDPOINT = "https://data.example/sparql"
GRAPHS = ["https://w3id.org/bps/graph/divisions", "https://w3id.org/bps/graph/catalogue/140500/2021"]


def objects(triples: Triples, predicate: str) -> set[str]:
    return {t.object.value for t in triples if t.predicate.value == SD + predicate}  # type: ignore[union-attr]


def test_names_its_endpoint_and_its_graphs() -> None:
    said = service_description(ENDPOINT, graphs=GRAPHS)
    assert objects(said, "endpoint") == {ENDPOINT}
    assert objects(said, "name") == set(GRAPHS)
    assert objects(said, "feature") == {SD + "UnionDefaultGraph"}


@pytest.mark.parametrize("writable", [False, True])
def test_speaks_of_updates_only_where_they_are_possible(writable: bool) -> None:
    said = service_description(ENDPOINT, writable=writable)
    assert (SD + "SPARQL11Update" in objects(said, "supportedLanguage")) == writable
    assert bool(objects(said, "inputFormat")) == writable


@pytest.mark.parametrize(
    ("predicate", "domain", "range"),
    [
        ("defaultDataset", "Service", "Dataset"),
        ("defaultGraph", "Dataset", "Graph"),
        ("namedGraph", "Dataset", "NamedGraph"),
    ],
)
def test_conforms_to_the_vocabulary(predicate: str, domain: str, range: str) -> None:
    said = service_description(ENDPOINT, graphs=GRAPHS)
    types = {(t.subject, t.object) for t in said if t.predicate == RDF_TYPE}
    links = [(t.subject, t.object) for t in said if t.predicate.value == SD + predicate]
    assert links
    for subject, value in links:
        assert (subject, NamedNode(SD + domain)) in types
        assert (value, NamedNode(SD + range)) in types


@pytest.mark.parametrize("name", ["turtle", "ntriples", "rdfxml", "jsonld"])
def test_says_the_same_in_every_syntax(name: str) -> None:
    said = service_description(ENDPOINT, writable=True, graphs=GRAPHS)
    text = serialisation.text(said, FORMATS[name])
    assert text == serialisation.text(said, FORMATS[name])
    assert set(parse(text.encode(), "description", FORMATS[name])) == set(said)
