"""The summary as a workbook: the ranking, what was fixed, and what could not be used."""

from collections.abc import Iterable, Sequence
from typing import Any

from bpsgraph.batch.changes import MARKING, Mark
from bpsgraph.batch.outcome import Brief
from bpsgraph.batch.ranking import RULE
from bpsgraph.batch.summary import COLUMNS as NAMES
from bpsgraph.batch.summary import Row, Summary, cells
from bpsgraph.batch.words import CHANGE, COLUMNS, FILE, FIXED, MARKS, NEW, PLACE
from bpsgraph.results import Text
from bpsgraph.validation.report import words
from bpsgraph.validation.report.table import STARTS_A_FORMULA

_WIDTHS = {"file": 28, "place_zh": 14, "title_zh": 34, "title_en": 34, "sentence": 60, "sameCatalogue": 24}
_RANKING = Text("排名", "ranking")
_CHANGES = Text("变化", "changes")
_NOTES = Text("说明", "notes")
_FINDING = (CHANGE, FILE, PLACE, *(words.FIELDS[n] for n in ("severity", "rule")))


def to_xlsx(summary: Summary) -> bytes:
    """The workbook; the same summary gives the same bytes."""
    from openpyxl import Workbook

    from bpsgraph.validation.report.excel import packed

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = f"{_RANKING.zh} {_RANKING.en}"
    _fill(sheet, [COLUMNS[name] for name in NAMES], [_cells(row) for row in summary.rows])
    for number, name in enumerate(NAMES, 1):
        letter = sheet.cell(1, number).column_letter  # type: ignore[union-attr]
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 11)
        if name == "share":
            for row in range(3, len(summary.rows) + 3):
                sheet.cell(row, number).number_format = "0.0%"
    sheet.freeze_panes = "E3"
    if summary.earlier:
        changes = book.create_sheet(f"{_CHANGES.zh} {_CHANGES.en}")
        _fill(changes, [*_FINDING, words.FIELDS["item"], words.FIELDS["fingerprint"]], _changed(summary))
        for letter, width in zip("ABCDEFG", (9, 28, 14, 9, 30, 40, 20), strict=True):
            changes.column_dimensions[letter].width = width
        changes.freeze_panes = "A3"
    notes = book.create_sheet(f"{_NOTES.zh} {_NOTES.en}")
    notes.column_dimensions["A"].width = 120
    for text in (RULE, MARKING):
        _append(notes, [text.zh])
        _append(notes, [text.en])
    for one in summary.skipped:
        _append(notes, [f"{one.file}：{one.reason.zh} {one.reason.en}"])
    return packed(book)


def _cells(row: Row) -> list[Any]:
    values = dict(zip(NAMES, cells(row), strict=True))
    mark = values["mark"]
    if isinstance(mark, str):
        values["mark"] = f"{MARKS[Mark(mark)].zh} {MARKS[Mark(mark)].en}"
    return list(values.values())


def _changed(summary: Summary) -> list[list[str]]:
    rows = []
    for row in summary.rows:
        if row.change:
            for text, findings in ((NEW, row.change.new), (FIXED, row.change.fixed)):
                rows += [_finding(row, text, finding) for finding in findings]
    return rows


def _finding(row: Row, change: Text, finding: Brief) -> list[str]:
    severity = words.SEVERITIES[finding.severity]
    place = row.outcome.place
    return [
        f"{change.zh} {change.en}",
        row.outcome.file,
        place.zh if place else "",
        f"{severity.zh} {severity.en}",
        finding.rule,
        finding.item.zh if finding.item else "",
        finding.fingerprint,
    ]


def _fill(sheet: Any, heads: Sequence[Text], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    _append(sheet, [head.zh for head in heads])
    _append(sheet, [head.en for head in heads])
    for row in sheet.iter_rows(min_row=1, max_row=2):
        for cell in row:
            cell.font = Font(bold=cell.row == 1, color="FF1C2430" if cell.row == 1 else "FF5B6675")
            cell.fill = PatternFill("solid", fgColor="FFF0F3F7")
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for values in rows:
        _append(sheet, values)
    sheet.auto_filter.ref = f"A2:{sheet.cell(1, len(heads)).column_letter}{max(sheet.max_row, 2)}"


def _append(sheet: Any, values: Sequence[Any]) -> None:
    sheet.append([_cell(sheet, words.shown(value)) if isinstance(value, str) else value for value in values])


def _cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import Cell

    if not text.startswith(STARTS_A_FORMULA):
        return text
    # A name that begins with = stays a name, also when somebody edits it.
    cell = Cell(sheet, row=1, column=1, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
