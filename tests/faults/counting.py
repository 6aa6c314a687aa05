"""Several processes add to one counter at once, each reading it first: every addition counts.

The counter is a graph of one triple, read and replaced while the store is held for writing. Whoever finds it
held waits its turn, as long as the store lets it, and then tries again.
"""

import time
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.acceptance import Register
from bpsgraph.errors import StoreBusy
from bpsgraph.store import open_store
from bpsgraph.store.embedded import building
from bpsgraph.store.journal import Journal
from bpsgraph.terms import BASE, BPS, GRAPH
from faults.hamlet import Hamlet, figures
from faults.trial import Child, Figure, Say, apart
from small_world import NOON

WRITERS = 4
COUNTER = GRAPH + "counter"


def increment(store: Path) -> int:
    """Add one to the counter and give what it is then; raises `StoreBusy`."""
    with open_store(store, writable=True) as opened:
        assert opened.marker is not None
        value = value_of(opened.graph(COUNTER)) + 1
        counted = Triple(NamedNode(BASE + "counter"), NamedNode(BPS + "value"), Literal(value))
        opened.replace_graph(COUNTER, [counted])
        opened.commit(opened.marker.entry, opened.marker.entry_hash)
        return value


def value_of(graph: Any) -> int:
    values = [int(triple.object.value) for triple in graph]
    assert len(values) <= 1, values
    return values[0] if values else 0


def patiently(job: Any) -> tuple[Any, int]:
    """What a job gives once the store is free, and how often it was not."""
    refused = 0
    while True:
        try:
            return job(), refused
        except StoreBusy:
            refused += 1
            time.sleep(0.002)


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    count = max(count, WRITERS)
    figure = Figure(f"{WRITERS} processes add to a counter", seed, f"additions of {WRITERS} writers counted")
    store = work / "store"

    def make() -> None:
        with building(store, "sha256:none") as made:
            made.replace_graph(COUNTER, [])

    apart(make)

    def writer(say: Say) -> None:
        for _ in range(count // WRITERS):
            value, refused = patiently(lambda: increment(store))
            say(f"{value} {refused}")

    children = [Child(writer) for _ in range(WRITERS)]
    told: list[int] = []
    for child in children:
        for line in child.lines():
            value, refused = map(int, line.split())
            told.append(value)
            figure.count("times_busy", refused)
        if code := child.wait():
            figure.failures.append(f"a writer ended with {code}")

    def found() -> int:
        with open_store(store) as opened:
            return value_of(opened.graph(COUNTER))

    figure.tried = count // WRITERS * WRITERS
    value = apart(found)
    figure.held = min(value, len(set(told)))
    figure.seen["counter"] = value
    if value != figure.tried or sorted(told) != list(range(1, figure.tried + 1)):
        figure.failures.append(f"the counter is {value} after {figure.tried} additions")
        figure.held = min(figure.held, figure.tried - 1)
    figure.seen["entries"] = entries_at_once(hamlet, base, work / "register", max(2, count // 100), figure)
    return figure


def entries_at_once(hamlet: Hamlet, base: Path, work: Path, each: int, figure: Figure) -> int:
    """The same through the journal: acceptances from all at once become entries 1, 2, 3 … without a gap."""
    import shutil

    work.mkdir()
    store = work / "store"
    shutil.copytree(base, store)

    def writer(first: int, say: Say) -> None:
        register = Register(store, hamlet.library)
        for number in range(first, first + each):
            done, _ = patiently(
                lambda number=number: register.accept_figures(
                    figures(number), by="王芳", at=NOON, file="f.csv"
                )
            )
            say(str(done.entry))

    children = [Child(lambda say, n=n: writer(n * each, say)) for n in range(WRITERS)]  # type: ignore[misc]
    told = sorted(int(line) for child in children for line in child.lines())
    codes = [child.wait() for child in children]
    journal = Journal(work / "store.journal")
    problems = apart(journal.problems)
    if told != list(range(1, WRITERS * each + 1)) or any(codes) or problems:
        figure.failures.append(f"entries {told}, exit codes {codes}, {problems}")
        figure.held = min(figure.held, figure.tried - 1)
    return len(told)
