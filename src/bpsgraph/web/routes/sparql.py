"""`/sparql`: queries, updates for whoever has the token, and what the endpoint can do.

SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/) and Service Description
(https://www.w3.org/TR/sparql11-service-description/).
"""

import re
from typing import Any

from anyio.to_thread import run_sync
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph import serialisation
from bpsgraph.engine import guard
from bpsgraph.errors import BadParameter, BpsError
from bpsgraph.formats import FORMATS, RDF_FORMATS, Format, negotiate
from bpsgraph.publishing.discovery.service import service_description
from bpsgraph.results import Rows
from bpsgraph.store.answering import ROW_FORMATS
from bpsgraph.terms import GRAPH
from bpsgraph.web.asking import Asked, ask
from bpsgraph.web.negotiation import format_of, wants_page
from bpsgraph.web.pages.sparql import SHOWN_ROWS, SHOWN_TRIPLES, Found, Slip, workbench
from bpsgraph.web.protocol import Operation, operation_of
from bpsgraph.web.rendering import page, site_of
from bpsgraph.web.writers import changed, require_writer

# Media types by which clients ask for a format beside its own.
_ALSO = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "jsonld": ("application/json",),
    "rdfxml": ("application/xml",),
    "ntriples": ("text/plain",),
}
_TEXT = {"csv": "; charset=utf-8; header=present", "tsv": "; charset=utf-8", "turtle": "; charset=utf-8"}
# Functions that give another value each time (https://www.w3.org/TR/sparql11-query/#SparqlOps).
_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_COMMENT = {"turtle": "# {}\n", "ntriples": "# {}\n", "rdfxml": "<!-- {} -->\n", "xml": "<!-- {} -->"}


async def sparql(request: Request) -> Response:
    """Answer a query or an update, describe the service, or show the page where queries are written."""
    as_page = request.query_params.get("format", "html") == "html" and wants_page(request)
    try:
        operation = await operation_of(request)
        if operation.kind == "query":
            return await (_shown if as_page else _answered)(request, operation)
        if operation.kind == "update":
            return await _updated(request, operation)
    except BpsError as error:
        if not as_page or error.status == 401:
            raise
        text = request.query_params.get("query", "")
        return await run_sync(_workbench, request, text, None, Slip.of(error), error.status)
    if as_page:
        return await run_sync(_workbench, request, "", None, None, 200)
    return await run_sync(_described, request)


async def _answered(request: Request, operation: Operation) -> Response:
    site = site_of(request)
    guard.check(operation.text)
    rows, triples = _formats(request)
    # What is made from a generation that is followed meanwhile is not kept.
    generation = site.generation()
    settings = site.settings
    asked = await ask(
        request,
        site.pool,
        {
            **_dataset(operation),
            "query": operation.text,
            "rows": rows.name if rows else "json",
            "triples": triples.name if triples else "turtle",
            "max_rows": settings.max_rows,
            "max_bytes": settings.max_answer_size,
        },
    )
    chosen = triples if asked.header["form"] == "triples" else rows
    if chosen is None:
        asked.answer.close()
        raise _not_had(request, asked.header["form"])
    headers = {"Content-Type": chosen.media_type + _TEXT.get(chosen.name, ""), "Vary": "Accept"}
    if not asked.whole:
        headers["X-Answer-Limit"] = f"rows={settings.max_rows}, bytes={settings.max_answer_size}"
        return asked.stream(headers, lambda end: _comment(chosen.name, end))
    assert asked.end is not None
    content = asked.content + _comment(chosen.name, asked.end)
    if asked.end.get("cut"):
        headers["X-Answer-Cut"] = f"{asked.end['cut']}; after={asked.end['rows']}"
        if chosen.name == "json" and content.startswith(b'{"head":{'):
            content = content.replace(b'{"head":{', b'{"head":{"link":["/sparql#limits"],', 1)
    if _CHANGING.search(operation.text):
        headers["Cache-Control"] = "no-store"
    return Response(content, headers={**headers, "X-Generation": generation})


async def _shown(request: Request, operation: Operation) -> Response:
    """The page with the answer below the query."""
    site = site_of(request)
    guard.check(operation.text)
    arguments = {
        **_dataset(operation),
        "query": operation.text,
        "rows": "json",
        "triples": "turtle",
        "max_rows": SHOWN_ROWS,
        "max_bytes": site.settings.max_answer_size,
    }
    asked = await ask(request, site.pool, arguments, all_of_it=True)
    return await run_sync(_workbench, request, operation.text, _found(asked), None, 200)


