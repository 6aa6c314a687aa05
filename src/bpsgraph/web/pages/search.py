"""What was found under a name, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.publishing.searching import Found, Hit, Index, index_of, kept_beside
from bpsgraph.publishing.searching.index import LONGEST_QUERY
from bpsgraph.terms import BASE
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import View

PER_PAGE = 20
SUGGESTED = 8
_PLACE = BASE + "jurisdiction/"
_QUERY = BASE + "query/"
# One of each kind of name, in the words of the page's language.
_EXAMPLES = {
    "zh": ("营养餐", "法律援助", "晋城", "140500", "GB/T 43507", "中办发〔2018〕55号"),
    "en": ("legal aid", "school meals", "Jincheng", "140500", "GB/T 43507", "elderly care"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One hit: its name and address, the name that answers where it is another, what tells it from others."""

    name: str
    href: str
    iri: str
    kind: str
    kind_key: str
    matched: str
    role: str
    match: str
    code: str
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A kind to narrow the search to; `key` is empty for all kinds."""

    key: str
    name: str
    count: int
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in the hits one is; an address is empty where there is no such page."""

    number: int
    count: int
    first: str = ""
    before: str = ""
    after: str = ""
    last: str = ""

    def links(self) -> Mapping[str, str]:
        """The addresses by their relation (RFC 8288, and the registry of link relations)."""
        named = {"first": self.first, "prev": self.before, "next": self.after, "last": self.last}
        return {relation: address for relation, address in named.items() if address}


@dataclass(frozen=True, slots=True)
class Search:
    """The page of a search; `facets` are empty before anything was typed."""

    query: str
    kind: str
    total: int
    entries: tuple[Entry, ...]
    facets: tuple[Facet, ...]
    nearest: tuple[Entry, ...]
    pages: Pages
    examples: tuple[tuple[str, str], ...]
    as_json: str

    def data(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "query": self.query,
            "kind": self.kind or None,
            "total": self.total,
            "page": self.pages.number,
            "pages": self.pages.count,
            "links": dict(self.pages.links()),
            "kinds": [
                {"kind": facet.key, "name": facet.name, "count": facet.count, "href": facet.href}
                for facet in self.facets
                if facet.key
            ],
            "hits": [_datum(entry) for entry in self.entries],
            "nearest": [_datum(entry) for entry in self.nearest],
        }


def index_for(snapshot: Snapshot) -> Index:
    """The index of a generation, kept beside the store, else made when it is first asked for."""
    return snapshot.kept(
        "search",
        lambda: index_of(
            snapshot.store, snapshot.library, snapshot.sources.shapes(), kept_beside(snapshot.path)
        ),
    )


def search(view: View) -> Search:
    """The page for `q`, `kind` and `page` of the address.

    Raises `BadParameter` for a kind that does not exist and a page that is no number or behind the last.
    """
    index = index_for(view.snapshot)
    query = view.parameters.get("q", "").strip()[:LONGEST_QUERY]
    kind = _kind(view, index)
    number = _number(view)
    found = index.search(query, kinds=[kind] if kind else (), first=(number - 1) * PER_PAGE, most=PER_PAGE)
    count = max(1, ceil(found.total / PER_PAGE))
    if number > count:
        raise BadParameter("page", f"there is no page {number}", f"choose one from 1 to {count}")
    return Search(
        query=query,
        kind=kind,
        total=found.total,
        entries=entries_of(view, found.hits),
        facets=_facets(view, found, query, kind),
        nearest=entries_of(view, found.nearest),
        pages=Pages(
            number,
            count,
            first=_address(view, query, kind) if count > 1 else "",
            before=_address(view, query, kind, number - 1) if number > 1 else "",
            after=_address(view, query, kind, number + 1) if number < count else "",
            last=_address(view, query, kind, count) if count > 1 else "",
        ),
        examples=tuple((text, _address(view, text, "")) for text in _EXAMPLES[view.language]),
        as_json=view.link("/search", **_asked(query, kind, number), format="json"),
    )


def suggested(view: View, text: str) -> tuple[Entry, ...]:
    """What one may be about to type."""
    return entries_of(view, index_for(view.snapshot).suggest(text, SUGGESTED))


def entries_of(view: View, hits: tuple[Hit, ...]) -> tuple[Entry, ...]:
    """The hits in the language of the page."""
    above = {iri: places_above(iri) for iri in (hit.iri for hit in hits) if iri.startswith(_PLACE)}
    called = view.labels({place for places in above.values() for place in places}) if above else {}
    return tuple(
        _entry(view, hit, tuple(called[place] for place in above.get(hit.iri, ()) if place in called))
        for hit in hits
    )


def places_above(iri: str) -> tuple[str, ...]:
    """The province and the prefecture of a place, as its code says (GB/T 2260); none for a province."""
    code = iri.removeprefix(_PLACE)
    if len(code) != 6 or not code.isdecimal() or code.endswith("0000"):
        return ()
    above = [code[:2] + "0000", *([code[:4] + "00"] if not code.endswith("00") else [])]
    return tuple(_PLACE + one for one in above)


def _entry(view: View, hit: Hit, within: tuple[str, ...]) -> Entry:
    name = view.say(hit.label)
    key = hit.iri.removeprefix(BASE).partition("/")[2] if hit.iri.startswith(BASE) else ""
    query = hit.iri.removeprefix(_QUERY) if hit.iri.startswith(_QUERY) else ""
    return Entry(
        name=name,
        href=view.link("/queries/" + query) if query else view.href(hit.iri),
        iri=hit.iri,
        kind=view.say(hit.kind.name),
        kind_key=hit.kind.key,
        matched=hit.matched if hit.matched not in (name, key) else "",
        role=hit.role,
        match=hit.match.name.lower(),
        code=key,
        within=within,
    )


def _datum(entry: Entry) -> dict[str, Any]:
    return {
        "iri": entry.iri,
        "href": entry.href,
        "kind": entry.kind_key,
        "name": entry.name,
        "key": entry.code,
        "within": list(entry.within),
        "matched": entry.matched or entry.name,
        "role": entry.role,
        "match": entry.match,
    }


def _kind(view: View, index: Index) -> str:
    asked = view.parameters.get("kind", "")
    known = [kind.key for kind in index.kinds]
    if asked and asked not in known:
        cure = did_you_mean(asked, known, f"choose one of: {', '.join(known)}")
        raise BadParameter("kind", f"{asked!r} is no kind of thing", cure)
    return asked


def _number(view: View) -> int:
    asked = view.parameters.get("page") or "1"
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 9 and int(asked) > 0):
        raise BadParameter("page", f"{asked!r} is no number of a page", "give a whole number from 1")
    return int(asked)


def _facets(view: View, found: Found, query: str, kind: str) -> tuple[Facet, ...]:
    if not found.facets:
        return ()
    counted = [
        Facet(one.key, view.say(one.name), count, _address(view, query, one.key), one.key == kind)
        for one, count in found.facets
    ]
    everything = sum(count for _, count in found.facets)
    return (Facet("", "", everything, _address(view, query, ""), not kind), *counted)


def _asked(query: str, kind: str, number: int = 1) -> dict[str, str]:
    asked = {"q": query, "kind": kind, "page": str(number) if number > 1 else ""}
    return {name: value for name, value in asked.items() if value}


def _address(view: View, query: str, kind: str, number: int = 1) -> str:
    return view.link("/search", **_asked(query, kind, number))
