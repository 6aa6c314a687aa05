"""The derived graphs of a whole store: segments, numbers, floors, and one graph of verdicts per catalogue.

Each derived graph is replaced as a whole. A catalogue's carries the hash of the graph that it was derived
from, so that a reader can tell a stale one (MODEL.md, section 6 of the design).
"""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, Value, bind
from bpsgraph.results import Triples
from bpsgraph.store.base import Store, ask, construct, select
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, GRAPH, SOURCE_HASH, WAS_DERIVED_FROM
from bpsgraph.validation import verdicts
from bpsgraph.validation.verdicts import LEFT_OUT
from bpsgraph.validation.workspace import Prepared

PLACES = f"{verdicts.WORKING}places"
KEPT = ("summary", "noteworthy", "tallies")
"""The queries that say what is kept of a comparison, in the derived graph of its catalogue."""


def derive_all(store: Store, library: Library) -> Iterator[tuple[str, Triples]]:
    """Every derived graph with its name, in an order in which each needs only what came before."""
    work = EmbeddedStore.in_memory()
    for graph in store.graphs():
        if not graph.startswith(LEFT_OUT) and not is_own(graph):
            work.replace_graph(graph, store.graph(graph))
    catalogues = catalogues_of(work)
    places = sorted({place for place, _ in catalogues.values()})
    work.replace_graph(PLACES, chain(store, library, places))

    verdicts.cover_segments(work, library)
    yield verdicts.SEGMENT_COVER, work.graph(verdicts.SEGMENT_COVER)
    verdicts.derive_quantities(work, library, list(catalogues))
    for catalogue in catalogues:
        yield quantities_graph(catalogue), gathered(work, catalogue)
    owners = [place for place in places if not place_is_lowest(work, place)]
    for owner, floors in verdicts.derive_floors(work, library, owners).items():
        if len(floors):
            yield verdicts.floors_graph(owner), floors
    prepared = Prepared(work, library)
    for catalogue, (place, graph) in catalogues.items():
        yield verdicts.verdicts_graph(catalogue), judged(work, library, prepared, catalogue, place, graph)
    for owner in owners:
        peers = verdicts.derive_peers(work, library, owner)
        if tallies := work.graph(verdicts.tallies_graph(owner)):
            yield verdicts.tallies_graph(owner), tallies
        if len(peers):
            yield verdicts.peers_graph(owner), peers


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
    this: dict[str, Value] = {"catalogue": NamedNode(catalogue)}
    return frozenset().union(
        *(construct(compared, bind(library[f"derive/{name}"], this)).triples for name in KEPT)
    )


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


_CATALOGUES = f"""
SELECT ?catalogue ?place ?graph
WHERE {{ GRAPH ?graph {{ ?catalogue <{BPS}jurisdiction> ?place ; <{BPS}edition> ?edition }} }}
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
        things: list[Value] = [NamedNode(place) for place in sorted(wanted)]
        triples = construct(store, bind(library["derive/described"], {"thing": things})).triples
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
