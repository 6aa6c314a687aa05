"""Reads Turtle, JSON-LD, N-Triples and RDF/XML, and says what is wrong with a file that is none of them.

pyoxigraph parses; it loads nothing from elsewhere. It takes a truncated RDF/XML file for a whole one,
so those go through expat first, without any document type definition.
"""

import hashlib
import json
import re
from collections.abc import Mapping

from pyoxigraph import NamedNode, RdfFormat, serialize
from pyoxigraph import parse as parse_quads

from bpsgraph.errors import EmptyGraph, ForeignVocabulary, MalformedFile, TooLarge, shortened
from bpsgraph.formats import FORMATS, Format
from bpsgraph.ingest.doubts import remarks_on, unread_keys
from bpsgraph.ingest.glance import Glance
from bpsgraph.ingest.lines import SubjectLines
from bpsgraph.ingest.signatures import foreign_kind
from bpsgraph.ingest.submission import Place, Places, Submission
from bpsgraph.ingest.syntax import (
    AT_THE_PLACE,
    LITERAL_LIMIT,
    check_json,
    check_triples,
    check_turtle,
    check_xml,
)
from bpsgraph.results import Triples
from bpsgraph.terms import BASE, RDF_TYPE, short

_BINARY = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
)


def read_rdf(data: bytes, name: str, format: Format | None = None) -> Submission:
    """The submission in a text; without a format it is what the text looks like.

    Raises `MalformedFile` with line and column, `EmptyGraph`, and `ForeignVocabulary` where nothing is of a
    class of this project.
    """
    chosen = format or _looks_like(data)
    text = _decode(data, name)
    triples, glance = _parsed(text, name, chosen, BASE)
    if not glance.has_class_of_ours:
        types = {
            t.object.value for t in triples if t.predicate == RDF_TYPE and isinstance(t.object, NamedNode)
        }
        raise ForeignVocabulary(name, sorted(short(iri) for iri in types)[:3])
    things: Mapping[str, Place] = {}
    if chosen.rdf in {RdfFormat.TURTLE, RdfFormat.N_TRIPLES}:
        things = SubjectLines(text, BASE)
    remarks = remarks_on(triples, things, glance)
    if chosen.rdf == RdfFormat.JSON_LD:
        remarks += unread_keys(check_json(text, name))
    return Submission(name, triples, Places(things=things), remarks, hash=hash_of(data))


def hash_of(data: bytes) -> str:
    """`sha256:` and the hash of the bytes of a file."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse(data: bytes, name: str, format: Format, *, base: str = BASE) -> Triples:
    """The triples of a text in UTF-8, with relative IRIs resolved against a base.

    `name` is how errors call the file. Raises `MalformedFile` with line and column, and `EmptyGraph`.
    """
    return _parsed(_decode(data, name), name, format, base)[0]


def _parsed(text: str, name: str, format: Format, base: str) -> tuple[Triples, Glance]:
    if not text or text.isspace():
        raise EmptyGraph(name)
    _refuse_other_content(text, name, format)
    if format.rdf == RdfFormat.RDF_XML:
        check_xml(text, name)
    elif format.rdf == RdfFormat.JSON_LD:
        check_json(text, name)
    else:
        check_turtle(text, name)
    try:
        quads = parse_quads(
            text, format.rdf, base_iri=base, without_named_graphs=True, rename_blank_nodes=True
        )
        triples = Triples.of_text(serialize(quads, format=RdfFormat.N_TRIPLES) or b"")
    except SyntaxError as error:
        raise malformed(error, name) from error
    except MemoryError as error:
        raise TooLarge(
            name,
            LITERAL_LIMIT,
            what="a statement is far longer than",
            unit="characters",
            cure="write its parts as statements of their own",
        ) from error
    glance = Glance(triples)
    check_triples(triples, glance, text, name)
    if glance.has_nested_triples:
        raise MalformedFile(name, "triples about triples are not accepted", "state them with rdf:Statement")
    if not triples:
        if format.rdf != RdfFormat.JSON_LD:
            raise EmptyGraph(name)
        keys = ", ".join(remark.value for remark in unread_keys(check_json(text, name))[:3])
        of = f" ({keys})" if keys else ""
        raise EmptyGraph(name, f"no key of it{of} maps to an IRI: give it an @context")
    return triples, glance


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
    if kind := foreign_kind(data):
        raise MalformedFile(name, f"this is {kind[0]}, not RDF", kind[1])
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


def malformed(error: SyntaxError, name: str) -> MalformedFile:
    """What the parser says, as an error of the file of that name, with its line and column."""
    message = re.sub(r"^Parser error [^:]*[0-9]: ", "", error.msg or str(error))
    message = message.replace("\ufeff", "a byte order mark (U+FEFF)")
    problem, cure = shortened(message[:1].lower() + message[1:], 200), AT_THE_PLACE
    if "has not been declared" in message:
        cure = "declare it with @prefix, or write the IRI in full"
    elif message == "Unexpected end of file":
        problem, cure = (
            "what begins here does not end before the file does",
            "close the string, IRI or statement",
        )
    elif "LoadDocumentCallback" in message:
        problem, cure = "contexts are not loaded from elsewhere", "write the @context into the file"
    elif message == "Named graphs are not allowed" or re.match(r"(\{|GRAPH) is not a valid ", message):
        problem, cure = "files with named graphs are not accepted", "keep the one graph, without a name"
    return MalformedFile(name, problem, cure, line=error.lineno, column=error.offset)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
