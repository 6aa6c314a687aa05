"""Catalogues, one of them, and its standard system."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages.catalogues import catalogues
from bpsgraph.web.pages.heat_map import heat_map
from bpsgraph.web.rendering import page, thing_page


def all_of_them(request: Request) -> Response:
    """The list of catalogues."""
    return page(request, "catalogues/catalogues.html.jinja", catalogues)


def one(request: Request) -> Response:
    """The page of a catalogue."""
    return thing_page(request, "catalogue", _key(request))


def system(request: Request) -> Response:
    """The standard system of a catalogue."""
    return page(request, "catalogues/system.html.jinja", lambda view: heat_map(view, _key(request)))


def _key(request: Request) -> str:
    return f"{request.path_params['code']}/{request.path_params['edition']}"


routes: list[BaseRoute] = [
    Route("/catalogues", all_of_them),
    Route("/catalogues/{code}/{edition}", one),
    Route("/catalogues/{code}/{edition}/system", system),
]
