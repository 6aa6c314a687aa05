"""What a reader remarks is a finding with its place, by every engine, and part of no stored graph."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal

from bpsgraph.ingest import Place, Remark, Submission, read, read_content
from bpsgraph.library import bundled
from bpsgraph.results import Finding, Report, Severity
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE, BPS
from bpsgraph.uploads import judging
from bpsgraph.validation import Engine, to_judge, validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from conftest import Run

JINCHENG = find_sources().root / "data/ttl/local/140500-2021.ttl"
ITEM = BASE + "item/compulsory-education-tuition-waiver"
UNREAD = Remark(
    "unreadable-value",
    Place(sheet="服务标准", row=12, column=5),
    "八百来块",
    "800元/生·年",
    item=ITEM,
    path=BPS + "value",
)
UNKNOWN = Remark("unknown-agency", Place(sheet="服务事项", row=4, column=7), "市教委")
NOTED = Remark("unread-sheet", Place(sheet="Sheet1"), "Sheet1")


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


def report(store: Store, submission: Submission, engine: Engine = Engine.AUTO) -> Report:
    return validate_submission(
        submission,
        store,
        bundled(),
        ShapesGraph.read(find_sources().shapes()),
        edition="2021",
        today=date(2026, 11, 21),
        engine=engine,
    )


def remarked(*remarks: Remark) -> Submission:
    return replace(read(JINCHENG), remarks=remarks)


def reading(found: Report) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule.startswith("reading-")]


@pytest.mark.parametrize("engine", [Engine.PYSHIFTY, Engine.SPARQL])
def test_remarks_are_findings_with_their_places(store: Store, engine: Engine) -> None:
    found = report(store, remarked(UNREAD, UNKNOWN, NOTED), engine)
    assert [(f.rule, f.severity, f.sheet, f.cell) for f in reading(found)] == [
        ("reading-unreadable-value", Severity.VIOLATION, "服务标准", "E12"),
        ("reading-unknown-agency", Severity.WARNING, "服务事项", "G4"),
        ("reading-unread-sheet", Severity.INFO, "Sheet1", None),
    ]
    first, agency, _ = reading(found)
    assert first.message.zh == "“义务教育阶段免除学杂费”的数值读不懂：“八百来块”。"
    assert first.fix is not None
    assert first.fix.zh == "在这一格写明数额和单位，或照文件写一句完整的话：800元/生·年。"
    assert (first.value, first.expected, first.path) == ("八百来块", "800元/生·年", BPS + "value")
    # What a rule has no word for is left out with the words around it.
    assert agency.message.zh == "单位不可识别：“市教委”。"
    assert agency.fix is not None
    assert agency.fix.zh == "写单位全称，或在“机构”表中补一行。"
    assert found.unread == (first,)


def test_the_rest_of_the_file_is_judged_all_the_same(store: Store) -> None:
    with_remarks, without = report(store, remarked(UNREAD)), report(store, remarked())
    assert [f for f in with_remarks.findings if f not in reading(with_remarks)] == list(without.findings)
    assert without.unread == ()


def test_the_fingerprint_outlives_a_move_and_not_a_change(store: Store) -> None:
    moved = replace(UNREAD, place=Place(sheet="服务标准", row=99, column=5))
    other = replace(UNREAD, value="九百来块")
    elsewhere = replace(UNREAD, path=BPS + "lower")
    prints = [
        reading(report(store, remarked(NOTED, remark)))[0].fingerprint
        for remark in (UNREAD, moved, other, elsewhere)
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_two_equal_remarks_of_two_cells_are_two_findings(store: Store) -> None:
    found = reading(report(store, remarked(UNKNOWN, replace(UNKNOWN, place=Place(row=5, column=7)))))
    assert [finding.cell for finding in found] == ["G4", "G5"]


def test_a_remark_is_not_part_of_what_was_submitted() -> None:
    submission = remarked(UNREAD)
    assert len(to_judge(submission).triples) == len(submission.triples) + 6
    assert not [t for t in submission.triples if t.object == Literal("八百来块")]


def test_what_could_not_be_read_is_exit_code_2_and_the_report_is_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "county.ttl"
    file.write_bytes(JINCHENG.read_bytes())

    def reads(content: bytes, name: str, **how: Any) -> Submission:
        other = replace(UNREAD, place=Place(sheet="服务标准", row=13, column=5))
        return replace(read_content(content, name, **how), remarks=(UNREAD, other))

    monkeypatch.setattr(judging, "read_content", reads)
    done = run("validate", file, "--edition", "2021", "--fail-on", "never", "-o", "r.csv")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {file}, 服务标准!E12: A value of “Waiver of tuition and miscellaneous fees in compulsory "
        "education” cannot be read: “八百来块”, and 1 more such place; the rest was judged and reported, correct this and "
        "validate again. See docs/errors.md#partly-unread\n"
    )
    assert "服务标准,E12,12" in (tmp_path / "r.csv").read_text(encoding="utf-8")
