"""The SPARQL endpoint: operations, formats, limits that say so, hostile input, and what it says of itself."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.engine import guard
from bpsgraph.formats import FORMATS
from bpsgraph.web.app import application
from bpsgraph.web.site import Site

ROWS = "SELECT ?s ?name { ?s a bps:ServiceItem ; skos:prefLabel ?name } ORDER BY ?s ?name LIMIT 3"
TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUERY, UPDATE = {"content-type": "application/sparql-query"}, {"content-type": "application/sparql-update"}


@pytest.fixture(scope="module")
def small(built: Path) -> Iterator[TestClient]:
    """The same site with limits that are soon reached."""
    site = Site(Settings(store=built, max_rows=20, timeout=1.5, public_url="https://bps.example"))
    yield TestClient(application(site, close=False), raise_server_exceptions=False, headers={"accept": "*/*"})
    site.close()


def ask(client: TestClient, query: str, accept: str = "*/*", **parameters: str) -> Any:
    return client.get("/sparql", params={"query": query, **parameters}, headers={"accept": accept})


def test_the_three_ways_to_ask_give_the_same(web: TestClient) -> None:
    got = ask(web, ROWS)
    form = web.post("/sparql", data={"query": ROWS})
    direct = web.post("/sparql", content=ROWS, headers=QUERY)
    assert got.status_code == form.status_code == direct.status_code == 200
    assert got.content == form.content == direct.content
    assert len(got.json()["results"]["bindings"]) == 3
    assert got.headers["content-type"] == "application/sparql-results+json"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/tab-separated-values;q=0.5, text/turtle", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_rows_come_in_every_format(web: TestClient, accept: str, media_type: str) -> None:
    answer = ask(web, ROWS, accept)
    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"]
    if "json" in media_type:
        assert len(answer.json()["results"]["bindings"]) == 3
    elif "xml" in media_type:
        assert len(ElementTree.fromstring(answer.content)[1]) == 3
    else:
        assert len(answer.text.strip().splitlines()) == 4


@pytest.mark.parametrize(
    ("accept", "name", "rdf"),
    [
        ("text/turtle", "turtle", RdfFormat.TURTLE),
        ("application/n-triples", "ntriples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", "rdfxml", RdfFormat.RDF_XML),
        ("application/ld+json", "jsonld", RdfFormat.JSON_LD),
    ],
)
def test_triples_come_in_every_format(web: TestClient, accept: str, name: str, rdf: RdfFormat) -> None:
    by_header, by_name = ask(web, TRIPLES, accept), ask(web, TRIPLES, format=name)
    assert by_header.headers["content-type"].startswith(accept)
    assert by_header.content == by_name.content
    assert len(list(parse(by_header.content, rdf))) == 3


def test_head_and_validators_are_those_of_any_page(web: TestClient) -> None:
    first = ask(web, ROWS)
    told = web.head("/sparql", params={"query": ROWS})
    assert told.headers["etag"] == first.headers["etag"]
    assert not told.content
    again = web.get("/sparql", params={"query": ROWS}, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    # What is another value each time is not kept.
    assert ask(web, "SELECT (NOW() AS ?now) {}").headers["cache-control"] == "no-store"


def test_a_dataset_is_that_of_the_request(web: TestClient) -> None:
    graph = "https://w3id.org/bps/graph/agencies"
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    whole = int(ask(web, count).json()["results"]["bindings"][0]["n"]["value"])
    one = ask(web, count, **{"default-graph-uri": graph}).json()["results"]["bindings"][0]["n"]["value"]
    named = ask(web, "ASK { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": graph})
    assert 0 < int(one) < whole
    assert named.json()["boolean"] is True
    assert ask(web, count, **{"named-graph-uri": graph}).json()["results"]["bindings"][0]["n"]["value"] == "0"


@pytest.mark.parametrize("name", ["json", "xml", "csv", "turtle", "ntriples", "rdfxml"])
def test_a_cut_answer_says_so(small: TestClient, name: str) -> None:
    query = (
        "CONSTRUCT WHERE { ?s ?p ?o }"
        if name in ("turtle", "ntriples", "rdfxml")
        else "SELECT * { ?s ?p ?o }"
    )
    answer = ask(small, query, format=name)
    assert answer.status_code == 200
    assert answer.headers["x-answer-cut"] == "rows; after=20"
    match name:
        case "json":
            assert json.loads(answer.text)["head"]["link"] == ["/sparql#limits"]
        case "xml":
            assert len(ElementTree.fromstring(answer.content)[1]) == 20
        case "csv":
            assert len(list(csv.reader(io.StringIO(answer.text)))) == 21
        case _:
            assert len(list(parse(answer.content, FORMATS[name].rdf))) == 20
    assert ("cut after 20 by the limit of rows: there is more" in answer.text) == (
        name not in ("json", "csv")
    )
    assert "x-answer-cut" not in ask(small, "ASK {}").headers


def test_a_large_answer_is_streamed_and_says_its_limits(web: TestClient) -> None:
    answer = ask(web, "SELECT * { ?s ?p ?o }", "text/csv")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-answer-limit"].startswith("rows=1000000,")
    assert len(answer.content) > 5_000_000


BAD = {
    "syntax": ("GET", "query=SELECT%20%2A%20%7B%20%3Fs", 400, "bad-query"),
    "empty": ("GET", "query=", 400, "bad-query"),
    "twice": ("GET", "query=ASK%7B%7D&query=ASK%7B%7D", 400, "bad-parameter"),
    "both": ("GET", "query=ASK%7B%7D&update=CLEAR%20ALL", 400, "bad-parameter"),
    "update in get": ("GET", "update=CLEAR%20ALL", 400, "bad-parameter"),
    "nul": ("GET", "query=ASK%7B%7D%00", 400, "bad-query"),
    "no escape": ("GET", "query=ASK%7B%7D%zz", 400, "bad-parameter"),
    "not UTF-8": ("GET", "query=ASK%7B%7D%ff", 400, "bad-parameter"),
    "surrogate": ("GET", "query=ASK%7B%7D%ed%a0%80", 400, "bad-parameter"),
    "service": ("GET", "query=" + quote("ASK { SERVICE <http://127.0.0.1/> {} }"), 400, "bad-query"),
    "deep": ("GET", "query=" + quote("ASK " + "{" * 60 + "}" * 60), 400, "too-complex"),
    "update as query": ("GET", "query=" + quote("DROP ALL"), 403, "read-only"),
    "graph": ("GET", "query=ASK%7B%7D&default-graph-uri=a", 400, "bad-parameter"),
    "graph with a bracket": ("GET", "query=ASK%7B%7D&named-graph-uri=x:%3Ey", 400, "bad-parameter"),
    "dataset of an update": ("GET", "query=ASK%7B%7D&using-graph-uri=x:y", 400, "bad-parameter"),
    "format": ("GET", "query=ASK%7B%7D&format=pdf", 400, "bad-parameter"),
    "rows as turtle": ("GET", "query=ASK%7B%7D&format=turtle", 400, "bad-parameter"),
    "many fields": ("GET", "query=ASK%7B%7D" + "&a=b" * 300, 400, "bad-parameter"),
    "method": ("PUT", "query=ASK%7B%7D", 405, None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_query_is_refused_and_said(web: TestClient, name: str) -> None:
    method, query_string, status, code = BAD[name]
    answer = web.request(method, f"/sparql?{query_string}")
    assert (answer.status_code, answer.json().get("code")) == (status, code)


BODIES = {
    "no type": (b"ASK {}", {}, 415),
    "text": (b"ASK {}", {"content-type": "text/plain"}, 415),
    "a form without its type": (b"query=ASK%20%7B%7D", {}, 415),
    "utf-16": ("ASK {}".encode("utf-16"), {"content-type": "application/sparql-query; charset=UTF-16"}, 415),
    "not utf-8": (b"ASK { ?s ?p '\xff' }", QUERY, 400),
    "compressed": (b"ASK {}", {**QUERY, "content-encoding": "gzip"}, 415),
    "huge": (b"ASK {} #" + b"x" * guard.LARGEST, QUERY, 413),
    "far too large": (b"x" * (5 * guard.LARGEST), QUERY, 413),
    "multipart": (b"--a", {"content-type": "multipart/form-data; boundary=a"}, 415),
    "update": (b"DROP ALL", UPDATE, 403),
    "update form": (b"update=DROP+ALL", {"content-type": "application/x-www-form-urlencoded"}, 403),
    "both": (b"update=DROP+ALL&query=ASK{}", {"content-type": "application/x-www-form-urlencoded"}, 400),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_not_taken(web: TestClient, name: str) -> None:
    content, headers, status = BODIES[name]
    answer = web.post("/sparql", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_place_of_a_slip_is_said(web: TestClient) -> None:
    said = ask(web, "SELECT *\nWHERE { ?s ?p }").json()
    assert said["where"].startswith("line 2, column ")


def test_what_the_client_does_not_take_is_406(web: TestClient) -> None:
    assert ask(web, ROWS, "image/png").status_code == 406
    assert ask(web, TRIPLES, "text/csv").status_code == 406
    assert web.get("/sparql", headers={"accept": "text/csv"}).status_code == 406


def test_a_slow_query_is_504_and_the_next_is_answered(small: TestClient) -> None:
    slow = ask(small, ENDLESS)
    assert (slow.status_code, slow.json()["code"]) == (504, "query-timeout")
    assert ask(small, "ASK {}").json()["boolean"] is True


def test_the_service_describes_itself(small: TestClient) -> None:
    answer = small.get("/sparql", headers={"accept": "application/n-triples"})
    sd = "http://www.w3.org/ns/sparql-service-description#"
    lines = answer.text.splitlines()
    assert f"<https://bps.example/sparql#service> <{sd}endpoint> <https://bps.example/sparql> ." in lines
    assert any(f"<{sd}UnionDefaultGraph>" in line for line in lines)
    assert not any("SPARQL11Update" in line for line in lines)
    assert list(parse(small.get("/sparql").content, RdfFormat.TURTLE))


HTML = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_get_a_form_and_the_answer_below_it(web: TestClient, language: str) -> None:
    empty = web.get("/sparql", params={"lang": language}, headers=HTML)
    asked = web.get("/sparql", params={"lang": language, "query": ROWS}, headers=HTML)
    assert empty.status_code == asked.status_code == 200
    assert "<textarea" in empty.text
    assert "SELECT ?s ?name" in asked.text
    assert asked.text.count("<tr>") == 4
    assert 'href="/sparql?query=' in asked.text
    for query, shown in (("ASK {}", "true"), (TRIPLES, "<pre"), ("SELECT * {", "bad-query")):
        page = web.get("/sparql", params={"lang": language, "query": query}, headers=HTML)
        assert shown in page.text
        assert page.status_code == (400 if shown == "bad-query" else 200)


def test_nothing_that_is_asked_becomes_markup(web: TestClient) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    query = f"SELECT ('<svg onload=x>' AS ?x) (<javascript:alert(1)> AS ?y) {{}} # {hostile}"
    page = web.get("/sparql", params={"query": query}, headers=HTML)
    assert page.status_code == 200
    assert "<svg onload" not in page.text
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text
