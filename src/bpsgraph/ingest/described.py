"""Rows that are about no item: agencies of the place, and statements for which no column exists."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, Triple

from bpsgraph.ingest.bureaus import is_slug
from bpsgraph.ingest.headings import Row
from bpsgraph.ingest.layout import AGENCIES
from bpsgraph.ingest.newcomers import Newcomers
from bpsgraph.ingest.submission import Place
from bpsgraph.ingest.transcription import Statement, Transcription, node
from bpsgraph.terms import SKOS, expand

_LATER = ("counterpart", "agency-parent", "agency-name-en")


@dataclass
class Described:
    """What such rows state, and where it stands."""

    triples: set[Triple] = field(default_factory=set)
    things: dict[str, Place] = field(default_factory=dict)
    values: dict[tuple[str, str], Place] = field(default_factory=dict)


def agencies_in(rows: Iterable[Row], newcomers: Newcomers, transcription: Transcription) -> Described:
    """The agencies that the rows of 机构 describe; a row with nothing but a known name describes none.

    Their names and places are kept by `newcomers`, so that other rows can name them.
    """
    found = Described()
    new: list[tuple[str, Row]] = []
    for row in rows:
        name = row.cells["agency-name"]
        if not name.text:
            continue
        key = row.cells["agency-key"].text if row.filled("agency-key") else ""
        if key and not is_slug(key):
            transcription.remark("unknown-code", row.cells["agency-key"], ["education-bureau"])
            key = ""
        known = transcription.names.find("agency", name.text)
        if len(known) == 1 and not any(row.filled(other) for other in row.cells if other != "agency-name"):
            continue
        iri = newcomers.agency(name, name.text, key or None)
        for short in row.cells["agency-short"].text.splitlines() if row.filled("agency-short") else ():
            newcomers.bureaus.also_called(short.strip(), iri)
            also = Literal(short.strip(), language="zh")
            found.triples.add(Triple(node(iri), node(SKOS + "altLabel"), also))
        new.append((iri, row))
    # An agency may name one that stands in a row below its own.
    for iri, row in new:
        for key, cell in row.cells.items():
            property = AGENCIES.column(key).property
            if property is None:
                continue
            found.values[iri, property] = cell.place
            if key in _LATER:
                terms = transcription.terms(AGENCIES.column(key), cell)
                found.triples |= {Triple(node(iri), node(property), term) for term in terms}
    return found


def statements_in(rows: Iterable[Row], transcription: Transcription) -> Described:
    """What the rows of 其他陈述 state, each one triple."""
    found = Described()
    for row in rows:
        if not all(map(row.filled, ("subject", "predicate", "object"))):
            continue
        subject, predicate, value = (row.cells[key] for key in ("subject", "predicate", "object"))
        kind = row.cells["type"].text if row.filled("type") else ""
        thing, property = expand(subject.text), expand(predicate.text)
        try:
            statement = Triple(node(thing), node(property), _term(value.text, kind))
        except ValueError:
            transcription.remark(
                "unreadable-value", value, value=f"{subject.text} {predicate.text} {value.text}"
            )
            continue
        found.triples.add(statement)
        found.things.setdefault(thing, subject.place)
        found.values.setdefault((thing, property), value.place)
    return found


def _term(text: str, kind: str) -> Statement:
    """The term that 其他陈述 writes: an IRI or its key without a type, else a literal with type or language.

    A text in quotation marks is written as in JSON, so that spaces at its ends and line breaks survive.
    """
    if not kind:
        return node(expand(text))
    if text.startswith('"'):
        text = str(json.loads(text))
    if kind.startswith("@"):
        return Literal(text, language=kind[1:])
    return Literal(text, datatype=node(expand(kind)))
