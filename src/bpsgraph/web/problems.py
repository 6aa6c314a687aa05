"""Errors as people and programs read them: a page, or `application/problem+json` (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bpsgraph.errors import BpsError, StoreError, StoreMissing
from bpsgraph.results import Text
from bpsgraph.web.negotiation import LANGUAGES, wants_page
from bpsgraph.web.rendering import rendered, site_of
from bpsgraph.web.view import View

_LOG = logging.getLogger("bpsgraph.web")
_HTTP = {
    404: Text("这里没有这个网址。", "There is nothing at this address."),
    405: Text("这个网址不接受这种请求方法。", "This address does not take that method."),
    406: Text("没有您要的格式。", "It is not to be had in a format that you accept."),
}
_OWN_FAULT = Text(
    "服务器出错，已记入日志；请稍后再试。", "The server failed and has logged it; please try again later."
)


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """What went wrong, for a person who wants a page, else as problem details.

    `code` is the heading in docs/errors.md; `more` are extension members (RFC 9457, section 3.2).
    """
    title = HTTPStatus(status).phrase
    headers = {**(headers or {}), "Vary": "Accept, Accept-Language"}
    if wants_page(request):
        language = request.query_params.get("lang")
        with site_of(request).snapshot() as snapshot:
            view = View(
                snapshot,
                language if language in LANGUAGES else _language(request),
                path=request.url.path,
                chosen=language in LANGUAGES,
            )
            model = {"status": status, "title": title, "code": code, "detail": detail, **more}
            return rendered(view, "problem.html.jinja", model, status=status, headers=headers)
    said = {
        "type": f"/problems/{code}" if code else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **({"code": code} if code else {}),
        **more,
    }
    return JSONResponse(said, status, headers, media_type="application/problem+json")


async def explained(request: Request, error: Exception) -> Response:
    """An error that is explained to the user, with its status."""
    assert isinstance(error, BpsError)
    more: dict[str, Any] = {"cure": error.cure}
    detail, status = str(error), error.status
    if isinstance(error, StoreError | StoreMissing):
        # Where the store is on this machine is nobody's business; that it is gone is no fault of who asks.
        place = str(site_of(request).path)
        detail = detail.removeprefix(f"{place}: ").replace(place, "the store")
        more["cure"] = error.cure.replace(place, "the store")
        status = 503 if isinstance(error, StoreMissing) else status
    elif error.where:
        more["where"] = error.where
    near = getattr(error, "candidates", None)
    if near:
        more["near"] = list(near)
    wait = getattr(error, "retry_after", 5 if status == 503 else None)
    headers = {"Retry-After": str(wait)} if wait is not None else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="bpsgraph"'
    if status >= 500:
        # Not where: that may be the name of a file that somebody handed in.
        _LOG.warning("%s %s: %s: %s", request.method, request.url.path, error.code, error.problem)
    return problem(request, status, error.code, detail, headers, **more)


async def refused(request: Request, error: Exception) -> Response:
    """What the router refuses: unknown addresses and methods."""
    assert isinstance(error, HTTPException)
    detail = (
        _HTTP[error.status_code].in_language(_language(request))
        if error.status_code in _HTTP
        else error.detail
    )
    return problem(request, error.status_code, "", detail, dict(error.headers or {}))


async def failed(request: Request, error: Exception) -> Response:
    """A fault of our own: logged, and said without a traceback."""
    return problem(request, 500, "", _OWN_FAULT.in_language(_language(request)))


def _language(request: Request) -> str:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"
