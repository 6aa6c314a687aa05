"""The derived graphs of sums: of each province, from the counts of the catalogues in it, and of the State.

Questions about the whole country read these, so that they look up a few hundred numbers however many
catalogues there are. The counts of a catalogue are in its own derived graph (`queries/derive/tallies`). Each
place is summed by itself, so that after a change a place is taken from the sums as it was and added as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.results import Difference, Triples
from bpsgraph.store.base import Store, construct, select
from bpsgraph.store.changed import Changed, graph_of
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, GRAPH, RDF_TYPE, XSD
from bpsgraph.validation.concerned import Reading, below, catalogues_at
from bpsgraph.validation.verdicts import STATE, WORKING, verdicts_graph

TOTALS = GRAPH + "totals/"
_VERDICTS = GRAPH + "verdicts/"
_PROVINCES = f"SELECT ?province WHERE {{ ?province <{BPS}level> <{BASE}level/province> }} ORDER BY ?province"
_WORK = WORKING + "totals"
_INTEGER = NamedNode(XSD + "integer")
_JURISDICTION = NamedNode(BPS + "jurisdiction")
_LEVEL = NamedNode(BPS + "level")
_PROVINCE = NamedNode(BASE + "level/province")
_TALLY_OF = NamedNode(BPS + "tallyOf")
_WITHIN = NamedNode(BPS + "within")
_OF_A_CATALOGUE = (RDF_TYPE, _JURISDICTION, NamedNode(BPS + "edition"), NamedNode(BPS + "extent"))

Sums = Counter[tuple[NamedNode | BlankNode | Triple, NamedNode]]
"""Numbers by tally and by what is counted."""


def derive_totals(
    store: Store, library: Library, provinces: Iterable[str] | None = None
) -> Iterator[tuple[str, Triples]]:
    """The graph of sums of each province with its name, by default of all and then of the State.

    One without catalogues is empty. Needs the derived graphs of the catalogues in the store, and which places
    lie within which.
    """
    every: dict[str, Triples] = {}
    for province in provinces_of(store) if provinces is None else provinces:
        text = filled(library.text("derive/totals"), {"province": NamedNode(province)})
        every[province] = construct(store, text)
        yield totals_graph(province), every[province]
    if provinces is None:
        yield totals_graph(STATE), _of_the_state(library, every)


def totals_graph(province: str) -> str:
    """The name of the graph that holds the sums of a province."""
    return TOTALS + province.rpartition("/")[2]


def provinces_of(store: Store) -> list[str]:
    """The IRIs of the provinces, sorted."""
    found = (row["province"] for row in select(store, _PROVINCES))
    return [province.value for province in found if isinstance(province, NamedNode)]


def renewed_totals(changed: Changed, library: Library) -> dict[str, Difference]:
    """How the sums differ once the changes hold, by the name of their graph."""
    before: dict[str, Triples] = {}
    now: dict[str, Triples] = {}
    for province, places in _concerned(changed).items():
        held = changed.before.graph(totals_graph(province))
        everywhere = {province, *below(changed, province)}
        # Who changes is summed twice; where that is more than half, all are summed anew.
        if held and 2 * len(places) <= len(everywhere):
            less = _of_places(changed.before, library, province, places)
            after = _altered(held, less, _of_places(changed, library, province, places))
        else:
            after = _of_places(changed, library, province, everywhere)
        if after != held:
            before[province], now[province] = held, after
    if now:
        held = changed.before.graph(totals_graph(STATE))
        # What a province says of a tally before and after is taken away and added again.
        gone = {place: _without_same(before[place], now[place]) for place in now}
        new = {place: _without_same(now[place], before[place]) for place in now}
        after = _altered(held, _of_the_state(library, gone), _of_the_state(library, new))
        before[STATE], now[STATE] = held, after
    return {totals_graph(place): Difference.between(before[place], now[place]) for place in now}


def _of_the_state(library: Library, provinces: Mapping[str, Triples]) -> Triples:
    """The sums of some provinces, added up."""
    with EmbeddedStore.in_memory() as work:
        for province, totals in provinces.items():
            level = Triple(NamedNode(province), _LEVEL, _PROVINCE)
            work.replace_graph(totals_graph(province), {*totals, level})
        return construct(work, library.text("derive/totals-of-the-state"))


def _without_same(totals: Triples, other: Triples) -> Triples:
    """A graph of sums without the tallies of which another says the same."""
    differing = {triple.subject for triple in totals.triples ^ other.triples}
    return Triples(frozenset(triple for triple in totals if triple.subject in differing))


def _altered(totals: Triples, less: Triples, more: Triples) -> Triples:
    """A graph of sums with those of `less` taken away and those of `more` added."""
    sums, said = _summed(totals)
    for other, sign in ((less, -1), (more, 1)):
        numbers, described = _summed(other)
        said |= described
        for counted, number in numbers.items():
            sums[counted] += sign * number
    return _written(sums, said)


def _concerned(changed: Changed) -> dict[str, set[str]]:
    """The places of which a catalogue changes, or what is counted of it, by their province."""
    found: dict[str, set[str]] = defaultdict(set)
    for graph in changed.differences:
        if not graph.startswith(_VERDICTS):
            continue
        catalogue = NamedNode(f"{BASE}catalogue/{graph.removeprefix(_VERDICTS)}")
        for view in (changed.before, changed):
            for said in view.statements(catalogue, _JURISDICTION):
                if not is_own(graph_of(said)) and isinstance(said.object, NamedNode):
                    place = said.object.value
                    # The first two digits of the code of a place are those of its province (GB/T 2260).
                    head, _, code = place.rpartition("/")
                    found[f"{head}/{code[:2]}0000"].add(place)
    return {
        province: places
        for province, places in sorted(found.items())
        if any(not is_own(graph_of(s)) for s in changed.statements(NamedNode(province), _LEVEL, _PROVINCE))
    }


def _of_places(store: Reading, library: Library, province: str, places: Iterable[str]) -> Triples:
    """The sums over some places of a province."""
    whole = NamedNode(province)
    said: set[Triple] = set()
    for place in places:
        catalogues = catalogues_at(store, place)
        if not catalogues:
            continue
        said |= {
            q.triple for q in store.statements(NamedNode(place), _WITHIN, whole) if not is_own(graph_of(q))
        }
        for catalogue in catalogues:
            node, graph = NamedNode(catalogue), verdicts_graph(catalogue)
            for predicate in _OF_A_CATALOGUE:
                found = store.statements(node, predicate)
                said |= {quad.triple for quad in found if not is_own(graph_of(quad))}
            for tally in {quad.subject for quad in store.statements(None, _TALLY_OF, node, graph)}:
                said |= {quad.triple for quad in store.statements(tally, graph=graph)}
    with EmbeddedStore.in_memory() as work:
        work.replace_graph(_WORK, said)
        ((_, sums),) = derive_totals(work, library, [province])
        return sums


def _summed(totals: Triples) -> tuple[Sums, dict[NamedNode | BlankNode | Triple, set[Triple]]]:
    """The numbers in a graph of sums, and what else it says of each tally."""
    sums: Sums = Counter()
    said: dict[NamedNode | BlankNode | Triple, set[Triple]] = defaultdict(set)
    for triple in totals:
        if isinstance(triple.object, Literal) and triple.object.datatype == _INTEGER:
            sums[triple.subject, triple.predicate] = int(triple.object.value)
        else:
            said[triple.subject].add(triple)
    return sums, said


def _written(sums: Sums, said: Mapping[NamedNode | BlankNode | Triple, set[Triple]]) -> Triples:
    """The graph of these sums: a number that is not there is zero."""
    found: set[Triple] = set()
    for (tally, counted), number in sums.items():
        if number:
            found.add(Triple(tally, counted, Literal(str(number), datatype=_INTEGER)))
            found |= said[tally]
    return Triples(frozenset(found))
