"""Times the three ways to judge one county on the same content, after comparing their answers.

The queries of `queries/derive/findings`, pyshifty and pyshacl judge a generated county with every kind of
planted fault. Their findings must be the same, and those of the truth file, or nothing is printed but the
difference: exit code 1. Runs are interleaved, so that a busy spell of the machine falls on all of them; read
the ratios, not the seconds. What all three need first, the comparisons with the floors, has a row of its own.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Triple
from rich.console import Console
from rich.table import Table

from bpsgraph.formats import FORMATS
from bpsgraph.generator import Truth, generate
from bpsgraph.ingest import Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.validation import Moment, judge, verdicts
from bpsgraph.validation.context import Surroundings
from bpsgraph.validation.derived import derive_all
from bpsgraph.validation.second_opinion import derive_findings
from bpsgraph.validation.shapes import Engine, Result, ShapesGraph, run_shapes
from bpsgraph.validation.workspace import CONTEXT, SUBMITTED

EDITION = "https://w3id.org/bps/id/catalogue/100000/2023"
# What no fault brings about: truth says nothing of the standard system of a county.
NOT_PLANTED = {"system-benchmark-gap", "system-delivery-gap", "system-improvement-gap"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (the median counts)")
    parser.add_argument("--seed", type=int, default=1, help="of the generated county")
    parser.add_argument("--pyshacl", type=int, default=1, help="how often the slow reference is run")
    options = parser.parse_args(arguments)
    console = Console()
    sources = find_sources()
    library, shapes = Library(sources.root / "queries"), ShapesGraph.read(sources.shapes())
    store = national_store(sources, library)
    submission, truth = county(sources, options.seed)
    catalogue = truth[0].catalogue
    moment = Moment(edition=EDITION)
    judgement = judge(submission, catalogue, moment, store, library, shapes)
    surroundings = Surroundings(store, library)
    around = surroundings.shared() | surroundings.around(submission.triples)
    subjects = {triple.subject for triple in submission.triples}

    def comparing() -> set[Result]:
        verdicts.derive_quantities(unjudged, library, [catalogue])
        verdicts.derive_verdicts(unjudged, library, catalogue, moment)
        return derive_findings(unjudged, library, catalogue, SUBMITTED)

    contenders: dict[str, Callable[[], set[Result]]] = {
        "sparql": lambda: derive_findings(judgement.work, library, catalogue, SUBMITTED),
        "pyshifty": lambda: run_shapes(shapes, judgement.data, Engine.PYSHIFTY),
        "pyshacl": lambda: run_shapes(shapes, judgement.data, Engine.PYSHACL),
        "comparisons, then sparql": comparing,
    }
    planted = {(row.rule, row.focus, row.value) for row in truth}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_ in range(options.rounds + 1):
        for name, run in contenders.items():
            if name == "pyshacl" and round_ not in range(1, options.pyshacl + 1):
                continue
            # A store in which nothing is derived yet; filling it is not what is measured.
            unjudged = prepared(submission, around, library)
            start = time.perf_counter()
            results = run()
            elapsed = time.perf_counter() - start
            found = named(r for r in results if r.focus in subjects)
            wrong = (found ^ named(judgement.results)) | (
                {f for f in found if f[0] not in NOT_PLANTED} ^ planted
            )
            if wrong:
                print(f"{name} and the truth disagree:", *sorted(wrong), sep="\n  ", file=sys.stderr)
                return 1
            if round_:  # the first one warms up
                times[name].append(elapsed)
    console.print(table(times, len(submission.triples), len(judgement.data)))
    return 0


def national_store(sources: Sources, library: Library) -> EmbeddedStore:
    """The bundled data without local catalogues, and what is derived from it."""
    store = EmbeddedStore.in_memory()
    for file, graph in sources.data().items():
        if "local" not in file.relative_to(sources.root).parts:
            store.replace_graph(graph, parse(file.read_bytes(), str(file), FORMATS["turtle"]))
    for name, triples in list(derive_all(store, library)):
        store.replace_graph(name, triples)
    return store


def county(sources: Sources, seed: int) -> tuple[Submission, list[Truth]]:
    """A generated county as a submission, with its truth."""
    with tempfile.TemporaryDirectory() as folder:
        ((path, truth),) = generate(sources.root / "data" / "ttl", Path(folder), "county", seed=seed)
        return read(path), truth


def prepared(submission: Submission, around: set[Triple], library: Library) -> EmbeddedStore:
    """The store in which the derive queries run: the submission with its context."""
    work = EmbeddedStore.in_memory()
    work.replace_graph(SUBMITTED, submission.triples)
    work.replace_graph(CONTEXT, around)
    verdicts.cover_segments(work, library)
    return work


def named(results: Iterable[Result]) -> set[tuple[str, str, str]]:
    """Rule, focus and value of the results, the value only where it is another thing than the focus."""
    found = set()
    for result in results:
        value = result.value
        thing = value.value if isinstance(value, NamedNode) and value != result.focus else ""
        found.add((result.shape.partition("#")[2], str(result.focus.value), thing))
    return found


def table(times: dict[str, list[float]], submitted: int, judged: int) -> Table:
    """Medians and ratios, with the size of the content and of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    made = Table(
        title=f"One county: {submitted:,} triples submitted, {judged:,} judged ({machine})",
        caption="interleaved runs after one to warm up",
    )
    for heading in ("judged by", "median s", "fastest s", "runs", "times the first"):
        made.add_column(heading, justify="left" if heading == "judged by" else "right")
    first = statistics.median(next(iter(times.values())))
    for name, seconds in times.items():
        if not seconds:
            continue
        median = statistics.median(seconds)
        made.add_row(name, f"{median:.3f}", f"{min(seconds):.3f}", str(len(seconds)), f"{median / first:.1f}")
    return made


if __name__ == "__main__":
    sys.exit(main())
