"""What machines read first and harvest: VoID, DCAT, dumps, sitemap, feeds, health, metrics."""

from collections.abc import Iterable, Iterator

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bpsgraph import serialisation
from bpsgraph.errors import BadParameter, NotFound, StoreError, nearest
from bpsgraph.formats import FORMATS, RDF_FORMATS, by_suffix
from bpsgraph.publishing import dumps, sitemap
from bpsgraph.publishing.discovery import dcat, void
from bpsgraph.publishing.feeds import Feed, atom, changes_about
from bpsgraph.store.base import ask
from bpsgraph.web.delivery import acceptable, data
from bpsgraph.web.metrics import MEDIA_TYPE, Metrics, family
from bpsgraph.web.negotiation import format_of
from bpsgraph.web.pages import discovery as pages
from bpsgraph.web.rendering import page, rendered, site_of
from bpsgraph.web.view import View, view_of

DATASET = ("html", *RDF_FORMATS)
# The pages of the site that are no documents of things, as far as this application has them.
_SECTIONS = (
    *("/", "/items", "/measures", "/catalogues", "/compare", "/jurisdictions", "/equality", "/map"),
    *("/standards", "/agencies", "/documents", "/targets", "/pilots", "/editions", "/network", "/overlap"),
    *("/queries", "/rules", "/about", "/about/cells", "/ns", "/shapes", "/profiles", "/api", "/problems"),
    *("/dataset", "/dumps", "/changes"),
)
_ATOM = "application/atom+xml; charset=utf-8"
_NOT_KEPT = {"Cache-Control": "no-store"}


def well_known_void(request: Request) -> Response:
    """What is in the graph: VoID."""
    format = acceptable(format_of(request, RDF_FORMATS, _suffix(request, RDF_FORMATS)))
    site = site_of(request)
    with site.snapshot() as snapshot:
        found = pages.published(snapshot, site.settings)
        triples = snapshot.kept("void", lambda: void(snapshot.store, snapshot.library, found))
        view = view_of(request, snapshot)
        return data(
            view,
            serialisation.text(triples, format),
            format,
            file="void",
            headers=_others("/.well-known/void"),
        )


def dataset(request: Request) -> Response:
    """The data sets: a page, or the catalogue in DCAT."""
    format = acceptable(format_of(request, DATASET, _suffix(request, DATASET)))
    site = site_of(request)
    with site.snapshot() as snapshot:
        view = view_of(request, snapshot)
        found = pages.published(snapshot, site.settings)
        if format.name == "html":
            model = pages.downloads(view, found)
            return rendered(view, "discovery/dataset.html.jinja", model, headers=_others("/dataset"))
        text = serialisation.text(dcat(found), format)
        return data(view, text, format, file="dataset", headers=_others("/dataset"))


def files(request: Request) -> Response:
    """The page of all files with their sums."""
    site = site_of(request)
    return page(
        request,
        "discovery/dumps.html.jinja",
        lambda view: pages.downloads(view, pages.published(view.snapshot, site.settings)),
    )


def sums(request: Request) -> Response:
    """The SHA-256 of every file, as `sha256sum --check` takes them."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        text = dumps.sums_text(pages.published(snapshot, site.settings).sums)
        return _plain(view_of(request, snapshot), text, "text/plain; charset=utf-8")


def file(request: Request) -> Response:
    """One file, written while it is sent."""
    name, site = request.path_params["name"], site_of(request)
    if not name:
        return RedirectResponse("/dumps", 308)
    with site.snapshot() as snapshot:
        known = {dump.name: dump for dump in dumps.dumps_of(snapshot.store.graphs())}
    if name not in known:
        raise NotFound(f"dumps/{name}", [f"dumps/{one}" for one in nearest(name, sorted(known))])
    asked = known[name]

    def pieces() -> Iterator[bytes]:
        with site.snapshot() as snapshot:
            yield from dumps.compressed(dumps.content(snapshot.store, asked.graphs, asked.format))

    with site.snapshot() as snapshot:
        headers = {
            "Last-Modified": snapshot.modified,
            "Content-Disposition": f'attachment; filename="{name.rpartition("/")[2]}"',
            "X-Generation": snapshot.generation,
        }
    return StreamingResponse(pieces(), headers=headers, media_type=dumps.GZIP)


def pages_of_site(request: Request) -> Response:
    """The sitemap, or a part of it."""
    site = site_of(request)
    with site.snapshot() as snapshot:

        def make() -> dict[str, str]:
            questions = [f"/queries/{query.name}" for query in snapshot.library.of_kind("query")]
            listed = sitemap.pages(
                snapshot.store, snapshot.library, [*sections(request.app.routes), *questions]
            )
            return sitemap.files(listed, pages.address_of(site.settings))

        found = snapshot.kept("sitemap", make)
        path = request.url.path
        if path not in found:
            raise NotFound(path.strip("/"), ["sitemap.xml"])
        return _plain(view_of(request, snapshot), found[path], "application/xml")


def robots(request: Request) -> Response:
    """What crawlers may ask."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        text = sitemap.robots(pages.address_of(site.settings))
        return _plain(view_of(request, snapshot), text, "text/plain; charset=utf-8")


