"""`python -m bench`: every goal of scale and speed in one table, on generated catalogues of one size.

Answers are compared before times are printed. What was measured is kept as JSON in `build/bench`, from which
`python -m bench.page` renews the figures of `docs/performance.md`. The exit code is 1 where a goal is missed.
"""

import argparse
import importlib
import json
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.ground import Ground
from bench.measuring import HEADINGS, cells, machine

# Modules with `rows(ground, rounds)`.
PARTS = {
    "country": "the six questions about the country",
    "building": "from files into a store",
    "nation": "validating all submissions",
    "ways": "other ways of validating",
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
    report = _read(kept)
    asked = options.only or [*PARTS]
    for name in asked:
        if importlib.util.find_spec(f"bench.{name}") is None:
            print(f"{name}: not here", file=sys.stderr)
            continue
        print(f"{name}: {PARTS[name]}", file=sys.stderr)
        module = importlib.import_module(f"bench.{name}")
        began = time.perf_counter()
        found: list[dict[str, Any]] = []
        failed = "broken off"
        try:
            for row in module.rows(ground, options.rounds):
                found.append(row.as_json())
                report = _keep(kept, ground, name, found, options.rounds, began, failed)
            failed = ""
        except Exception as error:  # One part that fails must not lose the others.
            traceback.print_exc()
            failed = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
        report = _keep(kept, ground, name, found, options.rounds, began, failed)
    report["parts"] = {name: part for name, part in report["parts"].items() if name in asked}
    show(report)
    print(f"kept in {kept}", file=sys.stderr)
    parts = [report["parts"][name] for name in PARTS if name in report["parts"]]
    missed = any(row["reached"] is False or row["same"] is False for part in parts for row in part["rows"])
    return int(missed or any(part.get("failed") for part in parts))


def _keep(
    kept: Path,
    ground: Ground,
    name: str,
    rows: list[dict[str, Any]],
    rounds: int,
    began: float,
    failed: str,
) -> dict[str, Any]:
    """Write what a part has measured so far, and return all that is kept of the size."""
    # Another run may have measured another part meanwhile.
    report = _read(kept)
    report["parts"][name] = {
        "rows": rows,
        "rounds": rounds,
        "machine": machine(),
        "measured": datetime.now(UTC).date().isoformat(),
        "wall": time.perf_counter() - began,
        "failed": failed,
    }
    report |= {"size": ground.size, "catalogues": len(ground.files)}
    kept.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _read(kept: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {"parts": {}}
    return found


def show(report: dict[str, Any]) -> None:
    """Print the table."""
    at = machine()
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    title = (
        f"{report['size']}, {report['catalogues']:,} catalogues; "
        f"{at['cores']} cores, {at['memory_gib']} GiB, "
        f"load {at['load']}, Python {at['python']}, {versions}"
    )
    table = Table(*HEADINGS, title=title)
    table.columns[3].justify = "right"
    for name in PARTS:
        part = report["parts"].get(name)
        if part is None:
            continue
        for row in part["rows"]:
            table.add_row(*cells(row))
        table.add_section()
        if part.get("failed"):
            table.add_row(PARTS[name], part["failed"], "", "", "", "NO")
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print("Seconds of processor time, medians; a ratio is as its goal asks for it.")


if __name__ == "__main__":
    sys.exit(main())
