"""Sitemaps: every page once, in files of at most 50,000, with days only where they are known."""

from xml.etree.ElementTree import fromstring

import pytest
from pyoxigraph import NamedNode, Triple

from bpsgraph.library import bundled
from bpsgraph.publishing import sitemap
from bpsgraph.publishing.discovery.description import typed
from bpsgraph.publishing.sitemap import Page, files, pages, robots
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.journal import CHANGES, change_iri
from bpsgraph.terms import BASE, BPS, PROV, RDF_TYPE

SITE = "https://data.example"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(text: str) -> list[str]:
    return [str(found.text) for found in fromstring(text).iter(NAMESPACE + "loc")]


def test_every_page_is_listed_once(national_store: EmbeddedStore) -> None:
    found = files(pages(national_store, bundled(), ["/", "/items"]), SITE)
    assert list(found) == ["/sitemap.xml"]
    listed = locations(found["/sitemap.xml"])
    assert listed[:2] == [SITE + "/", SITE + "/items"]
    assert len(listed) == len(set(listed))
    assert {SITE + "/doc/item/legal-aid", SITE + "/doc/catalogue/140500/2021"} <= set(listed)
    assert not [one for one in listed if "/verdict/" in one or "/statement/" in one]
    assert "<lastmod>" not in found["/sitemap.xml"]


def test_many_pages_are_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "LARGEST", 3)
    listed = [Page(f"/doc/甲&{number}") for number in range(7)]
    found = files(listed, SITE)
    assert list(found) == ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    assert locations(found["/sitemap.xml"]) == [SITE + path for path in list(found)[1:]]
    assert [len(locations(found[path])) for path in list(found)[1:]] == [3, 3, 1]
    assert locations(found["/sitemap-1.xml"])[0] == SITE + "/doc/%E7%94%B2&0"


def test_a_day_is_that_of_the_journal(national_store: EmbeddedStore) -> None:
    store, change = national_store.copied(()), NamedNode(change_iri(1))
    store.replace_graph(
        CHANGES + "1",
        [
            Triple(change, RDF_TYPE, NamedNode(BPS + "Acceptance")),
            Triple(change, NamedNode(PROV + "generated"), NamedNode(BASE + "catalogue/140500/2021")),
            Triple(change, NamedNode(PROV + "endedAtTime"), typed("2026-03-01T12:00:00Z", "dateTime")),
        ],
    )
    changed = {page.path: page.changed for page in pages(store, bundled()) if page.changed}
    assert set(changed.values()) == {"2026-03-01T12:00:00Z"}
    assert all("/140500/2021" in path for path in changed)
    assert {path.split("/")[2] for path in changed} >= {"catalogue", "provision", "guarantee"}


def test_robots_are_told_where_the_pages_are() -> None:
    assert f"Sitemap: {SITE}/sitemap.xml\n" in robots(SITE)
    assert "Disallow: /sparql\n" in robots(SITE)
