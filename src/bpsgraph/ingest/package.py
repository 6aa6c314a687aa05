"""Opens the zip package of a workbook (ECMA-376, part 2) without trusting what it says of itself."""

import re
import zlib
from io import BytesIO
from typing import Any
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from bpsgraph.errors import InputError, MalformedFile, TooLarge
from bpsgraph.ingest.signatures import foreign_kind

UNPACKED_LIMIT = 50_000_000
RATIO_LIMIT = 100
PARTS_LIMIT = 2_000
WORKBOOK = "xl/workbook.xml"
_NEEDED = ("[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels")
_PIECE = 1 << 20
_ENCRYPTED = 0x1
_SAVE_AS = "open it in Excel or WPS and save it as .xlsx"
_REPAIR = "open it in Excel or WPS, let it be repaired and save it again"
_ATTRIBUTE = rb"\s+%s\s*=\s*(?:\"[^\"]*\"|'[^']*')"
_TAG = re.compile(rb"<[^\s/>=]+(?:" + _ATTRIBUTE % rb"[^\s=<>/]+" + rb")*\s*/?>")
_COUNT = re.compile(_ATTRIBUTE % rb"(?:[^\s=<>/]+:)?(?:count|uniqueCount)")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def looks_like_workbook(data: bytes) -> bool:
    """Whether the bytes begin like a zip package, whole or not, or like an old or encrypted Excel file."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def parts_of(data: bytes, name: str) -> dict[str, bytes]:
    """The XML parts of a workbook by their names: each whole, well-formed and without a DOCTYPE.

    `name` is how errors call the file. Raises `MalformedFile` and `TooLarge` with the part.
    """
    _refuse_what_is_no_package(data, name)
    try:
        with ZipFile(BytesIO(data)) as package:
            entries = package.infolist()
            _refuse_by_directory(entries, len(data), name)
            parts = {entry.filename: _unpack(package, entry, name) for entry in entries if _is_xml(entry)}
    except BadZipFile as error:
        raise MalformedFile(
            name, "the workbook is cut off or damaged", "download or copy it again, then save it once more"
        ) from error
    for part, content in parts.items():
        _check_xml(content, part, name)
    return parts


def packed(parts: dict[str, bytes]) -> BytesIO:
    """The parts as a package again, so that another reader sees these bytes and no others."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as package:
        for part, content in parts.items():
            package.writestr(ZipInfo(part), _uncounted(content))
    file.seek(0)
    return file


def _uncounted(content: bytes) -> bytes:
    """The part without the counts that its root claims: calamine takes memory for as many."""
    at = -1
    parser = expat.ParserCreate()

    def first(*_: Any) -> None:
        nonlocal at
        at = parser.CurrentByteIndex
        parser.StartElementHandler = None

    parser.StartElementHandler = first
    parser.Parse(content, True)
    tag = _TAG.match(content, at)
    if tag is None:
        return content
    return content[:at] + _COUNT.sub(b"", tag[0]) + content[tag.end() :]


def _refuse_what_is_no_package(data: bytes, name: str) -> None:
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data.strip():
        raise MalformedFile(name, "the file is empty", "check that the right file was saved")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise MalformedFile(
                name,
                "the workbook is protected by a password",
                "open it in Excel or WPS, take the password off and save it again",
            )
        raise MalformedFile(name, "this is an old Excel file (.xls), not an .xlsx", _SAVE_AS)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if data.count(b"PK\x01\x02") > PARTS_LIMIT:
            raise TooLarge(name, PARTS_LIMIT, what="the workbook has more than", unit="parts", cure=_REPAIR)
        return
    if re.match(rb"<!doctype html|<html|<table", start) or b"<table" in start:
        raise MalformedFile(name, "this is a web page, not an Excel .xlsx file", _SAVE_AS)
    if start.startswith(b"<?xml"):
        raise MalformedFile(name, "this is XML, not an Excel .xlsx file (not a zip)", _SAVE_AS)
    if kind := foreign_kind(data):
        raise MalformedFile(name, f"this is {kind[0]}, not an Excel .xlsx file", kind[1])
    if b"\0" not in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MalformedFile(
            name,
            "the content is text, such as CSV, not an Excel .xlsx file (not a zip)",
            "give a CSV file the suffix .csv, or save it as .xlsx",
        )
    raise MalformedFile(name, "this is not an Excel .xlsx file (not a zip)", _SAVE_AS)


