"""Every kind of bad input through the real command: its exit code, its place and what is said, never a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bpsgraph.errors import InputError
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.sources import find_sources
from broken_workbooks import NAMESPACE, SHEET, cells, edited, parts, replaced, saved, unpacking_to, zipped
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


def with_sheets(number: int, target: str = "worksheets/sheet1.xml") -> bytes:
    """A workbook that lists so many sheets."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = "".join(
        f'<sheet xmlns:r="{office}" name="S{n}" sheetId="{n + 9}" r:id="x{n}"/>' for n in range(number)
    )
    relations = "".join(
        f'<Relationship Id="x{n}" Type="{office}/worksheet" Target="{target % n if "%" in target else target}"/>'
        for n in range(number)
    )
    data = edited(table(), "xl/workbook.xml", b"</sheets>", f"{sheets}</sheets>".encode())
    return edited(
        data, "xl/_rels/workbook.xml.rels", b"</Relationships>", f"{relations}</Relationships>".encode()
    )


def with_styles() -> bytes:
    """A workbook with far more formats of numbers than Excel can hold."""
    more = b"".join(
        b'<numFmt numFmtId="%d" formatCode="0.%dE+0"/>' % (n + 200, n * n % 99_991) for n in range(70_000)
    )
    return edited(table(), "xl/styles.xml", b"<fonts", b"<numFmts>" + more + b"</numFmts><fonts")


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
        "c", YISHUI, "c: its suffix does not say the format; give it one of .ttl", error="bad-parameter"
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
    "B28 sheets of one part": Case(
        "c.xlsx", lambda: with_sheets(10_000), f"c.xlsx, {SHEET}: damaged workbook: two sheets share a part"
    ),
    "B28 sheets": Case(
        "c.xlsx",
        lambda: with_sheets(600, "worksheets/sheet1.xml?%d"),
        "c.xlsx, xl/workbook.xml: the workbook has more than 500 sheets; split the workbook",
        error="too-large",
    ),
    "B28 styles": Case(
        "c.xlsx",
        with_styles,
        "c.xlsx, xl/styles.xml: the workbook has more than 65,490 styles; copy its values into a new workbook",
        error="too-large",
    ),
    "B28 sheet elsewhere": Case(
        "c.xlsx",
        lambda: edited(
            table(), "xl/_rels/workbook.xml.rels", b"worksheets/sheet1.xml", b"file:///etc/hostname"
        ),
        "damaged workbook: the part of the sheet Sheet is missing",
    ),
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


ABOUT = (
    ("行政区划代码", "371323"),
    ("版本", "2021"),
    ("清单名称", "沂水县清单"),
    ("完整程度", "节选"),
    ("对照的国家版本", "2021"),
    ("来源文件", "沂水县特困人员救助供养标准"),
    ("印发日期", "2021-12-03"),
    ("复审日期", "2025-01-01"),
    (),
    (
        "服务事项",
        "是否提供",
        "服务对象",
        "服务标准",
        "支出责任",
        "牵头负责单位",
        "指标",
        "对象分组",
        "数值",
        "单位",
    ),
)
ROW = (
    "特困人员救助供养", "是", "特困人员", "754元/人·月", "财政负担", "县民政局", "特困人员基本生活标准",
    "农村特困人员", 754, "元/人·月",
)  # fmt: skip


def book(*more: Sequence[object], fill: Callable[[Workbook], object] = id, **changed: Any) -> bytes:
    """A catalogue in which nothing is wrong, with more rows and with other cells."""

    def filled(workbook: Workbook) -> None:
        sheet = workbook.worksheets[0]
        for line in (*ABOUT, ROW, *more):
            sheet.append(list(line))
        for cell, content in changed.items():
            sheet[cell] = content
        fill(workbook)

    return saved(filled)


def stored(value: bytes, kind: bytes = b"n") -> Callable[[], bytes]:
    """The catalogue with something else stored for its one figure, in I11."""
    new = b'<c r="I11" t="%s">%s</c>' % (kind, value)
    return lambda: edited(book(), SHEET, b'<c r="I11" t="n"><v>754</v></c>', new)


