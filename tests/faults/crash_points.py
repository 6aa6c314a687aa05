"""kill -9 before and after every step of a change that reaches the disk, one after the other, none left out.

The steps are the calls of the system that a change makes: files forced to the disk, renamed, linked, made and
taken away. They are counted in a whole run; then a process is killed at each.
"""

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bpsgraph.errors import Withdrawn
from faults.bit_rot import graphs_of
from faults.hamlet import DATASET, Hamlet
from faults.kills import Change, entries_of, perform
from faults.trial import Child, Figure, Say, apart, bpsgraph, side_by_side

PARTS = 4
STEPS = ("fsync", "rename", "replace", "link", "unlink", "mkdir", "rmdir")
KINDS = (
    Change("accept", 7, "371323/2021"),
    Change("withdraw", 8, "371323/2022"),
    Change("figures", 9, DATASET),
    Change("build", 10),
)


def counted(say: Say, fatal: int) -> None:
    """Say every step, and die at one of them, counted from 1, before it or after it."""
    seen = 0

    def wrapped(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            nonlocal seen
            for moment in ("before", "after"):
                seen += 1
                if seen == fatal:
                    os.kill(os.getpid(), signal.SIGKILL)
                if moment == "before":
                    answer = function(*arguments, **named)
                say(f"step {moment} {name}")
            return answer

        return step

    for name in STEPS:
        setattr(os, name, wrapped(name, getattr(os, name)))


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("a crash at a chosen step", seed, "steps left the state before or after, and went on")
    chance = Random(f"{seed} steps")
    begin = work / "begin"
    begin.mkdir()
    shutil.copytree(base, begin / "store")
    first = Change("accept", 1, "371323/2022")
    apart(lambda: perform(first, hamlet, begin / "store", work))
    points: list[tuple[Change, int, str]] = []
    wanted: dict[str, dict[str, str]] = {}
    before = graphs_after(begin)
    for change in KINDS if count >= 4 * len(KINDS) else KINDS[:1]:
        folder = work / "whole"
        shutil.copytree(begin, folder)
        steps, code = attempt(change, hamlet, folder, 0)
        assert code == 0, change
        wanted[change.kind] = graphs_after(folder)
        shutil.rmtree(folder)
        points += [(change, number, step) for number, step in enumerate(steps, 1)]
        figure.seen[f"steps_of_{change.kind}"] = len(steps)
    chosen = chance.sample(points, min(count, len(points)))

    def part(first: int, figure: Figure) -> None:
        for change, fatal, step in chosen[first::PARTS]:
            folder = work / f"crashed-{first}"
            shutil.copytree(begin, folder)
            problems = crashed(change, hamlet, folder, fatal, before, wanted[change.kind], figure)
            figure.trial(f"{change.kind} {step} ({fatal})", problems)
            shutil.rmtree(folder)

    side_by_side(figure, [partial(part, first) for first in range(min(PARTS, count))])
    return figure


def graphs_after(folder: Path) -> dict[str, str]:
    return dict(apart(lambda: graphs_of(folder / "store")))


def attempt(change: Change, hamlet: Hamlet, folder: Path, fatal: int) -> tuple[list[str], int]:
    """The steps that a change took in a process of its own, and how that ended."""

    def job(say: Say) -> None:
        counted(say, fatal)
        perform(change, hamlet, folder / "store", folder)
        say("acknowledged")

    child = Child(job)
    said = list(child.lines())
    return [line.removeprefix("step ") for line in said if line.startswith("step ")], child.wait()


def complete(change: Change, hamlet: Hamlet, folder: Path) -> None:
    """Do again what a crash cut short; what holds by then is refused the second time."""
    with suppress(Withdrawn):
        perform(change, hamlet, folder / "store", folder)


def crashed(
    change: Change,
    hamlet: Hamlet,
    folder: Path,
    fatal: int,
    before: dict[str, str],
    after: dict[str, str],
    figure: Figure,
) -> list[str]:
    """What is wrong after a crash at that step."""
    store = folder / "store"
    steps, code = attempt(change, hamlet, folder, fatal)
    # How many files the engine keeps, and with them the steps that take them away, differs a little.
    is_over = code == 0 and len(steps) < fatal
    problems = [] if code == -signal.SIGKILL or is_over else [f"it ended with {code}"]
    figure.count("had_fewer_steps", int(is_over))
    problems += apart(lambda: entries_of(store))["problems"]
    found = apart(lambda: graphs_of(store))
    if found not in (before, after):
        problems.append("the store is neither as before nor as after")
    if is_over and found != after:
        problems.append("it was acknowledged and is not there")
    figure.count("seen_after", int(found == after))
    apart(lambda: complete(change, hamlet, folder))
    if apart(lambda: graphs_of(store)) != after:
        problems.append("the next process did not complete it")
    doctor = bpsgraph("doctor", places={"store": store, "sources": hamlet.root})
    if doctor.code:
        problems.append(f"doctor ended with {doctor.code}: {doctor.out[-400:]}{doctor.err[-300:]}")
    return problems
