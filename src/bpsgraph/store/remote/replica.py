"""A copy of a remote store in a folder, for what works on files: judging many, serving, accepting.

Beside the folder stands the list of its graphs with their hashes, by which only what changed is fetched.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BpsError, StoreUnavailable
from bpsgraph.results import Triples
from bpsgraph.store import locking
from bpsgraph.store.embedded import EmbeddedStore, building
from bpsgraph.store.locking import WAIT
from bpsgraph.store.marker import Marker
from bpsgraph.store.remote import RemoteStore
from bpsgraph.store.remote.publication import WORKERS, Progress, Published, Sent, publish

# So many graphs are changed one by one; where it is more the copy is written anew.
_FEW = 500


def default_folder(endpoint: Endpoint) -> Path:
    """Where the copy of a store is where nothing else is said: in the user's folder for caches.

    https://specifications.freedesktop.org/basedir-spec/latest/ names it.
    """
    cache = os.environ.get("XDG_CACHE_HOME")
    place = Path(cache) if cache and Path(cache).is_absolute() else Path.home() / ".cache"
    return place / "bpsgraph" / hashlib.sha256(endpoint.url.encode()).hexdigest()[:16]


def opened(endpoint: Endpoint) -> EmbeddedStore | RemoteStore:
    """The store to ask: the server, or a renewed copy where that is asked for or its engine answers wrongly.

    Raises the `StoreError`s of a remote store and of one in a folder.
    """
    remote = RemoteStore.open(endpoint)
    if endpoint.ask == "server" or (endpoint.ask == "auto" and remote.engine.answers):
        return remote
    remote.close()
    replica = Replica(endpoint, endpoint.copy)
    replica.renew()
    return EmbeddedStore.open(replica.folder)


class Replica:
    """The copy of the store at an endpoint in a folder; one process at a time renews it."""

    def __init__(self, endpoint: Endpoint, folder: Path | None = None, *, wait: float = WAIT) -> None:
        self.endpoint = endpoint
        self.folder = (folder or default_folder(endpoint)) / "store"
        self._list = self.folder.with_name("graphs.json")
        self._wait = wait

    def renew(self) -> bool:
        """Bring the copy to what the server holds now; whether anything had changed.

        Raises the `StoreError`s of a remote store and of one in a folder; the copy is then as it was.
        """
        with self._held(), RemoteStore.open(self.endpoint) as remote:
            return self._renew(remote)

    @contextmanager
    def changing(self, *, renewed: bool = True) -> Iterator["Change"]:
        """The copy to change, held until the block ends, renewed unless all of it will be written anew.

        `Change.send` brings to the server what was changed.
        """
        with self._held(), RemoteStore.open(self.endpoint) as remote:
            if renewed:
                self._renew(remote)
            yield Change(self, remote)

    def _renew(self, remote: RemoteStore) -> bool:
        known, marker = self._known(), remote.marker
        if known is not None and marker is not None and known.marker == marker:
            return False
        published = remote.published()
        if published is None or published.marker is None:
            # Nobody says what changed, so that all of it may have.
            graphs, before = dict.fromkeys(remote.graphs(), ""), {}
            marker = Marker(0, 0, "")
        else:
            # What is not on the list was put there by others, or is about to be replaced.
            graphs = dict.fromkeys(remote.graphs(), "") | dict(published.hashes)
            before, marker = dict(known.hashes) if known else {}, published.marker
        missing = sorted(name for name, hashed in graphs.items() if not hashed or before.get(name) != hashed)
        with ThreadPoolExecutor(WORKERS) as pool:
            fetched = dict(zip(missing, pool.map(remote.graph, missing), strict=True))
        gone = before.keys() - graphs.keys()
        if before and len(missing) + len(gone) <= _FEW and Marker.read(self.folder).inputs == marker.inputs:
            with EmbeddedStore.open(self.folder, writable=True, wait=self._wait) as store:
                store.replace_graphs({**fetched, **dict.fromkeys(gone, ())})
                store.commit(marker.entry, marker.entry_hash)
        else:
            self._write(graphs, fetched, before, marker)
        if published is not None:
            self._keep(Published(published.hashes, published.marker))
        return True

    def _write(
        self, graphs: Iterable[str], fetched: Mapping[str, Triples], before: Mapping[str, str], marker: Marker
    ) -> None:
        kept = None
        if before:
            kept = EmbeddedStore.open(self.folder)
        try:
            with building(
                self.folder, marker.inputs, entry=marker.entry, entry_hash=marker.entry_hash, wait=self._wait
            ) as store:
                store.add_graphs(
                    (graph, fetched[graph] if graph in fetched or kept is None else kept.graph(graph))
                    for graph in graphs
                )
        finally:
            if kept is not None:
                kept.close()

    def _known(self) -> Published | None:
        """What the copy holds; None where it is none that is whole."""
        try:
            said = json.loads(self._list.read_bytes())
            local = Marker.read(self.folder)
            if said["local"] != [local.generation, local.manifest]:
                return None
            marker = said["marker"] and Marker(**said["marker"])
            return Published(dict(said["hashes"]), marker)
        except (OSError, ValueError, KeyError, TypeError, BpsError):
            return None

    def _keep(self, published: Published) -> None:
        local = Marker.read(self.folder)
        said = {
            "local": [local.generation, local.manifest],
            "marker": published.marker and asdict(published.marker),
            "hashes": dict(published.hashes),
        }
        draft = self._list.with_suffix(".new")
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(self._list)

    @contextmanager
    def _held(self) -> Iterator[None]:
        place = self.folder.parent
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(place, error.strerror or str(error)) from error
        handle = locking.lock(place, alone=True, wait=self._wait)
        try:
            yield
        finally:
            if handle is not None:
                locking.unlock(handle)


class Change:
    """A copy that is being changed; `marker` is what the server said of itself before."""

    def __init__(self, replica: Replica, remote: RemoteStore) -> None:
        self._replica = replica
        self._remote = remote
        self.marker = remote.marker
        self._before = replica._known()
        self.folder = replica.folder

    def send(
        self, changed: Iterable[str] | None, progress: Progress = lambda graph, done, total: None
    ) -> Sent:
        """Send the graphs that changed, or where they are not known all that did.

        Raises what `publish` raises; the next change then begins with what the server has.
        """
        before = self._before
        with EmbeddedStore.open(self.folder) as store:
            if changed is None or before is None:
                hashes = {graph: store.graph(graph).content_hash() for graph in store.graphs()}
            else:
                contents = {graph: store.graph(graph) for graph in changed}
                hashes = dict(before.hashes) | {
                    graph: triples.content_hash() for graph, triples in contents.items() if triples
                }
                for graph in (graph for graph, triples in contents.items() if not triples):
                    hashes.pop(graph, None)
            expected = None if changed is None or before is None else before.marker
            sent = publish(store, self._remote, progress, hashes=hashes, expected=expected)
        self._replica._keep(sent.published)
        return sent
