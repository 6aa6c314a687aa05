"""Looks through a text before it is parsed, for what the parser lets pass or cannot bear."""

import json
import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from pyoxigraph import Literal, NamedNode

from bpsgraph.errors import MalformedFile, TooLarge
from bpsgraph.ingest.glance import Glance
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.results import Triples

LITERAL_LIMIT = 1_000_000
IRI_LIMIT = 2_048
XML_DEPTH = 256
JSON_DEPTH = 64
AT_THE_PLACE = "correct the file there"
_STRING_OR_IRI = Pattern(
    r"""
      \#[^\n]*+
    | \"{3}(?:[^"\\]++|\\.|"(?!""))*+\"{3} | '{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
    | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+'
    | <[^<>"\s]*+>
    """,
    re.VERBOSE | re.DOTALL,
)
_NUL = Pattern(r"\\u0000|\\U00000000")
_ENCODING = Pattern(r"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def check_turtle(text: str, name: str) -> None:
    """Refuse a literal or an IRI longer than is read. Raises `TooLarge` with its line."""
    if len(text) <= LITERAL_LIMIT:
        return
    for match in _STRING_OR_IRI.finditer(text):
        start, length = match.start(), match.end() - match.start()
        if length > LITERAL_LIMIT and text[start] in "\"'":
            raise _long_literal(name, line_of(text, start))
        if length > IRI_LIMIT + 2 and text[start] == "<":
            raise _long_iri(name, line_of(text, start))


def check_xml(text: str, name: str) -> None:
    """Refuse XML that is not whole, has a document type, is nested beyond reason or has too long a text.

    Raises `MalformedFile` and `TooLarge` with the line.
    """
    declared = _ENCODING.match(text)
    if declared and declared[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise MalformedFile(
            name,
            f"the XML says that it is in {declared[1]}; only UTF-8 is read",
            "save it as UTF-8 and say so in its first line",
            line=line_of(text, declared.start(1)),
        )
    parser = expat.ParserCreate()
    depth = length = 0

    def refuse(problem: str, cure: str) -> MalformedFile:
        return MalformedFile(
            name, problem, cure, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1
        )

    def document_type(*_: Any) -> None:
        raise refuse("a DOCTYPE is not accepted", "remove it and write its entities out")

    def element_begins(_: str, attributes: dict[str, str]) -> None:
        nonlocal depth, length
        depth, length = depth + 1, 0
        if depth > XML_DEPTH:
            raise TooLarge(
                name,
                XML_DEPTH,
                what="elements are nested more than",
                unit="deep",
                cure="write the resources one after another",
                line=parser.CurrentLineNumber,
            )
        if attributes and max(map(len, attributes.values())) > LITERAL_LIMIT:
            raise _long_literal(name, parser.CurrentLineNumber)

    def element_ends(_: str) -> None:
        nonlocal depth, length
        depth, length = depth - 1, 0

    def characters(piece: str) -> None:
        nonlocal length
        length += len(piece)
        if length > LITERAL_LIMIT:
            raise _long_literal(name, parser.CurrentLineNumber)

    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = element_begins
    parser.EndElementHandler = element_ends
    if len(text) > LITERAL_LIMIT:
        parser.CharacterDataHandler = characters
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        problem = f"the XML is not well-formed ({expat.ErrorString(error.code)})"
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
            problem = "the XML ends before it is complete"
        raise MalformedFile(
            name, problem, AT_THE_PLACE, line=error.lineno, column=error.offset + 1
        ) from error


def check_json(text: str, name: str) -> Any:
    """The JSON of a text; refused is what no JSON-LD document is, a key given twice, and too much depth.

    Raises `MalformedFile` with the line where the parser knows it, and `TooLarge`.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for at, key in enumerate(keys) if key in keys[:at])
            raise MalformedFile(
                name, f"the key {twice[:80]!r} stands twice in one object", "keep one, or give a list"
            )
        return found

    try:
        document = json.loads(text, object_pairs_hook=once, parse_int=_integer)
    except RecursionError as error:
        raise _deep_json(name) from error
    except json.JSONDecodeError as error:
        raise MalformedFile(
            name, f"this is not JSON: {error.msg}", AT_THE_PLACE, line=error.lineno, column=error.colno
        ) from error
    if not isinstance(document, dict | list):
        shown = json.dumps(document)[:40]
        raise MalformedFile(
            name, f"the JSON is just {shown}, not an object or a list", "give a JSON-LD document"
        )
    level: list[Any] = [document]
    for _ in range(JSON_DEPTH):
        level = [child for value in level for child in _children(value)]
        if len(text) > LITERAL_LIMIT and any(isinstance(v, str) and len(v) > LITERAL_LIMIT for v in level):
            raise _long_literal(name)
        if not level:
            return document
    raise _deep_json(name)


def check_triples(triples: Triples, glance: Glance, text: str, name: str) -> None:
    """Refuse IRIs longer than is read, and the character U+0000, which only an escape can have brought in.

    Raises `TooLarge`, and `MalformedFile` with line and column.
    """
    if glance.may_be_longer(IRI_LIMIT):
        for triple in triples:
            for term in triple:
                if isinstance(term, NamedNode) and len(term.value) > IRI_LIMIT:
                    raise _long_iri(name, _line_that_has(text, term.value[:200]))
    if (match := _NUL.search(text)) and any(
        isinstance(triple.object, Literal) and "\0" in triple.object.value for triple in triples
    ):
        at = match.start()
        raise MalformedFile(
            name,
            "a control character U+0000, written as an escape",
            "remove it",
            line=line_of(text, at),
            column=at - text.rfind("\n", 0, at),
        )


def line_of(text: str, at: int) -> int:
    """The line, from 1, in which a character of the text stands."""
    return text.count("\n", 0, at) + 1


def _line_that_has(text: str, part: str) -> int | None:
    at = text.find(part)
    return None if at < 0 else line_of(text, at)


def _integer(digits: str) -> int | str:
    # Python refuses to read longer ones; what they say does not matter here.
    return int(digits) if len(digits) < 1_000 else digits


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _deep_json(name: str) -> TooLarge:
    return TooLarge(
        name,
        JSON_DEPTH,
        what="the JSON is nested more than",
        unit="deep",
        cure="write the nodes one after another",
    )


def _long_literal(name: str, line: int | None = None) -> TooLarge:
    return TooLarge(
        name,
        LITERAL_LIMIT,
        what="a literal is longer than",
        unit="characters",
        cure="shorten it, or put it into a document of its own",
        line=line,
    )


def _long_iri(name: str, line: int | None) -> TooLarge:
    return TooLarge(
        name,
        IRI_LIMIT,
        what="an IRI is longer than",
        unit="characters",
        cure="give the address without what was added to it",
        line=line,
    )
