"""Messages of readers: taken, held back until they are let be shown, kept over a build, and refused when unfit."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from bpsgraph.building import build
from bpsgraph.config import Settings
from bpsgraph.errors import BadParameter
from bpsgraph.publishing.feedback import DUV, OA, Inbox, target_of
from bpsgraph.store import open_store
from bpsgraph.terms import BASE, RDF_TYPE
from bpsgraph.web.app import application
from bpsgraph.web.site import Site
from small_world import JINCHENG, Town

TOKEN = "a-token-that-is-long-enough"
PAGE = {"accept": "text/html", "accept-language": "zh"}
SHOWN = {"authorization": f"Bearer {TOKEN}"}
ITEM = "/doc/item/legal-aid"


@pytest.fixture(scope="module")
def town(small_town: Callable[..., Town], tmp_path_factory: pytest.TempPathFactory) -> Town:
    original, folder = small_town(JINCHENG), tmp_path_factory.mktemp("feedback")
    shutil.copytree(original.store, folder / "store")
    return Town(folder, original.sources)


@pytest.fixture(scope="module")
def open_site(town: Town) -> Iterator[Site]:
    site = Site(Settings(store=town.store, sources=town.sources.root), token=TOKEN)
    yield site
    site.close()


@pytest.fixture
def reader(open_site: Site, town: Town) -> TestClient:
    """A reader of a site that may write; nothing waits there."""
    inbox = Inbox(town.store)
    for one in inbox.waiting():
        inbox.take(one.id)
    return TestClient(
        application(open_site, close=False), raise_server_exceptions=False, follow_redirects=False,
        headers={"accept": "*/*"},
    )  # fmt: skip


def said(reader: TestClient, text: str, about: str = ITEM, **more: str) -> int:
    return reader.post("/feedback", data={"about": about, "kind": "error", "text": text, **more}).status_code


def waiting(reader: TestClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = reader.get("/feedback/moderation", headers=SHOWN).json()
    return found


def decide(reader: TestClient, id: str, decision: str) -> int:
    fields = {"id": id, "decision": decision}
    return reader.post("/feedback/moderation", data=fields, headers=SHOWN).status_code


def test_a_message_is_shown_when_it_is_let_be_and_never_before(reader: TestClient, town: Town) -> None:
    text = "2023年起已提高到每人每年一百元，见民发〔2023〕1号。"
    sent = reader.post("/feedback", data={"about": ITEM, "kind": "error", "text": text}, headers=PAGE)
    assert sent.status_code == 303
    thanks = reader.get(sent.headers["location"], headers=PAGE)
    assert "收到了" in thanks.text
    (one,) = waiting(reader)
    assert (one["text"], one["about"]) == (text, f"{BASE}item/legal-aid")
    places = (ITEM, f"/feedback?about={ITEM}", "/queries/provenance/feedback.csv", "/")
    assert all(text not in reader.get(place, headers=PAGE).text for place in places)
    with open_store(town.store) as store:
        assert not any("feedback/" in graph for graph in store.graphs())
    assert decide(reader, one["id"], "accept") == 200
    assert waiting(reader) == []
    for place in places[:3]:
        assert text in reader.get(place, headers=PAGE).text, place
    assert text not in reader.get("/", headers=PAGE).text
    with open_store(town.store) as store:
        graphs = [graph for graph in store.graphs() if "feedback/" in graph]
        assert len(graphs) == 1
        types = {str(triple.object) for triple in store.graph(graphs[0]) if triple.predicate == RDF_TYPE}
    assert types == {f"<{DUV}UserFeedback>", f"<{OA}Annotation>", f"<{OA}TextualBody>"}
    # Another build makes all graphs anew but those that the journal keeps.
    build(town.store, town.sources)
    with open_store(town.store) as store:
        assert graphs[0] in store.graphs()


def test_a_message_that_is_refused_is_gone(reader: TestClient, town: Town) -> None:
    assert said(reader, "这是一条广告，请勿刊出。") == 202
    (one,) = waiting(reader)
    assert decide(reader, one["id"], "refuse") == 200
    assert waiting(reader) == []
    assert "广告" not in reader.get(ITEM, headers=PAGE).text
    assert decide(reader, one["id"], "refuse") == 404
    assert not list((town.store.with_name("store.feedback")).glob("*"))


def test_who_shows_no_token_sees_and_decides_nothing(reader: TestClient) -> None:
    assert said(reader, "等待审核的留言") == 202
    id = waiting(reader)[0]["id"]
    closed = reader.get("/feedback/moderation", headers=PAGE)
    assert closed.status_code == 200
    assert "等待审核的留言" not in closed.text
    assert 'name="token"' in closed.text
    assert reader.get("/feedback/moderation").status_code == 401
    for fields in ({"token": "wrong" * 5}, {}, {"id": id, "decision": "accept"}):
        answer = reader.post("/feedback/moderation", data=fields)
        assert answer.status_code == (401 if fields else 415)
    listed = reader.post("/feedback/moderation", data={"token": TOKEN}, headers=PAGE)
    assert "等待审核的留言" in listed.text
    assert listed.headers["cache-control"] == "no-store"
    assert len(waiting(reader)) == 1
    assert decide(reader, id, "perhaps") == 400
    assert decide(reader, "../../store", "accept") == 404


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("短", {}),
        ("长" * 4_001, {}),
        ("<script>alert(1)</script> 看这里", {}),
        ("看这里\x00看这里", {}),
        ("http://a.example http://b.example " * 3, {}),
        ("写得很清楚", {"kind": "praise"}),
        ("写得很清楚", {"about": "https://elsewhere.example/"}),
        ("写得很清楚", {"about": "//elsewhere.example/"}),
        ("写得很清楚", {"about": "/doc/item/a b"}),
        ("写得很清楚", {"about": "/" + "x" * 600}),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_unfit_is_refused(reader: TestClient, text: str, more: dict[str, str]) -> None:
    fields = {"about": ITEM, "kind": "error", "text": text, **more}
    told = reader.post("/feedback", data=fields)
    assert (told.status_code, told.json()["code"]) == (400, "bad-parameter")
    page = reader.post("/feedback", data=fields, headers=PAGE)
    assert page.status_code == 400
    assert "<script>alert" not in page.text
    assert waiting(reader) == []


def test_a_machine_that_fills_in_what_nobody_sees_is_not_heard(reader: TestClient) -> None:
    assert said(reader, "便宜的贷款，快来", website="https://spam.example") == 202
    assert waiting(reader) == []


def test_only_so_many_are_taken_in_a_minute(reader: TestClient) -> None:
    statuses = [said(reader, f"第{number}条意见") for number in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    answer = reader.post("/feedback", data={"about": "/", "kind": "error", "text": "再来一条意见"})
    assert 0 < int(answer.headers["retry-after"]) <= 61
    assert len(waiting(reader)) == 10


def test_a_site_that_only_reads_gives_the_message_back_as_a_file(web: TestClient, built: Path) -> None:
    form = web.get(f"/feedback?about={ITEM}", headers=PAGE)
    assert form.status_code == 200
    assert "只读" in form.text
    fields = {"about": ITEM, "kind": "source", "text": "原文见民发〔2023〕1号。"}
    assert web.post("/feedback", data=fields).status_code == 403
    file = web.post("/feedback", data=fields | {"as": "file"}, headers=PAGE)
    assert file.status_code == 200
    assert file.headers["content-disposition"].startswith('attachment; filename="feedback-')
    quads = list(parse(file.content, format=RdfFormat.TURTLE))
    assert any(quad.predicate.value == f"{OA}hasTarget" for quad in quads)
    assert web.get("/feedback/moderation", headers=SHOWN).status_code == 403
    assert not built.with_name("store.feedback").exists()


def test_every_page_leads_to_its_feedback(web: TestClient) -> None:
    assert f'href="/feedback?about={ITEM.replace("/", "%2F")}"' in web.get(ITEM, headers=PAGE).text
    english = web.get("/feedback?about=/rules/baseline-below&lang=en", headers=PAGE).text
    assert "No name is needed" in english
    assert web.get("/feedback?about=https://elsewhere.example").status_code == 400
    assert web.post("/feedback", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize(
    ("path", "iri"),
    [
        ("/doc/item/legal-aid", f"{BASE}item/legal-aid"),
        ("/doc/item/legal-aid.html", f"{BASE}item/legal-aid"),
        ("/catalogues/140500/2021", f"{BASE}catalogue/140500/2021"),
        ("/queries/gaps/missing-items", f"{BASE}query/gaps/missing-items"),
        ("/rules/baseline-below", "https://w3id.org/bps/shapes#baseline-below"),
        ("/about", "https://w3id.org/bps/page/about"),
        ("/", "https://w3id.org/bps/page"),
        (f"{BASE}item/legal-aid", f"{BASE}item/legal-aid"),
    ],
)
def test_a_page_is_about_its_thing(path: str, iri: str) -> None:
    assert target_of(path) == iri


@pytest.mark.parametrize(
    "about",
    [
        "https://w3id.org/bps/pagejavascript:alert(1)",
        "https://w3id.org/bps/page//elsewhere.example",
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/[x]",
        "/%zz",
        "/doc/item/[",
        "/#x#y",
        "/\ue000",
    ],
)
def test_what_is_no_page_of_this_site_is_refused(about: str) -> None:
    with pytest.raises(BadParameter):
        target_of(about)
