"""What we write is read back by other readers, and is the same: RDF in every format, and results of queries."""

import csv
import io
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib.query import Result

from bpsgraph import serialisation, turtle
from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.ingest.rdf import parse
from bpsgraph.results import Rows
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, open_store, select
from bpsgraph.store import answering as answering_module
from bpsgraph.store.answering import answering
from bpsgraph.store.journal import CATALOGUES, CHANGES, Journal
from bpsgraph.terms import BASE, RDF, XSD, Term
from conformance.comparing import same_graph, same_values
from conformance.serialisations import (
    RAPPER,
    READERS,
    as_written,
    disagreements,
    otherwise_read,
    quads_read_by,
)
from conftest import Run

SEED = 3
S, P = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")
ONE, TWO, THREE = BlankNode("one"), BlankNode("2b"), BlankNode("x.y")
NIL, FIRST, REST = (NamedNode(RDF + name) for name in ("nil", "first", "rest"))


def typed(kind: str, value: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + kind))


LITERALS = [
    Literal(""),
    Literal("法律援助", language="zh"),
    Literal("x", language="zh-Hant-TW"),
    Literal("q\"uo'te\\ \n\r\t end"),
    Literal("\r\n"),
    Literal("\x7f\x85\u2028\u200b"),
    Literal("𝔘😀"),
    Literal("<b>&amp;</b> ]]>"),
    Literal(" before and behind "),
    Literal('"""'),
    Literal("a\\u0041"),
    typed("integer", "1"),
    typed("integer", "+07"),
    typed("decimal", "02.50"),
    typed("decimal", ".5"),
    typed("decimal", "1."),
    typed("double", "1e5"),
    typed("boolean", "tRue"),
    typed("boolean", "1"),
    typed("date", "no day"),
    Literal("x", datatype=NamedNode("http://example.org/type#a%20b")),
]
IRIS = [
    "http://example.org/a#b",
    "http://example.org/中文/路",
    "http://example.org/a'b(c)",
    "http://example.org/?q=a&b=c",
    "http://example.org/𝔘",
    "urn:x:y",
    "mailto:a@b",
    BASE,
    BASE + "item/法律",
    BASE + "item//a",
    BASE + "a:b",
    BASE + "a/b:c",
    BASE + "?x",
    BASE + "#f",
    BASE + "/example.org/x",
    BASE + "item/.x",
    BASE + "item/x..",
    "http://www.w3.org/2004/02/skos/core#a.b",
    "http://www.w3.org/2004/02/skos/core#",
]
PREDICATES = [
    "http://example.org/a-b",
    "http://example.org/1a",
    "http://example.org/中",
    "http://example.org/a'b",
    "http://example.org/xml:lang",
    "http://example.org/a?b=c",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2004/02/skos/core#deep/er",
    "urn:p",
    RDF + "_1",
    RDF + "type",
]
SHAPES = {
    "shared": [Triple(ONE, P, TWO), Triple(S, P, TWO)],
    "cycle": [Triple(ONE, P, TWO), Triple(TWO, P, THREE), Triple(THREE, P, ONE)],
    "itself": [Triple(ONE, P, ONE)],
    "list": [
        Triple(S, P, ONE),
        Triple(ONE, FIRST, Literal("a")),
        Triple(ONE, REST, TWO),
        Triple(TWO, FIRST, S),
        Triple(TWO, REST, NIL),
    ],
    "list without a head": [Triple(ONE, FIRST, Literal("a")), Triple(ONE, REST, NIL)],
    "list that says more": [
        Triple(S, P, ONE),
        Triple(ONE, FIRST, Literal("a")),
        Triple(ONE, REST, NIL),
        Triple(ONE, P, S),
    ],
    "list that is a cycle": [Triple(S, P, ONE), Triple(TWO, FIRST, S), Triple(TWO, REST, TWO)],
    "class without a local name": [Triple(S, NamedNode(RDF + "type"), NamedNode("http://example.org/1"))],
    "class that is a blank node": [Triple(S, NamedNode(RDF + "type"), ONE)],
    "class that is a literal": [Triple(S, NamedNode(RDF + "type"), Literal("x"))],
    "nested": [
        triple
        for n in range(400)
        for triple in (
            Triple(BlankNode(f"n{n}"), P, BlankNode(f"n{n + 1}")),
            Triple(BlankNode(f"n{n}"), P, Literal(str(n))),
        )
    ],
}


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_terms_of_every_kind_are_read_back_by_other_readers(format: str) -> None:
    graph = [Triple(S, P, literal) for literal in LITERALS]
    graph += [Triple(NamedNode(iri), P, NamedNode(iri)) for iri in IRIS]
    graph += [Triple(S, NamedNode(iri), Literal("x")) for iri in PREDICATES]
    assert disagreements(graph, [format]) == []


