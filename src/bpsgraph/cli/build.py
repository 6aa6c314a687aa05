"""`bpsgraph build`: a store from the bundled ontology and data."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.sources import find_sources

if TYPE_CHECKING:
    from bpsgraph.building import Progress

Catalogues = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="A folder of catalogues to put in as well: Turtle, each file named <code>-<edition>.ttl.",
    ),
]


def build(store: StoreOption = None, catalogues: Catalogues = None) -> None:
    """Build the store from the ontology and the data, and from what was accepted and withdrawn.

    An older one is replaced once this one is complete.
    """
    from bpsgraph import building

    settings = load_settings({"store": store, "catalogues": catalogues})
    sources = find_sources(settings.sources, settings.catalogues)
    with shown() as show:
        built = building.build(
            settings.folder("bpsgraph build"),
            sources,
            show,
            journal=settings.journal,
            wait=settings.lock_timeout,
        )
    print(f"{settings.store}: {built.graphs} graphs, {built.triples:,} triples", file=sys.stderr)


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
