"""Places, agencies, standards, pilots and cost sharing as the files in data/ttl state them."""

from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/bps/id/"
PREFIXES = """
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://w3id.org/bps/id/>
"""


@cache
def graph(*names: str) -> Store:
    """The named files of data/ttl, together in one default graph."""
    store = Store()
    for name in names:
        data = (ROOT / "data" / "ttl" / f"{name}.ttl").read_bytes()
        for quad in parse(data, RdfFormat.TURTLE, base_iri=ID):
            store.add(Quad(quad.subject, quad.predicate, quad.object))
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT query, every IRI of ours without its namespace, unbound as an empty text."""
    solutions = store.query(PREFIXES + query)
    return [
        tuple("" if value is None else str(value.value).removeprefix(ID) for value in solution)
        for solution in solutions  # type: ignore[union-attr]
    ]


class TestDivisions:
    store = staticmethod(lambda: graph("divisions"))

    def test_counts_by_level(self) -> None:
        levels = Counter(level for (level,) in rows(self.store(), "SELECT ?l { ?j bps:level ?l }"))
        assert levels == {
            "level/national": 1,
            "level/province": 31,
            "level/prefecture": 333,
            "level/county": 2850,
        }

    def test_key_is_the_code(self) -> None:
        found = rows(self.store(), "SELECT ?j ?c { ?j a bps:Jurisdiction ; bps:code ?c }")
        assert len(found) == 1 + 3214
        assert all(key == f"jurisdiction/{code}" and len(code) == 6 for key, code in found)

    def test_every_jurisdiction_has_one_chinese_name(self) -> None:
        names = rows(
            self.store(), 'SELECT ?j ?n { ?j bps:code ?c ; skos:prefLabel ?n FILTER(lang(?n) = "zh") }'
        )
        assert len(names) == len({key for key, _ in names}) == 3215

    def test_no_statistical_zone_and_no_placeholder(self) -> None:
        found = rows(self.store(), "SELECT ?c ?n { ?j bps:code ?c ; skos:prefLabel ?n }")
        codes = {code for code, _ in found}
        names = {name for _, name in found}
        assert not {code for code in codes if 71 <= int(code[4:]) <= 79}
        assert "620201" not in codes
        assert not names & {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
        assert not codes & {"110100", "500200", "419000", "659000"}

    def test_within_ends_at_the_state(self) -> None:
        above: dict[str, str] = {}
        for low, high in rows(self.store(), "SELECT ?j ?w { ?j bps:within ?w }"):
            assert low not in above, f"{low} has two direct parents"
            above[low] = high
        levels = {row[0]: row[1] for row in rows(self.store(), "SELECT ?j ?l { ?j bps:level ?l }")}
        order = ["level/national", "level/province", "level/prefecture", "level/county"]
        assert set(levels) - set(above) == {"jurisdiction/100000"}
        for low, high in above.items():
            assert order.index(levels[high]) < order.index(levels[low]), (low, high)

    @pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
    def test_prefecture_without_counties_stands_once(self, code: str) -> None:
        place = f"<jurisdiction/{code}>"
        assert rows(self.store(), f"SELECT ?l {{ {place} bps:level ?l }}") == [("level/prefecture",)]
        assert rows(self.store(), f"SELECT ?j {{ ?j bps:within {place} }}") == []

    @pytest.mark.parametrize(
        ("county", "province"), [("110101", "110000"), ("500229", "500000"), ("659001", "650000")]
    )
    def test_county_of_a_placeholder_hangs_on_the_province(self, county: str, province: str) -> None:
        found = rows(self.store(), f"SELECT ?w {{ <jurisdiction/{county}> bps:within ?w }}")
        assert found == [(f"jurisdiction/{province}",)]

    def test_the_source_is_named(self) -> None:
        described = NamedNode("https://w3id.org/bps/graph/divisions")
        found = rows(
            self.store(), f"SELECT ?s ?v {{ {described} prov:hadPrimarySource ?s ; bps:verification ?v }}"
        )
        assert found == [("source/china-division-2-7-0", "verification/verbatim")]


class TestGroups:
    store = staticmethod(lambda: graph("divisions", "groups"))

    def test_members_are_divisions(self) -> None:
        query = """SELECT ?g (COUNT(?m) AS ?n) {
          ?g bps:level <level/group> ; bps:member ?m . ?m bps:code ?code } GROUP BY ?g"""
        assert {row[0]: row[1] for row in rows(self.store(), query)} == {
            "jurisdiction/jing-jin-ji": "3",
            "jurisdiction/yangtze-river-delta": "4",
            "jurisdiction/chengdu-chongqing": "2",
            "jurisdiction/guangdong-hong-kong-macao": "9",
        }
        assert rows(self.store(), "SELECT ?m { ?g bps:member ?m MINUS { ?m bps:code ?c } }") == []

    def test_nobody_can_take_the_membership_for_sourced(self) -> None:
        query = "SELECT ?g ?v { ?g bps:level <level/group> ; bps:verification ?v }"
        found = rows(self.store(), query)
        assert len(found) == 4
        assert {sure for _, sure in found} <= {"verification/recalled", "verification/inferred"}


class TestCostSharing:
    store = staticmethod(lambda: graph("divisions", "cost-sharing"))

    def places(self, scheme: str) -> dict[Decimal, set[str]]:
        query = f"""SELECT ?share ?code {{ <cost-sharing/{scheme}> bps:tier ?t .
          ?t bps:centralShare ?share . OPTIONAL {{ ?t bps:place/bps:code ?code }} }}"""
        found: dict[Decimal, set[str]] = {}
        for share, code in rows(self.store(), query):
            found.setdefault(Decimal(share), set()).update({code} - {""})
        return found

    def test_five_tiers_hold_every_province_once(self) -> None:
        tiers = self.places("five-tiers")
        assert {share: len(codes) for share, codes in tiers.items()} == {
            80: 12,
            60: 10,
            50: 3,
            30: 4 + 5,
            10: 2,
        }
        everywhere = [code for codes in tiers.values() for code in codes]
        provinces = {
            c for (c,) in rows(self.store(), "SELECT ?c { ?j bps:level <level/province> ; bps:code ?c }")
        }
        assert len(everywhere) == len(set(everywhere))
        assert {code for code in everywhere if code.endswith("0000")} == provinces
        assert {c for c in everywhere if c not in provinces} == {
            "210200",
            "330200",
            "350200",
            "370200",
            "440300",
        }

    def test_anhui_shares_operating_funds_at_sixty(self) -> None:
        tiers = self.places("compulsory-education-operating-funds")
        assert "340000" in tiers[Decimal(60)]
        assert sum(len(codes) for codes in tiers.values()) == 31

    def test_pension_names_no_places_that_the_source_does_not_name(self) -> None:
        assert self.places("resident-basic-pension") == {50: set(), 100: set()}

    def test_every_assignment_says_how_sure_it_is(self) -> None:
        assigned = rows(self.store(), "SELECT ?i ?s { ?i bps:costSharingScheme ?s }")
        query = """SELECT ?i ?s ?v { ?x a rdf:Statement ; rdf:subject ?i ; rdf:object ?s ;
          rdf:predicate bps:costSharingScheme ; bps:verification ?v }"""
        said = rows(self.store(), query)
        assert sorted(assigned) == sorted((item, scheme) for item, scheme, _ in said)
        recalled = {item for item, _, sure in said if sure == "verification/recalled"}
        assert {"item/senior-high-national-grant", "item/vocational-tuition-waiver"} <= recalled
        assert not {"item/vocational-national-grant", "item/resident-pension-insurance"} & recalled

    def test_eighteen_joint_items_in_eight_classes(self) -> None:
        classes = "SELECT ?c { ?c skos:topConceptOf <scheme/joint-fiscal-item> }"
        assert len(rows(self.store(), classes)) == 8
        assert len(rows(self.store(), f"SELECT ?i {{ ?i skos:broader ?c {{ {classes} }} }}")) == 18


class TestAgencies:
    store = staticmethod(lambda: graph("divisions", "agencies"))

    def test_each_has_its_names_and_its_jurisdiction(self) -> None:
        agencies = {a for (a,) in rows(self.store(), "SELECT ?a { ?a a bps:Agency }")}
        query = """SELECT ?a ?code { ?a skos:prefLabel ?zh, ?en ; bps:jurisdiction/bps:code ?code
          FILTER(lang(?zh) = "zh" && lang(?en) = "en") }"""
        complete = {(a, a.split("/")[1]) for a in agencies}
        assert set(rows(self.store(), query)) == complete
        places = Counter(a.split("/")[1] for a in agencies)
        assert (places["321200"], places["140500"]) == (28, 8)

    def test_the_eighteen_issuers_are_there(self) -> None:
        query = """SELECT ?a { ?a a bps:Agency ; bps:jurisdiction <jurisdiction/100000> ;
          prov:hadPrimarySource <document/sac-2023-61> }"""
        keys = "sac ndrc moe mca moj mof mohrss mohurd mct nhc mva nrta gasc nhsa ncha natcm ndcpa cdpf"
        assert {a for (a,) in rows(self.store(), query)} == {f"agency/100000/{key}" for key in keys.split()}

    @pytest.mark.parametrize(
        ("spelling", "key"),
        [
            ("教育部", "moe"),
            ("退役军人部", "mva"),
            ("退役军人事务部", "mva"),
            ("广电总局", "nrta"),
            ("国家广播电视总局", "nrta"),
            ("国家卫生健康委", "nhc"),
            ("中央宣传部", "ccppd"),
            ("国家疾控局", "ndcpa"),
        ],
    )
    def test_a_spelling_leads_to_one_ministry(self, spelling: str, key: str) -> None:
        query = f'SELECT ?a {{ ?a skos:prefLabel|skos:altLabel "{spelling}"@zh }}'
        assert rows(self.store(), query) == [(f"agency/100000/{key}",)]

    def test_counterparts_are_agencies_and_said_to_be_inferred(self) -> None:
        stated = rows(self.store(), "SELECT ?a ?c { ?a bps:counterpart ?c . ?c a bps:Agency }")
        query = """SELECT ?a ?c { ?x rdf:subject ?a ; rdf:predicate bps:counterpart ; rdf:object ?c ;
          bps:verification <verification/inferred> }"""
        assert sorted(stated) == sorted(rows(self.store(), query))
        assert len({a for a, _ in stated}) == 27 + 8
        assert ("agency/140500/education-bureau", "agency/100000/moe") in stated


class TestStandards:
    store = staticmethod(lambda: graph("standards"))

    def test_each_has_number_titles_level_and_verification(self) -> None:
        standards = rows(self.store(), "SELECT ?s { ?s a bps:Standard }")
        query = """SELECT ?s { ?s a bps:Standard ; dct:identifier ?n ; dct:title ?zh, ?en ;
          bps:standardLevel ?l ; bps:verification ?v FILTER(lang(?zh) = "zh" && lang(?en) = "en") }"""
        assert len(standards) == 45
        assert sorted(rows(self.store(), query)) == sorted(standards)

    def test_dates_are_whole_days_or_plainly_years(self) -> None:
        query = """SELECT ?p (DATATYPE(?d) AS ?type) { ?s a bps:Standard ; ?p ?d
          FILTER(?p IN (dct:issued, dct:date, bps:validFrom, bps:validUntil)) }"""
        types: dict[str, set[str]] = {}
        for path, kind in rows(self.store(), query):
            types.setdefault(path.rpartition("/")[2].rpartition("#")[2], set()).add(kind.rpartition("#")[2])
        day = {"date"}
        assert types == {"issued": day, "validFrom": day, "validUntil": day, "date": {"gYear"}}

    def test_recalled_standards_claim_no_source(self) -> None:
        recalled = "?s a bps:Standard ; bps:verification <verification/recalled>"
        assert len(rows(self.store(), f"SELECT ?s {{ {recalled} }}")) == 13
        assert rows(self.store(), f"SELECT ?s {{ {recalled} ; prov:hadPrimarySource ?x }}") == []
        sourced = "?s a bps:Standard MINUS { ?s prov:hadPrimarySource ?x }"
        assert len(rows(self.store(), f"SELECT ?s {{ {sourced} }}")) == 13

    def test_library_specification_replaces_the_withdrawn_one(self) -> None:
        query = """SELECT ?old { <standard/GB-T-28220-2023> dct:replaces ?old ; bps:validFrom ?day .
          ?old bps:status <status/withdrawn> ; bps:validUntil ?day }"""
        assert rows(self.store(), query) == [("standard/GB-T-28220-2011",)]

    def test_references_and_committees(self) -> None:
        found = rows(self.store(), "SELECT ?c { <standard/GB-T-43507-2023> bps:technicalCommittee ?c }")
        assert found == [("SAC/TC 264",)]
        found = rows(self.store(), "SELECT ?r { <standard/GB-T-43507-2023> dct:references ?r }")
        assert ("standard/GB-T-13016-2018",) in found
        assert rows(self.store(), "SELECT ?x { ?s dct:references|dct:replaces ?x MINUS { ?x a ?c } }") == []

    @pytest.mark.parametrize("link", ["bps:branch", "bps:aspect"])
    def test_places_in_a_scheme_are_said_to_be_inferred(self, link: str) -> None:
        stated = rows(self.store(), f"SELECT ?s ?o {{ ?s {link} ?o }}")
        query = f"""SELECT ?s ?o {{ ?x rdf:subject ?s ; rdf:predicate {link} ; rdf:object ?o ;
          bps:verification <verification/inferred> }}"""
        assert stated
        assert sorted(stated) == sorted(rows(self.store(), query))

    def test_every_item_a_standard_covers_says_how_sure_it_is(self) -> None:
        query = "SELECT ?s ?i { ?s bps:covers ?i FILTER(STRSTARTS(STR(?i), STR(<item/>))) }"
        said = """SELECT ?s ?i { ?x rdf:subject ?s ; rdf:predicate bps:covers ; rdf:object ?i ;
          bps:verification ?v }"""
        assert sorted(rows(self.store(), query)) == sorted(rows(self.store(), said))
        item = "<item/elderly-health-management>"
        sure = f"SELECT ?s ?v {{ ?x rdf:subject ?s ; rdf:object {item} ; bps:verification ?v }}"
        expected = ("standard/basic-public-health-specification-3", "verification/restated")
        assert rows(self.store(), sure) == [expected]


class TestPilots:
    store = staticmethod(lambda: graph("divisions", "groups", "pilots"))

    def test_eight_pilots_of_places_and_one_of_a_region(self) -> None:
        query = "SELECT ?p ?t { ?p a bps:Pilot ; bps:pilotType ?t ; bps:jurisdiction/bps:level ?l }"
        types = Counter(kind for _, kind in rows(self.store(), query))
        assert types == {
            "pilot-type/comprehensive": 3,
            "pilot-type/specialised": 2,
            "pilot-type/unstated": 3,
            "pilot-type/regional": 1,
        }

    def test_each_has_titles_and_a_source(self) -> None:
        query = """SELECT ?p { ?p a bps:Pilot ; dct:title ?zh, ?en ; bps:verification ?v ;
          prov:hadPrimarySource ?s FILTER(lang(?zh) = "zh" && lang(?en) = "en") }"""
        assert len(rows(self.store(), query)) == 9

    def test_status_is_there_only_where_the_source_says_it(self) -> None:
        assert {row[0]: row[1] for row in rows(self.store(), "SELECT ?p ?s { ?p bps:status ?s }")} == {
            "pilot/430700/comprehensive": "status/passed",
            "pilot/510100/high-tech-zone-comprehensive": "status/passed",
            "pilot/510108/medical-and-elderly-care": "status/passed",
            "pilot/jing-jin-ji/regional": "status/running",
        }

    def test_jincheng_pilots_two_domains(self) -> None:
        query = "SELECT ?d ?t { <pilot/140500/specialised> bps:domain ?d ; dct:issued ?t }"
        assert sorted(rows(self.store(), query)) == [("domain/2", "2021-11-02"), ("domain/5", "2021-11-02")]

    def test_first_batch_counts_fifty_one(self) -> None:
        query = """SELECT ?v { ?o a bps:Observation ; bps:value ?v ;
          bps:indicator <indicator/pilot-units-first-batch> }"""
        assert rows(self.store(), query) == [("51",)]
