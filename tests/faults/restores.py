"""kill -9 before and after every step of a restore: whoever writes next finds the old store or the new, whole.

The store is behind the backup, ahead of it, or has gone another way since; it is of a few triples only.
"""

import shutil
import signal
from pathlib import Path
from random import Random
from typing import Any

from bpsgraph.store.backup import back_up
from bpsgraph.store.restoring import restore
from faults.crash_points import counted
from faults.hamlet import Hamlet
from faults.trial import Child, Figure, Say, apart
from small_store import SmallStore

CASES = ("behind", "ahead", "apart")
ONE, TWO, THREE, NEXT = "140500/2021", "530127/2020", "341722/2021", "999999/2021"


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("a crash in a restore", seed, "steps left the old store or the new, and went on")
    states: dict[str, list[dict[str, str]]] = {}
    points: list[tuple[str, int, str]] = []
    for case in CASES:
        states[case] = apart(lambda case=case: prepared(work / case, case))  # type: ignore[misc]
        steps, code = attempt(work / case, work / "whole", 0)
        assert code == 0, case
        points += [(case, number, step) for number, step in enumerate(steps, 1)]
        figure.seen[f"steps_{case}"] = len(steps)
        shutil.rmtree(work / "whole")
    chance = Random(f"{seed} restores")
    ended: dict[str, list[int]] = {case: [] for case in CASES}
    for case, fatal, step in sorted(chance.sample(points, min(count, len(points)))):
        place = work / "killed"
        _, code = attempt(work / case, place, fatal)
        problems = [] if code == -signal.SIGKILL else [f"it ended with {code}"]
        found = apart(lambda place=place: what_is_there(place))  # type: ignore[misc]
        problems += found["problems"]
        if found["labels"] not in states[case]:
            problems.append(f"readers saw {found['labels']}")
        then = [state | {NEXT: "次"} for state in states[case]]
        if found["then"] in then:
            ended[case].append(then.index(found["then"]))
        else:
            problems.append(f"the next change left {found['then']}")
        if ended[case] != sorted(ended[case]):
            problems.append("it was the new one after an earlier step already")
        figure.trial(f"{case}, {step} ({fatal})", problems)
        figure.count("ended_new", ended[case][-1] if ended[case] else 0)
        shutil.rmtree(place)
    return figure


def prepared(folder: Path, case: str) -> list[dict[str, str]]:
    """Make a store and a backup in the folder; gives what is in the one and in the other."""
    folder.mkdir()
    old, other = SmallStore(folder / "old"), SmallStore(folder / "other")
    old.folder.mkdir()
    old.build()
    old.accept(ONE, "一")
    shutil.copytree(old.folder, other.folder)
    if case != "ahead":
        other.accept(TWO, "新")
    if case != "behind":
        old.accept(TWO, "旧")
        old.accept(THREE, "旧")
    back_up(other.store, other.journal, folder / "backup")
    return [old.labels(), other.labels()]


def attempt(begin: Path, place: Path, fatal: int) -> tuple[list[str], int]:
    """The steps that a restore took in a process of its own that was killed at one of them, and how it ended."""
    shutil.copytree(begin / "old", place)

    def job(say: Say) -> None:
        counted(say, fatal)
        small = SmallStore(place)
        restore(begin / "backup", small.store, small.journal, replace=True)

    child = Child(job)
    said = list(child.lines())
    return [line.removeprefix("step ") for line in said if line.startswith("step ")], child.wait()


def what_is_there(place: Path) -> dict[str, Any]:
    """What a reader finds, and what there is after the next change."""
    small = SmallStore(place)
    labels = small.labels()
    number = small.accept(NEXT, "次")
    problems = small.problems()
    if number != len(small.journal.entries()):
        problems.append(f"entry {number} is not the last")
    problems += [f"{path.name} is left" for path in place.iterdir() if path.name.startswith(".")]
    return {"labels": labels, "then": small.labels(), "problems": problems}
