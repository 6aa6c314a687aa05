"""What accept, withdraw, history and doctor say, and in which exit code it ends."""

import csv
import io
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bpsgraph.store import open_store
from bpsgraph.store.journal import Journal
from conftest import Run
from sampling import some
from small_world import COUNTY, JINCHENG, LOCAL, Town

Bpsgraph = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def made(small_town: Callable[..., Town]) -> Town:
    """A store with 晋城 in it, to be copied."""
    return small_town(JINCHENG)


@pytest.fixture
def town(made: Town, tmp_path: Path) -> Town:
    shutil.copytree(made.store, tmp_path / "store")
    return Town(tmp_path, made.sources)


@pytest.fixture
def bpsgraph(run: Run, town: Town) -> Bpsgraph:
    """Run a command on the store of the test."""

    def bpsgraph(*arguments: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
        places = {"BPSGRAPH_STORE": str(town.store), "BPSGRAPH_SOURCES": str(town.sources.root)}
        return run(*arguments, **(places | settings))

    return bpsgraph


def test_from_acceptance_to_withdrawal(bpsgraph: Bpsgraph, town: Town) -> None:
    done = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳")
    assert (done.returncode, done.stderr) == (0, "已受理：第1条\n")
    entry, catalogue, content_hash = done.stdout.split()
    assert (entry, catalogue) == ("1", "catalogue/371323/2021")
    again = bpsgraph("accept", LOCAL / COUNTY, "--lang", "en")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert again.stderr == "the same content has been accepted before: entry 1\n"
    gone = bpsgraph("withdraw", "371323/2021", "--reason", "已废止", BPSGRAPH_BY="李强")
    assert (gone.returncode, gone.stdout, gone.stderr) == (0, "2 catalogue/371323/2021\n", "已撤回：第2条\n")
    twice = bpsgraph("withdraw", "371323/2021")
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "errors.md#withdrawn" in twice.stderr
    rows = list(csv.DictReader(io.StringIO(bpsgraph("history", "371323/2021", "--format", "csv").stdout)))
    assert [(row["entry"], row["change_zh"], row["by"], row["reason"]) for row in rows] == [
        ("1", "受理", "王芳", ""),
        ("2", "撤回", "李强", "已废止"),
    ]
    assert rows[0]["file"] == COUNTY
    assert {row["content_hash"] for row in rows} == {content_hash}
    assert rows[1]["previous_hash"] == Journal(town.journal).entries()[0].hash
    assert "已废止" in bpsgraph("describe", "catalogue/371323/2021").stdout
    healthy = bpsgraph("doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert "2 entries, whole" in healthy.stdout


def test_a_refusal_prints_the_report(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    low = tmp_path / "low.ttl"
    text = (LOCAL / JINCHENG).read_text(encoding="utf-8")
    low.write_text(text.replace("bps:value 1250.0", "bps:value 1200.0"), encoding="utf-8")
    before = town.bytes()
    done = bpsgraph("accept", low, "--lang", "en")
    assert done.returncode == 1
    assert "baseline-below" in done.stdout
    assert done.stderr == "not accepted, nothing was changed\n"
    assert town.bytes() == before


def test_what_is_waived_is_accepted_and_recorded(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    low = tmp_path / "low.ttl"
    text = (LOCAL / JINCHENG).read_text(encoding="utf-8")
    low.write_text(text.replace("bps:value 1250.0", "bps:value 1200.0"), encoding="utf-8")
    (tmp_path / "province.toml").write_text(
        '[[waiver]]\nrule = "baseline-below"\nreason = "过渡期"\nauthor = "李强"\nexpires = 2099-12-31\n',
        encoding="utf-8",
    )
    assert bpsgraph("accept", low, "--profile", "province.toml").returncode == 0
    [row] = csv.DictReader(io.StringIO(bpsgraph("history", "--format", "csv").stdout))
    assert (row["violations"], row["waivers"]) == ("0", "李强: 过渡期 (2099-12-31)")
    assert int(row["waived"]) > 0


def test_a_workbook_and_its_csv_are_the_same_content(bpsgraph: Bpsgraph, tmp_path: Path) -> None:
    from openpyxl import Workbook

    rows = [
        ["行政区划代码", "371323"],
        ["版本", "2024"],
        ["完整程度", "节选"],
        ["名称", "沂水县学生资助（节选）"],
        ["来源文件", "沂水县2021年特困人员供养救助标准"],
        ["服务事项", "服务对象", "服务标准"],
        ["普通高中国家助学金", "普通高中家庭经济困难学生", "每生每年2000元"],
    ]
    (tmp_path / "county.csv").write_text("".join(",".join(row) + "\n" for row in rows), encoding="gb18030")
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "county.xlsx")
    first = bpsgraph("accept", "county.csv", "--edition", "2021")
    assert (first.returncode, first.stdout[:24]) == (0, "1 catalogue/371323/2024 "), first.stdout
    assert bpsgraph("accept", "county.xlsx", "--edition", "2021").stdout == first.stdout


def test_what_cannot_be_used_is_exit_code_2(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    before = town.bytes()
    for arguments, said in (
        (("accept", "none.ttl"), "unreadable-file"),
        (("accept", LOCAL / COUNTY, "--by", ""), "bad-parameter"),
        (("accept", LOCAL / COUNTY, "--fail-on", "never"), "bad-parameter"),
        (("accept", LOCAL / COUNTY, "--edition", "1999"), "unknown-edition"),
        (("accept", LOCAL.parent / "national" / "2023.ttl"), "bad-parameter"),
        (("withdraw", "371323/2021"), "unknown-catalogue"),
        (("history", "371323/2021"), "unknown-catalogue"),
        (("history", "--format", "klingon"), "bad-parameter"),
    ):
        done = bpsgraph(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert f"errors.md#{said}" in done.stderr, arguments
        assert done.stderr.count("\n") == 1
    assert town.bytes() == before


def test_history_without_a_change(bpsgraph: Bpsgraph) -> None:
    done = bpsgraph("history", "140500/2021", "--lang", "en", "--format", "table")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing was accepted or withdrawn.\n")
    assert bpsgraph("history", "--format", "csv").stdout.startswith("entry,at,change,")


def test_the_journal_can_be_elsewhere(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "far" / "away")
    assert bpsgraph("accept", LOCAL / COUNTY, BPSGRAPH_JOURNAL=elsewhere).returncode == 0
    assert len(Journal(Path(elsewhere)).entries()) == 1
    assert not town.journal.exists()
    assert bpsgraph("doctor", BPSGRAPH_JOURNAL=elsewhere).returncode == 0
    assert "entry 1 is missing" in bpsgraph("doctor").stdout
    assert bpsgraph("build", BPSGRAPH_JOURNAL=elsewhere).returncode == 0
    assert bpsgraph("history", BPSGRAPH_JOURNAL=elsewhere, BPSGRAPH_LANG="en").stdout.count("acceptance") == 1


def test_doctor_names_the_broken_entry(bpsgraph: Bpsgraph, town: Town) -> None:
    bpsgraph("accept", LOCAL / COUNTY)
    entry = Journal(town.journal).entries()[0].path
    data = entry.read_bytes()
    entry.write_bytes(data[:500] + bytes([data[500] ^ 4]) + data[501:])
    done = bpsgraph("doctor")
    assert done.returncode == 1
    assert "entry 1 does not hold what was written" in done.stdout
    stopped = bpsgraph("withdraw", "140500/2021")
    assert (stopped.returncode, stopped.stdout) == (3, "")
    assert "errors.md#journal-damaged" in stopped.stderr


def test_doctor_says_what_the_store_has_not_seen_and_what_differs(
    bpsgraph: Bpsgraph, town: Town, tmp_path: Path
) -> None:
    shutil.copytree(town.store, tmp_path / "older")
    bpsgraph("accept", LOCAL / COUNTY)
    shutil.rmtree(town.store)
    (tmp_path / "older").rename(town.store)
    done = bpsgraph("doctor")
    assert done.returncode == 1
    assert "entries 1: the next accept, withdraw or build puts them in" in done.stdout
    assert bpsgraph("accept", LOCAL / COUNTY).returncode == 0
    assert bpsgraph("doctor").returncode == 0
    with open_store(town.store, writable=True) as store:
        store.replace_graph("https://w3id.org/bps/graph/catalogue/371323/2021", [])
    done = bpsgraph("doctor")
    assert done.returncode == 1
    assert "graph/catalogue/371323/2021: run `bpsgraph build`" in done.stdout


def test_doctor_says_once_what_ends_a_restore_that_was_cut_short(bpsgraph: Bpsgraph, town: Town) -> None:
    assert bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳").returncode == 0
    shutil.copytree(town.journal, town.journal.with_name(f".{town.journal.name}.restored"))
    done = bpsgraph("doctor")
    assert done.returncode == 1
    assert "a restore was interrupted: the next accept" in done.stdout
    assert "bpsgraph rebuild" not in done.stdout
    assert bpsgraph("withdraw", "371323/2021", "--by", "王芳").returncode == 0
    assert bpsgraph("doctor").returncode == 0


def started(town: Town, *arguments: str | Path, file_size: int | None = None) -> "subprocess.Popen[str]":
    places = {"BPSGRAPH_STORE": str(town.store), "BPSGRAPH_SOURCES": str(town.sources.root)}

    def limited() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.Popen(
        [sys.executable, "-m", "bpsgraph", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | places,
        preexec_fn=limited,
    )


@pytest.mark.parametrize("file_size", some([1_000, 20_000, 90_000], 2))
def test_a_full_disk_is_one_sentence_and_changes_nothing(town: Town, file_size: int) -> None:
    # The first is too little for a journal or a store, the last enough for the entry and not for the change.
    with open_store(town.store) as store:
        before = {graph: store.graph(graph) for graph in store.graphs()}
    process = started(town, "accept", LOCAL / COUNTY, file_size=file_size)
    words = process.communicate(timeout=200)
    assert (process.returncode, words[0], words[1].count("\n")) == (3, "", 1), words
    assert "errors.md#store-unavailable" in words[1]
    with open_store(town.store) as store:
        assert {graph: store.graph(graph) for graph in store.graphs()} == before
    assert Journal(town.journal).entries() == ()
    done = started(town, "accept", LOCAL / COUNTY)
    assert done.communicate(timeout=200)[0].startswith("1 catalogue/371323/2021")


def test_of_two_at_once_each_is_accepted_or_told_to_wait(town: Town) -> None:
    processes = [started(town, "accept", LOCAL / file) for file in (COUNTY, JINCHENG)]
    words = [process.communicate(timeout=200) for process in processes]
    codes = [process.returncode for process in processes]
    assert set(codes) <= {0, 3}
    assert 0 in codes
    for code, (_, said) in zip(codes, words, strict=True):
        assert code == 0 or "errors.md#store-busy" in said
    assert len(Journal(town.journal).entries()) == codes.count(0)
    assert Journal(town.journal).problems() == []