def _refuse_by_directory(entries: list[ZipInfo], size: int, name: str) -> None:
    names = [entry.filename for entry in entries]
    if len({part.lower() for part in names}) < len(names):
        twice = next(part for at, part in enumerate(names) if part.lower() in {n.lower() for n in names[:at]})
        raise MalformedFile(name, "two parts bear the same name", _REPAIR, part=twice)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_LIMIT:
        raise TooLarge(
            name,
            UNPACKED_LIMIT,
            what=f"the workbook unpacks to {unpacked:,} bytes, more than",
            cure="split the workbook, and leave pictures out",
        )
    if unpacked > RATIO_LIMIT * size:
        raise TooLarge(
            name,
            RATIO_LIMIT,
            what=f"the workbook of {size:,} bytes unpacks to {unpacked:,}, more than",
            unit="times its size",
            cure="delete empty rows and repeated filling, and save it again",
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise MalformedFile(
                name, "this part is encrypted", "save it without a password", part=entry.filename
            )
        if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise MalformedFile(name, "this part is packed in an unusual way", _REPAIR, part=entry.filename)
    if WORKBOOK not in names:
        raise _another_document(set(names), name)
    folded = {part.lower() for part in names}
    for part in _NEEDED:
        if part.lower() not in folded:
            raise MalformedFile(name, "damaged workbook: this part is missing", _REPAIR, part=part)


def _another_document(names: set[str], name: str) -> MalformedFile:
    found = "a zip archive without a workbook in it"
    for sign, what in (
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
        ("content.xml", "an OpenDocument file (.ods)"),
    ):
        if sign in names:
            found = what
    return MalformedFile(name, f"this is {found}, not an Excel .xlsx file", _SAVE_AS)


def _is_xml(entry: ZipInfo) -> bool:
    return entry.filename.lower().endswith((".xml", ".rels"))


def _unpack(package: ZipFile, entry: ZipInfo, name: str) -> bytes:
    # Read piece by piece: the size in the directory may be a lie, and then only the sum read so far counts.
    pieces: list[bytes] = []
    length = 0
    try:
        with package.open(entry) as part:
            while piece := part.read(_PIECE):
                pieces.append(piece)
                length += len(piece)
                if length > entry.file_size:
                    raise BadZipFile
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        RuntimeError,
    ) as error:
        raise MalformedFile(
            name,
            "this part is cut off or damaged",
            "download or copy the workbook again",
            part=entry.filename,
        ) from error
    if length != entry.file_size:
        raise MalformedFile(
            name,
            "this part is cut off or damaged",
            "download or copy the workbook again",
            part=entry.filename,
        )
    return b"".join(pieces)


def _check_xml(content: bytes, part: str, name: str) -> None:
    declared = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or (
        declared and declared[1].lower() not in {b"utf-8", b"utf8"}
    ):
        raise MalformedFile(name, "this part is not in UTF-8", _REPAIR, part=part)
    parser = expat.ParserCreate()

    def document_type(*_: Any) -> None:
        raise MalformedFile(name, "a DOCTYPE is not accepted in a workbook", _REPAIR, part=part)

    parser.StartDoctypeDeclHandler = document_type
    try:
        parser.Parse(content, True)
    except InputError:
        raise
    except (expat.ExpatError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise MalformedFile(
            name, "damaged workbook: the XML of this part is broken", _REPAIR, part=part, line=line
        ) from error
