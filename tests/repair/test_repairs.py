"""What has one right answer is suggested as a patch and made in a copy, in which nothing else changes."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pyoxigraph
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from bpsgraph.cli import main
from bpsgraph.sources import find_sources
from bpsgraph.terms import BASE, BPS, XSD
from conftest import Run
from sampling import some

JINCHENG = find_sources().root / "data" / "ttl" / "local" / "140500-2021.ttl"
WAIVER, LIVING, GRANT = "义务教育阶段免除学杂费", "义务教育家庭经济困难学生生活补助", "普通高中国家助学金"
BASIC = "生均公用经费基准定额"
# Where, what stands there by mistake, and what stands there afterwards.
Planted = dict[tuple[str, str], tuple[object, object]]


class Sheet:
    """A sheet of a filled workbook: its cells by what their row is about and the heading of their column."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.columns = {str(cell.value): cell.column or 0 for cell in sheet[1]}

    def cell(self, heading: str, **named: str) -> str:
        for row in range(3, self.sheet.max_row + 1):
            if all(self.sheet.cell(row, self.columns[name]).value == text for name, text in named.items()):
                return str(self.sheet.cell(row, self.columns[heading]).coordinate)
        raise KeyError(named)


@pytest.fixture(scope="module")
def converted(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("converted") / "filled.xlsx"
    assert main(["convert", str(JINCHENG), "-o", str(path), "--store", str(built)]) == 0
    return path


@pytest.fixture
def workbook(converted: Path, tmp_path: Path) -> Path:
    path = tmp_path / "filled.xlsx"
    shutil.copy(converted, path)
    return path


def mistakes(book: Workbook) -> Planted:
    """Each kind of mistake that has one right answer, by sheet and cell."""
    promises, rows = Sheet(book["服务标准"]), Sheet(book["服务事项"])

    def of(heading: str, item: str, measure: str, **more: str) -> tuple[str, str]:
        return "服务标准", promises.cell(heading, 服务事项=item, 指标=measure, **more)

    def row(heading: str, item: str) -> tuple[str, str]:
        return "服务事项", rows.cell(heading, 服务事项=item)

    special, boarding = "特殊教育生均公用经费", "家庭经济困难小学寄宿生"
    return {
        # a unit in another order, and one with a wrong character
        of("单位", WAIVER, BASIC, 对象分组="小学生"): ("元/年.生", "元/生·年"),
        of("单位", WAIVER, BASIC, 对象分组="初中生"): ("圆/生·年", "元/生·年"),
        # below the floor: a number, words, words beside a number, a supplement, the mean of a range
        of("数值", WAIVER, special): ("0.5万元/生·年", "0.6万元/生·年"),
        of("标准原文", WAIVER, special): (
            "特殊教育按每生每年5,000元，不足100人的除外",
            "特殊教育按每生每年6,000元，不足100人的除外",
        ),
        of("数值", WAIVER, "寄宿制学校公用经费增加额"): (150, 200),
        of("标准原文", WAIVER, "寄宿制学校公用经费增加额"): ("增加150元，共150元", "增加150元，共150元"),
        of("数值", GRANT, "国家助学金"): (1900, 2000),
        of("数值", "农村义务教育学生营养膳食补助", "营养膳食补助"): ("每生每天三元", "每生每天4元"),
        # a cell that is left empty, with its unit beside it
        of("数值", LIVING, "家庭经济困难学生生活补助", 对象分组="家庭经济困难初中寄宿生"): (
            None,
            "1250元/生·年",
        ),
        of("标准原文", LIVING, "家庭经济困难学生生活补助", 对象分组="家庭经济困难初中寄宿生"): (None, None),
        of("值的种类", LIVING, "家庭经济困难学生生活补助", 对象分组="家庭经济困难初中寄宿生"): (None, None),
        # names: a measure, an item, an agency among others, a former name
        of("指标", LIVING, "家庭经济困难学生生活补助", 对象分组=boarding): (
            "家庭经济困难学生生话补助",
            "家庭经济困难学生生活补助",
        ),
        row("服务事项", "普通高中免学杂费"): ("普通高中免学费杂", "普通高中免学杂费"),
        row("配合单位", GRANT): ("晋城市发展改各委、市财政局", "晋城市发展改革委、市财政局"),
        row("服务事项", "农村义务教育学生营养膳食补助"): (
            "贫困地区学生营养膳食补助",
            "农村义务教育学生营养膳食补助",
        ),
    }


def plant(path: Path, *, comment: bool = False) -> Planted:
    book = load_workbook(path)
    planted = mistakes(book)
    for (sheet, cell), (wrong, _) in planted.items():
        book[sheet][cell].value = wrong
    if comment:
        book["服务标准"]["I3"].comment = Comment("请核实", "某人")
    book.save(path)
    return planted


def judged(run: Run, path: Path, *more: str | Path) -> list[dict[str, object]]:
    done = run("validate", path, "--edition", "2021", "--format", "json", "--limit", "0", *more)
    assert "Traceback" not in done.stderr
    (report,) = json.loads(done.stdout)
    found: list[dict[str, object]] = report["findings"]
    return found


def told(findings: list[dict[str, object]]) -> set[str]:
    return {str(finding["fingerprint"]) for finding in findings}


def values(data: bytes) -> dict[tuple[str, str], object]:
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in load_workbook(io.BytesIO(data))
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_a_workbook_is_repaired_in_a_copy_that_differs_in_nothing_else(
    run: Run, workbook: Path, tmp_path: Path
) -> None:
    right = told(judged(run, workbook))
    planted = plant(workbook, comment=True)
    before = workbook.read_bytes()
    copy = tmp_path / "copy.xlsx"
    found = judged(run, workbook, "--apply", copy)
    assert workbook.read_bytes() == before
    assert told(found) - right

    changed = {place: now for place, (wrong, now) in planted.items() if wrong != now}
    was, now = values(before), values(copy.read_bytes())
    assert {
        place: now.get(place) for place in was.keys() | now if was.get(place) != now.get(place)
    } == changed
    # Parts without changes are the same bytes: styles, comments, lists, everything.
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(copy) as new:
        assert old.namelist() == new.namelist()
        different = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert len(different) == 2
    assert all(re.fullmatch(r"xl/worksheets/sheet\d\.xml", name) for name in different)
    # Formats, too, of the cells that changed.
    books = [load_workbook(io.BytesIO(data)) for data in (before, copy.read_bytes())]
    for sheet, cell in changed:
        one, other = (book[sheet][cell] for book in books)
        assert one.style_id == other.style_id
    assert CalamineWorkbook.from_path(copy).sheet_names[0] == "说明"

    # What was planted is gone, and nothing is new; the words that hold 150 twice were left alone.
    assert told(judged(run, copy)) <= right
    again = tmp_path / "again.xlsx"
    done = run("validate", copy, "--edition", "2021", "--apply", again)
    assert "0 changes made" in done.stderr
    assert again.read_bytes() == copy.read_bytes()


def test_a_finding_says_its_repair(run: Run, workbook: Path) -> None:
    plant(workbook)
    repairs = [finding["repair"] for finding in judged(run, workbook)]
    assert {"path": BPS + "unit", "old": "圆/生·年", "new": "元/生·年"} in repairs
    assert {"path": BPS + "value", "old": "5000", "new": "6000"} in repairs
    assert {"path": BPS + "value", "old": "", "new": "1250元/生·年"} in repairs
    assert None in repairs


@pytest.mark.parametrize(
    ("encoding", "separator"), some(product(["gb18030", "utf-8-sig", "utf-8", "utf-16"], [",", ";"]), 3)
)
def test_a_csv_file_is_repaired_in_its_own_encoding(
    run: Run, workbook: Path, tmp_path: Path, encoding: str, separator: str
) -> None:
    plant(workbook)
    flat, path, copy = tmp_path / "flat.csv", tmp_path / "county.csv", tmp_path / "copy.csv"
    assert run("convert", workbook, "-o", flat, "--jurisdiction", "140500/2021").returncode in (0, 2)
    text = filled_flat(workbook)
    if separator != ",":
        rows = list(csv.reader(io.StringIO(text)))
        made = io.StringIO()
        csv.writer(made, delimiter=separator).writerows(rows)
        text = made.getvalue()
    path.write_bytes(text.encode(encoding))
    before = path.read_bytes()
    found = judged(run, path, "--apply", copy)
    assert path.read_bytes() == before
    mended = copy.read_bytes().decode(encoding)
    changes = [
        (one, other)
        for old, new in zip(csv_rows(text, separator), csv_rows(mended, separator), strict=True)
        for one, other in zip(old, new, strict=True)
        if one != other
    ]
    assert ("元/年.生", "元/生·年") in changes
    assert ("0.5万元/生·年", "0.6万元/生·年") in changes
    assert ("贫困地区学生营养膳食补助", "农村义务教育学生营养膳食补助") in changes
    assert len(changes) == sum(finding["repair"] is not None for finding in found) + 1
    assert not [finding for finding in judged(run, copy) if finding["repair"]]


def csv_rows(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator))


