"""Workbooks are read whole: what their cells hold, where, and what cannot be read of them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from bpsgraph.ingest.grid import Book
from bpsgraph.ingest.workbook import looks_like_workbook, read_workbook

SHEET = "xl/worksheets/sheet1.xml"


def saved(fill: Callable[[Workbook], object]) -> bytes:
    workbook = Workbook()
    fill(workbook)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def cells(**contents: Any) -> bytes:
    """A workbook of one sheet with those cells."""

    def fill(workbook: Workbook) -> None:
        for name, content in contents.items():
            workbook.worksheets[0][name] = content

    return saved(fill)


def edited(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in one of its parts."""
    file = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content)
    return file.getvalue()


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
