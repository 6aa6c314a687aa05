"""Stores: the protocol that every store follows, and the one embedded in this process."""

from pathlib import Path

from bpsgraph.store.base import Store, ask, construct, select
from bpsgraph.store.embedded import EmbeddedStore

__all__ = ["EmbeddedStore", "Store", "ask", "construct", "open_store", "select"]


def open_store(location: str | Path, *, writable: bool = False) -> EmbeddedStore:
    """The store in that folder, to be read by many at once or, when writable, held by this process alone.

    Raises `StoreMissing` where there is none, and a `StoreError` where it is damaged or in use.
    """
    return EmbeddedStore.open(Path(location), writable=writable)
