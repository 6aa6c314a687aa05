"""`python -m bench.page`: the figures and charts of `docs/performance.md`, from what `python -m bench` kept.

The JSON of each size is kept in `docs/performance/`, part by part, so that a table can be read again without
measuring.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measuring import HEADINGS as MEASURED
from bench.measuring import cells, duration
from bpsgraph.answers.drawing import svg_of
from bpsgraph.sources import find_sources

SIZES = ("county", "province", "nation")
WAYS = {"columns": "all rules at once in columns", "parse": "parsing only"}
_MARK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Renew the page; 1 where nothing was measured."""
    docs = find_sources().root / "docs"
    kept = docs / "performance"
    for file in sorted((Path("build") / "bench").glob("goals-*.json")):
        measured = json.loads(file.read_text(encoding="utf-8"))
        if (kept / file.name).is_file():
            # A part that was not measured this time, or not to its end, stays as it was.
            before = json.loads((kept / file.name).read_text(encoding="utf-8"))
            whole = {name: part for name, part in measured["parts"].items() if not part.get("failed")}
            measured["parts"] = measured["parts"] | before["parts"] | whole
        text = json.dumps(measured, indent=1, ensure_ascii=False) + "\n"
        (kept / file.name).write_text(text, encoding="utf-8")
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
    for name, specification in (*charts(reports), *_grown(reports)):
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
    yield from _by_engine(rows) if part == "engines" else _by_row(rows)
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
                f"Python {machine['python']}, {versions}{_said_of(at)}."
            )


def _said_of(part: dict[str, Any]) -> str:
    """How often a part was measured at most, and why it did not come to its end."""
    rounds, failed = part.get("rounds"), part.get("failed")
    return (f", {rounds} rounds" if rounds else "") + (f"; not to the end ({failed})" if failed else "")


def _by_row(rows: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    yield f"\n| size | {' | '.join(MEASURED)} |\n|" + " --- |" * (len(MEASURED) + 1)
    for size, row in rows:
        said = [cell.replace("|", "\\|") for cell in cells(row)]
        said[-1] = said[-1] if said[-1] in ("yes", "") else f"**{said[-1].lower()}**"
        yield f"| {size} | {' | '.join(said)} |"


def _by_engine(rows: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """A row for what is asked, a column for each engine; how often ours fits into its time is in brackets."""
    table: dict[tuple[str, str, str], dict[str, str]] = {}
    for size, row in rows:
        engine = row["against"].removesuffix(", from N-Triples").removesuffix(", loaded before")
        theirs = row["against_seconds"]
        told = row["note"] if theirs is None else f"{duration(theirs)} ({_times(row['ratio'])})"
        ours = f"{duration(row['seconds'])}: {row['contender']}"
        table.setdefault((size, row["work"], ours), {})[engine] = told.replace("|", "\\|")
    engines = list(dict.fromkeys(engine for said in table.values() for engine in said))
    yield f"\n| size | work | ours | {' | '.join(engines)} |\n|" + " --- |" * (len(engines) + 3)
    for asked, said in table.items():
        yield f"| {' | '.join((*asked, *(said.get(engine, '') for engine in engines)))} |"


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


def _grown(reports: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What judging one submission and asking other engines takes, by size, as Vega-Lite."""
    each, asked = [], []
    for size, report in reports.items():
        name = f"{size} ({report['catalogues']:,})"
        for row in (
            row for part in ("nation", "ways") for row in report["parts"].get(part, {}).get("rows", ())
        ):
            for way, seconds in row["figures"].get("each", {}).items():
                each.append({"size": name, "way": WAYS.get(way, way), "ms": 1000 * seconds})
        for row in report["parts"].get("engines", {}).get("rows", ()):
            if row["figures"].get("step") == "missing" and not row["work"].startswith("one county"):
                for engine, seconds in (
                    ("bpsgraph", row["seconds"]),
                    (row["figures"]["engine"], row["against_seconds"]),
                ):
                    asked.append({"size": name, "engine": engine, "ms": 1000 * seconds})
    for name, title, described, points, colour in (
        ("validation", "Validating one submission", "what a submission takes among so many", each, "way"),
        ("engines", "Which items catalogues lack, by engine", "the question asked once", asked, "engine"),
    ):
        points = list({tuple(point.items())[:2]: point for point in points}.values())
        if points:
            sizes = list(dict.fromkeys(point["size"] for point in points))
            encoding = {
                "x": {"field": "size", "type": "nominal", "sort": sizes, "title": "catalogues"},
                "y": {"field": "ms", "type": "quantitative", "scale": {"type": "log"}, "title": "ms"},
                "color": {"field": colour, "type": "nominal", "title": None, "legend": {"labelLimit": 360}},
            }
            words = f"Milliseconds of processor time by size, on a scale in powers of ten: {described}."
            yield name, _chart(title, words, points, encoding)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} x" if ratio >= 10 else f"{ratio:.2f} x"


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


if __name__ == "__main__":
    sys.exit(main())
