"""What a chart draws: of each row the values of its channels, named in one language."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from typing import Literal as OneOf

from pyoxigraph import Literal
from rich.cells import cell_len

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.reading import OF, cell, without_language
from bpsgraph.errors import NothingToDraw
from bpsgraph.library import Chart, Column
from bpsgraph.library.header import ROW_COUNT
from bpsgraph.literals import is_number, python_value
from bpsgraph.results import Text
from bpsgraph.terms import Term

Kind = OneOf["name", "number", "year", "day"]
MOST = 40
# Rows of cells are lower than bars, and the items of the State are eighty-one.
MOST_OF_CELLS = 100
_COUNT = Text("数量", "number")
_NAMED = ("_zh", "_en")
_YEARS = range(1900, 2101)
# Whole numbers of so few values are steps of a colour, not a gradient.
MOST_STEPS = 7
# Below this share of bars in their groups, gaps would part a bar from its name.
_FULL = 0.75


@dataclass(frozen=True, slots=True)
class Axis:
    """One channel: the field of the records, its title with the unit, and what kind of values it has.

    `reference` is the value that the others are read against.
    """

    field: str
    title: str
    kind: Kind
    whole: bool = False
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """The records that are drawn, in order, and the channels that they are drawn by.

    `unknown` counts the rows without a figure; `left_out` the names beyond the first forty; `categories` are
    the names of the axis of names.
    """

    mark: str
    axes: Mapping[str, Axis]
    records: tuple[dict[str, Any], ...]
    categories: tuple[str, ...] | None = None
    unknown: int = 0
    left_out: int = 0
    adds_up: bool = False

    def order(self, channel: str) -> tuple[str, ...]:
        """The names on an axis or in a legend, as they first come; years and steps ascend."""
        values = dict.fromkeys(record[self.axes[channel].field] for record in self.records)
        return tuple(values if self.axes[channel].kind == "name" else sorted(values))

    def is_category(self, channel: str) -> bool:
        """Whether an axis has a place for each value: names, and years under bars and cells."""
        if channel not in self.axes:
            return False
        kind = self.axes[channel].kind
        return kind == "name" or (kind == "year" and self.mark in ("bar", "heatmap"))

    @property
    def has_steps(self) -> bool:
        """Whether the colours are a few whole numbers, each with its own."""
        axis = self.axes.get("color")
        if axis is None or axis.kind == "name" or not axis.whole or self.mark == "heatmap":
            return False
        values = {record[axis.field] for record in self.records}
        return None not in values and len(values) <= MOST_STEPS

    def numbers(self, *channels: str) -> tuple[float, ...]:
        """The known figures of the channels."""
        fields = [self.axes[channel].field for channel in channels]
        return tuple(
            record[field] for record in self.records for field in fields if record[field] is not None
        )

    def broken_labels(self, channel: str, columns: int) -> tuple[str, ...]:
        """The names of a channel that are longer than so many columns of a terminal."""
        if channel not in self.axes or self.axes[channel].kind != "name":
            return ()
        names = (name for name in self.order(channel) if name is not None)
        return tuple(name for name in names if cell_len(name) > columns)

    def unlike(self, channel: str) -> bool:
        """Whether the figures of one panel are ten times those of another, so that no axis suits both."""
        greatest: dict[str, float] = {}
        for record in self.records:
            value = record[self.axes[channel].field]
            if value is not None:
                panel = record[self.axes["facet"].field]
                greatest[panel] = max(abs(value), greatest.get(panel, 0))
        return bool(greatest) and max(greatest.values()) > 10 * min(greatest.values())

    @property
    def colours_per_category(self) -> int:
        """How many colours one name has at most."""
        if "color" not in self.axes or not (self.axes["color"].kind == "name" or self.has_steps):
            return 1
        named = [self.axes[channel].field for channel in ("x", "y", "facet") if self.is_category(channel)]
        colours: dict[tuple[str, ...], set[str]] = {}
        for record in self.records:
            place = tuple(record[field] for field in named)
            colours.setdefault(place, set()).add(record[self.axes["color"].field])
        return max(map(len, colours.values()), default=1)

    @property
    def highlighted(self) -> bool:
        """Whether some records are to stand out."""
        return any(record.get("highlighted") for record in self.records)

    @property
    def open_ended(self) -> bool:
        """Whether some records have no end."""
        return any(record.get("open") for record in self.records)


def plotted(answer: Answer, chart: Chart, language: str) -> Plot:
    """What the chart of an answer draws in `zh` or `en`. Raises `NothingToDraw` where it has no rows."""
    if not answer.rows.rows:
        raise NothingToDraw(answer.name, "there are no rows")
    channels = {channel: _Channel.find(answer, name, language) for channel, name in chart.channels.items()}
    if ROW_COUNT in chart.channels.values():
        return _counted(answer, chart, channels, language)
    return _each(answer, chart, channels, language)


@dataclass(frozen=True, slots=True)
class _Channel:
    """Where the values of a channel are: one column, or two of names, of which the first known is shown.

    `parts` are the channels whose names are written one after the other, as in `jurisdiction+item`.
    """

    places: tuple[int, ...]
    identity: int | None
    axis: Axis
    of: int | None = None
    parts: "tuple[_Channel, ...]" = ()

    @classmethod
    def find(cls, answer: Answer, name: str, language: str) -> "_Channel":
        if "+" in name:
            parts = tuple(cls.find(answer, part, language) for part in name.split("+"))
            title = " · ".join(part.axis.title for part in parts)
            return cls((), None, Axis(name.replace("+", "_"), title, "name"), parts=parts)
        if name == ROW_COUNT:
            return cls((), None, Axis(ROW_COUNT, _COUNT.in_language(language), "number", whole=True))
        columns = {column.name: (place, column) for place, column in enumerate(answer.columns)}
        stem = name.removesuffix("_zh").removesuffix("_en")
        order = [stem + ending for ending in (f"_{language}", *_NAMED) if stem + ending in columns]
        pair = name not in columns or stem != name or len(order) > 0
        if pair and order:
            places = tuple(dict.fromkeys(columns[each][0] for each in order))
            label = without_language(columns[order[0]][1].label.in_language(language))
            identity = columns[stem][0] if stem in columns else None
            return cls(places, identity, Axis(stem, label, "name"))
        place, column = columns[name]
        kind, whole = _kind([row[place] for row in answer.rows.rows], column)
        title = column.label.in_language(language) + (f" ({column.unit})" if column.unit else "")
        of = columns[column.of][0] if column.of else None
        reference = 100.0 if name.endswith("percent_of_floor") else None
        identity = place if kind == "name" else None
        return cls((place,), identity, Axis(name, title, kind, whole, reference), of)

    def value(self, row: Sequence[Term | None]) -> Any:
        """What is drawn: a number, a day as text, a name; None where it is not known."""
        if self.parts:
            named = (part.value(row) for part in self.parts)
            return " · ".join(dict.fromkeys(name for name in named if name is not None)) or None
        term = next((row[place] for place in self.places if row[place] is not None), None)
        if term is None:
            return None
        if self.axis.kind == "name":
            return cell(term)
        value = python_value(term)
        if self.axis.kind == "day":
            return str(value)[:10]
        return int(str(term.value)[:4]) if self.axis.kind == "year" else float(str(value))

    def figure(self, row: Sequence[Term | None]) -> str:
        """The value as it is written beside the mark, with how many there are in all."""
        written = cell(next((row[place] for place in self.places if row[place] is not None), None))
        whole = cell(row[self.of]) if self.of is not None else ""
        return f"{written}{OF}{whole}" if whole else written


def _kind(terms: Iterable[Term | None], column: Column) -> tuple[Kind, bool]:
    known = [term for term in terms if term is not None]
    if not known:
        return "number", False
    if not all(isinstance(term, Literal) for term in known):
        return "name", False
    types = {term.datatype.value.rpartition("#")[2] for term in known if isinstance(term, Literal)}
    if types <= {"date", "dateTime"}:
        return "day", False
    if types == {"gYear"}:
        return "year", True
    if not all(is_number(term) for term in known):
        return "name", False
    whole = all(float(term.value) == int(float(term.value)) for term in known)
    years = whole and all(int(float(term.value)) in _YEARS for term in known)
    called = "year" in column.name or "year" in column.label.en.split() or "年份" in column.label.zh
    return ("year" if years and called and column.unit is None and column.of is None else "number"), whole


def _each(answer: Answer, chart: Chart, channels: Mapping[str, _Channel], language: str) -> Plot:
    """A record per row. Rows that would be drawn on the same place are told apart by their key."""
    mark = chart.mark
    needed = [channel for channel in ("x", "x2", "y") if channel in channels]
    figures = [channels[channel] for channel in needed if channels[channel].axis.kind != "name"]
    end = channels.get("x2")
    latest = _edge(answer, channels) if mark == "timeline" else None
    drawn: list[tuple[dict[str, Any], Sequence[Term | None]]] = []
    unknown = 0
    for row in answer.rows.rows:
        record = {each.axis.field: each.value(row) for each in channels.values()}
        if mark == "timeline" and end is not None and record[end.axis.field] is None:
            record |= {end.axis.field: latest, "open": True}
        values = [record[each.axis.field] for each in figures]
        if mark == "heatmap":
            shown = channels.get("color")
            unknown += shown is not None and record[shown.axis.field] is None
        elif values and (all if mark == "dumbbell" else any)(value is None for value in values):
            unknown += 1
            if mark not in ("line", "step") or all(value is None for value in values):
                continue
        panel = channels.get("facet")
        if panel and chart.channels["facet"] in _UNITS and record[panel.axis.field] is None:
            # Figures of unknown units have no axis in common.
            unknown += 1
            continue
        for channel in ("x", "y", "color", "facet"):
            each = channels.get(channel)
            if each and each.axis.kind == "name" and record[each.axis.field] is None:
                if mark == "heatmap" and channel == "color":
                    continue
                record[each.axis.field] = _NOT_STATED.in_language(language)
        told = channels.get("color") if mark == "heatmap" else (figures[0] if figures else None)
        record["figure"] = told.figure(row) if told else ""
        if answer.stands_out(row):
            record["highlighted"] = True
        drawn.append((record, row))
    plot = Plot(mark, {channel: each.axis for channel, each in channels.items()}, (), unknown=unknown)
    additive = mark == "bar" and bool(figures) and _adds_up(answer, figures[0])
    if mark in ("bar", "dumbbell", "timeline", "heatmap"):
        sparse = mark == "bar" and not additive and _is_sparse(channels, drawn)
        _tell_apart(answer, mark, chart.channels, channels, drawn, language, sparse)
    facet = channels.get("facet")
    if facet and mark in ("line", "step"):
        # A panel without a figure says nothing.
        known = {record[facet.axis.field] for record, _ in drawn if None not in record.values()}
        drawn = [pair for pair in drawn if pair[0][facet.axis.field] in known]
    records = tuple(record for record, _ in drawn)
    if mark == "step":
        records += _run_on(answer, channels, drawn)
    return _first(replace(plot, records=records, adds_up=additive))


_UNITS = frozenset(("unit", "dimension"))
_NOT_STATED = Text("（未写明）", "(not stated)")


def _counted(answer: Answer, chart: Chart, channels: Mapping[str, _Channel], language: str) -> Plot:
    """A record per name, colour and panel with how many rows there are, the most first."""
    grouping = {channel: each for channel, each in channels.items() if each.axis.field != ROW_COUNT}
    counts: Counter[tuple[Any, ...]] = Counter()
    marked: set[tuple[Any, ...]] = set()
    missing = _NOT_STATED.in_language(language)
    unknown = 0
    for row in answer.rows.rows:
        key = tuple(
            missing if (value := each.value(row)) is None and each.axis.kind == "name" else value
            for each in grouping.values()
        )
        if None in key:
            unknown += 1
            continue
        counts[key] += 1
        if answer.stands_out(row):
            marked.add(key)
    fields = [each.axis.field for each in grouping.values()]
    main = next((place for place, channel in enumerate(grouping) if channel in ("x", "y")), None)
    totals: Counter[Any] = Counter()
    for key, number in counts.items():
        totals[key[main] if main is not None else ""] += number
    axis = list(grouping.values())[main].axis if main is not None else None
    ordered = list(counts)
    if chart.mark == "bar" and axis is not None and axis.kind == "name":
        ordered.sort(key=lambda key: -totals[key[main or 0]])
    records = []
    for key in ordered:
        record = dict(zip(fields, key, strict=True))
        record |= {ROW_COUNT: counts[key], "figure": str(counts[key])}
        if key in marked:
            record["highlighted"] = True
        records.append(record)
    axes = {channel: each.axis for channel, each in channels.items()}
    return _first(Plot(chart.mark, axes, tuple(records), unknown=unknown, adds_up=True))


def _first(plot: Plot) -> Plot:
    """The plot with the first forty names of its axis of names, or hundred rows of cells."""
    channel = next(
        (each for each in ("y", "x") if each in plot.axes and plot.axes[each].kind == "name"), None
    )
    if channel is None or plot.mark in ("line", "step"):
        return plot
    field = plot.axes[channel].field
    facet = plot.axes["facet"].field if "facet" in plot.axes else ""
    names = tuple(dict.fromkeys((record[field], record.get(facet)) for record in plot.records))
    kept = names[: MOST_OF_CELLS if plot.mark == "heatmap" else MOST]
    return replace(
        plot,
        records=tuple(record for record in plot.records if (record[field], record.get(facet)) in set(kept)),
        categories=tuple(name for name, _ in kept),
        left_out=len(names) - len(kept),
    )


def _adds_up(answer: Answer, channel: _Channel) -> bool:
    """Whether the figures are numbers of things: amounts of money, though whole, are never added."""
    terms = (row[place] for row in answer.rows.rows for place in channel.places)
    return channel.of is None and all(
        term is None or (isinstance(term, Literal) and term.datatype.value.endswith("#integer"))
        for term in terms
    )


def _is_sparse(
    channels: Mapping[str, _Channel], drawn: Sequence[tuple[dict[str, Any], Sequence[Term | None]]]
) -> bool:
    """Whether most names have few of the colours, so that bars beside each other would stand in gaps."""
    colour = channels.get("color")
    if colour is None or colour.axis.kind != "name":
        return False
    named = [
        each.axis.field
        for channel, each in channels.items()
        if channel in ("x", "y", "facet") and each.axis.kind == "name"
    ]
    groups: dict[tuple[Any, ...], set[str]] = {}
    for record, _ in drawn:
        groups.setdefault(tuple(record[field] for field in named), set()).add(record[colour.axis.field])
    colours = len(set().union(*groups.values())) if groups else 0
    return sum(map(len, groups.values())) < _FULL * colours * len(groups)


def _run_on(
    answer: Answer,
    channels: Mapping[str, _Channel],
    drawn: Sequence[tuple[dict[str, Any], Sequence[Term | None]]],
) -> tuple[dict[str, Any], ...]:
    """The ends of the lines: what holds runs on a little past the last day, or to where it ends."""
    day, number = channels["x"].axis, channels["y"].axis
    if day.kind != "day":
        return ()
    until = answer.rows.columns.index("until") if "until" in answer.rows.columns else None
    drawn = [pair for pair in drawn if pair[0][day.field] is not None]
    lines: dict[tuple[Any, ...], tuple[dict[str, Any], Sequence[Term | None]]] = {}
    for record, row in drawn:
        series = tuple(record[channels[each].axis.field] for each in ("color", "facet") if each in channels)
        if series not in lines or record[day.field] >= lines[series][0][day.field]:
            lines[series] = (record, row)
    if not lines:
        return ()
    days = [date.fromisoformat(record[day.field]) for record, _ in drawn]
    last = (max(days) + timedelta(days=max(30, (max(days) - min(days)).days // 20))).isoformat()
    ends = []
    for record, row in lines.values():
        ended = row[until] if until is not None else None
        end = min(last, str(ended.value)[:10]) if ended is not None else last
        if record[number.field] is not None and record[day.field] < end:
            ends.append({**record, day.field: end, "runs_on": True})
    return tuple(ends)


def _tell_apart(
    answer: Answer,
    mark: str,
    shown: Mapping[str, str],
    channels: Mapping[str, _Channel],
    drawn: Sequence[tuple[dict[str, Any], Sequence[Term | None]]],
    language: str,
    sparse: bool,
) -> None:
    """Add to names that would share a place what else their rows are known by, then their number."""
    named = next(
        (each for each in (channels.get("y"), channels.get("x")) if each and each.axis.kind == "name"), None
    )
    if named is None:
        return
    if mark == "heatmap" and named is not channels.get("y"):
        return
    # The colours of a dumbbell are those of its two ends, and a cell is known by both its names.
    apart = {"dumbbell": ("facet",), "heatmap": ("x", "facet")}.get(mark, ("color", "facet"))
    if sparse:
        apart = ("facet",)
    others = [each.axis.field for name, each in channels.items() if name in apart]

    def clashes() -> set[tuple[Any, ...]]:
        places = Counter(tuple(record[field] for field in (named.axis.field, *others)) for record, _ in drawn)
        return {place for place, number in places.items() if number > 1}

    def place(record: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(record[field] for field in (named.axis.field, *others))

    # By names before keys, which few readers know.
    pairs = [column.name.removesuffix("_zh") for column in answer.columns if column.name.endswith("_zh")]
    drawn_by = {name.removesuffix("_zh").removesuffix("_en") for name in shown.values()}
    names = [*([shown["color"]] if sparse else []), *(name for name in answer.key if name in pairs)]
    if mark != "heatmap":
        names += [name for name in pairs if name not in drawn_by and name not in answer.key]
    own = [answer.columns[named.identity].name] if named.identity is not None else []
    for name in dict.fromkeys((*names, *answer.key, *own)):
        shared = clashes()
        if not shared:
            return
        further = _Channel.find(answer, name, language)
        if further.axis.kind != "name" or (further.axis.field == named.axis.field and named.identity is None):
            continue
        if mark == "heatmap":
            # A row of cells keeps one name.
            twice = {at[0] for at in shared}
            shared = {place(record) for record, _ in drawn if record[named.axis.field] in twice}
        at_fault = [(record, row) for record, row in drawn if place(record) in shared]
        by_place: dict[tuple[Any, ...], set[str]] = {}
        for record, row in at_fault:
            by_place.setdefault(place(record), set()).add(_words_of(further, named, row))
        for record, row in at_fault:
            words = _words_of(further, named, row)
            if words and len(by_place[place(record)]) > 1:
                record["_told"] = f"{record[named.axis.field]} · {words}"
        for record, _ in at_fault:
            record[named.axis.field] = record.pop("_told", record[named.axis.field])
    shared, seen = clashes(), Counter[tuple[Any, ...]]()
    for record, _ in drawn:
        at = place(record)
        if at in shared:
            seen[at] += 1
            if seen[at] > 1:
                record[named.axis.field] = f"{record[named.axis.field]} ({seen[at]})"


def _words_of(further: _Channel, named: _Channel, row: Sequence[Term | None]) -> str:
    # Two things of one name are told apart by their keys, not by that name again.
    if further.axis.field == named.axis.field and named.identity is not None:
        return cell(row[named.identity])
    return further.value(row) or ""


def _edge(answer: Answer, channels: Mapping[str, _Channel]) -> Any:
    """Where bars without an end stop: a twentieth of the whole time after the last day that is named."""
    ends = [channels["x"], channels["x2"]]
    known = [value for row in answer.rows.rows for each in ends if (value := each.value(row)) is not None]
    if not known:
        return None
    if ends[0].axis.kind != "day":
        return max(known) + max(1, (max(known) - min(known)) // 20)
    first, last = date.fromisoformat(min(known)), date.fromisoformat(max(known))
    return (last + timedelta(days=max(180, (last - first).days // 20))).isoformat()
