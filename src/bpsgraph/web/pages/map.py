"""The province-level divisions by one number each: a picture, its legend, and the same as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer
from bpsgraph.answers.words import made_from
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.publishing.mapping.boundaries import Outline
from bpsgraph.publishing.mapping.drawing import Place, draw_outlines, draw_tiles
from bpsgraph.publishing.mapping.shades import UNKNOWN, Shade, shaded, shades
from bpsgraph.publishing.mapping.tiles import Tile, tiles
from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.tables import Cell, Row, Table, address_of
from bpsgraph.web.view import View

_PLACE = BASE + "jurisdiction/"
_IS = Text("{place}：{measure} {number}", "{place}: {measure} {number}")
_OF = Text("（共 {of}）", " of {of}")
_NO_NUMBER = Text("{place}：{why}", "{place}: {why}")
_NOT_HELD = Text("本图谱未收录", "not in this graph")
_NO_CATALOGUE = Text("没有收录清单，无从判断", "no catalogue here, so it is not known")
_NO_COMPLETE = Text("没有收录完整的清单，无从判断", "no complete catalogue here, so it is not known")
_BETWEEN = Text("{least} 至 {most}", "{least} to {most}")
_NONE = Text("没有数字", "no number")
_WHERE = Text("地方", "Place")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a picture can show: a column of a saved query, summed over the rows of each province.

    `of` is the column that the number is a part of. Where the column `known` is 0 there is no number, and
    `why` says so. `dated` is the query that takes a day, for when one is asked.
    """

    key: str
    name: Text
    query: str
    column: str
    beside: tuple[str, ...]
    of: str = ""
    known: str = ""
    why: Text = _NOT_HELD
    dated: str = ""


