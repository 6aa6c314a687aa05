"""Whole files of every kind that is read, broken by chance: the same seed and number give the same bytes.

`python -m faults.broken_files --seed 7 --number 20 FOLDER` writes some to look at.
"""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyoxigraph
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from pyoxigraph import RdfFormat

from bpsgraph.sources import find_sources
from bpsgraph.terms import BASE, PREFIXES

_ROOT = find_sources().root
_CATALOGUE = "data/ttl/local/341722-2021.ttl"
_TABLE = """服务事项,服务对象,服务内容,服务标准,支出责任,牵头负责单位
学前教育幼儿资助,普惠性幼儿园在园家庭经济困难儿童、孤儿和残疾儿童,减免保教费,每生每年不少于1000元,地方人民政府负责,县教育局
义务教育阶段免除学杂费,义务教育学生,免除学杂费,"小学650元/生·年，初中850元/生·年",中央与地方按6∶4分担,县教育局
农村义务教育学生营养膳食补助,国家试点县学生,提供营养膳食,每生每天4元，全年按200天计,中央财政承担,县教育局
普通高中国家助学金,具有正式学籍的家庭经济困难学生,发放助学金,"平均2000元/生·年，1000—3000元，分2—3档",中央与地方分担,县教育局
老年人福利补贴,65周岁以上老年人,发放补贴,由各县(市、区)确定,地方人民政府负责,县民政局
"""
_QUERY = "queries/floors/in-force.rq"
_SHAPES = "shapes/structure/catalogue.ttl"
_SETTINGS = 'store = "build/store"\nlang = "en"\nmax_file_size = 1000000\ntimeout = 20.5\nby = "王芳"\n'
_PROFILE = """[severity]
funding = {to = "violation", reason = "省财政厅要求"}
coverage-wider = {to = "off", reason = "已另行评估"}

[[waiver]]
rule = "baseline-below"
item = "义务教育阶段免除学杂费"
reason = "过渡期内按原标准执行"
author = "张三"
expires = 2030-12-31
"""

SUFFIXES = {
    "turtle": ".ttl",
    "trig": ".trig",
    "ntriples": ".nt",
    "nquads": ".nq",
    "jsonld": ".jsonld",
    "rdfxml": ".rdf",
    "csv": ".csv",
    "xlsx": ".xlsx",
    "query": ".rq",
    "shapes": ".ttl",
    "settings": ".toml",
    "profile": ".toml",
}
SUBMISSIONS = ("turtle", "ntriples", "jsonld", "rdfxml", "csv", "xlsx", "trig", "nquads")
_WORKBOOK_TIME = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file with a name of its own; `how` says in words what was done to the whole one."""

    kind: str
    name: str
    content: bytes
    how: tuple[str, ...]


def broken_files(seed: int, number: int, kinds: Sequence[str] = SUBMISSIONS) -> Iterator[BrokenFile]:
    """So many files, of each kind in its turn."""
    for at in range(number):
        yield broken_file(kinds[at % len(kinds)], seed, at)


def broken_file(kind: str, seed: int, at: int) -> BrokenFile:
    """One file of that kind; it depends on nothing but the arguments and the sources of the project."""
    random = Random(f"{seed}/{kind}/{at}")
    data = whole(kind)
    how = []
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        if kind == "xlsx" and data.startswith(b"PK") and random.random() < 0.85:
            change: Callable[[bytes, Random, str], tuple[bytes, str]] = random.choice(_OF_PACKAGES)
        else:
            change = random.choice(_OF_BYTES)
        data, words = change(data, random, kind)
        how.append(words)
    return BrokenFile(kind, f"{seed}-{at:05}{SUFFIXES[kind]}", data, tuple(how))


@cache
def whole(kind: str) -> bytes:
    """The file of that kind that is broken: a catalogue, a saved query, a set of shapes, settings."""
    if kind == "turtle":
        return (_ROOT / _CATALOGUE).read_bytes()
    if kind == "csv":
        return _TABLE.encode()
    if kind == "xlsx":
        return _workbook()
    if kind in {"settings", "profile"}:
        return (_SETTINGS if kind == "settings" else _PROFILE).encode()
    if kind in {"query", "shapes"}:
        return (_ROOT / (_QUERY if kind == "query" else _SHAPES)).read_bytes()
    formats = {
        "ntriples": RdfFormat.N_TRIPLES,
        "nquads": RdfFormat.N_QUADS,
        "trig": RdfFormat.TRIG,
        "jsonld": RdfFormat.JSON_LD,
        "rdfxml": RdfFormat.RDF_XML,
    }
    quads = pyoxigraph.parse(whole("turtle"), RdfFormat.TURTLE, base_iri=BASE)
    triples = sorted((quad.triple for quad in quads), key=str)
    named = kind in {"nquads", "trig"}
    graph = pyoxigraph.NamedNode(f"{BASE}graph/catalogue/341722/2021")
    content = (
        [pyoxigraph.Quad(one.subject, one.predicate, one.object, graph) for one in triples]
        if named
        else triples
    )
    prefixes = None if kind in {"ntriples", "nquads"} else PREFIXES
    written = pyoxigraph.serialize(content, format=formats[kind], prefixes=prefixes)
    assert written is not None
    return written


def _workbook() -> bytes:
    """The table as a workbook with what workbooks have: styles, a formula, a date, merged and hidden cells."""
    book = Workbook()
    about = book.worksheets[0]
    about.title = "说明"
    for line in (["行政区划代码", "341722"], ["版本", "2021年版"], ["完整程度", "节选"]):
        about.append(line)
    about["A5"], about["B5"] = "印发日期", "2021-11-02"
    about["A5"].font = Font(bold=True)
    items = book.create_sheet("服务事项")
    for row in csv.reader(_TABLE.splitlines()):
        items.append(row)
    items["H2"], items["H3"], items["H4"] = 0.3, "=SUM(H2:H2)", 44502
    items["H2"].number_format, items["H4"].number_format = "0%", "yyyy-mm-dd"
    items["A1"].fill = PatternFill("solid", fgColor="FFFF00")
    items["I1"] = "备注"
    items["I1"].hyperlink = "https://example.org/"
    items.merge_cells("G2:G4")
    items.row_dimensions[6].hidden = True
    items.column_dimensions["J"].hidden = True
    file = BytesIO()
    book.save(file)
    with ZipFile(file) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    # It holds the time at which it was made.
    del parts["docProps/core.xml"]
    return _packed(list(parts.items()))


def _packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """The parts as a zip archive without a clock in it; parts of one name are kept."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in parts:
            entry = ZipInfo(name, _WORKBOOK_TIME)
            entry.compress_type = ZIP_DEFLATED
            if name in package.NameToInfo:
                del package.NameToInfo[name]  # Else a warning that the name is there already.
            package.writestr(entry, content)
    return file.getvalue()


