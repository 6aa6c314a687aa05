"""Rows as the W3C writes them, and reports as every format takes them."""

import csv
import json
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import (
    CoverageVerdict,
    Finding,
    Operand,
    Report,
    Rows,
    Severity,
    Text,
    Triples,
    Verdict,
    fingerprint,
)
from bpsgraph.store import EmbeddedStore, select
from bpsgraph.terms import BASE, BPS, GRAPH, SKOS, XSD, Term, expand, short

text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)
iris = st.from_regex(r"https://example\.org/[a-z]{0,5}", fullmatch=True).map(ox.NamedNode)
literals = st.one_of(
    text.map(ox.Literal),
    text.map(lambda words: ox.Literal(words, language="zh")),
    st.decimals(-1000, 1000, places=2).map(
        lambda number: ox.Literal(str(number), datatype=ox.NamedNode(XSD + "decimal"))
    ),
)
terms: st.SearchStrategy[Term | None] = st.one_of(iris, literals, st.just(ox.BlankNode("b")), st.none())


def oxigraph_answer(rows: Rows) -> ox.QuerySolutions:
    """The same table as pyoxigraph reads it, which has serialisers of its own."""
    answer = ox.parse_query_results(rows.to_json(), ox.QueryResultsFormat.JSON)
    assert isinstance(answer, ox.QuerySolutions)
    return answer


@given(st.lists(st.tuples(terms, terms), max_size=4))
def test_rows_are_written_as_pyoxigraph_writes_them(table: list[tuple[Term | None, Term | None]]) -> None:
    rows = Rows(("a", "b"), tuple(table))
    assert tuple(tuple(solution) for solution in oxigraph_answer(rows)) == rows.rows
    ours = list(csv.reader(rows.to_csv().splitlines(keepends=True)))
    theirs = oxigraph_answer(rows).serialize(format=ox.QueryResultsFormat.CSV)
    assert theirs is not None
    assert ours == list(csv.reader(theirs.decode().splitlines(keepends=True)))


@given(st.lists(st.tuples(iris, literals), max_size=4))
@example([(ox.NamedNode("x:a"), ox.Literal('tab\t, line\n, "quote" and \\'))])
def test_tsv_reads_back(table: list[tuple[Term, Term]]) -> None:
    rows = Rows(("a", "b"), tuple(table))
    answer = ox.parse_query_results(rows.to_tsv(), ox.QueryResultsFormat.TSV)
    assert isinstance(answer, ox.QuerySolutions)
    assert tuple(tuple(solution) for solution in answer) == rows.rows


def test_rows_iterate_as_dictionaries() -> None:
    rows = Rows(("a", "b"), ((ox.Literal("1"), None), (ox.Literal("2"), ox.Literal("3"))))
    assert len(rows) == 2
    assert next(iter(rows)) == {"a": ox.Literal("1"), "b": None}


def test_the_hash_of_a_graph_is_of_its_content() -> None:
    triples = [ox.Triple(ox.NamedNode("x:a"), ox.NamedNode("x:p"), ox.Literal(str(n))) for n in range(9)]
    whole = Triples(frozenset(triples)).content_hash()
    assert whole == Triples(frozenset(reversed(triples))).content_hash()
    assert whole != Triples(frozenset(triples[1:])).content_hash()
    assert whole.startswith("sha256:")
    with pytest.raises(ValueError, match="blank"):
        Triples(frozenset({ox.Triple(ox.BlankNode(), ox.NamedNode("x:p"), ox.Literal("1"))})).content_hash()


@given(st.lists(st.tuples(iris, iris, iris | literals), max_size=4))
@example(
    [(ox.NamedNode("x:a"), ox.NamedNode("x:p"), ox.Literal(' .\n<x:b> <x:p> "c" . ', language="en"))] * 2
)
def test_triples_of_a_text_are_those_that_were_written(
    parts: list[tuple[ox.NamedNode, ox.NamedNode, Term]],
) -> None:
    triples = [ox.Triple(*each) for each in parts]
    expected, text = Triples(frozenset(triples)), ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    found = Triples.of_text(text or b"")
    assert (len(found), found.distinct_terms) == (len(expected), expected.distinct_terms)
    for predicate, object in {(each[1], each[2]) for each in parts}:
        for asked in ((), [object] if isinstance(object, ox.NamedNode) else ()):
            assert found.having(predicate, asked) == expected.having(predicate, asked)
    assert found == expected


