"""Hostile queries through guard and workers, a few of each kind; `make fuzz` sends ten thousand."""

import os
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.store.embedded import building
from faults.query_fuzz import fuzz


def test_hostile_queries_do_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with building(store, "sha256:0") as built:
        triples = [
            Triple(NamedNode(f"x:s{n % 40}"), NamedNode(f"x:p{n % 7}"), Literal(n)) for n in range(300)
        ]
        built.replace_graph("x:g", triples)
    report = fuzz(store, seed=7, count=150, traced=15)
    assert report["answered"] == 150
    assert {name: report[name] for name in ("deaths", "unclear", "calls_recorded")} == {
        "deaths": 0,
        "unclear": [],
        "calls_recorded": 0,
    }
    assert report["late"] == [] or report["load"] > 2 * (os.cpu_count() or 1)
    assert report["store_same"]
    assert report.get("connections", []) == []
    assert report.get("foreign_files", []) == []
    # All of it would be nothing where nothing came through.
    assert report["outcomes"]["answered"] > 10
    assert report["outcomes"]["bad-query"] > 10
