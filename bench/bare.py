"""`python -m bench.bare`: a Starlette with one route that answers constants, as `bpsgraph serve` is run.

`/<size>` is that many bytes. What the site costs is measured against it.
"""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bpsgraph.web.serving import BACKLOG, configuration

_KEPT: dict[int, bytes] = {}


async def constant(request: Request) -> Response:
    """So many bytes, made once."""
    size = request.path_params["size"]
    body = _KEPT.get(size)
    if body is None:
        body = _KEPT[size] = b"x" * size
    return Response(body, media_type="text/turtle")


def main() -> int:
    listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/ (bare)", file=sys.stderr, flush=True)
    uvicorn.Server(configuration(Starlette(routes=[Route("/{size:int}", constant)]))).run([listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
