"""The derived graphs of sums: of each province, from the counts of the catalogues in it.

Questions about the whole country read these, so that they look up a few hundred numbers however many
catalogues there are. The counts of a catalogue are in its own derived graph (`queries/derive/tallies`), so
that one that changes costs a sum over its province.
"""

from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import NamedNode

from bpsgraph.library import Library, Value, bind
from bpsgraph.results import Difference, Triples
from bpsgraph.store.base import Store, construct, select
from bpsgraph.terms import BASE, BPS, GRAPH

TOTALS = GRAPH + "totals/"
_VERDICTS = GRAPH + "verdicts/"
_PROVINCES = f"SELECT ?province WHERE {{ ?province <{BPS}level> <{BASE}level/province> }} ORDER BY ?province"


def derive_totals(
    store: Store, library: Library, provinces: Iterable[str] | None = None
) -> Iterator[tuple[str, Triples]]:
    """The graph of sums of each province, by default of all, with its name; one without catalogues is empty.

    Needs the derived graphs of the catalogues in the store, and which places lie within which.
    """
    for province in provinces_of(store) if provinces is None else provinces:
        this: dict[str, Value] = {"province": NamedNode(province)}
        found = construct(store, bind(library["derive/totals"], this))
        yield totals_graph(province), found


def totals_graph(province: str) -> str:
    """The name of the graph that holds the sums of a province."""
    return TOTALS + province.rpartition("/")[2]


def provinces_of(store: Store) -> list[str]:
    """The IRIs of the provinces, sorted."""
    found = (row["province"] for row in select(store, _PROVINCES))
    return [province.value for province in found if isinstance(province, NamedNode)]


def renewed_totals(store: Store, library: Library, changed: Collection[str]) -> dict[str, Difference]:
    """How the sums differ now that these graphs have changed, by the name of their graph."""
    codes = {graph.removeprefix(_VERDICTS)[:2] for graph in changed if graph.startswith(_VERDICTS)}
    # The first two digits of the code of a place are those of its province (GB/T 2260).
    provinces = [place for place in provinces_of(store) if place.rpartition("/")[2][:2] in codes]
    differences = {
        graph: Difference.between(store.graph(graph), totals)
        for graph, totals in derive_totals(store, library, provinces)
    }
    return {graph: difference for graph, difference in differences.items() if difference}
