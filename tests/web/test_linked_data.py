"""Linked data over HTTP: the matrix of what is answered to whom, and what the answers say of themselves."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Triple, parse
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.publishing.forms import FORMS, RDF_FORMS, split, suffix
from bpsgraph.publishing.profiles import ALL, CPSV_AP, SCHEMA
from bpsgraph.store import open_store
from bpsgraph.terms import BASE, GRAPH, SKOS
from bpsgraph.web.app import application
from bpsgraph.web.pages.vocabulary import named
from bpsgraph.web.site import Site
from small_world import JINCHENG, Town

# rdflib 7.6 calls what it has deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PLACES = {
    "thing": "/id/item/legal-aid",
    "document": "/doc/item/legal-aid",
    "class": "/ns",
    "unknown": "/id/item/legal-ad",
    "withdrawn": "/id/catalogue/140500/2021",
}
# The same table stands in docs/linked-data.md.
MATRIX = """
| `Accept` | thing | document | class | unknown | withdrawn |
| --- | --- | --- | --- | --- | --- |
| `*/*`, or none | 303 | 200 text/html | 200 text/html | 404 application/problem+json | 410 application/problem+json |
| that of a browser | 303 | 200 text/html | 200 text/html | 404 text/html | 410 text/html |
| `text/turtle` | 303 | 200 text/turtle | 200 text/turtle | 404 application/problem+json | 410 text/turtle |
| `application/ld+json` | 303 | 200 application/ld+json | 200 application/ld+json | 404 application/problem+json | 410 application/ld+json |
| `application/n-triples` | 303 | 200 application/n-triples | 200 application/n-triples | 404 application/problem+json | 410 application/n-triples |
| `application/rdf+xml` | 303 | 200 application/rdf+xml | 200 application/rdf+xml | 404 application/problem+json | 410 application/rdf+xml |
| `application/json` | 303 | 200 application/json | 200 application/json | 404 application/problem+json | 410 application/problem+json |
| `image/png` | 303 | 406 application/problem+json | 406 application/problem+json | 404 application/problem+json | 410 application/problem+json |
"""
_HEADERS = {"`*/*`, or none": "*/*", "that of a browser": BROWSER}
_PARSERS = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/json": "json-ld",
}


def matrix() -> Iterator[tuple[str, str, str]]:
    """Who asks, for what, and what is answered."""
    heading, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in MATRIX.strip().splitlines()
    )
    for accept, *cells in rows:
        for kind, expected in zip(heading[1:], cells, strict=True):
            yield _HEADERS.get(accept, accept.strip("`")), kind, expected


@pytest.fixture(scope="module")
def town(small_town: Callable[..., Town], tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A store out of which 晋城 was taken, with a thing whose key ends like a format."""
    made = small_town(JINCHENG)
    folder = tmp_path_factory.mktemp("linked-data")
    shutil.copytree(made.store, folder / "store")
    town = Town(folder, made.sources)
    town.withdraw("140500/2021", reason="以新版代替")
    with open_store(town.store, writable=True) as store:
        odd = Triple(
            NamedNode(BASE + "item/odd.ttl"), NamedNode(SKOS + "prefLabel"), Literal("奇怪", language="zh")
        )
        store.replace_graph(GRAPH + "odd", [odd])
    return town


@pytest.fixture(scope="module")
def client(town: Town) -> Iterator[TestClient]:
    site = Site(Settings(store=town.store))
    yield TestClient(
        application(site, close=False),
        base_url="http://bps.test",
        raise_server_exceptions=False,
        follow_redirects=False,
        headers={"accept": "*/*"},
    )
    site.close()


def parsed(content: bytes, media_type: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=content, format=_PARSERS[media_type.partition(";")[0]])


def links(header: str) -> list[tuple[str, dict[str, str]]]:
    return [
        (place, dict(re.findall(r'(\w+)="([^"]*)"', said)))
        for place, said in re.findall(r"<([^>]*)>((?:; \w+=\"[^\"]*\")*)", header)
    ]


