"""What every store must do. A module of tests subclasses `StoreContract` and gives it a `store` fixture."""

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.errors import BadQuery
from bpsgraph.results import Rows, Triples
from bpsgraph.store import Store, ask, construct, select

ONE = "https://w3id.org/bps/graph/test/one"
TWO = "https://w3id.org/bps/graph/test/two"
A = NamedNode("https://w3id.org/bps/id/item/a")
B = NamedNode("https://w3id.org/bps/id/item/b")
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def label(subject: NamedNode, text: str) -> Triple:
    return Triple(subject, LABEL, Literal(text, language="zh"))


class StoreContract:
    def test_a_graph_holds_what_was_put_into_it(self, store: Store) -> None:
        triples = {label(A, '引号"换行\n反斜杠\\'), label(B, "法律援助")}
        store.replace_graph(ONE, triples)
        assert set(store.graph(ONE)) == triples
        assert store.graphs() == [ONE]

    def test_replacing_a_graph_leaves_nothing_of_the_old_one_and_the_others_alone(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "旧"), label(B, "旧")])
        store.replace_graph(TWO, [label(A, "他")])
        store.replace_graph(ONE, [label(A, "新")])
        assert set(store.graph(ONE)) == {label(A, "新")}
        assert set(store.graph(TWO)) == {label(A, "他")}

    def test_replacing_a_graph_with_nothing_removes_it(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "旧")])
        store.replace_graph(ONE, [])
        assert store.graphs() == []

    def test_removing_a_graph(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "二")])
        store.remove_graph(ONE)
        store.remove_graph("https://w3id.org/bps/graph/test/never-there")
        assert store.graphs() == [TWO]
        assert len(store.graph(ONE)) == 0

    def test_a_triple_of_two_graphs_counts_once_and_stays_while_one_of_them_has_it(
        self, store: Store
    ) -> None:
        store.replace_graph(ONE, [label(A, "一"), label(B, "二")])
        store.replace_graph(TWO, [label(A, "一")])
        count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
        assert select(store, count).to_csv() == "n\r\n2\r\n"
        store.replace_graph(ONE, [label(B, "三")])
        union = Triples(frozenset({label(A, "一"), label(B, "三")}))
        assert store.query("CONSTRUCT WHERE { ?s ?p ?o }") == union
        store.remove_graph(TWO)
        assert select(store, count).to_csv() == "n\r\n1\r\n"

    def test_a_blank_node_is_one_node_in_its_graph_and_in_the_union(self, store: Store) -> None:
        node = BlankNode()
        for _ in range(2):
            store.replace_graph(ONE, [Triple(A, LABEL, node), Triple(node, LABEL, Literal("x"))])
            inside = f"GRAPH <{ONE}> {{ ?n skos:prefLabel 'x' }}"
            assert store.query(f"ASK {{ <item/a> skos:prefLabel ?n {inside} }}") is True
        store.remove_graph(ONE)
        assert store.query("ASK { ?s ?p ?o }") is False

    def test_blank_nodes_of_two_graphs_never_merge(self, store: Store) -> None:
        store.replace_graph(ONE, [Triple(A, LABEL, BlankNode())])
        store.replace_graph(TWO, [Triple(A, LABEL, BlankNode())])
        rows = select(store, "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s ?p ?o }")
        assert rows.to_csv() == "n\r\n2\r\n"

    def test_queries_see_the_union_of_the_graphs_and_the_graphs_by_name(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "一"), label(B, "二")])
        union = select(store, "SELECT ?s ?o WHERE { ?s skos:prefLabel ?o } ORDER BY ?s")
        assert union.columns == ("s", "o")
        assert union.rows == ((A, Literal("一", language="zh")), (B, Literal("二", language="zh")))
        named = select(store, f"SELECT ?g WHERE {{ GRAPH ?g {{ <{A.value}> ?p ?o }} }} ORDER BY ?g")
        assert [row["g"] for row in named] == [NamedNode(ONE), NamedNode(TWO)]

    def test_a_dataset_is_the_graphs_that_are_named_and_no_others(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "一"), label(B, "二")])
        everything = "SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?o"

        def labels(**dataset: list[str]) -> list[str]:
            answer = store.query(everything, **dataset)
            assert isinstance(answer, Rows)
            return [row["o"].value for row in answer if isinstance(row["o"], Literal)]

        assert labels() == ["一"] * 3 + ["二"] * 2
        assert labels(default_graphs=[ONE]) == ["一"]
        assert labels(named_graphs=[TWO]) == ["一", "二"]
        assert labels(default_graphs=[ONE], named_graphs=[ONE]) == ["一", "一"]
        assert labels(default_graphs=[ONE, TWO]) == ["一", "二"]
        assert labels(default_graphs=[ONE, TWO], named_graphs=[ONE]) == ["一", "一", "二"]
        assert labels(default_graphs=[], named_graphs=[]) == []
        assert labels(default_graphs=["https://w3id.org/bps/graph/test/never-there"]) == []

    def test_a_dataset_holds_in_the_place_of_the_one_in_the_query(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(B, "二")])
        text = f"SELECT ?s FROM <{ONE}> FROM NAMED <{ONE}> {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        assert select(store, text).rows == ((A,), (A,))
        assert store.query(text, default_graphs=[TWO]) == Rows(("s",), ((B,),))
        assert store.query(text, named_graphs=[TWO]) == Rows(("s",), ((B,),))
        store.replace_graph("https://w3id.org/bps/graph/test/three", [label(B, "三")])
        both = [TWO, "https://w3id.org/bps/graph/test/three"]
        assert store.query(text, default_graphs=both) == Rows(("s",), ((B,), (B,)))

    @pytest.mark.parametrize(
        "form",
        [
            "SELECT ?o {from} WHERE {{ ?s ?p ?o }}",
            "SELECT ?o {from} {{ {{ SELECT ?o {{ ?s ?p ?o }} }} }}",
            "SELECT ('FROM' AS ?x) ?o # FROM <x>\n{from} {{ ?s ?p ?o FILTER(STR(?o) != ' FROM <y> ') }}",
            "PREFIX from: <https://from.example/> SELECT ?o {from} {{ ?s ?p ?o OPTIONAL {{ ?s from:x <from> }} }}",
        ],
    )
    def test_the_graphs_of_several_from_clauses_are_one_graph(self, store: Store, form: str) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "一"), label(B, "二")])
        store.replace_graph("https://w3id.org/bps/graph/test/three", [label(B, "三")])
        for clauses in (
            f"FROM <{ONE}> FROM <{TWO}>",
            f"from <../graph/test/one>\nFrom <{TWO}>",
            f"FROM graph:one FROM NAMED <{ONE}> FROM graph:two",
        ):
            text = "PREFIX graph: <https://w3id.org/bps/graph/test/> " + form.replace("{from}", clauses)
            answer = select(store, text.replace("{{", "{").replace("}}", "}"))
            assert sorted(row["o"].value for row in answer if isinstance(row["o"], Literal)) == ["一", "二"]

    def test_several_from_clauses_give_every_form_and_leave_only_the_named_graphs_they_name(
        self, store: Store
    ) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, [label(A, "一")])
        dataset = f"FROM <{ONE}> FROM <{TWO}>"
        made = store.query(f"CONSTRUCT {{ ?s ?p ?o }} {dataset} WHERE {{ ?s ?p ?o }}")
        assert made == Triples(frozenset({label(A, "一")}))
        assert store.query(f"ASK {dataset} {{ GRAPH ?g {{ ?s ?p ?o }} }}") is False
        assert store.query(f"ASK {dataset} FROM NAMED <{TWO}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") is True

    def test_a_wrong_dataset_clause_is_refused_with_its_place(self, store: Store) -> None:
        with pytest.raises(BadQuery, match=r"line 1"):
            store.query("SELECT * FROM <a> FROM unknown:b { ?s ?p ?o }")

    @pytest.mark.parametrize("iri", ["", "graph/one", "no iri"])
    def test_a_graph_of_a_dataset_is_named_by_an_iri(self, store: Store, iri: str) -> None:
        with pytest.raises(BadQuery, match="is not the IRI of a graph"):
            store.query("ASK {}", default_graphs=[iri])

    def test_unbound_columns_are_none(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        rows = select(store, "SELECT ?s ?x WHERE { ?s skos:prefLabel ?o OPTIONAL { ?s skos:broader ?x } }")
        assert list(rows) == [{"s": A, "x": None}]

    def test_each_form_of_query_has_its_kind_of_answer(self, store: Store) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        assert isinstance(store.query("SELECT * WHERE { ?s ?p ?o }"), Rows)
        assert store.query("ASK { <item/a> ?p ?o }") is True
        assert store.query("ASK { <item/b> ?p ?o }") is False
        assert store.query("CONSTRUCT WHERE { ?s ?p ?o }") == Triples(frozenset({label(A, "一")}))
        assert store.query("DESCRIBE <item/a>") == Triples(frozenset({label(A, "一")}))

    def test_a_query_of_the_wrong_form_is_refused(self, store: Store) -> None:
        with pytest.raises(BadQuery, match="a SELECT is needed"):
            select(store, "ASK {}")
        with pytest.raises(BadQuery, match="an ASK is needed"):
            ask(store, "SELECT * WHERE { ?s ?p ?o }")
        with pytest.raises(BadQuery, match="a CONSTRUCT is needed"):
            construct(store, "ASK {}")

    @pytest.mark.parametrize(
        "text",
        ["", "SELECT", "SELECT * WHERE { ?s ?p }", "DELETE WHERE { ?s ?p ?o }", "SELECT * { ?s no:x 1 }"],
    )
    def test_what_is_no_query_is_refused_and_changes_nothing(self, store: Store, text: str) -> None:
        store.replace_graph(ONE, [label(A, "一")])
        with pytest.raises(BadQuery):
            store.query(text)
        assert len(store.graph(ONE)) == 1
