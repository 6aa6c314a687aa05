"""`python -m faults.judged_files`: thousands of broken files read and judged; a line of JSON with what came of them.

A child judges them one after another and says each before and after; where it dies, the file is named and
another child goes on behind it. Refused in one sentence, or judged, is fine; anything else is a failure: a
traceback, a death, a sentence of several lines or without end, more time than the limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from bpsgraph.errors import InputError
from bpsgraph.sources import find_sources
from bpsgraph.uploads import Asked, Given, Said, judge
from bpsgraph.validation.desk import open_desk
from faults.broken_files import SUBMISSIONS, broken_file

SEED = 20261122
LIMIT = 20.0
"""Seconds of processor time for one file."""


def child(store: Path, seed: int, start: int, stop: int) -> None:
    """Judge the files from `start` to `stop`, with a line of JSON before and after each."""
    root = find_sources().root
    asked = Asked(
        store=store,
        sources=root,
        today=date(2026, 3, 1),
        reports=(("report", "json"),),
        jurisdiction="341722/2021",
    )
    with open_desk(store, root) as desk:
        for at in range(start, stop):
            file = broken_file(SUBMISSIONS[at % len(SUBMISSIONS)], seed, at)
            print(json.dumps({"at": at, "kind": file.kind, "name": file.name, "how": file.how}), flush=True)
            began = time.process_time()
            said = judged = 0
            failure = ""
            try:
                for item in judge(asked, [Given(file.name, file.content)], desk):
                    if isinstance(item, Said):
                        said += 1
                        failure = failure or _bad(item.error)
                    else:
                        judged += 1
            except InputError as error:
                said, failure = said + 1, _bad(error)
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
            seconds = time.process_time() - began
            if not failure and seconds > LIMIT:
                failure = f"took {seconds:.1f} s"
            outcome = (
                "failed" if failure else "refused" if not judged else "partly read" if said else "judged"
            )
            print(json.dumps({"outcome": outcome, "seconds": seconds, "failure": failure[:500]}), flush=True)


def _bad(error: Exception) -> str:
    words = str(error)
    return "" if "\n" not in words and len(words) < 2_500 else f"no sentence: {words[:200]!r}"


def run(store: Path, seed: int, number: int) -> dict[str, Any]:
    """What became of so many files."""
    outcomes: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    slowest = 0.0
    start = 0
    while start < number:
        words = [sys.executable, "-m", "faults.judged_files", "--child", str(start), "--number", str(number)]
        with tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                [*words, "--seed", str(seed), "--store", str(store)],
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            assert process.stdout is not None
            begun: dict[str, Any] | None = None
            for line in process.stdout:
                said = json.loads(line)
                if "at" in said:
                    begun = said
                    continue
                assert begun is not None
                outcomes[f"{begun['kind']} {said['outcome']}"] += 1
                slowest = max(slowest, said["seconds"])
                if said["failure"]:
                    failures.append(begun | said)
                start, begun = begun["at"] + 1, None
            code = process.wait()
            errors.seek(0)
            if begun is not None:
                outcomes[f"{begun['kind']} died"] += 1
                failures.append(begun | {"outcome": "died", "code": code, "failure": errors.read()[-500:]})
                start = begun["at"] + 1
            elif start < number:
                failures.append({"outcome": "no start", "code": code, "failure": errors.read()[-500:]})
                break
    return {
        "trial": "judged files",
        "seed": seed,
        "files": sum(outcomes.values()),
        "failures": failures,
        "slowest": round(slowest, 2),
        "outcomes": dict(sorted(outcomes.items())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults.judged_files", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--number", type=int, default=2_000)
    parser.add_argument("--store", type=Path, default=Path("build/store"))
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        child(given.store.resolve(), given.seed, given.child, given.number)
        return 0
    figure = run(given.store.resolve(), given.seed, given.number)
    print(json.dumps(figure, ensure_ascii=False))
    return 1 if figure["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
