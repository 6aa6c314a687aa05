"""Graphs of one's own: those that no file, no acceptance and no derivation makes, and that may be written to.

All that the project makes is below `https://w3id.org/bps/`; there `graph/default` and `graph/local/` are left
to whoever has the store. Nothing is derived from a graph of one's own.
"""

from bpsgraph.terms import GRAPH

DEFAULT = GRAPH + "default"
"""Holds what an update states in no graph; the default graph of queries is the union of all."""
LOCAL = GRAPH + "local/"
_PROJECT = GRAPH.removesuffix("graph/")


def is_own(graph: str) -> bool:
    """Whether a graph may be written to."""
    return not graph.startswith(_PROJECT) or graph == DEFAULT or graph.startswith(LOCAL)
