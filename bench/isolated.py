"""`python -m bench.isolated`: what it costs to judge the file of a county in a warm worker.

Prints one line of JSON: the shortest of so many turns in the worker and in this process, in milliseconds.
"""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path

from bpsgraph.engine.limits import Limits
from bpsgraph.sources import find_sources
from bpsgraph.uploads import Asked, Given, judge
from bpsgraph.uploads.isolation import IsolatedJudge
from bpsgraph.validation.desk import open_desk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.isolated", description=__doc__)
    parser.add_argument("--store", type=Path, default=Path("build/store"))
    parser.add_argument("--file", type=Path, default=find_sources().root / "data/ttl/local/371323-2021.ttl")
    parser.add_argument("--turns", type=int, default=20)
    given = parser.parse_args()
    sources = find_sources().root
    asked = Asked(store=given.store, sources=sources, today=date(2026, 3, 1), reports=(("shown", "json"),))
    file = Given(given.file.name, given.file.read_bytes())
    times: dict[str, list[float]] = {"in_process": [], "isolated": []}
    limits = Limits(workers=1, spare=0)
    began = time.perf_counter()
    with (
        open_desk(given.store, sources) as desk,
        IsolatedJudge(given.store, sources, limits=limits) as isolated,
    ):
        isolated.ready()
        ready = time.perf_counter() - began
        for turn in range(given.turns + 1):
            for name in times:
                began = time.perf_counter()
                items = judge(asked, [file], desk) if name == "in_process" else isolated.judge(asked, [file])
                for _ in items:
                    pass
                if turn:  # The first of each is not warm.
                    times[name].append(time.perf_counter() - began)
    least = {name: min(taken) for name, taken in times.items()}
    figures = {name: round(1000 * taken, 1) for name, taken in least.items()}
    ratio = round(least["isolated"] / least["in_process"], 2)
    print(json.dumps({"file": file.name, **figures, "ratio": ratio, "ready_seconds": round(ready, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
