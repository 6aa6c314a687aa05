"""`python -m bench`: generate catalogues, load them beside the bundled data, and time every saved question.

The best of a few runs is shown: a machine that does other work makes times longer, never shorter.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Triple
from rich.console import Console
from rich.table import Table

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS
from bpsgraph.generator import SIZES, generate
from bpsgraph.ingest import parse
from bpsgraph.library.saved import Library, Query, bind
from bpsgraph.results import Rows
from bpsgraph.sources import ONTOLOGY_GRAPH, find_sources
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import GRAPH

Result = TypeVar("Result")


def timed(work: Callable[[], Result], runs: int = 1) -> tuple[float, Result]:
    """The shortest of `runs` runs in seconds, and what the last of them gave."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def load(store: EmbeddedStore, files: dict[Path, str]) -> int:
    """Load the files, those of one graph together; how many triples the union then holds."""
    graphs: dict[str, set[Triple]] = {}
    for file, graph in files.items():
        graphs.setdefault(graph, set()).update(parse(file.read_bytes(), str(file), FORMATS["turtle"]))
    for graph, triples in graphs.items():
        store.replace_graph(graph, triples)
    return len(store)


def examples(query: Query) -> dict[str, str]:
    """An example for each parameter that must be given."""
    return {p.name: p.example or "" for p in query.parameters if p.header.required}


def main() -> None:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--size", choices=SIZES, default="county")
    parser.add_argument("--runs", type=int, default=3, help="runs of each question; the best counts")
    options = parser.parse_args()
    sources = find_sources()
    table = Table("step", "seconds", "result", title=f"one {options.size}, seed 1")
    table.columns[1].justify = "right"

    with tempfile.TemporaryDirectory() as folder:
        data = sources.root / "data" / "ttl"
        seconds, made = timed(lambda: [path for path, _ in generate(data, Path(folder), options.size)])
        table.add_row("generate", f"{seconds:.3f}", f"{len(made)} catalogues")
        files = dict.fromkeys(sources.ontology(), ONTOLOGY_GRAPH) | sources.data()
        files |= {path: f"{GRAPH}catalogue/{re.sub('-', '/', path.stem, count=1)}" for path in made}
        store = EmbeddedStore.in_memory()
        seconds, triples = timed(lambda: load(store, files))
        table.add_row("load", f"{seconds:.3f}", f"{triples:,} triples")

    library = Library(sources.root / "queries")
    for query in library.of_kind("query"):
        try:
            text = bind(query, examples(query))
        except BadParameter as error:
            table.add_row(query.name, "-", str(error))
            continue
        seconds, rows = timed(partial(store.query, text), options.runs)
        table.add_row(query.name, f"{seconds:.3f}", f"{len(rows)} rows" if isinstance(rows, Rows) else "")
    Console().print(table)


if __name__ == "__main__":
    main()
