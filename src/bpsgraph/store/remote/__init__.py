"""A store on a server: SPARQL 1.1 Protocol for questions, Graph Store HTTP Protocol for graphs.

Queries are sent as forms and answers asked for in one format each; graphs are always named
(docs/remote-stores.md). Whether a query is one is decided here, by the parser of the embedded store, so that
both refuse the same with the same words.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadQuery, RemoteAnswer, StoreUnavailable
from bpsgraph.results import Rows, Triples
from bpsgraph.store.base import construct, select
from bpsgraph.store.dataset import dataset_of, undeclared, without_graph
from bpsgraph.store.embedded import EmbeddedStore, checked_graph
from bpsgraph.store.marker import Marker
from bpsgraph.store.remote import changes
from bpsgraph.store.remote.client import Client
from bpsgraph.store.remote.engines import (
    ENGINES,
    MANIFEST_GRAPH,
    UNION_GRAPH,
    Engine,
    Union,
    engine_of,
)
from bpsgraph.store.remote.publication import MARKER_QUERY, Published, marker_of
from bpsgraph.store.remote.results import (
    N_TRIPLES,
    RESULTS,
    boolean,
    n_triples,
    rows,
    triples,
)
from bpsgraph.terms import SOURCE_HASH, WAS_DERIVED_FROM, Term

_FORM = "application/x-www-form-urlencoded"
_UPDATE = "application/sparql-update"
_DONE = (200, 201, 202, 204)
_GONE = (*_DONE, 404)
# An update above this is a transaction that a server may refuse; the graph is then put by itself.
_MOST_UPDATE = 32_000_000
_OWN = {UNION_GRAPH, MANIFEST_GRAPH}


class RemoteStore:
    """A `Store` on a server; `open` makes one. Safe to use from threads."""

    def __init__(self, endpoint: Endpoint, engine: Engine, union: Union, client: Client) -> None:
        self.endpoint = endpoint
        self.engine = engine
        self.union = union
        self.name = endpoint.url
        self._client: Client | None = client
        signed = endpoint.authentication != "none"
        query, update, graphs = engine.addresses(endpoint.url, signed)
        self._query, self._update, self._graphs = query, endpoint.update or update, endpoint.graphs or graphs

    @classmethod
    def open(cls, endpoint: Endpoint) -> Self:
        """The store at an endpoint, after one question that shows whether it answers.

        Raises `RemoteUnreachable`, `RemoteTimeout`, `RemoteRefused` and `RemoteAnswer`.
        """
        client = Client(endpoint)
        try:
            if endpoint.engine != "auto":
                engine = ENGINES[endpoint.engine]
            else:
                # Only a server of Oxigraph has its pages at the root.
                guessed = ENGINES["oxigraph"].addresses(endpoint.url, signed=False)[0]
                place = guessed if _is_root(endpoint.url) else endpoint.url
                reply = client.send(
                    "POST", place, accept=RESULTS, body=_form(query="ASK {}"), content_type=_FORM
                )
                boolean(place, reply)
                engine = engine_of(reply.headers.get("Server") or "")
            union = engine.union if endpoint.union == "auto" else Union(endpoint.union)
            return cls(endpoint, engine, union, client)
        except BaseException:
            client.close()
            raise

    @property
    def _http(self) -> Client:
        if self._client is None:
            raise StoreUnavailable(self.name, "it is closed")
        return self._client

    @cached_property
    def marker(self) -> Marker | None:
        """What was said of the graphs when they were published, as it was when it was first asked for."""
        found = self._asked_of_graphs(MARKER_QUERY, ("p", "o"))
        return marker_of((predicate, value) for predicate, value in found)

    def query(
        self,
        text: str,
        *,
        default_graphs: Collection[str] | None = None,
        named_graphs: Collection[str] | None = None,
    ) -> Rows | bool | Triples:
        """The answer to a SPARQL query over the union of all graphs, or over a dataset; see `Store.query`.

        A dataset that the engine would not answer as the standard says, for one where several graphs are to
        be one, is fetched, and the query is answered here.
        """
        form, columns = _understood(text, default_graphs, named_graphs)
        dataset = dataset_of(text)
        if default_graphs is not None or named_graphs is not None:
            dataset = list(default_graphs or ()), list(named_graphs or ())
        if dataset is not None:
            default, named = dataset
            if not self.engine.strict_dataset or len(default) != 1:
                with self._fetched({*default, *named}) as local:
                    return local.query(text, default_graphs=default, named_graphs=named)
        parameters: list[tuple[str, str]] = []
        if dataset is not None:
            parameters += [("default-graph-uri", iri) for iri in dataset[0]]
            parameters += [("named-graph-uri", iri) for iri in dataset[1]]
        else:
            if self.union is Union.GRAPH:
                parameters.append(("default-graph-uri", UNION_GRAPH))
                text = without_graph(text, UNION_GRAPH)
            if MANIFEST_GRAPH not in self.engine.hidden:
                text = without_graph(text, MANIFEST_GRAPH)
        parameters.append(("query", self._prologue(text, dataset) + text))
        reply = self._http.send(
            "POST",
            self._query,
            accept=RESULTS if form in ("SELECT", "ASK") else N_TRIPLES,
            body=urlencode(parameters).encode(),
            content_type=_FORM,
        )
        if self.engine.row_limit and (limit := reply.headers.get(self.engine.row_limit)):
            raise RemoteAnswer(
                self._query,
                f"it is cut after {limit} rows",
                "raise that limit of the server (Virtuoso: ResultSetMaxRows), or ask for less",
            )
        if form == "ASK":
            return boolean(self._query, reply)
        if form == "SELECT":
            return rows(self._query, reply, columns)
        return triples(self._query, reply)

    def _prologue(self, text: str, dataset: object) -> str:
        hidden = ""
        if self.engine.excluding and dataset is None:
            hidden = "".join(self.engine.excluding.format(graph=graph) for graph in self.engine.hidden)
        return hidden + undeclared(text)

    def _fetched(self, graphs: Iterable[str]) -> EmbeddedStore:
        store = EmbeddedStore.in_memory()
        for graph in sorted(graphs):
            store.replace_graph(graph, self.graph(graph))
        return store

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted, without those that the engine has for itself."""
        reply = self._http.send(
            "POST",
            self._query,
            accept=RESULTS,
            body=_form(query=self.engine.named_graphs),
            content_type=_FORM,
        )
        found = rows(self._query, reply, ("graph",))
        return sorted(
            graph.value
            for (graph,) in found.rows
            if isinstance(graph, NamedNode)
            and graph.value not in _OWN
            and not graph.value.startswith(self.engine.foreign)
        )

    def graph(self, iri: str) -> Triples:
        """The triples of one graph."""
        reply = self._http.send("GET", self._place_of(iri), accept=N_TRIPLES, accepted=(200, 204, 404))
        return triples(self._graphs, reply) if reply.status == 200 else Triples(frozenset())

    def triples(
        self,
        subject: NamedNode | BlankNode | None = None,
        predicate: NamedNode | None = None,
        object: NamedNode | BlankNode | Literal | None = None,
    ) -> Iterator[Triple]:
        """The triples of the union with these terms; None is any term.

        Raises `BadQuery` for a blank node, which has no name beyond one answer.
        """
        asked = (subject, predicate, object)
        pattern = " ".join(
            f"?{name}" if term is None else _named(term) for name, term in zip("spo", asked, strict=True)
        )
        columns = [name for name, term in zip("spo", asked, strict=True) if term is None]
        if not columns:
            if self.query(f"ASK {{ {pattern} }}") is True:
                yield Triple(*asked)  # type: ignore[arg-type]
            return
        distinct = "DISTINCT " if self.union is Union.ENGINE else ""
        shown = " ".join(f"?{name}" for name in columns)
        found = select(self, f"SELECT {distinct}{shown} WHERE {{ {pattern} }}")
        for row in found:
            terms = [term if term is not None else row[name] for name, term in zip("spo", asked, strict=True)]
            yield Triple(*terms)  # type: ignore[arg-type]

    def said_of(self, subject: NamedNode | BlankNode) -> Iterator[Quad]:
        """What each named graph says of a subject; raises `BadQuery` for a blank node."""
        found = select(self, f"SELECT ?g ?p ?o WHERE {{ GRAPH ?g {{ {_named(subject)} ?p ?o }} }}")
        for graph, predicate, object in found.rows:
            assert isinstance(graph, NamedNode)
            if graph.value not in _OWN and not graph.value.startswith(self.engine.foreign):
                yield Quad(subject, predicate, object, graph)  # type: ignore[arg-type]

    def replace_graph(self, iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph as a whole; what was derived from another state of it is forgotten.

        A graph that is derived from another state of its source than the store holds stays outside of the
        union. All in one transaction where the engine has them. Elsewhere readers may see the union without
        the graph for a moment, and never with what is derived from another state.
        """
        found = set(triples)
        if not found:
            self.remove_graph(iri)
            return
        name, body = checked_graph(iri), n_triples(found)
        current = self._is_current(iri, found)
        stale = self._stale_after(iri, found)
        if not current and self.union is Union.ENGINE:
            # Nothing is outside of the union that an engine makes.
            body = b""
        self._change(name, body, current=current, without=stale, first=changes.unlisted([iri, *stale]))

    def derive(self, iri: str, text: str) -> None:
        """Replace a graph by what a CONSTRUCT gives."""
        self.replace_graph(iri, construct(self, text))

    def remove_graph(self, iri: str) -> None:
        """Forget a graph, and what was derived from it."""
        name, stale = checked_graph(iri), self._stale_after(iri, ())
        self._change(name, b"", without=stale, first=changes.unlisted([iri, *stale]))

    def put_graph(
        self, iri: str, found: Iterable[Triple], *, without: list[str], present: bool = True
    ) -> None:
        """Replace a graph and forget those that are derived of another state, all of which the caller knows.

        The list of what was published stays as it is.
        """
        self._change(checked_graph(iri), n_triples(found), without=without, present=present)

    def _change(
        self,
        graph: NamedNode,
        body: bytes,
        *,
        without: list[str],
        current: bool = True,
        present: bool = True,
        first: str = "",
    ) -> None:
        iri = graph.value
        if self.engine.atomic and self.union is not Union.ENGINE and len(body) <= _MOST_UPDATE:
            text = changes.replaced(
                self.union, iri, body.decode(), current=current, without=without, present=present
            )
            self.update(f"{first} ;\n{text}" if first else text)
            return
        if first:
            self.update(first)
        kept = self.union is not Union.ENGINE
        for gone in (*without, *([] if body else [iri])):
            if kept:
                self.update(changes.taken_out(self.union, gone))
            self._http.send("DELETE", self._place_of(gone), accept="*/*", accepted=_GONE)
        if body:
            if kept and present:
                self.update(changes.taken_out(self.union, iri))
            self._http.send(
                "PUT", self._place_of(iri), accept="*/*", body=body, content_type=N_TRIPLES, accepted=_DONE
            )
            if kept and current:
                self.update(changes.put_in(self.union, iri))

    def published(self) -> Published | None:
        """What was sent to the server by `publish`; None where nothing was."""
        return Published.read(self.graph(MANIFEST_GRAPH))

    def put_published(self, published: Published) -> None:
        """Say what was sent, in the place of what was said before."""
        self.__dict__.pop("marker", None)
        self._http.send(
            "PUT",
            self._place_of(MANIFEST_GRAPH),
            accept="*/*",
            body=n_triples(published.triples()),
            content_type=N_TRIPLES,
            accepted=_DONE,
        )

    def derived(self) -> dict[str, list[tuple[str, str]]]:
        """The graphs that are derived from each graph, with the hash of the state that it had."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self._asked_of_graphs(changes.derived_from(), ("source", "derived", "hash")):
            source, derived, hashed = (str(term.value) if term is not None else "" for term in row)
            found.setdefault(source, []).append((derived, hashed))
        return found

    def update(self, text: str) -> None:
        """Run a SPARQL update that is written with whole IRIs."""
        if self.engine.direct_update:
            body, kind = text.encode(), _UPDATE
        else:
            body, kind = _form(update=text), _FORM
        self._http.send("POST", self._update, accept="*/*", body=body, content_type=kind, accepted=_DONE)

    def _is_current(self, iri: str, found: Iterable[Triple]) -> bool:
        """Whether the triples of a graph are not derived, or from the present state of their source."""
        node = NamedNode(iri)
        said = {triple.predicate: triple.object for triple in found if triple.subject == node}
        source, hashed = said.get(WAS_DERIVED_FROM), said.get(SOURCE_HASH)
        if not isinstance(source, NamedNode) or not isinstance(hashed, Literal):
            return True
        return self.graph(source.value).content_hash() == hashed.value

    def _stale_after(self, iri: str, found: Collection[Triple]) -> list[str]:
        """The graphs that are derived from another state of a graph than these triples."""
        derived = self._asked_of_graphs(changes.derived_from(iri), ("derived", "hash"))
        if not derived:
            return []
        try:
            now = _as_stored(found).content_hash()
        except ValueError:
            now = ""
        return sorted(
            {
                graph.value
                for graph, hashed in derived
                if isinstance(graph, NamedNode)
                and graph.value != iri
                and isinstance(hashed, Literal)
                and hashed.value != now
            }
        )

    def _asked_of_graphs(self, text: str, columns: tuple[str, ...]) -> tuple[tuple[Term | None, ...], ...]:
        reply = self._http.send(
            "POST", self._query, accept=RESULTS, body=_form(query=text), content_type=_FORM
        )
        return rows(self._query, reply, columns).rows

    def _place_of(self, iri: str) -> str:
        joint = "&" if "?" in self._graphs else "?"
        return f"{self._graphs}{joint}graph={quote(iri, safe='')}"

    def close(self) -> None:
        """Let go of the connections; closing twice is harmless."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _understood(
    text: str, default_graphs: Collection[str] | None, named_graphs: Collection[str] | None
) -> tuple[str, tuple[str, ...]]:
    """The form of a query and the columns of a SELECT; raises `BadQuery` for what is none."""
    with (
        EmbeddedStore.in_memory() as empty,
        empty.answering(text, default_graphs=default_graphs, named_graphs=named_graphs) as answer,
    ):
        if isinstance(answer, ox.QueryBoolean):
            return "ASK", ()
        if isinstance(answer, ox.QuerySolutions):
            return "SELECT", tuple(variable.value for variable in answer.variables)
        return "CONSTRUCT", ()


def _as_stored(found: Iterable[Triple]) -> Triples:
    with EmbeddedStore.in_memory() as store:
        store.replace_graph(MANIFEST_GRAPH, found)
        return store.graph(MANIFEST_GRAPH)


def _named(term: NamedNode | BlankNode | Literal) -> str:
    if isinstance(term, BlankNode):
        raise BadQuery("a blank node of a remote store has no name to ask by", "ask by what is around it")
    return str(term)


def _form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def _is_root(url: str) -> bool:
    return url.rstrip("/").count("/") == 2
