"""Search over the names in a store: of items, places, catalogues, standards, documents, rules and terms.

What is found, and by which names, is asked by `queries/vocabulary/searchable-kinds.rq` and
`queries/derive/searchable-names.rq`.
"""

from bpsgraph.publishing.searching.found import Found, Hit, Kind, Match
from bpsgraph.publishing.searching.index import Index
from bpsgraph.publishing.searching.names import index_of, kept_beside

__all__ = ["Found", "Hit", "Index", "Kind", "Match", "index_of", "kept_beside"]
