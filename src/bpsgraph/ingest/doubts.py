"""What RDF may hold that is read as it stands, and yet deserves a word to whoever sent it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.ingest.glance import Glance
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.submission import Place, Remark
from bpsgraph.terms import BASE, BPS, short

_SHACL = "http://www.w3.org/ns/shacl#"
_IMPORTS = "http://www.w3.org/2002/07/owl#imports"
_FLOATING = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("double", "float")}
_SCRIPTS = {"javascript", "vbscript", "data"}
_USUAL_PORTS = {("http", 80), ("https", 443)}
_UPWARDS = Pattern(r"/(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)


def remarks_on(triples: Iterable[Triple], things: Mapping[str, Place], glance: Glance) -> tuple[Remark, ...]:
    """The remarks `suspicious-iri`, `statement-without-effect` and `infinite-number`, in a fixed order.

    A thing is remarked on once, at the first place where its subject is described; `things` has the places,
    and `glance` is one at the triples.
    """
    if not any(map(_deserves_a_look, glance.foreign_iris)):
        return ()
    found: dict[tuple[str, str], Remark] = {}
    for triple in triples:
        place = things.get(triple.subject.value if isinstance(triple.subject, NamedNode) else "", Place())
        for reason, value, expected in _doubts(triple):
            earlier = found.get((reason, value))
            if earlier is None or (place.line or 0) < (earlier.place.line or 0):
                found[reason, value] = Remark(reason, place, value, expected)
    return tuple(sorted(found.values(), key=lambda r: (r.place.line or 0, r.reason, r.value)))


def unread_keys(document: Any) -> tuple[Remark, ...]:
    """The remarks `unread-key` on the keys of a JSON-LD document that none of its contexts mentions."""
    terms: dict[str, Any] = {}
    for context in _contexts(document):
        terms |= context
    keys = {} if "@vocab" in terms else dict.fromkeys(_keys(document, terms))
    unread = [key for key in keys if not (key in terms or key.startswith("@") or ":" in key)]
    some = ", ".join(sorted(term for term in terms if not term.startswith("@"))[:5])
    return tuple(Remark("unread-key", Place(), key, some) for key in sorted(unread))


def _contexts(value: Any) -> Iterator[dict[str, Any]]:
    """Every context of a document, those inside of definitions too."""
    if isinstance(value, list):
        for child in value:
            yield from _contexts(child)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key == "@context":
                yield from (
                    one for one in (child if isinstance(child, list) else [child]) if type(one) is dict
                )
            yield from _contexts(child)


def _keys(value: Any, terms: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a document, without those of contexts, of maps by language or index, and of plain JSON."""
    if isinstance(value, list):
        for child in value:
            yield from _keys(child, terms)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key == "@context":
                continue
            yield key
            if not _is_map(terms.get(key)):
                yield from _keys(child, terms)


def _is_map(definition: Any) -> bool:
    """Whether the keys below a term are languages, indexes, names of nodes, or plain JSON."""
    if not isinstance(definition, dict):
        return False
    container = definition.get("@container") or []
    kinds = set(map(str, container if isinstance(container, list) else [container]))
    return bool(kinds - {"@list", "@set"}) or definition.get("@type") == "@json"


@lru_cache(maxsize=4096)
def _deserves_a_look(iri: str) -> bool:
    """Whether a triple with that IRI, or with a literal of that datatype, may deserve a remark."""
    return iri.startswith(_SHACL) or iri == _IMPORTS or iri in _FLOATING or bool(_doubt(iri))


def _doubts(triple: Triple) -> Iterator[tuple[str, str, str]]:
    """The reason, the value and what is expected or seen, for each doubt about a triple."""
    predicate = triple.predicate.value
    if predicate.startswith(_SHACL) or predicate == _IMPORTS:
        yield "statement-without-effect", short(predicate), ""
    for term in (triple.subject, triple.object):
        if isinstance(term, NamedNode) and not term.value.startswith((BASE, BPS)):
            if doubt := _doubt(term.value):
                yield "suspicious-iri", term.value, doubt
        elif isinstance(term, Literal) and term.datatype.value in _FLOATING and _is_infinite(term.value):
            yield "infinite-number", term.value, ""


def _is_infinite(text: str) -> bool:
    try:
        return float(text) in {float("inf"), float("-inf")}
    except ValueError:
        return False


def _doubt(iri: str) -> str:
    """What is suspicious about an IRI, a host in ASCII, or nothing."""
    scheme, _, rest = iri.partition(":")
    if scheme.lower() in _SCRIPTS:
        return f"{scheme.lower()}:"
    if scheme.lower() == "file":
        return "file:"
    if not rest.startswith("//"):
        return ""
    try:
        parts = urlsplit(iri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return iri[:80]
    if "@" in parts.netloc:
        return f"{parts.username}@ → {_ascii(host)}"
    if "xn--" in host or not host.isascii():
        return _ascii(host)
    if (scheme.lower(), port) in _USUAL_PORTS:
        return f":{port}"
    return "/../" if _UPWARDS.search(parts.path) else ""


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("punycode").decode("ascii")
