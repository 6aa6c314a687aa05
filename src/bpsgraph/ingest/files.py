"""Reads a file of any kind: RDF in four forms, Excel workbooks, and CSV as offices save it."""

import re
from dataclasses import replace
from pathlib import Path

from bpsgraph import opening
from bpsgraph.errors import BadParameter, MalformedFile
from bpsgraph.formats import FORMATS, INPUT_FORMATS, Format, by_name, by_suffix
from bpsgraph.ingest.grid import Book
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.rdf import hash_of, read_rdf
from bpsgraph.ingest.submission import Submission

STANDARD_INPUT = "-"
# How each RDF format can begin; a table begins with a word.
_RDF_BEGINS = rb"(?i:[@<{\[#_]|(?:prefix|base)\b)"
_SEPARATED = rb"[,;\t|]|\xef\xbc\x8c"
_FIRST_LINES = 4096
# What a shell calls the pipe of `<(command)`; such a name says nothing of the format.
_DESCRIPTORS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
_OTHER_OFFICE_FILES = {".xls", ".xlsb", ".et", ".ods", ".doc", ".docx", ".wps", ".pdf"}


def read(
    source: str | Path,
    *,
    format: str | None = None,
    limit: int = 32_000_000,
    names: Names | None = None,
    jurisdiction: str | None = None,
) -> Submission:
    """The submission in a file, or in standard input where the source is `-`.

    The format is the one named (`turtle`, `jsonld`, `ntriples`, `rdfxml`, `xlsx`, `csv`, `tsv`), else the
    suffix's, else for standard input what the content looks like. `limit` is in bytes. Tables are read with
    `names`; `jurisdiction` is the place of a table that names none, with its edition where that is not said
    either: `140500`, `140500/2021`.

    Raises `UnreadableFile`, `TooLarge`, `MalformedFile` with line and column or cell, `EmptyGraph`,
    `ForeignVocabulary` where nothing is of a class of this project, and `BadParameter` for a format that is
    not known or a table without a place or year.
    """
    data = content_of(source, format=format, limit=limit)
    return read_content(data, source, format=format, names=names, jurisdiction=jurisdiction)


def content_of(source: str | Path, *, format: str | None = None, limit: int = 32_000_000) -> bytes:
    """The bytes of a file, or of standard input where the source is `-`, once its format is known.

    Raises `UnreadableFile`, `TooLarge`, and what the name of the file is refused for (`read`).
    """
    if str(source) != STANDARD_INPUT:
        opening.is_pipe(source)
    if format:
        by_name(format, INPUT_FORMATS)
    else:
        _format_of_suffix(source)
    return _bytes(source, _name_of(source), limit)


def read_content(
    data: bytes,
    source: str | Path,
    *,
    format: str | None = None,
    names: Names | None = None,
    jurisdiction: str | None = None,
) -> Submission:
    """The submission in the bytes of a file, of which `source` is only the name; see `read`."""
    name = _name_of(source)
    chosen = by_name(format, INPUT_FORMATS) if format else _format_of_suffix(source)
    chosen = chosen or _table_like(data)
    if chosen is None or chosen.rdf is not None:
        return read_rdf(data, name, chosen)
    if names is None:
        raise ValueError("a table is read with the names of a vocabulary")
    # Readers of tables are loaded only for tables: a command starts without them.
    from bpsgraph.ingest.table import read_table

    book = _book(data, name, chosen)
    place, _, edition = (jurisdiction or "").partition("/")
    submission = read_table(book, names, jurisdiction=place or None, edition=edition or None)
    return replace(submission, hash=hash_of(data))


def read_book(source: str | Path, *, limit: int = 32_000_000) -> tuple[Book, str]:
    """The sheets of an Excel workbook or of a CSV file, and `sha256:` with the hash of its bytes.

    Raises what `read` raises, and `BadParameter` for a file that is no table.
    """
    name = _name_of(source)
    data = content_of(source, limit=limit)
    chosen = _format_of_suffix(source) or _table_like(data) or FORMATS["csv"]
    if chosen.rdf is not None:
        raise BadParameter(name, "this is no table", "give a workbook (.xlsx) or a CSV file")
    return _book(data, name, chosen), hash_of(data)


def _book(data: bytes, name: str, chosen: Format) -> Book:
    if chosen.name == "xlsx":
        from bpsgraph.ingest.workbook import read_workbook

        return read_workbook(data, name)
    from bpsgraph.ingest.delimited import read_delimited

    return read_delimited(data, name)


def _table_like(data: bytes) -> Format | None:
    """The kind of table that the content is, or None for what is to be read as RDF."""
    from bpsgraph.ingest.package import looks_like_workbook

    if looks_like_workbook(data):
        return FORMATS["xlsx"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FORMATS["csv"]
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:_FIRST_LINES]
    if not start or re.match(_RDF_BEGINS, start) or not re.search(_SEPARATED, start):
        return None
    return FORMATS["csv"]


def _format_of_suffix(source: str | Path) -> Format | None:
    if str(source) == STANDARD_INPUT or str(source).startswith(_DESCRIPTORS):
        return None
    found = by_suffix(source, INPUT_FORMATS)
    if found is None and Path(source).suffix.lower() == ".json":
        found = FORMATS["jsonld"]
    if found is None:
        suffixes = ", ".join(suffix for name in INPUT_FORMATS for suffix in FORMATS[name].suffixes)
        if Path(source).suffix.lower() in {".trig", ".nq", ".trix"}:
            raise MalformedFile(
                source, "files with named graphs are not accepted", "save the one graph as Turtle (.ttl)"
            )
        if Path(source).suffix.lower() in _OTHER_OFFICE_FILES:
            raise MalformedFile(
                source, "this is not an Excel .xlsx file", "open it in Excel or WPS and save it as .xlsx"
            )
        raise BadParameter(str(source), "its suffix does not say the format", f"give it one of {suffixes}")
    return found


def _name_of(source: str | Path) -> str:
    return "standard input" if str(source) == STANDARD_INPUT else str(source)


def _bytes(source: str | Path, name: str, limit: int) -> bytes:
    if str(source) == STANDARD_INPUT:
        return opening.standard_input(limit)
    return opening.content(source, limit, name=name)
