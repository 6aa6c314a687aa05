"""Atom feeds (RFC 4287) in pages (RFC 5005), and which events concern what."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter, NotFound
from bpsgraph.library import bundled
from bpsgraph.publishing import feeds
from bpsgraph.publishing.discovery.description import typed
from bpsgraph.publishing.feeds import Feed, State, all_changes, atom, changes_about, has_feed
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.journal import CHANGES, change_iri
from bpsgraph.terms import BASE, BPS, DCT, PROV, RDF_TYPE

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(national_store: EmbeddedStore) -> EmbeddedStore:
    """The bundled data with a withdrawal in the journal, whose reason is a trap for writers of XML."""
    copy = national_store.copied(())
    change = NamedNode(change_iri(1))
    gone = NamedNode(BASE + "catalogue/530127/2020")
    copy.replace_graph(
        CHANGES + "1",
        [
            Triple(change, RDF_TYPE, NamedNode(BPS + "Withdrawal")),
            Triple(change, NamedNode(BPS + "sequence"), Literal(1)),
            Triple(change, NamedNode(PROV + "invalidated"), gone),
            Triple(change, NamedNode(PROV + "endedAtTime"), typed("2026-03-01T12:00:00Z", "dateTime")),
            Triple(change, NamedNode(DCT + "description"), Literal("a < b & \x07 c")),
        ],
    )
    return copy


def read(feed: Feed, language: str = "zh", page: int = 1) -> Element:
    return fromstring(atom(feed, language, NOON, address="https://data.example", page=page))


def links(feed: Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in feed.findall(ATOM + "link")}


def check(feed: Element) -> None:
    """What RFC 4287 asks of every feed and entry (sections 4.1.1, 4.1.2 and 4.2.6)."""

    def one(element: Element, name: str) -> str:
        [found] = element.findall(ATOM + name)
        return found.text or ""

    entries = feed.findall(ATOM + "entry")
    for element in (feed, *entries):
        assert urlsplit(one(element, "id")).scheme
        assert one(element, "title")
        assert datetime.fromisoformat(one(element, "updated")).tzinfo is not None
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert "self" in links(feed)
    ids = [one(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert links(entry)["alternate"].startswith("https://data.example/")
    times = [datetime.fromisoformat(one(entry, "updated")) for entry in entries]
    assert times == sorted(times, reverse=True)


def test_all_changes_are_a_feed(store: EmbeddedStore) -> None:
    state = State("sha256:" + "0" * 64, 1, 70_000, NOON)
    feed = all_changes(store, bundled(), state)
    for language in ("zh", "en"):
        check(read(feed, language))
    kinds = {event.kind for event in feed.events}
    assert kinds == {"issued", "in-force", "withdrawn", "built"}
    [gone] = [event for event in feed.events if event.kind == "withdrawn"]
    assert gone.id == change_iri(1)
    text = atom(feed, "zh", NOON)
    assert "a &lt; b &amp; \ufffd c" in text
    # The same state is the same entry, another one is another.
    assert atom(all_changes(store, bundled(), state), "zh", NOON) == text
    others = all_changes(store, bundled(), State("sha256:" + "1" * 64, 1, 7, NOON)).events
    assert [event.id in text for event in others if event.kind == "built"] == [False]


@pytest.mark.parametrize(
    ("key", "kinds", "some"),
    [
        ("item/legal-aid", {"issued"}, "catalogue/100000/2023"),
        ("jurisdiction/530127", {"issued", "withdrawn"}, "catalogue/530127/2020"),
        ("jurisdiction/140502", set(), None),
        ("standard/GB-T-43507-2023", {"published", "in-force"}, "standard/GB-T-43507-2023"),
        ("standard/GB-50763-2012", None, "catalogue/100000/2023"),
        ("catalogue/140500/2021", {"issued"}, "catalogue/140500/2021"),
    ],
)
def test_a_feed_is_about_its_thing(
    store: EmbeddedStore, key: str, kinds: set[str] | None, some: str | None
) -> None:
    feed = changes_about(store, bundled(), key)
    check(read(feed))
    if kinds is not None:
        assert {event.kind for event in feed.events} <= kinds
    if some is not None:
        assert BASE + some in {event.subject for event in feed.events}
    assert has_feed(key)


def test_what_has_no_feed_is_not_found(store: EmbeddedStore) -> None:
    for key in ("item/unheard-of", "domain/2", "item/", "item/<>", "x"):
        with pytest.raises(NotFound):
            changes_about(store, bundled(), key)


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PAGE", 10)


@pytest.mark.usefixtures("short_pages")
def test_pages_lead_from_the_first_to_the_last(store: EmbeddedStore) -> None:
    feed = all_changes(store, bundled())
    seen: list[str] = []
    page = 1
    while True:
        read_page = read(feed, page=page)
        check(read_page)
        entries = read_page.findall(f"{ATOM}entry/{ATOM}id")
        assert len(entries) <= 10
        seen += [str(entry.text) for entry in entries]
        there = links(read_page)
        assert ("previous" in there) == (page > 1)
        if "next" not in there:
            break
        page += 1
        assert there["next"].endswith(f"?page={page}")
    assert there["last"] == there["self"]
    assert seen == [event.id for event in feed.events]
    for wrong in (0, page + 1, -1):
        with pytest.raises(BadParameter):
            read(feed, page=wrong)
