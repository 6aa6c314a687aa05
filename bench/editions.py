"""Ten editions of the catalogues of counties, accepted one after another into a store that fills up.

Each edition is the generated one under the name of another year. An edition's processor time is that of
accepting all its catalogues; before the first and after the last the saved questions of a catalogue's page
are asked. `python -m bench.editions STORE FOLDER NUMBER` is one run over a copy of the store.
"""

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from bench.ground import Ground
from bench.measuring import Clock, Row, own_peak, run
from bpsgraph.acceptance import Accepted, Register
from bpsgraph.generator import generate
from bpsgraph.ingest import read_content
from bpsgraph.library import bind, bundled
from bpsgraph.results import Severity
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.journal import journal_of
from bpsgraph.validation.shapes import ShapesGraph

GOAL_GROWTH = 1.15
FIRST = 2024
PAGE = {
    "floors/below-over-time": "jurisdiction",
    "provenance/values-by-catalogue": "catalogue",
    "analysis/stated-promises": "catalogue",
    "provenance/changes": "catalogue",
}
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def rows(ground: Ground, rounds: int, editions: int = 10) -> Iterator[Row]:
    """How an edition's time and a page's time grow from the first edition to the tenth."""
    with tempfile.TemporaryDirectory(dir=ground.folder) as place:
        folder = Path(place)
        shutil.copytree(ground.store, folder / "store")
        # Without faults, since what has any is refused.
        for _ in generate(find_sources().root / "data" / "ttl", folder / "whole", "province", defects=()):
            pass
        said = run(
            [sys.executable, "-m", "bench.editions", folder / "store", folder / "whole", editions]
        ).said
    each = said["editions"]
    # One run of an edition is short: the first three and the last three are compared.
    first, last = statistics.median(each[:3]), statistics.median(each[-3:])
    places = said["places"]
    yield Row(
        work=f"{editions} editions of {places} places accepted one after another, each edition",
        contender="the last three",
        seconds=last,
        against="the first three",
        against_seconds=first,
        ratio=last / first,
        goal=f"less than {GOAL_GROWTH:.2f} x",
        reached=last / first < GOAL_GROWTH,
        figures={"editions": each, "peak_mib": said["peak"]},
    )
    ratio = said["after"] / said["before"]
    yield Row(
        work="the saved questions of a county's page after ten editions",
        contender="after the tenth",
        seconds=said["after"],
        against="before the first",
        against_seconds=said["before"],
        ratio=ratio,
        goal=f"less than {GOAL_GROWTH:.2f} x",
        reached=ratio < GOAL_GROWTH,
        figures={"questions": list(PAGE)},
    )


def main() -> int:
    """Accept the editions; prints what each took as JSON."""
    store, folder, editions = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    files = [file for file in sorted(folder.glob("3301??-2023.ttl")) if not file.name.startswith("330100")][
        :4
    ]
    sources = find_sources()
    library, shapes = bundled(), ShapesGraph.read(sources.shapes())
    register = Register(store, library, journal_of(store))
    county = files[-1].name[:6]
    before = page(store, county)
    taken = []
    for year in range(FIRST, FIRST + editions):
        clock = Clock()
        for file in files:
            code = file.name[:6]
            text = file.read_text(encoding="utf-8")
            text = text.replace(f"{code}/2023", f"{code}/{year}").replace(f"{code}-2023", f"{code}-{year}")
            text = text.replace('bps:edition "2023"', f'bps:edition "{year}"')
            submission = read_content(text.encode(), f"{code}-{year}.ttl")
            done = register.accept(
                submission,
                lambda opened, given=submission: register.ready.report(  # type: ignore[misc]
                    given, opened, shapes, edition="2023", today=date(2026, 3, 1)
                ),
                by="bench",
                at=NOON,
                threshold=Severity.VIOLATION,
            )
            if not isinstance(done, Accepted):
                rules = {finding.rule for finding in done.report.findings}
                raise RuntimeError(f"{file.name} is not accepted: {sorted(rules)}")
        taken.append(clock.taken()["seconds"])
        print(f"    {year}: {taken[-1]:.1f} s", file=sys.stderr)
    after = page(store, county)
    said = {"editions": taken, "places": len(files), "before": before, "after": after, "peak": own_peak()}
    print(json.dumps(said))
    return 0


def page(store: Path, county: str) -> float:
    """The processor seconds of the questions of a county's page, the median of seven."""
    library = bundled()
    times = []
    for _ in range(7):
        with open_store(store) as opened:
            clock = Clock()
            for name, parameter in PAGE.items():
                value = county if parameter == "jurisdiction" else f"{county}/2023"
                opened.query(bind(library[name], {parameter: value}))
            times.append(clock.taken()["seconds"])
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
