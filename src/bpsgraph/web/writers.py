"""Who may write: whoever shows the token that the operator gave (RFC 6750)."""

import hmac

from starlette.requests import Request

from bpsgraph.errors import ReadOnly, Unauthorized
from bpsgraph.web.rendering import site_of


def require_writer(request: Request) -> None:
    """Let a request pass that may write.

    Raises `ReadOnly` where nobody may write here, and `Unauthorized` without the token or with another.
    """
    token = site_of(request).token
    if token is None:
        raise ReadOnly(
            "this server does not let anybody write",
            "ask its operator, who starts it with --writable --token-file",
        )
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not shown.strip():
        raise Unauthorized
    if not hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.encode()):
        raise Unauthorized("this is not the token of this server")
