"""The application within the middleware that stands around it."""

from typing import Any

from starlette.applications import Starlette


def inner(app: Any) -> Starlette:
    """The application itself."""
    while not isinstance(app, Starlette):
        app = app.app
    return app
