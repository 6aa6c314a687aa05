"""One generation of the store with what is made from it once, for as long as anybody reads it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from bpsgraph.answers import Answer, answered
from bpsgraph.ingest.names import Names
from bpsgraph.library import Library
from bpsgraph.library.saved import Values
from bpsgraph.resource import labels
from bpsgraph.sources import Sources
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.marker import MARKER, Marker
from bpsgraph.vocabulary import names_of

T = TypeVar("T")


class Snapshot:
    """A store that does not change any more; safe to use from threads.

    `generation` tells it from all others. `published` is when it was, `modified` the same as a date of
    HTTP, and `modified_on` that day.
    """

    def __init__(self, path: Path, store: EmbeddedStore, library: Library, sources: Sources) -> None:
        assert store.marker is not None
        self.path = path
        self.store = store
        self.library = library
        self.sources = sources
        self.marker: Marker = store.marker
        self.generation = f"{self.marker.generation}-{self.marker.manifest.removeprefix('sha256:')[:16]}"
        seconds = int((path / MARKER).stat().st_mtime)
        self.published = datetime.fromtimestamp(seconds, UTC)
        self.modified = formatdate(seconds, usegmt=True)
        self.modified_on = self.published.date().isoformat()
        self._readers = 0
        self._retired = False
        self._lock = threading.Lock()
        self._kept: dict[Any, tuple[threading.Lock, list[Any]]] = {}

    @cached_property
    def names(self) -> Names:
        """The names of the vocabulary; they are read when asked for."""
        return names_of(self.store)

    def answered(self, query: str, **values: Values) -> Answer:
        """The answer of a saved query; raises what `bpsgraph.answers.answered` raises."""
        return answered(self.store, self.library, query, values)

    def labels(self, iris: "set[str]", language: str) -> dict[str, str]:
        """The label of each IRI that has one, in the language where there is one in it."""
        return labels(self.store, iris, language)

    def kept(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this snapshot and key: an index, counts, what is asked often."""
        with self._lock:
            lock, found = self._kept.setdefault(key, (threading.Lock(), []))
        with lock:
            if not found:
                found.append(make())
        made: T = found[0]
        return made

    def enter(self) -> bool:
        """Begin to read; False where it is closed already."""
        with self._lock:
            if self._retired:
                return False
            self._readers += 1
            return True

    def leave(self) -> None:
        """End to read."""
        with self._lock:
            self._readers -= 1
            last = self._retired and not self._readers
        if last:
            self.store.close()

    def retire(self) -> None:
        """Close it after its last reader."""
        with self._lock:
            last = not self._retired and not self._readers
            self._retired = True
        if last:
            self.store.close()
