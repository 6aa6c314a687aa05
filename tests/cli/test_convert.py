"""`bpsgraph convert`: the same catalogue in every form, with the same findings."""

import json
from pathlib import Path

import pytest

from bpsgraph.sources import find_sources
from conftest import Run

JINCHENG = find_sources().root / "data/ttl/local/140500-2021.ttl"


def findings(run: Run, path: Path) -> list[tuple[str, str, str]]:
    answer = run("validate", path, "--edition", "2023", "--format", "json")
    [report] = json.loads(answer.stdout)
    return sorted(
        (found["rule"], found["fingerprint"], found["message"]["zh"])
        for found in report["findings"]
        if found["rule"] != "reading-assumed-encoding"
    )


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".jsonld", ".nt", ".rdf"])
def test_every_form_has_the_same_findings(run: Run, tmp_path: Path, suffix: str) -> None:
    path, back = tmp_path / f"c{suffix}", tmp_path / "back.ttl"
    answer = run("convert", JINCHENG, "-o", path, "--encoding", "gb18030")
    assert answer.returncode == 0, answer.stderr
    assert findings(run, path) == findings(run, JINCHENG)
    assert run("convert", path, "-o", back).returncode == 0
    text = JINCHENG.read_text(encoding="utf-8")
    assert back.read_text(encoding="utf-8").splitlines()[2:] == text[text.index("@base") :].splitlines()[2:]


def test_a_published_table_becomes_a_workbook(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "published.csv"
    path.write_text(
        "序号,服务项目,服务对象,服务内容,支出责任,牵头负责单位\n1,普通高中国家助学金,学生,资助,分担,市教育局\n",
        encoding="utf-8",
    )
    answer = run("convert", path, "-o", tmp_path / "c.ttl")
    assert answer.returncode == 2
    assert "--jurisdiction CODE" in answer.stderr
    answer = run("convert", path, "--jurisdiction", "140500/2021", "-o", tmp_path / "c.ttl")
    assert answer.returncode == 0, answer.stderr
    assert "<provision/140500/2021/senior-high-national-grant>" in (tmp_path / "c.ttl").read_text(
        encoding="utf-8"
    )


def test_what_cannot_be_read_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("行政区划代码,140500\n版本,2024\n服务事项,是否提供\n没有的事项,是\n", encoding="utf-8")
    answer = run("convert", path, "-o", tmp_path / "c.ttl")
    assert answer.returncode == 2
    assert "A4: 服务事项不可识别 没有的事项" in answer.stderr
