"""Every saved query against its data, in the embedded store and in rdflib; what it may not be: test_lint.py."""

import csv
import shutil
import warnings
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, parse

from bpsgraph.errors import BadParameter, MalformedFile
from bpsgraph.library import Library, catalogue_triples, choices, query
from bpsgraph.library.algebra import algebra
from bpsgraph.library.cases import Case, ask_embedded, cases, differences
from bpsgraph.library.docs import page
from bpsgraph.library.values import Value
from bpsgraph.results import Rows
from bpsgraph.store import EmbeddedStore, select
from bpsgraph.terms import BASE, Term
from sampling import one_of_each, some

ROOT = Path(__file__).parents[1]
LIBRARY = Library(ROOT / "queries")
CASES = list(cases(ROOT / "tests" / "queries"))


def ask_rdflib(data: Path, text: str) -> Rows:
    # The store answers from the union of its graphs.
    named = data.suffix == ".trig"
    graph = rdflib.Dataset(default_union=True) if named else rdflib.Graph()
    with warnings.catch_warnings():
        # rdflib 7.6 calls what it has deprecated itself.
        warnings.simplefilter("ignore", DeprecationWarning)
        graph.parse(data, format="trig" if named else "turtle", publicID=BASE)
        answer: Any = graph.query(text, base=BASE)
        rows = tuple(tuple(_term(value) for value in row) for row in answer)
    return Rows(tuple(str(variable) for variable in answer.vars), rows)


def _term(value: Any) -> Term | None:
    if value is None:
        return None
    return NamedNode(str(value)) if isinstance(value, rdflib.URIRef) else Literal(str(value))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.query}:{case.name}")
def test_the_rows_are_those_expected(case: Case) -> None:
    assert differences(case, LIBRARY, ask_embedded) == []


@pytest.mark.parametrize(
    "case", some(one_of_each(CASES, attrgetter("query")), 55), ids=lambda case: f"{case.query}:{case.name}"
)
def test_rdflib_gives_the_same_rows(case: Case) -> None:
    assert differences(case, LIBRARY, ask_rdflib) == []


def test_every_saved_query_has_a_case_and_every_case_a_query() -> None:
    assert {case.query for case in CASES} == {saved.name for saved in LIBRARY.of_kind("query")}


@pytest.mark.parametrize("case", [case for case in CASES if case.name == ""], ids=lambda case: case.query)
def test_one_changed_value_fails(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / case.query
    shutil.copytree(case.expected.parent, folder)
    [copy] = [one for one in cases(tmp_path) if one.name == ""]
    assert differences(copy, LIBRARY) == []
    with copy.expected.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][0] += "x"
    with copy.expected.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    assert len(differences(copy, LIBRARY)) == 3


def test_order_counts_where_the_query_orders(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "queries" / "items" / "all", tmp_path / "items" / "all")
    [case] = [one for one in cases(tmp_path) if one.name == ""]
    heading, *rows = case.expected.read_text(encoding="utf-8").splitlines()
    case.expected.write_text("\n".join([heading, *reversed(rows)]), encoding="utf-8")
    assert differences(case, LIBRARY) == ["the rows are right and their order is not"]


def test_data_that_cannot_be_read_name_their_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "queries" / "items" / "all", tmp_path / "items" / "all")
    [case] = [one for one in cases(tmp_path) if one.name == ""]
    case.data.write_text("broken <", encoding="utf-8")
    with pytest.raises(MalformedFile, match=r"data\.ttl.* is no Turtle"):
        differences(case, LIBRARY)


@pytest.mark.parametrize("name", some(LIBRARY, 55))
def test_rdflib_reads_it(name: str) -> None:
    algebra(LIBRARY[name].text)


@pytest.mark.parametrize("name", list(LIBRARY))
def test_the_store_reads_it_and_rows_have_an_order(name: str) -> None:
    saved = LIBRARY[name]
    assert saved.scan.form == "CONSTRUCT" or saved.scan.ordered


# --- the library as a whole ---


