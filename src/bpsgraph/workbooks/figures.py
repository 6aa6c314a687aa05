"""The empty table of figures, to be filled in: a row for each indicator, in CSV or Excel."""

from collections.abc import Iterable
from io import BytesIO

from bpsgraph.ingest.figure_columns import COLUMNS
from bpsgraph.workbooks.files import to_csv

_WIDTHS = {"indicator": 48, "source": 28, "note": 28}
_SHEET = "观测数据"


def empty_table(
    rows: Iterable[tuple[str, str]], place: str, periods: Iterable[str], format: str, encoding: str
) -> bytes:
    """A table with the headings and a row for each indicator and period, its unit beside it, without figures.

    `rows` gives each indicator and its unit as they are written. The same arguments make the same bytes.
    """
    table = [[column.zh for column in COLUMNS.values()]]
    for indicator, unit in rows:
        for period in periods:
            cells = {"indicator": indicator, "place": place, "period": period, "unit": unit}
            table.append([cells.get(name, "") for name in COLUMNS])
    if format == "xlsx":
        return _workbook(table)
    return to_csv(table, encoding)


def _workbook(table: list[list[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    from bpsgraph.workbooks.excel import put, timeless

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _SHEET
    for line, row in enumerate(table, 1):
        for place, text in enumerate(row, 1):
            put(sheet, line, place, text)
    for number, (name, column) in enumerate(COLUMNS.items(), 1):
        head = sheet.cell(1, number)
        head.font = Font(bold=True)
        head.comment = Comment("\n".join(column.help), "bpsgraph", height=90, width=320)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 14)
    for cells in sheet.iter_rows(min_row=2):
        # As text, so that a spreadsheet program does not make a day of 2023-07.
        cells[list(COLUMNS).index("period")].number_format = "@"
        cells[list(COLUMNS).index("place")].number_format = "@"
    sheet.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return timeless(content.getvalue())
