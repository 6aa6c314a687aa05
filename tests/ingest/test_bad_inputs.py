"""Bad files of every kind: each gets one sentence with its place, soon and in little memory."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpsgraph.errors import EmptyGraph, InputError, MalformedFile, TooLarge
from bpsgraph.ingest import read
from bpsgraph.ingest.delimited import read_delimited
from bpsgraph.ingest.workbook import read_workbook
from broken_workbooks import (
    NAMESPACE,
    SHEET,
    cells,
    edited,
    parts,
    replaced,
    saved,
    unpacking_to,
    with_rows,
    zipped,
)
from conftest import Run
from sampling import some

GOOD = cells(A1="服务事项", B1="标准", A2="养老保险", B2=112)
FIRST_ROW = b'<row r="1">%s</row>'
RELATIONS = "xl/_rels/workbook.xml.rels"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


def cell(name: str, inside: bytes, kind: bytes = b"") -> bytes:
    return b'<c r="%s"%s>%s</c>' % (name.encode(), b' t="%s"' % kind if kind else b"", inside)


def with_doctype(part: str) -> bytes:
    content = parts(GOOD)[part]
    at = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return replaced(GOOD, part, content[:at] + DOCTYPE + content[at:])


def with_shared_texts(texts: bytes, rows: bytes) -> bytes:
    """A workbook with shared texts, which openpyxl may not write by itself."""
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    data = replaced(
        with_rows(rows), "xl/sharedStrings.xml", b'<sst xmlns="%s">%s</sst>' % (NAMESPACE.encode(), texts)
    )
    relations = parts(data)[RELATIONS]
    if b"sharedStrings" in relations:
        return data
    more = b'<Relationship Id="rId99" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    return edited(data, RELATIONS, b"</Relationships>", more)


def twice(part: str) -> bytes:
    file = BytesIO(GOOD)
    with warnings.catch_warnings(), ZipFile(file, "a", ZIP_DEFLATED) as package:
        warnings.simplefilter("ignore")
        package.writestr(part, b"<a/>")
    return file.getvalue()


def lying(size: int) -> bytes:
    """A workbook whose directory says another size of its sheet than the sheet has."""
    sheet = parts(GOOD)[SHEET]
    data = bytearray(zipped([(SHEET, sheet), *((n, c) for n, c in parts(GOOD).items() if n != SHEET)]))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(SHEET.encode()))
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(data)


WORKBOOKS: dict[str, tuple[Callable[[], bytes], type[InputError], str]] = {
    "B1 text": (
        lambda: "甲,乙\n".encode(),
        MalformedFile,
        "c.xlsx: the content is text, such as CSV, not an Excel",
    ),
    "B1 empty": (lambda: b"", MalformedFile, "c.xlsx: the file is empty"),
    "B1 truncated": (
        lambda: GOOD[: len(GOOD) // 2],
        MalformedFile,
        "c.xlsx: the workbook is cut off or damaged",
    ),
    "B1 start only": (lambda: GOOD[:4], MalformedFile, "the workbook is cut off or damaged"),
    "B3 no workbook": (
        lambda: zipped([("a.txt", b"a")]),
        MalformedFile,
        "this is a zip archive without a workbook",
    ),
    "B3 missing sheet": (
        lambda: replaced(GOOD, SHEET, None),
        MalformedFile,
        f"c.xlsx, {SHEET}: damaged workbook",
    ),
    "B3 broken XML": (
        lambda: edited(GOOD, SHEET, b"</sheetData>", b""),
        MalformedFile,
        f"c.xlsx, {SHEET}, line 1: damaged workbook: the XML of this part is broken",
    ),
    "B3 empty sheet part": (lambda: replaced(GOOD, SHEET, b""), MalformedFile, f"c.xlsx, {SHEET}"),
    "B6 sheet": (lambda: with_doctype(SHEET), MalformedFile, f"c.xlsx, {SHEET}: a DOCTYPE is not accepted"),
    "B6 styles": (lambda: with_doctype("xl/styles.xml"), MalformedFile, "c.xlsx, xl/styles.xml: a DOCTYPE"),
    "B6 types": (
        lambda: with_doctype("[Content_Types].xml"),
        MalformedFile,
        "[Content_Types].xml: a DOCTYPE",
    ),
    "B6 shared texts": (
        lambda: replaced(GOOD, "xl/sharedStrings.xml", DOCTYPE + b"<sst/>"),
        MalformedFile,
        "c.xlsx, xl/sharedStrings.xml: a DOCTYPE",
    ),
    "B6 external entity": (
        lambda: replaced(
            GOOD, "xl/x.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
        ),
        MalformedFile,
        "c.xlsx, xl/x.xml: a DOCTYPE",
    ),
    "B7 far cell": (
        lambda: cells(A1=1, XFD1048576=2),
        TooLarge,
        "c.xlsx, sheet Sheet: the table reaches to XFD1048576, which is more than 50,000 rows",
    ),
    "B27 CSV as workbook": (
        lambda: "甲,乙\n".encode("gb18030"),
        MalformedFile,
        "give a CSV file the suffix .csv",
    ),
    "UTF-16 text": (lambda: "甲,乙\n".encode("utf-16"), MalformedFile, "the content is text"),
    "old Excel": (
        lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        MalformedFile,
        "this is an old Excel file (.xls)",
    ),
    "password": (
        lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        MalformedFile,
        "protected by a password; open it in Excel or WPS, take the password off",
    ),
    "web page": (lambda: b"<html><body><table></table>", MalformedFile, "this is a web page, not an Excel"),
    "XML spreadsheet": (
        lambda: b'<?xml version="1.0"?><Workbook/>',
        MalformedFile,
        "this is XML, not an Excel",
    ),
    "PDF": (lambda: b"%PDF-1.7", MalformedFile, "this is a PDF"),
    "noise": (lambda: bytes(range(256)) * 9, MalformedFile, "this is not an Excel .xlsx file (not a zip)"),
    "Word": (lambda: zipped([("word/document.xml", b"<a/>")]), MalformedFile, "this is a Word document"),
    "slides": (lambda: zipped([("ppt/presentation.xml", b"<a/>")]), MalformedFile, "this is a presentation"),
    "OpenDocument": (
        lambda: zipped([("content.xml", b"<a/>")]),
        MalformedFile,
        "an OpenDocument file (.ods)",
    ),
    "binary workbook": (
        lambda: zipped([("xl/workbook.bin", b"")]),
        MalformedFile,
        "a binary Excel workbook (.xlsb)",
    ),
    "part twice": (lambda: twice(SHEET), MalformedFile, f"c.xlsx, {SHEET}: two parts bear the same name"),
    "part twice but for case": (
        lambda: twice("XL/Workbook.xml"),
        MalformedFile,
        "two parts bear the same name",
    ),
    "size too small": (lambda: lying(10), MalformedFile, f"c.xlsx, {SHEET}: this part is cut off or damaged"),
    "size too large": (
        lambda: lying(90_000),
        MalformedFile,
        f"c.xlsx, {SHEET}: this part is cut off or damaged",
    ),
    "flipped byte": (
        lambda: GOOD[:60] + bytes([GOOD[60] ^ 255]) + GOOD[61:],
        MalformedFile,
        "this part is cut off or damaged",
    ),
    "many parts": (
        lambda: zipped((f"{n}.xml", b"<a/>") for n in range(2_001)),
        TooLarge,
        "the workbook has more than 2,000 parts",
    ),
    "UTF-16 part": (
        lambda: replaced(GOOD, SHEET, parts(GOOD)[SHEET].decode().encode("utf-16")),
        MalformedFile,
        f"c.xlsx, {SHEET}: this part is not in UTF-8",
    ),
    "sheet named twice": (
        lambda: edited(
            saved(lambda workbook: workbook.create_sheet("B")),
            "xl/workbook.xml",
            b'name="B"',
            b'name="Sheet"',
        ),
        MalformedFile,
        "c.xlsx, xl/workbook.xml: damaged workbook: two sheets are called Sheet",
    ),
    "no relations": (lambda: replaced(GOOD, RELATIONS, None), MalformedFile, "damaged workbook"),
    "row 0": (lambda: with_rows(FIRST_ROW % cell("A0", b"<v>1</v>")), MalformedFile, "'A0' is no cell"),
    "no such shared text": (
        lambda: with_rows(FIRST_ROW % cell("A1", b"<v>99</v>", b"s")),
        MalformedFile,
        f"c.xlsx, {SHEET}: damaged workbook",
    ),
    "a kind that is none": (
        lambda: with_rows(FIRST_ROW % cell("A1", b"<v>1</v>", b"zz")),
        MalformedFile,
        f"c.xlsx, {SHEET}: damaged workbook",
    ),
    "overlapping merges": (
        lambda: with_rows(
            FIRST_ROW % cell("C1", b"<v>1</v>"),
            b"<mergeCells>%s</mergeCells>" % (b'<mergeCell ref="A1:C1"/>' * 3),
        ),
        MalformedFile,
        "c.xlsx, sheet Sheet: damaged workbook: merged cells overlap",
    ),
    "column IW": (lambda: cells(IW1=1), TooLarge, "reaches to IW1, which is more than 256 columns"),
    "a column without end": (
        lambda: with_rows(FIRST_ROW % cell("ZZZZ1", b"<v>1</v>")),
        MalformedFile,
        "'ZZZZ1' is no cell",
    ),
    "wide and long": (
        lambda: cells(IV1=1, A2000=1),
        TooLarge,
        "reaches to IV2000, which is more than 250,000 cells",
    ),
    "many wide sheets": (
        lambda: saved(
            lambda workbook: [workbook.create_sheet(f"S{number}").cell(900, 250, "x") for number in range(2)]
        ),
        TooLarge,
        "the sheets of the workbook have more than 250,000 cells in all",
    ),
    "long cell": (
        lambda: cells(A1="甲", B2="乙" * 32_001),
        TooLarge,
        "c.xlsx, sheet Sheet, cell B2: a cell is longer than 32,000 characters",
    ),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_bad_workbook_gets_its_sentence_and_its_place(case: str) -> None:
    make, kind, said = WORKBOOKS[case]
    with pytest.raises(InputError) as caught:
        read_workbook(make(), "c.xlsx")
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def many_rows(number: int, columns: str) -> bytes:
    return with_rows(
        b"".join(
            FIRST_ROW.replace(b"1", b"%d" % row)
            % b"".join(cell(f"{c}{row}", b"<v>%d</v>" % (row * 7919 % 100_003)) for c in columns)
            for row in range(1, number + 1)
        )
    )


NASTY: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "B4 400 MB cell": ("c.xlsx", lambda: unpacking_to(400_000_000), "c.xlsx: the workbook unpacks to 400,"),
    "45 MB cell": (
        "c.xlsx",
        lambda: unpacking_to(45_000_000, b"".join(b"%07d" % (n * n % 9_999_991) for n in range(150_000))),
        f"c.xlsx, {SHEET}: a cell is longer than 32,000 characters",
    ),
    "800,000 rows": ("c.xlsx", lambda: many_rows(800_000, "A"), "which is more than 50,000 rows"),
    "as many cells as are read": ("c.xlsx", lambda: many_rows(25_000, "ABCDEFGHIJ"), "read 1 sheets"),
    "as many rows as are read": ("c.xlsx", lambda: many_rows(50_000, "A"), "read 1 sheets"),
    "B7 far cell": ("c.xlsx", lambda: cells(A1=1, XFD1048576=2), "the table reaches to XFD1048576"),
    "one text shared by all": (
        "c.xlsx",
        lambda: with_shared_texts(
            b"<si><t>%s</t></si>" % (b"A" * 31_000),
            b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 50_001)),
        ),
        "the cells of the workbook hold more than 50,000,000 characters in all",
    ),
    "elements nested deep": (
        "c.xlsx",
        lambda: replaced(GOOD, SHEET, b"".join(b"<a%d>" % n for n in range(200_000))),
        "the XML of this part is broken",
    ),
    "B24 10 MB line": ("c.csv", lambda: b"x" * 10_000_000, "c.csv, row 1: the line is longer than 1,000,000"),
    "30 MB of separators": ("c.csv", lambda: (b"," * 900_000 + b"\n") * 34, "read 1 sheets"),
    "30 MB of quotes": ("c.csv", lambda: b'"' * 30_000_000, "c.csv, row 1: the line is longer"),
    "30 MB of line ends": ("c.csv", lambda: b"a\n" + b"\n" * 30_000_000, "more than 50,000 rows"),
    "A26 collections": (
        "c.ttl",
        lambda: b"<x:a> a <https://w3id.org/bps/ns#Item> ; <x:b> " + b"(" * 100_000 + b")" * 100_000 + b" .",
        "read 200000 triples",
    ),
    "A31 JSON nested deep": (
        "c.jsonld",
        lambda: b"[" * 100_000 + b"]" * 100_000,
        "the JSON is nested more than 64 deep",
    ),
    "A37 XML nested deep": (
        "c.rdf",
        lambda: b"<a>" * 100_000 + b"</a>" * 100_000,
        "nested more than 256 deep",
    ),
    "A38 10 MB literal": (
        "c.ttl",
        lambda: b'<a:b> <a:b> "' + b"x" * 10_000_000 + b'" .',
        "c.ttl, line 1: a literal",
    ),
    "A38 1 MB IRI": (
        "c.ttl",
        lambda: b"<a:b> <a:b> <a:" + b"x" * 1_000_000 + b"> .",
        "c.ttl, line 1: an IRI is longer",
    ),
    "quotes without end": ("c.ttl", lambda: b"<a:b> <a:b> " + b'"""a"' * 400_000, "c.ttl, line 1"),
}
READ = """
import resource, sys
from pathlib import Path
from bpsgraph.errors import InputError
from bpsgraph.ingest.delimited import read_delimited
from bpsgraph.ingest.rdf import parse
from bpsgraph.formats import RDF_FORMATS, by_suffix
from bpsgraph.ingest.workbook import read_workbook
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
path = Path(sys.argv[1])
data = path.read_bytes()
try:
    if path.suffix == ".xlsx":
        print("read", len(read_workbook(data, path.name).sheets), "sheets")
    elif path.suffix == ".csv":
        print("read", len(read_delimited(data, path.name).sheets), "sheets")
    else:
        print("read", len(parse(data, path.name, by_suffix(path, RDF_FORMATS))), "triples")
except InputError as error:
    print(error)
used = resource.getrusage(resource.RUSAGE_SELF)
status = Path("/proc/self/status")
peak = used.ru_maxrss
if status.exists():  # Unlike the former, this leaves out what the process was forked from.
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
print(peak // 1024, used.ru_utime + used.ru_stime)
"""


