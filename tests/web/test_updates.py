"""Writing over HTTP: nobody without the token, nothing but graphs of one's own, and it holds after a build."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bpsgraph.building import build
from bpsgraph.config import Settings
from bpsgraph.engine import guard
from bpsgraph.errors import BadParameter, BadQuery
from bpsgraph.store import open_store
from bpsgraph.store.journal import Journal, journal_of
from bpsgraph.store.own import DEFAULT, is_own
from bpsgraph.terms import GRAPH
from bpsgraph.updating.operations import operations
from bpsgraph.web.app import application
from bpsgraph.web.site import Site
from faults.hamlet import hamlet
from small_world import Town

TOKEN = "a-token-that-is-long-enough"
UPDATE, TURTLE = {"content-type": "application/sparql-update"}, {"content-type": "text/turtle"}
OWN = "https://example.org/mine"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A small store of one's own, to be changed: an update reads all of it."""
    folder = tmp_path_factory.mktemp("updates")
    town = Town(folder, hamlet(folder / "sources").sources)
    build(town.store, town.sources)
    return town


@pytest.fixture(scope="module")
def writer(town: Town) -> Iterator[TestClient]:
    """A client with the token of a writable site."""
    site = Site(Settings(store=town.store, sources=town.sources.root), token=TOKEN)
    for pool in (site.pool, site.changes):
        pool.ready()
    headers = {"accept": "*/*", "authorization": f"Bearer {TOKEN}"}
    yield TestClient(application(site, close=False), raise_server_exceptions=False, headers=headers)
    site.close()


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def update(client: TestClient, text: str, **parameters: str) -> int:
    return client.post("/sparql", params=parameters, content=text, headers=UPDATE).status_code


def asked(client: TestClient, query: str) -> bool:
    found: bool = client.get("/sparql", params={"query": query}).json()["boolean"]
    return found


WRITES = [
    ("POST", "/sparql", UPDATE, "INSERT DATA { <x:a> <x:b> <x:c> }"),
    ("POST", "/sparql", UPDATE, "CLEAR ALL"),
    ("POST", "/sparql", {"content-type": "application/x-www-form-urlencoded"}, "update=DROP+ALL"),
    ("PUT", f"/store?graph={OWN}", TURTLE, "<x:a> <x:b> <x:c> ."),
    ("POST", "/store", TURTLE, "<x:a> <x:b> <x:c> ."),
    ("PUT", "/store?default", TURTLE, "<x:a> <x:b> <x:c> ."),
    ("DELETE", f"/store?graph={GRAPH}agencies", {}, ""),
    ("PUT", "/graph/local/a", TURTLE, "<x:a> <x:b> <x:c> ."),
    ("DELETE", "/graph/agencies", {}, ""),
]


