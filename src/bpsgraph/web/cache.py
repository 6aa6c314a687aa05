"""Whole responses kept per generation of the store, with what HTTP asks of them (RFC 9110, 9111).

Outermost but for CORS: answers GET and HEAD from memory where it can, gives every response that is not
streamed its `ETag`, answers 304, and compresses text once. A response says `Cache-Control: no-store` to be
passed on as it comes.
"""

import gzip
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bpsgraph.web.site import Site

LARGEST_KEPT = 4_000_000
"""Bytes up to which a response is kept and hashed; what is larger is streamed."""
LARGEST_AT_ONCE = 100_000
"""Bytes up to which a response is hashed and compressed while all others wait; what is larger in a thread."""
SMALLEST_COMPRESSED = 600
_KEPT_STATUSES = {200, 303, 308, 410}
_TEXT = re.compile(
    rb"text/|image/svg|application/(?:(?:[a-z.-]+\+)?(?:json|xml|javascript)|n-triples|n-quads|trig)"
)
_GZIP = re.compile(rb"(?:^|[,\s])(?:x-)?gzip\b", re.IGNORECASE)
_NO_GZIP = re.compile(rb"gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)
_NEGOTIATED = (b"accept", b"accept-language", b"accept-profile")
_ALWAYS = (
    # Whoever asks: nothing here depends on the origin (https://fetch.spec.whatwg.org/#http-cors-protocol).
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Location, Retry-After, Content-Disposition, X-Answer-Cut, X-Answer-Limit",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
            b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
        ),
    ),
)
# What is said of a response that is not sent again (RFC 9110, section 15.4.5).
_WITH_304 = {b"cache-control", b"content-location", b"etag", b"expires", b"vary", b"link", b"last-modified"}

