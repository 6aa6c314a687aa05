"""Two editions, two catalogues, or a draft in a file, compared; and what the second does to everybody below.

`compare` reads both sides, `Comparison.answer` gives the tables. The floors of an edition carry their
intervals and their text, so that two editions are two filters over the verdicts that are kept; only a draft
is judged anew, in memory.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode

from bpsgraph.analysis.editions import drafts
from bpsgraph.analysis.editions.answer import Announced, comparison_answer
from bpsgraph.analysis.editions.differences import Differences, Kind, differences
from bpsgraph.analysis.editions.impact import Impact, impact, rows_under
from bpsgraph.analysis.editions.statements import Reader, Side
from bpsgraph.answers import Answer, state_of
from bpsgraph.errors import BadParameter, UnknownCatalogue, UnknownEdition
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library
from bpsgraph.results import Text
from bpsgraph.stated import Units, read_units
from bpsgraph.store import Store
from bpsgraph.terms import BASE, GRAPH, short
from bpsgraph.validation import catalogue_in, national_editions
from bpsgraph.validation.derived import catalogues_of

__all__ = ["Announced", "Comparison", "compare"]

CURRENT = "current"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILES = (".ttl", ".jsonld", ".json", ".nt", ".rdf", ".xml", ".xlsx", ".xlsm", ".csv", ".tsv")
ReadFile = Callable[[str], Submission]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, what was announced, and with `impact` what the second side does to the catalogues below.

    `labels` are the words of the kinds of difference. `state` tells the state of the store, and `unread` how
    many remarks there are on what could not be read of the drafts.
    """

    differences: Differences
    announced: tuple[Announced, ...]
    impact: Impact | None
    labels: dict[Kind, Text]
    state: str
    unread: int = 0

    def answer(self) -> Answer:
        """The changes, and as further tables what was announced, what was not compared, and the impact."""
        return comparison_answer(
            self.differences, self.announced, self.impact, self.labels, self.state, self.unread
        )


@dataclass(frozen=True, slots=True)
class _Operand:
    side: Side
    draft: drafts.Draft | None = None


def compare(
    store: Store,
    library: Library,
    before: str,
    after: str,
    *,
    today: date,
    with_impact: bool = False,
    read_file: ReadFile = read,
) -> Comparison:
    """Compare what `before` and `after` name.

    Each is a national edition (`2021`), a day or `current` (what the State requires then), a catalogue in
    the store (`140500/2021`), or a file with a draft, which `read_file` reads.

    Raises `UnknownEdition`, `UnknownCatalogue`, what reading a file raises, and `BadParameter` where the
    impact is asked of texts of two different places.
    """
    units = read_units(store.graph(f"{GRAPH}vocabulary/units"))
    reader = Reader(store, library, units)
    sides = [_operand(given, reader, store, library, units, today, read_file) for given in (before, after)]
    held = {(row["segment"], row["within"]) for row in reader.ask("analysis/segments-covering")}

    def covers(narrow: str, wide: str) -> bool:
        return (NamedNode(narrow), NamedNode(wide)) in held

    old, new = sides
    found = differences(old.side, new.side, covers)
    consequences = None
    if with_impact:
        if old.side.owner != new.side.owner:
            raise BadParameter(
                "--impact",
                f"{before} and {after} are texts of two places, and neither replaces the other",
                "compare two texts of one place, or leave it out",
            )
        under = [
            drafts.falling_short(one.draft, store, library) if one.draft else rows_under(one.side, reader)
            for one in sides
        ]
        consequences = impact(found, under[0], under[1], reader)
    labels = {
        Kind(row["notation"].value): Text(row["code_zh"].value, row["code_en"].value)  # type: ignore[union-attr]
        for row in reader.ask("vocabulary/codes", list=NamedNode(f"{BASE}scheme/difference"))
    }
    unread = sum(one.draft.unread for one in sides if one.draft)
    return Comparison(
        found, _announced(old.side, new.side, reader, store), consequences, labels, state_of(store), unread
    )


def _operand(
    given: str,
    reader: Reader,
    store: Store,
    library: Library,
    units: Units,
    today: date,
    read_file: ReadFile,
) -> _Operand:
    if given == CURRENT:
        return _in_force(today, given, reader)
    if given == "-" or given.lower().endswith(_FILES) or Path(given).is_file():
        submission = read_file(given)
        draft = drafts.draft_of(submission, catalogue_in(submission))
        return _Operand(drafts.side_of(draft, store, library, units), draft)
    if _DAY.fullmatch(given):
        try:
            day = date.fromisoformat(given)
        except ValueError:
            raise BadParameter("A B", f"{given!r} is no date", "write it like 2024-06-01") from None
        return _in_force(day, given, reader)
    known = catalogues_of(store)
    key = given.removeprefix(BASE).removeprefix("catalogue/")
    for catalogue in (f"{BASE}catalogue/{key}", f"{BASE}catalogue/100000/{key}"):
        if catalogue in known:
            return _Operand(reader.text_of(catalogue, given))
    if given.isdigit() and len(given) == 4:
        raise UnknownEdition(given, [*national_editions(store), CURRENT])
    raise UnknownCatalogue(key, [short(iri).removeprefix("catalogue/") for iri in known])


def _in_force(day: date, given: str, reader: Reader) -> _Operand:
    side = reader.on_day(day, given)
    if not side.rows:
        raise BadParameter(
            "A B", f"nothing that the State requires is in force on {day}", "give a later day or an edition"
        )
    return _Operand(side)


def _announced(old: Side, new: Side, reader: Reader, store: Store) -> tuple[Announced, ...]:
    """What was announced with the second edition, where the first is the one before it."""
    editions = list(national_editions(store).values())
    if new.catalogue not in editions or old.catalogue not in editions:
        return ()
    if editions.index(new.catalogue) != editions.index(old.catalogue) + 1:
        return ()
    found: dict[str, Announced] = {}
    for row in reader.ask("editions/announced-changes", edition=NamedNode(new.catalogue)):
        if row["difference"] is None:
            continue
        one = Announced.of(row)
        known = found.get(one.kind)
        found[one.kind] = one if known is None else known.with_item(one)
    return tuple(found.values())
