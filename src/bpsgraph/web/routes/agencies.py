"""The page of all agencies; each has its own at its document's address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.agencies import agencies, agencies_table


def catalogue(request: Request) -> Response:
    """All agencies, restricted as asked."""
    return answer_page(request, "agencies/all.html.jinja", agencies, agencies_table)


routes: list[BaseRoute] = [*pages_of("/agencies", catalogue)]
