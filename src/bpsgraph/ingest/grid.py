"""Sheets of cells, whatever file they come from: between the readers of files and what cells mean."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bpsgraph.ingest.submission import Place, Remark

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
