"""The page of all documents; each has its own at its document's address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.documents import documents, documents_table


def catalogue(request: Request) -> Response:
    """All documents, restricted as asked."""
    return answer_page(request, "documents/all.html.jinja", documents, documents_table)


routes: list[BaseRoute] = [*pages_of("/documents", catalogue)]
