"""The way of a clerk: fetch the workbook, fill it in, have its mistakes shown, type what is said, be done.

The workbook is filled with what 晋城's document says by typing into its unlocked cells. What is typed to mend a
mistake is taken from the words of the finding.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from clerk import JINCHENG, ROOT, Clerk, fill_in
from conftest import Run

Found = dict[str, Any]
Mended = Callable[[Clerk, Found], None]
OF_JINCHENG = ("--edition", "2021", "--jurisdiction", "140500", "--domain", "2", "--domain", "5")
TUITION, LIVING = "义务教育阶段免除学杂费", "义务教育家庭经济困难学生生活补助"
MEALS, PILOTS = "农村义务教育学生营养膳食补助", "农村义务教育学生营养改善计划试点地区（不含县城）学生"
DAY_PUPILS = (LIVING, "家庭经济困难学生生活补助", "家庭经济困难小学非寄宿生")
GUIDANCE = ("老年人健康管理", "中医体质辨识和中医药保健指导次数", "")


@pytest.fixture(scope="module")
def filled(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of 晋城, fetched by the command and filled in."""
    folder = tmp_path_factory.mktemp("clerk")
    template = folder / "template.xlsx"
    asked = [sys.executable, "-m", "bpsgraph", "template", *OF_JINCHENG, "-o", str(template)]
    subprocess.run(asked, check=True, env=os.environ | {"BPSGRAPH_STORE": str(built)}, timeout=120)
    clerk = Clerk(template)
    fill_in(clerk)
    return clerk.save(folder / "filled.xlsx")


@pytest.fixture
def check(run: Run, tmp_path: Path) -> Callable[..., tuple[int, list[Found]]]:
    """Validate a file against 2021; gives the exit code and the findings."""

    def check(path: Path, *options: str | Path) -> tuple[int, list[Found]]:
        report = tmp_path / "report.json"
        done = run("validate", path, "--edition", "2021", "-o", report, *options)
        return done.returncode, json.loads(report.read_text(encoding="utf-8"))[0]["findings"]

    return check


def told(findings: list[Found]) -> set[tuple[str, ...]]:
    """What is found, without where it stands."""
    keys = ("fingerprint", "rule", "severity", "focus", "item", "value", "expected")
    return {tuple(json.dumps(finding[key], ensure_ascii=False) for key in keys) for finding in findings}


def place(finding: Found) -> str:
    return f"{finding['sheet']}!{finding['cell']}"


def says(finding: Found, pattern: str) -> str:
    """The part of the cure in Chinese that the pattern takes."""
    found = re.search(pattern, finding["fix"]["zh"])
    assert found, finding["fix"]["zh"]
    return found[1]


def test_the_filled_workbook_gives_the_findings_of_the_published_catalogue(
    filled: Path, check: Callable[..., tuple[int, list[Found]]]
) -> None:
    code, findings = check(filled)
    of_turtle, published = check(JINCHENG)
    assert (code, of_turtle) == (0, 0)
    assert told(findings) == told(published)
    assert all(finding["cell"] for finding in findings)


# The mistakes, each planted by a function that gives the cell that has to be marked


def _below(clerk: Clerk) -> str:
    return clerk.type("服务标准", "数值", TUITION, "生均公用经费基准定额", "小学生", value=600)


def _misspelt_unit(clerk: Clerk) -> str:
    return clerk.type("服务标准", "单位", TUITION, "生均公用经费基准定额", "初中生", value="元/学生年")


def _short_name(clerk: Clerk) -> str:
    cell = clerk.empty_cell("支出责任", "支出责任")
    clerk.type_at(cell, "省级财政和市县财政共同承担")
    return clerk.type_at(clerk.empty_cell("支出责任", "服务事项"), "学前幼儿资助金")


def _no_value(clerk: Clerk) -> str:
    clerk.type("服务标准", "标准原文", *GUIDANCE, value=None)
    return clerk.type("服务标准", "数值", *GUIDANCE, value=None)


def _narrower(clerk: Clerk) -> str:
    return clerk.type("服务事项", "服务对象分组", "老年人健康管理", value="80岁及以上老年人")


def _unreadable(clerk: Clerk) -> str:
    return clerk.type("服务标准", "标准原文", "城乡居民基本养老保险", "全额支付基础养老金", "", value="照旧")


def _no_lead(clerk: Clerk) -> str:
    return clerk.type("服务事项", "牵头负责单位", "普通高中国家助学金", value=None)


def _no_such_day(clerk: Clerk) -> str:
    return clerk.type("说明", "生效日期", value="2021年13月2日")


def _twice(clerk: Clerk) -> str:
    cells = {key: clerk.empty_cell("服务标准", key) for key in ("服务事项", "指标", "数值", "单位")}
    typed = ("学前教育幼儿资助", "学前教育资助标准", 1200, "元/幼儿·年")
    for cell, value in zip(cells.values(), typed, strict=True):
        clerk.type_at(cell, value)
    return f"服务标准!{cells['指标'].coordinate}"


def _emptied(clerk: Clerk) -> str:
    clerk.empty("服务事项", MEALS)
    clerk.empty("服务标准", MEALS, "营养膳食补助", PILOTS)
    return f"服务事项!{clerk.cell('服务事项', '是否提供', MEALS).coordinate}"


def _wrong_percentage(clerk: Clerk) -> str:
    words = "按照国家基础标准30%核定家庭经济困难非寄宿生生活补助标准"
    return clerk.type("服务标准", "标准原文", *DAY_PUPILS, value=words)


def _wrong_share(clerk: Clerk) -> str:
    return clerk.type("支出责任", "中央分担比例", "职工基本养老保险", value=600)


