"""Every page that the site has is in the table by which pages are tried in a browser."""

import pytest
from starlette.routing import BaseRoute, Match, Route
from starlette.testclient import TestClient

from bpsgraph.web.app import FAMILIES, routes_of
from bpsgraph.web.pages import PAGES
from browser.page_types import NO_PAGES, PAGE_TYPES, PageType
from sampling import one_of_each

ROUTES = [route for family in FAMILIES for route in routes_of(family)]
EXAMPLES = one_of_each(
    [(kind, language) for kind in PAGE_TYPES for language in ("zh", "en")], lambda case: case[0].name
)
PERSON = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def taken_by(path: str) -> BaseRoute | None:
    """The route that answers a path."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
    return next((route for route in ROUTES if route.matches(scope)[0] is Match.FULL), None)


def test_every_route_that_answers_with_a_page_is_in_the_table(web: TestClient) -> None:
    shown = {id(taken_by(kind.path.partition("?")[0])) for kind in PAGE_TYPES}
    missing = []
    for route in ROUTES:
        if not isinstance(route, Route) or id(route) in shown or "GET" not in (route.methods or ()):
            continue
        # What has a suffix is a file, or the page of the address without it.
        if "." in route.path.rpartition("/")[2]:
            continue
        example = NO_PAGES.get(route.path, route.path)
        if "{" in example:
            missing.append(f"{route.path} has no example")
            continue
        answer = web.get(example, headers=PERSON)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            missing.append(f"{route.path} answers with a page")
    assert missing == []


def test_every_class_with_a_page_of_its_own_is_in_the_table() -> None:
    shown = {kind.path.split("/")[2] for kind in PAGE_TYPES if kind.path.startswith("/doc/")}
    assert sorted(PAGES.keys() - shown) == []


def test_what_has_no_page_is_a_route() -> None:
    assert NO_PAGES.keys() <= {route.path for route in ROUTES if isinstance(route, Route)}


@pytest.mark.parametrize(("kind", "language"), EXAMPLES, ids=lambda part: getattr(part, "name", part))
def test_the_examples_of_the_table_are_there(web: TestClient, kind: PageType, language: str) -> None:
    answer = web.get(kind.in_language(language), headers=PERSON)
    assert answer.status_code == kind.status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-language"].startswith(language)
