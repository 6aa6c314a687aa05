"""Reports as files: each suffix its format, several in one run, and the copy of a workbook."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bpsgraph.formats import FORMATS
from bpsgraph.sources import find_sources
from bpsgraph.validation.report import WRITERS
from conftest import Run
from jincheng import COLUMNS, ROWS

JINCHENG = find_sources().root / "data" / "ttl" / "local" / "140500-2021.ttl"
PLACE = ("--jurisdiction", "140500/2021", "--edition", "2021")


def table() -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "清单"
    sheet.append(COLUMNS)
    for row in ROWS:
        sheet.append(row[1:])
    sheet.append(["没有这个事项", "居民", "x", "每人每年1元", "", "市教育局", ""])
    return book


def test_every_format_is_written_in_one_run(run: Run, tmp_path: Path) -> None:
    names = [f"report{FORMATS[name].suffixes[0]}" for name in WRITERS]
    asked = [part for name in names for part in ("-o", name)]
    done = run("validate", JINCHENG, "--edition", "2023", *asked)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    for name in names:
        assert (tmp_path / name).stat().st_size > 1000


def test_a_table_comes_back_with_its_findings_in_the_cells(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    table().save(path)
    before = path.read_bytes()
    done = run("validate", path, *PLACE, "--annotated", "county.checked.xlsx", "--fail-on", "never")
    assert done.stdout == ""
    assert path.read_bytes() == before
    copy = load_workbook(tmp_path / "county.checked.xlsx")
    assert copy.sheetnames == ["检查结果", "清单"]
    cell = copy["清单"].cell(len(ROWS) + 2, 1)
    assert cell.value == "没有这个事项"
    assert cell.comment is not None
    assert cell.fill.fill_type == "solid"


def test_a_csv_file_comes_back_as_a_workbook(run: Run, tmp_path: Path) -> None:
    lines = ["\t".join(str(cell or "") for cell in row) for row in table().worksheets[0].values]
    (tmp_path / "county.csv").write_text("\n".join(lines), encoding="gb18030")
    run("validate", "county.csv", *PLACE, "--annotated", "copy.xlsx", "--fail-on", "never")
    copy = load_workbook(io.BytesIO((tmp_path / "copy.xlsx").read_bytes()))
    assert copy.sheetnames == ["检查结果", "数据"]
    assert copy["数据"].cell(len(ROWS) + 2, 1).comment is not None


@pytest.mark.parametrize(
    ("files", "target", "said"),
    [
        (("a.xlsx", "b.xlsx"), "c.xlsx", "a copy is of one file"),
        (("a.ttl",), "c.xlsx", "no workbook and no CSV"),
        (("-",), "c.xlsx", "no workbook and no CSV"),
        (("a.xlsx",), "c.csv", "is no .xlsx file"),
        (("a.xlsx",), "./a.xlsx", "is the file itself"),
    ],
)
def test_a_copy_that_cannot_be_made_is_refused(
    run: Run, tmp_path: Path, files: tuple[str, ...], target: str, said: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    done = run("validate", *files, "--annotated", target)
    assert done.returncode == 2
    assert said in done.stderr
    assert (tmp_path / "a.xlsx").read_bytes() == b""
