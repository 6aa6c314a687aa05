"""Judging many submissions in processes of their own, through the seam of `concurrent.futures`.

What a process has in hand it notes in a mark, a small file that it makes for each batch. A process that dies
takes the whole pool with it (`BrokenExecutor`), and a new pool goes on with the rest; a cluster gives the
batch of the dead to another worker, which leaves out what the mark names. What the dead had in hand is tried
once more in the end, one at a time, so that only a submission that kills its process again is at fault.

A deadline has to hold inside native code too, where no exception reaches. The timer of `faulthandler` is a
thread of the interpreter's own that needs nothing from the code it ends; it writes into the mark and exits.
"""

import contextlib
import faulthandler
import gc
import json
import multiprocessing
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from bpsgraph.batch.outcome import Outcome, Problem
from bpsgraph.batch.survey import Piece
from bpsgraph.engine.limits import Limits
from bpsgraph.errors import FolderNotShared, StoreUnavailable, TookTooLong, WorkerDied

# Enough to make the way to a worker cheap, few enough that the last batch keeps nobody waiting.
_LARGEST_BATCH = 48
_BATCHES_FOR_EACH = 4
# In one pass so many take about as long as a single one by itself.
_AS_QUICK_AS_ONE = 8
_TRIES = 3
_STOP = "stop"
# So many new objects are looked through for cycles at a time.
_OBJECTS = 100_000
_MARK = ".mark"
_LATE = b"Timeout ("
# Many submissions lie side by side in one worker, and what it may address is twice what it fills: beside a
# store of the whole country 1.1 GB.
OF_MANY = 4
"""So many times the memory of a worker that does one job."""

Start = Callable[[int], Executor]
"""Makes an executor with that many workers."""


class Job(Protocol):
    """What a worker does; it travels to the worker, and so do its outcomes."""

    def prepare(self) -> None:
        """Open what judging needs; no deadline counts yet."""
        ...

    def __call__(self, pieces: Sequence[Piece], hand: "Hand") -> Sequence[Outcome]:
        """Judge submissions and keep each outcome; an error raised here ends the run.

        Whatever reads or judges some of them stands in a `with hand(…)` that names them.
        """
        ...

    def known(self, piece: Piece) -> Outcome | None:
        """The outcome where it is kept already."""
        ...


class Hand:
    """What a worker has in hand, noted where others find it, with the deadline that ends the worker."""

    def __init__(self, marks: Path, batch: str, timeout: float) -> None:
        self._mark = marks / f"{batch}.{uuid4().hex}{_MARK}"
        self._stop = marks / _STOP
        self._timeout = timeout
        try:
            self._mark.touch()
        except FileNotFoundError:
            raise FolderNotShared(platform.node(), marks) from None

    @contextlib.contextmanager
    def __call__(self, *pieces: Piece) -> Iterator[None]:
        """For as long as the block runs, these are in hand; one that the process dies over is known by it.

        After the deadline the process ends; several pieces together have longer, in proportion. A block that
        names one submission settles that this one took too long, otherwise each is tried by itself. Raises
        `Stopped` where the run has ended.
        """
        if self._stop.exists() or not self._mark.parent.is_dir():
            raise Stopped
        # Closed before anything is judged: a file system that machines share shows it from then on.
        self._mark.write_bytes(_note(piece.file for piece in pieces))
        with self._mark.open("ab") as written:
            timeout = self._timeout * max(1.0, len(pieces) / _AS_QUICK_AS_ONE)
            faulthandler.dump_traceback_later(timeout, exit=True, file=written)
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()
        self._mark.write_bytes(b"")


class Stopped(Exception):  # noqa: N818 - it says what happened, and goes no further than the worker.
    """Nobody waits for what a worker does."""


def processes(workers: int, *, memory: int = OF_MANY * Limits().memory) -> Executor:
    """An executor of new processes on this machine, which end when this one does.

    They have no network, gain no privileges, and `memory` bytes each, as far as the kernel lets it be so.
    """
    # The library below numpy would reserve memory for threads that nothing here uses.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_settle, initargs=(memory,))


