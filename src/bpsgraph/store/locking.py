"""The advisory lock that a folder carries: shared by those who read in it, held alone by one who writes."""

import os
from pathlib import Path

from bpsgraph.errors import StoreBusy, StoreUnavailable

try:
    import fcntl
except ImportError:  # Windows has no such lock; there RocksDB's own keeps a second opening out.
    fcntl = None  # type: ignore[assignment]


def available() -> bool:
    """Whether this system has such locks."""
    return fcntl is not None


def lock(folder: Path, *, alone: bool) -> int | None:
    """The lock of a folder, to be given to `unlock`; None where the system has none.

    Raises `StoreBusy` where another process holds it, and `StoreUnavailable`.
    """
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            holder = "it is being read or written" if alone else "it is being written"
            raise StoreBusy(folder, holder + " by another process") from error
        raise StoreUnavailable(folder, f"it cannot be locked ({error.strerror})") from error
    return handle


def unlock(held: int | None) -> None:
    """Let go of a lock."""
    if held is not None:
        os.close(held)


def make_durable(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; raises `OSError`."""
    if fcntl is None:  # Windows opens no folder, and writes names through.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
