"""What a page shows, also as data: the answer behind it in every format there is a writer for.

A page of answers has two addresses, of which the second ends in the suffix of a format:

    routes = pages_of("/targets", targets)      # /targets, /targets.csv, /targets?format=xlsx

    def targets(request: Request) -> Response:
        return answer_page(request, "targets/ledger.html.jinja", ledger, ledger_answer)
"""

import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bpsgraph.answers import Answer
from bpsgraph.answers.charts import drawable
from bpsgraph.answers.writers import CHARTS, SINGLE, WRITERS
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.formats import FORMATS, Format
from bpsgraph.web.delivery import acceptable, data
from bpsgraph.web.negotiation import format_of
from bpsgraph.web.rendering import page, site_of
from bpsgraph.web.view import View, view_of

# The page first: it is what one gets who says nothing.
OFFERS = ("html", *(name for name in WRITERS if name != "html"))
_SUFFIXES = {suffix: name for name in OFFERS for suffix in FORMATS[name].suffixes}


def pages_of(path: str, endpoint: Callable[[Request], Response]) -> list[Route]:
    """The page at the path, and its data at the path with the suffix of a format."""
    return [Route(path, endpoint), Route(path + ".{suffix}", endpoint)]


def answer_page(
    request: Request,
    template: str,
    make: Callable[[View], object],
    answer: Callable[[View], Answer],
) -> Response:
    """The page that the template makes of `make(view)`, or `answer(view)` in the format asked for.

    By the suffix of the path, else `?format=`, else `Accept`. `?table=` chooses one of the tables of an
    answer by its name, and `?chart=` one of its charts by its number. Raises HTTP 404 for an unknown suffix
    and 406 for media types that no writer makes, `BadParameter` for an unknown format, table or chart, and
    what `make` and `answer` raise.
    """
    format = _format(request)
    if format.name == "html":
        return page(request, template, make)
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        return as_data(view, answer(view), format)


def as_data(view: View, answer: Answer, format: Format) -> Response:
    """The answer in a format; of those that hold one table, the one that `?table=` names, else the first."""
    tables = list(answer.all())
    asked = view.parameters.get("table")
    if asked is not None:
        names = list(dict.fromkeys(one.name for one in tables))
        if asked not in names:
            raise BadParameter(
                "table", f"there is no table {asked!r}", did_you_mean(asked, names, ", ".join(names))
            )
        tables = [one for one in tables if one.name == asked]
    if format.name in SINGLE:
        tables = tables[:1]
    if format.name in CHARTS:
        tables = _chart(view, tables)
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", tables[0].name).strip("-") or "answer"
    return data(view, WRITERS[format.name](tables, view.language), format, file=name)


def offers_of(view: View, path: str, answer: Answer | None = None) -> tuple[tuple[str, str], ...]:
    """What the same page is offered as: a label and an address for each format, with what was asked."""
    asked = {
        name: value
        for name, value in view.parameters.items()
        if name not in ("format", "table", "chart", "lang")
    }
    return tuple(
        (FORMATS[name].label, view.link(path + FORMATS[name].suffixes[0], **asked))
        for name in OFFERS[1:]
        if name not in CHARTS or (answer is not None and answer.charts and answer.rows.rows)
    )


def _chart(view: View, tables: list[Answer]) -> list[Answer]:
    """The answer with the chart of the number asked for; all where none is, or where nothing is drawn."""
    asked, drawn = view.parameters.get("chart"), drawable(tables)
    if asked is None or not drawn:
        return drawn or tables
    if asked not in map(str, range(1, len(drawn) + 1)):
        raise BadParameter("chart", f"there is no chart {asked!r}", f"choose 1 to {len(drawn)}")
    return [drawn[int(asked) - 1]]


def _format(request: Request) -> Format:
    suffix = request.path_params.get("suffix")
    if suffix is not None and f".{suffix}" not in _SUFFIXES:
        raise HTTPException(404)
    return acceptable(format_of(request, OFFERS, _SUFFIXES[f".{suffix}"] if suffix is not None else None))
