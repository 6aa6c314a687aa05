"""A store that is sent to a server: only what changed, going on where it broke off, and copied back."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import RemoteRefused, StoreBusy
from bpsgraph.results import Triples
from bpsgraph.store import open_store, select
from bpsgraph.store.embedded import EmbeddedStore, building
from bpsgraph.store.remote import RemoteStore
from bpsgraph.store.remote.publication import Sent, publish
from bpsgraph.store.remote.replica import Replica
from bpsgraph.terms import SOURCE_HASH, WAS_DERIVED_FROM
from store_contract import ONE, TWO, A, B, label

THREE = "https://w3id.org/bps/graph/test/three"


@pytest.fixture(params=["on_oxigraph", "on_virtuoso"])
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """An empty store on a server."""
    endpoint: Endpoint = request.getfixturevalue(request.param)
    return endpoint


def derived(source: str, of: EmbeddedStore, *more: Triple) -> set[Triple]:
    graph, hashed = NamedNode(TWO), Literal(of.graph(source).content_hash())
    return {Triple(graph, WAS_DERIVED_FROM, NamedNode(source)), Triple(graph, SOURCE_HASH, hashed), *more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of a graph, one that is derived from it, and a third."""
    with building(tmp_path / "local", "sha256:0") as store:
        store.replace_graph(ONE, [label(A, "一")])
        store.replace_graph(TWO, derived(ONE, store, label(B, "二")))
        store.replace_graph(THREE, [label(A, "一"), label(B, "三")])
    return tmp_path / "local"


def sent(folder: Path, remote: RemoteStore) -> Sent:
    with open_store(folder) as store:
        return publish(store, remote)


def changed(folder: Path, label_of_a: str) -> None:
    with open_store(folder, writable=True) as store:
        store.replace_graph(ONE, [label(A, label_of_a)])
        store.replace_graph(TWO, derived(ONE, store, label(B, "新")))


def assert_same(folder: Path, remote: RemoteStore) -> None:
    with open_store(folder) as store:
        assert remote.graphs() == store.graphs()
        assert all(remote.graph(graph) == store.graph(graph) for graph in store.graphs())
        union = "CONSTRUCT WHERE { ?s ?p ?o }"
        assert remote.query(union) == store.query(union)
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        assert select(remote, count).to_csv() == select(store, count).to_csv()
        named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
        assert select(remote, named).rows == select(store, named).rows


def test_only_what_changed_is_sent(endpoint: Endpoint, folder: Path) -> None:
    with RemoteStore.open(endpoint) as remote:
        remote.replace_graph("urn:own", [label(B, "自")])
        first = sent(folder, remote)
        assert (first.sent, first.removed, first.left) == (3, 0, 0)
        assert remote.marker is not None
        assert (remote.marker.inputs, remote.marker.generation) == ("sha256:0", 1)
        assert sent(folder, remote).sent == 0
        changed(folder, "变")
        with open_store(folder, writable=True) as store:
            store.remove_graph(THREE)
        again = sent(folder, remote)
        assert (again.sent, again.removed, again.left) == (2, 1, 0)
        # What somebody else put there stays.
        assert remote.graphs() == [ONE, TWO, "urn:own"]
        remote.remove_graph("urn:own")
        sent(folder, remote)
        assert_same(folder, remote)


def test_what_was_changed_past_the_list_is_sent_again(endpoint: Endpoint, folder: Path) -> None:
    with RemoteStore.open(endpoint) as remote:
        sent(folder, remote)
        remote.replace_graph(ONE, [label(A, "他")])
        assert remote.graphs() == [ONE, THREE]
        again = sent(folder, remote)
        assert (again.sent, again.left) == (2, 1)
        assert_same(folder, remote)


@pytest.mark.parametrize("stops_at", range(6))
def test_it_goes_on_where_it_broke_off(
    endpoint: Endpoint, folder: Path, monkeypatch: pytest.MonkeyPatch, stops_at: int
) -> None:
    with RemoteStore.open(endpoint) as remote:
        sent(folder, remote)
        changed(folder, "变")
        with breaking_after(remote, stops_at, monkeypatch), contextlib.suppress(RemoteRefused):
            sent(folder, remote)
        # Nothing of what was derived from the old state is there beside the new one.
        stale = "ASK { GRAPH ?a { ?s skos:prefLabel '变'@zh } ?t skos:prefLabel '二'@zh }"
        assert remote.query(stale) is False
        sent(folder, remote)
        assert_same(folder, remote)


@contextlib.contextmanager
def breaking_after(remote: RemoteStore, requests: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server refuses whatever is written after so many requests."""
    client = remote._http
    send, seen = client.send, iter(range(1_000))

    def sending(method: str, url: str, **more: object) -> object:
        writes = method in ("PUT", "DELETE") or url == remote._update
        if writes and next(seen) >= requests:
            raise RemoteRefused(url, 507, "disk full")
        return send(method, url, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(client, "send", sending)
        yield


def test_who_expects_another_state_sends_nothing(endpoint: Endpoint, folder: Path) -> None:
    with RemoteStore.open(endpoint) as remote:
        sent(folder, remote)
        marker = remote.marker
        assert marker is not None
        changed(folder, "变")
        with open_store(folder) as store, pytest.raises(StoreBusy, match="changed it meanwhile"):
            publish(store, remote, expected=replace(marker, generation=7))
        assert select(remote, "SELECT ?o { <item/a> skos:prefLabel ?o }").to_csv() == "o\r\n一\r\n"


def test_a_copy_holds_the_same_and_only_what_changed_is_fetched(
    endpoint: Endpoint, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(endpoint, tmp_path / "copy")
    fetched: list[str] = []
    graph = RemoteStore.graph

    def fetching(store: RemoteStore, iri: str) -> Triples:
        fetched.append(iri)
        return graph(store, iri)

    monkeypatch.setattr(RemoteStore, "graph", fetching)
    with RemoteStore.open(endpoint) as remote:
        remote.replace_graph("urn:own", [label(B, "自")])
        sent(folder, remote)
        assert replica.renew() is True
        assert replica.renew() is False
        assert_same(replica.folder, remote)
        fetched.clear()
        changed(folder, "变")
        sent(folder, remote)
        fetched.clear()
        assert replica.renew() is True
        assert {name for name in fetched if "/test/" in name} == {ONE, TWO}
        assert_same(replica.folder, remote)


def test_a_copy_of_a_server_that_somebody_else_filled(endpoint: Endpoint, tmp_path: Path) -> None:
    replica = Replica(endpoint, tmp_path / "copy")
    with RemoteStore.open(endpoint) as remote:
        remote.replace_graph(ONE, [label(A, "一")])
        replica.renew()
        remote.replace_graph(ONE, [label(A, "变")])
        replica.renew()
        assert_same(replica.folder, remote)


def test_questions_are_asked_of_a_copy_where_the_server_is_not_to_be_asked(
    on_oxigraph: Endpoint, folder: Path, tmp_path: Path
) -> None:
    with RemoteStore.open(on_oxigraph) as remote:
        sent(folder, remote)
        with open_store(replace(on_oxigraph, ask="copy", copy=tmp_path / "copy")) as store:
            assert isinstance(store, EmbeddedStore)
            assert store.graphs() == remote.graphs()
        changed(folder, "变")
        sent(folder, remote)
        with open_store(replace(on_oxigraph, ask="copy", copy=tmp_path / "copy")) as store:
            assert store.query("ASK { <item/a> skos:prefLabel '变'@zh }") is True
        with open_store(on_oxigraph) as store:
            assert isinstance(store, RemoteStore)
