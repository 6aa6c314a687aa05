"""The network as it is read from a store: things, and the links between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from typing import Literal as OneOf

from pyoxigraph import NamedNode

from bpsgraph.errors import NotFound, nearest
from bpsgraph.ingest.names import folded
from bpsgraph.library import query
from bpsgraph.results import Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, BPS, Term, expand, short

LINKS = "analysis/network-links"
THINGS = "analysis/network-things"
CODES = "vocabulary/codes"
_KNOWN_BY_NUMBER = frozenset({"Standard", "PolicyDocument", "Clause"})
# What a thing is that is linked to and of which nothing is said.
UNDESCRIBED = Text("未描述", "not described")

Role = OneOf["cites", "replaces", "applies", "lists", "contains"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of the network; `successors` are the things that replaced it, by IRI."""

    iri: str
    kind: str | None = None
    kind_words: Text = UNDESCRIBED
    name: Text | None = None
    number: str | None = None
    issued: str | None = None
    until: str | None = None
    status: str | None = None
    source: str | None = None
    successors: tuple[str, ...] = ()

    @property
    def called(self) -> Text:
        """Its name, with the number of a standard, a document or a clause before it, or else its key."""
        number = self.number if self.kind in _KNOWN_BY_NUMBER else None

        def said(name: str | None) -> str:
            return " ".join(dict.fromkeys(part for part in (number, name) if part)) or short(self.iri)

        return Text(said(self.name.zh if self.name else None), said(self.name.en if self.name else None))


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One link as one named graph states it.

    `touched` is the end that a revision of the other end touches; `words` are read from that other end.
    """

    source: str
    target: str
    relation: str
    graph: str
    role: Role
    touched: OneOf["source", "target"]
    words: Text = field(compare=False)
    verification: str | None = field(compare=False)

    @property
    def revised(self) -> str:
        """The end whose revision touches the other."""
        return self.target if self.touched == "source" else self.source

    @property
    def reached(self) -> str:
        """The end that is touched."""
        return self.source if self.touched == "source" else self.target


@dataclass(frozen=True)
class Network:
    """Things by IRI and the links between them, both sorted; `verifications` has the words of that code list.

    Every end of a link is among the things.
    """

    things: Mapping[str, Thing]
    links: tuple[Link, ...]
    verifications: Mapping[str, Text] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Any:
        """The links as they are stated: a networkx.MultiDiGraph of IRIs whose edges carry their `link`."""
        import networkx

        graph = networkx.MultiDiGraph()
        graph.add_nodes_from(self.things)
        for link in self.links:
            graph.add_edge(link.source, link.target, link=link)
        return graph

    @cached_property
    def touches(self) -> Any:
        """Who touches whom: a networkx.DiGraph from the revised to what it touches, with the `links`."""
        return self.touching(self.links)

    @cached_property
    def wholes(self) -> Mapping[str, str]:
        """The document or standard of every clause, by IRI; of a clause within a clause the outermost."""
        above: dict[str, set[str]] = {}
        for link in self.links:
            if link.role == "contains" and self.things[link.source].kind == "Clause":
                above.setdefault(link.source, set()).add(link.target)
        found = {}
        for clause in above:
            seen, last = {clause}, clause
            # Where a clause names its document too, that is the shortest of the two keys.
            while further := sorted(above.get(last, set()) - seen, key=lambda iri: (len(iri), iri)):
                last = further[0]
                seen.add(last)
            found[clause] = last
        return found

    def touching(self, links: Iterable[Link]) -> Any:
        """The networkx.DiGraph of these links alone, from what is revised to what that touches."""
        import networkx

        graph = networkx.DiGraph()
        graph.add_nodes_from(self.things)
        for link in sorted(links, key=lambda one: (one.revised, one.reached, one.relation, one.graph)):
            if not graph.has_edge(link.revised, link.reached):
                graph.add_edge(link.revised, link.reached, links=[])
            graph.edges[link.revised, link.reached]["links"].append(link)
        return graph

    def find(self, name: str) -> Thing:
        """The thing by its IRI, key (`GB-T-28220-2023`), number (`GB/T 28220-2023`) or name.

        Raises `NotFound`, with the candidates where there are several.
        """
        try:
            iri = NamedNode(expand(name)).value
        except ValueError:
            iri = ""
        if iri in self.things:
            return self.things[iri]
        wanted = folded(name)
        things = self.things.values()
        for found in (
            [thing for thing in things if name == short(thing.iri).partition("/")[2]],
            [thing for thing in things if wanted in map(folded, (thing.number or "", *_names(thing)))],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                raise NotFound(name, [short(thing.iri) for thing in found[:3]])
        known_names = {word: thing for thing in self.things.values() for word in _words(thing)}
        similar = [short(known_names[word].iri) for word in nearest(name, known_names)]
        raise NotFound(name, dict.fromkeys(similar))

    def around(self, iri: str, distance: int) -> "Network":
        """What stands at most so many links away, in whichever direction, and the links among these."""
        import networkx

        near = networkx.ego_graph(self.graph.to_undirected(as_view=True), iri, radius=distance).nodes
        return self.among(near)

    def among(self, iris: Iterable[str]) -> "Network":
        """These things alone and the links among them."""
        kept = set(iris)
        return Network(
            {iri: thing for iri, thing in self.things.items() if iri in kept},
            tuple(link for link in self.links if link.source in kept and link.target in kept),
            self.verifications,
        )


def _names(thing: Thing) -> tuple[str, ...]:
    return (thing.name.zh, thing.name.en) if thing.name else ()


def _words(thing: Thing) -> list[str]:
    return [word for word in (short(thing.iri).partition("/")[2], thing.number, *_names(thing)) if word]


def read_network(store: Store) -> Network:
    """The network of a store, by the saved queries `analysis/network-links` and `analysis/network-things`."""
    links = sorted(
        {
            Link(
                source=_value(row["source"]),
                target=_value(row["target"]),
                relation=_value(row["relation"]),
                graph=_value(row["graph"]),
                role=_value(row["role"]),  # type: ignore[arg-type]
                touched=_value(row["touched"]),  # type: ignore[arg-type]
                words=Text(_value(row["words_zh"]), _value(row["words_en"])),
                verification=_value(row["verification"]) or None,
            )
            for row in query(store, LINKS)
        }
    )
    things: dict[str, Thing] = {}
    for row in query(store, THINGS):
        successor = _value(row["successor"])
        known = things.get(_value(row["thing"]))
        if known is None:
            known = _thing(row)
        successors = sorted({*known.successors, successor} - {""})
        things[known.iri] = Thing(**{**_fields(known), "successors": tuple(successors)})
    for link in links:
        for end in (link.source, link.target):
            things.setdefault(end, Thing(end))
    words = {
        _value(row["code"]): Text(_value(row["code_zh"]), _value(row["code_en"]))
        for row in query(store, CODES, list=f"{BASE}scheme/verification")
    }
    return Network(dict(sorted(things.items())), tuple(links), words)


def _thing(row: Mapping[str, Term | None]) -> Thing:
    zh, en = _value(row["name_zh"]), _value(row["name_en"])
    return Thing(
        iri=_value(row["thing"]),
        kind=_value(row["kind"]).removeprefix(BPS),
        kind_words=Text(_value(row["kind_zh"]), _value(row["kind_en"])),
        name=Text(zh or en, en or zh) if zh or en else None,
        number=_value(row["number"]) or None,
        issued=_value(row["issued"]) or None,
        until=_value(row["until"]) or None,
        status=_value(row["status"]) or None,
        source=_value(row["source"]) or None,
    )


def _fields(thing: Thing) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in Thing.__slots__}


def _value(term: Term | None) -> str:
    return "" if term is None else term.value