def finding(severity: Severity = Severity.VIOLATION) -> Finding:
    return Finding(
        rule="baseline-below",
        severity=severity,
        message=Text(zh="低于国家标准", en="below the national standard"),
        focus=BASE + "guarantee/140500/2021/x/y",
        fingerprint=fingerprint("baseline-below", "140500/2021", "x", "y"),
        item=Text(zh="法律援助", en="Legal aid"),
        as_of=date(2024, 6, 1),
        line=12,
    )


VERDICT = Verdict(
    catalogue=BASE + "catalogue/140500/2021",
    item=Text("一", "one"),
    measure=Text("二", "two"),
    value_verdict=ValueVerdict.BELOW,
    coverage_verdict=CoverageVerdict.SAME,
    rule="value",
    floor=Operand(guarantee=BASE + "guarantee/100000/2023/x/y", kind="fixed", amount=Decimal("720.0")),
    valid_from=date(2023, 2, 1),
)


def test_a_finding_has_the_published_fields() -> None:
    assert list(finding().to_dict()) == [
        *[
            "rule",
            "severity",
            "message",
            "focus",
            "fingerprint",
            "item",
            "path",
            "value",
            "expected",
            "source",
        ],
        *["verification", "catalogue", "edition", "asOf", "sheet", "cell", "row", "line", "fix"],
        *["waived", "repair"],
    ]


def report_of(findings: tuple[Finding, ...]) -> Report:
    return Report(
        file="a.ttl",
        catalogue=None,
        title=Text("某县清单", "the catalogue of a county"),
        compared_with=Text("2023年版", "the edition of 2023"),
        self_sourced=0,
        findings=findings,
        verdicts=(VERDICT,),
    )


def test_a_report_is_ready_for_json() -> None:
    report = report_of((finding(),))
    said = json.loads(json.dumps(report.to_dict()))
    assert said["findings"][0]["severity"] == "violation"
    assert said["findings"][0]["message"] == {"zh": "低于国家标准", "en": "below the national standard"}
    assert said["findings"][0]["asOf"] == "2024-06-01"
    assert said["verdicts"][0]["valueVerdict"] == "below"
    assert said["verdicts"][0]["floor"]["amount"] == "720.0"
    assert said["verdicts"][0]["floor"]["statedAs"] is None


def test_a_report_counts_and_says_whether_it_fails() -> None:
    report = report_of((finding(Severity.WARNING), finding(Severity.WARNING), finding(Severity.INFO)))
    assert list(report.counts().items()) == [
        (Severity.VIOLATION, 0),
        (Severity.WARNING, 2),
        (Severity.INFO, 1),
    ]
    assert report.verdict_counts()[ValueVerdict.BELOW] == 1
    assert report.verdict_counts()[ValueVerdict.MEETS] == 0
    assert [report.fails(at) for at in (Severity.VIOLATION, Severity.WARNING, Severity.INFO, None)] == [
        *[False, True, True, False]
    ]


def test_findings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        finding().rule = "other"  # type: ignore[misc]


def test_a_fingerprint_is_pinned_and_differs_with_each_part() -> None:
    assert fingerprint("r", "c", "i", "m", "s") == fingerprint("r", "c", "i", "m", "s") == "3285a0757583c1a2"
    parts = ["r", "c", "i", "m", "s"]
    changed = {fingerprint(*[part + "x" * (n == m) for m, part in enumerate(parts)]) for n in range(5)}
    assert len(changed | {fingerprint(*parts)}) == 6
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_text_in_a_language() -> None:
    assert Text("中", "E").in_language("en") == "E"
    assert Text("中", "E").in_language("zh") == "中"


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        (BASE + "item/legal-aid", "item/legal-aid"),
        (GRAPH + "divisions", "graph/divisions"),
        (BPS + "Catalogue", "bps:Catalogue"),
        (SKOS + "prefLabel", "skos:prefLabel"),
        ("https://example.org/x", "https://example.org/x"),
    ],
)
def test_iris_are_written_short_and_expanded_again(iri: str, written: str) -> None:
    assert short(iri) == written
    assert expand(written) == iri


def test_numbers_keep_their_type_through_a_store() -> None:
    with EmbeddedStore.in_memory() as store:
        rows = select(store, "SELECT (1.5 AS ?n) WHERE {}")
    assert rows.to_tsv() == '?n\n"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>\n'
