"""Reading RDF: four syntaxes say the same, and each broken file gets its own sentence with its place."""

import io
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from bpsgraph.errors import (
    BadParameter,
    BpsError,
    EmptyGraph,
    ForeignVocabulary,
    MalformedFile,
    TooLarge,
    UnreadableFile,
)
from bpsgraph.ingest import Place, read
from bpsgraph.terms import BASE, BPS, PREFIXES

TURTLE = """@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .

<catalogue/140500/2021> a bps:Catalogue ; dct:title "晋城"@zh .
"""
ITEM = BASE + "catalogue/140500/2021"
WRITTEN = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}
RDF_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:bps="https://w3id.org/bps/ns#">\n'
    '  <bps:Catalogue rdf:about="https://w3id.org/bps/id/catalogue/140500/2021"/>\n'
    "</rdf:RDF>\n"
)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("suffix", WRITTEN)
def test_every_syntax_says_the_same(tmp_path: Path, suffix: str) -> None:
    triples = [quad.triple for quad in ox.parse(TURTLE, ox.RdfFormat.TURTLE)]
    content = ox.serialize(triples, format=WRITTEN[suffix], prefixes=PREFIXES)
    assert content is not None
    submission = read(put(tmp_path, "c" + suffix, content))
    assert set(submission.triples) == set(triples)
    assert submission.name.endswith("c" + suffix)


def test_the_format_named_goes_before_the_suffix(tmp_path: Path) -> None:
    assert len(read(put(tmp_path, "c.txt", TURTLE), format="turtle").triples) == 2
    with pytest.raises(MalformedFile):
        read(put(tmp_path, "c.ttl", TURTLE), format="ntriples")


@pytest.mark.parametrize(
    "content", [TURTLE, RDF_XML, '{"@type": "https://w3id.org/bps/ns#Catalogue", "@id": "x:a"}']
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_standard_input_is_known_by_its_look(
    monkeypatch: pytest.MonkeyPatch, content: str, mark: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mark + content.encode())))
    submission = read("-")
    assert submission.name == "standard input"
    types = [t.object for t in submission.triples if t.predicate.value.endswith("#type")]
    assert types == [ox.NamedNode(BPS + "Catalogue")]


def test_a_byte_order_mark_is_dropped_and_relative_iris_have_a_base(tmp_path: Path) -> None:
    content = "\ufeff<catalogue/140500/2021> a <https://w3id.org/bps/ns#Catalogue> ."
    submission = read(put(tmp_path, "c.ttl", content))
    assert {triple.subject for triple in submission.triples} == {ox.NamedNode(ITEM)}
    assert submission.places.things == {ITEM: Place(line=1)}


def test_two_submissions_share_no_blank_node(tmp_path: Path) -> None:
    path = put(tmp_path, "c.ttl", "_:a a <https://w3id.org/bps/ns#Catalogue> .")
    one, two = read(path), read(path)
    assert not {t.subject for t in one.triples} & {t.subject for t in two.triples}


