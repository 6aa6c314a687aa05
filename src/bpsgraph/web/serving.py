"""How uvicorn runs an application: one configuration, which `bpsgraph serve` and the benchmarks share.

A `Server` says when it is ready, and ends in order.
"""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from bpsgraph.web.connection import Connection

MOST_CONNECTIONS = 1_000
"""Connections at once; one more is answered 503."""
BACKLOG = 512
"""Connections that wait to be taken."""
GRACE = 10
"""Seconds for which requests under way may go on after the server was told to end."""


def configuration(app: ASGIApp) -> uvicorn.Config:
    """What uvicorn is told; the socket is given to `uvicorn.Server.run`."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whoever stands before it names itself in headers that anyone can send.
        proxy_headers=False,
        timeout_keep_alive=10,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE,
    )


class Server(uvicorn.Server):
    """A server that calls `ready` once it answers, and ends in order by Ctrl-C and `SIGTERM`.

    `ended_by` is the signal that ended it.
    """

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(configuration(app))
        self.ended_by: int | None = None
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in order; a second Ctrl-C does not wait for those under way."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self.ended_by = self.ended_by or sig