def changes(request: Request) -> Response:
    """What happened, as a page."""
    return page(
        request,
        "discovery/changes.html.jinja",
        lambda view: pages.changes(view, _page(view)),
        headers={"Link": '</changes.atom>; rel="alternate"; type="application/atom+xml"'},
    )


def changes_feed(request: Request) -> Response:
    """What happened, as a feed."""
    with site_of(request).snapshot() as snapshot:
        return _feed(request, view_of(request, snapshot), pages.feed_of_all(snapshot))


def feed(request: Request) -> Response:
    """What happened that concerns one thing, as a feed."""
    key = request.path_params["key"]
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        return _feed(request, view, changes_about(snapshot.store, snapshot.library, key))


async def health(request: Request) -> Response:
    """Whether the store answers, for whoever watches the server."""
    try:
        with site_of(request).snapshot() as snapshot:
            ask(snapshot.store, "ASK { ?thing a ?class }")
            said = {
                "status": "ok",
                "generation": snapshot.generation,
                "entry": snapshot.marker.entry,
                "triples": snapshot.marker.triples,
                "since": snapshot.published.isoformat(),
            }
            return JSONResponse(said, headers=_NOT_KEPT)
    except StoreError as error:
        return JSONResponse({"status": "failing", "code": error.code}, 503, _NOT_KEPT)


async def metrics(request: Request) -> Response:
    """What the server did, in the text format of Prometheus."""
    site, counted = site_of(request), request.app.state.metrics
    assert isinstance(counted, Metrics)
    cache = request.app.state.cache
    with site.snapshot() as snapshot:
        triples, entry = snapshot.marker.triples, snapshot.marker.entry
    workers = [
        ({"pool": pool, "state": state}, number)
        for pool, (busy, idle) in site.workers().items()
        for state, number in (("busy", busy), ("idle", idle))
    ]
    lines = [
        *family("bpsgraph_cache_hits_total", "counter", "Responses from memory.", [({}, cache.hits)]),
        *family("bpsgraph_cache_misses_total", "counter", "Responses that were made.", [({}, cache.misses)]),
        *family("bpsgraph_cache_bytes", "gauge", "Bytes of responses that are kept.", [({}, cache.size)]),
        *family("bpsgraph_workers", "gauge", "Processes for the work of strangers.", workers),
        *family("bpsgraph_store_triples", "gauge", "Triples of the store.", [({}, triples)]),
        *family("bpsgraph_store_entry", "gauge", "Last entry of the journal in it.", [({}, entry)]),
    ]
    return Response(counted.text(lines), headers={**_NOT_KEPT, "Content-Type": MEDIA_TYPE})


def _feed(request: Request, view: View, found: Feed) -> Response:
    site = site_of(request)
    text = atom(
        found,
        view.language,
        view.snapshot.published,
        address=site.settings.public_url or "",
        page=_page(view),
    )
    return _plain(view, text, _ATOM, {"Vary": "Accept-Language"})


def _plain(view: View, text: str, media_type: str, headers: dict[str, str] | None = None) -> Response:
    said = {
        "Content-Type": media_type,
        "Last-Modified": view.snapshot.modified,
        "X-Generation": view.snapshot.generation,
        **(headers or {}),
    }
    return Response(text, headers=said)


def _page(view: View) -> int:
    asked = view.parameters.get("page", "1")
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        raise BadParameter("page", f"{asked[:40]!r} is no number of a page", "write a whole number from 1 on")
    return int(asked)


def _suffix(request: Request, offers: tuple[str, ...]) -> str | None:
    path = request.url.path
    found = by_suffix(path.rpartition("/")[2], offers)
    return None if found is None else found.name


def _others(path: str) -> dict[str, str]:
    """The header that names the same in the other formats (RFC 8288)."""
    links = [
        f'<{path}{FORMATS[name].suffixes[0]}>; rel="alternate"; type="{FORMATS[name].media_type}"'
        for name in RDF_FORMATS
    ]
    return {"Link": ", ".join(links)}


def sections(routes: Iterable[BaseRoute]) -> list[str]:
    """The sections of the site that are among the routes, by their paths."""
    had = {route.path for route in routes if isinstance(route, Route)}
    return [path for path in _SECTIONS if path in had]


def _with_suffixes(path: str, endpoint: object, offers: tuple[str, ...]) -> Iterator[Route]:
    yield Route(path, endpoint)  # type: ignore[arg-type]
    for name in offers:
        yield Route(path + FORMATS[name].suffixes[0], endpoint)  # type: ignore[arg-type]


routes: list[BaseRoute] = [
    *_with_suffixes("/.well-known/void", well_known_void, RDF_FORMATS),
    *_with_suffixes("/dataset", dataset, DATASET),
    Route("/dumps", files),
    Route(f"/dumps/{dumps.SUMS}", sums),
    Route("/dumps/{name:path}", file),
    Route("/sitemap.xml", pages_of_site),
    Route("/sitemap-{number:int}.xml", pages_of_site),
    Route("/robots.txt", robots),
    Route("/changes", changes),
    Route("/changes.atom", changes_feed),
    Route("/feeds/{key:path}.atom", feed),
    Route("/health", health),
    Route("/metrics", metrics),
]
