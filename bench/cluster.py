"""Times a folder of generated submissions on a Dask cluster of two workers beside two processes of the pool.

Both are whole commands, `bpsgraph batch --fresh`, that judge the same files and write the same reports, byte
for byte; else the difference is printed: exit code 1. The cluster is up before, with a nanny for each worker,
as one that serves many runs is; the pool starts its processes in each run. Runs are interleaved, so that a
busy spell of the machine falls on both; read the ratios, not the seconds. The goal is 1.15.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bpsgraph.building import build
from bpsgraph.generator import SIZES, generate
from bpsgraph.sources import Sources, find_sources
from clusters import DaskCluster, dask_cluster, soon

WORKERS = 2
POOL, DASK = "processes of the pool", "a Dask cluster"
GOAL = 1.15


@dataclass(frozen=True, slots=True)
class Row:
    """One way to judge the folder: medians in seconds, of the clock and of all its processes' work."""

    way: str
    submissions: int
    workers: int
    seconds: float
    processor_seconds: float
    ratio: float
    processor_ratio: float
    runs: tuple[float, ...]


class Differs(Exception):  # noqa: N818 - it says what happened.
    """The two ways did not write the same."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="province", help="what is generated")
    parser.add_argument("--folder", type=Path, help="submissions that are there already")
    parser.add_argument("--store", type=Path, help="a store that is there already")
    parser.add_argument("--submissions", type=int, help="so many of them, the first by name")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (the median counts)")
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    options = parser.parse_args(arguments)
    sources = find_sources()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        folder = given(options.folder, sources, options.size, options.submissions, work)
        store = options.store or work / "store"
        if options.store is None:
            build(store, sources)
        try:
            found = rows(folder, store, work, options.rounds)
        except Differs as difference:
            print(f"what was written differs: {difference}", file=sys.stderr)
            return 1
    for row in found:
        print(
            f"{row.submissions:,} submissions on {row.workers} workers, {row.way}: {row.seconds:.1f} s "
            f"({row.ratio:.2f} x), {row.processor_seconds:.1f} s of processors ({row.processor_ratio:.2f} x)"
        )
    print(f"goal: {GOAL} x; medians of {options.rounds}; {machine()}")
    if options.json:
        figures = {"machine": machine(), "goal": GOAL, "rows": [asdict(row) for row in found]}
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def given(folder: Path | None, sources: Sources, size: str, number: int | None, work: Path) -> Path:
    """The folder of submissions to judge, generated where none is named."""
    if folder is None:
        folder = work / "generated"
        for _ in generate(sources.root / "data" / "ttl", folder, size):
            pass
    chosen = work / "submissions"
    chosen.mkdir()
    for path in sorted(folder.glob("*.ttl"))[:number]:
        (chosen / path.name).symlink_to(path.absolute())
    return chosen


def rows(folder: Path, store: Path, work: Path, rounds: int = 3) -> list[Row]:
    """Both ways on a folder of submissions, the pool first; raises `Differs` where these differ."""
    number = sum(1 for _ in folder.glob("*.ttl"))
    clock: dict[str, list[float]] = {POOL: [], DASK: []}
    worked: dict[str, list[float]] = {POOL: [], DASK: []}
    with dask_cluster(work / "cluster", nodes=WORKERS) as cluster:
        for node in cluster.nodes:
            cluster.worker_of(node)
        soon(lambda: cluster.log().count("Registered to:") >= WORKERS)
        ways = {
            POOL: ("--workers", str(WORKERS)),
            DASK: ("--scheduler", cluster.address()),
        }
        for turn in range(rounds):
            # Who is first meets a colder machine.
            for way in sorted(ways, reverse=bool(turn % 2)):
                seconds, processor = timed(folder, store, output(work, way), ways[way], cluster)
                clock[way].append(seconds)
                worked[way].append(processor)
            compare(output(work, POOL), output(work, DASK))
    return [
        Row(
            way,
            number,
            WORKERS,
            statistics.median(clock[way]),
            statistics.median(worked[way]),
            statistics.median(clock[way]) / statistics.median(clock[POOL]),
            statistics.median(worked[way]) / statistics.median(worked[POOL]),
            tuple(clock[way]),
        )
        for way in (POOL, DASK)
    ]


def timed(
    folder: Path, store: Path, output: Path, options: Sequence[str], cluster: DaskCluster
) -> tuple[float, float]:
    """How long the command takes: by the clock, and in work of its processes and those of the cluster."""
    shutil.rmtree(output, ignore_errors=True)
    before, begun = work_of(cluster), time.perf_counter()
    places = (str(folder), "-o", str(output), "--store", str(store))
    asked = ("--fresh", "--fail-on", "never", "--edition", "2023")
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph", "batch", *places, *asked, *options],
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise Differs(f"the command ended with {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - begun, work_of(cluster) - before


def work_of(cluster: DaskCluster) -> float:
    """Seconds of processors that children of this process and the cluster have used so far (proc(5))."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    for process in cluster.processes():
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def output(work: Path, way: str) -> Path:
    return work / way.replace(" ", "-")


def compare(one: Path, other: Path) -> None:
    """Raise `Differs` unless both folders hold the same files with the same bytes."""
    first, second = ({path.relative_to(root): path for path in files(root)} for root in (one, other))
    if first.keys() != second.keys():
        raise Differs(", ".join(sorted(map(str, first.keys() ^ second.keys()))[:5]))
    for name, path in first.items():
        if path.read_bytes() != second[name].read_bytes():
            raise Differs(str(name))


def files(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.is_file()]


def machine() -> str:
    system, python = f"{platform.system()} {platform.release()}", platform.python_version()
    return f"{os.cpu_count()} processors, {system}, Python {python}"


if __name__ == "__main__":
    sys.exit(main())
