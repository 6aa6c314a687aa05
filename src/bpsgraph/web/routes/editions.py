"""The editions of the national standard, and texts compared."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.editions import diff, diff_table, editions, editions_table


def overview(request: Request) -> Response:
    """The editions, and what the newest changed."""
    return answer_page(request, "editions/editions.html.jinja", editions, editions_table)


def compared(request: Request) -> Response:
    """Two texts compared, and on demand what the second does to every catalogue."""
    return answer_page(request, "editions/diff.html.jinja", diff, diff_table)


routes: list[BaseRoute] = [*pages_of("/editions", overview), *pages_of("/editions/diff", compared)]
