"""What a submission is judged against: the vocabulary, the floors above it, and whatever it refers to.

The context is kept small, because it is copied for every submission, and it holds no row of another catalogue
as such: only what was submitted is ever a finding's focus.
"""

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from bpsgraph.library import Library, bind
from bpsgraph.store.base import Store, construct
from bpsgraph.terms import BASE, BPS, GRAPH, RDF_TYPE
from bpsgraph.validation.verdicts import floors_graph, peers_graph

# Copied whole: they are small, and any submission may use any of it.
_WHOLE = tuple(GRAPH + name for name in ("vocabulary/", "items", "cost-sharing"))
# Rows of other catalogues and what is derived from them are never followed.
_NOT_FOLLOWED = tuple(BASE + name for name in ("provision/", "guarantee/", "verdict/", "floor/"))
_ROWS = {NamedNode(BPS + name) for name in ("Catalogue", "Provision", "Guarantee")}
_REFERENCE = NamedNode(BPS + "reference")
_WITHIN = NamedNode(BPS + "within")


def context_of(store: Store, library: Library, submission: Iterable[Triple]) -> set[Triple]:
    """The triples around a submission; none of them has a subject that the submission describes itself."""
    submission = set(submission)
    own = {triple.subject for triple in submission}
    context: set[Triple] = set()
    for graph in store.graphs():
        if graph.startswith(_WHOLE):
            context |= store.graph(graph).triples
    context |= _described(store, library, submission | context)
    owners = {triple.object.value for triple in context if triple.predicate == _WITHIN}  # type: ignore[union-attr]
    for owner in sorted(owners):
        context |= store.graph(floors_graph(owner)).triples | store.graph(peers_graph(owner)).triples
    # The words of a finding name the clause, the source and the edition of a floor.
    context |= _described(store, library, submission | context)
    documents = {triple.object for triple in submission if triple.predicate == _REFERENCE}
    if documents:
        values = sorted((d for d in documents if isinstance(d, NamedNode)), key=lambda d: d.value)
        context |= construct(
            store, bind(library["derive/referenced-statements"], {"document": list(values)})
        ).triples
    return {
        triple
        for triple in context
        if triple.subject not in own and not (triple.predicate == RDF_TYPE and triple.object in _ROWS)
    }


def _described(store: Store, library: Library, triples: set[Triple]) -> set[Triple]:
    """What the store says of the things that the triples refer to, of what these refer to, and so on."""
    known = {triple.subject for triple in triples}
    found: set[Triple] = set()
    asked: set[NamedNode] = set()
    frontier = triples
    while True:
        wanted = {
            triple.object
            for triple in frontier
            if isinstance(triple.object, NamedNode)
            and triple.object.value.startswith(BASE)
            and not triple.object.value.startswith(_NOT_FOLLOWED)
        }
        wanted -= asked | known
        if not wanted:
            return found
        asked |= wanted
        things = sorted(wanted, key=lambda node: node.value)
        frontier = set(construct(store, bind(library["derive/described"], {"thing": list(things)})).triples)
        found |= frontier
