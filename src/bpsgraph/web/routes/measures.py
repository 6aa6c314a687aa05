"""The page of all measures; each has its own at its document's address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.measures import measures, measures_table


def catalogue(request: Request) -> Response:
    """All measures, restricted as asked."""
    return answer_page(request, "measures/all.html.jinja", measures, measures_table)


routes: list[BaseRoute] = [*pages_of("/measures", catalogue)]
