"""Several servers over replicas of one store, asked all the while it changes: docs/replicas.md, as written."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bpsgraph.acceptance import Accepted
from bpsgraph.ingest import read
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.generations import Generations
from bpsgraph.store.marker import Marker
from bpsgraph.store.replication import replicate
from bpsgraph.terms import GRAPH
from sampling import LONG
from served import Served, served
from small_world import JINCHENG, LOCAL, Town, amended

PUBLIC = "https://bps.example"
PROMISE = (
    "/doc/guarantee/140500/2021/compulsory-education-living-subsidy/living-subsidy"
    "/boarding-junior-students-in-financial-difficulty.ttl"
)
PAGES = (PROMISE, PROMISE.replace(".ttl", ".nt"), "/health")
MORE_PAGES = ("/doc/jurisdiction/140500", "/queries", "/.well-known/void", "/changes.atom")
SPARQL = "/sparql?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%20%3Fs%20bps%3Avalue%201300.0%20%7D"
AMOUNTS = ("1300.0", "1350.0", "1400.0") if LONG else ("1300.0",)


@dataclass
class Readers:
    """What readers saw: how many answers, and each that was none."""

    answers: int = 0
    failures: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self, server: Served, paths: tuple[str, ...]) -> None:
        while not self.ended.is_set():
            for path in paths:
                try:
                    status, _, body = asked(server, path)
                except OSError as error:
                    self.failures.append(f"{path}: {error}")
                else:
                    self.answers += 1
                    if status != 200:
                        self.failures.append(f"{path}: {status} {body[:200]!r}")
                time.sleep(0.02)


def asked(server: Served, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    connection = HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def generation(server: Served) -> int:
    return int(json.loads(asked(server, "/health")[2])["generation"].partition("-")[0])


@contextmanager
def reading(servers: list[Served], paths: tuple[str, ...]) -> Iterator[Readers]:
    """Readers of each of the servers, for as long as the `with` lasts."""
    readers = Readers()
    threads = [threading.Thread(target=readers.read, args=(server, paths)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        readers.ended.set()
        for thread in threads:
            thread.join()


@contextmanager
def replicating(source: Path, replica: Path) -> Iterator[None]:
    """`bpsgraph replicate --every`, which has brought the replica to what the source is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bpsgraph", "replicate", source, "--store", replica, "--every", "0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().endswith(f" {Marker.read(source).manifest}\n")
        yield
    finally:
        process.terminate()
        process.communicate()


def change(town: Town, amount: str) -> None:
    """Another amount is accepted at the writer; in the short form, it is written there and not judged."""
    changed = amended(read(LOCAL / JINCHENG), "1250.0", amount)
    if LONG:
        assert isinstance(town.accept(changed), Accepted)
        return
    with open_store(town.store, writable=True) as opened:
        opened.replace_graph(f"{GRAPH}catalogue/140500/2021", changed.triples)


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_replicas_answer_alike_and_change_over_without_a_failed_request(
    small_town: Callable[..., Town], tmp_path: Path
) -> None:
    made = small_town(JINCHENG)
    town = Town(tmp_path / "writer", made.sources)
    shutil.copytree(made.store, town.store)
    # On one machine servers share a replica; another machine has one of its own.
    replicas = [tmp_path / "one", tmp_path / "two"] if LONG else [tmp_path / "one"]
    settings = {"BPSGRAPH_PUBLIC_URL": PUBLIC}
    pages = (*PAGES, *MORE_PAGES, SPARQL) if LONG else PAGES
    with ExitStack() as stack:
        for replica in replicas:
            stack.enter_context(replicating(town.store, replica))
        servers = [stack.enter_context(served(replica, **settings)) for replica in (replicas[0], *replicas)]
        for server in servers:
            # Workers for questions begin with the first one, which may be told to come again.
            wait_for(lambda server=server: all(asked(server, page)[0] == 200 for page in pages))  # type: ignore[misc]
        readers = stack.enter_context(reading(servers, pages))
        before = asked(servers[0], PROMISE)
        for amount in AMOUNTS:
            change(town, amount)
            newest = Marker.read(town.store).generation
            wait_for(lambda newest=newest: all(generation(server) == newest for server in servers))  # type: ignore[misc]
        for path in pages:
            first, *others = (asked(server, path) for server in servers)
            for other in others:
                assert other[2] == first[2], path
                for header in ("etag", "last-modified", "content-location", "link"):
                    assert other[1].get(header) == first[1].get(header), (path, header)
        after = asked(servers[-1], PROMISE)
        stated = f'bps:value "{AMOUNTS[-1].removesuffix(".0")}"'.encode()
        assert (stated in before[2], stated in after[2]) == (False, True)
        # Whoever has the page of one server is told by the others that it has changed, or that it has not.
        assert asked(servers[-1], PROMISE, **{"If-None-Match": before[1]["etag"]})[0] == 200
        assert asked(servers[0], PROMISE, **{"If-None-Match": after[1]["etag"]})[0] == 304
        readers.ended.set()
    assert readers.failures == []
    assert readers.answers > len(servers) * len(pages)


