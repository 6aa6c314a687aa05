"""`bpsgraph template`: what it holds, that it opens, and that what is filled in conforms."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.ingest.layout import ABOUT, FUNDING, GUARANTEES, LISTS_TITLE, PROVISIONS, SHEETS
from bpsgraph.ingest.names import Names
from bpsgraph.sources import find_sources
from bpsgraph.workbooks.filled import draft_of
from conftest import Run

JINCHENG = find_sources().root / "data/ttl/local/140500-2021.ttl"
OF_JINCHENG = ("--edition", "2021", "--jurisdiction", "140500", "--domain", "2", "--domain", "5")


@pytest.fixture
def workbook(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "jincheng.xlsx"
    assert run("template", *OF_JINCHENG, "-o", path).returncode == 0
    return path


def columns(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): cell.column or 0 for cell in sheet[1]}


def sheet_cell(sheet: Worksheet, coordinate: str) -> Cell:
    cell = sheet[coordinate]
    assert isinstance(cell, Cell)
    return cell


def fill_in(path: Path, names: Names) -> None:
    """Type the values of 晋城 into the empty cells, beside the names that stand there already."""
    book = openpyxl.load_workbook(path)
    said = {
        "版本": "2021",
        "来源文件": "晋市政办函〔2021〕45号",
        "印发日期": "2021-11-02",
        "生效日期": "2021-11-02",
    }
    for label, beside, *_ in book["说明"].iter_rows():
        if label.value in said:
            sheet_cell(book["说明"], beside.coordinate).value = said[str(label.value)]
    triples = parse(JINCHENG.read_bytes(), "c", FORMATS["turtle"])
    rows = draft_of(triples, "c", names).rows
    for layout, keys in (
        (PROVISIONS, ("item",)),
        (GUARANTEES, ("item", "measure", "segment")),
        (FUNDING, ("item",)),
    ):
        sheet = book[layout.title.zh]
        at = columns(sheet)
        heading = {column.key: column.heading.zh for column in layout.columns}
        standing = {
            tuple(str(sheet.cell(number, at[heading[key]]).value or "") for key in keys): number
            for number in range(3, sheet.max_row + 1)
        }
        for row in rows[layout.key]:
            number = standing[tuple(str(row.get(key, "")) for key in keys)]
            for key, content in row.items():
                if heading[key] in at and key not in keys:
                    cell = sheet.cell(number, at[heading[key]])
                    cell.value = float(content) if isinstance(content, Decimal) else content
                    assert not cell.protection.locked
    book.save(path)


def test_filled_with_the_values_of_jincheng_it_conforms(run: Run, workbook: Path, names: Names) -> None:
    fill_in(workbook, names)
    answer = run("validate", workbook, "--edition", "2021", "--format", "csv")
    assert answer.returncode == 0, answer.stdout
    assert not [line for line in answer.stdout.splitlines() if "violation" in line]


def test_mistakes_are_found_in_their_cells_and_nowhere_else(run: Run, workbook: Path, names: Names) -> None:
    fill_in(workbook, names)
    book = openpyxl.load_workbook(workbook)
    sheet = book["服务标准"]
    at = columns(sheet)
    wrong: dict[str, str] = {}
    for number in range(3, 46):
        measure, segment = (sheet.cell(number, at[name]).value for name in ("指标", "对象分组"))
        at_value = f"{get_column_letter(at['数值'])}{number}"
        if (measure, segment) == ("生均公用经费基准定额", "小学生"):
            sheet_cell(sheet, at_value).value = 640
            wrong[at_value] = "baseline-below"
        elif (measure, segment) == ("生均公用经费基准定额", "初中生"):
            for name in ("数值", "单位", "值的种类", "标准原文"):
                sheet_cell(sheet, f"{get_column_letter(at[name])}{number}").value = None
            wrong[at_value] = "completeness-guarantee"
        elif measure == "学前教育资助标准":
            sheet_cell(sheet, at_value).value = "一千左右"
            wrong[at_value] = "reading-unreadable-value"
        elif measure == "特殊教育生均公用经费":
            unit = f"{get_column_letter(at['单位'])}{number}"
            sheet_cell(sheet, unit).value = "元每个学生每年每"
            wrong[unit] = "reading-unknown-unit"
    sheet_cell(sheet, "A46").value, sheet_cell(sheet, "B46").value = "普通高中国家助学金", "国家助学金"
    sheet_cell(sheet, f"{get_column_letter(at['数值'])}46").value = 2500
    wrong["B46"] = "reading-duplicate-row"
    funding = book["支出责任"]
    share = get_column_letter(columns(funding)["中央分担比例"])
    sheet_cell(funding, f"{share}3").value = 150
    wrong[f"{share}3"] = "structure-share-range"
    provisions = book["服务事项"]
    at = columns(provisions)
    sheet_cell(provisions, f"{get_column_letter(at['服务事项'])}16").value = "义务教育免学费"
    wrong[f"{get_column_letter(at['服务事项'])}16"] = "reading-unknown-item"
    book.save(workbook)
    answer = run("validate", workbook, "--edition", "2021", "--format", "csv")
    assert answer.returncode == 2
    rows = csv.DictReader(io.StringIO(answer.stdout.removeprefix("\ufeff")))
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["severity"] == "violation":
            found.setdefault(row["cell"], set()).add(row["rule"])
    assert found.keys() == wrong.keys()
    assert all(rule in found[cell] for cell, rule in wrong.items())


def test_the_untouched_workbook_promises_nothing(run: Run, workbook: Path) -> None:
    answer = run("validate", workbook)
    assert answer.returncode == 2
    assert "write the year beside 版本" in answer.stderr
    book = openpyxl.load_workbook(workbook)
    next(row for row in book["说明"].iter_rows() if row[0].value == "版本")[1].value = 2024
    book.save(workbook)
    answer = run("validate", workbook, "--format", "csv")
    assert answer.returncode == 1
    rows = list(csv.DictReader(io.StringIO(answer.stdout.removeprefix("\ufeff"))))
    missing = {row["cell"] for row in rows if row["rule"] == "completeness-item"}
    assert missing == {f"G{number}" for number in range(3, 16)}


def test_its_sheets_lists_and_protection(workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    assert book.sheetnames == [*(layout.title.zh for layout in SHEETS), LISTS_TITLE]
    assert book[LISTS_TITLE].sheet_state == "hidden"
    for layout in SHEETS:
        sheet = book[layout.title.zh]
        assert sheet.protection.sheet
        assert sheet.freeze_panes
        assert sheet.page_setup.orientation == "landscape"
        if layout is not ABOUT:
            assert sheet.print_title_rows == "$1:$2"
            assert [cell.value for cell in sheet[2]][:1] == [layout.columns[0].heading.en]
    sheet = book["服务标准"]
    at = columns(sheet)
    assert sheet.cell(4, at["国家标准"]).protection.locked
    assert not sheet.cell(4, at["数值"]).protection.locked
    assert sheet.cell(1, at["数值"]).comment is not None
    offered = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for rule in offered.values():
        assert len(rule.formula1) < 255
        assert len(rule.prompt or "") <= 255
        assert len(rule.error or "") <= 225
    kinds = offered[f"{get_column_letter(at['值的种类'])}3"]
    letter, first, last = re.fullmatch(r"'列表'!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)", kinds.formula1).groups()  # type: ignore[union-attr]
    listed = {book[LISTS_TITLE][f"{letter}{number}"].value for number in range(int(first), int(last) + 1)}
    assert {"固定值", "区间", "授权确定"} <= listed
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_same_question_gives_the_same_bytes(run: Run, workbook: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    run("template", *OF_JINCHENG, "-o", again)
    assert again.read_bytes() == workbook.read_bytes()
    with ZipFile(workbook) as parts:
        assert {info.date_time for info in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_csv_holds_the_same_columns(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    assert (
        run(
            "template", "--item", "preschool-financial-aid", "--jurisdiction", "晋城市", "-o", path
        ).returncode
        == 0
    )
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert ["行政区划代码", "140500"] in lines
    assert ["范围", "学前教育幼儿资助"] in lines
    head = next(line for line in lines if "服务事项" in line)
    assert {"国家标准", "数值", "单位", "支出责任", "牵头负责单位"} <= set(head)
    run("template", "--item", "preschool-financial-aid", "--encoding", "gb18030", "-o", path)
    assert "学前教育幼儿资助" in path.read_bytes().decode("gb18030")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--edition", "2019"), "2019"),
        (("--domain", "12"), "there is no domain '12'; choose one of: 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (("--item", "preschool-finance-aid"), "did you mean preschool-financial-aid"),
        (("--jurisdiction", "晋成市"), "is no known place; did you mean"),
        (("--encoding", "latin-1"), "choose one of: utf-8-sig, utf-8, gb18030"),
    ],
)
def test_what_there_is_not(run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    answer = run("template", *arguments, "-o", tmp_path / "t.xlsx")
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert not (tmp_path / "t.xlsx").exists()


def test_a_suffix_that_says_no_format(run: Run, tmp_path: Path) -> None:
    answer = run("template", "-o", tmp_path / "t.doc")
    assert answer.returncode == 2
    assert "use one of .xlsx, .csv" in answer.stderr
