"""The ontology closes without contradiction, and the rules for data say what owlrl says of a county."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from owlrl import OWLRL_Semantics
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from bpsgraph.building import build
from bpsgraph.closing import CLOSURE_GRAPH, close_data
from bpsgraph.errors import InconsistentOntology
from bpsgraph.library import Library
from bpsgraph.reasoning import ONTOLOGY_CLOSURE_GRAPH, close_ontology
from bpsgraph.sources import ONTOLOGY_GRAPH, Sources, find_sources
from bpsgraph.store import open_store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import expand

ROOT = Path(__file__).resolve().parents[1]
COUNTY = ROOT / "tests/reasoning/county.ttl"
LIBRARY = Library(ROOT / "queries")
RULES = {name: LIBRARY[name].text for name in LIBRARY if name.startswith("derive/closure/")}


def triples_of(*files: Path) -> list[Triple]:
    return [quad.triple for file in files for quad in parse(path=file, format=RdfFormat.TURTLE)]


def turtle(text: str) -> list[Triple]:
    prefixes = """@base <https://w3id.org/bps/id/> . @prefix bps: <https://w3id.org/bps/ns#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."""
    return [quad.triple for quad in parse(prefixes + text, RdfFormat.TURTLE)]


def triple(subject: str, predicate: str, object_: str) -> Triple:
    return Triple(NamedNode(expand(subject)), NamedNode(expand(predicate)), NamedNode(expand(object_)))


@pytest.fixture(scope="module")
def ontology() -> list[Triple]:
    return triples_of(*find_sources(ROOT).ontology())


@pytest.fixture(scope="module")
def closure(ontology: list[Triple]) -> list[Triple]:
    return close_ontology(ontology)


@pytest.fixture
def store(ontology: list[Triple], closure: list[Triple]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.in_memory() as store:
        store.replace_graph(ONTOLOGY_GRAPH, ontology)
        store.replace_graph(ONTOLOGY_CLOSURE_GRAPH, closure)
        yield store


def test_the_bundled_ontology_is_consistent_and_its_closure_tells_only_news(
    ontology: list[Triple], closure: list[Triple]
) -> None:
    assert closure == sorted(set(closure) - set(ontology), key=str)
    assert triple("bps:NationalBaseline", "rdfs:subClassOf", "dcat:Resource") in closure
    assert triple("bps:category", "rdfs:subPropertyOf", "skos:broaderTransitive") in closure
    assert triple("scheme/kind", "skos:hasTopConcept", "kind/quantity") in closure
    logic = tuple(expand(f"{prefix}:") for prefix in ("owl", "rdf", "rdfs", "xsd"))
    for each in closure:
        assert isinstance(each.subject, NamedNode)
        assert isinstance(each.object, NamedNode)
        assert each.subject != each.object
        assert not each.subject.value.startswith(logic)
        assert not each.object.value.startswith(logic)


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ("<kind/fixed> a bps:Unit, bps:Measure .", ["bps:Unit", "bps:Measure", "kind/fixed"]),
        ("<scheme/kind> skos:broader <x> ; a skos:Concept .", ["skos:Concept", "scheme/kind"]),
        ("<x> bps:within <y> . <y> a bps:Agency .", ["bps:Agency", "bps:Jurisdiction", "y"]),
        (
            "bps:Muddle rdfs:subClassOf bps:NationalBaseline, bps:Guarantee .",
            ["bps:Muddle", "bps:Catalogue", "bps:Guarantee"],
        ),
    ],
)
def test_a_contradiction_fails_and_is_named(ontology: list[Triple], planted: str, named: list[str]) -> None:
    with pytest.raises(InconsistentOntology) as caught:
        close_ontology(ontology + turtle(planted))
    for name in named:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("bps:Provision", "cpsv:PublicService"),
        ("bps:Agency", "cv:PublicOrganisation"),
        ("bps:Agency", "org:Organization"),
        ("bps:Agency", "prov:Agent"),
        ("bps:Catalogue", "dcat:Resource"),
        ("bps:Pilot", "prov:Entity"),
        ("bps:Standard", "eli:LegalResource"),
        ("bps:Observation", "qb:Observation"),
        ("bps:Unit", "qudt:Unit"),
    ],
)
def test_classes_reach_the_vocabularies_they_are_aligned_with(
    ontology: list[Triple], closure: list[Triple], ours: str, theirs: str
) -> None:
    assert triple(ours, "rdfs:subClassOf", theirs) in [*ontology, *closure]


def owlrl_closure(triples: list[Triple]) -> set[Triple]:
    graph = rdflib.Graph()
    graph.parse(data="\n".join(f"{each} ." for each in triples), format="nt")
    semantics = OWLRL_Semantics(graph, axioms=False, daxioms=False)
    semantics.closure()
    assert semantics.error_messages == []
    return {
        Triple(NamedNode(str(subject)), NamedNode(str(predicate)), NamedNode(str(object_)))
        for subject, predicate, object_ in graph
        if isinstance(subject, rdflib.URIRef) and isinstance(object_, rdflib.URIRef)
    }


