"""The namespaces and terms that the code needs; every other term is named in Turtle and SPARQL only."""

from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

Term: TypeAlias = NamedNode | BlankNode | Literal

BASE = "https://w3id.org/bps/id/"
BPS = "https://w3id.org/bps/ns#"
DOCUMENTS = "https://w3id.org/bps/doc/"
GRAPH = "https://w3id.org/bps/graph/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {
    "bps": BPS,
    "bpsh": "https://w3id.org/bps/shapes#",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": DCT,
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": FOAF,
    "hydra": HYDRA,
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV,
    "qb": "http://purl.org/linked-data/cube#",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "qudt": "http://qudt.org/schema/qudt/",
    "qudt-unit": "http://qudt.org/vocab/unit/",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": SKOS,
    "time": "http://www.w3.org/2006/time#",
    "vann": "http://purl.org/vocab/vann/",
    "void": VOID,
    "xsd": XSD,
}

RDF_TYPE = NamedNode(RDF + "type")
PREVIOUS_HASH = NamedNode(BPS + "previousHash")
REMOVED_GRAPH = NamedNode(BPS + "removedGraph")
SOURCE_HASH = NamedNode(BPS + "sourceHash")
WAS_DERIVED_FROM = NamedNode(PROV + "wasDerivedFrom")
LABELS = (NamedNode(SKOS + "prefLabel"), NamedNode(DCT + "title"), NamedNode(RDFS + "label"))
ALTERNATIVE_LABEL = NamedNode(SKOS + "altLabel")


def short(iri: str) -> str:
    """An IRI as people write it: `item/legal-aid`, `bps:Catalogue`, `graph/divisions`, or else whole."""
    if iri.startswith(BASE):
        return iri.removeprefix(BASE)
    if iri.startswith(GRAPH):
        return "graph/" + iri.removeprefix(GRAPH)
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def expand(name: str) -> str:
    """The IRI that `short` writes in this way; a whole IRI stays as it is."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if colon:
        return name
    if name.startswith("graph/"):
        return GRAPH + name.removeprefix("graph/")
    return BASE + name
