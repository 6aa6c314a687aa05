"""One item on one page for the public: what one is entitled to, who provides it, who pays, and since when."""

from dataclasses import dataclass

from bpsgraph.terms import BPS
from bpsgraph.web.pages.catalogues import STATE
from bpsgraph.web.pages.items import Stated, named, stated
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell
from bpsgraph.web.view import View

_UNSURE = ("recalled", "inferred")


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One thing that everybody can ask for: in the words of the State, to whom it goes, and since when."""

    measure: str
    words: str
    whom: str
    since: str
    verification: Cell
    unsure: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page; `unsure` where anything on it was not compared with the text."""

    key: str
    name: str
    domain: str
    beneficiaries: tuple[Stated, ...]
    content: tuple[Stated, ...]
    entitlements: tuple[Entitlement, ...]
    agencies: tuple[Stated, ...]
    payers: tuple[Stated, ...]
    unsure: bool
    day: str


def sheet(view: View, key: str) -> Sheet:
    """The page of the item for the public. Raises `NotFound`."""
    row = named(view, key)[0]
    cells = records(view, view.answered("items/cells", item=key, jurisdiction=STATE))
    floors = records(view, view.answered("items/floors", item=key, owner=STATE))
    entitlements = tuple(
        Entitlement(
            measure=floor.text("measure"),
            words=floor.text("words"),
            whom=floor.text("segment"),
            since=floor.text("from"),
            verification=floor.cell("verification") if floor.has("verification") else Cell(""),
            unsure=floor.key("verification") in _UNSURE,
        )
        for floor in floors
        if not floor.has("until") and floor.has("words")
    )
    parts = {
        name: newest(cells, name) for name in ("beneficiaryText", "content", "leadAgency", "expenditure")
    }
    return Sheet(
        key=key,
        name=row.text("item"),
        domain=row.text("domain"),
        beneficiaries=parts["beneficiaryText"],
        content=parts["content"],
        entitlements=entitlements,
        agencies=parts["leadAgency"],
        payers=parts["expenditure"],
        unsure=any(one.unsure for one in entitlements)
        or any(one.verification.mark in _UNSURE for part in parts.values() for one in part),
        day=view.snapshot.modified_on,
    )


def newest(cells: list[Record], name: str) -> tuple[Stated, ...]:
    """What the newest national edition that has the cell says in it."""
    of_name = [cell for cell in cells if cell.iri("cell") == BPS + name]
    if not of_name:
        return ()
    last = max(of_name, key=lambda cell: (cell.text("day"), cell.iri("catalogue"))).iri("catalogue")
    return tuple(stated(cell) for cell in of_name if cell.iri("catalogue") == last)
