"""Times the judging of one county on the same content, after comparing the answers.

First the findings: the queries, pyshifty, pyshacl and the truth file have to agree, and the workbook with the
Turtle file; else the difference is printed: exit code 1.
Then processes as a user starts them, and what a process that goes on needs for one more county. Runs are
interleaved, so that a busy spell of the machine falls on all; read the ratios, not the seconds.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, serialize
from rich.console import Console
from rich.table import Table

from bpsgraph.building import build
from bpsgraph.generator import Truth, generate
from bpsgraph.ingest import read
from bpsgraph.library import Library
from bpsgraph.results import Report
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import open_store
from bpsgraph.store.base import Store
from bpsgraph.terms import BASE, Term
from bpsgraph.validation import Judgement, Moment, judge, prepare
from bpsgraph.validation.second_opinion import derive_findings
from bpsgraph.validation.shapes import Engine, Result, ShapesGraph, run_shapes
from bpsgraph.validation.workspace import SUBMITTED
from bpsgraph.vocabulary import names_of
from bpsgraph.workbooks.files import to_bytes
from bpsgraph.workbooks.filled import draft_of

YEAR = "2023"
EDITION = f"{BASE}catalogue/100000/{YEAR}"
# What no fault brings about: truth says nothing of the standard system of a county.
NOT_PLANTED = {"system-benchmark-gap", "system-delivery-gap", "system-improvement-gap"}
# What a process adds to say the most memory that it held (proc(5), VmHWM).
_PEAK = """
import atexit
def _said():
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM:")), file=sys.__stderr__)
atexit.register(_said)
"""


@dataclass
class Contender:
    """Something to time: what it is called, what it does, and the runs so far in seconds."""

    name: str
    run: Callable[[], object]
    runs: int
    seconds: list[float] = field(default_factory=list)
    peak: float | None = None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is run (the median counts)")
    parser.add_argument("--seed", type=int, default=1, help="of the generated county")
    parser.add_argument(
        "--topbraid", type=Path, help="a folder with the jars of TopBraid SHACL, run with java"
    )
    parser.add_argument("--pyshacl", action="store_true", help="run the slow reference too: minutes")
    options = parser.parse_args(arguments)
    sources = find_sources()
    library, shapes = Library(sources.root / "queries"), ShapesGraph.read(sources.shapes())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        build(folder / "store", sources)
        turtle, truth = county(sources, folder, options.seed)
        with open_store(folder / "store") as store:
            workbook = as_workbook(turtle, store)
            submission = read(turtle)
            judgement = judge(submission, truth[0].catalogue, Moment(edition=EDITION), store, library, shapes)
            validator = prepare(store, library, shapes)

            def report(path: Path) -> Report:
                given = read(path, names=names_of(store))
                return validator.validate(given, edition=YEAR, today=date.today())

            slow = Contender("pyshacl", lambda: None, 0) if options.pyshacl else None
            wrong = differences(judgement, truth, shapes, slow) or [
                f"as a workbook: {item}" for item in told(report(turtle)) ^ told(report(workbook))
            ]
            if wrong:
                print("the answers differ:", *sorted(map(str, wrong)), sep="\n  ", file=sys.stderr)
                return 1
            processes = [
                python("imports python_calamine and pyoxigraph", "import python_calamine, pyoxigraph"),
                python("imports python_calamine and pyshifty", "import python_calamine, shifty"),
                command("bpsgraph validate county.xlsx", workbook, folder),
                command("bpsgraph validate county.ttl", turtle, folder),
            ]
            if options.topbraid:
                processes.append(topbraid(options.topbraid, judgement, sources, folder))
            going_on = [
                Contender("the workbook read and judged", lambda: report(workbook), options.rounds),
                Contender("the Turtle file read and judged", lambda: report(turtle), options.rounds),
            ]
            engines = [
                Contender(
                    "the queries in SPARQL",
                    lambda: derive_findings(judgement.work, library, judgement.catalogue, SUBMITTED),
                    options.rounds,
                ),
                Contender(
                    "pyshifty",
                    lambda: run_shapes(shapes, judgement.data, Engine.PYSHIFTY),
                    options.rounds,
                ),
            ]
            measure([*processes, *going_on, *engines], options.rounds)
            if slow is not None:
                engines.append(slow)
            triples = f"{len(submission.triples):,} triples submitted, {len(judgement.data):,} judged"
    console = Console()
    console.print(f"one county of 81 items, {triples}; {machine()}")
    console.print(table("A process, from its start to its end", processes))
    console.print(table("One more county in a process that goes on", going_on))
    console.print(table("Finding alone, once the comparisons with the floors are there", engines))
    if not options.pyshacl:
        console.print("pyshacl was not run: ask for it with --pyshacl.")
    if not options.topbraid:
        console.print("TopBraid SHACL was not run: name a folder with its jars with --topbraid.")
    return 0


def county(sources: Sources, folder: Path, seed: int) -> tuple[Path, list[Truth]]:
    """A generated county as a Turtle file, with its truth."""
    ((path, truth),) = generate(sources.root / "data" / "ttl", folder, "county", seed=seed)
    return path, truth


def as_workbook(turtle: Path, store: Store) -> Path:
    """The same catalogue as a filled workbook beside the file."""
    path = turtle.with_suffix(".xlsx")
    draft = draft_of(read(turtle).triples, path.name, names_of(store))
    path.write_bytes(to_bytes(draft, "xlsx", {}))
    return path


def differences(
    judgement: Judgement, truth: list[Truth], shapes: ShapesGraph, slow: Contender | None
) -> list[str]:
    """Where an engine or the truth differs from what was found; the one run of pyshacl is timed."""
    subjects: set[Term] = {t.subject for t in judgement.work.graph(SUBMITTED)}  # type: ignore[misc]
    found = named(judgement.results)
    pyshifty = named(run_shapes(shapes, judgement.data, Engine.PYSHIFTY, focus=subjects))
    pyshacl = found
    if slow is not None:
        start = time.perf_counter()
        pyshacl = named(run_shapes(shapes, judgement.data, Engine.PYSHACL, focus=subjects))
        slow.seconds.append(time.perf_counter() - start)
    planted = {(row.rule, row.focus, row.value) for row in truth}
    return [
        *(f"pyshifty: {item}" for item in found ^ pyshifty),
        *(f"pyshacl: {item}" for item in found ^ pyshacl),
        *(f"truth: {item}" for item in {f for f in found if f[0] not in NOT_PLANTED} ^ planted),
    ]


def named(results: Iterable[Result]) -> set[tuple[str, str, str]]:
    """Rule, focus and value of the results, the value only where it is another thing than the focus."""
    found = set()
    for result in results:
        value = result.value
        thing = value.value if isinstance(value, NamedNode) and value != result.focus else ""
        found.add((result.shape.partition("#")[2], str(result.focus.value), thing))
    return found


def told(report: Report) -> set[tuple[str, str]]:
    """The findings by rule and fingerprint."""
    return {(finding.rule, finding.fingerprint) for finding in report.findings}


def python(name: str, code: str) -> Contender:
    """A Python process that runs the code and nothing else."""
    return Contender(name, lambda: called([sys.executable, "-c", code]), 0, peak=peak(code))


def command(name: str, file: Path, folder: Path) -> Contender:
    """The command line on a file, with the store in the folder."""
    arguments = ["validate", str(file), "--edition", YEAR, "--store", str(folder / "store")]
    code = f"from bpsgraph.cli import main; main({arguments!r})"
    return Contender(name, lambda: called([sys.executable, "-m", "bpsgraph", *arguments]), 0, peak=peak(code))


def topbraid(jars: Path, judgement: Judgement, sources: Sources, folder: Path) -> Contender:
    """TopBraid SHACL in a process of its own, on the data that were judged and all shapes."""
    data, shapes = folder / "data.nt", folder / "shapes.nt"
    for path, triples in ((data, judgement.data), (shapes, ShapesGraph.read(sources.shapes()).triples)):
        path.write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    java = shutil.which("java") or "java"
    arguments = ["-datafile", str(data), "-shapesfile", str(shapes)]
    call = [java, "-cp", f"{jars}/*", "org.topbraid.shacl.tools.Validate", *arguments]
    return Contender("TopBraid SHACL", lambda: called(call), 1)


def called(call: Sequence[str]) -> None:
    """Run a process to its end; 0 and 1 are answers."""
    done = subprocess.run(call, capture_output=True, timeout=600, env=environment())
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{call[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")


def environment() -> dict[str, str]:
    """That of this process, but Python keeps what it compiled, as it does for an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "bpsgraph-bench-bytecode")}


