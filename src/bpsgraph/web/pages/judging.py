"""Catalogues of the store judged anew: against the floors of an edition, of a day, or of today."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bpsgraph.errors import BadParameter, UnknownCatalogue
from bpsgraph.ingest import Submission
from bpsgraph.results import Report
from bpsgraph.terms import short
from bpsgraph.validation.derived import catalogues_of
from bpsgraph.validation.ready import Ready
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import View

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Moment:
    """Which floors are asked for: the text of an edition, `current` for those of today, or those of a day."""

    edition: str | None = None
    day: date | None = None


KEPT = 32
"""Reports that are kept, so that another filter of the same verdicts need not judge again."""


class Judge:
    """Judges the catalogues of a snapshot, one at a time; what they are judged against is made ready once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._shapes = ShapesGraph.read(snapshot.sources.shapes())
        self.rules: Mapping[str, Rule] = rules_of(self._shapes)
        self._store = snapshot.store
        self._ready = Ready(snapshot.library)
        self._catalogues = catalogues_of(snapshot.store)
        self._lock = threading.Lock()
        self._reports: OrderedDict[tuple[str, Moment, date], Report] = OrderedDict()

    def report(self, catalogue: str, moment: Moment) -> Report:
        """The report on a catalogue, given by its IRI. Raises `UnknownCatalogue`, `UnknownEdition`."""
        if catalogue not in self._catalogues:
            raise UnknownCatalogue(short(catalogue), [short(iri) for iri in self._catalogues])
        today = date.today()
        asked = (catalogue, moment, today)
        with self._lock:
            if asked not in self._reports:
                submission = Submission(short(catalogue), self._store.graph(self._catalogues[catalogue][1]))
                self._reports[asked] = self._ready.report(
                    submission,
                    self._store,
                    self._shapes,
                    edition=moment.edition,
                    as_of=moment.day,
                    today=today,
                    verdicts=True,
                )
                if len(self._reports) > KEPT:
                    self._reports.popitem(last=False)
            self._reports.move_to_end(asked)
            return self._reports[asked]


def judge_of(snapshot: Snapshot) -> Judge:
    """The judge of the snapshot, made when it is first asked for."""
    return snapshot.kept("judge of catalogues", lambda: Judge(snapshot))


def moment_asked(view: View) -> Moment:
    """What `?edition=` or `?as-of=` ask for, neither by default. Raises `BadParameter`."""
    edition, day = view.parameters.get("edition") or None, view.parameters.get("as-of") or None
    if edition and day:
        raise BadParameter(
            "edition", "an edition and a day are two different questions", "give edition or as-of, not both"
        )
    if day is None:
        return Moment(edition=edition)
    try:
        return Moment(day=date.fromisoformat(day))
    except ValueError:
        raise BadParameter("as-of", f"{day!r} is no date", "write it like 2024-06-01") from None
