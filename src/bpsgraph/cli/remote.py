"""What works on files, for a store on a server: on a copy of it, whose changes are sent there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from bpsgraph.cli.parameters import Option
from bpsgraph.config import Settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadParameter

if TYPE_CHECKING:
    from bpsgraph.acceptance import Register
    from bpsgraph.library import Library
    from bpsgraph.store.remote.replica import Replica

JournalOption = Annotated[
    Path | None,
    Option(metavar="DIR", help="The folder of the journal (default: beside the store; on a server: none)."),
]


def replica_of(settings: Settings, endpoint: Endpoint) -> "Replica":
    """The copy of a remote store, where the settings say that it is."""
    from bpsgraph.store.remote.replica import Replica

    return Replica(endpoint, settings.remote_copy, wait=settings.lock_timeout)


def folder_of(settings: Settings) -> Path:
    """The folder of the store, for one on a server that of a copy as new as the server."""
    if isinstance(settings.store, Path):
        return settings.store
    replica = replica_of(settings, settings.store)
    replica.renew()
    return replica.folder


@contextmanager
def registered(settings: Settings, library: "Library") -> "Iterator[Register]":
    """The register of the store; for one on a server, that of a copy whose changes are sent there at the end.

    Raises `BadParameter` where a store on a server has no journal here.
    """
    from bpsgraph.acceptance import Register

    if isinstance(settings.store, Path):
        yield Register(settings.store, library, settings.journal, wait=settings.lock_timeout)
        return
    journal = journal_of(settings)
    with replica_of(settings, settings.store).changing() as change:
        if change.marker is None:
            raise BadParameter(
                "--store", "nothing was sent to this server", "run `bpsgraph build` with this store first"
            )
        register = Register(change.folder, library, journal, wait=settings.lock_timeout)
        yield register
        if register.changed:
            sent = change.send(register.changed)
            print(f"{settings.store}: {sent.sent} graphs sent, {sent.removed} removed", file=sys.stderr)


def journal_of(settings: Settings) -> Path:
    """The folder of the journal of a remote store, which nobody can guess."""
    if settings.journal is None:
        raise BadParameter(
            "--journal", "the journal of a store on a server is kept here", "name its folder, or set journal"
        )
    return settings.journal
