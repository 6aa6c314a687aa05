"""Workers that stand ready, one job at a time each: a death is an answer to one caller and costs nobody else.

    with Pool("bpsgraph.store.answering.answering", {"store": "build/store"}, readable=[store]) as pool:
        with pool.run({"query": text, "format": "json"}) as answer:
            answer.header
            for piece in answer: ...
            answer.end

A job begins in one of the places for quick work. One that takes longer than that yields to all others and,
while there are few of its kind, leaves its place to the next; else it is ended when others wait. A thread of
the pool, the keeper, starts workers, ends what is late and replaces the dead; it alone starts processes, as
the kernel ends a worker with the thread that started it. Whoever has a worker under a job closes its pipes,
so that nobody reads from a descriptor that is another's by now.
"""

import contextlib
import json
import math
import os
import select
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from bpsgraph.engine import frames
from bpsgraph.engine.answer import Answer
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.process import PIPE_SIZE, Reason, WorkerProcess, command_of_worker
from bpsgraph.errors import BpsError, PoolBusy, WorkerFailed

# How long nobody is started after a start that failed, in seconds: twice as long each time.
_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_LONGEST_POLL = 3_600.0
# A worker may be killed as it starts, by whoever lacks memory; one after the other is a fault.
_TRIES = 3


class Pool:
    """Processes that do one kind of job, made in each by the function `task` names; safe to use from threads.

    `options` are given to that function; `readable` are the folders that it may read beside the program.
    """

    def __init__(
        self,
        task: str,
        options: Mapping[str, Any],
        *,
        readable: Iterable[Path] = (),
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._setup = {
            "task": task,
            "options": dict(options),
            "readable": [str(path.resolve()) for path in readable],
            "memory": self.limits.memory,
            "descriptors": self.limits.descriptors,
            "niceness": self.limits.niceness,
            "parent": os.getpid(),
        }
        self._command = command_of_worker()
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._idle: list[WorkerProcess] = []
        self._starting: list[WorkerProcess] = []
        self._busy: list[WorkerProcess] = []
        self._dying: list[WorkerProcess] = []
        self._long = 0
        self._waiting = 0
        self._failure: BpsError | None = None
        self._failures = 0
        self._again_at = 0.0
        self._missed = 0
        self._closed = False
        self._sandbox: dict[str, str] = {}
        self._woken, self._waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._wakes_at = math.inf
        self._keeper = threading.Thread(target=self._keep, name="pool keeper", daemon=True)
        try:
            self._keeper.start()
        except RuntimeError as error:
            os.close(self._waker)
            os.close(self._woken)
            raise WorkerFailed(str(error)) from error

    def run(
        self,
        arguments: Mapping[str, Any],
        payload: bytes = b"",
        *,
        timeout: float | None = None,
        what: str = "the query",
        begun: Callable[[Answer], None] = lambda answer: None,
    ) -> Answer:
        """Start a job; comes back with the head of its answer, or with the error that it ended in.

        `begun` is given the answer before its head is there, so that another thread can abandon it.

        Raises what the job raises, `PoolBusy` where no worker is free in time, and for a worker that had to
        be ended or died: `QueryTimeout`, `OutOfMemory`, `TooComplex`, `WorkerFailed`. `what` is the job in
        words.
        """
        seconds = self.limits.timeout if timeout is None else timeout
        content = frames.job({**arguments, "timeout": seconds}, payload)
        while True:
            worker = self._take(seconds)
            try:
                worker.send(content)
            except BrokenPipeError:
                if worker.reason or len(content) > PIPE_SIZE:
                    raise self.death(worker, seconds, what) from None
                # It died before it was given anything, so another can take the job.
                self.end(worker, Reason.LEFT)
                continue
            except BaseException:
                self.end(worker, Reason.LEFT)
                raise
            answer = Answer(self, worker, seconds, what)
            begun(answer)
            answer.begin()
            return answer

    def ready(self) -> dict[str, str]:
        """Wait until a worker stands ready; what its sandbox says of each of its parts."""
        with self._lock:
            self._until(lambda: bool(self._sandbox), self.limits.starting)
            return dict(self._sandbox)

    def processes(self) -> list[int]:
        """The numbers of the processes that there are, those that are still starting included."""
        with self._lock:
            return [worker.process.pid for worker in (*self._idle, *self._busy, *self._starting)]

    def busy(self) -> list[int]:
        """The numbers of the processes that have a job."""
        with self._lock:
            return [worker.process.pid for worker in self._busy]

    def close(self) -> None:
        """End every worker; callers that still listen get `PoolBusy`. Closing twice is harmless."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            under_a_job = list(self._busy)
            for worker in (*self._busy, *self._idle, *self._starting):
                worker.end(Reason.CLOSED)
            self._free.notify_all()
        self._wake()
        self._keeper.join()
        for worker in (*self._idle, *self._starting, *self._dying):
            worker.bury()
        for worker in under_a_job:
            worker.process.wait()
        os.close(self._waker)
        os.close(self._woken)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What callers do.

    def _take(self, seconds: float) -> WorkerProcess:
        with self._lock:
            if self._waiting >= self.limits.queue:
                raise PoolBusy(f"{self._waiting} callers wait for a worker already")
            self._until(lambda: bool(self._idle) and self._quick < self.limits.workers, self.limits.waiting)
            worker = self._idle.pop()
            worker.begin(seconds)
            self._busy.append(worker)
            if worker.began + self.limits.quick < self._wakes_at:
                self._wakes_at = 0
                self._wake()
            return worker

    def _until(self, fulfilled: Any, patience: float) -> None:
        """Wait for it, with the lock held; raises why it cannot be."""
        until = monotonic() + patience
        self._waiting += 1
        try:
            while not fulfilled():
                if self._closed:
                    raise PoolBusy("the workers are stopped")
                if not self._starting and not self._idle and not self._busy:
                    if self._failure is not None:
                        failure, self._failure = self._failure, None
                        raise failure
                    self._wake()
                if self._make_room():
                    self._wake()
                left = until - monotonic()
                if left <= 0:
                    raise PoolBusy
                self._free.wait(left)
        finally:
            self._waiting -= 1
        if self._closed:
            raise PoolBusy("the workers are stopped")

    @property
    def _quick(self) -> int:
        return len(self._busy) - self._long

    def release(self, worker: WorkerProcess) -> None:
        """Give back a worker whose job is done."""
        with self._lock:
            if worker in self._busy:
                self._leave(worker)
            else:
                worker.end(Reason.LEFT)
            worker.jobs += 1
            if worker.reason:
                buried = self._let_go(worker)  # It was late by a hair.
            elif worker.long or worker.late_for_quick or worker.jobs >= self.limits.jobs:
                # What has yielded to others cannot take that back.
                buried = self._let_go(worker)
            else:
                buried = True
                self._idle.append(worker)
            self._free.notify()
        if not buried:
            worker.bury()

    def abandon(self, answer: Answer) -> None:
        """End the job of an answer from a thread that does not read it; harmless where it is at its end."""
        with self._lock:
            worker = answer.worker
            # Whoever reads lets go of the worker before it can have another job.
            if worker is not None and worker in self._busy:
                worker.end(Reason.LEFT)

    def _leave(self, worker: WorkerProcess) -> None:
        self._busy.remove(worker)
        if worker.long:
            self._long -= 1

    def end(self, worker: WorkerProcess, reason: Reason) -> None:
        """Kill a worker under a job, by whoever gave it the job."""
        with self._lock:
            worker.end(reason)
            if worker in self._busy:
                self._leave(worker)
            buried = self._let_go(worker)
            self._free.notify()
        if not buried:
            worker.bury()

    def _let_go(self, worker: WorkerProcess) -> bool:
        """Leave a worker to the keeper, who waits for its end; False where there is none any more.

        A process that had much memory and yields to all others may take its time to end.
        """
        worker.end(Reason.LEFT)
        if self._closed:
            return False
        self._dying.append(worker)
        self._wake()
        return True

    def death(self, worker: WorkerProcess, seconds: float, what: str) -> BpsError:
        """Take a worker that died under a job out of the books; the error that says why it did."""
        error = worker.cause_of_death(self.limits, seconds, what)
        self.end(worker, Reason.LEFT)
        return error

    # What the keeper does.

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._waker, b"\0")

    def _keep(self) -> None:
        try:
            while self._round():
                pass
        finally:
            with self._lock:
                if not self._closed:
                    # A keeper that fails leaves nobody who ends what is late.
                    self._closed = True
                    for worker in (*self._busy, *self._idle, *self._starting):
                        worker.end(Reason.CLOSED)
                self._free.notify_all()

    def _round(self) -> bool:
        """Start who is missing, wait for the next event, deal with it; whether to go on."""
        with self._lock:
            if self._closed:
                return False
            missing = 0
            paused = self._failure is not None and monotonic() < self._again_at
            if not paused:
                there = len(self._idle) + len(self._starting) + self._quick
                missing = self.limits.workers + self.limits.spare - there
        for _ in range(missing):
            self._hire()
        with self._lock:
            pause = self._next_event()
            if paused:
                pause = min(pause, max(0.0, self._again_at - monotonic()))
            everybody = (*self._idle, *self._busy, *self._starting, *self._dying)
            watched = {one.death: one for one in everybody}
            coming = {one.incoming: one for one in self._starting}
        poll = select.poll()
        for descriptor in (self._woken, *watched, *coming):
            poll.register(descriptor, select.POLLIN)
        # The kernel counts the milliseconds in an int.
        events = {number for number, _ in poll.poll(math.ceil(min(pause, _LONGEST_POLL) * 1000))}
        if self._woken in events:
            with contextlib.suppress(BlockingIOError):
                os.read(self._woken, 4096)
        for number in events:
            if number in coming:
                self._greet(coming[number])
        for number in events:
            if number in watched:
                self._found_dead(watched[number])
        self._enforce()
        return True

    def _next_event(self) -> float:
        """The seconds until a job changes its lane or is late, or until a start is."""
        now = monotonic()
        at = [worker.next_event(self.limits, now) for worker in self._busy]
        at += [worker.began + self.limits.starting for worker in self._starting]
        self._wakes_at = min(at, default=math.inf)
        return max(0.0, self._wakes_at - now)

    def _hire(self) -> None:
        try:
            worker = WorkerProcess.start(self._command, self._setup)
        except OSError as error:
            self._give_up(WorkerFailed(error.strerror or str(error)))
            return
        with self._lock:
            self._starting.append(worker)
            if self._closed:
                worker.end(Reason.CLOSED)

    def _give_up(self, failure: BpsError) -> None:
        with self._lock:
            self._failed(failure)

    def _failed(self, failure: BpsError) -> None:
        """Note a start that failed; it is tried again, and who waits is told where nobody else is there."""
        self._failure = failure
        self._again_at = monotonic() + min(_PAUSE * 2 ** min(self._failures, 10), _LONGEST_PAUSE)
        self._failures += 1
        self._free.notify_all()

    def _greet(self, worker: WorkerProcess) -> None:
        """Read what a starting worker says: that it is ready, or why it cannot be."""
        try:
            kind, content = worker.read()
        except EOFError:
            return
        if kind == frames.READY:
            with self._lock:
                self._sandbox = {str(k): str(v) for k, v in json.loads(content)["sandbox"].items()}
                self._failure, self._failures = None, 0
                self._missed = 0
                self._starting.remove(worker)
                self._idle.insert(0, worker)
                self._free.notify_all()
            return
        self._give_up(frames.failure(kind, content))
        with self._lock:
            worker.end(Reason.LEFT)

    def _found_dead(self, worker: WorkerProcess) -> None:
        """Take a dead worker out of the books; one under a job is left to whoever gave it that."""
        with self._lock:
            mine, starting = False, worker in self._starting
            if worker in self._busy:
                self._leave(worker)
                self._free.notify_all()
            for books in (self._idle, self._starting, self._dying):
                if worker in books:
                    books.remove(worker)
                    self._free.notify_all()
                    mine = True
        if mine:
            if starting and not worker.reason:
                code = worker.process.wait()
                self._missed += 1
                if self._missed >= _TRIES:
                    words = worker.last_words() or f"it ended with {code} as it started"
                    self._give_up(WorkerFailed(words))
            worker.bury()
            with self._lock:
                self._free.notify_all()

    def _enforce(self) -> None:
        now = monotonic()
        with self._lock:
            for worker in self._busy:
                age = now - worker.began
                if now >= worker.deadline(now):
                    worker.end(Reason.LATE)
                elif age >= self.limits.reading:
                    worker.end(Reason.UNREAD)
                elif age >= self.limits.quick and not worker.late_for_quick:
                    worker.yield_to_others(self.limits.long_niceness)
                    if self._long < self.limits.long:
                        worker.long = True
                        self._long += 1
                        self._free.notify()
            for worker in self._starting:
                if now - worker.began >= self.limits.starting:
                    self._failed(WorkerFailed(f"it was not ready after {self.limits.starting:g} seconds"))
                    worker.end(Reason.LEFT)
            self._make_room()

    def _make_room(self) -> bool:
        """End the oldest job that outstays its place, where others wait for it and nothing else helps."""
        if not self._waiting or self._quick < self.limits.workers:
            return False
        staying = [one for one in self._busy if one.late_for_quick and not one.long and not one.reason]
        if not staying or len(staying) < self.limits.workers:
            return False
        min(staying, key=lambda one: one.began).end(Reason.CROWDED)
        return True
