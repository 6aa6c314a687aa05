"""JSON-LD: a context from the ontology, and documents that read back as the same triples with it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib.compare import isomorphic

from bpsgraph.formats import FORMATS
from bpsgraph.library import bundled
from bpsgraph.publishing import jsonld
from bpsgraph.publishing.documents import document
from bpsgraph.publishing.jsonld import Context, context_of
from bpsgraph.serialisation import text
from bpsgraph.sources import ONTOLOGY_GRAPH
from bpsgraph.store import EmbeddedStore, Store, open_store
from bpsgraph.terms import BASE, BPS, RDF, SKOS, XSD

# rdflib 7.6 calls what it has deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

THINGS = (
    "item/legal-aid",
    "catalogue/140500/2021",
    "provision/140500/2021/elderly-health-management",
    "guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/primary-school-students",
    "target/public-services-plan-14th/elderly-care-beds",
    "query/gaps/missing-items",
    "unit/yuan-per-student-year",
)


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as store:
        yield store


@pytest.fixture(scope="module")
def context(store: Store) -> Context:
    return context_of(store.graph(ONTOLOGY_GRAPH))


def read_back(written: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=written, format="json-ld")


@pytest.mark.parametrize("key", THINGS)
def test_a_document_reads_back_as_the_same_triples(store: Store, context: Context, key: str) -> None:
    for profile in document(store, bundled(), BASE + key).profiles:
        found = document(store, bundled(), BASE + key, profile)
        written = jsonld.text(found.triples, context, found.thing)
        expected = rdflib.Graph().parse(data=text(found.triples, FORMATS["ntriples"]), format="nt")
        assert set(read_back(written)) == set(expected)
        assert {quad.triple for quad in parse(written, RdfFormat.JSON_LD)} == set(found.triples)
        # The part of the context that it carries means the same as the whole.
        whole = json.dumps(json.loads(written) | {"@context": context.written()})
        assert set(read_back(whole)) == set(expected)


def test_the_thing_stands_at_the_top_in_plain_words(store: Store, context: Context) -> None:
    found = document(store, bundled(), BASE + "item/legal-aid")
    read = json.loads(jsonld.text(found.triples, context, found.thing))
    assert read["@id"] == BASE + "item/legal-aid"
    assert read["prefLabel"] == {"en": "Legal aid", "zh": "法律援助"}
    assert read["category"] == BASE + "category/18"
    assert read["order"] == 60
    assert "bps:ServiceItem" in read["@type"]
    used = set(read["@context"])
    assert "leadAgency" not in used
    assert used >= {"@version", "bps", "skos", "category", "prefLabel"}


def test_the_ontology_with_its_blank_nodes_reads_back(store: Store, context: Context) -> None:
    triples = store.graph(ONTOLOGY_GRAPH)
    expected = rdflib.Graph().parse(data=text(triples, FORMATS["ntriples"]), format="nt")
    assert isomorphic(read_back(jsonld.text(triples, context)), expected)


def test_values_that_a_name_does_not_expect_stay_what_they_are(context: Context) -> None:
    s, integer = NamedNode(BASE + "s"), NamedNode(XSD + "integer")
    said: list[tuple[str, NamedNode | Literal]] = [
        (SKOS + "prefLabel", Literal("no language")),
        (SKOS + "prefLabel", Literal("名", language="zh")),
        (SKOS + "altLabel", Literal("一", language="zh")),
        (SKOS + "altLabel", Literal("二", language="zh")),
        (BPS + "leadAgency", Literal("a name, not an agency")),
        (BPS + "leadAgency", NamedNode(BASE + "agency/1")),
        (BPS + "order", Literal("007", datatype=integer)),
        (BPS + "order", Literal("7", datatype=integer)),
        (BPS + "order", Literal("12345678901234567890", datatype=integer)),
        (BPS + "value", Literal("1250.0", datatype=NamedNode(XSD + "decimal"))),
        (BPS + "value", Literal("plain")),
        (BPS + "validFrom", Literal("2024", datatype=NamedNode(XSD + "gYear"))),
        ("https://example.org/a/b", Literal("true", datatype=NamedNode(XSD + "boolean"))),
        ("https://example.org/a/b", Literal("@id")),
        (RDF + "type", NamedNode("https://example.org/Class")),
    ]
    triples = {Triple(s, NamedNode(predicate), term) for predicate, term in said}
    written = jsonld.text(triples, context, s.value)
    assert {quad.triple for quad in parse(written, RdfFormat.JSON_LD)} == triples


def test_the_version_is_that_of_the_content(store: Store, context: Context) -> None:
    triples = store.graph(ONTOLOGY_GRAPH)
    assert context_of(triples).version == context.version
    less = [t for t in triples if t.subject != NamedNode(BPS + "leadAgency")]
    assert context_of(less).version != context.version
    # Every property of the ontology has a name in it, but for those that are called like a prefix.
    properties = {
        str(t.subject).strip("<>").removeprefix(BPS)
        for t in triples
        if t.predicate.value == RDF + "type"
        and str(t.object).endswith(("#ObjectProperty>", "#DatatypeProperty>"))
        and str(t.subject).startswith(f"<{BPS}")
    }
    assert properties - set(context.written()) == set()
