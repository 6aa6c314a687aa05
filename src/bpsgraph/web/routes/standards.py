"""The page of all standards; each has its own at its document's address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.standards import standards, standards_table


def catalogue(request: Request) -> Response:
    """All standards, restricted as asked."""
    return answer_page(request, "standards/all.html.jinja", standards, standards_table)


routes: list[BaseRoute] = [*pages_of("/standards", catalogue)]
