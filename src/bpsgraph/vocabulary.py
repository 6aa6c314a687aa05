"""The names of a store's vocabulary, read kind by kind with small queries."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import itemgetter

from pyoxigraph import Literal, NamedNode

from bpsgraph.ingest.names import Expected, Name, Names, UnitsInUse
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE, BPS, DCT, PREFIXES, SKOS

_PREFIXES = f"PREFIX bps: <{BPS}> PREFIX dct: <{DCT}> PREFIX skos: <{SKOS}> "
_CLASSES = {
    "item": ("ServiceItem",),
    "measure": ("Measure",),
    "segment": ("Segment",),
    "unit": ("Unit",),
    "agency": ("Agency",),
    "document": ("PolicyDocument", "Standard"),
    "clause": ("Clause",),
    "jurisdiction": ("Jurisdiction",),
    "catalogue": ("Catalogue", "NationalBaseline"),
    "domain": ("Domain",),
    "category": ("Category",),
    "indicator": ("Indicator",),
}
# The first of them that a thing bears in Chinese is its label.
_PREFERRED = (SKOS + "prefLabel", DCT + "title")
_OTHER = (SKOS + "altLabel", SKOS + "notation", DCT + "identifier", BPS + "code", BPS + "documentNumber")
_LANGUAGES = ("zh", None, "en")
_ORDER = {property: number for number, property in enumerate((*_PREFERRED, *_OTHER))}


def names_of(store: Store) -> Names:
    """The names in a store; they are read when asked for, so the store has to stay open."""
    return Names(
        lambda kind: _of_kind(store, kind),
        lambda iri: _names(store, f"VALUES ?thing {{ {NamedNode(iri)} }}"),
        lambda: _expected(store),
        lambda: _canonical_units(store),
    )


def units_in_use(store: Store, dataset: str) -> UnitsInUse:
    """The units of targets and of the figures of indicators, those of one data set left out (its IRI)."""
    rows = select(
        store,
        f"""{_PREFIXES}
        SELECT DISTINCT ?indicator ?unit WHERE {{
          ?thing bps:indicator ?indicator ; bps:unit ?unit .
          FILTER NOT EXISTS {{ ?thing <{PREFIXES["qb"]}dataSet> {NamedNode(dataset)} }}
        }}""",
    ).rows
    used: dict[str, set[str]] = {}
    for indicator, unit in rows:
        if isinstance(indicator, NamedNode) and isinstance(unit, NamedNode):
            used.setdefault(indicator.value, set()).add(unit.value)
    text = f"{_PREFIXES} SELECT ?unit ?dimension WHERE {{ ?unit bps:dimension ?dimension }}"
    return UnitsInUse(
        {indicator: frozenset(units) for indicator, units in used.items()},
        {
            unit.value: dimension.value
            for unit, dimension in select(store, text).rows
            if isinstance(unit, NamedNode) and isinstance(dimension, NamedNode)
        },
    )


def _of_kind(store: Store, kind: str) -> Iterable[Name]:
    if kind in _CLASSES:
        classes = " ".join(f"bps:{name}" for name in _CLASSES[kind])
        return _names(store, f"VALUES ?class {{ {classes} }} ?thing a ?class")
    if kind.replace("-", "").isalnum() and kind.isascii():
        return _names(store, f"?thing skos:inScheme <{BASE}scheme/{kind}>")
    return ()


def _names(store: Store, pattern: str) -> Iterator[Name]:
    # A property variable with a filter would make the store walk over everything it holds.
    branches = " UNION ".join(
        f"{{ {pattern} . ?thing <{property}> ?name BIND({order} AS ?order) }}"
        for property, order in _ORDER.items()
    )
    found = []
    for thing, name, order in select(
        store, f"{_PREFIXES} SELECT ?thing ?name ?order WHERE {{ {branches} }}"
    ).rows:
        if isinstance(thing, NamedNode) and isinstance(name, Literal) and isinstance(order, Literal):
            rank = _LANGUAGES.index(name.language) if name.language in _LANGUAGES else 1
            found.append((int(order.value), rank, thing.value, name.value))
    for property, _, iri, text in sorted(found):
        yield Name(iri, text, property < len(_PREFERRED))


def _canonical_units(store: Store) -> dict[str, str]:
    rows = select(
        store, f"{_PREFIXES} SELECT ?measure ?unit WHERE {{ ?measure bps:canonicalUnit ?unit }}"
    ).rows
    return {
        measure.value: unit.value
        for measure, unit in rows
        if isinstance(measure, NamedNode) and isinstance(unit, NamedNode) and "/measure/" in measure.value
    }


def _expected(store: Store) -> Iterator[Expected]:
    rows = select(
        store,
        f"""{_PREFIXES}
        SELECT ?item ?measure ?segment ?kind ?unit ?words ?edition ?base ?group ?owner ?on
                        ?measuredIn ?delegate ?reference WHERE {{
          ?catalogue a bps:NationalBaseline ; bps:edition ?edition .
          ?provision bps:catalogue ?catalogue ; bps:item ?item ; bps:guarantee ?guarantee .
          ?guarantee bps:measure ?measure ; bps:kind ?kind .
          OPTIONAL {{ ?guarantee bps:segment ?segment }}
          OPTIONAL {{ ?guarantee bps:unit ?unit }}
          OPTIONAL {{ ?measure bps:canonicalUnit ?canonical }}
          BIND(COALESCE(?unit, ?canonical) AS ?measuredIn)
          OPTIONAL {{ ?guarantee bps:statedAs ?words FILTER(LANG(?words) = "zh") }}
          OPTIONAL {{ ?guarantee bps:baseMeasure ?base }}
          OPTIONAL {{ ?guarantee bps:baseSegment ?group }}
          OPTIONAL {{ ?guarantee bps:baseOwner ?owner }}
          OPTIONAL {{ ?guarantee bps:supplementTo ?on }}
          OPTIONAL {{ ?guarantee bps:delegatedTo ?delegate }}
          OPTIONAL {{ ?guarantee bps:reference ?reference }}
        }}""",
    )
    cells = [{name: "" if term is None else str(term.value) for name, term in row.items()} for row in rows]
    # To put these few in order here takes a tenth of what ORDER BY takes.
    cells.sort(key=itemgetter("measure", "segment", "kind", "unit", "words", "delegate", "reference"))
    cells.sort(key=itemgetter("edition"), reverse=True)
    cells.sort(key=itemgetter("item"))
    # A promise that follows several documents has as many rows.
    references: dict[Expected, dict[str, None]] = {}
    for cell in cells:
        promise = Expected(
            item=cell["item"],
            measure=cell["measure"],
            segment=cell["segment"] or None,
            kind=cell["kind"],
            unit=cell["unit"] or None,
            words=cell["words"],
            base_measure=cell["base"] or None,
            base_segment=cell["group"] or None,
            base_owner=cell["owner"] or None,
            supplement_to=cell["on"] or None,
            measured_in=cell["measuredIn"] or None,
            delegated_to=cell["delegate"] or None,
        )
        followed = references.setdefault(promise, {})
        if cell["reference"]:
            followed[cell["reference"]] = None
    for promise, followed in references.items():
        yield replace(promise, references=tuple(followed))
