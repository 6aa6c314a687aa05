"""A part of the network as it is drawn, and as the list that says the same."""

from dataclasses import dataclass, replace

from bpsgraph.analysis.network import Network, Thing, read_network
from bpsgraph.terms import short
from bpsgraph.web.view import View

_LARGEST = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the list: what it is, how it is linked to the others; `ended` if it was replaced."""

    key: str
    label: str
    kind: str
    href: str
    ways: tuple[str, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """What `static/js/network.js` draws, and its list; `left_out` things were too many to draw."""

    name: str
    entries: tuple[Entry, ...]
    drawn: dict[str, object]
    left_out: int = 0


def network_of(view: View) -> Network:
    """The network of the snapshot, read once."""
    return view.snapshot.kept("network", lambda: read_network(view.snapshot.store))


def graph_of(view: View, part: Network, centre: str | None, name: str = "graph") -> Graph:
    """The part of the network around a thing; of more than 120 things the nearest to it are kept.

    Clauses stand for the document or standard that they are of, save one that is the centre.
    """
    whole = _folded(part, centre)
    kept = _nearest(whole, centre)
    shown = whole.among(kept)
    kinds = {thing.kind or "": view.say(thing.kind_words) for thing in shown.things.values()}
    weights = dict.fromkeys(shown.things, 1)
    ways: dict[str, list[str]] = {iri: [] for iri in shown.things}
    edges = {}
    for link in shown.links:
        weights[link.revised] += 1
        words = view.say(link.words)
        edges[link.source, link.target, words] = {
            "source": short(link.source),
            "target": short(link.target),
            "label": words,
        }
        # `words` are read from the end that is revised: GB/T 1 is cited by GB/T 2.
        ways[link.revised].append(f"{words} {_called(view, shown.things[link.reached])}")
    nodes = [
        {
            "id": short(iri),
            "label": _called(view, thing),
            "kind": thing.kind or "",
            "href": view.href(iri),
            "weight": weights[iri],
            "centre": iri == centre,
        }
        for iri, thing in shown.things.items()
    ]
    entries = tuple(
        Entry(
            short(iri),
            _called(view, thing),
            view.say(thing.kind_words),
            view.href(iri) if iri != centre else "",
            tuple(dict.fromkeys(ways[iri])),
            _ended(thing),
        )
        for iri, thing in sorted(shown.things.items(), key=lambda one: (one[0] != centre, one[0]))
    )
    drawn: dict[str, object] = {
        "layout": "concentric" if centre else "cose",
        "kinds": dict(sorted(kinds.items())),
        "nodes": nodes,
        "edges": list(edges.values()),
    }
    return Graph(name, entries, drawn, len(whole.things) - len(kept))


def _folded(part: Network, centre: str | None) -> Network:
    def of(iri: str) -> str:
        whole = part.wholes.get(iri, iri)
        return whole if iri != centre and whole in part.things else iri

    links = {replace(link, source=of(link.source), target=of(link.target)) for link in part.links}
    things = {iri: thing for iri, thing in part.things.items() if of(iri) == iri}
    return Network(
        things, tuple(sorted(link for link in links if link.source != link.target)), part.verifications
    )


def _nearest(part: Network, centre: str | None) -> list[str]:
    if len(part.things) <= _LARGEST:
        return list(part.things)
    if centre is None:
        return list(part.things)[:_LARGEST]
    import networkx

    lengths = networkx.single_source_shortest_path_length(part.graph.to_undirected(as_view=True), centre)
    return sorted(lengths, key=lambda iri: (lengths[iri], iri))[:_LARGEST]


def _called(view: View, thing: Thing) -> str:
    return view.say(thing.called)


def _ended(thing: Thing) -> bool:
    return bool(thing.successors) or (thing.status or "").endswith("status/withdrawn")
