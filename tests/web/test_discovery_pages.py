"""What machines harvest: VoID, DCAT, dumps, sitemap, feeds, health and metrics, over HTTP."""

import hashlib
import re
from xml.etree.ElementTree import fromstring

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.publishing.discovery import HOME
from bpsgraph.web.app import application
from bpsgraph.web.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("path", ["/dataset", "/.well-known/void"])
def test_descriptions_say_the_same_in_every_syntax(web: TestClient, path: str) -> None:
    said = []
    for name in RDF_FORMATS:
        format = FORMATS[name]
        by_header = web.get(path, headers={"accept": format.media_type})
        by_suffix = web.get(path + format.suffixes[0])
        assert by_header.headers["content-type"].startswith(format.media_type)
        assert by_header.content == by_suffix.content
        assert f'<{path}{format.suffixes[0]}>; rel="alternate"' in by_header.headers["link"]
        said.append({quad.triple for quad in ox.parse(by_header.content, format.rdf, base_iri=HOME)})
    assert all(one == said[0] for one in said)
    assert web.get(path, headers={"accept": "image/png"}).status_code == 406


def test_people_find_every_file_from_a_page(web: TestClient) -> None:
    for language in ("zh", "en"):
        page = web.get(f"/dumps?lang={language}", headers={"accept": "text/html"}).text
        named = re.findall(r'href="/dumps/([^"]+\.gz)"', page)
        sums = dict(line.split("  ")[::-1] for line in web.get("/dumps/SHA256SUMS").text.splitlines())
        assert sorted(named) == sorted(sums)
        assert all(f'<code class="hash">{digest}</code>' in page for digest in sums.values())
        page = web.get(f"/dataset?lang={language}", headers={"accept": "text/html"}).text
        assert set(re.findall(r'href="/dumps/([^"]+\.gz)"', page)) <= set(sums)
        assert "catalogue/140500/2021" in page


@pytest.mark.parametrize("name", ["stated.nq.gz", "graph/catalogue/140500/2021.ttl.gz", "graph/pilots.nq.gz"])
def test_a_file_is_the_one_whose_sum_is_told(web: TestClient, name: str) -> None:
    got = web.get(f"/dumps/{name}")
    assert got.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in got.headers
    digest = hashlib.sha256(got.content).hexdigest()
    assert f"{digest}  {name}\n" in web.get("/dumps/SHA256SUMS").text
    told = web.head(f"/dumps/{name}")
    assert (told.status_code, told.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dumps/", 308),
        ("/dumps/graph/pilot.ttl.gz", 404),
        ("/dumps/../../bpsgraph.json", 404),
        ("/dumps/%2e%2e/bpsgraph.json", 404),
        ("/feeds/item/unheard-of.atom", 404),
        ("/feeds/domain/2.atom", 404),
        ("/feeds/item/%3C%3E.atom", 404),
        ("/feeds/item/%00.atom", 404),
        ("/changes.atom?page=0", 400),
        ("/changes.atom?page=99999999999999999999", 400),
        ("/changes.atom?page=%D9%A1", 400),
        ("/changes?page=-1", 400),
        ("/sitemap-1.xml", 404),
        ("/sitemap-99999999999999999999.xml", 404),
    ],
)
def test_what_is_not_there_is_said(web: TestClient, path: str, status: int) -> None:
    assert web.get(path).status_code == status


def test_feeds_are_linked_from_pages(web: TestClient) -> None:
    page = web.get("/changes?lang=en", headers={"accept": "text/html"}).text
    assert 'type="application/atom+xml" href="/changes.atom?lang=en"' in page
    feed = web.get("/changes.atom?lang=en")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    entries = fromstring(feed.content).findall(f"{ATOM}entry")
    assert page.count('<span class="badge">') == len(entries)
    about = fromstring(web.get("/feeds/item/legal-aid.atom").content)
    [itself] = [one.get("href") for one in about.findall(f"{ATOM}link") if one.get("rel") == "self"]
    assert itself == "/feeds/item/legal-aid.atom"


def test_addresses_are_whole_where_the_site_knows_its_own(site: Site) -> None:
    known = Site(Settings(store=site.path, public_url="https://data.example/bps"))
    try:
        web = TestClient(application(known, close=False))
        assert "<loc>https://data.example/bps/doc/item/legal-aid</loc>" in web.get("/sitemap.xml").text
        assert "Sitemap: https://data.example/bps/sitemap.xml" in web.get("/robots.txt").text
        feed = fromstring(web.get("/changes.atom").content)
        assert all(
            str(link.get("href")).startswith("https://data.example/bps/") for link in feed.iter(ATOM + "link")
        )
    finally:
        known.close()


def test_the_sitemap_lists_pages_of_the_site(web: TestClient) -> None:
    listed = re.findall(r"<loc>([^<]+)</loc>", web.get("/sitemap.xml").text)
    assert all(one.startswith(HOME + "/") for one in listed)
    for path in ("/", "/dataset", "/queries", "/queries/gaps/missing-items", "/doc/item/legal-aid"):
        assert HOME + path in listed


def test_health_is_told(web: TestClient, site: Site) -> None:
    answer = web.get("/health")
    assert answer.status_code == 200
    assert answer.json()["generation"] == site.generation()
    assert answer.headers["cache-control"] == "no-store"


def test_metrics_count_what_passed(site: Site) -> None:
    web = TestClient(application(site, close=False))
    for path in ("/health", "/health", "/no/such/person", "/dumps/x"):
        web.get(path)
    web.request("BREW", "/health")
    answer = web.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'bpsgraph_requests_total{route="health",method="GET",status="200"} 2' in lines
    assert 'bpsgraph_requests_total{route="other",method="GET",status="404"} 1' in lines
    assert 'bpsgraph_requests_total{route="health",method="other",status="405"} 1' in lines
    assert 'bpsgraph_request_duration_seconds_count{route="health"} 3' in lines
    assert 'bpsgraph_request_duration_seconds_bucket{route="health",le="+Inf"} 3' in lines
    # Nothing of what was asked is told.
    assert "person" not in answer.text
    # Each metric is announced once, before its samples.
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[a-z_]+(\{[^}]*\})? [0-9.e+-]+", line), line
