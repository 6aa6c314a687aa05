"""Reads the file that somebody names, whole and up to a limit, and never waits for what may never come."""

import os
import select
import stat
import sys
import time
from pathlib import Path

from bpsgraph.errors import InputError, TooLarge, UnreadableFile

LIMIT = 32_000_000
PATIENCE = 10.0
STANDARD_INPUT = "standard input"
_PIECE = 1 << 20
_KINDS = (
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def content(path: str | Path, limit: int = LIMIT, *, name: str | None = None) -> bytes:
    """The bytes of a file, or of a pipe into which something writes; `limit` is how many there may be.

    `name` is how errors call the file, by default its path. Raises `UnreadableFile` where it cannot be
    opened, is a folder, a device or a socket, changes while it is read, or is a pipe through which nothing
    comes for `PATIENCE` seconds; `TooLarge` beyond the limit.
    """
    name = str(path) if name is None else name
    is_pipe(path)
    try:
        # Without O_NONBLOCK a pipe without a writer is waited for in open(2) itself.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0))
        try:
            before = os.fstat(descriptor)
            _refuse_what_is_no_file(before, name)
            if stat.S_ISFIFO(before.st_mode):
                return _from_pipe(descriptor, limit, name)
            data = _from_file(descriptor, limit, name)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    except ValueError as error:
        raise UnreadableFile(name, str(error)) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFile(
            name,
            "it changed while it was read",
            "wait until it is saved, and give it once more",
            changed=True,
        )
    return data


def is_pipe(path: str | Path) -> bool:
    """Whether the path is a pipe; raises `UnreadableFile` for what is neither that nor a file.

    That it is missing is a reason too, and so is a name that is no name.
    """
    name = str(path)
    if not name:
        raise UnreadableFile("''", "the name is empty", "name a file, or - for standard input")
    try:
        about = os.stat(path)  # noqa: PTH116
    except FileNotFoundError as error:
        if any(sign in name for sign in "*?["):
            raise UnreadableFile(name, "no file matches", "check the folder and the pattern") from error
        raise UnreadableFile(name, str(error.strerror)) from error
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    except ValueError as error:
        raise UnreadableFile(name, str(error)) from error
    _refuse_what_is_no_file(about, name)
    return stat.S_ISFIFO(about.st_mode)


def standard_input(limit: int = LIMIT) -> bytes:
    """The bytes of standard input, which is waited for to its end.

    On a terminal a note says so. Raises `UnreadableFile` where it is closed, and `TooLarge`.
    """
    if sys.stdin is None:
        raise UnreadableFile(STANDARD_INPUT, "it is closed", "give a file, or something to read from")
    if sys.stdin.isatty():
        print("note: reading standard input; Ctrl-D on a line of its own ends it", file=sys.stderr)
    try:
        data = sys.stdin.buffer.read(limit + 1)
    except (OSError, ValueError) as error:
        raise UnreadableFile(STANDARD_INPUT, getattr(error, "strerror", None) or str(error)) from error
    if len(data) > limit:
        raise TooLarge(STANDARD_INPUT, limit)
    return data


def _refuse_what_is_no_file(about: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(about.st_mode):
        raise UnreadableFile(name, "it is a folder", "name the files in it")
    for is_one, what in _KINDS:
        if is_one(about.st_mode):
            raise UnreadableFile(name, f"it is {what}, not a file", "name a file, or - for standard input")


def _from_file(descriptor: int, limit: int, name: str) -> bytes:
    if os.fstat(descriptor).st_size > limit:
        raise TooLarge(name, limit)
    pieces: list[bytes] = []
    length = 0
    while piece := os.read(descriptor, _PIECE):
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            raise TooLarge(name, limit)
    return b"".join(pieces)


def _from_pipe(descriptor: int, limit: int, name: str) -> bytes:
    pieces: list[bytes] = []
    length = 0
    last = time.monotonic()
    while True:
        try:
            piece = os.read(descriptor, _PIECE)
        except BlockingIOError:
            piece = None
        if piece:
            pieces.append(piece)
            length += len(piece)
            last = time.monotonic()
            if length > limit:
                raise TooLarge(name, limit)
        elif piece is not None and (pieces or _was_written_to(descriptor)):
            return b"".join(pieces)
        elif (left := last + PATIENCE - time.monotonic()) > 0:
            # A pipe that nobody has opened for writing yet reads as ended; only the clock tells it apart.
            select.select([descriptor] if piece is None else [], [], [], left if piece is None else 0.02)
        else:
            raise _silent(name)


def _was_written_to(descriptor: int) -> bool:
    """Whether somebody opened the pipe for writing and closed it again."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _silent(name: str) -> InputError:
    return UnreadableFile(
        name,
        f"it is a pipe, and nothing came through it for {PATIENCE:g} seconds",
        "start what writes into it, or save that in a file",
    )
