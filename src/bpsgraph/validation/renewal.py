"""What a change of some catalogues makes of the derived graphs: the same as a build does.

A catalogue of a place that nobody lies within changes its own verdicts and the figures of its peers; one of a
city or province its floors too, and, where these change, the verdicts of all below it. Only what the change
concerns is read. One of the State, and one that others lean on, change everything.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pyoxigraph import NamedNode, Triple

from bpsgraph.closing import CLOSURE_GRAPH, close_again, close_data
from bpsgraph.library import Library
from bpsgraph.results import Difference, Triples
from bpsgraph.store.changed import Changed, graph_of
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.journal import CHANGES
from bpsgraph.store.own import is_own
from bpsgraph.terms import BPS, GRAPH
from bpsgraph.validation import tallies, verdicts
from bpsgraph.validation.concerned import (
    Concerned,
    Reading,
    above,
    below,
    catalogues_at,
    concerned_by,
    concerns_segments,
    is_lowest,
    segments,
)
from bpsgraph.validation.context import said_of
from bpsgraph.validation.derived import Compared, derive_all, gathered, kept, provenance, quantities_graph
from bpsgraph.validation.ready import Ready
from bpsgraph.validation.totals import TOTALS
from bpsgraph.validation.workspace import Prepared

_NOTHING = Triples(frozenset())
_FLOORS = GRAPH + "floors/"
_OF_CATALOGUES = tuple(GRAPH + kind for kind in ("quantities/", "floors/", "verdicts/", "peers/", "tallies/"))
DERIVED = (*_OF_CATALOGUES, verdicts.SEGMENT_COVER, CLOSURE_GRAPH)
_RESOLVED = NamedNode(BPS + "resolvedBy")
_OWNER = NamedNode(BPS + "owner")
_OF_A_PLACE = tuple(NamedNode(BPS + name) for name in ("jurisdiction", "edition"))
_LEVEL = NamedNode(BPS + "level")


def renew(
    store: EmbeddedStore, library: Library, changes: Mapping[str, Triples], ready: Ready | None = None
) -> dict[str, Difference]:
    """How graphs differ once the changes hold, by IRI: those changed and those derived.

    The store stays as it is. `ready` has been told of all that changed in the store so far.
    """
    changed = Changed(store, {})
    for graph, triples in changes.items():
        changed.replace_graph(graph, triples)
    differences = dict(changed.differences)
    if all(is_own(graph) or graph.startswith(CHANGES) for graph in differences):
        # Nothing is derived from graphs of one's own, and nothing from the record that they were written.
        return differences
    rules = rules_of(library)
    transitive = [name for name in rules if "transitive" in library[name].header.tags]
    closure = close_again(changed, rules, transitive, is_source)
    if closure is None:
        return renew_all(store, library, changes)
    changed.alter(CLOSURE_GRAPH, closure)
    if any(verdicts.takes_part(graph) for graph in differences):
        concerned = concerned_by(changed)
        if concerned is None:
            return renew_all(store, library, changes)
        _renew_part(changed, library, concerned, ready or Ready(library))
    return changed.differences


def renew_all(
    store: EmbeddedStore, library: Library, changes: Mapping[str, Triples]
) -> dict[str, Difference]:
    """What `renew` gives, worked out by deriving everything anew."""
    after = store.copied((*DERIVED, TOTALS), lambda graph: not is_own(graph))
    for graph, triples in changes.items():
        if not is_own(graph):
            after.replace_graph(graph, triples)
    close_data(after, rules_of(library))
    renewed = {graph: _NOTHING for graph in store.graphs() if graph.startswith(DERIVED)}
    renewed |= dict(derive_all(after, library))
    renewed |= {CLOSURE_GRAPH: after.graph(CLOSURE_GRAPH), **changes}
    found = {graph: Difference.between(store.graph(graph), triples) for graph, triples in renewed.items()}
    return {graph: difference for graph, difference in found.items() if difference}


def rules_of(library: Library) -> dict[str, str]:
    """The rules of inference for data, by name."""
    return {name: library.text(name) for name in library if name.startswith("derive/closure/")}


def is_source(graph: str) -> bool:
    """Whether anything follows from a graph by the rules of inference."""
    return not graph.startswith((*DERIVED, TOTALS)) and not is_own(graph)


def _renew_part(changed: Changed, library: Library, concerned: Concerned, ready: Ready) -> None:
    if concerns_segments(changed):
        with EmbeddedStore.in_memory() as work:
            work.replace_graph(f"{verdicts.WORKING}segments", segments(changed))
            verdicts.cover_segments(work, library)
            changed.replace_graph(verdicts.SEGMENT_COVER, work.graph(verdicts.SEGMENT_COVER))
    for gone in concerned.before.keys() - concerned.now.keys():
        changed.replace_graph(quantities_graph(gone), _NOTHING)
        changed.replace_graph(verdicts.verdicts_graph(gone), _NOTHING)

    graphs = {
        catalogue: graph
        for place in sorted({*concerned.now.values()})
        for catalogue, graph in catalogues_at(changed, place).items()
        if catalogue in concerned.now
    }
    stating = {place for place in concerned.places if not is_lowest(changed, place)}
    judged = dict(concerned.now)
    if stating:
        # Who states floors is judged after them: others below may be concerned as well.
        for each in _compared(changed, library, graphs, ready):
            changed.replace_graph(quantities_graph(each.catalogue), each.numbers)
        for place in sorted(stating):
            before = changed.held(verdicts.floors_graph(place))
            floors = floors_of(changed, library, place)
            changed.replace_graph(verdicts.floors_graph(place), floors)
            if concerned.described or floors != before:
                for lower in sorted(below(changed, place)):
                    lying = catalogues_at(changed, lower)
                    graphs |= lying
                    judged |= dict.fromkeys(lying, lower)
    for each in _compared(changed, library, graphs, ready):
        if each.catalogue in concerned.now:
            changed.replace_graph(quantities_graph(each.catalogue), each.numbers)
        found = each.kept or frozenset()
        found |= provenance(each.catalogue, graphs[each.catalogue], each.source)
        changed.replace_graph(verdicts.verdicts_graph(each.catalogue), Triples(found))
    withdrawn = {c: place for c, place in concerned.before.items() if c not in concerned.now}
    _renew_peers(changed, library, {*judged, *withdrawn}, {*judged.values(), *concerned.places}, stating)


def _compared(
    changed: Changed, library: Library, catalogues: Mapping[str, str], ready: Ready
) -> Iterator[Compared]:
    """What `ready` gives, with what is kept of each, compared by itself where it has to be."""
    alone: list[Compared] = []
    for each in ready.compared(changed, catalogues):
        if each.kept is None:
            alone.append(each)
        else:
            yield each
    prepared = Prepared(changed, library)
    for each in alone:
        with prepared.comparing(each.source, each.catalogue) as beside:
            numbers, found = gathered(beside, each.catalogue), kept(beside, library, each.catalogue)
        yield replace(each, numbers=numbers, kept=found)


def floors_of(changed: Changed, library: Library, place: str) -> Triples:
    """The floors that a place below the State states, from its catalogues and the floors of the State."""
    graphs = catalogues_at(changed, place)
    if not graphs:
        return _NOTHING
    said = set(said_of(changed, NamedNode(place)))
    said |= changed.graph(verdicts.floors_graph(verdicts.STATE)).triples
    for catalogue, graph in graphs.items():
        numbers = changed.graph(quantities_graph(catalogue)).triples
        own = changed.graph(graph).triples
        said |= own | numbers
        for subject in {triple.subject for triple in own}:
            said |= {quad.triple for quad in changed.statements(subject, graph=CLOSURE_GRAPH)}
        ends = {triple.object for triple in numbers if triple.predicate == _RESOLVED}
        said |= {triple for end in ends if isinstance(end, NamedNode) for triple in said_of(changed, end)}
    with EmbeddedStore.in_memory() as work:
        work.replace_graph(f"{verdicts.WORKING}stating", said)
        return verdicts.derive_floors(work, library, [place])[place]


def _renew_peers(
    changed: Changed, library: Library, catalogues: set[str], places: set[str], stating: set[str]
) -> None:
    """Count again how these places stand to the floors above them, and all to floors that changed."""
    owners = {owner for place in places for owner in above(changed, place)} | stating
    anew = {
        owner
        for owner in owners
        if verdicts.floors_graph(owner) in changed.differences
        or not any(True for _ in changed.before.statements(graph=verdicts.tallies_graph(owner)))
    }
    counts: dict[str, tallies.Tallies] = {owner: Counter() for owner in owners}
    for place in sorted(places):
        concerned = _floors_concerned(changed, place, catalogues)
        of_owners = _by_owner(changed, concerned, owners - anew)
        asked = set().union(*of_owners.values()) if of_owners else set()
        if not asked:
            continue
        said = _said_of_floors(changed, asked)
        after = _of_place(changed, library, place, said, sorted(of_owners))
        before = _of_place(changed.before, library, place, said, sorted(of_owners))
        after.subtract(before)
        for owner, of_owner in of_owners.items():
            counts[owner].update(
                {tally: count for tally, count in after.items() if tallies.floor_of(tally) in of_owner}
            )
    for owner in sorted(anew):
        own = {t.subject for t in changed.graph(verdicts.floors_graph(owner)) if t.predicate == _OWNER}
        asked = {floor for floor in own if isinstance(floor, NamedNode)}
        said = _said_of_floors(changed, asked)
        for place in sorted(below(changed, owner)) if asked else ():
            if catalogues_at(changed, place):
                counts[owner].update(_of_place(changed, library, place, said, [owner]))
        counts[owner].subtract(tallies.counted(changed.held(verdicts.tallies_graph(owner))))
    for owner in sorted(owners):
        if counts[owner]:
            tallies.add(changed, library, owner, counts[owner])


def _floors_concerned(changed: Changed, place: str, catalogues: set[str]) -> set[NamedNode]:
    """The floors of which the verdicts on these catalogues of a place say something else than before."""
    there = {**catalogues_at(changed.before, place), **catalogues_at(changed, place)}
    found: set[object] = set()
    for catalogue, graph in there.items():
        if catalogue not in catalogues:
            continue
        name = verdicts.verdicts_graph(catalogue)
        difference = changed.differences.get(graph, Difference())
        if any(t.predicate in _OF_A_PLACE for t in difference.removed | difference.added):
            for judged in (changed.held(name), changed.graph(name)):
                found |= tallies.floors_judged(judged).keys()
        else:
            found |= tallies.floors_judged_otherwise(changed, name)
    return {floor for floor in found if isinstance(floor, NamedNode)}


def _by_owner(changed: Changed, floors: set[NamedNode], owners: set[str]) -> dict[str, set[NamedNode]]:
    found: dict[str, set[NamedNode]] = {}
    for floor in floors:
        for quad in changed.statements(floor, _OWNER):
            assert isinstance(quad.object, NamedNode)
            if graph_of(quad).startswith(_FLOORS) and quad.object.value in owners:
                found.setdefault(quad.object.value, set()).add(floor)
    return found


def _said_of_floors(changed: Changed, floors: set[NamedNode]) -> set[Triple]:
    return {
        q.triple for floor in floors for q in changed.statements(floor) if graph_of(q).startswith(_FLOORS)
    }


def _of_place(
    store: Reading,
    library: Library,
    place: str,
    floors: set[Triple],
    owners: list[str],
) -> tallies.Tallies:
    graphs = catalogues_at(store, place)
    said: set[Triple] = set()
    said |= {q.triple for q in store.statements(NamedNode(place), _LEVEL) if not is_own(graph_of(q))}
    for catalogue, graph in graphs.items():
        said |= {
            quad.triple
            for predicate in _OF_A_PLACE
            for quad in store.statements(NamedNode(catalogue), predicate, graph=graph)
        }
    return tallies.of_place(library, store, said, floors, owners)
