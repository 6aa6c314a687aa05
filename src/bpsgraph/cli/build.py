"""`bpsgraph build`: a store from the bundled ontology and data."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Option
from bpsgraph.cli.remote import JournalOption, journal_of, replica_of
from bpsgraph.config import Settings, load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.sources import Sources, find_sources

if TYPE_CHECKING:
    from bpsgraph.building import Progress

Catalogues = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="A folder of catalogues to put in as well: Turtle, each file named <code>-<edition>.ttl.",
    ),
]


def build(store: StoreOption = None, catalogues: Catalogues = None, journal: JournalOption = None) -> None:
    """Build the store from the ontology and the data, and from what was accepted and withdrawn.

    An older one is replaced once this one is complete. A store on a server is built here, and the graphs that
    are other than there are sent; where that breaks off, the same command goes on with it.
    """
    from bpsgraph import building

    settings = load_settings({"store": store, "catalogues": catalogues, "journal": journal})
    sources = find_sources(settings.sources, settings.catalogues)
    if isinstance(settings.store, Endpoint):
        _on_server(settings, settings.store, sources)
        return
    with shown() as show:
        built = building.build(
            settings.store,
            sources,
            show,
            journal=settings.journal,
            wait=settings.lock_timeout,
        )
        show("names to search", 0, 0)
        _index_names(settings.store, sources)
    print(f"{settings.store}: {built.graphs} graphs, {built.triples:,} triples", file=sys.stderr)


def _index_names(store: Path, sources: Sources) -> None:
    """Keep the index of names beside the store, where one can write; a search makes it otherwise."""
    from bpsgraph.errors import UnknownQuery
    from bpsgraph.library import Library
    from bpsgraph.publishing.searching import index_of, kept_beside
    from bpsgraph.store import open_store

    # Questions of one's own may be without those that a search asks.
    with suppress(UnknownQuery), open_store(store) as built:
        index_of(built, Library(sources.root / "queries"), sources.shapes(), kept_beside(store))


def _on_server(settings: Settings, endpoint: Endpoint, sources: Sources) -> None:
    from bpsgraph import building
    from bpsgraph.store.journal import Journal

    with replica_of(settings, endpoint).changing(renewed=False) as change:
        if change.marker is not None and change.marker.entry:
            # What was accepted there must not be lost.
            Journal(journal_of(settings)).goes_beyond(change.marker.entry, change.marker.entry_hash)
        # Without a journal nothing was accepted; that of another store beside the copy would not be of this.
        journal = settings.journal or change.folder.with_name("no journal")
        with shown() as show:
            built = building.build(change.folder, sources, show, journal=journal, wait=settings.lock_timeout)
            sent = change.send(None, show)
    words = f"{sent.sent} sent, {sent.removed} removed, {sent.left} there already"
    print(f"{endpoint}: {built.graphs} graphs, {built.triples:,} triples; {words}", file=sys.stderr)


@contextmanager
def shown() -> "Iterator[Progress]":
    """What shows on a terminal how far a build is."""
    from rich import progress
    from rich.console import Console

    columns = (progress.BarColumn(), progress.TextColumn("{task.description}"))
    with progress.Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("")

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield show
