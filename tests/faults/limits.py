"""Too little of everything, and stores in odd places: a sentence and an exit code, and then all is as before.

The limits are those of the system (`setrlimit`), the places are real: a file system that may only be read, a
store of another user, one without permissions, one that was moved or is reached through a link.
"""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faults.full_disk import used
from faults.hamlet import Hamlet, catalogue
from faults.kills import entries_of, seen_in
from faults.trial import Answer, Figure, apart, bpsgraph

NOBODY = 65_534
ACCEPTANCES = 60
MEGABYTE = 1 << 20
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@dataclass(frozen=True)
class Case:
    """A command under a limit, the codes it may end in, and words of which one must be said then."""

    name: str
    command: str
    codes: frozenset[int]
    limit: Callable[[], None] = lambda: None
    words: tuple[str, ...] = ()


def at_most(kind: int, value: int, *, as_nobody: bool = False) -> Callable[[], None]:
    """Set a limit; those of processes and permissions do not bind the superuser, who steps down first."""

    def limit() -> None:
        if as_nobody:
            step_down()
        resource.setrlimit(kind, (value, value))

    return limit


def step_down() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def limits() -> Iterator[Case]:
    """Each limit for a command that reads and one that writes."""
    either = frozenset({0, 3})
    for command in ("sparql", "accept", "validate", "build", "doctor"):
        may = either | ({1} if command == "doctor" else set())
        for number in (64, 32, 16):
            yield Case(f"{number} open files", command, may, at_most(resource.RLIMIT_NOFILE, number))
        for size in (1_000, 500, 300, 200):
            limit = at_most(resource.RLIMIT_AS, size * MEGABYTE)
            yield Case(f"{size} MB of addresses", command, may, limit)
        limit = at_most(resource.RLIMIT_NPROC, 1, as_nobody=True)
        yield Case("one process", command, may, limit)
        yield Case("a stack of 256 kB", command, may, at_most(resource.RLIMIT_STACK, 256 << 10))


class Place:
    """A store with its journal in a folder, and what was accepted in it."""

    def __init__(self, hamlet: Hamlet, base: Path, folder: Path) -> None:
        self.hamlet = hamlet
        self.folder = folder
        self.store = folder / "store"
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        shutil.copytree(base, self.store)
        self.number = 0

    def ask(
        self, command: str, limit: Callable[[], None] = lambda: None, store: Path | None = None
    ) -> Answer:
        self.number += 1
        file = catalogue(self.folder, self.number)
        file.chmod(0o644)
        arguments: dict[str, list[str | Path]] = {
            "sparql": ["sparql", COUNT],
            "accept": ["accept", file, "--by", "王芳", "--as-of", "2026-03-01"],
            "validate": ["validate", file, "--as-of", "2026-03-01", "--summary"],
            "build": ["build"],
            "doctor": ["doctor"],
        }
        places = {"store": store or self.store, "sources": self.hamlet.root, "lang": "en"}
        answer = bpsgraph(*arguments[command], places=places, before=limit)
        file.unlink()
        return answer

    def open_to_all(self) -> None:
        """Let every user write here."""
        for path in self.folder.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o777 if path.is_dir() else 0o666)

    def problems(self, store: Path | None = None) -> list[str]:
        """What is wrong with it now."""
        place = store or self.store
        found, journal = apart(lambda: seen_in(place)), apart(lambda: entries_of(place.resolve()))
        problems = [*found["half"], *journal["problems"]]
        doctor = self.ask("doctor", store=place)
        if doctor.code:
            problems.append(f"doctor ended with {doctor.code}: {doctor.out[-300:]}{doctor.err[-300:]}")
        return problems


