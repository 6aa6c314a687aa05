"""The rules at `/rules`, and each at an address of its own."""

import json
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.errors import UnknownRule
from bpsgraph.formats import FORMATS, Format
from bpsgraph.validation.rules import as_csv
from bpsgraph.web.delivery import acceptable, data
from bpsgraph.web.negotiation import JSON, format_of
from bpsgraph.web.pages import rules as pages
from bpsgraph.web.rendering import page, rendered, site_of
from bpsgraph.web.view import view_of

OFFERS = ("html", "json", "csv")


def rules(request: Request) -> Response:
    """All rules."""
    suffix = request.url.path.removeprefix("/rules").lstrip(".") or None
    format = acceptable(format_of(request, OFFERS, suffix))
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        if format.name == "html":
            return rendered(view, "rules/rules.html.jinja", pages.rules(view))
        listed = list(pages.rules_in(snapshot).values())
        if format.name == "csv":
            return data(view, as_csv(listed), format, file="rules")
        return _json(request, [rule.to_dict() for rule in listed])


def rule(request: Request) -> Response:
    """One rule."""
    id: str = request.path_params["id"]
    suffix = "json" if id.endswith(".json") else None
    id = id.removesuffix(".json")
    format: Format = acceptable(format_of(request, OFFERS[:2], suffix))
    if format.name == "html":
        return page(request, "rules/rule.html.jinja", partial(pages.rule, id=id))
    with site_of(request).snapshot() as snapshot:
        known = pages.rules_in(snapshot)
        if id not in known:
            raise UnknownRule(id, known)
        return _json(request, known[id].to_dict())


def _json(request: Request, content: object) -> Response:
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        return data(view, json.dumps(content, ensure_ascii=False), JSON, file="rules")


routes: list[BaseRoute] = [
    Route("/rules", rules),
    *(Route(f"/rules{FORMATS[name].suffixes[0]}", rules) for name in OFFERS[1:]),
    Route("/rules/{id}", rule),
]
