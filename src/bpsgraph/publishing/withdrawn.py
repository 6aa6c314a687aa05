"""What stays of a thing that was withdrawn: that it was, what it was called, when, by whom and why.

The record is in the journal (docs/journal.md) and in the store, in `graph/withdrawn/...`. The rows, promises
and verdicts of a catalogue went with it.
"""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.results import Text, Triples
from bpsgraph.store import Store, select
from bpsgraph.store.journal import CHANGES, WITHDRAWN, WITHDRAWN_OBSERVATIONS
from bpsgraph.terms import BASE, BPS, DCT, FOAF, PROV, short

_COMPLETE = NamedNode(BASE + "extent/complete")
_PARTS = ("provision", "guarantee", "verdict")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A thing that was withdrawn.

    `withdrawn` is the catalogue or data set that was taken out of the store: the thing, or what it was a part
    of. `at` is a time in UTC (`xsd:dateTime`), `entry` the number in the journal. `predecessor` and
    `successor` are the catalogues of the place before and after it that the store holds, by IRI. `triples`
    is the record, with the thing among its subjects.
    """

    thing: str
    withdrawn: str
    title: Text
    at: str
    by: str
    reason: str
    entry: int
    content_hash: str
    predecessor: str | None
    successor: str | None
    triples: Triples


@dataclass(frozen=True, slots=True)
class Versions:
    """The catalogues of the same place right before and after a catalogue, by IRI, where there are such."""

    predecessor: str | None
    successor: str | None


def tombstone(store: Store, thing: str) -> Tombstone | None:
    """What stays of a thing, by its IRI; None where it was not withdrawn, or has been accepted again."""
    withdrawn = _withdrawn_whole(thing)
    if withdrawn is None:
        return None
    kind, _, key = withdrawn.removeprefix(BASE).partition("/")
    try:
        record = store.graph((WITHDRAWN if kind == "catalogue" else WITHDRAWN_OBSERVATIONS) + key)
    except ValueError:
        # What is no IRI was never here.
        return None
    if not record:
        return None
    said = {triple.predicate.value: triple.object for triple in record}
    change = said[PROV + "wasInvalidatedBy"]
    assert isinstance(change, NamedNode)
    entry = int(change.value.rpartition("/")[2])
    activity = store.graph(f"{CHANGES}{entry}")
    titles = {
        str(triple.object.language): triple.object.value
        for triple in record
        if triple.predicate.value == DCT + "title" and isinstance(triple.object, Literal)
    }
    name = next(iter(titles.values()), short(withdrawn))
    triples = {*record, *activity}
    if thing != withdrawn:
        triples.add(Triple(NamedNode(thing), NamedNode(DCT + "isPartOf"), NamedNode(withdrawn)))
    versions = versions_of(store, withdrawn)
    return Tombstone(
        thing=thing,
        withdrawn=withdrawn,
        title=Text(titles.get("zh", name), titles.get("en", name)),
        at=_text(said.get(PROV + "invalidatedAtTime")),
        by=next((_text(t.object) for t in activity if t.predicate.value == FOAF + "name"), ""),
        reason=_text(said.get(DCT + "description")),
        entry=entry,
        content_hash=_text(said.get(BPS + "contentHash")),
        predecessor=versions.predecessor,
        successor=versions.successor,
        triples=Triples(frozenset(triples)),
    )


def versions_of(store: Store, catalogue: str) -> Versions:
    """The catalogues before and after one in the version history of its place (RFC 5829), by their keys.

    An excerpt, such as an amendment or what is known of a document on one item, is no version of a whole
    catalogue: only complete ones are compared.
    """
    code, _, edition = catalogue.removeprefix(BASE + "catalogue/").partition("/")
    begin = f"{BASE}catalogue/{code}/"
    rows = select(
        store,
        f"SELECT DISTINCT ?catalogue ?extent WHERE {{ ?catalogue a bps:Catalogue ; bps:extent ?extent ; "
        f"bps:jurisdiction {NamedNode(f'{BASE}jurisdiction/{code}')} }}",
    ).rows
    extents = {
        str(one.value).removeprefix(begin): extent for one, extent in rows if isinstance(one, NamedNode)
    }
    if extents.get(edition, _COMPLETE) != _COMPLETE:
        return Versions(None, None)
    complete = sorted(one for one, extent in extents.items() if extent == _COMPLETE)
    before = [one for one in complete if one < edition]
    after = [one for one in complete if one > edition]
    return Versions(begin + before[-1] if before else None, begin + after[0] if after else None)


def _withdrawn_whole(thing: str) -> str | None:
    """The catalogue or data set that a thing is or was a part of, as its key tells."""
    kind, _, key = thing.removeprefix(BASE).partition("/")
    if not thing.startswith(BASE) or not key:
        return None
    if kind in ("catalogue", "dataset"):
        return thing
    parts = key.split("/")
    if kind in _PARTS and len(parts) > 2:
        return f"{BASE}catalogue/{parts[0]}/{parts[1]}"
    return None


def _text(term: object) -> str:
    return term.value if isinstance(term, Literal) else ""
