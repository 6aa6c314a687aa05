"""A store as it will be once some of its graphs have changed, before anything is written.

It is read by terms and by graphs. What is worked out from it is put into it as further changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from bpsgraph.results import Difference, Triples
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import Term

_MOST_HELD = 64


class Changed:
    """The store with the differences; `before` is the store itself, which must not change meanwhile."""

    def __init__(self, before: EmbeddedStore, differences: Mapping[str, Difference]) -> None:
        self.before = before
        self.differences: dict[str, Difference] = {}
        # The newest few graphs that were read whole: most are asked for again at once.
        self._held: dict[str, Triples] = {}
        # Those that were replaced: their hashes are worked out once.
        self._replaced: dict[str, Triples] = {}
        self._added: dict[Term | Triple, list[Quad]] = defaultdict(list)
        for graph, difference in differences.items():
            self.alter(graph, difference)

    def alter(self, graph: str, difference: Difference) -> None:
        """Let this be how the graph differs from what the store holds."""
        old = self.differences.pop(graph, None)
        self._replaced.pop(graph, None)
        if old is not None:
            name = NamedNode(graph)
            for term in {term for triple in old.added for term in triple}:
                self._added[term] = [quad for quad in self._added[term] if quad.graph_name != name]
        if difference:
            self.differences[graph] = difference
            for triple in difference.added:
                quad = Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph))
                for term in {quad.subject, quad.predicate, quad.object}:
                    self._added[term].append(quad)

    def replace_graph(self, graph: str, triples: Triples) -> None:
        """Let the graph hold these triples and no others."""
        self.alter(graph, Difference.between(self.held(graph), triples))
        if len(self._replaced) >= _MOST_HELD:
            del self._replaced[next(iter(self._replaced))]
        self._replaced[graph] = triples

    def graph(self, iri: str) -> Triples:
        """The triples of one graph, none where there is no such graph."""
        if iri in self._replaced:
            return self._replaced[iri]
        held = self.held(iri)
        return self.differences[iri].of(held) if iri in self.differences else held

    def held(self, iri: str) -> Triples:
        """The triples of one graph as they are in the store."""
        if iri not in self._held:
            if len(self._held) >= _MOST_HELD:
                del self._held[next(iter(self._held))]
            self._held[iri] = self.before.graph(iri)
        return self._held[iri]

    def graphs(self) -> list[str]:
        """The IRIs of the graphs that hold something, sorted."""
        gone = {graph for graph in self.differences if not self.graph(graph)}
        return sorted({*self.before.graphs(), *self.differences} - gone)

    def statements(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        object: NamedNode | BlankNode | Literal | Triple | None = None,
        graph: str | None = None,
    ) -> Iterator[Quad]:
        """What each graph states with these terms, or one graph; None is any, but not for all of them."""
        for quad in self.before.statements(subject, predicate, object, graph):
            difference = self.differences.get(graph_of(quad))
            if difference is None or quad.triple not in difference.removed:
                yield quad
        bound = next(term for term in (subject, object, predicate) if term is not None)
        for quad in self._added.get(bound, ()):
            if (
                subject in (None, quad.subject)
                and predicate in (None, quad.predicate)
                and object in (None, quad.object)
                and graph in (None, graph_of(quad))
            ):
                yield quad

    def said_of(self, subject: NamedNode | BlankNode, where: Callable[[str], bool]) -> set[Triple]:
        """What is said of a subject by the graphs of whose IRI `where` is true.

        What many graphs repeat is read of a few of them.
        """
        open_ = set(self.before.triples(subject))
        open_.update(quad.triple for quad in self._added.get(subject, ()) if quad.subject == subject)
        found: set[Triple] = set()
        while open_:
            triple = open_.pop()
            stating = map(graph_of, self.statements(triple.subject, triple.predicate, triple.object))
            graph = next(filter(where, stating), None)
            if graph is not None:
                said = {quad.triple for quad in self.statements(subject, graph=graph)}
                found |= said
                open_ -= said
        return found


def graph_of(quad: Quad) -> str:
    """The IRI of the named graph of a statement."""
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name.value
