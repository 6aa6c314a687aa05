"""Writes into single cells of a workbook, and leaves every other byte of its parts as it is (ECMA-376)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from xml.parsers import expat
from xml.sax.saxutils import escape
from zipfile import ZipFile, ZipInfo

from bpsgraph.ingest.package import WORKBOOK, parts_of
from bpsgraph.ingest.sheetxml import Position, position
from bpsgraph.ingest.submission import Place, column_letters
from bpsgraph.ingest.workbook import sheet_parts

_CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\b[^>]*>")
_BEFORE_CALCULATION = re.compile(
    rb"(?s).*</(?:\w+:)?(?:sheets|functionGroups|externalReferences|definedNames)>"
)
_PREFIX = re.compile(rb"<(\w+:)?workbook\b")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


@dataclass(slots=True)
class _Found:
    """Where in the XML of a sheet the cells asked for are, and where those that there are not would be."""

    spans: dict[Position, tuple[int, int, str, dict[str, str]]] = field(default_factory=dict)
    formulas: set[Position] = field(default_factory=set)
    gaps: dict[Position, tuple[int, str]] = field(default_factory=dict)


def with_cells(
    data: bytes, name: str, contents: Mapping[Place, Decimal | str]
) -> tuple[bytes, frozenset[Place]]:
    """The workbook with these contents, and the places that hold a formula and were left as they are.

    A cell keeps its format. Where there are formulas anywhere, the program that opens the copy works them
    out anew. `name` is how errors call the file. Raises `MalformedFile` and `TooLarge`.
    """
    if not contents:
        return data, frozenset()
    parts = parts_of(data, name)
    part_of = sheet_parts(parts, name)
    by_sheet: dict[str, dict[Position, Decimal | str]] = defaultdict(dict)
    for place, content in contents.items():
        by_sheet[place.sheet or ""][place.row or 0, place.column or 0] = content
    changed: dict[str, bytes] = {}
    formulas: set[Place] = set()
    for title, cells in by_sheet.items():
        part = part_of[title]
        changed[part], kept = _with_cells(parts[part], cells)
        formulas |= {Place(sheet=title, row=row, column=column) for row, column in kept}
    if any(_FORMULA.search(parts[part]) for part in part_of.values()):
        changed[WORKBOOK] = _calculated_anew(parts[WORKBOOK])
    return _packed(data, changed), frozenset(formulas)


def _with_cells(xml: bytes, cells: Mapping[Position, Decimal | str]) -> tuple[bytes, set[Position]]:
    found = _find(xml, cells)
    edits: list[tuple[int, int, bytes]] = []
    for at, content in cells.items():
        if at in found.formulas:
            continue
        if at in found.spans:
            start, end, prefix, attributes = found.spans[at]
            edits.append((start, end, _cell(at, content, prefix, attributes)))
        elif at in found.gaps:
            start, prefix = found.gaps[at]
            edits.append((start, start, _cell(at, content, prefix, {})))
    for start, end, written in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        xml = xml[:start] + written + xml[end:]
    return xml, found.formulas | {at for at in cells if at not in found.spans and at not in found.gaps}


def _find(xml: bytes, wanted: Mapping[Position, object]) -> _Found:
    found = _Found()
    row = column = start = start_of_row = 0
    prefix = ""
    attributes: dict[str, str] = {}
    formula = False
    parser = expat.ParserCreate()

    def begins(tag: str, given: dict[str, str]) -> None:
        nonlocal row, column, start, start_of_row, prefix, attributes, formula
        before, _, tag = tag.rpartition(":")
        if tag == "row":
            start_of_row = parser.CurrentByteIndex
            row, column = int(given["r"]) if given.get("r", "").isdigit() else row + 1, 0
        elif tag == "c":
            row, column = position(given["r"]) if given.get("r") else (row, column + 1)
            start, prefix, attributes, formula = parser.CurrentByteIndex, before, given, False
            _note_gaps(start, before)
        elif tag == "f":
            formula = True

    def _note_gaps(at: int, before: str) -> None:
        for gap in wanted:
            if gap[0] == row and gap[1] < column and gap not in found.spans:
                found.gaps.setdefault(gap, (at, before))

    def ends(tag: str) -> None:
        nonlocal column
        before, _, tag = tag.rpartition(":")
        end = parser.CurrentByteIndex
        if tag == "c" and (row, column) in wanted:
            closed = _closes_itself(xml, start) or xml.index(b">", end) + 1
            found.spans[row, column] = (start, closed, prefix, attributes)
            if formula:
                found.formulas.add((row, column))
        elif tag == "row" and not _closes_itself(xml, start_of_row):
            column = 1 << 20
            _note_gaps(end, before)

    parser.StartElementHandler = begins
    parser.EndElementHandler = ends
    parser.Parse(xml, True)
    return found


def _closes_itself(xml: bytes, start: int) -> int:
    """Where an element without content ends; nothing for one with an end tag of its own."""
    end = xml.index(b">", start)
    return end + 1 if xml[end - 1 : end] == b"/" else 0


def _cell(at: Position, content: Decimal | str, prefix: str, attributes: Mapping[str, str]) -> bytes:
    kept = {"r": f"{column_letters(at[1])}{at[0]}"} | {
        name: text for name, text in attributes.items() if name not in {"r", "t"}
    }
    mark = f"{prefix}:" if prefix else ""
    if isinstance(content, Decimal):
        inside = f"<{mark}v>{content.normalize():f}</{mark}v>"
    else:
        kept["t"] = "inlineStr"
        inside = f'<{mark}is><{mark}t xml:space="preserve">{escape(content)}</{mark}t></{mark}is>'
    said = "".join(f' {name}="{escape(text, {chr(34): "&quot;"})}"' for name, text in kept.items())
    return f"<{mark}c{said}>{inside}</{mark}c>".encode()


def _calculated_anew(workbook: bytes) -> bytes:
    found = _CALCULATION.search(workbook)
    if found is not None:
        if b"fullCalcOnLoad" in found[0]:
            return re.sub(
                rb'fullCalcOnLoad\s*=\s*["\'][^"\']*["\']', b'fullCalcOnLoad="1"', workbook, count=1
            )
        end = found.end() - (2 if found[0].endswith(b"/>") else 1)
        return workbook[:end] + b' fullCalcOnLoad="1"' + workbook[end:]
    before = _BEFORE_CALCULATION.match(workbook)
    named = _PREFIX.search(workbook)
    if before is None or named is None:
        return workbook
    prefix = named[1] or b""
    return (
        workbook[: before.end()] + b"<" + prefix + b'calcPr fullCalcOnLoad="1"/>' + workbook[before.end() :]
    )


def _packed(data: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The package with some parts exchanged; the others, and all dates in it, stay as they are."""
    file = BytesIO()
    with ZipFile(BytesIO(data)) as package, ZipFile(file, "w") as copy:
        for entry in package.infolist():
            made = ZipInfo(entry.filename, entry.date_time)
            made.compress_type, made.external_attr = entry.compress_type, entry.external_attr
            made.create_system = entry.create_system
            content = changed.get(entry.filename)
            copy.writestr(made, package.read(entry) if content is None else content)
    return file.getvalue()
