"""`bpsgraph validate --isolated`: the same bytes, notes and exit codes as without."""

from pathlib import Path

import pytest

from bpsgraph.cli.validate import FORMATS
from bpsgraph.formats import FORMATS as SUFFIXES
from conftest import Run
from faults.broken_files import whole

REPORTS = [f"report{SUFFIXES[name].suffixes[0]}" for name in FORMATS if SUFFIXES[name].suffixes]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    (tmp_path / "county.ttl").write_bytes(whole("turtle"))
    (tmp_path / "county.xlsx").write_bytes(whole("xlsx"))
    (tmp_path / "cut.rdf").write_bytes(whole("rdfxml")[:2_000])
    (tmp_path / "empty.csv").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["county.ttl", "--edition", "2023", *(word for name in REPORTS for word in ("-o", name))],
        [
            "county.xlsx", "--jurisdiction", "341722/2021", "--annotated", "copy.xlsx", "--suggest", "p.csv",
            "--apply", "repaired.xlsx", "--format", "json",
        ],
        ["county.ttl", "cut.rdf", "gone.ttl", "empty.csv", "--summary", "--lang", "en"],
        ["cut.rdf"],
        ["county.ttl", "--edition", "1999"],
    ],
    ids=["formats", "copies", "several", "refused", "option"],
)  # fmt: skip
def test_the_command_says_the_same_with_isolated(arguments: list[str], given: Path, run: Run) -> None:
    def made() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in given.iterdir() if path.is_file()}

    here = run("validate", *arguments)
    files = made()
    there = run("validate", *arguments, "--isolated")
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert made() == files