# file name, content, what the sentence says, and the place
MALFORMED: dict[str, tuple[str, str | bytes, str, tuple[int, int | None] | None]] = {
    "undeclared prefix": (
        "c.ttl",
        TURTLE + "<x> cpsv:y 1 .",
        "cpsv: has not been declared; declare it",
        (6, 5),
    ),
    "unclosed string": ("c.ttl", TURTLE + '<x> bps:y "abc .\n', "does not end before the file does", (6, 11)),
    "missing dot": ("c.ttl", TURTLE + "<x> bps:y 1\n<z> bps:y 2 .", "correct the file there", (7, 1)),
    "iri with a space": ("c.ttl", TURTLE + "<x> bps:y <a b> .", "correct the file there", (6, 11)),
    "control character": ("c.ttl", TURTLE + '<x> bps:y "a\0b" .', "U+0000", (6, 13)),
    "GBK": ("c.ttl", TURTLE.encode("gbk"), "save the file as UTF-8", (5, None)),
    "UTF-16": ("c.ttl", TURTLE.encode("utf-16"), "save the file as UTF-8", (1, None)),
    "HTML": ("c.ttl", "<!DOCTYPE html>\n<html><body>404</body></html>", "this is an HTML page", None),
    "HTML as JSON-LD": ("c.jsonld", "<html>", "this is an HTML page", None),
    "JSON as Turtle": ("c.ttl", '{"a": 1}', "this is JSON, though Turtle was expected; give JSON-LD", None),
    "JSON list as Turtle": ("c.nt", "[1]", "this is JSON, though N-Triples was expected", None),
    "Turtle as JSON-LD": ("c.jsonld", TURTLE, "this is no JSON", None),
    "Turtle as RDF/XML": ("c.rdf", TURTLE, "this is no XML", None),
    "XML as Turtle": ("c.ttl", RDF_XML, "this is XML", None),
    "workbook": ("c.ttl", b"PK\x03\x04\x00\x00", "an Excel workbook", None),
    "PDF": ("c.rdf", b"%PDF-1.7", "a PDF", None),
    "truncated XML": (
        "c.rdf",
        RDF_XML.removesuffix("</rdf:RDF>\n"),
        "the XML ends before it is complete",
        (4, 1),
    ),
    "XML not well-formed": ("c.rdf", RDF_XML.replace("</rdf:RDF>", "</rdf:rdf>"), "mismatched tag", (4, 3)),
    "DOCTYPE": (
        "c.rdf",
        RDF_XML.replace("\n<rdf:RDF", '\n<!DOCTYPE r [<!ENTITY a "b">]>\n<rdf:RDF', 1),
        "DOCTYPE",
        (2, 13),
    ),
    "XML that is not RDF": (
        "c.rdf",
        RDF_XML.replace("/>", ">text<b/></bps:Catalogue>", 1),
        "correct the file",
        None,
    ),
    "broken JSON": ("c.jsonld", '{"@id":\n "a",, }', "this is not JSON", (2, 6)),
    "remote context": (
        "c.jsonld",
        '{"@context": "https://example.org/c", "a": 1}',
        "not loaded from elsewhere",
        None,
    ),
    "file context": (
        "c.jsonld",
        '{"@context": "file:///etc/hostname", "a": 1}',
        "not loaded from elsewhere",
        None,
    ),
    "named graph": (
        "c.jsonld",
        '{"@id":"x:g","@graph":[{"@id":"x:a","x:p":1}]}',
        "named graphs are not accepted",
        None,
    ),
    "quads": ("c.nt", f"<{ITEM}> <x:p> <x:o> <x:g> .", "correct the file there", None),
    "TriG": ("c.trig", TURTLE, "files with named graphs are not accepted", None),
    "quoted triple": ("c.ttl", TURTLE + "<x> bps:y <<( <x> bps:y 1 )>> .", "rdf:Statement", None),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_gets_its_sentence_and_its_place(tmp_path: Path, case: str) -> None:
    name, content, said, place = MALFORMED[case]
    with pytest.raises(MalformedFile) as caught:
        read(put(tmp_path, name, content))
    assert said in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    if place:
        assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.rdf", "<a>" * 300 + "</a>" * 300, "line 1: elements are nested more than 256 deep"),
        ("c.jsonld", "[" * 300 + "]" * 300, "the JSON is nested more than 64 deep"),
        ("c.jsonld", "[" * 100_000 + "]" * 100_000, "the JSON is nested more than 64 deep"),
    ],
    ids=["XML", "JSON", "JSON beyond the stack"],
)
def test_what_is_nested_too_deep_is_too_large(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(TooLarge, match=said):
        read(put(tmp_path, name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.ttl", ""),
        ("c.ttl", "\ufeff \n"),
        ("c.ttl", "# only a comment\n"),
        ("c.ttl", "@prefix a: <http://example.org/> .\n"),
        ("c.nt", ""),
        ("c.rdf", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'),
        ("c.jsonld", "{}"),
        ("c.jsonld", '{"name": "晋城"}'),
        ("c.jsonld", "[]"),
    ],
)
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(EmptyGraph, match="no triples"):
        read(put(tmp_path, name, content))


def test_json_without_a_context_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(EmptyGraph, match="@context"):
        read(put(tmp_path, "c.jsonld", '{"name": "晋城"}'))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<x:a> a <https://schema.org/Person> .", "found: schema:Person"),
        ("<x:a> <x:b> 1 .", "no rdf:type at all"),
        (f"<x:a> <{BPS}item> <x:b> .", "no rdf:type at all"),
    ],
)
def test_a_file_of_another_vocabulary_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ForeignVocabulary) as caught:
        read(put(tmp_path, "c.ttl", content))
    assert said in str(caught.value)


