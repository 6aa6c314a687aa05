"""What is wrong, or only lonely, in the network: cycles, orphans, dangling and superseded references."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from typing import Literal as OneOf

from bpsgraph.analysis.network.impact import Step
from bpsgraph.analysis.network.links import Link, Network, Thing
from bpsgraph.terms import BASE

WITHDRAWN = f"{BASE}status/withdrawn"
STANDARD = "Standard"


@dataclass(frozen=True, slots=True)
class Cycle:
    """Things that rely on one another in a circle: how many hang together, and a shortest circle of them."""

    together: int
    first: Thing
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A standard that no one cites, or that cites nothing; `items` are those that it applies to."""

    thing: Thing
    cited_by: int
    cites: int
    items: int

    @property
    def lacks(self) -> OneOf["both", "cited-by", "cites"]:
        """Which of the two it lacks."""
        return "both" if not self.cited_by and not self.cites else "cites" if self.cited_by else "cited-by"


@dataclass(frozen=True, slots=True)
class Dangling:
    """A thing that is cited and of which nothing, or only the title, is known; `links` are who cites it."""

    thing: Thing
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Superseded:
    """A reference to what was replaced or withdrawn; `successors` are the last of those that replaced it."""

    link: Link
    cited: Thing
    successors: tuple[Thing, ...]


def cycles(network: Network) -> list[Cycle]:
    """One circle for every set of things that touch one another in a circle, the longest sets first.

    Replacements are followed apart from references: a standard that cites the one it replaces is no circle.
    """
    import networkx

    found = []
    for replacing in (False, True):
        graph = network.touching(link for link in network.links if (link.role == "replaces") is replacing)
        for component in networkx.strongly_connected_components(graph):
            first = min(component)
            if len(component) > 1 or graph.has_edge(first, first):
                found.append(Cycle(len(component), network.things[first], _circle(network, graph, first)))
    return sorted(found, key=lambda one: (-one.together, one.first.iri))


def _circle(network: Network, graph: Any, first: str) -> tuple[Step, ...]:
    import networkx

    ways = networkx.single_source_shortest_path(graph, first)
    back = min(
        (way for last, way in ways.items() if graph.has_edge(last, first)), key=lambda way: (len(way), way)
    )
    nodes = [*back, first]
    return tuple(
        Step(tuple(graph.edges[before, after]["links"]), network.things[after])
        for before, after in pairwise(nodes)
    )


def orphaned_standards(network: Network) -> list[Orphan]:
    """The standards that no document, provision or other standard cites, and those that cite nothing.

    Who cites a clause of a standard cites the standard.
    """
    whole = network.wholes
    citing: dict[str, set[str]] = {}
    cited: dict[str, set[str]] = {}
    items: dict[str, set[str]] = {}
    for link in network.links:
        source, target = whole.get(link.source, link.source), whole.get(link.target, link.target)
        if link.role == "cites" and source != target:
            citing.setdefault(target, set()).add(source)
            cited.setdefault(source, set()).add(target)
        if link.role == "applies" and network.things[link.target].kind == "ServiceItem":
            items.setdefault(link.source, set()).add(link.target)
    found = [
        Orphan(thing, *(len(sets.get(iri, ())) for sets in (citing, cited, items)))
        for iri, thing in network.things.items()
        if thing.kind == STANDARD
    ]
    order = ("both", "cited-by", "cites")
    return sorted(
        (one for one in found if not one.cited_by or not one.cites),
        key=lambda one: (order.index(one.lacks), one.thing.iri),
    )


def dangling_references(network: Network) -> list[Dangling]:
    """What is cited and not described, then what is cited and known by its title alone, by IRI.

    By its title alone means: no number, no date and no source.
    """
    citing: dict[str, list[Link]] = {}
    for link in network.links:
        if link.role == "cites":
            citing.setdefault(link.target, []).append(link)
    found = [
        Dangling(network.things[iri], tuple(links))
        for iri, links in citing.items()
        if network.things[iri].kind is None
        or (
            network.things[iri].kind in (STANDARD, "PolicyDocument")
            and not any((network.things[iri].number, network.things[iri].issued, network.things[iri].source))
        )
    ]
    return sorted(found, key=lambda one: (one.thing.kind is not None, one.thing.iri))


def superseded_references(network: Network) -> list[Superseded]:
    """The references to something that was replaced or withdrawn, by who refers and to what.

    What the successor itself says of its predecessor is none.
    """
    whole = network.wholes
    found = []
    for link in network.links:
        if link.role != "cites":
            continue
        cited = network.things[whole.get(link.target, link.target)]
        if cited.successors or cited.status == WITHDRAWN:
            last = _last(network, cited)
            if whole.get(link.source, link.source) not in {cited.iri, *cited.successors}:
                found.append(Superseded(link, cited, last))
    return sorted(found, key=lambda one: one.link)


def _last(network: Network, cited: Thing) -> tuple[Thing, ...]:
    last: dict[str, Thing] = {}
    seen = {cited.iri}
    after: Sequence[str] = cited.successors
    while after:
        following: list[str] = []
        for iri in after:
            thing = network.things.get(iri, Thing(iri))
            onward = [one for one in thing.successors if one not in seen]
            if onward:
                following += onward
            else:
                last[iri] = thing
        seen.update(after)
        after = sorted(set(following))
    return tuple(last[iri] for iri in sorted(last))
