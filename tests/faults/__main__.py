"""`python -m faults [FAULT …]`: tries faults on the real thing; a line of JSON and one in words for each."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from faults import (
    bit_rot,
    clock,
    cluster_kills,
    counting,
    crash_points,
    crowd,
    full_disk,
    kills,
    limits,
    power_cut,
    restores,
    signals,
    worker_kills,
)
from faults.hamlet import Hamlet, hamlet
from faults.trial import Figure, apart

Trial = Callable[[Hamlet, Path, Path, int, int], Figure]
# What is tried, and how often in the long form and in the short one.
FAULTS: dict[str, tuple[Trial, int, int]] = {
    "kills": (kills.run, 500, 4),
    "crash-points": (crash_points.run, 300, 6),
    "counting": (counting.run, 2_000, 20),
    "full-disk": (full_disk.run, 50, 4),
    "bit-rot": (bit_rot.run, 250, 3),
    "crowd": (crowd.run, 200, 5),
    "signals": (signals.run, 140, 3),
    "limits": (limits.run, 1_000, 2),
    "worker-kills": (worker_kills.run, 1_000, 3),
    "cluster-kills": (cluster_kills.run, 30, 3),
    "clock": (clock.run, 24, 3),
    "power-cut": (power_cut.run, 100, 6),
    "restores": (restores.run, 500, 6),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("fault", nargs="*", choices=[*FAULTS, []], help="which to try (default: all)")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--count", type=int, help="how often, in place of the long form's number")
    parser.add_argument("--short", action="store_true", help="the short form, as in the tests")
    parser.add_argument("--work", type=Path, help="the folder to work in (default: a temporary one)")
    parser.add_argument("--world", type=Path, help="a folder with sources/ and store/ made before")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="faults-", dir=given.work))
    work.chmod(0o755)
    try:
        world = given.world or make(work / "world")
        village = Hamlet(world / "sources")
        village.warm()
        fine = True
        for name in given.fault or FAULTS:
            trial, long, short = FAULTS[name]
            count = given.count or (short if given.short else long)
            folder = work / name
            folder.mkdir()
            began = time.monotonic()
            figure = trial(village, world / "store", folder, given.seed, count)
            figure.seconds = time.monotonic() - began
            print(figure.as_json(), flush=True)
            print(figure.as_words(), flush=True)
            fine = fine and figure.whole
            shutil.rmtree(folder)
        return 0 if fine else 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


def make(world: Path) -> Path:
    """The world that all trials begin from, in a folder."""
    world.mkdir(parents=True)
    made = hamlet(world / "sources")
    apart(lambda: made.build(world / "store"))
    return world


if __name__ == "__main__":
    sys.exit(main())
