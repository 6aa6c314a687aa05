"""Advisory locks: the one a folder carries, shared by those who read in it, and the one of the one writer."""

import contextlib
import os
import time
from pathlib import Path
from typing import Self

from bpsgraph.errors import StoreBusy, StoreUnavailable

try:
    import fcntl
except ImportError:  # Windows locks bytes of a file, and lets nobody take away what is open.
    fcntl = None  # type: ignore[assignment]
try:
    import msvcrt
except ImportError:
    msvcrt = None  # type: ignore[assignment]

LOCK = "lock"
WAIT = 5.0
"""How long a writer waits for the one before it, in seconds, where nothing else is said."""
_STEP = 0.005
# Windows keeps others from reading the bytes that are locked, and the process id is to be read.
_FAR = 1 << 30


def available() -> bool:
    """Whether this system has locks of folders."""
    return fcntl is not None


def lock(folder: Path, *, alone: bool, wait: float = 0.0) -> int | None:
    """The lock of a folder, to be given to `unlock`; None where the system has none.

    Raises `StoreBusy` where another process still holds it after `wait` seconds, and `StoreUnavailable`.
    """
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            if _within(handle, alone, time.monotonic() + wait):
                return handle
        except OSError:
            os.close(handle)
            raise
    except OSError as error:
        raise StoreUnavailable(folder, f"it cannot be locked ({error.strerror})") from error
    os.close(handle)
    holder = "it is being read or written" if alone else "it is being written"
    raise StoreBusy(folder, holder + " by another process")


def held(folder: Path, *, alone: bool) -> int | None:
    """The lock of a folder that may be taken away meanwhile, -1 where the system has no such locks.

    None where the folder is gone, or another holds it. Raises `OSError`.
    """
    if fcntl is None:
        return -1 if folder.is_dir() else None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _locked(handle, alone) and _is_still(handle, folder):
            return handle
    except OSError:
        os.close(handle)
        raise
    os.close(handle)
    return None


def unlock(held: int | None) -> None:
    """Let go of a lock."""
    if held is not None and held >= 0:
        os.close(held)


class WriterLock:
    """The lock of the one who may change a store: its file `lock`, with the writer's process id."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    @classmethod
    def take(cls, store: Path, wait: float) -> Self:
        """The lock, once it is free. Writers come to it one by one, so that none is passed over for long.

        Raises `StoreBusy` with the writer's process id after `wait` seconds, and `StoreUnavailable`.
        """
        deadline = time.monotonic() + wait
        path = store / LOCK
        turn = None
        try:
            # Whoever waits holds the folder, and the one who had the lock waits behind them for the next.
            if fcntl is not None:
                turn = os.open(store, os.O_RDONLY)
                if not _within(turn, True, deadline):
                    raise StoreBusy(store, "it is being written by another process", pid=_pid_in(path))
            while True:
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
                try:
                    if not _within(handle, True, deadline):
                        raise StoreBusy(store, "it is being written by another process", pid=_pid_in(path))
                    if _is_still(handle, path):
                        os.ftruncate(handle, 0)
                        os.write(handle, f"{os.getpid()}\n".encode())
                        return cls(path, handle)
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)
        except OSError as error:
            raise StoreUnavailable(store, error.strerror or str(error)) from error
        finally:
            unlock(turn)

    @property
    def is_held(self) -> bool:
        """Whether it was not let go of."""
        return self._handle is not None

    def release(self, *, forget: bool = False) -> None:
        """Let go of the lock, and take its file away where it is to be forgotten; again is harmless."""
        if self._handle is None:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, 0)
            if forget:
                self.path.unlink()
        os.close(self._handle)
        self._handle = None


def make_durable(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; raises `OSError`."""
    if fcntl is None and path.is_dir():  # Windows opens no folder, and writes names through.
        return
    handle = os.open(path, os.O_RDONLY if fcntl is not None else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(handle: int, alone: bool) -> bool:
    try:
        if fcntl is not None:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        elif msvcrt is not None:
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _within(handle: int, alone: bool, deadline: float) -> bool:
    while not _locked(handle, alone):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_STEP)
    return True


def _is_still(handle: int, path: Path) -> bool:
    """Whether the path still leads to what was opened by it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_bytes())
    except (OSError, ValueError):
        return None
