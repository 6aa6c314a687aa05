"""`/store` and `/graph/…`: whole graphs, read by anybody and written by whoever has the token.

SPARQL 1.1 Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).
"""

import secrets
from collections.abc import AsyncGenerator

from anyio.to_thread import run_sync
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph import serialisation
from bpsgraph.errors import BadParameter, ForeignGraph, NotFound, UnsupportedMedia, nearest
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.store.own import DEFAULT, LOCAL, is_own
from bpsgraph.terms import GRAPH
from bpsgraph.web.negotiation import format_of
from bpsgraph.web.protocol import body_of, content_type, fields_of, graph_of
from bpsgraph.web.rendering import site_of
from bpsgraph.web.writers import Written, changed, removed, require_writer

_MEDIA_TYPES = {FORMATS[name].media_type: name for name in RDF_FORMATS}
_MULTIPART = "multipart/form-data"
_MOST_PARTS = 100


async def store(request: Request) -> Response:
    """A graph named by `?graph=` or `?default` (indirect identification, section 4.2)."""
    fields = fields_of(request.scope["query_string"].decode("latin-1"), "the address")
    named = [value for name, value in fields if name == "graph"]
    default = any(name == "default" for name, _ in fields)
    if not named and not default and request.method == "POST":
        return await _written(request, LOCAL + secrets.token_hex(8), merge=False)
    if len(named) + default != 1:
        raise BadParameter("graph", "it names no graph, or several", "write ?graph=<IRI> or ?default")
    return await _served(request, DEFAULT if default else _ours(request, graph_of(named[0])))


async def graph(request: Request) -> Response:
    """A graph by its own IRI (direct identification, section 4.1)."""
    return await _served(request, graph_of(GRAPH + request.path_params["key"]))


async def _served(request: Request, iri: str) -> Response:
    if request.method in ("PUT", "POST"):
        return await _written(request, iri, merge=request.method == "POST")
    return await run_sync(_removed if request.method == "DELETE" else _read, request, iri)


def _read(request: Request, iri: str) -> Response:
    chosen = format_of(request, RDF_FORMATS)
    if chosen is None:
        raise HTTPException(406)
    with site_of(request).snapshot() as snapshot:
        triples = snapshot.store.graph(iri)
        if not triples:
            raise NotFound(iri, nearest(iri, snapshot.store.graphs()))
        return Response(
            serialisation.text(triples, chosen),
            headers={
                "Content-Type": chosen.media_type + ("; charset=utf-8" if chosen.name == "turtle" else ""),
                "Vary": "Accept",
                "Last-Modified": snapshot.modified,
                "X-Generation": snapshot.generation,
            },
        )


async def _written(request: Request, iri: str, *, merge: bool) -> Response:
    require_writer(request)
    if not is_own(iri):
        raise ForeignGraph(iri)
    largest = site_of(request).settings.max_file_size
    media_type = content_type(request, [*_MEDIA_TYPES, *([_MULTIPART] if request.method == "POST" else [])])
    body = await body_of(request, largest, "max_file_size")
    parts = await _parts(request, body) if media_type == _MULTIPART else [(_MEDIA_TYPES[media_type], body)]
    done = await changed(
        request,
        {"graph": iri, "merge": merge, "parts": [(name, len(content)) for name, content in parts]},
        b"".join(content for _, content in parts),
    )
    if done.existed:
        return _told(done) if merge else Response(status_code=204)
    return Response(status_code=201, headers={"Location": _location(request, iri)})


def _removed(request: Request, iri: str) -> Response:
    require_writer(request)
    if not is_own(iri):
        raise ForeignGraph(iri)
    done = removed(site_of(request), iri)
    if done is None:
        raise NotFound(iri)
    return _told(done)


def _told(done: Written) -> Response:
    return JSONResponse({"entry": done.entry, "changed": done.changed, "removed": done.removed})


async def _parts(request: Request, body: bytes) -> list[tuple[str, bytes]]:
    """The files of a form, each with its format by its own type."""

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(
            request.headers, whole(), max_files=_MOST_PARTS, max_fields=_MOST_PARTS
        ).parse()
    except (MultiPartException, KeyError) as error:
        message = getattr(error, "message", "it has no boundary")
        raise BadParameter("the form", f"it cannot be read: {message}", "correct it") from error
    found = []
    for name, part in form.multi_items():
        if not isinstance(part, UploadFile):
            raise BadParameter(name, "it is no file", "send each part with a filename and its Content-Type")
        media_type = (part.content_type or "").partition(";")[0].strip().lower()
        if media_type not in _MEDIA_TYPES:
            raise UnsupportedMedia(part.content_type or "", _MEDIA_TYPES)
        found.append((_MEDIA_TYPES[media_type], await part.read()))
    await form.close()
    if not found:
        raise BadParameter("the form", "there is no file in it", "send at least one")
    return found


def _ours(request: Request, iri: str) -> str:
    """The IRI of a graph that is named by its address on this site."""
    here = f"{site_of(request).settings.public_url}/graph/"
    return GRAPH + iri.removeprefix(here) if iri.startswith(here) else iri


def _location(request: Request, iri: str) -> str:
    public = site_of(request).settings.public_url
    if iri.startswith(GRAPH):
        return f"{public or ''}/graph/{iri.removeprefix(GRAPH)}"
    return iri


_METHODS = ["GET", "PUT", "POST", "DELETE"]
routes: list[BaseRoute] = [
    Route("/store", store, methods=_METHODS),
    # Who reads /graph/… is sent to /store by the routes of linked data.
    Route("/graph/{key:path}", graph, methods=["PUT", "POST", "DELETE"]),
]