@pytest.mark.parametrize(("accept", "kind", "expected"), list(matrix()))
def test_the_matrix(client: TestClient, accept: str, kind: str, expected: str) -> None:
    got, told = (
        client.request(method, PLACES[kind], headers={"accept": accept}) for method in ("GET", "HEAD")
    )
    status, _, media_type = expected.partition(" ")
    assert got.status_code == int(status)
    assert got.headers.get("content-type", "").partition(";")[0] == media_type
    assert dict(told.headers) == dict(got.headers)
    assert (told.status_code, told.content) == (got.status_code, b"")
    if got.status_code != 303:
        assert "Accept" in got.headers["vary"]
    if media_type in _PARSERS:
        thing = {"document": BASE + "item/legal-aid", "class": "https://w3id.org/bps/ns"}.get(
            kind, BASE + "catalogue/140500/2021"
        )
        graph = parsed(got.content, media_type)
        assert (rdflib.URIRef(thing), None, None) in graph


def test_the_matrix_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "linked-data.md"
    assert MATRIX.strip() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("place", "thing"),
    [
        ("/doc/item/legal-aid", BASE + "item/legal-aid"),
        ("/doc/catalogue/140500/2021", BASE + "catalogue/140500/2021"),
        ("/doc/document/jincheng-2021-45/3", BASE + "document/jincheng-2021-45/3"),
        ("/ns", "https://w3id.org/bps/ns"),
        ("/shapes", "https://w3id.org/bps/shapes"),
        ("/profiles", "https://w3id.org/bps/profiles"),
    ],
)
def test_every_syntax_says_the_same_and_names_the_thing(client: TestClient, place: str, thing: str) -> None:
    graphs = []
    for form in RDF_FORMS:
        got = client.get(place + suffix(form))
        if got.status_code == 410 and form.media_type == "application/json":
            continue
        assert got.headers["content-type"].partition(";")[0] == form.media_type
        graphs.append(set(named(quad.triple for quad in parse(got.content, form.rdf))))
    assert NamedNode(thing) in {triple.subject for triple in graphs[0]}
    for other in graphs[1:]:
        assert other == graphs[0]


def test_a_thing_leads_to_its_document_with_what_was_asked(client: TestClient) -> None:
    got = client.get("/id/document/jincheng-2021-45/3?_profile=summary&lang=en&other=1")
    assert got.status_code == 303
    assert got.headers["location"] == "/doc/document/jincheng-2021-45/3?_profile=summary&lang=en"
    assert links(got.headers["link"]) == [("/doc/document/jincheng-2021-45/3", {"rel": "describedby"})]


def test_a_suffix_is_one_unless_a_thing_is_called_so() -> None:
    assert split("catalogue/350000/2021") == ("catalogue/350000/2021", None)
    assert split("catalogue/350000/2021.ttl") == ("catalogue/350000/2021", RDF_FORMS[0])
    assert split(".ttl") == (".ttl", None)


def test_a_thing_whose_key_ends_like_a_format(client: TestClient) -> None:
    assert client.get("/doc/item/odd.ttl").headers["content-type"].startswith("text/html")
    got = client.get("/doc/item/odd.ttl.ttl")
    assert got.headers["content-type"] == "text/turtle; charset=utf-8"
    assert (rdflib.URIRef(BASE + "item/odd.ttl"), None, None) in parsed(got.content, "text/turtle")
    assert (
        client.get("/doc/item/legal-aid.ttl", headers={"accept": "text/html"})
        .headers["content-type"]
        .startswith("text/turtle")
    )


def test_what_is_not_acceptable_says_what_there_is(client: TestClient) -> None:
    got = client.get("/doc/item/legal-aid", headers={"accept": "image/png", "accept-language": "en"})
    said = got.json()
    assert [one["type"] for one in said["formats"]] == [form.media_type for form in FORMS]
    for one in said["formats"]:
        assert client.get(one["href"]).status_code == 200
    assert "text/turtle" in said["detail"]
    assert client.get("/doc/item/legal-aid?_mediatype=text/csv").status_code == 406


