"""What the engine needs of the system before it opens a store on disk.

RocksDB starts threads and reserves addresses for them. Where the system refuses either it has no error to
give: the whole process ends, in the middle of whatever it does. So both are looked at before it is called.
"""

import os
import threading
from pathlib import Path

from bpsgraph.errors import StoreUnavailable

try:
    import resource
except ImportError:  # Windows limits neither in this way.
    resource = None  # type: ignore[assignment]

_MEGABYTE = 1_000_000
# Seen when accepting and building; the C library reserves an arena for each thread beside that.
_ADDRESSES = 550 * _MEGABYTE
_ARENA = 64 * _MEGABYTE


def check(store: Path) -> None:
    """Raise `StoreUnavailable` where the system does not give what opening a store takes."""
    if resource is None:
        return
    threads = min(os.cpu_count() or 1, 16) + 2
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    needed = _ADDRESSES + (0 if "MALLOC_ARENA_MAX" in os.environ else threads * _ARENA)
    if limit != resource.RLIM_INFINITY and limit < needed:
        raise StoreUnavailable(
            store,
            f"this process may have {limit // _MEGABYTE:,} MB of addresses (`ulimit -v`), and needs "
            f"{needed // _MEGABYTE:,} MB",
        )
    if not _can_start(threads):
        raise StoreUnavailable(
            store, f"the system does not let this process start {threads} threads (`ulimit -u`)"
        )


def _can_start(number: int) -> bool:
    enough = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(number):
            thread = threading.Thread(target=enough.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        return False
    finally:
        enough.set()
        for thread in started:
            thread.join()
    return True
