"""A job of the query workers for a request: its answer, small as a whole or large as it comes.

Whoever goes away ends the job. Threads that wait for workers are not those that make pages.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bpsgraph.engine.answer import Answer
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BpsError, PoolBusy
from bpsgraph.web.rendering import site_of

_LOG = logging.getLogger("bpsgraph.web")
SMALL = 256_000
"""Bytes up to which an answer is sent as a whole, with what is known of its end in the headers."""


class _Asker:
    """The one who asks: present until the connection ends."""

    def __init__(self) -> None:
        self.gone = False
        self._answer: Answer | None = None
        self._lock = threading.Lock()

    def has(self, answer: Answer) -> None:
        """The job has begun."""
        with self._lock:
            self._answer = answer
            gone = self.gone
        if gone:
            answer.abandon()

    def leave(self) -> None:
        """The job is for nobody any more."""
        with self._lock:
            self.gone = True
            answer = self._answer
        if answer is not None:
            answer.abandon()

    async def watch(self, receive: Receive) -> None:
        """Wait until the connection ends."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.leave()


@dataclass(eq=False)
class Asked:
    """An answer that has begun: `header` and, where it is whole already, its `content` and `end`.

    One that is not whole is sent with `stream`.
    """

    header: dict[str, Any]
    content: bytes
    end: dict[str, Any] | None
    rest: Iterator[bytes]
    answer: Answer
    asker: _Asker
    watching: "asyncio.Task[None]"
    limiter: CapacityLimiter = field(repr=False)

    @property
    def whole(self) -> bool:
        """Whether all of it is in `content`."""
        return self.end is not None

    def stream(self, headers: Mapping[str, str], ending: Callable[[dict[str, Any]], bytes]) -> Response:
        """A response that sends the answer as it comes; `ending` makes its last bytes from its end."""
        return _Streamed(self, headers, ending)


async def ask(
    request: Request,
    pool: Pool,
    arguments: Mapping[str, Any],
    *,
    payload: bytes = b"",
    all_of_it: bool = False,
) -> Asked:
    """Give the pool a job, once the body of the request is read; comes back when its answer has begun.

    Raises what the job raises and what `Pool.run` raises.
    """
    limiter = _limiter(request)
    if limiter.available_tokens < 1:
        raise PoolBusy("as many callers wait for a worker as may")
    asker = _Asker()
    watching = asyncio.ensure_future(asker.watch(request.receive))

    def run() -> tuple[Answer, bytes, Iterator[bytes]]:
        answer = pool.run(arguments, payload, begun=asker.has)
        try:
            pieces, size, rest = [], 0, iter(answer)
            for piece in rest:
                pieces.append(piece)
                size += len(piece)
                if size > SMALL and not all_of_it:
                    break
            return answer, b"".join(pieces), rest
        except BaseException:
            answer.close()
            raise

    try:
        answer, content, rest = await run_sync(run, limiter=limiter)
    except BaseException:
        watching.cancel()
        raise
    if answer.end is not None:
        watching.cancel()
    return Asked(answer.header, content, answer.end, rest, answer, asker, watching, limiter)


class _Streamed(Response):
    def __init__(
        self, asked: Asked, headers: Mapping[str, str], ending: Callable[[dict[str, Any]], bytes]
    ) -> None:
        super().__init__(headers={**headers, "Cache-Control": "no-store"})
        del self.headers["content-length"]
        self.asked = asked
        self.ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self.asked

        async def body(content: bytes, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": content, "more_body": more})

        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await body(asked.content)
            while not asked.asker.gone:
                piece = await run_sync(next, asked.rest, None, limiter=asked.limiter)
                if piece is None:
                    await body(self.ending(asked.answer.end or {}), more=False)
                    return
                await body(piece)
        except BpsError as error:
            # It is cut off without its last chunk, so that nobody takes it for whole.
            if not asked.asker.gone:
                _LOG.warning("%s %s: %s", scope["method"], scope["path"], error)
        finally:
            asked.watching.cancel()
            with contextlib.suppress(BpsError):
                asked.answer.close()


def _limiter(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "askers"):
        limits = site_of(request).limits
        state.askers = CapacityLimiter(limits.queue + limits.workers + limits.long)
    limiter: CapacityLimiter = state.askers
    return limiter
