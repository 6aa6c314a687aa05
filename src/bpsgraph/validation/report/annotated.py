"""A copy of the submitted workbook with coloured and commented cells, and a list of the findings in front.

The copy can be corrected, sent again and annotated again: what was put in is taken out first.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.grid import Book
from bpsgraph.ingest.package import parts_of
from bpsgraph.results import Finding, Report, Text
from bpsgraph.validation.report.index import former_fills, is_index, sheet_of, write_index
from bpsgraph.validation.report.losses import extended_validations, losses
from bpsgraph.validation.report.words import (
    FIELDS,
    MARKS,
    SEVERITIES,
    VERIFICATION,
    seen,
    shown,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles.fills import Fill

_SIGN = "【检查结果】"
_AUTHOR = "bpsgraph"
_LOST = Text(
    "这份带批注的副本中没有保留或有改变：{what}；原文件未改动。",
    "This copy lacks or changes: {what}; the original is untouched.",
)
_RECALCULATED = Text(
    "公式的结果在打开副本时重新计算；再次提交前请先用Excel或WPS打开并保存。",
    "Formulas are worked out anew when the copy is opened; open and save it before you send it again.",
)
_MORE = Text("另有{count}条，见“检查结果”。", "{count} more on the sheet 检查结果.")
_BETWEEN = "\n\n"
_COMMENT_WIDTH = 440
_COMMENT_COLUMNS = 62
_COMMENT_LINE = 18
_HIGHEST_COMMENT = 900
_IN_COMMENT = 12
_DEFAULT_SHEET = "数据"
# Where a workbook says when it was made; openpyxl takes the time of the copy where it does not.
_DATES = "docProps/core.xml"
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


@dataclass(frozen=True, slots=True)
class Annotated:
    """The file of the copy, and what it could not keep of the original."""

    content: bytes
    notes: tuple[Text, ...]


def annotate(original: bytes | Book, report: Report, lang: str) -> Annotated:
    """A copy of the workbook in which each cell with findings has the colour of the worst and a comment.

    `original` are the bytes of an XLSX file, or the cells of a file that is no workbook, such as CSV. The new
    comments are in Chinese, then in English; `lang` is the language of the list in front. Comments, lists,
    formats and protection stay. Raises `MalformedFile` and `TooLarge` for what cannot be copied.
    """
    from bpsgraph.validation.report import excel

    report = seen(report)
    if isinstance(original, Book):
        book, lost = _of_cells(original), list[Text]()
    else:
        book, lost = _opened(original, report.file)
        _cleared(book)
    notes = _notes(book, lost)
    marked = _by_cell(book, report.findings)
    write_index(book, report, marked, notes, lang)
    for cell, findings in marked.items():
        cell.fill = excel.fill(max(finding.severity for finding in findings))
        _comment(cell, findings)
    undated = isinstance(original, Book) or _DATES not in parts_of(original, report.file)
    return Annotated(excel.packed(book, made_here=undated), tuple(notes))


def _opened(original: bytes, name: str) -> tuple["Workbook", list[Text]]:
    from openpyxl.reader.excel import ExcelReader

    parts = parts_of(original, name)
    with warnings.catch_warnings():
        # What openpyxl would warn of is told by `losses`, in words for the people who get the copy.
        warnings.simplefilter("ignore")
        try:
            reader = ExcelReader(BytesIO(original), rich_text=True)
            reader.read()
        except Exception as error:
            # Whatever a reader stumbles over in a file of others is about the file.
            raise MalformedFile(
                name,
                f"the workbook cannot be copied with comments ({type(error).__name__})",
                "open it in Excel or WPS, save it again as .xlsx, or ask for another format of the report",
            ) from error
    book = reader.wb
    for sheet, relation in reader.parser.find_sheets():
        if sheet.name in book.sheetnames and relation.target in parts:
            for validation in extended_validations(parts[relation.target]):
                book[sheet.name].add_data_validation(validation)
    with ZipFile(BytesIO(original)) as package:
        return book, losses(package.namelist(), parts)


def _of_cells(cells: Book) -> "Workbook":
    """A workbook of the cells as they were read; texts stay texts."""
    from openpyxl import Workbook

    from bpsgraph.validation.report import excel

    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in cells.sheets:
        made = book.create_sheet(sheet.name or _DEFAULT_SHEET)
        for row in sheet.rows:
            for cell in row:
                if cell.content is None or cell.place.row is None or cell.place.column is None:
                    continue
                target = made.cell(cell.place.row, cell.place.column)
                if isinstance(cell.content, Decimal | date):
                    target.value = cell.content
                else:
                    excel.put(target, cell.text)
    return book


def _cleared(book: "Workbook") -> None:
    """Take out what an earlier annotation put in: the list, the comments and the colours."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    former: dict[tuple[str, str], Fill] = {}
    for sheet in [sheet for sheet in book.worksheets if is_index(sheet)]:
        former |= former_fills(sheet)
        book.remove(sheet)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is None:
                    continue
                own, sign, _ = cell.comment.text.partition(_SIGN)
                if sign:
                    own = own.removesuffix(_BETWEEN)
                    author = cell.comment.author
                    cell.comment = Comment(own, author) if own else None
                    if _is_tinted(cell):
                        cell.fill = former.get((sheet.title, cell.coordinate), PatternFill())
                if cell.comment is not None:
                    _fit(cell.comment)


