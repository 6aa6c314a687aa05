"""What every store can do: answer SPARQL over the union of its graphs, and replace a graph as a whole."""

from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from bpsgraph.errors import BadQuery
from bpsgraph.results import Rows, Triples
from bpsgraph.store.marker import Marker


class Store(Protocol):
    """The narrow seam between the graph and whatever asks it; the tests have its contract.

    Graphs are named by their IRI. Any method raises a `StoreError` where the store fails.
    """

    @property
    def marker(self) -> Marker | None:
        """What the store says of itself; None where it was never written down."""
        ...

    def query(
        self,
        text: str,
        *,
        default_graphs: Collection[str] | None = None,
        named_graphs: Collection[str] | None = None,
    ) -> Rows | bool | Triples:
        """The answer to SELECT, ASK, or CONSTRUCT and DESCRIBE; the default graph is the union of all graphs.

        IRIs of graphs make a dataset of their own, which holds in the place of FROM in the text: the default
        graph is then the union of `default_graphs`, and `GRAPH` sees `named_graphs`; either is empty where
        only the other is given (https://www.w3.org/TR/sparql11-protocol/#dataset).

        Raises `BadQuery` for what is not a SPARQL 1.1 query; an update is none.
        """
        ...

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        ...

    def graph(self, iri: str) -> Triples:
        """The triples of one graph, none where there is no such graph."""
        ...

    def triples(
        self,
        subject: NamedNode | BlankNode | None = None,
        predicate: NamedNode | None = None,
        object: NamedNode | BlankNode | Literal | None = None,
    ) -> Iterator[Triple]:
        """The triples of the union with these terms; None is any term."""
        ...

    def said_of(self, subject: NamedNode | BlankNode) -> Iterator[Quad]:
        """What each named graph says of a subject."""
        ...

    def replace_graph(self, iri: str, triples: Iterable[Triple]) -> None:
        """Put the triples in the place of whatever the graph held, all of them or none."""
        ...

    def derive(self, iri: str, text: str) -> None:
        """Replace a graph by what a CONSTRUCT gives; raises `BadQuery` for a query of another form."""
        ...

    def remove_graph(self, iri: str) -> None:
        """Forget a graph; nothing happens where there is none."""
        ...

    def close(self) -> None:
        """Let go of the store; it cannot be used afterwards."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def select(store: Store, text: str) -> Rows:
    """The rows of a SELECT; raises `BadQuery` for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, Rows):
        raise BadQuery("a SELECT is needed here", "write SELECT in the place of the query's form")
    return answer


def ask(store: Store, text: str) -> bool:
    """The answer of an ASK; raises `BadQuery` for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, bool):
        raise BadQuery("an ASK is needed here", "write ASK in the place of the query's form")
    return answer


def construct(store: Store, text: str) -> Triples:
    """The triples of a CONSTRUCT or DESCRIBE; raises `BadQuery` for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, Triples):
        raise BadQuery("a CONSTRUCT is needed here", "write CONSTRUCT in the place of the query's form")
    return answer
