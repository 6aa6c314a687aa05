"""The power goes at a random moment of real commands: what they acknowledged is there afterwards.

strace sees every call of the commands; a model of the disk keeps what was forced to it up to the cut, and in every
second trial, by chance, some of the rest. On what is left the next change must go through, and the journal,
its copies and the generation must be whole.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from random import Random
from typing import Any

from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.generations import Generations
from bpsgraph.store.journal import Journal, journal_of
from faults.bit_rot import graphs_of
from faults.disk import Call, Disk, calls_of
from faults.hamlet import Hamlet, catalogue
from faults.trial import Figure, apart

Traced = list[tuple[Call, int]]
_ENTRY = re.compile(rb"([0-9]+)( |$)")


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("a power cut", seed, "cuts lost nothing acknowledged and left nothing half")
    if shutil.which("strace") is None:
        raise SystemExit("strace is not installed, and without it nobody sees what reaches the disk")
    place = work / "place"
    place.mkdir()
    shutil.copytree(base, place / "store")
    disk = Disk(place)
    states = [apart(lambda: graphs_of(place / "store"))]
    commands: list[list[Any]] = [
        ["accept", catalogue(work, 1), "--by", "王芳", "--as-of", "2026-03-01"],
        ["accept", catalogue(work, 2), "--by", "王芳", "--as-of", "2026-03-01"],
        ["withdraw", "371323/2021", "--by", "李强"],
    ]
    calls: Traced = []
    for command in commands:
        calls += traced(command, hamlet, place, work / "log")
        states.append(apart(lambda: graphs_of(place / "store")))
    figure.trial("fsync precedes what others may see", out_of_order(calls, place / "store"))
    entries = [entry.hash for entry in Journal(journal_of(place / "store")).entries()]
    moments = [at for at, (call, _) in enumerate(calls) if concerns(call, place)]
    chance = Random(f"{seed} power")
    # Just after each acknowledgement, and anywhere.
    certain = [at for at in range(1, len(calls)) if calls[at][1] > calls[at - 1][1]]
    cuts = sorted([*certain, *chance.choices(moments, k=max(0, count - len(certain)))])
    figure.seen["calls"] = len(moments)
    done = 0
    for trial, cut in enumerate(cuts):
        for call, _ in calls[done : cut + 1]:
            disk.do(call)
        done = cut + 1
        left = work / "left"
        disk.after_power_cut(left, chance if trial % 2 else None)
        acknowledged = calls[cut][1]
        try:
            found = apart(lambda left=left: what_is_left(left, hamlet))  # type: ignore[misc]
            problems = judged(found, states, entries, acknowledged)
        except RuntimeError as error:
            problems = [f"what is left cannot be used: {error}"]
        figure.trial(f"cut {cut} of {len(calls)}", problems)
        figure.count("acknowledged_by_then", acknowledged)
        shutil.rmtree(left)
    return figure


def traced(command: list[Any], hamlet: Hamlet, place: Path, log: Path) -> Traced:
    """The calls of a command, each with the number of the newest entry that was acknowledged by then."""
    entries = Journal(journal_of(place / "store")).entries()
    places = {"BPSGRAPH_STORE": str(place / "store"), "BPSGRAPH_SOURCES": str(hamlet.root)}
    calls, code = calls_of(
        [sys.executable, "-m", "bpsgraph", *command],
        log,
        env=os.environ | places,
        stdout=(log.with_name("out")).open("wb"),
        stderr=(log.with_name("err")).open("wb"),
    )
    assert code == 0, log.with_name("err").read_text(encoding="utf-8")
    found: Traced = []
    newest = len(entries)
    for call in calls:
        if number := said(call):
            newest = number
        found.append((call, newest))
    assert newest == len(entries) + 1, "it was not seen that the entry was acknowledged"
    return found


def said(call: Call) -> int | None:
    """The number of the entry that a call acknowledges on standard output."""
    if call.name == "write" and call.handles[0][0] == "1":
        match = _ENTRY.match(b"".join(call.strings))
        return int(match[1]) if match else None
    return None


def concerns(call: Call, place: Path) -> bool:
    """Whether a call names something in the folder."""
    return any(str(place) in path for path in (*call.paths, *(path for _, path in call.handles)))


def out_of_order(calls: Traced, store: Path) -> list[str]:
    """What came before something that it has to wait for: an entry and its folder, the marker and its folder."""
    journal = journal_of(store)
    problems = []
    newest = 0
    for number in sorted({newest for _, newest in calls if newest}):
        of_one = [call for call, known in calls if known == number - 1]
        of_one += [next(call for call, known in calls if known == number)]
        wanted = [
            ("fsync", f"{journal}/.{number:06d}.draft"),
            ("rename", f"{journal}/{number:06d}-"),
            ("fsync", str(journal)),
            ("fsync", f"{copies_of(store)}/.{number:06d}.draft"),
            ("rename", f"{copies_of(store)}/{number:06d}-"),
            ("fsync", str(copies_of(store))),
            ("fsync", f"{store}/bpsgraph.json.new"),
            ("rename", f"{store}/bpsgraph.json"),
            ("fsync", str(store)),
            ("write", ""),
        ]
        at = 0
        for name, path in wanted:
            places = [
                index
                for index, call in enumerate(of_one)
                if name in call.name and (said(call) == number if name == "write" else _names(call, path))
            ]
            if not any(place >= at for place in places):
                problems.append(
                    f"entry {number}: no {name} of {path or 'the answer'} after the step before it"
                )
                break
            # The first of each: what comes after must come after all that came before.
            at = next(place for place in places if place >= at)
            if name == "rename" and places[0] < at:
                problems.append(f"entry {number}: {path} had its name before it was on the disk")
        newest = number
    return problems if newest else ["nothing was acknowledged"]


def _names(call: Call, path: str) -> bool:
    """Whether a call forces this path to the disk, or gives a file a name that begins so."""
    if "rename" in call.name:
        return call.paths[-1].startswith(path)
    return bool(call.handles) and call.handles[0][1] == path


def what_is_left(left: Path, hamlet: Hamlet) -> dict[str, Any]:
    """What a process finds after a power cut, before and after the next change."""
    store = left / "store"
    graphs = graphs_of(store)
    journal = Journal(journal_of(store))
    hamlet.accept(store, catalogue(left, 9, "2022"))
    problems = Generations(store).problems() + journal.problems()
    problems += Copies(copies_of(store)).problems(journal.listed())
    return {
        "graphs": graphs,
        "entries": [entry.hash for entry in journal.entries()],
        "problems": problems,
        "kept": {graph: digest for graph, digest in graphs_of(store).items() if "371323/2021" in graph},
    }


def judged(
    found: dict[str, Any], states: list[dict[str, str]], entries: list[str], acknowledged: int
) -> list[str]:
    """What is not as it should be after a cut when this many entries were acknowledged."""
    problems = list(found["problems"])
    if found["graphs"] not in states[acknowledged : acknowledged + 2]:
        problems.append(f"the store is not as entry {acknowledged} or the next left it")
    *before, _ = found["entries"]
    if before != entries[: len(before)] or len(before) < acknowledged:
        problems.append(f"{len(before)} entries are left, {acknowledged} were acknowledged")
        return problems
    after = {graph: digest for graph, digest in states[len(before)].items() if "371323/2021" in graph}
    if found["kept"] != after:
        problems.append(f"the next change did not leave what entry {len(before)} said")
    return problems