def test_the_links_lead_to_what_they_say(client: TestClient) -> None:
    got = client.get("/doc/catalogue/100000/2021", headers={"accept": "text/html"})
    found = links(got.headers["link"])
    by_relation: dict[str, list[str]] = {}
    for place, said in found:
        by_relation.setdefault(said["rel"], []).append(place)
    assert by_relation["canonical"] == ["/doc/catalogue/100000/2021"]
    assert by_relation["about"] == [BASE + "catalogue/100000/2021"]
    assert by_relation["profile"] == [ALL[0].iri]
    assert by_relation["describedby"] == ["/doc/catalogue/100000/2021.ttl"]
    for place, said in found:
        if said["rel"] in ("alternate", "describedby"):
            other = client.get(place)
            assert other.status_code == 200
            if "type" in said:
                assert other.headers["content-type"].partition(";")[0] == said["type"]


def test_catalogues_name_the_versions_around_them(web: TestClient) -> None:
    found = links(web.get("/doc/catalogue/100000/2023.ttl").headers["link"])
    assert ("/doc/catalogue/100000/2021", {"rel": "predecessor-version"}) in found
    assert "successor-version" not in {said["rel"] for _, said in found}
    found = links(web.get("/doc/catalogue/100000/2021.ttl").headers["link"])
    assert ("/doc/catalogue/100000/2023", {"rel": "successor-version"}) in found


def test_profiles_by_token_by_header_and_as_a_list(web: TestClient) -> None:
    place = "/doc/provision/140500/2021/elderly-health-management"
    for answer in (
        web.get(place + ".ttl?_profile=cpsv-ap"),
        web.get(place, headers={"accept": "text/turtle", "accept-profile": f"<{CPSV_AP.iri}>"}),
        web.get(place + "?_mediatype=text/turtle&_profile=cpsv-ap"),
    ):
        assert answer.status_code == 200
        assert "a cpsv:PublicService" in answer.text
        assert (CPSV_AP.iri, {"rel": "profile"}) in links(answer.headers["link"])
        assert answer.headers["content-location"] == place + ".ttl?_profile=cpsv-ap"
    unknown = web.get(place + ".ttl", headers={"accept-profile": "<http://example.org/>"})
    assert (ALL[0].iri, {"rel": "profile"}) in links(unknown.headers["link"])
    said = web.get(place + "?_profile=alt", headers={"accept": "text/turtle"})
    listed = links(said.headers["link"])
    tokens = {one["token"]: one["anchor"] for _, one in listed if one["rel"] == "type"}
    assert tokens == {profile.token: profile.iri for profile in ALL}
    assert sum(one["rel"] == "alternate" for _, one in listed) == len(ALL) * len(FORMS)
    altr = rdflib.Namespace("http://www.w3.org/ns/dx/connegp/altr#")
    graph = parsed(said.content, "text/turtle")
    assert len(set(graph.objects(None, altr.hasRepresentation))) == len(ALL) * len(FORMS)


@pytest.mark.parametrize(
    ("place", "status", "said"),
    [
        ("/doc/item/legal-aid?_profile=schem", 400, "did you mean schema"),
        ("/doc/unit/yuan-per-student-year?_profile=cpsv-ap", 400, "choose one of: full, summary"),
        ("/doc/item/legal-aid?page=2", 400, "from 1 to 1"),
        ("/doc/item/legal-aid?page=x", 400, "give a number"),
        ("/doc/item/legal-aid?page=²", 400, "give a number"),
        ("/doc/item/legal-aid?lang=fr", 400, "choose zh or en"),
        ("/doc/item/legal-ad.ttl", 404, "item/legal-aid"),
        ("/doc/", 404, ""),
        ("/id/%3E%20%7D", 404, ""),
        ("/id/item/%E6%B3%95", 404, ""),
        ("/doc/provision/%7B%7D/x/y", 404, "catalogue/"),
        ("/doc/item/%00", 404, ""),
        ("/doc/" + "a/" * 3000, 404, ""),
        ("/ns.csv", 404, "/ns.html"),
        ("/contexts/none.jsonld", 404, "contexts/"),
    ],
)
def test_what_cannot_be_answered_says_why(web: TestClient, place: str, status: int, said: str) -> None:
    got = web.get(place)
    assert (got.status_code, got.headers["content-type"]) == (status, "application/problem+json")
    assert said in got.text


