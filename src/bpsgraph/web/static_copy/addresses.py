"""Addresses of the site and the files that stand for them in a copy.

A page is `<path>/index.html`, so that it is found at its own address, whether or not things lie below it; the
English one lies below `en/`. Data lies at its address as it is.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from bpsgraph.formats import FORMATS, by_suffix
from bpsgraph.terms import BASE, GRAPH

DYNAMIC = ("/search", "/suggest", "/sparql", "/store", "/validate", "/feedback", "/health", "/metrics")
"""Where the server works something out from what it is given: a copy has a page there that says so."""
NEEDS_SERVER = "/needs-server"
_SAFE = "/-._~!$&'()*+,;=:@"
# Data that are the same in both languages; tables have headings, feeds and drawings have words.
_NEUTRAL = (".ttl", ".jsonld", ".nt", ".rdf", ".json", ".tsv", ".gz", ".xml", ".txt", ".parquet", ".rq")
_NEUTRAL_BELOW = ("/static/", "/.well-known/", "/dumps/", "/contexts/")
_OTHER_DATA = (".gz", ".xml", ".txt", ".rq")
# Queries that say no more than which copy of a file is meant.
_NO_MATTER = {"lang", "page", "v"}


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Something to be had at an address: its path, the language it is asked in, and which page of it."""

    path: str
    language: str = "zh"
    page: int = 1

    @classmethod
    def at(cls, path: str, language: str, page: int = 1) -> "Target":
        """The target; what is the same in both languages counts as Chinese."""
        neutral = path.endswith(_NEUTRAL) or path.startswith(_NEUTRAL_BELOW)
        return cls(path, "zh" if neutral else language, page)

    @property
    def query(self) -> str:
        """The query string that it is asked with."""
        asked = ["lang=en"] if self.language == "en" else []
        return "&".join(asked + ([f"page={self.page}"] if self.page > 1 else []))

    @property
    def address(self) -> str:
        """Where it is in the copy, as it stands in a link."""
        return quote(self._place, safe=_SAFE)

    @property
    def _place(self) -> str:
        path = f"/en{self.path}" if self.language == "en" else self.path
        if self.page == 1:
            return path
        if is_data(self.path):
            stem, dot, suffix = path.rpartition(".")
            return f"{stem}_page={self.page}{dot}{suffix}"
        return f"{path.rstrip('/')}/_page={self.page}"

    def file(self, *, html: bool) -> PurePosixPath:
        """The file that holds it, below the folder of the copy; raises `ValueError` where none can."""
        parts = [part for part in self._place.split("/") if part]
        if any(part in (".", "..") or "\0" in part or len(part.encode()) > 255 for part in parts):
            raise ValueError(self.path)
        if html and not self.path.endswith((".html", ".htm")):
            parts.append("index.html")
        return PurePosixPath(*parts)


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds: the graphs that have files of their own, and without what lies below which paths."""

    stated_graphs: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()

    def lacks(self, path: str) -> bool:
        """Whether what is at the path is left out, in whatever format."""
        left_out = (one.rstrip("/") for one in self.without)
        return any(path == one or path.startswith((f"{one}/", f"{one}.")) for one in left_out)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands in the copy; `target` is what it leads to there, None for what is outside.

    `narrowed` where the site would have shown less, or something else, by what the link asks.
    """

    text: str
    target: Target | None = None
    narrowed: bool = False


def is_data(path: str) -> bool:
    """Whether the path is that of data, by its suffix, and not that of a page."""
    name = path.rpartition("/")[2]
    format = by_suffix(name, FORMATS)
    return name.endswith(_OTHER_DATA) or (format is not None and format.name != "html")


def link(text: str, here: Target, copy: Copy) -> Link:
    """A link on the page `here` of the site, as it is in the copy."""
    if not text or text.startswith(("#", "//")):
        return Link(text)
    parts = urlsplit(urljoin(here.path, text))
    if parts.scheme or parts.netloc:
        return Link(text)
    asked = parse_qs(parts.query, keep_blank_values=True)
    language = asked.get("lang", [here.language])[0]
    path, hash = unquote(parts.path), f"#{parts.fragment}" if parts.fragment else ""
    if path.startswith("/static/"):
        return Link(text, Target(path))
    if path == "/store" and asked.get("graph", [""])[0] in copy.stated_graphs:
        target = Target(f"/dumps/graph/{asked['graph'][0].removeprefix(GRAPH)}.ttl.gz")
        return Link(target.address, target)
    if path.startswith("/id/"):
        path = "/doc/" + path.removeprefix("/id/")
    if copy.lacks(path):
        path = NEEDS_SERVER
    narrowed = not asked.keys() <= _NO_MATTER
    number = asked.get("page", ["1"])[0]
    page = int(number) if number.isascii() and number.isdigit() and not narrowed else 1
    target = Target.at(path, language if language == "en" else "zh", max(1, page))
    return Link(target.address + hash, target, narrowed)


def document(iri: str, suffix: str = "") -> str:
    """The path of the document of a thing of ours."""
    return f"/doc/{iri.removeprefix(BASE)}{suffix}"


def is_dynamic(path: str) -> bool:
    """Whether only a server can answer there."""
    return path.startswith(tuple(f"{one}/" for one in DYNAMIC)) or path in (*DYNAMIC, NEEDS_SERVER)
