"""The front page."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages.home import home
from bpsgraph.web.rendering import page


def front(request: Request) -> Response:
    """The front page."""
    return page(request, "home/home.html.jinja", home)


routes: list[BaseRoute] = [Route("/", front)]
