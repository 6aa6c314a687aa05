"""The derived graphs of a whole store: segments, numbers, floors, and one graph of verdicts per catalogue.

Each derived graph is replaced as a whole. A catalogue's carries the hash of the graph that it was derived
from, so that a reader can tell a stale one (MODEL.md, section 6 of the design).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.results import Triples
from bpsgraph.store.base import Store, ask, construct, select
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, GRAPH, SOURCE_HASH, WAS_DERIVED_FROM
from bpsgraph.validation import verdicts
from bpsgraph.validation.verdicts import LEFT_OUT
from bpsgraph.validation.workspace import Prepared

PLACES = f"{verdicts.WORKING}places"
_SEVERAL = 24
_THRESHOLDS = GRAPH + "vocabulary/"
_DERIVED = tuple(
    GRAPH + kind for kind in ("quantities/", "floors/", "verdicts/", "tallies/", "peers/", "totals/")
)
KEPT = ("summary", "noteworthy", "tallies")
"""The queries that say what is kept of a comparison, in the derived graph of its catalogue."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A catalogue as it is in the store, with its numbers and with what is kept of its verdicts.

    None is kept of one that has to be compared by itself.
    """

    catalogue: str
    source: Triples
    numbers: Triples
    kept: frozenset[Triple] | None


def derive_all(store: Store, library: Library) -> Iterator[tuple[str, Triples]]:
    """Every derived graph with its name, in an order in which each needs only what came before.

    What the store holds of them already is not looked at.
    """
    catalogues = catalogues_of(store)
    places = sorted({place for place, _ in catalogues.values()})
    above = chain(store, library, places)
    apart = standing_alone(store, catalogues, above)
    if len(apart) < _SEVERAL:
        apart = {}
    work = EmbeddedStore.in_memory()
    passed_over = {*apart.values()}
    for graph in store.graphs():
        if not graph.startswith((*LEFT_OUT, *_DERIVED)) and not is_own(graph) and graph not in passed_over:
            work.replace_graph(graph, store.graph(graph))
    work.replace_graph(PLACES, above)

    verdicts.cover_segments(work, library)
    yield verdicts.SEGMENT_COVER, work.graph(verdicts.SEGMENT_COVER)
    owners = [place for place in places if not place_is_lowest(work, place)]
    if apart:
        yield from _derive_together(store, work, library, catalogues, apart, owners)
        return
    verdicts.derive_quantities(work, library, list(catalogues))
    for catalogue in catalogues:
        yield quantities_graph(catalogue), gathered(work, catalogue)
    for owner, floors in verdicts.derive_floors(work, library, owners).items():
        if len(floors):
            yield verdicts.floors_graph(owner), floors
    prepared = Prepared(work, library)
    for catalogue, (place, graph) in catalogues.items():
        yield verdicts.verdicts_graph(catalogue), judged(work, library, prepared, catalogue, place, graph)
    for owner in owners:
        verdicts.derive_peers(work, library, owner)
        yield from _peers(work, owner)


def _derive_together(
    store: Store,
    work: EmbeddedStore,
    library: Library,
    catalogues: Mapping[str, tuple[str, str]],
    apart: Mapping[str, str],
    owners: Sequence[str],
) -> Iterator[tuple[str, Triples]]:
    """The numbers, the floors, the verdicts on all catalogues, and the peers."""
    # Columns take long to load, and a small store needs none.
    from bpsgraph.validation.together import Peers, Whole, compared, derive_quantities, floors_of

    whole = Whole(library)
    whole.add(work.triples())
    others = [name for name in catalogues if name not in apart]
    derive_quantities(work, whole, others)
    for catalogue in others:
        yield quantities_graph(catalogue), gathered(work, catalogue)
    floors = floors_of(work, whole, owners)
    del whole
    for owner, stated in floors.items():
        if len(stated):
            yield verdicts.floors_graph(owner), stated
    peers = Peers(library)
    for graph in work.graphs():
        if graph == PLACES or graph.startswith(_THRESHOLDS):
            peers.add(work.graph(graph))
    for stated in floors.values():
        peers.add(stated)
    national = {name: graph for name, (place, graph) in catalogues.items() if place == verdicts.STATE}
    for catalogue, graph in national.items():
        source = work.graph(graph)
        derived = Triples(kept(work, library, catalogue) | provenance(catalogue, graph, source))
        peers.add(derived)
        peers.add(source)
        yield verdicts.verdicts_graph(catalogue), derived
    local = {name: where for name, where in catalogues.items() if name not in national}
    # Those whose floors others have to meet come first: nothing that others need of them is on the table yet.
    order = sorted(local, key=lambda name: (local[name][0] not in owners, name))
    for each in compared(store, work, library, [(one, local[one][1]) for one in order]):
        graph = local[each.catalogue][1]
        numbers, found = each.numbers, each.kept
        if found is None:
            with Prepared(work, library).comparing(each.source, each.catalogue) as beside:
                numbers, found = gathered(beside, each.catalogue), kept(beside, library, each.catalogue)
        if each.catalogue in apart:
            yield quantities_graph(each.catalogue), numbers
        derived = Triples(found | provenance(each.catalogue, graph, each.source))
        peers.add(derived)
        peers.add(each.source)
        yield verdicts.verdicts_graph(each.catalogue), derived
    yield from peers.derive(owners)


def _peers(work: EmbeddedStore, owner: str) -> Iterator[tuple[str, Triples]]:
    for name in (verdicts.tallies_graph(owner), verdicts.peers_graph(owner)):
        if found := work.graph(name):
            yield name, found


def standing_alone(
    store: Store, catalogues: Mapping[str, tuple[str, str]], places: Iterable[Triple]
) -> dict[str, str]:
    """The catalogues, with their graphs, from which nothing about any other is derived.

    They are of places that nobody lies within, describe no segments, which all are compared by, and no other
    graph speaks of anything that they describe.
    """
    county = NamedNode(f"{BASE}level/county")
    lowest = {triple.subject.value for triple in places if triple.object == county}  # type: ignore[union-attr]
    of_segments = {str(row["graph"]) for row in select(store, _OF_SEGMENTS)}
    found = {}
    for catalogue, (place, graph) in catalogues.items():
        if place in lowest and f"<{graph}>" not in of_segments:
            key = catalogue.removeprefix(BASE + "catalogue/")
            rows = tuple(f"{BASE}{kind}/{key}/" for kind in ("catalogue", "provision", "guarantee"))
            # Reading the terms of a triple costs far more than finding it.
            said = select(
                store, f"SELECT DISTINCT ?thing WHERE {{ GRAPH <{graph}> {{ ?thing ?property ?value }} }}"
            )
            subjects = {row["thing"] for row in said}
            things = {thing for thing in subjects if not str(thing.value).startswith(rows)}  # type: ignore[union-attr]
            if all(isinstance(thing, NamedNode) for thing in things):
                speaking = {row["graph"].value for row in select(store, _speaking_of(things))}  # type: ignore[union-attr]
                if all(one == graph or one.startswith(_DERIVED) for one in speaking):
                    found[catalogue] = graph
    return found


_OF_SEGMENTS = f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?segment a <{BPS}Segment> }} }}"


def _described_in(graph: str) -> str:
    return f"SELECT DISTINCT ?thing WHERE {{ GRAPH <{graph}> {{ ?thing ?property ?value }} }}"


def _speaking_of(things: Iterable[object]) -> str:
    values = " ".join(sorted(map(str, things)))
    return (
        "SELECT DISTINCT ?graph WHERE { "
        f"{{ VALUES ?thing {{ {values} }} GRAPH ?graph {{ ?thing ?property ?value }} }} UNION "
        f"{{ VALUES ?thing {{ {values} }} GRAPH ?graph {{ ?other ?property ?thing }} }} }}"
    )


def judged(
    work: Store, library: Library, prepared: Prepared, catalogue: str, place: str, graph: str
) -> Triples:
    """The verdicts on a catalogue that are kept, and the counts of the others.

    `work` has its floors, and `prepared` is made of it. They are put there too: peers are counted over what
    is kept, in a build as after a single change.
    """
    if place == verdicts.STATE:
        found = kept(work, library, catalogue)
    else:
        with prepared.comparing(work.graph(graph), catalogue) as beside:
            found = kept(beside, library, catalogue)
    derived = Triples(found | provenance(catalogue, graph, work.graph(graph)))
    work.replace_graph(verdicts.verdicts_graph(catalogue), derived)
    return derived


def kept(compared: Store, library: Library, catalogue: str) -> frozenset[Triple]:
    """What is kept of the verdicts on a catalogue, where they have been derived in `compared`."""
    this = {"catalogue": NamedNode(catalogue)}
    texts = (filled(library.text(f"derive/{name}"), this) for name in KEPT)
    return frozenset().union(*(construct(compared, text).triples for text in texts))


def catalogues_of(store: Store) -> dict[str, tuple[str, str]]:
    """The jurisdiction and the graph of every catalogue in the store, by catalogue, sorted."""
    found = {}
    for row in select(store, _CATALOGUES):
        catalogue, place, graph = row["catalogue"], row["place"], row["graph"]
        assert isinstance(graph, NamedNode)
        if is_own(graph.value):
            continue
        assert isinstance(catalogue, NamedNode)
        assert isinstance(place, NamedNode)
        found[catalogue.value] = (place.value, graph.value)
    return dict(sorted(found.items()))


# Editions first: thirty times as many agencies as catalogues have a jurisdiction.
_CATALOGUES = f"""
SELECT ?catalogue ?place ?graph
WHERE {{ GRAPH ?graph {{ ?catalogue <{BPS}edition> ?edition ; <{BPS}jurisdiction> ?place }} }}
"""


def place_is_lowest(store: Store, place: str) -> bool:
    """Whether nothing can lie within the jurisdiction, so that nobody has to meet its floors."""
    return ask(store, f"ASK {{ <{place}> <{BPS}level> <{BASE}level/county> }}")


def quantities_graph(catalogue: str) -> str:
    """The name of the graph that holds the comparable numbers of a catalogue."""
    return f"{GRAPH}quantities/{catalogue.removeprefix(BASE + 'catalogue/')}"


def gathered(work: Store, catalogue: str) -> Triples:
    """The comparable numbers of a catalogue, where they have been derived in `work`."""
    names = (*verdicts.QUANTITIES, *verdicts.REFERENCES)
    key = catalogue.removeprefix(BASE)
    return Triples(
        frozenset(t for name in names for t in work.graph(f"{verdicts.WORKING}{name}/{key}").triples)
    )


def chain(store: Store, library: Library, places: list[str]) -> set[Triple]:
    """The jurisdictions with all that are above them."""
    found: set[Triple] = set()
    wanted = set(places)
    known: set[str] = set()
    while wanted:
        known |= wanted
        things = [NamedNode(place) for place in sorted(wanted)]
        triples = construct(store, filled(library.text("derive/described"), {"thing": things})).triples
        found |= triples
        above = {
            t.object.value
            for t in triples
            if t.predicate.value == BPS + "within" and isinstance(t.object, NamedNode)
        }
        wanted = above - known
    return found


def provenance(catalogue: str, graph: str, source: Triples) -> set[Triple]:
    """Of which graph the verdicts on a catalogue were derived, and its hash."""
    name = NamedNode(verdicts.verdicts_graph(catalogue))
    return {
        Triple(name, WAS_DERIVED_FROM, NamedNode(graph)),
        Triple(name, SOURCE_HASH, Literal(source.content_hash())),
    }
