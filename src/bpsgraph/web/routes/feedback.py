"""`/feedback`: messages of readers, taken where the site may write, and shown once somebody lets them be."""

import hmac
import time
from collections import deque
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph.acceptance import Register
from bpsgraph.errors import (
    BadParameter,
    NotFound,
    ReadOnly,
    StoreBusy,
    TooManyMessages,
    Unauthorized,
)
from bpsgraph.publishing.feedback import Inbox, Message, message
from bpsgraph.results import Triples
from bpsgraph.web.negotiation import LANGUAGES, language_of, wants_page
from bpsgraph.web.pages import feedback as pages
from bpsgraph.web.protocol import FORM, body_of, content_type
from bpsgraph.web.rendering import rendered, site_of
from bpsgraph.web.site import Site
from bpsgraph.web.view import view_of

MOST_IN_A_MINUTE = 10
"""Messages that are taken in a minute, of all readers together: nobody is told from another."""
_LARGEST = 40_000
_TRIES = 3
_PRIVATE = {"Cache-Control": "no-store"}
_TRAP = "website"


def form(request: Request) -> Response:
    """The form about a thing or page, and what is shown about it already."""
    about = request.query_params.get("about") or "/"
    sent = request.query_params.get("sent") == "1"
    site = site_of(request)
    with site.snapshot() as snapshot:
        model = pages.form(view_of(request, snapshot), about, stored=site.writable, sent=sent)
        return rendered(view_of(request, snapshot), "feedback/form.html.jinja", model)


async def send(request: Request) -> Response:
    """Take a message, or where nothing is written here give it back as a file."""
    fields = await _fields(request)
    return await run_sync(_taken, request, fields)


async def desk(request: Request) -> Response:
    """What waits, for whoever shows the token; a decision, where one is sent."""
    fields = await _fields(request) if request.method == "POST" else {}
    if request.method == "GET" and "authorization" not in request.headers and wants_page(request):
        return await run_sync(_desk_page, request, None, "")
    _require_token(request, fields.get("token", ""))
    if "id" in fields or "decision" in fields:
        await run_sync(_decide, site_of(request), fields.get("id", ""), fields.get("decision", ""))
    return await run_sync(_desk_page, request, Inbox(site_of(request).path), fields.get("token", ""))


def _taken(request: Request, fields: dict[str, str]) -> Response:
    site = site_of(request)
    about, kind, text = fields.get("about") or "/", fields.get("kind", ""), fields.get("text", "")
    lang = fields.get("lang", "")
    page = wants_page(request)
    address = "/feedback?" + urlencode({"about": about, "sent": "1", **({"lang": lang} if lang else {})})
    try:
        if fields.get(_TRAP):
            # Only a machine fills in what nobody sees; it need not learn that it was found out.
            return RedirectResponse(address, 303, _PRIVATE) if page else _accepted("")
        language = lang if lang in LANGUAGES else language_of(request)
        one = message(about, kind, text, language)
        if not site.writable:
            if fields.get("as") == "file":
                return _file(one)
            raise ReadOnly(
                "this server keeps no messages",
                "send as=file to get yours as a file, and give that to whoever runs it",
            )
        _count(request)
        Inbox(site.path).put(one)
    except BadParameter as error:
        if not page or error.where == "about":
            raise
        with site.snapshot() as snapshot:
            view = view_of(request, snapshot)
            model = pages.form(view, about, stored=site.writable, held=(kind, text), problem=error)
            return rendered(view, "feedback/form.html.jinja", model, status=error.status, headers=_PRIVATE)
    return RedirectResponse(address, 303, _PRIVATE) if page else _accepted(one.id)


def _accepted(id: str) -> Response:
    return JSONResponse({"waiting": True, **({"id": id} if id else {})}, 202, _PRIVATE)


def _file(one: Message) -> Response:
    name = f'attachment; filename="feedback-{one.id}.ttl"'
    return Response(
        one.turtle(),
        headers={**_PRIVATE, "Content-Type": "text/turtle; charset=utf-8", "Content-Disposition": name},
    )


def _count(request: Request) -> None:
    """Raise `TooManyMessages` where many came in the last minute."""
    state, now = request.app.state, time.monotonic()
    if not hasattr(state, "messages"):
        state.messages = deque(maxlen=MOST_IN_A_MINUTE)
    times: deque[float] = state.messages
    if len(times) == MOST_IN_A_MINUTE and now - times[0] < 60:
        raise TooManyMessages("many messages came in the last minute", int(61 - (now - times[0])))
    times.append(now)


def _require_token(request: Request, shown: str) -> None:
    """Let pass who shows the token, as a header (RFC 6750) or in the form.

    Raises `ReadOnly` where there is none, and `Unauthorized`.
    """
    token = site_of(request).token
    if token is None:
        raise ReadOnly(
            "this server does not let anybody write",
            "ask its operator, who starts it with --writable --token-file",
        )
    scheme, _, header = request.headers.get("authorization", "").partition(" ")
    given = header.strip() if scheme.lower() == "bearer" else shown
    if not given:
        raise Unauthorized
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise Unauthorized("this is not the token of this server")


def _decide(site: Site, id: str, decision: str) -> None:
    """Let a message be shown, or remove it; raises `BadParameter`, `NotFound` and `StoreError`s."""
    if decision not in ("accept", "refuse"):
        raise BadParameter("decision", f"{decision!r} is no decision", "send accept or refuse")
    inbox = Inbox(site.path)
    one = inbox.find(id)
    if one is None:
        raise NotFound(id)
    if decision == "accept":
        _write(site, one)
    inbox.take(id)


def _write(site: Site, one: Message) -> None:
    settings = site.settings
    register = Register(site.path, site.library, settings.journal, wait=settings.lock_timeout)
    graphs = {one.graph: Triples(frozenset(one.triples()))}
    for _ in range(_TRIES):
        site.refresh()
        with site.snapshot() as snapshot:
            generation = snapshot.marker.generation
        by = settings.by or "moderator"
        if register.change_graphs(graphs, by=by, at=datetime.now(UTC), generation=generation) is not None:
            site.refresh()
            return
    raise StoreBusy(site.path, "others write to it all the time")


def _desk_page(request: Request, inbox: Inbox | None, token: str) -> Response:
    waiting = inbox.waiting() if inbox is not None else []
    if inbox is not None and not wants_page(request):
        return JSONResponse(
            [
                {
                    "id": m.id,
                    "about": m.target,
                    "kind": m.kind,
                    "text": m.text,
                    "created": m.created.isoformat(),
                }
                for m in waiting
            ],
            headers=_PRIVATE,
        )
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        model = pages.desk(view, waiting, token) if inbox is not None else pages.closed()
        return rendered(view, "feedback/desk.html.jinja", model, headers=_PRIVATE)


async def _fields(request: Request) -> dict[str, str]:
    content_type(request, (FORM,))
    body = await body_of(request, _LARGEST)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise BadParameter(
            "the form", "it cannot be read", "send application/x-www-form-urlencoded"
        ) from error
    return dict(pairs)


routes: list[BaseRoute] = [
    Route("/feedback", form),
    Route("/feedback", send, methods=["POST"]),
    Route("/feedback/moderation", desk, methods=["GET", "POST"]),
]
