"""`python -m bench.questions`: every saved question on generated data, beside rdflib, answers compared first.

The store is built as users build it, with its floors and verdicts, and kept below `build/bench` until the
data or the rules change. rdflib answers from the same triples in memory, in a process of its own that is
stopped at a limit; a question that it did not answer in time counts as that limit.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyoxigraph
import rdflib
from rich.console import Console
from rich.table import Table

from bpsgraph.building import build
from bpsgraph.generator import generate
from bpsgraph.library import Query, bind, bundled
from bpsgraph.results import Rows
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import EmbeddedStore, Store, open_store
from bpsgraph.terms import BASE

Row = tuple[str, ...]
GOAL_SECONDS = 1.0
GOAL_RATIO = 20.0


def main() -> int:
    """Print the table and keep it as JSON; 1 where answers differ or a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.questions", description=main.__doc__)
    parser.add_argument("--size", choices=("county", "province"), default="province")
    parser.add_argument("--only", action="append", help="this question only; may be given again")
    parser.add_argument("--runs", type=int, default=3, help="runs of each question; the median counts")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds that rdflib is given")
    parser.add_argument("--without-rdflib", action="store_true", help="time the store alone")
    options = parser.parse_args()

    library = bundled()
    questions = [one for one in library.of_kind("query") if one.scan.form == "SELECT"]
    if options.only:
        questions = [library[name] for name in options.only]
    folder = Path("build") / "bench"
    path, built = store_of(options.size, folder)
    with open_store(path) as store:
        assert isinstance(store, EmbeddedStore)
        graph = None if options.without_rdflib else union(store)
        results = [measured(store, graph, one, options.runs, options.limit) for one in questions]
        triples = len(store)
    report = summary(results, options.size, triples, built)
    kept = folder / f"questions-{options.size}.json"
    kept.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(report, graph is not None)
    print(f"kept in {kept}", file=sys.stderr)
    return 0 if report["fine"] else 1


def store_of(size: str, folder: Path) -> tuple[Path, float | None]:
    """The built store of generated catalogues beside the bundled data, and the seconds it took to build.

    None seconds where the one kept from an earlier run still holds.
    """
    here = find_sources()
    root, path = folder / f"sources-{size}", folder / f"store-{size}"
    key = root / "key"
    kept = key.read_text(encoding="utf-8") if key.is_file() else ""
    shutil.rmtree(root, ignore_errors=True)
    for name in ("ontology", "queries", "shapes", "data"):
        shutil.copytree(here.root / name, root / name)
    for _ in generate(root / "data" / "ttl", root / "data" / "ttl" / "local", size):
        pass
    sources = Sources(root)
    now = of_data_and_rules(sources)
    if kept == now and path.is_dir():
        key.write_text(now, encoding="utf-8")
        return path, None
    print(f"building a {size}; this takes minutes", file=sys.stderr)
    start = time.perf_counter()
    build(path, sources)
    key.write_text(now, encoding="utf-8")
    return path, time.perf_counter() - start


def of_data_and_rules(sources: Sources) -> str:
    """The hash of all that data and verdicts follow from: a changed question needs no other store."""
    rules = [file for file in sources.queries() if "derive" in file.parts]
    digest = hashlib.sha256()
    for file in (*sources.ontology(), *sources.data(), *rules):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def union(store: EmbeddedStore) -> rdflib.Graph:
    """The same triples in rdflib."""
    print("loading rdflib", file=sys.stderr)
    graph = rdflib.Graph()
    graph.parse(data="".join(f"{triple} .\n" for triple in store.triples()), format="nt")
    return graph


