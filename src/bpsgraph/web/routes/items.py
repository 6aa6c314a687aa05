"""Items, one of them, and the same on one page for the public."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages.items import items
from bpsgraph.web.pages.sheet import sheet
from bpsgraph.web.rendering import page, thing_page


def all_of_them(request: Request) -> Response:
    """The list of items."""
    return page(request, "items/items.html.jinja", items)


def one(request: Request) -> Response:
    """The page of an item; with `?print=1` the one for the public."""
    if request.query_params.get("print"):
        return public(request)
    return thing_page(request, "item", request.path_params["key"])


def public(request: Request) -> Response:
    """An item on one page for the public."""
    return page(request, "items/sheet.html.jinja", lambda view: sheet(view, request.path_params["key"]))


routes: list[BaseRoute] = [
    Route("/items", all_of_them),
    Route("/items/{key}", one),
    Route("/items/{key}/sheet", public),
]
