"""A server on a real socket that answers as it is told: late, cut, too much, as something else."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Answer = Callable[[socket.socket, bytes], None]
"""Called with the connection and the head of the request; what it leaves undone is closed."""


@contextmanager
def answering(answer: Answer, certificate: Path | None = None) -> Iterator[str]:
    """The URL of a server that gives each request to `answer`, over TLS where there is a certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        ended = threading.Event()
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listening.accept()
                    threading.Thread(target=one, args=(connection,), daemon=True).start()

        def one(plain: socket.socket) -> None:
            with contextlib.suppress(OSError):
                connection = context.wrap_socket(plain, server_side=True) if context else plain
                with connection:
                    connection.settimeout(10)
                    while head := _head_of(connection):
                        answer(connection, head)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{listening.getsockname()[1]}/sparql"
        finally:
            ended.set()
            thread.join()


def _head_of(connection: socket.socket) -> bytes:
    """The head of a request, after its body was read too; nothing at the end."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(sizes[0].partition(b":")[2]) - len(body) if sizes else 0
    while missing > 0:
        missing -= len(connection.recv(65_536)) or missing
    return head


def whole(
    body: bytes, kind: str = "application/sparql-results+json", status: str = "200 OK", *lines: str
) -> bytes:
    """An answer of HTTP/1.1 with this body."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join([*head, "", ""]).encode() + body
