"""Reading what people submit: a file in hand becomes triples, with where each thing stands in the file."""

from bpsgraph.ingest.files import read
from bpsgraph.ingest.rdf import parse
from bpsgraph.ingest.submission import Place, Places, Remark, Submission
from bpsgraph.ingest.unnamed import with_names

__all__ = ["Place", "Places", "Remark", "Submission", "parse", "read", "with_names"]
