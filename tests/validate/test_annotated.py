"""The copy of a submitted workbook: what it marks, what it keeps, and that it can be sent in again."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.grid import Book, Cell, Content, Sheet
from bpsgraph.ingest.submission import Place
from bpsgraph.results import Finding, Report, Severity, Text
from bpsgraph.terms import BASE
from bpsgraph.validation.report.annotated import annotate
from bpsgraph.validation.report.excel import TINTS

SHEET = "服务标准"


def finding(cell: str | None, severity: Severity = Severity.VIOLATION, **fields: object) -> Finding:
    said = {
        "rule": "baseline-below",
        "severity": severity,
        "message": Text(f"{cell}低于国家标准", f"{cell} is below"),
        "focus": BASE + "guarantee/x",
        "fingerprint": "0123456789abcdef",
        "sheet": SHEET,
        "cell": cell,
        "fix": Text("改为不低于：720元/生·年。", "Raise it to at least: 720 yuan."),
        "source": "国家基本公共服务标准（2023年版）",
        "verification": "recalled",
    }
    return Finding(**(said | fields))  # type: ignore[arg-type]


def report(*findings: Finding, file: str = "county.xlsx") -> Report:
    return Report(
        file=file,
        catalogue=BASE + "catalogue/140500/2021",
        title=Text("清单", "catalogue"),
        compared_with=Text("标准", "standard"),
        self_sourced=0,
        findings=findings,
        verdicts=(),
    )


def submitted(change: Callable[[Workbook], object] = lambda book: None) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for row in range(1, 21):
        for column in range(1, 8):
            sheet.cell(row, column, f"{row}:{column}")
    sheet["E4"].fill = PatternFill("solid", start_color="FFFFCC")
    sheet["E4"].protection = Protection(locked=False)
    sheet["E5"].comment = Comment("请填每生每年的数额", "县")
    sheet["F5"].comment = Comment("另一条", "县")
    sheet.merge_cells("E10:F12")
    validation = DataValidation(type="list", formula1='"元/生·年,元/人·月"')
    validation.add("F3:F20")
    sheet.add_data_validation(validation)
    sheet.protection.sheet = True
    sheet.protection.password = "secret"
    sheet.freeze_panes = "B2"
    book.create_sheet("it's").append(["text"])
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def tint(book: Workbook, cell: str, sheet: str = SHEET) -> str | None:
    fill = book[sheet][cell].fill
    return fill.start_color.rgb[-6:] if fill.fill_type else None


FOUND = (
    finding("E4"),
    finding("E5", Severity.INFO),
    finding("E5", Severity.WARNING),
    finding("F11"),
    finding(None, message=Text("缺少“学前教育资助”", "missing"), row=21),
    finding(None, sheet=None, rule="completeness-item"),
    finding("A1", sheet="it's", message=Text("名称", "name")),
    finding("A1", sheet="nowhere"),
    finding("ZZZZ9"),
)


def test_exactly_the_cells_with_findings_have_the_colour_of_their_worst() -> None:
    book = opened(annotate(submitted(), report(*FOUND), "zh").content)
    tinted = {
        (sheet.title, cell.coordinate): tint(book, cell.coordinate, sheet.title)
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fill_type
    }
    assert tinted == {
        (SHEET, "E4"): TINTS[Severity.VIOLATION],
        (SHEET, "E5"): TINTS[Severity.WARNING],
        # What is found of a merged cell is shown in its first one.
        (SHEET, "E10"): TINTS[Severity.VIOLATION],
        ("it's", "A1"): TINTS[Severity.VIOLATION],
    }


def test_a_comment_tells_all_findings_of_its_cell_in_both_languages_and_keeps_what_was_there() -> None:
    book = opened(annotate(submitted(), report(*FOUND), "zh").content)
    text = book[SHEET]["E5"].comment.text
    assert text.startswith("请填每生每年的数额\n\n【检查结果】· 提示：E5低于国家标准")
    for words in (
        "! 警告：E5低于国家标准",
        "! warning: E5 is below",
        "→ 改法：改为不低于：720元/生·年。",
        "→ fix: Raise it to at least: 720 yuan.",
        "依据：国家基本公共服务标准（2023年版） (回忆)",
        "[baseline-below]",
    ):
        assert words in text
    assert book[SHEET]["E5"].comment.author == "县"
    assert book[SHEET]["F5"].comment.text == "另一条"


def test_a_cell_with_many_findings_says_how_many_more_there_are() -> None:
    book = opened(annotate(submitted(), report(*[finding("E4")] * 20), "zh").content)
    assert "另有8条，见“检查结果”。" in book[SHEET]["E4"].comment.text
    assert len(book[SHEET]["E4"].comment.text) < 32_767


def test_lists_protection_and_layout_stay() -> None:
    sheet = opened(annotate(submitted(), report(*FOUND), "zh").content)[SHEET]
    (validation,) = sheet.data_validations.dataValidation
    assert (str(validation.sqref), validation.formula1) == ("F3:F20", '"元/生·年,元/人·月"')
    assert sheet.protection.sheet
    assert sheet.protection.password == opened(submitted())[SHEET].protection.password
    assert sheet["E4"].protection.locked is False
    assert sheet.freeze_panes == "B2"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["E10:F12"]
    assert sheet["B7"].value == "7:2"


def test_the_list_in_front_has_every_finding_with_a_link() -> None:
    book = opened(annotate(submitted(), report(*FOUND), "zh").content)
    index = book.worksheets[0]
    assert index.title == "检查结果"
    assert book.active is index
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == ["检查结果"]
    top = next(row for row in range(1, 20) if index.cell(row, 1).value == "级别")
    rows = list(index.iter_rows(min_row=top + 1))
    assert len(rows) == len(FOUND)
    assert [row[1].value for row in rows] == [
        f"{SHEET}!E4",
        f"{SHEET}!E5",
        f"{SHEET}!E5",
        f"{SHEET}!F11",
        f"{SHEET} 第21行",
        "整份清单",
        "it's!A1",
        "nowhere!A1",
        f"{SHEET}!ZZZZ9",
    ]
    links = [row[1].hyperlink.location if row[1].hyperlink else None for row in rows]
    assert links[:7] == [
        f"'{SHEET}'!E4",
        f"'{SHEET}'!E5",
        f"'{SHEET}'!E5",
        f"'{SHEET}'!E10",
        f"'{SHEET}'!A21",
        None,
        "'it''s'!A1",
    ]
    assert [index.cell(2, column).value for column in (1, 2, 3)] == ["✗ 错误 7", "! 警告 1", "· 提示 1"]
    said = {cell.value for row in rows for cell in row}
    assert {"改为不低于：720元/生·年。", "Raise it to at least: 720 yuan.", "0123456789abcdef"} <= said


def test_the_original_is_not_touched_and_the_same_gives_the_same_bytes() -> None:
    original = submitted()
    before = bytes(original)
    first = annotate(original, report(*FOUND), "zh")
    assert original == before
    assert annotate(original, report(*FOUND), "zh") == first


def test_a_copy_can_be_mended_sent_and_annotated_again() -> None:
    once = annotate(submitted(), report(*FOUND), "zh").content
    assert annotate(once, report(*FOUND), "zh").content == annotate(once, report(*FOUND), "zh").content
    again = opened(annotate(once, report(finding("E6")), "zh").content)
    assert [sheet.title for sheet in again.worksheets] == ["检查结果", SHEET, "it's"]
    assert tint(again, "E4") == "FFFFCC"
    assert tint(again, "E5") is None
    assert tint(again, "E6") == TINTS[Severity.VIOLATION]
    assert again[SHEET]["E4"].comment is None
    assert again[SHEET]["E5"].comment.text == "请填每生每年的数额"


def test_a_sheet_of_theirs_with_the_name_of_ours_stays() -> None:
    book = opened(
        annotate(submitted(lambda book: book.create_sheet("检查结果")), report(*FOUND), "zh").content
    )
    assert book.sheetnames == ["检查结果2", SHEET, "it's", "检查结果"]


def test_what_gets_lost_is_said() -> None:
    original = io.BytesIO(submitted(lambda book: book.worksheets[1].append(["=1+1"])))
    with zipfile.ZipFile(original, "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG")
        package.writestr("xl/vbaProject.bin", b"\0")
    copy = annotate(original.getvalue(), report(*FOUND), "en")
    lost, formulas = copy.notes
    assert lost.en == "This copy lacks or changes: pictures, macros; the original is untouched."
    assert "重新计算" in formulas.zh
    index = opened(copy.content).worksheets[0]
    said = {cell.value for row in index.iter_rows(max_row=8) for cell in row}
    assert {lost.zh, lost.en, formulas.zh, formulas.en} <= said


def test_a_list_that_excel_keeps_as_an_extension_stays() -> None:
    extension = """<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"
        xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">
        <x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">
        <x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>'it''s'!$A$1:$A$9</xm:f></x14:formula1>
        <xm:sqref>G3:G20</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(submitted())) as parts, zipfile.ZipFile(changed, "w") as package:
        for name in parts.namelist():
            content = parts.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</worksheet>", extension.encode())
            package.writestr(name, content)
    sheet = opened(annotate(changed.getvalue(), report(*FOUND), "zh").content)[SHEET]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists == {"F3:F20": '"元/生·年,元/人·月"', "G3:G20": "'it''s'!$A$1:$A$9"}


