"""Which catalogues a change concerns: those it changes, those below them, and whoever leans on them."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.results import Triples
from bpsgraph.store.changed import Changed, graph_of
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF_TYPE, SKOS
from bpsgraph.validation.context import SHARED_WHOLE
from bpsgraph.validation.verdicts import STATE, takes_part

CATALOGUES = GRAPH + "catalogue/"
Thing = NamedNode | BlankNode
Reading = Changed | EmbeddedStore
"""A store, or how it will be."""

_ROWS = tuple(BASE + kind for kind in ("provision/", "guarantee/"))
_COUNTY = NamedNode(BASE + "level/county")
_CATALOGUE = NamedNode(BPS + "catalogue")
_EDITION = NamedNode(BPS + "edition")
_GUARANTEE = NamedNode(BPS + "guarantee")
_JURISDICTION = NamedNode(BPS + "jurisdiction")
_LEVEL = NamedNode(BPS + "level")
_REFERENCE = NamedNode(BPS + "reference")
_REPLACES = NamedNode(DCT + "replaces")
_SEGMENT = NamedNode(BPS + "Segment")
_SOURCE = NamedNode(DCT + "source")
_WITHIN = NamedNode(BPS + "within")
_OF_SEGMENTS = (
    NamedNode(BPS + "minimumAge"),
    NamedNode(BPS + "maximumAge"),
    NamedNode(SKOS + "broader"),
)
_DERIVED = tuple(GRAPH + kind for kind in ("quantities/", "floors/", "closure", "segment-cover"))


@dataclass(frozen=True, slots=True)
class Concerned:
    """The catalogues whose own graphs change, by IRI with their places: as they are then, and as they were.

    `described` tells whether anything beside their rows changes, so that it is more than their numbers.
    """

    now: dict[str, str]
    before: dict[str, str]
    described: bool

    @property
    def places(self) -> set[str]:
        """The places whose catalogues change."""
        return {*self.now.values(), *self.before.values()}


def concerned_by(changed: Changed) -> Concerned | None:
    """Whose catalogues are changed; None where more may be concerned: all is derived anew."""
    graphs = [graph for graph in changed.differences if takes_part(graph) and not graph.startswith(_DERIVED)]
    if any(not graph.startswith(CATALOGUES) for graph in graphs):
        return None
    now: dict[str, str] = {}
    before: dict[str, str] = {}
    for graph in sorted(graphs):
        before |= catalogues_in(changed.held(graph))
        now |= catalogues_in(changed.graph(graph))
    deltas = {
        triple
        for graph, difference in changed.differences.items()
        if takes_part(graph)
        for triple in difference.removed | difference.added
    }
    things = {
        triple.subject
        for triple in deltas
        if isinstance(triple.subject, NamedNode | BlankNode) and not _is_row(triple.subject)
        # What another edition of the same place goes on to say of its agencies is no change.
        if not _is_said_elsewhere(changed, triple)
    }
    found = Concerned(now, before, bool(things))
    if STATE in found.places or any(triple.predicate == _WITHIN for triple in deltas):
        return None
    if _is_leant_on(changed, things, graphs) or _is_referred_to(changed, {*now, *before}, graphs):
        return None
    return None if _replace_each_other(changed, found.places, graphs) else found


def catalogues_in(triples: Triples) -> dict[str, str]:
    """The catalogues that a graph describes, with their jurisdictions."""
    editions = {triple.subject for triple in triples if triple.predicate == _EDITION}
    return {
        triple.subject.value: triple.object.value
        for triple in triples
        if triple.predicate == _JURISDICTION
        and triple.subject in editions
        and isinstance(triple.subject, NamedNode)
        and isinstance(triple.object, NamedNode)
    }


def catalogues_at(store: Reading, place: str) -> dict[str, str]:
    """The graphs of the catalogues of a place, by catalogue."""
    found = {}
    for quad in store.statements(None, _JURISDICTION, NamedNode(place)):
        graph, catalogue = graph_of(quad), quad.subject
        if takes_part(graph) and next(store.statements(catalogue, _EDITION, graph=graph), None) is not None:
            assert isinstance(catalogue, NamedNode)
            found[catalogue.value] = graph
    return dict(sorted(found.items()))


def is_lowest(store: Reading, place: str) -> bool:
    """Whether nothing can lie within the jurisdiction."""
    said = store.statements(NamedNode(place), _LEVEL, _COUNTY)
    return any(not is_own(graph_of(quad)) for quad in said)


def above(store: Reading, place: str) -> set[str]:
    """The jurisdictions that a place lies within, through all levels."""
    said = store.statements(NamedNode(place), _WITHIN)
    return {q.object.value for q in said if isinstance(q.object, NamedNode) and not is_own(graph_of(q))}


def below(store: Reading, place: str) -> set[str]:
    """The jurisdictions within a place, through all levels."""
    said = store.statements(None, _WITHIN, NamedNode(place))
    return {q.subject.value for q in said if isinstance(q.subject, NamedNode) and not is_own(graph_of(q))}


def concerns_segments(changed: Changed) -> bool:
    """Whether which segment holds which may be another."""
    return any(
        triple.predicate in _OF_SEGMENTS or (triple.predicate, triple.object) == (RDF_TYPE, _SEGMENT)
        for graph, difference in changed.differences.items()
        if takes_part(graph)
        for triple in difference.removed | difference.added
    )


def segments(changed: Changed) -> set[Triple]:
    """What is said of the segments, as far as it matters for which of them holds which."""
    found = {q.triple for q in changed.statements(None, RDF_TYPE, _SEGMENT) if takes_part(graph_of(q))}
    for predicate in _OF_SEGMENTS:
        found |= {q.triple for q in changed.statements(None, predicate) if takes_part(graph_of(q))}
    return found


def _is_row(subject: Thing) -> bool:
    return isinstance(subject, NamedNode) and subject.value.startswith(_ROWS)


def _is_said_elsewhere(changed: Changed, triple: Triple) -> bool:
    """Whether a graph that stays as it is states the same, so that nothing else can be derived from it."""
    subject, predicate, object = triple
    if isinstance(subject, Triple) or isinstance(object, Triple | BlankNode):
        return False
    return any(
        takes_part(graph) and not graph.startswith(_DERIVED) and graph not in changed.differences
        for graph in map(graph_of, changed.before.statements(subject, predicate, object))
    )


def _is_leant_on(changed: Changed, things: Iterable[Thing], own: Iterable[str]) -> bool:
    """Whether another catalogue, or what all share, leads to one of the things by whatever lies between."""
    wanted, known, changing = set(things), set[Thing](), set(own)
    while wanted:
        known |= wanted
        leading: set[Thing] = set()
        for thing in wanted:
            for store in (changed.before, changed):
                for quad in store.statements(None, None, thing):
                    graph = graph_of(quad)
                    if (
                        not takes_part(graph)
                        or graph.startswith(_DERIVED)
                        or isinstance(quad.subject, Triple)
                    ):
                        continue
                    if graph not in changing and graph.startswith((CATALOGUES, *SHARED_WHOLE)):
                        return True
                    if not _is_row(quad.subject):
                        leading.add(quad.subject)
        wanted = leading - known
    return False


def _is_referred_to(changed: Changed, catalogues: Iterable[str], own: Iterable[str]) -> bool:
    """Whether another catalogue refers to the document of one of these."""
    changing = set(own)
    return any(
        graph_of(reference) not in changing
        for catalogue in catalogues
        for store in (changed.before, changed)
        for source in store.statements(NamedNode(catalogue), _SOURCE)
        if takes_part(graph_of(source)) and isinstance(source.object, NamedNode)
        for reference in store.statements(None, _REFERENCE, source.object)
        if graph_of(reference).startswith(CATALOGUES)
    )


def _replace_each_other(changed: Changed, places: Set[str], own: Iterable[str]) -> bool:
    """Whether a row of one of these places ends a statement of another place, or the other way round."""
    if all(is_lowest(changed, place) for place in places):
        # Nobody has to meet what they state, so that only what they replace themselves can matter.
        replacing = {
            triple
            for graph in own
            for triples in (changed.held(graph), changed.graph(graph))
            for triple in triples.having(_REPLACES)
        }
    else:
        replacing = {
            quad.triple
            for store in (changed.before, changed)
            for quad in store.statements(None, _REPLACES)
            if takes_part(graph_of(quad))
        }
    for later, _, replaced in replacing:
        if isinstance(replaced, NamedNode) and _is_row(replaced):
            of_later, of_replaced = _places_of_row(changed, later), _places_of_row(changed, replaced)
            if len(of_later | of_replaced) > 1 and not places.isdisjoint(of_later | of_replaced):
                return True
    return False


def _places_of_row(changed: Changed, row: NamedNode | BlankNode | Triple) -> set[str]:
    """The jurisdictions of a provision, or of one with this guarantee, before and after the change."""
    assert not isinstance(row, Triple)
    rows = {row}
    for store in (changed.before, changed):
        rows |= {
            q.subject for q in store.statements(None, _GUARANTEE, row) if not isinstance(q.subject, Triple)
        }
    return {
        place.object.value
        for store in (changed.before, changed)
        for each in rows
        for of_it in store.statements(each, _CATALOGUE)
        if takes_part(graph_of(of_it)) and isinstance(of_it.object, NamedNode)
        for place in store.statements(of_it.object, _JURISDICTION)
        if isinstance(place.object, NamedNode)
    }
