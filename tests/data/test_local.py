"""The catalogues of places: whose they are, when, from where, and every figure as its source gives it."""

import re
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from bpsgraph.quantity import Range
from bpsgraph.stated import read_units, read_value

ROOT = Path(__file__).resolve().parents[2] / "data" / "ttl"
ID = "https://w3id.org/bps/id/"
BPS = "https://w3id.org/bps/ns#"
PREFIXES = """
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
BASE <https://w3id.org/bps/id/>
"""
CATALOGUES = sorted(path.stem for path in (ROOT / "local").glob("*.ttl"))
EXCERPTS = [name for name in CATALOGUES if name != "140500-2021"]
PLACES = {
    "140500", "211200", "310000", "320000", "320800", "330100", "331024", "341324", "341722",
    "350000", "370200", "371323", "430922", "440000", "450000", "500000", "530127",
}  # fmt: skip

# Catalogue; then item, measure, segment ("" where the source names none), value, unit.
FIGURES = """
211200/2021
  elderly-welfare-subsidy elderly-care-service-subsidy older-people-in-difficulty-oldest-or-dependent
    50 yuan-per-person-month
  elderly-welfare-subsidy old-age-allowance older-people-80-89-with-minimum-living-or-low-income
    50 yuan-per-person-month
310000/2018
  compulsory-education-tuition-waiver operating-funds primary-school-students 1600 yuan-per-student-year
  compulsory-education-tuition-waiver operating-funds junior-secondary-students 1800 yuan-per-student-year
310000/2019
  maternal-health-service prenatal-visits - 9 times-per-person-pregnancy
  maternal-health-service postnatal-visits postnatal-women 2 times-per-person-birth
310000/2021
  television-viewing television-programmes residents-on-cable-networks 50 programme-sets
310000/2021-12-27
  disability-living-and-nursing-subsidies disability-living-subsidy
    severely-disabled-jobless-or-minimum-living 410 yuan-per-person-month
  disability-living-and-nursing-subsidies disability-living-subsidy disabled-persons-in-low-income-families
    290 yuan-per-person-month
  disability-living-and-nursing-subsidies disability-nursing-subsidy grade-1-disabled-persons
    300 yuan-per-person-month
  disability-living-and-nursing-subsidies disability-nursing-subsidy
    grade-2-and-grade-3-mental-disabled-persons 150 yuan-per-person-month
310000/2023
  special-children-basic-living orphan-allowance orphans 2500 yuan-per-person-month
310000/2024
  minimum-living-guarantee minimum-living-standard minimum-living-families 1595 yuan-per-person-month
  support-for-people-in-extreme-difficulty basic-living-standard people-in-extreme-difficulty
    2075 yuan-per-person-month
310000/2025
  special-children-basic-living orphan-allowance orphans 3200 yuan-per-person-month
320000/2023
  opera-to-the-countryside performances-per-township townships-in-economically-weak-counties
    4 performances-per-township-year
320800/2021
  special-children-basic-living orphan-allowance orphans-in-institutions 2667 yuan-per-person-month
  special-children-basic-living orphan-allowance orphans-in-families 1794 yuan-per-person-month
331024/2022
  disability-living-and-nursing-subsidies disability-nursing-subsidy disabled-persons-fully-dependent
    500 yuan-per-person-month
  disability-living-and-nursing-subsidies disability-nursing-subsidy disabled-persons-mostly-dependent
    250 yuan-per-person-month
  disability-living-and-nursing-subsidies disability-nursing-subsidy disabled-persons-partly-dependent
    125 yuan-per-person-month
341324/2023
  compulsory-education-living-subsidy living-subsidy boarding-primary-students-in-financial-difficulty
    1000 yuan-per-student-year
  compulsory-education-living-subsidy living-subsidy boarding-junior-students-in-financial-difficulty
    1250 yuan-per-student-year
341722/2021
  preschool-financial-aid preschool-aid inclusive-kindergarten-children-in-need
    500 yuan-per-student-semester
  senior-high-national-grant national-grant senior-high-students-in-financial-difficulty
    2000 yuan-per-student-year
  vocational-national-grant national-grant vocational-years-1-2-agricultural-or-poor
    2000 yuan-per-student-year
  senior-high-tuition-waiver senior-high-fee-standard - 1700 yuan-per-student-year
  vocational-tuition-waiver vocational-tuition-standard - 2000 yuan-per-student-year
350000/2021
  radio-listening village-radio-maintenance administrative-villages 2000 yuan-per-village-year
370200/2022
  public-sports-facilities-access weekly-opening-hours government-funded-sports-venues 35 hours-per-week
  public-sports-facilities-access annual-opening-days government-funded-sports-venues 330 days-per-year
371323/2021
  support-for-people-in-extreme-difficulty basic-living-standard
    urban-people-in-extreme-difficulty 990 yuan-per-person-month
  support-for-people-in-extreme-difficulty basic-living-standard
    rural-people-in-extreme-difficulty 754 yuan-per-person-month
  support-for-people-in-extreme-difficulty nursing-care-standard
    people-in-extreme-difficulty-fully-dependent 770 yuan-per-person-month
  support-for-people-in-extreme-difficulty nursing-care-standard
    people-in-extreme-difficulty-semi-dependent 440 yuan-per-person-month
  support-for-people-in-extreme-difficulty nursing-care-standard
    people-in-extreme-difficulty-independent 165 yuan-per-person-month
430922/2023
  public-cultural-facilities-free-access weekly-opening-hours public-libraries-and-cultural-centres
    42 hours-per-week
  public-cultural-facilities-free-access annual-opening-days public-libraries-and-cultural-centres
    300 days-per-year
  reading-books-and-newspapers reading-activities county-public-libraries 10 times-per-year
  reading-books-and-newspapers reading-activities township-stations-and-villages
    2 times-per-year
440000/2022
  special-children-basic-living orphan-allowance orphans-in-institutions 1949 yuan-per-person-month
  special-children-basic-living orphan-allowance orphans-in-families 1313 yuan-per-person-month
440000/2023
  special-children-basic-living orphan-allowance orphans-in-institutions 2017 yuan-per-person-month
  special-children-basic-living orphan-allowance orphans-in-families 1359 yuan-per-person-month
450000/2022
  opera-to-the-countryside performances-per-township townships 4 performances-per-township-year
  public-cultural-facilities-free-access cultural-activities cultural-centres-from-county-up
    60 times-per-year
  public-cultural-facilities-free-access cultural-activities township-cultural-stations 20 times-per-year
500000/2021
  radio-listening radio-programmes - 15 programme-sets
  radio-listening radio-programmes residents-in-satellite-coverage-areas 17 programme-sets
  television-viewing television-programmes - 15 programme-sets
  television-viewing television-programmes residents-in-satellite-coverage-areas 25 programme-sets
  disability-culture-and-sports sign-language-news municipal-television-station 1 times-per-week
500000/2024
  radio-listening radio-programmes - 15 programme-sets
  radio-listening radio-programmes residents-in-satellite-coverage-areas 17 programme-sets
  television-viewing television-programmes - 15 programme-sets
  television-viewing television-programmes residents-in-satellite-coverage-areas 25 programme-sets
  disability-culture-and-sports sign-language-news municipal-television-station 1 times-per-week
530127/2020
  compulsory-education-living-subsidy living-subsidy boarding-primary-students-in-financial-difficulty
    1000 yuan-per-student-year
  compulsory-education-living-subsidy living-subsidy boarding-junior-students-in-financial-difficulty
    1250 yuan-per-student-year
  compulsory-education-living-subsidy living-subsidy day-primary-students-in-financial-difficulty
    500 yuan-per-student-year
  compulsory-education-living-subsidy living-subsidy day-junior-students-in-financial-difficulty
    625 yuan-per-student-year
"""


