"""Reading what people submit: a file in hand becomes triples, with where each thing stands in the file."""

from bpsgraph.ingest.rdf import parse, read
from bpsgraph.ingest.submission import Submission

__all__ = ["Submission", "parse", "read"]
