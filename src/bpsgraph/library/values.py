"""From what a user gives to the RDF term that goes into a slot, and from the term to SPARQL text.

A value never becomes part of the text as it is: it is parsed as its type, made a term, and the term is
written with every character escaped that could end it (SPARQL 1.1, section 19.7 and 19.8).
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode

from bpsgraph.library.header import ParameterType
from bpsgraph.terms import BASE, XSD, expand

Node = NamedNode | Literal
Value = str | int | float | Decimal | date | bool | NamedNode | Literal | None

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile('[\x00-\x20<>"{}|^`\\\\]')
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
DATATYPES: dict[str, str] = {
    "string": XSD + "string",
    "integer": XSD + "integer",
    "decimal": XSD + "decimal",
    "date": XSD + "date",
    "boolean": XSD + "boolean",
}


class ValueRefused(ValueError):  # noqa: N818 - it is caught by the module beside and becomes a BadParameter
    """A value that is none of its type: what is wrong, and what would be one."""

    def __init__(self, problem: str, cure: str):
        super().__init__(f"{problem}; {cure}")
        self.problem = problem
        self.cure = cure


def to_term(value: Value, type_: ParameterType, of_class: str | None = None) -> Node | None:
    """The term for `value`; None (no restriction) for None.

    `of_class` completes keys: `140500` or `jurisdiction/140500` of class `jurisdiction`. Raises ValueRefused.
    """
    if value is None:
        return None
    if isinstance(value, NamedNode | Literal):
        if not fits(value, type_):
            raise ValueRefused(f"{value} is no {type_}", f"give a term of type {type_}")
        return value
    try:
        if type_ in ("iri", "code"):
            return _iri(str(value), of_class)
        if type_ == "lang-string":
            return _lang_string(str(value))
        return Literal(_lexical(value, type_), datatype=NamedNode(DATATYPES[type_]))
    except ValueRefused:
        raise
    except ValueError as exc:  # a lone surrogate, which is no character
        raise ValueRefused(f"{str(value)!r} holds what is no character", "give text that is Unicode") from exc


def fits(term: Node, type_: ParameterType) -> bool:
    """Whether `term` is of the type."""
    if isinstance(term, NamedNode):
        return type_ in ("iri", "code")
    if type_ == "lang-string":
        return term.language is not None
    return type_ in DATATYPES and term.language is None and term.datatype.value == DATATYPES[type_]


def write(term: Node | None) -> str:
    """`term` as SPARQL, `UNDEF` for None.

    Some engines replace backslash-u escapes before they parse (SPARQL 1.1, section 19.2), others while they
    parse strings; a `u` that follows a backslash is therefore written as an eight-digit escape, which both
    read as `u`.
    """
    if term is None:
        return "UNDEF"
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    characters = []
    previous = ""
    for character in term.value:
        if character in _ESCAPES:
            characters.append(_ESCAPES[character])
        elif character < " " or character == "\x7f" or (previous == "\\" and character in "uU"):
            characters.append(f"\\U{ord(character):08X}")
        else:
            characters.append(character)
        previous = character
    text = '"' + "".join(characters) + '"'
    if term.language is not None:
        return f"{text}@{term.language}"
    return text if term.datatype.value == XSD + "string" else f"{text}^^<{term.datatype.value}>"


def write_all(terms: Sequence[Node | None]) -> str:
    """The content of a slot."""
    return " ".join(write(term) for term in terms)


def _iri(text: str, of_class: str | None) -> NamedNode:
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if not text or _NOT_IN_IRI.search(text):
        raise ValueRefused(
            f"{text!r} is no IRI and no key", "leave out spaces, quotes, braces and angle brackets"
        )
    if of_class is None or _ABSOLUTE.match(text) or text.startswith(of_class + "/"):
        iri = expand(text)
    else:
        iri = f"{BASE}{of_class}/{text}"
    try:
        return NamedNode(iri)
    except ValueError as exc:
        raise ValueRefused(f"{text!r} is no IRI ({exc})", "give a whole IRI or a key") from exc


def _lang_string(text: str) -> Literal:
    words, at, language = text.rpartition("@")
    if not at or not _LANGUAGE.fullmatch(language):
        raise ValueRefused(f"{text!r} names no language", "write words@zh or words@en")
    return Literal(words, language=language.lower())


def _lexical(value: str | int | float | Decimal | date, type_: str) -> str:
    text = str(value)
    if type_ == "string":
        if not isinstance(value, str):
            raise ValueRefused(f"{text} is no text", "quote it")
        return value
    if type_ == "boolean":
        if text.lower() in ("true", "false"):
            return text.lower()
        raise ValueRefused(f"{text!r} is no truth value", "write true or false")
    if type_ == "date":
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text).isoformat()
        except ValueError as exc:
            raise ValueRefused(
                f"{text!r} is no day of the calendar", "write a day such as 2024-06-01"
            ) from exc
        raise ValueRefused(f"{text!r} is no date", "write a day such as 2024-06-01")
    if isinstance(value, bool | date):
        raise ValueRefused(f"{text} is no {type_}", "give a number")
    if type_ == "integer":
        if not _INTEGER.fullmatch(text):
            raise ValueRefused(f"{text!r} is no whole number", "write digits such as 20")
        if len(text) > 18:
            raise ValueRefused(f"{text!r} is no whole number that a store holds", "write at most 18 digits")
        return str(int(text))
    try:
        number = Decimal(text)
    except InvalidOperation as exc:
        raise ValueRefused(f"{text!r} is no number", "write digits such as 650.5") from exc
    if not number.is_finite() or abs(number.adjusted()) > 18:
        raise ValueRefused(f"{text!r} is no number that a store holds", "write at most 18 digits")
    plain = format(number, "f")
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"
