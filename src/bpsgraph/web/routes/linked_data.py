"""Linked data: a thing leads to the document about it, which is to be had in many formats and some profiles.

303 from the thing to the document (https://www.w3.org/TR/cooluris/); the format by suffix, `_mediatype` or
`Accept`; the profile by `_profile` or `Accept-Profile` (https://www.w3.org/TR/dx-prof-conneg/); 406 with what
there is, 404 with near names, 410 with what stays of a thing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

from pyoxigraph import Triple
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bpsgraph.errors import BadParameter, NotFound, nearest
from bpsgraph.formats import Format, negotiate
from bpsgraph.publishing import profiles
from bpsgraph.publishing.documents import (
    LICENCE,
    Document,
    Names,
    classes_of,
    described,
    document,
    is_known,
)
from bpsgraph.publishing.forms import FORMS, HTML, RDF_FORMS, split, suffix, written
from bpsgraph.publishing.jsonld import Context, context_of
from bpsgraph.publishing.nearby import not_found
from bpsgraph.publishing.profiles import FULL, PROFILES, SCHEMA, Profile
from bpsgraph.publishing.withdrawn import Tombstone, tombstone
from bpsgraph.results import Text
from bpsgraph.sources import ONTOLOGY_GRAPH
from bpsgraph.terms import BASE, BPS, DOCUMENTS, GRAPH, PREFIXES, short
from bpsgraph.web.links import DESCRIBED_BY, TURTLE, Link, address, alternate, header, links_of, version_links
from bpsgraph.web.negotiation import language_of
from bpsgraph.web.pages import PAGES, vocabulary
from bpsgraph.web.pages import linked_data as pages
from bpsgraph.web.problems import problem
from bpsgraph.web.rendering import rendered, site_of, thing_page
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import view_of

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
_VARY = "Accept, Accept-Language, Accept-Profile"
_PROBLEM = Format("problem", "problem", "application/problem+json", ())
_SHAPES = PREFIXES["bpsh"].removesuffix("#")
_NAMESPACE = BPS.removesuffix("#")
_PROFILE_CLASS = "http://www.w3.org/ns/dx/prof/Profile"
_KEPT_IN_REDIRECT = ("_profile", "_mediatype", "lang", "page")
_NOT_ACCEPTABLE = Text(
    "这里没有您要的格式；有：{formats}。",
    "It is not to be had in a format that you accept; there is: {formats}.",
)
_GONE = Text(
    "{title} 已于 {at} 由 {by} 撤回（日志第 {entry} 条）。",
    "{title} was withdrawn at {at} by {by} (entry {entry}).",
)


def thing(request: Request) -> Response:
    """From a thing to the document about it."""
    key = request.path_params["key"]
    with site_of(request).snapshot() as snapshot:
        stone = tombstone(snapshot.store, BASE + key)
        if stone is not None:
            return _gone(request, snapshot, stone, None)
        if not _is_known(snapshot, key):
            raise not_found(snapshot.store, BASE + key)
    asked = [(name, value) for name, value in request.query_params.multi_items() if name in _KEPT_IN_REDIRECT]
    place = address(key) + (f"?{urlencode(asked)}" if asked else "")
    links = [(address(key), {"rel": "describedby"})]
    return RedirectResponse(place, 303, {"Link": header(links)})


def about(request: Request) -> Response:
    """The document about a thing."""
    with site_of(request).snapshot() as snapshot:
        key, form = request.path_params["key"], None
        stone = tombstone(snapshot.store, BASE + key)
        # What ends like a format is the name of a thing where there is such a thing.
        if stone is None and not _is_known(snapshot, key):
            key, form = split(key)
            stone = tombstone(snapshot.store, BASE + key)
            if stone is None and not (form and _is_known(snapshot, key)):
                raise not_found(snapshot.store, BASE + key)
        if stone is not None:
            return _gone(request, snapshot, stone, form)
        return _document(request, snapshot, key, form)


def _document(request: Request, snapshot: Snapshot, key: str, suffixed: Format | None) -> Response:
    offered = profiles.offered(classes_of(snapshot.store, BASE + key))
    token = request.query_params.get("_profile")
    if token == profiles.LIST:
        return _alternatives(request, snapshot, key, suffixed, offered)
    asked = profiles.by_token(token) if token else None
    profile = asked or profiles.accepted(request.headers.get("accept-profile", ""), offered) or FULL
    found = document(
        snapshot.store, snapshot.library, BASE + key, profile, _page(request), names=_names(snapshot)
    )
    links = links_of(snapshot.store, found)
    form = suffixed or _wished(request, FORMS)
    if form is None:
        return _not_acceptable(request, address(key), FORMS, links)
    headers = {
        "Link": header(links + ([(address(key, TURTLE), DESCRIBED_BY)] if form is HTML else [])),
        "Content-Location": address(key, form, profile, found.page),
        "Vary": _VARY if suffixed is None else "Accept-Language, Accept-Profile",
    }
    if form is not HTML:
        return _rdf(snapshot, found.triples, form, found.thing, headers)
    kind, _, rest = key.partition("/")
    if kind in PAGES and asked is None and profile is FULL and found.page == 1:
        try:
            return thing_page(request, kind, rest, headers=headers)
        except NotFound:
            # A class may have a page for some of its things only: for documents, not for their clauses.
            pass
    embedded = _embedded(snapshot, found)
    view = view_of(request, snapshot)
    return rendered(view, "linked_data/thing.html.jinja", pages.thing(view, found, embedded), headers=headers)


def _embedded(snapshot: Snapshot, found: Document) -> str:
    """The thing as schema.org for whoever reads the page by machine; empty where that says nothing of it."""
    if SCHEMA not in found.profiles:
        return ""
    said = described(snapshot.store, snapshot.library, found.thing, SCHEMA)
    return written(said, RDF_FORMS[1], _context(snapshot), found.thing)


def _alternatives(
    request: Request, snapshot: Snapshot, key: str, suffixed: Format | None, offered: Sequence[Profile]
) -> Response:
    """What there is to be had about a thing: the list of formats and profiles."""
    form = suffixed or _wished(request, FORMS)
    if form is None:
        return _not_acceptable(request, address(key), FORMS, [])
    host = DOCUMENTS.removesuffix("/doc/")
    forms = {
        host + address(key, one, profile): (one.media_type, profile) for profile in offered for one in FORMS
    }
    triples = profiles.representations(BASE + key, forms, host + address(key, HTML, FULL))
    links: list[Link] = [(profiles.ALTERNATES.removesuffix("#"), {"rel": "profile"})]
    for profile in offered:
        # Which token of `_profile` stands for which profile.
        links.append((_PROFILE_CLASS, {"rel": "type", "token": profile.token, "anchor": profile.iri}))
        links += [alternate(key, one, profile) for one in FORMS]
    headers = {"Link": header(links), "Vary": _VARY}
    if form is not HTML:
        return _rdf(snapshot, triples, form, BASE + key, headers)
    view = view_of(request, snapshot)
    model = pages.alternatives(view, key, offered)
    return rendered(view, "linked_data/alternatives.html.jinja", model, headers=headers)


def _gone(request: Request, snapshot: Snapshot, stone: Tombstone, suffixed: Format | None) -> Response:
    """What stays of a thing that was withdrawn: 410, in whatever format."""
    form = suffixed or _wished(request, (_PROBLEM, *FORMS)) or _PROBLEM
    links = version_links(stone.versions)
    headers = {"Vary": _VARY, **({"Link": header(links)} if links else {})}
    if form is HTML:
        view = view_of(request, snapshot)
        model = pages.withdrawn(view, stone)
        return rendered(view, "linked_data/withdrawn.html.jinja", model, status=410, headers=headers)
    if form in RDF_FORMS[:-1]:
        return _rdf(snapshot, stone.triples, form, stone.thing, headers, status=410)
    language = language_of(request)
    words = _GONE.in_language(language).format(
        title=stone.title.in_language(language), at=stone.at, by=stone.by, entry=stone.entry
    )
    more = {"withdrawn": stone.withdrawn, "at": stone.at, "by": stone.by, "entry": stone.entry}
    if stone.reason:
        more["reason"] = stone.reason
    return problem(request, 410, "withdrawn", words, headers, **more)


def namespace(request: Request) -> Response:
    """The ontology: every term with an anchor."""
    with site_of(request).snapshot() as snapshot:
        triples = snapshot.kept("ontology", lambda: vocabulary.named(snapshot.store.graph(ONTOLOGY_GRAPH)))
        return _whole(
            request, snapshot, "/ns", _NAMESPACE, triples, "linked_data/ns.html.jinja", vocabulary.ontology
        )


def shapes(request: Request) -> Response:
    """The shapes: every one with an anchor, and with the page of its rule."""
    with site_of(request).snapshot() as snapshot:
        return _whole(
            request,
            snapshot,
            "/shapes",
            _SHAPES,
            vocabulary.shapes_of(snapshot),
            "linked_data/shapes.html.jinja",
            vocabulary.shapes,
        )


def profile_list(request: Request) -> Response:
    """The profiles."""
    with site_of(request).snapshot() as snapshot:
        return _whole(
            request,
            snapshot,
            "/profiles",
            PROFILES,
            profiles.catalogue(),
            "linked_data/profiles.html.jinja",
            pages.profile_list,
        )


def _whole(
    request: Request,
    snapshot: Snapshot,
    place: str,
    iri: str,
    triples: Iterable[Triple],
    template: str,
    make: Callable[..., object],
) -> Response:
    """One document that describes many things, each with an anchor of its own."""
    ending = request.path_params.get("suffix")
    suffixed = next((one for one in FORMS if suffix(one) == f".{ending}"), None)
    if ending and suffixed is None:
        raise NotFound(f"{place}.{ending}", [f"{place}{suffix(one)}" for one in FORMS[:3]])
    form = suffixed or _wished(request, FORMS)
    links: list[Link] = [
        (place, {"rel": "canonical"}),
        *((place + suffix(one), {"rel": "alternate", "type": one.media_type}) for one in FORMS),
        (LICENCE, {"rel": "license"}),
    ]
    if form is None:
        return _not_acceptable(request, place, FORMS, links)
    if form is HTML:
        links.append((place + suffix(TURTLE), DESCRIBED_BY))
    headers = {
        "Link": header(links),
        "Content-Location": place + suffix(form),
        "Vary": "Accept, Accept-Language" if suffixed is None else "Accept-Language",
    }
    if form is not HTML:
        return _rdf(snapshot, triples, form, iri, headers)
    view = view_of(request, snapshot)
    return rendered(view, template, make(view), headers=headers)


def graph(request: Request) -> Response:
    """From a named graph to its triples."""
    iri = GRAPH + request.path_params["key"]
    with site_of(request).snapshot() as snapshot:
        known = snapshot.kept("graphs", snapshot.store.graphs)
        if iri not in known:
            raise NotFound(short(iri), nearest(short(iri), map(short, known)))
    return RedirectResponse(f"/store?{urlencode({'graph': iri})}", 303)


def part(request: Request) -> Response:
    """From a module of the ontology, or a file of shapes, to the document that describes it."""
    return RedirectResponse("/" + request.url.path.split("/")[1], 303)


def context_file(request: Request) -> Response:
    """The JSON-LD context; under its version it never changes."""
    version = request.path_params["version"]
    with site_of(request).snapshot() as snapshot:
        context = _context(snapshot)
        if version not in ("bps", context.version):
            raise NotFound(f"contexts/{version}.jsonld", [f"contexts/{context.version}.jsonld"])
        links = [
            ("/contexts/bps.jsonld", {"rel": "latest-version"}),
            (f"/contexts/{context.version}.jsonld", {"rel": "canonical"}),
        ]
        headers = {
            "Cache-Control": _FOR_AN_HOUR if version == "bps" else _FOR_EVER,
            "Link": header(links),
            "X-Generation": snapshot.generation,
        }
        return Response(context.text(), headers=headers, media_type="application/ld+json")


def _context(snapshot: Snapshot) -> Context:
    return snapshot.kept("jsonld-context", lambda: context_of(snapshot.store.graph(ONTOLOGY_GRAPH)))


def _names(snapshot: Snapshot) -> Names:
    return snapshot.kept("names-in-documents", lambda: Names(snapshot.store))


def _is_known(snapshot: Snapshot, key: str) -> bool:
    try:
        return bool(key) and is_known(snapshot.store, BASE + key)
    except ValueError:
        return False


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadParameter("page", f"{text!r} is not the number of a page", "give a number from 1")
    return int(text)


def _wished(request: Request, offers: Sequence[Format]) -> Format | None:
    """The format by `_mediatype`, else by `Accept`; None where that likes none of those on offer."""
    named = request.query_params.get("_mediatype")
    if named:
        # A plus in a query string is a space.
        return next((one for one in offers if one.media_type == named.replace(" ", "+")), None)
    return negotiate(request.headers.get("accept", ""), offers)


def _rdf(
    snapshot: Snapshot,
    triples: Iterable[Triple],
    form: Format,
    thing: str,
    headers: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    text = written(triples, form, _context(snapshot), thing)
    said = {"Last-Modified": snapshot.modified, "X-Generation": snapshot.generation, **headers}
    # RDF/XML and JSON are UTF-8 by themselves, and their media types have no such parameter.
    media_type = form.media_type + ("; charset=utf-8" if form.media_type.startswith("text/") else "")
    return Response(text, status, {**said, "Content-Type": media_type})


def _not_acceptable(request: Request, place: str, forms: Sequence[Format], links: list[Link]) -> Response:
    offers = [{"type": one.media_type, "href": place + suffix(one)} for one in forms]
    words = _NOT_ACCEPTABLE.in_language(language_of(request))
    detail = words.format(formats=", ".join(one.media_type for one in forms))
    headers = {"Link": header(links)} if links else {}
    return problem(request, 406, "", detail, headers, formats=offers)


routes: list[BaseRoute] = [
    Route("/id/{key:path}", thing),
    Route("/doc/{key:path}", about),
    Route("/graph/{key:path}", graph),
    Route("/ns", namespace),
    Route("/ns.{suffix}", namespace),
    Route("/ns/{part:path}", part),
    Route("/shapes", shapes),
    Route("/shapes.{suffix}", shapes),
    Route("/shapes/{part:path}", part),
    Route("/profiles", profile_list),
    Route("/profiles.{suffix}", profile_list),
    Route("/contexts/{version}.jsonld", context_file),
]
