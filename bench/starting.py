"""How long commands take from the first key to the last line, beside a Python that does nothing.

Each is a process of its own, as in a terminal; a goal counts processor time, which is the wall time of a core
that has nothing else to do. What is answered is compared with what the library answers in this process.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.ground import Ground
from bench.measuring import Row, Run, interleaved, median, run, wall
from bpsgraph.library import query
from bpsgraph.results import Rows
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store

MORE, TIMES, MOST = 0.05, 1.5, 0.35
PLACE, CATALOGUE = "140500", "140500/2021"
ASKED = "gaps/missing-items"
COUNT = "SELECT (COUNT(*) AS ?items) WHERE { ?item a bps:ServiceItem }"


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The version and the help beside `python -c pass`; what asks the store; one catalogue judged."""
    store = ground.store
    jincheng = find_sources().root / "data" / "ttl" / "local" / f"{CATALOGUE.replace('/', '-')}.ttl"
    asked, judged = ("-p", f"jurisdiction={PLACE}"), ("--edition", "2021", "--fail-on", "never")
    calls = {
        "python": ("-c", "pass"),
        "engine": ("-c", "import pyoxigraph"),
        "version": _command("--version"),
        "help": _command("--help"),
        "queries": _command("queries"),
        "query": _command("query", ASKED, *asked, "--format", "json", "--store", store),
        "sparql": _command("sparql", COUNT, "--format", "json", "--store", store),
        "describe": _command("describe", PLACE, "--format", "ntriples", "--store", store),
        "verdicts": _command("verdicts", CATALOGUE, "--format", "csv", "--store", store),
        "validate": _command("validate", jincheng, *judged, "--store", store),
    }
    # Not counted: what Python compiles once, and what the system reads from the disk once.
    for call in calls.values():
        _once(call)
    runs = interleaved({name: lambda call=call: _once(call) for name, call in calls.items()}, rounds)  # type: ignore[misc]
    bare = median(runs["python"])
    for name in ("version", "help"):
        most = TIMES * bare + MORE
        reached = median(runs[name]) <= most if name == "version" else None
        goal = f"within {TIMES} x plus {MORE * 1000:.0f} ms" if name == "version" else ""
        yield _row(f"bpsgraph --{name}", name, runs, "python", goal, reached)
    same = {"query": _same_rows(store, runs["query"]), "sparql": _same_count(store, runs["sparql"])}
    for name in ("query", "sparql", "describe", "verdicts", "queries"):
        what = f"bpsgraph {name}, first answer of a process"
        goal, reached = f"under {MOST} s", median(runs[name]) <= MOST
        yield _row(what, name, runs, "engine", goal, reached, same.get(name))
    yield _row("bpsgraph validate, one county", "validate", runs, "engine", "", None)


def _command(*words: object) -> tuple[str, ...]:
    return ("-c", "import sys; from bpsgraph.cli import main; sys.exit(main())", *map(str, words))


def _once(call: tuple[str, ...]) -> Run:
    return run([sys.executable, *call])


def _row(
    work: str,
    name: str,
    runs: dict[str, list[Run]],
    beside: str,
    goal: str,
    reached: bool | None,
    same: bool | None = None,
) -> Row:
    names = {"python": "python -c pass", "engine": "python -c 'import pyoxigraph'"}
    ours, theirs = median(runs[name]), median(runs[beside])
    return Row(
        work=work,
        contender="bpsgraph",
        seconds=ours,
        against=names[beside],
        against_seconds=theirs,
        ratio=ours / theirs,
        goal=goal,
        reached=reached,
        same=same,
        figures={
            "wall": {one: wall(runs[one]) for one in (name, beside)},
            "least_wall": {one: min(each.wall for each in runs[one]) for one in (name, beside)},
        },
    )


def _same_rows(store: Path, runs: list[Run]) -> bool:
    with open_store(store) as opened:
        found = query(opened, ASKED, jurisdiction=PLACE)
    assert isinstance(found, Rows)
    wanted = json.loads(found.to_json())["results"]
    return all(_said(one).get("results") == wanted for one in runs)


def _same_count(store: Path, runs: list[Run]) -> bool:
    with open_store(store) as opened:
        found = opened.query(COUNT)
    assert isinstance(found, Rows)
    wanted = json.loads(found.to_json())["results"]
    return all(_said(one).get("results") == wanted for one in runs)


def _said(one: Run) -> dict[str, Any]:
    return one.said if isinstance(one.said, dict) else {}