@pytest.mark.parametrize("format", RDF_FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_blank_nodes_lists_and_classes_are_read_back_by_other_readers(shape: str, format: str) -> None:
    assert disagreements(SHAPES[shape], [format]) == []


@pytest.mark.parametrize("rest", ["../x", "./y", "item/../x", "item/..", "."])
def test_an_iri_with_dots_between_slashes_stays_as_it_is(rest: str) -> None:
    """Only for rdflib and us: Raptor takes the dots out of every IRI."""
    triple = Triple(NamedNode(BASE + rest), P, NamedNode(BASE + rest))
    text = serialisation.text([triple], FORMATS["turtle"])
    graph = rdflib.Graph().parse(data=text, format="turtle")
    assert set(graph.subjects()) == set(graph.objects()) == {rdflib.URIRef(BASE + rest)}


@pytest.mark.parametrize(
    ("triple", "said"),
    [
        (Triple(S, NamedNode("http://example.org/1"), S), "the predicate http://example.org/1"),
        (Triple(S, NamedNode("http://example.org/p#"), S), "the predicate http://example.org/p#"),
        (Triple(S, NamedNode(RDF + "li"), S), "the predicate"),
        (Triple(S, NamedNode(RDF + "Description"), S), "the predicate"),
        (Triple(S, P, Literal("a\x01b")), r"U\+0001"),
        (Triple(S, P, Literal("\ufffe")), r"U\+FFFE"),
    ],
)
def test_what_rdf_xml_cannot_say_is_refused_and_the_other_formats_say_it(triple: Triple, said: str) -> None:
    with pytest.raises(BadParameter, match=said):
        serialisation.text([triple], FORMATS["rdfxml"])
    for format in ("turtle", "ntriples", "jsonld"):
        assert serialisation.text([triple], FORMATS[format])


@pytest.mark.parametrize("shape", ["cycle", "itself", "list that is a cycle", "nested"])
def test_what_the_layout_of_turtle_has_no_place_for_is_told_and_never_left_out(shape: str) -> None:
    with pytest.raises(ValueError, match=r"give (it|one) an IRI"):
        turtle.write(SHAPES[shape])


def test_some_graphs_of_the_store_are_read_back_by_other_readers(built: Path) -> None:
    """`python -m conformance.serialisations` does so with all of them."""
    with open_store(built) as store:
        names = [name for name in store.graphs() if len(store.graph(name)) < 1_500]
        for name in random.Random(SEED).sample(names, 4):
            assert disagreements(store.graph(name)) == [], name


def test_what_commands_write_is_read_alike_by_every_reader(run: Run, tmp_path: Path) -> None:
    """Every command that writes RDF, in every format in which it does."""
    items = "CONSTRUCT { ?s skos:prefLabel ?o } WHERE { ?s a bps:ServiceItem ; skos:prefLabel ?o }"
    songming = find_sources().root / "data" / "ttl" / "local" / "530127-2020.ttl"
    files = {name: tmp_path / name for name in ("report.ttl", "report.jsonld", "patch.ttl", "converted.rdf")}
    outputs = [part for name in ("report.ttl", "report.jsonld") for part in ("-o", files[name])]
    asked = ("--as-of", "2024-06-01", "--suggest", files["patch.ttl"])
    assert run("validate", songming, *asked, *outputs).returncode == 1
    assert run("convert", songming, "-o", files["converted.rdf"]).returncode == 0
    written = [
        ("describe", "jsonld", run("describe", "item/legal-aid", "--format", "jsonld").stdout),
        ("sparql", "turtle", run("sparql", items, "--format", "turtle").stdout),
        ("query", "turtle", run("query", "items/all", "--format", "turtle").stdout),
        ("queries", "turtle", run("queries", "--format", "turtle").stdout),
    ]
    for name, file in files.items():
        format = next(format for format in RDF_FORMATS if file.suffix in FORMATS[format].suffixes)
        written.append((name, format, file.read_text(encoding="utf-8")))
    said = set(parse(songming.read_bytes(), "x", FORMATS["turtle"]))
    assert set(parse(files["converted.rdf"].read_bytes(), "x", FORMATS["rdfxml"])) == said
    for what, format, text in written:
        assert len(list(pyoxigraph.parse(text, FORMATS[format].rdf, base_iri=BASE))) > 10, what
        assert otherwise_read(text, format) == [], f"{what} as {format}"


@pytest.mark.parametrize("reader", READERS)
def test_an_entry_of_the_journal_is_read_by_other_readers(reader: str, tmp_path: Path) -> None:
    catalogue = [Triple(S, P, literal) for literal in LITERALS]
    catalogue += [Triple(NamedNode(iri), P, NamedNode(iri)) for iri in IRIS]
    journal = Journal(tmp_path / "journal")
    with journal.writing():
        number, said = journal.following()
        entry = journal.append(number, {CHANGES + str(number): said, CATALOGUES + "140500/2021": catalogue})
    text = entry.path.read_text(encoding="utf-8")
    ours = list(pyoxigraph.parse(text, pyoxigraph.RdfFormat.N_QUADS))
    assert len(ours) == len(catalogue) + len(said)
    assert same_graph(ours, quads_read_by(reader, text))


ANSWER = Rows(
    ("a", "列", "c_1"),
    (
        *((S, literal, None) for literal in LITERALS),
        *((NamedNode(iri), None, ONE) for iri in IRIS),
        (ONE, TWO, ONE),
        (None, None, None),
    ),
)


def terms(result: Result) -> list[list[str]]:
    """The rows that rdflib read; blank nodes by the order in which they come."""
    return named([binding.get(variable) for variable in result.vars or ()] for binding in result.bindings)


def named(rows: Iterable[Iterable[object]]) -> list[list[str]]:
    nodes: dict[str, str] = {}

    def name(term: object) -> str:
        if isinstance(term, rdflib.BNode):
            return nodes.setdefault(str(term), f"_:{len(nodes)}")
        return "" if term is None else term.n3()  # type: ignore[attr-defined]

    return [[name(term) for term in row] for row in rows]


def as_rdflib(term: Term | None) -> object:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    kind = None if term.datatype.value == XSD + "string" else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=kind, normalize=False)


