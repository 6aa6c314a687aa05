"""What HTTP asks of every response: validators, compression, methods, problems, languages (RFC 9110, 9457)."""

import gzip
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.errors import BpsError, StoreError, StoreUnavailable
from bpsgraph.store import open_store
from bpsgraph.store.marker import MARKER
from bpsgraph.web.app import COSTLY, FAMILIES, application
from bpsgraph.web.site import Site
from bpsgraph.web.turns import Turns
from inner_application import inner


def test_head_says_what_get_says(web: TestClient) -> None:
    got, told = web.get("/"), web.head("/")
    assert got.status_code == told.status_code == 200
    assert dict(got.headers) == dict(told.headers)
    assert got.content
    assert not told.content


def test_who_has_it_is_not_sent_it_again(web: TestClient) -> None:
    first = web.get("/")
    again = web.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == first.headers["vary"]
    assert web.get("/", headers={"if-none-match": '"another"'}).status_code == 200
    since = {"if-modified-since": first.headers["last-modified"]}
    assert web.get("/", headers=since).status_code == 304
    assert web.get("/", headers={**since, "if-none-match": '"another"'}).status_code == 200
    assert web.get("/", headers={"if-modified-since": "yesterday"}).status_code == 200


def test_text_is_compressed_for_who_takes_it(web: TestClient) -> None:
    with web.stream("GET", "/", headers={"accept-encoding": "gzip"}) as packed:
        content = b"".join(packed.iter_raw())
    plain = web.get("/", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(content) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]


@pytest.mark.parametrize(
    ("asked", "headers", "language"),
    [
        ("/", {}, "zh-Hans"),
        ("/?lang=en", {}, "en"),
        ("/?lang=zh", {"accept-language": "en"}, "zh-Hans"),
        ("/", {"accept-language": "en-GB,en;q=0.9,zh;q=0.8"}, "en"),
        ("/", {"accept-language": "fr,zh;q=0.5,en;q=0.4"}, "zh-Hans"),
        ("/", {"accept-language": "en;q=oops"}, "zh-Hans"),
    ],
)
def test_the_language_is_that_of_who_asks(
    web: TestClient, asked: str, headers: dict[str, str], language: str
) -> None:
    answer = web.get(asked, headers=headers)
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text


def test_a_chosen_language_stays_in_the_links(web: TestClient) -> None:
    page = web.get("/?lang=en", headers={"accept": "text/html"}).text
    assert 'href="/queries?lang=en"' in page
    assert 'href="/?lang=zh"' in page


def test_what_is_not_there_is_a_page_or_a_problem(web: TestClient) -> None:
    page = web.get("/nothing/here", headers={"accept": "text/html"})
    told = web.get("/nothing/here")
    assert page.status_code == told.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["status"] == 404
    assert web.get("/?lang=fr").json()["code"] == "bad-parameter"