def test_the_cells_of_a_csv_file_become_a_workbook_that_is_marked() -> None:
    contents: tuple[tuple[Content, ...], ...] = (
        ("事项", "数值", "日期"),
        ("=1+1", Decimal("650"), date(2021, 11, 2)),
        ("", None, "x\x00y"),
    )
    rows = tuple(
        tuple(
            Cell(Place(row=row, column=column), content, "" if content is None else str(content))
            for column, content in enumerate(line, 1)
        )
        for row, line in enumerate(contents, 1)
    )
    cells = Book("county.csv", (Sheet(None, rows),))
    found = (finding("B2", sheet=None), finding("C3", sheet=None))
    book = opened(annotate(cells, report(*found, file="county.csv"), "zh").content)
    sheet = book["数据"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert (sheet["B2"].value, sheet["C2"].value.date()) == (650, date(2021, 11, 2))
    assert sheet["C3"].value == "x\\u0000y"
    assert tint(book, "B2", "数据") == TINTS[Severity.VIOLATION]
    index = book.worksheets[0]
    links = [cell.hyperlink.location for row in index.iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'数据'!B2", "'数据'!C3"]


def test_no_text_of_a_finding_becomes_a_formula() -> None:
    nasty = finding("E4", message=Text("=1+1", "@SUM(A1)"), value="+1", expected="-1", source="\x01\u202e")
    book = opened(annotate(submitted(), report(nasty), "zh").content)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "\\u0001\\u202e" in {cell.value for cell in cells}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedFile):
        annotate(content, report(), "zh")


def test_a_part_that_openpyxl_cannot_read_is_refused_with_a_sentence() -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(submitted())) as parts, zipfile.ZipFile(changed, "w") as package:
        for name in parts.namelist():
            content = parts.read(name)
            if name == "xl/styles.xml":
                content = content.replace(
                    b'<patternFill patternType="solid">', b'<patternFill patternType="x">'
                )
            package.writestr(name, content)
    with pytest.raises(MalformedFile, match="cannot be copied with comments"):
        annotate(changed.getvalue(), report(), "zh")


def test_the_copy_is_a_file_like_any_other(tmp_path: Path) -> None:
    """Its parts have no dates of today, and nothing but the parts of a workbook."""
    path = tmp_path / "county.checked.xlsx"
    path.write_bytes(annotate(submitted(), report(*FOUND), "zh").content)
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert path.stat().st_size < 40_000