# Its reader of TSV takes these for ends of lines.
def readable(rows: Rows, format: str) -> Rows:
    if format != "tsv":
        return rows
    kept = [row for row in rows.rows if not any(isinstance(t, Literal) and "\u2028" in t.value for t in row)]
    assert len(kept) == len(rows) - 1
    return Rows(rows.columns, tuple(kept))


def check_read_by_rdflib(written: bytes, format: str, rows: Rows) -> None:
    with as_written():
        result = Result.parse(io.BytesIO(written), format=format)
        assert [str(variable) for variable in result.vars or ()] == list(rows.columns)
        assert terms(result) == named([as_rdflib(term) for term in row] for row in rows.rows)


@pytest.mark.parametrize("format", ["json", "xml", "tsv"])
def test_results_are_read_back_by_rdflib(format: str) -> None:
    rows = readable(ANSWER, format)
    written = {"json": rows.to_json, "xml": rows.to_xml, "tsv": rows.to_tsv}[format]()
    check_read_by_rdflib(written.encode(), format, rows)


class Kept:
    """Keeps what a worker would send."""

    def __init__(self) -> None:
        self.content = b""

    def head(self, said: Mapping[str, object]) -> None:
        self.format = said["format"]

    def write(self, content: bytes) -> int:
        self.content += content
        return len(content)

    def flush(self) -> None:
        pass


