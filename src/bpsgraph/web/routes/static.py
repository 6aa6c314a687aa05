"""Stylesheet, scripts and pictures: files that never change under one address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from bpsgraph.web.rendering import STATIC, stylesheet

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_DAY = "public, max-age=86400"


class _Files(StaticFiles):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                # The cache gives an ETag of the content.
                kept = [one for one in message["headers"] if one[0] not in (b"etag", b"accept-ranges")]
                message["headers"] = [*kept, (b"cache-control", _lifetime(scope).encode())]
            await send(message)

        # Small files are sent whole, as the cache holds them (RFC 9110, section 14.2).
        asked = [header for header in scope["headers"] if header[0] not in (b"range", b"if-range")]
        await super().__call__({**scope, "headers": asked}, receive, sending)


def site_css(request: Request) -> Response:
    """The one stylesheet."""
    return Response(stylesheet(), headers={"Cache-Control": _lifetime(request.scope)}, media_type="text/css")


def _lifetime(scope: Scope) -> str:
    return _FOR_EVER if scope["query_string"].startswith(b"v=") else _FOR_A_DAY


routes: list[BaseRoute] = [
    Route("/static/site.css", site_css),
    Mount("/static", _Files(directory=STATIC)),
]
