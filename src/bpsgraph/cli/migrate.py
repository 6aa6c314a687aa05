"""`bpsgraph migrate`: a store of an older format as one of the format of this version."""

import sys

from bpsgraph.cli.output import StoreOption
from bpsgraph.config import load_settings
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.journal import Journal, journal_of
from bpsgraph.store.migrations import migrate as migrate_store


def migrate(store: StoreOption = None) -> None:
    """Bring a store that an older version has written to the format of this one; what it holds stays."""
    settings = load_settings({"store": store})
    place = settings.folder("bpsgraph migrate", "run `bpsgraph build` with this store, which writes it anew")
    done = migrate_store(place, wait=settings.lock_timeout)
    journal = Journal(settings.journal or journal_of(place))
    if journal.folder.exists():
        with journal.writing(settings.lock_timeout):
            Copies(copies_of(place)).complete(journal.listed())
    was = "already" if done.before == done.after else f"now, it was of format {done.before}"
    print(f"{place}: format {done.after} {was}, {done.triples:,} triples", file=sys.stderr)
