"""The proof that what is derived in a store is what follows from its sources: derive it again and compare."""

from random import Random

from bpsgraph.closing import CLOSURE_GRAPH, close_data
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.validation.concerned import is_lowest
from bpsgraph.validation.derived import (
    catalogues_of,
    derive_all,
    gathered,
    kept,
    provenance,
    quantities_graph,
)
from bpsgraph.validation.renewal import DERIVED, floors_of, rules_of
from bpsgraph.validation.totals import TOTALS, derive_totals
from bpsgraph.validation.verdicts import STATE, floors_graph, verdicts_graph
from bpsgraph.validation.workspace import Prepared


def differing(store: EmbeddedStore, library: Library) -> list[str]:
    """The derived graphs that are not what derives from the sources in the store, sorted.

    All are derived anew, one after the other, and the sums of the counts that are in the store.
    """
    others = {graph for graph, found in derive_totals(store, library) if store.graph(graph) != found}
    with store.copied((*DERIVED, TOTALS), lambda graph: not is_own(graph)) as sources:
        close_data(sources, rules_of(library))
        if sources.graph(CLOSURE_GRAPH) != store.graph(CLOSURE_GRAPH):
            others.add(CLOSURE_GRAPH)
    gone = {graph for graph in store.graphs() if graph.startswith(DERIVED)} - {CLOSURE_GRAPH}
    for graph, found in derive_all(store, library):
        gone.discard(graph)
        if store.graph(graph) != found:
            others.add(graph)
    return sorted(others | gone)


def differing_among(store: EmbeddedStore, library: Library, number: int) -> tuple[int, list[str]]:
    """The derived graphs of so many catalogues, drawn by chance, that are not what derives from the sources.

    Compared are their numbers, their verdicts and the floors of their places, with what they rest on as it is
    in the store; how many graphs that were is given too. The same state of a store has the same draw.
    """
    catalogues = {c: where for c, where in catalogues_of(store).items() if where[0] != STATE}
    drawn = Random(store.marker.manifest if store.marker else "").sample(
        sorted(catalogues), min(number, len(catalogues))
    )
    changed = Changed(store, {})
    prepared = Prepared(changed, library)
    expected: dict[str, Triples] = {}
    for catalogue in sorted(drawn):
        place, graph = catalogues[catalogue]
        source = changed.graph(graph)
        with prepared.comparing(source, catalogue) as beside:
            found = kept(beside, library, catalogue)
            expected[quantities_graph(catalogue)] = gathered(beside, catalogue)
        expected[verdicts_graph(catalogue)] = Triples(found | provenance(catalogue, graph, source))
        if not is_lowest(changed, place):
            expected[floors_graph(place)] = floors_of(changed, library, place)
    return len(expected), sorted(
        graph for graph, triples in expected.items() if store.graph(graph) != triples
    )
