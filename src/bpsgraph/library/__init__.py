"""Saved queries: the format of the files, their parameters, and the catalogue of them."""

from bpsgraph.library.answers import answer, bundled, choices, library_of, query
from bpsgraph.library.catalogue import QUERIES_GRAPH, catalogue_triples, query_iri
from bpsgraph.library.header import Chart, Column
from bpsgraph.library.saved import Library, Parameter, Query, bind, filled, load_query
from bpsgraph.library.values import Value

__all__ = [
    "QUERIES_GRAPH",
    "Chart",
    "Column",
    "Library",
    "Parameter",
    "Query",
    "Value",
    "answer",
    "bind",
    "bundled",
    "catalogue_triples",
    "choices",
    "filled",
    "library_of",
    "load_query",
    "query",
    "query_iri",
]
