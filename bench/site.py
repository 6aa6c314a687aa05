"""`python -m bench.site`: what the site costs, beside a bare Starlette with constants of the same sizes.

Both run as `bpsgraph serve` runs them, and are asked by the same client over connections that stay open, in
turns, so that a busy spell of the machine falls on both; medians count. Cached: documents that were asked for
before. Uncached: the server keeps nothing. Then 100,000 requests of all kinds to one server, and its memory.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.questions import store_of
from bpsgraph.store import open_store, select
from bpsgraph.terms import BASE
from served import Served, served, started

GOAL_CACHED = 0.5
GOAL_UNCACHED = 0.1
GOAL_P99 = 10.0
GOAL_MEMORY = 1.1
KINDS = {
    "Turtle": "text/turtle",
    "JSON-LD": "application/ld+json",
    "page": "text/html",
}
# As many as a first page or two of a popular place; all are asked for in turn.
CACHED = 100
# What a cache of one byte keeps.
NOTHING = {"BPSGRAPH_CACHE_SIZE": "1"}
# Small enough to be full when memory is looked at for the first time.
SMALL = {"BPSGRAPH_CACHE_SIZE": "8000000"}


def main() -> int:
    """Print what was measured, as JSON and in words; 1 where an answer was wrong or a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.site", description=main.__doc__)
    parser.add_argument("--size", choices=("county", "province"), default="province")
    parser.add_argument("--store", type=Path, help="a built store in place of a generated one")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument(
        "--documents", type=int, default=1_000, help="how many are drawn (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one turn (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=16, help="connections (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=100_000, help="for memory (default: %(default)s)")
    given = parser.parse_args()
    store = given.store or store_of(given.size, Path("build") / "bench")[0]
    documents, triples = drawn(store, given.seed, given.documents)
    report: dict[str, Any] = {
        "bench": "site",
        "triples": triples,
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "seed": given.seed,
        "clients": given.clients,
        "kinds": {},
    }
    with started(["-m", "bench.bare"]) as bare:
        for kind, media_type in KINDS.items():
            report["kinds"][kind] = compared(store, bare, documents, media_type, given)
            print(f"  {kind}: {json.dumps(report['kinds'][kind])}", file=sys.stderr)
    report["memory"] = memory(store, documents, given)
    report["load"] = round(os.getloadavg()[0], 1)
    report["fine"] = not missed(report)
    kept = Path("build") / "bench" / "site.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report))
    print(in_words(report))
    return 0 if report["fine"] else 1


def drawn(store: Path, seed: int, count: int) -> tuple[list[str], int]:
    """So many paths of documents of the things in the store, by the seed, and how many triples it holds."""
    with open_store(store) as opened:
        ours = f'FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{BASE}"))'
        rows = select(opened, f"SELECT DISTINCT ?s {{ ?s a ?class {ours} }} ORDER BY ?s")
        things = [row["s"].value for row in rows]  # type: ignore[union-attr]
        chosen = random.Random(seed).sample(things, min(count, len(things)))
        return ["/doc/" + thing.removeprefix(BASE) for thing in chosen], len(opened)


def compared(
    store: Path, bare: Served, documents: list[str], media_type: str, given: argparse.Namespace
) -> dict[str, Any]:
    """Requests a second of the site and of the bare route in turns, cached and not."""
    found: dict[str, Any] = {}
    for name, settings, paths in (
        ("cached", {}, documents[:CACHED]),
        ("uncached", NOTHING, documents),
    ):
        with served(store, **settings) as site:
            sizes = [len(fetched(site, path, media_type)) for path in paths]
            ours: list[dict[str, Any]] = []
            theirs: list[dict[str, Any]] = []
            constants = [f"/{size}" for size in sizes]
            for _ in range(given.rounds):
                theirs.append(load(bare, constants, media_type, given, seconds=given.seconds))
                ours.append(load(site, paths, media_type, given, seconds=given.seconds))
            rate, bare_rate = (_median(runs, "per_second") for runs in (ours, theirs))
            found[name] = {
                "bytes": round(statistics.mean(sizes)),
                "per_second": round(rate),
                "bare_per_second": round(bare_rate),
                "ratio": round(rate / bare_rate, 2),
                "p50_ms": round(_median(ours, "p50_ms"), 2),
                "p99_ms": round(_median(ours, "p99_ms"), 2),
                "p99": round(statistics.median(run["p99_ms"] / run["p50_ms"] for run in ours), 1),
                "client_share": round(max(_median(runs, "client_share") for runs in (ours, theirs)), 2),
                "wrong": sum(
                    count for run in ours for status, count in run["statuses"].items() if status != "200"
                ),
            }
    return found


def memory(store: Path, documents: list[str], given: argparse.Namespace) -> dict[str, Any]:
    """The memory of one server after a tenth of the requests and after all, in millions of bytes."""
    others = [
        "/",
        "/nothing/here",
        "/queries",
        "/static/site.css",
        "/queries/gaps/missing-items?jurisdiction=140500",
    ]
    with served(store, **SMALL) as site:
        seen = []
        for number in (given.requests // 10, given.requests - given.requests // 10):
            for kind, media_type in enumerate(KINDS.values()):
                mixed = [*documents[kind::2], *others]
                load(site, mixed, media_type, given, requests=number // len(KINDS))
            seen.append(site.memory())
    before, after = seen
    return {
        "requests": given.requests,
        "tenth_mb": round(before / 1e6, 1),
        "all_mb": round(after / 1e6, 1),
        "ratio": round(after / before, 3),
    }


def fetched(site: Served, path: str, media_type: str) -> bytes:
    """The body of an answer, as it is without compression; raises where it is no 200."""
    asked = HTTPConnection(site.host, site.port, timeout=60)
    try:
        asked.request("GET", path, headers={"Accept": media_type})
        answer = asked.getresponse()
        body = answer.read()
    finally:
        asked.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} as {media_type}: {answer.status}: {body[:300]!r}")
    return body


def load(
    server: Served, paths: list[str], media_type: str, given: argparse.Namespace, **until: float
) -> dict[str, Any]:
    """What the client saw, which is a process of its own."""
    asked = {
        "host": server.host,
        "port": server.port,
        "paths": paths,
        "headers": {"Accept": media_type},
        "clients": given.clients,
        **until,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def missed(report: dict[str, Any]) -> list[str]:
    """The goals that are missed."""
    found = []
    for kind, both in report["kinds"].items():
        for name, goal in (("cached", GOAL_CACHED), ("uncached", GOAL_UNCACHED)):
            one = both[name]
            if one["ratio"] < goal:
                found.append(f"{kind}, {name}: {one['ratio']} x the bare route (goal {goal})")
            if one["p99"] > GOAL_P99:
                found.append(f"{kind}, {name}: p99 is {one['p99']} x the median (goal {GOAL_P99:g})")
            if one["wrong"]:
                found.append(f"{kind}, {name}: {one['wrong']} answers were not 200")
    if report["memory"]["ratio"] > GOAL_MEMORY:
        found.append(f"memory grew to {report['memory']['ratio']} x (goal {GOAL_MEMORY})")
    return found


def in_words(report: dict[str, Any]) -> str:
    """The same for people, with the goals."""
    lines = []
    lines.append(
        f"{report['triples']:,} triples, {report['machine']}, {report['clients']} connections, "
        f"load {report['load']}; goals: cached {GOAL_CACHED} x, uncached {GOAL_UNCACHED} x the bare route, "
        f"p99 within {GOAL_P99:g} x the median, memory within {GOAL_MEMORY} x"
    )
    for kind, both in report["kinds"].items():
        for name, one in both.items():
            lines.append(
                f"{kind}, {name}: {one['per_second']:,} against {one['bare_per_second']:,} requests/s of "
                f"{one['bytes']:,} bytes: {one['ratio']} x; p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms "
                f"({one['p99']} x)"
            )
    at = report["memory"]
    lines.append(
        f"memory after {at['requests'] // 10:,} requests {at['tenth_mb']} MB, "
        f"after {at['requests']:,} {at['all_mb']} MB: {at['ratio']} x"
    )
    return "\n".join([*lines, *(f"MISSED: {one}" for one in missed(report))])


def _median(runs: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(run[name] for run in runs))


if __name__ == "__main__":
    sys.exit(main())
