"""Validating all submissions: many at once in columns, beside only parsing them, and beside other ways.

`python -m bench.nation STORE FOLDER NUMBER WAY READY` is one run over so many files (`columns:0/2` over the
first half of them). Findings of all are compared with `truth.csv`. The slower ways judge a sample, and so do
the columns beside them: both the same files, and the same findings, before a time counts. pyshifty, pyshacl
and the queries in one piece are given the comparisons with the floors and all that a catalogue leads to,
which were made ready in READY; only reading that and finding is timed, while the columns also compare and put
the findings into words.
"""

import csv
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench import peers
from bench.agreement import led_to
from bench.county import EDITION, NOT_PLANTED, YEAR
from bench.ground import Ground
from bench.measuring import Clock, Row, Run, interleaved, median, own_peak, run, wall
from bpsgraph.ingest import read
from bpsgraph.library import bundled, filled
from bpsgraph.results import Report
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.base import Store, construct
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE
from bpsgraph.validation import Moment, catalogue_in, prepare
from bpsgraph.validation.many import Many
from bpsgraph.validation.second_opinion import finding_queries, results_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.verdicts import Parameter
from bpsgraph.validation.workspace import SUBMITTED, Prepared

TODAY = date(2026, 3, 1)
AT_ONCE = 64
PROCESSES = 2
SAMPLES = {"county": 1, "province": 12, "nation": 32}
LIMIT = 200.0
GOAL_PYSHIFTY, GOAL_PIECE, GOAL_PARSING, GOAL_MEMORY = 7.0, 2.0, 4.0, 1_500
COLUMNS = "all rules at once in columns, one process"
PEERS = {
    "pyshifty": ("pyshifty, on data made ready", GOAL_PYSHIFTY),
    "piece": ("our finding queries in one piece, on data made ready", GOAL_PIECE),
    "queries": ("our derive queries, one submission after another", None),
    "pyshacl": ("pyshacl that reads each query once, on the least that was made ready", None),
}
Found = set[tuple[str, str]]


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The columns on all beside parsing, and on a sample beside each other way."""
    # A run judges every submission: more of them would take hours.
    rounds = 1 if ground.size == "nation" else min(rounds, 3)
    yield from _all(ground, rounds)
    with tempfile.TemporaryDirectory(dir=ground.folder) as place:
        few = SAMPLES[ground.size]
        yield from _sample(ground, rounds, few, ("pyshifty", "piece", "queries"), Path(place))
        yield from _sample(ground, 1, 1, ("pyshacl",), Path(place))


def _all(ground: Ground, rounds: int) -> Iterator[Row]:
    number = len(ground.files)

    def once(way: str) -> Run:
        arguments = [ground.store, ground.catalogues, number, way, ground.folder]
        return run([sys.executable, "-m", "bench.nation", *arguments])

    def halves() -> Run:
        began = time.perf_counter()
        with ThreadPoolExecutor(PROCESSES) as pool:
            parts = list(pool.map(once, [f"columns:{part}/{PROCESSES}" for part in range(PROCESSES)]))
        found = sum(part.said["findings"] for part in parts)
        return Run(
            seconds=sum(part.seconds for part in parts),
            wall=time.perf_counter() - began,
            peak=sum(part.said["peak"] for part in parts),
            said={"findings": found},
        )

    ways: dict[str, Callable[[], Run]] = {"columns": lambda: once("columns"), "parse": lambda: once("parse")}
    runs = interleaved(ways | {"halves": halves}, rounds)
    ours, parsing, said = median(runs["columns"]), median(runs["parse"]), runs["columns"][0].said
    ratio = ours / parsing
    work = f"{number:,} submissions validated against the edition of {YEAR}"
    yield Row(
        work=work,
        contender=COLUMNS,
        seconds=ours,
        against="pyoxigraph, parsing only",
        against_seconds=parsing,
        ratio=ratio,
        goal=f"within {GOAL_PARSING:.0f} x, under 1.5 GB",
        reached=ratio <= GOAL_PARSING and said["peak"] < GOAL_MEMORY,
        same=said["as_planted"],
        note=f"{said['peak']:,.0f} MiB, {said['findings']:,} findings",
        figures={
            "wall": {way: wall(runs[way]) for way in runs},
            "peak_mib": {way: runs[way][0].peak for way in runs},
            "findings": said["findings"],
            "each": {"columns": ours / number, "parse": parsing / number},
        },
    )
    clock, of_parsing = wall(runs["halves"]), wall(runs["parse"])
    yield Row(
        work=f"{work}, by the clock",
        contender=f"the same in {PROCESSES} processes",
        seconds=clock,
        against="pyoxigraph, parsing only, one process",
        against_seconds=of_parsing,
        ratio=clock / of_parsing,
        same=runs["halves"][0].said["findings"] == said["findings"],
        note=f"{runs['halves'][0].peak:,.0f} MiB in all",
        figures={"processor": median(runs["halves"])},
    )


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


def main() -> int:
    """One run; prints the time, the peak of memory, and what was found as JSON."""
    store, folder, number, way = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    ready = Path(sys.argv[5])
    files = sampled(sorted(folder.glob("*.ttl")), number)
    way, _, share = way.partition(":")
    if share:
        part, of = map(int, share.split("/"))
        files = files[len(files) * part // of : len(files) * (part + 1) // of]
    library, shapes = bundled(), ShapesGraph.read(find_sources().shapes())
    more: dict[str, Any] = {}
    reports: list[Report] = []
    with open_store(store) as opened:
        clock = Clock()
        if way == "parse":
            turtle = ox.RdfFormat.TURTLE
            more["triples"] = sum(
                1 for file in files for _ in ox.parse(path=file, format=turtle, base_iri=BASE)
            )
        elif way == "columns":
            many = Many(opened, library, shapes)
            for start in range(0, len(files), AT_ONCE):
                given = [read(file) for file in files[start : start + AT_ONCE]]
                reports += many.reports(given, edition=YEAR, today=TODAY)
        elif way == "queries":
            validator = prepare(opened, library, shapes)
            reports = [validator.validate(read(file), edition=YEAR, today=TODAY) for file in files]
        elif way == "piece":
            more["found"] = in_one_piece(files, ready)
        else:
            make_ready(files, opened, shapes, ready, least=way == "least")
        taken = clock.taken()
    if reports:
        found = {(finding.rule, finding.focus) for report in reports for finding in report.findings}
        more = compared(folder, files, reports) | {"found": sorted(found)}
    print(json.dumps({**taken, **more, "peak": own_peak()}))
    return 0


def sampled(files: Sequence[Path], number: int) -> list[Path]:
    """So many of the files, from the first to the last in even steps."""
    return [files[place * len(files) // number] for place in range(number)]


def make_ready(
    files: Iterable[Path], store: Store, shapes: ShapesGraph, folder: Path, *, least: bool
) -> None:
    """Write what each catalogue is judged on as N-Triples, the shapes beside it, and what was submitted.

    The least of it is what the submission leads to.
    """
    folder.mkdir()
    library = bundled()
    prepared = Prepared(store, library)
    subjects: set[str] = set()
    for file in files:
        submission = read(file)
        catalogue = catalogue_in(submission)
        moment = Moment(edition=EDITION)
        with prepared.comparing(submission.triples, catalogue, moment=moment) as work:
            about = {triple.subject for triple in submission.triples}
            data = led_to(work.triples(), about) if least else work.triples()
            ox.serialize(data, folder / f"{file.stem}.nt", format=ox.RdfFormat.N_TRIPLES)
        subjects |= {str(subject.value) for subject in about}  # type: ignore[union-attr]
    ox.serialize(shapes.triples, folder / "shapes", format=ox.RdfFormat.N_TRIPLES)
    (folder / "subjects.txt").write_text("\n".join(sorted(subjects)), encoding="utf-8")


def in_one_piece(files: Iterable[Path], ready: Path) -> list[tuple[str, str]]:
    """What the finding queries find, each asked once of all that was made ready."""
    library = bundled()
    inner = ox.Store()
    for path in sorted(ready.glob("*.nt")):
        inner.bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES)
    catalogues = []
    store = EmbeddedStore(inner)
    for file in files:
        submission = read(file)
        catalogues.append(ox.NamedNode(catalogue_in(submission)))
        inner.extend(_in_graph(triple) for triple in submission.triples)
    given: dict[str, Parameter] = {"catalogue": catalogues, "graph": ox.NamedNode(SUBMITTED)}
    results = {
        result
        for name in finding_queries(library)
        for result in results_of(construct(store, filled(library.text(name), given)).triples)
    }
    return sorted({(result.shape.partition("#")[2], str(result.focus.value)) for result in results})


def _in_graph(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(SUBMITTED))


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
