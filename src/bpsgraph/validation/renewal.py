"""What a change of some catalogues makes of the derived graphs: the same as a build does.

A catalogue of a place that nobody lies within changes its own verdicts and the figures of its peers; one of a
city or province its floors too, and with them the verdicts of all below it; one of the State everything.
"""

from collections.abc import Mapping

from pyoxigraph import NamedNode

from bpsgraph.library import Library
from bpsgraph.results import Difference, Triples
from bpsgraph.store.base import Store, ask
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.journal import CHANGES
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, DCT, GRAPH
from bpsgraph.validation import verdicts
from bpsgraph.validation.derived import (
    LEFT_OUT,
    PLACES,
    catalogues_of,
    chain,
    derive_all,
    gathered,
    judged,
    place_is_lowest,
    quantities_graph,
)
from bpsgraph.validation.workspace import Prepared

_NOTHING = Triples(frozenset())
_CATALOGUES = GRAPH + "catalogue/"
_PEERS = GRAPH + "peers/"
_OF_CATALOGUES = tuple(GRAPH + kind for kind in ("quantities/", "floors/", "verdicts/", "peers/"))
_CLOSURE = GRAPH + "closure"
_OF_EACH = (quantities_graph, verdicts.verdicts_graph)
DERIVED = (*_OF_CATALOGUES, verdicts.SEGMENT_COVER, _CLOSURE)


def renew(store: EmbeddedStore, library: Library, changes: Mapping[str, Triples]) -> dict[str, Difference]:
    """How graphs differ once the changes hold, by IRI: those changed and those derived.

    The store stays as it is."""
    if all(is_own(graph) or graph.startswith(CHANGES) for graph in changes):
        # Nothing is derived from graphs of one's own, and nothing from the record that they were written.
        return _differences(store, changes)
    after = _changed(store, library, changes)
    if all(graph.startswith(LEFT_OUT) or is_own(graph) for graph in changes):
        # Figures of indicators, for one, are nothing that a verdict is derived from.
        renewed: dict[str, Triples] | None = {}
    else:
        renewed = _renewed_in_part(store, after, library, changes)
    if renewed is None:
        renewed = {graph: _NOTHING for graph in store.graphs() if graph.startswith(DERIVED)}
        renewed |= dict(derive_all(after, library))
    renewed |= {_CLOSURE: after.graph(_CLOSURE), **changes}
    return _differences(store, renewed)


def _differences(store: Store, graphs: Mapping[str, Triples]) -> dict[str, Difference]:
    found = {graph: Difference.between(store.graph(graph), triples) for graph, triples in graphs.items()}
    return {graph: difference for graph, difference in found.items() if difference}


def _changed(store: EmbeddedStore, library: Library, changes: Mapping[str, Triples]) -> EmbeddedStore:
    """The store with the changes, and of all that is derived only what follows by the rules of inference."""
    # rdflib and owlrl take long to load, and most commands need neither.
    from bpsgraph.reasoning import close_data

    after = store.copied(DERIVED, lambda graph: not is_own(graph))
    for graph, triples in changes.items():
        if not is_own(graph):
            after.replace_graph(graph, triples)
    close_data(after, {name: library[name].text for name in library if name.startswith("derive/closure/")})
    return after


def _renewed_in_part(
    store: Store, after: EmbeddedStore, library: Library, changes: Mapping[str, Triples]
) -> dict[str, Triples] | None:
    """What is derived from the changed catalogues and for those below them; None where more may change."""
    before, catalogues = catalogues_of(store), catalogues_of(after)
    changed = [
        (catalogue, place)
        for known in (before, catalogues)
        for catalogue, (place, graph) in known.items()
        if graph in changes
    ]
    sources = {graph for graph in changes if graph.startswith(_CATALOGUES)}
    if any(place == verdicts.STATE for _, place in changed) or _others_refer(store, after, sources):
        return None

    work = after.copied(without=LEFT_OUT)
    work.replace_graph(PLACES, chain(after, library, sorted({place for place, _ in catalogues.values()})))
    places = {place for _, place in changed}
    below = places | {place for place, _ in catalogues.values() if _is_within(work, place, places)}
    above = {place for place, _ in catalogues.values() if _is_within(work, below, {place})} | below
    affected = [catalogue for catalogue, (place, _) in catalogues.items() if place in below]
    stale = [
        *(graph_of(one) for one in {*affected, *(gone for gone, _ in changed)} for graph_of in _OF_EACH),
        *(verdicts.floors_graph(place) for place in below),
        *(verdicts.peers_graph(place) for place in above),
    ]
    renewed = dict.fromkeys(stale, _NOTHING)
    verdicts.cover_segments(work, library)
    if work.graph(verdicts.SEGMENT_COVER) != store.graph(verdicts.SEGMENT_COVER):
        return None
    for graph in store.graphs():
        if graph.startswith(_OF_CATALOGUES) and graph not in renewed and not graph.startswith(_PEERS):
            work.replace_graph(graph, store.graph(graph))

    verdicts.derive_quantities(work, library, affected)
    renewed |= {quantities_graph(catalogue): gathered(work, catalogue) for catalogue in affected}
    stating = {place for place, _ in catalogues.values() if not place_is_lowest(work, place)}
    floors = verdicts.derive_floors(work, library, stating & below)
    renewed |= {verdicts.floors_graph(owner): triples for owner, triples in floors.items()}
    prepared = Prepared(work, library)
    for catalogue in affected:
        place, graph = catalogues[catalogue]
        found = judged(work, library, prepared, catalogue, place, graph)
        renewed[verdicts.verdicts_graph(catalogue)] = found
    for owner in sorted(stating & above):
        renewed[verdicts.peers_graph(owner)] = verdicts.derive_peers(work, library, owner)
    return renewed


def _is_within(places: Store, inner: str | set[str], outer: set[str]) -> bool:
    inside = {inner} if isinstance(inner, str) else inner
    return ask(
        places,
        f"ASK {{ VALUES ?inner {{ {_values(inside)} }} VALUES ?outer {{ {_values(outer)} }} "
        f"?inner <{BPS}within>+ ?outer }}",
    )


def _others_refer(before: Store, after: Store, changed: set[str]) -> bool:
    """Whether another catalogue leans on what a changed one describes beside its rows, or on its document."""
    described: set[str] = set()
    documents: set[str] = set()
    for store in (before, after):
        for graph in changed:
            key = graph.removeprefix(_CATALOGUES)
            rows = tuple(f"{BASE}{kind}/{key}/" for kind in ("catalogue", "provision", "guarantee"))
            for triple in store.graph(graph):
                if isinstance(triple.subject, NamedNode) and not f"{triple.subject.value}/".startswith(rows):
                    described.add(triple.subject.value)
                if triple.predicate.value == DCT + "source" and isinstance(triple.object, NamedNode):
                    documents.add(triple.object.value)
    others = f"FILTER(STRSTARTS(STR(?graph), '{_CATALOGUES}') && ?graph NOT IN ({_values(changed, ', ')}))"
    return any(
        things
        and ask(
            after, f"ASK {{ VALUES ?thing {{ {_values(things)} }} GRAPH ?graph {{ {pattern} }} {others} }}"
        )
        for things, pattern in (
            (described, "?subject ?property ?thing"),
            (documents, f"?subject <{BPS}reference> ?thing"),
        )
    )


def _values(iris: set[str], between: str = " ") -> str:
    return between.join(str(NamedNode(iri)) for iri in sorted(iris))