def test_a_missing_file_a_folder_and_a_file_too_large(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        read(tmp_path / "missing.ttl")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(UnreadableFile, match="it is a folder"):
        read(tmp_path / "folder.ttl")
    path = put(tmp_path, "c.ttl", TURTLE)
    size = path.stat().st_size
    assert len(read(path, limit=size).triples) == 2
    with pytest.raises(TooLarge, match=f"{size - 1:,} bytes"):
        read(path, limit=size - 1)


def test_a_suffix_or_format_that_says_nothing_names_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"\.ttl, \.jsonld, \.nt, \.rdf"):
        read(put(tmp_path, "c.dat", TURTLE))
    with pytest.raises(BadParameter, match="'turle' is not a format here; choose one of: turtle"):
        read(put(tmp_path, "c.ttl", TURTLE), format="turle")
    with pytest.raises(BadParameter, match="choose one of: turtle, jsonld, ntriples, rdfxml"):
        read(put(tmp_path, "c.ttl", TURTLE), format="parquet")


@pytest.mark.parametrize(
    "kind", [BadParameter, EmptyGraph, ForeignVocabulary, MalformedFile, TooLarge, UnreadableFile]
)
def test_what_cannot_be_read_is_the_senders_to_mend(kind: type[BpsError]) -> None:
    assert kind.exit_code == 2


LITERAL = "x" * 1_000_001
IRI = "http://example.org/" + "x" * 2_048
NODE = f'{{"@id": "x:a", "@type": "{BPS}ServiceItem", '
BEYOND = {
    "a literal": ("c.ttl", TURTLE + f'<x> <y> "{LITERAL}" .', "a literal is longer than 1,000,000", True),
    "a long string": ("c.ttl", TURTLE + f'<x> <y> """{LITERAL}\n""" .', "a literal is longer than", True),
    "an IRI": ("c.ttl", TURTLE + f"<x> <y> <{IRI}> .", "an IRI is longer than 2,048", True),
    "a huge IRI": ("c.ttl", TURTLE + f"<x> <y> <http://{LITERAL}> .", "an IRI is longer than 2,048", True),
    "in JSON-LD": ("c.jsonld", f'{NODE}"x:b": "{LITERAL}"}}', "a literal is longer than", False),
    "in RDF/XML": (
        "c.rdf",
        RDF_XML.replace("/>", f"><bps:n>{LITERAL}</bps:n></bps:Catalogue>", 1),
        "literal",
        True,
    ),
    "an attribute": ("c.rdf", RDF_XML.replace("/>", f' bps:n="{LITERAL}"/>', 1), "a literal is longer", True),
}


@pytest.mark.parametrize("case", BEYOND)
def test_what_nobody_means_to_be_so_long_is_refused(tmp_path: Path, case: str) -> None:
    name, content, said, placed = BEYOND[case]
    with pytest.raises(TooLarge) as caught:
        read(put(tmp_path, name, content))
    assert said in str(caught.value)
    line = content.count("\n", 0, content.find("xxxx")) + 1
    assert caught.value.line == (line if placed else None)


