"""JSON-LD 1.1 in plain words: a context made from the ontology, and documents that are short with it.

A document carries the part of the context that it uses, so that it is read without fetching anything: readers
that refuse to load contexts, as this project does, read it too. The whole context, for those who write
JSON-LD, is named by the hash of its content (https://www.w3.org/TR/json-ld11/).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.terms import BPS, DCT, FOAF, HYDRA, PREFIXES, PROV, RDF, RDFS, SKOS, VOID, XSD, Term

_ID = "@id"
_LANGUAGE = "@language"
_OWL = PREFIXES["owl"]
# What the ontology borrows from others and documents use: the name in the context, and what its values are.
_BORROWED = (
    *((SKOS + name, _LANGUAGE) for name in ("prefLabel", "altLabel", "definition", "scopeNote")),
    *((SKOS + name, _ID) for name in ("broader", "narrower", "inScheme", "exactMatch", "broadMatch")),
    *((DCT + name, _LANGUAGE) for name in ("title", "description")),
    *(
        (DCT + name, _ID)
        for name in ("source", "license", "conformsTo", "references", "replaces", "publisher")
    ),
    *((DCT + name, XSD + "date") for name in ("issued",)),
    *((RDFS + name, _LANGUAGE) for name in ("label", "comment")),
    *((FOAF + name, _ID) for name in ("primaryTopic", "isPrimaryTopicOf", "page")),
    *((PROV + name, _ID) for name in ("hadPrimarySource", "wasDerivedFrom", "wasAssociatedWith")),
    *((HYDRA + name, _ID) for name in ("collection", "memberAssertion", "property", "object", "view")),
    *((HYDRA + name, _ID) for name in ("first", "previous", "next", "last")),
    (HYDRA + "totalItems", XSD + "integer"),
    (VOID + "inDataset", _ID),
    *((RDF + name, _ID) for name in ("subject", "predicate")),
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One name of the context: the property it stands for, and what its values are.

    `kind` is `@id` for IRIs, `@language` for texts by language, the IRI of a datatype, or empty for any.
    """

    name: str
    iri: str
    kind: str

    def written(self) -> dict[str, str]:
        """The definition as a context has it."""
        entry = {"@id": _compact(self.iri)}
        if self.kind == _LANGUAGE:
            entry["@container"] = _LANGUAGE
        elif self.kind:
            entry["@type"] = self.kind if self.kind == _ID else _compact(self.kind)
        return entry


class Context:
    """The names of the properties of an ontology, and the prefixes of all other IRIs."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.definitions = tuple(sorted(definitions, key=lambda one: one.name))
        self.by_iri: Mapping[str, Definition] = {one.iri: one for one in self.definitions}

    def written(self) -> dict[str, Any]:
        """The whole context, ready for JSON."""
        return _context(self.definitions, PREFIXES)

    def text(self) -> str:
        """The file of the context."""
        return json.dumps({"@context": self.written()}, ensure_ascii=False, indent=1) + "\n"

    @property
    def version(self) -> str:
        """Sixteen hexadecimal digits of the hash of the content: another context has another version."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]


def context_of(ontology: Iterable[Triple]) -> Context:
    """The context of an ontology: each of its own properties by its local name, and some that it borrows."""
    ranges: dict[str, str] = {}
    properties: dict[str, str] = {}
    for triple in ontology:
        if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, NamedNode):
            continue
        iri, value = triple.subject.value, triple.object.value
        if triple.predicate.value == RDFS + "range":
            ranges[iri] = min(value, ranges.get(iri, value))
        elif triple.predicate.value == RDF + "type" and value in (
            _OWL + "ObjectProperty",
            _OWL + "DatatypeProperty",
        ):
            properties[iri] = _ID if value == _OWL + "ObjectProperty" else properties.get(iri, "")
    found: dict[str, Definition] = {}
    for iri in sorted(properties):
        name = iri.removeprefix(BPS)
        if iri.startswith(BPS) and name not in PREFIXES:
            found[name] = Definition(name, iri, properties[iri] or _kind(ranges.get(iri, "")))
    for iri, kind in _BORROWED:
        name = iri.rpartition("#")[2].rpartition("/")[2]
        if name not in PREFIXES:
            found.setdefault(name, Definition(name, iri, kind))
    return Context(found.values())


def _kind(range: str) -> str:
    if range == RDF + "langString":
        return _LANGUAGE
    return range if range.startswith(XSD) and range != XSD + "string" else ""


# With indents the encoder of the standard library takes ten times as long.
_ENCODED = json.JSONEncoder(ensure_ascii=False).encode


