"""Bad requests byte by byte to a server as people run it: refused with a sentence, and it lives on (RFC 9110, 9112)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpsgraph.web.connection import LONGEST_HEAD, LONGEST_TARGET, MOST_HEADERS, too_slow
from faults.request_fuzz import fuzz
from raw_http import Conversation, asked, request
from sampling import LONG
from served import Served, served

# Each with the statuses that it may be answered with; a refusal says why, and what to do.
CASES: dict[str, tuple[bytes, set[int]]] = {
    # What is liked, by the rules of RFC 9110, section 12.5.1
    "html hardly, nothing else": (request("/", "GET", "Accept: text/html;q=0.1, */*;q=0"), {200}),
    "Accept of 10 kB": (request("/", "GET", "Accept: " + "text/x," * 1200), {200, 406}),
    "Accept with q=9": (request("/", "GET", "Accept: text/html;q=9"), {200, 406}),
    "Accept that is no text": (request("/", "GET", b"Accept: \xff\xfe"), {200, 406}),
    "Accept-Language that is no text": (request("/", "GET", b"Accept-Language: \xff;q=zz"), {200}),
    # Bodies whose length is in doubt
    "length and chunks": (
        request("/", "POST", "Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        {400},
    ),
    "chunks and length": (
        request("/", "POST", "Transfer-Encoding: chunked", "Content-Length: 4", body=b"0\r\n\r\n"),
        {400},
    ),
    "two lengths": (
        request("/", "POST", "Content-Length: 4", "Content-Length: 5", body=b"aaaaa"),
        {400},
    ),
    "a length below nothing": (request("/", "POST", "Content-Length: -4"), {400}),
    "a length that is no number": (request("/", "POST", "Content-Length: 0x10"), {400}),
    "a length beyond all numbers": (request("/", "POST", "Content-Length: " + "9" * 40), {400}),
    "an unknown transfer encoding": (
        request("/", "POST", "Transfer-Encoding: foo", body=b"x"),
        {400},
    ),
    "chunks that are none": (
        request("/", "POST", "Transfer-Encoding: chunked", body=b"zz\r\nab"),
        {400, 405},
    ),
    "a body that nobody asked for": (request("/", "GET", body=b"hello"), {200}),
    # Addresses
    "NUL, escaped": (request("/%00"), {404}),
    "NUL, raw": (request(b"/\x00"), {400}),
    "a file called NUL": (request("/static/%00"), {404}),
    "bytes that are no UTF-8, escaped": (request("/static/%ff%fe"), {404}),
    "half a character": (request("/%ed%a0%80"), {404}),
    "bytes that are not escaped": (request("/é".encode()), {400}),
    "a query that is no UTF-8": (request("/?lang=%ff"), {400}),
    "line ends, escaped": (request("/x%0d%0aX-Injected:%20yes"), {404}),
    "out of the folder": (request("/static/../../../../etc/passwd"), {404}),
    "out of the folder, escaped": (request("/static/%2e%2e/%2e%2e/app.py"), {404}),
    "out of the folder, by escaped slashes": (request("/static/..%2f..%2fapp.py"), {404}),
    "out of the folder, by backslashes": (request("/static/..\\..\\app.py"), {404}),
    "an absolute path in the folder": (request("/static//etc/passwd"), {404}),
    "a folder": (request("/static/css/"), {404}),
    "an address too long": (request("/?" + "a" * (LONGEST_TARGET + 1)), {414}),
    "too many headers": (
        request("/", "GET", *(f"X-{n}: {n}" for n in range(MOST_HEADERS + 1))),
        {431},
    ),
    "headers of 2 MB": (request("/", "GET", "X-Big: " + "a" * 2_000_000), {431}),
    "a header without a name": (request("/", "GET", ": x"), {400}),
    "a header that goes on in the next line": (request("/", "GET", "X-A: b\r\n c"), {400}),
    "NUL in a header": (request("/", "GET", b"X-A: \x00"), {400}),
    # Hosts
    "no host": (b"GET / HTTP/1.1\r\n\r\n", {400}),
    "two hosts": (request("/", "GET", "Host: a", "Host: b"), {400}),
    "a host with a space": (request("/", "GET", "Host: a b"), {400}),
    "a host with a path": (request("/", "GET", "Host: evil.example/.."), {400}),
    "a host in the address": (request("http://evil.example/"), {200}),
    # Conditions and ranges
    "a range": (request("/", "GET", "Range: bytes=0-5"), {200, 206}),
    "a range of lines": (request("/static/icon.svg", "GET", "Range: lines=1"), {200}),
    "ranges by the hundred": (
        request("/static/icon.svg", "GET", "Range: bytes=" + "0-1," * 300),
        {200},
    ),
    "since 1900": (request("/", "GET", "If-Modified-Since: Mon, 01 Jan 1900 00:00:00 GMT"), {200}),
    "since 9999": (request("/", "GET", "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT"), {304}),
    "since no day": (
        request("/", "GET", "If-Modified-Since: Fri, 99 Foo 99999 99:99:99 -9999"),
        {200},
    ),
    "tags by the hundred": (request("/", "GET", "If-None-Match: " + '"x",' * 500), {200}),
    # Other places
    "a foreign form": (request("/", "POST", "Origin: https://evil.example"), {405}),
    "a foreign page that asks to delete": (
        request("/", "OPTIONS", "Origin: https://evil.example", "Access-Control-Request-Method: DELETE"),
        {400},
    ),
    # Other versions and protocols
    "HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", {200}),
    "HTTP/2, at once": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "HTTP/2, by an upgrade": (
        request("/", "GET", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x"),
        {200},
    ),
    "a WebSocket": (request("/", "GET", "Connection: Upgrade", "Upgrade: websocket"), {200}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),
    "all bytes there are": (bytes(range(256)) * 3, {400}),
    # Methods
    "a proxy's method": (request("evil.example:443", "CONNECT"), {400}),
    "to all": (request("*", "OPTIONS"), {404}),
    "TRACE": (request("/", "TRACE"), {405}),
    "PUT": (request("/", "PUT", body=b"x"), {405}),
    "PROPFIND": (request("/", "PROPFIND"), {405}),
    "a method that is none": (request("/", "FOO"), {400}),
    "a method in small letters": (request("/", "get"), {400}),
    "another method in a header": (request("/", "POST", "X-HTTP-Method-Override: GET"), {405}),
}


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Served]:
    with served(built) as running:
        yield running


@pytest.mark.parametrize("name", CASES)
def test_bad_requests_are_answered_as_they_should(server: Served, name: str) -> None:
    data, statuses = CASES[name]
    answer = asked(server, data)
    assert answer is not None
    assert answer.status in statuses
    assert "x-injected" not in answer.headers
    if answer.headers.get("content-type") == "application/problem+json":
        assert answer.json()["status"] == answer.status
        assert answer.json()["detail"]
    assert server.process.poll() is None


def test_links_are_never_made_of_the_host(server: Served) -> None:
    forged = ("Host: evil.example", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example")
    for path in ("/", "/static", "/items/", "/nothing", "//evil.example/"):
        answer = asked(server, request(path, "GET", *forged, "Accept: text/html"))
        assert answer is not None
        assert "//evil.example" not in answer.headers.get("location", "")
        assert b"http://evil.example" not in answer.body
        assert b"https://evil.example" not in answer.body


def test_requests_in_a_row_are_answered_in_their_order(server: Served) -> None:
    paths = ["/", "/nothing", "/static/icon.svg", "/?lang=fr", "/"]
    with Conversation(server) as conversation:
        conversation.send(b"".join(map(request, paths)))
        answers = [conversation.answer() for _ in paths]
    assert [answer.status for answer in answers if answer] == [200, 404, 200, 400, 200]
    assert answers[0] == answers[-1]


def test_an_old_client_is_not_kept_waiting(server: Served) -> None:
    with Conversation(server) as conversation:
        conversation.send(b"GET / HTTP/1.0\r\n\r\n")
        answer = conversation.answer()
        assert answer is not None
        assert "transfer-encoding" not in answer.headers
        assert conversation.closed()


def test_who_sends_a_request_drop_by_drop_does_not_hold_up_others(server: Served) -> None:
    slow = [Conversation(server) for _ in range(100)]
    try:
        for conversation in slow:
            conversation.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        start = time.monotonic()
        answer = asked(server, request("/"))
        assert answer is not None
        assert answer.status == 200
        assert time.monotonic() - start < 5
    finally:
        for conversation in slow:
            conversation.close()


def test_who_takes_too_long_is_told_so(built: Path) -> None:
    """As `PATIENCE` is what a person would not wait for, a server with less of it is tried."""
    program = (
        "import sys; from bpsgraph.web import connection; connection.PATIENCE = 0.4;"
        "from bpsgraph.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    with served(built, program=program) as server:
        for begun, status in {
            b"": 408,
            b"GET /": 408,
            b"GET / HTTP/1.1\r\nHost: a\r\n": 408,
            b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab": None,
        }.items():
            with Conversation(server, 10) as conversation:
                conversation.send(begun)
                for _ in range(2):
                    # A byte now and then is no request.
                    time.sleep(0.3)
                    if begun and status:
                        conversation.send(b"X")
                answer = conversation.answer()
                assert status is None or (answer is not None and answer.status == status)
                assert conversation.closed()
        # Who pauses between two requests is not sent away for it.
        with Conversation(server, 10) as conversation:
            for _ in range(2):
                conversation.send(request("/static/icon.svg"))
                answer = conversation.answer()
                assert answer is not None
                assert answer.status == 200
                time.sleep(0.6)


def test_hundreds_of_random_requests_do_nothing(server: Served, built: Path) -> None:
    report = fuzz(server, built, seed=7, count=300 if LONG else 120)
    assert report["wrong"] == []
    assert report["fine"]
    # All of it would be nothing where nothing came through.
    assert report["statuses"]["200"] > 5
    assert report["statuses"]["400"] > 5


def test_the_head_may_be_large_but_not_too_large(server: Served) -> None:
    large = asked(server, request("/", "GET", "X-Big: " + "a" * (LONGEST_HEAD // 2)))
    assert large is not None
    assert large.status == 200


def test_a_body_that_trickles_is_cut_off_and_a_slow_line_is_not() -> None:
    assert too_slow(3, 30)
    assert not too_slow(3, 15)
    assert not too_slow(1_000_000, 60)
    assert too_slow(1_000_000, 90)
