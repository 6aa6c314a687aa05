"""The page of one catalogue."""

from dataclasses import dataclass

from bpsgraph.errors import BadParameter, UnknownCatalogue, Withdrawn
from bpsgraph.publishing.withdrawn import tombstone
from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.catalogues import STATE
from bpsgraph.web.pages.judged import Judged, judged
from bpsgraph.web.pages.judging import moment_asked
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell, Picture, Table, address_of, picture_of, table_of
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The page of one catalogue; `judged` is there for local ones."""

    key: str
    code: str
    edition: str
    title: str
    other_title: str
    place: Cell
    national: bool
    facts: tuple[tuple[str, Cell], ...]
    others: tuple[Cell, ...]
    excerpt: bool
    judged: Judged | None
    promises: Table | None
    over_time: Table | None
    picture: Picture | None
    history: Table
    confidence: tuple[tuple[Cell, int, int], ...]
    confidence_data: str
    compare: str


def catalogue(view: View, key: str) -> Catalogue:
    """The page of the catalogue `140500/2021`. Raises `UnknownCatalogue`, `Withdrawn`, `BadParameter`."""
    iri = f"{BASE}catalogue/{key}"
    code, _, edition = key.partition("/")
    try:
        of_place = records(view, view.answered("catalogues/all", jurisdiction=code))
    except BadParameter:
        of_place = []
    row = next((one for one in of_place if one.iri("catalogue") == iri), None)
    if row is None:
        stone = tombstone(view.snapshot.store, iri)
        if stone is not None:
            raise Withdrawn(key, stone.at, stone.entry)
        known = records(view, view.answered("catalogues/titles"))
        raise UnknownCatalogue(key, [one.key("catalogue") for one in known])
    national = code == STATE
    other = Record(view, {**row.values}, {})
    over_time = None if national else view.answered("floors/below-over-time", jurisdiction=code)
    confidence = view.answered("provenance/values-by-catalogue", catalogue=key)
    return Catalogue(
        key=key,
        code=code,
        edition=edition,
        title=row.text("title") or key,
        other_title=other.text("title_en" if view.language == "zh" else "title_zh"),
        place=row.cell("jurisdiction"),
        national=national,
        facts=_facts(view, row, code),
        others=tuple(
            Cell(
                one.text("title") or one.key("catalogue"),
                href=view.link(f"/catalogues/{one.key('catalogue')}"),
            )
            for one in of_place
            if one is not row
        ),
        excerpt=row.text("extent") == "excerpt",
        judged=None if national else judged(view, iri, moment_asked(view)),
        promises=table_of(view, view.answered("analysis/stated-promises", catalogue=key), _PROMISES)
        if national
        else None,
        over_time=table_of(view, over_time, ["catalogue", "day", "below"]) if over_time else None,
        picture=picture_of(view, over_time) if over_time else None,
        history=table_of(view, view.answered("provenance/changes", catalogue=key), _CHANGES),
        confidence=tuple(
            (one.cell("verification"), one.number("of_degree"), one.number("guarantees"))
            for one in records(view, confidence)
        ),
        confidence_data=address_of(confidence),
        compare=view.link("/compare", catalogue=key),
    )


_PROMISES = ["item", "measure", "segment", "words", "amount", "canonical", "verification", "source"]
_CHANGES = ["at", "change", "by", "reason", "violations", "warnings", "file"]


def _facts(view: View, row: Record, code: str) -> tuple[tuple[str, Cell], ...]:
    found = [
        (Text("行政区", "place"), row.cell("jurisdiction")),
        (Text("版本", "edition"), Cell(row.text("edition"))),
        (Text("印发", "issued"), Cell(row.text("issued"))),
        (Text("施行", "in force from"), Cell(row.text("valid_from"))),
        (Text("范围", "extent"), Cell(view.say(_EXTENTS.get(row.text("extent"), Text("", ""))))),
        (
            Text("所依国家版本", "national edition followed"),
            row.cell("baseline") if row.has("baseline") else Cell(""),
        ),
        (
            Text("事项", "items"),
            Cell(
                str(row.number("items")),
                href=view.link("/queries/catalogues/promises", catalogue=row.key("catalogue")),
            ),
        ),
        (
            Text("整份清单的核实程度", "verification of the whole"),
            row.cell("verification") if row.has("verification") else Cell(""),
        ),
    ]
    return tuple((view.say(name), cell) for name, cell in found if cell.text)


_EXTENTS = {"complete": Text("完整", "complete"), "excerpt": Text("节选", "excerpt")}
