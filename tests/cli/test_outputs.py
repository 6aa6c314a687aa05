"""Places that cannot be written to, and SPARQL that is meant as such: one sentence, the right exit code."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bpsgraph.sources import find_sources
from bpsgraph.store.marker import Marker
from conftest import Run

JINCHENG = find_sources().root / "data" / "ttl" / "local" / "140500-2021.ttl"


@pytest.mark.parametrize(
    "arguments",
    [("sparql", "SELECT * {?s ?p ?o}"), ("validate", str(JINCHENG), "--fail-on", "never")],
    ids=lambda arguments: arguments[0],
)
def test_a_full_output_is_one_sentence(built: Path, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bpsgraph", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"BPSGRAPH_STORE": str(built)},
            timeout=120,
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: standard output: cannot write the file: No space left")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the query is empty"),
        ("DROP ALL", "DROP would change the store"),
        ("LOAD <http://example.org/>", "LOAD would change the store"),
    ],
)
def test_what_is_meant_as_sparql_is_no_file(spawn: Run, text: str, said: str) -> None:
    done = spawn("sparql", text)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    "arguments", [("generate", "-o", "/dev/null/x"), ("build", "--store", "/dev/null/x/y")]
)
def test_a_place_that_cannot_be_made_is_said(spawn: Run, arguments: tuple[str, ...]) -> None:
    done = spawn(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: /dev/null/x")


def test_a_store_older_than_its_sources_is_said(spawn: Run, built: Path) -> None:
    assert "the sources have changed" not in spawn("verdicts", "140500/2021").stderr
    marker = Marker.read(built)
    try:
        replace(marker, inputs="sha256:0").write(built)
        assert "the sources have changed since the build" in spawn("verdicts", "140500/2021").stderr
    finally:
        marker.write(built)
