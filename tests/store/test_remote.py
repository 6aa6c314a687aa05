"""The remote store: the contract on servers of Oxigraph and Virtuoso, and what is particular to a server."""

from collections.abc import Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadQuery, StoreUnavailable
from bpsgraph.results import Rows, Triples
from bpsgraph.store.base import Store, select
from bpsgraph.store.remote import RemoteStore
from bpsgraph.terms import SOURCE_HASH, WAS_DERIVED_FROM, XSD
from sparql_servers import oxigraph
from store_contract import ONE, TWO, A, B, StoreContract, label


class OnAServer(StoreContract):
    """What holds of every remote store, beside the contract."""

    def test_what_was_derived_from_another_state_goes_with_it(self, store: RemoteStore) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [*derived_from_one(store), label(B, "二")])
        assert store.query("ASK { <item/b> ?p ?o }") is True
        store.replace_graph(ONE, [label(A, "一")])
        assert store.graphs() == [ONE, TWO]
        store.replace_graph(ONE, [label(A, "他")])
        assert store.graphs() == [ONE]
        assert store.query("ASK { <item/b> ?p ?o }") is False

    def test_what_is_derived_from_another_state_is_outside_of_the_union(self, store: RemoteStore) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        stale = derived_from_one(store)
        store.replace_graph(ONE, [label(A, "他")])
        store.replace_graph(TWO, [*stale, label(B, "二")])
        assert len(store.graph(TWO)) == 3
        assert store.query("ASK { <item/b> ?p ?o }") is False

    def test_triples_by_their_terms(self, store: RemoteStore) -> None:
        store.replace_graph(ONE, [label(A, "一"), label(B, "二")])
        store.replace_graph(TWO, [label(A, "一")])
        assert list(store.triples(A)) == [label(A, "一")]
        assert list(store.triples(None, None, Literal("二", language="zh"))) == [label(B, "二")]
        assert list(store.triples(*label(A, "一"))) == [label(A, "一")]
        assert len(list(store.triples())) == 2
        assert sorted(quad.graph_name.value for quad in store.said_of(A)) == [ONE, TWO]  # type: ignore[union-attr]
        with pytest.raises(BadQuery, match="blank node"):
            list(store.triples(BlankNode()))

    def test_values_are_written_in_one_way(self, store: RemoteStore) -> None:
        values = [
            ("true", "boolean"),
            ("0", "boolean"),
            ("12.50", "decimal"),
            ("7", "integer"),
            ("2024-02-01", "date"),
        ]
        typed = [Literal(value, datatype=NamedNode(XSD + kind)) for value, kind in values]
        store.replace_graph(
            ONE, [Triple(A, NamedNode(f"urn:p{place}"), value) for place, value in enumerate(typed)]
        )
        expected = ["true", "false", "12.5", "7", "2024-02-01"]
        found = select(store, "SELECT ?o { <item/a> ?p ?o } ORDER BY ?p")
        assert [row["o"].value for row in found if isinstance(row["o"], Literal)] == expected
        assert {triple.object.value for triple in store.graph(ONE)} == set(expected)  # type: ignore[union-attr]

    def test_a_closed_store_says_so(self, store: RemoteStore) -> None:
        store.close()
        store.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            store.graphs()


def derived_from_one(store: Store) -> set[Triple]:
    graph = NamedNode(TWO)
    return {
        Triple(graph, WAS_DERIVED_FROM, NamedNode(ONE)),
        Triple(graph, SOURCE_HASH, Literal(store.graph(ONE).content_hash())),
    }


class TestOxigraph(OnAServer):
    @pytest.fixture
    def store(self, on_oxigraph: Endpoint) -> Iterator[RemoteStore]:
        with RemoteStore.open(on_oxigraph) as store:
            yield store


class TestVirtuoso(OnAServer):
    @pytest.fixture
    def store(self, on_virtuoso: Endpoint) -> Iterator[RemoteStore]:
        with RemoteStore.open(on_virtuoso) as store:
            yield store


@pytest.fixture(scope="module")
def union_url() -> Iterator[str]:
    with oxigraph("--union-default-graph") as url:
        yield url


class TestUnionOfTheEngine(OnAServer):
    """Oxigraph asked for its own union, which gives a triple once for each graph: what then holds."""

    @pytest.fixture
    def store(self, union_url: str) -> Iterator[RemoteStore]:
        with RemoteStore.open(Endpoint(url=union_url, union="engine")) as store:
            for graph in store.graphs():
                store.remove_graph(graph)
            yield store

    def test_a_triple_of_two_graphs_counts_once_and_stays_while_one_of_them_has_it(
        self, store: Store
    ) -> None:
        store.replace_graph(ONE, [label(A, "一"), label(B, "二")])
        store.replace_graph(TWO, [label(A, "一")])
        # Twice, which is why the union is kept elsewhere and why `doctor` counts.
        assert select(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").to_csv() == "n\r\n3\r\n"
        store.replace_graph(ONE, [label(B, "三")])
        assert store.query("CONSTRUCT WHERE { ?s ?p ?o }") == Triples(
            frozenset({label(A, "一"), label(B, "三")})
        )

    def test_queries_see_the_union_of_the_graphs_and_the_graphs_by_name(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(B, "二")])
        union = select(store, "SELECT ?s ?o WHERE { ?s skos:prefLabel ?o } ORDER BY ?s")
        assert union.rows == ((A, Literal("一", language="zh")), (B, Literal("二", language="zh")))

    def test_a_dataset_is_the_graphs_that_are_named_and_no_others(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "一"), label(B, "二")])
        both = store.query("SELECT ?o { ?s ?p ?o } ORDER BY ?o", default_graphs=[ONE, TWO])
        assert both == Rows(("o",), ((Literal("一", language="zh"),), (Literal("二", language="zh"),)))

    def test_what_is_derived_from_another_state_is_outside_of_the_union(self, store: RemoteStore) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        stale = derived_from_one(store)
        store.replace_graph(ONE, [label(A, "他")])
        store.replace_graph(TWO, [*stale, label(B, "二")])
        # It would be in this union, so it is not taken at all.
        assert store.graphs() == [ONE]
        assert store.query("ASK { <item/b> ?p ?o }") is False