async def _updated(request: Request, operation: Operation) -> Response:
    require_writer(request)
    guard.check(operation.text, update=True)
    done = await changed(
        request,
        {
            "update": operation.text,
            "using": list(operation.default_graphs),
            "using_named": list(operation.named_graphs),
        },
    )
    if done.entry is None:
        return Response(status_code=204)
    return JSONResponse({"entry": done.entry, "changed": done.changed, "removed": done.removed})


def _workbench(request: Request, text: str, found: Found | None, slip: Slip | None, status: int) -> Response:
    return page(
        request,
        "sparql/sparql.html.jinja",
        lambda view: workbench(view, text, found, slip, site_of(request).settings),
        status=status,
        headers={"Retry-After": "5"} if status == 503 else None,
    )


def _found(asked: Asked) -> Found:
    assert asked.end is not None
    cut = bool(asked.end.get("cut"))
    match asked.header["form"]:
        case "boolean":
            return Found(boolean=bool(asked.header["value"]))
        case "triples":
            lines = asked.content.decode().splitlines()
            text = "\n".join(lines[:SHOWN_TRIPLES])
            return Found(triples=text, cut=cut or len(lines) > SHOWN_TRIPLES)
    solutions = parse_query_results(asked.content, format=QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions)
    columns = tuple(variable.value for variable in solutions.variables)
    return Found(rows=Rows(columns, tuple(tuple(row) for row in solutions)), cut=cut)


def _described(request: Request) -> Response:
    site = site_of(request)
    chosen = format_of(request, RDF_FORMATS)
    if chosen is None:
        raise _not_had(request, "triples")
    endpoint = (site.settings.public_url or GRAPH.removesuffix("/graph/")) + "/sparql"
    with site.snapshot() as snapshot:
        described = service_description(endpoint, writable=site.writable, graphs=snapshot.store.graphs())
        return Response(
            serialisation.text(described, chosen),
            headers={
                "Content-Type": chosen.media_type + _TEXT.get(chosen.name, ""),
                "Vary": "Accept",
                "Last-Modified": snapshot.modified,
                "X-Generation": snapshot.generation,
            },
        )


def _dataset(operation: Operation) -> dict[str, Any]:
    if not operation.default_graphs and not operation.named_graphs:
        return {}
    return {
        "default_graphs": list(operation.default_graphs),
        "named_graphs": list(operation.named_graphs),
    }


def _formats(request: Request) -> tuple[Format | None, Format | None]:
    """The format for rows and that for triples: which is needed is known when the answer has begun.

    Raises `BadParameter` for an unknown `format`.
    """
    name = request.query_params.get("format")
    if not name:
        accept = request.headers.get("accept", "")
        return negotiate(accept, _offers(ROW_FORMATS)), negotiate(accept, _offers(RDF_FORMATS))
    if name not in (*ROW_FORMATS, *RDF_FORMATS):
        choices = ", ".join((*ROW_FORMATS, *RDF_FORMATS))
        raise BadParameter("format", f"{name!r} is not a format here", f"choose one of: {choices}")
    return (FORMATS[name], None) if name in ROW_FORMATS else (None, FORMATS[name])


def _offers(names: tuple[str, ...]) -> list[Format]:
    others = [
        Format(name, FORMATS[name].label, media_type, (), FORMATS[name].rdf)
        for name in names
        for media_type in _ALSO.get(name, ())
    ]
    return [FORMATS[name] for name in names] + others


def _not_had(request: Request, form: str) -> BpsError | HTTPException:
    names = RDF_FORMATS if form == "triples" else ROW_FORMATS
    if request.query_params.get("format"):
        what = "triples" if form == "triples" else "rows"
        return BadParameter("format", f"it is not for {what}", f"choose one of: {', '.join(names)}")
    return HTTPException(406)


def _comment(name: str, end: dict[str, Any]) -> bytes:
    """What a document that was cut says at its end, where its format has comments."""
    if not end.get("cut") or name not in _COMMENT:
        return b""
    return (
        _COMMENT[name].format(f"cut after {end['rows']} by the limit of {end['cut']}: there is more").encode()
    )


routes: list[BaseRoute] = [Route("/sparql", sparql, methods=["GET", "POST"])]
