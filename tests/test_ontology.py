"""The terms are documented in two languages, those that are used exist, and so do the foreign ones we align
with."""

import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, PROV, QB, SKOS, TIME, DefinedNamespace

from bpsgraph.terms import BPS, PREFIXES
from bpsgraph.turtle import format_turtle

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "ontology").rglob("*.ttl"))
ALIGNMENTS = sorted((ROOT / "ontology/alignments").glob("*.ttl"))
USERS = [
    file
    for folder, suffix in (("data/ttl", "ttl"), ("shapes", "ttl"), ("queries", "rq"))
    for file in sorted((ROOT / folder).rglob(f"*.{suffix}"))
]
RDF_TYPE = NamedNode(PREFIXES["rdf"] + "type")
KINDS = {
    NamedNode(PREFIXES["owl"] + kind)
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "NamedIndividual")
}

# The terms of other vocabularies that the ontology may use, by namespace. rdflib carries the term lists of
# the W3C, Dublin Core and FOAF vocabularies; the others are listed with the version in which they were
# looked up.
KNOWN: dict[str, type[DefinedNamespace] | set[str]] = {
    str(DCTERMS): DCTERMS,
    str(FOAF): FOAF,
    str(ORG): ORG,
    str(PROV): PROV,
    str(QB): QB,
    str(SKOS): SKOS,
    str(TIME): TIME,
    # DCAT 3: what DCAT 2, which rdflib knows, has too, and what is new.
    str(DCAT): {"Catalog", "Dataset", "Resource", "endDate", "startDate", "version"},
    # SDMX content-oriented guidelines in RDF, 2009.
    "http://purl.org/linked-data/sdmx/2009/concept#": {"obsStatus", "refArea", "refPeriod", "unitMeasure"},
    "http://purl.org/linked-data/sdmx/2009/code#": {
        "obsStatus-A",
        "obsStatus-E",
        "obsStatus-M",
        "obsStatus-P",
    },
    # CPSV-AP 3.2.0, SEMICeu/CPSV-AP.
    PREFIXES["cpsv"]: {"PublicService", "Rule", "follows", "hasInput", "implements", "produces"},
    PREFIXES["cv"]: {
        "Evidence",
        "Participation",
        "PublicOrganisation",
        "Requirement",
        "hasCompetentAuthority",
        "hasCost",
        "hasLegalResource",
        "hasParticipation",
        "holdsRequirement",
        "isClassifiedBy",
        "sector",
        "thematicArea",
    },
    "http://www.w3.org/ns/adms#": {"identifier", "status"},
    # ELI ontology 1.5.
    PREFIXES["eli"]: {
        "LegalResource",
        "LegalResourceSubdivision",
        "based_on",
        "cites",
        "date_no_longer_in_force",
        "first_date_entry_in_force",
        "in_force",
        "is_about",
        "number",
        "responsibility_of",
        "type_document",
    },
    # QUDT 3.1.2.
    PREFIXES["qudt"]: {
        "QuantityKind",
        "QuantityKindDimensionVector",
        "Unit",
        "conversionMultiplier",
        "hasFactorUnit",
        "hasQuantityKind",
        "hasUnit",
        "numericValue",
    },
}
LOGIC = tuple(PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs", "xsd", "vann"))


@pytest.fixture(scope="module")
def ontology() -> Store:
    store = Store()
    for file in FILES:
        store.load(path=file, format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def terms(ontology: Store) -> set[NamedNode]:
    return {
        quad.subject
        for kind in KINDS
        for quad in ontology.quads_for_pattern(None, RDF_TYPE, kind, None)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BPS)
    }


def languages(store: Store, term: NamedNode, name: str) -> list[str]:
    prefix, _, local = name.partition(":")
    quads = store.quads_for_pattern(term, NamedNode(PREFIXES[prefix] + local), None, None)
    return sorted(quad.object.language or "" for quad in quads if isinstance(quad.object, Literal))


def used_in(file: Path) -> set[str]:
    """The local names of our terms in a file, written with the prefix or in full; comments do not count."""
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(rf"(?:\bbps:|{re.escape(BPS)})([A-Za-z][A-Za-z0-9_-]*)", text))


