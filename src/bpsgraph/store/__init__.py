"""Stores: the protocol that every store follows, and the one embedded in this process."""

from pathlib import Path

from bpsgraph.store.base import Store, ask, construct, select
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.locking import WAIT

__all__ = ["EmbeddedStore", "Store", "ask", "construct", "open_store", "select"]


def open_store(location: str | Path, *, writable: bool = False, wait: float = WAIT) -> EmbeddedStore:
    """The store in that folder, to be read by many at once or, when writable, changed by this process alone.

    A writer waits `wait` seconds for the one before it. Raises `StoreMissing` where there is none, and a
    `StoreError` where it is damaged, of another format or, for a writer, in use.
    """
    return EmbeddedStore.open(Path(location), writable=writable, wait=wait)
