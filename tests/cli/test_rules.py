"""`bpsgraph rules`, the pages of the rules, and their examples in the wheel."""

import csv
import io
import json
from pathlib import Path

from bpsgraph.sources import find_sources
from bpsgraph.validation.docs import pages
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from conftest import Run

ROOT = Path(__file__).resolve().parents[2]
RULES = {rule.id: rule for rule in rules_of(ShapesGraph.read(find_sources().shapes())).values()}


def test_the_list_names_every_rule_below_its_assurance(run: Run) -> None:
    lines = run("rules").stdout.splitlines()
    assert lines[0] == "内容无缺项 (completeness)"
    assert {line.split()[1] for line in lines if line.startswith("  ")} == set(RULES)
    assert "  ✗ completeness-item                    缺少服务事项" in lines
    assert "everyone covered (coverage)" in run("rules", "--lang", "en").stdout


def test_one_rule_with_its_examples(run: Run) -> None:
    said = run("rules", "baseline-below").stdout
    for part in (
        "不低于国家标准",
        "“十四五”公共服务规划",
        "级别: 错误",
        "下限未核实时: 警告",
        "bps:value",
        "改为不低于",
    ):
        assert part in said
    assert "bps:value 650.0" in said.partition("它会指出:")[2]
    assert "它不会指出:" in said


def test_an_unknown_rule(run: Run) -> None:
    done = run("rules", "baseline-belwo")
    assert done.returncode == 2
    assert "there is no rule 'baseline-belwo'; did you mean baseline-below" in done.stderr
    assert done.stderr.endswith("See docs/errors.md#unknown-rule\n")


def test_other_formats(run: Run) -> None:
    found = json.loads(run("rules", "--format", "json").stdout)
    assert {rule["id"] for rule in found} == set(RULES)
    rows = list(csv.DictReader(io.StringIO(run("rules", "--format", "csv").stdout.removeprefix("\ufeff"))))
    assert {row["id"]: row["severity"] for row in rows} == {
        rule.id: rule.severity.label for rule in RULES.values()
    }
    assert run("rules", "baseline-below", "--format", "markdown").stdout.startswith("# baseline-below\n")


def test_the_pages_are_what_the_shapes_and_examples_say() -> None:
    folder = ROOT / "docs" / "rules"
    written = pages(find_sources())
    assert set(written) == set(RULES)
    found = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    assert found == written, "run `make docs`"


def test_the_wheel_carries_the_examples() -> None:
    assert '"tests/shapes"' in (ROOT / "hatch_build.py").read_text(encoding="utf-8")
    assert all(set(find_sources().examples(rule)) == {"good", "bad"} for rule in RULES)
