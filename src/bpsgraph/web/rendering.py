"""Pages: a template, a model, and the words in the language of whoever looks."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bpsgraph.answers.reading import cell
from bpsgraph.terms import short
from bpsgraph.web.pages import PAGES
from bpsgraph.web.pages.tables import island
from bpsgraph.web.site import Site
from bpsgraph.web.translation import translations
from bpsgraph.web.view import View, view_of

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
STATIC = _HERE / "static"


def site_of(request: Request) -> Site:
    """The site that the application serves."""
    site: Site = request.app.state.site
    return site


def page(
    request: Request,
    template: str,
    make: Callable[[View], object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page that the template makes of `make(view)`, which it knows as `model`.

    Raises what `make` raises.
    """
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        return rendered(view, template, make(view), status=status, headers=headers)


def thing_page(
    request: Request, kind: str, key: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """The page of a thing whose class has one (`bpsgraph.web.pages.PAGES`), by the key within its class.

    Raises `KeyError` for a class without, and what making the page raises.
    """
    module, function, template = PAGES[kind].split(":")
    make = getattr(import_module(f"bpsgraph.web.pages.{module}"), function)
    return page(request, template, lambda view: make(view, key), headers=headers)


def rendered(
    view: View,
    template: str,
    model: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page that the template makes of the model."""
    body = (
        environment(view.language)
        .get_template(template)
        .render(view=view, model=model, link=view.link, href=view.href, lang=view.language)
    )
    return HTMLResponse(
        body,
        status,
        {
            "Content-Language": "zh-Hans" if view.language == "zh" else "en",
            "Last-Modified": view.snapshot.modified,
            "Vary": "Accept, Accept-Language",
            "X-Generation": view.snapshot.generation,
            **(headers or {}),
        },
    )


@cache
def environment(language: str) -> Environment:
    """The templates in `zh` or `en`; what a template names and nobody gave is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = asset
    made.filters["cell"] = cell
    made.filters["short"] = short
    made.filters["island"] = island
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    content = stylesheet() if name == "site.css" else (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def stylesheet() -> bytes:
    """The one stylesheet: the parts in `static/css`, by name."""
    return b"".join(file.read_bytes() for file in sorted((STATIC / "css").glob("*.css")))
