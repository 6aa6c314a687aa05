"""The page of all pilots; each has its own at its document's address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.pilots import pilots, pilots_table


def catalogue(request: Request) -> Response:
    """All pilots, restricted as asked."""
    return answer_page(request, "pilots/all.html.jinja", pilots, pilots_table)


routes: list[BaseRoute] = [*pages_of("/pilots", catalogue)]
