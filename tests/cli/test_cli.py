"""Exit codes and errors of the command line, whatever the command."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bpsgraph
from bpsgraph.cli.app import COMMANDS
from bpsgraph.store import open_store
from conftest import Run

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ALL = "SELECT * { ?s ?p ?o }"


def test_the_version(spawn: Run) -> None:
    done = spawn("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"bpsgraph {bpsgraph.__version__}\n", "")


def test_help_lists_every_command(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0
    assert f"bpsgraph {name}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said", "heading"),
    [
        (["bild"], 2, "there is no command 'bild'; did you mean build or rebuild?", "bad-usage"),
        (["zzzzz"], 2, "the commands are: build", "bad-usage"),
        (["sparql"], 2, "missing argument", "bad-usage"),
        (["sparql", "ASK {}", "--stor", "x"], 2, "--store", "bad-usage"),
        (["sparql", "ASK {}", "--timeout", "soon"], 2, "invalid value for '--timeout'", "bad-usage"),
        (
            ["sparql", "ASK {}", "--timeout", "-1"],
            2,
            "--timeout: -1.0 is not a number above 0",
            "bad-config",
        ),
        (["sparql", "ASK {}", "--timeout", "nan"], 2, "'nan' is no number", "bad-usage"),
        (["sparql", "ASK {}", "--format", "xslx"], 2, "choose one of: table, csv", "bad-parameter"),
        (
            ["sparql", "ASK {}", "--store", "stoer"],
            2,
            "stoer: this is not a bpsgraph store; run",
            "store-missing",
        ),
        (["sparql", "missing.rq"], 2, "missing.rq: cannot read the file", "unreadable-file"),
        (["sparql", "SELECT * { ?s ?p }"], 2, "line 1, column ", "bad-query"),
        (["sparql", "DELETE WHERE { ?s ?p ?o }"], 2, "DELETE would change the store", "read-only"),
        (["sparql", "ASK { SERVICE <http://127.0.0.1:1/> {} }"], 2, "SERVICE would call", "bad-query"),
        (["sparql", ALL, "-o", "no/such/folder.csv"], 2, "cannot write the file", "unwritable-file"),
        (["describe", "item/legal-ad"], 2, "did you mean item/legal-aid", "not-found"),
        (["describe", "140500", "--lang", "de"], 2, "'de' is not zh or en", "bad-config"),
        (["describe", "140500", "-o", "x.xlsx"], 2, "the suffix .xlsx is no format here", "bad-parameter"),
        (["doctor", "--store", "stoer"], 2, "this is not a bpsgraph store", "store-missing"),
    ],
)
def test_each_error_is_one_line_with_its_heading(
    run: Run, arguments: list[str], code: int, said: str, heading: str
) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f"See docs/errors.md#{heading}\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "heading"),
    [
        (["sparql", "ASK {}"], 0, ""),
        (["bild"], 2, "bad-usage"),
        (["doctor", "--store", "stoer"], 2, "store-missing"),
        (["sparql", ENDLESS, "--timeout", "0.5"], 3, "query-timeout"),
    ],
)
def test_a_process_ends_with_its_exit_code(spawn: Run, arguments: list[str], code: int, heading: str) -> None:
    done = spawn(*arguments)
    assert done.returncode == code
    assert done.stderr == "" if code == 0 else done.stderr.endswith(f"#{heading}\n")


def test_no_arguments_show_the_usage_and_are_a_slip(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "Usage: bpsgraph" in done.stdout


def test_a_mistyped_store_is_not_made(run: Run, tmp_path: Path) -> None:
    run("sparql", "ASK {}", "--store", "stoer")
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_fails_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    with open_store_of(tmp_path / "held"):
        done = run("migrate", "--store", "held")
        assert (done.returncode, done.stderr) == (0, "held: format 2 already, 0 triples\n")
        done = run("build", "--store", "held", BPSGRAPH_LOCK_TIMEOUT="0.1")
    assert (done.returncode, done.stderr.split("#")[-1]) == (3, "store-busy\n")
    (tmp_path / "held" / "generations" / "000001" / "CURRENT").unlink()
    done = run("sparql", "ASK {}", "--store", "held")
    assert (done.returncode, done.stderr.split("#")[-1]) == (3, "store-damaged\n")


def open_store_of(path: Path) -> bpsgraph.store.EmbeddedStore:
    with bpsgraph.store.embedded.building(path, "sha256:0"):
        pass
    return open_store(path, writable=True)


def test_settings_are_read_from_the_folder_and_the_environment(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bpsgraph.toml").write_text('lnag = "en"\n')
    done = run("describe", "140500")
    assert done.returncode == 2
    assert "did you mean lang?" in done.stderr
    (tmp_path / "bpsgraph.toml").write_text('lang = "en"\n')
    assert "Legal aid" in run("describe", "item/legal-aid", "--format", "table").stdout.splitlines()[0]
    assert "法律援助" in run("describe", "item/legal-aid", "--format", "table", BPSGRAPH_LANG="zh").stdout
    assert run("doctor", BPSGRAPH_STOER="x").returncode == 2


def test_ctrl_c_ends_even_a_running_query(built: Path) -> None:
    command = [sys.executable, "-m", "bpsgraph", "sparql", ENDLESS, "--store", str(built)]
    # Whoever started the tests in the background has told them to ignore Ctrl-C, and so all that they start.
    listen = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen
    ) as process:
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)
    assert (process.returncode, words) == (130, "interrupted\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_met_in_silence(built: Path, unbuffered: str) -> None:
    command = [sys.executable, "-m", "bpsgraph", "sparql", ALL, "--store", str(built)]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        words = process.stderr.read()
        assert (process.wait(timeout=60), words) == (141, "")


def test_a_closed_standard_output_is_an_error_in_one_sentence(built: Path) -> None:
    command = f"{sys.executable} -m bpsgraph query items/all --store {built} >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: standard output: cannot write the file")
    assert len(done.stderr.splitlines()) == 1
