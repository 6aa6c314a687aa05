"""Charts of answers as specifications of Vega-Lite 5 (https://vega.github.io/vega-lite/docs/).

A specification holds its data and asks for nothing else. What is not known is not drawn, and said.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.plots import MOST, MOST_STEPS, Plot, plotted
from bpsgraph.answers.words import made_from
from bpsgraph.errors import NothingToDraw
from bpsgraph.library import Chart
from bpsgraph.results import Text
from bpsgraph.terms import short

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONTS = '"Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif'
# Told apart by people who see no red or no green too (Okabe and Ito, Color Universal Design); without the
# yellow, which is hardly seen on white, and with the blue first.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000")
HIGHLIGHT = "#D55E00"
UNKNOWN = "#e3e3e0"
# The nearest step is the darkest.
_STEPS = ("#08306b", "#2171b5", "#6baed6", "#9ecae1", "#c6dbef", "#deebf7", "#eff3ff")
WIDTH = 560
LONGEST_LABEL = 400
_INK, _SOFT, _LINE = "#1d2326", "#566067", "#d9dcd8"
_TITLE_COLUMNS, _SUBTITLE_COLUMNS, _LABEL_COLUMNS = 74, 96, 52
_LONGEST_WORD, _MOST_LINES = 24, 8
# Of names across and in a legend.
_ACROSS_COLUMNS, _LEGEND_COLUMNS, _BESIDE_COLUMNS, _HEADER_COLUMNS = 28, 92, 22, 38
# From nearly white to a dark blue, on which white is read.
_GRADIENT = ("#f4f8fb", "#08519c")
# For names written on their colour: lighter, so that black is read on each.
_TINTS = ("#9ECBE8", "#F5CF80", "#8FD9C0", "#E8C3DA", "#F0A67E", "#D3EBF8", "#CFCFCF")

_DRAWN = Text("画出前{drawn}项，另有{left}项没有画出", "The first {drawn} are drawn, {left} more are not")
_UNKNOWN = Text("{count}行没有数值，没有画出", "Rows without a figure, not drawn: {count}")
_GIVEN = Text("{name}：{values}", "{name}: {values}")
_BETWEEN = Text("；", "; ")
_UNIT = Text("单位：{unit}", "Unit: {unit}")
_OF_UNIT = frozenset(("amount", "value", "number", "rise", "change", "shortfall"))
_GREY = Text("灰格（{count}）：没有数值", "Grey cells ({count}): no figure")
_OPEN = Text("▸ 没有写明止期", "▸ no end is stated")


def drawable(answers: Iterable[Answer]) -> list[Answer]:
    """An answer with one chart for each chart of the answers that has rows to draw, in order."""
    return [
        replace(answer, charts=(chart,), further=())
        for answer in answers
        for chart in answer.charts
        if answer.rows.rows
    ]


def to_vega_lite(answers: Sequence[Answer], language: str) -> str:
    """The specification of the first chart, as JSON. Raises `NothingToDraw`."""
    return json.dumps(first(answers, language), ensure_ascii=False, indent=2) + "\n"


def first(answers: Sequence[Answer], language: str) -> dict[str, Any]:
    """The specification of the first chart of the answers. Raises `NothingToDraw` where there is none."""
    for answer in drawable(answers):
        return specification(answer, answer.charts[0], language)
    has_chart = any(answer.charts for answer in answers)
    raise NothingToDraw(answers[0].name, "there are no rows" if has_chart else "it has no chart")


def specification(answer: Answer, chart: Chart, language: str) -> dict[str, Any]:
    """The chart of an answer in `zh` or `en`. Raises `NothingToDraw` where no row has all that it needs."""
    plot = plotted(answer, chart, language)
    if not plot.records:
        raise NothingToDraw(answer.name, "no row has a figure")
    notes = [*_asked(answer, language), *_units(answer, plot, language)]
    if plot.left_out:
        notes.append(
            _DRAWN.in_language(language).format(drawn=len(plot.categories or ()), left=plot.left_out)
        )
    if plot.unknown:
        words = _GREY if plot.mark == "heatmap" else _UNKNOWN
        notes.append(words.in_language(language).format(count=plot.unknown))
    if plot.open_ended:
        notes.append(_OPEN.in_language(language))
    title = answer.title.in_language(language)
    view = _VIEWS[plot.mark](plot)
    return {
        "$schema": SCHEMA,
        "description": _described(answer, plot, notes, language),
        "title": {
            "text": wrapped(title, _TITLE_COLUMNS),
            "subtitle": [line for note in notes for line in wrapped(note, _SUBTITLE_COLUMNS)],
        },
        "data": {"values": list(plot.records)},
        **_facetted(plot, view),
        "usermeta": {"bpsgraph": made_from(answer, language)},
        "config": _CONFIG,
    }


def _asked(answer: Answer, language: str) -> list[str]:
    """The parameters that were given, each with its name where a row of the answer has it."""
    given = []
    for name, values in answer.provenance.parameters.items():
        if values:
            written = (_named(answer, value, language) for value in values)
            given.append(_GIVEN.in_language(language).format(name=name, values=", ".join(written)))
    return [_BETWEEN.in_language(language).join(given)] if given else []


def _named(answer: Answer, value: str, language: str) -> str:
    """The name of a thing that is given by its key; the key where no row names it."""
    places = {column.name: place for place, column in enumerate(answer.columns)}
    for stem, place in places.items():
        named = [places[key] for key in (f"{stem}_{language}", f"{stem}_zh", f"{stem}_en") if key in places]
        for row in answer.rows.rows if named else ():
            thing = row[place]
            # By its whole key: the edition 2021 is no name of every catalogue that ends in it.
            key = short(str(thing.value)) if thing is not None else ""
            if value in (key, key.partition("/")[2]) or (thing is not None and thing.value == value):
                return next((str(term.value) for each in named if (term := row[each]) is not None), value)
    return value


def _units(answer: Answer, plot: Plot, language: str) -> list[str]:
    """The unit of the figures where all rows have one: that of the column `dimension` or `unit`."""
    drawn = {axis.field for axis in plot.axes.values() if axis.kind == "number"}
    if not any(field in _OF_UNIT or field.endswith("_amount") for field in drawn):
        return []
    places = {column.name: place for place, column in enumerate(answer.columns)}
    for stem in ("dimension", "unit") if "amount" in drawn else ("unit", "dimension"):
        for name in (f"{stem}_{language}", f"{stem}_zh", f"{stem}_en"):
            if name in places:
                units = {row[places[name]] for row in answer.rows.rows}
                only = next(iter(units)) if len(units) == 1 else None
                return [_UNIT.in_language(language).format(unit=only.value)] if only else []
    return []


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of so many columns of a terminal, two for a Chinese character."""
    number = -(-cell_len(text) // columns)
    # Lines of about one length; the last would else be a word or two.
    columns = min(columns, -(-cell_len(text) // max(1, number)) + 8)
    lines = [""]
    for word in _words(text):
        if lines[-1] and cell_len(lines[-1] + word.rstrip()) > columns:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]


def _words(text: str) -> list[str]:
    """The pieces of a text between which a line may break: at blanks, and around Chinese characters."""
    pieces: list[str] = []
    for character in text:
        if (
            pieces
            and not pieces[-1].endswith(" ")
            and cell_len(character) < 2
            and cell_len(pieces[-1][-1]) < 2
        ):
            pieces[-1] += character
        else:
            pieces.append(character)
    # Keys have no blanks; they break after a stroke.
    return [
        part
        for piece in pieces
        for part in (re.findall(r"[^/-]*[/-]|[^/-]+", piece) if cell_len(piece) > _LONGEST_WORD else [piece])
    ]


def _described(answer: Answer, plot: Plot, notes: Sequence[str], language: str) -> str:
    """The chart in words, for those who do not see it."""
    axes = ", ".join(axis.title for axis in plot.axes.values())
    return " ".join(
        [
            f"{answer.title.in_language(language)}: {axes} ({len(plot.records)})",
            *(f"{note}." for note in notes),
        ]
    )


def _axis(plot: Plot, channel: str, **more: Any) -> dict[str, Any]:
    """A position channel: its field, type and axis."""
    axis = plot.axes[channel]
    if axis.kind == "year" and plot.is_category(channel):
        more.pop("stack", None)
        years = plot.order(channel)
        every = list(range(int(years[0]), int(years[-1]) + 1))
        scale = {"domain": every if len(every) <= MOST else list(years)}
        shown: dict[str, Any] = {"title": axis.title, "labelAngle": 0 if len(years) <= 12 else -40}
        return {"field": axis.field, "type": "ordinal", "scale": scale, "axis": shown, **more}
    if axis.kind in ("number", "year"):
        shown = {"title": axis.title}
        if axis.whole:
            shown |= {"format": "d" if axis.kind == "year" else ",d", "tickMinStep": 1}
            if axis.kind == "number":
                # Half a thing is no tick; layers do not keep the least step.
                shown["labelExpr"] = "datum.value === floor(datum.value) ? datum.label : ''"
                most = _most(plot, channel)
                if 0 < most <= 12 and min(plot.numbers(channel)) >= 0:
                    shown["tickCount"] = int(most)
            if axis.kind == "number" and set(plot.numbers(channel)) <= {0}:
                more["scale"] = more.get("scale", {}) | {"domain": [0, 1]}
        return {"field": axis.field, "type": "quantitative", "axis": shown, **more}
    if axis.kind == "day":
        scale = {"type": "utc"} | more.pop("scale", {})
        shown = {
            "title": axis.title,
            "format": "%Y-%m",
            "labelFlush": False,
            "labelOverlap": "greedy",
            "labelSeparation": 10,
        }
        return {"field": axis.field, "type": "temporal", "scale": scale, "axis": shown, **more}
    return {
        "field": axis.field,
        "type": "nominal",
        "sort": list(plot.order(channel)),
        "axis": _names(plot, channel),
        **more,
    }


def _most(plot: Plot, channel: str) -> float:
    """The greatest figure on an axis: of bars that are stacked, the longest of them together."""
    if not plot.adds_up:
        return max(plot.numbers(channel), default=0)
    named = [plot.axes[each].field for each in ("x", "y", "facet") if plot.is_category(each)]
    totals: dict[tuple[Any, ...], float] = {}
    for record in plot.records:
        place = tuple(record[field] for field in named)
        totals[place] = totals.get(place, 0) + (record[plot.axes[channel].field] or 0)
    return max(totals.values(), default=0)


def _names(plot: Plot, channel: str) -> dict[str, Any]:
    """The axis of names: long ones are broken in lines, across they lean; highlighted ones are bold."""
    shown: dict[str, Any] = {"title": plot.axes[channel].title}
    if channel == "x":
        room = _size(plot)["width"]["step"] // 7
        flat = all(_fits(name, room) for name in plot.order("x"))
        shown |= {"labelAngle": 0, "labelLimit": 0} if flat else {"labelAngle": -40, "labelLimit": 260}
        lines = _lines(plot, "x", room if flat else _ACROSS_COLUMNS)
        if lines:
            shown["labelExpr"] = f"{lines}[datum.label] || datum.label"
    else:
        # Beside names of any length there is no room for a title, and they need none.
        shown["title"] = None
        lines = _lines(plot, "y", _LABEL_COLUMNS)
        if lines:
            shown["labelExpr"] = f"{lines}[datum.label] || datum.label"
            # The first line stands beside the mark; half the others are moved above it.
            moved = f"{lines}[datum.value] ? {lines}[datum.value].length"
            shown["labelOffset"] = {
                "condition": [
                    {"test": f"({moved} : 1) === {number}", "value": -7 * (number - 1)}
                    for number in range(2, _most_lines(plot) + 1)
                ],
                "value": 0,
            }
    field = plot.axes[channel].field
    marked = [record[field] for record in plot.records if record.get("highlighted")]
    if marked:
        test = f"indexof({json.dumps(list(dict.fromkeys(marked)), ensure_ascii=False)}, datum.value) >= 0"
        shown["labelFontWeight"] = {"condition": {"test": test, "value": "bold"}, "value": "normal"}
    return shown


def _fits(name: str, columns: int) -> bool:
    """Whether a name across has room in a few lines below its place."""
    lines = wrapped(name, columns)
    return len(lines) <= _MOST_LINES and all(cell_len(line) <= columns for line in lines)


def _lines(plot: Plot, channel: str, columns: int) -> str | None:
    """The long names of a channel with their lines, as JSON; None where none is long."""
    broken = plot.broken_labels(channel, columns)
    return (
        json.dumps({name: wrapped(name, columns) for name in broken}, ensure_ascii=False) if broken else None
    )


def _most_lines(plot: Plot) -> int:
    """Of how many lines the longest name downwards is."""
    names = plot.broken_labels("y", _LABEL_COLUMNS)
    return max((len(wrapped(name, _LABEL_COLUMNS)) for name in names), default=1)


def _colour(plot: Plot) -> dict[str, Any]:
    """The colour channel: of the column that the chart names, else one colour, else the highlighted ones."""
    if "color" not in plot.axes:
        if plot.highlighted:
            return {
                "color": {
                    "condition": {"test": "datum.highlighted", "value": HIGHLIGHT},
                    "value": PALETTE[0],
                }
            }
        return {"color": {"value": PALETTE[0]}}
    axis = plot.axes["color"]
    if plot.has_steps:
        steps = list(plot.order("color"))
        return {
            "color": {
                "field": axis.field,
                "type": "ordinal",
                "scale": {"domain": steps, "range": [_STEPS[place] for place in range(len(steps))]},
                "legend": {"title": axis.title, "format": "d"},
            }
        }
    if axis.kind in ("number", "year"):
        legend: dict[str, Any] = {"title": axis.title}
        if axis.whole:
            legend |= {"format": "d" if axis.kind == "year" else ",d", "tickMinStep": 1}
        numbers = plot.numbers("color")
        scale: dict[str, Any] = {"scheme": "viridis", "reverse": True}
        if axis.kind == "number" and min(numbers, default=0) >= 0:
            most = max(numbers, default=0)
            scale = {"domain": [0, most or 1], "range": list(_GRADIENT)}
            if axis.whole and most <= MOST_STEPS:
                legend["values"] = list(range(int(most) + 1)) if most else [0, 1]
        return {
            "color": {
                "field": axis.field,
                "type": "quantitative",
                "scale": scale,
                "legend": legend,
            }
        }
    order = [name for name in plot.order("color") if name is not None]
    colours = _TINTS if plot.mark == "heatmap" else PALETTE
    palette = [colours[place % len(colours)] for place in range(len(order))]
    legend = {"title": axis.title, "columns": 3}
    if any(cell_len(name) > _BESIDE_COLUMNS for name in order):
        legend |= {"orient": "bottom", "columns": 1, "labelLimit": 0}
        lines = _lines(plot, "color", _LEGEND_COLUMNS)
        if lines:
            legend["labelExpr"] = f"{lines}[datum.label] || datum.label"
    return {
        "color": {
            "field": axis.field,
            "type": "nominal",
            "scale": {"domain": order, "range": palette},
            "legend": legend,
        }
    }


def _size(plot: Plot) -> dict[str, Any]:
    """Width and height: a step per name on an axis of names, so that the chart grows with them."""
    steps = {"x": 46, "y": 14 * _most_lines(plot) + (8 if _most_lines(plot) == 1 else 6)}
    if plot.mark == "heatmap":
        widest = max(cell_len(record["figure"]) for record in plot.records)
        steps["x"] = min(120, max(46, 7 * widest + 12))
    size: dict[str, Any] = {}
    for channel, side, fixed in (("x", "width", WIDTH), ("y", "height", 320)):
        if plot.is_category(channel):
            size[side] = {"step": steps[channel]}
        else:
            size[side] = fixed
    if plot.broken_labels("x", 40) and len(plot.order("x")) <= 12:
        steps["x"] = max(steps["x"], 100)
    if plot.is_category("x") and len(plot.order("x")) <= 12:
        size["width"] = {"step": max(steps["x"], min(120, WIDTH // max(1, len(plot.order("x")))))}
    return size


def _bar(plot: Plot) -> dict[str, Any]:
    """Bars from zero, with their figures; of several colours stacked where they add up, else side by side."""
    name, number = ("y", "x") if plot.is_category("y") or not plot.is_category("x") else ("x", "y")
    x = _axis(plot, "x", **({"stack": "zero" if plot.adds_up else None} if number == "x" else {}))
    y = _axis(plot, "y", **({"stack": "zero" if plot.adds_up else None} if number == "y" else {}))
    colour = _colour(plot)
    beside = {}
    several = plot.colours_per_category > 1
    if several and not plot.adds_up:
        beside = {f"{name}Offset": {"field": plot.axes["color"].field, "sort": list(plot.order("color"))}}
    bars: dict[str, Any] = {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {"x": x, "y": y, **colour, **beside},
    }
    layers = [bars]
    if not (several and plot.adds_up) and plot.is_category(name):
        place = {"align": "left", "dx": 4} if number == "x" else {"baseline": "bottom", "dy": -3}
        figures = {
            "mark": {"type": "text", "fontSize": 11, "color": _SOFT, **place},
            "encoding": {
                "x": {**x, "stack": None} if number == "x" else x,
                "y": {**y, "stack": None} if number == "y" else y,
                "text": {"field": "figure", "type": "nominal"},
                **beside,
            },
        }
        layers.append(figures)
        layers.append(_room(plot, number, x, y))
    reference = plot.axes[number].reference
    if reference is not None:
        layers.append(
            {
                "transform": [{"aggregate": [{"op": "count", "as": "bars"}]}],
                "mark": {"type": "rule", "color": _INK, "strokeDash": [4, 3]},
                "encoding": {number: {"datum": reference, "type": "quantitative"}},
            }
        )
    size = _size(plot)
    if beside:
        side = "height" if name == "y" else "width"
        size[side] = {"step": 15, "for": "offset"}
    return {**size, "layer": layers}


def _room(plot: Plot, number: str, x: Mapping[str, Any], y: Mapping[str, Any]) -> dict[str, Any]:
    """Unseen marks beyond the bars, so that the axis reaches as far as their figures."""
    field = plot.axes[number].field
    side = (WIDTH if number == "x" else 320) // (2 if "facet" in plot.axes else 1)
    widest = max(cell_len(record["figure"]) for record in plot.records)
    share = ((7 * widest + 6) if number == "x" else 18) / side
    position = {"x": dict(x), "y": dict(y)}
    position[number] |= {"field": "room", "stack": None}
    return {
        "transform": [
            {
                "calculate": f"datum[{json.dumps(field)}] * {round(1 / max(0.5, 1 - share), 3)}",
                "as": "room",
            }
        ],
        "mark": {"type": "point", "opacity": 0, "size": 0},
        "encoding": position,
    }


def _line(plot: Plot, **mark: Any) -> dict[str, Any]:
    return {
        **_size(plot),
        "mark": {
            "type": "line",
            "point": True,
            "tooltip": True,
            "invalid": "break-paths-show-domains",
            **mark,
        },
        "encoding": {
            "x": _axis(plot, "x", **_from_data(plot, "x")),
            "y": _axis(plot, "y", **_from_data(plot, "y")),
            **_colour(plot),
        },
    }


def _step(plot: Plot) -> dict[str, Any]:
    """Lines that hold a figure until the next, with a point where each begins."""
    line = _line(plot, interpolate="step-after", point=False)
    points = {
        "transform": [{"filter": "!datum.runs_on"}],
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1, "tooltip": True},
    }
    return {
        **_size(plot),
        "encoding": line["encoding"],
        "layer": [{"mark": line["mark"]}, points],
    }


def _point(plot: Plot) -> dict[str, Any]:
    return {
        **_size(plot),
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.85, "tooltip": True},
        "encoding": {
            "x": _axis(plot, "x", **_from_data(plot, "x")),
            "y": _axis(plot, "y", **_from_data(plot, "y")),
            **_colour(plot),
        },
    }


def _heatmap(plot: Plot) -> dict[str, Any]:
    """A cell per pair of names, with its figure; grey where none is known, empty where there is no row."""
    x, y = _axis(plot, "x"), _axis(plot, "y")
    colour = _colour(plot)["color"]
    field = plot.axes["color"].field if "color" in plot.axes else None
    known = f"isValid(datum[{json.dumps(field)}])" if field else "true"
    dark = "false"
    if field and plot.axes["color"].kind == "number":
        numbers = [record[field] for record in plot.records if record[field] is not None]
        least, most = min(numbers, default=0), max(numbers, default=0)
        # Black is read up to there.
        middle = 0.6 * most if least >= 0 else (least + most) / 2
        dark = f"{known} && datum[{json.dumps(field)}] > {middle}"
    return {
        **_size(plot),
        "layer": [
            {
                "mark": {"type": "rect", "tooltip": True, "stroke": "#fff", "color": UNKNOWN},
                "encoding": {"x": x, "y": y},
            },
            {
                "transform": [{"filter": known}],
                "mark": {"type": "rect", "tooltip": True, "stroke": "#fff"},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "x": x,
                    "y": y,
                    "text": {"field": "figure", "type": "nominal"},
                    "color": {"condition": {"test": dark, "value": "#fff"}, "value": _INK},
                },
            },
        ],
    }


def _timeline(plot: Plot) -> dict[str, Any]:
    """A bar from the first day to the last; one without an end runs to the edge and ends in ▸."""
    x, y = _axis(plot, "x", scale={"nice": False}), _axis(plot, "y")
    x["axis"] = {**x["axis"], "title": f"{plot.axes['x'].title} – {plot.axes['x2'].title}"}
    x2 = {"x2": {"field": plot.axes["x2"].field}}
    return {
        **_size(plot),
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.6}, "tooltip": True, "minBandSize": 2},
                "encoding": {"x": x, **x2, "y": y, **_colour(plot)},
            },
            {
                "transform": [{"filter": "datum.open"}],
                "mark": {
                    "type": "text",
                    "text": "▸",
                    "align": "left",
                    "dx": -1,
                    "fontSize": 17,
                    "color": _SOFT,
                },
                "encoding": {"x": {**x, "field": plot.axes["x2"].field}, "y": y},
            },
        ],
    }


