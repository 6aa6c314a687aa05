"""`python -m bench.page`: the figures and charts of `docs/performance.md`, from what `python -m bench` kept.

The JSON of each size is copied to `docs/performance/`, so that a table can be read again without measuring.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measuring import duration
from bpsgraph.answers.drawing import svg_of
from bpsgraph.sources import find_sources

SIZES = ("county", "province", "nation")
HEADINGS = {
    "country": "The six questions about the country",
    "nation": "Validating all submissions",
    "resubmission": "One county resubmitted",
    "building": "Building from files",
    "editions": "Ten editions",
    "cluster": "Dask beside the pool",
    "starting": "Starting the command line",
    "engines": "Other engines",
}
_MARK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Renew the page; 1 where nothing was measured."""
    docs = find_sources().root / "docs"
    kept = docs / "performance"
    for file in sorted((Path("build") / "bench").glob("goals-*.json")):
        shutil.copy(file, kept / file.name)
    reports = {
        size: json.loads(path.read_text(encoding="utf-8"))
        for size in SIZES
        if (path := kept / f"goals-{size}.json").is_file()
    }
    if not reports:
        print("nothing was measured yet: run `make bench`", file=sys.stderr)
        return 1
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    text = _MARK.sub(lambda found: found[1] + "\n".join(figures(reports, found[2])) + "\n" + found[3], text)
    page.write_text(text, encoding="utf-8")
    for name, specification in charts(reports):
        (kept / f"{name}.svg").write_text(svg_of(specification), encoding="utf-8")
    return 0


def figures(reports: dict[str, Any], part: str) -> Iterator[str]:
    """The table of one part, of every size that was measured."""
    rows = [
        (size, row)
        for size, report in reports.items()
        for row in report["parts"].get(part, {}).get("rows", ())
    ]
    if not rows:
        yield "\nNot measured yet."
        return
    yield "\n| size | work | by | time | beside | time | times | goal |\n|" + " --- |" * 8
    for size, row in rows:
        reached = {True: ", reached", False: ", **missed**", None: ""}[row["reached"]]
        same = {True: "", False: "; **answers differ**", None: ""}[row["same"]]
        note = f"<br>{row['note']}" if row["note"] else ""
        times = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        ours, theirs = _time(row["seconds"]), _time(row["against_seconds"])
        cells = (
            size,
            row["work"] + note,
            _code(row["contender"]),
            ours,
            _code(row["against"]),
            theirs,
            times,
        )
        yield f"| {' | '.join(cells)} | {row['goal']}{reached}{same} |"
    for size, report in reports.items():
        at = report["parts"].get(part)
        if at:
            machine = at["machine"]
            versions = ", ".join(
                f"{name} {machine['versions'][name]}"
                for name in ("pyoxigraph", "pyshifty")
                if name in machine["versions"]
            )
            yield (
                f"\n{size.capitalize()}, {report['catalogues']:,} catalogues: {at['measured']}, "
                f"{machine['cores']} cores, {machine['memory_gib']} GiB, load {machine['load']}, "
                f"Python {machine['python']}, {versions}."
            )


def charts(reports: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """How the questions about the country grow with its size, and what an edition takes, as Vega-Lite."""
    points = [
        {
            "size": f"{size} ({report['catalogues']:,})",
            "question": row["work"],
            "form": form,
            "ms": 1000 * seconds,
        }
        for size, report in reports.items()
        for row in report["parts"].get("country", {}).get("rows", ())
        for form, seconds in (("saved", row["seconds"]), ("plain", row["against_seconds"]))
        if seconds is not None and row["against_seconds"] is not None
    ]
    if points:
        sizes = list(dict.fromkeys(point["size"] for point in points))
        yield (
            "questions",
            _chart(
                "Questions about the country: saved over derived graphs, and plain",
                "Milliseconds of processor time by size, on a scale in powers of ten.",
                points,
                {
                    "x": {"field": "size", "type": "nominal", "sort": sizes, "title": "catalogues"},
                    "y": {"field": "ms", "type": "quantitative", "scale": {"type": "log"}, "title": "ms"},
                    "color": {
                        "field": "question",
                        "type": "nominal",
                        "title": None,
                        "legend": {"labelLimit": 360},
                    },
                    "strokeDash": {
                        "field": "form",
                        "type": "nominal",
                        "title": "form",
                        "sort": ["saved", "plain"],
                    },
                },
            ),
        )
    editions = [
        {"size": size, "edition": number, "seconds": seconds}
        for size, report in reports.items()
        for row in report["parts"].get("editions", {}).get("rows", ())
        for number, seconds in enumerate(row["figures"].get("editions", ()), 1)
    ]
    if editions:
        yield (
            "editions",
            _chart(
                "Ten editions, one after another",
                "Seconds of processor time to accept each edition.",
                editions,
                {
                    "x": {
                        "field": "edition",
                        "type": "ordinal",
                        "title": "edition",
                        "axis": {"labelAngle": 0},
                    },
                    "y": {"field": "seconds", "type": "quantitative", "title": "s", "scale": {"zero": True}},
                    "color": {"field": "size", "type": "nominal", "title": None},
                },
            ),
        )


def _chart(
    title: str, described: str, values: list[dict[str, Any]], encoding: dict[str, Any]
) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": [title], "anchor": "start"},
        "description": described,
        "data": {"values": values},
        "mark": {"type": "line", "point": True},
        "width": 420,
        "height": 240,
        "background": "white",
        "encoding": encoding,
    }


def _time(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)


def _code(name: str) -> str:
    return f"`{name}`" if "/" in name and " " not in name else name


if __name__ == "__main__":
    sys.exit(main())
