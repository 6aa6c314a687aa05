"""Saved queries: the format of the files, their parameters, and the catalogue of them."""

from bpsgraph.library.saved import Library, Parameter, Query, bind, load_query

__all__ = ["Library", "Parameter", "Query", "bind", "load_query"]
