"""What a submission is judged against is read as quickly in a large country as in a small one."""

from collections.abc import Iterator
from typing import Any

import pytest
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
from bpsgraph.validation.workspaces import Workspaces

LIBRARY = Library(find_sources().root / "queries")
DOCUMENT, ITEM = NamedNode(f"{BASE}document/rules"), NamedNode(f"{BASE}item/meals")
HEAD = f"BASE <{BASE}>\nPREFIX bps: <{BPS}>\nPREFIX dct: <{DCT}>\n"
TEXTS = """
<catalogue/330000/2023> dct:source <document/rules> .
<provision/330000/2023/meals/school> bps:catalogue <catalogue/330000/2023> ; bps:item <item/meals> ;
  bps:guarantee <guarantee/330000/2023/meals/school/pupils> .
<guarantee/330000/2023/meals/school/pupils> bps:measure <measure/meal-subsidy> ;
  bps:follows <guarantee/330000/2023/meals/school/all> .
<guarantee/330000/2023/meals/school/all> bps:measure <measure/meal-subsidy> .
<provision/330000/2023/meals/bare> bps:catalogue <catalogue/330000/2023> ; bps:item <item/meals> ;
  bps:guarantee <guarantee/330000/2023/meals/bare/all> .
"""
# What each city that refers to the document repeats of it, and what is found lacking in a county.
REPEATED = """
<guarantee/330000/2023/meals/school/pupils> bps:amount 5 ; bps:divisor 1 ; bps:kind <kind/perDay> .
<guarantee/330000/2023/meals/school/all> bps:amount 4 ; bps:divisor 1 .
"""
SHORT = (
    "<verdict/{0}> bps:shortOf <catalogue/330000/2023> ; bps:floor <guarantee/330000/2023/meals/school/all> ."
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
    store.replace_graph(f"{GRAPH}catalogue/330000/2023", triples(TEXTS))
    store.replace_graph(f"{GRAPH}quantities/330000/2023", triples(REPEATED))
    for city in range(cities):
        store.replace_graph(f"{GRAPH}floors/{city:06}", triples(REPEATED))
        store.replace_graph(f"{GRAPH}verdicts/{city:06}/2023", triples(SHORT.format(city)))
    return store


def referenced(store: EmbeddedStore | Changed) -> frozenset[Triple]:
    return Surroundings(store, LIBRARY).referenced({DOCUMENT}, {ITEM})


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
    (lost,) = triples("<guarantee/330000/2023/meals/school/pupils> bps:amount 5 .")
    (new,) = triples("<guarantee/330000/2023/meals/school/all> bps:lowerAmount 3 .")
    own, repeated = f"{GRAPH}quantities/330000/2023", f"{GRAPH}floors/000000"
    with country(1) as store:
        before = referenced(store)
        lose = Difference(removed=frozenset({lost}))
        assert lost in referenced(Changed(store, {own: lose}))
        changes = {own: Difference(frozenset({lost}), frozenset({new})), repeated: lose}
        found = referenced(Changed(store, changes))
        assert found == (before - {lost}) | {new}
        store.alter(changes)
        assert found == referenced(store)


DIFFERING = {
    "another county": ("catalogue/999999/2023", "<guarantee/999999/2023/x> bps:value 7 .", True),
    "its rows": (
        "catalogue/999999/2023",
        (
            "<provision/999999/2023/x> bps:catalogue <catalogue/999999/2023> ; bps:item <item/meals> ;"
            " bps:guarantee <guarantee/999999/2023/x> . <catalogue/999999/2023> dct:source <document/other> ."
        ),
        True,
    ),
    "a number": (
        "quantities/330000/2023",
        "<guarantee/330000/2023/meals/school/all> bps:lowerAmount 3 .",
        False,
    ),
    "of a promise that said nothing": (
        "quantities/330000/2023",
        "<guarantee/330000/2023/meals/bare/all> bps:amount 3 .",
        False,
    ),
    "where it leads": (
        "catalogue/330000/2023",
        "<guarantee/330000/2023/meals/school/all> bps:follows <guarantee/1> . <guarantee/1> bps:divisor 2 .",
        False,
    ),
    "a row": (
        "catalogue/330000/2023-b",
        (
            "<provision/2> bps:catalogue <catalogue/330000/2023-b> ; bps:item <item/meals> ; bps:guarantee <guarantee/2> ."
            " <guarantee/2> bps:divisor 3 ."
        ),
        False,
    ),
    "a source": ("catalogue/330000/2020", "<catalogue/330000/2020> dct:source <document/rules> .", False),
}


@pytest.mark.parametrize(("graph", "said", "same"), DIFFERING.values(), ids=DIFFERING)
def test_what_documents_state_is_asked_again_once_it_may_be_something_else(
    graph: str, said: str, same: bool
) -> None:
    with country(1) as store:
        # That has the same source, and says nothing on the item yet.
        store.replace_graph(
            f"{GRAPH}catalogue/330000/2023-b",
            triples("<catalogue/330000/2023-b> dct:source <document/rules> ."),
        )
        differences = {GRAPH + graph: Difference(added=triples(said).triples)}
        workspaces = Workspaces(store, LIBRARY)
        before = stated_in(workspaces)
        assert before == referenced(store)
        assert asked_of(workspaces) == 1
        changed = Changed(store, differences)
        workspaces.look_into(changed, changed.differences)
        assert stated_in(workspaces) == referenced(changed)
        workspaces.look_into(store)
        assert stated_in(workspaces) == before
        store.alter(differences)
        assert workspaces.follow(store, differences)
        assert stated_in(workspaces) == referenced(store)
        assert (asked_of(workspaces) == 1) is same


def stated_in(workspaces: Workspaces) -> set[Triple]:
    return set(workspaces.referenced([DOCUMENT], [ITEM]))


def asked_of(workspaces: Workspaces) -> int:
    return workspaces._references.times_asked
