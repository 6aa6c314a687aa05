"""How much work strangers may cause: one table of limits for the pool and its workers."""

from dataclasses import dataclass, replace
from typing import Self

from bpsgraph.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a pool of workers; times are in seconds, sizes in bytes.

    `timeout` is what one job may take, not counting the time in which its reader lets it wait; `reading` is
    what it may take with that. A job that takes longer than `quick` yields to all others and leaves its place
    among the `workers` to the next, while fewer than `long` such jobs are under way. `spare` is how many more
    workers stand ready. At most `queue` callers wait for a worker, each at most `waiting`. A worker is
    replaced after `jobs`.
    """

    timeout: float = 60.0
    memory: int = 1_000_000_000
    workers: int = 2
    long: int = 2
    spare: int = 1
    quick: float = 1.0
    queue: int = 64
    waiting: float = 5.0
    starting: float = 30.0
    reading: float = 600.0
    jobs: int = 1_000
    descriptors: int = 256
    niceness: int = 1
    long_niceness: int = 19

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings give."""
        return cls(timeout=settings.timeout, memory=settings.max_memory, workers=settings.query_workers)

    def for_one(self) -> Self:
        """The same for a single caller: one worker, and no other that stands ready."""
        return replace(self, workers=1, long=0, spare=0, waiting=self.starting, reading=float("inf"))