REFUSED = {
    "NUL escape": ("c.ttl", TURTLE + '<x> <y> "a\\u0000" .', "U+0000, written as an escape", True),
    "NUL escape in JSON": ("c.jsonld", NODE + '"x:b": "a\\u0000"}', "U+0000, written as an escape", True),
    "key given twice": ("c.jsonld", NODE + '"x:b": 1, "x:b": 2}', "the key 'x:b' stands twice", False),
    "null": ("c.jsonld", "null", "the JSON is just null", False),
    "a number": ("c.jsonld", "5", "the JSON is just 5", False),
    "NaN": ("c.jsonld", NODE + '"x:b": NaN}', "unexpected char: 'N'", True),
    "an id that is no text": ("c.jsonld", '{"@id": 5}', "@id value must be a string", False),
    "cyclic context": (
        "c.jsonld",
        '{"@context": {"a": "b:x", "b": "a:y"}, "a": 1}',
        "cyclic IRI mapping",
        False,
    ),
    "imported context": (
        "c.jsonld",
        '{"@context": {"@import": "https://e.org/c"}}',
        "not loaded from elsewhere",
        False,
    ),
    "TriG inside": (
        "c.ttl",
        TURTLE + "<g> { <a> <b> <c> }",
        "files with named graphs are not accepted",
        True,
    ),
    "GRAPH": (
        "c.ttl",
        TURTLE + "GRAPH <g> { <a> <b> <c> }",
        "files with named graphs are not accepted",
        True,
    ),
    "another encoding": (
        "c.rdf",
        RDF_XML.replace("UTF-8", "ISO-8859-1"),
        "it is in ISO-8859-1; only UTF-8",
        True,
    ),
    "DOCTYPE from elsewhere": ("c.rdf", '<!DOCTYPE x SYSTEM "http://e.org/x.dtd"><x/>', "DOCTYPE", True),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_parser_lets_pass_is_refused_too(tmp_path: Path, case: str) -> None:
    name, content, said, placed = REFUSED[case]
    with pytest.raises(MalformedFile) as caught:
        read(put(tmp_path, name, content))
    assert said in str(caught.value)
    assert (caught.value.line is not None) == placed


def test_what_looks_suspicious_is_read_and_said(tmp_path: Path) -> None:
    text = TURTLE + (
        "<x> <y> <javascript:alert(1)>, <data:text/html,x>, <http://user:pw@e.org/>, <http://xn--80ak6aa92e.com/> ;\n"
        "  <y> <http://е.org/>, <http://e.org:80/>, <http://e.org/%2e%2e/x>, <https://e.org/a?b=c@d>, 1e999999 ;\n"
        "  <http://www.w3.org/ns/shacl#deactivated> true ;\n"
        "  <http://www.w3.org/2002/07/owl#imports> <file:///etc/hostname> .\n"
    )
    read_back = read(put(tmp_path, "c.ttl", text))
    assert len(read_back.triples) == 13
    assert {remark.place.line for remark in read_back.remarks} == {text[: text.find("<x>")].count("\n") + 1}
    assert [(remark.reason, remark.value, remark.expected) for remark in read_back.remarks] == [
        ("infinite-number", "1e999999", ""),
        ("statement-without-effect", "owl:imports", ""),
        ("statement-without-effect", "sh:deactivated", ""),
        ("suspicious-iri", "data:text/html,x", "data:"),
        ("suspicious-iri", "file:///etc/hostname", "file:"),
        ("suspicious-iri", "http://e.org/%2e%2e/x", "/../"),
        ("suspicious-iri", "http://e.org:80/", ":80"),
        ("suspicious-iri", "http://user:pw@e.org/", "user@ → e.org"),
        ("suspicious-iri", "http://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("suspicious-iri", "http://е.org/", "xn--e1a.org"),
        ("suspicious-iri", "javascript:alert(1)", "javascript:"),
    ]


def test_keys_that_map_to_nothing_are_said(tmp_path: Path) -> None:
    text = (
        '{"@context": {"name": "http://e.org/n", "label": {"@id": "http://e.org/l", "@container": "@language"}},'
        f' "@id": "x:a", "@type": "{BPS}ServiceItem", "name": "a", "label": {{"zh": "甲"}}, "标题": {{"值": 1}}}}'
    )
    remarks = read(put(tmp_path, "c.jsonld", text)).remarks
    assert [(r.reason, r.value, r.expected) for r in remarks] == [
        ("unread-key", "值", "label, name"),
        ("unread-key", "标题", "label, name"),
    ]
    assert (
        read(put(tmp_path, "d.jsonld", text.replace('"name":', '"@vocab": "x:", "name":', 1))).remarks == ()
    )
