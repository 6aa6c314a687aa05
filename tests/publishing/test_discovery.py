"""What machines read first: the catalogue of data sets as outside judges want it, and counts that are true."""

from datetime import UTC, datetime

import pyshacl
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.formats import FORMATS
from bpsgraph.library import bundled
from bpsgraph.publishing.datasets import datasets
from bpsgraph.publishing.discovery import Published, dcat, void
from bpsgraph.publishing.discovery.description import CATALOG, WHOLE, typed
from bpsgraph.publishing.dumps import dumps_of, is_derived, summed
from bpsgraph.results import Triples
from bpsgraph.serialisation import text
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, select
from bpsgraph.store.journal import CATALOGUES, CHANGES, change_iri
from bpsgraph.terms import BASE, BPS, PREFIXES, PROV, RDF_TYPE, Term
from judges import shapes_of_others

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

SITE = "https://data.example/bps"
DCAT = PREFIXES["dcat"]
VOID = "http://rdfs.org/ns/void#"
SHACL = rdflib.Namespace(PREFIXES["sh"])


def values(triples: Triples, subject: str, predicate: str) -> set[Term]:
    return {
        t.object  # type: ignore[misc]
        for t in triples
        if t.subject == NamedNode(subject) and t.predicate.value == predicate
    }


@pytest.fixture(scope="module")
def published(national_store: EmbeddedStore) -> Published:
    dumps = dumps_of(national_store.graphs())
    few = [dump for dump in dumps if dump.name.startswith(("graph/catalogue/140500", "graph/pilots"))]
    return Published(datasets(national_store, bundled()), dumps, summed(national_store, few), SITE)


def test_the_catalogue_conforms_to_dcat_ap(published: Published) -> None:
    shapes = rdflib.Graph().parse(shapes_of_others("dcat-ap-3.0.1-shacl.ttl"))
    # Two shapes are named in that file and are not in it.
    for owner, shape in list(shapes.subject_objects(SHACL.property)):
        if (shape, SHACL.path, None) not in shapes:
            shapes.remove((owner, SHACL.property, shape))

    def conforms(triples: set[Triple]) -> tuple[bool, str]:
        graph = rdflib.Graph().parse(data=text(triples, FORMATS["ntriples"]), format="nt")
        judged, _, words = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
        return judged, words

    triples = set(dcat(published))
    judged, words = conforms(triples)
    assert judged, words
    # The judge is awake: it misses the title of a data set.
    title, pilots = PREFIXES["dct"] + "title", NamedNode("https://w3id.org/bps/graph/pilots")
    judged, _ = conforms({t for t in triples if (t.subject, t.predicate.value) != (pilots, title)})
    assert not judged


def test_each_graph_of_the_data_is_a_data_set(published: Published) -> None:
    described = {dataset.graph for dataset in published.datasets}
    assert described == set(find_sources().data().values())
    assert not any(map(is_derived, described))
    for dataset in published.datasets:
        assert dataset.title.zh
        assert dataset.title.en
        assert dataset.description.zh


def test_a_catalogue_is_described_by_what_it_says(published: Published) -> None:
    triples, iri = dcat(published), BASE + "catalogue/140500/2021"
    assert values(triples, iri, DCAT + "version") == {Literal("2021")}
    assert values(triples, iri, PREFIXES["dct"] + "spatial") == {NamedNode(BASE + "jurisdiction/140500")}
    assert values(triples, iri, DCAT + "theme") == {NamedNode(f"{BASE}domain/{n}") for n in (2, 5)}
    # What nobody says is not there.
    assert not [t for t in triples if t.predicate.value == PREFIXES["dct"] + "accrualPeriodicity"]
    [file] = [
        node.value
        for node in values(triples, iri, DCAT + "distribution")
        if isinstance(node, NamedNode) and node.value.endswith(".ttl.gz")
    ]
    [size] = values(triples, file, DCAT + "byteSize")
    assert int(str(size.value)) == published.sums["graph/catalogue/140500/2021.ttl.gz"].size
    [address] = values(triples, file, DCAT + "downloadURL")
    assert address == NamedNode(SITE + "/dumps/graph/catalogue/140500/2021.ttl.gz")


def test_void_counts_what_is_in_the_store(national_store: EmbeddedStore, published: Published) -> None:
    triples = void(national_store, bundled(), published)

    def count(subject: str, name: str) -> int:
        [found] = values(triples, subject, VOID + name)
        return int(str(found.value))

    assert count(WHOLE, "triples") == len(national_store)
    every = list(national_store.triples())
    assert count(WHOLE, "distinctSubjects") == len({triple.subject for triple in every})
    assert count(WHOLE, "distinctObjects") == len({triple.object for triple in every})
    used = {triple.predicate for triple in every}
    assert count(WHOLE, "properties") == len(used)
    partitions = values(triples, WHOLE, VOID + "propertyPartition")
    assert sum(count(str(one.value), "triples") for one in partitions) == len(every)
    assert {
        property for one in partitions for property in values(triples, str(one.value), VOID + "property")
    } == used
    partitions = values(triples, WHOLE, VOID + "classPartition")
    assert count(WHOLE, "classes") == len(partitions)
    items = len(select(national_store, "SELECT ?i WHERE { ?i a bps:ServiceItem }"))
    assert items == next(
        count(str(one.value), "entities")
        for one in partitions
        if values(triples, str(one.value), VOID + "class") == {NamedNode(PREFIXES["bps"] + "ServiceItem")}
    )
    for example in values(triples, WHOLE, VOID + "exampleResource"):
        assert any(national_store.triples(NamedNode(str(example.value))))


def test_an_accepted_catalogue_says_when() -> None:
    store = EmbeddedStore.in_memory()
    catalogue, change = NamedNode(BASE + "catalogue/371323/2021"), NamedNode(change_iri(1))
    store.replace_graph(
        CATALOGUES + "371323/2021", [Triple(catalogue, RDF_TYPE, NamedNode(BPS + "Catalogue"))]
    )
    said = [
        Triple(change, RDF_TYPE, NamedNode(BPS + "Acceptance")),
        Triple(change, NamedNode(PROV + "generated"), catalogue),
        Triple(change, NamedNode(PROV + "endedAtTime"), typed("2026-03-01T12:00:00Z", "dateTime")),
    ]
    store.replace_graph(CHANGES + "1", said)
    [dataset] = datasets(store, bundled())
    assert dataset.accepted == datetime(2026, 3, 1, 12, tzinfo=UTC)
    triples = dcat(Published((dataset,), dumps_of(store.graphs()), {}))
    assert {str(one.value)[:10] for one in values(triples, CATALOG, PREFIXES["dct"] + "modified")} == {
        "2026-03-01"
    }
