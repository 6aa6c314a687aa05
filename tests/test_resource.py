"""Describing one thing: found by key, IRI, prefixed name or label, with labels and bounded inverse links."""

from collections.abc import Iterator

import pytest
from pyoxigraph import RdfFormat
from pyoxigraph import parse as parse_turtle

from bpsgraph.errors import NotFound
from bpsgraph.resource import SHOWN_LINKS, describe, find
from bpsgraph.store import EmbeddedStore, Store
from bpsgraph.terms import BASE, GRAPH, RDF_TYPE

ITEMS = """
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
bps:ServiceItem rdfs:label "service item"@en, "服务事项"@zh .
<item/legal-aid> a bps:ServiceItem ; skos:prefLabel "法律援助"@zh, "Legal aid"@en ; skos:altLabel "法援" ;
  bps:category <category/18> .
<item/vaccination> a bps:ServiceItem ; skos:prefLabel "预防接种"@zh .
<category/18> skos:prefLabel "公共法律服务"@zh .
<jurisdiction/140500> skos:prefLabel "晋城市"@zh .
<a> skos:prefLabel "同名"@zh . <b> skos:prefLabel "同名"@zh .
""" + "".join(f"<provision/{n:02}> bps:item <item/legal-aid> .\n" for n in range(12))


@pytest.fixture
def store() -> Iterator[Store]:
    with EmbeddedStore.in_memory() as store:
        store.replace_graph(GRAPH + "items", (quad.triple for quad in parse_turtle(ITEMS, RdfFormat.TURTLE)))
        yield store


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("item/legal-aid", "item/legal-aid"),
        ("https://w3id.org/bps/id/item/legal-aid", "item/legal-aid"),
        ("法律援助", "item/legal-aid"),
        ("Legal aid", "item/legal-aid"),
        ("法援", "item/legal-aid"),
        ("法律援", "item/legal-aid"),
        ("140500", "jurisdiction/140500"),
    ],
)
def test_ways_to_name_a_thing(store: Store, name: str, key: str) -> None:
    assert find(store, name) == BASE + key


def test_a_term_is_found_by_its_prefixed_name(store: Store) -> None:
    assert (
        describe(store, "bps:ServiceItem", "zh").labels["https://w3id.org/bps/ns#ServiceItem"] == "服务事项"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("item/legal-ad", "did you mean item/legal-aid"),
        ("同名", "did you mean a or b?"),
        ("999999", "give an IRI, a key"),
        ("> } DROP ALL #", "give an IRI, a key"),
        ('" || true)', "give an IRI, a key"),
        ("", "did you mean"),
    ],
)
def test_what_is_not_there_brings_what_is_near(store: Store, name: str, said: str) -> None:
    with pytest.raises(NotFound) as caught:
        find(store, name)
    assert said in str(caught.value)


def test_a_description_has_triples_labels_and_counted_links(store: Store) -> None:
    thing = describe(store, "item/legal-aid", "en")
    assert len(thing.triples) == 5
    assert thing.labels[thing.iri] == "Legal aid"
    assert thing.labels[BASE + "category/18"] == "公共法律服务"
    assert next(iter(thing.properties())) == RDF_TYPE.value
    (link,) = thing.links
    assert link.count == 12
    assert link.examples == tuple(BASE + f"provision/{n:02}" for n in range(SHOWN_LINKS))


def test_labels_are_in_the_language_asked_for(store: Store) -> None:
    assert describe(store, "item/legal-aid", "zh").labels[BASE + "item/legal-aid"] == "法律援助"
    assert describe(store, "item/vaccination", "en").labels[BASE + "item/vaccination"] == "预防接种"


def test_a_thing_that_others_only_point_to_is_found(store: Store) -> None:
    store.replace_graph(
        GRAPH + "more", (q.triple for q in parse_turtle(f"<x:a> <x:b> <{BASE}z> .", RdfFormat.TURTLE))
    )
    thing = describe(store, "z", "zh")
    assert len(thing.triples) == 0
    assert [link.count for link in thing.links] == [1]
