"""The one table of formats: names, media types, suffixes, and which of them hold triples."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from pyoxigraph import RdfFormat

from bpsgraph.errors import BadParameter


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
