"""The network of references and replacements: what a revision touches, what matters most, what is amiss."""

from bpsgraph.analysis.network.defects import (
    cycles,
    dangling_references,
    orphaned_standards,
    superseded_references,
)
from bpsgraph.analysis.network.files import graph_text
from bpsgraph.analysis.network.impact import Impact, impact
from bpsgraph.analysis.network.importance import pagerank, ranking
from bpsgraph.analysis.network.links import Link, Network, Thing, read_network
from bpsgraph.analysis.network.tables import (
    DEFECTS,
    impact_answer,
    neighbourhood_answer,
    ranking_answer,
    summary_answer,
)

__all__ = [
    "DEFECTS",
    "Impact",
    "Link",
    "Network",
    "Thing",
    "cycles",
    "dangling_references",
    "graph_text",
    "impact",
    "impact_answer",
    "neighbourhood_answer",
    "orphaned_standards",
    "pagerank",
    "ranking",
    "ranking_answer",
    "read_network",
    "summary_answer",
    "superseded_references",
]
