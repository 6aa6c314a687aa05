"""Graphs sent to a server: only those that changed, several at once, going on where it broke off.

The graph `MANIFEST_GRAPH` of the server says which graphs were sent and with which hash, that of the triples
as they were sent and not as they come back. What is about to change is taken off that list first, so that
whatever is on it is there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Self

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import StoreBusy, StoreError
from bpsgraph.results import Triples
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.marker import Marker
from bpsgraph.store.remote.engines import MANIFEST_GRAPH
from bpsgraph.terms import BPS, PREFIXES, PREVIOUS_HASH, SOURCE_HASH, VOID, WAS_DERIVED_FROM

if TYPE_CHECKING:
    from bpsgraph.store.remote import RemoteStore

Progress = Callable[[str, int, int], None]
"""Called with the graph that was sent, how many were, and how many there are."""

WORKERS = 4
# The list is renewed so often while graphs are sent, in seconds.
_EVERY = 10.0
_HASH = NamedNode(BPS + "contentHash")
_ENTRY = NamedNode(BPS + "sequence")
_GENERATION = NamedNode(PREFIXES["owl"] + "versionInfo")
_TRIPLES = NamedNode(VOID + "triples")
_ITSELF = NamedNode(MANIFEST_GRAPH)
MARKER_QUERY = f"SELECT ?p ?o WHERE {{ GRAPH <{MANIFEST_GRAPH}> {{ <{MANIFEST_GRAPH}> ?p ?o }} }}"


@dataclass(frozen=True, slots=True)
class Published:
    """What a server says was sent to it: the hash of each graph, and the marker of the store they are of.

    The marker is None while a whole store is being sent, and that from before while a change is. Its
    `generation` counts what was sent.
    """

    hashes: Mapping[str, str]
    marker: Marker | None

    def triples(self) -> Triples:
        """The same as the content of `MANIFEST_GRAPH`."""
        said = {Triple(NamedNode(graph), _HASH, Literal(hashed)) for graph, hashed in self.hashes.items()}
        if self.marker is not None:
            said |= {
                Triple(_ITSELF, _GENERATION, Literal(str(self.marker.generation))),
                Triple(_ITSELF, _TRIPLES, Literal(self.marker.triples)),
                Triple(_ITSELF, SOURCE_HASH, Literal(self.marker.inputs)),
                Triple(_ITSELF, _ENTRY, Literal(self.marker.entry)),
                Triple(_ITSELF, PREVIOUS_HASH, Literal(self.marker.entry_hash)),
            }
        return Triples(frozenset(said))

    @classmethod
    def read(cls, triples: Triples) -> Self | None:
        """What `triples` made triples of; None where there are none."""
        if not triples:
            return None
        hashes = {
            triple.subject.value: triple.object.value
            for triple in triples
            if triple.predicate == _HASH
            and isinstance(triple.subject, NamedNode)
            and isinstance(triple.object, Literal)
        }
        itself = ((triple.predicate, triple.object) for triple in triples if triple.subject == _ITSELF)
        return cls(hashes, marker_of(itself))


def marker_of(said: "Collection[tuple[object, object]] | Iterator[tuple[object, object]]") -> Marker | None:
    """The marker that properties of the list and their values make; None where one is missing."""
    found = {name: value.value for name, value in said if isinstance(value, Literal)}
    try:
        return Marker(
            generation=int(found[_GENERATION]),
            triples=int(found[_TRIPLES]),
            inputs=found[SOURCE_HASH],
            entry=int(found[_ENTRY]),
            entry_hash=found[PREVIOUS_HASH],
        )
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Sent:
    """How many graphs were sent, removed, and left since the server had them; the state that it has now."""

    sent: int
    removed: int
    left: int
    published: Published


def publish(
    store: EmbeddedStore,
    remote: "RemoteStore",
    progress: Progress = lambda graph, done, total: None,
    *,
    hashes: Mapping[str, str] | None = None,
    expected: Marker | None = None,
) -> Sent:
    """Send the graphs of a store to a server, which has afterwards those and what others put there.

    `hashes` are those of the graphs where they are known. With `expected` the server must still be in that
    state: raises `StoreBusy` where another has sent something meanwhile. Raises the `StoreError`s of a
    remote store; what was sent by then is not sent again by the next call.
    """
    assert store.marker is not None
    if hashes is None:
        hashes = {graph: store.graph(graph).content_hash() for graph in store.graphs()}
    known = remote.published()
    if expected is not None and (known is None or known.marker != expected):
        raise StoreBusy(remote.name, "another has changed it meanwhile")
    before = known.hashes if known else {}
    changed = [graph for graph in sorted(hashes) if before.get(graph) != hashes[graph]]
    gone = sorted(before.keys() - hashes.keys())
    number = known.marker.generation if known and known.marker else 0
    marker = replace(store.marker, generation=number, manifest="")
    if not changed and not gone and known is not None and known.marker == marker:
        return Sent(0, 0, len(hashes), known)

    there = {graph: hashed for graph, hashed in before.items() if hashes.get(graph) == hashed}
    remote.put_published(Published(there, expected))
    sending = _Sending(store, remote, hashes, there, progress, len(changed) + len(gone), expected)
    derived = {graph for graph in changed if _is_derived(graph, store)}
    try:
        with ThreadPoolExecutor(remote.engine.writers) as pool:
            # A graph comes before what is derived from it, and what is of another state goes with that.
            sending.all(pool, gone, sending.remove)
            sending.all(pool, [graph for graph in changed if graph not in derived], sending.send)
            sending.all(pool, sorted(derived), sending.send)
    except BaseException:
        with suppress(StoreError):
            remote.put_published(Published(there, expected))
        raise
    published = Published(dict(hashes), replace(marker, generation=number + 1))
    remote.put_published(published)
    return Sent(len(changed), len(gone), len(hashes) - len(changed), published)


class _Sending:
    """Graphs on their way, with the list of those that are there."""

    def __init__(
        self,
        store: EmbeddedStore,
        remote: "RemoteStore",
        hashes: Mapping[str, str],
        there: dict[str, str],
        progress: Progress,
        total: int,
        marker: Marker | None,
    ) -> None:
        self._marker = marker
        self._store = store
        self._remote = remote
        self._hashes = hashes
        self._there = there
        self._progress = progress
        self._total = total
        self._done = 0
        self._present = set(remote.graphs())
        self._derived = remote.derived()
        self._listed_at = monotonic()

    def all(self, pool: ThreadPoolExecutor, graphs: list[str], one: Callable[[str], None]) -> None:
        """Do it with each graph, several at once; the first error ends it once those under way have ended."""
        waiting, running = iter(graphs), dict[Future[None], str]()
        try:
            while True:
                for graph in waiting:
                    running[pool.submit(one, graph)] = graph
                    if len(running) >= 2 * WORKERS:
                        break
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    graph = running.pop(future)
                    future.result()
                    self._is_there(graph)
        finally:
            for future in running:
                future.cancel()
            for future in wait(running).done:
                if not future.cancelled() and future.exception() is None:
                    self._is_there(running[future])

    def _is_there(self, graph: str) -> None:
        self._done += 1
        if graph in self._hashes:
            self._there[graph] = self._hashes[graph]
        if monotonic() - self._listed_at > _EVERY:
            self._remote.put_published(Published(dict(self._there), self._marker))
            self._listed_at = monotonic()
        self._progress(graph, self._done, self._total)

    def send(self, graph: str) -> None:
        """Put a graph in its place, without what is derived from another state of it."""
        hashed = self._hashes[graph]
        stale = [derived for derived, said in self._derived.get(graph, ()) if said != hashed]
        for derived in stale:
            self._there.pop(derived, None)
        self._remote.put_graph(graph, self._store.graph(graph), without=stale, present=graph in self._present)

    def remove(self, graph: str) -> None:
        """Forget a graph, and what is derived from it."""
        self._remote.put_graph(graph, (), without=[name for name, _ in self._derived.get(graph, ())])


def _is_derived(graph: str, store: EmbeddedStore) -> bool:
    return next(store.triples(NamedNode(graph), WAS_DERIVED_FROM), None) is not None
