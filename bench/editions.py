"""Ten editions of the catalogues of counties, accepted one after another into a store that fills up.

Each edition is the generated one under the name of another year. An edition's processor time is that of
accepting all its catalogues, what the engine puts in order meanwhile in threads of its own included; before
the first and after the last a site shows the pages of their first editions. `python -m bench.editions STORE
FOLDER NUMBER` is one run over a copy of the store.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.testclient import TestClient

from bench.ground import Ground
from bench.measuring import Clock, Row, own_peak, run
from bpsgraph.acceptance import Accepted, Register
from bpsgraph.config import Settings
from bpsgraph.generator import generate
from bpsgraph.ingest import read_content
from bpsgraph.library import bundled
from bpsgraph.results import Severity
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.journal import journal_of
from bpsgraph.terms import BASE
from bpsgraph.validation.derived import catalogues_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.web.app import application
from bpsgraph.web.site import Site

GOAL_GROWTH = 1.15
FIRST = 2024
# The page of another catalogue, which every store has, comes first: what all pages need lies ready then.
OTHER = "140500/2021"
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
    places = said["places"]
    work = f"{editions} editions of {places} places accepted one after another, each edition"
    for what, taken in (("", said["editions"]), (", without the engine's own threads", said["itself"])):
        # One run of an edition is short: the first three and the last three are compared.
        first, last = statistics.median(taken[:3]), statistics.median(taken[-3:])
        yield Row(
            work=work + what,
            contender="the last three",
            seconds=last,
            against="the first three",
            against_seconds=first,
            ratio=last / first,
            goal="" if what else f"less than {GOAL_GROWTH:.2f} x",
            reached=None if what else last / first < GOAL_GROWTH,
            figures={"itself": taken} if what else {"editions": taken, "peak_mib": said["peak"]},
        )
    ratio = said["after"] / said["before"]
    yield Row(
        work=f"the page of a county on the site after {editions} editions",
        contender="after the tenth",
        seconds=said["after"],
        against="before the first",
        against_seconds=said["before"],
        ratio=ratio,
        goal=f"less than {GOAL_GROWTH:.2f} x",
        reached=ratio < GOAL_GROWTH,
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
    with open_store(store) as opened:
        held = catalogues_of(opened)
    names = [f"{file.name[:6]}/2023" for file in files]
    # A store of a single county holds one of them.
    keys = [name for name in names if f"{BASE}catalogue/{name}" in held]
    before = page(store, keys)
    taken, itself = [], []
    for year in range(FIRST, FIRST + editions):
        clock, began = Clock(), time.thread_time()
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
        itself.append(time.thread_time() - began)
        print(f"    {year}: {taken[-1]:.1f} s", file=sys.stderr)
    after = page(store, keys)
    said = {"editions": taken, "itself": itself, "places": len(files), "before": before, "after": after}
    print(json.dumps({**said, "peak": own_peak()}))
    return 0


def page(store: Path, keys: Sequence[str]) -> float:
    """Median processor seconds of a server for the page of a catalogue that nobody asked for yet."""
    times = []
    site = Site(Settings(store=store, cache_size=1))
    try:
        client = TestClient(application(site, close=False), headers={"accept": "text/html"})
        for key in (OTHER, *keys):
            clock = Clock()
            shown = client.get(f"/catalogues/{key}")
            times.append(clock.taken()["seconds"])
            if shown.status_code != 200:
                raise RuntimeError(f"the page of {key} is answered with {shown.status_code}")
    finally:
        site.close()
    return statistics.median(times[1:])


if __name__ == "__main__":
    sys.exit(main())
