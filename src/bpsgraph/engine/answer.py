"""The answer of a worker to one job, as it comes."""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Protocol, Self

from bpsgraph.engine import frames
from bpsgraph.engine.process import Reason, WorkerProcess
from bpsgraph.errors import BpsError


class Owner(Protocol):
    """Whose the worker is that answers: the pool."""

    def release(self, worker: WorkerProcess) -> None:
        """Take a worker back whose job is done."""

    def abandon(self, answer: "Answer") -> None:
        """End the job that an answer is still waiting for; its reader buries the worker."""

    def end(self, worker: WorkerProcess, reason: Reason) -> None:
        """Kill a worker under a job."""

    def death(self, worker: WorkerProcess, seconds: float, what: str) -> BpsError:
        """Take a worker that died under a job out of the books, and say why it did."""


class Answer:
    """The answer to one job: its head, then its bytes piece by piece, then its end.

    Whoever does not read it to its end closes it, and with it ends the job.
    """

    def __init__(self, owner: Owner, worker: WorkerProcess, seconds: float, what: str) -> None:
        self.header: dict[str, Any] = {}
        self.end: dict[str, Any] | None = None
        self._owner = owner
        self._worker: WorkerProcess | None = worker
        self._seconds = seconds
        self._what = what
        self._first: tuple[int, bytes] | None = None

    def begin(self) -> None:
        """Wait for the head of the answer; raises the error in which the job ended."""
        kind, content = self._frame()
        if kind == frames.HEADER:
            self.header = json.loads(content)
            assert self._worker is not None
            self._worker.pause()
        elif kind == frames.END:
            self._finish(content)
        else:
            self._first = (kind, content)

    def __iter__(self) -> Iterator[bytes]:
        """The bytes as they come; raises the error in which the job ended."""
        if self._first is not None:
            yield self._first[1]
            self._first = None
        while self._worker is not None:
            self._worker.resume()
            kind, content = self._frame()
            if kind == frames.END:
                self._finish(content)
                return
            if self._worker is not None:
                self._worker.pause()
            yield content

    def read(self) -> bytes:
        """All the bytes at once."""
        return b"".join(self)

    @property
    def worker(self) -> WorkerProcess | None:
        """The worker that has the job; None once the job is at its end."""
        return self._worker

    def abandon(self) -> None:
        """End the job from another thread than that of the reader, who gets `PoolBusy`; again is harmless."""
        self._owner.abandon(self)

    def close(self) -> None:
        """End the job where it is not at its end; harmless where it is."""
        worker, self._worker = self._worker, None
        if worker is not None:
            self._owner.end(worker, Reason.LEFT)

    def _frame(self) -> tuple[int, bytes]:
        assert self._worker is not None
        worker = self._worker
        try:
            kind, content = worker.read()
        except EOFError:
            self._worker = None
            raise self._owner.death(worker, self._seconds, self._what) from None
        except BaseException:
            self.close()
            raise
        if kind in (frames.ERROR, frames.FAULT):
            self._worker = None
            self._owner.release(worker)
            raise frames.failure(kind, content)
        return kind, content

    def _finish(self, content: bytes) -> None:
        worker, self._worker = self._worker, None
        self.end = json.loads(content)
        assert worker is not None
        self._owner.release(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
