"""What a submission is judged against is read as quickly in a large country as in a small one."""

from collections.abc import Iterator
from typing import Any

from pyoxigraph import NamedNode, Quad, Triple

from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.library import Library
from bpsgraph.results import Difference, Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.changed import Changed
from bpsgraph.terms import BASE, BPS, DCT, GRAPH
from bpsgraph.validation.context import Surroundings

LIBRARY = Library(find_sources().root / "queries")
HEAD = f"BASE <{BASE}>\nPREFIX bps: <{BPS}>\nPREFIX dct: <{DCT}>\n"
TEXTS = """
<catalogue/100000/2023> dct:source <document/rules> .
<provision/100000/2023/meals/school> bps:catalogue <catalogue/100000/2023> ; bps:item <item/meals> ;
  bps:guarantee <guarantee/100000/2023/meals/school/pupils> .
<guarantee/100000/2023/meals/school/pupils> bps:measure <measure/meal-subsidy> ;
  bps:follows <guarantee/100000/2023/meals/school/all> .
<guarantee/100000/2023/meals/school/all> bps:measure <measure/meal-subsidy> .
"""
# What each city that refers to the document repeats of it, and what is found lacking in a county.
REPEATED = """
<guarantee/100000/2023/meals/school/pupils> bps:amount 5 ; bps:divisor 1 ; bps:kind <kind/perDay> .
<guarantee/100000/2023/meals/school/all> bps:amount 4 ; bps:divisor 1 .
"""
SHORT = (
    "<verdict/{0}> bps:shortOf <catalogue/100000/2023> ; bps:floor <guarantee/100000/2023/meals/school/all> ."
)


class Counting(EmbeddedStore):
    """A store that counts the quads that are read of it."""

    read = 0

    def statements(self, *terms: Any, **named: Any) -> Iterator[Quad]:
        for quad in super().statements(*terms, **named):
            self.read += 1
            yield quad

    def triples(self, *terms: Any, **named: Any) -> Iterator[Triple]:
        for triple in super().triples(*terms, **named):
            self.read += 1
            yield triple


def triples(text: str) -> Triples:
    return Triples(frozenset(parse((HEAD + text).encode(), "text", FORMATS["turtle"])))


def country(cities: int) -> Counting:
    store = Counting.in_memory()
    store.replace_graph(f"{GRAPH}catalogue/100000/2023", triples(TEXTS))
    store.replace_graph(f"{GRAPH}quantities/100000/2023", triples(REPEATED))
    for city in range(cities):
        store.replace_graph(f"{GRAPH}floors/{city:06}", triples(REPEATED))
        store.replace_graph(f"{GRAPH}verdicts/{city:06}/2023", triples(SHORT.format(city)))
    return store


def referenced(store: EmbeddedStore | Changed) -> frozenset[Triple]:
    return Surroundings(store, LIBRARY).referenced(
        {NamedNode(f"{BASE}document/rules")}, {NamedNode(f"{BASE}item/meals")}
    )


def test_what_a_document_states_is_read_as_often_however_many_cities_repeat_it() -> None:
    read = set()
    for cities in (2, 60):
        with country(cities) as store:
            expected = referenced(store)
            store.read = 0
            assert referenced(Changed(store, {})) == expected
            read.add(store.read)
    assert len(read) == 1


def test_what_is_said_is_gone_once_no_graph_says_it() -> None:
    (lost,) = triples("<guarantee/100000/2023/meals/school/pupils> bps:amount 5 .")
    (new,) = triples("<guarantee/100000/2023/meals/school/all> bps:lowerAmount 3 .")
    own, repeated = f"{GRAPH}quantities/100000/2023", f"{GRAPH}floors/000000"
    with country(1) as store:
        before = referenced(store)
        lose = Difference(removed=frozenset({lost}))
        assert lost in referenced(Changed(store, {own: lose}))
        changes = {own: Difference(frozenset({lost}), frozenset({new})), repeated: lose}
        found = referenced(Changed(store, changes))
        assert found == (before - {lost}) | {new}
        store.alter(changes)
        assert found == referenced(store)
