"""A draft in a file: what it states, and what it would do to the catalogues of a store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.analysis.editions.statements import STATE, Cells, Reader, Side
from bpsgraph.ingest import Submission
from bpsgraph.library import Library, filled
from bpsgraph.results import Triples
from bpsgraph.stated import Units
from bpsgraph.store import EmbeddedStore, Store, select
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF_TYPE, XSD
from bpsgraph.validation import Moment, to_judge
from bpsgraph.validation import verdicts as derivation
from bpsgraph.validation.derived import PLACES, catalogues_of, chain, quantities_graph
from bpsgraph.validation.verdicts import LEFT_OUT
from bpsgraph.validation.workspace import Prepared

_CATALOGUE = NamedNode(BPS + "Catalogue")
_BASELINE = NamedNode(BPS + "NationalBaseline")
_FROM = NamedNode(BPS + "validFrom")
_UNTIL = NamedNode(BPS + "validUntil")
_ITEM = NamedNode(BPS + "item")
_EXTENT = NamedNode(BPS + "extent")
_COMPLETE = NamedNode(BASE + "extent/complete")
# What is derived anew, or not needed to judge a catalogue.
_NOT_COPIED = (*LEFT_OUT, GRAPH + "verdicts/", GRAPH + "peers/", GRAPH + "tallies/")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is read; `unread` counts the remarks of the reader on what it could not take."""

    name: str
    catalogue: str
    owner: str
    complete: bool
    triples: frozenset[Triple]
    unread: int

    @property
    def items(self) -> frozenset[NamedNode]:
        """The items that it has a row for."""
        return frozenset(
            t.object for t in self.triples if t.predicate == _ITEM and isinstance(t.object, NamedNode)
        )


def draft_of(submission: Submission, catalogue: str) -> Draft:
    """The draft that a file describes: a national baseline where its place is the State, else a local one."""
    triples = {
        t
        for t in to_judge(submission).triples
        if not (isinstance(t.subject, NamedNode) and t.subject.value.startswith(f"{BASE}remark/"))
    }
    node = NamedNode(catalogue)
    about = [t for t in triples if t.subject == node]
    owner = next(str(t.object.value) for t in about if t.predicate.value == BPS + "jurisdiction")  # type: ignore[union-attr]
    if owner == STATE:
        # A workbook knows catalogues only.
        triples -= {Triple(node, RDF_TYPE, _CATALOGUE)}
        triples |= {Triple(node, RDF_TYPE, _BASELINE)}
    complete = any(t.predicate == _EXTENT and t.object == _COMPLETE for t in about)
    return Draft(submission.name, catalogue, owner, complete, frozenset(triples), len(submission.remarks))


def side_of(draft: Draft, store: Store, library: Library, units: Units) -> Side:
    """What the draft states, with the names that the store has for what it speaks of."""
    work = Prepared(store, library).compare(draft.triples, draft.catalogue)
    return Reader(work, library, units).text_of(draft.catalogue, draft.name)


def falling_short(draft: Draft, store: Store, library: Library) -> Iterator[Cells]:
    """The rows of `analysis/falling-short` for every catalogue below, as if the draft were in force.

    A complete draft is compared by its text. Of any other the floors count that it makes or moves, on the
    day on which it begins to hold; that is its own day where nothing in the store holds later, else the
    first day after the newest.
    """
    day = _day(draft, store, library)
    after = _store_with(draft, day, store, library)
    moment = Moment(edition=draft.catalogue) if draft.complete else Moment(day=day)
    text = library.text("analysis/falling-short")
    prepared = Prepared(after, library)
    for catalogue, (place, graph) in catalogues_of(store).items():
        triples = store.graph(graph).triples
        if place == draft.owner or not _concerned(triples, draft):
            continue
        asked = {"owner": NamedNode(draft.owner), "catalogue": NamedNode(catalogue), **_asked(moment)}
        with prepared.comparing(triples, catalogue, moment=moment) as work:
            found = select(work, filled(text, asked))
        for row in found:
            begins = row["from"]
            if draft.complete or (isinstance(begins, Literal) and begins.value == day.isoformat()):
                yield row


def _asked(moment: Moment) -> dict[str, NamedNode | Literal]:
    if moment.edition:
        return {"edition": NamedNode(moment.edition)}
    assert moment.day is not None
    return {"date": _literal(moment.day)}


def _concerned(triples: frozenset[Triple], draft: Draft) -> bool:
    items = draft.items
    return any(
        (t.predicate == _ITEM and t.object in items) or (t.predicate == _EXTENT and t.object == _COMPLETE)
        for t in triples
    )


def _day(draft: Draft, store: Store, library: Library) -> date:
    node = NamedNode(draft.catalogue)
    said = {
        t.predicate.value: date.fromisoformat(t.object.value)
        for t in draft.triples
        if t.subject == node
        and t.predicate.value in (BPS + "validFrom", DCT + "issued")
        and isinstance(t.object, Literal)
    }
    own = said.get(BPS + "validFrom") or said.get(DCT + "issued")
    rows = select(store, filled(library.text("floors/in-force"), {"owner": NamedNode(draft.owner)}))
    begun = [date.fromisoformat(row["from"].value) for row in rows if isinstance(row["from"], Literal)]
    if not begun:
        return own or date.min
    return own if own is not None and own > max(begun) else max(begun) + timedelta(days=1)


def _store_with(draft: Draft, day: date, store: Store, library: Library) -> EmbeddedStore:
    """A copy of the store with the draft in force from that day, and with the floors of its owner."""
    graph = GRAPH + draft.catalogue.removeprefix(BASE)
    replaced = {graph, quantities_graph(draft.catalogue)}
    after = EmbeddedStore.in_memory()
    for name in store.graphs():
        if name not in replaced and not name.startswith(_NOT_COPIED):
            after.replace_graph(name, store.graph(name))
    places = sorted({place for place, _ in catalogues_of(store).values()} | {draft.owner})
    after.replace_graph(PLACES, chain(store, library, places))
    dated = {t for t in draft.triples if t.predicate not in (_FROM, _UNTIL)}
    after.replace_graph(graph, dated | {Triple(NamedNode(draft.catalogue), _FROM, _literal(day))})
    derivation.derive_quantities(after, library, [draft.catalogue])
    floors = derivation.derive_floors(after, library, [draft.owner])
    after.replace_graph(derivation.floors_graph(draft.owner), Triples(floors[draft.owner].triples))
    return after


def _literal(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))
