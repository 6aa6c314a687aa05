"""What can be found in a store, as its saved queries say."""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from glob import escape
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph import opening
from bpsgraph.library import Library, bind
from bpsgraph.publishing.searching.found import Kind
from bpsgraph.publishing.searching.index import Index
from bpsgraph.publishing.searching.tables import Entry, Tables, is_file
from bpsgraph.results import Text
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.base import Store, construct, select
from bpsgraph.store.locking import make_durable
from bpsgraph.terms import BASE, GRAPH, PREFIXES, SKOS
from bpsgraph.validation.shapes import ShapesGraph

# Another one where the tables or the folding of names change.
_VERSION = 1
_KINDS = "vocabulary/searchable-kinds"
_NAMES = "derive/searchable-names"
_TYPE = PREFIXES["rdf"] + "type"
_ROLES = {SKOS + "prefLabel": "label", SKOS + "altLabel": "other", SKOS + "notation": "code"}


BESIDE = ".names"
"""What the file is called in which the index of a store is kept, after the name of the store."""


def kept_beside(store: Path) -> Path:
    """The file in which the index of a store is kept."""
    whole = store.absolute()
    return whole.with_name(whole.name + BESIDE)


def index_of(store: Store, library: Library, shapes: Sequence[Path] = (), kept: Path | None = None) -> Index:
    """The index of what a store holds and of the rules in files of shapes.

    Where a file is named, the index is read from it as long as it is of this generation of the store, and
    else made anew and written there, as it is when a search, for which the store has to be open still, finds
    the file damaged. One that cannot be written is made in memory, and so is one in whose place something
    else than a file stands (a folder, a pipe, a link), which is left as it is. Raises what reading the shapes
    raises.
    """
    marker = store.marker if isinstance(store, EmbeddedStore) else None
    if kept is None or marker is None:
        return Index.of(*_things(store, library, shapes))
    digest = _digest(marker.manifest, library, shapes)

    def anew() -> Tables:
        return _made(kept, digest, *_things(store, library, shapes))

    return Index(Tables.kept(kept, digest, anew) or anew())


def _made(kept: Path, digest: str, things: Sequence[Entry], kinds: Sequence[Kind]) -> Tables:
    """The tables of these things, kept in the file where they can be."""
    # Nobody else has a draft of this name, so that what is put in place is whole.
    draft = kept.with_name(f"{kept.name}.{token_hex(8)}.draft")
    try:
        if is_file(kept) or not os.path.lexists(kept):
            _clear_drafts(kept)
            made = Tables.of(things, kinds, draft, digest)
            make_durable(draft)
            draft.replace(kept)
            make_durable(kept.parent)
            return made
    except (OSError, sqlite3.Error):
        with suppress(OSError):
            draft.unlink()
    return Tables.of(things, kinds)


def _clear_drafts(kept: Path) -> None:
    """Take away what is left of those who were ended; who still writes one finds it gone and needs none."""
    for draft in kept.parent.glob(f"{escape(kept.name)}.*.draft"):
        if is_file(draft):
            draft.unlink(missing_ok=True)


def _digest(manifest: str, library: Library, shapes: Iterable[Path]) -> str:
    """The hash of all that an index is made of, and of the way in which it is."""
    made = sha256(f"{_VERSION} {manifest}".encode())
    for name in (_KINDS, _NAMES):
        made.update(library.text(name).encode())
    for file in shapes:
        made.update(opening.content(file))
    return made.hexdigest()


def _things(store: Store, library: Library, shapes: Sequence[Path]) -> tuple[list[Entry], list[Kind]]:
    kinds: dict[str, Kind] = {}
    for row in select(store, bind(library[_KINDS], {})):
        name = Text(str(row["kind_zh"].value), str(row["kind_en"].value))  # type: ignore[union-attr]
        kinds[row["class"].value] = Kind(row["kind"].value, name)  # type: ignore[union-attr]
    asked = bind(library[_NAMES], {"class": [NamedNode(iri) for iri in kinds]})
    triples = list(construct(store, asked))
    if shapes:
        with EmbeddedStore.in_memory() as rules:
            rules.replace_graph(GRAPH + "shapes", ShapesGraph.read(shapes).triples)
            triples += construct(rules, asked)
    return list(_entries(triples, kinds)), list(dict.fromkeys(kinds.values()))


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
