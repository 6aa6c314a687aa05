"""What stays of a thing that was withdrawn: that it was, what it was called, when, by whom and why.

The record is in the journal (docs/journal.md) and in the store, in `graph/withdrawn/...`. The rows, promises
and verdicts of a catalogue went with it.
"""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.publishing.versions import Versions, versions_of
from bpsgraph.results import Text, Triples
from bpsgraph.store import Store
from bpsgraph.store.journal import CHANGES, WITHDRAWN, WITHDRAWN_OBSERVATIONS
from bpsgraph.terms import BASE, BPS, DCT, FOAF, PROV, short

_PARTS = ("provision", "guarantee", "verdict")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A thing that was withdrawn.

    `withdrawn` is the catalogue or data set that was taken out of the store: the thing, or what it was a part
    of. `at` is a time in UTC (`xsd:dateTime`), `entry` the number in the journal. `versions`
    are the editions of the place before and after it that the store holds. `triples` is the record, with the
    thing among its subjects.
    """

    thing: str
    withdrawn: str
    title: Text
    at: str
    by: str
    reason: str
    entry: int
    content_hash: str
    versions: Versions
    triples: Triples


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
    return Tombstone(
        thing=thing,
        withdrawn=withdrawn,
        title=Text(titles.get("zh", name), titles.get("en", name)),
        at=_text(said.get(PROV + "invalidatedAtTime")),
        by=next((_text(t.object) for t in activity if t.predicate.value == FOAF + "name"), ""),
        reason=_text(said.get(DCT + "description")),
        entry=entry,
        content_hash=_text(said.get(BPS + "contentHash")),
        versions=versions_of(store, withdrawn),
        triples=Triples(frozenset(triples)),
    )


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
