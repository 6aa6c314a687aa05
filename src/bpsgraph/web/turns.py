"""Pages that cost something are made a few at a time, so that a crowd at one of them holds up no other."""

import asyncio
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Receive, Scope, Send

from bpsgraph.errors import PoolBusy

AT_ONCE = 3
"""Costly pages that are made at the same time; what is kept already needs no turn."""
WAITING = 100
"""Requests that wait for a turn; no more are taken."""
LONGEST_WAIT = 15.0
"""Seconds that one of them waits."""


class Turns:
    """The turns of one application."""

    def __init__(
        self, at_once: int = AT_ONCE, waiting: int = WAITING, longest_wait: float = LONGEST_WAIT
    ) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self.longest_wait = longest_wait
        self._waiting = 0
        # A semaphore belongs to the loop in which it is waited for; a server has one loop.
        self._free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The same application in turn; raises `PoolBusy` where no turn comes in time."""

        async def in_turn(scope: Scope, receive: Receive, send: Send) -> None:
            free = self._free.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once))
            await self._wait(free)
            try:
                await app(scope, receive, send)
            finally:
                free.release()

        return in_turn

    async def _wait(self, free: asyncio.Semaphore) -> None:
        if self._waiting >= self.waiting:
            raise PoolBusy("many pages are being made")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.longest_wait):
                await free.acquire()
        except TimeoutError:
            raise PoolBusy("many pages are being made") from None
        finally:
            self._waiting -= 1
