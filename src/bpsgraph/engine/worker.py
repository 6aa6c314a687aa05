"""The process in which strangers' work is done: it gives up what it can, then does one job after the other.

It is started by `bpsgraph.engine.pool` and speaks `bpsgraph.engine.frames` over its standard input and
output. A job is made once, by the function whose dotted name the pool gives, and called for each request:

    def make(**options) -> Job
    def job(arguments, payload, reply) -> end

`reply.head(...)` sends what is known beforehand, `reply.write(...)` bytes as they come, and what the job
returns ends the answer; both are small dictionaries that JSON can hold.
"""

import functools
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from bpsgraph.engine import frames, sandbox
from bpsgraph.errors import BpsError

Job = Callable[[Mapping[str, Any], bytes, "Reply"], Mapping[str, Any] | None]

# Small answers go in one piece with their head and their end; those that take long are sent as they come.
_PIECE = 1 << 16
_PATIENCE = 0.1


class Reply:
    """The answer under way: a file that a serialiser can write to."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._kept: list[bytes] = []
        self._size = 0
        self._since = monotonic()

    def head(self, said: Mapping[str, Any]) -> None:
        """Say what is known before the first byte: the media type, the form of the answer."""
        self._keep(frames.spoken(frames.HEADER, said))

    def write(self, content: bytes) -> int:
        """Send some bytes of the answer, now or with those that follow; returns how many."""
        size = len(content)
        self._kept.append(frames.HEAD.pack(size, frames.DATA))
        self._keep(content)
        return size

    def flush(self) -> None:
        """Nothing: what is worth sending is sent."""

    def end(self, kind: int, said: Mapping[str, Any]) -> None:
        """Send all that is left, and the last frame."""
        self._kept.append(frames.spoken(kind, said))
        self._send()

    def _keep(self, content: bytes) -> None:
        self._kept.append(content)
        self._size += len(content)
        if self._size > _PIECE or monotonic() - self._since > _PATIENCE:
            self._send()

    def _send(self) -> None:
        content = memoryview(b"".join(self._kept))
        self._kept.clear()
        self._size = 0
        while content:
            content = content[os.write(self._pipe, content) :]
        self._since = monotonic()


def nothing() -> Job:
    """A job that does nothing, to see whether a worker can be started and what it gives up."""
    return lambda arguments, payload, reply: None


def main() -> None:
    """Serve the pool that started this process until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    incoming, outgoing = os.dup(0), os.dup(1)
    # Whatever prints must not end up in the middle of an answer.
    os.dup2(2, 1)
    with open(incoming, "rb") as requests:  # noqa: PTH123 - a descriptor, not a path
        _, content = _next(requests)
        setup, _ = frames.job_of(content)
        report = sandbox.confine(
            setup["readable"],
            memory=setup["memory"],
            descriptors=setup["descriptors"],
            niceness=setup["niceness"],
            parent=setup["parent"],
        )
        made: list[Job] = []
        _answer(Reply(outgoing), lambda reply: made.append(_named(setup["task"])(**setup["options"])))
        if not made:
            return
        Reply(outgoing).end(frames.READY, {"sandbox": report})
        gc.collect()
        gc.freeze()
        while True:
            kind, content = _next(requests)
            if kind != frames.JOB:
                return
            arguments, payload = frames.job_of(content)
            sandbox.limit_time(arguments.pop("timeout"))
            work = functools.partial(made[0], arguments, payload)
            _answer(Reply(outgoing), work, ended=True)
            del arguments, payload, content, work


def _next(requests: Any) -> tuple[int, bytes]:
    head = requests.read(frames.HEAD.size)
    if len(head) < frames.HEAD.size:
        sys.exit(0)
    size, kind = frames.HEAD.unpack(head)
    return kind, requests.read(size)


def _named(task: str) -> Callable[..., Job]:
    module, _, name = task.rpartition(".")
    found: Callable[..., Job] = getattr(importlib.import_module(module), name)
    return found


def _answer(reply: Reply, work: Callable[[Reply], Any], *, ended: bool = False) -> None:
    """Do the work and send how it ended; what it raises is sent too."""
    try:
        said = work(reply)
        if ended:
            reply.end(frames.END, said or {})
    except BpsError as error:
        reply.end(frames.ERROR, frames.told(error))
    except MemoryError:
        # Not everything can be freed again, so the process ends as the engine's own would.
        os.abort()
    except RecursionError:
        os.kill(os.getpid(), signal.SIGSEGV)
    except Exception:
        import traceback

        reply.end(frames.FAULT, {"trace": traceback.format_exc()[-8_000:]})
