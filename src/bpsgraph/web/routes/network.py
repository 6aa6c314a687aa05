"""The network of references and replacements."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bpsgraph.web.answering import answer_page, pages_of
from bpsgraph.web.pages.network import network, network_answer


def overview(request: Request) -> Response:
    """The whole network, or what is around one thing."""
    asked = request.query_params.get("around") or request.query_params.get("impact")
    template = "network/around.html.jinja" if asked else "network/network.html.jinja"
    return answer_page(request, template, network, network_answer)


routes: list[BaseRoute] = [*pages_of("/network", overview)]
