"""`make run` prints the real cases, each right; one changed value in the data changes what is printed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Run

ROOT = Path(__file__).parent.parent
PRIMARY_SCHOOL = re.compile(
    r"(<guarantee/140500/2021/[^\n]*primary[^\n]*>\n(?:  [^\n]*\n)*?  bps:value )650\.0"
)


@pytest.fixture(scope="module")
def printed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `make run` prints once the store is built, with the Python of this test, by the headings."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    folder = tmp_path_factory.mktemp("run")
    (folder / "bin").mkdir()
    for name, command in {"python": "", "bpsgraph": "-m bpsgraph"}.items():
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    (folder / "run.stamp").touch()
    done = subprocess.run(
        ["make", "--no-print-directory", "run", "--old-file=build", f"VENV={folder}", f"STORE={built}"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={name: value for name, value in os.environ.items() if not name.startswith(("BPSGRAPH_", "MAKE"))},
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    heading, *parts = re.split(r"^== (.*) ==\n", done.stdout, flags=re.MULTILINE)
    assert heading.strip() == ""
    return dict(zip(parts[::2], parts[1::2], strict=True))


def part(printed: dict[str, str], words: str) -> str:
    (found,) = [text for heading, text in printed.items() if words in heading]
    return found


def test_jincheng_against_the_text_of_2021(printed: dict[str, str]) -> None:
    said = part(printed, "2021年版原文")
    assert "✓ 内容无缺项   ✓ 不低于国家标准   ✓ 目标人群全覆盖" in said
    assert "错误 0，" in said
    (wider,) = [line for line in said.splitlines() if "服务对象更宽 3" in line]
    assert "普通高中免学杂费" in wider
    assert "中等职业教育国家助学金" in wider
    assert "中等职业教育免除学费" in wider
    assert "只能从本文件得知" in said


@pytest.mark.parametrize(
    ("words", "count", "numbers"),
    [
        ("2023年版原文", 4, ["650元/生·年<720", "850元/生·年<940", "200元/生·年<300", "4元/生·天<5"]),
        ("2021-11-02", 1, ["4元/生·天<5"]),
        ("2024-06-01有效", 6, ["1000元/生·年<1250", "1250元/生·年<1500"]),
        ("2025-06-01", 9, ["6000元/生·年<7000", "2000元/生·年<2300"]),
    ],
)
def test_jincheng_is_below(printed: dict[str, str], words: str, count: int, numbers: list[str]) -> None:
    said = part(printed, words)
    assert f"✗ 不低于国家标准 {count}\n" in said.replace("   ", "\n")
    assert f"✗ 低于下限 {count}：" in said
    assert [number for number in numbers if number not in said] == []
    assert said.count("<") == count


def test_one_is_narrower_since_2025(printed: dict[str, str]) -> None:
    assert "✗ 服务对象变窄 1： 中等职业教育国家助学金" in part(printed, "2025-06-01")
    assert "变窄" not in part(printed, "2024-06-01有效")


def test_today_each_violation_has_its_source_and_cure(printed: dict[str, str]) -> None:
    said = "".join(line.strip() for line in part(printed, "今天有效").splitlines())
    below = int(re.findall(r"✗ 不低于国家标准 ([0-9]+)", said)[0])
    assert below >= 9
    assert said.count("（国家基本公共服务标准（2023年版），据") >= 3
    assert said.count("→ 改为不低于：") == int(re.findall(r"错误 ([0-9]+)", said)[0]) - 1


def test_songming_and_shitai(printed: dict[str, str]) -> None:
    before, after = part(printed, "嵩明").split("\n义务教育家庭经济困难学生生活补助\n")[1:]
    assert before.count("✗") == 0
    assert [row for row in ("625 = 625", "500 = 500") if row not in before] == []
    assert [row for row in ("625 < 750", "500 < 625") if row not in after] == []
    rows = [line.split() for line in part(printed, "石台").splitlines()]
    assert ["学前教育幼儿资助", "500", "元/生·学期", "1000", "每人每年金额"] in rows
    assert ["普通高中国家助学金", "2000", "元/生·年", "2000", "每人每年金额", "60", "60"] in rows


def test_the_announced_changes(printed: dict[str, str]) -> None:
    rows = [line.split() for line in part(printed, "公告所称").splitlines() if line]
    announced = {row[0]: row[1] for row in rows[2:] if len(row) > 1}
    assert {
        words.removeprefix("2023年版"): number for words, number in announced.items() if "2023" in words
    } == {
        "新增事项数": "1",
        "提高标准事项数": "3",
        "扩大对象事项数": "2",
        "修改表述事项数": "41",
        "调整牵头单位事项数": "10",
        "改名事项数": "1",
        "调整事项数": "48",
        "调整事项占比": "60",
    }
    named = [row[2] for row in rows if row[0] == "2023年版提高标准事项数"]
    assert len(named) == 3
    assert ["2023年版改名事项数", "1", "农村义务教育学生营养膳食补助", "inferred"] in rows


def test_the_targets_of_the_plan(printed: dict[str, str]) -> None:
    said = part(printed, "“十四五”")
    binding, expected = said.split("统计口径\n")[1:]
    assert (len(binding.splitlines()) - 1, len(expected.strip().splitlines())) == (7, 15)
    rows = {line.split()[0]: line.split()[1:] for line in expected.strip().splitlines()}
    assert rows["参加各类补贴性职业技能培训人数：1500"] == [
        "1800",
        "at-least",
        "1500",
        "万人次/年",
        "时期年均值",
    ]
    assert rows["城镇老旧小区改造：21.9"][-1] == "累计值"


def test_gap_overlap_and_what_next(printed: dict[str, str]) -> None:
    assert part(printed, "缺少").strip().endswith("没有结果。")
    assert "公共图书馆服务规范" in part(printed, "两项标准")
    assert "make serve" in part(printed, "接下来")


def test_one_changed_value_changes_what_is_printed(run: Run, tmp_path: Path) -> None:
    """With the 720 of the edition of 2023 in the place of 650, 3 of the 4 findings above are left."""
    file = tmp_path / "140500-2021.ttl"
    published = (ROOT / "data/ttl/local/140500-2021.ttl").read_text(encoding="utf-8")
    text, changes = PRIMARY_SCHOOL.subn(r"\g<1>720.0", published)
    assert changes == 1
    file.write_text(text, encoding="utf-8")
    done = run("validate", file, "--edition", "2023", "--summary")
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ 低于下限 3：" in done.stdout
    assert "650元/生·年<720元/生·年" not in done.stdout
