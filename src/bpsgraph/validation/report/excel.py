"""What the workbooks of reports share: colours, cells that are always text, and files without a clock.

Office Open XML is ECMA-376; the limits are those of Excel (Excel specifications and limits).
"""

import io
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime
from math import ceil
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from bpsgraph.literals import Value
from bpsgraph.results import Severity
from bpsgraph.validation.report.words import shown

# Tints of vermilion, yellow and sky blue, which people who see no red or no green tell apart too
# (Okabe and Ito, Color Universal Design); black on each has a contrast of at least 9 to 1.
TINTS = {Severity.VIOLATION: "F2A58E", Severity.WARNING: "FFE48A", Severity.INFO: "B9DCF2"}
HEADING = "E8E8E8"
TEXT_LIMIT = 32_767
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t")
# Of a workbook made here: its parts are as old as the ZIP format can say.
_NO_TIME = datetime(1980, 1, 1)
_LINE_HEIGHT = 14.5
_MAXIMUM_HEIGHT = 409
_LINE = Side(style="thin", color="BFBFBF")


class _InMemory(ExcelWriter):
    """Writes each sheet into memory first; openpyxl would use a file, which a worker may not write."""

    def __init__(self, workbook: Workbook, package: ZipFile) -> None:
        super().__init__(workbook, package)
        self.package = package

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._charts
        ws._drawing.images = ws._images
        content = io.BytesIO()
        writer: Any = WorksheetWriter(ws, content)
        writer.write()
        ws._rels = writer._rels
        self.package.writestr(ws.path[1:], content.getvalue())
        self.manifest.append(ws)


def packed(workbook: Workbook, *, made_here: bool = True) -> bytes:
    """The file of a workbook; the same workbook gives the same bytes.

    `made_here` sets its dates to none; else those that it was read with are kept.
    """
    if made_here:
        workbook.properties.created = workbook.properties.modified = _NO_TIME
    written, fixed = io.BytesIO(), io.BytesIO()
    _InMemory(workbook, ZipFile(written, "w")).save()
    with ZipFile(written) as parts, ZipFile(fixed, "w", ZIP_DEFLATED) as package:
        for part in parts.infolist():
            package.writestr(ZipInfo(part.filename), parts.read(part), ZIP_DEFLATED)
    return fixed.getvalue()


def fill(severity: Severity) -> PatternFill:
    """The tint of a severity."""
    return PatternFill("solid", start_color=TINTS[severity], end_color=TINTS[severity])


def put(cell: Cell | MergedCell, value: Value) -> None:
    """Put a number, a day or a text into a cell; no text becomes a formula, now or when it is edited."""
    assert isinstance(cell, Cell), "what a merged cell covers holds nothing"
    if not isinstance(value, str):
        cell.value = value
        return
    text = shown(value)
    if len(text) > TEXT_LIMIT:
        text = text[: TEXT_LIMIT - 1] + "…"
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_STARTS_A_FORMULA):
        cell.quotePrefix = True


def table(
    sheet: Worksheet,
    head: Sequence[str],
    rows: Iterable[Sequence[Value]],
    widths: Sequence[int],
    *,
    top: int = 1,
    wrapped: int | None = None,
) -> None:
    """A table from the row `top` on with frozen head and filter; the first `wrapped` columns break lines."""
    wrapped = len(head) if wrapped is None else wrapped
    for column, (name, width) in enumerate(zip(head, widths, strict=True), 1):
        cell = sheet.cell(top, column)
        put(cell, name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=HEADING, end_color=HEADING)
        cell.border = Border(bottom=_LINE)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[top].height = _height(head, widths)
    last = top
    broken, single = _style(sheet, wrap=True), _style(sheet, wrap=False)
    for last, row in enumerate(rows, top + 1):
        for column, value in enumerate(row, 1):
            written: Any = sheet.cell(last, column)
            # To set a style costs more than all else here; so two are made and shared.
            written._style = copy(broken if column <= wrapped else single)
            put(written, value)
        sheet.row_dimensions[last].height = _height(row[:wrapped], widths[:wrapped])
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(head))}{last}"
    sheet.print_title_rows = f"{top}:{top}"
    fit_to_page(sheet)


def _style(sheet: Worksheet, *, wrap: bool) -> StyleArray:
    cell: Any = Cell(sheet, row=1, column=1)
    cell.alignment = Alignment(vertical="top", wrap_text=wrap)
    style: StyleArray = cell._style
    return style


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes that is broken at so many columns; a Chinese character takes two."""
    # In UTF-8 a letter is one byte and a Chinese character three.
    columns = ((len(line) + len(line.encode(errors="replace"))) / 2 for line in text.split("\n"))
    return sum(max(1, ceil(number / width)) for number in columns)


def _height(row: Sequence[Value], widths: Sequence[int]) -> float:
    """The height of a row of wrapped cells, in points; nobody else works it out for a file made here."""
    texts = [(value, width) for value, width in zip(row, widths, strict=True) if isinstance(value, str)]
    lines = max((lines_of(value, width - 1) for value, width in texts), default=1)
    return min(_LINE_HEIGHT * lines + 2, _MAXIMUM_HEIGHT)


def fit_to_page(sheet: Worksheet) -> None:
    """Printed across, all columns on one page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
