"""Other ways of validating submissions beside the columns: on the same few files, with the same findings.

They judge some files in the middle, one after another as in a run over all. pyshifty, pyshacl and the queries
in one piece are given the comparisons with the floors and all that a catalogue leads to, which were made
ready before; only reading that and finding is timed, while the columns also compare and put the findings into
words.
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import peers
from bench.ground import Ground
from bench.measuring import Row, Run, median, run
from bench.nation import COLUMNS

SAMPLES = {"county": 1, "province": 12, "nation": 32}
LIMIT = 200.0
GOAL_PYSHIFTY, GOAL_PIECE = 7.0, 2.0
PEERS = {
    "pyshifty": ("pyshifty, on data made ready", GOAL_PYSHIFTY),
    "piece": ("our finding queries in one piece, on data made ready", GOAL_PIECE),
    "queries": ("our derive queries, one submission after another", None),
    "pyshacl": ("pyshacl that reads each query once, on the least that was made ready", None),
}
Found = set[tuple[str, str]]


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The columns on a sample beside each other way."""
    rounds = 1 if ground.size == "nation" else min(rounds, 3)
    with tempfile.TemporaryDirectory(dir=ground.folder) as place:
        few = SAMPLES[ground.size]
        yield from _sample(ground, rounds, few, ("pyshifty", "piece", "queries"), Path(place))
        yield from _sample(ground, 1, 1, ("pyshacl",), Path(place))


def _sample(ground: Ground, rounds: int, few: int, ways: Sequence[str], place: Path) -> Iterator[Row]:
    had = peers.environment(ground.folder)
    ready = place / "ready"
    shutil.rmtree(ready, ignore_errors=True)

    def call(way: str) -> Run:
        arguments = [ground.store, ground.catalogues, few, way, ready]
        return run([sys.executable, "-m", "bench.nation", *arguments])

    not_ready, about = "", set[str]()
    try:
        call("least" if "pyshacl" in ways else "ready")
        about |= set((ready / "subjects.txt").read_text(encoding="utf-8").splitlines())
    except RuntimeError as error:
        not_ready = f"its data could not be made ready: {error}"
    ours: list[Run] = []
    theirs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for number in range(rounds):
        ours.append(call("columns"))
        print(f"    columns, {few} files, {number + 1}/{rounds}: {ours[-1].seconds:.3f} s", file=sys.stderr)
        for way in ways:
            try:
                if problem := had.missing.get(way) or (not_ready if way != "queries" else ""):
                    said = {"problem": problem}
                elif way in ("pyshifty", "pyshacl"):
                    said = peers.judge(had, way, ready, LIMIT)
                else:
                    said = call(way).said
            except RuntimeError as error:  # Its row says so, and the others are not lost.
                said = {"problem": str(error)}
            theirs[way].append(said)
            told = said.get("problem") or format(said["seconds"], ".3f") + " s"
            print(f"    {way}, {few} files, {number + 1}/{rounds}: {told}", file=sys.stderr)
    mine: Found = {(rule, focus) for rule, focus in ours[0].said["found"]}
    for way in ways:
        name, goal = PEERS[way]
        row = Row(
            work=f"{few:,} of {len(ground.files):,} submissions, both on the same",
            contender=COLUMNS,
            seconds=median(ours),
            against=name,
            goal="" if goal is None else f"at least {goal:.0f} x faster",
        )
        yield _beside(row, goal, few, mine, about, theirs[way])
    if "pyshacl" in ways:
        for name, why in peers.NOT_HAD.items():
            yield replace(row, against=name, goal="", note=why)


def _beside(
    row: Row, goal: float | None, few: int, mine: Found, about: set[str], runs: list[dict[str, Any]]
) -> Row:
    """The row with what the other way took, where it found the same."""
    problems = [said["problem"] for said in runs if "problem" in said]
    if problems:
        return replace(row, note=problems[0])
    found: Found = {(rule, focus) for rule, focus in runs[0]["found"] if focus in about}
    if found != mine:
        lacks, more = len(mine - found), len(found - mine)
        return replace(row, note=f"lacks {lacks} findings, has {more} others: its time does not count")
    taken = statistics.median(said["seconds"] for said in runs)
    ratio = taken / row.seconds
    return replace(
        row,
        against_seconds=taken,
        ratio=ratio,
        reached=None if goal is None else ratio >= goal,
        same=True,
        figures={
            "findings": len(mine),
            "peak_mib": runs[0]["peak"],
            "wall": runs[0]["wall"],
            "each": {row.against: taken / few},
        },
    )
