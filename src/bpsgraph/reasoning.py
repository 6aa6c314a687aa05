"""What follows from the ontology, by owlrl after the rules of OWL 2 RL
(https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules).

The ontology is small and is closed whole; what follows from the data is in `closing`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import rdflib
from owlrl import OWLRL_Semantics
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.errors import InconsistentOntology
from bpsgraph.terms import GRAPH, PREFIXES, RDF, RDFS, XSD, short

ONTOLOGY_CLOSURE_GRAPH = GRAPH + "ontology-closure"

_OWL = PREFIXES["owl"]
_LOGIC = (RDF, RDFS, _OWL, XSD)
_SUBCLASS = rdflib.RDFS.subClassOf
_DISJOINT = rdflib.OWL.disjointWith
# True of every term, or said shorter by another triple: `x owl:sameAs x`, and the domains and ranges that
# follow from the superclasses of others.
_LEFT_OUT = (_OWL + "sameAs", _OWL + "differentFrom", RDFS + "domain", RDFS + "range")
_IRI = re.compile(r"https?://[^\s,()]+")


def close_ontology(triples: Iterable[Triple]) -> list[Triple]:
    """What follows from the ontology by OWL 2 RL and is not said in it, sorted.

    Only what tells something: superclasses and superproperties through several steps, inverses, transitive
    relations between codes, types of codes. Left out are statements about a term and itself or a term of
    RDF, RDFS, OWL or XSD, `owl:sameAs`, and inherited domains and ranges. Labels and other literals take no
    part.

    Raises `InconsistentOntology` where the ontology contradicts itself: an individual in two disjoint
    classes, say, or a class below two of them, which could have no member.
    """
    graph = rdflib.Graph()
    for triple in triples:
        if not isinstance(triple.object, Literal):
            graph.add(
                (_rdflib(triple.subject), rdflib.URIRef(triple.predicate.value), _rdflib(triple.object))
            )
    stated = set(graph)
    semantics = OWLRL_Semantics(graph, axioms=False, daxioms=False)
    semantics.closure()
    contradictions = [_IRI.sub(lambda iri: short(iri[0]), message) for message in semantics.error_messages]
    contradictions += _impossible_classes(graph)
    if contradictions:
        raise InconsistentOntology(contradictions)
    derived = [
        Triple(NamedNode(str(subject)), NamedNode(str(predicate)), NamedNode(str(object_)))
        for subject, predicate, object_ in set(graph) - stated
        if isinstance(subject, rdflib.URIRef) and isinstance(object_, rdflib.URIRef)
        if _tells_something(str(subject), str(predicate), str(object_))
    ]
    return sorted(derived, key=str)


def _impossible_classes(graph: rdflib.Graph) -> list[str]:
    """A sentence for each class below two disjoint ones, which OWL 2 RL notices only once it has a member."""
    superclasses: dict[rdflib.term.Node, set[rdflib.term.Node]] = defaultdict(set)
    for lower, upper in graph.subject_objects(_SUBCLASS):
        if lower != rdflib.OWL.Nothing:
            superclasses[lower] |= {lower, upper}
    pairs = {tuple(sorted((str(first), str(second)))) for first, second in graph.subject_objects(_DISJOINT)}
    return [
        f"{short(str(lower))} is below the disjoint classes {short(first)} and {short(second)}"
        for lower, uppers in superclasses.items()
        for first, second in pairs
        if {rdflib.URIRef(first), rdflib.URIRef(second)} <= uppers
    ]


def _tells_something(subject: str, predicate: str, object_: str) -> bool:
    return (
        subject != object_
        and predicate not in _LEFT_OUT
        and not subject.startswith(_LOGIC)
        and not object_.startswith(_LOGIC)
    )


def _rdflib(term: object) -> rdflib.URIRef | rdflib.BNode:
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, NamedNode)
    return rdflib.URIRef(term.value)
