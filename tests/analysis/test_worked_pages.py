"""The tables of the worked pages are what the commands above them answer from the bundled data."""

import re
import shlex
from pathlib import Path

import pytest

from bpsgraph.cli import main

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "analysis"
PAGES = ("network", "overlap", "system", "time")
# A command, alone in its block, and the table right below; `| … |` ends a table that goes on.
ANSWERED = re.compile(r"```sh\n(bpsgraph [^\n]+)\n```\n\n((?:\|[^\n]*\n)+)")
CUT = "| … |"

WORKED = [
    pytest.param(command, table.splitlines(), id=command)
    for page in PAGES
    for command, table in ANSWERED.findall((FOLDER / f"{page}.md").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("command", "table"), WORKED)
def test_the_table_is_the_answer(
    command: str,
    table: list[str],
    built: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BPSGRAPH_STORE", str(built))
    assert main([*shlex.split(command)[1:], "--format", "markdown", "--lang", "en"]) == 0
    answer = re.search(r"(?:^\|.*\n)+", capsys.readouterr().out, re.MULTILINE)
    assert answer is not None
    lines = answer[0].splitlines()
    assert table == (lines if table[-1] != CUT else [*lines[: len(table) - 1], CUT])


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_followed_by_its_table(page: str) -> None:
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    assert len(ANSWERED.findall(text)) == text.count("```sh\nbpsgraph ") > 0
