"""A connection of HTTP/1.1 that nobody can hold for long without asking, and that refuses what is not HTTP.

uvicorn's own protocol with what RFC 9112 leaves to a server: how long a head may be, how long it waits for
the rest of a request or for a reader, and that a request names its host once (section 3.2).
"""

import json
import re
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LONGEST_TARGET = 16_384
"""Bytes of path and query; a query of SPARQL that is longer is sent by POST."""
LONGEST_HEAD = 65_536
"""Bytes of all names and values of headers."""
MOST_HEADERS = 100
PATIENCE = 20.0
"""Seconds without a byte, from one who has not sent a whole request or does not take the answer."""
SLOWEST = 20_000
"""Bytes a second that a body comes with, once `PATIENCE` is over."""

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])?(?::[0-9]{0,5})?")


class Refused(Exception):  # noqa: N818 - it says what happened
    """The head of a request cannot be taken: `status` and the sentence that says why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


_TARGET_TOO_LONG = Refused(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    f"the address is longer than {LONGEST_TARGET:,} bytes; send a long query by POST",
)
_TOO_LONG = Refused(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the headers are more than {MOST_HEADERS} or longer than {LONGEST_HEAD:,} bytes; send fewer",
)
_HOSTS = Refused(HTTPStatus.BAD_REQUEST, "a request names its host once; send one Host header")
_NO_HOST = Refused(HTTPStatus.BAD_REQUEST, "the Host header is not a name with a port; correct it")
_TOO_SLOW = Refused(HTTPStatus.REQUEST_TIMEOUT, f"no whole request came within {PATIENCE:g} s; send it again")
_NO_HTTP = Refused(HTTPStatus.BAD_REQUEST, "this is not a request of HTTP/1.1; correct what sends it")


def too_slow(received: int, seconds: float) -> bool:
    """Whether a body of which so many bytes came in so many seconds will hold up others."""
    return seconds > PATIENCE + received / SLOWEST


class Connection(HttpToolsProtocol):
    """One connection; what cannot be taken is answered by problem details, and the connection closed."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._refused: Refused | None = None
        self._waiting: TimerHandle | None = None
        # Bytes of a body and when it began.
        self._body = 0
        self._body_since = 0.0
        # Bytes of a head that is not whole yet, and whether head and body are.
        self._head = 0
        self._head_whole = True
        self._whole = True

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came. The time for a head is one; that for a body grows with what has come of it."""
        if self._head_whole:
            self._body += len(data)
            if not self._whole and too_slow(self._body, self.loop.time() - self._body_since):
                self.transport.abort()
                return
            self._wait_no_longer()
        super().data_received(data)
        if self._whole or self.transport.is_closing():
            self._wait_no_longer()
            return
        if not self._head_whole:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._refused = _TOO_LONG
                self.send_400_response("")
                return
        if self._waiting is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0
        self._head_whole = self._whole = False

    def on_headers_complete(self) -> None:
        """The head is whole: the request is answered; raises `Refused` where it cannot be."""
        if len(self.url) > LONGEST_TARGET:
            self._refuse(_TARGET_TOO_LONG)
        if len(self.headers) > MOST_HEADERS:
            self._refuse(_TOO_LONG)
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._refuse(_HOSTS)
        if hosts and not _HOST.fullmatch(hosts[0]):
            self._refuse(_NO_HOST)
        self._head_whole = True
        self._body, self._body_since = 0, self.loop.time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The other side does not take what is sent: it has some time to."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """It takes it again."""
        self._wait_no_longer()
        super().resume_writing()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: whoever asks for another protocol is answered in this one."""

    def send_400_response(self, msg: str) -> None:
        """Say why the request cannot be taken, and close the connection (RFC 9112, section 2.2)."""
        refused = self._refused or _NO_HTTP
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started:
            # Nothing can be said in the middle of an answer.
            self.transport.abort()
            return
        said = {
            "type": "about:blank",
            "title": refused.status.phrase,
            "status": refused.status.value,
            "detail": refused.detail,
        }
        body = json.dumps(said).encode()
        self.transport.write(
            STATUS_LINE[refused.status.value]
            + b"content-type: application/problem+json\r\nx-content-type-options: nosniff\r\n"
            + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.transport.close()

    def _refuse(self, refused: Refused) -> None:
        self._refused = refused
        raise refused

    def _wait(self) -> None:
        self._wait_no_longer()
        self._waiting = self.loop.call_later(PATIENCE, self._wait_ended)

    def _wait_no_longer(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _wait_ended(self) -> None:
        self._waiting = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused and not self.flow.write_paused:
            # It is the server that takes its time.
            self._wait()
        elif self.flow.write_paused or (self._head_whole and not self._whole):
            self.transport.abort()
        else:
            self._refused = _TOO_SLOW
            self.send_400_response("")