def _dumbbell(plot: Plot) -> dict[str, Any]:
    """Two points on a line per name; a name with one known end has one point."""
    ends = [plot.axes["x"], plot.axes["x2"]]
    titles = [end.title for end in ends]
    y = _axis(plot, "y")
    title = " · ".join(titles)
    scale: dict[str, Any] = {"padding": 12}
    if ends[0].kind != "day":
        numbers = plot.numbers("x", "x2")
        least, most = min(numbers, default=0), max(numbers, default=0)
        # From nothing, unless all lie close together far from it.
        near = least < most / 2 or "facet" in plot.axes
        scale = {"zero": near, "nice": True} if least >= 0 else {"zero": False, "padding": 12}
    x = _axis(plot, "x", scale=scale)
    x["axis"] = {**x["axis"], "title": title}
    legend = {
        "scale": {"domain": titles, "range": [PALETTE[0], PALETTE[1]]},
        "legend": {"title": None, "columns": 2},
    }
    points = [
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 90,
                "opacity": 1,
                "tooltip": True,
                "shape": shape,
            },
            "encoding": {
                "x": {**x, "field": end.field},
                "y": y,
                "color": {"datum": end.title, "type": "nominal", **legend},
            },
        }
        for end, shape in zip(ends, ("circle", "diamond"), strict=True)
    ]
    joined = {
        "mark": {"type": "rule", "color": "#9aa3a7", "strokeWidth": 2},
        "encoding": {"x": x, "x2": {"field": ends[1].field}, "y": y},
        "transform": [{"filter": " && ".join(f"isValid(datum[{json.dumps(end.field)}])" for end in ends)}],
    }
    return {**_size(plot), "layer": [joined, *points]}


