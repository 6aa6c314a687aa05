"""Finds the table in a sheet: the row of headings, which column is which, and where the rows begin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from bpsgraph.ingest.grid import Cell, Sheet
from bpsgraph.ingest.layout import AGENCIES, FLAT, SHEETS, STATEMENTS, Column, SheetLayout, Use
from bpsgraph.ingest.names import folded
from bpsgraph.ingest.patterns import Pattern

LAST_HEADING_ROW = 30
_ASIDE = Pattern(r"\(.*?\)|[*#:]")
_SHOWN = "国家"
_NEEDED = 2
_LONGEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its headings understood.

    `layout` is set where the sheet bears the name of one of the workbook's; `columns` gives the index of each
    column found; rows before `heading` stand above the table, those from `first` on are its content.
    `unknown` are the headings that nobody reads, `repeated` those of columns that were there already.
    """

    sheet: Sheet
    layout: SheetLayout | None
    columns: Mapping[str, int]
    known: Mapping[str, Column]
    heading: int
    first: int
    unknown: tuple[Cell, ...]
    repeated: tuple[Cell, ...]

    def cell(self, row: int, key: str) -> Cell | None:
        """The cell of a column in a row counted from 0, or None where the sheet has no such column."""
        index = self.columns.get(key)
        return None if index is None else self.sheet.rows[row][index]


@dataclass(slots=True)
class Row:
    """One row of a table, counted from 0, with its cells by column."""

    table: Table
    number: int
    cells: dict[str, Cell]

    def filled(self, key: str) -> bool:
        """Whether the table has the column and something stands in it."""
        cell = self.cells.get(key)
        return cell is not None and bool(cell.text)


@lru_cache(maxsize=4096)
def layout_named(title: str | None) -> SheetLayout | None:
    """The sheet of the workbook that bears that name, in Chinese or English."""
    return _layouts().get(folded(title)) if title and len(title) <= _LONGEST_TITLE else None


def find_table(sheet: Sheet) -> Table | None:
    """The table of a sheet, or None where no row among its first thirty reads like headings."""
    layout = layout_named(sheet.name)
    choices = [layout] if layout is not None else [None, AGENCIES, STATEMENTS]
    for choice in choices:
        known = _by_heading(choice)
        for number, row in enumerate(sheet.rows[:LAST_HEADING_ROW]):
            found = {column.key for cell in row if (column := _match(known, cell.text))}
            if len(found) >= _NEEDED and found & _naming(choice):
                return _table(sheet, layout or choice, known, number)
    return None


def key_of(text: str, columns: Iterable[Column]) -> Column | None:
    """The column, or the key of 说明, that bears the heading."""
    return _match(_headings(tuple(columns)), text)


def _naming(layout: SheetLayout | None) -> set[str]:
    """The columns of which a table has at least one."""
    if layout is AGENCIES:
        return {"agency-name"}
    if layout is STATEMENTS:
        return {"predicate"}
    return {"item"}


def _table(sheet: Sheet, layout: SheetLayout | None, known: Mapping[str, Column], number: int) -> Table:
    heads = list(sheet.rows[number])
    first = number + 1
    while first < min(len(sheet.rows), number + 3) and _continues(heads, sheet.rows[first], known):
        heads = [
            under if _match(known, under.text) else above
            for above, under in zip(heads, sheet.rows[first], strict=True)
        ]
        first += 1
    columns: dict[str, int] = {}
    unknown: list[Cell] = []
    repeated: list[Cell] = []
    for index, cell in enumerate(heads):
        column = _match(known, cell.text)
        if column is None:
            shown = folded(cell.text).startswith(_SHOWN)
            if cell.text and not shown and any(row[index].text for row in sheet.rows[first:]):
                unknown.append(cell)
        elif column.use is Use.SHOWS:
            continue
        elif column.key in columns:
            if cell.place not in sheet.covered:
                repeated.append(cell)
        else:
            columns[column.key] = index
    return Table(
        sheet,
        layout,
        columns,
        {column.key: column for column in known.values()},
        number,
        first,
        tuple(unknown),
        tuple(repeated),
    )


def _continues(heads: list[Cell], row: tuple[Cell, ...], known: Mapping[str, Column]) -> bool:
    """Whether the row is one more row of headings: all that stands in it is a heading."""
    filled = [(above, under) for above, under in zip(heads, row, strict=True) if under.text]
    return bool(filled) and all(
        under.text == above.text or _match(known, under.text) is not None for above, under in filled
    )


def _match(known: Mapping[str, Column], text: str) -> Column | None:
    if not text or len(text) > 80:
        return None
    for candidate in (text, *text.splitlines()):
        name = folded(candidate)
        found = known.get(name) or known.get(_ASIDE.sub("", name))
        if found is not None:
            return found
    return None


@cache
def _layouts() -> Mapping[str, SheetLayout]:
    layouts = (*SHEETS, STATEMENTS)
    return {folded(title): layout for layout in layouts for title in (layout.title.zh, layout.title.en)}


@cache
def _by_heading(layout: SheetLayout | None) -> Mapping[str, Column]:
    if layout is None:
        return _headings(FLAT)
    known = dict(_headings(layout.columns))
    if layout not in (AGENCIES, STATEMENTS):
        for name, column in _headings(FLAT).items():
            known.setdefault(name, column)
    return known


@cache
def _headings(columns: tuple[Column, ...]) -> Mapping[str, Column]:
    known: dict[str, Column] = {}
    # A column's own heading goes before the synonyms of others.
    for column in columns:
        known.setdefault(folded(column.heading.zh), column)
        known.setdefault(folded(column.heading.en), column)
    for column in columns:
        if column.use is not Use.SHOWS:
            for synonym in column.synonyms:
                known.setdefault(folded(synonym), column)
    return known
