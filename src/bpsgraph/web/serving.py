"""How uvicorn runs an application: one configuration, which `bpsgraph serve` and the benchmarks share."""

import uvicorn
from starlette.types import ASGIApp

from bpsgraph.web.connection import Connection

MOST_CONNECTIONS = 1_000
"""Connections at once; one more is answered 503."""
BACKLOG = 512
"""Connections that wait to be taken."""


def configuration(app: ASGIApp) -> uvicorn.Config:
    """What uvicorn is told; the socket is given to `uvicorn.Server.run`."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=10,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=BACKLOG,
        timeout_graceful_shutdown=10,
    )