def measured(
    store: Store, graph: rdflib.Graph | None, question: Query, runs: int, limit: float
) -> dict[str, Any]:
    """The times of one question in seconds, and whether both engines gave the same rows."""
    needed = {one.name: one.example for one in question.parameters if one.header.required}
    text = bind(question, {name: value for name, value in needed.items() if value is not None})
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        rows = store.query(text)
        times.append(time.perf_counter() - start)
    assert isinstance(rows, Rows)
    result: dict[str, Any] = {
        "question": question.name,
        "rows": len(rows),
        "first": times[0],
        "seconds": statistics.median(times),
    }
    print(f"  {question.name}: {result['seconds']:.3f} s", file=sys.stderr)
    if graph is not None:
        seconds, other = within(limit, lambda: rows_of(graph, text))
        result["rdflib"] = seconds
        result["same"] = None if other is None else other == counted(rows)
        print(f"      rdflib {seconds:.3f} s, same: {result['same']}", file=sys.stderr)
    return result


def within(limit: float, work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that `work` took in a process of its own, and what it gave: the limit, None if stopped."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def run() -> None:
        start = time.perf_counter()
        given = work()
        sending.send((time.perf_counter() - start, given))

    process = context.Process(target=run)
    process.start()
    sending.close()
    try:
        if receiving.poll(limit):
            seconds, given = receiving.recv()
            return min(seconds, limit), given
        return limit, None
    finally:
        process.kill()
        process.join()


def rows_of(graph: rdflib.Graph, text: str) -> Counter[Row]:
    """The answer of rdflib, without order."""
    answer: Any = graph.query(text, base=BASE)
    return Counter(tuple(_by_value("" if term is None else str(term)) for term in row) for row in answer)


def counted(rows: Rows) -> Counter[Row]:
    """The answer of the store, without order."""
    return Counter(tuple(_by_value("" if term is None else term.value) for term in row) for row in rows.rows)


def _by_value(cell: str) -> str:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return cell
    # Engines divide to another number of digits; twelve are the same in all of them.
    return f"{number:.12g}" if number.is_finite() else cell


def summary(results: list[dict[str, Any]], size: str, triples: int, built: float | None) -> dict[str, Any]:
    """All that was measured, and whether it reaches the goals."""
    compared = [one for one in results if "rdflib" in one]
    seconds = statistics.median(one["seconds"] for one in results)
    ratio = statistics.median(one["rdflib"] for one in compared) / seconds if compared else None
    slow = [one["question"] for one in results if one["seconds"] >= GOAL_SECONDS]
    different = [one["question"] for one in compared if one["same"] is False]
    return {
        "size": size,
        "triples": triples,
        "build_seconds": built,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "engines": f"pyoxigraph {pyoxigraph.__version__}, rdflib {rdflib.__version__}",
        "questions": results,
        "median_seconds": seconds,
        "ratio_of_medians": ratio,
        "slower_than_the_goal": slow,
        "different_answers": different,
        "fine": not slow and not different and (ratio is None or ratio >= GOAL_RATIO),
    }


def show(report: dict[str, Any], compared: bool) -> None:
    """Print the report as a table."""
    title = f"{report['size']}: {report['triples']:,} triples; {report['machine']}; {report['engines']}"
    table = Table("question", "rows", "store, ms", "rdflib, ms", "ratio", "same rows", title=title)
    for column in table.columns[1:5]:
        column.justify = "right"
    words = {True: "yes", False: "NO", None: "not in time"}
    for one in sorted(report["questions"], key=lambda one: -one["seconds"]):
        cells = [one["question"], f"{one['rows']:,}", f"{1000 * one['seconds']:.1f}"]
        if compared:
            ratio = one["rdflib"] / one["seconds"]
            cells += [f"{1000 * one['rdflib']:.0f}", f"{ratio:.0f}", words[one["same"]]]
        table.add_row(*cells)
    Console().print(table)
    print(f"median of the store: {1000 * report['median_seconds']:.1f} ms (each under {GOAL_SECONDS} s)")
    if report["ratio_of_medians"] is not None:
        print(f"rdflib takes {report['ratio_of_medians']:.0f} times as long (goal {GOAL_RATIO:.0f})")
    for name in ("slower_than_the_goal", "different_answers"):
        if report[name]:
            print(f"{name.replace('_', ' ')}: {', '.join(report[name])}")


if __name__ == "__main__":
    sys.exit(main())
