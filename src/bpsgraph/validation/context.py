"""What a submission is judged against: the vocabulary, the floors above it, and whatever it refers to.

The part that all submissions share is found once; the rest is small. Neither holds a row of another catalogue
as such: only what was submitted is ever a finding's focus.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.store.base import Store, construct
from bpsgraph.store.changed import Changed, graph_of
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF_TYPE
from bpsgraph.validation.verdicts import STATE, floors_graph, peers_graph, takes_part

# Copied whole: they are small, and any submission may use any of it.
SHARED_WHOLE = tuple(GRAPH + name for name in ("vocabulary/", "items", "cost-sharing"))
# Rows of other catalogues and what is derived from them are never followed.
_NOT_FOLLOWED = tuple(BASE + name for name in ("provision/", "guarantee/", "verdict/", "floor/"))
_ROWS = {NamedNode(BPS + name) for name in ("Catalogue", "Provision", "Guarantee")}
_GUARANTEE = NamedNode(BPS + "guarantee")
_CATALOGUE = NamedNode(BPS + "catalogue")
_FOLLOWS = NamedNode(BPS + "follows")
_SOURCE = NamedNode(DCT + "source")
_PLACES = BASE + "jurisdiction/"
_VERDICT = BASE + "verdict/"
_REFERRED = GRAPH + "working/referred"
_ITEM = NamedNode(BPS + "item")
_JURISDICTION = NamedNode(BPS + "jurisdiction")
_REFERENCE = NamedNode(BPS + "reference")
_WITHIN = NamedNode(BPS + "within")
# What is remembered of a store between two submissions, in things and in jurisdictions or documents.
_MOST_THINGS, _MOST_OWNERS = 20_000, 100

Known = Callable[[NamedNode], bool]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a store says of a thing, and the things that this names."""

    triples: frozenset[Triple]
    named: frozenset[NamedNode]


class Surroundings:
    """A store as the surroundings of catalogues; what was asked once is remembered, so it must not change."""

    def __init__(self, store: Store | Changed, library: Library) -> None:
        self.store = store
        self.library = library
        self._described: dict[NamedNode, _Said] = {}
        self._referred: dict[tuple[frozenset[object], frozenset[object]], frozenset[Triple]] = {}
        self._above: dict[str, frozenset[Triple]] = {}

    def shared(self) -> set[Triple]:
        """The part of the context that is the same for every submission: with the floors of the State."""
        context = {
            triple
            for graph in self.store.graphs()
            if graph.startswith(SHARED_WHOLE)
            for triple in self.store.graph(graph)
        }
        context |= self._reached(context)
        context |= self.store.graph(floors_graph(STATE)).triples
        # The words of a finding name the clause, the source and the edition of a floor.
        return without_rows(context | self._reached(context))

    def around(self, submission: Iterable[Triple], shared: Known = lambda thing: False) -> set[Triple]:
        """The rest of the context; `shared` tells what the shared part describes.

        No triple has a subject that the submission describes itself.
        """
        submission = set(submission)
        own = {triple.subject for triple in submission}
        context = self._reached(submission, shared)
        stated: set[Triple] = set()
        for owner in self.owners(submission, context):
            stated |= self.stated_by(owner)
        context |= stated | self._reached(stated, shared)
        context |= self.referred_to(submission)
        return {triple for triple in without_rows(context) if triple.subject not in own}

    def followed(self, things: Set[NamedNode], known: Known) -> set[Triple]:
        """What the store says of the things, of what these refer to, and so on, as far as it is not known."""
        return without_rows(self._followed(set(things), set(), known))

    def owners(self, submission: Iterable[Triple], context: Iterable[Triple] = ()) -> list[str]:
        """The jurisdictions above those that the submission names, the State included."""
        submission = set(submission)
        frontier: set[object] = {t.object for t in submission if t.predicate == _JURISDICTION}
        above = defaultdict[object, set[object]](set)
        for triple in (*submission, *context):
            if triple.predicate == _WITHIN:
                above[triple.subject].add(triple.object)
        found: set[object] = set()
        while frontier:
            higher = {
                owner
                for place in frontier
                if isinstance(place, NamedNode)
                for owner in above.get(place) or {t.object for t in self._of(place) if t.predicate == _WITHIN}
            }
            frontier = higher - found
            found |= higher
        return sorted({STATE, *(owner.value for owner in found if isinstance(owner, NamedNode))})

    def referred_to(self, submission: set[Triple]) -> frozenset[Triple]:
        """What the documents that the submission refers to state on the items in which it does."""
        documents = {t.object for t in submission if t.predicate == _REFERENCE}
        referring = {t.subject for t in submission if t.predicate == _REFERENCE}
        rows = {t.subject for t in submission if t.predicate == _GUARANTEE and t.object in referring}
        items = {t.object for t in submission if t.predicate == _ITEM and t.subject in rows}
        return self.referenced(documents, items)

    def referenced(self, documents: Set[object], items: Set[object]) -> frozenset[Triple]:
        """What the documents state on the items."""
        if not documents or not items:
            return frozenset()
        key = (frozenset[object](documents), frozenset[object](items))
        if key not in self._referred:
            if len(self._referred) >= _MOST_OWNERS:
                self._referred.clear()
            self._referred[key] = self._asked("referenced-statements", document=documents, item=items)
        return self._referred[key]

    def stated_by(self, owner: str) -> frozenset[Triple]:
        """The floors of a jurisdiction, where it is not the State, and how places stand to its floors."""
        if owner not in self._above:
            if len(self._above) >= _MOST_OWNERS:
                self._above.clear()
            found = frozenset[Triple]()
            if not isinstance(self.store, Changed):
                # Nothing is derived from how others stand to the floors.
                found = self.store.graph(peers_graph(owner)).triples
            if owner != STATE:
                found |= self.store.graph(floors_graph(owner)).triples
            self._above[owner] = found
        return self._above[owner]

    def _reached(self, triples: Set[Triple], shared: Known = lambda thing: False) -> set[Triple]:
        """What the store says of the things that the triples refer to, of what these refer to, and so on."""
        known: set[object] = {triple.subject for triple in triples}
        wanted = {thing for thing in named_in(triples) if thing not in known and not shared(thing)}
        return self._followed(wanted, known, shared)

    def _followed(self, wanted: set[NamedNode], known: set[object], shared: Known) -> set[Triple]:
        found: set[Triple] = set()
        while wanted:
            known |= wanted
            self._look_up(wanted)
            leads: set[NamedNode] = set()
            for thing in wanted:
                said = self._described[thing]
                found |= said.triples
                leads |= said.named
            wanted = {thing for thing in leads if thing not in known and not shared(thing)}
        return found

    def _of(self, thing: NamedNode) -> frozenset[Triple]:
        self._look_up({thing})
        return self._described[thing].triples

    def _look_up(self, things: set[NamedNode]) -> None:
        if len(self._described) > _MOST_THINGS:
            self._described.clear()
        missing = things - self._described.keys()
        if missing:
            said = defaultdict[object, set[Triple]](set)
            for triple in self._asked("described", thing=missing):
                said[triple.subject].add(triple)
            for thing in missing:
                self._described[thing] = _Said(frozenset(said[thing]), frozenset(named_in(said[thing])))

    def _asked(self, query: str, **parameters: Iterable[object]) -> frozenset[Triple]:
        values: dict[str, list[NamedNode]] = {}
        for name, things in parameters.items():
            nodes = (thing for thing in things if isinstance(thing, NamedNode))
            values[name] = sorted(nodes, key=lambda node: node.value)
        if not all(values.values()):
            return frozenset()
        asked, store = filled(self.library.text(f"derive/{query}"), values), self.store
        if isinstance(store, Changed) and query == "described":
            return frozenset(triple for thing in values["thing"] for triple in said_of(store, thing))
        if query == "referenced-statements" and (isinstance(store, Changed) or _is_on_disk(store)):
            # Looked up one by one it takes a third of the time, however many catalogues there are.
            changed = store if isinstance(store, Changed) else Changed(store, {})  # type: ignore[arg-type]
            with EmbeddedStore.in_memory() as work:
                found = _around_documents(changed, values["document"], {*values["item"]})
                work.replace_graph(_REFERRED, found)
                return construct(work, asked).triples
        assert not isinstance(store, Changed)
        return construct(store, asked).triples