_COVERAGE, _TODAY = "coverage/places-with-catalogue", "coverage/today-by-province"
_OF_A_DAY = "coverage/shortfalls-by-province"
MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            "catalogue",
            Text("收录了清单的地方", "places with a catalogue here"),
            _COVERAGE,
            "with_catalogue",
            ("with_catalogue", "with_complete", "places"),
            of="places",
        ),
        Measure(
            "missing",
            Text("缺少的事项", "items missing"),
            _TODAY,
            "missing",
            ("missing", "lacking", "with_complete", "with_catalogue"),
            known="with_complete",
            why=_NO_COMPLETE,
            dated=_OF_A_DAY,
        ),
        Measure(
            "below",
            Text("低于下限的承诺", "promises below a floor"),
            _TODAY,
            "below",
            ("below", "falling_short", "with_catalogue"),
            known="with_catalogue",
            why=_NO_CATALOGUE,
            dated=_OF_A_DAY,
        ),
        Measure(
            "narrower",
            Text("对象偏窄的承诺", "promises to fewer people than the floor"),
            _TODAY,
            "narrower",
            ("narrower", "with_catalogue"),
            known="with_catalogue",
            why=_NO_CATALOGUE,
            dated=_OF_A_DAY,
        ),
        Measure(
            "complete",
            Text("收录了完整清单的地方", "places with a complete catalogue here"),
            _COVERAGE,
            "with_complete",
            ("with_complete", "with_catalogue", "places"),
            of="places",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A measure to choose."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: the class of the colour, what it means, and how many places have it."""

    shade: str
    words: str
    places: int


@dataclass(frozen=True, slots=True)
class Map:
    """The page; `own_boundaries` where the picture shows those of a file instead of tiles."""

    measure: str
    title: str
    choices: tuple[Choice, ...]
    dated: bool
    date: str
    picture: Markup
    legend: tuple[Entry, ...]
    table: Table
    own_boundaries: bool
    svg: str


def map_page(view: View, outlines: Sequence[Outline] = (), *, alone: bool = False) -> Map:
    """The page for `measure` and `date` of the address; `alone` with a picture for a file.

    Raises `BadParameter` for a measure that does not exist and for what is no date.
    """
    measure = _measure(view)
    date = view.parameters.get("date", "") if measure.dated else ""
    answer = view.answered(measure.dated, date=date) if date else view.answered(measure.query)
    counted = _counted(answer)
    title = view.say(measure.name)
    values = {
        code: numbers[measure.column]
        for code, numbers in counted.items()
        if not measure.known or numbers[measure.known]
    }
    known = shades(list(values.values()))
    shade_of = shaded(values, known)
    held = view.labels({_PLACE + tile.code for tile in tiles()})
    places = {
        tile.code: _place(
            view,
            measure,
            tile,
            held.get(_PLACE + tile.code),
            counted.get(tile.code),
            shade_of.get(tile.code, UNKNOWN),
        )
        for tile in tiles()
    }
    picture = (
        draw_outlines(outlines, places, title, alone=alone)
        if outlines
        else draw_tiles(tiles(), places, title, alone=alone)
    )
    asked = {"measure": measure.key, **({"date": date} if date else {})}
    return Map(
        measure=measure.key,
        title=title,
        choices=tuple(
            Choice(view.say(one.name), view.link("/map", measure=one.key), one is measure)
            for one in MEASURES.values()
        ),
        dated=bool(measure.dated),
        date=date,
        picture=Markup(picture),
        legend=_legend(view, known, shade_of),
        table=_table(view, measure, answer, counted, places),
        own_boundaries=bool(outlines),
        svg=view.link("/map.svg", **asked),
    )


def _measure(view: View) -> Measure:
    asked = view.parameters.get("measure") or next(iter(MEASURES))
    if asked not in MEASURES:
        cure = did_you_mean(asked, MEASURES, f"choose one of: {', '.join(MEASURES)}")
        raise BadParameter("measure", f"{asked!r} is not shown on the map", cure)
    return MEASURES[asked]


def _counted(answer: Answer) -> dict[str, dict[str, int]]:
    """The numbers of each province by its code and the column, summed where it has several rows."""
    numbers = [column.name for column in answer.columns if not column.name.startswith(("province", "level"))]
    found: dict[str, dict[str, int]] = {}
    for row in answer.rows:
        province = row["province"]
        assert isinstance(province, NamedNode)
        summed = found.setdefault(province.value.removeprefix(_PLACE), dict.fromkeys(numbers, 0))
        for name in numbers:
            value = row[name]
            summed[name] += int(value.value) if isinstance(value, Literal) else 0
    return found


def _place(
    view: View,
    measure: Measure,
    tile: Tile,
    held: str | None,
    numbers: Mapping[str, int] | None,
    shade: Shade,
) -> Place:
    """A tile in words; `held` is the name of the division in the graph, if it is in there."""
    name = held or view.say(tile.name)
    href = view.href(_PLACE + tile.code) if held else ""
    short = tile.short_name(view.language)
    if numbers is None or shade.step is None:
        why = view.say(measure.why if held else _NOT_HELD)
        return Place(name, short, "–", view.say(_NO_NUMBER).format(place=name, why=why), href)
    number = numbers[measure.column]
    words = view.say(_IS).format(place=name, measure=view.say(measure.name), number=number)
    if measure.of:
        words += view.say(_OF).format(of=numbers[measure.of])
    return Place(name, short, str(number), words, href, shade)


def _legend(view: View, known: Sequence[Shade], shade_of: Mapping[str, Shade]) -> tuple[Entry, ...]:
    counts = {shade.step: 0 for shade in known}
    for shade in shade_of.values():
        counts[shade.step] += 1
    entries = [
        Entry(
            shade.name,
            str(shade.most)
            if shade.least == shade.most
            else view.say(_BETWEEN).format(least=shade.least, most=shade.most),
            counts[shade.step],
        )
        for shade in known
    ]
    without = len(tiles()) - len(shade_of)
    return (*entries, *([Entry(UNKNOWN.name, view.say(_NONE), without)] if without else []))


def _table(
    view: View,
    measure: Measure,
    answer: Answer,
    counted: Mapping[str, Mapping[str, int]],
    places: Mapping[str, Place],
) -> Table:
    headings = {column.name: view.say(column.label) for column in answer.columns}
    rows = []
    for code, place in places.items():
        cells = [Cell(place.name, href=place.href)]
        for name in measure.beside:
            cells.append(Cell(_number(name, counted.get(code), place), number=True))
        rows.append(Row(tuple(cells)))
    return Table(
        title=view.say(measure.name),
        description=view.say(answer.description),
        columns=(Cell(view.say(_WHERE)), *(Cell(headings[name], number=True) for name in measure.beside)),
        rows=tuple(rows),
        notes=tuple(view.say(note) for note in answer.notes),
        source=tuple(made_from(answer, view.language)),
        query=answer.name,
        data=address_of(answer),
    )


def _number(column: str, numbers: Mapping[str, int] | None, place: Place) -> str:
    """A number of a place; that there is no catalogue is a number too, what it would say is none."""
    counts_catalogues = column.startswith("with_")
    if numbers is None:
        return "0" if counts_catalogues and place.href else "–"
    return "–" if place.number == "–" and not counts_catalogues else str(numbers[column])