# The day, the path, the query string, the headers that a response is chosen by, and whether it is compressed.
Key = tuple[date, bytes, bytes, tuple[tuple[bytes, bytes], ...], bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """One representation: its status, its headers with `ETag`, and its bytes as they are sent."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: bytes
    modified: bytes
    generation: str = ""

    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body) + _length(self.headers) + 500


class Cache:
    """The middleware; `capacity` is how many bytes of responses it keeps, the oldest of which go first."""

    def __init__(self, app: ASGIApp, site: Site, capacity: int) -> None:
        self.app = app
        self.site = site
        self.capacity = capacity
        self.hits = 0
        self.misses = 0
        self._generation = ""
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """About how many bytes of memory the responses take that are kept."""
        return self._size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, _with_always(send))
            return
        # With all of a name that is given twice, as another reader might take the other one.
        asked = tuple(header for header in scope["headers"] if header[0] in _NEGOTIATED)
        zipped = _takes_gzip(scope["headers"])
        # What is in force today is not what is in force tomorrow.
        key = (date.today(), scope["raw_path"], scope["query_string"], asked, zipped)
        kept = self._found(key)
        if kept is not None:
            self.hits += 1
            await _answer(kept, scope, send)
            return
        self.misses += 1
        generation = self._generation
        collector = _Collector(send, scope["method"] == "HEAD")
        try:
            await self.app({**scope, "method": "GET"}, receive, collector.take)
        except Exception:
            # It has answered that it failed, and raises so that the server logs why.
            if collector.start and not collector.passed_on:
                await _answer(await collector.made(zipped), scope, send)
            raise
        if collector.passed_on:
            return
        made = await collector.made(zipped)
        if made.status in _KEPT_STATUSES and self.site.generation() == generation:
            self._keep(key, made)
        await _answer(made, scope, send)

    def _found(self, key: Key) -> Kept | None:
        generation = self.site.generation()
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._kept.clear()
                self._size = 0
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Key, kept: Kept) -> None:
        # What was made from a generation that has been followed meanwhile is not kept under the next.
        if kept.generation not in ("", self._generation):
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._size += _size(key, kept) - (_size(key, before) if before else 0)
            self._kept[key] = kept
            while self._size > self.capacity:
                self._size -= _size(*self._kept.popitem(last=False))


def _size(key: Key, kept: Kept) -> int:
    """About how many bytes a response takes with what it is found by, which may be longer than itself."""
    _, path, query, asked, _ = key
    return kept.size() + len(path) + len(query) + _length(asked)


def _length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + 150 for name, value in headers)


class _Collector:
    """Takes what the application sends, and passes it on where it is streamed or too large."""

    def __init__(self, send: Send, head: bool) -> None:
        self.send = _with_always(send)
        self.head = head
        self.start: Message = {}
        self.pieces: list[bytes] = []
        self.passed_on = False
        self._size = 0

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            streamed = Headers(raw=message["headers"]).get("cache-control", "").startswith("no-store")
            # Parts of a file are no representation of their own.
            if streamed or message["status"] in (206, 416):
                await self._pass_on()
            return
        if message["type"] != "http.response.body":
            await self.send(message)
            return
        if self.passed_on:
            await self._body(message.get("body", b""), message.get("more_body", False))
            return
        self.pieces.append(message.get("body", b""))
        self._size += len(self.pieces[-1])
        if self._size > LARGEST_KEPT:
            await self._pass_on()
            body = b"".join(self.pieces)
            self.pieces = []
            await self._body(body, message.get("more_body", False))

    async def made(self, zipped: bool) -> Kept:
        """What was taken, as it is sent."""
        body = b"".join(self.pieces)
        if len(body) < LARGEST_AT_ONCE:
            return _representation(self.start, body, zipped)
        return await to_thread.run_sync(_representation, self.start, body, zipped)

    async def _pass_on(self) -> None:
        self.passed_on = True
        await self.send(self.start)

    async def _body(self, body: bytes, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": b"" if self.head else body, "more_body": more})


def _representation(start: Message, body: bytes, zipped: bool) -> Kept:
    headers = MutableHeaders(raw=list(start["headers"]))
    tag = hashlib.sha256(body).hexdigest()[:32]
    media_type = headers.get("content-type", "").encode()
    if len(body) >= SMALLEST_COMPRESSED and _TEXT.match(media_type):
        headers.add_vary_header("Accept-Encoding")
        if zipped and "content-encoding" not in headers:
            # Without a time, so that the same bytes are always the same.
            body = gzip.compress(body, 6, mtime=0)
            headers["content-encoding"] = "gzip"
            tag += "-gzip"
    if start["status"] == 200 and "etag" not in headers:
        headers["etag"] = f'"{tag}"'
    headers.setdefault("cache-control", "no-cache")
    headers["content-length"] = str(len(body))
    raw = (*((name, value) for name, value in headers.raw if name != b"x-generation"), *_ALWAYS)
    return Kept(
        start["status"],
        raw,
        body,
        headers.get("etag", "").encode(),
        headers.get("last-modified", "").encode(),
        headers.get("x-generation", ""),
    )


def _takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether gzip is among what is accepted, and not at a weight of nothing (RFC 9110, section 12.5.3)."""
    return any(
        _GZIP.search(value) is not None and _NO_GZIP.search(value) is None
        for name, value in headers
        if name == b"accept-encoding"
    )


async def _answer(kept: Kept, scope: Scope, send: Send) -> None:
    if kept.status == 200 and _is_known(kept, scope["headers"]):
        few = [(name, value) for name, value in kept.headers if name in _WITH_304]
        await send({"type": "http.response.start", "status": 304, "headers": few})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": kept.status, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else kept.body})


def _is_known(kept: Kept, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the one who asks has it (RFC 9110, section 13.2.2: If-None-Match goes before the date)."""
    said = dict(headers)
    if b"if-none-match" in said:
        tags = {tag.strip().removeprefix(b"W/") for tag in said[b"if-none-match"].split(b",")}
        return b"*" in tags or kept.etag in tags
    if b"if-modified-since" in said and kept.modified:
        try:
            since = parsedate_to_datetime(said[b"if-modified-since"].decode("latin-1"))
            return parsedate_to_datetime(kept.modified.decode()) <= since
        except (TypeError, ValueError):
            return False
    return False


def _with_always(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_ALWAYS]}
        await send(message)

    return sending
