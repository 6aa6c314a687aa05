"""The application: families of routes, errors that are explained, and the cache around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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


def application(site: Site, *, close: bool = True) -> ASGIApp:
    """The application as a server runs it; closes the site at its end unless told not to."""
    app = Starlette(
        routes=[
            *(route for family in FAMILIES for route in routes_of(family)),
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
    asked_before = CORSMiddleware(
        cache,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["*"],
        max_age=86_400,
    )

    async def shared(scope: Scope, receive: Receive, send: Send) -> None:
        """What other sites may ask is in the headers of each response; only OPTIONS has to be worked out."""
        await (asked_before if scope.get("method") == "OPTIONS" else cache)(scope, receive, send)

    counted = Metrics(shared, _first_parts(app.routes))
    app.state.metrics = counted
    return counted


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


def _closing(site: Site):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        site.close()

    return lifespan
