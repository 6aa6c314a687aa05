"""Workbooks are read whole: what their cells hold, where, and what cannot be read of them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from bpsgraph.ingest.grid import Book
from bpsgraph.ingest.sheetxml import worth_a_look
from bpsgraph.ingest.workbook import looks_like_workbook, read_workbook
from broken_workbooks import SHEET, cells, edited, replaced, saved, with_rows


def content(book: Book, name: str) -> object:
    return next(cell.content for row in book.sheets[0].rows for cell in row if cell.place.cell == name)


def text(book: Book, name: str) -> str:
    return next(cell.text for row in book.sheets[0].rows for cell in row if cell.place.cell == name)


def remarks(book: Book) -> list[tuple[str, str | None, str | None, str]]:
    return [(r.reason, r.place.sheet, r.place.cell, r.value) for r in book.remarks]


def test_cells_hold_texts_numbers_days_and_truth_values() -> None:
    book = read_workbook(
        cells(
            B2="晋城市",
            C2=1250,
            D2=0.1,
            E2=date(2021, 11, 2),
            F2=True,
            B4="=1+1",
            C4=datetime(2021, 11, 2, 9, 30),
        ),
        "county.xlsx",
    )
    assert content(book, "B2") == "晋城市"
    assert (content(book, "C2"), text(book, "C2")) == (Decimal(1250), "1250")
    assert (content(book, "D2"), text(book, "D2")) == (Decimal("0.1"), "0.1")
    assert (content(book, "E2"), text(book, "E2")) == (date(2021, 11, 2), "2021-11-02")
    assert (content(book, "F2"), text(book, "F2")) == (True, "TRUE")
    assert content(book, "C4") == date(2021, 11, 2)
    assert (content(book, "A1"), text(book, "A1")) == (None, "")
    [sheet] = book.sheets
    assert (len(sheet.rows), {len(row) for row in sheet.rows}) == (4, {6})
    assert remarks(book) == [("formula-without-value", "Sheet", "B4", "=1+1")]


@pytest.mark.parametrize(
    ("number", "shown"), [(0.1 + 0.2, "0.3"), (1e15, "1000000000000000"), (-2.50, "-2.5")]
)
def test_a_number_is_what_excel_shows_of_it(number: float, shown: str) -> None:
    assert text(read_workbook(cells(A1=number), "c.xlsx"), "A1") == shown


def test_a_percentage_is_held_as_it_is_shown() -> None:
    def fill(workbook: Workbook) -> None:
        for row, (number, format) in enumerate(
            [(0.3, "0%"), (0.125, "0.0%"), (1.5, '0"%"'), (0.07, "0.00%;[Red]-0.00%")], start=1
        ):
            workbook.worksheets[0].cell(row, 1, number).number_format = format

    book = read_workbook(saved(fill), "c.xlsx")
    assert [row[0].text for row in book.sheets[0].rows] == ["30%", "12.5%", "1.5", "7%"]
    assert [row[0].content for row in book.sheets[0].rows] == ["30%", "12.5%", Decimal("1.5"), "7%"]


def test_a_workbook_is_known_by_its_first_bytes() -> None:
    assert looks_like_workbook(cells(A1=1))
    assert not looks_like_workbook(b"a,b\n1,2\n")


def test_a_formula_with_its_value_is_the_value_and_one_without_is_remarked() -> None:
    row = (
        b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A9</f><v></v></c>'
        b'<c r="C1"><f>SUM(A1:B1)</f></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        b'<c r="E1" t="e"><v>#REF!</v></c><c r="G1"><f>H1</f><v/></c></row>'
    )
    book = read_workbook(with_rows(row), "c.xlsx")
    assert [cell.content for cell in book.sheets[0].rows[0]] == [
        Decimal(2),
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    assert remarks(book) == [
        ("formula-without-value", "Sheet", "C1", "=SUM(A1:B1)"),
        ("formula-without-value", "Sheet", "G1", "=H1"),
        ("error-value", "Sheet", "D1", "#DIV/0!"),
        ("error-value", "Sheet", "E1", "#REF!"),
    ]


_PLAIN = b'<row r="1"><c r="A1"><v>1</v></c></row>'
_BEHIND = b'<row r="2"><c r="A2"><f>1+1</f></c></row>'


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (b"<row r='1'><c r='A1' t='e'><v>#REF!</v></c></row>" + _PLAIN.replace(b"1", b"2"), "error-value"),
        (_PLAIN + b'<!-- <c r="A1"> </sheetData> -->' + _BEHIND, "formula-without-value"),
        (_PLAIN + b'<?x <c r="A1"> </sheetData> ?>' + _BEHIND, "formula-without-value"),
        (_PLAIN + b'<row r="2"><c  r="A2"><f\n>1+1</f></c></row>', "formula-without-value"),
    ],
)
def test_what_stands_in_a_cell_is_found_however_it_is_written(rows: bytes, reason: str) -> None:
    assert [found for found, *_ in remarks(read_workbook(with_rows(rows), "c.xlsx"))] == [reason]


@pytest.mark.parametrize(
    ("rows", "after", "looked"),
    [
        (
            _PLAIN,
            b'<dataValidations><dataValidation prompt="a&#10;b"><formula1>1</formula1></dataValidation>',
            False,
        ),
        (_PLAIN.replace(b"1</v>", b"&#49;</v>"), b"", True),
        (_PLAIN + _BEHIND, b"", True),
    ],
)
def test_a_sheet_is_walked_only_for_what_its_cells_may_hide(rows: bytes, after: bytes, looked: bool) -> None:
    xml = b'<?xml version="1.0"?><worksheet><sheetData>' + rows + b"</sheetData>" + after
    assert worth_a_look(xml, ()) is looked


def test_a_merged_cell_fills_what_it_covers() -> None:
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="3"><c r="C3"><v>1</v></c></row>'
    merged = b'<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C3:XFD1048576"/></mergeCells>'
    [sheet] = read_workbook(with_rows(row, merged), "c.xlsx").sheets
    assert [[cell.text for cell in row] for row in sheet.rows] == [
        ["x", "x", ""],
        ["x", "x", ""],
        ["", "", "1"],
    ]
    assert {place.cell for place in sheet.covered} == {"B1", "A2", "B2"}
    assert {cell.place for row in sheet.rows for cell in row} >= sheet.covered


def test_what_is_hidden_is_read_and_said() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.worksheets[0]
        for row in range(1, 8):
            sheet.cell(row, 1, row)
            sheet.cell(row, 4, row)
        for row in (2, 3, 5, 20):
            sheet.row_dimensions[row].hidden = True
        for column in "BD":
            sheet.column_dimensions[column].hidden = True
        workbook.create_sheet("旧数据").sheet_state = "hidden"
        workbook.create_sheet("空表").sheet_state = "hidden"
        workbook["旧数据"]["A1"] = "x"

    book = read_workbook(saved(fill), "c.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["Sheet", "旧数据", "空表"]
    assert text(book, "A3") == "3"
    assert remarks(book) == [
        ("hidden-content", "Sheet", "A2", "2:3"),
        ("hidden-content", "Sheet", "A5", "5:5"),
        ("hidden-content", "Sheet", "D1", "D:D"),
        ("hidden-content", "旧数据", "A1", "旧数据"),
    ]


def dated(*serials: float, system: str = "") -> Book:
    def fill(workbook: Workbook) -> None:
        for column, serial in enumerate(serials, start=1):
            workbook.worksheets[0].cell(1, column, serial).number_format = "yyyy-mm-dd"

    data = saved(fill)
    if system:
        data = edited(data, "xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="1" ')
    return read_workbook(data, "c.xlsx")


def test_days_are_counted_as_excel_counts_them() -> None:
    book = dated(44502, 61, 59, 1, 44502.5)
    assert [cell.text for cell in book.sheets[0].rows[0]] == [
        "2021-11-02",
        "1900-03-01",
        "1900-02-28",
        "1900-01-01",
        "2021-11-02",
    ]
    assert book.remarks == ()
    assert text(dated(44502 - 1462, system="1904"), "A1") == "2021-11-02"


def test_a_day_that_never_was_is_remarked() -> None:
    book = dated(60, -3)
    assert [cell.content for cell in book.sheets[0].rows[0]] == ["1900-02-29", "-3"]
    assert remarks(book) == [
        ("unreadable-date", "Sheet", "A1", "1900-02-29"),
        ("unreadable-date", "Sheet", "B1", "-3"),
    ]


def test_what_nobody_sees_is_trimmed_and_said_once_for_a_sheet() -> None:
    book = read_workbook(
        cells(A1="甲 ", B1="\u3000乙\u00a0", A2="丙\u200b丁", B2="戊_x000D_\n己", A3="庚"), "c.xlsx"
    )
    assert [[cell.text for cell in row] for row in book.sheets[0].rows] == [
        ["甲", "乙"],
        ["丙丁", "戊\n己"],
        ["庚", ""],
    ]
    assert remarks(book) == [("trimmed-text", "Sheet", "A1", "4")]


def test_a_text_stays_text_even_where_it_looks_like_a_formula() -> None:
    row = b'<row r="1">%s</row>' % b"".join(
        b'<c r="%s1" t="inlineStr"><is><t>%s</t></is></c>' % (column.encode(), content)
        for column, content in zip("ABCDE", [b"=HYPERLINK(1)", b"+1", b"-1", b"@x", b"001"], strict=True)
    )
    book = read_workbook(with_rows(row), "c.xlsx")
    assert [cell.content for cell in book.sheets[0].rows[0]] == ["=HYPERLINK(1)", "+1", "-1", "@x", "001"]
    assert book.remarks == ()


@pytest.mark.parametrize("number", [b"NaN", b"1e999"])
def test_a_number_that_is_none_is_remarked(number: bytes) -> None:
    book = read_workbook(with_rows(b'<row r="1"><c r="A1"><v>%s</v></c></row>' % number), "c.xlsx")
    assert remarks(book) == [("unreadable-value", "Sheet", "A1", "NaN")]


def test_cells_without_a_name_stand_one_after_another() -> None:
    rows = b"<row><c><v>1</v></c><c><f>X</f></c></row><row><c><v>2</v></c></row>"
    book = read_workbook(with_rows(rows), "c.xlsx")
    assert [[cell.text for cell in row] for row in book.sheets[0].rows] == [["1", ""], ["2", ""]]
    assert remarks(book) == [("formula-without-value", "Sheet", "B1", "=X")]


def test_an_empty_cell_far_away_is_no_matter() -> None:
    data = edited(cells(A1="x", XFD1048576="y"), SHEET, b"<is><t>y</t></is>", b"")
    [sheet] = read_workbook(data, "c.xlsx").sheets
    assert [[cell.text for cell in row] for row in sheet.rows] == [["x"]]


@pytest.mark.parametrize("part", ["xl/styles.xml", "docProps/core.xml", "docProps/app.xml"])
def test_a_part_that_is_not_needed_may_be_missing(part: str) -> None:
    assert text(read_workbook(replaced(cells(A1="x"), part, None), "c.xlsx"), "A1") == "x"