@pytest.mark.parametrize("case", some(NASTY, 6))
def test_a_nasty_file_costs_little_time_and_memory(tmp_path: Path, case: str) -> None:
    name, make, said = NASTY[case]
    path = tmp_path / name
    path.write_bytes(make())
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    sentence, used = done.stdout.splitlines()
    megabytes, seconds = map(float, used.split())
    assert said in sentence
    assert megabytes < 300
    assert seconds < 5


BPS = "https://w3id.org/bps/ns#"
HEAD = f"@prefix bps: <{BPS}> .\n<x:a> a bps:ServiceItem .\n"
NODE = f'{{"@id": "x:a", "@type": "{BPS}ServiceItem", '
XML = (
    '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
    f'  xmlns:bps="{BPS}">\n<bps:ServiceItem rdf:about="x:a"/>\n</rdf:RDF>'
)
RDF: dict[str, tuple[str, str, type[InputError], str]] = {
    "A1 empty": ("c.ttl", "", EmptyGraph, "the file holds no triples"),
    "A2 comments": ("c.ttl", "# nothing\n", EmptyGraph, "the file holds no triples"),
    "A4 prefix": (
        "c.ttl",
        "<x:a> ex:a 1 .",
        MalformedFile,
        "line 1, column 7: the prefix ex: has not been declared",
    ),
    "A7 escapes in an IRI": ("c.ttl", HEAD + "<x:\\u003E\\u0022> a <x:b> .", MalformedFile, "line 3"),
    "A10 unclosed": (
        "c.ttl",
        HEAD + '<x:a> <x:b> "abc .\n',
        MalformedFile,
        "line 3, column 13: what begins here",
    ),
    "A11 line break": ("c.ttl", HEAD + '<x:a> <x:b> "a\nb" .', MalformedFile, "line 3"),
    "A13 surrogate": ("c.ttl", HEAD + '<x:a> <x:b> "\\uD800" .', MalformedFile, "line 3"),
    "A14 NUL": (
        "c.ttl",
        HEAD + '<x:a> <x:b> "\0" .',
        MalformedFile,
        "line 3, column 14: a control character U+0000",
    ),
    "A14 NUL escape": (
        "c.ttl",
        HEAD + '<x:a> <x:b> "\\u0000" .',
        MalformedFile,
        "line 3, column 14: a control",
    ),
    "A16 language": ("c.ttl", HEAD + '<x:a> <x:b> "a"@zh-abcdefghijklmno .', MalformedFile, "line 3"),
    "A22 web page": ("c.ttl", "<!DOCTYPE html><html>", MalformedFile, "this is an HTML page"),
    "A23 JSON as Turtle": ("c.ttl", '{"@id": "x:a"}', MalformedFile, "give JSON-LD the suffix .jsonld"),
    "A23 Turtle as JSON": ("c.jsonld", HEAD, MalformedFile, "give Turtle the suffix .ttl"),
    "A25 TriG": (
        "c.ttl",
        HEAD + "GRAPH <x:g> { <x:a> <x:b> 1 }",
        MalformedFile,
        "line 3, column 1: files with named",
    ),
    "A28 context": ("c.jsonld", '{"@context": "https://e.org/c"}', MalformedFile, "contexts are not loaded"),
    "A28 file": (
        "c.jsonld",
        '{"@context": "file:///etc/hostname"}',
        MalformedFile,
        "contexts are not loaded",
    ),
    "A28 import": ("c.jsonld", '{"@context": {"@import": "x"}}', MalformedFile, "contexts are not loaded"),
    "A29 no context": ("c.jsonld", '{"name": "x"}', EmptyGraph, "no key of it (name) maps to an IRI"),
    "A31 twice": ("c.jsonld", NODE + '"x:b": 1, "x:b": 2}', MalformedFile, "the key 'x:b' stands twice"),
    "A31 id": ("c.jsonld", '{"@id": 5}', MalformedFile, "@id value must be a string"),
    "A31 cycle": (
        "c.jsonld",
        '{"@context": {"a": "b:x", "b": "a:y"}, "a": 1}',
        MalformedFile,
        "cyclic IRI mapping",
    ),
    "A31 NaN": ("c.jsonld", NODE + '"x:b": NaN}', MalformedFile, "line 1"),
    "A31 null": ("c.jsonld", "null", MalformedFile, "the JSON is just null"),
    "A31 5": ("c.jsonld", "5", MalformedFile, "the JSON is just 5"),
    "A32 truncated": ("c.rdf", XML[: XML.rindex("</")], MalformedFile, "the XML ends before it is complete"),
    "A34 DTD": (
        "c.rdf",
        '<!DOCTYPE x SYSTEM "http://e.org/x.dtd"><x/>',
        MalformedFile,
        "a DOCTYPE is not accepted",
    ),
    "A35 encoding": (
        "c.rdf",
        XML.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"'),
        MalformedFile,
        "line 1: the XML says that it is in ISO-8859-1",
    ),
}