def _is_tinted(cell: "Cell | MergedCell") -> bool:
    from bpsgraph.validation.report import excel

    colour = cell.fill.start_color.rgb if cell.fill.fill_type == "solid" else None
    return isinstance(colour, str) and colour[-6:] in excel.TINTS.values()


def _notes(book: "Workbook", lost: Sequence[Text]) -> list[Text]:
    notes = []
    if lost:
        zh, en = "、".join(text.zh for text in lost), ", ".join(text.en for text in lost)
        notes.append(Text(_LOST.zh.format(what=zh), _LOST.en.format(what=en)))
    if any(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row):
        notes.append(_RECALCULATED)
        book.calculation.fullCalcOnLoad = True
    return notes


def _by_cell(book: "Workbook", findings: Iterable[Finding]) -> "dict[Cell, list[Finding]]":
    """The findings of each cell, waived ones not; what is found of a merged cell belongs to its first."""
    found: dict[Cell, list[Finding]] = defaultdict(list)
    for finding in findings:
        cell = None if finding.waived else _cell_of(book, finding)
        if cell is not None:
            found[cell].append(finding)
    # What a cell cannot be read for is the cause of what is missing then, so it is told first.
    return {
        cell: sorted(of, key=lambda finding: not finding.rule.startswith("reading-"))
        for cell, of in found.items()
    }


def _cell_of(book: "Workbook", finding: Finding) -> "Cell | None":
    from openpyxl.cell.cell import MergedCell

    sheet = sheet_of(book.worksheets, finding)
    if sheet is None or not finding.cell or not _ADDRESS.fullmatch(finding.cell):
        return None
    cell: Cell | MergedCell = sheet[finding.cell]
    for area in sheet.merged_cells.ranges:
        if finding.cell in area:
            cell = sheet.cell(area.min_row, area.min_col)
    assert not isinstance(cell, MergedCell)
    return cell


def _comment(cell: "Cell", findings: Sequence[Finding]) -> None:
    from openpyxl.comments import Comment

    own = cell.comment
    said = [_told(finding) for finding in findings[:_IN_COMMENT]]
    if len(findings) > _IN_COMMENT:
        more = len(findings) - _IN_COMMENT
        said.append(f"{_MORE.zh.format(count=more)} {_MORE.en.format(count=more)}")
    text = _SIGN + _BETWEEN.join(said)
    comment = Comment(f"{own.text}{_BETWEEN}{text}" if own else text, own.author if own else _AUTHOR)
    _fit(comment)
    cell.comment = comment


def _told(finding: Finding) -> str:
    """The mark and the message, the cure and the clause, in Chinese and then in English."""
    lines = []
    for language in ("zh", "en"):
        colon = "：" if language == "zh" else ": "
        severity = SEVERITIES[finding.severity].in_language(language)
        lines.append(f"{MARKS[finding.severity]} {severity}{colon}{finding.message.in_language(language)}")
        if finding.fix:
            lines.append(f"→ {FIELDS['fix'].in_language(language)}{colon}{finding.fix.in_language(language)}")
        if finding.source:
            verification = VERIFICATION.get(finding.verification or "")
            sure = f" ({verification.in_language(language)})" if verification else ""
            lines.append(f"{FIELDS['source'].in_language(language)}{colon}{finding.source}{sure}")
    return shown("\n".join([*lines, f"[{finding.rule}]"]))


def _fit(comment: "Comment") -> None:
    from bpsgraph.validation.report import excel

    lines = excel.lines_of(comment.text, _COMMENT_COLUMNS)
    comment.width = _COMMENT_WIDTH
    comment.height = min(_COMMENT_LINE * (lines + 1), _HIGHEST_COMMENT)
