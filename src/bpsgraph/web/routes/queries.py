"""The saved questions: `/queries`, and each at `/queries/<topic>/<name>` with its form and its answer."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bpsgraph import serialisation
from bpsgraph.answers.writers import WRITERS
from bpsgraph.formats import FORMATS, RDF_FORMATS, Format, by_suffix
from bpsgraph.library import Query, catalogue_triples
from bpsgraph.library.catalogue import described_as_json
from bpsgraph.web.delivery import acceptable, data
from bpsgraph.web.negotiation import JSON, format_of
from bpsgraph.web.pages import queries as pages
from bpsgraph.web.rendering import rendered, site_of
from bpsgraph.web.view import View, view_of

TABLES = ("html", "json", "csv", "tsv", "xlsx", "parquet", "markdown", "turtle", "vega-lite", "svg", "png")
"""What an answer is to be had in, the page first."""
CATALOGUE = ("html", "json", *RDF_FORMATS)
GRAPHS = ("html", *RDF_FORMATS)


def catalogue(request: Request) -> Response:
    """The list of questions, for people and for programs."""
    path = request.url.path
    suffix = by_suffix(path, CATALOGUE) if "." in path else None
    format = acceptable(format_of(request, CATALOGUE, suffix.name if suffix else None))
    search = request.query_params.get("q", "")[: pages.LONGEST_VALUE]
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        if format.name == "html":
            return rendered(view, "queries/catalogue.html.jinja", pages.catalogue(view, search))
        chosen = [saved for saved in pages.listed(snapshot.library) if saved.speaks_of(search.strip())]
        if format.name == "json":
            fields = [described_as_json(saved) for saved in chosen]
            return data(view, json.dumps(fields, ensure_ascii=False), JSON, file="queries")
        triples = catalogue_triples(snapshot.library, [saved.name for saved in chosen])
        return data(view, serialisation.text(triples, format), format, file="queries")


def question(request: Request) -> Response:
    """One question: the page, or its answer in a format."""
    site = site_of(request)
    with site.snapshot() as snapshot:
        view = view_of(request, snapshot)
        name, suffix = _split(request.path_params["name"], snapshot.library.names)
        saved = pages.found(snapshot.library, name)
        offers = GRAPHS if pages.builds_triples(saved) else TABLES
        if suffix is not None and suffix.name not in offers:
            suffix = acceptable(None)
        format = acceptable(format_of(request, offers, suffix.name if suffix else None))
        given = request.query_params.multi_items()
        if format.name == "html":
            labels = [(FORMATS[one].label, FORMATS[one].suffixes[0]) for one in offers if one != "html"]
            model = pages.question(view, saved, given, labels)
            links = model.paging.link_header() if model.paging else ""
            return rendered(
                view,
                "queries/question.html.jinja",
                model,
                status=model.status,
                headers={"Link": links} if links else {},
            )
        return _data(view, saved, given, format)


def _data(view: View, saved: Query, given: pages.Given, format: Format) -> Response:
    wanted = pages.read_asked(saved, given)
    file = saved.name.replace("/", "-")
    if pages.builds_triples(saved):
        triples = pages.triples_of(view, saved, wanted)
        return data(view, serialisation.text(triples, format), format, file=file)
    path = f"/queries/{saved.name}{format.suffixes[0]}"
    answer, paging = pages.paged(pages.answer_to(view, saved, wanted), wanted, path, always=False)
    content = WRITERS[format.name]([answer], view.language)
    links = paging.link_header() if paging else ""
    return data(view, content, format, file=file, headers={"Link": links} if links else {})


def _split(path: str, names: tuple[str, ...]) -> tuple[str, Format | None]:
    """The name of a question and the format that its suffix stands for, which may be none."""
    if path in names:
        return path, None
    format = by_suffix(path, (*TABLES, *RDF_FORMATS))
    if format is None:
        return path, None
    return next(path.removesuffix(end) for end in format.suffixes if path.lower().endswith(end)), format


routes: list[BaseRoute] = [
    Route("/queries", catalogue),
    *(Route(f"/queries{suffix}", catalogue) for name in CATALOGUE for suffix in FORMATS[name].suffixes[:1]),
    Route("/queries/{name:path}", question),
]
