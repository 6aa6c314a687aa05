"""Stores: the protocol that every store follows, and the one embedded in this process."""

from pathlib import Path
from typing import TYPE_CHECKING, overload

from bpsgraph.endpoint import Endpoint, is_url
from bpsgraph.store.base import Store, ask, construct, select
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.locking import WAIT

if TYPE_CHECKING:
    from bpsgraph.store.remote import RemoteStore

__all__ = ["EmbeddedStore", "Store", "ask", "construct", "open_store", "select"]


@overload
def open_store(location: Path, *, writable: bool = False, wait: float = WAIT) -> EmbeddedStore: ...


@overload
def open_store(
    location: str | Path | Endpoint, *, writable: bool = False, wait: float = WAIT
) -> "EmbeddedStore | RemoteStore": ...


def open_store(
    location: str | Path | Endpoint, *, writable: bool = False, wait: float = WAIT
) -> "EmbeddedStore | RemoteStore":
    """The store in that folder, to be read by many at once or, when writable, changed by this process alone.

    A writer waits `wait` seconds for the one before it. Raises `StoreMissing` where there is none, and a
    `StoreError` where it is damaged, of another format or, for a writer, in use.

    A URL, or an endpoint, is a store on a server (docs/remote-stores.md), for a URL with the settings that
    hold here; it can be written to where the server lets one. Where its engine answers questions wrongly it
    is a copy, to be read. Raises a `StoreError` where there is no answer.
    """
    if isinstance(location, str) and is_url(location):
        from bpsgraph.config import load_settings

        location = load_settings({"store": location}).store
    if isinstance(location, Endpoint):
        from bpsgraph.store.remote.replica import opened

        return opened(location)
    return EmbeddedStore.open(Path(location), writable=writable, wait=wait)
