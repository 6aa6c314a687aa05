"""Answers as an Excel workbook: a sheet per table, one per chart, and one that says what it all is."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import NamedNode
from rich.cells import cell_len

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.charts import drawable, first
from bpsgraph.answers.drawing import png_of
from bpsgraph.answers.reading import Shown, cell, shown
from bpsgraph.answers.words import made_from
from bpsgraph.errors import BadParameter, NothingToDraw
from bpsgraph.literals import Value, is_number, python_value
from bpsgraph.results import Text
from bpsgraph.terms import Term
from bpsgraph.validation.report import excel
from bpsgraph.validation.report.excel import fit_to_page, lines_of, packed, put

# Excel specifications and limits.
_MOST_ROWS = 1_048_575
_MOST_LINKS = 60_000
_LONGEST_LINK = 2_000
_MOST_COLUMNS = 60
_DATA, _CHART, _ABOUT = Text("数据", "Data"), Text("图", "Chart"), Text("说明", "About")
_HEADINGS = (
    Text("栏", "column"),
    Text("中文", "Chinese"),
    Text("英文", "English"),
    Text("单位", "unit"),
    Text("总数所在栏", "of how many"),
)
_NAMES = {
    "title": Text("标题", "title"),
    "description": Text("说明", "description"),
    "made": Text("来源", "made from"),
    "note": Text("注", "note"),
    "query": Text("查询", "query"),
}
# A chart is drawn twice as fine as it is shown.
_FINENESS = 2


def to_xlsx(answers: Sequence[Answer], language: str) -> bytes:
    """The workbook: typed numbers and days, IRIs as links, headings in `zh` or `en`. The same every time.

    Raises `BadParameter` for more rows than a sheet holds.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.title = answers[0].title.in_language(language)
    workbook.properties.creator = "bpsgraph"
    for number, answer in enumerate(answers):
        name = _DATA.in_language(language) if number == 0 else answer.title.in_language(language)
        _table(_sheet(workbook, name), answer, language)
    _charts(workbook, answers, language)
    _about(_sheet(workbook, _ABOUT.in_language(language)), answers, language)
    return packed(workbook)


def _sheet(workbook: Workbook, title: str) -> Worksheet:
    """A sheet with a title as Excel takes it, that no other has."""
    title = re.sub(r"[\[\]:*?/\\']", " ", title)[:28].strip() or "-"
    taken = {sheet.title.casefold() for sheet in workbook.worksheets}
    name, number = title, 2
    while name.casefold() in taken:
        name, number = f"{title} {number}", number + 1
    sheet: Worksheet = workbook.create_sheet(name)
    return sheet


def _table(sheet: Worksheet, answer: Answer, language: str) -> None:
    rows = answer.rows.rows
    if len(rows) > _MOST_ROWS:
        raise BadParameter(
            "--format", f"{len(rows)} rows are more than a sheet holds", "choose csv or parquet"
        )
    columns = shown(answer.columns, language, together=False)
    values = [[_value(column.term(row)) for column in columns] for row in rows]
    widths = []
    for place, column in enumerate(columns):
        longest = max([cell_len(str(row[place] or "")) for row in values] or [0])
        widths.append(max(min(longest + 2, _MOST_COLUMNS), min(cell_len(column.heading) + 4, 24), 8))
    excel.table(sheet, [column.heading for column in columns], values, widths)
    _link(sheet, columns, rows)
    if answer.highlighted:
        tint = PatternFill("solid", start_color="FFE48A", end_color="FFE48A")
        for number, row in enumerate(rows, 2):
            if answer.stands_out(row):
                for place in range(1, len(columns) + 1):
                    sheet.cell(number, place).fill = tint


def _link(sheet: Worksheet, columns: Sequence[Shown], rows: Sequence[Sequence[Term | None]]) -> None:
    links = 0
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(columns, 1):
            iri = str(row[column.place].value) if _is_link(row[column.place]) else ""  # type: ignore[union-attr]
            if iri and links < _MOST_LINKS:
                links += 1
                written: Any = sheet.cell(number, place)
                written.hyperlink = Hyperlink(ref=written.coordinate, target=iri)
                written.font = Font(color="0B5D7A", underline="single")


def _is_link(term: Term | None) -> bool:
    return (
        isinstance(term, NamedNode)
        and term.value.startswith(("https://", "http://"))
        and len(term.value) <= _LONGEST_LINK
    )


def _value(term: Term | None) -> Value:
    """A number or a day as such, all else as written; Excel has no time zones and no day before 1900."""
    value = python_value(term)
    if is_number(term):
        return value
    if value is None or isinstance(value, str | datetime | bool) or value.year < 1900:  # type: ignore[union-attr]
        return cell(term) or None
    return value


def _charts(workbook: Workbook, answers: Sequence[Answer], language: str) -> None:
    for answer in drawable(answers):
        try:
            drawn = png_of(first([answer], language))
        except NothingToDraw:
            continue
        sheet = _sheet(workbook, _CHART.in_language(language))
        sheet.sheet_view.showGridLines = False
        sheet.add_image(_Picture(drawn), "A1")
        fit_to_page(sheet)


class _Picture(Image):
    """A PNG as it is, without the imaging library that the class of openpyxl reads pictures with."""

    def __init__(self, png: bytes) -> None:
        self._png = png
        self.format = "png"
        # The size in pixels is in the first chunk (https://www.w3.org/TR/png-3/#11IHDR).
        self.width = int.from_bytes(png[16:20], "big") // _FINENESS
        self.height = int.from_bytes(png[20:24], "big") // _FINENESS

    def _data(self) -> bytes:
        return self._png


def _about(sheet: Worksheet, answers: Sequence[Answer], language: str) -> None:
    line = 0

    def add(*cells: str, bold: bool = False, wide: bool = False) -> None:
        nonlocal line
        line += 1
        for place, words in enumerate(cells, 1):
            written = sheet.cell(line, place)
            put(written, words)
            written.alignment = Alignment(vertical="top", wrap_text=True)
            written.font = Font(bold=bold or (place == 1 and wide))
        if wide:
            sheet.merge_cells(start_row=line, end_row=line, start_column=2, end_column=5)
            sheet.row_dimensions[line].height = min(409, 15 * lines_of(cells[1], 96) + 2)

    def name(key: str) -> str:
        return _NAMES[key].in_language(language)

    for answer in answers:
        for text in (answer.title, answer.description):
            key = "title" if text is answer.title else "description"
            both = (text.zh, text.en) if language == "zh" else (text.en, text.zh)
            add(name(key), "\n".join(dict.fromkeys(both)), wide=True)
        for note in answer.notes:
            add(name("note"), note.in_language(language), wide=True)
        add(name("made"), "\n".join(made_from(answer, language)), wide=True)
        line += 1
        add(*(heading.in_language(language) for heading in _HEADINGS), bold=True)
        for column in answer.columns:
            add(column.name, column.label.zh, column.label.en, column.unit or "", column.of or "")
        line += 1
        if answer.provenance.text is not None:
            add(name("query"), answer.provenance.text.strip(), wide=True)
            line += 1
    for letter, width in zip("ABCDE", (22, 30, 38, 12, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    fit_to_page(sheet)
