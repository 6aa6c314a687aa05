"""`python -m bench`: every goal of scale and speed in one table, on generated catalogues of one size.

Answers are compared before times are printed. What was measured is kept as JSON in `build/bench`, from which
`python -m bench.page` renews the figures of `docs/performance.md`. The exit code is 1 where a goal is missed.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.ground import Ground
from bench.measuring import machine

# Modules with `rows(ground, rounds)`.
PARTS = {
    "country": "the six questions about the country",
    "building": "from files into a store",
    "nation": "validating all submissions",
    "resubmission": "one county resubmitted",
    "editions": "ten editions",
    "cluster": "Dask beside the process pool",
    "starting": "starting the command line",
    "engines": "other engines on the same data",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, keep the JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=("county", "province", "nation"), default="province")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument(
        "--only", action="append", choices=sorted(PARTS), help="this part; may be given again"
    )
    parser.add_argument("--store", type=Path, help="a built store of these catalogues, else one is built")
    parser.add_argument("--catalogues", type=Path, help="a folder of generated catalogues")
    options = parser.parse_args(arguments)
    folder = Path("build") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    ground = Ground(options.size, folder.resolve(), options.store, options.catalogues)
    kept = folder / f"goals-{options.size}.json"
    report: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {"parts": {}}
    for name in options.only or PARTS:
        if importlib.util.find_spec(f"bench.{name}") is None:
            print(f"{name}: not here", file=sys.stderr)
            continue
        print(f"{name}: {PARTS[name]}", file=sys.stderr)
        module = importlib.import_module(f"bench.{name}")
        began = time.perf_counter()
        found = [row.as_json() for row in module.rows(ground, options.rounds)]
        report["parts"][name] = {
            "rows": found,
            "machine": machine(),
            "measured": datetime.now(UTC).date().isoformat(),
            "wall": time.perf_counter() - began,
        }
        report |= {"size": options.size, "catalogues": len(ground.files)}
        kept.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(report)
    print(f"kept in {kept}", file=sys.stderr)
    every = [row for part in report["parts"].values() for row in part["rows"]]
    return int(any(row["reached"] is False or row["same"] is False for row in every))


def show(report: dict[str, Any]) -> None:
    """Print the table."""
    at = machine()
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    title = (
        f"{report['size']}, {report['catalogues']:,} catalogues; "
        f"{at['cores']} cores, {at['memory_gib']} GiB, "
        f"load {at['load']}, Python {at['python']}, {versions}"
    )
    table = Table(
        "work", "by", "seconds", "beside", "seconds", "times", "goal", "reached", "same", title=title
    )
    for column in (2, 4, 5):
        table.columns[column].justify = "right"
    words = {True: "yes", False: "NO", None: ""}
    for name in PARTS:
        for row in report["parts"].get(name, {}).get("rows", ()):
            beside = row["against_seconds"]
            table.add_row(
                row["work"],
                row["contender"],
                f"{row['seconds']:.3f}",
                row["against"],
                "" if beside is None else f"{beside:.3f}",
                "" if row["ratio"] is None else f"{row['ratio']:.2f}",
                row["goal"],
                words[row["reached"]],
                words[row["same"]],
            )
    Console(width=None if sys.stdout.isatty() else 220).print(table)


if __name__ == "__main__":
    sys.exit(main())
