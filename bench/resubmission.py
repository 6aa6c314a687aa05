"""One county that is submitted again into a store that holds a country: from the file to the national answer.

A value of the county is set far below the floor of the State. Timed are reading, judging and accepting the
file, which ends when all is on the disk, in a process that goes on; beside it is deriving everything anew,
which gives the same graphs. The sums of the country, which questions look up, are compared with sums over all
catalogues.
"""

import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bench.ground import Ground
from bench.measuring import Row
from bpsgraph.acceptance import Register
from bpsgraph.ingest import read
from bpsgraph.library import Library
from bpsgraph.results import Report
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, open_store, select
from bpsgraph.terms import GRAPH
from bpsgraph.validation.derived import derive_all
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.totals import TOTALS, derive_totals
from bpsgraph.vocabulary import names_of

_VALUE = re.compile(r"bps:value ([0-9.]+) ")
_SUM = f"""
SELECT (SUM(?count) AS ?sum) {{
  GRAPH <{TOTALS}100000> {{ ?tally bps:domain ?domain ; bps:belowCount ?count }}
}}
"""
_COUNT = """
SELECT (COUNT(DISTINCT ?promise) AS ?sum) {
  GRAPH <%s> { ?verdict bps:valueVerdict <value-verdict/below> ; bps:promise ?promise }
  FILTER NOT EXISTS { ?verdict bps:validUntil ?end }
}
"""
_TODAY = date(2026, 11, 21)


def rows(ground: Ground, rounds: int) -> list[Row]:
    """The row of the table: a county accepted, beside deriving all anew."""
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder:
        store = Path(folder) / "store"
        _linked_copy(ground.store, store)
        return [measured(store, ground.files[-1], rounds, Path(folder))]


def measured(store: Path, file: Path, rounds: int, folder: Path) -> Row:
    """What the county in the file costs when it is submitted again into the store, which is changed."""
    county = County(store, file, folder)
    # The first makes the store one that this version has written, and finds a value that matters.
    county.submit(0)
    place = next(place for place in range(1, 20) if county.submit(place).change)
    county.submit(0)
    taken = [county.submit(place if number % 2 == 0 else 0) for number in range(rounds)]
    with open_store(store) as opened:
        library = county.library
        summed = all(opened.graph(graph) == found for graph, found in derive_totals(opened, library))
        anew, derived = _derived_anew(opened, library)
    seconds = statistics.median(one.seconds for one in taken)
    judging = statistics.median(one.judging for one in taken)
    return Row(
        work="one county resubmitted, durable, national sums right",
        contender="accept",
        seconds=seconds,
        against="all derived anew",
        against_seconds=anew,
        ratio=anew / seconds,
        goal="under 1 s, 100 x",
        reached=seconds < 1 and anew / seconds >= 100,
        same=summed and derived and all(one.right and one.change for one in taken),
        figures={
            "wall": statistics.median(one.wall for one in taken),
            "judging": judging,
            "deriving and writing": seconds - judging,
        },
    )


def _derived_anew(opened: EmbeddedStore, library: Library) -> tuple[float, bool]:
    """How long it takes to derive all anew, comparing apart, and whether that gives what the store holds."""
    graphs, same = derive_all(opened, library), True
    seconds, began = 0.0, time.process_time()
    for graph, found in graphs:
        seconds += time.process_time() - began
        same = same and opened.graph(graph) == found
        began = time.process_time()
    return seconds + time.process_time() - began, same


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submission: processor and wall seconds, those of judging in it, and by how much the sum changed.

    `right` is whether the sum of the country changed by as much as the verdicts on the county say.
    """

    seconds: float
    wall: float
    judging: float
    change: int
    right: bool


class County:
    """A county that is submitted into a store again and again, in a process that goes on."""

    def __init__(self, store: Path, file: Path, folder: Path) -> None:
        sources = find_sources()
        self.library, self._shapes = Library(sources.root / "queries"), ShapesGraph.read(sources.shapes())
        self._store, self._path = store, folder / file.name
        self._text = file.read_text(encoding="utf-8")
        self._verdicts = GRAPH + "verdicts/" + file.stem.replace("-", "/")
        self._register = Register(store, self.library)
        with open_store(store) as opened:
            self._names = names_of(opened)

    def submit(self, place: int) -> Submitted:
        """Submit the county with one of its values far below whatever is asked; 0 leaves all as they are."""
        self._path.write_text(_edited(self._text, place), encoding="utf-8")
        national, own = self._counts()
        judging = 0.0

        def judge(opened: EmbeddedStore) -> Report:
            nonlocal judging
            began = time.process_time()
            report = self._register.ready.report(
                submission, opened, self._shapes, edition="2023", today=_TODAY
            )
            judging += time.process_time() - began
            return report

        wall, began = time.perf_counter(), time.process_time()
        submission = read(self._path, names=self._names)
        self._register.accept(submission, judge, by="bench", at=datetime.now(UTC), threshold=None)
        after, of_county = self._counts()
        seconds, passed = time.process_time() - began, time.perf_counter() - wall
        change = after - national
        return Submitted(seconds, passed, judging, change, change == of_county - own)

    def _counts(self) -> tuple[int, int]:
        """How many promises are below a floor: in the sums of the country, and counted in the county."""
        with open_store(self._store) as opened:
            found = [select(opened, text).rows[0][0] for text in (_SUM, _COUNT % self._verdicts)]
        return int(found[0].value), int(found[1].value)  # type: ignore[union-attr]


def _edited(text: str, place: int) -> str:
    if not place:
        return text
    value = list(_VALUE.finditer(text))[place - 1]
    return text[: value.start(1)] + "0.001" + text[value.end(1) :]


def _linked_copy(source: Path, target: Path) -> None:
    """The store once more, without its journal; the files of generations never change and are linked."""

    def put(old: str, new: str) -> str:
        try:
            os.link(old, new)
        except OSError:
            shutil.copy2(old, new)
        return new

    copy: Callable[[str, str], str] = put
    target.mkdir(parents=True)
    shutil.copy2(source / "bpsgraph.json", target / "bpsgraph.json")
    (target / "lock").touch()
    shutil.copytree(source / "generations", target / "generations", copy_function=copy)
