"""What every reader of files gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bpsgraph.results import Triples


class Place(NamedTuple):
    """Where something stands in a file: a line of a text, or a cell of a sheet; all are counted from 1.

    The one sheet of a CSV file has no name.
    """

    line: int | None = None
    sheet: str | None = None
    row: int | None = None
    column: int | None = None

    @property
    def cell(self) -> str | None:
        """The cell as spreadsheets write it: `C12`."""
        if self.row is None or self.column is None:
            return None
        return f"{column_letters(self.column)}{self.row}"


def column_letters(column: int) -> str:
    """The letters of a column counted from 1: A, B, …, Z, AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Places:
    """Where what a file says stands in it.

    `things` gives where the description of an IRI begins: its line, or its row with the cell of its name.
    `values` gives the cell for a property of an IRI, whether it is filled in or empty. `blanks` gives the
    cell that is left empty for what the file could state and does not: by the IRI of an item, or by those of
    an item, a measure and a segment. `next_rows` gives, by the IRI of a class, where one more row would go.
    """

    things: Mapping[str, Place] = field(default_factory=dict)
    values: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    blanks: Mapping[tuple[str, ...], Place] = field(default_factory=dict)
    next_rows: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader has to say of one place: mostly a cell that it could not read.

    `reason` is the key of a concept in `ontology/codelists/reading.ttl` (`unreadable-value`); the shapes of
    `shapes/reading/` make a finding of it. `value` is what stands there, `expected` what could stand there,
    `item` the IRI of the service item it is about, and `path` that of the property. `replacement` is what to
    write for the value, where only one thing can be meant.
    """

    reason: str
    place: Place
    value: str = ""
    expected: str = ""
    item: str | None = None
    path: str | None = None
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """The triples of a file, where they stand in it, and what could not be read as triples.

    The triples of two submissions never share a blank node. `hash` is `sha256:` and the hash of the file's
    bytes, empty where there was no file.
    """

    name: str
    triples: Triples
    places: Places = Places()
    remarks: tuple[Remark, ...] = ()
    hash: str = ""