def test_other_methods_are_refused(web: TestClient) -> None:
    answer = web.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_pages_of_other_places_may_ask(web: TestClient) -> None:
    answer = web.get("/", headers={"origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    before = web.options(
        "/",
        headers={"origin": "https://elsewhere.example", "access-control-request-method": "GET"},
    )
    assert before.status_code == 200


def test_a_browser_is_told_to_load_from_here_only(web: TestClient) -> None:
    for path in ("/", "/nothing", "/static/site.css"):
        headers = web.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_static_files_stay_for_ever_at_their_address(web: TestClient) -> None:
    assert "immutable" in web.get("/static/site.css?v=0").headers["cache-control"]
    assert "immutable" not in web.get("/static/icon.svg").headers["cache-control"]
    assert web.get("/static/../app.py").status_code == 404
    assert web.get("/static/%2e%2e/app.py").status_code == 404


def test_a_new_generation_is_served(built: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(built, store)
    site = Site(Settings(store=store))
    try:
        web = TestClient(application(site, close=False))
        before = site.generation()
        assert before in web.get("/").text
        with site.snapshot() as held:
            with open_store(store, writable=True) as writer:
                writer.commit(1, "sha256:1")
            web.get("/")
            deadline = monotonic() + 10
            while (after := site.generation()) == before:
                assert monotonic() < deadline
                sleep(0.01)
            assert after in web.get("/").text
            # Who reads the generation before goes on to do so.
            assert held.store.graphs()
        assert before not in web.get("/").text
        with pytest.raises(StoreUnavailable):
            held.store.graphs()
    finally:
        site.close()


def test_a_generation_that_does_not_open_leaves_the_one_that_is_served(
    built: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "store"
    shutil.copytree(built, store)
    site = Site(Settings(store=store))
    try:
        web = TestClient(application(site, close=False))
        before = site.generation()
        (store / MARKER).write_bytes(b"{}")
        with pytest.raises(StoreError):
            site.refresh()
        assert before in web.get("/").text
        deadline = monotonic() + 10
        while not caplog.records:
            assert monotonic() < deadline
            sleep(0.01)
        assert web.get("/").status_code == 200
    finally:
        site.close()


def test_an_address_with_a_slash_too_many_leads_to_the_one_without(web: TestClient) -> None:
    answer = web.get("/items/?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (308, "/items?lang=en")
    for path in ("//evil.example/", "/\\evil.example/", "///evil.example//"):
        assert web.get("http://bps.test" + path).headers["location"] == "/evil.example"


def test_who_takes_no_gzip_is_sent_none(web: TestClient) -> None:
    for said, encoding in {
        "gzip;q=0": None,
        "br, gzip;q=0.0, *": None,
        "x-gzip": "gzip",
        "br;q=0, gzip;q=0.5": "gzip",
        "notgzip": None,
    }.items():
        assert web.get("/", headers={"accept-encoding": said}).headers.get("content-encoding") == encoding


def test_a_header_given_twice_does_not_mislead_the_next_reader(web: TestClient) -> None:
    both = [("accept-language", "en"), ("accept-language", "zh")]
    first = web.get("/nothing-kept", headers=both)
    assert first.status_code == 404
    page = web.get("/?twice", headers=both).headers["content-language"]
    other = "zh-Hans" if page == "en" else "en"
    alone = web.get("/?twice", headers={"accept-language": other[:2]})
    assert alone.headers["content-language"] == other


def test_parts_of_small_files_are_not_given(web: TestClient) -> None:
    for _ in range(2):
        answer = web.get("/static/icon.svg", headers={"range": "bytes=0-3"})
        assert answer.status_code == 200
        assert answer.content.startswith(b"<svg")


def test_what_is_kept_is_bounded_with_what_it_is_found_by(built: Path) -> None:
    site = Site(Settings(store=built, cache_size=1_000_000))
    try:
        app = application(site, close=False)
        web = TestClient(app)
        cache = inner(app).state.cache
        for number in range(40):
            web.get("/static/icon.svg", headers={"accept-language": f"{number:x>60000}"})
            assert cache.size <= 1_000_000
        assert 5 <= len(cache._kept) <= 20
    finally:
        site.close()


def test_costly_pages_are_made_in_turn_and_hold_up_no_other() -> None:
    turns = Turns(at_once=1, waiting=1, longest_wait=0.2)
    held, released = Event(), Event()

    def slow(request: Request) -> Response:
        held.set()
        released.wait(10)
        return Response("made")

    async def quick(request: Request) -> Response:
        return Response("alive")

    app = Starlette(
        routes=[Route("/quick", quick), Mount("/", turns.around(Starlette(routes=[Route("/slow", slow)])))],
        exception_handlers={BpsError: lambda request, error: Response(str(error), error.status)},
    )
    with TestClient(app) as web, ThreadPoolExecutor(1) as first:
        waiting = first.submit(web.get, "/slow")
        assert held.wait(10)
        assert web.get("/slow").status_code == 503
        assert web.get("/quick").text == "alive"
        released.set()
        assert waiting.result().text == "made"
        assert web.get("/slow").text == "made"


def test_the_application_knows_which_pages_are_costly() -> None:
    assert set(FAMILIES) >= COSTLY


@pytest.mark.parametrize("path", ["/jurisdictions/%00", "/jurisdictions/%5Bx%5D", "/jurisdictions/%EE%80%80"])
def test_a_key_that_is_none_is_not_found(web: TestClient, path: str) -> None:
    assert web.get(path).status_code == 404


def test_where_the_store_lies_is_not_told(built: Path, tmp_path: Path) -> None:
    store = tmp_path / "secret-place"
    shutil.copytree(built, store)
    site = Site(Settings(store=store))
    try:
        web = TestClient(application(site, close=False))
        store.rename(tmp_path / "elsewhere")
        answer = web.post("/sparql", data={"query": "ASK { ?s ?p ?o }"})
        assert answer.status_code == 503
        assert "secret-place" not in answer.text
    finally:
        site.close()
