"""The front page: what there is, how sure it is, where places fall short, and where to go from here."""

from dataclasses import dataclass
from datetime import date

from bpsgraph.answers import Answer
from bpsgraph.results import Text
from bpsgraph.web.pages.judging import CURRENT
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell, address_of
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Number:
    """A figure with what it counts, leading to the question that gives it."""

    figure: int
    label: str
    href: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FallingShort:
    """A place with values below the newest floors; `unsure` counts floors not verified."""

    place: Cell
    level: str
    catalogue: Cell
    edition: str
    below: Cell
    unsure: int


@dataclass(frozen=True, slots=True)
class Home:
    """What the front page shows.

    `short` are the places with most values below the newest floors, of `falling` in all. `confidence` has for
    each degree of verification how many promises of the State and of places are that sure.
    """

    numbers: tuple[Number, ...]
    short: tuple[FallingShort, ...]
    short_href: str
    falling: int
    places: int
    confidence: tuple[tuple[Cell, int, int], ...]
    confidence_href: str
    recalled: Number
    newest_floor: str
    newest_catalogue: str
    first_catalogue: str


def home(view: View) -> Home:
    """The front page."""
    categories = records(view, view.answered("items/by-category"))
    [sums] = records(view, view.answered("coverage/today"))
    short = view.answered("coverage/places-falling-short")
    today = date.today().isoformat()
    in_force = _counted(view, "floors/in-force", date=today, owner="100000")
    recalled = _counted(view, "provenance/recalled-cells")
    degrees = view.answered("provenance/values-by-degree")
    national = records(view, view.answered("catalogues/national"))
    [catalogues] = records(view, view.answered("catalogues/counted"))
    places = sums.number("with_catalogue")
    standards = _counted(view, "standards/all")
    doubtful = sums.number("unsure")

    def number(figure: int, zh: str, en: str, href: str, mark: str = "") -> Number:
        path, _, asked = href.partition("?")
        query = dict(pair.split("=", 1) for pair in asked.split("&") if pair)
        return Number(figure, view.say(Text(zh, en)), view.link(path, **query), mark)

    return Home(
        numbers=(
            number(
                len({row.iri("domain") for row in categories}),
                "领域",
                "domains",
                "/queries/items/by-category",
            ),
            number(len(categories), "类别", "categories", "/queries/items/by-category"),
            number(sum(row.number("items") for row in categories), "国家事项", "national items", "/items"),
            number(in_force[0], "国家下限，今天有效", "floors of the State in force today", in_force[1]),
            number(catalogues.number("local"), "地方清单", "local catalogues", "/catalogues"),
            number(places, "有清单的地方", "places with a catalogue", "/queries/catalogues/places"),
            number(standards[0], "标准", "standards", standards[1]),
            number(
                sums.number("below"),
                f"地方数值低于今天的下限，其中{doubtful}项的下限未核实",
                f"local values below today’s floors, {doubtful} of them below floors that are not verified",
                "/queries/floors/below-floor",
                "below",
            ),
        ),
        short=tuple(_falling_short(view, row) for row in records(view, short)[:_MOST]),
        short_href=view.link(address_of(short)),
        falling=sums.number("falling_short"),
        places=places,
        confidence=tuple(
            (row.cell("verification"), row.number("national"), row.number("local"))
            for row in sorted(records(view, degrees), key=lambda row: _DEGREES.index(row.key("verification")))
        ),
        confidence_href=view.link(address_of(degrees)),
        recalled=number(recalled[0], "凭回忆的栏目", "cells that are only recalled", recalled[1]),
        newest_floor=max(row.text("valid_from") for row in national),
        newest_catalogue=catalogues.text("newest"),
        first_catalogue=view.link("/catalogues"),
    )


# So many places the page names; a link leads to the others.
_MOST = 20
_DEGREES = ("verbatim", "restated", "paraphrase", "inferred", "recalled")


def _falling_short(view: View, row: Record) -> FallingShort:
    key = row.key("catalogue")
    href = view.link(f"/catalogues/{key}", edition=CURRENT, verdict="below")
    return FallingShort(
        place=row.cell("jurisdiction"),
        level=row.text("level"),
        catalogue=Cell(row.text("title") or key, href=view.link(f"/catalogues/{key}")),
        edition=row.text("edition"),
        below=Cell(row.text("below"), True, href + "#verdicts", "below"),
        unsure=row.number("unsure"),
    )


def _counted(view: View, query: str, **values: str) -> tuple[int, str]:
    """How many rows a question has, and the address of its page; asked once for a snapshot."""

    def ask() -> tuple[int, str]:
        answer: Answer = view.answered(query, **values)
        return len(answer.rows.rows), address_of(answer)

    return view.snapshot.kept(("rows of", query, *sorted(values.items())), ask)
