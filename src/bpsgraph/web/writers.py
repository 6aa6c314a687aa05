"""Who may write, and how it is written: by whoever shows the token (RFC 6750), through the one writer."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request

from bpsgraph.acceptance import ChangedGraphs, Register
from bpsgraph.errors import ReadOnly, StoreBusy, Unauthorized
from bpsgraph.results import Triples
from bpsgraph.store.journal import NOTHING, graphs_in
from bpsgraph.web.asking import ask
from bpsgraph.web.rendering import site_of
from bpsgraph.web.site import Site

_TRIES = 3
_TOKEN_HOLDER = "token holder"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the entry of the journal, None where nothing changed, and the graphs by name.

    `existed` tells of an uploaded graph that it was there before.
    """

    entry: int | None = None
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    existed: bool = False


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


async def changed(request: Request, arguments: Mapping[str, Any], payload: bytes = b"") -> Written:
    """Let a worker say what becomes of the graphs, and write that; it is on the disk when this returns.

    Raises what `bpsgraph.updating.changing` and `Register.change_graphs` raise, and `StoreBusy` where others
    wrote in between each time.
    """
    site = site_of(request)
    for _ in range(_TRIES):
        asked = await ask(request, site.changes, arguments, payload=payload, all_of_it=True)
        assert asked.end is not None
        graphs = {**graphs_in(asked.content), **dict.fromkeys(asked.end["removed"], NOTHING)}
        existed = bool(asked.end["existed"])
        if not graphs:
            return Written(existed=existed)
        done = await run_sync(_write, site, graphs, asked.header["generation"])
        if done is not None:
            return Written(done.entry, done.changed, done.removed, existed)
    raise StoreBusy(site.path, "others write to it all the time")


def removed(site: Site, graph: str) -> Written | None:
    """Remove a graph; None where there is none. Raises what `Register.change_graphs` raises."""
    for _ in range(_TRIES):
        site.refresh()
        with site.snapshot() as snapshot:
            if graph not in snapshot.store.graphs():
                return None
            generation = snapshot.marker.generation
        done = _write(site, {graph: NOTHING}, generation)
        if done is not None:
            return Written(done.entry, done.changed, done.removed, existed=True)
    raise StoreBusy(site.path, "others write to it all the time")


def _write(site: Site, graphs: Mapping[str, Triples], generation: int) -> ChangedGraphs | None:
    settings = site.settings
    register = Register(site.path, site.library, settings.journal, wait=settings.lock_timeout)
    by = settings.by or _TOKEN_HOLDER
    done = register.change_graphs(graphs, by=by, at=datetime.now(UTC), generation=generation)
    site.refresh()
    return done
