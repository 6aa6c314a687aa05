"""Graphs of one's own: those that no file, no acceptance and no derivation makes, and that may be written to.

All that the project makes is below `https://w3id.org/bps/`; there `graph/default` and `graph/local/` are left
to whoever has the store. Nothing is derived from a graph of one's own.
"""

import re

from bpsgraph.terms import GRAPH

DEFAULT = GRAPH + "default"
"""Holds what an update states in no graph; the default graph of queries is the union of all."""
LOCAL = GRAPH + "local/"
# Steps up or nowhere, written as they are or escaped.
_STEPS = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)
_PROJECT = GRAPH.removesuffix("graph/")


def is_own(graph: str) -> bool:
    """Whether a graph may be written to.

    What others may take for an IRI of the project (RFC 3986, section 6.2.2) is none of one's own.
    """
    if _STEPS.search(graph):
        return False
    return not graph.lower().startswith(_PROJECT) or graph == DEFAULT or graph.startswith(LOCAL)
