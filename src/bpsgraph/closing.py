"""What follows from the data by the few rules that queries need: whole, or where it has changed.

The data is large, and owlrl takes minutes for a province: the rules that matter are the CONSTRUCT queries in
`queries/derive/closure`, applied until nothing new follows. For a county's data both say the same, which is
tested. What a rule says of a thing follows from what is said of that thing and from classes and properties;
what a rule with the tag `transitive` says of it also from what its property leads to.
"""

import re
from collections.abc import Callable, Collection, Mapping

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.results import Difference
from bpsgraph.store.base import construct
from bpsgraph.store.changed import Changed, graph_of
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import GRAPH, PREFIXES, RDFS

CLOSURE_GRAPH = GRAPH + "closure"
_SOURCES = GRAPH + "sources"
_SCHEMA = tuple(NamedNode(RDFS + name) for name in ("subClassOf", "subPropertyOf"))
_HEAD = re.compile(r"\bCONSTRUCT\s*\{\s*\?\w+\s+(\w+):(\w+)\s")


def close_data(store: EmbeddedStore, rules: Mapping[str, str]) -> int:
    """Fill the graph `graph/closure` with what follows from the store by the rules, and count its triples.

    `rules` are CONSTRUCT queries by name that give only what the store does not hold yet; they are applied in
    the order of their names until none gives anything. What the graph held before is replaced.
    """
    derived: set[Triple] = set()
    store.remove_graph(CLOSURE_GRAPH)
    while True:
        before = len(derived)
        for name in sorted(rules):
            new = set(construct(store, rules[name])) - derived
            if new:
                derived |= new
                store.add_graphs([(CLOSURE_GRAPH, new)])
        if len(derived) == before:
            return before


def close_again(
    changed: Changed, rules: Mapping[str, str], transitive: Collection[str], is_source: Callable[[str], bool]
) -> Difference | None:
    """How the graph `graph/closure` differs once the changes hold; None where all has to be closed anew.

    What follows of a thing can change where something is said of it, or of what it leads to by the property
    of a rule that is `transitive`, by name. `is_source` is true of the graphs that anything follows from.
    """
    deltas = {
        triple
        for graph, difference in changed.differences.items()
        if is_source(graph)
        for triple in difference.removed | difference.added
    }
    if any(triple.predicate in _SCHEMA for triple in deltas):
        return None
    links = [
        NamedNode(PREFIXES[head[1]] + head[2]) for name in transitive if (head := _HEAD.search(rules[name]))
    ]

    def follows_from(graph: str) -> bool:
        return is_source(graph) or graph == CLOSURE_GRAPH

    affected = {triple.subject for triple in deltas}
    affected |= {
        quad.subject
        for thing in list(affected)
        for link in links
        for quad in changed.before.statements(None, link, thing)
        if follows_from(graph_of(quad))
    }
    stated = {
        quad.triple for thing in affected for quad in changed.statements(thing) if is_source(graph_of(quad))
    }
    schema = {
        quad.triple
        for each in _SCHEMA
        for quad in changed.statements(None, each)
        if is_source(graph_of(quad))
    }
    further = {
        quad.triple
        for thing in {triple.object for triple in stated} - affected
        if isinstance(thing, NamedNode | BlankNode)
        for link in links
        for quad in changed.before.statements(thing, link)
        if follows_from(graph_of(quad))
    }
    with EmbeddedStore.in_memory() as work:
        work.replace_graph(_SOURCES, stated | schema | further)
        close_data(work, rules)
        after = {triple for triple in work.graph(CLOSURE_GRAPH) if triple.subject in affected}
    before = {
        quad.triple for thing in affected for quad in changed.before.statements(thing, graph=CLOSURE_GRAPH)
    }
    return Difference(frozenset(before - after), frozenset(after - before))
