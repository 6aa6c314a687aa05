"""kill -9 of a writer at any moment: nothing acknowledged is lost, nothing is half there, reopening is quick.

A child changes the store in a loop and says what it begins and what was acknowledged; it is killed after a
random time. Then other processes look: the journal, every graph, `doctor`. The store goes on from there, so
that what one crash leaves behind meets the next.
"""

import shutil
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bpsgraph.acceptance import Register
from bpsgraph.building import build, rebuild
from bpsgraph.store import open_store
from bpsgraph.store.backup import back_up, checked
from bpsgraph.store.journal import CATALOGUES, OBSERVATIONS, Journal, journal_of
from bpsgraph.store.restoring import is_waiting, restore
from bpsgraph.terms import BASE
from faults.hamlet import DATASET, Hamlet, catalogue, figures, numbers_of
from faults.trial import Child, Figure, Say, apart, bpsgraph, side_by_side
from small_world import NOON

EDITIONS = ("2021", "2022", "2023")
# How long after its start a writer is killed, in changes: often in the first, at most in the fourth.
EARLIEST, LATEST = 0.03, 3.5
WITHOUT_ENTRY = ("build", "rebuild", "backup", "restore")
State = dict[str, int]


@dataclass(frozen=True)
class Change:
    """The nth thing that a writer does, and what it makes of the store."""

    kind: str
    number: int
    key: str = ""

    def on(self, state: State) -> State:
        after = dict(state)
        if self.kind in ("accept", "figures"):
            after[self.key] = self.number
        elif self.kind in ("withdraw", "withdraw figures"):
            del after[self.key]
        return after

    @property
    def has_entry(self) -> bool:
        return self.kind not in WITHOUT_ENTRY


