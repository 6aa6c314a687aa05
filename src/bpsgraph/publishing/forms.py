"""The formats in which a document is to be had, each with its registered media type and its suffix."""

from collections.abc import Iterable

from pyoxigraph import RdfFormat, Triple

from bpsgraph import serialisation
from bpsgraph.formats import FORMATS, Format
from bpsgraph.publishing import jsonld
from bpsgraph.publishing.jsonld import Context

HTML = FORMATS["html"]
JSON = Format("plain-json", "JSON", "application/json", (".json",), RdfFormat.JSON_LD)
"""JSON-LD for whoever asks for JSON: the same bytes, which carry their context."""
RDF_FORMS = (FORMATS["turtle"], FORMATS["jsonld"], FORMATS["ntriples"], FORMATS["rdfxml"], JSON)
FORMS = (HTML, *RDF_FORMS)
"""Every format of a document, the one that is given to who has no wish first."""


def suffix(form: Format) -> str:
    """The suffix under which the document is to be had in this format, with its dot."""
    return form.suffixes[0]


def split(path: str) -> tuple[str, Format | None]:
    """The path without the suffix of a format, and that format; the path and None where it has none."""
    for form in FORMS:
        if path.endswith(suffix(form)) and len(path) > len(suffix(form)):
            return path.removesuffix(suffix(form)), form
    return path, None


def written(triples: Iterable[Triple], form: Format, context: Context, thing: str | None = None) -> str:
    """The triples in a format of RDF; in JSON the thing, by its IRI, stands at the top.

    Raises `BadParameter` for what RDF/XML cannot say.
    """
    if form.rdf == RdfFormat.JSON_LD:
        return jsonld.text(triples, context, thing)
    return serialisation.text(triples, form)
