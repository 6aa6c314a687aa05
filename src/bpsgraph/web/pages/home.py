"""The front page: where to go from here."""

from dataclasses import dataclass

from bpsgraph.web.pages.tables import Table, table_of
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Home:
    """What the front page shows."""

    catalogues: Table


def home(view: View) -> Home:
    """The front page."""
    return Home(catalogues=table_of(view, view.answered("catalogues/all")))
