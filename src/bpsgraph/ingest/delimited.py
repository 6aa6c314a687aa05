"""Reads CSV as offices save it: in UTF-8, GB18030 or UTF-16, with any usual separator and line end."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from io import StringIO

from bpsgraph.errors import MalformedFile, TooLarge
from bpsgraph.ingest.cleaning import cleaned
from bpsgraph.ingest.grid import COLUMN_LIMIT, ROW_LIMIT, TEXT_LIMIT, Book, Cell, Sheet, refuse_far, too_long
from bpsgraph.ingest.package import looks_like_workbook
from bpsgraph.ingest.signatures import foreign_kind
from bpsgraph.ingest.submission import Place, Remark, column_letters

LINE_LIMIT = 1_000_000
_BLANK_LIMIT = 1_048_576
_STARTS_A_FORMULA = ("=", "+", "-", "@")
_SEPARATORS = ("\t", ";", "|", ",")
_NAMES = {"\t": "TAB"}
_FULL_WIDTH = "，"
_SAMPLE = 200
_SAMPLE_LENGTH = 200_000
_QUOTED = re.compile(r'(^|[,;\t|，\r\n])"(?:[^"]|"")*"')
# Text in a few languages reads as GB18030 by chance, but then hardly a character of it is one of GB 2312.
_PLAUSIBLE = 0.8


def read_delimited(data: bytes, name: str) -> Book:
    """The one sheet of a CSV file; every cell is text, and short rows are filled up with empty cells.

    `name` is how errors call the file. Remarks: `assumed-encoding` (`value`: which) where the file is not in
    UTF-8, `assumed-separator` (`value`: which) where it is no comma, and `trimmed-text` (`value`: in how many
    cells). Raises `MalformedFile`, `TooLarge` with the row.
    """
    _refuse_other_content(data, name)
    text, encoding = decoded(data, name)
    announced = _announces(text)
    separator = separator_of(text)
    rows = _rows(text, separator, announced, name)
    remarks = []
    if encoding != "UTF-8":
        remarks.append(Remark("assumed-encoding", Place(row=1, column=1), encoding))
    if separator != "," and not announced:
        remarks.append(Remark("assumed-separator", Place(row=1, column=1), _NAMES.get(separator, separator)))
    cells, trimmed = _cells(rows, name)
    if trimmed:
        remarks.append(Remark("trimmed-text", trimmed[0], str(len(trimmed))))
    return Book(name, (Sheet(None, cells),), tuple(remarks))


def _refuse_other_content(data: bytes, name: str) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise MalformedFile(name, "the file is empty", "check that the right file was saved")
    if looks_like_workbook(data):
        raise MalformedFile(
            name, "the content is an Excel file, not CSV", "give it the suffix .xlsx, or save it as CSV"
        )
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise MalformedFile(
            name, "this is a web page or XML, not CSV", "open it in Excel or WPS and save it as CSV"
        )
    if kind := foreign_kind(data):
        raise MalformedFile(name, f"this is {kind[0]}, not CSV", kind[1])


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text, and the name of its encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _whole(data.decode("utf-16"), "UTF-16", name), "UTF-16"
        except UnicodeDecodeError as error:
            raise _undecodable(data, error.start, "this is no UTF-16", name) from error
    if b"\0" in data:
        for encoding in ("utf-16-le", "utf-16-be"):
            if text := _utf_16(data, encoding):
                return text, "UTF-16"
        at = data.index(b"\0")
        raise _undecodable(
            data, at, "a NUL character (U+0000)", name, "remove it; save the file again as CSV UTF-8"
        )
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        wrong = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        at = max(wrong, error.start)
    else:
        if _is_plausible(text):
            return text, "GB18030"
        at = wrong
    raise _undecodable(data, at, f"the byte {data[at]:#04x} is neither UTF-8 nor GB18030", name)


def _whole(text: str, encoding: str, name: str) -> str:
    at = text.find("\0")
    if at >= 0:
        raise MalformedFile(
            name,
            "a NUL character (U+0000)",
            "remove it; save the file again as CSV UTF-8",
            part=f"row {_line_ends(text[:at]) + 1}, byte {len(text[:at].encode(encoding)) + 1}",
        )
    return text


def _utf_16(data: bytes, encoding: str) -> str | None:
    """The text if the bytes are UTF-16 without a mark: then the NULs are halves of ASCII characters."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    marks = (*_SEPARATORS, "\n", "\r")
    plain = sum(text.count(mark) for mark in marks)
    # Else the bytes of these marks are halves of other characters, and the NUL is a stray one.
    if 2 * plain < sum(data.count(mark.encode()) for mark in marks):
        return None
    sample = text[:2000]
    strange = sum(unicodedata.category(character) in {"Cn", "Co", "Cc"} for character in sample) - sum(
        sample.count(mark) for mark in "\t\r\n"
    )
    return text if plain and "\0" not in text and strange * 50 < len(sample) else None


