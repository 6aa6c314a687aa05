"""A disk that fills up: a change succeeds or is refused in a sentence, and nothing is lost either way.

The store and its journal lie on a small tmpfs that is filled to a different level before each change; where
this may not be mounted, and a few times everywhere, a limit on the size of files takes its place.
"""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from bpsgraph.building import build
from faults.hamlet import Hamlet, catalogue
from faults.kills import entries_of, same_graphs, seen_in
from faults.trial import Answer, Figure, apart, bpsgraph

COMMANDS = ("accept", "accept", "build", "withdraw")
MEGABYTE = 1 << 20


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A tmpfs of so many bytes in a folder; gives whether it could be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = (
        shutil.which("mount") is not None and not subprocess.run(command, capture_output=True).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Ballast:
    """A file that leaves so many bytes of a disk."""

    def __init__(self, folder: Path, free: int) -> None:
        self._file = folder / "ballast"
        with self._file.open("wb") as file:
            space = os.statvfs(folder)
            file.write(b"\0" * max(0, space.f_bavail * space.f_frsize - free))

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        self._file.unlink()


@contextmanager
def limited(size: int) -> Iterator[Callable[[], None]]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    yield limit


def used(folder: Path) -> int:
    return sum(file.lstat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("a full disk", seed, "fill levels lost nothing and went on once there was space")
    chance = Random(f"{seed} disk")
    place = work / "disk"
    # As much as three stores, so that a store and its successor have room, and some levels do not hinder.
    room = max(16 * MEGABYTE, 6 * used(base))
    with small_disk(place, room) as mounted:
        figure.seen["tmpfs"] = mounted
        store = place / "store"
        shutil.copytree(base, store)
        # From none to what the store takes twice, in another order than that of size.
        levels = [int(2 * used(store) * step / max(1, count - 1)) for step in range(count)]
        chance.shuffle(levels)
        held: dict[str, int] = {}
        entries = 0
        for trial in range(count):
            kind = "accept" if not trial else chance.choice(COMMANDS)
            if kind == "withdraw" and not held:
                kind = "accept"
            by_disk = mounted and trial % 6 != 5
            level = levels[trial]
            file = catalogue(work, trial, "2021")
            arguments: dict[str, list[str | Path]] = {
                "accept": ["accept", file, "--by", "王芳", "--as-of", "2026-03-01"],
                "build": ["build"],
                "withdraw": ["withdraw", "371323/2021", "--by", "王芳"],
            }

            def ask(before: Callable[[], None] = lambda: None, given: Any = arguments[kind]) -> Answer:
                places = {"store": store, "sources": hamlet.root, "lang": "en"}
                return bpsgraph(*given, places=places, before=before)

            if by_disk:
                with Ballast(place, level):
                    answer = ask()
                    problems = reading(store, held, entries)
            else:
                with limited(level) as limit:
                    answer = ask(limit)
                    problems = reading(store, held, entries)
            problems += answer.problems
            figure.count(f"exit_{answer.code}")
            if answer.code not in (0, 3):
                problems.append(f"{kind} ended with {answer.code}: {answer.err[-300:]}")
            if answer.code == 3 and not answer.err.startswith("error: "):
                problems.append(f"{kind} said {answer.err!r}")
            began = time.monotonic()
            again = ask()
            figure.most("slowest_afterwards_s", time.monotonic() - began)
            # What was acknowledged on the full disk is not withdrawn twice.
            if again.code not in ((0, 2) if (kind, answer.code) == ("withdraw", 0) else (0,)):
                problems.append(f"with space {kind} ended with {again.code}: {again.err[-300:]}")
            if kind == "accept":
                held = {"371323/2021": trial}
            elif kind == "withdraw":
                held = {}
            entries += kind != "build"
            file.unlink()
            problems += reading(store, held, entries, settled=True)
            doctor = bpsgraph("doctor", places={"store": store, "sources": hamlet.root})
            if doctor.code:
                problems.append(f"doctor ended with {doctor.code}: {doctor.out[-400:]}{doctor.err[-300:]}")
            figure.trial(f"{kind} with {level:,} bytes {'free' if by_disk else 'a file'}", problems)
        anew = work / "anew"
        apart(lambda: build_from(hamlet, anew, place / "store.journal"))
        figure.most("most_used_of_live", used(store) / used(anew))
        if differing := apart(lambda: same_graphs(store, anew)):
            figure.trial("in the end", [f"other than a build: {differing}"])
    return figure


def build_from(hamlet: Hamlet, store: Path, journal: Path) -> None:
    build(store, hamlet.sources, journal=journal)


def reading(store: Path, held: dict[str, int], entries: int, *, settled: bool = False) -> list[str]:
    """What is wrong with what a reader finds while the disk is full, or afterwards (`settled`)."""
    try:
        found = apart(lambda: seen_in(store))
        journal = apart(lambda: entries_of(store))
    except RuntimeError as error:
        return [f"it cannot be read: {error}"]
    problems = [*found["half"], *journal["problems"]]
    if settled and (found["state"] != held or journal["entries"] != entries):
        problems.append(f"{found['state']} by {journal['entries']} entries, not {held} by {entries}")
    if not settled and journal["entries"] not in (entries, entries + 1):
        problems.append(f"{journal['entries']} entries, {entries} were acknowledged")
    return problems
