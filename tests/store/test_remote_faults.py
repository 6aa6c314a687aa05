"""Servers that fail: each a clear error in bounded time, and never part of an answer for the whole."""

import contextlib
import hashlib
import re
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from bench.asking import free_port

from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import (
    BpsError,
    RemoteAnswer,
    RemoteRefused,
    RemoteTimeout,
    RemoteUnreachable,
    StoreError,
    UnreadableFile,
)
from bpsgraph.store import open_store
from bpsgraph.store.base import ask, construct, select
from bpsgraph.store.remote import RemoteStore
from hostile_server import Answer, answering, whole

JSON = "application/sparql-results+json"
ROWS = b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}]}}'
SECRET = "a-secret-that-nobody-may-read"


def endpoint(url: str) -> Endpoint:
    return Endpoint(
        url=url, engine="generic", ask="server", timeout=0.5, connect_timeout=0.5, max_size=100_000
    )


def sending(content: bytes, then: Callable[[], None] = lambda: None) -> Answer:
    def answer(connection: socket.socket, head: bytes) -> None:
        connection.sendall(content)
        then()
        connection.shutdown(socket.SHUT_RDWR)

    return answer


def trickling(head: bytes) -> Answer:
    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.02)

    return answer


def without_end(connection: socket.socket, head: bytes) -> None:
    connection.sendall(
        f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    piece = b"%x\r\n%s\r\n" % (10_000, b" " * 10_000)
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(piece)


def in_a_circle(connection: socket.socket, head: bytes) -> None:
    connection.sendall(whole(b"", JSON, "307 Temporary Redirect", "Location: /sparql?again"))


CASES: dict[str, tuple[Answer, type[StoreError], str]] = {
    "silent": (lambda connection, head: time.sleep(2), RemoteTimeout, "after 0.5 s"),
    "trickling head": (trickling(b"HTTP/1.1 200 OK\r\nX-Slow: "), RemoteTimeout, "after 0.5 s"),
    "trickling body": (
        trickling(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 1000\r\n\r\n".encode()),
        RemoteTimeout,
        "after 0.5 s",
    ),
    "500": (
        sending(whole(b"out of\nmemory", "text/plain", "500 Internal Server Error")),
        RemoteRefused,
        "status 500: out of memory; look at its log",
    ),
    "500 as HTML": (
        sending(whole(b"<html>secret</html>", "text/html", "500 Internal Server Error")),
        RemoteRefused,
        "status 500; look at its log",
    ),
    "401": (sending(whole(b"", "text/plain", "401 Unauthorized")), RemoteRefused, "give credentials"),
    "404": (sending(whole(b"", "text/plain", "404 Not Found")), RemoteRefused, "correct the URL"),
    "HTML": (
        sending(whole(b"<html>Welcome</html>", "text/html; charset=utf-8")),
        RemoteAnswer,
        "it is text/html",
    ),
    "no type": (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), RemoteAnswer, "of no type"),
    "not JSON": (sending(whole(b"<html>")), RemoteAnswer, "is not JSON of SPARQL results"),
    "other JSON": (sending(whole(b'{"error": "no"}')), RemoteAnswer, "is not"),
    "other columns": (
        sending(whole(ROWS.replace(b'"s"', b'"t"'))),
        RemoteAnswer,
        "is not what was asked for",
    ),
    "cut": (sending(whole(ROWS)[:-5]), RemoteAnswer, "breaks off"),
    "cut chunk": (
        sending(
            f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n".encode()
            + ROWS
        ),
        RemoteAnswer,
        "breaks off",
    ),
    "cut and not framed": (
        sending(f"HTTP/1.0 200 OK\r\nContent-Type: {JSON}\r\n\r\n".encode() + ROWS[:-5]),
        RemoteAnswer,
        "is not JSON of SPARQL results",
    ),
    "2 GB": (
        sending(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 2000000000\r\n\r\n".encode()),
        RemoteAnswer,
        "larger than 100,000 bytes",
    ),
    "without end": (without_end, RemoteAnswer, "larger than 100,000 bytes"),
    "packed": (
        sending(whole(ROWS, JSON, "200 OK", "Content-Encoding: gzip")),
        RemoteAnswer,
        "packs its answer",
    ),
    "not HTTP": (sending(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), RemoteAnswer, "does not answer as HTTP says"),
    "closes": (lambda connection, head: connection.shutdown(socket.SHUT_RDWR), RemoteUnreachable, "closes"),
    "no URL": (
        sending(whole(b"", JSON, "307 Temporary Redirect", "Location: http://[::1/")),
        RemoteAnswer,
        "redirects to what is no URL",
    ),
    "circle": (in_a_circle, RemoteAnswer, "redirects in a circle"),
    "another host": (
        sending(whole(b"", JSON, "307 Temporary Redirect", "Location: http://127.0.0.2:9/sparql")),
        RemoteAnswer,
        "redirects to another host",
    ),
    "another scheme": (
        sending(whole(b"", JSON, "307 Temporary Redirect", "Location: file:///etc/passwd")),
        RemoteAnswer,
        "redirects to another host",
    ),
    "loses the query": (
        sending(whole(b"", JSON, "302 Found", "Location: /login")),
        RemoteAnswer,
        "redirects what is sent",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_server_that_fails_is_said_in_one_sentence_and_in_time(case: str) -> None:
    answer, kind, said = CASES[case]
    with answering(answer) as url, open_store(endpoint(url)) as store:
        began = time.monotonic()
        with pytest.raises(kind) as caught:
            select(store, "SELECT ?s { ?s ?p ?o }")
        assert time.monotonic() - began < 3
    assert said in str(caught.value)
    assert str(caught.value).startswith(url)
    assert caught.value.exit_code == 3


def test_a_server_that_is_down_is_said() -> None:
    with pytest.raises(RemoteUnreachable, match="Connection refused; start the server"):
        open_store(Endpoint(url=f"http://127.0.0.1:{free_port()}/"))
    with pytest.raises(RemoteUnreachable, match="no host of that name"):
        open_store(Endpoint(url="http://nobody.invalid/"))


def test_triples_whose_end_nobody_knows_are_not_taken_for_all() -> None:
    unframed = b"HTTP/1.0 200 OK\r\nContent-Type: application/n-triples\r\n\r\n<urn:a> <urn:b> <urn:c> .\n"
    with (
        answering(sending(unframed)) as url,
        open_store(endpoint(url)) as store,
        pytest.raises(RemoteAnswer, match="does not say how long it is"),
    ):
        construct(store, "CONSTRUCT WHERE { ?s ?p ?o }")


def test_what_the_server_cut_itself_is_not_taken_for_all() -> None:
    cut = whole(ROWS, JSON, "200 OK", "X-SPARQL-MaxRows: 1")
    with (
        answering(sending(cut)) as url,
        open_store(replace(endpoint(url), engine="virtuoso")) as store,
        pytest.raises(RemoteAnswer, match=r"cut after 1 rows.*ResultSetMaxRows"),
    ):
        select(store, "SELECT ?s { ?s ?p ?o }")


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    once = sending(whole(ROWS))
    with answering(once) as url, open_store(endpoint(url)) as store:
        for _ in range(3):
            assert len(select(store, "SELECT ?s { ?s ?p ?o }").rows) == 1


def test_a_redirect_on_the_same_host_is_followed_with_the_query() -> None:
    def answer(connection: socket.socket, head: bytes) -> None:
        moved = whole(b"", JSON, "308 Permanent Redirect", "Location: /moved")
        connection.sendall(whole(ROWS) if head.startswith(b"POST /moved ") else moved)

    with answering(answer) as url, open_store(endpoint(url)) as store:
        assert len(select(store, "SELECT ?s { ?s ?p ?o }").rows) == 1


@pytest.mark.parametrize("kind", ["basic", "bearer", "digest"])
def test_credentials_are_given_as_they_are_asked_for_and_named_nowhere(kind: str) -> None:
    heads: list[str] = []

    def answer(connection: socket.socket, head: bytes) -> None:
        heads.append(head.decode())
        if "Authorization" in heads[-1]:
            connection.sendall(whole(b'{"head": {}, "boolean": true}'))
        else:
            asked = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5'
            connection.sendall(whole(b"", "text/plain", "401 Unauthorized", asked))

    with answering(answer) as url:
        known = replace(endpoint(url), authentication=kind, user="dba", secret=SECRET)  # type: ignore[arg-type]
        assert SECRET not in repr(known)
        with open_store(known) as store:
            assert ask(store, "ASK {}") is True
    said = re.search(r"Authorization: (.*)", heads[-1])
    assert said is not None
    if kind == "digest":
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', said[1]))
        inner = hashlib.md5(f"dba:r:{SECRET}".encode()).hexdigest()
        outer = hashlib.md5(f"POST:{parts['uri']}".encode()).hexdigest()
        expected = f"{inner}:n:{parts['nc']}:{parts['cnonce']}:auth:{outer}"
        assert parts["response"] == hashlib.md5(expected.encode()).hexdigest()
    else:
        assert said[1].startswith(kind.capitalize())


@pytest.mark.parametrize("kind", ["basic", "bearer", "digest"])
def test_wrong_credentials_are_refused_once_without_being_named(kind: str) -> None:
    asked = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5'
    refusing = sending(whole(SECRET[:8].encode(), "text/plain", "401 Unauthorized", asked))
    with answering(refusing) as url:
        known = replace(endpoint(url), authentication=kind, user="dba", secret=SECRET)  # type: ignore[arg-type]
        with open_store(known) as store, pytest.raises(RemoteRefused, match="give credentials") as caught:
            ask(store, "ASK {}")
    assert SECRET not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody else has signed, with its key."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "server.pem"
    try:
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=127.0.0.1",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                str(folder / "key.pem"),
                "-out",
                str(folder / "certificate.pem"),
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return made


def test_a_certificate_is_checked_and_may_be_trusted(certificate: Path, tmp_path: Path) -> None:
    with answering(sending(whole(ROWS)), certificate) as url:
        with (
            open_store(endpoint(url)) as store,
            pytest.raises(RemoteUnreachable, match="certificate is not trusted"),
        ):
            select(store, "SELECT ?s { ?s ?p ?o }")
        with open_store(replace(endpoint(url), authority=certificate)) as store:
            assert len(select(store, "SELECT ?s { ?s ?p ?o }").rows) == 1
        other = url.replace("127.0.0.1", "localhost")
        with (
            open_store(replace(endpoint(other), authority=certificate)) as store,
            pytest.raises(RemoteUnreachable, match="certificate is not trusted"),
        ):
            select(store, "SELECT ?s { ?s ?p ?o }")
        nothing = tmp_path / "nothing.pem"
        nothing.write_text("none")
        with (
            open_store(replace(endpoint(url), authority=nothing)) as store,
            pytest.raises(UnreadableFile, match="holds no certificates"),
        ):
            select(store, "SELECT ?s { ?s ?p ?o }")


def test_a_plain_server_where_tls_is_meant_is_said() -> None:
    with (
        answering(sending(whole(ROWS))) as url,
        open_store(endpoint(url.replace("http:", "https:"))) as store,
        pytest.raises((RemoteUnreachable, RemoteTimeout)),
    ):
        select(store, "SELECT ?s { ?s ?p ?o }")


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso", "generic"])
def test_a_graph_that_is_refused_is_an_error(engine: str) -> None:
    from store_contract import ONE, A, label

    def answer(connection: socket.socket, head: bytes) -> None:
        refused = head.startswith(b"PUT ") or b"/update" in head
        nothing = b'{"head": {"vars": ["derived", "hash"]}, "results": {"bindings": []}}'
        connection.sendall(
            whole(b"disk full", "text/plain", "507 Insufficient Storage") if refused else whole(nothing)
        )

    with (
        answering(answer) as url,
        open_store(replace(endpoint(url), engine=engine)) as store,
        pytest.raises(RemoteRefused, match="507: disk full"),
    ):
        store.replace_graph(ONE, [label(A, "一")])


def test_many_threads_share_a_store() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with (
        answering(lambda connection, head: connection.sendall(whole(ROWS))) as url,
        open_store(endpoint(url)) as store,
        ThreadPoolExecutor(8) as pool,
    ):
        found = list(pool.map(lambda _: len(select(store, "SELECT ?s { ?s ?p ?o }").rows), range(64)))
    assert found == [1] * 64


def test_errors_are_of_the_tree_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert issubclass(RemoteAnswer, BpsError)
    with answering(sending(b"\x00" * 70_000)) as url, open_store(endpoint(url)) as store:
        assert isinstance(store, RemoteStore)
        with pytest.raises(RemoteAnswer):
            store.graphs()
