"""The one table of formats: names, media types, suffixes, and which of them hold triples."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pyoxigraph import RdfFormat

from bpsgraph.errors import BadParameter

_TOKEN = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_RANGE = re.compile(rf"\*/\*|{_TOKEN}/(?:\*|{_TOKEN})")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `rdf` is set for those that hold triples."""

    name: str
    label: str
    media_type: str
    suffixes: tuple[str, ...]
    rdf: RdfFormat | None = None


FORMATS = {
    format.name: format
    for format in (
        Format("turtle", "Turtle", "text/turtle", (".ttl",), RdfFormat.TURTLE),
        Format("jsonld", "JSON-LD", "application/ld+json", (".jsonld",), RdfFormat.JSON_LD),
        Format("ntriples", "N-Triples", "application/n-triples", (".nt",), RdfFormat.N_TRIPLES),
        Format("rdfxml", "RDF/XML", "application/rdf+xml", (".rdf", ".owl", ".xml"), RdfFormat.RDF_XML),
        Format("markdown", "Markdown", "text/markdown", (".md",)),
        Format("table", "table", "text/plain", (".txt",)),
        Format("text", "text", "text/plain", (".txt",)),
        Format("html", "HTML", "text/html", (".html", ".htm")),
        Format(
            "xlsx",
            "Excel workbook",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (".xlsx", ".xlsm"),
        ),
        Format("xml", "SPARQL results XML", "application/sparql-results+xml", (".srx",)),
        # The suffix of all XML; among the formats of reports there is no other.
        Format("junit", "JUnit XML", "application/xml", (".xml",)),
        Format("sarif", "SARIF", "application/sarif+json", (".sarif",)),
        Format("csv", "CSV", "text/csv", (".csv",)),
        Format("tsv", "TSV", "text/tab-separated-values", (".tsv",)),
        Format("parquet", "Parquet", "application/vnd.apache.parquet", (".parquet",)),
        Format("vega-lite", "Vega-Lite", "application/vnd.vegalite.v5+json", (".vl.json",)),
        Format("svg", "SVG", "image/svg+xml", (".svg",)),
        Format("atom", "Atom feed", "application/atom+xml", (".atom",)),
        Format("png", "PNG", "image/png", (".png",)),
        Format("json", "SPARQL results JSON", "application/sparql-results+json", (".json", ".srj")),
    )
}
# What holds named graphs, which no single answer has: dumps are written in them.
DATASET_FORMATS = {
    format.name: format
    for format in (
        Format("nquads", "N-Quads", "application/n-quads", (".nq",), RdfFormat.N_QUADS),
        Format("trig", "TriG", "application/trig", (".trig",), RdfFormat.TRIG),
    )
}
RDF_FORMATS = tuple(name for name, format in FORMATS.items() if format.rdf is not None)
INPUT_FORMATS = (*RDF_FORMATS, "xlsx", "csv", "tsv")


def by_name(name: str, offers: Iterable[str]) -> Format:
    """The format of that name among those on offer; raises `BadParameter` with the names to choose from."""
    offers = tuple(offers)
    if name not in offers:
        choices = f"choose one of: {', '.join(offers)}"
        raise BadParameter("--format", f"{name!r} is not a format here", choices)
    return FORMATS[name]


def by_suffix(path: str | PurePath, offers: Iterable[str]) -> Format | None:
    """The format on offer whose suffix the path has, or None."""
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    # The longest first: `chart.vl.json` is a chart, `rows.json` are rows, and so are `rows.2023.json`.
    for suffix in ("".join(suffixes[-2:]), *suffixes[-1:]):
        for name in offers:
            if suffix in FORMATS[name].suffixes:
                return FORMATS[name]
    return None


def negotiate(accept: str, offers: Sequence[Format]) -> Format | None:
    """The format on offer that an `Accept` header likes best, the first of equals; None where it likes none.

    Without a header, or with one that cannot be read, the first on offer (RFC 9110, section 12.5.1).
    """
    wishes = list(_wishes(accept))
    if not wishes:
        return offers[0]
    liked = [(_quality(format.media_type, wishes), -place) for place, format in enumerate(offers)]
    quality, place = max(liked)
    return offers[-place] if quality > 0 else None


def _wishes(accept: str) -> Iterator[tuple[str, float]]:
    """The media ranges of the header, each with its weight; those that cannot be read are left out."""
    for part in accept.split(","):
        range, *parameters = (one.strip().lower() for one in part.split(";"))
        weights = [value for name, _, value in (one.partition("=") for one in parameters) if name == "q"]
        weight = weights[0] if weights else "1"
        if _RANGE.fullmatch(range) and _WEIGHT.fullmatch(weight):
            yield range, float(weight)


def _quality(media_type: str, wishes: Iterable[tuple[str, float]]) -> float:
    """The weight of the most specific range that the media type is in; 0 where it is in none."""
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    weights = dict(reversed(list(wishes)))
    return next((weights[range] for range in ranges if range in weights), 0.0)