def judged(answer: Answer, codes: frozenset[int], words: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with how a command ended."""
    problems = list(answer.problems)
    if answer.code not in codes and not problems:
        problems.append(f"it ended with {answer.code}: {answer.err[-300:]}")
    if answer.code in (2, 3) and not answer.err.strip().splitlines()[-1].startswith("error: "):
        problems.append(f"it said {answer.err!r}")
    if words and not any(word in answer.err for word in words):
        problems.append(f"it said {answer.err!r}")
    return problems


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("too little of something, and odd places", seed, "ended in a sentence and lost nothing")
    cases = list(limits())
    step = max(1, len(cases) // count)
    place = Place(hamlet, base, work / "limits")
    for case in cases[::step]:
        if "one process" in case.name and os.getuid() == 0:
            place.open_to_all()
        answer = place.ask(case.command, case.limit)
        figure.count(f"exit_{answer.code}")
        problems = judged(answer, case.codes, case.words)
        again = place.ask(case.command)
        if again.code not in case.codes - {3}:
            problems.append(f"without the limit it ended with {again.code}: {again.err[-200:]}")
        figure.trial(f"{case.command} with {case.name}", problems + place.problems())
    for name, trial in PLACES.items():
        figure.trial(name, trial(Place(hamlet, base, work / name.replace(" ", "-"))))
    changes = ACCEPTANCES if count >= len(cases) else 6
    figure.most("most_used_of_live", pruned(Place(hamlet, base, work / "pruned"), figure, changes))
    return figure


def moved(place: Place) -> list[str]:
    """A store moved with its journal works as before."""
    problems = judged(place.ask("accept"), frozenset({0}))
    target = place.folder / "elsewhere"
    target.mkdir()
    for name in ("store", "store.journal"):
        (place.folder / name).rename(target / name)
    for command in ("sparql", "accept"):
        problems += judged(place.ask(command, store=target / "store"), frozenset({0}))
    return problems + place.problems(target / "store")


def linked(place: Place) -> list[str]:
    """A store reached through a link is the store itself, with its journal, its lock and its build."""
    link = place.folder / "link"
    link.symlink_to(place.store)
    problems = []
    for command in ("accept", "sparql", "build", "accept"):
        problems += judged(place.ask(command, store=link), frozenset({0}))
    if not link.is_symlink():
        problems.append("the link was replaced")
    if (place.folder / "link.journal").exists():
        problems.append("the link has a journal of its own")
    return problems + place.problems()


@contextmanager
def read_only(folder: Path) -> Iterator[bool]:
    """The folder on a mount that may only be read; gives whether that could be done."""
    bound = not subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode
    try:
        yield (
            bound
            and not subprocess.run(["mount", "-o", "remount,ro,bind", folder], capture_output=True).returncode
        )
    finally:
        if bound:
            subprocess.run(["umount", "--lazy", folder], check=True)


def on_read_only_mount(place: Place) -> list[str]:
    """Reading works where nothing can be written; what writes says that it cannot."""
    problems = judged(place.ask("accept"), frozenset({0}))
    drafts = place.folder / "drafts"
    drafts.mkdir()
    file = catalogue(drafts, 99)
    with read_only(place.folder) as mounted:
        if not mounted:
            return problems
        places = {"store": place.store, "sources": place.hamlet.root, "lang": "en"}
        for arguments, codes in (
            (["sparql", COUNT], {0}),
            (["validate", file, "--as-of", "2026-03-01"], {0}),
            (["doctor"], {0}),
            (["accept", file, "--as-of", "2026-03-01"], {3}),
            (["withdraw", "371323/2021"], {3}),
            (["build"], {2, 3}),
        ):
            answer = bpsgraph(*arguments, places=places)
            problems += [f"{arguments[0]}: {p}" for p in judged(answer, frozenset(codes))]
    return problems + place.problems()


def of_another_user(place: Place) -> list[str]:
    """A store that others may read can be read by them, and not changed."""
    if os.getuid():
        return []
    problems = judged(place.ask("accept"), frozenset({0}))
    for path in [*place.folder.rglob("*"), place.folder]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for command, codes in (("sparql", {0}), ("validate", {0}), ("accept", {3}), ("build", {2, 3})):
        if command == "sparql" and not interpreter_is_open():
            continue
        answer = place.ask(command, step_down)
        problems += [f"{command}: {p}" for p in judged(answer, frozenset(codes))]
    return problems + place.problems()


def interpreter_is_open() -> bool:
    """Whether other users can start this Python; where they cannot, neither can their commands start workers."""
    place = Path(sys.executable).resolve()
    return all(path.stat().st_mode & 0o001 for path in (place, *place.parents))


def without_permissions(place: Place) -> list[str]:
    """A store that may not even be listed is said to be so, and is not taken for none."""
    problems = judged(place.ask("accept"), frozenset({0}))
    place.store.chmod(0)
    for command in ("sparql", "accept", "build", "doctor"):
        answer = place.ask(command, step_down)
        problems += [f"{command}: {p}" for p in judged(answer, frozenset({2, 3}), ("ermission",))]
    place.store.chmod(0o755)
    return problems + place.problems()


PLACES = {
    "a store that was moved": moved,
    "a store behind a link": linked,
    "a read-only file system": on_read_only_mount,
    "a store of another user": of_another_user,
    "a store without permissions": without_permissions,
}


def pruned(place: Place, figure: Figure, changes: int) -> float:
    """How much more disk a store takes after many changes than after a build of the same content."""
    for _ in range(changes):
        place.ask("accept")
    taken = used(place.store)
    files = sum(1 for path in place.store.rglob("*") if path.is_file())
    place.ask("build")
    live = used(place.store)
    figure.seen["files_after_changes"] = files
    share = taken / live
    problems = [] if share <= 2 else [f"{taken:,} bytes, {live:,} after a build"]
    figure.trial(f"{changes} changes", problems + place.problems())
    return share
