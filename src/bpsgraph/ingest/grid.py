"""Sheets of cells, whatever file they come from: between the readers of files and what cells mean."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bpsgraph.errors import TooLarge
from bpsgraph.ingest.submission import Place, Remark, column_letters

ROW_LIMIT = 50_000
COLUMN_LIMIT = 256
CELL_LIMIT = 250_000
TEXT_LIMIT = 32_000

Content = str | Decimal | bool | date | None


class Cell(NamedTuple):
    """One cell: what it holds, the same as text (a date as 2021-11-02), and where it stands.

    A number that its cell shows as a percentage is held as text: `30%`. Texts are without the spaces and
    invisible characters around them.
    """

    place: Place
    content: Content
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet, each as wide as the widest; a merged cell fills every cell that it covers.

    `covered` are the places that a merged cell fills beside its first one. An empty cell is None and "".
    """

    name: str | None
    rows: tuple[tuple[Cell, ...], ...]
    covered: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a workbook, or the one of a CSV file, with what the reader had to say of single cells."""

    name: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[Remark, ...] = ()


def refuse_far(name: str, rows: int, columns: int, part: str | None = None) -> None:
    """Raise `TooLarge` where a table has more rows, columns or cells than is read; `name` is the file's."""
    last = f"{column_letters(columns)}{rows}"
    for many, limit, unit in (
        (rows, ROW_LIMIT, "rows"),
        (columns, COLUMN_LIMIT, "columns"),
        (rows * columns, CELL_LIMIT, "cells"),
    ):
        if many > limit:
            raise TooLarge(
                name,
                limit,
                what=f"the table reaches to {last}, which is more than",
                unit=unit,
                cure="delete what stands far from the table, or split the file",
                part=part,
            )


def too_long(name: str, part: str) -> TooLarge:
    """The refusal of a cell with more text than is read; `part` says which."""
    return TooLarge(
        name,
        TEXT_LIMIT,
        what="a cell is longer than",
        unit="characters",
        cure="shorten it, or put it into a document of its own",
        part=part,
    )
