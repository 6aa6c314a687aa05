"""`bpsgraph validate` and `verdicts`: exit codes, formats, and one sentence for whatever cannot be used."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store, select
from bpsgraph.validation.report.verdicts import COVERAGE, VALUES
from conftest import Run

JINCHENG = find_sources().root / "data" / "ttl" / "local" / "140500-2021.ttl"
FOREIGN = (
    '<https://example.org/a> a <http://xmlns.com/foaf/0.1/Person> ; <http://xmlns.com/foaf/0.1/name> "A" .'
)
PREFIX = "@base <https://w3id.org/bps/id/> .\n@prefix bps: <https://w3id.org/bps/ns#> .\n"
TWO = PREFIX + "<catalogue/140500/2021> a bps:Catalogue .\n<catalogue/140500/2022> a bps:Catalogue .\n"


def one_sentence(done: "subprocess.CompletedProcess[str]", heading: str) -> str:
    """What an error says, after checking that it is one line with its heading, and no traceback."""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert line.endswith(f" See docs/errors.md#{heading}")
    assert done.stdout == ""
    return line


@pytest.mark.parametrize(
    ("name", "content", "heading", "said"),
    [
        ("bad.ttl", PREFIX + "<a> a bps:Catalogue ; bps:edition .\n", "malformed-file", "line 3, column "),
        ("cut.ttl", PREFIX + '<a> bps:edition "20', "malformed-file", "does not end before the file does"),
        ("empty.ttl", "", "empty-graph", "the file holds no triples; check that the right file was saved"),
        ("comment.ttl", "# nothing yet\n", "empty-graph", "the file holds no triples"),
        ("person.ttl", FOREIGN, "foreign-vocabulary", "foaf"),
        ("two.ttl", TWO, "malformed-file", "describes one catalogue, and this file describes 2"),
        ("none.ttl", PREFIX + "<item/x> a bps:ServiceItem .", "malformed-file", "this file describes none"),
        ("book.ttl", b"PK\x03\x04\x00\x01", "malformed-file", "an Excel workbook"),
        ("gbk.ttl", (PREFIX + '<a> bps:edition "晋城" .').encode("gbk"), "malformed-file", "UTF-8"),
        ("binary.ttl", b"\x00\x01\x02\x03", "malformed-file", "control character"),
        ("list.xyz", "a", "bad-parameter", "give it one of .ttl"),
    ],
)
def test_a_file_that_cannot_be_used(
    spawn: Run, tmp_path: Path, name: str, content: str | bytes, heading: str, said: str
) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = spawn("validate", name)
    assert done.returncode == 2
    line = one_sentence(done, heading)
    assert name in line
    assert said in line


def test_a_missing_file_and_a_folder(spawn: Run, tmp_path: Path) -> None:
    done = spawn("validate", "nowhere.ttl")
    assert done.returncode == 2
    assert "nowhere.ttl: cannot read the file: No such file" in one_sentence(done, "unreadable-file")
    (tmp_path / "folder.ttl").mkdir()
    done = spawn("validate", "folder.ttl")
    assert done.returncode == 2
    assert "it is a folder; name the files in it" in one_sentence(done, "unreadable-file")


def test_a_folder_is_called_a_folder_whatever_its_name(spawn: Run, tmp_path: Path) -> None:
    (tmp_path / "catalogues").mkdir()
    done = spawn("validate", "catalogues")
    assert done.returncode == 2
    assert "it is a folder; name the files in it" in one_sentence(done, "unreadable-file")


@pytest.mark.parametrize(
    ("options", "heading", "said"),
    [
        (["--edition", "2022"], "unknown-edition", "choose one of: 2021, 2023, current"),
        (["--edition", "2021", "--as-of", "2024-06-01"], "bad-parameter", "two different questions"),
        (["--as-of", "1 June"], "bad-parameter", "write it like 2024-06-01"),
        (["--as-of", "2024-02-30"], "bad-parameter", "'2024-02-30' is no date"),
        (["--fail-on", "error"], "bad-parameter", "choose one of: violation, warning, info, never"),
        (["--show", "all"], "bad-parameter", "choose one of: info, warning, violation"),
        (["--format", "pdf"], "bad-parameter", "choose one of: text, html, xlsx, csv, json"),
        (["-o", "report.pdf"], "bad-parameter", "the suffix .pdf is no format here"),
        (["-o", "nowhere/report.csv"], "unwritable-file", "nowhere/report.csv: cannot write the file"),
        (["--engine", "other"], "bad-usage", "--engine"),
        (["--store", "stoer"], "store-missing", "stoer: this is not a bpsgraph store; run `bpsgraph build`"),
        (["--context", "nowhere.ttl"], "unreadable-file", "nowhere.ttl"),
        (["--lang", "fr"], "bad-config", "zh or en"),
    ],
)
def test_an_option_that_cannot_be_used(spawn: Run, options: list[str], heading: str, said: str) -> None:
    done = spawn("validate", JINCHENG, *options)
    assert done.returncode == 2
    assert said in one_sentence(done, heading)


def test_an_existing_store_that_fails_is_3(spawn: Run, built: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(built, store)
    for table in store.rglob("*.sst"):
        table.write_bytes(b"\0" * table.stat().st_size)
    done = spawn("validate", JINCHENG, "--store", store)
    assert done.returncode == 3
    assert "run `bpsgraph build` again" in one_sentence(done, "store-damaged")
    (store / "bpsgraph.json").write_text("{", encoding="utf-8")
    done = spawn("validate", JINCHENG, "--store", store)
    assert done.returncode == 3
    one_sentence(done, "store-damaged")


def test_a_bad_file_does_not_stop_the_good_one(spawn: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<a", encoding="utf-8")
    done = spawn("validate", "bad.ttl", JINCHENG, "missing.ttl", "--edition", "2021", "--format", "json")
    assert done.returncode == 2
    bad, missing = done.stderr.splitlines()
    assert bad.startswith("error: bad.ttl, line 1")
    assert missing.startswith("error: missing.ttl: cannot read")
    (report,) = json.loads(done.stdout)
    assert report["file"] == str(JINCHENG)
    assert report["edition"] == "2021"


def test_standard_input(built: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph", "validate", "-", "--edition", "2021", "--format", "csv"],
        input=JINCHENG.read_bytes(),
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"BPSGRAPH_STORE": str(built)},
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert {row["file"] for row in rows} == {"standard input"}
    assert sum(row["rule"] == "coverage-wider" for row in rows) == 3


def test_the_threshold_decides_the_exit_code(run: Run) -> None:
    codes = {
        on: run("validate", JINCHENG, "--edition", "2021", "--fail-on", on).returncode
        for on in ("violation", "warning", "info", "never")
    }
    assert codes == {"violation": 0, "warning": 1, "info": 1, "never": 0}
    assert run("validate", JINCHENG, "--edition", "2023").returncode == 1
    assert run("validate", JINCHENG, "--edition", "2023", "--fail-on", "never").returncode == 0


def test_several_reports_at_once(run: Run, tmp_path: Path) -> None:
    done = run("validate", JINCHENG, "--edition", "2023", "-o", "r.csv", "-o", "r.json", "-o", "r.txt")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    (report,) = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["fingerprint"] for row in rows] == [found["fingerprint"] for found in report["findings"]]
    assert "不低于国家标准 4" in (tmp_path / "r.txt").read_text(encoding="utf-8")


class TestText:
    def test_no_word_is_cut_off(self, run: Run) -> None:
        said = run("validate", JINCHENG, "--as-of", "2025-06-01").stdout
        assert "…" not in said
        report = json.loads(run("validate", JINCHENG, "--as-of", "2025-06-01", "--format", "json").stdout)[0]
        joined = "".join(line.strip() for line in said.splitlines())
        worst = [found["message"]["zh"] for found in report["findings"] if found["severity"] == "violation"]
        assert len(worst) == 9
        assert [message for message in worst if message not in joined] == []

    def test_what_is_found_of_many_items_is_told_once(self, run: Run) -> None:
        said = run("validate", JINCHENG, "--edition", "2021").stdout
        assert said.count("补写支出责任") == 1
        assert "! 12个事项：" in said
        assert "老年人福利补贴(:" in said

    def test_to_show_the_worst_only(self, run: Run) -> None:
        said = run("validate", JINCHENG, "--edition", "2023", "--show", "violation").stdout
        assert (said.count("✗ “"), said.count("! "), said.count("  · ")) == (3, 1, 0)
        assert "错误 3，警告 13" in said

    def test_a_summary_is_short(self, run: Run) -> None:
        said = run("validate", JINCHENG, "--edition", "2023", "--summary", "--lang", "en").stdout
        assert "Below the floor 4: " in said
        assert len(said.splitlines()) < 20


class TestVerdicts:
    def test_its_words_are_those_of_the_code_lists(self, built: Path) -> None:
        text = (
            "SELECT ?code ?word { ?c skos:inScheme <scheme/%s> ; skos:notation ?code ; skos:prefLabel ?word }"
        )
        ours = {
            "value-verdict": {v.value: {w.zh, w.en} for v, w in VALUES.items()},
            "coverage-verdict": {v.value: {w.zh, w.en} for v, w in COVERAGE.items()},
        }
        assert (set(VALUES), set(COVERAGE)) == (set(ValueVerdict), set(CoverageVerdict))
        with open_store(built) as store:
            for scheme, words in ours.items():
                said: dict[str, set[str]] = {}
                for row in select(store, text % scheme):
                    assert row["code"] is not None
                    assert row["word"] is not None
                    said.setdefault(row["code"].value, set()).add(row["word"].value)
                assert said == words

    def test_csv_has_a_row_for_each_floor_and_the_table_a_line(self, run: Run) -> None:
        given = ("verdicts", "530127/2020", "--as-of", "2024-06-01")
        rows = list(csv.DictReader(io.StringIO(run(*given, "--format", "csv").stdout)))
        assert [row["判定"] for row in rows].count("below") == 4
        said = run(*given, "--format", "table", "--lang", "en").stdout
        assert said.count("✗ below") == 4
        assert said.count("floor from 2024-02-01:") == 2

    def test_an_unknown_catalogue(self, run: Run) -> None:
        done = run("verdicts", "140500/2020")
        assert done.returncode == 2
        assert "did you mean" in one_sentence(done, "unknown-catalogue")


def test_only_some_columns_of_a_query(run: Run) -> None:
    done = run("query", "items/all", "-c", "item_zh", "--format", "csv")
    assert done.stdout.splitlines()[0] == "item_zh"
    done = run("query", "items/all", "-c", "item_zn")
    assert done.returncode == 2
    assert "did you mean item_zh" in one_sentence(done, "bad-parameter")


def test_a_question_without_an_answer_says_so(run: Run) -> None:
    done = run("query", "gaps/missing-items", "-p", "jurisdiction=140500", "--format", "table")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "没有结果。\n")
