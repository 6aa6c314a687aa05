"""A folder of generated submissions on a Dask cluster of two workers beside two processes of the pool.

Both are whole commands, `bpsgraph batch --fresh`, that judge the same files and write the same reports, byte
for byte. The cluster is up before, with a nanny for each worker, as one that serves many runs is; the pool
starts its processes in each run. What a cluster uses, scheduler and nannies too, counts as its command's.
"""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.ground import Ground
from bench.measuring import Row, Run, interleaved, median, wall
from clusters import DaskCluster, dask_cluster, soon

WORKERS, GOAL = 2, 1.15
# A run judges every submission: of so many, or fewer, three runs are a matter of minutes.
FEW, MOST_ROUNDS = 200, 3
POOL, DASK = f"a pool of {WORKERS} processes", f"a Dask cluster of {WORKERS} workers"


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The folder judged on the cluster beside the pool."""
    with tempfile.TemporaryDirectory(dir=ground.folder) as place:
        work = Path(place)
        with dask_cluster(work / "cluster", nodes=WORKERS) as cluster:
            soon(lambda: cluster.log().count("Registered to:") >= WORKERS)

            def once(way: str, *options: str) -> Run:
                return _judged(ground, work / way, cluster, options)

            runs = interleaved(
                {
                    POOL: lambda: once("pool", "--workers", str(WORKERS)),
                    DASK: lambda: once("dask", "--scheduler", cluster.address()),
                },
                min(rounds, MOST_ROUNDS) if len(ground.files) <= FEW else 1,
            )
        same = _contents(work / "pool") == _contents(work / "dask")
    ratio = median(runs[DASK]) / median(runs[POOL])
    yield Row(
        work=f"{len(ground.files):,} submissions judged, reports and tables written",
        contender=DASK,
        seconds=median(runs[DASK]),
        against=POOL,
        against_seconds=median(runs[POOL]),
        ratio=ratio,
        goal=f"within {GOAL} x",
        reached=ratio <= GOAL,
        same=same,
        figures={"wall": {name: wall(runs[name]) for name in (DASK, POOL)}},
    )


def _judged(ground: Ground, output: Path, cluster: DaskCluster, options: Sequence[str]) -> Run:
    """One command on the folder, with the work of its own processes and those of the cluster."""
    shutil.rmtree(output, ignore_errors=True)
    places = (ground.catalogues, "-o", output, "--store", ground.store)
    asked = ("--fresh", "--fail-on", "never", "--edition", "2023", "--format", "json")
    before, began = _work_of(cluster), time.perf_counter()
    command = [sys.executable, "-m", "bpsgraph", "batch", *map(str, places), *asked, *options]
    done = subprocess.run(command, capture_output=True, check=False)
    # 2: some of the values of the catalogues cannot be read.
    if done.returncode not in (0, 2):
        raise RuntimeError(f"batch ended with {done.returncode}: {done.stderr[-500:]!r}")
    return Run(_work_of(cluster) - before, time.perf_counter() - began, 0.0, None)


def _work_of(cluster: DaskCluster) -> float:
    """Seconds of processors that ended children of this process and the cluster have used (proc(5))."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    for process in cluster.processes():
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def _contents(folder: Path) -> dict[str, str]:
    """The hash of each file: those of a country are several gigabytes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }
