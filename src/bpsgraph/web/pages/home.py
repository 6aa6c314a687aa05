"""The front page: what there is, how sure it is, where places fall short, and where to go from here."""

from dataclasses import dataclass
from datetime import date

from bpsgraph.answers import Answer
from bpsgraph.results import Text
from bpsgraph.web.pages.catalogues import Standing, standing, unsure
from bpsgraph.web.pages.records import records
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
class Home:
    """What the front page shows.

    `short` are the local catalogues with values below the newest floors, the most first. `confidence` has for
    each degree of verification how many promises of the State and of places are that sure.
    """

    numbers: tuple[Number, ...]
    short: tuple[Standing, ...]
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
    answer = view.answered("catalogues/standing")
    rows = records(view, answer)
    below = view.answered("floors/below-floor")
    today = date.today().isoformat()
    in_force = _counted(view, "floors/in-force", date=today, owner="100000")
    recalled = _counted(view, "provenance/recalled-cells")
    degrees = view.answered("provenance/values-by-degree")
    national = records(view, view.answered("catalogues/national"))
    everything = records(view, view.answered("catalogues/all"))
    places = {row.iri("jurisdiction") for row in rows}
    standards = _counted(view, "standards/all")
    doubtful = unsure(view).total()

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
            number(len(rows), "地方清单", "local catalogues", "/catalogues"),
            number(len(places), "有清单的地方", "places with a catalogue", "/queries/catalogues/places"),
            number(standards[0], "标准", "standards", standards[1]),
            number(
                len(below.rows.rows),
                f"地方数值低于今天的下限，其中{doubtful}项的下限未核实",
                f"local values below today’s floors, {doubtful} of them below floors that are not verified",
                address_of(below),
                "below",
            ),
        ),
        short=tuple(
            standing(view, row)
            for row in sorted(rows, key=lambda row: (-row.number("below"), row.iri("catalogue")))
            if row.number("below")
        ),
        places=len(places),
        confidence=tuple(
            (row.cell("verification"), row.number("national"), row.number("local"))
            for row in sorted(records(view, degrees), key=lambda row: _DEGREES.index(row.key("verification")))
        ),
        confidence_href=view.link(address_of(degrees)),
        recalled=number(recalled[0], "凭回忆的栏目", "cells that are only recalled", recalled[1]),
        newest_floor=max(row.text("valid_from") for row in national),
        newest_catalogue=max(max(row.text("issued"), row.text("valid_from")) for row in everything),
        first_catalogue=view.link("/catalogues"),
    )


_DEGREES = ("verbatim", "restated", "paraphrase", "inferred", "recalled")


def _counted(view: View, query: str, **values: str) -> tuple[int, str]:
    """How many rows a question has, and the address of its page; asked once for a snapshot."""

    def ask() -> tuple[int, str]:
        answer: Answer = view.answered(query, **values)
        return len(answer.rows.rows), address_of(answer)

    return view.snapshot.kept(("rows of", query, *sorted(values.items())), ask)
