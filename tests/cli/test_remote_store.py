"""The commands on a store on a server: the same answers as on one in a folder, and what they change arrives."""

import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.asking import free_port
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.cli.app import COMMANDS
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import RemoteRefused
from bpsgraph.store import open_store
from bpsgraph.store.remote import RemoteStore
from bpsgraph.store.remote.publication import publish
from conftest import Run
from sampling import LONG
from served import served
from small_world import COUNTY, JINCHENG, LOCAL, Town
from sparql_servers import oxigraph

Bpsgraph = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of their own, since what is there stays from one test to the next."""
    with oxigraph() as url:
        yield url


@pytest.fixture(scope="module")
def town(small_town: Callable[..., Town]) -> Town:
    return small_town(JINCHENG)


@pytest.fixture
def bpsgraph(run: Run, server: str, town: Town, tmp_path: Path) -> Bpsgraph:
    """Run a command on the store on the server."""

    def bpsgraph(*arguments: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
        places = {
            "BPSGRAPH_STORE": server,
            "BPSGRAPH_SOURCES": str(town.sources.root),
            "BPSGRAPH_REMOTE_COPY": str(tmp_path / "copy"),
            "BPSGRAPH_JOURNAL": str(tmp_path / "journal"),
            "BPSGRAPH_LANG": "en",
        }
        return run(*arguments, **(places | settings))

    return bpsgraph


def assert_same(server: str, folder: Path) -> None:
    with open_store(folder) as store, RemoteStore.open(Endpoint(url=server)) as remote:
        assert remote.graphs() == store.graphs()
        assert [g for g in store.graphs() if remote.graph(g) != store.graph(g)] == []
        assert remote.query("CONSTRUCT WHERE { ?s ?p ?o }") == store.query("CONSTRUCT WHERE { ?s ?p ?o }")


def test_the_way_of_a_catalogue_on_a_server(
    bpsgraph: Bpsgraph, server: str, town: Town, tmp_path: Path
) -> None:
    built = bpsgraph("build")
    assert built.returncode == 0, built.stderr
    assert "0 removed, 0 there already" in built.stderr
    assert_same(server, town.store)

    without = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳", BPSGRAPH_JOURNAL=" ")
    assert without.returncode == 2
    accepted = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳")
    assert accepted.returncode == 0, accepted.stderr
    assert "graphs sent" in accepted.stderr
    assert_same(server, tmp_path / "copy" / "store")
    verdicts = bpsgraph("verdicts", "371323/2021", "--format", "csv")
    assert len(verdicts.stdout.splitlines()) == 2
    healthy = bpsgraph("doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert "up to entry 1" in healthy.stdout
    again = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳")
    assert "the same content has been accepted before: entry 1" in again.stderr
    assert "sent" not in again.stderr

    # Another journal is not that of what the server holds.
    other = bpsgraph("build", BPSGRAPH_JOURNAL=str(tmp_path / "other"))
    assert (other.returncode, "journal-damaged" in other.stderr) == (3, True)
    if LONG:
        rebuilt = bpsgraph("build")
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert "0 sent, 0 removed" in rebuilt.stderr

    gone = bpsgraph("withdraw", "371323/2021", "--by", "李强", "--reason", "已废止")
    assert gone.returncode == 0, gone.stderr
    assert_same(server, tmp_path / "copy" / "store")
    assert bpsgraph("verdicts", "371323/2021").returncode == 2
    history = bpsgraph("history", "--format", "csv").stdout
    assert ("王芳" in history, "李强" in history) == (True, True)


@pytest.mark.skipif(not LONG, reason="it accepts several times: `make remote-test`")
@pytest.mark.parametrize("graphs_sent", [0, 2, 4])
def test_an_acceptance_whose_sending_breaks_off_arrives_with_the_next(
    bpsgraph: Bpsgraph, filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graphs_sent: int
) -> None:
    put, seen = RemoteStore.put_graph, iter(range(1_000))

    def put_some(self: RemoteStore, iri: str, found: Iterable[Triple], **more: Any) -> None:
        if next(seen) >= graphs_sent:
            raise RemoteRefused(self.name, 507, "disk full")
        put(self, iri, found, **more)

    with monkeypatch.context() as patch:
        patch.setattr(RemoteStore, "put_graph", put_some)
        broken = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳")
    assert (broken.returncode, "507: disk full" in broken.stderr) == (3, True)
    again = bpsgraph("accept", LOCAL / COUNTY, "--by", "王芳")
    assert again.returncode == 0, again.stderr
    assert "the same content has been accepted before: entry 1" in again.stderr
    assert_same(filled, tmp_path / "copy" / "store")
    healthy = bpsgraph("doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert bpsgraph("withdraw", "371323/2021", "--by", "王芳").returncode == 0


@pytest.fixture
def filled(server: str, town: Town) -> str:
    """The server with the same as the store in the folder."""
    with open_store(town.store) as store, RemoteStore.open(Endpoint(url=server)) as remote:
        publish(store, remote)
    return server


def test_reading_commands_answer_the_same(
    bpsgraph: Bpsgraph, filled: str, town: Town, tmp_path: Path
) -> None:
    asked: list[tuple[str | Path, ...]] = [
        ("validate", LOCAL / COUNTY, "--edition", "2021", "--fail-on", "never", "--format", "json"),
        ("verdicts", "140500/2021", "--format", "csv"),
        ("describe", "catalogue/140500/2021", "--format", "turtle"),
        ("sparql", "SELECT ?s ?o { ?s skos:prefLabel ?o } ORDER BY ?s ?o LIMIT 9", "--format", "xml"),
        ("sparql", "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"),
        ("sparql", "ASK { <item/legal-aid> ?p ?o }", "--format", "json"),
        ("sparql", "DESCRIBE <item/legal-aid>"),
        ("check", "--fail-on", "never", "--format", "csv"),
    ]
    for arguments in asked:
        here, there = bpsgraph(*arguments, BPSGRAPH_STORE=str(town.store)), bpsgraph(*arguments)
        assert (here.returncode, here.stdout) == (0, there.stdout), (arguments, there.stderr)
    cut = bpsgraph("sparql", "SELECT * { ?s ?p ?o }", "--limit", "3")
    assert len(cut.stdout.splitlines()) == 4
    assert "cut after 3 rows" in cut.stderr
    refused = bpsgraph("sparql", "DROP ALL")
    assert (refused.returncode, "read-only" in refused.stderr) == (2, True)


@pytest.mark.skipif(not LONG, reason="it starts processes: `make remote-test`")
def test_a_folder_is_judged_against_a_server(bpsgraph: Bpsgraph, filled: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / COUNTY).write_bytes((LOCAL / COUNTY).read_bytes())
    done = bpsgraph("batch", tmp_path / "in", "--edition", "2021", "--fail-on", "never", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "in.reports" / "summary.csv").exists()


@pytest.mark.skipif(not LONG, reason="it starts processes: `make remote-test`")
def test_a_site_over_a_server_renews_itself(filled: str, town: Town, tmp_path: Path) -> None:
    def label_seen(url: str) -> str:
        with urllib.request.urlopen(f"{url}/doc/item/legal-aid.nt", timeout=15) as page:
            return str(page.read().decode())

    places = {"BPSGRAPH_REMOTE_COPY": str(tmp_path / "copy"), "BPSGRAPH_SOURCES": str(town.sources.root)}
    with served(Path("unused"), "--store", filled, BPSGRAPH_REMOTE_REFRESH="0.1", **places) as site:
        assert "changed past it" not in label_seen(site.url)
        with RemoteStore.open(Endpoint(url=filled)) as remote:
            items = "https://w3id.org/bps/graph/items"
            note = Triple(
                NamedNode("https://w3id.org/bps/id/item/legal-aid"),
                NamedNode("http://www.w3.org/2004/02/skos/core#note"),
                Literal("changed past it"),
            )
            before = remote.graph(items)
            remote.replace_graph(items, [*before, note])
            ends = time.monotonic() + 20
            while "changed past it" not in label_seen(site.url) and time.monotonic() < ends:
                time.sleep(0.1)
            assert "changed past it" in label_seen(site.url)
            remote.replace_graph(items, before)


@pytest.mark.parametrize("command", ["backup", "restore", "migrate", "rebuild"])
def test_what_works_on_files_says_so(bpsgraph: Bpsgraph, command: str) -> None:
    folder = ["somewhere"] if command in ("backup", "restore") else []
    done = bpsgraph(command, *folder)
    assert done.returncode == 2
    assert "works on the files of a store, and this one is on a server" in done.stderr


TAKES = {
    "template": ["-o", "x.xlsx"],
    "query": ["provenance/changes"],
    "describe": ["item/legal-aid"],
    "sparql": ["ASK {}"],
}


@pytest.mark.parametrize("command", ["doctor", "check", "network", "overlap", "targets", *TAKES])
def test_a_server_that_is_down_is_said_by_every_command(bpsgraph: Bpsgraph, command: str) -> None:
    assert command in COMMANDS
    done = bpsgraph(command, *TAKES.get(command, ()), BPSGRAPH_STORE=f"http://127.0.0.1:{free_port()}/")
    assert done.returncode == 3
    assert "errors.md#remote-unreachable" in done.stderr


def test_a_password_in_the_url_is_refused_without_being_said(bpsgraph: Bpsgraph) -> None:
    done = bpsgraph("doctor", "--store", "http://dba:opensesame@127.0.0.1:9/sparql")
    assert (done.returncode, "opensesame" in done.stderr) == (2, False)
    assert "a name or a password stands in the URL" in done.stderr


def test_credentials_are_read_from_a_file(bpsgraph: Bpsgraph, tmp_path: Path) -> None:
    needs = bpsgraph("doctor", BPSGRAPH_REMOTE_AUTHENTICATION="basic")
    assert (needs.returncode, "needs remote_secret_file" in needs.stderr) == (2, True)
    (tmp_path / "secret").write_text("opensesame\n")
    secret = {"BPSGRAPH_REMOTE_SECRET_FILE": str(tmp_path / "secret")}
    nobody = bpsgraph("doctor", BPSGRAPH_REMOTE_AUTHENTICATION="digest", **secret)
    assert (nobody.returncode, "needs remote_user" in nobody.stderr) == (2, True)
    known = bpsgraph("sparql", "ASK {}", BPSGRAPH_REMOTE_AUTHENTICATION="bearer", **secret)
    assert (known.returncode, known.stdout) == (0, "true\n")