def text(triples: Iterable[Triple], context: Context, thing: str | None = None) -> str:
    """The triples as one JSON object with the part of the context that it uses.

    The keys of `thing`, by its IRI, stand at the top and all other things in `@included`; without it all are
    in `@graph`.
    """
    writer = _Writer(context)
    nodes: dict[str, dict[NamedNode, set[Term]]] = defaultdict(lambda: defaultdict(set))
    for triple in triples:
        nodes[_name(triple.subject)][triple.predicate].add(triple.object)  # type: ignore[arg-type]
    written = {name: writer.node(name, nodes[name]) for name in sorted(nodes)}
    top = written.pop(thing, None) if thing is not None else None
    body: dict[str, Any] = {"@graph": list(written.values())}
    if top is not None:
        body = {**top, "@included": list(written.values())} if written else top
    return _lines({"@context": writer.used(), **body})


def _lines(body: Mapping[str, Any]) -> str:
    """The object with a key on each line, and a line for each thing in it."""
    lines = []
    for key, value in body.items():
        if key in ("@graph", "@included"):
            said = "[\n  " + ",\n  ".join(map(_ENCODED, value)) + "\n ]" if value else "[]"
        else:
            said = _ENCODED(value)
        lines.append(f" {_ENCODED(key)}: {said}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _Writer:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.definitions: set[Definition] = set()
        self.prefixes: set[str] = set()

    def used(self) -> dict[str, Any]:
        """The part of the context that was needed so far."""
        for one in self.definitions:
            self._short(one.iri)
            if one.kind.startswith(XSD):
                self._short(one.kind)
        return _context(
            sorted(self.definitions, key=lambda one: one.name),
            {prefix: PREFIXES[prefix] for prefix in sorted(self.prefixes)},
        )

    def node(self, name: str, said: Mapping[NamedNode, set[Term]]) -> dict[str, Any]:
        node: dict[str, Any] = {"@id": name}
        entries = {}
        for predicate, objects in said.items():
            ordered = sorted(objects, key=str)
            if predicate.value == RDF + "type" and all(isinstance(one, NamedNode) for one in ordered):
                classes = [self._short(str(one.value)) for one in ordered]
                node["@type"] = classes[0] if len(classes) == 1 else classes
                continue
            key, values = self._entry(predicate.value, ordered)
            entries[key] = values
        return node | {key: entries[key] for key in sorted(entries)}

    def _entry(self, iri: str, objects: list[Term]) -> tuple[str, Any]:
        definition = self.context.by_iri.get(iri)
        if definition is not None and definition.kind == _LANGUAGE:
            tagged = [one for one in objects if isinstance(one, Literal) and one.language]
            if len(tagged) < len(objects):
                definition = None
            else:
                self.definitions.add(definition)
                by_language: dict[str, list[str]] = defaultdict(list)
                for one in tagged:
                    by_language[str(one.language)].append(one.value)
                return definition.name, {
                    language: texts[0] if len(texts) == 1 else texts
                    for language, texts in sorted(by_language.items())
                }
        if definition is not None:
            self.definitions.add(definition)
        elif iri in self.context.by_iri:
            # Its name would make other values of these.
            return iri, [self._value(one, "") for one in objects]
        values = [self._value(one, definition.kind if definition else "") for one in objects]
        return definition.name if definition else self._short(iri), values[0] if len(values) == 1 else values

    def _value(self, term: Term, kind: str) -> Any:
        if not isinstance(term, Literal):
            return _name(term) if kind == _ID else {"@id": _name(term)}
        if term.language:
            return {"@value": term.value, "@language": term.language}
        datatype = term.datatype.value
        if datatype == XSD + "string":
            return {"@value": term.value} if kind else term.value
        if kind in ("", datatype):
            if datatype == XSD + "integer" and _is_integer(term.value):
                return int(term.value)
            if datatype == XSD + "boolean" and term.value in ("true", "false"):
                return term.value == "true"
            if kind:
                return term.value
        return {"@value": term.value, "@type": self._short(datatype)}

    def _short(self, iri: str) -> str:
        short = _compact(iri)
        if short != iri:
            self.prefixes.add(short.partition(":")[0])
        return short


def _is_integer(text: str) -> bool:
    """Whether the number is written as JSON and XML Schema both write it, so that it reads back the same."""
    digits = text.removeprefix("-")
    return digits.isdecimal() and digits.isascii() and str(int(text)) == text and len(digits) < 16


def _name(term: object) -> str:
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    assert isinstance(term, NamedNode)
    return term.value


@lru_cache(maxsize=20_000)
def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        local = iri[len(namespace) :]
        if iri.startswith(namespace) and local and "/" not in local:
            return f"{prefix}:{local}"
    return iri


def _context(definitions: Iterable[Definition], prefixes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@version": 1.1,
        **dict(sorted(prefixes.items())),
        **{one.name: one.written() for one in definitions},
    }