def dated(serial: float, since: datetime | None = None) -> Callable[[], bytes]:
    """The catalogue with a date in B7 that is stored as a number of days."""

    def fill(workbook: Workbook) -> None:
        workbook.worksheets[0]["B7"] = serial
        workbook.worksheets[0]["B7"].number_format = "yyyy-mm-dd"
        if since is not None:
            workbook.epoch = since

    return lambda: book(fill=fill)


def hidden(workbook: Workbook) -> None:
    workbook.worksheets[0].row_dimensions[11].hidden = True
    workbook.create_sheet("旧")["A1"] = "x"
    workbook["旧"].sheet_state = "hidden"


def csv(old: str = "", new: str = "") -> str:
    lines = [",".join(map(str, line)) for line in (*ABOUT, ROW)]
    return "\n".join(lines).replace(old, new) + "\n"


ODD = "reading-"
FOUND: dict[str, tuple[str, Callable[[], bytes] | bytes | str, set[tuple[str, str | int | None]]]] = {
    "nothing wrong": ("c.xlsx", book, set()),
    "nothing wrong in CSV": ("c.csv", csv(), set()),
    "nothing wrong in Turtle": ("c.ttl", YISHUI, set()),
    "A5": ("c.ttl", YISHUI + "<rel> <x:b> <../up> .", set()),
    "A8": (
        "c.ttl",
        YISHUI + "<x:a> <x:b> <javascript:alert(1)>, <data:text/html,x> .",
        {(ODD + "suspicious-iri", MORE)},
    ),
    "A17": (
        "c.ttl",
        YISHUI.replace('"2021-12-03"^^xsd:date', '"31/02/2024"^^xsd:date'),
        {("structure-date-datatype", 9)},
    ),
    "A17 no number": ("c.ttl", YISHUI.replace("754.0", '"abc"^^xsd:decimal'), {("structure-value-datatype", 22)}),
    "A17 too many digits": ("c.ttl", YISHUI.replace("754.0", "9" * 5_000), {("structure-value-digits", 22)}),
    "A19": ("c.ttl", YISHUI + "<x:a> <x:b> 1e999999 .", {(ODD + "infinite-number", MORE)}),
    "A20": ("c.ttl", "\ufeff" + YISHUI, set()),
    "A21 line ends": ("c.ttl", YISHUI.replace("\n", "\r\n"), set()),
    "A26": ("c.ttl", YISHUI + "<x:a> <x:b> " + "(" * 20_000 + ")" * 20_000 + " .", set()),
    "A41 shapes": (
        "c.ttl",
        YISHUI + f"<https://w3id.org/bps/shapes#baseline-below> <{SH}deactivated> true .",
        {(ODD + "statement-without-effect", MORE)},
    ),
    "A41 imports": (
        "c.ttl",
        YISHUI + f"<x:a> <http://www.w3.org/2002/07/owl#imports> <x:b> ; <{SH}shapesGraph> <x:c> .",
        {(ODD + "statement-without-effect", MORE)},
    ),
    **{
        f"A43 {iri}": ("c.ttl", YISHUI + f"<x:a> <x:b> <{iri}> .", {(ODD + "suspicious-iri", MORE)})
        for iri in (
            "http://user@e.org/", "http://xn--80ak6aa92e.com/", "http://аpple.com/", "http://e.org:80/x",
            "http://e.org/%2e%2e/x", "file:///etc/hostname", "http://e.org:99999/",
        )
    },
    "JSON-LD key": (
        "c.jsonld",
        whole("jsonld").replace(b"[{", b'[{"foo":1,', 1),
        {(ODD + "unread-key", None)},
    ),
    "B9": ("c.xlsx", lambda: book(I11="=700+54"), {(ODD + "formula-without-value", "I11")}),
    "B9 unit": ("c.xlsx", lambda: book(J11="=A1"), {(ODD + "formula-without-value", "J11")}),
    "B9 measure": ("c.xlsx", lambda: book(G11="=A1"), {(ODD + "formula-without-value", "G11")}),
    "B9 source": ("c.xlsx", lambda: book(B6="=A1"), {(ODD + "formula-without-value", "B6")}),
    "B9 title": ("c.xlsx", lambda: book(B3="=A1"), {(ODD + "formula-without-value", "B3")}),
    "B9 extent": ("c.xlsx", lambda: book(B4="=A1"), {(ODD + "formula-without-value", "B4")}),
    "B9 shared and cyclic": (
        "c.xlsx",
        stored(b'<f t="shared" si="0" ref="I11:J11">I11</f>'),
        {(ODD + "formula-without-value", "I11")},
    ),
    "B10 division": ("c.xlsx", stored(b"<f>1/0</f><v>#DIV/0!</v>", b"e"), {(ODD + "error-value", "I11")}),
    "B10 reference": ("c.xlsx", stored(b"<v>#REF!</v>", b"e"), {(ODD + "error-value", "I11")}),
    "B12 hidden": (
        "c.xlsx",
        lambda: book(fill=hidden),
        {(ODD + "hidden-content", "A11"), (ODD + "hidden-content", "A1"), (ODD + "unread-sheet", "A1")},
    ),
    "B12 merged": ("c.xlsx", lambda: book(fill=lambda workbook: workbook.worksheets[0].merge_cells("C11:C13")), set()),
    **{
        f"B13 {text}": ("c.xlsx", partial(book, B7=text), {(ODD + "unreadable-date", "B7")})
        for text in ("01/02/03", "2021年13月1日", "2021-02-29", "2021年11月", "去年年底")
    },
    **{f"B13 {text}": ("c.xlsx", partial(book, B7=text), set()) for text in ("2021.12.3", "2021年12月3日", 20211203)},
    "B13 60": ("c.xlsx", dated(60), {(ODD + "unreadable-date", "B7")}),
    "B13 negative": ("c.xlsx", dated(-5), {(ODD + "unreadable-date", "B7")}),
    "B13 beyond": ("c.xlsx", dated(2_958_466), {(ODD + "unreadable-date", "B7")}),
    "B13 a day": ("c.xlsx", dated(44_533), set()),
    "B13 1904": ("c.xlsx", dated(43_071, CALENDAR_MAC_1904), set()),
    **{f"B15 {said!r}": ("c.xlsx", partial(book, B11=said), set()) for said in ("是", "有", "Y", "√", 1, True, "TRUE")},
    **{
        f"B15 {said!r}": ("c.xlsx", partial(book, B11=said), {(ODD + "unknown-code", "B11")})
        for said in ("VRAI", "oui", "某某", 2)
    },
    "B16": (
        "c.xlsx",
        lambda: book(A11="\u00a0特困人员救助供养\u200b ", C11="特困\r\n人员"),
        {(ODD + "trimmed-text", "A11")},
    ),
    "B18 item": ("c.xlsx", lambda: book(A11="特困人员救助供"), {(ODD + "unknown-item", "A11")}),
    "B18 measure": ("c.xlsx", lambda: book(G11="基本生活标"), {(ODD + "unknown-measure", "G11")}),
    "B18 unit": ("c.xlsx", lambda: book(J11="元/人·日月"), {(ODD + "unknown-unit", "J11")}),
    "B18 extent": ("c.xlsx", lambda: book(B4="大致"), {(ODD + "unknown-code", "B4")}),
    "B18 group": ("c.xlsx", lambda: book(H11="某某"), {(ODD + "unknown-segment", "H11")}),
    "B19 twice": ("c.xlsx", lambda: book(ROW), {(ODD + "duplicate-row", "G12")}),
    "B21 mark": ("c.csv", "\ufeff" + csv(), set()),
    "B21 semicolons": ("c.csv", csv().replace(",", ";"), {(ODD + "assumed-separator", "A1")}),
    "B21 CR": ("c.csv", csv().replace("\n", "\r"), set()),
    "B21 mixed ends": ("c.csv", csv().replace("\n", "\r\n", 3), set()),
    "B21 GB18030": ("c.csv", csv().encode("gb18030"), {(ODD + "assumed-encoding", "A1")}),
    "B22 UTF-16": ("c.csv", csv().encode("utf-16"), {(ODD + "assumed-encoding", "A1")}),
    **{
        f"B25 {text}": ("c.csv", csv("财政负担", text), set())
        for text in ('"=HYPERLINK(""http://127.0.0.1:9/"")"', "=cmd|'/c calc'!A1", "+1", "-1", "@x")
    },
    "B26 macros": ("c.xlsm", lambda: replaced(book(), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"), set()),
    "B26 link to a workbook": (
        "c.xlsx",
        lambda: replaced(book(), "xl/externalLinks/externalLink1.xml", b'<externalLink xmlns="x"/>'),
        set(),
    ),
    "B28 a size that is claimed": (
        "c.xlsx",
        lambda: replaced(
            book(),
            "xl/sharedStrings.xml",
            b'<sst xmlns="%s" count="4294967295" uniqueCount="4294967295"/>' % NAMESPACE.encode(),
        ),
        set(),
    ),
    "a value in words": ("c.xlsx", lambda: book(I11="约八百"), {(ODD + "unreadable-value", "I11")}),
    "a value below zero": ("c.xlsx", lambda: book(I11=-754), {("structure-value-negative", "I11")}),
    "a value that is true": ("c.xlsx", lambda: book(I11=True), {(ODD + "unreadable-value", "I11")}),
    "a value that is none": ("c.xlsx", stored(b"<v>NaN</v>"), {(ODD + "unreadable-value", "I11")}),
    "a value beyond all": ("c.xlsx", stored(b"<v>1e999</v>"), {(ODD + "unreadable-value", "I11")}),
    "no extent": ("c.xlsx", lambda: book(B4=""), {("structure-catalogue-extent", "B4")}),
    "no title": ("c.xlsx", lambda: book(B3=""), {("structure-title-missing", "B3")}),
}  # fmt: skip
_RDF_WORDS = re.compile(
    r"\b(?:dct|bps|xsd|skos|rdf|org):|@zh|\^\^|\b(?:extent|jurisdiction|catalogue|domain)/"
)


@pytest.fixture(scope="module")
def reports(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process finds in each file."""
    folder = tmp_path_factory.mktemp("found")
    given = {}
    for number, (name, (file, content, _)) in enumerate(FOUND.items()):
        made = content() if callable(content) else content
        place = folder / f"{number}"
        place.mkdir()
        (place / file).write_bytes(made.encode() if isinstance(made, str) else made)
        given[name] = f"{number}/{file}"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bpsgraph",
            "validate",
            "--edition",
            "2021",
            "--format",
            "json",
            *given.values(),
        ],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | {"BPSGRAPH_STORE": str(built)},
        timeout=240,
    )
    assert "Traceback" not in done.stderr
    # Single places could not be read, which is said after the reports.
    assert done.returncode == 2, done.stderr
    assert {line.rpartition("#")[2] for line in done.stderr.splitlines()} == {"partly-unread"}
    found = {report["file"]: report for report in json.loads(done.stdout)}
    return {name: found[file] for name, file in given.items()}


@pytest.mark.parametrize("case", FOUND)
def test_what_can_be_read_is_judged_and_each_odd_place_is_told_once(
    reports: dict[str, Any], case: str
) -> None:
    findings = [
        one for one in reports[case]["findings"] if one["rule"].startswith(("reading-", "structure-"))
    ]
    places = [(one["rule"], one["cell"] or one["line"]) for one in findings]
    assert set(places) == FOUND[case][2]
    for one in findings:
        assert len(one["message"]["zh"]) < 400
        # Who fills in cells is not told of RDF.
        assert not (one["cell"] and _RDF_WORDS.search(one["message"]["zh"] + one["fix"]["zh"])), one


def test_every_reading_of_a_cell_that_could_not_be_read_is_said_once(reports: dict[str, Any]) -> None:
    for case, (_, _, expected) in FOUND.items():
        unread = [
            (one["sheet"], one["cell"])
            for one in reports[case]["findings"]
            if one["rule"].startswith("reading-") and one["severity"] == "violation" and one["cell"]
        ]
        assert len(unread) == len(set(unread)), (case, expected)


def test_cut_off_anywhere_rdf_xml_is_refused() -> None:
    data = whole("rdfxml")
    accepted = []
    for end in range(0, len(data.rstrip()), 7):
        with suppress(InputError):
            parse(data[:end], "c.rdf", FORMATS["rdfxml"])
            accepted.append(end)
    assert accepted == []
