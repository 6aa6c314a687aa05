"""Validating all submissions: many at once in columns, one after another, and pyshifty; parsing alone beside.

`python -m bench.nation STORE FOLDER NUMBER columns|queries|pyshifty|parse` is one run over so many files.
Findings are compared with `truth.csv`. pyshifty is given what was made ready for it: only its own part is
timed, with parsing. Of a nation the slower ways judge a part, and their times are brought to the whole.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench.county import EDITION, NOT_PLANTED, YEAR
from bench.ground import Ground
from bench.measuring import Clock, Row, Run, interleaved, median, own_peak, run, wall
from bpsgraph.ingest import read
from bpsgraph.library import bundled
from bpsgraph.results import Report
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from bpsgraph.validation import Engine, Moment, catalogue_in, judge, prepare
from bpsgraph.validation.many import Many
from bpsgraph.validation.shapes import ShapesGraph, run_shapes

TODAY = date(2026, 3, 1)
AT_ONCE = 32
MOST_BY_THE_SLOW = 96
GOALS = {"pyshifty": 7.0, "queries": 2.0}
GOAL_PARSING, GOAL_MEMORY = 4.0, 1_500
WAYS = {
    "columns": "all rules at once in columns, one process",
    "queries": "the derive queries, one submission after another",
    "pyshifty": "pyshifty on data that were made ready",
    "parse": "pyoxigraph, parsing only",
}


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The columns beside each other way, over the same submissions."""
    number = len(ground.files)
    few = min(number, MOST_BY_THE_SLOW)
    counts = {"columns": number, "parse": number, "queries": few, "pyshifty": few}

    def once(way: str) -> Run:
        arguments = [ground.store, ground.catalogues, counts[way], way]
        return run([sys.executable, "-m", "bench.nation", *arguments])

    # A run judges every submission: more of them would take hours.
    rounds = 1 if ground.size == "nation" else min(rounds, 3)
    runs = interleaved({way: lambda way=way: once(way) for way in WAYS}, rounds)  # type: ignore[misc]
    seconds = {way: median(runs[way]) * number / counts[way] for way in WAYS}
    said = {way: runs[way][0].said for way in WAYS}
    for way in ("pyshifty", "queries", "parse"):
        parsing = way == "parse"
        ratio = seconds["columns"] / seconds[way] if parsing else seconds[way] / seconds["columns"]
        goal = (
            f"within {GOAL_PARSING:.0f} x, under 1.5 GB" if parsing else f"at least {GOALS[way]:.0f} x faster"
        )
        reached = ratio <= GOAL_PARSING and said["columns"]["peak"] < GOAL_MEMORY
        yield Row(
            work=f"{number:,} submissions validated against the edition of {YEAR}",
            contender=WAYS["columns"],
            seconds=seconds["columns"],
            against=WAYS[way],
            against_seconds=seconds[way],
            ratio=ratio,
            goal=goal,
            reached=reached if parsing else ratio >= GOALS[way],
            same=said["columns"]["as_planted"],
            note="" if counts[way] == number else f"{counts[way]} of them, brought to all",
            figures={
                "wall": {name: wall(runs[name]) for name in ("columns", way)},
                "peak_mib": {name: said[name]["peak"] for name in ("columns", way)},
                "findings": said["columns"]["findings"],
                "submissions": counts,
            },
        )


def main() -> int:
    """One run; prints the time, the peak of memory, and whether the findings are those planted as JSON."""
    store, folder, number, way = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    files = sorted(folder.glob("*.ttl"))[:number]
    more: dict[str, Any] = {}
    if way == "parse":
        clock = Clock()
        turtle = ox.RdfFormat.TURTLE
        more["triples"] = sum(1 for file in files for _ in ox.parse(path=file, format=turtle, base_iri=BASE))
        taken = clock.taken()
    else:
        library, shapes = bundled(), ShapesGraph.read(find_sources().shapes())
        with open_store(store) as opened:
            clock = Clock()
            if way == "columns":
                many = Many(opened, library, shapes)
                reports: list[Report] = []
                for start in range(0, len(files), AT_ONCE):
                    given = [read(file) for file in files[start : start + AT_ONCE]]
                    reports += many.reports(given, edition=YEAR, today=TODAY)
                taken = clock.taken()
                more = compared(folder, files, reports)
            elif way == "queries":
                validator = prepare(opened, library, shapes)
                reports = [validator.validate(read(file), edition=YEAR, today=TODAY) for file in files]
                taken = clock.taken()
                more = compared(folder, files, reports)
            else:
                taken = {"seconds": 0.0, "wall": 0.0}
                for file in files:
                    submission = read(file)
                    moment = Moment(edition=EDITION)
                    ready = judge(submission, catalogue_in(submission), moment, opened, library, shapes)
                    part = Clock()
                    read(file)
                    run_shapes(shapes, ready.data, Engine.PYSHIFTY)
                    taken = {name: taken[name] + more_taken for name, more_taken in part.taken().items()}
    print(json.dumps({**taken, **more, "peak": own_peak()}))
    return 0


def compared(folder: Path, files: Iterable[Path], reports: Iterable[Report]) -> dict[str, Any]:
    """How many findings there are, and whether those are found that were planted and no others."""
    codes = {file.stem.partition("-")[0] for file in files}
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as table:
        planted = Counter(
            (row["rule"], row["focus"])
            for row in csv.DictReader(table)
            if row["catalogue"].split("/")[-2] in codes
        )
    found = Counter(
        (finding.rule, finding.focus)
        for report in reports
        for finding in report.findings
        if finding.rule not in NOT_PLANTED
    )
    # A fault is found against the floor of each place above that states the same.
    # One that is made twice, which is planted, may also stand out among those of its peers.
    again = {one for one in found if one[0] == "overreach-assessment" and one[1].endswith("/again")}
    wrong = sorted({*(planted - found), *(found.keys() - planted.keys() - again)})
    if wrong:
        print(f"{len(wrong)} differ from truth.csv:", *wrong[:10], sep="\n  ", file=sys.stderr)
    return {"findings": found.total(), "as_planted": not wrong}


if __name__ == "__main__":
    sys.exit(main())
