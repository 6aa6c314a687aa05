"""Makes workbooks for tests: whole ones by openpyxl, and broken ones out of those, part by part."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def saved(fill: Callable[[Workbook], object]) -> bytes:
    """A workbook of one sheet, `Sheet`, that the function fills."""
    workbook = Workbook()
    fill(workbook)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def cells(**contents: Any) -> bytes:
    """A workbook of one sheet with those cells."""

    def fill(workbook: Workbook) -> None:
        for name, content in contents.items():
            workbook.worksheets[0][name] = content

    return saved(fill)


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in parts:
            package.writestr(name, content)
    return file.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def edited(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in one of its parts."""
    found = parts(data)
    assert old in found[part]
    return zipped((found | {part: found[part].replace(old, new)}).items())


def replaced(data: bytes, part: str, content: bytes | None) -> bytes:
    """The workbook with another part in the place of one, or without it."""
    found = parts(data) | ({} if content is None else {part: content})
    return zipped((name, bytes_) for name, bytes_ in found.items() if content is not None or name != part)


def unpacking_to(size: int, piece: bytes = b"A" * 100_000) -> bytes:
    """A workbook with a text of that many bytes, the piece again and again, made without holding it."""
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>|</t></is></c></row>'
    start, end = parts(with_rows(row))[SHEET].split(b"|")
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in parts(cells(A1="x")).items():
            if name != SHEET:
                package.writestr(name, content)
        with package.open(SHEET, "w") as part:
            part.write(start)
            for _ in range(size // len(piece)):
                part.write(piece)
            part.write(end)
    return file.getvalue()


def with_rows(rows: bytes, after: bytes = b"") -> bytes:
    """A workbook whose one sheet has those rows, as XML."""
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData>%s</worksheet>'
    return replaced(cells(A1="x"), SHEET, sheet % (NAMESPACE.encode(), rows, after))
