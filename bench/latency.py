"""`python -m bench.latency`: what a worker costs a query, how soon it is ready, lookups beside hostile ones.

The same point queries, about things drawn from the store by a seed, are answered in this process and through
a worker, in turns, and the answers are compared byte by byte. Then the workers alone are asked while two
queries that never end run in the same pool, each started anew when its time is over.
"""

import argparse
import json
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph

from bpsgraph.building import build
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BpsError
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, open_store, select

GOAL_COST = 4.0
GOAL_READY = 0.3
GOAL_HOSTILE = 5.0
# Neither shares a variable between its patterns: the first counts, the second sorts nothing and never ends.
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(STR(?c)) + STRLEN(STR(?f)) < 0) }",
)


def main() -> int:
    """Print what was measured, as JSON and in words; 1 where an answer differs or a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=main.__doc__)
    parser.add_argument("--store", type=Path, default=Path("build/store"), help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument(
        "--count", type=int, default=2_000, help="how many point queries (default: %(default)s)"
    )
    parser.add_argument(
        "--starts", type=int, default=10, help="how many pools are started (default: %(default)s)"
    )
    given = parser.parse_args()
    if not given.store.exists():
        print("building a store first", file=sys.stderr)
        build(given.store, find_sources())
    report = measured(given.store.resolve(), given.seed, given.count, given.starts)
    print(json.dumps(report))
    print(in_words(report))
    return 0 if report["fine"] else 1


def measured(path: Path, seed: int, count: int, starts: int) -> dict[str, Any]:
    """Times in milliseconds, of starts in seconds."""
    ready = [_start(path) for _ in range(starts)]
    limits = Limits(timeout=20, workers=2, long=2)
    with open_store(path) as store, _pool(path, limits) as pool:
        pool.ready()
        queries = _queries(store, seed, count)
        here: list[float] = []
        there: list[float] = []
        differing = 0
        for at in range(0, count, 50):
            some = queries[at : at + 50]
            expected = _timed(here, some, lambda text: _in_process(store, text))
            differing += sum(
                one != other
                for one, other in zip(
                    expected, _timed(there, some, lambda text: _asked(pool, text)), strict=True
                )
            )
        idle = _lookups(pool, queries)
        stop = threading.Event()
        ended: list[str] = []
        hostile = [threading.Thread(target=_hostile, args=(pool, text, stop, ended)) for text in HOSTILE]
        for thread in hostile:
            thread.start()
        # From the first moment on: what is new must not have a good time at the cost of others either.
        beside = _lookups(pool, queries)
        stop.set()
        for pid in pool.busy():
            os.kill(pid, 9)
        for thread in hostile:
            thread.join()
    cost = statistics.median(there) / statistics.median(here)
    slower = _p99(beside) / _p99(idle)
    report: dict[str, Any] = {
        "bench": "latency",
        "seed": seed,
        "queries": count,
        "differing": differing,
        "in_process_ms": round(statistics.median(here), 4),
        "worker_ms": round(statistics.median(there), 4),
        "cost": round(cost, 2),
        "ready_s": round(statistics.median(ready), 3),
        "ready_slowest_s": round(max(ready), 3),
        "idle_p99_ms": round(_p99(idle), 3),
        "beside_hostile_p99_ms": round(_p99(beside), 3),
        "beside_hostile": round(slower, 2),
        "hostile_ended_otherwise": ended,
        "load": round(os.getloadavg()[0], 1),
    }
    report["fine"] = (
        not differing
        and not ended
        and cost <= GOAL_COST
        and statistics.median(ready) <= GOAL_READY
        and slower <= GOAL_HOSTILE
    )
    return report


def in_words(report: dict[str, Any]) -> str:
    """The same for people, with the goals."""
    return (
        f"a point query through a worker costs {report['cost']} x the same in process (goal {GOAL_COST:g}): "
        f"{report['worker_ms']:.3f} against {report['in_process_ms']:.3f} ms, "
        f"{report['differing']} answers differ; "
        f"a worker is ready in {report['ready_s']} s (goal {GOAL_READY:g}); "
        f"beside two hostile queries the p99 of lookups is {report['beside_hostile']} x that of idle "
        f"(goal {GOAL_HOSTILE:g}): "
        f"{report['beside_hostile_p99_ms']:.2f} against {report['idle_p99_ms']:.2f} ms; "
        f"load of this machine {report['load']}"
    )


def _pool(path: Path, limits: Limits) -> Pool:
    return Pool("bpsgraph.store.answering.answering", {"store": str(path)}, readable=[path], limits=limits)


def _start(path: Path) -> float:
    start = time.perf_counter()
    with _pool(path, Limits().for_one()) as pool:
        pool.ready()
        return time.perf_counter() - start


def _queries(store: EmbeddedStore, seed: int, count: int) -> list[str]:
    rows = select(store, "SELECT DISTINCT ?s { ?s a ?class FILTER(isIRI(?s)) } ORDER BY ?s")
    things = [str(row["s"]) for row in rows]
    chosen = random.Random(seed)
    return [f"SELECT ?p ?o {{ {chosen.choice(things)} ?p ?o }} LIMIT 10" for _ in range(count)]


def _in_process(store: EmbeddedStore, text: str) -> bytes:
    with store.answering(text) as answer:
        assert isinstance(answer, pyoxigraph.QuerySolutions)
        return answer.serialize(format=pyoxigraph.QueryResultsFormat.JSON) or b""


def _asked(pool: Pool, text: str) -> bytes:
    arguments = {
        "query": text,
        "rows": "json",
        "triples": "turtle",
        "max_rows": 1_000,
        "max_bytes": 1_000_000,
    }
    with pool.run(arguments) as answer:
        return answer.read()


def _timed(times: list[float], queries: list[str], ask: Callable[[str], bytes]) -> list[bytes]:
    answers = []
    for text in queries:
        start = time.perf_counter()
        answers.append(ask(text))
        times.append((time.perf_counter() - start) * 1000)
    return answers


def _lookups(pool: Pool, queries: list[str]) -> list[float]:
    times: list[float] = []
    for text in queries:
        _timed(times, [text], lambda text: _asked(pool, text))
        # As people ask: not all at once.
        time.sleep(0.002)
    return times


def _hostile(pool: Pool, text: str, stop: threading.Event, ended: list[str]) -> None:
    while not stop.is_set():
        try:
            _asked(pool, text)
        except BpsError as error:
            if error.code != "query-timeout" and not stop.is_set():
                ended.append(error.code)


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
