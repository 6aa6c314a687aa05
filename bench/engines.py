"""Other engines on the same data: what they need to load it, and to answer questions about all of it.

Each peer is asked the plain question over the sources, in the form that it answers soonest; ours is the saved
one, in a process that opens the store for it and asks once. Peers have loaded before, and the median of what
they are asked several times counts. Each is bounded: what it did not do in time is said in its row. rdflib is
asked about one county as well, since it is hardly in time for more.
"""

import json
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench import peers
from bench.country import LISTS, QUESTIONS, text_of
from bench.ground import Ground
from bench.measuring import Clock, Row, Run, median, run, wall
from bpsgraph.building import graphs_of
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.embedded import building
from bpsgraph.terms import GRAPH

ASKED = {
    name: (QUESTIONS | LISTS)[name]
    for name in ("missing", "below", "list missing", "coverage", "references", "labels")
}
NAMES = {
    "pyoxigraph": "pyoxigraph in memory",
    "oxigraph": "Oxigraph's server, on disk",
    "maplib": "maplib, in memory",
    "virtuoso": "Virtuoso, on disk",
    "rdflib": "rdflib, in memory",
}
# Seconds for a question, and for all with loading.
LIMITS = {"county": (20.0, 120.0), "province": (60.0, 150.0), "nation": (120.0, 300.0)}
TIMES, MOST_ROUNDS = 3, {"county": 3, "province": 3, "nation": 1}
SLOW = "rdflib"
# No part of what others ask: what is derived, but where places lie.
_DERIVED = tuple(
    GRAPH + name
    for name in ("verdicts/", "quantities/", "floors/", "totals/", "tallies/", "peers/", "queries")
)


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """Loading and each question, for each peer."""
    yield from _beside(ground, rounds, list(NAMES))
    if ground.size != "county":
        county = Ground("county", ground.folder)
        for row in _beside(county, rounds, [SLOW]):
            yield Row(**{**row.as_json(), "work": f"one county: {row.work}"})


def _beside(ground: Ground, rounds: int, engines: list[str]) -> Iterator[Row]:
    file, triples = written(ground)
    had = peers.environment(ground.folder)
    rounds = min(rounds, MOST_ROUNDS[ground.size])
    questions = {engine: {name: _for(engine, name) for name in ASKED} for engine in engines}
    said: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    ours: dict[str, list[Run]] = {name: [] for name in ("load", *ASKED)}
    for number in range(rounds):
        ours["load"].append(_loaded(ground))
        for name in ASKED:
            form = "plain" if ASKED[name].is_plain or not ASKED[name].saved else "saved"
            ours[name].append(run([sys.executable, "-m", "bench.country", ground.store, name, form]))
        for engine in engines:
            if engine in had.missing or (number and _slow(said[engine][0])):
                continue
            found = peers.ask(had, engine, file, questions[engine], TIMES, LIMITS[ground.size])
            said[engine].append(found)
            told = ", ".join(
                f"{step} {one.get('problem') or format(one['seconds'], '.3f')}" for step, one in found.items()
            )
            print(f"    {engine}, {number + 1}/{rounds}: {told}", file=sys.stderr)
    for step in ("load", *ASKED):
        mine = median(ours[step])
        load = step == "load"
        work = f"{triples:,} triples from files into a store" if load else ASKED[step].words
        way = "bpsgraph, from Turtle, every file checked, on disk" if load else _way(step)
        for engine in engines:
            name = NAMES[engine]
            if engine in had.missing:
                yield Row(work, way, mine, name, note=had.missing[engine])
                continue
            steps = [one[step] for one in said[engine]]
            problems = [one["problem"] for one in steps if "problem" in one]
            if problems:
                yield Row(work, way, mine, name, note=problems[0])
                continue
            theirs = statistics.median(one["seconds"] for one in steps)
            off = 0 if load else differing(ours[step][0].said["answer"], steps[0]["answer"])
            if off:
                note = f"answers otherwise, {off:,} rows differ: its time does not count"
                yield Row(work, way, mine, name, note=note)
                continue
            yield Row(
                work=work,
                contender=way,
                seconds=mine,
                against=f"{name}, from N-Triples" if load else f"{name}, loaded before",
                against_seconds=theirs,
                ratio=theirs / mine,
                same=None if load else True,
                figures={
                    "engine": name,
                    "step": step,
                    "wall": {"ours": wall(ours[step]), engine: steps[0]["wall"]},
                },
            )


def _slow(found: dict[str, dict[str, Any]]) -> bool:
    return any("problem" in step for step in found.values())


def _way(name: str) -> str:
    question = ASKED[name]
    plain = question.is_plain or not question.saved
    return (
        "the plain question, on disk, opened for it" if plain else f"{question.saved}, on disk, opened for it"
    )


def _for(engine: str, name: str) -> str:
    """The plain question, in the form that the engine answers soonest."""
    text = text_of(ASKED[name])
    # rdflib never ends with MINUS over a product, the others hardly with NOT EXISTS.
    return text.replace("MINUS {", "FILTER NOT EXISTS {") if engine == "rdflib" else text


def differing(mine: list[list[str]], theirs: list[list[str]]) -> int:
    """How many rows one answer has and the other not."""
    return len({tuple(row) for row in mine} ^ {tuple(row) for row in theirs})


def written(ground: Ground) -> tuple[Path, int]:
    """What the store of the ground was built from, as one file of N-Triples, and its number of triples.

    Others read that form soonest. Which places lie within which, through any number of steps, is there too,
    as the plain questions need it.
    """
    path = ground.folder / f"triples-{ground.size}.nt"
    number = 0
    with open_store(ground.store) as store, path.open("wb") as output:
        for graph in store.graphs():
            if not graph.startswith(_DERIVED):
                triples = store.graph(graph).triples
                number += len(triples)
                ox.serialize(triples, output, format=ox.RdfFormat.N_TRIPLES)
    return path, number


def _loaded(ground: Ground) -> Run:
    store = ground.folder / "loaded"
    try:
        return run([sys.executable, "-m", "bench.engines", ground.catalogues, store])
    finally:
        shutil.rmtree(store, ignore_errors=True)


def main() -> int:
    """Load all files into a new store, derivation apart; prints the times as JSON."""
    catalogues, store = Path(sys.argv[1]), Path(sys.argv[2])
    data = find_sources(None, catalogues).data()
    clock = Clock()
    with building(store, "sha256:bench") as filled:
        filled.add_graphs(graphs_of(data, {}, lambda name, done: None))
    print(json.dumps(clock.taken()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
