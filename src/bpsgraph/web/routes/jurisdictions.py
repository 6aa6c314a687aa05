"""Places, and one of them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages.jurisdictions import jurisdictions
from bpsgraph.web.rendering import page, thing_page


def all_of_them(request: Request) -> Response:
    """Provinces, and the places that a name or code fits."""
    return page(request, "jurisdictions/jurisdictions.html.jinja", jurisdictions)


def one(request: Request) -> Response:
    """The page of a place."""
    return thing_page(request, "jurisdiction", request.path_params["key"])


routes: list[BaseRoute] = [Route("/jurisdictions", all_of_them), Route("/jurisdictions/{key}", one)]
