"""Gives a name to whatever a file describes without one, so that a finding can point at it."""

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.ingest.glance import Glance
from bpsgraph.results import Triples
from bpsgraph.terms import BASE


def with_names(triples: Iterable[Triple]) -> Triples:
    """The triples with `unnamed/1`, `unnamed/2` … in the place of blank nodes (RDF 1.1, section 3.5).

    The names follow from what is said of the nodes, so that a file has the same ones each time; only nodes of
    which the same is said may change theirs.
    """
    given = triples if isinstance(triples, Triples) else Triples(frozenset(triples))
    if not Glance(given).has_blank_nodes:
        return given
    said: dict[BlankNode, list[str]] = defaultdict(list)
    for triple in given:
        for place in (triple.subject, triple.object):
            if isinstance(place, BlankNode):
                said[place].append(" ".join(_shown(term, place) for term in triple))
    if not said:
        return given
    ordered = sorted(said, key=lambda node: sorted(said[node]))
    names = {node: NamedNode(f"{BASE}unnamed/{number}") for number, node in enumerate(ordered, 1)}
    return Triples(
        frozenset(
            Triple(_named(t.subject, names), t.predicate, _named(t.object, names))  # type: ignore[arg-type]
            for t in given
        )
    )


def _shown(term: object, place: BlankNode) -> str:
    if isinstance(term, BlankNode):
        return "this" if term == place else "other"
    return str(term)


def _named(term: object, names: dict[BlankNode, NamedNode]) -> object:
    return names.get(term, term) if isinstance(term, BlankNode) else term
