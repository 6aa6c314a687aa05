"""What the XML of a worksheet holds beside values: formulas, errors, what is hidden, what is merged."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from bpsgraph.ingest.grid import CELL_LIMIT, COLUMN_LIMIT, ROW_LIMIT

_HIDDEN = rb"[^>]*?\shidden\s*=\s*[\"'](?:1|true)[\"']"
_ROW = re.compile(rb"<(?:\w+:)?row\b" + _HIDDEN + rb"[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b" + _HIDDEN + rb"[^>]*>")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^>]*?\sref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)
_BEYOND = re.compile(
    rb"<c r=\"(?:[^A-Z]|[A-Z]{1,2}[^A-Z\d]|[A-Z]{3}|(?:[J-Z][A-Z]|I[W-Z])\d|[A-Z]{1,2}(?:0|[2-9]\d{3}|\d{5}))"
)
_NAMED = re.compile(rb"<c r=\"([A-Z]+)(\d+)\"")
_SIGNS = (b"<f", b't="e"', b"t='", b"&#", b":c ", b":c>")
_NAME = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")

Position = tuple[int, int]
"""Row and column, both counted from 1."""


@dataclass(slots=True)
class Looks:
    """What single cells hold beside their values; `raw` has what stands in those that were asked for."""

    formulas: dict[Position, str] = field(default_factory=dict)
    errors: dict[Position, str] = field(default_factory=dict)
    percentages: set[Position] = field(default_factory=set)
    raw: dict[Position, str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    characters: int = 0


class BadCellError(Exception):
    """A cell whose name is none; the message is the name."""


class FarCellError(Exception):
    """A cell beyond the rows or the columns that are read; its arguments are row and column."""


def worth_a_look(xml: bytes, styles: Iterable[int]) -> bool:
    """Whether `look` may find anything in the sheet; `styles` are those that show percentages.

    Not in a sheet whose cells all begin `<c r="A1"`, none of them with a formula, an error or such a style,
    none beyond what is read. This is asked of the bytes, which is twenty times as quick as to look.
    """
    start = max(xml.rfind(b'<c r="'), 0)
    begin, end = xml.find(b"<sheetData"), xml.find(b"</sheetData", start)
    if not 0 <= begin < start < end or _has(xml, b"<!") or _has(xml[xml.find(b"?>", 0, 100) + 1 :], b"<?"):
        return True
    last = _NAMED.match(xml, start)
    rows = xml[begin:end]
    return (
        (last is not None and int(last[2][:8]) > ROW_LIMIT)
        or rows.count(b"<c") != rows.count(b'<c r="')
        or any(_has(rows, sign) for sign in _SIGNS)
        or any(b's="%d"' % style in rows for style in styles)
        or (_BEYOND.search(rows) is not None and _reaches_far(rows))
    )


def _has(xml: bytes, sign: bytes) -> bool:
    # A single letter is found much sooner than two, and most of these hardly ever occur.
    return all(sign[at : at + 1] in xml for at in range(len(sign))) and sign in xml


def _reaches_far(xml: bytes) -> bool:
    """Whether any cell, be it empty, has no row or stands beyond what is read."""
    named = _NAMED.findall(xml)
    rows = [int(row) for _, row in named if len(row) < 8]
    if len(rows) < xml.count(b'<c r="'):
        return True
    columns = max(column_number(letters.decode()) for letters in {letters for letters, _ in named})
    return (
        min(rows) < 1 or max(rows) > ROW_LIMIT or columns > COLUMN_LIMIT or max(rows) * columns > CELL_LIMIT
    )


def look(
    xml: bytes,
    styles: frozenset[int] = frozenset(),
    lengths: list[int] | None = None,
    raw: frozenset[Position] = frozenset(),
) -> Looks:
    """The formulas without a stored value, the errors and the percentages of a sheet, and how far it reaches.

    `lengths` are those of the shared texts, for the sum of the characters. Raises `BadCellError` and,
    at the first cell that stands too far, `FarCellError`.
    """
    found = Looks()
    row = column = 0
    style = kind = None
    formula: str | None = None
    value: str | None = None
    text: list[str] | None = None

    def begins(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, kind, formula, value, text
        tag = tag.rpartition(":")[2]
        if tag == "row":
            row, column = _number(attributes.get("r"), row + 1), 0
        elif tag == "c":
            if name := attributes.get("r"):
                row, column = position(name)
            else:
                column += 1
            style, kind = attributes.get("s"), attributes.get("t")
            formula = value = None
        elif tag in {"f", "v"}:
            text = []

    def characters(piece: str) -> None:
        if text is not None:
            text.append(piece)

    def ends(tag: str) -> None:
        nonlocal formula, value, text
        tag = tag.rpartition(":")[2]
        if tag == "f":
            formula, text = "".join(text or ()), None
        elif tag == "v":
            value, text = "".join(text or ()), None
        elif tag == "is":
            value = "inline"
        elif tag == "c" and (formula is not None or value):
            note()

    def note() -> None:
        at = (row, column)
        found.rows, found.columns = max(found.rows, row), max(found.columns, column)
        if row > ROW_LIMIT or column > COLUMN_LIMIT:
            raise FarCellError(row, column)
        if kind == "e":
            found.errors[at] = value or "#N/A"
        elif formula is not None and not value and kind != "str":
            found.formulas[at] = formula or ""
        elif kind in {None, "n"} and style is not None and style.isdigit() and int(style) in styles:
            found.percentages.add(at)
        elif kind == "s" and lengths and value and value.isdigit() and int(value) < len(lengths):
            found.characters += lengths[int(value)]
        if at in raw:
            found.raw[at] = value or ""

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begins
    parser.EndElementHandler = ends
    parser.CharacterDataHandler = characters
    parser.Parse(xml, True)
    return found


def position(name: str) -> Position:
    """Row and column of a cell by its name, `C12`. Raises `BadCellError`."""
    match = _NAME.match(name)
    if not match:
        raise BadCellError(name)
    return int(match[2]), column_number(match[1])


def column_number(letters: str) -> int:
    """The number of a column, from 1, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def hidden_rows(xml: bytes) -> list[int]:
    """The rows that are hidden, in order."""
    return sorted({int(number) for tag in _ROW.findall(xml) if (number := _attribute(tag, b"r"))})


def hidden_columns(xml: bytes) -> list[int]:
    """The columns that are hidden, up to the 16,384th, in order."""
    head = xml[: max(xml.find(b"sheetData"), 0)]
    columns: set[int] = set()
    for tag in _COLUMN.findall(head):
        first, last = _attribute(tag, b"min"), _attribute(tag, b"max")
        if first and last:
            columns.update(range(int(first), min(int(last), 16_384) + 1))
    return sorted(columns)


def merged(xml: bytes) -> list[tuple[Position, Position]]:
    """The first and the last cell of each merged one."""
    tail = xml[max(xml.rfind(b"sheetData>"), 0) :]
    return [
        ((int(first), column_number(left.decode())), (int(last), column_number(right.decode())))
        for left, first, right, last in _MERGED.findall(tail)
    ]


def _attribute(tag: bytes, name: bytes) -> bytes | None:
    match = re.search(rb"\s" + name + rb"\s*=\s*[\"'](\d{1,7})[\"']", tag)
    return match[1] if match else None


def _number(text: Any, otherwise: int) -> int:
    return int(text) if isinstance(text, str) and re.fullmatch(r"[1-9][0-9]{0,6}", text) else otherwise
