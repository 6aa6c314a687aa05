"""What can be found in a store, as its saved queries say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, bind
from bpsgraph.publishing.searching.found import Kind
from bpsgraph.publishing.searching.index import Entry, Index
from bpsgraph.results import Text
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.base import Store, construct, select
from bpsgraph.terms import BASE, GRAPH, PREFIXES, SKOS
from bpsgraph.validation.shapes import ShapesGraph

_KINDS = "vocabulary/searchable-kinds"
_NAMES = "derive/searchable-names"
_TYPE = PREFIXES["rdf"] + "type"
_ROLES = {SKOS + "prefLabel": "label", SKOS + "altLabel": "other", SKOS + "notation": "code"}


def index_of(store: Store, library: Library, shapes: ShapesGraph | None = None) -> Index:
    """The index of what a store holds and, where shapes are given, of the rules that they are."""
    kinds: dict[str, Kind] = {}
    for row in select(store, bind(library[_KINDS], {})):
        name = Text(str(row["kind_zh"].value), str(row["kind_en"].value))  # type: ignore[union-attr]
        kinds[row["class"].value] = Kind(row["kind"].value, name)  # type: ignore[union-attr]
    asked = bind(library[_NAMES], {"class": [NamedNode(iri) for iri in kinds]})
    triples = list(construct(store, asked))
    if shapes is not None:
        with EmbeddedStore.in_memory() as rules:
            rules.replace_graph(GRAPH + "shapes", shapes.triples)
            triples += construct(rules, asked)
    return Index(_entries(triples, kinds), list(dict.fromkeys(kinds.values())))


def _entries(triples: Iterable[Triple], kinds: dict[str, Kind]) -> Iterator[Entry]:
    """The things that have a preferred name, by IRI; a thing of several kinds is of the first."""
    order = {iri: place for place, iri in enumerate(kinds)}
    classes: dict[str, str] = {}
    names: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for triple in triples:
        thing, value = triple.subject, triple.object
        if not isinstance(thing, NamedNode):
            continue
        if triple.predicate.value == _TYPE and isinstance(value, NamedNode):
            known = classes.get(thing.value)
            if known is None or order[value.value] < order[known]:
                classes[thing.value] = value.value
        elif isinstance(value, Literal):
            names[thing.value].add((_ROLES[triple.predicate.value], value.language or "", value.value))
    for iri in sorted(classes):
        borne = names.get(iri, set())
        said = {language: name for role, language, name in sorted(borne, reverse=True) if role == "label"}
        if not said:
            continue
        anyone = min(said.values())
        label = Text(said.get("zh", said.get("en", anyone)), said.get("en", said.get("zh", anyone)))
        ordered = dict.fromkeys((name, role) for role, _, name in sorted(borne, key=_order))
        spelled = {name for name, _ in ordered}
        key = _key(iri)
        listed = (*ordered, (key, "key")) if key not in spelled else tuple(ordered)
        yield Entry(iri, kinds[classes[iri]], label, listed)


def _order(name: tuple[str, str, str]) -> tuple[int, str, str]:
    role, language, text = name
    return list(_ROLES.values()).index(role), language, text


def _key(iri: str) -> str:
    """What tells a thing from others of its class: `140500/2021` of a catalogue, the name of a term."""
    if iri.startswith(BASE):
        return iri.removeprefix(BASE).partition("/")[2]
    return iri.rpartition("#")[2].rpartition("/")[2]
