"""Each rule of the lint: a query that it refuses, and the same question as it should be asked."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, Query, load_query
from bpsgraph.library.lint import CODES, Remark, lint, lint_answers, lint_query
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import BASE, SKOS
from sampling import some

ROOT = Path(__file__).parents[1]
LIBRARY = Library(ROOT / "queries")
PROLOGUE = "BASE <https://w3id.org/bps/id/>\nPREFIX bps: <https://w3id.org/bps/ns#>\n"


@dataclass(frozen=True)
class Example:
    """Two bodies below `SELECT ?c … WHERE`: one that is refused, one that is not."""

    bad: str
    good: str
    select: str = "?c"
    columns: str = "c: {zh: 清单, en: catalogue}"


LISTED = "?c a bps:Catalogue . ?p bps:catalogue ?c ; bps:item ?i"
EXAMPLES = {
    "triples-unconnected": Example("{ ?c a bps:Catalogue . ?i a bps:ServiceItem }", f"{{ {LISTED} }}"),
    "groups-unconnected": Example(
        "{ { ?c a bps:Catalogue } { ?i a bps:ServiceItem } }",
        "{ { ?c a bps:Catalogue } { ?p bps:catalogue ?c } }",
    ),
    "optional-unconnected": Example(
        "{ ?c a bps:Catalogue OPTIONAL { ?c bps:baseline ?b } OPTIONAL { ?b bps:edition ?e } }",
        "{ ?c a bps:Catalogue OPTIONAL { ?c bps:baseline ?b OPTIONAL { ?b bps:edition ?e } } }",
    ),
    "exists-unconnected": Example(
        "{ ?c a bps:Catalogue FILTER NOT EXISTS { ?p bps:edition ?e } }",
        "{ ?c a bps:Catalogue FILTER NOT EXISTS { ?c bps:edition ?e } }",
    ),
    "minus-unconnected": Example(
        "{ ?c a bps:Catalogue MINUS { ?p a bps:Provision } }",
        "{ ?c a bps:Catalogue MINUS { ?p a bps:Provision ; bps:catalogue ?c } }",
    ),
    "values-in-exists": Example(
        "{ ?c a bps:Catalogue FILTER NOT EXISTS { VALUES ?e { 1 } ?c bps:edition ?e } }",
        "{ VALUES ?e { 1 } ?c a bps:Catalogue FILTER NOT EXISTS { ?c bps:edition ?e } }",
    ),
    "path-unbound": Example(
        "{ ?c bps:within* ?above }", "{ ?c bps:within* ?above . ?above a bps:Jurisdiction }"
    ),
    "whole-store": Example("{ ?c ?p ?o }", "{ ?c ?p ?o ; a bps:Catalogue }"),
    "function-foreign": Example(
        "{ ?c bps:edition ?e FILTER(<http://www.w3.org/2001/XMLSchema#date>(?e) = ?e) }",
        "{ ?c bps:edition ?e FILTER(<http://www.w3.org/2001/XMLSchema#integer>(?e) = ?e) }",
    ),
    "blank-node": Example(
        "{ ?c bps:baseline _:b . _:b a bps:Catalogue }", "{ ?c bps:baseline [ a bps:Catalogue ] }"
    ),
    "not-repeatable": Example(
        "{ ?c bps:validFrom ?day FILTER(?day < NOW()) }",
        '{ ?c bps:validFrom ?now FILTER(STR(?now) != "NOW") }',
    ),
    "concatenation-unordered": Example(
        "{ SELECT ?c (GROUP_CONCAT(?t) AS ?all) WHERE { ?c bps:edition ?t } GROUP BY ?c }",
        "{ SELECT ?c (GROUP_CONCAT(?t) AS ?all) WHERE "
        "{ { SELECT ?c ?t WHERE { ?c bps:edition ?t } ORDER BY ?c ?t } } GROUP BY ?c }",
    ),
    "order-missing": Example("{ ?c a bps:Catalogue } # ORDER BY ?c", "{ ?c a bps:Catalogue }"),
    "key-missing": Example("{ ?c a bps:Catalogue }", "{ ?c a bps:Catalogue }"),
    "denominator-missing": Example(
        f"{{ {{ SELECT ?c (COUNT(?i) AS ?k) WHERE {{ {LISTED} }} GROUP BY ?c }} BIND(COALESCE(?k, 0) AS ?n) }}",
        f"{{ {{ SELECT ?c (MAX(?i) AS ?n) WHERE {{ {LISTED} }} GROUP BY ?c }} }}",
        "?c ?n",
        "c: {zh: 清单, en: catalogue}\n#+   n: {zh: 数, en: number}",
    ),
    "not-sparql-1.1": Example(
        "{ ?c a bps:Catalogue FILTER(isTRIPLE(?c)) }", "{ ?c a bps:Catalogue FILTER(isIRI(?c)) }"
    ),
}
# Of these a single text cannot be an example; each has a test of its own below.
OF_SEVERAL = {"same-but-constants", "order-ties", "key-repeated", "label-missing"}


def written(
    folder: Path, body: str, select: str, columns: str, name: str = "catalogues/test", *, key: str = "[c]"
) -> Query:
    header = "#+ summary: {zh: 问, en: question}\n#+ description: {zh: 行, en: rows}\n#+ tags: [test]\n"
    header += f"#+ columns:\n#+   {columns}\n" + (f"#+ key: {key}\n" if key else "")
    path = folder / f"{name}.rq"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{header}{PROLOGUE}SELECT {select} WHERE {body}\n", encoding="utf-8")
    return load_query(path, name)


def codes(remarks: list[Remark]) -> set[str]:
    return {remark.code for remark in remarks}


def test_every_rule_has_an_example_and_stands_on_the_page() -> None:
    assert set(EXAMPLES) | OF_SEVERAL == set(CODES)
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    assert [code for code in CODES if f"| `{code}` |" not in page] == []


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_rule_sees_what_it_is_about_and_nothing_else(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    order = "" if code == "order-missing" else "\nORDER BY ?c"
    key = "" if code == "key-missing" else "[c]"
    bad = written(tmp_path, example.bad + order, example.select, example.columns, key=key)
    assert codes(lint_query(bad)) == {code}
    [remark] = lint_query(bad)
    assert str(remark).startswith("catalogues/test: ")
    assert remark.cure
    good = written(tmp_path, example.good + "\nORDER BY ?c", example.select, example.columns)
    assert lint_query(good) == []


@pytest.mark.parametrize("more", [", of: m}", ", whole: true}"])
def test_a_number_says_of_how_many_or_that_it_is_the_whole(more: str, tmp_path: Path) -> None:
    body = f"SELECT ?c (COUNT(?i) AS ?n) (COUNT(?p) AS ?m) WHERE {{ {LISTED} }} GROUP BY ?c"
    body = f"{{ {{ {body} }} }} ORDER BY ?c"
    columns = "c: {zh: 清单, en: c}\n#+   n: {zh: 数, en: n%s\n#+   m: {zh: 数, en: m, whole: true}"
    assert lint_query(written(tmp_path, body, "?c ?n ?m", columns % more)) == []
    refused = lint_query(written(tmp_path, body, "?c ?n ?m", columns % "}"))
    assert ["?n" in remark.problem for remark in refused] == [True]


def test_a_query_that_is_another_but_for_constants_and_names_is_refused(tmp_path: Path) -> None:
    columns = "c: {zh: 清单, en: catalogue}"
    written(tmp_path, "{ ?c bps:edition ?e FILTER(?e = 2021) } ORDER BY ?c", "?c", columns, "a/first")
    written(tmp_path, "{ ?c bps:edition ?x FILTER(?x = 2023) } ORDER BY ?c", "?c", columns, "b/second")
    written(tmp_path, "{ ?c bps:validFrom ?x FILTER(?x = 2023) } ORDER BY ?c", "?c", columns, "c/third")
    remarks = lint(Library(tmp_path))
    assert [(remark.code, remark.query) for remark in remarks] == [("same-but-constants", "b/second")]
    assert "a/first" in remarks[0].problem
    assert lint(Library(tmp_path), ["c/third"]) == []


def test_the_rows_tell_of_ties_keys_that_are_none_and_things_without_names(tmp_path: Path) -> None:
    store = EmbeddedStore.in_memory()
    item, label = NamedNode(BASE + "item/a"), NamedNode(SKOS + "prefLabel")
    triples = [Triple(item, label, Literal(word, language="zh")) for word in ("甲", "乙")]
    store.replace_graph("urn:g", triples)
    body, columns = (
        f"{{ ?c <{SKOS}prefLabel> ?%s }} ORDER BY ?c",
        "c: {zh: 事项, en: item}\n#+   %s: {zh: 名, en: n}",
    )
    bad = written(tmp_path, body % "word", "?c ?word", columns % "word")
    assert codes(lint_answers(store, bad)) == {"order-ties", "key-repeated", "label-missing"}
    good = written(tmp_path, body % "c_zh" + " ?c_zh", "?c ?c_zh", columns % "c_zh", key="[c, c_zh]")
    assert lint_answers(store, good) == []
    hidden = written(tmp_path, body % "c_zh" + " ?c_zh", "DISTINCT ?c", "c: {zh: 事项, en: item}")
    assert codes(lint_answers(store, hidden)) == {"label-missing"}


def test_no_saved_query_is_remarked() -> None:
    assert [str(remark) for remark in lint(LIBRARY, some(LIBRARY, 50))] == []


def test_no_answer_of_a_saved_query_is_remarked(built: Path) -> None:
    with open_store(built) as store:
        remarks = [str(remark) for name in some(LIBRARY, 60) for remark in lint_answers(store, LIBRARY[name])]
    assert remarks == []
