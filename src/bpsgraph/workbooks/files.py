"""A draft as the bytes of a file."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, by_suffix
from bpsgraph.validation.report.table import safe
from bpsgraph.workbooks.draft import Content, Draft

ENCODINGS = ("utf-8-sig", "utf-8", "gb18030")


def format_of(path: Path, offers: Iterable[str]) -> str:
    """The name of the format on offer that the suffix says; raises `BadParameter`."""
    offers = tuple(offers)
    found = by_suffix(path, offers)
    if found is None:
        suffixes = ", ".join(FORMATS[name].suffixes[0] for name in offers)
        raise BadParameter("-o", f"the suffix of {path.name} says no format", f"use one of {suffixes}")
    return found.name


def encoded(name: str) -> str:
    """The encoding of that name; raises `BadParameter` for one that is not on offer."""
    if name.lower() not in ENCODINGS:
        raise BadParameter("--encoding", f"{name!r} is not offered", f"choose one of: {', '.join(ENCODINGS)}")
    return name.lower()


def to_bytes(draft: Draft, format: str, lists: Mapping[str, list[str]], encoding: str = "utf-8-sig") -> bytes:
    """The workbook (`xlsx`) with its drop-down lists, or the flat table (`csv`) in an encoding."""
    if format == "xlsx":
        from bpsgraph.workbooks.excel import to_excel

        return to_excel(draft, lists)
    return to_csv(draft.flat(), encoding)


def to_csv(lines: Iterable[Iterable[Content]], encoding: str) -> bytes:
    """Lines as CSV; a text that a spreadsheet would take for a formula has an apostrophe before it.

    `bpsgraph.ingest.delimited` takes that away again.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in lines:
        writer.writerow([safe(cell) if isinstance(cell, str) and len(cell) > 1 else cell for cell in line])
    return text.getvalue().encode(encoding)
