"""The national editions, their amendments, the vocabulary and Jincheng's catalogue, as stated."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from bpsgraph.stated import read_units, read_value

ROOT = Path(__file__).resolve().parents[2] / "data" / "ttl"
ID = "https://w3id.org/bps/id/"
BPS = "https://w3id.org/bps/ns#"
PREFIXES = """
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
BASE <https://w3id.org/bps/id/>
"""
VOCABULARY = ("vocabulary/measures", "vocabulary/segments", "vocabulary/units")
AMENDMENTS = ("2021-09-01", "2022-07-01", "2023-02-01", "2024-02-01", "2025-02-01")
NATIONAL = tuple(f"national/{edition}" for edition in ("2021", *AMENDMENTS, "2023"))
BESIDE = ("national/2015-guidance", "national/2017-specification")
OBSERVED = ("national-announcement", "policy-values")
EVERYTHING = ("items", *VOCABULARY, *NATIONAL, *BESIDE, "local/140500-2021")


@cache
def graph(*names: str) -> Store:
    """The named files of data/ttl, together in one default graph."""
    store = Store()
    for name in names:
        data = (ROOT / f"{name}.ttl").read_bytes()
        for quad in parse(data, RdfFormat.TURTLE, base_iri=ID):
            store.add(Quad(quad.subject, quad.predicate, quad.object))
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT query, every IRI of ours without its namespace, unbound as an empty text."""
    solutions = store.query(PREFIXES + query)
    assert isinstance(solutions, QuerySolutions)
    return [
        tuple("" if value is None else str(value.value).removeprefix(ID) for value in solution)
        for solution in solutions
    ]


def ask(store: Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}"))


