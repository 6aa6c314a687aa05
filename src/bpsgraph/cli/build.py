"""`bpsgraph build`: a store from the bundled ontology and data."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bpsgraph import building
from bpsgraph.cli.output import StoreOption
from bpsgraph.config import load_settings
from bpsgraph.sources import find_sources


def build(store: StoreOption = None) -> None:
    """Build the store from the ontology and the data, and from what was accepted and withdrawn.

    An older one is replaced once this one is complete.
    """
    settings = load_settings({"store": store})
    sources = find_sources(settings.sources)
    with shown() as show:
        built = building.build(
            settings.store, sources, show, journal=settings.journal, wait=settings.lock_timeout
        )
    print(f"{settings.store}: {built.graphs} graphs, {built.triples:,} triples", file=sys.stderr)


@contextmanager
def shown() -> Iterator[building.Progress]:
    """What shows on a terminal how far a build is."""
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("")

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield show
