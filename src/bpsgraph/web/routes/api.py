"""The interface described: `/openapi.json` for programs, `/api` for people."""

import json
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.delivery import data
from bpsgraph.web.negotiation import JSON
from bpsgraph.web.pages import api as pages
from bpsgraph.web.pages.openapi import openapi
from bpsgraph.web.rendering import page, site_of
from bpsgraph.web.view import view_of


def description(request: Request) -> Response:
    """The OpenAPI document."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        view = view_of(request, snapshot)
        said = openapi(view, _routes(request), site.settings.public_url or "")
        text = json.dumps(said, ensure_ascii=False)
        return data(view, text + "\n", JSON, file="openapi")


def api(request: Request) -> Response:
    """The page about the interface."""
    public_url = site_of(request).settings.public_url or ""
    made = partial(pages.interface, routes=_routes(request), public_url=public_url)
    return page(request, "api/api.html.jinja", made)


def _routes(request: Request) -> frozenset[str]:
    return frozenset(route.path for route in request.app.routes if isinstance(route, Route))


routes: list[BaseRoute] = [Route("/openapi.json", description), Route("/api", api)]
