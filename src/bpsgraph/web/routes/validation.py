"""`/validate`: files are judged wholly in a worker, and what was found is kept in memory for a short time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph.errors import BadParameter, BpsError, UnknownCatalogue, UnknownEdition
from bpsgraph.formats import FORMATS, RDF_FORMATS, Format, by_suffix, negotiate
from bpsgraph.terms import BASE
from bpsgraph.uploads import Asked, Beside, Document, Given, Verdict
from bpsgraph.validation.report import WRITERS
from bpsgraph.web.negotiation import JSON, LANGUAGES, language_of
from bpsgraph.web.pages import validation as pages
from bpsgraph.web.receiving import Received, received
from bpsgraph.web.rendering import page, rendered, site_of
from bpsgraph.web.site import Site
from bpsgraph.web.submissions import PATIENCE, Submissions, patiently
from bpsgraph.web.view import view_of
from bpsgraph.workbooks.starting import FORMATS as STARTING
from bpsgraph.workbooks.starting import starting_workbook

FIELDS = ("edition", "as_of", "against", "jurisdiction", "lang", "limit", "format", "name")
"""What is asked beside the file, in the query string or the form."""
MADE = {"annotated": "xlsx", "patch": "csv", "repaired": ""}
"""Documents that are no reports: the coloured copy, the changes suggested, the file with them made."""
_REPORTS = ("json", "html", "xlsx", "csv", "markdown", "turtle", "junit", "sarif")
_TABLES = ("xlsx", "csv", "tsv")
_LISTED = 1_000
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def form(request: Request) -> Response:
    """The form."""
    return page(
        request,
        "validate/form.html.jinja",
        lambda view: pages.form(view, limits=_limits(request)),
    )


async def submit(request: Request) -> Response:
    """Judge a file: a report in the format asked for, or for a browser the address where it will be."""
    site = site_of(request)
    submissions = submissions_of(request)
    browser = _wants_page(request)
    try:
        with submissions.admitted() as turn:
            sent = await received(request, site.settings.max_file_size)
            asked, file, beside = _asked(request, site, sent)
            made = sent.one("format")
            if browser and made is None:
                asked = _with_all(asked, file)
                begin = partial(submissions.begin, turn, site.judge, asked, file, beside)
                one = await run_in_threadpool(begin)
                lang = f"?lang={asked.lang}" if "lang" in sent.fields else ""
                return RedirectResponse(f"/validate/{one.id}{lang}", 303, _PRIVATE)
            judged = partial(_judged, request, site, asked, file, beside, made)
            return await run_in_threadpool(judged)
    except BpsError as error:
        if not browser or error.status not in (400, 413, 415):
            raise
        return await run_in_threadpool(_form_again, request, error)


def progress(request: Request) -> Response:
    """The result of a file, or how far it is; in JSON for the script of the page."""
    submissions = submissions_of(request)
    one = submissions.find(request.path_params["id"])
    if one is None:
        raise HTTPException(404)
    if request.query_params.get("format") == "json":
        return JSONResponse(
            {"done": one.done, "documents": len(one.documents), "expected": one.expected}, headers=_PRIVATE
        )
    with site_of(request).snapshot() as snapshot:
        view = view_of(request, snapshot)
        if not one.done:
            refresh = {**_PRIVATE, "Refresh": "2"}
            return rendered(view, "validate/waiting.html.jinja", pages.waiting(one), headers=refresh)
        model = pages.result(view, one, submissions.kept_for)
        return rendered(view, "validate/result.html.jinja", model, status=model.status, headers=_PRIVATE)


def document(request: Request) -> Response:
    """One of the documents that were made of a file."""
    one = submissions_of(request).find(request.path_params["id"])
    name = request.path_params["name"]
    content = pages.document(one, name) if one is not None else None
    if content is None:
        raise HTTPException(404)
    return _file(content, name, by_suffix(name, (*_REPORTS, *RDF_FORMATS, "tsv")))


def forget(request: Request) -> Response:
    """Delete what was made of a file before its time."""
    submissions_of(request).drop(request.path_params["id"])
    return RedirectResponse("/validate", 303, _PRIVATE)


def template(request: Request) -> Response:
    """The workbook to fill in, with the rows of the national standard."""
    name = by_suffix(request.url.path, STARTING)
    assert name is not None
    given = request.query_params
    for each in given:
        if each not in ("edition", "jurisdiction", "domain", "item", "lang"):
            raise BadParameter(
                each, "a workbook is not asked for by it", "give edition, jurisdiction, domain or item"
            )
    with site_of(request).snapshot() as snapshot:
        try:
            content = starting_workbook(
                snapshot.store,
                snapshot.names,
                name.name,
                edition=given.get("edition") or None,
                jurisdiction=given.get("jurisdiction") or None,
                domains=[one for one in given.getlist("domain") if one],
                items=[one for one in given.getlist("item") if one],
            )
        except UnknownEdition as error:
            raise BadParameter("edition", error.problem, error.cure) from error
        headers = {"Last-Modified": snapshot.modified, "X-Generation": snapshot.generation}
    return _file(content, f"template{name.suffixes[0]}", name, headers)


def submissions_of(request: Request) -> Submissions:
    """The files of this site that are judged or were a moment ago."""
    state = request.app.state
    if not hasattr(state, "submissions"):
        state.submissions = Submissions()
    found: Submissions = state.submissions
    return found


def _judged(
    request: Request,
    site: Site,
    asked: Asked,
    file: Given,
    beside: Beside,
    made: str | None,
) -> Response:
    """The report as a response; raises what reading and judging the file raise."""
    format, name, kind = _wanted(request, made, file)
    asked = _for(asked, name, kind, file)
    documents: list[bytes] = []
    fails = False
    try:
        for item in patiently(site.judge, asked, file, beside, PATIENCE):
            match item:
                case Document(_, content):
                    documents.append(content.encode() if isinstance(content, str) else content)
                case Verdict(fails):
                    pass
                case _:
                    continue
    except (UnknownEdition, UnknownCatalogue) as error:
        where = "edition" if isinstance(error, UnknownEdition) else "against"
        raise BadParameter(where, error.problem, error.cure) from error
    headers = {"Conforms": "false" if fails else "true", "Vary": "Accept, Accept-Language"}
    return _file(documents[0], name, format, headers)


def _wanted(request: Request, made: str | None, file: Given) -> tuple[Format | None, str, str]:
    """The format of the answer, what it is called, and which document it is."""
    if made is not None and made not in WRITERS and made not in MADE:
        offers = ", ".join((*WRITERS, *MADE))
        raise BadParameter("format", f"{made!r} is not a format here", f"choose one of: {offers}")
    if made in MADE:
        suffix = PurePosixPath(file.name).suffix.lower()
        if made == "annotated" and by_suffix(file.name.lower(), _TABLES) is None:
            raise BadParameter("format", "only a workbook or CSV has a coloured copy", "ask for another")
        name = f"{made}.{MADE[made]}" if MADE[made] else f"{made}{suffix}"
        return by_suffix(name, (*_REPORTS, *RDF_FORMATS, "tsv")), name, made
    if made is not None:
        format: Format | None = FORMATS[made] if made != "json" else JSON
        return format, f"report{FORMATS[made].suffixes[0]}", made
    offers_of = [JSON, *(FORMATS[one] for one in WRITERS if one != "json")]
    format = negotiate(request.headers.get("accept", ""), offers_of)
    if format is None:
        raise HTTPException(406)
    return format, f"report{format.suffixes[0]}", format.name


def _for(asked: Asked, name: str, kind: str, file: Given) -> Asked:
    if kind == "annotated":
        return replace(asked, annotated=name)
    if kind == "patch":
        return replace(asked, suggest=name, suggested="csv")
    if kind == "repaired":
        return replace(asked, apply=file.name)
    return replace(asked, reports=((kind, kind),))


def _with_all(asked: Asked, file: Given) -> Asked:
    """The same with everything that the page of a result offers."""
    table = by_suffix(file.name.lower(), _TABLES) is not None
    return replace(
        asked,
        reports=tuple((kind, kind) for kind in _REPORTS),
        annotated="annotated.xlsx" if table else None,
        suggest="patch.csv",
        suggested="csv",
        apply=file.name,
    )


def _asked(request: Request, site: Site, sent: Received) -> tuple[Asked, Given, Beside]:
    """What is asked about which file; raises `BadParameter`, `UnsupportedFormat`."""
    for name in sent.fields:
        if name not in FIELDS:
            raise BadParameter(name, "there is no such field", f"choose of: {', '.join(FIELDS)}")
    for name in sent.files:
        if name not in ("file", "profile"):
            raise BadParameter(name, "there is no such file", "send `file`, and `profile` beside it")
    file = sent.files.get("file")
    if file is None:
        raise BadParameter("file", "no file was sent", "send one as `file`, or as the body of the request")
    limit = sent.one("limit") or str(_LISTED)
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 6):
        raise BadParameter("limit", f"{limit!r} is no number of findings", "write digits such as 100")
    lang = sent.one("lang") or language_of(request)
    if lang not in LANGUAGES:
        raise BadParameter("lang", f"{lang!r} is not a language here", "choose zh or en")
    asked = Asked(
        store=site.path,
        sources=site.sources.root,
        library=site.settings.library,
        today=date.today(),
        lang=lang,
        edition=sent.one("edition"),
        as_of=_day(sent.one("as_of")),
        against=tuple(_catalogue(key) for key in sent.several("against")),
        jurisdiction=sent.one("jurisdiction"),
        limit=int(limit),
    )
    return asked, file, Beside(profile=sent.files.get("profile"))


def _catalogue(key: str) -> str:
    return f"{BASE}catalogue/{key.removeprefix(BASE).removeprefix('catalogue/')}"


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadParameter("as_of", f"{text!r} is no date", "write it like 2024-06-01") from None


def _wants_page(request: Request) -> bool:
    """Whether a browser sends the form, to which the page of the result is shown."""
    if request.query_params.get("format"):
        return False
    offers = [JSON, FORMATS["html"]]
    return negotiate(request.headers.get("accept", "*/*"), offers) is FORMATS["html"]


def _form_again(request: Request, error: BpsError) -> Response:
    with site_of(request).snapshot() as snapshot:
        model = pages.form(view_of(request, snapshot), error, limits=_limits(request))
        view = view_of(request, snapshot)
        return rendered(view, "validate/form.html.jinja", model, status=model.status, headers=_PRIVATE)


def _limits(request: Request) -> tuple[int, float, float]:
    settings = site_of(request).settings
    return settings.max_file_size, settings.timeout, submissions_of(request).kept_for


def _file(
    content: bytes, name: str, format: Format | None, headers: Mapping[str, str] | None = None
) -> Response:
    """A document as a file: it is saved and never shown as a page of this site."""
    media_type = format.media_type if format else "application/octet-stream"
    if media_type.startswith("application/sparql-results"):
        media_type = JSON.media_type
    saved = headers is None or format is None or format.name not in ("json", "csv", "text", "markdown")
    said = {**_PRIVATE, **(headers or {}), "Content-Type": media_type}
    if "Last-Modified" in said:
        said["Cache-Control"] = "no-cache"
    if saved:
        said["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, headers=said)


routes: list[BaseRoute] = [
    Route("/validate", form, methods=["GET"]),
    Route("/validate", submit, methods=["POST"]),
    *(Route(f"/validate/template{FORMATS[name].suffixes[0]}", template) for name in STARTING),
    Route("/validate/{id}", progress),
    Route("/validate/{id}/delete", forget, methods=["POST"]),
    Route("/validate/{id}/{name}", document),
]