def _from_data(plot: Plot, channel: str) -> dict[str, Any]:
    """Points and lines need no zero on an axis of years."""
    return {"scale": {"zero": False}} if plot.axes[channel].kind == "year" else {}


_VIEWS = {
    "bar": _bar,
    "line": _line,
    "step": _step,
    "point": _point,
    "heatmap": _heatmap,
    "timeline": _timeline,
    "dumbbell": _dumbbell,
}


def _facetted(plot: Plot, view: dict[str, Any]) -> dict[str, Any]:
    """The view once, or a panel for each value of the facet, two in a line, each with its own names."""
    if "facet" not in plot.axes:
        return view
    axis = plot.axes["facet"]
    panel = dict(view)
    for side in ("width", "height"):
        if isinstance(panel.get(side), int):
            panel[side] = panel[side] // 2
    for channel in ("x", "y"):
        if plot.axes[channel].kind == "name":
            _without_order(panel, channel)
    names = [
        channel
        for channel in ("x", "y")
        if plot.axes[channel].kind == "name" or (plot.axes[channel].kind == "number" and plot.unlike(channel))
    ]
    header: dict[str, Any] = {"title": None}
    lines = _lines(plot, "facet", _HEADER_COLUMNS)
    if lines:
        header["labelExpr"] = f"{lines}[datum.label] || datum.label"
    return {
        "facet": {
            "field": axis.field,
            "type": "nominal",
            "sort": list(plot.order("facet")),
            "header": header,
        },
        "columns": 2,
        # The days at the ends of two axes are written past their panels.
        "spacing": {"column": 56 if plot.axes["x"].kind == "day" else 24, "row": 24},
        "spec": panel,
        "resolve": {"scale": dict.fromkeys(names, "independent")},
    }


