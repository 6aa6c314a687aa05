"""HTTP as remote stores need it: connections that are kept, and a bound to everything.

The standard library alone: `http.client` is there wherever Python is, loads in ten milliseconds, and follows
nothing and decodes nothing by itself. A request ends at its deadline whatever the server does meanwhile.
"""

import base64
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urljoin, urlsplit

from bpsgraph import __version__
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import (
    RemoteAnswer,
    RemoteRefused,
    RemoteTimeout,
    RemoteUnreachable,
    UnreadableFile,
)

_PIECE = 1_000_000
_MOST_REDIRECTS = 5
_SHOWN = 300
_REDIRECTS = {301, 302, 303, 307, 308}
# A redirect with these keeps the method and the body (RFC 9110, 15.4).
_SAME_METHOD = {307, 308}


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer to a request: `type` is its media type without parameters, in lower case.

    `framed` says whether the server said how long it is, so that it is known to be whole.
    """

    status: int
    headers: http.client.HTTPMessage
    type: str
    content: bytes
    framed: bool


class Client:
    """Sends requests to the hosts of one endpoint; safe to use from threads. To be closed at the end."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._credentials = _Credentials(endpoint)
        self._security: ssl.SSLContext | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        accept: str,
        body: bytes = b"",
        content_type: str = "",
        accepted: tuple[int, ...] = (200,),
    ) -> Reply:
        """The answer with one of the `accepted` statuses.

        Raises `RemoteUnreachable`, `RemoteTimeout`, `RemoteRefused` for any other status, and `RemoteAnswer`
        where the answer is cut, too large, or leads elsewhere.
        """
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"bpsgraph/{__version__}"}
        if content_type:
            headers["Content-Type"] = content_type
        ends = monotonic() + self._endpoint.timeout
        place, signed = url, False
        for _ in range(_MOST_REDIRECTS + 2):
            authorization = self._credentials.header(method, place)
            sent = headers | ({"Authorization": authorization} if authorization else {})
            reply = self._exchange(method, place, sent, body, ends)
            if reply.status == 401 and not signed and self._credentials.challenged(reply):
                signed = True
                continue
            if reply.status in _REDIRECTS and reply.headers.get("Location"):
                place = self._redirected(method, place, reply)
                continue
            if reply.status in accepted:
                return reply
            raise _refused(url, reply)
        raise RemoteAnswer(url, "it redirects in a circle", "correct the URL")

    def _redirected(self, method: str, place: str, reply: Reply) -> str:
        try:
            target = urljoin(place, str(reply.headers["Location"]).strip())
            origin = _origin(target)
        except ValueError as error:
            raise RemoteAnswer(
                place, "it redirects to what is no URL", "give the URL of the SPARQL endpoint itself"
            ) from error
        if origin != _origin(place):
            raise RemoteAnswer(
                place, "it redirects to another host", "give the URL there, if that is the one you mean"
            )
        if method != "GET" and reply.status not in _SAME_METHOD:
            raise RemoteAnswer(
                place, f"it redirects what is sent with status {reply.status}", "give the URL it redirects to"
            )
        return target

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes, ends: float) -> Reply:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection, kept = self._connection(url, ends)
        while True:
            try:
                with self._deadline(connection, url, ends, self._endpoint.timeout):
                    connection.request(method, target, body=body or None, headers=headers)
                    reply, again = self._read(connection, url, method)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                connection.close()
                if not kept:
                    raise RemoteUnreachable(url, "it closes the connection without an answer") from error
                # The server had closed what was kept open; what is sent may be sent twice.
                connection, kept = self._connection(url, ends, fresh=True)
            except http.client.IncompleteRead as error:
                connection.close()
                raise _cut(url) from error
            except (http.client.HTTPException, ValueError) as error:
                connection.close()
                raise RemoteAnswer(url, "it does not answer as HTTP says", "correct the URL") from error
            except BaseException:
                connection.close()
                raise
            else:
                if again:
                    self._keep(url, connection)
                else:
                    connection.close()
                return reply

    def _read(self, connection: http.client.HTTPConnection, url: str, method: str) -> tuple[Reply, bool]:
        response = connection.getresponse()
        most = self._endpoint.max_size
        if (response.length or 0) > most:
            raise _too_large(url, most)
        framed = response.length is not None or response.chunked or response.status in (204, 304)
        content = bytearray()
        while piece := response.read(_PIECE):
            content += piece
            if len(content) > most:
                raise _too_large(url, most)
        if response.length:
            raise _cut(url)
        if response.getheader("Content-Encoding", "identity").lower() != "identity":
            raise RemoteAnswer(
                url, "it packs its answer although that was not asked for", "correct the server, or the proxy"
            )
        media = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
        reply = Reply(response.status, response.headers, media, bytes(content), framed)
        return reply, not response.will_close

    @contextmanager
    def _deadline(
        self, connection: http.client.HTTPConnection, url: str, ends: float, seconds: float
    ) -> Iterator[None]:
        """End whatever the connection waits for once the time is over: a server may send byte by byte."""
        left = ends - monotonic()
        if left <= 0:
            connection.close()
            raise RemoteTimeout(url, seconds)
        expired = threading.Event()
        endpoint_socket = connection.sock

        def expire() -> None:
            expired.set()
            try:
                endpoint_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        timer = threading.Timer(left, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise RemoteUnreachable(
                url,
                f"its certificate is not trusted: {error.verify_message}",
                "name its authority with the setting remote_authority, if you trust it",
            ) from error
        except (OSError, http.client.HTTPException, RemoteAnswer) as error:
            if expired.is_set() or isinstance(error, TimeoutError):
                connection.close()
                raise RemoteTimeout(url, seconds) from error
            if isinstance(error, OSError) and not isinstance(error, ConnectionResetError | BrokenPipeError):
                connection.close()
                raise RemoteUnreachable(url, _words(error)) from error
            raise
        finally:
            timer.cancel()
        if expired.is_set():
            connection.close()
            raise RemoteTimeout(url, seconds)

    def _connection(
        self, url: str, ends: float, *, fresh: bool = False
    ) -> tuple[http.client.HTTPConnection, bool]:
        """A connection to the host of a URL, and whether it has been used before."""
        with self._lock:
            if self._closed:
                raise RemoteUnreachable(url, "the store is closed")
            idle = self._idle.get(_origin(url))
            if idle and not fresh:
                return idle.pop(), True
        parts = urlsplit(url)
        host, wait = parts.hostname or "", min(self._endpoint.connect_timeout, max(ends - monotonic(), 0.001))
        secure = parts.scheme == "https"
        connection = http.client.HTTPConnection(host, parts.port or (443 if secure else 80), timeout=wait)
        try:
            connection.connect()
            if secure:
                context = self._context()
                secured = context.wrap_socket(
                    connection.sock, server_hostname=host, do_handshake_on_connect=False
                )
                connection.sock = secured
                # A handshake that trickles is ended too.
                with self._deadline(connection, url, monotonic() + wait, wait):
                    secured.do_handshake()
        except TimeoutError as error:
            connection.close()
            raise RemoteTimeout(url, wait, "there is no connection") from error
        except (OSError, UnicodeError) as error:
            connection.close()
            raise RemoteUnreachable(url, _words(error)) from error
        except BaseException:
            connection.close()
            raise
        assert connection.sock is not None
        # From here on the deadline of the request counts.
        connection.sock.settimeout(self._endpoint.timeout)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, False

    def _context(self) -> ssl.SSLContext:
        if self._security is None:
            authority = self._endpoint.authority
            try:
                self._security = ssl.create_default_context(cafile=authority and str(authority))
            except OSError as error:
                reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else _words(error)
                raise UnreadableFile(authority or "the certificates of this system", reason) from error
        return self._security

    def _keep(self, url: str, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.setdefault(_origin(url), []).append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is open; again is harmless."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()


class _Credentials:
    """What proves who asks; of digests (RFC 7616) those with MD5 and SHA, as `urllib` makes them."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._challenge: dict[str, str] = {}
        self._lock = threading.Lock()

    def header(self, method: str, url: str) -> str | None:
        """The value of `Authorization` for a request, None where there is none or it is not asked for yet."""
        endpoint = self._endpoint
        if endpoint.authentication == "basic":
            pair = f"{endpoint.user}:{endpoint.secret}".encode()
            return "Basic " + base64.b64encode(pair).decode("ascii")
        if endpoint.authentication == "bearer":
            return f"Bearer {endpoint.secret}"
        if endpoint.authentication == "digest" and self._challenge:
            return self._digest(method, url)
        return None

    def challenged(self, reply: Reply) -> bool:
        """Whether another attempt may be let in, after this refusal."""
        if self._endpoint.authentication != "digest":
            return False
        from urllib.request import parse_http_list, parse_keqv_list

        for challenge in reply.headers.get_all("WWW-Authenticate") or ():
            scheme, _, parameters = challenge.partition(" ")
            if scheme.lower() == "digest":
                self._challenge = parse_keqv_list(parse_http_list(parameters))
                return True
        return False

    def _digest(self, method: str, url: str) -> str:
        from urllib.request import AbstractDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request

        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, self._endpoint.user, self._endpoint.secret)
        try:
            with self._lock:
                said = AbstractDigestAuthHandler(passwords).get_authorization(
                    Request(url, method=method), self._challenge
                )
        except ValueError as error:
            raise RemoteAnswer(
                url, "it asks for a digest of a kind that is not known here", "use basic"
            ) from error
        if said is None:
            raise RemoteAnswer(url, "it asks for a digest without saying for what", "use basic")
        return f"Digest {said}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme.lower(), f"{(parts.hostname or '').lower()}:{port}"


def _words(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no host of that name"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as it should"
    return getattr(error, "strerror", None) or str(error)


def _refused(url: str, reply: Reply) -> RemoteRefused:
    said = ""
    if reply.type != "text/html":
        said = " ".join(reply.content[: 4 * _SHOWN].decode("utf-8", "replace").split())[:_SHOWN]
    return RemoteRefused(url, reply.status, said)


def _cut(url: str) -> RemoteAnswer:
    return RemoteAnswer(url, "its answer breaks off", "try again, and look at its log")


def _too_large(url: str, most: int) -> RemoteAnswer:
    return RemoteAnswer(
        url, f"its answer is larger than {most:,} bytes", "ask for less, or raise the setting max_answer_size"
    )