def _is_on_disk(store: Store) -> bool:
    return isinstance(store, EmbeddedStore) and store.marker is not None


def said_of(changed: Changed, thing: NamedNode | BlankNode) -> set[Triple]:
    """What the graphs say of a thing that take part in derivations; of a place all say it."""
    everywhere = isinstance(thing, NamedNode) and thing.value.startswith(_PLACES)

    def counts(graph: str) -> bool:
        return takes_part(graph) or (everywhere and not is_own(graph))

    # Hundreds of cities repeat what a text of the State says.
    return changed.said_of(thing, counts)


def _around_documents(changed: Changed, documents: Iterable[NamedNode], items: set[NamedNode]) -> set[Triple]:
    """What `referenced-statements` may find: rows of the catalogues from these documents, and their ends."""
    found: set[Triple] = set()
    wanted = set[object]()
    for document in documents:
        for source in _stating(changed, _SOURCE, document):
            found.add(Triple(source, _SOURCE, document))
            for row in _stating(changed, _CATALOGUE, source):
                if isinstance(row, NamedNode) and row.value.startswith(_VERDICT):
                    continue
                if any(quad.object in items for quad in changed.statements(row, _ITEM)):
                    of_the_row = said_of(changed, row)
                    found |= of_the_row
                    wanted |= {triple.object for triple in of_the_row if triple.predicate == _GUARANTEE}
    known: set[object] = set()
    while wanted:
        known |= wanted
        said = {t for thing in wanted if isinstance(thing, NamedNode) for t in said_of(changed, thing)}
        found |= said
        wanted = {object for _, predicate, object in said if predicate == _FOLLOWS} - known
    return found


def _stating(
    changed: Changed, predicate: NamedNode, object: NamedNode | BlankNode
) -> set[NamedNode | BlankNode]:
    """The things of which a graph that takes part says this."""
    return {
        quad.subject
        for quad in changed.statements(None, predicate, object)
        if takes_part(graph_of(quad)) and not isinstance(quad.subject, Triple)
    }


def named_in(triples: Iterable[Triple]) -> set[NamedNode]:
    """The things of this project that the triples say something with; no rows, and nothing derived."""
    return {
        thing
        for thing in {triple.object for triple in triples}
        if isinstance(thing, NamedNode) and is_followed(thing.value)
    }


def is_followed(iri: str) -> bool:
    """Whether it is a thing of this project, no row, and nothing derived."""
    return iri.startswith(BASE) and not iri.startswith(_NOT_FOLLOWED)


def without_rows(triples: Iterable[Triple]) -> set[Triple]:
    """The triples save those that call something a catalogue or a row of one."""
    return {triple for triple in triples if not (triple.predicate == RDF_TYPE and triple.object in _ROWS)}
