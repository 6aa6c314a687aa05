"""Writes a draft as an Excel workbook: the State's cells protected, others open, lists to choose from."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bpsgraph.ingest.layout import ABOUT, LISTS_TITLE, STATEMENTS, Column, Holds, SheetLayout, Use
from bpsgraph.validation.report.table import STARTS_A_FORMULA
from bpsgraph.workbooks.draft import Content, Draft

# Rows below the last one that can be filled in too.
SPARE_ROWS = 60
_EPOCH = (2000, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_FONT = "微软雅黑"
_HEAD = PatternFill("solid", fgColor="1F4E79")
_HEAD_EN = PatternFill("solid", fgColor="2E75B6")
_HEAD_SHOWN = PatternFill("solid", fgColor="7F7F7F")
_SHOWN = PatternFill("solid", fgColor="EDEDED")
_FILL = PatternFill("solid", fgColor="FFFBE6")
_NEEDED = PatternFill("solid", fgColor="FFE699")
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")
_CHARACTERS_A_LINE = 1.9
_EXAMPLE = (
    ("怎样填", "How to fill it in"),
    ("黄色的格子可以填，灰色的是国家标准，不能改。", "Yellow cells are yours; grey ones are the State’s."),
    ("没有填的行不算承诺：不提供的事项，整行留空。", "A row left empty promises nothing."),
    ("例：“学前教育幼儿资助”的“学前教育资助标准”，数值填 1200，单位选 元/幼儿·年，标准原文照抄文件。",
     "Example: item 学前教育幼儿资助, value 1200, unit 元/幼儿·年, and the words of your document."),
    ("数值也可以照文件写：不少于4次；平均2000元，1000—3000元；按《……》执行；由各县（市、区）人民政府确定；免费提供。",
     "A value may also be in words: at least 4 times; by reference; left to the counties; free of charge."),
    ("国家没有、本地增加的事项：在“服务事项”表末加一行，“本地新增事项”写“是”。",
     "For an item of your own add a row, with “是” beside 本地新增事项."),
    ("填好后：bpsgraph validate 文件名.xlsx", "Then: bpsgraph validate FILE.xlsx"),
)  # fmt: skip


@dataclass
class Lists:
    """The drop-down lists, by the kind of name that a column takes."""

    by_kind: Mapping[str, list[str]] = field(default_factory=dict)

    def of(self, column: Column) -> str | None:
        """The key of the list for a column, or None where it has none."""
        if column.key in ("provided", "local-item"):
            return column.key
        return column.names if column.names in self.by_kind else None


def to_excel(draft: Draft, lists: Mapping[str, list[str]]) -> bytes:
    """The bytes of the workbook: the same draft gives the same bytes.

    `lists` gives what can be chosen, by kind of name; those of places to choose from are made by the caller.
    """
    offered = Lists({**lists, "provided": ["是", "否"], "local-item": ["是"]})
    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    ranges = {
        kind: _range(index, labels) for index, (kind, labels) in enumerate(sorted(offered.by_kind.items()), 1)
    }
    for layout, lines in draft.sheets():
        sheet = book.create_sheet(layout.title.zh)
        if layout is ABOUT:
            _about(sheet, draft.columns(ABOUT), lines, offered, ranges)
        else:
            _table(sheet, layout, draft.columns(layout), lines, offered, ranges)
        _protect(sheet)
    hidden = book.create_sheet(LISTS_TITLE)
    hidden.sheet_state = "hidden"
    for index, (kind, labels) in enumerate(sorted(offered.by_kind.items()), 1):
        put(hidden, 1, index, kind)
        for number, label in enumerate(labels, 2):
            put(hidden, number, index, label)
    book.properties.creator = "bpsgraph"
    book.properties.title = str(draft.about.get("title", "")) or "基本公共服务清单"
    file = BytesIO()
    book.save(file)
    return timeless(file.getvalue())


def _about(
    sheet: Worksheet,
    columns: Sequence[Column],
    lines: list[list[Content]],
    lists: Lists,
    ranges: Mapping[str, str],
) -> None:
    for letter, width in zip("ABC", (24, 48, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for number, line in enumerate(lines, 1):
        for index, content in enumerate(line, 1):
            cell = put(sheet, number, index, content)
            cell.alignment = _WRAPPED
            cell.font = Font(name=_FONT, size=10, bold=index == 1)
        if number == 1:
            sheet.cell(1, 1).font = Font(name=_FONT, size=16, bold=True)
            sheet.row_dimensions[1].height = 28
            continue
        column = columns[number - 2]
        value = sheet.cell(number, 2)
        value.fill = _NEEDED if column.required else _FILL
        value.border = _BOX
        value.protection = Protection(locked=False)
        value.number_format = "@"
        sheet.cell(number, 3).font = Font(name=_FONT, size=9, color="595959")
        # A scope or a baseline may be typed in several ways, so only code lists are enforced.
        kind = lists.of(column)
        if kind is not None:
            _offer(sheet, column, f"B{number}", ranges[kind])
    row = len(lines) + 2
    for zh, en in _EXAMPLE:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
        cell = put(sheet, row, 1, f"{zh}\n{en}")
        cell.alignment = _WRAPPED
        cell.font = Font(name=_FONT, size=10, bold=zh == _EXAMPLE[0][0])
        sheet.row_dimensions[row].height = 32
        row += 1
    sheet.freeze_panes = "A2"
    _print_set_up(sheet, None)


def _table(
    sheet: Worksheet,
    layout: SheetLayout,
    columns: Sequence[Column],
    lines: list[list[Content]],
    lists: Lists,
    ranges: Mapping[str, str],
) -> None:
    last = len(lines) + (SPARE_ROWS if layout is not STATEMENTS else 0)
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = column.width
        for number, text in ((1, column.heading.zh), (2, column.heading.en)):
            cell = put(sheet, number, index, text)
            fill = _HEAD if number == 1 else _HEAD_EN
            cell.fill = _HEAD_SHOWN if column.use is Use.SHOWS else fill
            cell.font = Font(name=_FONT, size=10 if number == 1 else 8, bold=number == 1, color="FFFFFF")
            cell.alignment = _CENTRED
            cell.border = _BOX
        if column.note is not None:
            note = Comment(f"{column.note.zh}\n{column.note.en}", "bpsgraph", height=90, width=260)
            sheet.cell(1, index).comment = note
        kind = lists.of(column) if column.use is not Use.SHOWS else None
        if kind is not None:
            _offer(sheet, column, f"{letter}3:{letter}{last}", ranges[kind])
        elif column.holds is Holds.NUMBER:
            _ask_for_number(sheet, column, f"{letter}3:{letter}{last}")
    sheet.row_dimensions[1].height = 32
    sheet.row_dimensions[2].height = 26
    for number in range(3, last + 1):
        line: list[Content] = lines[number - 1] if number <= len(lines) else [""] * len(columns)
        named = number <= len(lines)
        for index, column in enumerate(columns, 1):
            cell = put(sheet, number, index, line[index - 1])
            cell.border = _BOX
            fixed = column.use is Use.SHOWS or (
                column.use is Use.NAMES and named and layout is not STATEMENTS
            )
            cell.font = Font(name=_FONT, size=9, color="595959" if fixed else "000000")
            cell.fill = _SHOWN if fixed else _FILL
            if named:
                cell.alignment = _WRAPPED
            if not fixed:
                cell.protection = Protection(locked=False)
        if named:
            sheet.row_dimensions[number].height = _height(columns, line)
    naming = [index for index, column in enumerate(columns, 1) if column.use is Use.NAMES]
    sheet.freeze_panes = f"{get_column_letter(max(naming, default=0) + 1)}3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{last}"
    _print_set_up(sheet, "1:2")
    sheet.print_area = f"A1:{get_column_letter(len(columns))}{max(len(lines), 3)}"


def put(sheet: Worksheet, row: int, column: int, content: Content):  # type: ignore[no-untyped-def]
    """Write a cell; text that looks like a formula stays text, also when it is edited."""
    cell = sheet.cell(row, column)
    if content == "":
        return cell
    cell.value = content
    if isinstance(content, Decimal):
        cell.number_format = "General"
    else:
        cell.data_type = "s"
        if content.startswith(STARTS_A_FORMULA):
            cell.quotePrefix = True
    return cell


def _offer(sheet: Worksheet, column: Column, cells: str, values: str) -> None:
    strict = column.holds is Holds.CODE
    rule = DataValidation(type="list", formula1=values, allow_blank=True, showDropDown=False)
    # Several names in a cell, and names the list does not have, are for the check to judge.
    rule.showErrorMessage = strict
    rule.errorStyle = "stop"
    rule.errorTitle = "请从列表中选"
    rule.error = f"“{column.heading.zh}”只能从下拉列表中选。Choose from the list."
    _hint(rule, column)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _ask_for_number(sheet: Worksheet, column: Column, cells: str) -> None:
    share = column.key in ("central-share", "percent")
    rule = DataValidation(type="decimal", operator="between" if share else "greaterThanOrEqual", formula1="0",
                          formula2="100" if share else None, allow_blank=True)  # fmt: skip
    rule.showErrorMessage = True
    rule.errorStyle = "warning"
    rule.errorTitle = "应为数字"
    rule.error = f"“{column.heading.zh}”应为" + ("0到100之间的数。" if share else "不小于0的数。")
    _hint(rule, column)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _hint(rule: DataValidation, column: Column) -> None:
    if column.note is not None:
        rule.showInputMessage = True
        rule.promptTitle = column.heading.zh[:32]
        rule.prompt = f"{column.note.zh}\n{column.note.en}"[:255]


def _range(index: int, labels: Iterable[str]) -> str:
    letter = get_column_letter(index)
    return f"'{LISTS_TITLE}'!${letter}$2:${letter}${max(len(list(labels)), 1) + 1}"


def _height(columns: Iterable[Column], line: list[Content]) -> float:
    """How high a row has to be for its longest text; spreadsheets do not find that out for themselves."""
    lines = 1
    for column, content in zip(columns, line, strict=True):
        if content != "":
            across = max(1, column.width / _CHARACTERS_A_LINE)
            lines = max(lines, sum(-(-len(part) // int(across)) or 1 for part in str(content).split("\n")))
    return min(15 + 13 * lines, 200)


def _print_set_up(sheet: Worksheet, repeated: str | None) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if repeated else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    footer = HeaderFooterItem()
    footer.center.text = "&A  &P / &N"
    sheet.oddFooter = footer
    if repeated:
        sheet.print_title_rows = repeated


def _protect(sheet: Worksheet) -> None:
    """Keep the State's cells from being typed over; without a password, because nothing is secret."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.formatCells = False
    sheet.protection.autoFilter = False
    sheet.protection.sort = False


def timeless(data: bytes) -> bytes:
    """The same workbook without the time at which it was written."""
    stamp = datetime(*_EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    file = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp, content)
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, content)
    return file.getvalue()