@pytest.mark.parametrize("case", RDF)
def test_a_bad_text_of_rdf_gets_its_sentence_and_its_place(tmp_path: Path, case: str) -> None:
    name, content, kind, said = RDF[case]
    (tmp_path / name).write_bytes(content.encode())
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        ("<rel> <x:b> <../up> .", []),
        ("<x:a> <x:b> <javascript:alert(1)>, <data:text/html,x> .", ["suspicious-iri", "suspicious-iri"]),
        ("<x:a> <x:b> 1e999999 .", ["infinite-number"]),
        ("<x:a> <http://www.w3.org/ns/shacl#deactivated> true .", ["statement-without-effect"]),
        ("<x:a> <http://www.w3.org/2002/07/owl#imports> <x:b> .", ["statement-without-effect"]),
        ("<x:a> <x:b> <http://user@e.org/>, <http://е.org/> .", ["suspicious-iri", "suspicious-iri"]),
    ],
    ids=["A5", "A8", "A19", "A41 shape", "A41 import", "A43"],
)
def test_what_is_odd_is_read_and_remarked(tmp_path: Path, content: str, reasons: list[str]) -> None:
    path = tmp_path / "c.ttl"
    path.write_text("\ufeff" + HEAD + content, encoding="utf-8")
    found = read(path)
    assert [remark.reason for remark in found.remarks] == reasons
    assert {remark.place.line for remark in found.remarks} <= {2, 3}


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("c.xlsx", lambda: "甲,乙\n".encode(), "c.xlsx: the content is text, such as CSV"),
        ("c.xlsx", lambda: cells(A1=1, XFD1048576=2), "c.xlsx, sheet Sheet: the table reaches to XFD1048576"),
        ("c.xlsx", lambda: with_doctype(SHEET), f"c.xlsx, {SHEET}: a DOCTYPE is not accepted in a workbook"),
        ("c.csv", lambda: GOOD, "c.csv: the content is an Excel file, not CSV"),
        ("c.csv", lambda: b"a,b\nc,\x00\n", "c.csv, row 2, byte 7: a NUL character"),
        (
            "c.xls",
            lambda: b"\xd0\xcf\x11\xe0",
            "c.xls: this is not an Excel .xlsx file; open it in Excel or WPS",
        ),
        ("c.jsonld", lambda: b"null", "c.jsonld: the JSON is just null"),
    ],
)
def test_the_command_line_says_it_in_one_sentence_and_ends_with_2(
    spawn: Run, tmp_path: Path, name: str, make: Callable[[], bytes], said: str
) -> None:
    (tmp_path / name).write_bytes(make())
    done = spawn("validate", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {said}")
    assert len(done.stderr.splitlines()) == 1


_TABLE = '服务事项,标准\n养老保险,"每月112元"\n'.encode()


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """The bytes with a few changed, taken out, put in or cut off."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        change = draw(st.sampled_from(["set", "insert", "delete", "cut"]))
        if change == "set" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif change == "insert":
            data[at:at] = draw(st.binary(max_size=8))
        elif change == "delete":
            del data[at : at + draw(st.integers(1, 16))]
        elif change == "cut":
            del data[at:]
    return bytes(data)


def read_or_refused(reader: Callable[[bytes, str], object], data: bytes) -> None:
    with suppress(InputError):
        reader(data, "c")


@given(mutated(GOOD))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_bytes_a_workbook_is_read_or_refused(data: bytes) -> None:
    read_or_refused(read_workbook, data)


@given(
    st.sampled_from(sorted(parts(GOOD))).flatmap(
        lambda part: st.tuples(st.just(part), mutated(parts(GOOD)[part]))
    )
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_bytes_of_a_part_a_workbook_is_read_or_refused(change: tuple[str, bytes]) -> None:
    read_or_refused(read_workbook, replaced(GOOD, *change))


@given(st.sampled_from(["utf-8", "gb18030", "utf-16"]).flatmap(lambda e: mutated(_TABLE.decode().encode(e))))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_csv_is_read_or_refused(data: bytes) -> None:
    read_or_refused(read_delimited, data)
