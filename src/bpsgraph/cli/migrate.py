"""`bpsgraph migrate`: a store of an older format as one of the format of this version."""

import sys

from bpsgraph.cli.output import StoreOption
from bpsgraph.config import load_settings
from bpsgraph.store.migrations import migrate as migrate_store


def migrate(store: StoreOption = None) -> None:
    """Bring a store that an older version has written to the format of this one; what it holds stays."""
    settings = load_settings({"store": store})
    done = migrate_store(settings.store, wait=settings.lock_timeout)
    was = "already" if done.before == done.after else f"now, it was of format {done.before}"
    print(f"{settings.store}: format {done.after} {was}, {done.triples:,} triples", file=sys.stderr)
