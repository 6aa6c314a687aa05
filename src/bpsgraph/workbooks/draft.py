"""What stands in a workbook before it is a file: rows by column, sheet by sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bpsgraph.ingest.grid import Book, Cell, Sheet
from bpsgraph.ingest.layout import (
    ABOUT,
    AGENCIES,
    FUNDING,
    GUARANTEES,
    PROVISIONS,
    STATEMENTS,
    Column,
    SheetLayout,
    Use,
)
from bpsgraph.ingest.submission import Place

Content = str | Decimal
Row = dict[str, Content]

TABLES = (PROVISIONS, GUARANTEES, FUNDING, AGENCIES, STATEMENTS)


@dataclass
class Draft:
    """The keys of 说明, and the rows of the other sheets by column."""

    about: Row = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=lambda: {layout.key: [] for layout in TABLES})

    def columns(self, layout: SheetLayout) -> tuple[Column, ...]:
        """The columns of a sheet: those that are usual, and the others where something stands in them."""
        rows = [self.about] if layout is ABOUT else self.rows[layout.key]
        used = {key for row in rows for key in row}
        return tuple(c for c in layout.columns if c.use is not Use.MORE or c.key in used)

    def sheets(self) -> list[tuple[SheetLayout, list[list[Content]]]]:
        """The lines of each sheet: two of headings, then rows; 说明 has a key, a value and a note a line."""
        lines: list[list[Content]] = [["说明", "", "About"]]
        for column in self.columns(ABOUT):
            note = f"{column.heading.en}" + (f"  {column.note.zh}" if column.note else "")
            lines.append([column.heading.zh, self.about.get(column.key, ""), note])
        sheets = [(ABOUT, lines)]
        for layout in TABLES:
            rows = self.rows[layout.key]
            if rows or layout is not STATEMENTS:
                sheets.append((layout, _lines(self.columns(layout), rows)))
        return sheets

    def flat(self) -> list[list[Content]]:
        """One table: the keys of 说明 above it, agencies and what no column holds in lines below it.

        The cells of a provision stand in the first row of its promises.
        """
        about = [[column.heading.zh, self.about.get(column.key, "")] for column in self.columns(ABOUT)]
        columns = dict.fromkeys(
            column for layout in (PROVISIONS, GUARANTEES, FUNDING) for column in self.columns(layout)
        )
        below: list[list[Content]] = []
        for layout in (AGENCIES, STATEMENTS):
            for row in self.rows[layout.key]:
                cells = [row.get(column.key, "") for column in layout.columns]
                below.append([layout.title.zh, *cells])
        return [*about, [], *_lines(tuple(columns), self._joined()), *below]

    def _joined(self) -> list[Row]:
        def key(row: Row) -> tuple[Content, Content]:
            return row.get("item", ""), row.get("provision-key", "")

        rows: list[Row] = []
        promises: dict[tuple[Content, Content], list[Row]] = {}
        for row in self.rows[GUARANTEES.key]:
            promises.setdefault(key(row), []).append(row)
        funding = {key(row): row for row in self.rows[FUNDING.key]}
        for provision in self.rows[PROVISIONS.key]:
            own = promises.pop(key(provision), [{}])
            rows.append({**provision, **funding.pop(key(provision), {}), **own[0]})
            rows += own[1:]
        rows += [row for left in promises.values() for row in left]
        return rows + list(funding.values())


def _lines(columns: tuple[Column, ...], rows: list[Row]) -> list[list[Content]]:
    return [
        [column.heading.zh for column in columns],
        [column.heading.en for column in columns],
        *([row.get(column.key, "") for column in columns] for row in rows),
    ]


def book_of(name: str, sheets: Mapping[str | None, list[list[Content]]]) -> Book:
    """The lines as the readers of files give them."""
    made = []
    for title, lines in sheets.items():
        width = max((len(line) for line in lines), default=0)
        rows = []
        for number, line in enumerate(lines, 1):
            cells = []
            for index in range(width):
                content = line[index] if index < len(line) else ""
                place = Place(sheet=title, row=number, column=index + 1)
                cells.append(Cell(place, content if content != "" else None, str(content)))
            rows.append(tuple(cells))
        made.append(Sheet(title, tuple(rows)))
    return Book(name, tuple(made))