# The cures, each typed as the finding says


def _raised(clerk: Clerk, finding: Found) -> None:
    clerk.type_at(clerk.at(place(finding)), says(finding, "不低于：(.+)。$"))


def _first_of_the_near(clerk: Clerk, finding: Found) -> None:
    clerk.type_at(clerk.at(place(finding)), says(finding, "相近的有：([^、；。]+)"))


def _as_the_example(clerk: Clerk, finding: Found) -> None:
    clerk.type_at(clerk.at(place(finding)), says(finding, "(?:句完整的话|例如|可写)：? ?(.+?)。$"))


def _widened(clerk: Clerk, finding: Found) -> None:
    clerk.type_at(clerk.at(place(finding)), says(finding, "改为“(.+?)”"))


def _from_the_list(clerk: Clerk, finding: Found) -> None:
    assert says(finding, "(写明牵头负责单位)")
    clerk.type_at(clerk.at(place(finding)), "晋城市教育局")


def _deleted(clerk: Clerk, finding: Found) -> None:
    assert says(finding, "(删去多余的一行)")
    cell = clerk.at(place(finding))
    for beside in clerk.book[cell.parent.title][cell.row]:
        if beside.value is not None:
            clerk.type_at(beside, None)


def _added(clerk: Clerk, finding: Found) -> None:
    """The row as the finding words it: its cells, and the promises by measure and segment."""
    assert says(finding, f"(增加“{MEALS}”一行)")
    row = dict(part.split("：", 1) for part in says(finding, "上级写的是：(.+)。$").split("；"))
    for heading in ("服务对象", "服务内容", "服务标准"):
        clerk.type("服务事项", heading, MEALS, value=row.pop(heading))
    assert row.keys() == {f"营养膳食补助（{PILOTS}）"}
    clerk.type("服务标准", "数值", MEALS, "营养膳食补助", PILOTS, value=row.popitem()[1])
    clerk.type("服务事项", "牵头负责单位", MEALS, value="教育局")
    clerk.type("支出责任", "支出责任", MEALS, value="中央财政和地方财政共同承担")


class Mistake(NamedTuple):
    plant: Callable[[Clerk], str]
    rule: str
    mend: Mended


MISTAKES = (
    Mistake(_below, "baseline-below", _raised),
    Mistake(_misspelt_unit, "reading-unknown-unit", _first_of_the_near),
    Mistake(_short_name, "reading-unknown-item", _first_of_the_near),
    Mistake(_no_value, "completeness-guarantee", _raised),
    Mistake(_narrower, "coverage-narrower", _widened),
    Mistake(_unreadable, "reading-unreadable-value", _as_the_example),
    Mistake(_no_lead, "sustainability-lead-agency", _from_the_list),
    Mistake(_no_such_day, "reading-unreadable-date", _as_the_example),
    Mistake(_twice, "reading-duplicate-row", _deleted),
    Mistake(_emptied, "completeness-item", _added),
    Mistake(_wrong_percentage, "baseline-below", _raised),
    Mistake(_wrong_share, "structure-share-range", _as_the_example),
)
# What cannot be read does not answer the floor either; that is told of the same cell.
UNANSWERED = {"reading-unknown-unit", "reading-unreadable-value"}


def marked(path: Path) -> set[str]:
    """The cells of an annotated copy that carry findings."""
    return {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment is not None and "检查结果" in cell.comment.text
    }


def test_the_planted_mistakes_are_marked_and_what_is_said_mends_them(
    filled: Path, tmp_path: Path, check: Callable[..., tuple[int, list[Found]]]
) -> None:
    annotated = tmp_path / "annotated.xlsx"
    _, before = check(filled, "--annotated", annotated)
    usual = marked(annotated)
    clerk = Clerk(filled)
    planted = {mistake.plant(clerk): mistake for mistake in MISTAKES}
    assert len(planted) == len(MISTAKES)

    code, findings = check(clerk.save(tmp_path / "wrong.xlsx"), "--annotated", annotated)
    assert code == 2
    known = {finding["fingerprint"] for finding in before}
    found: dict[str, list[Found]] = {}
    for finding in findings:
        if finding["fingerprint"] not in known:
            found.setdefault(place(finding), []).append(finding)
    assert found.keys() == planted.keys()
    assert marked(annotated) - usual == planted.keys()
    for where, mistake in planted.items():
        about = {finding["rule"]: finding for finding in found[where]}
        assert mistake.rule in about
        assert about.keys() <= {mistake.rule} | (
            {"completeness-guarantee"} if mistake.rule in UNANSWERED else set()
        )
        mistake.mend(clerk, about[mistake.rule])

    code, findings = check(clerk.save(tmp_path / "mended.xlsx"))
    assert code == 0
    assert not [finding for finding in findings if finding["severity"] == "violation"]
    assert {finding["fingerprint"] for finding in findings if finding["severity"] == "warning"} <= known


@pytest.mark.parametrize("edition", ["2021", "2024"])
def test_an_excerpt_of_chongqing_passes_as_a_workbook(edition: str, run: Run, tmp_path: Path) -> None:
    workbook = tmp_path / f"chongqing-{edition}.xlsx"
    assert run("convert", ROOT / f"data/ttl/local/500000-{edition}.ttl", "-o", workbook).returncode == 0
    for compared in (("--edition", "2021"), ("--edition", "2023"), ("--edition", "current")):
        done = run("validate", workbook, *compared, "--fail-on", "warning", "--format", "json")
        assert done.returncode == 0, done.stdout
        assert not [
            one for one in json.loads(done.stdout)[0]["findings"] if one["rule"].startswith("completeness")
        ]
