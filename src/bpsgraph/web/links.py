"""What the `Link` header of a document says: other formats and profiles, pages, versions (RFC 8288)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from bpsgraph.formats import Format
from bpsgraph.publishing.documents import LICENCE, Document, neighbours
from bpsgraph.publishing.forms import FORMS, RDF_FORMS, suffix
from bpsgraph.publishing.profiles import FULL, LIST, Profile
from bpsgraph.publishing.versions import Versions, versions_of
from bpsgraph.store import Store
from bpsgraph.terms import BASE, short

Link = tuple[str, Mapping[str, str]]
"""Where it leads, and its parameters: `rel` and others."""
TURTLE = RDF_FORMS[0]
DESCRIBED_BY = {"rel": "describedby", "type": TURTLE.media_type}


def address(key: str, form: Format | None = None, profile: Profile = FULL, page: int = 1) -> str:
    """The address of the document about a thing, by its key, in a format, a profile and a page."""
    asked = [("_profile", profile.token)] if profile is not FULL else []
    asked += [("page", str(page))] if page > 1 else []
    path = _path(key) + (suffix(form) if form else "")
    return path + (f"?{urlencode(asked)}" if asked else "")


@lru_cache(maxsize=256)
def _path(key: str) -> str:
    return f"/doc/{quote(key, safe='/-._~!$&()*+,;=:@')}"


def alternate(key: str, form: Format, profile: Profile, page: int = 1) -> Link:
    """The link to the document in another format or profile, with the parameters of both."""
    said = {"rel": "alternate", "type": form.media_type, "profile": profile.iri}
    return address(key, form, profile, page), said


def links_of(store: Store, found: Document) -> list[Link]:
    """What a document is linked with, whichever its format."""
    key = short(found.thing)
    links: list[Link] = [
        (address(key), {"rel": "canonical"}),
        (found.thing, {"rel": "about"}),
        (found.profile.iri, {"rel": "profile"}),
        (LICENCE, {"rel": "license"}),
        *(alternate(key, form, found.profile, found.page) for form in FORMS),
    ]
    for other in found.profiles:
        if other is not found.profile:
            links.append((address(key, None, other), {"rel": "alternate", "profile": other.iri}))
    links.append((f"{address(key)}?_profile={LIST}", {"rel": "alternate", "title": "alternates"}))
    if found.pages > 1:
        for relation, number in neighbours(found.page, found.pages).items():
            name = "prev" if relation == "previous" else relation
            links.append((f"{address(key)}?page={number}", {"rel": name}))
    return links + version_links(versions_of(store, found.thing))


def version_links(versions: Versions) -> list[Link]:
    """The versions before and after, as RFC 5829 relates them."""
    found = (("predecessor-version", versions.predecessors), ("successor-version", versions.successors))
    return [(address(iri.removeprefix(BASE)), {"rel": name}) for name, iris in found for iri in iris]


def header(links: Iterable[Link]) -> str:
    """The value of a `Link` header."""
    return ", ".join(
        f"<{place}>" + "".join(f'; {name}="{value}"' for name, value in parameters.items())
        for place, parameters in links
    )
