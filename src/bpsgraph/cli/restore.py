"""`bpsgraph restore`: a backup in the place of the store and its journal."""

import sys
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.store.journal import Journal, journal_of
from bpsgraph.store.restoring import restore as restore_backup


def restore(
    folder: Annotated[Path, Argument(metavar="DIR", help="What `backup` made.")],
    replace: Annotated[
        bool, Option("--replace", help="Yes, also where the store holds what the backup does not.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Put a backup in the place of the store and its journal, or where there are none.

    All of it is compared with its manifest before anything is touched. A store that holds an entry that the
    backup lacks is replaced only with --replace, and its journal is kept beside the new one.
    """
    settings = load_settings({"store": store})
    place = settings.folder("bpsgraph restore")
    journal = Journal(settings.journal or journal_of(place))
    done = restore_backup(folder, place, journal, replace=replace, wait=settings.lock_timeout)
    print(done.entry)
    if done.set_aside is not None:
        print(f"the old journal is now {done.set_aside}", file=sys.stderr)
    print(f"{settings.store}: entry {done.entry}, {done.triples:,} triples", file=sys.stderr)