def is_ruled(each: Triple) -> bool:
    """Whether the triple is of the kind that the rules derive; the rest is left out on purpose.

    Left out are classes and properties of other vocabularies, inverses, and types that follow from domains
    and ranges alone (the checks `outside-domain` and `outside-range` refuse data that would need them).
    """
    ours = (expand("bps:"), expand("skos:"))
    assert isinstance(each.subject, NamedNode)
    assert isinstance(each.object, NamedNode)
    if not each.subject.value.startswith(expand("")):
        return False
    if each.predicate == NamedNode(expand("rdf:type")):
        return each.object.value.startswith(ours)
    inverses = [expand(name) for name in ("bps:contains", "skos:narrower", "skos:hasTopConcept")]
    return each.predicate.value.startswith(ours) and each.predicate.value not in inverses


def test_at_the_size_of_a_county_the_rules_say_what_owlrl_says(
    store: EmbeddedStore, ontology: list[Triple]
) -> None:
    data = triples_of(COUNTY)
    store.replace_graph(expand("graph/county"), data)
    close_data(store, RULES)
    ours = {*ontology, *store.graph(ONTOLOGY_CLOSURE_GRAPH), *data, *store.graph(CLOSURE_GRAPH)}
    named = {
        each for each in ours if isinstance(each.subject, NamedNode) and isinstance(each.object, NamedNode)
    }
    ours = {each for each in named if is_ruled(each)}
    assert {each.predicate for each in ours} >= {
        NamedNode(expand("bps:within")),
        NamedNode(expand("rdf:type")),
    }
    assert ours == {each for each in owlrl_closure(ontology + data) if is_ruled(each)}


def test_the_closure_of_data_says_only_what_was_not_said(store: EmbeddedStore) -> None:
    data = triples_of(COUNTY)
    store.replace_graph(expand("graph/county"), data)
    count = close_data(store, RULES)
    closure = set(store.graph(CLOSURE_GRAPH))
    assert count == len(closure)
    assert not closure & set(data)
    assert {
        triple("jurisdiction/140524", "bps:within", "jurisdiction/100000"),
        triple("segment/rural-boarders", "skos:broaderTransitive", "segment/residents"),
        triple("item/nutrition", "skos:broaderTransitive", "domain/2"),
        triple("catalogue/100000/2021", "rdf:type", "bps:Catalogue"),
    } <= closure
    assert triple("catalogue/100000/2021", "rdf:type", "dcat:Dataset") not in closure


def test_what_no_longer_follows_is_forgotten(store: EmbeddedStore) -> None:
    store.replace_graph(expand("graph/places"), turtle("<a> bps:within <b> . <b> bps:within <c> ."))
    close_data(store, RULES)
    assert triple("a", "bps:within", "c") in set(store.graph(CLOSURE_GRAPH))
    store.replace_graph(expand("graph/places"), turtle("<a> bps:within <b> ."))
    close_data(store, RULES)
    assert triple("a", "bps:within", "c") not in set(store.graph(CLOSURE_GRAPH))


def small_sources(folder: Path, ontology: str) -> Sources:
    (folder / "ontology").mkdir(parents=True)
    (folder / "ontology/terms.ttl").write_text(ontology, encoding="utf-8")
    (folder / "data/ttl").mkdir(parents=True)
    shutil.copy(COUNTY, folder / "data/ttl/county.ttl")
    shutil.copytree(ROOT / "queries/derive", folder / "queries/derive")
    return find_sources(folder)


def test_a_build_holds_both_closures_and_a_contradiction_leaves_the_old_store(tmp_path: Path) -> None:
    consistent = """@prefix bps: <https://w3id.org/bps/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . bps:within a owl:TransitiveProperty .
    bps:Sub rdfs:subClassOf bps:Middle . bps:Middle rdfs:subClassOf bps:Top .
    """
    build(tmp_path / "store", small_sources(tmp_path / "one", consistent))
    contradicted = consistent + "bps:Middle owl:disjointWith bps:Top ."
    with pytest.raises(InconsistentOntology, match=r"below the disjoint classes bps:Middle and bps:Top"):
        build(tmp_path / "store", small_sources(tmp_path / "two", contradicted))
    with open_store(tmp_path / "store") as store:
        assert set(store.graph(ONTOLOGY_CLOSURE_GRAPH)) == {triple("bps:Sub", "rdfs:subClassOf", "bps:Top")}
        assert triple("jurisdiction/140524", "bps:within", "jurisdiction/100000") in set(
            store.graph(CLOSURE_GRAPH)
        )
