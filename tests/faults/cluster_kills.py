"""kill -9 of a worker, a node or the scheduler of a Dask cluster in the middle of a run: it comes to the same.

A folder of catalogues is judged on a real cluster by the command, and something is killed after a random part
of it. Without the scheduler the command has to say so and end with exit code 3, and a second one on a new
cluster has to go on from what is there. In the end every file is, byte for byte, as processes of the pool
write it.
"""

import shutil
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from threading import Thread

from clusters import DaskCluster, dask_cluster, soon
from faults.hamlet import Hamlet, catalogue
from faults.trial import Answer, Figure, bpsgraph

WHAT = ("worker", "node", "scheduler")
SUBMISSIONS = 80
NODES = 2


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("kill -9 of a worker, a node or the scheduler", seed, "runs lost nothing")
    chance = Random(f"{seed} cluster")
    given = work / "given"
    given.mkdir()
    for number in range(SUBMISSIONS):
        catalogue(given, number, str(2000 + number % 30))
    places = {"store": base, "sources": hamlet.root, "lang": "zh"}
    judge = partial(bpsgraph, "batch", given, "--as-of", "2026-03-01", "--format", "json", places=places)
    pool = judge("-o", work / "pool", "--workers", "2")
    wanted = contents(work / "pool")
    with ExitStack() as stack:
        cluster = stack.enter_context(dask_cluster(work / "cluster", NODES))
        pace = pace_of(cluster, partial(judge, "-o", work / "pace"))
        for number in range(count):
            what = WHAT[number % len(WHAT)]
            output = work / f"round-{number}"
            killed = chance.uniform(0.2, 0.9) * pace
            problems, done = attempt(judge, output, cluster, what, killed, figure)
            if done.code == 3:
                figure.count("records_gone_on_from", len(list((output / "records").glob("*.json"))))
                done = judge("-o", output, "--scheduler", revived(cluster))
                problems += done.problems
            if done.code != pool.code:
                problems.append(f"it ended with {done.code}, the pool with {pool.code}: {done.err[-300:]}")
            problems += differences(wanted, contents(output))
            if "unsendable" in cluster.log():
                problems.append("a worker let go of something in another thread")
            figure.trial(f"{what} {number}", problems)
            revived(cluster)
            shutil.rmtree(output)
    return figure


def attempt(
    judge: partial[Answer], output: Path, cluster: DaskCluster, what: str, after: float, figure: Figure
) -> tuple[list[str], Answer]:
    """One command during which something is killed: what is wrong with how it ended, and its answer."""
    address = cluster.address()
    ended: list[float] = []

    def kill() -> None:
        # From when on it judges, however long the command takes to begin.
        soon(lambda: any((output / ".working").glob("*.mark")))
        time.sleep(after)
        if what == "worker":
            cluster.kill_worker(0)
        elif what == "node":
            cluster.kill_node(0)
        else:
            cluster.kill_scheduler()
        ended.append(time.monotonic())

    killer = Thread(target=kill)
    killer.start()
    done = judge("-o", output, "--scheduler", address)
    over = time.monotonic()
    killer.join()
    problems = list(done.problems)
    if over < ended[0]:
        figure.count("killed_too_late")
    elif what == "scheduler":
        figure.most("slowest_end_without_scheduler_s", over - ended[0])
        lines = [line for line in done.err.splitlines() if " judged, " not in line]
        if done.code != 3 or len(lines) != 1 or "goes on where this one was" not in lines[0]:
            problems.append(f"without the scheduler it ended with {done.code}: {done.err[-300:]}")
    return problems, done


def pace_of(cluster: DaskCluster, judge: partial[Answer]) -> float:
    """How long judging takes here and now, in seconds, once it has begun."""
    revived(cluster)
    output = judge.args[-1]
    begun: list[float] = []

    def look() -> None:
        soon(lambda: any((output / ".working").glob("*.mark")))
        begun.append(time.monotonic())

    looking = Thread(target=look)
    looking.start()
    judge("--scheduler", cluster.address())
    looking.join()
    return time.monotonic() - begun[0]


def revived(cluster: DaskCluster) -> str:
    """The address of the scheduler, once all of its workers are there; what was killed is started anew."""
    if cluster.scheduler is None or cluster.scheduler.poll() is not None:
        cluster.end()
        cluster.nodes.clear()
        cluster.begin(NODES)
    for number, node in enumerate(cluster.nodes):
        if node.poll() is not None:
            cluster.add_node()
            cluster.nodes[number] = cluster.nodes.pop()
    for node in cluster.nodes:
        cluster.worker_of(node)
    return cluster.address()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its name."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def differences(wanted: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    names = [name for name in sorted(wanted.keys() | found.keys()) if wanted.get(name) != found.get(name)]
    return [f"{len(names)} files differ: {', '.join(names[:3])}"] if names else []
