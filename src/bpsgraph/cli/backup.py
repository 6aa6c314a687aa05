"""`bpsgraph backup`: the store and its journal as they are now, copied into a new folder."""

import sys
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Argument
from bpsgraph.config import load_settings
from bpsgraph.store.backup import back_up
from bpsgraph.store.journal import Journal, journal_of


def backup(
    folder: Annotated[Path, Argument(metavar="DIR", help="A new folder, best on another disk.")],
    store: StoreOption = None,
) -> None:
    """Copy the store and its journal into a new folder, while others go on reading and writing.

    Every file is compared with its hash as it is copied, and is in the manifest of the backup with it.
    """
    settings = load_settings({"store": store})
    place = settings.folder("bpsgraph backup", "back it up with its own means, and the journal as files")
    done = back_up(place, Journal(settings.journal or journal_of(place)), folder)
    print(done.entry, done.hash())
    print(f"{folder}: {len(done.files):,} files, {done.size:,} bytes, entry {done.entry}", file=sys.stderr)
