"""Search: a page, the same as JSON, suggestions while one types, and the description for browsers."""

from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, Format, negotiate
from bpsgraph.results import Text
from bpsgraph.web.pages.search import search, suggested
from bpsgraph.web.rendering import asset, rendered, site_of
from bpsgraph.web.view import view_of

_JSON = Format("json", "JSON", "application/json", (".json",))
_NAME = Text("基本公共服务标准图谱", "Basic public service standards")
# OpenSearch 1.1 allows a name of 16 characters.
_SHORT_NAME = Text("基本公共服务标准", "Service standard")


def results(request: Request) -> Response:
    """What is found under `q`, of one `kind` if asked for, `page` by page."""
    as_json = _wants_json(request)
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        model = search(view)
        links = [f'<{address}>; rel="{relation}"' for relation, address in model.pages.links().items()]
        if as_json:
            headers = {"Link": ", ".join(links)} if links else {}
            headers |= {"Last-Modified": snapshot.modified, "Vary": "Accept, Accept-Language"}
            return JSONResponse(model.data(), headers=headers)
        links.append(f'<{model.as_json}>; rel="alternate"; type="application/json"')
        return rendered(view, "search/search.html.jinja", model, headers={"Link": ", ".join(links)})


def suggestions(request: Request) -> Response:
    """Names that begin with what was typed, as browsers read them (OpenSearch Suggestions 1.0)."""
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        typed = view.parameters.get("q", "")
        entries = suggested(view, typed)
        return JSONResponse(
            [
                typed,
                [entry.matched or entry.name for entry in entries],
                [" · ".join((entry.kind, *entry.within, entry.code)) for entry in entries],
                [entry.href for entry in entries],
            ],
            headers={"Last-Modified": snapshot.modified, "Vary": "Accept-Language"},
            media_type="application/x-suggestions+json",
        )


def description(request: Request) -> Response:
    """How a browser searches here (OpenSearch 1.1); its addresses are whole where the site knows its own."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        view = view_of(request, snapshot)
    here = (site.settings.public_url or "").rstrip("/")
    kept = f"&lang={view.language}" if view.chosen else ""
    addresses = {
        "text/html": f"{here}/search?q={{searchTerms}}{kept}",
        "application/json": f"{here}/search?q={{searchTerms}}&format=json{kept}",
        "application/x-suggestions+json": f"{here}/suggest?q={{searchTerms}}{kept}",
    }
    urls = "".join(
        f'  <Url type="{media_type}"{_relation(media_type)} method="get" template="{escape(address)}"/>\n'
        for media_type, address in addresses.items()
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"  <ShortName>{view.say(_SHORT_NAME)}</ShortName>\n"
        f"  <Description>{view.say(_NAME)}</Description>\n"
        f"{urls}"
        f'  <Image type="image/svg+xml">{escape(here + asset("icon.svg"))}</Image>\n'
        f"  <Language>{'zh-Hans' if view.language == 'zh' else 'en'}</Language>\n"
        "  <InputEncoding>UTF-8</InputEncoding>\n"
        "</OpenSearchDescription>\n"
    )
    return Response(
        content,
        headers={"Vary": "Accept-Language"},
        media_type="application/opensearchdescription+xml",
    )


def _relation(media_type: str) -> str:
    return ' rel="suggestions"' if "suggestions" in media_type else ""


def _wants_json(request: Request) -> bool:
    asked = request.query_params.get("format")
    if asked not in (None, "", "json", "html"):
        raise BadParameter("format", f"{asked!r} is not a format here", "choose html or json")
    if asked:
        return asked == "json"
    return negotiate(request.headers.get("accept", ""), (FORMATS["html"], _JSON)) is _JSON


routes: list[BaseRoute] = [
    Route("/search", results),
    Route("/suggest", suggestions),
    Route("/opensearch.xml", description),
]
