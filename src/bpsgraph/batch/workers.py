"""Judging many submissions in processes of their own, through the seam of `concurrent.futures`.

A process that dies takes its pool with it (`BrokenExecutor`). What was under way in it is known from its
mark, a small file with the name of the submission in hand: a new pool goes on with the rest, and what the
dead had in hand is tried once more, one at a time, so that only a submission that kills its process again is
at fault.

A deadline has to hold inside native code too, where no exception reaches. The timer of `faulthandler` is a
thread of the interpreter's own that needs nothing from the code it ends; it writes into the mark and exits.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Protocol

from bpsgraph.batch.outcome import Outcome, Problem
from bpsgraph.batch.survey import Piece
from bpsgraph.engine.limits import Limits
from bpsgraph.errors import StoreUnavailable, TookTooLong, WorkerDied

# Enough to make the way to a worker cheap, few enough that the last batch keeps nobody waiting.
_LARGEST_BATCH = 16
_BATCHES_FOR_EACH = 4
_TRIES = 3
_STOP = "stop"
_LATE = b"Timeout ("
_MEMORY = Limits().memory

Start = Callable[[int], Executor]
"""Makes an executor with that many workers."""


class Job(Protocol):
    """What a worker does; it travels to the worker, and so do its outcomes."""

    def prepare(self) -> None:
        """Open what judging needs; no deadline counts yet."""
        ...

    def __call__(self, piece: Piece) -> Outcome:
        """Judge one submission and keep the outcome; an error raised here ends the run."""
        ...

    def known(self, piece: Piece) -> Outcome | None:
        """The outcome where it is kept already."""
        ...


def processes(workers: int, *, memory: int = _MEMORY) -> Executor:
    """An executor of new processes on this machine, which end when this one does.

    They have no network, gain no privileges, and `memory` bytes each, as far as the kernel lets it be so.
    """
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
    suspects: list[str] = []
    tries = _TRIES
    while left:
        suspects = [file for file in suspects if file in left]
        alone = suspects[:1]
        batches = [[left[alone[0]]]] if alone else list(_batches(list(left.values()), workers))
        before = len(left)
        whole = True
        crew = 1 if alone else min(workers, len(batches))
        with contextlib.closing(_shift(batches, job, marks, crew, timeout, start)) as shift:
            for outcome in shift:
                if outcome is None:
                    whole = False
                elif left.pop(outcome.file, None):
                    yield outcome
        if whole:
            continue
        for piece in list(left.values()):
            outcome = job.known(piece)
            if outcome is not None:
                del left[piece.file]
                yield outcome
        in_hand = _read_marks(marks)
        late = [file for file, ended in in_hand.items() if ended and file in left]
        for file in late:
            yield _trouble(left.pop(file), Problem.of(TookTooLong(file, timeout)))
        if alone and alone[0] in left and alone[0] in in_hand:
            yield _trouble(left.pop(alone[0]), Problem.of(WorkerDied(alone[0])))
        elif not late:
            # The pool ends its other workers along with the dead one: any of them may be it.
            suspects = [*suspects, *(file for file in in_hand if file in left and file not in suspects)]
        tries = tries - 1 if len(left) == before and not suspects else _TRIES
        if not tries:
            raise StoreUnavailable(marks.parent, "worker processes end before they begin (memory?)")


def _batches(pieces: Sequence[Piece], workers: int) -> Iterator[list[Piece]]:
    share = -(-len(pieces) // (workers * _BATCHES_FOR_EACH))
    size = max(1, min(_LARGEST_BATCH, share))
    for at in range(0, len(pieces), size):
        yield list(pieces[at : at + size])


def _shift(
    batches: Sequence[Sequence[Piece]], job: Job, marks: Path, workers: int, timeout: float, start: Start
) -> Generator[Outcome | None, None, None]:
    """The outcomes of one executor, and None where it broke."""
    (marks / _STOP).unlink(missing_ok=True)
    _clear_marks(marks)
    others = set(multiprocessing.active_children())
    executor = start(workers)
    complete = False
    try:
        waiting: set[Future[list[Outcome]]] = set()
        try:
            with _interrupts_held():
                for batch in batches:
                    waiting.add(executor.submit(_work, job, batch, marks, timeout))
        except BrokenExecutor:
            yield None
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    yield None
                elif error is not None:
                    raise error
                else:
                    yield from future.result()
        complete = True
    finally:
        if not complete:
            (marks / _STOP).touch()
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        executor.shutdown(cancel_futures=True)


def _work(job: Job, pieces: Sequence[Piece], marks: Path, timeout: float) -> list[Outcome]:
    """In a worker: the outcomes of some pieces, or of as many as were done when it was told to stop."""
    job.prepare()
    outcomes = []
    for piece in pieces:
        if (marks / _STOP).exists():
            break
        with _in_hand(piece.file, marks, timeout):
            outcomes.append(job(piece))
    return outcomes


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


@contextlib.contextmanager
def _in_hand(file: str, marks: Path, timeout: float) -> Iterator[None]:
    mark = marks / f"{os.getpid()}.mark"
    with mark.open("wb") as written:
        written.write(file.encode() + b"\n")
        written.flush()
        faulthandler.dump_traceback_later(timeout, exit=True, file=written)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
    mark.unlink()


def _read_marks(marks: Path) -> dict[str, bool]:
    """The submissions that were in hand, and whether each was ended by its deadline."""
    found = {}
    for mark in sorted(marks.glob("*.mark")):
        file, _, rest = mark.read_bytes().partition(b"\n")
        found[file.decode()] = _LATE in rest
    return found


def _clear_marks(marks: Path) -> None:
    for mark in marks.glob("*.mark"):
        mark.unlink()


def _trouble(piece: Piece, problem: Problem) -> Outcome:
    # Without a key: what was at fault may have been the machine, so the next run tries again.
    return Outcome(file=piece.file, key="", problem=problem)


def _settle(memory: int) -> None:
    """In a new worker: give up what it can do without, and leave interrupts to whoever gives the work.

    It ends when that one does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
