"""Reads Excel workbooks (.xlsx): calamine for the values, the XML for what it does not tell."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bpsgraph.errors import InputError, MalformedFile, TooLarge
from bpsgraph.ingest import sheetxml
from bpsgraph.ingest.cleaning import cleaned
from bpsgraph.ingest.grid import CELL_LIMIT, TEXT_LIMIT, Book, Cell, Content, Sheet, refuse_far, too_long
from bpsgraph.ingest.package import WORKBOOK, looks_like_workbook, packed, parts_of
from bpsgraph.ingest.submission import Place, Remark, column_letters

__all__ = ["looks_like_workbook", "read_workbook"]

CHARACTER_LIMIT = 50_000_000
SHEET_LIMIT = 500
# As many as Excel itself can hold: "Excel specifications and limits", unique cell formats.
STYLE_LIMIT = 65_490
_REPAIR = "open it in Excel or WPS, let it be repaired and save it again"
_PERCENT_FORMATS = {9, 10}

_Held = tuple[Content, str, str]


def read_workbook(data: bytes, name: str) -> Book:
    """The sheets of a workbook in XLSX bytes, in their order, hidden ones too.

    `name` is how errors call the file. Remarks: `formula-without-value` and `error-value` (such a cell is
    empty), `unreadable-date`, `unreadable-value` (a number that is none), `hidden-content` (`value`: the
    rows `5:9`, the columns `C:D` or the name of the sheet), and `trimmed-text` once for a sheet (`value`: in
    how many cells). Raises `MalformedFile` and `TooLarge` with the part or the cell.
    """
    parts = parts_of(data, name)
    reading = _Reading(parts, name)
    return Book(name, reading.sheets(), tuple(reading.remarks))


class _Reading:
    """One workbook on its way from parts to sheets."""

    def __init__(self, parts: dict[str, bytes], name: str) -> None:
        self.parts = parts
        self.name = name
        self.remarks: list[Remark] = []
        self.shared = _relations(parts).get("sharedStrings", "xl/sharedStrings.xml")
        styles = parts.get("xl/styles.xml", b"")
        if styles.count(b"formatCode") > STYLE_LIMIT or styles.count(b"numFmtId") > 4 * STYLE_LIMIT:
            raise TooLarge(
                name,
                STYLE_LIMIT,
                what="the workbook has more than",
                unit="styles",
                cure="copy its values into a new workbook",
                part="xl/styles.xml",
            )
        self.percent_styles = _percent_styles(styles)
        self.longest = max(map(len, re.split(rb"<(?:\w+:)?si[\s/>]", parts.get(self.shared, b""))))
        self.known: dict[Any, _Held] = {"": (None, "", "")}
        self.cells = 0
        self.characters = 0

    def sheets(self) -> tuple[Sheet, ...]:
        xml_of = sheet_parts(self.parts, self.name)
        for title, part in xml_of.items():
            if part not in self.parts:
                raise MalformedFile(
                    self.name,
                    f"damaged workbook: the part of the sheet {title} is missing",
                    _REPAIR,
                    part=part,
                )
            self._refuse_long_texts(self.parts[part], part)
        self._refuse_long_texts(self.parts.get(self.shared, b""), self.shared)
        looks = {title: self._look(title, self.parts[part]) for title, part in xml_of.items()}
        try:
            book = CalamineWorkbook.from_filelike(packed(self.parts))
            metadata = list(book.sheets_metadata)
        except InputError:
            raise
        except BaseException as error:
            raise self._damaged(error, WORKBOOK) from error
        sheets = []
        for about in metadata:
            if about.typ != SheetTypeEnum.WorkSheet or about.name not in xml_of:
                continue
            part = xml_of[about.name]
            try:
                sheet = book.get_sheet_by_name(about.name)
                reach = self._reach(sheet, about.name, looks[about.name])
                values = sheet.to_python(skip_empty_area=False) if sheet.end else []
            except InputError:
                raise
            except BaseException as error:
                raise self._damaged(error, part) from error
            hidden = about.visible != SheetVisibleEnum.Visible
            sheets.append(self._sheet(about.name, values, reach, looks[about.name], self.parts[part], hidden))
        return tuple(sheets)

    def _damaged(self, error: BaseException, part: str) -> BaseException:
        # A panic in Rust comes as an exception of its own that is no Exception; nothing else is like it.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            return error
        said = str(error) if isinstance(error, CalamineError) else "its cells cannot be read"
        return MalformedFile(self.name, f"damaged workbook: {_one_line(said)}", _REPAIR, part=part)

    def _refuse_long_texts(self, xml: bytes, part: str) -> None:
        """Before anything is read: a text that takes more bytes than its characters ever would."""
        block = 5 * TEXT_LIMIT
        if any(xml.find(b"<", at, at + block) < 0 for at in range(0, len(xml) - block, block)):
            raise too_long(self.name, part)

    def _look(self, title: str, xml: bytes) -> sheetxml.Looks | None:
        """What single cells hold, where there may be anything; and no more than is accepted."""
        cells = xml.count(b"<c ") + xml.count(b":c ")
        many = self.longest * cells > CHARACTER_LIMIT
        if not many and not sheetxml.worth_a_look(xml, self.percent_styles):
            return None
        lengths = _lengths(self.parts.get(self.shared, b"")) if many else None
        try:
            looks = sheetxml.look(xml, self.percent_styles, lengths)
        except sheetxml.BadCellError as error:
            raise MalformedFile(
                self.name, f"damaged workbook: {str(error)[:40]!r} is no cell", _REPAIR, part=f"sheet {title}"
            ) from error
        except sheetxml.FarCellError as error:
            row, column = error.args
            refuse_far(self.name, row, column, f"sheet {title}")
            raise
        self.characters += looks.characters
        if self.characters > CHARACTER_LIMIT:
            raise TooLarge(
                self.name,
                CHARACTER_LIMIT,
                what="the cells of the workbook hold more than",
                unit="characters in all",
                cure="split the workbook",
            )
        refuse_far(self.name, looks.rows, looks.columns, f"sheet {title}")
        return looks

    def _reach(self, sheet: CalamineSheet, title: str, looks: sheetxml.Looks | None) -> tuple[int, int]:
        """The number of rows and of columns down to the last that holds anything."""
        end = sheet.end
        rows, columns = (end[0] + 1, end[1] + 1) if end else (0, 0)
        if looks:
            rows, columns = max(rows, looks.rows), max(columns, looks.columns)
        refuse_far(self.name, rows, columns, f"sheet {title}")
        self.cells += rows * columns
        if self.cells > CELL_LIMIT:
            raise TooLarge(
                self.name,
                CELL_LIMIT,
                what="the sheets of the workbook have more than",
                unit="cells in all",
                cure="split the workbook",
            )
        return rows, columns

    def _sheet(
        self,
        title: str,
        values: list[list[Any]],
        reach: tuple[int, int],
        looks: sheetxml.Looks | None,
        xml: bytes,
        hidden: bool,
    ) -> Sheet:
        height, width = reach
        values += [[] for _ in range(height - len(values))]
        rows: list[list[Cell]] = []
        noted: dict[str, list[Place]] = defaultdict(list)
        # A workbook has thousands of cells and is to be read in milliseconds: hence the memory of what was
        # seen before, and the tuples made without the detour of their classes.
        new, known = tuple.__new__, self.known
        for number, line in enumerate(values, start=1):
            cells: list[Cell] = []
            line += [""] * (width - len(line))
            for column, value in enumerate(line, start=1):
                held = known.get(value) if type(value) is not bool else None
                content, text, note = held or self._held(value)
                place = new(Place, (None, title, number, column))
                cells.append(new(Cell, (place, content, text)))
                if note:
                    noted[note].append(place)
            rows.append(cells)
        if too_much := noted["long"]:
            raise too_long(self.name, f"sheet {title}, cell {too_much[0].cell}")
        self._note_looks(rows, looks)
        self._note_doubtful(rows, xml, noted["doubtful"])
        self.remarks += [Remark("unreadable-value", place, "NaN") for place in noted["infinite"]]
        if trimmed := noted["trimmed"]:
            self.remarks.append(Remark("trimmed-text", trimmed[0], str(len(trimmed))))
        covered = self._spread(rows, sheetxml.merged(xml), title)
        self._note_hidden(rows, xml, title, hidden)
        return Sheet(title, tuple(map(tuple, rows)), covered)

    def _held(self, value: Any) -> _Held:
        """What a cell holds, the same as text, and what there is to note of it."""
        held: _Held
        if type(value) is str:
            text = cleaned(value)
            note = "long" if len(text) > TEXT_LIMIT else "" if text == value else "trimmed"
            held = (text or None, text, note)
        elif type(value) is float:
            if not isfinite(value):
                return None, "", "infinite"
            # Excel shows and keeps 15 digits; what a floating-point number has beyond them nobody typed.
            text = f"{Decimal(format(value, '.15g')):f}"
            held = (Decimal(text), text, "")
        else:
            return _other(value)
        self.known[value] = held
        return held

    def _note_looks(self, rows: list[list[Cell]], looks: sheetxml.Looks | None) -> None:
        if looks is None:
            return
        for (row, column), formula in looks.formulas.items():
            cell = rows[row - 1][column - 1]
            self.remarks.append(Remark("formula-without-value", cell.place, f"={formula}"))
        for (row, column), error in looks.errors.items():
            cell = rows[row - 1][column - 1]
            self.remarks.append(Remark("error-value", cell.place, error))
            rows[row - 1][column - 1] = Cell(cell.place, None, "")
        for row, column in looks.percentages:
            cell = rows[row - 1][column - 1]
            if isinstance(cell.content, Decimal):
                text = f"{_plain(cell.content * 100)}%"
                rows[row - 1][column - 1] = Cell(cell.place, text, text)

    def _note_doubtful(self, rows: list[list[Cell]], xml: bytes, doubtful: list[Place]) -> None:
        """Days before March 1900, of which calamine makes another day or a time: by their stored number."""
        if not doubtful:
            return
        positions = [(place.row or 0, place.column or 0) for place in doubtful]
        raw = sheetxml.look(xml, raw=frozenset(positions)).raw
        for row, column in positions:
            cell = rows[row - 1][column - 1]
            stored = raw.get((row, column), "")
            if stored == "60":
                # Excel counts a 29 February in 1900, a year that had none.
                self.remarks.append(Remark("unreadable-date", cell.place, "1900-02-29"))
                rows[row - 1][column - 1] = Cell(cell.place, "1900-02-29", "1900-02-29")
            elif stored.startswith("-"):
                self.remarks.append(Remark("unreadable-date", cell.place, stored))
                rows[row - 1][column - 1] = Cell(cell.place, stored, stored)

    def _spread(
        self, rows: list[list[Cell]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], title: str
    ) -> frozenset[Place]:
        """Repeat what a merged cell holds in every cell that it covers."""
        covered: set[Place] = set()
        width = len(rows[0]) if rows else 0
        left_over = len(rows) * width
        for (top, left), (bottom, right) in ranges:
            if top > len(rows) or left > width:
                continue
            bottom, right = min(bottom, len(rows)), min(right, width)
            left_over -= max(bottom - top + 1, 0) * max(right - left + 1, 0)
            if left_over < 0:
                raise MalformedFile(
                    self.name, "damaged workbook: merged cells overlap", _REPAIR, part=f"sheet {title}"
                )
            _, content, text = rows[top - 1][left - 1]
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    place = rows[row - 1][column - 1].place
                    if (row, column) != (top, left):
                        covered.add(place)
                        rows[row - 1][column - 1] = Cell(place, content, text)
        return frozenset(covered)

    def _note_hidden(self, rows: list[list[Cell]], xml: bytes, title: str, hidden: bool) -> None:
        filled = any(cell.text for row in rows for cell in row)
        if hidden and filled:
            self.remarks.append(Remark("hidden-content", Place(sheet=title, row=1, column=1), title))
        if b"hidden" not in xml:
            return
        for first, last in _runs(
            number
            for number in sheetxml.hidden_rows(xml)
            if number <= len(rows) and any(cell.text for cell in rows[number - 1])
        ):
            place = Place(sheet=title, row=first, column=1)
            self.remarks.append(Remark("hidden-content", place, f"{first}:{last}"))
        width = len(rows[0]) if rows else 0
        for first, last in _runs(
            number
            for number in sheetxml.hidden_columns(xml)
            if number <= width and any(row[number - 1].text for row in rows)
        ):
            place = Place(sheet=title, row=1, column=first)
            self.remarks.append(
                Remark("hidden-content", place, f"{column_letters(first)}:{column_letters(last)}")
            )


def _other(value: Any) -> _Held:
    """What calamine gives beside texts and numbers; `doubtful` where its stored number must be looked at."""
    if isinstance(value, bool):
        return value, "TRUE" if value else "FALSE", ""
    if isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        return day, day.isoformat(), "doubtful" if day.year <= 1904 else ""
    if isinstance(value, time | timedelta):
        text = str(value)
        return text, text, "doubtful"
    return str(value), str(value), ""


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".")


def _elements(xml: bytes, tags: set[str]) -> list[tuple[str, dict[str, str]]]:
    """The elements of those names with their attributes, both without their namespace prefixes."""
    found: list[tuple[str, dict[str, str]]] = []

    def begins(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag in tags:
            found.append((tag, {key.rpartition(":")[2]: value for key, value in attributes.items()}))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.Parse(xml, True)
    return found


def _targets(parts: dict[str, bytes]) -> list[dict[str, str]]:
    xml = parts.get("xl/_rels/workbook.xml.rels")
    relations = [attributes for _, attributes in _elements(xml, {"Relationship"})] if xml else []
    for relation in relations:
        target = relation.get("Target", "")
        relation["Target"] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return relations


def _relations(parts: dict[str, bytes]) -> dict[str, str]:
    """The part for each type of relation of the workbook, by the last word of the type."""
    return {relation.get("Type", "").rpartition("/")[2]: relation["Target"] for relation in _targets(parts)}


def sheet_parts(parts: dict[str, bytes], name: str) -> dict[str, str]:
    """The part of each worksheet by the title of the sheet, in their order."""
    worksheets = {
        relation.get("Id", ""): relation["Target"]
        for relation in _targets(parts)
        if relation.get("Type", "").endswith("/worksheet")
    }
    found: dict[str, str] = {}
    for _, sheet in _elements(parts[WORKBOOK], {"sheet"}):
        title = sheet.get("name", "")
        if title in found:
            raise MalformedFile(
                name, f"damaged workbook: two sheets are called {title}", _REPAIR, part=WORKBOOK
            )
        if part := worksheets.get(sheet.get("id", "")):
            if part in found.values():
                raise MalformedFile(
                    name, f"damaged workbook: two sheets share a part, one is {title}", _REPAIR, part=part
                )
            found[title] = part
        if len(found) > SHEET_LIMIT:
            raise TooLarge(
                name,
                SHEET_LIMIT,
                what="the workbook has more than",
                unit="sheets",
                cure="split the workbook",
                part=WORKBOOK,
            )
    return found


def _percent_styles(xml: bytes) -> frozenset[int]:
    """The numbers of the cell styles that show a number as a percentage."""
    if not xml:
        return frozenset()
    percent = set(_PERCENT_FORMATS)
    styles: list[int] = []
    inside = False

    def begins(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        tag = tag.rpartition(":")[2]
        if tag == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", attributes.get("formatCode", "")):
            percent.add(_format(attributes))
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            styles.append(_format(attributes))

    def ends(tag: str) -> None:
        nonlocal inside
        if tag.rpartition(":")[2] == "cellXfs":
            inside = False

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.EndElementHandler = ends
    parser.Parse(xml, True)
    return frozenset(number for number, format in enumerate(styles) if format in percent)


def _format(attributes: dict[str, str]) -> int:
    text = attributes.get("numFmtId", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1


def _lengths(xml: bytes) -> list[int]:
    """How many characters each shared text has, markup counted in: an upper bound."""
    return [len(piece) for piece in re.split(rb"<(?:\w+:)?si[\s/>]", xml)[1:]]