def test_a_server_that_is_not_writable_changes_nothing(town: Town) -> None:
    before, entries = contents(town.store), contents(town.journal)
    site = Site(Settings(store=town.store, sources=town.sources.root))
    client = TestClient(application(site, close=False), raise_server_exceptions=False)
    for method, path, headers, body in WRITES:
        for shown in ({}, {"authorization": f"Bearer {TOKEN}"}):
            answer = client.request(method, path, headers={**headers, **shown}, content=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "read-only"), (method, path)
    site.close()
    assert contents(town.store) == before
    assert contents(town.journal) == entries


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", "Basic YTpi", f"Bearer {TOKEN}x"])
def test_nobody_writes_without_the_token(writer: TestClient, town: Town, shown: str) -> None:
    before = contents(town.store)
    for method, path, headers, body in WRITES:
        sent = [*headers.items(), ("authorization", shown)]
        answer = writer.request(method, path, headers=sent, content=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    # A token in the address is none.
    assert (
        writer.post(
            f"/sparql?token={TOKEN}", content="CLEAR ALL", headers={**UPDATE, "authorization": ""}
        ).status_code
        == 401
    )
    assert contents(town.store) == before


def test_an_update_holds_and_so_it_does_after_a_build(writer: TestClient, town: Town) -> None:
    text = f"""
        PREFIX ex: <https://example.org/>
        PREFIX f: <https://example.org/f/>
        INSERT DATA {{ ex:a ex:b "without a graph" . GRAPH <{OWN}> {{ ex:a ex:p [ ex:q 1 ] ; ex:r "r" }} }} ;
        INSERT {{ GRAPH ex:seen {{ ?s f:seen ?o }} }} WHERE {{ ?s ex:r ?o }} ;
        DELETE DATA {{ ex:a ex:b "nothing" }}
    """
    answer = writer.post("/sparql", content=text, headers=UPDATE)
    assert answer.status_code == 200
    assert answer.json() == {
        "entry": 1,
        "changed": [OWN, "https://example.org/seen", DEFAULT],
        "removed": [],
    }
    # The second operation saw what the first left, in the union of the graphs.
    assert asked(writer, "ASK { GRAPH <https://example.org/seen> { ?s ?p 'r' } }")
    assert asked(writer, f"ASK {{ GRAPH <{DEFAULT}> {{ ?s ?p 'without a graph' }} }}")
    assert update(writer, "DELETE WHERE { GRAPH <https://example.org/seen> { ?s ?p ?o } }") == 200
    assert not asked(writer, "ASK { GRAPH <https://example.org/seen> { ?s ?p ?o } }")
    with open_store(town.store) as store:
        before = {graph: set(store.graph(graph)) for graph in store.graphs()}
        size = len(store)
        union = {str(t) for graph in store.graphs() for t in store.graph(graph)}
        assert size == len(union)
    build(town.store, town.sources)
    with open_store(town.store) as store:
        after = {graph: set(store.graph(graph)) for graph in store.graphs()}
        assert len(store) == size
    assert after == before
    assert Journal(journal_of(town.store)).problems() == []


def test_the_default_graph_takes_and_gives_what_is_its_own(writer: TestClient) -> None:
    assert update(writer, f"DROP SILENT DEFAULT ; DROP SILENT GRAPH <{OWN}>") == 200
    assert update(writer, f"INSERT DATA {{ <x:a> <x:b> 1 . GRAPH <{OWN}> {{ <x:a> <x:b> 1 , 2 }} }}") == 200
    assert update(writer, "DELETE DATA { <x:a> <x:b> 1 , 2 }") == 200
    # What another graph states stays, in it and in the union.
    assert not asked(writer, f"ASK {{ GRAPH <{DEFAULT}> {{ <x:a> ?p ?o }} }}")
    assert asked(writer, f"ASK {{ <x:a> <x:b> 1 , 2 . GRAPH <{OWN}> {{ <x:a> <x:b> 1 , 2 }} }}")
    assert update(writer, "DELETE DATA { <x:a> <x:b> 3 }") == 204


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{GRAPH}agencies> {{ <x:a> <x:b> <x:c> }} }}",
        f"INSERT DATA {{ GRAPH <{GRAPH}changes/9> {{ <x:a> <x:b> <x:c> }} }}",
        f"DROP GRAPH <{GRAPH}ontology>",
        "CLEAR ALL",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"COPY DEFAULT TO <{GRAPH}closure>",
    ],
)
def test_what_is_not_ones_own_is_not_changed(writer: TestClient, town: Town, text: str) -> None:
    before = contents(town.store / "generations")
    answer = writer.post("/sparql", content=text, headers=UPDATE)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-graph")
    assert contents(town.store / "generations") == before


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("CLEAR XYZ", 400),
        ("ASK {}", 400),
        ("LOAD <http://127.0.0.1/x>", 400),
        ("INSERT { <x:a> <x:b> ?c } WHERE { SERVICE <http://127.0.0.1/> { ?a ?b ?c } }", 400),
        ("INSERT DATA { <x:a> <x:b> 'x' } #" + "x" * guard.LARGEST, 413),
        ("DROP GRAPH <x:none>", 400),
        ("", 204),
    ],
)
def test_updates_that_cannot_be_done(writer: TestClient, text: str, status: int) -> None:
    assert update(writer, text) == status


def test_the_dataset_of_an_update_is_that_of_the_request(writer: TestClient) -> None:
    insert = "INSERT DATA { GRAPH <x:1> { <x:a> <x:b> 1 } GRAPH <x:2> { <x:a> <x:b> 2 } }"
    assert update(writer, insert) == 200
    copy = "INSERT { GRAPH <x:3> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    assert update(writer, copy, **{"using-graph-uri": "x:1"}) == 200
    assert asked(
        writer, "ASK { GRAPH <x:3> { <x:a> <x:b> 1 } FILTER NOT EXISTS { GRAPH <x:3> { ?s ?p 2 } } }"
    )
    with_clause = "WITH <x:1> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"
    assert update(writer, with_clause, **{"using-graph-uri": "x:1"}) == 400


def test_operations_are_taken_apart_where_they_end() -> None:
    text = """BASE <x:/> PREFIX a: <y:;> INSERT DATA { a:b a:c '; WHERE' } ;
    DELETE { ?s ?p ?o } # ;
    WHERE { ?s ?p ?o } ; CLEAR ALL ;"""
    prologue = "BASE <x:/> PREFIX a: <y:;>"
    assert [" ".join(part.split()) for part in operations(text, ["g:1"], ["g:2"])] == [
        f"{prologue} INSERT DATA {{ a:b a:c '; WHERE' }}",
        f"{prologue} DELETE {{ ?s ?p ?o }} # ; USING <g:1> USING NAMED <g:2> WHERE {{ ?s ?p ?o }}",
        f"{prologue} CLEAR ALL",
    ]
    with pytest.raises(BadParameter):
        operations("WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", ["x:g"])
    with pytest.raises(BadQuery):
        operations("DELETE WHERE { ?s ?p ?o }", ["x:g"])


