"""Reads Turtle, JSON-LD, N-Triples and RDF/XML, and says what is wrong with a file that is none of them.

pyoxigraph parses; it loads nothing from elsewhere. It takes a truncated RDF/XML file for a whole one,
so those go through expat first, without any document type definition.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pyoxigraph import NamedNode, RdfFormat, Triple
from pyoxigraph import parse as parse_quads

from bpsgraph.errors import (
    BadParameter,
    EmptyGraph,
    ForeignVocabulary,
    MalformedFile,
    TooLarge,
    UnreadableFile,
)
from bpsgraph.formats import FORMATS, RDF_FORMATS, Format, by_name, by_suffix
from bpsgraph.ingest.lines import subject_lines
from bpsgraph.ingest.submission import Place, Places, Submission
from bpsgraph.results import Triples
from bpsgraph.terms import BASE, BPS, RDF_TYPE, short

STANDARD_INPUT = "-"
_DEEPEST = 256
_BINARY = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
)
_AT_THE_PLACE = "correct the file there"


def read(source: str | Path, *, format: str | None = None, limit: int = 32_000_000) -> Submission:
    """The submission in a file, or in standard input where the source is `-`.

    The format is the one named (`turtle`, `jsonld`, `ntriples`, `rdfxml`), else the suffix's, else for
    standard input what the text looks like. `limit` is in bytes. Raises `UnreadableFile`, `TooLarge`,
    `MalformedFile` with line and column, `EmptyGraph`, `ForeignVocabulary` where nothing is of a class
    of this project, and `BadParameter` for a format that is not known.
    """
    name = "standard input" if str(source) == STANDARD_INPUT else str(source)
    chosen = by_name(format, RDF_FORMATS) if format else _format_of_suffix(source)
    data = _bytes(source, name, limit)
    chosen = chosen or _looks_like(data)
    triples = parse(data, name, chosen)
    types = {t.object.value for t in triples if t.predicate == RDF_TYPE and isinstance(t.object, NamedNode)}
    if not any(iri.startswith(BPS) for iri in types):
        raise ForeignVocabulary(name, sorted(short(iri) for iri in types)[:3])
    if chosen.rdf not in {RdfFormat.TURTLE, RdfFormat.N_TRIPLES}:
        return Submission(name, triples, hash=hash_of(data))
    lines = subject_lines(data.decode("utf-8-sig"), BASE)
    things = {iri: Place(line=line) for iri, line in lines.items()}
    return Submission(name, triples, Places(things=things), hash=hash_of(data))


def hash_of(data: bytes) -> str:
    """`sha256:` and the hash of the bytes of a file."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse(data: bytes, name: str, format: Format) -> Triples:
    """The triples of a text in UTF-8, with relative IRIs resolved against the base of this project.

    `name` is how errors call the file. Raises `MalformedFile` with line and column, and `EmptyGraph`.
    """
    text = _decode(data, name)
    if not text.strip():
        raise EmptyGraph(name)
    _refuse_other_content(text, name, format)
    if format.rdf == RdfFormat.RDF_XML:
        _check_xml(text, name)
    elif format.rdf == RdfFormat.JSON_LD:
        _check_json(text, name)
    try:
        quads = parse_quads(
            text, format.rdf, base_iri=BASE, without_named_graphs=True, rename_blank_nodes=True
        )
        triples = Triples(frozenset(quad.triple for quad in quads))
    except SyntaxError as error:
        raise _malformed(error, name) from error
    if any(isinstance(triple.object, Triple) for triple in triples):
        raise MalformedFile(name, "triples about triples are not accepted", "state them with rdf:Statement")
    if not triples:
        hint = "no key of it maps to an IRI: give it an @context" if format.rdf == RdfFormat.JSON_LD else None
        raise EmptyGraph(name, hint) if hint else EmptyGraph(name)
    return triples


def _format_of_suffix(source: str | Path) -> Format | None:
    if str(source) == STANDARD_INPUT:
        return None
    if Path(source).is_dir():
        raise _folder(source)
    found = by_suffix(source, RDF_FORMATS)
    if found is None and Path(source).suffix.lower() == ".json":
        found = FORMATS["jsonld"]
    if found is None:
        suffixes = ", ".join(suffix for name in RDF_FORMATS for suffix in FORMATS[name].suffixes)
        if Path(source).suffix.lower() in {".trig", ".nq", ".trix"}:
            raise MalformedFile(
                source, "files with named graphs are not accepted", "save the one graph as Turtle (.ttl)"
            )
        raise BadParameter(
            str(source), "its suffix does not say the format", f"use one of {suffixes}, or name the format"
        )
    return found