@cache
def store() -> Store:
    """The local catalogues, one graph each, with the vocabulary, items, places, documents and sources."""
    found = Store()
    names = [f"local/{name}" for name in CATALOGUES]
    names += [str(path.relative_to(ROOT).with_suffix("")) for path in (ROOT / "vocabulary").glob("*.ttl")]
    for name in [*names, "items", "divisions", "documents/local", "documents/sources"]:
        found.load(path=ROOT / f"{name}.ttl", base_iri=ID, to_graph=NamedNode(f"{ID}{name}"))
    return found


def rows(query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT query over the union; IRIs of ours without their namespace, unbound as ''."""
    solutions = store().query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    return [
        tuple("" if value is None else str(value.value).removeprefix(ID) for value in solution)
        for solution in solutions
    ]


def stated() -> dict[str, set[tuple[str, str, str, Decimal, str]]]:
    """`FIGURES` by catalogue."""
    found: dict[str, set[tuple[str, str, str, Decimal, str]]] = {}
    for block in re.split(r"\n(?=[0-9]{6}/)", FIGURES.strip()):
        catalogue, *words = block.split()
        fives = [words[at : at + 5] for at in range(0, len(words), 5)]
        found[catalogue] = {
            (item, measure, segment.strip("-"), Decimal(value), unit)
            for item, measure, segment, value, unit in fives
        }
    return found


def test_seventeen_places_each_as_its_code_says() -> None:
    assert {name.split("-")[0] for name in CATALOGUES} == PLACES
    found = rows("SELECT ?c ?e ?j WHERE { ?c a bps:Catalogue ; bps:edition ?e ; bps:jurisdiction ?j }")
    assert sorted(found) == sorted(
        (f"catalogue/{code}/{edition}", edition, f"jurisdiction/{code}")
        for code, edition in (name.split("-", 1) for name in CATALOGUES)
    )


@pytest.mark.parametrize("name", EXCERPTS)
def test_a_file_is_one_excerpt_and_nothing_else(name: str) -> None:
    key = name.replace("-", "/", 1)
    quads = list(store().quads_for_pattern(None, None, None, NamedNode(f"{ID}local/{name}")))
    own = re.compile(rf"{ID}((catalogue|provision|guarantee|statement)/{key}(/|$)|item/{name[:6]}-)")
    assert [quad.subject for quad in quads if not own.match(str(getattr(quad.subject, "value", "")))] == []
    extent = [quad.object for quad in quads if quad.predicate.value == BPS + "extent"]
    assert extent == [NamedNode(ID + "extent/excerpt")]


def test_every_figure_is_the_source_s() -> None:
    found: dict[str, set[tuple[str, str, str, Decimal, str]]] = defaultdict(set)
    query = """
        SELECT ?c ?item ?measure ?segment ?value ?unit WHERE {
          ?p bps:catalogue ?c ; bps:item ?item ; bps:guarantee ?g .
          ?g bps:measure ?measure ; bps:value ?value ; bps:unit ?unit .
          OPTIONAL { ?g bps:segment ?segment }
          FILTER(?c != <catalogue/140500/2021>)
        }"""
    for catalogue, item, measure, segment, value, unit in rows(query):
        names = (term.split("/", 1)[-1] for term in (item, measure, segment))
        item_name, measure_name, segment_name = names
        key = catalogue.removeprefix("catalogue/")
        found[key].add((item_name, measure_name, segment_name, Decimal(value), unit.removeprefix("unit/")))
    assert dict(found) == stated()
    assert sum(map(len, found.values())) == 61


def test_promises_without_a_number_of_their_own() -> None:
    found = rows(
        "SELECT ?c ?measure ?kind ?percent ?owner WHERE { ?p bps:catalogue ?c ; bps:guarantee ?g . "
        "?g bps:measure ?measure ; bps:kind ?kind FILTER NOT EXISTS { ?g bps:value ?v } "
        "OPTIONAL { ?g bps:percent ?percent ; bps:baseOwner ?owner } FILTER(?c != <catalogue/140500/2021>) }"
    )
    catalogue, in_kind = "catalogue/330100/2022", "kind/inKind"
    assert sorted(found) == [
        (catalogue, "measure/disability-living-subsidy", "kind/percentOf", "30", BPS + "own"),
        (catalogue, "measure/funeral-fee-waiver", in_kind, "", ""),
        (catalogue, "measure/old-age-allowance", in_kind, "", ""),
    ]


def test_a_start_age_belongs_to_the_segment() -> None:
    ages = rows(
        "SELECT DISTINCT ?segment ?low ?high WHERE { ?g bps:measure <measure/old-age-allowance> ; "
        "bps:segment ?segment . ?segment bps:minimumAge ?low OPTIONAL { ?segment bps:maximumAge ?high } "
        "FILTER(!CONTAINS(STR(?g), '/140500/')) }"
    )
    assert sorted(ages) == [
        ("segment/older-people-80-89-with-minimum-living-or-low-income", "80", "89"),
        ("segment/residents-80-and-over", "80", ""),
    ]


def test_shitai_s_range_share_and_semesters() -> None:
    units = read_units(quad.triple for quad in store())
    triples = [
        quad.triple
        for quad in store().quads_for_pattern(None, None, None, NamedNode(f"{ID}local/341722-2021"))
    ]
    grant = "guarantee/341722/2021/senior-high-national-grant/national-grant/"
    about = NamedNode(f"{ID}{grant}senior-high-students-in-financial-difficulty")
    value = read_value((triple for triple in triples if triple.subject == about), units)
    assert isinstance(value, Range)
    assert [value.lower, value.value, value.upper] == [1000, 2000, 3000]
    assert (value.minimum_tiers, value.maximum_tiers) == (3, 3)
    semester = units[f"{ID}unit/yuan-per-student-semester"]
    assert 500 * semester.multiplier == 1000
    shares = rows("SELECT ?p ?s WHERE { ?p bps:catalogue <catalogue/341722/2021> ; bps:centralShare ?s }")
    assert {share for _, share in shares} == {"60"}
    assert "provision/341722/2021/vocational-national-grant" in {provision for provision, _ in shares}


def test_dates_are_full_dates_and_only_those_that_are_known() -> None:
    properties = ["http://purl.org/dc/terms/issued", BPS + "validFrom", BPS + "validUntil"]
    dates = [
        quad.object
        for iri in properties
        for quad in store().quads_for_pattern(None, NamedNode(iri), None, None)
    ]
    assert len(dates) > 40
    wrong = [d for d in dates if not isinstance(d, Literal) or not d.datatype.value.endswith("#date")]
    assert wrong == []
    undated = rows(
        "SELECT ?c WHERE { ?c a bps:Catalogue FILTER NOT EXISTS { ?c dct:issued|bps:validFrom ?d } }"
    )
    assert sorted(c.removeprefix("catalogue/") for (c,) in undated) == [
        "310000/2019", "310000/2021", "320000/2021", "320000/2023", "341722/2021", "350000/2021",
        "370200/2022", "500000/2021",
    ]  # fmt: skip
    assert (
        rows("SELECT ?c WHERE { ?c a bps:Catalogue ; bps:validFrom ?f ; bps:validUntil ?u FILTER(?f >= ?u) }")
        == []
    )


def test_every_catalogue_names_a_described_document_and_source() -> None:
    missing = rows(
        "SELECT ?c ?x WHERE { ?c a bps:Catalogue ; dct:source|prov:hadPrimarySource ?x "
        "FILTER(?c != <catalogue/140500/2021>) FILTER NOT EXISTS { ?x dct:title ?title } }"
    )
    assert missing == []
    publishers = rows(
        "SELECT ?c WHERE { ?c bps:jurisdiction ?j ; dct:source ?d . ?d dct:publisher ?p FILTER(?p != ?j) }"
    )
    assert publishers == []


def test_how_sure_each_is() -> None:
    found = defaultdict(set)
    for catalogue, verification in rows("SELECT ?c ?v WHERE { ?c a bps:Catalogue ; bps:verification ?v }"):
        found[verification.removeprefix("verification/")].add(catalogue.removeprefix("catalogue/"))
    assert found["verbatim"] == {"140500/2021"}
    assert found["inferred"] == {"440000/2022", "440000/2023"}
    assert found["paraphrase"] == {
        "310000/2021", "310000/2024", "320000/2021", "320000/2023",
        "330100/2022", "350000/2021", "370200/2022",
    }  # fmt: skip
    assert set(found) == {"verbatim", "inferred", "paraphrase", "restated"}


def test_items_are_the_state_s_except_where_a_place_adds_its_own() -> None:
    own = rows(
        "SELECT DISTINCT ?i ?class WHERE { ?i a bps:ServiceItem ; bps:serviceClass ?class "
        "FILTER(REGEX(STR(?i), 'item/[0-9]')) }"
    )
    assert own == [("item/330100-basic-funeral-services", "service-class/basic")]
    unknown = rows("SELECT ?i WHERE { ?p bps:item ?i FILTER NOT EXISTS { ?i skos:prefLabel ?name } }")
    assert unknown == []
