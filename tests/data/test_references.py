"""Everything that the files in data/ttl name is described in them, in the code lists or in the ontology."""

from collections import defaultdict
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/bps/id/"
NS = "https://w3id.org/bps/ns#"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@cache
def triples(folder: str) -> list[tuple[str, Triple]]:
    """Every triple of the Turtle files below a folder, with the file that states it."""
    found = []
    for file in sorted((ROOT / folder).rglob("*.ttl")):
        name = file.relative_to(ROOT).as_posix()
        found += [(name, quad.triple) for quad in parse(file.read_bytes(), RdfFormat.TURTLE, base_iri=ID)]
    return found


def described() -> set[str]:
    """What has a type: things in data and code lists, terms in the ontology."""
    return {
        triple.subject.value
        for folder in ("data/ttl", "ontology")
        for _, triple in triples(folder)
        if triple.predicate == TYPE and isinstance(triple.subject, NamedNode)
    }


def missing(namespace: str, *folders: str) -> dict[str, list[str]]:
    """What is named but never described, by the files that name it."""
    known = described()
    found: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for file, triple in triples(folder):
            for node in (triple.subject, triple.predicate, triple.object):
                if not isinstance(node, NamedNode) or node.value in known:
                    continue
                if node.value.startswith(namespace):
                    found[file].add(node.value.removeprefix(namespace))
    return {file: sorted(nodes) for file, nodes in sorted(found.items())}


def test_no_thing_is_only_named() -> None:
    assert missing(ID, "data/ttl", "ontology/codelists") == {}


def test_every_term_in_the_data_is_in_the_ontology() -> None:
    assert missing(NS, "data/ttl") == {}


def test_no_blank_node_in_the_data() -> None:
    nodes = (node for _, t in triples("data/ttl") for node in (t.subject, t.object))
    assert {type(node).__name__ for node in nodes} <= {"NamedNode", "Literal"}
