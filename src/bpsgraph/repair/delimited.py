"""Writes into single fields of a CSV file; its encoding and every other character stay as they are."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from bpsgraph.ingest.delimited import decoded, separator_of
from bpsgraph.ingest.submission import Place

_ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"", "utf-8"),
    (b"", "gb18030"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"", "utf-16-le"),
    (b"", "utf-16-be"),
)


def with_fields(data: bytes, name: str, contents: Mapping[Place, Decimal | str]) -> bytes:
    """The file with these contents; in UTF-8 with a byte order mark where its own encoding cannot be kept.

    `name` is how errors call the file. Raises `MalformedFile`.
    """
    if not contents:
        return data
    text, _ = decoded(data, name)
    mark, encoding = next(
        (way for way in _ENCODINGS if _encoded(text, *way) == data), (b"\xef\xbb\xbf", "utf-8")
    )
    separator = separator_of(text)
    wanted = {(place.row or 0, place.column or 0): content for place, content in contents.items()}
    last = max(row for row, _ in wanted)
    pieces, done = [], 0
    for row, column, start, end in _fields(text, separator):
        if row > last:
            break
        if (row, column) in wanted:
            written = _field(wanted[row, column], text[start:end], separator)
            pieces += [text[done:start], written]
            done = end
    changed = "".join([*pieces, text[done:]])
    return _encoded(changed, mark, encoding) or changed.encode("utf-8-sig")


def _encoded(text: str, mark: bytes, encoding: str) -> bytes | None:
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError:
        return None


def _fields(text: str, separator: str) -> Iterator[tuple[int, int, int, int]]:
    """Row and column, counted from 1, and where it begins and ends, of each field in order."""
    plain = f"[^{re.escape(separator)}\r\n]*"
    field = re.compile(f'("(?:[^"]|"")*"{plain}|{plain})({re.escape(separator)}|\r\n|\r|\n|\\Z)')
    row = column = 1
    at = 0
    while at <= len(text):
        found = field.match(text, at)
        if found is None:
            return
        yield row, column, found.start(1), found.end(1)
        if found[2] == separator:
            column += 1
        else:
            row, column = row + 1, 1
        at = found.end()
        if not found[2]:
            return


def _field(content: Decimal | str, before: str, separator: str) -> str:
    text = f"{content.normalize():f}" if isinstance(content, Decimal) else content
    quoted = before.startswith('"') or any(sign in text for sign in (separator, '"', "\r", "\n"))
    return '"' + text.replace('"', '""') + '"' if quoted else text