def answered(store: Path, query: str, rows: str = "json", triples: str = "turtle") -> bytes:
    """The answer as a worker gives it."""
    kept = Kept()
    arguments = {"query": query, "rows": rows, "triples": triples, "max_rows": 10_000, "max_bytes": 10**8}
    assert answering(str(store))(arguments, b"", kept)["cut"] == ""
    return kept.content


@pytest.mark.parametrize("format", ["json", "xml", "tsv", "csv"])
def test_results_of_a_worker_are_read_back_by_rdflib(format: str, built: Path) -> None:
    """The engine writes them, and keeps no blank node of a query and numbers by their value."""
    whole = Rows(
        ("a", "列"), tuple((row[0], row[1]) for row in ANSWER.rows if not isinstance(row[0], BlankNode))
    )
    rows = readable(whole, format)
    lines = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in rows.rows)
    query = f"SELECT ?a ?列 {{ VALUES (?a ?列) {{ {' '.join(f'({line})' for line in lines)} }} }}"
    content = answered(built, query, rows=format)
    with EmbeddedStore.in_memory() as store:
        expected = select(store, query)
    assert same_values(expected, rows)
    if format == "csv":
        assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == list(
            csv.reader(io.StringIO(expected.to_csv(), newline=""))
        )
    else:
        check_read_by_rdflib(content, format, expected)


def test_what_xml_cannot_hold_is_replaced_in_results_of_a_worker(built: Path) -> None:
    content = answered(built, r'SELECT ("a\u0001b\uFFFE" AS ?a) {}', rows="xml")
    (row,) = Result.parse(io.BytesIO(content), format="xml").bindings
    assert [str(term) for term in row.values()] == ["a\ufffdb\ufffd"]


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_triples_of_a_worker_are_read_back_by_other_readers(
    format: str, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there are too many to be put in order."""
    query = "CONSTRUCT WHERE { ?s skos:broader ?o ; skos:prefLabel ?n }"
    in_order = answered(built, query, triples=format).decode()
    assert otherwise_read(in_order, format) == []
    monkeypatch.setattr(answering_module, "ORDERED", 10)
    triples = [quad.triple for quad in pyoxigraph.parse(in_order, FORMATS[format].rdf, base_iri=BASE)]
    assert len(triples) > 20
    assert otherwise_read(answered(built, query, triples=format).decode(), format, triples) == []


def test_results_in_csv_are_read_back_as_text() -> None:
    """CSV has no types: https://www.w3.org/TR/sparql11-results-csv-tsv/#csv-terms."""
    head, *rows = csv.reader(io.StringIO(ANSWER.to_csv(), newline=""))
    assert tuple(head) == ANSWER.columns
    plain = [
        [
            "" if term is None else f"_:{term.value}" if isinstance(term, BlankNode) else term.value
            for term in row
        ]
        for row in ANSWER.rows
    ]
    assert rows == plain


def test_what_xml_cannot_hold_is_replaced_in_results() -> None:
    result = Result.parse(
        io.BytesIO(Rows(("a",), ((Literal("a\x01b\ufffe"),),)).to_xml().encode()), format="xml"
    )
    (row,) = result.bindings
    assert [str(term) for term in row.values()] == ["a\ufffdb\ufffd"]


def test_raptor_reads_too_where_it_is_installed() -> None:
    if RAPPER is None:
        pytest.skip("rapper is not installed (Debian: raptor2-utils)")
    assert otherwise_read("<x:a> <x:b> <x:c> .", "turtle") == []
    assert otherwise_read("<x:a> <x:b> <x:c> .", "turtle", [Triple(S, P, S)])[1].startswith("rapper reads")