def test_pages_of_links_lead_to_each_other(web: TestClient) -> None:
    place: str | None = "/doc/jurisdiction/140000"
    seen = 0
    while place is not None:
        got = web.get(place, headers={"accept": "text/turtle"})
        seen += 1
        around = {one["rel"]: where for where, one in links(got.headers["link"])}
        place = around.get("next")
    assert seen == 3
    assert around["first"] == "/doc/jurisdiction/140000?page=1"
    assert around["prev"] == "/doc/jurisdiction/140000?page=2"


def test_the_page_of_a_thing_shows_sources_and_is_readable(web: TestClient) -> None:
    place = "/doc/provision/100000/2023/compulsory-education-free-textbooks"
    for language, recalled, item in (("zh", "回忆", "免费提供教科书"), ("en", "recalled", "Free textbooks")):
        page = web.get(f"{place}.html?_profile=full&lang={language}").text
        assert f"</span> {recalled}</span>" in page
        assert item in page
        assert "/doc/source/w44" in page
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert embedded is not None
    assert json.loads(embedded[1])["@type"] == "schema:GovernmentService"


def test_the_tombstone_says_who_took_it_out_and_why(client: TestClient) -> None:
    for place in ("/id/catalogue/140500/2021", "/doc/provision/140500/2021/x"):
        page = client.get(place, headers={"accept": BROWSER})
        assert page.status_code == 410
        for words in ("王芳", "以新版代替", "2026-03-01T12:00:00Z"):
            assert words in page.text
        said = client.get(place, headers={"accept": "application/json", "accept-language": "en"}).json()
        assert (said["status"], said["by"], said["entry"]) == (410, "王芳", 1)


def test_every_term_and_shape_has_its_anchor(web: TestClient) -> None:
    terms, shapes = web.get("/ns.html").text, web.get("/shapes.html").text
    for term in ("Provision", "leadAgency", "value", "state"):
        assert f'id="{term}"' in terms
    for shape in ("baseline-below", "structure-provision-item"):
        assert f'id="{shape}"' in shapes
    for page in (terms, shapes):
        ids = re.findall(r' id="([^"]+)"', page)
        assert sorted(ids) == sorted(set(ids))
    assert web.get("/ns/module/service").headers["location"] == "/ns"


def test_a_graph_leads_to_its_triples(web: TestClient) -> None:
    got = web.get("/graph/catalogue/140500/2021")
    assert (got.status_code, got.headers["location"]) == (
        303,
        "/store?graph=https%3A%2F%2Fw3id.org%2Fbps%2Fgraph%2Fcatalogue%2F140500%2F2021",
    )
    assert "graph/catalogue/140500/2021" in web.get("/graph/catalogue/140500/2020").json()["near"]


def test_contexts_are_versioned_and_kept_for_ever(web: TestClient) -> None:
    latest = web.get("/contexts/bps.jsonld")
    place = next(where for where, one in links(latest.headers["link"]) if one["rel"] == "canonical")
    fixed = web.get(place)
    assert fixed.content == latest.content
    assert fixed.headers["content-type"] == "application/ld+json"
    assert "immutable" in fixed.headers["cache-control"]
    assert "immutable" not in latest.headers["cache-control"]
    document = web.get("/doc/item/legal-aid.jsonld").json()
    assert document["@context"].items() <= fixed.json()["@context"].items()


def test_who_has_a_document_is_not_sent_it_again(web: TestClient) -> None:
    first = web.get("/doc/item/legal-aid.ttl")
    again = web.get("/doc/item/legal-aid.ttl", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    by_profile = web.get("/doc/item/legal-aid.ttl", headers={"accept-profile": f"<{SCHEMA.iri}>"})
    assert by_profile.headers["etag"] != first.headers["etag"]
    assert "Accept-Profile" in first.headers["vary"]


def test_the_page_of_a_withdrawn_catalogue_says_that_it_is_gone(client: TestClient) -> None:
    gone = client.get("/catalogues/140500/2021")
    assert (gone.status_code, gone.json()["code"]) == (410, "withdrawn")
    assert client.get("/catalogues/140500/1999").status_code == 404