def filled_flat(workbook: Path) -> str:
    """The sheets of a workbook as one flat table: what 说明 says, and the promises with their provisions."""
    book = load_workbook(workbook)
    about = [[cell.value for cell in row[:2]] for row in book["说明"].iter_rows(min_row=2) if row[1].value]
    promises = [[cell.value for cell in row] for row in book["服务标准"].iter_rows()]
    rows = {row[3].value: row for row in book["服务事项"].iter_rows(min_row=3) if row[3].value}
    heads = [cell.value for cell in book["服务事项"][1]]
    kept = [
        index
        for index, head in enumerate(heads)
        if head in ("服务对象", "服务内容", "牵头负责单位", "配合单位")
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows(about)
    writer.writerow([])
    writer.writerow([*promises[0], *(heads[index] for index in kept)])
    seen: set[object] = set()
    former = {"农村义务教育学生营养膳食补助": "贫困地区学生营养膳食补助"}
    for line in promises[2:]:
        if line[0] is None:
            continue
        name = former.get(str(line[0]), line[0])
        row = rows.get(name)
        more = [row[index].value if row is not None and name not in seen else None for index in kept]
        seen.add(name)
        writer.writerow([name, *line[1:], *more])
    return text.getvalue()


FORMATS = {
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_statements_of_an_rdf_file_are_repaired(run: Run, tmp_path: Path, suffix: str) -> None:
    path, copy = tmp_path / f"county.{suffix}", tmp_path / f"copy.{suffix}"
    assert run("convert", JINCHENG, "-o", path).returncode == 0
    graph = set(pyoxigraph.parse(path.read_bytes(), FORMATS[suffix], base_iri=BASE))
    guarantee = pyoxigraph.NamedNode(
        f"{BASE}guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/primary-school-students"
    )
    [value] = [q for q in graph if q.subject == guarantee and q.predicate.value == BPS + "value"]
    [unit] = [q for q in graph if q.subject == guarantee and q.predicate.value == BPS + "unit"]
    [words] = [q for q in graph if q.subject == guarantee and q.predicate.value == BPS + "statedAs"]
    assert words.object.value == "义务教育阶段生均公用经费基准定额为小学650元"
    wrong = (graph - {value, words}) | {
        changed(value, pyoxigraph.Literal("600.5", datatype=pyoxigraph.NamedNode(XSD + "decimal"))),
        changed(words, pyoxigraph.Literal("小学六百元五角，即600.5元", language="zh")),
    }
    path.write_bytes(pyoxigraph.serialize([q.triple for q in wrong], format=FORMATS[suffix]) or b"")
    before = path.read_bytes()
    right = told(judged(run, JINCHENG))
    assert told(judged(run, path, "--apply", copy)) - right
    assert path.read_bytes() == before
    after = set(pyoxigraph.parse(copy.read_bytes(), FORMATS[suffix], base_iri=BASE))
    assert after == (graph - {words}) | {
        changed(words, pyoxigraph.Literal("小学六百元五角，即650元", language="zh"))
    }
    assert told(judged(run, copy)) == right
    assert unit in after

    literal = (graph - {unit}) | {changed(unit, pyoxigraph.Literal("元/生·年", language="zh"))}
    path.write_bytes(pyoxigraph.serialize([q.triple for q in literal], format=FORMATS[suffix]) or b"")
    judged(run, path, "--apply", copy)
    assert set(pyoxigraph.parse(copy.read_bytes(), FORMATS[suffix], base_iri=BASE)) == graph


def changed(quad: pyoxigraph.Quad, value: pyoxigraph.Literal) -> pyoxigraph.Quad:
    return pyoxigraph.Quad(quad.subject, quad.predicate, value)


def test_turtle_keeps_its_opening_comment_and_the_one_layout(run: Run, tmp_path: Path) -> None:
    text = JINCHENG.read_text(encoding="utf-8")
    path, copy = tmp_path / "county.ttl", tmp_path / "copy.ttl"
    path.write_text("# 晋城市\n\n" + re.sub(r"\A(#[^\n]*\n)+\n", "", text), encoding="utf-8")
    assert run("validate", path, "--edition", "2023", "--apply", copy).returncode == 1
    before, after = (file.read_text(encoding="utf-8").splitlines() for file in (path, copy))
    assert after[0] == "# 晋城市"
    pairs = [(one.strip(), other.strip()) for one, other in zip(before, after, strict=True) if one != other]
    assert ("bps:value 650.0 .", "bps:value 720.0 .") in pairs or (
        "bps:value 650.0 ;",
        "bps:value 720.0 ;",
    ) in pairs
    assert len(pairs) == 8  # four numbers, and the words of each


@pytest.fixture
def patched(run: Run, workbook: Path, tmp_path: Path) -> Callable[[str], Path]:
    plant(workbook)

    def patched(name: str) -> Path:
        done = run("validate", workbook, "--edition", "2021", "--suggest", tmp_path / name)
        assert done.returncode == 2  # of the validation: names that are not known
        return tmp_path / name

    return patched


def test_the_patch_says_the_same_in_every_format(patched: Callable[[str], Path]) -> None:
    said = json.loads(patched("patch.json").read_text(encoding="utf-8"))["changes"]
    rows = list(csv.DictReader(io.StringIO(patched("patch.csv").read_text(encoding="utf-8-sig"))))
    graph = list(pyoxigraph.parse(patched("patch.ttl").read_bytes(), pyoxigraph.RdfFormat.TURTLE))
    assert len(said) == len(rows) == 11
    for change, row in zip(said, rows, strict=True):
        why = change.pop("why")
        assert {name: text or "" for name, text in change.items()} == {
            name: text for name, text in row.items() if not name.startswith("why")
        }
        assert (why["zh"], why["en"]) == (row["why_zh"], row["why_en"])
        assert all(why.values())
    by_predicate = {
        name: sorted(q.object.value for q in graph if q.predicate.value == iri)
        for name, iri in (
            ("old", BPS + "replaced"),
            ("new", BPS + "replacement"),
            ("cell", BPS + "cell"),
            ("property", "http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate"),
            ("focus", "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject"),
        )
    }
    for name, found in by_predicate.items():
        assert found == sorted(change[name] for change in said if change[name]), name


def test_a_patch_that_was_shortened_makes_only_what_is_left_of_it(
    run: Run, patched: Callable[[str], Path], workbook: Path, tmp_path: Path
) -> None:
    path = patched("patch.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    said["changes"] = [change for change in said["changes"] if change["rule"] == "reading-unknown-unit"]
    said["changes"][0]["old"] = "元/年"
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    copy = tmp_path / "copy.xlsx"
    done = run("validate", workbook, "--edition", "2021", "--apply", copy, "--patch", path)
    assert "1 change made" in done.stderr
    assert "元/年 → 元/生·年 (reading-unknown-unit): 原内容不在这一格" in done.stderr
    was, now = values(workbook.read_bytes()), values(copy.read_bytes())
    assert [(was[place], now[place]) for place in was if was[place] != now[place]] == [
        ("元/年.生", "元/生·年")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--apply", "county.xlsx"], "is the file itself"),
        (["--apply", "./county.xlsx"], "is the file itself"),
        (["--apply", "linked.xlsx"], "is the file itself"),
        (
            ["--apply", "copy.csv"],
            "is not of the same kind as county.xlsx; name it like county.repaired.xlsx",
        ),
        (["--apply", "copy"], "is not of the same kind"),
        (["--apply", "-"], "is not of the same kind"),
        (["other.xlsx", "--apply", "copy.xlsx"], "a copy is of one file"),
        (["--suggest", "patch"], "does not say its format"),
        (["--suggest", "-"], "does not say its format"),
        (["--suggest", "patch.xlsx"], "the suffix .xlsx is no format here; choose one of: json, csv, turtle"),
        (["--patch", "patch.json"], "add --apply COPY"),
        (["--apply", "copy.xlsx", "--patch", "county.xlsx"], "this is no patch of changes in JSON"),
        (["--apply", "copy.xlsx", "--patch", "list.json"], "this is no patch of changes in JSON"),
        (["--apply", "copy.xlsx", "--patch", "missing.json"], "cannot read the file"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    run: Run, workbook: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    path = tmp_path / "county.xlsx"
    path.write_bytes(workbook.read_bytes())
    (tmp_path / "linked.xlsx").hardlink_to(path)
    (tmp_path / "list.json").write_text('{"changes": [{"file": "county.xlsx", "old": 1}]}', encoding="utf-8")
    done = run("validate", "county.xlsx", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == workbook.read_bytes()
    assert not (tmp_path / "copy.xlsx").exists()


def test_formulas_are_left_and_worked_out_anew(run: Run, workbook: Path, tmp_path: Path) -> None:
    book = load_workbook(workbook)
    cell = Sheet(book["服务标准"]).cell("数值", 服务事项=WAIVER, 指标=BASIC, 对象分组="小学生")
    other = Sheet(book["服务标准"]).cell("数值", 服务事项=WAIVER, 指标=BASIC, 对象分组="初中生")
    book["服务标准"][cell].value = "=600+1"
    book["服务标准"][other].value = 840
    book.save(workbook)
    with_results(workbook, cell, "601")
    copy = tmp_path / "copy.xlsx"
    done = run("validate", workbook, "--edition", "2021", "--apply", copy)
    assert f"not made: 服务标准!{cell}: 601 → 650 (baseline-below): 这一格是公式" in done.stderr
    mended = load_workbook(copy)
    assert mended["服务标准"][cell].value == "=600+1"
    assert mended["服务标准"][other].value == 850
    assert mended.calculation.fullCalcOnLoad


def with_results(path: Path, cell: str, result: str) -> None:
    """Store the result of a formula, as Excel does."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, content in parts.items():
        if name.startswith("xl/worksheets/"):
            parts[name] = re.sub(
                rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v\s*/>'.encode(),
                rf"\g<1><v>{result}</v>".encode(),
                content,
            )
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
