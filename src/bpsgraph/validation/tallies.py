"""How places stand to floors, counted: what one place adds to the tallies, and the groups that follow.

A tally says how many places of a level share a ratio of promise to floor. Each place counts by itself, so
that a change at one place changes the tallies of the floors that it concerns, and no other place is read.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.results import Difference, Triples
from bpsgraph.store.base import construct
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BPS, RDF_TYPE, XSD
from bpsgraph.validation import verdicts
from bpsgraph.validation.concerned import Reading

Tallies = Counter[Triples]
"""How often there is each tally, which is described by its triples without the count."""

_COUNT = NamedNode(BPS + "tallyCount")
_CATALOGUE = NamedNode(BPS + "catalogue")
_EDITION = NamedNode(BPS + "edition")
_FLOOR = NamedNode(BPS + "floor")
_JURISDICTION = NamedNode(BPS + "jurisdiction")
_LEVEL = NamedNode(BPS + "level")
_MEETS = NamedNode(BPS + "meets")
_OWNER = NamedNode(BPS + "owner")
_THRESHOLD = NamedNode(BPS + "OverreachThreshold")
_INTEGER = NamedNode(XSD + "integer")
# The verdicts to so many floors are looked up; for more, all are read.
_FEW = 40
_WORK = verdicts.WORKING + "place"


def floors_judged(judged: Iterable[Triple]) -> dict[object, set[Triple]]:
    """What the verdicts on a catalogue say to each floor: the verdicts on it, or that it is met."""
    found: dict[object, set[Triple]] = {}
    floor_of = {triple.subject: triple.object for triple in judged if triple.predicate == _FLOOR}
    for triple in judged:
        if triple.predicate == _MEETS:
            found.setdefault(triple.object, set()).add(triple)
        elif triple.subject in floor_of:
            found.setdefault(floor_of[triple.subject], set()).add(triple)
    return found


def floors_judged_otherwise(changed: Changed, graph: str) -> set[object]:
    """The floors to which a graph of verdicts says something else than before."""
    difference = changed.differences.get(graph, Difference())
    altered = difference.removed | difference.added
    found: set[object] = {triple.object for triple in altered if triple.predicate == _MEETS}
    for node in {triple.subject for triple in altered if triple.predicate != _MEETS}:
        for view in (changed.before, changed):
            found |= {quad.object for quad in view.statements(node, _FLOOR, graph=graph)}
    return found


def of_place(
    library: Library,
    store: Reading,
    place: Collection[Triple],
    floors: Iterable[Triple],
    owners: Collection[str],
) -> Tallies:
    """What one place adds to the tallies of some floors.

    `place` is its level and the edition and jurisdiction of each of its catalogues, `floors` what is said of
    the floors that are asked about, and of no others.
    """
    said = set(floors)
    asked = {triple.subject for triple in said if isinstance(triple.subject, NamedNode)}
    for catalogues in newest_first(place):
        found: dict[object, set[Triple]] = defaultdict(set)
        for catalogue in catalogues:
            graph = verdicts.verdicts_graph(catalogue)
            judged = _judged(store, graph, asked) if len(asked) <= _FEW else floors_judged(store.graph(graph))
            for floor in asked & judged.keys():
                found[floor] |= judged[floor]
        said |= {triple for of_floor in found.values() for triple in of_floor}
        # Of each place the newest catalogue that is compared with a floor counts.
        asked -= found.keys()
    with EmbeddedStore.in_memory() as work:
        work.replace_graph(_WORK, said | set(place))
        text = filled(library.text("derive/peer-ratios"), {"owner": [NamedNode(owner) for owner in owners]})
        return counted(construct(work, text))


def newest_first(said: Iterable[Triple]) -> list[list[str]]:
    """The catalogues by edition as `queries/derive/peer-ratios` compares editions, the newest first.

    Where any edition is not one plain text, all are equally new.
    """
    editions: dict[str, list[object]] = defaultdict(list)
    for triple in said:
        if triple.predicate == _EDITION and isinstance(triple.subject, NamedNode):
            editions[triple.subject.value].append(triple.object)
    found: dict[str, list[str]] = defaultdict(list)
    for catalogue, values in editions.items():
        (value, *more) = values
        if more or not isinstance(value, Literal) or value.datatype.value != XSD + "string":
            return [[*editions]]
        found[value.value].append(catalogue)
    return [found[edition] for edition in sorted(found, reverse=True)]


def _judged(store: Reading, graph: str, floors: Iterable[NamedNode]) -> dict[object, set[Triple]]:
    """What a graph of verdicts says to these floors."""
    found: dict[object, set[Triple]] = defaultdict(set)
    for floor in floors:
        for meets in store.statements(None, _MEETS, floor, graph):
            found[floor].add(meets.triple)
        for verdict in store.statements(None, _FLOOR, floor, graph):
            found[floor] |= {quad.triple for quad in store.statements(verdict.subject, graph=graph)}
    return found


def add(
    changed: Changed,
    library: Library,
    owner: str,
    tallies: Mapping[Triples, int],
) -> None:
    """Add to the tallies of a jurisdiction's floors, and group the peers of floors that stand otherwise now.

    What is added may be less than nothing. Both graphs are changed in `changed`.
    """
    graph = verdicts.tallies_graph(owner)
    removed: set[Triple] = set()
    added: set[Triple] = set()
    for tally, more in tallies.items():
        if more == 0:
            continue
        subject = next(iter(tally)).subject
        assert isinstance(subject, NamedNode)
        held = [quad.triple for quad in changed.before.statements(subject, _COUNT, graph=graph)]
        count = more + sum(_number(triple) for triple in held)
        removed |= set(held) if count else {*held, *tally}
        if count:
            added |= {*tally, Triple(subject, _COUNT, Literal(str(count), datatype=_INTEGER))}
    there = {
        quad.triple for triple in added for quad in changed.before.statements(triple.subject, graph=graph)
    }
    changed.alter(graph, Difference(frozenset(removed - added), frozenset(added - there)))
    # Of most floors a new edition says what the one before it said.
    otherwise = {floor_of(tally) for tally, more in tallies.items() if more}
    if otherwise:
        _group(changed, library, owner, {floor for floor in otherwise if isinstance(floor, NamedNode)})


def _group(changed: Changed, library: Library, owner: str, floors: Collection[NamedNode]) -> None:
    tallies, peers = verdicts.tallies_graph(owner), verdicts.peers_graph(owner)
    nodes = {quad.subject for floor in floors for quad in changed.statements(None, _FLOOR, floor, tallies)}
    said = {quad.triple for node in nodes for quad in changed.statements(node, graph=tallies)}
    said |= {Triple(floor, _OWNER, NamedNode(owner)) for floor in floors}
    for quad in changed.statements(None, RDF_TYPE, _THRESHOLD):
        said |= {more.triple for more in changed.statements(quad.subject)}
    with EmbeddedStore.in_memory() as work:
        work.replace_graph(_WORK, said)
        after = verdicts.group_peers(work, library, owner).triples
    groups = {
        quad.subject for floor in floors for quad in changed.before.statements(None, _FLOOR, floor, peers)
    }
    before = {quad.triple for node in groups for quad in changed.before.statements(node, graph=peers)}
    changed.alter(peers, Difference(frozenset(before - after), frozenset(after - before)))


def floor_of(tally: Triples) -> object:
    """The floor that a tally is of."""
    return next(triple.object for triple in tally if triple.predicate == _FLOOR)


def counted(tallies: Triples) -> Tallies:
    """The tallies that a graph holds."""
    counts = {triple.subject: _number(triple) for triple in tallies if triple.predicate == _COUNT}
    said: dict[object, set[Triple]] = {}
    for triple in tallies:
        if triple.predicate != _COUNT:
            said.setdefault(triple.subject, set()).add(triple)
    return Counter({Triples(frozenset(said[node])): count for node, count in counts.items()})


def _number(triple: Triple) -> int:
    assert isinstance(triple.object, Literal)
    return int(triple.object.value)
