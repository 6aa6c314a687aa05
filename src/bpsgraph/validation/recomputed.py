"""The proof that what is derived in a store is what follows from its sources: derive it again and compare."""

from random import Random

from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.validation.concerned import is_lowest
from bpsgraph.validation.derived import catalogues_of, gathered, kept, provenance, quantities_graph
from bpsgraph.validation.renewal import floors_of, renew_all
from bpsgraph.validation.totals import derive_totals
from bpsgraph.validation.verdicts import STATE, floors_graph, verdicts_graph
from bpsgraph.validation.workspace import Prepared


def differing(store: EmbeddedStore, library: Library) -> list[str]:
    """The derived graphs that are not what derives from the sources in the store, sorted.

    All are derived anew, in memory, and the sums of the counts that are in the store.
    """
    totals = {graph for graph, found in derive_totals(store, library) if store.graph(graph) != found}
    return sorted({*renew_all(store, library, {}), *totals})


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
