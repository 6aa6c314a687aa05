"""What may overlap."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.overlap import overlap, overlap_table


def candidates(request: Request) -> Response:
    """Pairs that may overlap, each with its reasons."""
    return answer_page(request, "overlap/overlap.html.jinja", overlap, overlap_table)


routes: list[BaseRoute] = [*pages_of("/overlap", candidates)]
