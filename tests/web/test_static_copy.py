"""The site as files: served by any server of files, without a link that leads to nothing."""

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from http.client import HTTPConnection
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pyoxigraph as ox
import pytest

from bpsgraph.config import Settings
from bpsgraph.errors import BadParameter
from bpsgraph.publishing import sitemap
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from bpsgraph.web.routes.discovery import _SECTIONS
from bpsgraph.web.static_copy import Exported, export
from bpsgraph.web.static_copy.addresses import Copy, Target, link
from bpsgraph.web.static_copy.hosts import files
from bpsgraph.web.static_copy.rewriting import rewritten
from bpsgraph.web.static_copy.writing import RECORD
from small_world import JINCHENG, Town

KEPT = {"/dataset", "/changes"}
THINGS = {"domain"}


@pytest.fixture(scope="module")
def settings(small_town: Callable[..., Town]) -> Settings:
    return Settings(store=small_town(JINCHENG).store, public_url="https://data.example")


@pytest.fixture(scope="module")
def without(settings: Settings) -> tuple[str, ...]:
    """All but a few sections and kinds of things: the rest is written in the same way."""
    with open_store(settings.store) as store:
        kinds = {iri.removeprefix(BASE).partition("/")[0] for iri in sitemap.things(store)}
    others = {one for one in _SECTIONS if one not in KEPT and one != "/"}
    others |= {"/graph", "/contexts", "/editions"}
    return (*sorted(others), *(f"/doc/{kind}" for kind in sorted(kinds - THINGS)))


@pytest.fixture(scope="module")
def copy(
    settings: Settings, without: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Exported]:
    folder = tmp_path_factory.mktemp("copy") / "site"
    return folder, export(folder, settings, without=without)


@pytest.fixture
def served(copy: tuple[Path, Exported]) -> Iterator[HTTPConnection]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(copy[0]))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield HTTPConnection("127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()


def test_no_link_is_dead_on_a_server_of_files(served: HTTPConnection, copy: tuple[Path, Exported]) -> None:
    assert copy[1].missing == ()

    def get(path: str) -> tuple[str, bytes]:
        served.request("GET", path)
        answer = served.getresponse()
        content = answer.read()
        if answer.status == 301:
            # To the same with a slash, where a folder has an index.
            return get(str(answer.headers["Location"]))
        assert answer.status == 200, path
        return str(answer.headers["Content-Type"]), content

    waiting, seen = ["/"], {"/"}
    while waiting:
        here = waiting.pop()
        kind, content = get(here)
        if not kind.startswith("text/html"):
            continue
        for found in re.findall(r'\s(?:href|src|action)="([^"]*)"', content.decode()):
            parts = urlsplit(urljoin(here, unescape(found)))
            if not parts.netloc and parts.scheme in ("", "http") and parts.path not in seen:
                seen.add(parts.path)
                waiting.append(parts.path)
    assert {"/", "/en/dataset", "/changes.atom", "/needs-server"} <= seen
    for path in ("/doc/domain/2", "/en/doc/domain/2", "/doc/domain/2.ttl", "/sitemap.xml"):
        get(path)


def test_pages_say_what_only_a_server_can_do(copy: tuple[Path, Exported]) -> None:
    folder, _ = copy
    assert "bpsgraph serve" in (folder / "search" / "index.html").read_text("utf-8")
    assert "This needs the server" in (folder / "en" / "sparql" / "index.html").read_text("utf-8")
    assert 'class="search"' not in (folder / "dataset" / "index.html").read_text("utf-8")
    assert "404" in (folder / "404.html").read_text("utf-8")
    asked = '<main id="main"><form action="/queries/a/b"><a href="/queries/a/b?place=1">'
    text, found = rewritten(asked, Target("/queries/a/b", "en"), Copy())
    assert "static copy" in text
    assert '<form action="/en/needs-server"><a href="/en/queries/a/b">' in text
    assert found == {Target("/needs-server", "en"), Target("/queries/a/b", "en")}
    plain = '<main id="main"><a href="/changes?page=2">'
    assert "static copy" not in rewritten(plain, Target("/changes", "en"), Copy())[0]


def test_a_document_says_the_same_as_the_store(copy: tuple[Path, Exported], settings: Settings) -> None:
    read = {quad.triple for quad in ox.parse(path=copy[0] / "doc/domain/2.nt", format=ox.RdfFormat.N_TRIPLES)}
    domain = ox.NamedNode(BASE + "domain/2")
    with open_store(settings.store) as store:
        said = set(store.triples(domain))
    assert said
    assert said <= read


def test_an_export_that_was_cut_short_goes_on(
    copy: tuple[Path, Exported], settings: Settings, without: tuple[str, ...]
) -> None:
    folder, whole = copy
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    lines = (folder / RECORD).read_text("utf-8").splitlines(keepends=True)
    # As after a fall: no end, a page and half a line less.
    state = folder / ".bpsgraph-export.json"
    state.write_text(state.read_text("utf-8").replace('"whole": true', '"whole": false'), encoding="utf-8")
    (folder / RECORD).write_text("".join(lines[:-2]) + lines[-2][:20], encoding="utf-8")
    (folder / "doc/domain/2/index.html").unlink()
    again = export(folder, settings, without=without)
    assert again.known >= len(lines) - 3
    assert again.files == whole.files
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {
        path for path in before if not path.name.startswith(".bps") and before[path] != after.get(path)
    } == set()


def test_a_folder_with_something_else_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BadParameter):
        export(tmp_path, settings)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("/doc/item/x", "/en/doc/item/x"),
        ("/doc/item/x?lang=zh", "/doc/item/x"),
        ("/doc/item/x?lang=en&page=3#top", "/en/doc/item/x/_page=3#top"),
        ("/doc/item/x.ttl?lang=en", "/doc/item/x.ttl"),
        ("/changes.atom?page=2", "/en/changes_page=2.atom"),
        ("/queries/a/b?place=1#rows", "/en/queries/a/b#rows"),
        ("/id/item/x", "/en/doc/item/x"),
        ("/static/site.css?v=1", "/static/site.css?v=1"),
        ("/store?graph=https%3A%2F%2Fw3id.org%2Fbps%2Fgraph%2Fpilots", "/dumps/graph/pilots.ttl.gz"),
        ("/left/out?x", "/en/needs-server"),
        ("/left.csv", "/en/needs-server"),
        ("/leftover", "/en/leftover"),
        ("#top", "#top"),
        ("https://elsewhere.example/a?lang=en", "https://elsewhere.example/a?lang=en"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("?page=2", "/en/doc/domain/2/_page=2"),
    ],
)
def test_links_lead_to_files(text: str, there: str) -> None:
    copy = Copy(frozenset({"https://w3id.org/bps/graph/pilots"}), ("/left",))
    assert link(text, Target("/doc/domain/2", "en"), copy).text == there


@pytest.mark.parametrize("path", ["/doc/../../etc/passwd", "/doc/\0", "/doc/" + "x" * 300])
def test_what_no_file_can_be_called_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="/doc/"):
        Target(path).file(html=True)


def test_hosts_are_told_where_things_are() -> None:
    said = files("https://data.example")
    assert (
        "RewriteRule ^id/(.+)$ https://data.example/doc/$1.ttl [R=303,NE,L]"
        in said["redirects/w3id.htaccess"]
    )
    assert "RewriteRule ^id/(.+)$ /doc/$1 [R=303,L]" in said[".htaccess"]
    assert "AddType text/turtle .ttl" in said[".htaccess"]
    assert "/id/* /doc/:splat" in said["_redirects"]
    assert "redirects/w3id.htaccess" not in files(None)
