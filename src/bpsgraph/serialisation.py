"""Triples as text in each format of RDF, in a stable order.

Turtle has a layout of its own (`turtle`). RDF/XML is written here, one description after another: pyoxigraph
writes what is no XML where a predicate has no local name or a literal has control characters, and loses
carriage returns (0.5.13). The others are written by pyoxigraph.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from bpsgraph import turtle
from bpsgraph.errors import BadParameter
from bpsgraph.formats import Format
from bpsgraph.results import not_xml
from bpsgraph.terms import PREFIXES, RDF, XSD

_LOCAL_NAME = re.compile("[A-Za-z_\u4e00-\u9fa5][A-Za-z0-9_.\u4e00-\u9fa5-]*$")
# https://www.w3.org/TR/rdf-syntax-grammar/#section-Namespace: what no property may be called.
_SYNTAX = {
    RDF + name
    for name in (
        *("Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
        *("bagID", "aboutEach", "aboutEachPrefix"),
    )
}
_PREFIX_OF = {iri: prefix for prefix, iri in PREFIXES.items()}
# A reader makes a line feed of a carriage return that is not written as a reference.
_TEXT = {"\r": "&#13;"}
_OTHERS = "choose turtle, ntriples or jsonld"


def text(triples: Iterable[Triple], format: Format) -> str:
    """The triples in an RDF format.

    Raises `BadParameter` for what RDF/XML cannot say: a predicate without a local name, a control character.
    """
    ordered = sorted(set(triples), key=str)
    if format.rdf == RdfFormat.RDF_XML:
        return "".join(rdf_xml(ordered))
    if format.rdf == RdfFormat.TURTLE:
        try:
            return turtle.write(ordered)
        except ValueError:
            pass  # A blank node used twice has no place in the stable layout; it has one in Turtle.
    prefixes = PREFIXES if format.rdf == RdfFormat.TURTLE else None
    written = pyoxigraph.serialize(ordered, format=format.rdf, prefixes=prefixes)
    assert written is not None
    return written.decode()


def rdf_xml(triples: Iterable[Triple]) -> Iterator[str]:
    """The triples as RDF/XML in pieces, as they come: a description for each subject.

    Raises `BadParameter` as `text` does, after what comes before.
    """
    nodes: dict[BlankNode, str] = {}
    declared = "".join(f"\n    xmlns:{prefix}={_quoted(iri)}" for iri, prefix in _PREFIX_OF.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'
    for subject, about in groupby(triples, lambda triple: triple.subject):
        said = "".join(f"    {_property(triple, nodes)}\n" for triple in about)
        yield f"  <rdf:Description {_reference('about', subject, nodes)}>\n{said}  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _property(triple: Triple, nodes: dict[BlankNode, str]) -> str:
    (name, declared), value = _name(triple.predicate.value), triple.object
    if not isinstance(value, Literal):
        return f"<{name}{declared} {_reference('resource', value, nodes)}/>"
    kind = ""
    if value.language:
        kind = f" xml:lang={_quoted(value.language)}"
    elif value.datatype.value != XSD + "string":
        kind = f" rdf:datatype={_quoted(value.datatype.value)}"
    return f"<{name}{declared}{kind}>{_escaped(value.value)}</{name}>"


def _reference(attribute: str, node: object, nodes: dict[BlankNode, str]) -> str:
    if isinstance(node, BlankNode):
        # The labels of the store may begin with a digit, which no name in XML does.
        return f"rdf:nodeID={_quoted(nodes.setdefault(node, f'node{len(nodes) + 1}'))}"
    if not isinstance(node, NamedNode):
        raise BadParameter("rdfxml", "RDF/XML has no triples about triples", "choose turtle or ntriples")
    return f"rdf:{attribute}={_quoted(node.value)}"


@lru_cache(maxsize=1024)
def _name(iri: str) -> tuple[str, str]:
    """The predicate as a name in XML, and the declaration of its namespace where that is not a usual one."""
    local = _LOCAL_NAME.search(iri)
    if local is None or iri in _SYNTAX or not local.start():
        raise BadParameter("rdfxml", f"RDF/XML has no way to write the predicate {iri}", _OTHERS)
    for namespace, prefix in _PREFIX_OF.items():
        if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}", ""
    return f"ns:{local[0]}", f" xmlns:ns={_quoted(iri[: local.start()])}"


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape  # Here, as it loads half of the standard library.

    return escape(_sayable(text), _TEXT)


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(_sayable(text))


def _sayable(text: str) -> str:
    if found := not_xml().search(text):
        character = f"U+{ord(found[0]):04X}"
        raise BadParameter("rdfxml", f"XML cannot hold the control character {character}", _OTHERS)
    return text
