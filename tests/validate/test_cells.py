"""A finding points at the cell in which somebody has to type, and says what to type there."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bpsgraph.ingest import Submission, read
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.table import read_table
from bpsgraph.library import bundled
from bpsgraph.results import Finding
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.vocabulary import names_of
from bpsgraph.workbooks.draft import Content, Draft, book_of
from bpsgraph.workbooks.filled import draft_of

EXAMPLES = Path(__file__).resolve().parents[1] / "shapes"
SHAPES = ShapesGraph.read(find_sources().shapes())
# The sheet and the heading of the cell that each bad example marks as a workbook: where to type.
CELLS = {
    "baseline-below": ("服务标准", "数值"),
    "baseline-not-comparable": ("服务标准", "单位"),
    "completeness-item": ("服务事项", "服务事项"),
    "completeness-guarantee": ("服务标准", "服务事项"),
    "coverage-narrower": ("服务事项", "服务对象分组"),
    "coverage-wider": ("服务事项", "服务对象分组"),
    "funding-central-share": ("支出责任", "中央分担比例"),
    "funding-expenditure": ("支出责任", "支出责任"),
    "overreach-assessment": ("服务标准", "数值"),
    "structure-beneficiary-unknown": ("服务事项", "服务对象分组"),
    "structure-catalogue-baseline": ("说明", "对照的国家版本"),
    "structure-catalogue-extent": ("说明", "完整程度"),
    "structure-catalogue-source": ("说明", "来源文件"),
    "structure-date-order": ("说明", "失效日期"),
    "structure-delegate-missing": ("服务标准", "授权确定者"),
    "structure-item-unknown": ("服务事项", "服务事项"),
    "structure-kind-unknown": ("服务标准", "值的种类"),
    "structure-percentage-incomplete": ("服务标准", "百分比"),
    "structure-promise-duplicate": ("服务标准", "数值"),
    "structure-range-order": ("服务标准", "下限"),
    "structure-reference-missing": ("服务标准", "执行依据"),
    "structure-reference-unknown": ("服务标准", "执行依据"),
    "structure-segment-unknown": ("服务标准", "对象分组"),
    "structure-share-range": ("支出责任", "中央分担比例"),
    # A row says what it is added to as soon as it is about a measure of the State, so this is stated apart.
    "structure-supplement-incomplete": ("其他陈述", "主体"),
    "structure-title-missing": ("说明", "清单名称"),
    "structure-value-missing": ("服务标准", "数值"),
    "structure-value-negative": ("服务标准", "数值"),
    "sustainability-lead-agency": ("服务事项", "牵头负责单位"),
    "sustainability-review": ("说明", "复审日期"),
    "sustainability-standard-withdrawn": ("服务事项", "所依标准"),
    "sustainability-validity": ("说明", "生效日期"),
}

Sheets = dict[str | None, list[list[Content]]]
Judged = Callable[..., list[Finding]]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return names_of(store)


@pytest.fixture
def judged(store: Store, names: Names) -> Judged:
    def judged(given: Sheets | Submission, rule: str) -> list[Finding]:
        submission = given if isinstance(given, Submission) else read_table(book_of("x.xlsx", given), names)
        context = EXAMPLES / rule / "context.ttl"
        report = validate_submission(
            submission,
            store,
            bundled(),
            SHAPES,
            today=date(2026, 11, 21),
            context=read(context) if context.exists() else None,
        )
        return [finding for finding in report.findings if finding.rule == rule]

    return judged


def draft(rule: str, names: Names) -> Draft:
    return draft_of(read(EXAMPLES / rule / "bad.ttl").triples, "bad.ttl", names)


def sheets_of(made: Draft) -> Sheets:
    return {layout.title.zh: lines for layout, lines in made.sheets()}


def heading_of(finding: Finding, sheets: Sheets) -> tuple[str | None, Content]:
    assert finding.cell is not None
    letters = finding.cell.rstrip("0123456789")
    column = sum((ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(letters)))
    lines = sheets[finding.sheet]
    if finding.sheet == "说明":
        return finding.sheet, lines[int(finding.cell[len(letters) :]) - 1][0]
    return finding.sheet, lines[0][column - 1]


@pytest.mark.parametrize("rule", CELLS)
def test_the_bad_example_marks_the_cell_to_type_in(rule: str, names: Names, judged: Judged) -> None:
    sheets = sheets_of(draft(rule, names))
    (finding,) = judged(sheets, rule)
    assert heading_of(finding, sheets) == CELLS[rule]


def test_the_number_to_type_is_in_the_unit_of_its_cell(names: Names, judged: Judged) -> None:
    made = draft("baseline-below", names)
    (row,) = made.rows["guarantees"]
    row |= {"value": "300", "unit": "元/生·学期"}
    (finding,) = judged(sheets_of(made), "baseline-below")
    assert finding.fix is not None
    assert finding.fix.zh == "改为不低于：360元/生·学期。"
    assert finding.expected == "720元/生·年"
    row["value"] = "360"
    assert judged(sheets_of(made), "baseline-below") == []


def test_a_missing_item_comes_with_the_words_to_paste_and_its_blank_row(names: Names, judged: Judged) -> None:
    made = draft("completeness-item", names)
    rows = len(made.rows["provisions"])
    (finding,) = judged(sheets_of(made), "completeness-item")
    assert finding.row == rows + 3, "the first row below what is there"
    assert finding.fix is not None
    assert finding.item is not None
    assert f"增加“{finding.item.zh}”一行" in finding.fix.zh
    assert "上级写的是：服务对象：" in finding.fix.zh
    # A row that the template gives and nobody filled in is the place.
    made.rows["provisions"].insert(0, {"item": finding.item.zh})
    (again,) = judged(sheets_of(made), "completeness-item")
    assert (again.row, again.fingerprint) == (3, finding.fingerprint)


def test_a_promise_that_is_left_empty_is_marked_there(names: Names, judged: Judged) -> None:
    made = draft("completeness-guarantee", names)
    (finding,) = judged(sheets_of(made), "completeness-guarantee")
    assert finding.item is not None
    made.rows["guarantees"].insert(0, {"item": finding.item.zh, "measure": "民族语节目"})
    sheets = sheets_of(made)
    (again,) = judged(sheets, "completeness-guarantee")
    assert heading_of(again, sheets) == ("服务标准", "数值")
    assert again.row == 3


def test_two_values_for_the_same_people_are_both_named(names: Names, judged: Judged) -> None:
    rule = "structure-promise-duplicate"
    (finding,) = judged(sheets_of(draft(rule, names)), rule)
    assert "服务标准!I3、服务标准!I4" in finding.message.zh
    (of_turtle,) = judged(read(EXAMPLES / rule / "bad.ttl"), rule)
    assert "行、第" in of_turtle.message.zh
    assert of_turtle.line
