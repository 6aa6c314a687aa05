"""Catalogues side by side, as a page and as a table to download."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.answers.writers import WRITERS
from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, by_suffix
from bpsgraph.web.delivery import acceptable, data
from bpsgraph.web.negotiation import format_of
from bpsgraph.web.pages.compare import asked, beside, compare
from bpsgraph.web.rendering import rendered, site_of
from bpsgraph.web.view import view_of

_FORMATS = ("html", "csv", "json", "xlsx")


def comparison(request: Request) -> Response:
    """The catalogues that the address names, beside each other; without any the form to choose them."""
    suffix = by_suffix(request.url.path, _FORMATS)
    format = acceptable(format_of(request, _FORMATS, suffix.name if suffix else None))
    keys = request.query_params.getlist("catalogue")
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        if format.name == "html":
            return rendered(view, "compare/compare.html.jinja", compare(view, keys))
        named = asked(keys)
        if not named:
            raise BadParameter(
                "catalogue", "no catalogue is named", "write catalogue=140500/2021, once for each"
            )
        content = WRITERS[format.name]([beside(view, named).answer()], view.language)
        return data(view, content, format, file="compare")


routes: list[BaseRoute] = [
    Route("/compare", comparison),
    *(Route(f"/compare{FORMATS[name].suffixes[0]}", comparison) for name in _FORMATS[1:]),
]
