"""What a command loads before it works: as little as it can do with, since its user waits for that."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpsgraph.cli.app import COMMANDS, command
from conftest import Run

# What takes longest to load.
HEAVY = (
    "babel",
    "distributed",
    "jinja2",
    "networkx",
    "numpy",
    "openpyxl",
    "opencc",
    "owlrl",
    "pyarrow",
    "pyshacl",
    "python_calamine",
    "rdflib",
    "shifty",
    "starlette",
    "uvicorn",
    "vl_convert",
)
# What only some answers, or only those who read and judge files, have need of.
UNASKED = (*HEAVY, "bpsgraph.ingest", "bpsgraph.results.judgements", "bpsgraph.validation", "rich", "yaml")
LIGHT = ("backup", "describe", "doctor", "network", "queries", "query", "sparql", "targets")


def modules_of(*statements: str) -> list[frozenset[str]]:
    """The modules that are loaded after each of the statements, one after the other, beside Python's own."""
    script = "import sys\nbefore, found = {*sys.modules}, []\n" + "".join(
        f"{statement}\nfound.append(sorted({{*sys.modules}} - before))\n" for statement in statements
    )
    script += "import json\nprint('\\n' + json.dumps(found))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [frozenset(found) for found in json.loads(done.stdout.splitlines()[-1])]


def test_commands_load_nothing_heavy_before_their_arguments_are_read() -> None:
    ready = "from bpsgraph.cli.app import command, run"
    plain, listed, light, every = modules_of(
        "import bpsgraph.cli; bpsgraph.cli.main(['--version'])",
        f"{ready}; run(['--help'])",
        f"for name in {LIGHT}: command(name)",
        f"for name in {tuple(COMMANDS)}: command(name)",
    )
    assert not {"click", "re", "typing", "pathlib", "bpsgraph.errors"} & plain
    assert {name for name in listed if name.startswith("bpsgraph.")} == {
        "bpsgraph.cli",
        "bpsgraph.cli.app",
        "bpsgraph.cli.parameters",
        "bpsgraph.errors",
    }
    assert not light.intersection(UNASKED)
    assert not every.intersection(HEAVY)


@pytest.mark.parametrize(
    ("arguments", "unasked"),
    [
        (("query", "items/all", "-p", "domain=2", "--format", "csv"), {*UNASKED} - {"yaml"}),
        (("describe", "140500", "--format", "ntriples"), {*UNASKED}),
        (("queries", "--topic", "floors"), {*UNASKED} - {"rich", "yaml"}),
    ],
)
def test_what_asks_the_store_loads_nothing_that_reads_files(
    arguments: tuple[str, ...], unasked: set[str], built: Path
) -> None:
    (held,) = modules_of(f"from bpsgraph.cli.app import run; run({[*arguments, '--store', str(built)]!r})")
    assert not held & unasked


def test_the_list_of_commands_says_what_each_of_them_says_of_itself() -> None:
    assert {name: command(name).get_short_help_str(200) for name in COMMANDS} == COMMANDS


def completed(*words: str) -> list[str]:
    """What Bash is offered for the last of the words (https://click.palletsprojects.com/shell-completion)."""
    asked = {
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "_BPSGRAPH_COMPLETE": "bash_complete",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph"], capture_output=True, text=True, timeout=60, env=os.environ | asked
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_the_shell_completes_commands_and_options() -> None:
    assert completed("bpsgraph", "quer") == ["queries", "query"]
    assert completed("bpsgraph", "verdicts", "--as") == ["--as-of"]


def test_the_shell_completes_saved_queries_and_what_they_take() -> None:
    assert completed("bpsgraph", "query", "floors/in-") == ["floors/in-force"]
    assert completed("bpsgraph", "query", "floors/in-force", "-p", "da") == ["date="]


def test_the_shell_is_told_how_to_ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_BPSGRAPH_COMPLETE", "zsh_source")
    done = run()
    assert done.returncode == 0
    assert "#compdef bpsgraph" in done.stdout