def test_the_catalogue_can_be_asked() -> None:
    store = EmbeddedStore.in_memory()
    triples = catalogue_triples(LIBRARY)
    assert triples == sorted(set(triples), key=str)
    store.replace_graph("https://w3id.org/bps/graph/queries", triples)
    rows = select(
        store,
        """PREFIX dct: <http://purl.org/dc/terms/> PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT ?name ?optional ?select WHERE {
          ?query a sh:SPARQLSelectExecutable ; dct:identifier ?name ; sh:select ?select ;
            sh:parameter [ sh:name "list" ; sh:optional ?optional ] }""",
    )
    [row] = rows.rows
    assert [str(term) for term in row[:2]] == ['"vocabulary/codes"', str(Literal(False))]
    assert isinstance(row[2], Literal)
    assert row[2].value == LIBRARY["vocabulary/codes"].text
    rows = select(
        store,
        """PREFIX csvw: <http://www.w3.org/ns/csvw#> PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT ?name ?title WHERE {
          <https://w3id.org/bps/id/query/floors/below-floor> csvw:tableSchema/csvw:column ?column .
          ?column csvw:name ?name ; csvw:title ?title ; sh:order ?order FILTER(LANG(?title) = "zh") }
        ORDER BY ?order""",
    )
    columns = [(column.name, column.label.zh) for column in LIBRARY["floors/below-floor"].columns]
    assert [(row["name"].value, row["title"].value) for row in rows] == columns  # type: ignore[union-attr]


def test_rows_by_name_from_python() -> None:
    store = EmbeddedStore.in_memory()
    data = ROOT / "tests" / "queries" / "gaps" / "missing-items" / "data.ttl"
    store.replace_graph("urn:g", [quad.triple for quad in parse(path=data, base_iri=BASE)])
    rows = query(store, "gaps/missing-items", jurisdiction="140500", date="2023-08-08")
    assert [row["item"] for row in rows] == [NamedNode(BASE + "item/legal-aid")]


def test_choices_come_from_the_store() -> None:
    store = EmbeddedStore.in_memory()
    codes = ROOT / "ontology" / "codelists" / "verification.ttl"
    store.replace_graph("urn:g", [quad.triple for quad in parse(path=codes)])
    [verification, _] = LIBRARY["provenance/recalled-cells"].parameters
    offered = choices(store, LIBRARY, verification)
    assert [choice.typed for choice in offered] == [
        "inferred",
        "paraphrase",
        "recalled",
        "restated",
        "verbatim",
    ]
    assert offered[0].label.zh == "推断"
    with pytest.raises(BadParameter, match="did you mean recalled"):
        query(store, "provenance/recalled-cells", verification="recaled")


class _Noting(EmbeddedStore):
    """A store that remembers what it was asked."""

    asked: list[str]

    def query(self, text: str, **datasets: Any) -> Any:
        self.asked = [*getattr(self, "asked", []), text]
        return super().query(text, **datasets)


@pytest.mark.parametrize(
    ("name", "parameter", "listing", "good", "known", "unknown"),
    [
        ("floors/below-floor", "jurisdiction", "catalogues/places", "140500", "530127", "140501"),
        (
            "catalogues/promises",
            "catalogue",
            "catalogues/titles",
            "140500/2021",
            "140500/2019",
            "140500/2012",
        ),
    ],
)
def test_a_value_is_found_among_thousands_without_listing_them(
    name: str, parameter: str, listing: str, good: str, known: str, unknown: str
) -> None:
    store = _Noting.in_memory()
    text = """
        INSERT DATA { GRAPH <urn:g> {
          <catalogue/140500/2021> bps:jurisdiction <jurisdiction/140500> ; bps:edition "2021" .
          <catalogue/140500/2019> dct:title "of no place" .
          <agency/530127/education-bureau> bps:jurisdiction <jurisdiction/530127> .
        } }
    """
    store.update(text)
    store.update("INSERT { ?s ?p ?o } WHERE { GRAPH <urn:g> { ?s ?p ?o } }")
    query(store, name, **{parameter: good})
    assert LIBRARY[listing].text not in store.asked
    twice: list[Value] = [good, good]
    query(store, name, **{parameter: twice})
    with pytest.raises(BadParameter, match="is known and has nothing here"):
        query(store, name, **{parameter: known})
    with pytest.raises(BadParameter, match=f"did you mean {good}"):
        query(store, name, **{parameter: [*twice, unknown]})
    assert LIBRARY[listing].text in store.asked


def test_the_page_of_queries_is_current() -> None:
    written = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    assert written == page(written, LIBRARY), "run: python -m bpsgraph.library.docs"
