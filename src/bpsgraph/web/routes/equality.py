"""How unequal places are."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.equality import equality, equality_table


def spread(request: Request) -> Response:
    """The statistics of one measure over places."""
    return answer_page(request, "equality/equality.html.jinja", equality, equality_table)


routes: list[BaseRoute] = [*pages_of("/equality", spread)]
