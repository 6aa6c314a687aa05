"""Every kind of bad input through the real command: its exit code, its place and what is said, never a traceback."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bpsgraph.sources import find_sources
from broken_workbooks import SHEET, cells, edited, parts, replaced, unpacking_to, zipped
from conftest import Run
from faults.broken_files import whole

YISHUI = (find_sources().root / "data/ttl/local/371323-2021.ttl").read_text(encoding="utf-8")
BPS = "https://w3id.org/bps/ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
MORE = YISHUI.count("\n") + 1
"""The line of what stands behind the catalogue."""
HTML = "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"
CONTEXT = f'"@context": {{"@vocab": "{BPS}", "@base": "https://w3id.org/bps/id/"}}'


@dataclass(frozen=True)
class Case:
    """A file, how it is called, and what `bpsgraph validate` says of it."""

    file: str
    content: bytes | str | Callable[[], bytes]
    said: str
    code: int = 2
    error: str = "malformed-file"

    def bytes(self) -> bytes:
        if isinstance(self.content, str):
            return self.content.encode()
        return self.content if isinstance(self.content, bytes) else self.content()


def turtle(more: str, said: str, error: str = "malformed-file") -> Case:
    """A whole catalogue with something behind it."""
    return Case("c.ttl", YISHUI + more, said, error=error)


def jsonld(more: str, said: str, error: str = "malformed-file") -> Case:
    return Case("c.jsonld", f'{{{CONTEXT}, "@id": "x:a", "@type": "Catalogue", {more}}}', said, error=error)


def xml(inside: str, said: str, *, head: str = "", error: str = "malformed-file") -> Case:
    text = whole("rdfxml").decode()
    start = text.index("?>") + 2
    content = text[:start] + head + text[start:].replace("</rdf:RDF>", inside + "</rdf:RDF>")
    return Case("c.rdf", content, said, error=error)


def doctyped(part: str) -> Callable[[], bytes]:
    return lambda: replaced(table(), part, b'<!DOCTYPE x [<!ENTITY a "a">]>' + b"<x/>")


def table(**more: object) -> bytes:
    """A workbook that is whole, with more cells beside its table."""
    first = {"A1": "服务事项", "B1": "服务标准", "A2": "法律援助", "B2": "每人每年100元"}
    return cells(**(first | more))


REFUSED: dict[str, Case] = {
    # A. RDF
    "A1 empty": Case("c.ttl", "", "c.ttl: the file holds no triples", error="empty-graph"),
    "A1 blank": Case("c.nt", " \r\n\t\n", "c.nt: the file holds no triples", error="empty-graph"),
    "A1 empty JSON": Case("c.jsonld", "[]", "c.jsonld: the file holds no triples", error="empty-graph"),
    "A1 empty XML": Case(
        "c.rdf",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        "c.rdf: the file holds no triples",
        error="empty-graph",
    ),
    "A2 comments": Case("c.ttl", "# nothing\n# yet\n", "the file holds no triples", error="empty-graph"),
    "A4 prefix": Case(
        "c.ttl", "ex:a a ex:b .", "line 1, column 1: the prefix ex: has not been declared; declare"
    ),
    "A5 IRI without a base": Case("c.nt", "<a> <b> <c> .", "c.nt, line 1, column 1"),
    "A7 escapes in an IRI": turtle(
        "<x:\\u003E\\u0022> a <x:b> .", f"c.ttl, line {MORE}, column 1: invalid IRI"
    ),
    "A7 space in an IRI": turtle("<x:a b> a <x:b> .", f"c.ttl, line {MORE}, column 1: invalid IRI"),
    "A10 string": turtle(
        '<x:a> <x:b> "abc .', f"line {MORE}, column 13: what begins here does not end before"
    ),
    "A10 long string": turtle('<x:a> <x:b> """abc" .\n\n', f"line {MORE}, column 13: what begins here"),
    "A10 IRI": turtle("<x:a> <x:b> <x:c", f"line {MORE}, column 13: what begins here"),
    "A10 statement": turtle("<x:a> <x:b> ", f"line {MORE}"),
    "A10 bracket": turtle("<x:a> <x:b> [ <x:c> 1 .", f"line {MORE}"),
    "A11 line break": turtle('<x:a> <x:b> "a\nb" .', f"line {MORE}, column 15: line jumps are not allowed"),
    "A13 half a surrogate pair": turtle('<x:a> <x:b> "\\uD800" .', f"line {MORE}, column 14"),
    "A14 NUL": turtle('<x:a> <x:b> "\0" .', f"line {MORE}, column 14: a control character U+0000; remove it"),
    "A14 NUL as an escape": turtle(
        '<x:a> <x:b> "\\u0000" .', f"line {MORE}, column 14: a control character U+0000"
    ),
    "A14 NUL in JSON": jsonld('"content": "\\u0000"', "line 1, column"),
    "A16 language": turtle('<x:a> <x:b> "a"@zh-abcdefghijklmno .', f"line {MORE}, column 1"),
    "A17 no such escape": turtle('<x:a> <x:b> "\\q" .', f"line {MORE}, column 1"),
    "A20 UTF-16": Case(
        "c.ttl", YISHUI.encode("utf-16"), "c.ttl, line 1: a character is not in UTF-8; save the file"
    ),
    "A20 GBK": Case("c.ttl", YISHUI.encode("gb18030"), "c.ttl, line 1: a character is not in UTF-8"),
    "A20 Latin-1": Case(
        "c.nt", '<x:a> <x:b> "é" .\n'.encode("latin-1"), "c.nt, line 1: a character is not in UTF-8"
    ),
    "A20 two marks": Case("c.ttl", "\ufeff\ufeff" + YISHUI, "line 1, column 1: a byte order mark (U+FEFF)"),
    "A22 page": Case(
        "c.ttl", HTML, "this is an HTML page, though Turtle was expected; download the file itself"
    ),
    "A22 page as JSON": Case("c.jsonld", HTML, "this is an HTML page, though JSON-LD was expected"),
    "A22 page as XML": Case("c.rdf", HTML, "this is an HTML page, though RDF/XML was expected"),
    "A23 JSON": Case(
        "c.ttl", '{"@id": "x:a"}', "this is JSON, though Turtle was expected; give JSON-LD the suffix"
    ),
    "A23 Turtle": Case(
        "c.jsonld", YISHUI[YISHUI.index("@base") :], "this is no JSON, though JSON-LD was expected"
    ),
    "A23 XML": Case("c.nt", whole("rdfxml"), "this is XML, though N-Triples was expected; give RDF/XML"),
    "A23 no XML": Case("c.rdf", YISHUI, "this is no XML, though RDF/XML was expected"),
    "A23 workbook": Case("c.ttl", table, "this is an Excel workbook or another zip archive, not RDF"),
    "A23 gzip": Case("c.ttl", b"\x1f\x8b\x08\0", "this is a gzip archive, not RDF"),
    "A25 TriG": turtle(
        "GRAPH <x:g> { <x:a> <x:b> 1 }", f"line {MORE}, column 1: files with named graphs are not"
    ),
    "A25 TriG in brackets": turtle("<x:g> { <x:a> <x:b> 1 }", f"line {MORE}"),
    "A25 N-Quads": Case("c.nt", "<x:a> <x:b> <x:c> <x:g> .", "c.nt, line 1, column"),
    "A25 .trig": Case(
        "c.trig", whole("trig"), "c.trig: files with named graphs are not accepted; save the one graph"
    ),
    "A25 .nq": Case("c.nq", whole("nquads"), "c.nq: files with named graphs are not accepted"),
    "A25 JSON-LD": Case(
        "c.jsonld",
        '{"@id": "x:g", "@graph": [{"@id": "x:a", "x:b": 1}]}',
        "files with named graphs are not accepted",
    ),
    "A26 triples about triples": turtle(
        "<< <x:a> <x:b> <x:c> >> <x:d> 1 .", "triples about triples are not accepted"
    ),
    "A28 context": Case(
        "c.jsonld", '{"@context": "https://e.org/c", "a": 1}', "contexts are not loaded from elsewhere"
    ),
    "A28 context file": Case(
        "c.jsonld", '{"@context": "file:///etc/hostname"}', "contexts are not loaded from elsewhere"
    ),
    "A28 context path": Case("c.jsonld", '{"@context": "c.json"}', "contexts are not loaded from elsewhere"),
    "A28 import": Case(
        "c.jsonld", '{"@context": {"@import": "https://e.org/c"}}', "contexts are not loaded from"
    ),
    "A29 no context": Case(
        "c.jsonld", '{"name": "x"}', "no triples; no key of it (name) maps to an IRI", error="empty-graph"
    ),
    "A31 key twice": jsonld('"content": "a", "content": "b"', "the key 'content' stands twice in one object"),
    "A31 id": Case("c.jsonld", '{"@id": 5, "x:b": 1}', "@id value must be a string"),
    "A31 cycle": Case("c.jsonld", '{"@context": {"a": "b:x", "b": "a:y"}, "a": 1}', "yclic IRI mapping"),
    "A31 NaN": jsonld('"content": NaN', "c.jsonld, line 1"),
    "A31 Infinity": jsonld('"content": -Infinity', "c.jsonld, line 1"),
    "A31 null": Case(
        "c.jsonld", "null", "the JSON is just null, not an object or a list; give a JSON-LD document"
    ),
    "A31 5": Case("c.jsonld", "5", "the JSON is just 5, not an object"),
    "A31 list of numbers": Case("c.jsonld", "[1, 2, null]", "the file holds no triples", error="empty-graph"),
    "A31 comma": jsonld('"content": 1,', "c.jsonld, line 1, column"),
    "A31 depth": jsonld(
        '"content": ' + "[" * 65 + "]" * 65, "the JSON is nested more than 64 deep", "too-large"
    ),
    "A31 great depth": Case(
        "c.jsonld", "[" * 100_000, "the JSON is nested more than 64 deep", error="too-large"
    ),
    "A31 huge number": jsonld('"content": ' + "9" * 5_000, "c.jsonld", error="malformed-file"),
    "A32 cut-off XML": Case("c.rdf", whole("rdfxml")[:-12], "c.rdf, line"),
    "A33 entities": xml("", "a DOCTYPE is not accepted; remove it", head='<!DOCTYPE x [<!ENTITY a "aaaa">]>'),
    "A34 external DTD": xml(
        "", "a DOCTYPE is not accepted", head='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
    ),
    "A34 external entity": xml(
        "", "a DOCTYPE is not accepted", head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    ),
    "A35 encoding": Case(
        "c.rdf",
        whole("rdfxml").replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
        "line 1: the XML says that it is in ISO-8859-1; only UTF-8 is read; save it as UTF-8",
    ),
    "A36 two elements": Case(
        "c.rdf", whole("rdfxml") + b"<a/>", "the XML is not well-formed (junk after document"
    ),
    "A36 prefix": xml("<ex:a/>", "c.rdf"),
    "A37 nesting": xml(
        "<a>" * 257 + "</a>" * 257,
        "elements are nested more than 256 deep; write the resources one after",
        error="too-large",
    ),
    "A38 literal": turtle(
        f'<x:a> <x:b> "{"x" * 1_000_001}" .',
        f"c.ttl, line {MORE}: a literal is longer than 1,000,000 characters; shorten it",
        "too-large",
    ),
    "A38 literal of JSON": jsonld(
        f'"content": "{"x" * 1_000_001}"', "a literal is longer than 1,000,000", "too-large"
    ),
    "A38 literal of XML": xml(
        f'<rdf:Description rdf:about="x:a"><bps:content>{"x" * 1_000_001}</bps:content></rdf:Description>',
        "a literal is longer than 1,000,000 characters",
        error="too-large",
    ),
    "A38 IRI": turtle(
        f"<x:a> <x:b> <x:{'c' * 2_047}> .",
        f"line {MORE}: an IRI is longer than 2,048 characters",
        "too-large",
    ),
    "A38 IRI of JSON": jsonld(
        f'"content": {{"@id": "x:{"c" * 2_047}"}}', "an IRI is longer than 2,048", "too-large"
    ),
    "A39 relative IRI of XML": xml('<rdf:Description rdf:about="http://["/>', "c.rdf"),
    "another vocabulary": Case(
        "c.ttl",
        "<x:a> a <http://xmlns.com/foaf/0.1/Person> .",
        "c.ttl: nothing in the file is of a class of https://w3id.org/bps/ns#",
        error="foreign-vocabulary",
    ),
    "too large a file": Case(
        "c.ttl", b"#" * 32_000_001, "c.ttl: the file is larger than 32,000,000 bytes", error="too-large"
    ),
    "no suffix": Case(
        "c", YISHUI, "c: its suffix does not say the format; use one of .ttl", error="bad-parameter"
    ),
    "a strange suffix": Case(
        "c.xyz", YISHUI, "c.xyz: its suffix does not say the format", error="bad-parameter"
    ),
    # B. Excel and CSV
    "B1 text": Case(
        "c.xlsx", "甲,乙\n", "c.xlsx: the content is text, such as CSV, not an Excel .xlsx file (not a zip)"
    ),
    "B1 empty": Case("c.xlsx", b"", "c.xlsx: the file is empty"),
    "B1 truncated": Case("c.xlsx", lambda: table()[:-200], "c.xlsx: the workbook is cut off or damaged"),
    "B1 picture": Case(
        "c.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64), "c.xlsx: this is a picture, not an Excel .xlsx file"
    ),
    "B1 photo": Case(
        "c.xlsx", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(64), "c.xlsx: this is a picture, not an Excel"
    ),
    "B1 RAR": Case(
        "c.xlsx", b"Rar!\x1a\x07\x01\0" + bytes(64), "c.xlsx: this is a packed archive, not an Excel"
    ),
    "B2 old workbook": Case(
        "c.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "c.xls: this is not an Excel .xlsx file; open it"
    ),
    "B2 old workbook renamed": Case(
        "c.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "this is an old Excel file (.xls)"
    ),
    "B2 .ods": Case(
        "c.ods", b"PK\x03\x04", "c.ods: this is not an Excel .xlsx file; open it in Excel or WPS"
    ),
    "B2 .xlsb": Case("c.xlsx", lambda: zipped([("xl/workbook.bin", b"")]), "a binary Excel workbook (.xlsb)"),
    "B2 password": Case(
        "c.xlsx",
        b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "c.xlsx: the workbook is protected by a password; open it in Excel or WPS, take the password off",
    ),
    "B3 no workbook": Case("c.xlsx", lambda: zipped([("a.txt", b"a")]), "a zip archive without a workbook"),
    "B3 no content types": Case(
        "c.xlsx",
        lambda: replaced(table(), "[Content_Types].xml", None),
        "c.xlsx, [Content_Types].xml: damaged workbook: this part is missing",
    ),
    "B3 no relations": Case(
        "c.xlsx",
        lambda: replaced(table(), "xl/_rels/workbook.xml.rels", None),
        "c.xlsx, xl/_rels/workbook.xml.rels",
    ),
    "B3 missing sheet": Case(
        "c.xlsx", lambda: replaced(table(), SHEET, None), f"c.xlsx, {SHEET}: damaged workbook"
    ),
    "B3 broken sheet": Case(
        "c.xlsx",
        lambda: edited(table(), SHEET, b"</sheetData>", b""),
        f"c.xlsx, {SHEET}, line 1: damaged workbook: the XML of this part is broken",
    ),
    "B4 bomb": Case(
        "c.xlsx", lambda: unpacking_to(400_000_000), "c.xlsx: the workbook unpacks to 400,", error="too-large"
    ),
    "B6 sheet": Case("c.xlsx", doctyped(SHEET), f"c.xlsx, {SHEET}: a DOCTYPE is not accepted in a workbook"),
    "B6 styles": Case(
        "c.xlsx", doctyped("xl/styles.xml"), "c.xlsx, xl/styles.xml: a DOCTYPE is not accepted"
    ),
    "B6 types": Case(
        "c.xlsx", doctyped("[Content_Types].xml"), "[Content_Types].xml: a DOCTYPE is not accepted"
    ),
    "B6 shared texts": Case(
        "c.xlsx", doctyped("xl/sharedStrings.xml"), "xl/sharedStrings.xml: a DOCTYPE is not"
    ),
    "B7 far cell": Case(
        "c.xlsx",
        lambda: table(XFD1048576=1),
        "c.xlsx, sheet Sheet: the table reaches to XFD1048576, which is more than 50,000 rows",
        error="too-large",
    ),
    "B8 part twice": Case(
        "c.xlsx",
        lambda: zipped([*parts(table()).items(), ("XL/workbook.xml", b"<a/>")]),
        "c.xlsx, XL/workbook.xml: two parts bear the same name",
    ),
    "B22 Latin-1": Case(
        "c.csv", "项,a\nb,é\n".encode() + b"\xe9,\n", "c.csv, row 3, byte 12: the byte 0xe9 is"
    ),
    "B22 NUL": Case("c.csv", b"a,b\nc,\0\n", "c.csv, row 2, byte 7: a NUL character (U+0000); remove it"),
    "B23 quotation mark": Case(
        "c.csv", b'a,b\n"c,d\n', "c.csv, row 2: a quotation mark is opened and never closed"
    ),
    "B23 after a quotation mark": Case(
        "c.csv", b'a,b\n"c"x,d\n', "c.csv, row 2: text follows a closing quotation"
    ),
    "B24 field": Case(
        "c.csv",
        b"a,b\n" + b"x" * 200_000 + b",1\n",
        "c.csv, row 2: a cell is longer than 32,000 characters",
        error="too-large",
    ),
    "B24 line": Case(
        "c.csv",
        b"x" * 10_000_000,
        "c.csv, row 1: the line is longer than 1,000,000 characters",
        error="too-large",
    ),
    "B27 CSV as workbook": Case("c.xlsx", "甲;乙\n".encode("gb18030"), "give a CSV file the suffix .csv"),
    "B27 workbook as CSV": Case(
        "c.csv", table, "c.csv: the content is an Excel file, not CSV; give it the suffix .xlsx"
    ),
    "B27 page as CSV": Case("c.csv", HTML, "c.csv: this is a web page or XML, not CSV"),
    "CSV empty": Case("c.csv", b"\xef\xbb\xbf\r\n", "c.csv: the file is empty"),
    "CSV picture": Case("c.csv", b"\x89PNG\r\n\x1a\n" + bytes(64), "c.csv: this is a picture, not CSV"),
}


@pytest.fixture(scope="module")
def refusals(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one process says of each file: an error does not stop it."""
    folder = tmp_path_factory.mktemp("refused")
    given = {}
    for name, case in REFUSED.items():
        place = folder / re.sub(r"\W+", "-", name)
        place.mkdir()
        (place / case.file).write_bytes(case.bytes())
        given[name] = f"{place.name}/{case.file}"
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph", "validate", *given.values()],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | {"BPSGRAPH_STORE": str(built)},
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    return {name: "\n".join(line for line in lines if file in line) for name, file in given.items()}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_gets_one_sentence(refusals: dict[str, str], case: str) -> None:
    given, said = REFUSED[case], refusals[case]
    start = re.match(r"error: [\w-]+/", said)
    assert start, said
    assert given.said in said[start.end() :], said
    assert said.endswith(f"See docs/errors.md#{given.error}"), said
    assert "\n" not in said


def test_one_bad_file_ends_with_2_and_an_empty_standard_output(spawn: Run, tmp_path: Path) -> None:
    (tmp_path / "c.ttl").write_bytes(REFUSED["A10 string"].bytes())
    done = spawn("validate", "c.ttl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: c.ttl, line {MORE}, column 13: what begins here")
