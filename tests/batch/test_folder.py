"""A folder of counties, broken files among them: judged, ranked, compared with the last run."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from bpsgraph.batch import Plan, Step, Summary, desk, run
from bpsgraph.batch.changes import read_earlier
from bpsgraph.batch.outcome import Outcome
from bpsgraph.batch.records import Records
from bpsgraph.batch.shelf import Shelf
from bpsgraph.batch.summary import COLUMNS, to_csv
from bpsgraph.batch.survey import Piece, survey
from bpsgraph.batch.words import totals
from bpsgraph.batch.workbook import to_xlsx
from bpsgraph.batch.workers import Hand
from bpsgraph.cli.batch import Pace
from bpsgraph.errors import (
    BadParameter,
    MalformedFile,
    StoreMissing,
    UnknownEdition,
    UnreadableFile,
)
from bpsgraph.generator import Setting, Truth, catalogues, read_setting
from bpsgraph.generator.catalogue import turtle
from bpsgraph.sources import find_sources
from conftest import Run

TODAY = date(2026, 3, 1)
FAULTY = ("below", "missing-item", "malformed-value")
LOCAL = find_sources().root / "data" / "ttl" / "local"


@pytest.fixture(scope="module")
def setting() -> Setting:
    return read_setting(find_sources().root / "data" / "ttl")


def county(setting: Setting, code: str, *defects: str) -> tuple[str, list[Truth]]:
    ((catalogue, truth),) = catalogues(setting, "county", jurisdiction=code, defects=defects)
    return turtle(catalogue), truth


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, setting: Setting) -> Path:
    """Catalogues in files of their own, and all that can be wrong with a folder."""
    folder = tmp_path_factory.mktemp("given") / "各县"
    (folder / "浙江").mkdir(parents=True)
    faulty, _ = county(setting, "330106", *FAULTY)
    fine = (LOCAL / "500000-2021.ttl").read_text(encoding="utf-8")
    (folder / "浙江" / "faulty.ttl").write_text(faulty, encoding="utf-8")
    (folder / "浙江" / "fine.ttl").write_text(fine, encoding="utf-8")
    (folder / "again.ttl").write_text(fine, encoding="utf-8")
    (folder / "two.ttl").write_text(faulty + fine, encoding="utf-8")
    (folder / "cut.ttl").write_text(faulty[: len(faulty) // 2], encoding="utf-8")
    (folder / "empty.nt").write_text("", encoding="utf-8")
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        bomb.writestr("xl/workbook.xml", bytes(200_000_000))
    (folder / "~$open.xlsx").write_text("", encoding="utf-8")
    (folder / ".hidden.ttl").write_text("", encoding="utf-8")
    (folder / "letter.docx").write_text("", encoding="utf-8")
    (folder / "truth.csv").write_text("catalogue,rule,focus,value,defect\na,b,c,,d\n", encoding="utf-8")
    (folder / "gone.ttl").symlink_to(folder / "nowhere.ttl")
    os.mkfifo(folder / "pipe.ttl")
    return folder


Judge = Callable[..., tuple[Summary, list[Step]]]


@pytest.fixture(scope="module")
def judge(built: Path) -> Judge:
    def judge(folder: Path, output: Path, workers: int = 2, **more: Any) -> tuple[Summary, list[Step]]:
        run_with = {name: more.pop(name) for name in ("timeout", "fresh", "compare", "start") if name in more}
        plan = Plan(
            folder=folder,
            output=output,
            store=more.pop("store", built),
            sources=find_sources().root,
            today=TODAY,
            **more,
        )
        steps: list[Step] = []
        summary = run(plan, workers=workers, progress=steps.append, **{"timeout": 60, **run_with})
        return summary, steps

    return judge


@dataclass(frozen=True)
class First:
    output: Path
    summary: Summary
    steps: list[Step]

    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        return said


@pytest.fixture(scope="module")
def first(folder: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> First:
    output = tmp_path_factory.mktemp("first") / "out"
    return First(output, *judge(folder, output, formats=("csv", "json")))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_submission_has_its_row_and_every_broken_one_its_sentence(first: First) -> None:
    rows = {row["file"]: row for row in first.said()["submissions"]}
    assert set(rows) == {
        "again.ttl", "bomb.xlsx", "cut.ttl", "empty.nt", "two.ttl", "浙江/faulty.ttl", "浙江/fine.ttl",
    }  # fmt: skip
    problems = {file: row["problem"]["code"] for file, row in rows.items() if row["problem"]}
    assert set(problems) == {"bomb.xlsx", "cut.ttl", "empty.nt", "two.ttl"}
    assert problems["cut.ttl"] == problems["two.ttl"] == "malformed-file"
    assert problems["empty.nt"] == "empty-graph"
    assert rows["two.ttl"]["problem"]["sentence"].startswith("two.ttl: a submission describes one catalogue")
    assert re.match(r"cut\.ttl, line [0-9]+, column [0-9]+: ", rows["cut.ttl"]["problem"]["sentence"])
    assert first.said()["totals"]["unusable"] == first.summary.unusable == 4


def test_what_was_skipped_is_said_with_its_reason(first: First) -> None:
    reasons = {one["file"]: one["reason"]["en"] for one in first.said()["skipped"]}
    assert reasons == {
        ".hidden.ttl": "a hidden file",
        "gone.ttl": "not a regular file",
        "letter.docx": "neither a table nor RDF",
        "pipe.ttl": "not a regular file",
        "truth.csv": "what is to be found in generated catalogues",
        "~$open.xlsx": "the lock file of an open document",
    }


def test_the_terminal_says_why_a_file_was_skipped(first: First) -> None:
    assert any("truth.csv（生成的清单应有的结论）" in line for line in totals(first.summary, "zh"))
    in_english = [line for line in totals(first.summary, "en") if line.startswith("skipped 6 files: ")]
    assert ["letter.docx (neither a table nor RDF), " in line for line in in_english] == [True]


def test_two_files_for_one_catalogue_are_said(first: First) -> None:
    said = {row["file"]: row["sameCatalogue"] for row in first.said()["submissions"] if row["sameCatalogue"]}
    assert said == {"again.ttl": ["浙江/fine.ttl"], "浙江/fine.ttl": ["again.ttl"]}


def test_the_counts_are_those_of_the_report(first: First, setting: Setting) -> None:
    _, truth = county(setting, "330106", *FAULTY)
    (row,) = (row for row in first.said()["submissions"] if row["file"] == "浙江/faulty.ttl")
    (report,) = json.loads((first.output / "reports/浙江/faulty.ttl.json").read_text(encoding="utf-8"))
    assert {one.rule for one in truth} <= {finding["rule"] for finding in report["findings"]}
    assert sum(row["counts"].values()) == len(report["findings"]) >= len(truth)
    assert [finding["fingerprint"] for finding in row["findings"]] == [
        finding["fingerprint"] for finding in report["findings"]
    ]
    of_items = [finding for finding in report["findings"] if finding["rule"].startswith("completeness-")]
    assert sum(row["assurances"]["completeness"].values()) == len(of_items) == 1
    assert (row["code"], row["place"]["zh"], row["edition"]) == ("330106", "西湖区", "2023")
    assert report["file"] == "浙江/faulty.ttl"
    assert row["met"] < row["floors"]
    assert row["reports"] == ["reports/浙江/faulty.ttl.csv", "reports/浙江/faulty.ttl.json"]


def test_who_is_equal_shares_a_rank_and_who_was_not_judged_has_none(first: First) -> None:
    ranks = {row.outcome.file: row.ranks.get("overall") for row in first.summary.rows}
    assert ranks["again.ttl"] == ranks["浙江/fine.ttl"] == 1
    assert ranks["浙江/faulty.ttl"] == 3
    assert ranks["cut.ttl"] is None
    assert [row.outcome.file for row in first.summary.rows][:3] == [
        "again.ttl", "浙江/fine.ttl", "浙江/faulty.ttl",
    ]  # fmt: skip
    assert "1, 2, 2, 4" in first.said()["rules"]["ranking"]["en"]


def test_the_table_has_a_row_for_each(first: First) -> None:
    text = (first.output / "summary.csv").read_bytes().decode("utf-8-sig")
    assert "\ufeff" + text == to_csv(first.summary)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 7
    by_file = {row["file"]: row for row in rows}
    assert by_file["浙江/faulty.ttl"]["completeness"] == "1"
    assert by_file["cut.ttl"]["violation"] == ""
    assert by_file["cut.ttl"]["error"] == "malformed-file"


def test_the_page_holds_all_and_loads_nothing(first: First) -> None:
    page = (first.output / "summary.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:|//)|@import|url\(", page)
    assert "西湖区" in page
    assert "again.ttl ＝ 浙江/fine.ttl" in page
    for row in first.summary.rows:
        assert row.outcome.file in page
        for report in row.outcome.reports:
            assert (first.output / report).is_file()
    assert "reports/%E6%B5%99%E6%B1%9F/faulty.ttl.csv" in page


def test_the_tables_hold_the_findings_of_the_reports(
    first: First, judge: Judge, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = parquet.read_table(first.output / "results").to_pylist()
    told = []
    for row in first.summary.rows:
        if row.outcome.reports:
            (report,) = json.loads((first.output / row.outcome.reports[-1]).read_text(encoding="utf-8"))
            told += [(row.outcome.file, finding) for finding in report["findings"]]
    assert len(rows) == len(told) > 3
    for row, (file, finding) in zip(rows, sorted(told, key=lambda one: one[0]), strict=True):
        assert row["file"] == file
        same = set(row) & set(finding) - {"edition", "asOf", "waived"}
        assert {name: row[name] for name in same} == {name: finding[name] for name in same}
        assert (row["message_zh"], row["message_en"]) == tuple(finding["message"].values())
        assert str(row["edition"]) == finding["edition"]
    monkeypatch.setattr(desk, "_SEVERAL", 1)
    tables, _ = judge(folder, tmp_path / "lake", formats=(), start=lambda workers: ThreadPoolExecutor(1))
    assert [row.outcome.verdicts for row in tables.rows] == [
        row.outcome.verdicts for row in first.summary.rows
    ]
    assert [row.outcome.problem for row in tables.rows] == [row.outcome.problem for row in first.summary.rows]
    assert not (tmp_path / "lake" / "reports").exists()
    assert [row.outcome.findings for row in tables.rows] == [
        row.outcome.findings for row in first.summary.rows
    ]
    results = {name: held for name, held in content(first.output).items() if name.startswith("results/")}
    assert [*results.values()] == [
        held for name, held in content(tmp_path / "lake").items() if name.startswith("results/")
    ]


def test_one_worker_writes_the_same_bytes_as_two(
    first: First, folder: Path, judge: Judge, tmp_path: Path
) -> None:
    judge(folder, tmp_path / "out", workers=1, formats=("csv", "json"))
    assert content(tmp_path / "out") == content(first.output)
    summary, _ = judge(folder, tmp_path / "out", workers=1, formats=("csv", "json"))
    assert to_xlsx(summary) == to_xlsx(first.summary)


def test_a_mended_county_is_judged_again_and_counted(
    first: First, folder: Path, judge: Judge, setting: Setting, tmp_path: Path
) -> None:
    given, output = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    for name in ("浙江/faulty.ttl", "again.ttl", "cut.ttl"):
        shutil.copy(folder / name, given / Path(name).name)
    summary, steps = judge(given, output)
    assert summary.to_dict()["totals"]["changes"] is None
    before = content(output)

    judge(given, output)
    assert content(output) == before, "a run without any change changes nothing"

    _, truth = county(setting, "330106", *FAULTY)
    mended, _ = county(setting, "330106")
    (given / "faulty.ttl").rename(given / "renamed.ttl")
    (given / "renamed.ttl").write_text(mended, encoding="utf-8")
    summary, steps = judge(given, output)
    assert [step.outcome.file for step in steps if step.outcome] == ["renamed.ttl"]
    assert (steps[-1].done, steps[-1].kept, steps[-1].total) == (3, 2, 3)
    rows = {row.outcome.file: row for row in summary.rows}
    change = rows["renamed.ttl"].change
    assert change is not None
    assert change.mark == "improved"
    assert sorted(finding.rule for finding in change.fixed) == sorted(one.rule for one in truth)
    assert change.new == ()
    assert {row.change.mark.value for row in rows.values() if row.change} == {
        "improved", "unchanged", "notCompared",
    }  # fmt: skip
    assert summary.changed() == {
        "new": 0,
        "fixed": len(truth),
        "open": sum(len(row.outcome.findings) for row in rows.values()),
    }
    assert summary.gone == ()
    assert not (output / "reports" / "faulty.ttl.json").exists()
    assert (output / "previous" / "summary.json").read_bytes() == before["summary.json"]
    after = content(output)
    judge(given, output)
    assert content(output) == after

    (given / "renamed.ttl").unlink()
    shutil.copy(folder / "浙江/faulty.ttl", given / "faulty.ttl")
    summary, _ = judge(given, output, compare=first.output)
    (row,) = (row for row in summary.rows if row.outcome.file == "faulty.ttl")
    assert row.change is not None
    assert (row.change.mark, row.change.new, row.change.fixed) == ("unchanged", (), ())
    assert "two.ttl" in summary.gone

    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(summary)))
    ranking, changes, notes = book.worksheets
    assert [cell.value for cell in ranking["B"]][2:] == [row.outcome.file for row in summary.rows]
    assert changes["A1"].value == "变化"
    assert "1, 2, 2, 4" in notes["A2"].value


def test_a_new_day_a_new_edition_or_fresh_judge_again(folder: Path, judge: Judge, tmp_path: Path) -> None:
    given, output = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    shutil.copy(folder / "cut.ttl", given)

    def judged(**more: Any) -> int:
        return sum(step.outcome is not None for step in judge(given, output, workers=1, **more)[1])

    assert [judged(), judged(), judged(fresh=True), judged(edition="2021"), judged()] == [1, 0, 1, 1, 1]
    (output / "manifest" / "part-00000.parquet").write_bytes(b"PAR1")
    assert judged() == 1


def test_only_what_changed_meanwhile_has_its_turn_again(
    built: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    name = "it changed after the run began.ttl"
    shutil.copy(folder / "cut.ttl", given / name)
    plan = Plan(folder=given, output=tmp_path / "out", store=built, sources=find_sources().root, today=TODAY)
    (piece,) = survey(given).pieces

    def outcome(piece: Piece) -> Outcome:
        (tmp_path / "marks").mkdir(exist_ok=True)
        with Shelf(plan.output).held():
            (found,) = desk.Judge(plan)([piece], Hand(tmp_path / "marks", "one", 60))
        return found

    broken = outcome(piece)
    assert broken.problem
    assert (broken.problem.code, broken.key) == ("malformed-file", plan.key(piece))
    changed = outcome(Piece(name, piece.path, "0" * 64))
    assert changed.problem
    assert (changed.problem.code, changed.key) == ("unreadable-file", "")
    # While a file is read is after the run began, too.
    real, length = os.read, piece.path.stat().st_size

    def read_and_append(descriptor: int, most: int) -> bytes:
        if piece.path.stat().st_size == length:
            with piece.path.open("ab") as file:
                file.write(b"\n")
        return real(descriptor, most)

    monkeypatch.setattr(os, "read", read_and_append)
    changing = outcome(piece)
    assert changing.problem
    assert (changing.problem.code, changing.key) == ("unreadable-file", "")


def test_a_file_that_takes_too_long_is_a_line(judge: Judge, folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    shutil.copy(folder / "again.ttl", given)
    summary, _ = judge(given, tmp_path / "out", timeout=0.001)
    (row,) = summary.rows
    assert row.outcome.problem is not None
    assert row.outcome.problem.code == "took-too-long"
    summary, _ = judge(given, tmp_path / "out")
    assert summary.unusable == 0, "it has its turn again, though the file is the same"


def test_names_that_are_long_or_no_text_have_their_reports(judge: Judge, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name in ("基" * 83 + ".ttl", "=1+1.ttl", "a\nb.ttl", os.fsdecode(b"\xff.ttl")):
        shutil.copy(LOCAL / "320000-2021.ttl", given / name)
    summary, _ = judge(given, tmp_path / "out")
    files = {row.outcome.file for row in summary.rows}
    assert files == {"基" * 83 + ".ttl", "=1+1.ttl", "a\\u000ab.ttl", "\\xff.ttl"}
    assert summary.unusable == 0
    assert len(list((tmp_path / "out" / "reports").iterdir())) == 4
    assert "'=1+1.ttl" in (tmp_path / "out" / "summary.csv").read_text(encoding="utf-8-sig")
    assert "a\\u000ab.ttl" in (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    ranking = openpyxl.load_workbook(io.BytesIO(to_xlsx(summary))).worksheets[0]
    assert {cell.data_type for cell in ranking["B"]} == {"s"}
    assert [step.outcome for step in judge(given, tmp_path / "out")[1]] == [None]


def test_two_runs_into_one_folder_are_refused(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    shelf = Shelf(tmp_path / "out")
    with shelf.held():
        with pytest.raises(BadParameter, match="another run is writing"):
            judge(tmp_path / "given", shelf.folder)
        assert shelf.working.is_dir(), "whoever is refused leaves the other one its folder"
    assert not shelf.working.exists()


def test_a_profile_changes_what_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    shutil.copy(LOCAL / "530127-2020.ttl", tmp_path / "given")
    assert run("batch", "given", "--workers", "1", "-o", "strict").returncode == 1
    (tmp_path / "lenient.toml").write_text(
        '[severity]\nfunding = {to = "info", reason = "试行"}\n'
        '[[waiver]]\nrule = "baseline-below"\nreason = "过渡"\nauthor = "张三"\nexpires = 2999-12-31\n',
        encoding="utf-8",
    )
    done = run(
        "batch", "given", "--workers", "1", "-o", "strict", "--profile", "lenient.toml", "--lang", "en"
    )
    assert done.returncode == 0, done.stdout
    assert "violation 0" in done.stdout
    assert " waived" in done.stdout
    (row,) = json.loads((tmp_path / "strict" / "summary.json").read_text(encoding="utf-8"))["submissions"]
    assert row["waived"] == sum(f["rule"] == "baseline-below" for f in row["findings"]) > 0
    assert run("batch", "given", "--profile", "none.toml").returncode == 2


def test_folders_that_would_do_harm_are_refused(judge: Judge, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadParameter, match="among the submissions"):
        judge(folder, folder / "out")
    with pytest.raises(BadParameter, match="among the reports"):
        judge(folder, folder.parent)
    with pytest.raises(BadParameter, match="other things than reports"):
        judge(folder, tmp_path / "mine")
    with pytest.raises(UnreadableFile):
        judge(tmp_path / "none", tmp_path / "out")
    with pytest.raises(BadParameter, match="it is a file"):
        judge(folder / "cut.ttl", tmp_path / "out")
    with pytest.raises(UnknownEdition):
        judge(folder, tmp_path / "out", edition="1999")
    with pytest.raises(StoreMissing):
        judge(folder, tmp_path / "out", store=tmp_path)
    with pytest.raises(BadParameter, match="no run has left"):
        judge(folder, tmp_path / "out", compare=tmp_path)
    assert content(tmp_path) == {"mine/work.txt": b"mine"}


def test_a_summary_that_is_none_is_said(tmp_path: Path) -> None:
    assert read_earlier(tmp_path) is None
    for text in ("", "[]", '{"format": 99}', '{"format": 1, "asked": {}, "submissions": [{}]}'):
        (tmp_path / "summary.json").write_text(text, encoding="utf-8")
        with pytest.raises(MalformedFile, match="no summary"):
            read_earlier(tmp_path)


def test_the_command_says_it_in_few_lines(run: Run, folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    done = run("batch", "given")
    assert (done.returncode, done.stderr) == (0, "")
    shutil.copy(LOCAL / "530127-2020.ttl", given)
    done = run("batch", "given", "--workers", "1", "-o", "ranking.xlsx")
    assert done.returncode == 1, done.stderr
    assert "嵩明县" in done.stdout
    assert done.stderr.startswith("1 of 1 judged, ")
    assert (tmp_path / "ranking.xlsx").stat().st_size
    done = run("batch", "given", "--workers", "1", "--fail-on", "never")
    assert (done.returncode, done.stderr) == (0, "1 of 1 have not changed\n")
    shutil.copy(folder / "cut.ttl", given)
    done = run("batch", "given", "--workers", "1", "--lang", "en")
    assert done.returncode == 2
    assert "2 files: " in done.stdout
    assert "1 could not be judged" in done.stdout
    assert done.stderr.endswith("See docs/errors.md#malformed-file\n")


def test_the_pace_is_that_of_this_run_alone() -> None:
    pace, outcome = Pace(), Outcome(file="a.ttl", key="")
    assert pace.said(Step(3_000, 3_000, 3_200, None), 50) == ""
    assert pace.said(Step(3_010, 3_000, 3_200, outcome), 60) == "1.0/s, 3 min left"
    assert pace.said(Step(3_110, 3_000, 3_200, outcome), 70) == "5.5/s, 16 s left"
    assert pace.said(Step(3_200, 3_000, 3_200, outcome), 90) == "5.0/s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "0.2/s"), (25, "2.4/min"), (900, "4.0/h"), (72_000, "0.1/h")],
)
def test_a_slow_pace_is_told_by_the_minute(seconds: float, said: str) -> None:
    pace = Pace()
    pace.said(Step(0, 0, 1, None), 0)
    assert pace.said(Step(1, 0, 1, Outcome(file="a.ttl", key="")), seconds) == said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--workers", "0"],
        ["--timeout", "0"],
        ["--fail-on", "sometimes"],
        ["--format", "json,docx"],
        ["-o", "a", "-o", "b"],
        ["--edition", "2023", "--as-of", "2024-01-01"],
        ["--as-of", "yesterday"],
        ["--compare", "nowhere"],
    ],
    ids=" ".join,
)
def test_slips_on_the_command_line_are_one_sentence(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "given").mkdir()
    done = run("batch", "given", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "given.reports" / "summary.json").exists()


def test_a_damaged_store_ends_the_run_with_3(run: Run, built: Path, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "store")
    for file in (tmp_path / "store").rglob("*.sst"):
        file.write_bytes(file.read_bytes()[:100])
    shutil.copytree(folder / "浙江", tmp_path / "given")
    done = run("batch", "given", "--workers", "1", "--store", "store")
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("error: ")


def kept(records: Path) -> int:
    """How many submissions a run has judged and not yet put into the lake."""
    return len(Records(Shelf(records.parent)).outcomes())


def test_an_interrupted_run_goes_on_where_it_was(built: Path, folder: Path, tmp_path: Path) -> None:
    given, records = tmp_path / "given", tmp_path / "given.reports" / "records"
    given.mkdir()
    for number in range(24):
        shutil.copy(folder / "浙江/fine.ttl", given / f"{number:02}.ttl")
    command = [sys.executable, "-m", "bpsgraph", "batch", "given", "--workers", "1", "--fail-on", "never"]
    environment = os.environ | {"BPSGRAPH_STORE": str(built)}
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background has SIGINT ignored, and children take that over.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(2400):
        if records.is_dir() and kept(records) >= 2:
            break
        time.sleep(0.05)
    # As a terminal does it: to the workers as well.
    os.killpg(process.pid, signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert "Traceback" not in words
    assert words.endswith("interrupted; the same command goes on where this one was\n")
    before = kept(records)
    assert 2 <= before < 24
    assert not (tmp_path / "given.reports" / "summary.json").exists()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{before} of 24 have not changed\n")
    assert kept(records) == 0
    assert not (tmp_path / "given.reports" / ".working").exists()
