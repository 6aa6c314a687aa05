"""Files under judgement and what was found in them: in memory, for a short time, and nowhere else."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bpsgraph.errors import BpsError, JudgingFailed, PoolBusy
from bpsgraph.uploads import Asked, Beside, Document, Given, Item, Note, Said, Verdict
from bpsgraph.uploads.isolation import IsolatedJudge

AT_ONCE = 8
"""Files that are received or judged at the same time; whoever comes then is asked to come again."""
KEPT_FOR = 1_800.0
"""Seconds for which a result is kept."""
MOST_KEPT = 60
"""Results that are kept; the oldest goes when another comes."""
MOST_BYTES = 256_000_000
"""Bytes of results that are kept; the oldest go when others come."""

PATIENCE = 20.0
"""Seconds that a request waits for a worker."""
PATIENCE_OF_PAGES = 60.0
"""Seconds that a file waits for a worker while its page says so."""

_LOG = logging.getLogger("bpsgraph.web")


@dataclass(slots=True)
class Submission:
    """One file that was handed in: how far it is, and what was made of it.

    `expected` is how many documents are made. `error` is why it could not be judged, `said` what went wrong
    with a part of it.
    """

    id: str
    name: str
    expected: int
    until: float
    documents: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    said: list[BpsError] = field(default_factory=list)
    error: BpsError | None = None
    fails: bool = False
    done: bool = False

    def size(self) -> int:
        """The bytes of its documents."""
        return sum(map(len, self.documents.values()))


class Submissions:
    """The files that are judged at the moment, and the results that are kept; safe to use from threads."""

    def __init__(self, *, at_once: int = AT_ONCE, kept_for: float = KEPT_FOR) -> None:
        self.kept_for = kept_for
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._kept: dict[str, Submission] = {}

    @contextmanager
    def admitted(self) -> Iterator["Turn"]:
        """One of the turns for as long as the `with` lasts, or longer; raises `PoolBusy` for none."""
        if not self._turns.acquire(blocking=False):
            raise PoolBusy("as many files are being judged as can be at once")
        turn = Turn(self._turns)
        try:
            yield turn
        finally:
            if not turn.kept:
                turn.end()

    def begin(
        self, turn: "Turn", judge: IsolatedJudge, asked: Asked, file: Given, beside: Beside
    ) -> Submission:
        """Begin to judge a file in the background, in the turn, which ends with it."""
        documents = [key for key, _ in asked.reports]
        documents += [key for key in ("annotated", "suggest", "apply") if getattr(asked, key) is not None]
        one = Submission(
            secrets.token_urlsafe(24), file.name, len(documents), time.monotonic() + self.kept_for
        )
        with self._lock:
            self._kept[one.id] = one
        self._make_room()
        thread = threading.Thread(
            target=self._judge, args=(turn, one, judge, asked, file, beside), name="judging", daemon=True
        )
        turn.kept = True
        try:
            thread.start()
        except RuntimeError as error:
            turn.end()
            self.drop(one.id)
            raise PoolBusy("no thread is to be had") from error
        return one

    def find(self, id: str) -> Submission | None:
        """The one of that name, as long as it is kept."""
        self._expire()
        with self._lock:
            return self._kept.get(id)

    def drop(self, id: str) -> None:
        """Forget one, with all that was made of it."""
        with self._lock:
            self._kept.pop(id, None)

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()

    def _judge(
        self, turn: "Turn", one: Submission, judge: IsolatedJudge, asked: Asked, file: Given, beside: Beside
    ) -> None:
        try:
            for item in patiently(judge, asked, file, beside, PATIENCE_OF_PAGES):
                match item:
                    case Document(key, content):
                        one.documents[key] = content.encode() if isinstance(content, str) else content
                    case Note(words):
                        one.notes.append(words)
                    case Said(error):
                        one.said.append(error)
                    case Verdict(fails):
                        one.fails = fails
        except BpsError as error:
            one.error = error
        except Exception as error:
            _LOG.exception("judging a file failed")
            one.error = JudgingFailed(one.name, type(error).__name__)
        finally:
            turn.end()
            one.until = time.monotonic() + self.kept_for
            one.done = True
            self._make_room()
            # It goes at its time, also where nobody asks for it any more.
            timer = threading.Timer(self.kept_for + 1, self._expire)
            timer.daemon = True
            timer.start()

    def _expire(self) -> None:
        now = time.monotonic()
        with self._lock:
            for one in [one for one in self._kept.values() if one.done and one.until < now]:
                del self._kept[one.id]

    def _make_room(self) -> None:
        with self._lock:
            for one in [one for one in self._kept.values() if one.done]:
                size = sum(each.size() for each in self._kept.values())
                if len(self._kept) <= MOST_KEPT and size <= MOST_BYTES:
                    return
                del self._kept[one.id]


def patiently(
    judge: IsolatedJudge, asked: Asked, file: Given, beside: Beside, patience: float
) -> Iterator[Item]:
    """What there is to say of a file; waits so many seconds for a worker, and raises `PoolBusy` then."""
    until = time.monotonic() + patience
    while True:
        items = judge.judge(asked, [file], beside)
        try:
            first = next(items)
        except PoolBusy:
            if time.monotonic() >= until:
                raise
            time.sleep(0.1)
            continue
        yield first
        yield from items
        return


class Turn:
    """The right to have one file judged; `kept` says that it goes on after the request."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns
        self._ended = False
        self.kept = False

    def end(self) -> None:
        """Give it back; once is enough."""
        if not self._ended:
            self._ended = True
            self._turns.release()
