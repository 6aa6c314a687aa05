"""Profiles: which there are, which is chosen, and whether outside judges find that they conform."""

from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, Triple

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS
from bpsgraph.library import bundled
from bpsgraph.publishing.documents import document
from bpsgraph.publishing.profiles import ALL, CPSV_AP, FULL, SCHEMA, SUMMARY, accepted, by_token, catalogue
from bpsgraph.serialisation import text
from bpsgraph.store import open_store, select
from bpsgraph.terms import BASE
from judges import shapes_of_others

# rdflib 7.6 calls what it has deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

CPSV = "http://purl.org/vocab/cpsv#"


def conforms(triples: set[Triple], shapes: Path) -> tuple[bool, str]:
    graph = rdflib.Graph().parse(data=text(triples, FORMATS["ntriples"]), format="nt")
    judged, _, words = pyshacl.validate(graph, shacl_graph=str(shapes), inference="none")
    return judged, words


def test_every_provision_agency_item_and_catalogue_conforms_to_cpsv_ap(built: Path) -> None:
    shapes = shapes_of_others("cpsv-ap-3.2.0-shacl.ttl")
    triples: set[Triple] = set()
    with open_store(built) as store:
        alone = set(document(store, bundled(), f"{BASE}provision/100000/2021/legal-aid", CPSV_AP).triples)
        rows = select(store, "SELECT ?row WHERE { ?row a bps:Provision }").rows
        for name in ("Catalogue", "Agency", "ServiceItem"):
            for (thing,) in select(store, f"SELECT ?thing WHERE {{ ?thing a bps:{name} }}").rows:
                assert thing is not None
                triples |= set(document(store, bundled(), str(thing.value), CPSV_AP).triples)
    services = {t.subject for t in triples if str(t.object) == f"<{CPSV}PublicService>"}
    assert services == {row for (row,) in rows}
    judged, words = conforms(triples, shapes)
    assert judged, words
    # The judge is awake: of a service alone, which conforms too, it says no where its name is missing.
    assert conforms(alone, shapes)[0]
    title = "http://purl.org/dc/terms/title"
    nameless = {t for t in alone if (t.subject in services, t.predicate.value) != (True, title)}
    judged, words = conforms(nameless, shapes)
    assert not judged
    assert "title" in words


def test_a_provision_alone_says_as_much_as_in_its_catalogue(built: Path) -> None:
    shapes = shapes_of_others("cpsv-ap-3.2.0-shacl.ttl")
    with open_store(built) as store:
        key = "140500/2021/elderly-health-management"
        one = document(store, bundled(), f"{BASE}provision/{key}", CPSV_AP)
        judged, words = conforms(set(one.triples), shapes)
        assert judged, words


def test_a_provision_is_a_government_service(built: Path) -> None:
    row = "https://w3id.org/bps/id/provision/140500/2021/elderly-health-management"
    with open_store(built) as store:
        triples = document(store, bundled(), row, SCHEMA).triples
    said = {
        (t.predicate.value.rpartition("/")[2], str(t.object).strip("<>").rpartition("/")[2])
        for t in triples
        if t.subject == NamedNode(row) and t.predicate.value.startswith("https://schema.org/")
    }
    assert {
        ("areaServed", "140500"),
        ("provider", "civil-affairs-bureau"),
        ("serviceType", "elderly-health-management"),
        ("audience", "residents-65-and-over"),
    } <= said


def test_a_profile_is_known_by_token_and_by_iri() -> None:
    for profile in ALL:
        assert by_token(profile.token) == by_token(profile.iri) == profile
    with pytest.raises(BadParameter, match="did you mean schema"):
        by_token("schem")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (f"<{CPSV_AP.iri}>", CPSV_AP),
        (f"<{CPSV_AP.iri}>;q=0.5, <{SCHEMA.iri}>;q=0.8", SCHEMA),
        (f"<http://example.org/>, <{SUMMARY.iri}>; q=0.1", SUMMARY),
        (f"<{SCHEMA.iri}>;q=0", None),
        (f"<{SCHEMA.iri}>;q=much", None),
        ("<http://example.org/>", None),
        ("", None),
    ],
)
def test_the_header_chooses_by_weight(header: str, chosen: object) -> None:
    assert accepted(header, ALL) == chosen


def test_the_profiles_are_described() -> None:
    tokens = {
        str(t.subject): str(t.object) for t in catalogue() if t.predicate.value.endswith("/prof/hasToken")
    }
    assert tokens == {f"<{profile.iri}>": f'"{profile.token}"' for profile in ALL}
    assert by_token("full") is FULL
