"""Describes one thing: what is said of it, with labels, and what points to it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import NotFound, nearest
from bpsgraph.results import Triples
from bpsgraph.store import Store, ask, construct, select
from bpsgraph.terms import ALTERNATIVE_LABEL, BASE, LABELS, Term, expand, short

SHOWN_LINKS = 5
_SIMILAR_AMONG = 50_000


@dataclass(frozen=True, slots=True)
class Link:
    """A property by which other things point here: how many do, and the first few of them by IRI."""

    predicate: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing: its triples, the links to it, and the label of every IRI in them that has one."""

    iri: str
    triples: Triples
    links: tuple[Link, ...]
    labels: dict[str, str]

    def properties(self) -> dict[str, list[Term]]:
        """The values of each property, both sorted as they are written."""
        found: dict[str, list[Term]] = {}
        for triple in sorted(self.triples, key=str):
            if not isinstance(triple.object, Triple):
                found.setdefault(triple.predicate.value, []).append(triple.object)
        return found


def describe(store: Store, name: str, language: str) -> Resource:
    """The thing called by an IRI, a key (`item/legal-aid`, `140500`), a prefixed name or a label.

    Labels are in the language (`zh` or `en`) where there are such, else in any. Raises `NotFound` with
    the names nearest to it.
    """
    iri = find(store, name)
    node = NamedNode(iri)
    triples = construct(store, f"CONSTRUCT {{ {node} ?p ?o }} WHERE {{ {node} ?p ?o }}")
    counts = select(store, f"SELECT ?p (COUNT(?s) AS ?n) WHERE {{ ?s ?p {node} }} GROUP BY ?p ORDER BY ?p")
    links = tuple(_link(store, node, row["p"], row["n"]) for row in counts)
    named = {iri} | {
        term.value for t in triples for term in (t.predicate, t.object) if isinstance(term, NamedNode)
    }
    named |= {name for link in links for name in (link.predicate, *link.examples)}
    return Resource(iri, triples, links, labels(store, named, language))


def find(store: Store, name: str) -> str:
    """The IRI of the one thing so called; raises `NotFound`, with the candidates where there are several."""
    key = f"jurisdiction/{name}" if re.fullmatch(r"[0-9]{6}", name) else name
    try:
        node = NamedNode(expand(key))
    except ValueError:
        node = None
    if node is not None and ask(store, f"ASK {{ {{ {node} ?p ?o }} UNION {{ ?s ?q {node} }} }}"):
        return node.value
    called = _called(store, f"STR(?label) = {Literal(name)}") or _called(
        store, f"CONTAINS(STR(?label), {Literal(name)})"
    )
    if len(called) == 1:
        return expand(called[0])
    raise NotFound(name, called or _similar(store, key))


def labels(store: Store, iris: Iterable[str], language: str) -> dict[str, str]:
    """The label of each IRI that has one: in the language, else without language, else in any other."""
    values = " ".join(str(NamedNode(iri)) for iri in sorted(iris))
    rows = select(store, f"SELECT ?s ?label WHERE {{ VALUES ?s {{ {values} }} ?s {_paths(LABELS)} ?label }}")
    best: dict[str, tuple[int, str]] = {}
    for row in rows:
        subject, label = row["s"], row["label"]
        if isinstance(subject, NamedNode) and isinstance(label, Literal):
            rank = 0 if label.language == language else 1 if label.language is None else 2
            best[subject.value] = min(best.get(subject.value, (3, "")), (rank, label.value))
    return {iri: label for iri, (_, label) in best.items()}


def _link(store: Store, node: NamedNode, predicate: Term | None, count: Term | None) -> Link:
    assert isinstance(predicate, NamedNode)
    assert isinstance(count, Literal)
    rows = select(
        store, f"SELECT DISTINCT ?s WHERE {{ ?s {predicate} {node} }} ORDER BY ?s LIMIT {SHOWN_LINKS}"
    )
    examples = tuple(row["s"].value for row in rows if isinstance(row["s"], NamedNode))
    return Link(predicate.value, int(count.value), examples)


def _called(store: Store, condition: str) -> list[str]:
    path = _paths((*LABELS, ALTERNATIVE_LABEL))
    where = f"?s {path} ?label FILTER({condition}) FILTER(isIRI(?s))"
    rows = select(store, f"SELECT DISTINCT ?s WHERE {{ {where} }} ORDER BY ?s LIMIT 3")
    return [short(row["s"].value) for row in rows if row["s"] is not None]


def _similar(store: Store, name: str) -> list[str]:
    of_ours = f"FILTER(STRSTARTS(STR(?s), {Literal(BASE)}))"
    rows = select(store, f"SELECT DISTINCT ?s WHERE {{ ?s a ?c {of_ours} }} LIMIT {_SIMILAR_AMONG}")
    return nearest(name, [short(row["s"].value) for row in rows if row["s"] is not None])


def _paths(predicates: Iterable[NamedNode]) -> str:
    return "|".join(str(predicate) for predicate in predicates)