def test_which_graphs_are_ones_own() -> None:
    assert [is_own(g) for g in (OWN, DEFAULT, GRAPH + "local/a")] == [True, True, True]
    theirs = (GRAPH + "defaults", GRAPH + "national/2021", "https://w3id.org/bps/ns", GRAPH + "changes/1")
    assert [is_own(g) for g in theirs] == [False] * 4
    # Those that a reader may take for one of these, once they are normalised.
    taken = (GRAPH + "local/../agencies", GRAPH + "local/%2E%2e/agencies", GRAPH.upper() + "agencies")
    assert [is_own(g) for g in taken] == [False] * 3


def test_a_graph_is_put_read_added_to_and_removed(writer: TestClient) -> None:
    address = "/store?graph=https://example.org/put"
    assert writer.get(address).status_code == writer.head(address).status_code == 404
    put = writer.put(address, content="<#a> <x:b> [ <x:c> 1 ] .", headers=TURTLE)
    assert (put.status_code, put.headers["location"]) == (201, "https://example.org/put")
    got = writer.get(address, headers={"accept": "application/n-triples"})
    assert "<https://example.org/put#a> <x:b> _:" in got.text
    assert writer.head(address).headers["etag"] == writer.get(address).headers["etag"]
    assert writer.post(address, content="<x:d> <x:e> 2 .", headers=TURTLE).json()["changed"] == [
        "https://example.org/put"
    ]
    assert len(writer.get(address, headers={"accept": "application/n-triples"}).text.splitlines()) == 3
    assert writer.put(address, content="<x:d> <x:e> 3 .", headers=TURTLE).status_code == 204
    for format in ("turtle", "ntriples", "rdfxml", "jsonld"):
        assert writer.get(f"{address}&format={format}").status_code == 200
    assert writer.delete(address).json()["removed"] == ["https://example.org/put"]
    assert writer.delete(address).status_code == writer.get(address).status_code == 404


def test_a_graph_can_be_made_without_a_name_and_named_by_its_address(writer: TestClient) -> None:
    made = writer.post("/store", content="<x:a> <x:b> 1 .", headers=TURTLE)
    assert made.status_code == 201
    place = made.headers["location"]
    assert place.startswith("/graph/local/")
    assert writer.get(place).url.path == "/store"
    assert writer.delete(place).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "code"),
    [
        (f"?graph={OWN}", {}, b"<x:a> <x:b> 1 .", 415, "unsupported-media-type"),
        (f"?graph={OWN}", {"content-type": "text/csv"}, b"a,b", 415, "unsupported-media-type"),
        (f"?graph={OWN}", {"content-type": "text/turtle; charset=gbk"}, b"", 415, "unsupported-media-type"),
        (f"?graph={OWN}", {**TURTLE, "content-encoding": "br"}, b"", 415, "unsupported-media-type"),
        (f"?graph={OWN}", TURTLE, b"<x:a> <x:b> \n <x:c .", 400, "malformed-file"),
        (f"?graph={OWN}", TURTLE, b"\xff", 400, "malformed-file"),
        (f"?graph={OWN}", TURTLE, b"", 422, "empty-graph"),
        (
            f"?graph={OWN}",
            {"content-type": "application/rdf+xml"},
            b"<!DOCTYPE x><x/>",
            400,
            "malformed-file",
        ),
        (f"?graph={OWN}", TURTLE, b"#" * 33_000_000, 413, "too-large"),
        (f"?graph={GRAPH}agencies", TURTLE, b"<x:a> <x:b> 1 .", 403, "foreign-graph"),
        ("?graph=relative", TURTLE, b"<x:a> <x:b> 1 .", 400, "bad-parameter"),
        (f"?graph={OWN}&default", TURTLE, b"<x:a> <x:b> 1 .", 400, "bad-parameter"),
        ("", TURTLE, b"<x:a> <x:b> 1 .", 400, "bad-parameter"),
    ],
)
def test_graphs_that_are_not_taken(
    writer: TestClient, path: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    answer = writer.put(f"/store{path}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if code == "malformed-file" and b"\n" in body:
        assert "line 2" in answer.json()["where"]


def test_anybody_reads_a_graph(web: TestClient) -> None:
    address = f"/store?graph={GRAPH}agencies"
    answer = web.get(address)
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert web.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert web.get(address, headers={"accept": "image/png"}).status_code == 406
    near = web.get(f"/store?graph={GRAPH}agency")
    assert near.status_code == 404
    assert "agencies" in near.json()["detail"]
    assert web.get("/store").status_code == 400
