"""What a table says of itself as a whole: the sheet 说明, the lines above the headings, and the title."""

import re
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from bpsgraph.errors import BadParameter
from bpsgraph.ingest.grid import Cell, Sheet
from bpsgraph.ingest.headings import key_of, layout_named
from bpsgraph.ingest.layout import ABOUT
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.submission import Remark
from bpsgraph.ingest.transcription import day_of
from bpsgraph.terms import BASE, BPS

_YEAR = Pattern(r"(?<!\d)(20\d{2})(?=\s*(?:年|版|\)|\]|$))")
_CODE = Pattern(r"(?<!\d)(\d{6})(?!\d)")
_PLACE_ENDS = "省市县区州盟旗"
_LONGEST_NAME = 20
_LONGEST_TITLE = 120


def said_of_itself(sheet: Sheet, rows: int) -> Iterator[tuple[str, Cell]]:
    """The keys of 说明 among the first rows, each with the cell of its value; `title-line` for a title.

    A key stands in a cell with its value to the right, or with the value after a colon.
    """
    titled = False
    for row in sheet.rows[:rows]:
        filled = [cell for cell in row if cell.text and cell.place not in sheet.covered]
        if not filled:
            continue
        index = row.index(filled[0])
        column = key_of(filled[0].text, ABOUT.columns)
        if column is not None and index + 1 < len(row):
            yield column.key, row[index + 1]
            continue
        key, colon, rest = normalize("NFKC", filled[0].text).partition(":")
        column = key_of(key, ABOUT.columns) if colon and rest.strip() else None
        if column is not None:
            yield column.key, Cell(filled[0].place, rest.strip(), rest.strip())
        elif not titled and len(filled) == 1 and len(filled[0].text) <= _LONGEST_TITLE:
            titled = True
            yield "title-line", filled[0]


def code_in(text: str) -> str | None:
    """The six digits of a place in a text: `140500`, `140500 晋城市`."""
    match = _CODE.search(normalize("NFKC", text))
    return match[1] if match else None


def place_named(text: str, names: Names) -> str | None:
    """The code of the place with whose name a text begins, a province before what is in it: 山西省晋城市…"""
    found: str | None = None
    start = 0
    while True:
        ends = [
            (end, code)
            for end in range(start + 2, min(len(text), start + _LONGEST_NAME) + 1)
            if text[end - 1] in _PLACE_ENDS and (code := _code_of(text[start:end], found, names))
        ]
        if not ends:
            return found
        start, found = ends[-1]


def year_in(text: str) -> str | None:
    """The year in a title: （2021年版）, 2023年."""
    match = _YEAR.search(normalize("NFKC", text))
    return match[1] if match else None


def _code_of(name: str, within: str | None, names: Names) -> str | None:
    prefix = f"{BASE}jurisdiction/"
    outside = re.sub("(?:00)+$", "", within) if within else ""
    codes = [iri.removeprefix(prefix) for iri in names.find("jurisdiction", name)]
    inside = [code for code in codes if code.isdigit() and code.startswith(outside)]
    return inside[0] if len(inside) == 1 else None


def is_about(sheet: Sheet) -> bool:
    """Whether a sheet is 说明, by its name, or under another by its keys for the place and the edition."""
    layout = layout_named(sheet.name)
    if layout is not None:
        return layout is ABOUT
    firsts = (row[0].text for row in sheet.rows if row and row[0].text)
    found = {column.key for text in firsts if (column := key_of(text, ABOUT.columns)) is not None}
    return {"jurisdiction", "edition"} <= found


def gathered(sheets: Iterable[tuple[Sheet, int]]) -> dict[str, Cell]:
    """The keys of 说明 in all sheets, each with how many of its rows stand above a table."""
    said: dict[str, Cell] = {}
    for sheet, above in sheets:
        whole = layout_named(sheet.name) is ABOUT or (not above and is_about(sheet))
        for key, cell in said_of_itself(sheet, len(sheet.rows) if whole else above):
            # The sheet 说明 has a key for the title; its other lines explain how to fill it in.
            if whole and key == "title-line":
                continue
            if key not in said or (cell.text and not said[key].text):
                said[key] = cell
    return said


def title_of(about: Mapping[str, Cell]) -> Cell | None:
    """The title of the catalogue, or the line above the table that reads like one."""
    for key in ("title", "title-line"):
        if key in about and about[key].text:
            return about[key]
    return None


def code_of(about: Mapping[str, Cell], given: str | None, names: Names, book: str) -> str:
    """The six digits of the place: what the book says, else the one given, else that of its title."""
    cell = about.get("jurisdiction")
    own = cell is not None and bool(cell.text)
    said = cell.text if cell is not None and cell.text else given
    title = title_of(about)
    code = None
    if said:
        code = code_in(said) or place_named(said, names)
        if code is None:
            near = " or ".join(names.near("jurisdiction", said))
            where = f"{book}, cell {cell.place.cell}" if cell is not None and own else "--jurisdiction"
            cure = f"did you mean {near}?" if near else "write its six digits, such as 140500"
            raise BadParameter(where, f"{said!r} is no known place", cure)
    elif title is not None:
        code = place_named(title.text, names)
    if code is None:
        raise BadParameter(
            book,
            "it does not say whose catalogue it is",
            "write the six digits of the place beside 行政区划代码, or give --jurisdiction CODE",
        )
    return code


def edition_of(about: Mapping[str, Cell], given: str | None, book: str) -> tuple[str, Remark | None]:
    """The edition that the book says, else the one given, else the year of its title or date (a remark)."""
    cell = about.get("edition")
    if cell is not None and cell.text:
        day = day_of(cell)
        text = day.isoformat() if day else re.sub("年?版?$", "", cell.text).strip()
        return re.sub(r"\s+", "-", text.lower()), None
    if given:
        return given, None
    title, issued = title_of(about), about.get("issued")
    day = day_of(issued) if issued is not None and issued.text else None
    years = ((title, year_in(title.text) if title else None), (issued, str(day.year) if day else None))
    for cell, year in years:
        if cell is not None and year is not None:
            return year, Remark("assumed-edition", cell.place, cell.text, year, path=BPS + "edition")
    raise BadParameter(
        book,
        "it does not say of which year it is",
        "write the year beside 版本, or give it with the place: --jurisdiction CODE/YEAR",
    )
