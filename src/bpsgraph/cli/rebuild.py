"""`bpsgraph rebuild`: repair the journal, and build the store from it and the sources."""

import sys

from bpsgraph.cli.build import shown
from bpsgraph.cli.output import StoreOption
from bpsgraph.config import load_settings
from bpsgraph.sources import find_sources


def rebuild(store: StoreOption = None) -> None:
    """Repair the journal, then build the store anew, whatever became of the old one.

    An entry of the journal that is missing or damaged is restored from its copy in the store, or made anew
    from what the store holds, where its hash proves it. Where nothing does, nothing is changed and the exit
    code is 3.
    """
    from bpsgraph import building

    settings = load_settings({"store": store})
    place = settings.folder("bpsgraph rebuild", "run it on a folder, then `bpsgraph build` with this store")
    sources = find_sources(settings.sources, settings.catalogues)
    with shown() as show:
        done = building.rebuild(place, sources, show, journal=settings.journal, wait=settings.lock_timeout)
    for sentence in done.mended or ("the journal and its copies are whole",):
        print(sentence, file=sys.stderr)
    built = done.built
    print(f"{place}: {built.graphs} graphs, {built.triples:,} triples", file=sys.stderr)
