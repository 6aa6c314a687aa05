"""The map: a page, and its picture as a file."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages.map import map_page
from bpsgraph.web.rendering import page, site_of
from bpsgraph.web.view import view_of


def map_of_places(request: Request) -> Response:
    """The province-level divisions by the number that was chosen."""
    site = site_of(request)
    return page(request, "map/map.html.jinja", lambda view: map_page(view, site.boundaries))


def picture(request: Request) -> Response:
    """The picture alone, with its colours."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        drawn = map_page(view_of(request, snapshot), site.boundaries, alone=True).picture
        headers = {"Last-Modified": snapshot.modified, "Vary": "Accept-Language"}
        return Response(str(drawn), headers=headers, media_type="image/svg+xml")


routes: list[BaseRoute] = [Route("/map", map_of_places), Route("/map.svg", picture)]
