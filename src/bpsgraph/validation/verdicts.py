"""Floors in force and verdicts, derived by the CONSTRUCTs of `queries/derive`.

The rules are in those queries; this module knows only their order. What is derived goes into graphs of its
own, so that a catalogue's graph stays what was received (MODEL.md, section 6 of the design: floors with their
intervals, and a verdict wherever a floor is not plainly met).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.results import Triples
from bpsgraph.store.base import Store, construct
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, GRAPH, XSD

STATE = BASE + "jurisdiction/100000"
SEGMENT_COVER = GRAPH + "segment-cover"
# Of the first only what a derivation needs is copied; the others have no part in it.
LEFT_OUT = tuple(
    GRAPH + name
    for name in ("divisions", "observations/", "ontology", "queries", "changes/", "withdrawn/", "totals/")
)
# What is derived for a comparison and thrown away after it.
WORKING = GRAPH + "working/"

Node = NamedNode | Literal
Parameter = Node | Sequence[Node]

_LATER = tuple(GRAPH + name for name in ("verdicts/", "peers/", "tallies/"))

# Every number of a catalogue, and where its references lead.
QUANTITIES = ("amounts", "own-percentages")
REFERENCES = ("references", "resolutions")
FLOORS = ("floors", "percentage-floors", "floor-references")
PAIRING = ("pairs", "candidates", "answers")
# How a catalogue stands to the floors, step by step.
COMPARING = ("measured-against", *PAIRING, "comparisons", "verdicts")


@dataclass(frozen=True, slots=True)
class Moment:
    """Which floors count: those in the text of an edition, of some catalogues, in force on a day, or all.

    `edition` is the IRI of a national baseline, `against` those of catalogues of places above, `day` a date.
    At most one of them is given.
    """

    edition: str | None = None
    day: date | None = None
    against: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sum(map(bool, (self.edition, self.day, self.against))) > 1:
            raise ValueError("an edition, catalogues and a day are different questions")

    def parameters(self) -> dict[str, Parameter]:
        """The parameters of the derive queries that restrict the floors."""
        if self.day:
            return {"date": Literal(self.day.isoformat(), datatype=NamedNode(XSD + "date"))}
        texts = (self.edition,) if self.edition else self.against
        return {"edition": [NamedNode(text) for text in texts]} if texts else {}


EVER = Moment()


def cover_segments(store: Store, library: Library) -> None:
    """Put into the store which segment holds which."""
    store.replace_graph(SEGMENT_COVER, _run(store, library, "segment-cover"))


def derive_quantities(store: Store, library: Library, catalogues: Sequence[str]) -> None:
    """Put into the store the comparable numbers of the catalogues, then where their references lead.

    A reference may lead into any of the catalogues, so that all numbers come first.
    """
    for name in (*QUANTITIES, *REFERENCES):
        for catalogue in catalogues:
            _derive(store, library, name, catalogue)


def derive_floors(store: Store, library: Library, owners: Iterable[str]) -> dict[str, Triples]:
    """The floors that each jurisdiction's catalogues state, with their intervals, by jurisdiction.

    Needs the quantities of those catalogues in the store; the floors are put there too. The State comes
    first, because others may state a percentage of its figures.
    """
    order = sorted(owners, key=lambda owner: (owner != STATE, owner))
    for owner in order:
        store.replace_graph(
            f"{WORKING}statements/{_key(owner)}", _run(store, library, "statements", owner=NamedNode(owner))
        )
    store.replace_graph(f"{WORKING}intervals", _run(store, library, "intervals"))
    floors = {}
    for owner in order:
        found: set[Triple] = set()
        for name in FLOORS:
            found |= _run(store, library, name, owner=NamedNode(owner)).triples
            store.replace_graph(floors_graph(owner), found)
        floors[owner] = Triples(frozenset(found))
    return floors


def derive_verdicts(store: Store, library: Library, catalogue: str, moment: Moment = EVER) -> None:
    """Put into the store how the catalogue stands to every floor of the moment: both operands, and verdicts.

    Needs the catalogue, its quantities, the floors and what they refer to in the store. The steps between are
    left there as well, since the shapes are judged over them.
    """
    restriction = moment.parameters()
    _derive(store, library, "measured-against", catalogue, **restriction)
    for name in PAIRING:
        _derive(store, library, name, catalogue)
    _derive(store, library, "comparisons", catalogue, **restriction)
    _derive(store, library, "verdicts", catalogue)


def graphs_of_verdicts(catalogue: str) -> list[str]:
    """The names of the graphs with all that `derive_verdicts` says of the verdicts on a catalogue."""
    return [_working(name, catalogue) for name in ("comparisons", "verdicts")]


def derive_peers(store: Store, library: Library, owner: str) -> Triples:
    """How the places of each level stand to the floors of a jurisdiction: number, median, median deviation.

    Needs the derived graphs of all catalogues in the store, and the floors; only groups that are large enough
    to be judged are there (`data/ttl/vocabulary/thresholds.ttl`). The tallies, how many places share a ratio,
    are put into the store as well.
    """
    store.replace_graph(tallies_graph(owner), _run(store, library, "peer-ratios", owner=NamedNode(owner)))
    return group_peers(store, library, owner)


def group_peers(store: Store, library: Library, owner: str) -> Triples:
    """What `derive_peers` gives, of the tallies that are in the store already."""
    peers = _run(store, library, "peers", owner=NamedNode(owner))
    store.replace_graph(peers_graph(owner), peers)
    deviations = _run(store, library, "peer-deviations", owner=NamedNode(owner))
    store.replace_graph(peers_graph(owner), peers.triples | deviations.triples)
    return Triples(peers.triples | deviations.triples)


def floors_graph(owner: str) -> str:
    """The name of the graph that holds the floors of a jurisdiction."""
    return f"{GRAPH}floors/{owner.rpartition('/')[2]}"


def peers_graph(owner: str) -> str:
    """The name of the graph that says how places stand to the floors of a jurisdiction."""
    return f"{GRAPH}peers/{owner.rpartition('/')[2]}"


def tallies_graph(owner: str) -> str:
    """The name of the graph that counts the places by their ratio to each floor of a jurisdiction."""
    return f"{GRAPH}tallies/{owner.rpartition('/')[2]}"


def takes_part(graph: str) -> bool:
    """Whether anything is derived from a graph, for a verdict: its source, or an earlier step."""
    return not graph.startswith((*LEFT_OUT, *_LATER)) and not is_own(graph)


def verdicts_graph(catalogue: str) -> str:
    """The name of the derived graph of a catalogue."""
    return f"{GRAPH}verdicts/{_key(catalogue).removeprefix('catalogue/')}"


def _key(iri: str) -> str:
    return iri.removeprefix(BASE)


def _derive(store: Store, library: Library, name: str, catalogue: str, **parameters: Parameter) -> None:
    text = filled(library.text(f"derive/{name}"), {"catalogue": NamedNode(catalogue), **parameters})
    store.derive(_working(name, catalogue), text)


def _working(name: str, catalogue: str) -> str:
    return f"{WORKING}{name}/{_key(catalogue)}"


def _run(store: Store, library: Library, name: str, **parameters: Parameter) -> Triples:
    return construct(store, filled(library.text(f"derive/{name}"), parameters))
