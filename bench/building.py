"""Building a store from files, derivation apart, beside pyoxigraph alone on the same files.

`python -m bench.building FOLDER STORE bpsgraph|union|named|parse` is one run: the files of the folder are
parsed with all checks and put into a store that is published; or pyoxigraph loads each in bulk into its named
graph and into the union of all, or only into its named graph; or only parses.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from bench.ground import Ground
from bench.measuring import Clock, Row, Run, interleaved, median, peak, run, wall
from bpsgraph.building import graphs_of
from bpsgraph.sources import graph_of_catalogue
from bpsgraph.store import open_store
from bpsgraph.store.embedded import building
from bpsgraph.terms import BASE

GOAL_TIMES, GOAL_MEMORY = 1.3, 2_000
FORMS = {
    "bpsgraph": "bpsgraph, every file checked, published",
    "union": "pyoxigraph, bulk load into named graphs and their union",
    "named": "pyoxigraph, bulk load into named graphs only",
    "parse": "pyoxigraph, parsing only",
}


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """The build beside the bulk load of the same quads, of half of them, and beside parsing."""
    with tempfile.TemporaryDirectory(dir=ground.folder) as place:

        def once(form: str) -> Run:
            return run([sys.executable, "-m", "bench.building", ground.catalogues, Path(place) / form, form])

        runs = interleaved({form: lambda form=form: once(form) for form in FORMS}, rounds)  # type: ignore[misc]
    triples = {form: runs[form][0].said["triples"] for form in FORMS}
    ours = median(runs["bpsgraph"])
    work = f"{len(ground.files):,} catalogues from files into a store, derivation apart"
    for form in ("union", "named", "parse"):
        goal = form == "union"
        ratio = ours / median(runs[form])
        yield Row(
            work=work,
            contender=FORMS["bpsgraph"],
            seconds=ours,
            against=FORMS[form],
            against_seconds=median(runs[form]),
            ratio=ratio,
            goal=f"within {GOAL_TIMES} x, under {GOAL_MEMORY / 1000:.0f} GB" if goal else "",
            reached=ratio <= GOAL_TIMES and peak(runs["bpsgraph"]) < GOAL_MEMORY if goal else None,
            same=triples[form] == triples["bpsgraph"] if goal else None,
            figures={
                "wall": {name: wall(runs[name]) for name in ("bpsgraph", form)},
                "peak_mib": {name: peak(runs[name]) for name in ("bpsgraph", form)},
                "triples": triples,
            },
        )


def main() -> int:
    """One run; prints how many triples there are as JSON."""
    folder, store, form = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    shutil.rmtree(store, ignore_errors=True)
    data = {file: graph_of_catalogue(file.stem, file) for file in sorted(folder.glob("*.ttl"))}
    turtle = ox.RdfFormat.TURTLE
    clock = Clock()
    if form == "bpsgraph":
        with building(store, "sha256:bench") as filled:
            filled.add_graphs(graphs_of(data, {}, lambda name, done: None))
    elif form == "parse":
        triples = sum(1 for file in data for _ in ox.parse(path=file, format=turtle, base_iri=BASE))
    else:
        inner = ox.Store(store)
        for file, graph in data.items():
            inner.bulk_load(path=file, format=turtle, base_iri=BASE, to_graph=ox.NamedNode(graph))
            if form == "union":
                inner.bulk_load(path=file, format=turtle, base_iri=BASE)
        inner.flush()
    taken = clock.taken()
    if form == "bpsgraph":
        with open_store(store) as opened:
            triples = len(opened)
    elif form != "parse":
        where = "?s ?p ?o" if form == "union" else "GRAPH ?g { ?s ?p ?o }"
        [[count]] = inner.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {where} }}")  # type: ignore[misc]
        triples = int(count.value)
    print(json.dumps({**taken, "triples": triples}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
