"""Catalogues: all of them, with where they stand."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.choices import Choice, given
from bpsgraph.web.pages.judging import CURRENT
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell, Table, address_of, table_of
from bpsgraph.web.view import View

STATE = "100000"
_ALL = Text("全部", "all")

_UNSURE = ("inferred", "recalled")


@dataclass(frozen=True, slots=True)
class Standing:
    """One local catalogue in a list, with what it has against the newest floors; numbers lead to the rows.

    `unsure` says how many of the values below a floor are below one that is only inferred or recalled.
    """

    key: str
    place: Cell
    level: str
    catalogue: Cell
    edition: str
    extent: str
    items: int
    promises: int
    below: Cell
    unsure: int
    missing: Cell
    narrower: Cell


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The list: local catalogues with where they stand, and those of the State."""

    local: tuple[Standing, ...]
    national: Table
    levels: tuple[Choice, ...]
    provinces: tuple[Choice, ...]
    data: str
    everything: int


def catalogues(view: View) -> Catalogues:
    """All catalogues, those of places by level and province as the address asks."""
    answer = view.answered("catalogues/standing")
    rows = records(view, answer)
    level, province = view.parameters.get("level", ""), view.parameters.get("province", "")
    edition = view.parameters.get("edition", "")
    kept = [
        row
        for row in rows
        if (not level or row.key("level") == level)
        and (not province or row.key("jurisdiction").startswith(province[:2]))
        and (not edition or row.text("edition").startswith(edition))
    ]
    link = partial(view.link, "/catalogues")
    levels = {row.key("level"): row.text("level") for row in rows if row.iri("level")}
    codes = sorted({row.key("jurisdiction")[:2] + "0000" for row in rows})
    named = view.labels({f"{BASE}jurisdiction/{code}" for code in codes})
    by = {"level": level, "province": province}
    national = table_of(
        view, view.answered("catalogues/national"), ["catalogue", "title", "edition", "valid_from"]
    )
    return Catalogues(
        local=tuple(standing(view, row) for row in kept),
        national=national,
        levels=(
            Choice(view.say(_ALL), link(**given(by, level="")), not level, str(len(rows))),
            *(
                Choice(
                    name,
                    link(**given(by, level=key)),
                    key == level,
                    str(sum(row.key("level") == key for row in rows)),
                )
                for key, name in levels.items()
            ),
        ),
        provinces=(
            Choice(view.say(_ALL), link(**given(by, province="")), not province),
            *(
                Choice(
                    named.get(f"{BASE}jurisdiction/{code}", code),
                    link(**given(by, province=code)),
                    code == province,
                )
                for code in codes
            ),
        ),
        data=address_of(answer),
        everything=len(rows),
    )


def unsure(view: View) -> Counter[str]:
    """How many values of each catalogue are below a newest floor that is only inferred or recalled."""

    def count() -> Counter[str]:
        rows = records(view, view.answered("floors/below-floor"))
        return Counter(row.iri("catalogue") for row in rows if row.key("verification") in _UNSURE)

    return view.snapshot.kept("below unsure floors", count)


def standing(view: View, row: Record) -> Standing:
    """A row of `catalogues/standing`; each number of shortfalls leads to the verdicts that it counts."""
    key = row.key("catalogue")

    def leading(number: int, verdict: str) -> Cell:
        if verdict != "below" and row.key("extent") == "excerpt":
            return Cell("—", True)
        href = view.link(f"/catalogues/{key}", edition=CURRENT, verdict=verdict) if number else ""
        return Cell(str(number), True, href + "#verdicts" if href else "", verdict if number else "")

    return Standing(
        key=key,
        place=row.cell("jurisdiction"),
        level=row.text("level"),
        catalogue=Cell(row.text("title") or key, href=view.link(f"/catalogues/{key}")),
        edition=row.text("edition"),
        extent=row.text("extent"),
        items=row.number("items"),
        promises=row.number("promises"),
        below=leading(row.number("below"), "below"),
        unsure=unsure(view)[row.iri("catalogue")],
        missing=leading(row.number("missing_items") + row.number("missing_promises"), "missing"),
        narrower=leading(row.number("narrower"), "narrower"),
    )
