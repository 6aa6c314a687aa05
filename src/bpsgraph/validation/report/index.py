"""The sheet in front of an annotated workbook: the findings with links to their cells, the worst first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bpsgraph.ingest.layout import INDEX_MARK, INDEX_TITLE
from bpsgraph.results import Finding, Report, Text
from bpsgraph.validation.report.words import CLEAN, HEAD, LEFT_OUT, MARKS, SEVERITIES, WHOLE, place
from bpsgraph.validation.report.workbook import (
    PRINTED,
    WIDTHS,
    finding_columns,
    finding_heading,
    finding_row,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.styles.fills import Fill
    from openpyxl.worksheet.worksheet import Worksheet

_SEARCHED = 40
_PLACE = Text("位置", "place")
_PLACED = ("sheet", "cell", "row")


def is_index(sheet: "Worksheet") -> bool:
    """Whether a sheet was written here, and not by the people whose workbook it is."""
    return sheet.title.startswith(INDEX_TITLE) and any(
        cell.value == INDEX_MARK for row in sheet.iter_rows(max_row=_SEARCHED) for cell in row
    )


def former_fills(index: "Worksheet") -> "dict[tuple[str, str], Fill]":
    """What the cells were filled with before they were coloured, by sheet and cell."""
    from openpyxl.styles.fills import Fill
    from openpyxl.xml.functions import fromstring

    fills: dict[tuple[str, str], Fill] = {}
    rows = list(index.iter_rows(values_only=True))
    (head,) = [number for number, row in enumerate(rows) if INDEX_MARK in row]
    column = rows[head].index(INDEX_MARK)
    for row in rows[head + 1 :]:
        told = str(row[column] or "").split("\n", 2)
        if len(told) == 3:
            try:
                fills[told[0], told[1]] = Fill.from_tree(fromstring(told[2]))  # type: ignore
            except (SyntaxError, TypeError, ValueError, AttributeError):
                continue
    return fills


def _former(cell: "Cell") -> str:
    from openpyxl.xml.functions import tostring

    xml = tostring(cell.fill.to_tree("fill"))
    return f"{cell.parent.title}\n{cell.coordinate}\n{xml.decode() if isinstance(xml, bytes) else xml}"


def write_index(
    book: "Workbook",
    report: Report,
    marked: "Mapping[Cell, Sequence[Finding]]",
    notes: Sequence[Text],
    lang: str,
) -> None:
    """Put the sheet in front of the others; before the cells are coloured, since it keeps what they had."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.hyperlink import Hyperlink

    from bpsgraph.validation.report import excel

    others = book.worksheets
    sheet = book.create_sheet(_free_title(book), 0)
    cell_of = {id(finding): cell for cell, findings in marked.items() for finding in findings}
    title, compared = report.title.in_language(lang), report.compared_with.in_language(lang)
    excel.put(sheet["A1"], HEAD.in_language(lang).format(title=title, compared_with=compared))
    sheet["A1"].font = Font(bold=True, size=14)
    for column, (severity, count) in enumerate(report.counts().items(), 1):
        cell = sheet.cell(2, column)
        excel.put(cell, f"{MARKS[severity]} {SEVERITIES[severity].in_language(lang)} {count}")
        cell.fill = excel.fill(severity)
    said = [
        note.in_language(language) for note in notes for language in (lang, "en" if lang == "zh" else "zh")
    ]
    said += [notice.words.in_language(lang) for notice in report.notices]
    said += [
        LEFT_OUT.in_language(lang).format(name=rule, count=count) for rule, count in report.left_out().items()
    ]
    if not report.findings:
        said.append(CLEAN.in_language(lang))
    for number, words in enumerate(said, 3):
        excel.put(sheet.cell(number, 1), words)
        sheet.cell(number, 1).font = Font(italic=True)
    top = 4 + len(said)
    columns = [name for name in finding_columns(lang) if name[0] not in _PLACED]
    printed = PRINTED - len(_PLACED) + 1
    head = [finding_heading(name, part, lang) for name, part in columns]
    head.insert(1, _PLACE.in_language(lang))
    widths = [WIDTHS[name] for name, _ in columns]
    widths.insert(1, 20)
    rows = []
    for finding in report.findings:
        row = finding_row(finding, columns)
        row.insert(1, place(finding, lang) or WHOLE.in_language(lang))
        marked_cell = cell_of.get(id(finding))
        rows.append([*row, _former(marked_cell) if marked_cell is not None else None])
    excel.table(sheet, [*head, INDEX_MARK], rows, [*widths, 8], top=top, wrapped=printed)
    sheet.column_dimensions[get_column_letter(len(head) + 1)].hidden = True
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(head))}{top + len(rows)}"
    sheet.print_area = f"A1:{get_column_letter(printed)}{top + len(rows)}"
    for number, finding in enumerate(report.findings, top + 1):
        if not finding.waived:
            sheet.cell(number, 1).fill = excel.fill(finding.severity)
        target = _target(others, finding, cell_of.get(id(finding)))
        if target:
            link = sheet.cell(number, 2)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=target)
            link.font = Font(color="0563C1", underline="single")
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def sheet_of(sheets: "Sequence[Worksheet]", finding: Finding) -> "Worksheet | None":
    """The sheet that a finding is about, where it is one of these; the one of a CSV file has no name."""
    if finding.sheet is None:
        return sheets[0] if finding.cell and len(sheets) == 1 else None
    return next((sheet for sheet in sheets if sheet.title == finding.sheet), None)


def _free_title(book: "Workbook") -> str:
    titles = {title.casefold() for title in book.sheetnames}
    numbered = (f"{INDEX_TITLE}{number}" for number in range(2, len(titles) + 3))
    return next(title for title in (INDEX_TITLE, *numbered) if title.casefold() not in titles)


def _target(sheets: "Sequence[Worksheet]", finding: Finding, cell: "Cell | None") -> str | None:
    """Where the link of a finding leads: its cell, the row that it is about, or one to add."""
    sheet = sheet_of(sheets, finding)
    address = cell.coordinate if cell is not None else f"A{finding.row or 1}"
    if sheet is None:
        return None
    title = sheet.title.replace("'", "''")
    return f"'{title}'!{address}"
