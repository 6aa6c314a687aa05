"""The ledger of targets."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.targets import ledger_table, targets


def ledger(request: Request) -> Response:
    """Where every target stands."""
    return answer_page(request, "targets/ledger.html.jinja", targets, ledger_table)


routes: list[BaseRoute] = [*pages_of("/targets", ledger)]
