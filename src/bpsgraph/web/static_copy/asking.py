"""Asks the application in this process, without a network (ASGI 3, https://asgi.readthedocs.io/)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Send

_ACCEPT = b"text/html,application/xhtml+xml;q=0.9,text/turtle;q=0.5,*/*;q=0.1"


@dataclass
class Answered:
    """What was answered; `content` is empty where it was taken piece by piece."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def is_page(self) -> bool:
        """Whether a browser shows it as a page."""
        return self.headers.get("content-type", "").startswith("text/html")


class Asking:
    """One who asks the application, one thing at a time; to be closed at the end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._runner = asyncio.Runner()

    def get(self, path: str, query: str, take: Callable[[bytes], object]) -> Answered:
        """The answer to GET; what is no page is given to `take` piece by piece where the status is 200."""
        answered = Answered()
        pieces: list[bytes] = []

        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                # Nobody goes away: who listens for that waits until the answer is whole.
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                answered.headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in message["headers"]
                }
            elif message["type"] == "http.response.body":
                content = message.get("body", b"")
                if answered.status == 200 and not answered.is_page:
                    take(content)
                else:
                    pieces.append(content)

        self._runner.run(self._asked(path, query, receive, send))
        answered.content = b"".join(pieces)
        return answered

    async def _asked(self, path: str, query: str, receive: Receive, send: Send) -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"accept", _ACCEPT), (b"accept-language", b"zh")],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        await self.app(scope, receive, send)

    def close(self) -> None:
        """End the loop."""
        self._runner.close()
