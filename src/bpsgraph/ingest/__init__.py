"""Reading what people submit: a file in hand becomes triples, with where each thing stands in the file."""

from bpsgraph.ingest.files import content_of, read, read_content
from bpsgraph.ingest.rdf import parse
from bpsgraph.ingest.submission import Place, Places, Remark, Submission
from bpsgraph.ingest.unnamed import with_names

__all__ = [
    "Place",
    "Places",
    "Remark",
    "Submission",
    "content_of",
    "parse",
    "read",
    "read_content",
    "with_names",
]
