"""Every writer, read back by programs that are not ours; the same answer gives the same bytes."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow
import pytest
import python_calamine
import rdflib
from pyarrow import parquet
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, parse_query_results

import sample_answers as samples
from bpsgraph.answers import Answer
from bpsgraph.answers.writers import WRITERS
from bpsgraph.formats import FORMATS
from bpsgraph.library import Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import BASE, XSD

NOTED = replace(
    samples.BAR,
    notes=(Text("三地没有报送。", "Three places did not report."),),
    further=(samples.SHARE,),
    highlighted=frozenset([BASE + "item/1"]),
)


def written(name: str, answer: Answer, language: str = "zh") -> Any:
    return WRITERS[name](list(answer.all()), language)


def typed(text: str, kind: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + kind))


def test_every_writer_has_its_format() -> None:
    assert set(WRITERS) <= set(FORMATS)


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_answer_gives_the_same_bytes(name: str) -> None:
    assert written(name, NOTED) == written(name, NOTED)


def test_csv_and_tsv_have_every_column() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", NOTED))))
    assert rows[0] == ["item", "item_zh", "item_en", "gap"]
    assert rows[3] == [BASE + "item/2", "送戏曲下乡", "Opera to the countryside", ""]
    assert written("tsv", NOTED).startswith("?item\t?item_zh\t?item_en\t?gap\n")


def test_json_is_read_as_sparql_results_and_says_where_it_came_from() -> None:
    text = written("json", NOTED)
    head = json.loads(text)["head"]
    assert head["bpsgraph"]["store"] == "sha256:0"
    assert head["bpsgraph"]["parameters"] == {"date": ["2024-06-01"]}
    assert head["bpsgraph"]["columns"][3] == {"name": "gap", "zh": "差额", "en": "shortfall", "unit": "元"}
    solutions = parse_query_results(text, QueryResultsFormat.JSON)
    assert [str(solution["item"].value)[-1] for solution in solutions] == ["0", "1", "2", "3"]  # type: ignore[union-attr]
    read = rdflib.query.Result.parse(io.BytesIO(text.encode()), format="json")
    assert len(read) == 4


def test_a_workbook_has_numbers_links_and_what_it_is() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", NOTED)))
    assert book.sheetnames == ["数据", "各地报送的事项", "图", "图 2", "说明"]
    sheet = book["数据"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["事项（键）", "事项", "差额 (元)"]
    assert rows[2] == ["item/1", "法律援助", 70.5]
    assert rows[3][2] is None
    assert sheet["A2"].hyperlink.target == BASE + "item/0"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C5")
    assert sheet["A3"].fill.start_color.rgb != sheet["A2"].fill.start_color.rgb
    assert len(book["图"]._images) == 1  # type: ignore[attr-defined]
    said = "\n".join(str(row) for row in book["说明"].iter_rows(values_only=True))
    for words in ("三地没有报送。", "date=2024-06-01", "sha256:0", "shortfall", "SELECT"):
        assert words in said
    calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(written("xlsx", NOTED, "en")))
    assert calamine.get_sheet_by_name("Data").to_python()[1] == [
        "item/0",
        "Living subsidy for compulsory education students in financial difficulty",
        120.0,
    ]


def test_no_text_becomes_a_formula_a_script_or_a_control() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", samples.HOSTILE)))
    assert [cell.data_type for cell in book["数据"]["A"]] == ["s"] * 4
    page = written("html", samples.HOSTILE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert "\x1b" not in page
    assert "\x1b" not in written("table", samples.HOSTILE)
    assert "| =cmd\\|'/c calc'!A1 | 1 |" in written("markdown", samples.HOSTILE)


def test_parquet_has_types_labels_and_provenance() -> None:
    table = parquet.read_table(io.BytesIO(written("parquet", NOTED)))
    assert table.schema.field("gap").type == pyarrow.decimal128(4, 1)
    assert table.column("gap").to_pylist() == [Decimal("120.0"), Decimal("70.5"), None, Decimal("0.0")]
    assert table.column("item").to_pylist()[0] == BASE + "item/0"
    assert table.schema.field("gap").metadata == {
        b"label_zh": "差额".encode(),
        b"label_en": b"shortfall",
        b"unit": "元".encode(),
    }
    about = json.loads(table.schema.metadata[b"bpsgraph"])
    assert (about["version"], about["notes"][0]["en"]) == ("2", "Three places did not report.")


def test_arrow_columns_have_the_types_of_their_values() -> None:
    columns = {
        "whole": [typed("1", "integer"), typed("2", "int")],
        "exact": [typed("0.1", "decimal"), typed("10", "integer")],
        "floating": [typed("1.5E0", "double"), typed("2", "integer")],
        "day": [typed("2024-06-01", "date"), None],
        "moment": [typed("2024-06-01T08:00:00+08:00", "dateTime"), None],
        "truth": [typed("true", "boolean"), typed("0", "boolean")],
        "mixed": [typed("1", "integer"), Literal("many")],
        "wrong": [typed("many", "integer"), None],
        "endless": [typed("INF", "double"), None],
        "large": [typed("9" * 30, "integer"), None],
        "unknown": [None, None],
    }
    rows = Rows(tuple(columns), tuple(zip(*columns.values(), strict=True)))
    table = rows.to_arrow()
    assert [str(field.type) for field in table.schema] == [
        "int64",
        "decimal128(3, 1)",
        "double",
        "date32[day]",
        "timestamp[us, tz=UTC]",
        "bool",
        *["string"] * 5,
    ]
    first, second = rows.to_dicts()
    assert (first["whole"], first["exact"], first["day"]) == (1, Decimal("0.1"), date(2024, 6, 1))
    assert isinstance(first["moment"], datetime)
    assert (second["truth"], second["unknown"], first["wrong"]) == (False, None, "many")


def test_turtle_is_a_result_set_with_its_provenance() -> None:
    graph = rdflib.Graph().parse(data=written("turtle", NOTED), format="turtle")
    rs = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    sets = sorted(
        graph.subjects(rdflib.RDF.type, rs.ResultSet), key=lambda node: int(str(graph.value(node, rs.size)))
    )
    assert [str(graph.value(node, rs.size)) for node in sets] == ["3", "4"]
    assert len(set(graph.objects(sets[1], rs.solution))) == 4
    source = graph.value(sets[1], prov.wasDerivedFrom)
    assert str(graph.value(source, rdflib.DCTERMS.identifier)) == "sha256:0"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_needs_nothing_else(language: str) -> None:
    page = written("html", NOTED, language)
    loaded = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\'\s>)]+)', page)
    assert {address for address in loaded if not address.startswith(("#", "data:", BASE))} == set()
    assert page.count("<svg") == 2
    assert "style=" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert ('<td class="number">70 / 88</td>') in page
    assert {"zh": "三地没有报送。", "en": "Three places did not report."}[language] in page
    assert "sha256:0" in page


def test_tables_put_how_many_beside_of_how_many() -> None:
    assert "| jurisdiction/1 | 泰州市 | 70 / 88 |" in written("markdown", samples.SHARE)
    assert "reported / all" in written("table", samples.SHARE, "en")
    # Where nobody knows how many, there is no figure, and no zero either.
    assert "| jurisdiction/2 | 盐津县 |  |" in written("markdown", samples.SHARE)


def test_an_answer_of_fewer_columns_keeps_what_it_can() -> None:
    fewer = samples.SHARE.only(["place_zh", "n"])
    assert (fewer.columns[1].of, fewer.charts) == (None, samples.SHARE.charts)
    assert samples.SHARE.only(["place_zh", "all"]).charts == ()
    assert samples.SHARE.only(["n", "all", "place_zh"]).charts == samples.SHARE.charts
    with pytest.raises(ValueError, match="describes"):
        replace(fewer, columns=(Column("n", Text("数", "n")),))
