"""What matters most: PageRank and in-degree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bpsgraph.analysis.network.links import Network, Thing

DAMPING = 0.85
_TOLERANCE = 1e-12
_MOST_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Ranked:
    """One thing with its PageRank, how many rely on it directly, and how many directly or through others."""

    thing: Thing
    pagerank: float
    direct: int
    reach: int


def pagerank(relied_on: Mapping[str, Sequence[str]], damping: float = DAMPING) -> dict[str, float]:
    """The PageRank of each key, where `relied_on` says on what it relies (keys, each once); the sum is 1.

    The power iteration of Page, Brin, Motwani and Winograd, The PageRank Citation Ranking (1998); what relies
    on nothing gives its share to all alike, as networkx has it. Written out because networkx needs scipy
    for it. Sums are exact and nodes taken in order, so that the result does not depend on their order.
    """
    nodes = sorted(relied_on)
    if not nodes:
        return {}
    size = len(nodes)
    relying: dict[str, list[tuple[str, int]]] = {node: [] for node in nodes}
    for node in nodes:
        for target in relied_on[node]:
            relying[target].append((node, len(relied_on[node])))
    idle = [node for node in nodes if not relied_on[node]]
    score = dict.fromkeys(nodes, 1 / size)
    for _ in range(_MOST_ROUNDS):
        for_all = (1 - damping) / size + damping * math.fsum(score[node] for node in idle) / size
        after = {
            node: for_all + damping * math.fsum(score[other] / number for other, number in relying[node])
            for node in nodes
        }
        change = math.fsum(abs(after[node] - score[node]) for node in nodes)
        score = after
        if change < _TOLERANCE:
            break
    return score


def ranking(network: Network, by: str = "pagerank", kind: str | None = None) -> list[Ranked]:
    """The things that are relied on, the weightiest first: by `pagerank` or by `in-degree`.

    A thing relies on what touches it when revised. A clause counts as its document, so that a document is
    not weightier for being long. `kind` restricts the list, not what is counted.
    """
    import networkx

    touches = _without_clauses(network)
    scores = pagerank({iri: sorted(touches.predecessors(iri)) for iri in touches})
    found = [
        Ranked(thing, scores[iri], touches.out_degree(iri), len(networkx.descendants(touches, iri)))
        for iri, thing in network.things.items()
        if iri in touches and touches.out_degree(iri) and kind in (None, thing.kind)
    ]

    def order(one: Ranked) -> tuple[float, float, str]:
        first, second = (one.direct, one.pagerank) if by == "in-degree" else (one.pagerank, one.direct)
        return (-round(first, 9), -round(second, 9), one.thing.iri)

    return sorted(found, key=order)


def _without_clauses(network: Network) -> Any:
    import networkx

    whole = network.wholes
    graph = networkx.DiGraph()
    graph.add_nodes_from(whole.get(iri, iri) for iri in network.things)
    for link in network.links:
        revised, reached = whole.get(link.revised, link.revised), whole.get(link.reached, link.reached)
        if revised != reached:
            graph.add_edge(revised, reached)
    return graph
