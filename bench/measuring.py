"""What every measurement has in common: rows of the one table, runs in processes of their own, the machine.

Times are processor time (user and system), the median of runs that are interleaved, so that a busy spell of
the machine falls on all; wall time is beside it. Answers are compared before a row is made.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

HEADINGS = ("work", "ours", "peer", "ratio", "goal", "reached")
ENGINES = ("bpsgraph", "pyoxigraph", "pyshifty", "rdflib", "pyshacl", "numpy", "distributed")


@dataclass(frozen=True, slots=True)
class Row:
    """One goal: what took how long, beside what, and whether it is reached; None where that is not asked.

    `work` is what was done, of how much. Seconds are medians. `ratio` is how often the shorter fits into the
    longer, as the goal asks for it.
    """

    work: str
    contender: str
    seconds: float
    against: str = ""
    against_seconds: float | None = None
    ratio: float | None = None
    goal: str = ""
    reached: bool | None = None
    same: bool | None = None
    note: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row as it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: processor and wall seconds, MiB at its peak, and the JSON that it printed."""

    seconds: float
    wall: float
    peak: float
    said: Any


def run(call: Sequence[object], **environment: str) -> Run:
    """Run a process to its end; the last line that it prints is JSON. Raises `RuntimeError` where it fails.

    Where that JSON names `seconds` and `wall`, these count instead of those of the whole process.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in call], stdout=subprocess.PIPE, env=os.environ | environment, text=True
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - began
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{call[0]} ended with {process.returncode}: {' '.join(map(str, call))}")
    lines = output.strip().splitlines()
    try:
        said = json.loads(lines[-1]) if lines else None
    except ValueError:
        said = None
    seconds = usage.ru_utime + usage.ru_stime
    if isinstance(said, dict) and "seconds" in said:
        seconds, taken = float(said["seconds"]), float(said["wall"])
    return Run(seconds, taken, usage.ru_maxrss / 1024, said)


def interleaved(contenders: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """The runs of each contender, one of each in turn."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, once in contenders.items():
            runs[name].append(once())
            print(f"    {name}, {number + 1}/{rounds}: {runs[name][-1].seconds:.3f} s", file=sys.stderr)
    return runs


def median(runs: Sequence[Run]) -> float:
    """The median of the processor time, in seconds."""
    return statistics.median(one.seconds for one in runs)


def wall(runs: Sequence[Run]) -> float:
    """The median of the wall time, in seconds."""
    return statistics.median(one.wall for one in runs)


def peak(runs: Sequence[Run]) -> float:
    """The most memory of any of the runs, in MiB."""
    return max(one.peak for one in runs)


def duration(seconds: float) -> str:
    """Seconds in the unit that reads well."""
    if seconds < 0.01:
        return f"{1000 * seconds:.1f} ms"
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def cells(row: Mapping[str, Any]) -> tuple[str, str, str, str, str, str]:
    """What the table says of a row."""
    ours = f"{duration(row['seconds'])}: {row['contender']}"
    peer = row["against"]
    if row["against_seconds"] is not None:
        peer = f"{duration(row['against_seconds'])}: {peer}"
    if row["note"]:
        peer = f"{peer} ({row['note']})" if peer else row["note"]
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    reached = {True: "yes", False: "NO", None: ""}[row["reached"]]
    if row["same"] is False:
        reached = f"{reached} ANSWERS DIFFER".strip()
    return row["work"], ours, peer, ratio, row["goal"], reached


class Clock:
    """Processor and wall time of a part of this process, for what is printed as JSON."""

    def __init__(self) -> None:
        self.began, self.wall = time.process_time(), time.perf_counter()

    def taken(self) -> dict[str, float]:
        """`seconds` and `wall` since the clock was made."""
        return {"seconds": time.process_time() - self.began, "wall": time.perf_counter() - self.wall}


def own_peak() -> float:
    """The most memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> dict[str, Any]:
    """The size of the machine, how busy it is, and the versions of what is measured."""
    versions = {}
    for name in ENGINES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load": round(os.getloadavg()[0], 1),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "versions": versions,
    }
