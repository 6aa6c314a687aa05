"""Files that are whole and say odd things, so that they get further than broken ones: into rules and reports."""

import csv
import io
from random import Random

import pyoxigraph
from openpyxl import Workbook
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from bpsgraph.terms import BASE, BPS, PREFIXES, XSD
from faults.broken_files import SUFFIXES, BrokenFile, whole

_KINDS = ("csv", "xlsx", "turtle", "ntriples", "rdfxml", "csv", "xlsx", "turtle", "jsonld")
_FORMATS = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
_TEXTS = (
    "", " ", "0", "-1", "1e999", "9" * 400, "0.000000000000000000000000000001", "1000元", "每生每年1000元", "1/0", "50%",
    "五千元", "一百零五元每人每月", "2024-02-30", "=1+1", "=HYPERLINK(\"http://127.0.0.1:9/\")", "+1", "-x", "@SUM(1)", "\t=1",
    "<svg onload=alert(1)>", "{{7*7}}", "{% raw %}", "%s%n", "\u202e晋城", "\u200b", "\ufeff", "a\nb", "a\rb", "x" * 30_000,
    "'", '"', "\\", "&lt;", "]]>", "$this", "?value", "} UNION { ?s ?p ?o", "学前教育幼儿资助", "县教育局", "NaN", "INF",
    "国家标准", "各县自定", "—", "同上", "（一）", "①", "㎡", "1000—3000元", "3000—1000元", "≥1", "不低于", "0元", "免费",
)  # fmt: skip
_COLUMNS = (
    "服务事项",
    "事项名称",
    "服务标准",
    "数值",
    "单位",
    "起始日期",
    "年份",
    "地区",
    "x" * 300,
    "",
    "服务标准",
)


def odd_file(seed: int, at: int) -> BrokenFile:
    """The file of that number."""
    random = Random(f"odd {seed} {at}")
    kind = _KINDS[at % len(_KINDS)]
    name = f"{seed}-odd-{at:05}{SUFFIXES[kind]}"
    if kind in _FORMATS:
        return BrokenFile(kind, name, _odd_graph(kind, random), ("odd statements",))
    rows = _odd_rows(random)
    return BrokenFile(kind, name, _csv(rows) if kind == "csv" else _xlsx(rows), ("odd cells",))


def _odd_rows(random: Random) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(whole("csv").decode("utf-8-sig"))))
    for _ in range(random.choice((1, 2, 5, 30))):
        row = random.randrange(len(rows))
        match random.randrange(8):
            case 0:
                rows.insert(row, list(random.choice(rows)))
            case 1 if len(rows) > 2:
                del rows[row]
            case 2:
                rows[0][random.randrange(len(rows[0]))] = random.choice(_COLUMNS)
            case 3:
                rows[row].append(random.choice(_TEXTS))
            case _:
                rows[row][random.randrange(len(rows[row]))] = random.choice(_TEXTS)
    return rows


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = text.replace("\r", " ")
            if not text.startswith("=1"):
                cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _odd_graph(kind: str, random: Random) -> bytes:
    triples = sorted(
        (quad.triple for quad in pyoxigraph.parse(whole("turtle"), RdfFormat.TURTLE, base_iri=BASE)), key=str
    )
    for _ in range(random.choice((1, 2, 5, 30))):
        at = random.randrange(len(triples))
        subject, predicate, object_ = triples[at]
        assert isinstance(subject, NamedNode | BlankNode)
        match random.randrange(7):
            case 0:
                del triples[at]
            case 1:
                triples[at] = Triple(subject, predicate, random.choice(triples).object)
            case 2:
                triples.append(Triple(subject, random.choice(triples).predicate, object_))
            case 3:
                other = random.choice(triples).subject
                assert isinstance(other, NamedNode | BlankNode)
                triples[at] = Triple(other, predicate, object_)
            case _:
                triples[at] = Triple(subject, predicate, _odd_literal(random))
    written = pyoxigraph.serialize(
        triples, format=_FORMATS[kind], prefixes=PREFIXES if kind in ("turtle", "rdfxml") else None
    )
    assert written is not None
    return written


def _odd_literal(random: Random) -> Literal | NamedNode:
    text = random.choice(_TEXTS)
    match random.randrange(4):
        case 0:
            return Literal(text, language=random.choice(("zh", "en", "x-y")))
        case 1:
            types = ("decimal", "integer", "date", "boolean", "double", "gYear", "anyURI", "duration")
            return Literal(text, datatype=NamedNode(XSD + random.choice(types)))
        case 2:
            return NamedNode(
                random.choice((BPS + "Catalogue", BASE + "item/x", "javascript:alert(1)", "urn:x"))
            )
        case _:
            return Literal(text)