def iris_in(quads: list[Quad]) -> set[str]:
    nodes = {node for quad in quads for node in (quad.subject, quad.predicate, quad.object)}
    return {node.value for node in nodes if isinstance(node, NamedNode)}


def test_every_term_has_label_and_definition_in_both_languages_and_a_home(
    ontology: Store, terms: set[NamedNode]
) -> None:
    assert len(terms) > 100
    home = NamedNode(BPS.removesuffix("#"))
    for term in sorted(terms, key=str):
        assert languages(ontology, term, "rdfs:label") == ["en", "zh"], term
        assert languages(ontology, term, "skos:definition") == ["en", "zh"], term
        assert Quad(term, NamedNode(PREFIXES["rdfs"] + "isDefinedBy"), home) in ontology, term


@pytest.mark.parametrize("file", USERS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_term_that_is_used_is_defined(file: Path, terms: set[NamedNode]) -> None:
    assert used_in(file) - {term.value.removeprefix(BPS) for term in terms} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_foreign_term_exists_in_its_vocabulary(file: Path) -> None:
    quads = list(parse(path=file, format=RdfFormat.TURTLE))
    sources = {quad.object for quad in quads if quad.predicate.value == str(DCTERMS.source)}
    for iri in iris_in(quads) - {source.value for source in sources if isinstance(source, NamedNode)}:
        if iri.startswith((*LOGIC, "https://w3id.org/bps/", "https://creativecommons.org/")):
            continue
        namespace = next((namespace for namespace in KNOWN if iri.startswith(namespace)), None)
        assert namespace is not None, f"{iri} is of no vocabulary that was looked up"
        assert iri.removeprefix(namespace) in KNOWN[namespace], f"{iri} is not in the list of its vocabulary"


@pytest.mark.parametrize("file", ALIGNMENTS, ids=lambda file: file.stem)
def test_an_alignment_names_itself_its_source_and_its_licence(file: Path, ontology: Store) -> None:
    header = NamedNode(f"https://w3id.org/bps/ns/alignment/{file.stem}")
    assert languages(ontology, header, "dct:title") == ["en", "zh"]
    assert languages(ontology, header, "dct:description") == ["en", "zh"]
    for name in ("source", "license"):
        assert (
            len(list(ontology.quads_for_pattern(header, NamedNode(PREFIXES["dct"] + name), None, None))) == 1
        )


def test_the_ontology_lists_its_modules_and_alignments_and_imports_nothing(ontology: Store) -> None:
    home = BPS.removesuffix("#")
    parts = ontology.quads_for_pattern(NamedNode(home), NamedNode(PREFIXES["dct"] + "hasPart"), None, None)
    assert {quad.object for quad in parts} == {
        NamedNode(f"{home}/{kind}/{file.stem}")
        for kind, folder in (("module", "modules"), ("alignment", "alignments"))
        for file in (ROOT / "ontology" / folder).glob("*.ttl")
    }
    assert list(ontology.quads_for_pattern(None, NamedNode(PREFIXES["owl"] + "imports"), None, None)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_files_keep_their_layout(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert format_turtle(text) == text


def test_every_term_is_used_by_a_shape_or_a_query_or_a_report(terms: set[NamedNode]) -> None:
    rules = [file for file in USERS if file.is_relative_to(ROOT / "shapes") or file.suffix == ".rq"]
    used: set[str] = set().union(*(used_in(file) for file in rules))
    # Terms that only reports are written in.
    for writer in ("validation/report/shacl.py", "repair/patch.py"):
        written = (ROOT / "src" / "bpsgraph" / writer).read_text(encoding="utf-8")
        used |= set(re.findall(r'\bBPS \+ "([A-Za-z]+)"', written))
    assert {term.value.removeprefix(BPS) for term in terms} - used == set()
