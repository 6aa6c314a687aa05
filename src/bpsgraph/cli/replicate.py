"""`bpsgraph replicate`: a store that follows another one, to be read where the other cannot be."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BpsError
from bpsgraph.store.replication import replicate as bring_over


def replicate(
    source: Annotated[Path, Argument(metavar="SOURCE", help="The store to follow, or a copy of it.")],
    every: Annotated[
        float | None,
        Option(metavar="SECONDS", help="Go on until ended, and look for a newer state so often."),
    ] = None,
    keep: Annotated[
        int, Option(metavar="NUMBER", help="How many states to keep, for programs that copy them.", min=1)
    ] = 1,
    store: StoreOption = None,
) -> None:
    """Bring a read-only copy of a store to its newest state, while others read both.

    \\b
      bpsgraph replicate /mnt/writer/store --store /srv/bpsgraph/store
      bpsgraph replicate inbox --store /srv/bpsgraph/store --every 10

    Every file is compared with its hash, and readers find the new state once all of it is on the disk.
    """
    settings = load_settings({"store": store})
    place = settings.folder("bpsgraph replicate")
    once = partial(_once, source, place, keep, settings.lock_timeout)
    if every is not None and not 0 < every <= 86_400:
        raise BadParameter("--every", f"{every} is no time to wait", "give seconds, a day of them at most")
    once()
    said = ""
    while every is not None:
        time.sleep(every)
        try:
            once()
            said = ""
        except BpsError as error:
            # What is served stays served; the next look may find the source whole.
            if str(error) != said:
                said = str(error)
                print(f"error: {error} See docs/errors.md#{error.code}", file=sys.stderr, flush=True)


def _once(source: Path, place: Path, keep: int, wait: float) -> None:
    done = bring_over(source, place, keep=keep, wait=wait)
    if not done.changed:
        return
    print(done.marker.generation, done.marker.manifest, flush=True)
    print(
        f"{place}: generation {done.marker.generation}, entry {done.marker.entry}; "
        f"{done.copied:,} files with {done.size:,} bytes copied, {done.linked:,} linked",
        file=sys.stderr,
        flush=True,
    )