def peak(code: str) -> float | None:
    """The most memory that a Python process with the code holds, in MiB; None where nothing tells it."""
    if not Path("/proc/self/status").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{_PEAK}\n{code}"],
        capture_output=True,
        text=True,
        timeout=600,
        env=environment(),
    )
    return int(done.stderr.split()[-1]) / 1024


def measure(contenders: Sequence[Contender], rounds: int) -> None:
    """Run all in turn, once to warm up where they are run often."""
    for round_ in range(rounds + 1):
        for contender in contenders:
            often = contender.runs or rounds
            if round_ > often or (often == 1 and not round_):
                continue
            start = time.perf_counter()
            contender.run()
            if round_:
                contender.seconds.append(time.perf_counter() - start)


def machine() -> str:
    """The size of the machine and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}{load}"


def table(title: str, contenders: Sequence[Contender]) -> Table:
    """Medians, and ratios to the first."""
    made = Table(title=title)
    for heading in ("", "median ms", "fastest ms", "runs", "times the first", "peak MiB"):
        made.add_column(heading, justify="right" if heading else "left")
    first = statistics.median(contenders[0].seconds)
    for contender in contenders:
        median = statistics.median(contender.seconds)
        made.add_row(
            contender.name,
            f"{median * 1000:.0f}",
            f"{min(contender.seconds) * 1000:.0f}",
            str(len(contender.seconds)),
            f"{median / first:.1f}",
            f"{contender.peak:.0f}" if contender.peak else "",
        )
    return made


if __name__ == "__main__":
    sys.exit(main())
