"""The server as a process: when it is ready, how it ends, and that a slow query holds up nobody else."""

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from served import Served, served

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Served]:
    with served(built) as running:
        yield running


def workers(server: Served) -> set[int]:
    """The processes that the server started."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return {int(pid) for file in children for pid in file.read_text().split()}


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def ask(server: Served, query: str, timeout: float = 30) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=timeout)
    connection.request("GET", "/sparql?" + urlencode({"query": query}))
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    found = answer.status, headers, answer.read()
    connection.close()
    return found


def sent(server: Served, query: str) -> socket.socket:
    connected = server.connected()
    asked = urlencode({"query": query})
    connected.sendall(f"GET /sparql?{asked} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
    return connected


def busiest(server: Served) -> float:
    """The processor time of the workers, in ticks."""
    spent = 0.0
    for pid in workers(server):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent += int(fields[11]) + int(fields[12])
    return spent


def idle(server: Served) -> bool:
    before = busiest(server)
    time.sleep(0.3)
    return busiest(server) - before <= 3


def test_who_goes_away_ends_the_query(server: Served) -> None:
    assert ask(server, "ASK {}")[0] == 200
    before = workers(server)
    waiting = sent(server, SLOW)
    assert within(10, lambda: not idle(server))
    waiting.close()
    assert within(10, lambda: bool(before - workers(server)))
    assert within(10, lambda: idle(server))
    assert ask(server, "ASK {}")[0] == 200


def test_who_goes_away_in_the_middle_of_an_answer_ends_it(server: Served) -> None:
    assert ask(server, "ASK {}")[0] == 200
    before = workers(server)
    reading = sent(server, FLOOD)
    assert reading.recv(100).startswith(b"HTTP/1.1 200")
    reading.close()
    assert within(10, lambda: bool(before - workers(server)))
    assert within(10, lambda: idle(server))


def test_too_many_slow_queries_are_told_so_and_pages_stay_quick(server: Served) -> None:
    assert ask(server, "ASK {}")[0] == 200
    slow = [sent(server, SLOW) for _ in range(90)]
    try:
        times = []
        for _ in range(5):
            began = time.monotonic()
            connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
            connection.request("GET", "/static/site.css")
            assert connection.getresponse().status == 200
            times.append(time.monotonic() - began)
            connection.close()
        assert sorted(times)[2] < 2.0
        answered: list[socket.socket] = []

        def refused() -> bool:
            answered[:] = select.select(slow, [], [], 0)[0]
            return len(answered) >= 20

        assert within(15, refused)
        first = answered[0].recv(4_096).decode()
        assert first.startswith("HTTP/1.1 503")
        assert "\r\nretry-after: 5\r\n" in first.lower()
    finally:
        for one in slow:
            one.close()
    assert within(15, lambda: idle(server))
    assert ask(server, "ASK {}")[0] == 200


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_in_order_without_leaving_a_worker(built: Path, by: signal.Signals, code: int) -> None:
    with served(built) as running:
        assert ask(running, "ASK {}")[0] == 200
        started = workers(running)
        waiting = sent(running, SLOW)
        assert started
        waiting.close()
        running.process.send_signal(by)
        assert running.process.wait(20) == code
        assert within(5, lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


def started(*options: str, store: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bpsgraph", "serve", "--store", store, *options],
        capture_output=True,
        encoding="utf-8",
        env=os.environ,
        timeout=60,
    )


def test_an_address_that_cannot_be_had_is_said(server: Served, built: Path) -> None:
    taken = started("--port", str(server.port), store=built)
    assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
    assert "in use" in taken.stderr
    assert started("--host", "no.such.host.invalid", "--port", "0", store=built).returncode == 2


def test_it_listens_at_an_address_of_ipv6(built: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    process = subprocess.Popen(
        [sys.executable, "-m", "bpsgraph", "serve", "--host", "::1", "--port", "0", "--store", built],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith("http://[::1]:")
        port = int(said.removeprefix("http://[::1]:").partition("/")[0])
        connection = http.client.HTTPConnection("::1", port, timeout=20)
        connection.request("GET", "/sparql?query=ASK%7B%7D")
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr is not None
        process.stderr.close()
