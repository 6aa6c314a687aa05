"""What a server holds open: the newest generation of the store, and the workers for strangers' work."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import monotonic

from bpsgraph.config import Settings
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BpsError
from bpsgraph.library import Library, library_of
from bpsgraph.publishing.mapping.boundaries import Outline, boundaries
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import open_store
from bpsgraph.store.marker import MARKER
from bpsgraph.uploads.isolation import IsolatedJudge
from bpsgraph.web.snapshot import Snapshot

_LOG = logging.getLogger("bpsgraph.web")
# How long a generation that does not open is left alone, in seconds.
_PAUSE = 5.0


class Site:
    """The store that the settings name, served; `token` is what a writer has to show, if any may write.

    Raises what `open_store` raises. To be closed at the end.
    """

    def __init__(self, settings: Settings, *, token: str | None = None) -> None:
        self.settings = settings
        self.token = token
        self.path: Path = settings.folder("bpsgraph serve")
        # Looked at for each request, so that it is put together once.
        self._marker = self.path / MARKER
        self.sources: Sources = find_sources(settings.sources)
        self.library: Library = library_of(settings)
        self.limits = Limits.of(settings)
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._refreshing = False
        self._again_at = 0.0
        self._pool: Pool | None = None
        self._changes: Pool | None = None
        self._judge: IsolatedJudge | None = None
        self._seen = self._stamp()
        self._snapshot = self._opened()

    @property
    def writable(self) -> bool:
        """Whether whoever shows the token may change the store."""
        return self.token is not None

    @cached_property
    def boundaries(self) -> tuple[Outline, ...]:
        """The outlines in the file that the settings name; raises what `boundaries` raises."""
        path = self.settings.boundaries
        return boundaries(path, self.settings.max_file_size) if path else ()

    def generation(self) -> str:
        """The generation that is served now; a newer one is opened meanwhile, and served once it is open."""
        if self._stamp() != self._seen and monotonic() >= self._again_at:
            self._refresh_soon()
        return self._snapshot.generation

    def refresh(self) -> str:
        """Serve the newest generation, for whoever has just written it; raises what `open_store` raises."""
        with self._opening:
            stamp = self._stamp()
            if stamp != self._seen:
                before, self._snapshot = self._snapshot, self._opened()
                self._seen = stamp
                before.retire()
            return self._snapshot.generation

    def _refresh_soon(self) -> None:
        with self._lock:
            if self._refreshing:
                return
            self._refreshing = True

        def refresh() -> None:
            try:
                self.refresh()
            except BpsError as error:
                # What is open stays served.
                _LOG.warning("%s", error)
                self._again_at = monotonic() + _PAUSE
            finally:
                self._refreshing = False

        threading.Thread(target=refresh, name="new generation", daemon=True).start()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The generation that is served now, open for as long as the `with` lasts."""
        self.generation()
        snapshot = self._snapshot
        while not snapshot.enter():
            snapshot = self._snapshot
        try:
            yield snapshot
        finally:
            snapshot.leave()

    @property
    def pool(self) -> Pool:
        """The workers for SPARQL that strangers write; they are started when they are first asked for."""
        with self._lock:
            if self._pool is None:
                self._pool = Pool(
                    "bpsgraph.store.answering.answering",
                    {"store": str(self.path.resolve())},
                    readable=[self.path],
                    limits=self.limits,
                )
            return self._pool

    @property
    def changes(self) -> Pool:
        """The worker that works out what writers ask for; it is started when it is first asked for."""
        with self._lock:
            if self._changes is None:
                self._changes = Pool(
                    "bpsgraph.updating.changing.changing",
                    {"store": str(self.path.resolve())},
                    readable=[self.path],
                    limits=replace(self.limits, workers=1, long=0, spare=0, waiting=self.limits.starting),
                )
            return self._changes

    @property
    def judge(self) -> IsolatedJudge:
        """The workers that judge files; they are started when they are first asked for."""
        with self._lock:
            if self._judge is None:
                self._judge = IsolatedJudge(
                    self.path, self.sources.root, library=self.settings.library, limits=self.limits
                )
            return self._judge

    def workers(self) -> dict[str, tuple[int, int]]:
        """How many processes of each pool that was asked already have a job, and how many have none."""
        with self._lock:
            pools = {"query": self._pool, "upload": self._judge}
        found = {}
        for name, pool in pools.items():
            if pool is not None:
                busy = len(pool.busy())
                found[name] = busy, max(0, len(pool.processes()) - busy)
        return found

    def close(self) -> None:
        """End the workers, and close the store after its last reader."""
        with self._lock:
            workers = self._pool, self._changes, self._judge
            self._pool = self._changes = self._judge = None
        for pool in workers:
            if pool is not None:
                pool.close()
        self._snapshot.retire()

    def _opened(self) -> Snapshot:
        return Snapshot(self.path, open_store(self.path), self.library, self.sources)

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = self._marker.stat()
        except OSError:
            # What is open stays served; whoever opens anew is told.
            return getattr(self, "_seen", (0, 0, 0))
        return stat.st_mtime_ns, stat.st_ino, stat.st_size
