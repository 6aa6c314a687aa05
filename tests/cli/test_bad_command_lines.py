"""Slips on the command line: one sentence with the nearest name, the exit code 2, and nothing written."""

from pathlib import Path

import click
import pytest

from bpsgraph.cli.app import COMMANDS, command
from bpsgraph.cli.parameters import _Number
from conftest import Run
from faults.broken_files import whole

NUMBERS = [
    (name, parameter.opts[-1], parameter.type.kind)
    for name in COMMANDS
    for parameter in command(name).params
    if isinstance(parameter, click.Option) and isinstance(parameter.type, _Number)
]


def said(run: Run, *arguments: str) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["valdate", "a.ttl"], "there is no command 'valdate'; did you mean validate"),
        (["--frobnicate"], "there is no option --frobnicate; see `bpsgraph --help`"),
        (["validate", "--edtion", "2021", "a.ttl"], "there is no option --edtion; did you mean --edition"),
        (["validate"], "missing argument 'FILE...'"),
        (["validate", "a.ttl", "--edition"], "option '--edition' requires an argument"),
        (["validate", "no*.ttl"], "no*.ttl: cannot read the file: no file matches"),
        (["validate", ""], "the name is empty"),
        (["validate", "a.ttl", "--format", "foo"], "'foo' is not a format here; choose one of: text, html"),
        (["query", "items/all", "--format", "foo"], "'foo' is not a format here; choose one of: table, csv"),
        (["convert", "a.ttl", "-o", "b.foo"], "the suffix of b.foo says no format; use one of .ttl"),
        (["sparql", "ASK {}", "--timeout", "-1"], "--timeout: -1.0 is not a number above 0"),
        (["sparql", "ASK {}", "--timeout", "0"], "--timeout: 0.0 is not a number above 0"),
        (["batch", ".", "--timeout", "-1"], "--timeout: -1 is no time; give a number of seconds above 0"),
        (["batch", ".", "--workers", "0"], "--workers: 0 processes judge nothing"),
        (["doctor", "--derived", "some"], "--derived: 'some' is no number of catalogues"),
        (["doctor", "--derived", "9" * 5_000], "is no number of catalogues; write all, or for example 20"),
        (["batch", "nowhere"], "nowhere: cannot read the file: No such file or directory"),
        (["validate", "a.ttl", "--limit", "-5"], "'--limit': -5 is less than 0"),
        (["validate", "a.ttl", "--limit", "1e9"], "'--limit': '1e9' is no whole number"),
        (["query", "items/all", "-p", "domain"], "there is no value; write -p NAME=VALUE"),
        (["query", "items/all", "-p", "domain=99999999999999999999"], "is none of its values"),
        (["query", "../../etc/passwd"], "there is no saved query"),
        (["query", "items/a\x1b[2J"], "there is no saved query 'items/a\\x1b[2J'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_slip_is_one_sentence(run: Run, arguments: list[str], words: str) -> None:
    assert words in said(run, *arguments)


@pytest.mark.parametrize("given", ["abc", "nan", "-inf", "", "1_000", "１２", "9" * 5_000])
def test_no_option_takes_a_number_that_is_none(run: Run, given: str) -> None:
    assert len(NUMBERS) > 5
    for name, option, kind in NUMBERS:
        if kind is float and given == "9" * 5_000:
            continue
        line = said(run, name, f"{option}={given}")
        assert option in line
        assert "is no whole number" in line or "is no number" in line
        assert len(line) < 300


def test_what_is_no_store_is_not_built_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", encoding="utf-8")
    assert "this holds something else than a store; name a new or empty folder" in said(
        run, "build", "--store", "mine"
    )
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_format_against_the_suffix_holds_and_is_noted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.ttl").write_bytes(whole("turtle"))
    done = run("validate", "c.ttl", "--edition", "2021", "-o", "r.csv", "--format", "json")
    assert "note: r.csv is written as" in done.stderr
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").startswith("[")


def test_one_file_by_several_names_is_checked_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.ttl").write_bytes(whole("turtle"))
    (tmp_path / "link.ttl").symlink_to("c.ttl")
    done = run(
        "validate", "c.ttl", "./c.ttl", "link.ttl", "c.ttl", "--edition", "2021", "--summary", "--lang", "en"
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) < 8
    assert done.stderr.splitlines()[0] == "note: ./c.ttl is c.ttl, which is checked once"
    assert done.stderr.splitlines()[1] == "note: link.ttl is c.ttl, which is checked once"


def test_a_good_and_a_bad_catalogue_are_both_told_and_the_answer_is_no(run: Run, tmp_path: Path) -> None:
    good = whole("turtle")
    (tmp_path / "good.ttl").write_bytes(good)
    (tmp_path / "bad.ttl").write_bytes(good.replace(b"bps:value 2000.0", b"bps:value 20.0"))
    done = run("validate", "good.ttl", "bad.ttl", "--edition", "2021", "--format", "csv")
    assert done.returncode == 1, done.stderr
    assert "bad.ttl" in done.stdout
    only = run("validate", "good.ttl", "--edition", "2021", "--format", "csv")
    assert only.returncode == 0


def test_thousands_of_names_are_each_answered(run: Run) -> None:
    done = run("validate", *(f"{number}.ttl" for number in range(2_000)))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("timeout = " + "9" * 5_000, "bpsgraph.toml: this is not TOML"),
        ("timeout = " + "9" * 4_000, "is not a number above 0 and at most 604800, a week; timeout is when"),
        ("timeout = nan", "nan is not a number above 0"),
        ("max_file_size = " + "9" * 4_000, "is not a whole number above 0"),
        ("max_file_size = 1e9", "1000000000.0 is not a whole number above 0"),
        ("x = " + "[" * 50_000, "bpsgraph.toml: this is not TOML"),
        ("tiemout = 5", "there is no setting 'tiemout'; did you mean timeout"),
        ("lang = 'zh'\nlang = 'en'", "bpsgraph.toml: this is not TOML"),
        ("\ufefflang = 'en'", "bpsgraph.toml: this is not TOML"),
    ],
    ids=["digits", "size", "NaN", "limit", "float", "depth", "name", "twice", "mark"],
)
def test_a_slip_in_the_settings_is_one_sentence(run: Run, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bpsgraph.toml").write_text(content, encoding="utf-8")
    line = said(run, "sparql", "ASK {}")
    assert words in line
    assert len(line) < 1_500


@pytest.mark.parametrize("content", ["a = " + "9" * 5_000, "a = " + "[" * 50_000, "[waiver]\nrule = 5", "\0"])
def test_a_slip_in_a_profile_is_one_sentence(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "p.toml").write_text(content, encoding="utf-8")
    (tmp_path / "c.ttl").write_bytes(whole("turtle"))
    assert "p.toml" in said(run, "validate", "c.ttl", "--profile", "p.toml")
