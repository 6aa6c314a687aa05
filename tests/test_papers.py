"""The papers around the code: links lead somewhere, locks name no host, both READMEs show one list."""

import re
from pathlib import Path

import pytest

from bpsgraph.config import Settings
from bpsgraph.engine import guard
from bpsgraph.engine.limits import Limits
from bpsgraph.ingest import delimited, grid, package, syntax
from bpsgraph.web import connection, serving, turns

ROOT = Path(__file__).parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_files(paper: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", paper.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (paper.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_pin_every_package_with_hashes_and_name_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    requirements = re.split(r"\n(?=[a-z])", text.strip())
    assert len(requirements) > 5
    assert [
        r for r in requirements if not re.match(r"[a-z0-9-]+==[^ ]+ .*--hash=sha256:", r, re.DOTALL)
    ] == []


def test_locks_agree_on_versions() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in re.findall(
            r"^([a-z0-9-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE
        ):
            versions.setdefault(name, set()).add(version)
    assert {name: v for name, v in versions.items() if len(v) > 1} == {}


def test_both_readmes_show_the_same_commands() -> None:
    def commands(name: str) -> list[str]:
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        return [line.split("  #")[0].rstrip() for block in blocks for line in block.splitlines()]

    assert commands("README.md") == commands("README.zh.md")
    assert "make run" in commands("README.md")


def test_every_promise_of_the_threat_model_names_tests_that_there_are() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = text.partition("## Promises")[2].partition("\n## ")[0]
    promises = [
        line for line in rows.splitlines() if line.startswith("| ") and not line.startswith("| promise")
    ]
    assert len(promises) > 10
    for promise in promises:
        if set(promise) <= set("| -"):
            continue
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        for file, name in named:
            assert re.search(rf"^ *def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), (
                name
            )


def test_the_limits_are_those_of_the_program() -> None:
    text = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    settings = Settings()
    limits = Limits()
    known = {
        "characters": guard.LARGEST,
        "words and signs": guard.MOST_TOKENS,
        "nesting of brackets": guard.DEEPEST,
        "operators": guard.MOST_OPERATORS,
        "groups": guard.MOST_GROUPS,
        "OPTIONAL, UNION, MINUS and BIND": guard.MOST_CLAUSES,
        "variables": guard.MOST_VARIABLES,
        "characters of a literal": syntax.LITERAL_LIMIT,
        "characters of an IRI": syntax.IRI_LIMIT,
        "nesting of XML elements": syntax.XML_DEPTH,
        "nesting of JSON": syntax.JSON_DEPTH,
        "what a workbook unpacks to": package.UNPACKED_LIMIT,
        "how many times its own size it unpacks to": package.RATIO_LIMIT,
        "parts of a workbook": package.PARTS_LIMIT,
        "rows of a sheet": grid.ROW_LIMIT,
        "columns of a sheet": grid.COLUMN_LIMIT,
        "cells with contents": grid.CELL_LIMIT,
        "characters of a cell or a field": grid.TEXT_LIMIT,
        "characters of a line of CSV": delimited.LINE_LIMIT,
        "costly pages that are made at once": turns.AT_ONCE,
        "requests that wait for one": turns.WAITING,
        "seconds that one of them waits": int(turns.LONGEST_WAIT),
        "bytes of an address": connection.LONGEST_TARGET,
        "headers of a request": connection.MOST_HEADERS,
        "bytes of headers that come piece by piece": connection.LONGEST_HEAD,
        "seconds for the head of a request, however slowly it drips in": int(connection.PATIENCE),
        "connections at once": serving.MOST_CONNECTIONS,
        "bytes a second that a body comes with at least, after the first 20 seconds": connection.SLOWEST,
        "`max_file_size`": settings.max_file_size,
        "`timeout`": int(settings.timeout),
        "`max_memory`": settings.max_memory,
        "`max_rows`": settings.max_rows,
        "`max_answer_size`": settings.max_answer_size,
        "`query_workers`": settings.query_workers,
    }
    said = dict(re.findall(r"^\| ([^|]+?) \| ([0-9,]+)", text, re.MULTILINE))
    assert said == {name: f"{number:,}" for name, number in known.items()}
    for number in (limits.descriptors, limits.jobs, limits.queue):
        assert f" {number:,} " in text
