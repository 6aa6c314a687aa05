"""One process of a pool with its pipes: how it is started, spoken with, ended, and what its end meant."""

import contextlib
import fcntl
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self

import bpsgraph
from bpsgraph.engine import frames
from bpsgraph.engine.limits import Limits
from bpsgraph.errors import BpsError, OutOfMemory, PoolBusy, QueryTimeout, TooComplex, WorkerFailed

PIPE_SIZE: Final = 1 << 20
_START: Final = (
    "import json, sys; sys.path += json.loads(sys.argv[1]); from bpsgraph.engine.worker import main; main()"
)


class Reason(StrEnum):
    """Why a worker was ended from here."""

    LATE = "late"
    CROWDED = "crowded"
    UNREAD = "unread"
    LEFT = "left"
    CLOSED = "closed"


class WorkerProcess:
    """One process with its pipes; what it is doing, and since when."""

    def __init__(self, command: list[str], folder: str, setup: Mapping[str, Any]) -> None:
        self.began = monotonic()
        self.jobs = 0
        self.reason: Reason | None = None
        self.long = False
        self.late_for_quick = False
        self._until = math.inf
        self._paused: float | None = None
        self._buffer = bytearray()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            # Few arenas: each reserves addresses, which the limit on memory counts.
            env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            # Ctrl-C is for the process that listens, and ends this one through it.
            process_group=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.outgoing = self.process.stdin.fileno()
        self.incoming = self.process.stdout.fileno()
        self.death = os.pidfd_open(self.process.pid)
        # Rung when it is ended from here, because its pipe closes only when all its memory is freed.
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self.incoming, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)
        self._buried = False
        with contextlib.suppress(OSError, AttributeError):
            for pipe in (self.incoming, self.outgoing):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        with contextlib.suppress(BrokenPipeError):
            self.send(frames.job(setup, b""))

    @classmethod
    def start(cls, command: list[str], setup: Mapping[str, Any]) -> Self:
        """A process that is starting, by the command that `command_of_worker` gives; raises `OSError`."""
        # Its folder is empty and loses its name at once: nothing can be left there.
        with tempfile.TemporaryDirectory(prefix="bpsgraph-", ignore_cleanup_errors=True) as folder:
            return cls(command, folder, setup)

    def begin(self, seconds: float) -> None:
        """Count from now on what a job may take."""
        self.began = monotonic()
        self._until = self.began + seconds
        self._paused = None

    def pause(self) -> None:
        """Its reader is busy otherwise, which is not this job's fault."""
        self._paused = monotonic()

    def resume(self) -> None:
        """Its reader waits for it again."""
        if self._paused is not None:
            self._until += monotonic() - self._paused
            self._paused = None

    def deadline(self, now: float) -> float:
        """When the job is late."""
        paused = self._paused
        return self._until if paused is None else self._until + now - paused

    def next_event(self, limits: Limits, now: float) -> float:
        """When something has to be done about the job."""
        if self.reason:
            return math.inf
        quick = math.inf if self.late_for_quick else self.began + limits.quick
        return min(quick, self.deadline(now), self.began + limits.reading)

    def yield_to_others(self, niceness: int) -> None:
        """Let all others go first from now on."""
        self.late_for_quick = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, niceness)

    def send(self, content: bytes) -> None:
        """Put bytes into its standard input; raises `BrokenPipeError` where it has died."""
        left = memoryview(content)
        while left:
            left = left[os.write(self.outgoing, left) :]

    def read(self) -> tuple[int, bytes]:
        """The next frame; raises `EOFError` where the process is no more, or was ended."""
        buffer, head = self._buffer, frames.HEAD.size
        needed = head
        while True:
            if len(buffer) >= head:
                size, kind = frames.HEAD.unpack_from(buffer)
                if size > frames.LARGEST:
                    raise EOFError
                needed = head + size
                if len(buffer) >= needed:
                    content = bytes(memoryview(buffer)[head:needed])
                    del buffer[:needed]
                    return kind, content
            if any(number == self._bell for number, _ in self._poll.poll()):
                raise EOFError
            piece = os.read(self.incoming, max(1 << 16, needed - len(buffer)))
            if not piece:
                raise EOFError
            buffer += piece

    def end(self, reason: Reason) -> None:
        """Kill it, unless that was done already; the first reason counts."""
        if not self.reason:
            self.reason = reason
            self.process.kill()
            if not self._buried:
                os.eventfd_write(self._bell, 1)

    def cause_of_death(self, limits: Limits, seconds: float, what: str) -> BpsError:
        """The error that says why it is no more, to whoever gave it a job of so many seconds."""
        match self.reason:
            case Reason.LATE:
                return QueryTimeout(seconds, what)
            case Reason.CROWDED:
                return PoolBusy(f"{what} took long while others waited for a worker")
            case Reason.UNREAD:
                return QueryTimeout(limits.reading, f"reading the answer to {what}")
            case Reason.CLOSED | Reason.LEFT:
                return PoolBusy("the workers are stopped")
        code = self.process.wait()
        match -code:
            case signal.SIGXCPU:
                return QueryTimeout(seconds, what)
            case signal.SIGABRT:
                return OutOfMemory(limits.memory, what)
            case signal.SIGSEGV | signal.SIGBUS:
                return TooComplex(
                    f"{what} is too complex for the engine", "nest less, or ask in several queries"
                )
        ending = f"signal {-code} ended it" if code < 0 else f"it ended with {code}"
        return WorkerFailed(self.last_words() or ending)

    def last_words(self) -> str:
        """The last line that it wrote to its standard error."""
        if self._buried or self.process.stderr is None:
            return ""
        os.set_blocking(self.process.stderr.fileno(), False)
        try:
            said = os.read(self.process.stderr.fileno(), 1 << 16)
        except OSError:
            return ""
        lines = said.decode("utf-8", "replace").split("\n")
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")

    def bury(self) -> None:
        """Wait for its end and let go of its pipes."""
        if self._buried:
            return
        self._buried = True
        self.process.kill()
        self.process.wait()
        os.close(self.death)
        os.close(self._bell)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def command_of_worker() -> list[str]:
    """What starts a worker, with the Python and the packages of this process and nothing else of it."""
    return [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, json.dumps(_paths())]


def _paths() -> list[str]:
    """Where a worker finds this package and those that it uses."""
    package = Path(bpsgraph.__file__).resolve().parents[1]
    engine = find_spec("pyoxigraph")
    assert engine is not None
    assert engine.origin is not None
    places = [str(package), str(Path(engine.origin).parents[1])]
    places += [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys(places))
