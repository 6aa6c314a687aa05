"""Validating all submissions: many at once in columns, beside only parsing the same files.

`python -m bench.nation STORE FOLDER NUMBER WAY READY` is one run over so many files (`columns:0/2` over the
first half of them), of all as of a sample that other ways (`bench.ways`) judge too. Findings are compared
with `truth.csv`.
"""

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox

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
GOAL_PARSING, GOAL_MEMORY = 4.0, 1_500
COLUMNS = "all rules at once in columns, one process"


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The columns on all, beside parsing, and by the clock in several processes."""
    # A run judges every submission: more of them would take hours.
    rounds = 1 if ground.size == "nation" else min(rounds, 3)
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
    # Half of a single file may be none at all.
    if way in ("columns", "queries"):
        found = {(finding.rule, finding.focus) for report in reports for finding in report.findings}
        more = compared(folder, files, reports) | {"found": sorted(found)}
    print(json.dumps({**taken, **more, "peak": own_peak()}))
    return 0


def sampled(files: Sequence[Path], number: int) -> list[Path]:
    """So many of the files from the middle, one after another."""
    start = (len(files) - number) // 2
    return [*files[start : start + number]]


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
