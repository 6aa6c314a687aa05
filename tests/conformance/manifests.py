"""Reads the manifests of the W3C suites (http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#)."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from bpsgraph.terms import RDF, Term

VARIABLE = "BPSGRAPH_W3C_TESTS"
_PROJECT = Path(__file__).resolve().parents[2]
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
# Where the suites are published: what they name relative to a file is named from there.
_PUBLISHED = {
    "sparql11": "https://w3c.github.io/rdf-tests/sparql/sparql11/",
    "shacl": "https://w3c.github.io/data-shapes/data-shapes-test-suite/tests/",
    "rdf-xml": "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-xml/",
}


class Kind(StrEnum):
    """In what way something differs from what a test expects."""

    ANSWER = "another answer"
    SPELLING = "the same values in another lexical form"
    REFUSED = "refused"
    ACCEPTED = "accepted, though it is to be refused"
    FAILED = "the engine cannot run it"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Problem:
    """What differs, in words."""

    kind: Kind
    words: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}" if self.words else str(self.kind)


@dataclass(frozen=True)
class Case:
    """One test of a suite; `run` says what differs from what is expected, or None."""

    suite: str
    name: str
    run: Callable[[], Problem | None]


def folder() -> Path | None:
    """Where the suites are: `$BPSGRAPH_W3C_TESTS`, else `../shared/w3c` beside the project; None without."""
    named = os.environ.get(VARIABLE)
    place = Path(named) if named else _PROJECT.parent / "shared" / "w3c"
    return place.resolve() if (place / "sparql11").is_dir() else None


def absence() -> str:
    """Why nothing of the suites can run here."""
    return f"the suites of the W3C are not here: name their folder in {VARIABLE}"


@dataclass(frozen=True)
class Place:
    """The root of the suites, with the way from files to their published IRIs and back."""

    root: Path

    def iri(self, file: Path) -> str:
        """The IRI under which a file is published."""
        suite, *below = file.relative_to(self.root).parts
        return _PUBLISHED[suite] + "/".join(below)

    def file(self, term: Term | None) -> Path:
        """The file of an IRI, which may have a fragment."""
        assert isinstance(term, NamedNode), term
        for suite, start in _PUBLISHED.items():
            if term.value.startswith(start):
                return self.root / suite / term.value.removeprefix(start).partition("#")[0]
        raise ValueError(f"{term} is in no suite")

    def triples(self, file: Path) -> tuple[Triple, ...]:
        """The triples of a file of RDF; blank nodes of two files never meet."""
        return _triples(file, self.iri(file))

    def read(self, file: Path) -> "Graph":
        """The triples of a file, to be looked up."""
        return Graph(self.triples(file))


@lru_cache(maxsize=4096)
def _triples(file: Path, base: str) -> tuple[Triple, ...]:
    format = RdfFormat.from_extension(file.suffix[1:])
    quads = parse(file.read_bytes(), format, base_iri=base, rename_blank_nodes=True)
    return tuple(quad.triple for quad in quads)


class Graph:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[Term, str], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[str, Term], list[Term]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.subject, Triple) or isinstance(triple.object, Triple):
                raise TypeError(f"no suite has triples about triples: {triple}")
            self._objects[triple.subject, triple.predicate.value].append(triple.object)
            self._subjects[triple.predicate.value, triple.object].append(triple.subject)

    def all(self, subject: Term, predicate: str) -> list[Term]:
        """The objects."""
        return self._objects.get((subject, predicate), [])

    def one(self, subject: Term, predicate: str) -> Term | None:
        """The object, or None."""
        return next(iter(self.all(subject, predicate)), None)

    def text(self, subject: Term, predicate: str) -> str:
        """The value of the object, empty without one."""
        term = self.one(subject, predicate)
        return str(term.value) if isinstance(term, NamedNode | BlankNode | Literal) else ""

    def subjects(self, predicate: str, object: Term) -> list[Term]:
        """The subjects."""
        return self._subjects.get((predicate, object), [])

    def types(self, subject: Term) -> set[str]:
        """The IRIs of its classes."""
        return {term.value for term in self.all(subject, RDF + "type") if isinstance(term, NamedNode)}

    def items(self, head: Term | None) -> Iterator[Term]:
        """The items of a list; of what is no list, the thing itself."""
        if head is not None and self.one(head, RDF + "first") is None:
            if head != NamedNode(RDF + "nil"):
                yield head
            return
        while head is not None and (item := self.one(head, RDF + "first")) is not None:
            yield item
            head = self.one(head, RDF + "rest")


def entries(place: Place, manifest: Path) -> Iterator[tuple[Graph, Term]]:
    """Every entry of a manifest in the order in which it lists them, with the graph that describes it."""
    graph = place.read(manifest)
    for node in graph.subjects(RDF + "type", NamedNode(MF + "Manifest")):
        for entry in graph.items(graph.one(node, MF + "entries")):
            yield graph, entry


def name_of(entry: Term) -> str:
    """The last part of the name of an entry."""
    assert isinstance(entry, NamedNode), entry
    return entry.value.rpartition("#")[2].rpartition("/")[2]