def _without_order(panel: dict[str, Any], channel: str) -> None:
    """Names in the order of the data, so that a panel has only its own."""
    for layer in [panel, *panel.get("layer", [])]:
        if channel in layer.get("encoding", {}) and "sort" in layer["encoding"][channel]:
            layer["encoding"][channel] = {**layer["encoding"][channel], "sort": None}


_CONFIG: Mapping[str, Any] = {
    "font": FONTS,
    "background": "#ffffff",
    "padding": 16,
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 16,
        "fontWeight": 600,
        "color": _INK,
        "subtitleColor": _SOFT,
        "subtitleFontSize": 12,
        "offset": 14,
    },
    "axis": {
        "labelColor": _INK,
        "titleColor": _SOFT,
        "titleFontWeight": 400,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": LONGEST_LABEL,
        "titleLimit": WIDTH,
        "gridColor": _LINE,
        "domainColor": _SOFT,
        "tickColor": _LINE,
    },
    "axisBand": {"grid": False, "ticks": False},
    "legend": {
        "orient": "top",
        "titleFontWeight": 400,
        "titleColor": _SOFT,
        "labelColor": _INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": 240,
        "symbolType": "square",
    },
    "header": {"labelFontSize": 13, "labelAnchor": "start", "labelColor": _INK, "labelLimit": LONGEST_LABEL},
}
