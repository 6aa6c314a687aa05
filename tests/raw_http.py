"""Requests byte by byte, as no library would send them, and the answers as the standard library reads them."""

import contextlib
import http.client
import io
import json
import select
import socket
from dataclasses import dataclass
from typing import Any

from served import Served


@dataclass(frozen=True)
class Answered:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Conversation:
    """One connection, on which requests are sent as they are and answers read one by one."""

    def __init__(self, server: Served, timeout: float = 15) -> None:
        self.socket = server.connected(timeout)
        # One reader for all answers, so that what has come of the next one is not lost.
        self._reader = _Unclosed(self.socket)

    def send(self, data: bytes) -> None:
        """Send it; that the other side has gone away shows when the answer is read."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def answer(self, method: str = "GET") -> Answered | None:
        """The next answer; None where the connection is closed without one."""
        response = http.client.HTTPResponse(self._reader, method=method)  # type: ignore[arg-type]
        try:
            response.begin()
            body = response.read()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, headers, body)

    def answers_within(self, seconds: float) -> bool:
        """Whether something comes, or the connection is closed, within so many seconds."""
        return bool(select.select([self.socket], [], [], seconds)[0])

    def end(self) -> None:
        """Say that nothing more is sent."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def closed(self) -> bool:
        """Whether the other side closes the connection and has nothing more to say."""
        try:
            return self._reader.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        """End it."""
        self._reader.file.close()
        self.socket.close()

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Unclosed:
    """A socket as `HTTPResponse` asks for it, whose reader is shared and not closed after an answer."""

    def __init__(self, connected: socket.socket) -> None:
        self.file: io.BufferedReader = connected.makefile("rb")

    def makefile(self, mode: str) -> "_Unclosed":
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def close(self) -> None:
        """Keep it."""

    def flush(self) -> None:
        """Nothing was written."""


def asked(server: Served, data: bytes, method: str = "GET", timeout: float = 15) -> Answered | None:
    """The answer to these bytes on a connection of their own."""
    with Conversation(server, timeout) as conversation:
        conversation.send(data)
        return conversation.answer(method)


def request(path: str | bytes = "/", method: str = "GET", *headers: str | bytes, body: bytes = b"") -> bytes:
    """A request of HTTP/1.1 with a host; `Content-Length` where there is a body and no header about it."""
    given = [header if isinstance(header, bytes) else header.encode("latin-1") for header in headers]
    names = {header.partition(b":")[0].lower() for header in given}
    if b"host" not in names:
        given.insert(0, b"Host: bps.test")
    if body and not names & {b"content-length", b"transfer-encoding"}:
        given.append(b"Content-Length: %d" % len(body))
    target = path if isinstance(path, bytes) else path.encode("latin-1")
    return b"\r\n".join([method.encode() + b" " + target + b" HTTP/1.1", *given, b"", body])