def _place(data: bytes, random: Random) -> int:
    return random.randrange(len(data) + 1)


def _set(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    at, byte = _place(data, random), random.randrange(256)
    return data[:at] + bytes([byte]) + data[at + 1 :], f"byte {byte:#04x} at {at}"


def _flip(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    if not data:
        return data, "nothing to flip"
    at, bit = random.randrange(len(data)), 1 << random.randrange(8)
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :], f"bit {bit} flipped at {at}"


def _cut(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    at = _place(data, random)
    return data[:at], f"cut off at {at}"


def _remove(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    at, length = _place(data, random), random.choice((1, 2, 8, 64, 512))
    return data[:at] + data[at + length :], f"{length} bytes taken out at {at}"


def _repeat(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    at, length, times = _place(data, random), random.choice((1, 8, 64, 512)), random.choice((1, 2, 50, 400))
    return data[:at] + data[at : at + length] * times + data[
        at:
    ], f"{length} bytes at {at} {times} times more"


def _move(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    start, end = sorted((_place(data, random), _place(data, random)))
    rest = data[:start] + data[end:]
    at = _place(rest, random)
    return rest[:at] + data[start:end] + rest[at:], f"bytes {start} to {end} moved to {at}"


def _splice(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    other = random.choice([name for name in SUFFIXES if name != kind])
    piece = whole(other)[: random.choice((16, 256, 100_000))]
    at = random.choice((0, _place(data, random)))
    return data[:at] + piece + data[at:], f"{len(piece)} bytes of {other} put in at {at}"


def _encode(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    encoding = random.choice(("utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "latin-1", "utf-7"))
    text = data.decode("utf-8", "replace")
    return text.encode(encoding, "replace"), f"in {encoding}"


def _mark(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    mark = random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf"))
    return mark + data, f"{mark.hex()} at the beginning"


def _ends(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    end = random.choice((b"\r", b"\r\n", b"", b"\x0b", b"\xe2\x80\xa8"))
    return data.replace(b"\n", end), f"line ends are {end!r}"


def _put(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    piece = random.choice((*_ANYWHERE, *_OF_KIND.get(kind, _ANYWHERE)))
    at = _between_words(data, random) if random.random() < 0.7 else _place(data, random)
    shown = piece if len(piece) < 60 else piece[:30] + b"..."
    return data[:at] + piece + data[at:], f"{shown!r} put in at {at}"


def _exchange(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    """Put something else in the place of a word, which a parser notices later than a wrong byte."""
    start = _between_words(data, random)
    end = start
    while end < len(data) and data[end : end + 1] not in _BETWEEN:
        end += 1
    piece = random.choice((*_ANYWHERE, *_OF_KIND.get(kind, _ANYWHERE)))
    return data[:start] + piece + data[end:], f"{data[start:end][:30]!r} is now {piece[:30]!r}"


def _between_words(data: bytes, random: Random) -> int:
    at = _place(data, random)
    while at < len(data) and data[at - 1 : at] not in _BETWEEN:
        at += 1
    return at


def _change_part(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    parts = _parts(data)
    if not parts:
        return _flip(data, random, kind)
    at = random.randrange(len(parts))
    name, content = parts[at]
    change = random.choice(_OF_BYTES)
    parts[at] = (name, (changed := change(content, random, "part"))[0])
    return _packed(parts), f"{name}: {changed[1]}"


def _drop_part(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    parts = _parts(data)
    if not parts:
        return _cut(data, random, kind)
    name, _ = parts.pop(random.randrange(len(parts)))
    return _packed(parts), f"without {name}"


def _double_part(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    parts = _parts(data)
    if not parts:
        return _flip(data, random, kind)
    name, content = random.choice(parts)
    name = random.choice((name, name.upper(), f"/{name}", f"../{name}", name.replace("/", "\\")))
    parts.insert(random.randrange(len(parts) + 1), (name, content))
    return _packed(parts), f"{name} again"


def _exchange_parts(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    parts = _parts(data)
    if len(parts) < 2:
        return _flip(data, random, kind)
    one, other = random.sample(range(len(parts)), 2)
    (first, content), (second, more) = parts[one], parts[other]
    parts[one], parts[other] = (first, more), (second, content)
    return _packed(parts), f"{first} and {second} exchanged"


def _lie(data: bytes, random: Random, kind: str) -> tuple[bytes, str]:
    """Another number somewhere in the directory of the archive: a size, a place, a method, a flag."""
    at = data.rfind(b"PK\x01\x02", 0, random.randrange(len(data) + 1))
    if at < 0:
        return _flip(data, random, kind)
    field = at + random.choice((8, 10, 16, 20, 24, 28, 30, 42))
    value = random.choice((0, 1, 8, 99, 0x7FFF, 0xFFFF)).to_bytes(2, "little")
    return data[:field] + value + data[field + 2 :], f"directory at {at}: {value.hex()} at {field - at}"


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    try:
        with ZipFile(BytesIO(data)) as package:
            return [(entry.filename, package.read(entry)) for entry in package.infolist()]
    except Exception:
        # It was broken before; whatever the archive's reader says of that is of no interest here.
        return []


_BETWEEN = (b" ", b"\n", b"\t", b",", b"<", b">", b'"', b"/", b"")
_ANYWHERE = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xef\xbf\xbf",
    b"'",
    b'"',
    b"\\",
    b"\r",
    b"(" * 3_000,
    b"[" * 3_000,
    b"{" * 3_000,
    b"A" * 70_000,
    b"9" * 5_000,
    b"1e999999",
    b"-0",
    b"NaN",
    b"0000-00-00",
    b"../../../etc/passwd",
    b"javascript:alert(1)",
    b"file:///etc/hostname",
    b"http://127.0.0.1:9/x",
    "　\u200b\u202e".encode(),
    b"%s%n{0}${x}",
)
_TURTLE = (
    b'"""',
    b"'''",
    b"@prefix : <x:> .",
    b"@base <http://127.0.0.1:9/> .",
    b"<a> <b> ",
    b"<< <x:a> <x:b> <x:c> >> ",
    b"GRAPH <x:g> {",
    b"[] a [ a [ a [] ] ] .",
    b'"x"@en--ltr',
    b'"31/02/2024"^^xsd:date',
    b"_:b0 _:b0 _:b0 .",
    b"<> <http://www.w3.org/2002/07/owl#imports> <file:///etc/hostname> .",
    b"\\u0000",
    b"\\uD800",
    b"#",
    b";",
    b".",
    b"^^",
    b"(" * 2_000 + b")" * 2_000,
    b"[ <x:p> " * 2_000 + b"]" * 2_000,
)
_XML = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    b"&b;",
    b"&#0;",
    b"&#xD800;",
    b"<![CDATA[",
    b"<!--",
    b"<?xml version='1.0' encoding='latin-1'?>",
    b"<a " * 200,
    b"<a>" * 2_000,
    b"</a>",
    b"<a>" * 300 + b"</a>" * 300,
    b' xml:base="file:///etc/"',
    b' rdf:parseType="Literal"',
    b' rdf:resource="http://127.0.0.1:9/"',
)
_OF_KIND = {
    "turtle": _TURTLE,
    "trig": _TURTLE,
    "ntriples": _TURTLE,
    "nquads": _TURTLE,
    "shapes": (
        *_TURTLE,
        b"sh:sparql [ sh:select 'SELECT * FROM <file:///etc/passwd> {?s ?p ?o}' ] ;",
        b'sh:pattern "^(a+)+$" ;',
        b'sh:pattern "(" ;',
        b"sh:js [] ;",
    ),
    "jsonld": (
        b'"@context": "http://127.0.0.1:9/x",',
        b'"@context": "file:///etc/hostname",',
        b'"@context": {"@import": "x"},',
        b'"@id": 5,',
        b'"@id": null,',
        b'"@type": [[]],',
        b"[" * 70 + b"]" * 70,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"null",
        b"1e400",
        b'"\\ud800"',
        b'"\\u0000"',
        b",",
        b"}",
        b'"@graph": [],',
    ),
    "rdfxml": _XML,
    "part": (
        *_XML,
        b' t="s"',
        b' t="e"',
        b' t="d"',
        b' r="XFD1048576"',
        b' s="99999"',
        b"<v>1e400</v>",
        b"<v>-1</v>",
        b'<f t="shared" si="0">A1</f>',
        b'<c r="A1"><v>1</v></c>',
        b'<row r="0"/>',
        b'<mergeCell ref="A1:XFD1048576"/>',
        b' Target="file:///etc/hostname" TargetMode="External"',
        b"4294967296",
        b"-1",
    ),
    "csv": (
        b",",
        b"," * 300,
        b'"',
        b'""',
        b"\n" * 60_000,
        b"=cmd|'/c calc'!A1",
        b"+1",
        b"@SUM(A1)",
        b";",
        b"\t",
        "，".encode(),
        b"sep=;\n",
    ),
    "query": (
        b"# param x iri required\n",
        b"#\n# columns:\n",
        b"SERVICE <http://127.0.0.1:9/> {}",
        b"SER\\u0056ICE <http://127.0.0.1:9/> {}",
        b"DROP ALL;",
        b"}",
        b"{" * 40,
        b"?x",
        b"#",
        b"\\u0022",
    ),
    "settings": (b"[[x]]\n", b"timeout = nan\n", b"timeout = -1\n", b"max_file_size = 1e9\n", b"=", b"['"),
    "profile": (
        b"[[waiver]]\n",
        b"expires = 99999-01-01\n",
        b"expires = 2021-02-30\n",
        b"rule = 5\n",
        b"[severity]\n",
        b"to = []\n",
        b"=",
        b"['",
    ),
}
_OF_BYTES: tuple[Callable[[bytes, Random, str], tuple[bytes, str]], ...] = (
    _set,
    _flip,
    _cut,
    _remove,
    _repeat,
    _move,
    _splice,
    _encode,
    _mark,
    _ends,
    _put,
    _put,
    _put,
    _exchange,
    _exchange,
    _exchange,
)
_OF_PACKAGES: tuple[Callable[[bytes, Random, str], tuple[bytes, str]], ...] = (
    _change_part,
    _change_part,
    _change_part,
    _change_part,
    _drop_part,
    _double_part,
    _exchange_parts,
    _lie,
)


def main() -> None:
    """Write broken files into a folder, and say on standard output how each was broken."""
    parser = argparse.ArgumentParser(description="Files broken by chance.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=20)
    parser.add_argument("--kind", choices=sorted(SUFFIXES), action="append")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for file in broken_files(given.seed, given.number, given.kind or SUBMISSIONS):
        (given.folder / file.name).write_bytes(file.content)
        print(f"{file.name}\t{len(file.content)}\t{'; '.join(file.how)}")


if __name__ == "__main__":
    main()
