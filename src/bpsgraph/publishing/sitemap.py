"""Which pages there are, for search engines: sitemaps.org/protocol.html and RFC 9309.

A page has a `lastmod` only where the journal says when what it shows came into the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from pyoxigraph import Literal, NamedNode

from bpsgraph.library import Library
from bpsgraph.publishing.datasets import datasets
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE

LARGEST = 50_000
"""How many addresses a file may list."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# What is reached from the thing that it is about and says little alone, and what has a page of another kind.
_NOT_LISTED = tuple(BASE + kind for kind in ("verdict/", "floor/", "statement/", "query/", "unnamed/"))
_NOT_CRAWLED = ("/search", "/sparql", "/store", "/validate", "/metrics", "/health")
_THINGS = "SELECT DISTINCT ?thing WHERE {{ ?thing a ?class FILTER(STRSTARTS(STR(?thing), {base})) }}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its path, and when what it shows came into the store, as `YYYY-MM-DDThh:mm:ssZ`, if known."""

    path: str
    changed: str | None = None


def things(store: Store) -> list[str]:
    """The IRIs of all things of ours, sorted: each has a document. Raises what the store raises."""
    rows = select(store, _THINGS.format(base=Literal(BASE)))
    return sorted(row["thing"].value for row in rows if isinstance(row["thing"], NamedNode))


def pages(store: Store, library: Library, others: Iterable[str] = ()) -> list[Page]:
    """The pages of a store: `others` by their paths, then those of things, but for what says little alone."""
    accepted = {
        dataset.iri.removeprefix(f"{BASE}catalogue/"): dataset.accepted.strftime("%Y-%m-%dT%H:%M:%SZ")
        for dataset in datasets(store, library)
        if dataset.accepted is not None
    }
    found = [Page(path) for path in others]
    for iri in things(store):
        if not iri.startswith(_NOT_LISTED):
            key = iri.removeprefix(BASE)
            # A catalogue and its rows are called <kind>/<code>/<edition>.
            found.append(Page("/doc/" + key, accepted.get("/".join(key.split("/")[1:3]))))
    return found


def files(pages: list[Page], address: str) -> dict[str, str]:
    """The sitemaps by their paths: one file, or an index with as many as are needed.

    `address` is that of the site, without a slash at its end.
    """
    if len(pages) <= LARGEST:
        return {"/sitemap.xml": _urlset(pages, address)}
    parts = {
        f"/sitemap-{number}.xml": _urlset(pages[start : start + LARGEST], address)
        for number, start in enumerate(range(0, len(pages), LARGEST), 1)
    }
    locations = "".join(f"<sitemap><loc>{_location(address, path)}</loc></sitemap>\n" for path in parts)
    index = f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{locations}</sitemapindex>\n'
    return {"/sitemap.xml": index, **parts}


def robots(address: str) -> str:
    """What crawlers may ask: everything but searches, queries and what is for writers and operators."""
    closed = "".join(f"Disallow: {path}\n" for path in _NOT_CRAWLED)
    return f"User-agent: *\n{closed}Allow: /\n\nSitemap: {address}/sitemap.xml\n"


_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _urlset(pages: Iterable[Page], address: str) -> str:
    lines = []
    for page in pages:
        changed = f"<lastmod>{page.changed}</lastmod>" if page.changed else ""
        lines.append(f"<url><loc>{_location(address, page.path)}</loc>{changed}</url>\n")
    return f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n{"".join(lines)}</urlset>\n'


def _location(address: str, path: str) -> str:
    return escape(address + quote(path, safe="/-._~!$&'()*+,;=:@%"))
