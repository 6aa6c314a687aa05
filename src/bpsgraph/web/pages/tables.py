"""Answers as tables of a page: cells with links and signs, and where they come from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from pyoxigraph import NamedNode

from bpsgraph.answers import Answer
from bpsgraph.answers.charts import drawable, first
from bpsgraph.answers.drawing import svg_of
from bpsgraph.answers.reading import Shown, cell, shown
from bpsgraph.answers.words import made_from
from bpsgraph.errors import NothingToDraw
from bpsgraph.literals import is_number
from bpsgraph.terms import BASE, Term
from bpsgraph.web.view import View

# The code lists whose concepts are shown by a sign and a word.
_MARKED = ("verification", "value-verdict", "coverage-verdict", "severity")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what is read, whether it is a number, where it leads, and which sign it bears.

    `mark` is a verdict, a severity or a verification, the style of which it is shown in; empty for most.
    """

    text: str
    number: bool = False
    href: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `stands_out` where it is about what was asked for."""

    cells: tuple[Cell, ...]
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading, its notes, where it comes from, and the address of the same as data."""

    title: str
    description: str
    columns: tuple[Cell, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    query: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: its specification in Vega-Lite for the script, and the same drawn as SVG for who has none."""

    specification: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its specification for the script, and the address of the same drawn as SVG.

    Drawing takes longer than the page: who needs the picture asks for it apart.
    """

    specification: str
    address: str
    title: str


def table_of(
    view: View, answer: Answer, columns: Sequence[str] | None = None, data: str | None = None
) -> Table:
    """The answer as a table in the language of the page, with only these columns where some are named.

    A name links to the thing that it names: `item_zh` to the IRI in the column `item`. `data` is where the
    same is found as data; left out, the page of the saved query.
    """
    called = view.labels(
        {term.value for row in answer.rows.rows for term in row if isinstance(term, NamedNode)}
    )
    # Columns of IRIs beside those of their names are the links of these, whether or not they are shown.
    places = {name: place for place, name in enumerate(answer.rows.columns)}
    picked = [
        one
        for one in shown(answer.columns, view.language)
        if columns is None or one.column.name in columns or _stem(one.column.name) in columns
    ]
    named = {_stem(one.column.name) for one in picked if one.column.name != _stem(one.column.name)}
    picked = [one for one in picked if one.column.name not in named]
    return Table(
        title=view.say(answer.title),
        description=view.say(answer.description),
        columns=tuple(Cell(one.heading, _is_number(answer, one)) for one in picked),
        rows=tuple(
            Row(
                tuple(_cell(view, one, row, _place_of(one.column.name, places), called) for one in picked),
                answer.stands_out(row),
            )
            for row in answer.rows.rows
        ),
        notes=tuple(view.say(note) for note in answer.notes),
        source=tuple(made_from(answer, view.language)),
        query=answer.name,
        data=data if data is not None else address_of(answer) if answer.name in view.snapshot.library else "",
    )


def figures_of(view: View, answer: Answer) -> tuple[Figure, ...]:
    """The charts of an answer; those that have nothing to draw are left out."""
    found = []
    for one in drawable([answer]):
        try:
            specification = first([one], view.language)
        except NothingToDraw:
            continue
        found.append(Figure(json.dumps(specification, ensure_ascii=False), Markup(svg_of(specification))))
    return tuple(found)


def pictures_of(view: View, answer: Answer, addresses: Sequence[str]) -> tuple[Picture, ...]:
    """The charts of an answer, each drawn at its own address; those with nothing to draw are left out."""
    found = []
    for one, address in zip(drawable([answer]), addresses, strict=False):
        try:
            specification = first([one], view.language)
        except NothingToDraw:
            continue
        found.append(Picture(json.dumps(specification, ensure_ascii=False), address, view.say(answer.title)))
    return tuple(found)


def picture_of(view: View, answer: Answer) -> Picture | None:
    """The chart of a saved query, drawn apart; None where there is nothing to draw."""
    name, _, asked = address_of(answer).partition("?")
    address = f"{name}.svg?{asked}{'&' if asked else ''}lang={view.language}"
    return next(iter(pictures_of(view, answer, [address])), None)


def address_of(answer: Answer) -> str:
    """Where the page of the saved query with the same values is."""
    asked = [(name, value) for name, values in answer.provenance.parameters.items() for value in values]
    return f"/queries/{answer.name}" + (f"?{urlencode(asked)}" if asked else "")


def cell_of(view: View, term: Term, words: str = "") -> Cell:
    """One term by itself, with these words for it where there are some."""
    href = view.href(term.value) if isinstance(term, NamedNode) else ""
    # What is a page on the web is a link to it, whether it is written as an IRI or as a literal.
    if not href and str(term.value).startswith(("https://", "http://")):
        href = str(term.value)
    return Cell(words or cell(term), href=href if _leads(href) else "", mark=mark_of(term))


def _cell(
    view: View, one: Shown, row: Sequence[Term | None], place: int | None, called: dict[str, str]
) -> Cell:
    term = one.term(row)
    thing = term if isinstance(term, NamedNode) else row[place] if place is not None else None
    href = view.href(thing.value) if isinstance(thing, NamedNode) and term is not None else ""
    named = called.get(term.value) if isinstance(term, NamedNode) else None
    return Cell(
        named or one.text(row),
        is_number(term),
        href if _leads(href) else "",
        mark_of(term),
    )


def _leads(href: str) -> bool:
    return href.startswith(("/", "https://", "http://"))


def mark_of(term: Term | None) -> str:
    """What a term is shown as where it is a verdict, a severity or how sure a value is."""
    if not isinstance(term, NamedNode):
        return ""
    scheme, _, name = term.value.removeprefix(BASE).rpartition("/")
    return name if scheme in _MARKED else ""


def _place_of(name: str, places: Mapping[str, int]) -> int | None:
    """Where the thing stands that a column names: `agency`, or `of_agency` where that is a parameter."""
    stem = _stem(name)
    return places.get(stem, places.get(f"of_{stem}"))


def _stem(name: str) -> str:
    stem, _, ending = name.rpartition("_")
    return stem if ending in ("zh", "en") else name


def _is_number(answer: Answer, column: Shown) -> bool:
    known = [term for row in answer.rows.rows if (term := row[column.place]) is not None]
    return bool(known) and all(map(is_number, known))


def island(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`, which no text in it can end."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return Markup(text.replace("<", "\\u003c"))