def changes_of(path: str, number: int, state: State) -> Change:
    """What a writer on this path does next; the same for the same number and state."""
    edition = EDITIONS[number % len(EDITIONS)]
    key = f"371323/{edition}"
    accept, figures_ = Change("accept", number, key), Change("figures", number, DATASET)
    if path == "accept":
        return accept
    if path == "withdraw":
        return Change("withdraw", number, key) if key in state else accept
    if path == "observations":
        return (
            Change("withdraw figures", number, DATASET) if DATASET in state and not number % 3 else figures_
        )
    if path == "build":
        return Change("build", number) if number % 2 else (accept, figures_)[number // 2 % 2]
    if path == "copies":
        return (accept, Change("backup", number), Change("restore", number), Change("rebuild", number))[
            number % 4
        ]
    assert path == "mixed", path
    others = [accept, figures_, *(Change(kind, number) for kind in ("build", "rebuild", "backup"))]
    others += [Change("withdraw", number, key)] if key in state else []
    others += [Change("withdraw figures", number, DATASET)] if DATASET in state else []
    return others[Random(f"{number}").randrange(len(others))]


PATHS = ("accept", "withdraw", "observations", "build", "copies", "mixed")


@dataclass
class Ledger:
    """What a store and its journal may hold, as far as its writers told."""

    store: Path
    history: list[State] = field(default_factory=lambda: [{}])
    acknowledged: int = 0
    number: int = 0

    def begin(self, change: Change) -> None:
        self.in_flight = change

    def end(self, change: Change, entry: int) -> None:
        if change.has_entry:
            assert entry == len(self.history), (entry, len(self.history))
            self.history.append(change.on(self.history[-1]))
            self.acknowledged = entry
        self.number = change.number + 1


def perform(change: Change, hamlet: Hamlet, store: Path, drafts: Path) -> int:
    """Do it, and give the entry that was acknowledged; 0 where it has none."""
    register = Register(store, hamlet.library)
    if change.kind == "accept":
        file = catalogue(drafts, change.number, change.key.partition("/")[2])
        return hamlet.accept(store, file).entry
    if change.kind == "withdraw":
        return register.withdraw(f"{BASE}catalogue/{change.key}", by="王芳", at=NOON).entry
    if change.kind == "figures":
        return register.accept_figures(figures(change.number), by="王芳", at=NOON, file="faults.csv").entry
    if change.kind == "withdraw figures":
        return register.withdraw_figures(DATASET, by="王芳", at=NOON).entry
    if change.kind == "build":
        build(store, hamlet.sources)
    elif change.kind == "rebuild":
        rebuild(store, hamlet.sources)
    elif change.kind == "backup":
        take_backup(store, drafts, change.number)
    else:
        assert change.kind == "restore"
        restore(take_backup(store, drafts, change.number), store, register.journal)
    return 0


def take_backup(store: Path, drafts: Path, number: int) -> Path:
    """A backup in a folder of its own; one that a crash cut short must not stand there."""
    folder = drafts / f"backup-{number}-{time.monotonic_ns()}"
    back_up(store, Journal(journal_of(store)), folder)
    return folder


def seen_in(store: Path) -> dict[str, Any]:
    """What a reader finds: the state of things, which are not whole, and how long opening took."""
    began = time.perf_counter()
    state, half = {}, []
    with open_store(store) as opened:
        seconds = time.perf_counter() - began
        assert opened.marker is not None
        sizes = set()
        graphs = set(opened.graphs())
        for graph in sorted(graphs):
            of = next((p for p in (CATALOGUES + "371323/", OBSERVATIONS) if graph.startswith(p)), None)
            if of is None:
                continue
            key = graph.removeprefix(CATALOGUES).removeprefix(OBSERVATIONS)
            triples = opened.graph(graph)
            numbers = sorted(numbers_of(triples))
            if len(numbers) != 1:
                half.append(f"{key} is of {numbers}")
            state[key] = numbers[0] if numbers else -1
            sizes |= {len(triples)} if of != OBSERVATIONS else set()
            if (
                graph.replace("/catalogue/", "/withdrawn/").replace(
                    "/observations/", "/withdrawn/observations/"
                )
                in graphs
            ):
                half.append(f"{key} is there and withdrawn")
        if len(sizes) > 1:
            half.append(f"catalogues of {sorted(sizes)} triples")
        entry = opened.marker.entry
    return {"state": state, "half": half, "entry": entry, "seconds": seconds}


def is_whole(backup: Path) -> bool:
    """Whether a backup can be restored."""
    checked(backup)
    return True


def entries_of(store: Path) -> dict[str, Any]:
    journal = Journal(store.with_name(store.name + ".journal"))
    problems = journal.problems()
    return {"problems": problems, "entries": 0 if problems else len(journal.entries())}


def same_graphs(one: Path, other: Path) -> list[str]:
    """The graphs in which two stores differ; unnamed nodes count as they are counted."""
    with open_store(one) as a, open_store(other) as b:
        names = sorted({*a.graphs(), *b.graphs()})
        return [name for name in names if a.graph(name).content_hash() != b.graph(name).content_hash()]


def check(ledger: Ledger, hamlet: Hamlet, figure: Figure) -> list[str]:
    """What is wrong with the store and its journal as a crash left them."""
    journal = apart(lambda: entries_of(ledger.store))
    problems = [f"journal: {problem}" for problem in journal["problems"]]
    entries = journal["entries"]
    expected = len(ledger.history) - 1
    if entries == expected + 1 and ledger.in_flight.has_entry:
        # What was on its way when the kill came is in the journal: it counts, though nobody was told.
        ledger.history.append(ledger.in_flight.on(ledger.history[-1]))
        ledger.number = ledger.in_flight.number + 1
        figure.count("entries_not_yet_told")
    elif not problems and entries != expected:
        problems.append(f"{entries} entries, {expected} were acknowledged")
    found = apart(lambda: seen_in(ledger.store))
    for _ in range(2):
        if found["seconds"] > 2:
            # A reader leaves all as the crash left it: opening again tells the store from a busy machine.
            figure.count("openings_repeated")
            found = apart(lambda: seen_in(ledger.store))
    figure.most("slowest_reopening_s", found["seconds"])
    problems += found["half"]
    if found["seconds"] > 2:
        problems.append(f"opening took {found['seconds']:.1f} s")
    if not ledger.acknowledged <= found["entry"] < len(ledger.history):
        problems.append(
            f"the store holds entry {found['entry']}, acknowledged is {ledger.acknowledged}, written {entries}"
        )
    elif found["state"] != ledger.history[found["entry"]]:
        problems.append(f"the store is {found['state']}, not {ledger.history[found['entry']]}")
    doctor = bpsgraph("doctor", places={"store": ledger.store, "sources": hamlet.root})
    # A restore that the kill cut short is something to do, as is an entry that the store does not hold yet.
    waiting = found["entry"] < entries or is_waiting(Journal(journal_of(ledger.store)))
    problems += doctor.problems
    if doctor.code != (1 if waiting else 0):
        problems.append(f"doctor ended with {doctor.code}: {(doctor.out + doctor.err)[-600:]}")
    return problems


def rounds(path: str, count: int, hamlet: Hamlet, base: Path, work: Path, figure: Figure) -> None:
    """Kill the writer of one path so many times, then compare its store with one built anew."""
    chance = Random(f"{figure.seed} {path}")
    work.mkdir()
    ledger = Ledger(work / "store")
    shutil.copytree(base, ledger.store)
    pace = apart(lambda: pace_of(hamlet, base, work / "pace"))

    def writer(say: Say) -> None:
        number, state = ledger.number, ledger.history[-1]
        while True:
            change = changes_of(path, number, state)
            say(f"start {number}")
            entry = perform(change, hamlet, ledger.store, work)
            say(f"done {number} {entry}")
            state, number = change.on(state), number + 1

    for round_ in range(count):
        problems: list[str] = []
        child = Child(writer)
        acknowledged = ledger.acknowledged
        until = time.monotonic() + pace * chance.uniform(EARLIEST, LATEST)
        for line in child.lines(until):
            follow(line, path, ledger)
        child.kill()
        # What it said before it died counts as told.
        for line in child.lines():
            follow(line, path, ledger)
        if (code := child.wait()) != -signal.SIGKILL:
            problems.append(f"the writer ended by itself with {code}")
        figure.count("acknowledged", ledger.acknowledged - acknowledged)
        problems += check(ledger, hamlet, figure)
        figure.trial(f"{path} {round_}", problems)
        for file in work.glob("*.ttl"):
            file.unlink()
        for folder in work.glob("backup-*"):
            figure.count("backups")
            if not apart(partial(is_whole, folder)):
                figure.failures.append(f"{folder.name} is not whole")
                figure.held = min(figure.held, figure.tried - 1)
            shutil.rmtree(folder)
    # Whatever the last crash left is completed by the next change, and then all is as a build makes it.
    last = Change("figures", ledger.number, DATASET)
    apart(lambda: perform(last, hamlet, ledger.store, work))
    ledger.history.append(last.on(ledger.history[-1]))
    ledger.acknowledged = len(ledger.history) - 1
    problems = check(ledger, hamlet, figure)
    anew = work / "anew"
    apart(lambda: build(anew, hamlet.sources, journal=work / "store.journal").graphs)
    differing = apart(lambda: same_graphs(ledger.store, anew))
    problems += [f"other than a build: {', '.join(differing)}"] if differing else []
    if problems:
        figure.failures.append(f"{path} in the end: {'; '.join(problems)}")
        figure.held = min(figure.held, figure.tried - 1)
    shutil.rmtree(work)


def pace_of(hamlet: Hamlet, base: Path, work: Path) -> float:
    """How long a change takes here and now, in seconds."""
    work.mkdir()
    shutil.copytree(base, work / "store")
    began = time.monotonic()
    perform(Change("accept", 0, "371323/2021"), hamlet, work / "store", work)
    taken = time.monotonic() - began
    shutil.rmtree(work)
    return taken


def follow(line: str, path: str, ledger: Ledger) -> None:
    word, number, *entry = line.split()
    change = changes_of(path, int(number), ledger.history[-1])
    if word == "start":
        ledger.begin(change)
    else:
        ledger.end(change, int(entry[0]))


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("kill -9 of a writer", seed, "kills lost nothing and left nothing half")
    paths = PATHS if count >= 10 * len(PATHS) else PATHS[-1:]
    shares = [count // len(paths) + (position < count % len(paths)) for position in range(len(paths))]
    parts = [
        partial(rounds, path, share, hamlet, base, work / path)
        for path, share in zip(paths, shares, strict=True)
    ]
    side_by_side(figure, parts)
    return figure
