"""Many at once: threads and processes that write, builds, and readers who must only ever see whole states.

A state is whole where every change up to the one that the marker names is recorded, none beyond it, and
everything that was ever changed is as its last change says, hash for hash.
"""

import shutil
import time
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

from pyoxigraph import Literal, NamedNode

from bpsgraph.acceptance import Register
from bpsgraph.building import build
from bpsgraph.errors import StoreBusy
from bpsgraph.store import EmbeddedStore, open_store, select
from bpsgraph.store.journal import CATALOGUES, CHANGES, OBSERVATIONS, Journal
from bpsgraph.terms import BASE
from faults.counting import patiently
from faults.hamlet import Hamlet, catalogue, figures
from faults.kills import same_graphs
from faults.trial import Child, Figure, Say, apart
from small_world import NOON

THREADS = 3
READERS = 2


def unlike(store: EmbeddedStore) -> list[str]:
    """What in a store is not as the records of its changes say."""
    assert store.marker is not None
    changes = sorted(int(g.removeprefix(CHANGES)) for g in store.graphs() if g.startswith(CHANGES))
    wanted = list(range(1, store.marker.entry + 1))
    problems = [] if changes == wanted else [f"changes {changes} with a marker of {store.marker.entry}"]
    rows = select(
        store,
        "SELECT ?entry ?kind ?thing ?hash WHERE { ?done prov:generated|prov:invalidated ?thing ; a ?kind ; "
        "bps:sequence ?entry ; bps:contentHash ?hash } ORDER BY ?entry",
    )
    last: dict[str, tuple[bool, str]] = {}
    for row in rows:
        changed, kind, digest = row["thing"], row["kind"], row["hash"]
        assert isinstance(changed, NamedNode)
        assert isinstance(kind, NamedNode)
        assert isinstance(digest, Literal)
        last[changed.value] = kind.value.endswith("Acceptance"), digest.value
    for iri, (there, said) in last.items():
        name = iri.removeprefix(BASE)
        prefix = CATALOGUES if name.startswith("catalogue/") else OBSERVATIONS
        held = store.graph(prefix + name.partition("/")[2])
        if held.content_hash() != said if there else len(held):
            problems.append(f"{name} is not as its last change says")
    return problems


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("many writers and readers at once", seed, "changes are there, seen whole by all readers")
    store = work / "store"
    shutil.copytree(base, store)
    each = max(1, count // (THREADS + 2))
    stop = work / "stop"

    def threads(say: Say) -> None:
        def one(thread: int) -> None:
            register = Register(store, hamlet.library)
            for number in range(each):
                given = figures(number, f"thread-{thread}")
                done, _ = patiently(
                    lambda given=given: register.accept_figures(given, by="王芳", at=NOON, file="f.csv")
                )
                say(f"told {done.entry} thread-{thread} {number}")

        working = [Thread(target=one, args=(thread,)) for thread in range(THREADS)]
        for thread in working:
            thread.start()
        for thread in working:
            thread.join()

    def process(edition: str, say: Say) -> None:
        for number in range(each):
            file = catalogue(work, number, edition)
            done, _ = patiently(lambda file=file: hamlet.accept(store, file))
            say(f"told {done.entry} {edition} {number}")

    def builder(say: Say) -> None:
        chance = Random(f"{seed} crowd")
        while not stop.exists():
            _, refused = patiently(lambda: build(store, hamlet.sources))
            say(f"built {refused}")
            time.sleep(chance.uniform(0, 0.5))

    def reader(say: Say) -> None:
        while not stop.exists():
            try:
                with open_store(store) as opened:
                    problems = unlike(opened)
                    entry = opened.marker.entry if opened.marker else -1
            except StoreBusy:
                say("busy")
                time.sleep(0.01)
                continue
            say(f"saw {entry} {'; '.join(problems)}")
            time.sleep(0.02)

    writers = [Child(threads), *(Child(lambda say, e=e: process(e, say)) for e in ("2021", "2022"))]  # type: ignore[misc]
    others = [Child(builder), *(Child(reader) for _ in range(READERS))]
    told = [line for child in writers for line in child.lines()]
    codes = [child.wait() for child in writers]
    stop.touch()
    seen = [line.split(" ", 2) for child in others for line in child.lines()]
    codes += [child.wait() for child in others]
    figure.tried = each * (THREADS + 2)
    entries = sorted(int(line.split()[1]) for line in told)
    figure.held = len(set(entries))
    figure.seen["builds"] = sum(line[0] == "built" for line in seen)
    looks = [line for line in seen if line[0] == "saw"]
    figure.seen["looks"] = len(looks)
    figure.seen["states_seen"] = len({line[1] for line in looks})
    figure.seen["readers_told_busy"] = sum(line[0] == "busy" for line in seen)
    problems = [line[2] for line in looks if line[2]]
    if any(codes):
        problems.append(f"exit codes {codes}")
    if entries != list(range(1, figure.tried + 1)):
        problems.append(f"entries {entries}")
    problems += apart(lambda: in_the_end(hamlet, store, work))
    if problems:
        figure.failures += problems
        figure.held = min(figure.held, figure.tried - 1)
    return figure


def in_the_end(hamlet: Hamlet, store: Path, work: Path) -> Any:
    """What is wrong when all are done: with the store, the journal, and what a build makes of it."""
    with open_store(store) as opened:
        problems = unlike(opened)
    problems += Journal(work / "store.journal").problems()
    build(work / "anew", hamlet.sources, journal=work / "store.journal")
    differing = same_graphs(store, work / "anew")
    return problems + ([f"other than a build: {differing}"] if differing else [])
