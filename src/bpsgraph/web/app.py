"""The application: families of routes, errors that are explained, and the cache around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from importlib import import_module

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bpsgraph.errors import BpsError
from bpsgraph.web import problems
from bpsgraph.web.cache import Cache
from bpsgraph.web.metrics import Metrics
from bpsgraph.web.site import Site
from bpsgraph.web.turns import Turns

# The modules of `bpsgraph.web.routes`, in the order in which their routes are tried.
FAMILIES = (
    "static",
    "home",
    "queries",
    "validation",
    "rules",
    "about",
    "api",
    "feedback",
    "search",
    "map",
    "items",
    "catalogues",
    "jurisdictions",
    "compare",
    "sparql",
    "discovery",
    "targets",
    "network",
    "overlap",
    "equality",
    "editions",
    "standards",
    "agencies",
    "documents",
    "pilots",
    "measures",
    "graph_store",
    "linked_data",
)
# Those whose pages take more than some milliseconds to make.
COSTLY = frozenset(
    {
        "about",
        "agencies",
        "catalogues",
        "compare",
        "documents",
        "editions",
        "equality",
        "items",
        "jurisdictions",
        "map",
        "measures",
        "network",
        "overlap",
        "pilots",
        "queries",
        "standards",
        "targets",
    }
)


def application(site: Site, *, close: bool = True) -> ASGIApp:
    """The application as a server runs it; closes the site at its end unless told not to."""
    turns = Turns()
    app = Starlette(
        routes=[
            *(
                _in_turn(route, turns) if family in COSTLY else route
                for family in FAMILIES
                for route in routes_of(family)
            ),
            Route("/{path:path}/", without_slash),
        ],
        exception_handlers={
            BpsError: problems.explained,
            HTTPException: problems.refused,
            Exception: problems.failed,
        },
        lifespan=_closing(site) if close else None,
    )
    # Starlette's own would make the address of the header Host.
    app.router.redirect_slashes = False
    app.state.site = site
    cache = Cache(app, site, site.settings.cache_size)
    app.state.cache = cache
    counted = Metrics(_OtherSites(cache), _first_parts(app.routes))
    app.state.metrics = counted
    return counted


class _OtherSites:
    """Pages of other sites may ask: each response says so itself, so only OPTIONS has to be worked out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._asked_before = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
            allow_headers=["*"],
            max_age=86_400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        asked_before = scope.get("method") == "OPTIONS"
        await (self._asked_before if asked_before else self.app)(scope, receive, send)


def without_slash(request: Request) -> Response:
    """From an address with a slash too many to the one without it, on this site and no other."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse("/" + request.path_params["path"].strip("/\\") + query, 308)


def _first_parts(routes: list[BaseRoute]) -> set[str]:
    """The first parts of the paths of all routes, without what follows a dot."""
    paths = (route.path for route in routes if isinstance(route, Route | Mount))
    parts = {path.strip("/.").partition("/")[0].partition(".")[0] for path in paths}
    return {part or "home" for part in parts if "{" not in part}


def routes_of(family: str) -> list[BaseRoute]:
    """The routes of a family."""
    found: list[BaseRoute] = import_module(f"bpsgraph.web.routes.{family}").routes
    return found


def _in_turn(route: BaseRoute, turns: Turns) -> BaseRoute:
    assert isinstance(route, Route)
    waiting = copy(route)
    waiting.app = turns.around(route.app)
    return waiting


def _closing(site: Site):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        site.close()

    return lifespan