OXIGRAPH = Path(sys.executable).with_name("oxigraph")
FLOCK = shutil.which("flock")


@pytest.mark.skipif(
    not (LONG and OXIGRAPH.exists() and FLOCK), reason="in the long form, with oxigraph and flock"
)
def test_other_programs_read_a_generation_that_is_held(
    small_town: Callable[..., Town], tmp_path: Path
) -> None:
    """Oxigraph's own server over a generation of a replica, which stays while the replica goes on."""
    made, replica = small_town(JINCHENG), tmp_path / "replica"
    town = Town(tmp_path / "writer", made.sources)
    shutil.copytree(made.store, town.store)
    replicate(town.store, replica)
    first = Generations(replica).folder(Marker.read(replica).generation)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(str(FLOCK), "--shared", str(first)),
        *(str(OXIGRAPH), "serve-read-only", "--location", str(first), "--bind", f"127.0.0.1:{port}"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, process_group=0)
    other = Served(process, "127.0.0.1", port)  # type: ignore[arg-type]
    query = "/query?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
    try:
        wait_for(lambda: answers(other, query))
        before = asked(other, query, Accept="text/csv")
        with served(replica) as server:
            mine = asked(server, query.replace("/query", "/sparql"), Accept="text/csv")
        assert mine[2].split() == before[2].split()
        change(town, "1300.0")
        replicate(town.store, replica)
        assert first.is_dir()
        assert asked(other, query, Accept="text/csv")[2] == before[2]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    with open_store(town.store, writable=True) as opened:
        opened.replace_graph(GRAPH + "note", ())
    replicate(town.store, replica)
    assert not first.exists()


def answers(server: Served, path: str) -> bool:
    try:
        return asked(server, path)[0] == 200
    except OSError:
        return False


NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.mark.skipif(not (LONG and NGINX), reason="in the long form, with nginx")
def test_the_proxy_of_the_page_passes_over_a_reader_that_is_restarted(
    small_town: Callable[..., Town], tmp_path: Path
) -> None:
    """The configuration in docs/replicas.md, with the addresses of servers here."""
    store = small_town(JINCHENG).store
    page = (find_sources().root / "docs" / "replicas.md").read_text(encoding="utf-8")
    written = page.partition("```nginx\n")[2].partition("```")[0]
    with ExitStack() as stack:
        stays = stack.enter_context(served(store, BPSGRAPH_PUBLIC_URL=PUBLIC))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with served(store, BPSGRAPH_PUBLIC_URL=PUBLIC) as ends:
            addresses = {"10.0.0.11:7878": stays.url, "10.0.0.12:7878": ends.url, "10.0.0.10:7878": stays.url}
            for said, here in addresses.items():
                assert said in written
                written = written.replace(said, here.removeprefix("http://"))
            # By the page asked for, that both readers are asked.
            written = written.replace("hash $remote_addr", "hash $request_uri")
            written = written.replace("listen 8080", f"listen 127.0.0.1:{port}")
            folders = "".join(
                f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi")
            )
            (tmp_path / "nginx.conf").write_text(
                f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
                f"http {{ access_log off; client_body_temp_path {tmp_path}/body; {folders}\n{written}}}\n",
                encoding="utf-8",
            )
            process = subprocess.Popen([str(NGINX), "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
            stack.callback(process.wait)
            stack.callback(process.terminate)
            proxy = Served(process, "127.0.0.1", port)  # type: ignore[arg-type]
            wait_for(lambda: answers(proxy, "/health"))
            assert asked(proxy, PROMISE)[1]["etag"] == asked(stays, PROMISE)[1]["etag"]
            assert asked(proxy, "/feedback")[0] == 200
            pages = tuple(f"{PROMISE}?n={number}" for number in range(20))
            readers = stack.enter_context(reading([proxy], pages))
            wait_for(lambda: readers.answers > len(pages))
        # One reader has ended, in order, and the other one answers for both.
        answered = readers.answers
        wait_for(lambda: readers.answers > answered + len(pages))
        readers.ended.set()
    assert readers.failures == []