def count(store: Store, pattern: str) -> int:
    return int(rows(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}")[0][0])


def test_nine_domains_22_categories_and_81_items() -> None:
    items = graph("items")
    for name, expected in (("Domain", 9), ("Category", 22), ("ServiceItem", 81)):
        assert count(items, f"?x a bps:{name}") == expected
    assert count(items, "?x a bps:ServiceItem ; bps:category/bps:domain ?d ; bps:serviceClass ?c") == 81


@pytest.mark.parametrize(("edition", "expected"), [("2021", 80), ("2023", 81)])
def test_an_edition_has_one_provision_for_each_of_its_items(edition: str, expected: int) -> None:
    store = graph(f"national/{edition}")
    assert count(store, "?x a bps:Provision") == expected
    assert count(store, "?p a bps:Provision ; bps:item ?x") == expected


def test_the_item_added_in_2023_is_not_in_2021() -> None:
    pattern = "?p bps:item <item/folic-acid-supplementation>"
    assert not ask(graph("national/2021"), pattern)
    assert ask(graph("national/2023"), pattern)


@pytest.mark.parametrize("name", ["items", *VOCABULARY])
def test_every_concept_has_a_label_in_chinese_and_one_in_english(name: str) -> None:
    for language in ("zh", "en"):
        labels = rows(
            graph(name),
            f"""SELECT ?x (COUNT(?l) AS ?n) {{
                ?x skos:inScheme ?s OPTIONAL {{ ?x skos:prefLabel ?l FILTER(LANG(?l) = "{language}") }}
            }} GROUP BY ?x""",
        )
        assert labels
        assert [x for x, n in labels if n != "1"] == []


def test_names_that_an_item_bore_lead_to_it() -> None:
    query = "SELECT ?x { ?x a bps:ServiceItem ; skos:prefLabel|skos:altLabel '%s'@zh }"
    for name, item in (
        ("贫困地区学生营养膳食补助", "rural-student-nutrition-subsidy"),
        ("普通高中助学服务", "senior-high-national-grant"),
        ("中等职业教育助学服务", "vocational-national-grant"),
        ("读书、看报", "reading-books-and-newspapers"),
        ("农村免费孕前优生健康检查", "rural-preconception-health-check"),
    ):
        assert rows(graph("items"), query % name) == [(f"item/{item}",)]


def test_no_name_is_shared_within_a_scheme() -> None:
    shared = """SELECT ?x ?y { ?x skos:inScheme ?s ; skos:prefLabel ?l .
        ?y skos:inScheme ?s ; skos:prefLabel ?l
        FILTER(STR(?x) < STR(?y)) }"""
    for name in ("items", *VOCABULARY):
        assert rows(graph(name), shared) == []


def test_every_concept_that_is_used_is_defined() -> None:
    store = graph(*EVERYTHING)
    used = (
        "bps:measure|bps:segment|bps:beneficiary|bps:unit|bps:item|bps:supplementTo|bps:baseMeasure"
        "|bps:baseSegment|bps:canonicalUnit|bps:dimension|bps:annualDimension|bps:numeratorUnit|bps:perUnit"
        "|bps:period|skos:broader|bps:category"
    )
    missing = rows(
        store, f"SELECT DISTINCT ?o {{ ?s {used} ?o FILTER NOT EXISTS {{ ?o skos:prefLabel ?l }} }}"
    )
    assert missing == []


def test_every_guarantee_states_a_whole_value() -> None:
    """Measure, kind and words, and a number with its unit exactly where the kind needs them."""
    store = graph(*EVERYTHING)
    units = read_units(quad.triple for quad in store)
    guarantees = rows(store, "SELECT ?g { ?g a bps:Guarantee }")
    assert len(guarantees) > 80
    for (guarantee,) in guarantees:
        quads = store.quads_for_pattern(NamedNode(ID + guarantee), None, None)
        triples = [quad.triple for quad in quads]
        value = read_value(triples, units)
        stated = {triple.predicate.value.removeprefix(BPS) for triple in triples}
        assert {"measure", "kind", "statedAs"} <= stated, guarantee
        quantity = value.kind not in {"percentOf", "inKind", "byReference", "delegated"}
        assert ("unit" in stated) == quantity, guarantee
        assert (bool({"value", "fractionNumerator"} & stated)) == quantity, guarantee
        assert ("reference" in stated) == (value.kind == "byReference"), guarantee
        assert ("delegatedTo" in stated) == (value.kind == "delegated"), guarantee


def test_every_unit_belongs_to_its_measure() -> None:
    """The dimension of the unit is that of the measure, or the two are a daily and a yearly pair."""
    odd = """SELECT ?g { ?g bps:measure/bps:canonicalUnit/bps:dimension ?d ; bps:unit/bps:dimension ?e
        FILTER(?d != ?e)
        FILTER NOT EXISTS { ?d bps:annualDimension ?e } FILTER NOT EXISTS { ?e bps:annualDimension ?d } }"""
    assert rows(graph(*EVERYTHING), odd) == []
    bare = "SELECT ?g { ?g bps:unit ?u ; bps:measure ?m FILTER NOT EXISTS { ?m bps:canonicalUnit ?c } }"
    assert rows(graph(*EVERYTHING), bare) == []


def test_each_dimension_has_a_unit_of_multiplier_one() -> None:
    bare = (
        """SELECT ?d { ?d a bps:Dimension FILTER NOT EXISTS { ?u bps:dimension ?d ; bps:multiplier 1.0 } }"""
    )
    assert rows(graph("vocabulary/units"), bare) == []


def test_every_guarantee_hangs_on_one_provision_of_its_catalogue() -> None:
    store = graph(*EVERYTHING)
    hanging = rows(
        store,
        "SELECT ?g (COUNT(?p) AS ?n) { ?g a bps:Guarantee OPTIONAL { ?p bps:guarantee ?g } } GROUP BY ?g",
    )
    assert [g for g, n in hanging if n != "1"] == []
    for guarantee, provision in rows(store, "SELECT ?g ?p { ?p bps:guarantee ?g }"):
        assert guarantee.startswith(provision.replace("provision/", "guarantee/") + "/")
    for provision, catalogue in rows(store, "SELECT ?p ?c { ?p bps:catalogue ?c }"):
        assert provision.startswith(catalogue.replace("catalogue/", "provision/") + "/")


def test_no_catalogue_promises_the_same_twice() -> None:
    twice = """SELECT ?p ?m { ?p bps:guarantee ?g, ?h ; bps:beneficiary ?b .
        ?g bps:measure ?m . ?h bps:measure ?m
        OPTIONAL { ?g bps:segment ?s } OPTIONAL { ?h bps:segment ?t }
        FILTER(STR(?g) < STR(?h) && COALESCE(?s, ?b) = COALESCE(?t, ?b)) }"""
    assert rows(graph(*EVERYTHING), twice) == []


def test_segments_are_not_circular() -> None:
    assert not ask(graph("vocabulary/segments"), "?x skos:broader+ ?x")


@pytest.mark.parametrize("name", [*EVERYTHING, *OBSERVED, "national-evidence", "taizhou-fields"])
def test_sources_and_verifications_are_well_formed(name: str) -> None:
    sources = rows(graph(name), "SELECT DISTINCT ?s { ?x prov:hadPrimarySource|dct:source ?s }")
    pattern = r"source/[wlp][0-9]{2}|standard/[A-Za-z0-9.-]+|document/[a-z0-9-]+"
    assert [s for (s,) in sources if not re.fullmatch(pattern, s)] == []
    levels = {v for (v,) in rows(graph(name), "SELECT DISTINCT ?v { ?x bps:verification ?v }")}
    assert levels <= {
        f"verification/{v}" for v in ("verbatim", "restated", "paraphrase", "inferred", "recalled")
    }


@pytest.mark.parametrize("name", [*EVERYTHING, *OBSERVED])
def test_what_is_recalled_has_no_source(name: str) -> None:
    recalled = "?x bps:verification <verification/recalled> ; prov:hadPrimarySource ?s"
    assert not ask(graph(name), recalled)


FIGURES = """
2021 650 restated operating-funds/primary-school-students
2021 850 restated operating-funds/junior-secondary-students
2021 200 restated boarding-supplement/boarding-students
2021 6000 restated special-education-operating-funds/special-education-students
2021 4 restated meal-subsidy/nutrition-pilot-rural-students
2021 2000 restated national-grant
2021 2000 restated national-grant
2021-09-01 5 paraphrase meal-subsidy/nutrition-pilot-rural-students
2023-02-01 720 paraphrase operating-funds/primary-school-students
2023 720 paraphrase operating-funds/primary-school-students
2023 940 paraphrase operating-funds/junior-secondary-students
2023 300 inferred boarding-supplement/boarding-students
2023 5 paraphrase meal-subsidy/nutrition-pilot-rural-students
2024-02-01 1250 paraphrase living-subsidy/boarding-primary-students-in-financial-difficulty
2024-02-01 1500 paraphrase living-subsidy/boarding-junior-students-in-financial-difficulty
2025-02-01 7000 paraphrase special-education-operating-funds/special-education-students
2025-02-01 2300 paraphrase national-grant
2025-02-01 2300 paraphrase national-grant
2022-07-01 590 paraphrase special-support/families-bereft-of-only-child
2023-02-01 940 paraphrase operating-funds/junior-secondary-students
2023-02-01 300 paraphrase boarding-supplement/boarding-students
2021 450 paraphrase special-support/families-bereft-of-only-child
2023 590 paraphrase special-support/families-bereft-of-only-child
2023 15 verbatim radio-programmes
2023 25 verbatim television-programmes/residents-in-satellite-coverage-areas
2021 2 verbatim veterans-job-fairs/local-governments-from-county-up
2023 2 inferred veterans-job-fairs/local-governments-from-county-up
"""


@pytest.mark.parametrize(
    ("edition", "value", "verification", "key"), [line.split() for line in FIGURES.split("\n") if line]
)
def test_figures_that_the_state_set(edition: str, value: str, verification: str, key: str) -> None:
    """The value, how sure it is and that it has a source, for each measure and segment."""
    query = f"""SELECT DISTINCT ?v (COALESCE(?a, ?b) AS ?verification) {{
        ?g bps:value ?v ; (^bps:guarantee)?/prov:hadPrimarySource ?s . ?p bps:guarantee ?g
        OPTIONAL {{ ?g bps:verification ?a }}
        OPTIONAL {{ ?p bps:verification ?b }}
        FILTER(STRENDS(STR(?g), "/{key}"))
    }}"""
    found = {(Decimal(v), w) for v, w in rows(graph(f"national/{edition}"), query)}
    assert found == {(Decimal(value), f"verification/{verification}")}


def test_dates_of_the_amendments_are_full_dates() -> None:
    for edition in AMENDMENTS:
        store = graph(f"national/{edition}")
        pattern = f"""<catalogue/100000/{edition}> a bps:NationalBaseline ; bps:extent <extent/excerpt> ;
            bps:validFrom "{edition}"^^<http://www.w3.org/2001/XMLSchema#date>"""
        assert ask(store, pattern)
        precision = "day" if edition == "2022-07-01" else "term"
        assert ask(store, f"?c bps:datePrecision <date-precision/{precision}>")


def test_the_vocational_grant_of_2025_replaces_the_older_ones() -> None:
    replaced = rows(graph("national/2025-02-01"), "SELECT ?o { ?g dct:replaces ?o } ORDER BY ?o")
    key = "vocational-national-grant/national-grant"
    assert replaced == [(f"guarantee/100000/2021/{key}",), (f"guarantee/100000/2023/{key}",)]
    for edition, (guarantee,) in zip(("2021", "2023"), replaced, strict=True):
        assert ask(graph(f"national/{edition}"), f"<{guarantee}> a bps:Guarantee")


def effective(code: str, edition: str, path: str) -> dict[tuple[str, str], list[str]]:
    """Item and measure of each guarantee, with the segments it is for: its own, else the beneficiary."""
    found: dict[tuple[str, str], list[str]] = {}
    query = """SELECT ?i ?m (COALESCE(?s, ?b) AS ?e) { ?p bps:item ?i ; bps:guarantee ?g . ?g bps:measure ?m
        OPTIONAL { ?g bps:segment ?s } OPTIONAL { ?p bps:beneficiary ?b } }"""
    for item, measure, segment in rows(graph(f"{path}"), query):
        assert segment, (item, measure)
        found.setdefault((item, measure), []).append(segment)
    return found


def test_jincheng_answers_every_floor_of_2021_in_its_scope() -> None:
    """One to one: the same measure, for the same or a broader group, and the broader ones are three."""
    here = effective("140500", "2021", "local/140500-2021")
    there = effective("100000", "2021", "national/2021")
    scope = {item for item, _ in here}
    assert len(scope) == 13
    assert set(here) == {key for key in there if key[0] in scope}
    wider = []
    for key, segments in here.items():
        assert len(segments) == len(there[key])
        for floor in there[key]:
            if floor in segments:
                continue
            (promise,) = segments
            assert ask(graph("vocabulary/segments"), f"<{floor}> skos:broader+ <{promise}>")
            wider.append(key[0])
    assert sorted(wider) == [
        "item/senior-high-tuition-waiver",
        "item/vocational-national-grant",
        "item/vocational-tuition-waiver",
    ]


def test_the_third_year_is_what_jincheng_lacks_since_2025() -> None:
    (floor,) = effective("100000", "2025-02-01", "national/2025-02-01")[
        "item/vocational-national-grant", "measure/national-grant"
    ]
    (promise,) = effective("140500", "2021", "local/140500-2021")[
        "item/vocational-national-grant", "measure/national-grant"
    ]
    assert not ask(graph("vocabulary/segments"), f"<{floor}> skos:broader* <{promise}>")


def test_2021_cites_nothing_later_than_its_restatement() -> None:
    """Nothing of 2023 is copied back: its sources are of 2021, or say what held before a raise."""
    sources = {
        s for (s,) in rows(graph("national/2021"), "SELECT DISTINCT ?s { ?x prov:hadPrimarySource ?s }")
    }
    assert sources <= {
        "document/jincheng-2021-45",  # restates the edition, 2021-11-02
        "document/ndrc-shehui-2021-443",
        "source/p01",  # excerpt of the edition itself
        "source/p03",  # 2021-04-22
        "source/p04",  # 2022-01-04, on the edition of 2021
        "source/p05",  # Yunnan's edition of 2021
        "source/w07",  # 2021-04-23
        "source/w13",  # 2022-05-11, gives the figures before and after the raise
        "source/w21",  # 2021-04-21
        "source/w22",  # 2021-04-21
        "source/w23",  # 2021-04-21
        "source/w26",  # Shanghai's edition of 2021
        "source/w43",  # 2021-04-21
        "source/w51",  # Chongqing's edition of 2021
    }


@pytest.mark.parametrize(
    ("key", "value", "verification"),
    [
        ("items-added-2023", 1, "paraphrase"),
        ("items-raised-2023", 3, "paraphrase"),
        ("items-widened-2023", 2, "paraphrase"),
        ("items-reworded-2023", 41, "paraphrase"),
        ("items-re-led-2023", 10, "paraphrase"),
        ("items-renamed-2023", 1, "inferred"),
        ("items-adjusted-2023", 48, "paraphrase"),
        ("share-of-items-adjusted-2023", 60, "paraphrase"),
    ],
)
def test_what_was_announced_of_2023(key: str, value: int, verification: str) -> None:
    query = f"""SELECT ?v ?w {{ ?o a bps:Observation ; bps:indicator <indicator/{key}> ; bps:value ?v ;
        bps:verification ?w ; prov:hadPrimarySource ?s }}"""
    found = {(Decimal(v), w) for v, w in rows(graph("national-announcement"), query)}
    assert found == {(Decimal(value), f"verification/{verification}")}


def test_the_items_that_the_announcement_names() -> None:
    store = graph("national-announcement", "items")
    query = (
        "SELECT ?i { ?o bps:indicator <indicator/%s> ; dct:subject ?i . ?i a bps:ServiceItem } ORDER BY ?i"
    )
    for key, expected in (
        ("items-added-2023", 1),
        ("items-raised-2023", 3),
        ("items-widened-2023", 2),
        ("items-reworded-2023", 2),
        ("items-re-led-2023", 2),
    ):
        assert len(rows(store, query % key)) == expected


def test_the_raised_items_rise_from_2021_to_2023() -> None:
    store = graph("national/2021", "national/2023", "national-announcement")
    raised = """SELECT DISTINCT ?i {
        ?p bps:catalogue <catalogue/100000/2021> ; bps:item ?i ; bps:guarantee ?g .
        ?r bps:catalogue <catalogue/100000/2023> ; bps:item ?i ; bps:guarantee ?h .
        ?g bps:measure ?m ; bps:segment ?s ; bps:value ?v . ?h bps:measure ?m ; bps:segment ?s ; bps:value ?w
        FILTER(?w > ?v) } ORDER BY ?i"""
    named = "SELECT ?i { ?o bps:indicator <indicator/items-raised-2023> ; dct:subject ?i } ORDER BY ?i"
    assert rows(store, raised) == rows(store, named)


def test_what_is_promised_by_the_health_specification_can_be_followed() -> None:
    """Every figure of the specification answers a reference of the same item, measure and segment."""
    store = graph("national/2023", "national/2017-specification")
    figures = "?p bps:catalogue <catalogue/100000/2017-specification> ; bps:item ?i ; bps:guarantee ?x . "
    assert count(store, figures) == 9
    followed = (
        figures
        + """?x bps:measure ?m . OPTIONAL { ?x bps:segment ?s }
        ?r bps:catalogue <catalogue/100000/2023> ; bps:item ?i ; bps:guarantee ?h .
        ?h bps:measure ?m . OPTIONAL { ?h bps:segment ?t }
        FILTER(COALESCE(?s, <none>) = COALESCE(?t, <none>))"""
    )
    assert count(store, followed) == 9
    by_reference = "?h bps:reference <standard/basic-public-health-specification-3>"
    assert count(store, f"{followed} {by_reference}") == 8
    figure = "<guarantee/100000/2023/elderly-health-management/health-management-visits> bps:value 1.0"
    assert ask(store, figure)


def test_what_stands_beside_the_editions_is_no_baseline() -> None:
    for name in BESIDE:
        assert not ask(graph(name), "?x a bps:NationalBaseline")
        assert ask(graph(name), "?x a bps:Catalogue ; bps:extent <extent/excerpt>")


def test_one_third_of_films_is_an_exact_fraction() -> None:
    third = "?g bps:fractionNumerator 1 ; bps:fractionDenominator 3 ; bps:unit <unit/one>"
    assert ask(graph("national/2015-guidance"), third)
    assert not ask(graph("national/2015-guidance"), f"{third} ; bps:value ?v")


def test_evidence_stands_beside_cells_of_2023() -> None:
    store = graph("national-evidence", "national/2023")
    assert count(store, "?x a bps:Evidence") == 99
    assert count(store, "?x a bps:Evidence ; bps:about/bps:catalogue <catalogue/100000/2023>") == 99
    assert count(store, "?x a bps:Evidence ; bps:field ?f ; rdf:value ?v ; bps:verification ?w") == 99


def test_a_lead_agency_that_is_not_known_stays_empty() -> None:
    store = graph("national/2023")
    bare = "SELECT ?i { ?p bps:item ?i FILTER NOT EXISTS { ?p bps:leadAgency ?a } }"
    assert rows(store, bare) == [("item/health-education-and-literacy",)]


def test_the_cells_that_contradict_what_was_recalled_say_so() -> None:
    noted = """SELECT DISTINCT ?s { ?x a rdf:Statement ; rdf:subject ?s ; prov:hadPrimarySource ?o ;
        rdfs:comment ?c FILTER(CONTAINS(?c, "had been recalled")) }"""
    assert {s.rpartition("/")[2] for (s,) in rows(graph("national/2023"), noted)} == {
        "rural-preconception-health-check",
        "maternity-insurance",
        "infectious-disease-and-emergency-response",
        "endemic-disease-management",
        "hiv-follow-up-management",
        "hiv-risk-group-intervention",
    }


def test_every_statement_about_a_cell_is_in_its_graph() -> None:
    for name in ("items", *NATIONAL):
        store = graph(name)
        stated = {(quad.subject, quad.predicate, quad.object) for quad in store}
        query = "SELECT ?s ?p ?o { ?x rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }"
        solutions = store.query(PREFIXES + query)
        assert isinstance(solutions, QuerySolutions)
        for solution in solutions:
            assert (solution["s"], solution["p"], solution["o"]) in stated


def test_taizhou_has_13_fields_nine_of_them_domains_of_the_state() -> None:
    store = graph("taizhou-fields", "items")
    assert count(store, "?x skos:inScheme <scheme/taizhou-field>") == 13
    assert count(store, "?y skos:exactMatch ?x . ?x a bps:Domain") == 9
    assert count(store, "?x skos:altLabel ?l FILTER(LANG(?l) = 'zh-hant')") == 13


def test_what_is_named_is_defined_somewhere() -> None:
    """Documents, standards, sources, agencies, delegates and clauses, wherever in data/ttl they are."""
    store = Store()
    for path in ROOT.rglob("*.ttl"):
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=ID):
            store.add(Quad(quad.subject, quad.predicate, quad.object))
    used = "bps:reference|bps:standard|bps:leadAgency|bps:supportingAgency|bps:delegatedTo|bps:clause"
    for name in EVERYTHING:
        for (thing,) in rows(graph(name), f"SELECT DISTINCT ?o {{ ?s {used} ?o }}"):
            assert ask(store, f"<{thing}> dct:title|skos:prefLabel ?l"), thing
