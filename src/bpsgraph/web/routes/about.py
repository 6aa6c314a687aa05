"""About the data, and about what can go wrong: `/about`, `/about/cells`, `/problems`."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph.web.pages import about as pages
from bpsgraph.web.pages import problems
from bpsgraph.web.rendering import page, site_of


def about(request: Request) -> Response:
    """About the data."""
    public_url = site_of(request).settings.public_url or ""
    return page(request, "about/about.html.jinja", partial(pages.about, public_url=public_url))


def cells(request: Request) -> Response:
    """Every cell that is recalled or inferred."""
    return page(request, "about/cells.html.jinja", pages.cells)


def all_problems(request: Request) -> Response:
    """All errors, by code."""
    return page(request, "about/problems.html.jinja", problems.problems)


def one_problem(request: Request) -> Response:
    """One error: cause and cure."""
    code: str = request.path_params["code"]
    return page(request, "about/problem.html.jinja", partial(problems.problem, code=code))


routes: list[BaseRoute] = [
    Route("/about", about),
    Route("/about/cells", cells),
    Route("/problems", all_problems),
    Route("/problems/{code}", one_problem),
]