def judge_all(
    pieces: Sequence[Piece],
    job: Job,
    marks: Path,
    *,
    workers: int,
    timeout: float,
    start: Start = processes,
) -> Generator[Outcome, None, None]:
    """The outcome of every piece, in the order in which they are done.

    `marks` is an empty folder that all workers reach. `timeout` is in seconds for each piece. Raises what the
    job raises, and `StoreUnavailable` where workers die before they begin. Whoever stops listening, or
    interrupts, stops the workers too; what they have kept stays.
    """
    left = {piece.file: piece for piece in pieces}
    suspects: set[str] = set()
    tries = _TRIES
    while left:
        before = len(left)
        alone = [left[file] for file in left if file in suspects]
        others = [piece for piece in left.values() if piece.file not in suspects]
        # Who is tried alone is known to be at fault only while no other process can be ended for it.
        batches = list(_batches(others, workers)) or [[piece] for piece in alone]
        crew = min(workers, len(batches)) if others else 1
        shift = uuid4().hex
        with contextlib.closing(_shift(batches, job, marks, shift, crew, timeout, start)) as outcomes:
            for outcome in outcomes:
                if left.pop(outcome.file, None):
                    yield outcome
        for piece in list(left.values()):
            known = job.known(piece)
            if known is not None:
                del left[piece.file]
                yield known
        found: set[str] = set()
        for files, ended in _read_marks(marks, shift):
            for file in files:
                if file not in left:
                    continue
                if ended and len(files) == 1:
                    yield _trouble(left.pop(file), Problem.of(TookTooLong(file, timeout)))
                elif file in suspects:
                    yield _trouble(left.pop(file), Problem.of(WorkerDied(file)))
                else:
                    found.add(file)
        suspects |= found
        tries = _TRIES if found or len(left) < before else tries - 1
        if not tries:
            raise StoreUnavailable(marks.parent, "worker processes end before they begin (memory?)")


def _batches(pieces: Sequence[Piece], workers: int) -> Iterator[list[Piece]]:
    share = -(-len(pieces) // (workers * _BATCHES_FOR_EACH))
    size = max(1, min(_LARGEST_BATCH, share))
    for at in range(0, len(pieces), size):
        yield list(pieces[at : at + size])


def _shift(
    batches: Sequence[Sequence[Piece]],
    job: Job,
    marks: Path,
    name: str,
    workers: int,
    timeout: float,
    start: Start,
) -> Generator[Outcome, None, None]:
    """The outcomes of one executor, without those that were lost with a worker."""
    others = set(multiprocessing.active_children())
    executor = start(workers)
    complete = False
    try:
        waiting: set[Future[list[Outcome]]] = set()
        with contextlib.suppress(BrokenExecutor), _interrupts_held():
            for number, batch in enumerate(batches):
                waiting.add(executor.submit(_work, job, batch, marks, f"{name}.{number}", timeout))
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                if error is None:
                    yield from future.result()
                elif not isinstance(error, BrokenExecutor):
                    raise error
        complete = True
    finally:
        if not complete:
            (marks / _STOP).touch()
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        executor.shutdown(cancel_futures=True)


def _work(job: Job, pieces: Sequence[Piece], marks: Path, batch: str, timeout: float) -> list[Outcome]:
    """In a worker: the outcomes of some pieces, or of as many as were done when it was told to stop.

    Where a worker has died over the batch, what that one has kept is taken from there, and what it had in
    hand is left out.
    """
    with contextlib.suppress(Stopped):
        job.prepare()
        outcomes: list[Outcome] = []
        earlier = _read_marks(marks, batch)
        hand = Hand(marks, batch, timeout)
        left = list(pieces)
        if earlier:
            died = {file for files, _ in earlier for file in files}
            outcomes += [known for piece in pieces if (known := job.known(piece))]
            done = {outcome.file for outcome in outcomes}
            left = [piece for piece in pieces if piece.file not in died | done]
        outcomes += job(left, hand)
        return outcomes
    return []


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """An interrupt comes after the block; processes that are started in it never get one."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows.
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _note(files: Iterable[str]) -> bytes:
    return json.dumps(list(files)).encode() + b"\n"


def _read_marks(marks: Path, batch: str) -> list[tuple[list[str], bool]]:
    """For each worker that began with such a batch: what it has in hand, whether its deadline ended it."""
    found = []
    for mark in sorted(marks.glob(f"{batch}.*{_MARK}")):
        files, _, rest = mark.read_bytes().partition(b"\n")
        # Whoever dies while it writes has nothing in hand yet.
        found.append((json.loads(files) if files.endswith(b"]") else [], _LATE in rest))
    return found


def _trouble(piece: Piece, problem: Problem) -> Outcome:
    # Without a key: what was at fault may have been the machine, so the next run tries again.
    return Outcome(file=piece.file, key="", problem=problem)


def _settle(memory: int) -> None:
    """In a new worker: give up what it can do without, and leave interrupts to whoever gives the work.

    It ends when that one does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Reports are tens of thousands of objects each, and to look for cycles among them is a fifth of the work.
    gc.set_threshold(_OBJECTS)
    # Before there is a second thread, which the kernel would not let leave.
    if sys.platform != "win32":
        from bpsgraph.engine import sandbox

        sandbox.confine_writer(memory=memory)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: "multiprocessing.process.BaseProcess") -> None:
    parent.join()
    os._exit(1)