def _folder(source: str | Path) -> UnreadableFile:
    return UnreadableFile(source, "it is a folder", "name the files in it")


def _bytes(source: str | Path, name: str, limit: int) -> bytes:
    try:
        if str(source) == STANDARD_INPUT:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(limit + 1)
    except IsADirectoryError as error:
        raise _folder(name) from error
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    if len(data) > limit:
        raise TooLarge(name, limit)
    return data


def _looks_like(data: bytes) -> Format:
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in {b"{", b"["} and _is_json(data):
        return FORMATS["jsonld"]
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<?xml", b"<rdf:RDF")):
        return FORMATS["rdfxml"]
    return FORMATS["turtle"]


def _is_json(data: str | bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _decode(data: bytes, name: str) -> str:
    for start, what in _BINARY:
        if data.startswith(start):
            raise MalformedFile(
                name, f"this is {what}, not RDF", "save it as Turtle, JSON-LD, N-Triples or RDF/XML"
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedFile(
            name, "a character is not in UTF-8", "save the file as UTF-8 (not GBK or UTF-16)", line=line
        ) from error
    at = text.find("\0")
    if at >= 0:
        line, column = _place(text, at)
        raise MalformedFile(name, "a control character U+0000", "remove it", line=line, column=column)
    return text


def _refuse_other_content(text: str, name: str, format: Format) -> None:
    start = text.lstrip()[:200].lower()
    found = None
    if re.match(r"<!doctype html|<html", start):
        found, cure = "an HTML page", "download the file itself instead of the page about it"
    elif (
        format.rdf != RdfFormat.JSON_LD
        and start.startswith(("{", "["))
        and (start[0] == "{" or _is_json(text))
    ):
        found, cure = "JSON", "give JSON-LD the suffix .jsonld, or name the format jsonld"
    elif format.rdf != RdfFormat.RDF_XML and start.startswith(("<?xml", "<rdf:rdf")):
        found, cure = "XML", "give RDF/XML the suffix .rdf, or name the format rdfxml"
    elif format.rdf == RdfFormat.RDF_XML and not start.startswith("<"):
        found, cure = "no XML", "give Turtle the suffix .ttl, or name the format turtle"
    elif format.rdf == RdfFormat.JSON_LD and start.startswith(("@", "<", "prefix", "base", "#")):
        found, cure = "no JSON", "give Turtle the suffix .ttl, or name the format turtle"
    if found:
        raise MalformedFile(name, f"this is {found}, though {format.label} was expected", cure)


def _check_xml(text: str, name: str) -> None:
    """Refuse XML that is not whole, that has a document type, or that is nested beyond reason."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse(problem: str, cure: str) -> MalformedFile:
        return MalformedFile(
            name, problem, cure, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1
        )

    def document_type(*_: Any) -> None:
        raise refuse("a DOCTYPE is not accepted", "remove it and write its entities out")

    def element_begins(*_: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise refuse(
                f"elements are nested more than {_DEEPEST} deep", "write the resources one after another"
            )

    def element_ends(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = element_begins
    parser.EndElementHandler = element_ends
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        problem = f"the XML is not well-formed ({expat.ErrorString(error.code)})"
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
            problem = "the XML ends before it is complete"
        raise MalformedFile(
            name, problem, _AT_THE_PLACE, line=error.lineno, column=error.offset + 1
        ) from error


def _check_json(text: str, name: str) -> None:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise MalformedFile(
            name, "the JSON is nested too deep", "write the nodes one after another"
        ) from error
    except json.JSONDecodeError as error:
        raise MalformedFile(
            name, f"this is not JSON: {error.msg}", _AT_THE_PLACE, line=error.lineno, column=error.colno
        ) from error
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise MalformedFile(
        name, f"the JSON is nested more than {_DEEPEST} deep", "write the nodes one after another"
    )


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _malformed(error: SyntaxError, name: str) -> MalformedFile:
    message = re.sub(r"^Parser error [^:]*[0-9]: ", "", error.msg or str(error))
    problem, cure = message[:1].lower() + message[1:], _AT_THE_PLACE
    if "has not been declared" in message:
        cure = "declare it with @prefix, or write the IRI in full"
    elif message == "Unexpected end of file":
        problem, cure = (
            "what begins here does not end before the file does",
            "close the string, IRI or statement",
        )
    elif "LoadDocumentCallback" in message:
        problem, cure = "contexts are not loaded from elsewhere", "write the @context into the file"
    elif message == "Named graphs are not allowed":
        problem, cure = "files with named graphs are not accepted", "keep the one graph, without a name"
    return MalformedFile(name, problem, cure, line=error.lineno, column=error.offset)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