def _is_plausible(text: str) -> bool:
    foreign = [character for character in text[:100_000] if character > "\x7f"]
    known = "".join(foreign).encode("gb2312", "ignore").decode("gb2312")
    return len(known) >= _PLAUSIBLE * len(foreign)


def _undecodable(
    data: bytes, at: int, problem: str, name: str, cure: str = "save it again as CSV UTF-8"
) -> MalformedFile:
    row = _line_ends(data[:at].decode("latin-1")) + 1
    return MalformedFile(name, problem, cure, part=f"row {row}, byte {at + 1}")


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _rows(text: str, separator: str, announced: bool, name: str) -> list[list[str]]:
    """The fields of each row, as a spreadsheet counts the rows: a quoted line break begins none."""
    rows: list[list[str]] = []
    number = 0
    reader = csv.reader(_short(StringIO(text, newline=""), name), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            filled = _filled(row)
            if filled > COLUMN_LIMIT or number > (ROW_LIMIT if filled else _BLANK_LIMIT):
                refuse_far(name, number, filled or 1, f"row {number}")
            if filled and not (announced and number == 1):
                _refuse_long(row[:filled], number, name)
                rows += ([] for _ in range(number - len(rows) - 1))
                rows.append(row[:filled])
    except csv.Error as error:
        raise _broken(str(error), number + 1, name) from error
    return rows


def _short(lines: StringIO, name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_LIMIT:
            raise TooLarge(
                name,
                LINE_LIMIT,
                what="the line is longer than",
                unit="characters",
                cure="check that the file is a table, with a line for each row",
                part=f"row {number}",
            )
        yield line


def _refuse_long(row: list[str], number: int, name: str) -> None:
    if row and max(map(len, row)) > TEXT_LIMIT:
        column = next(at for at, field in enumerate(row, start=1) if len(field) > TEXT_LIMIT)
        raise too_long(name, f"row {number}, cell {column_letters(column)}{number}")


def _broken(message: str, row: int, name: str) -> MalformedFile | TooLarge:
    if message.startswith("field larger"):
        return too_long(name, f"row {row}")
    if message == "unexpected end of data":
        return MalformedFile(
            name,
            "a quotation mark is opened and never closed",
            'close it with ", or remove it',
            part=f"row {row}",
        )
    return MalformedFile(
        name,
        "text follows a closing quotation mark",
        'double each " that stands inside a quoted field',
        part=f"row {row}",
    )


def _announces(text: str) -> bool:
    return text.startswith("sep=") and text[5:6] in {"\r", "\n"}


def separator_of(text: str) -> str:
    """The separator that the first line announces, else the one that most lines have, and most evenly; a
    full-width comma only where no other serves.
    """
    if _announces(text):
        return text[4]
    counts: dict[str, list[int]] = {mark: [] for mark in (*_SEPARATORS, _FULL_WIDTH)}
    for line in _unquoted(text):
        if line.strip():
            for mark, found in counts.items():
                found.append(line.count(mark))
    lines = len(counts[","])

    def fitness(mark: str) -> tuple[int, int, bool, int]:
        found = [count for count in counts[mark] if count]
        return len(found), max(Counter(found).values(), default=0), mark == "\t", sum(found)

    best = max(_SEPARATORS, key=fitness)
    if 2 * fitness(best)[0] < lines or not fitness(best)[0]:
        full, even, *_ = fitness(_FULL_WIDTH)
        if lines > 1 and full == even == lines:
            return _FULL_WIDTH
    return best


def _unquoted(text: str) -> list[str]:
    """The first lines of a text without what is quoted in them."""
    return _QUOTED.sub(r"\1", text[:_SAMPLE_LENGTH]).splitlines()[:_SAMPLE]


def _cells(rows: list[list[str]], name: str) -> tuple[tuple[tuple[Cell, ...], ...], list[Place]]:
    width = max(map(len, rows), default=0)
    refuse_far(name, len(rows), width)
    trimmed: list[Place] = []
    cells = []
    for number, row in enumerate(rows, start=1):
        line = []
        for column in range(1, width + 1):
            field = row[column - 1] if column <= len(row) else ""
            place = Place(None, None, number, column)
            text = cleaned(field)
            if text[:1] == "'" and text[1:2] in _STARTS_A_FORMULA and len(text) > 2:
                # What keeps a spreadsheet from taking a text for a formula is no part of the text.
                text = text[1:]
            elif text != field:
                trimmed.append(place)
            line.append(Cell(place, text or None, text))
        cells.append(tuple(line))
    return tuple(cells), trimmed


def _filled(row: list[str]) -> int:
    return next((number for number in range(len(row), 0, -1) if row[number - 1]), 0)
