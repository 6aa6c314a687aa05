"""Documents, clauses, sources, indicators, targets, tasks and phases as the files in data/ttl state them."""

import re
from collections import Counter
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "data" / "ttl" / "documents"
ID = "https://w3id.org/bps/id/"
PREFIXES = """
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX eli: <http://data.europa.eu/eli/ontology#>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
BASE <https://w3id.org/bps/id/>
"""
PLAN = "public-services-plan-14th"


@cache
def store() -> Store:
    """The documents with the standards, indicators and targets, in one default graph."""
    found = Store()
    data = ROOT / "data" / "ttl"
    others = (data / name for name in ("indicators.ttl", "targets.ttl", "standards.ttl", "agencies.ttl"))
    for file in [*sorted(DOCUMENTS.glob("*.ttl")), *others]:
        if file.exists():
            for quad in parse(file.read_bytes(), RdfFormat.TURTLE, base_iri=ID):
                found.add(Quad(quad.subject, quad.predicate, quad.object))
    return found


def rows(query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT query, every IRI of ours without its namespace, unbound as an empty text."""
    solutions = store().query(PREFIXES + query)
    return [
        tuple("" if value is None else str(value.value).removeprefix(ID) for value in solution)
        for solution in solutions  # type: ignore[union-attr]
    ]


def column(query: str) -> list[str]:
    return [row[0] for row in rows(query)]


class TestDocuments:
    def test_clause_is_part_of_a_document_that_exists(self) -> None:
        lost = column(
            "SELECT ?c { ?c a bps:Clause FILTER NOT EXISTS "
            "{ ?c eli:is_part_of ?d { ?d a bps:PolicyDocument } UNION { ?d a bps:Standard } } }"
        )
        assert lost == []

    def test_parent_of_a_clause_exists_and_its_key_starts_the_clause_key(self) -> None:
        for clause, parent in rows("SELECT ?c ?p { ?c a bps:Clause ; eli:is_part_of ?p }"):
            assert clause.startswith((f"{parent}/", f"{parent}-")), clause
            assert rows(f"SELECT ?t {{ <{parent}> a ?t }}"), parent

    def test_cited_clause_is_a_clause(self) -> None:
        assert column("SELECT DISTINCT ?c { ?s bps:clause ?c FILTER NOT EXISTS { ?c a bps:Clause } }") == []

    @pytest.mark.parametrize("kind", ["PolicyDocument", "Clause", "Task", "Phase", "Target", "Source"])
    def test_title_in_both_languages(self, kind: str) -> None:
        things = set(column(f"SELECT ?s {{ ?s a bps:{kind} }}"))
        both = set(
            column(
                f"SELECT ?s {{ ?s a bps:{kind} ; dct:title ?z, ?e "
                "FILTER (lang(?z) = 'zh') FILTER (lang(?e) = 'en') }"
            )
        )
        assert things
        assert things - both == set()

    def test_numbers_of_documents(self) -> None:
        numbers = {row[0]: row[1] for row in rows("SELECT ?d ?n { ?d bps:documentNumber ?n }")}
        assert numbers["document/sac-2023-61"] == "国标委联〔2023〕61号"
        assert numbers["document/jincheng-2021-45"] == "晋市政办函〔2021〕45号"
        assert numbers["document/ndrc-shehui-2021-443"] == "发改社会〔2021〕443号"
        assert len(set(numbers.values())) == len(numbers)

    def test_eighteen_departments_issued_notice_61(self) -> None:
        issuers = column("SELECT DISTINCT ?a { <document/sac-2023-61> dct:publisher ?a }")
        assert len(issuers) == 18

    def test_dates_are_dates(self) -> None:
        names = {"issued", "validFrom", "validUntil", "due", "reviewDate"}
        for quad in store():
            if re.split("[/#]", quad.predicate.value)[-1] in names:
                assert isinstance(quad.object, Literal)
                assert quad.object.datatype.value.endswith("XMLSchema#date"), quad
                date.fromisoformat(quad.object.value)

    def test_assurances_rest_on_the_clause_with_their_sentence(self) -> None:
        cited = rows(
            "SELECT ?a ?z { ?a bps:clause ?c . ?c dct:description ?z "
            "FILTER (strstarts(str(?a), 'https://w3id.org/bps/id/assurance/') && lang(?z) = 'zh') }"
        )
        assert len(cited) == 6
        assert {"内容无缺项、目标人群全覆盖、标准不高攀、投入有保障、服务可持续" in z for _, z in cited} == {
            True
        }

    def test_county_system_has_three_subsystems_and_ten_branches(self) -> None:
        clauses = column(
            "SELECT ?c { ?s bps:clause ?c FILTER strstarts(str(?s), 'https://w3id.org/bps/id/subsystem/') }"
        )
        depth = Counter("branch" if "-" in c.rsplit("/", 1)[1] else "subsystem" for c in clauses)
        assert depth == {"subsystem": 3, "branch": 10}
        principles = column("SELECT ?c { ?c eli:is_part_of <standard/GB-T-43507-2023/4> }")
        assert len(principles) == 4


class TestSources:
    def test_a_source_without_a_page_says_so(self) -> None:
        silent = column(
            "SELECT ?s { ?s a bps:Source FILTER NOT EXISTS { ?s foaf:page ?p } "
            "FILTER NOT EXISTS { ?s rdfs:comment ?c FILTER regex(?c, 'address', 'i') } }"
        )
        assert silent == []

    def test_pages_are_addresses(self) -> None:
        pages = column("SELECT ?p { ?s a bps:Source ; foaf:page ?p }")
        assert len(pages) > 70
        assert [p for p in pages if not re.match(r"https?://[^/\s]+/", p)] == []

    def test_no_seed_is_a_source_of_its_own(self) -> None:
        assert column("SELECT ?s { ?s a bps:Source FILTER regex(str(?s), 'source/s[0-9]') }") == []


class TestTargets:
    def targets(self, document: str) -> list[str]:
        return column(f"SELECT ?t {{ ?t a bps:Target ; prov:hadPrimarySource <document/{document}> }}")

    @pytest.mark.parametrize(
        ("document", "count"),
        [(PLAN, 22), ("sac-2023-61", 3), ("taizhou-pilot-2020", 4), ("jincheng-2021-45", 5)],
    )
    def test_number_of_targets(self, document: str, count: int) -> None:
        assert len(self.targets(document)) == count

    def test_seven_binding_and_fifteen_expected(self) -> None:
        attributes = Counter(column("SELECT ?a { ?t bps:attribute ?a }"))
        assert attributes == {"attribute/binding": 7, "attribute/expected": 15}

    def test_everyone_eligible_is_not_a_number(self) -> None:
        found = column("SELECT ?t { ?t bps:comparator <comparator/all-eligible> }")
        assert len(found) == 3
        assert column("SELECT ?t { ?t bps:comparator <comparator/all-eligible> ; bps:value ?v }") == []

    def test_more_than_is_not_at_least(self) -> None:
        found = column("SELECT ?w { ?t bps:comparator <comparator/more-than> ; bps:statedAs ?w }")
        assert sorted(found) == [">30", ">90%", ">92%", ">95%"]

    def test_a_number_has_a_unit_and_the_words_it_comes_from(self) -> None:
        for target, value, unit, words in rows(
            "SELECT ?t ?v ?u ?w { ?t a bps:Target ; bps:value ?v OPTIONAL { ?t bps:unit ?u } "
            "OPTIONAL { ?t bps:statedAs ?w } }"
        ):
            assert unit, target
            assert value in re.findall(r"[0-9.]+", words), target

    def test_training_is_a_mean_and_old_estates_are_a_total(self) -> None:
        found = {
            row[0].rsplit("/", 1)[1]: row[1:]
            for row in rows(
                f"SELECT ?t ?b ?p ?v ?n {{ ?t prov:hadPrimarySource <document/{PLAN}> ; bps:basis ?b ; "
                "bps:basePeriod ?p ; bps:baseValue ?v ; bps:value ?n }"
            )
        }
        assert found["subsidised-skills-training"] == ("basis/period-mean", "2016-2020", "1800", "1500")
        assert found["old-estates-renovated"] == ("basis/cumulative", "2016-2020", "5.9", "21.9")
        assert found["life-expectancy"] == ("basis/year", "2019", "77.3", "78.3")
        assert {k for k, row in found.items() if row[1] != "2020"} == {
            "subsidised-skills-training",
            "old-estates-renovated",
            "life-expectancy",
        }

    def test_base_values_are_observations_with_the_same_number(self) -> None:
        stated = rows("SELECT ?i ?v ?u { ?t bps:indicator ?i ; bps:baseValue ?v ; bps:unit ?u }")
        observed = rows(
            f"SELECT ?i ?v ?u {{ ?o a bps:Observation ; prov:hadPrimarySource <document/{PLAN}> ; "
            "bps:indicator ?i ; bps:value ?v ; bps:unit ?u }"
        )
        assert len(stated) == 16
        assert sorted(stated) == sorted(observed)

    def test_targets_of_notice_61(self) -> None:
        found = rows(
            "SELECT ?t ?c ?v ?d { ?t prov:hadPrimarySource <document/sac-2023-61> ; bps:comparator ?c ; "
            "bps:due ?d OPTIONAL { ?t bps:value ?v } ?t bps:order ?o } ORDER BY ?o"
        )
        assert [row[1:] for row in found if row[0].startswith("target/")] == [
            ("comparator/equal", "200", "2027-12-31"),
            ("comparator/equal", "80", "2027-12-31"),
            ("comparator/basically-achieved", "", "2035-12-31"),
        ]

    def test_targets_of_jincheng_have_no_date_but_one(self) -> None:
        due = rows("SELECT ?t ?d { ?t prov:hadPrimarySource <document/jincheng-2021-45> ; bps:due ?d }")
        assert due == [("target/jincheng-2021-45/standard-coverage", "2022-07-31")]

    def test_indicator_has_a_label_in_both_languages(self) -> None:
        labels = rows("SELECT ?i (lang(?l) AS ?g) { ?i a bps:Indicator ; skos:prefLabel ?l }")
        assert {row[0] for row in labels if row[1] == "zh"} == {row[0] for row in labels if row[1] == "en"}
        named = set(column("SELECT ?i { ?t a bps:Target ; bps:indicator ?i }"))
        assert named <= {row[0] for row in labels}


class TestTasks:
    def test_taizhou_has_fifteen_tasks_each_with_its_own_responsible_unit(self) -> None:
        zone = "agency/321200/medical-high-tech-zone-committee"
        units: dict[str, set[str]] = {}
        for task, unit in rows("SELECT ?t ?a { ?t a bps:Task ; bps:responsibleAgency ?a }"):
            units.setdefault(task, set()).add(unit)
        assert len(units) == 15
        assert all(zone in named and len(named) > 1 for named in units.values())

    def test_notice_61_has_a_task_group_for_each_domain_and_a_general_one(self) -> None:
        groups = rows(
            "SELECT ?t ?d { ?t dct:isPartOf <task/sac-2023-61/standards-supply> "
            "OPTIONAL { ?t bps:domain ?d } }"
        )
        assert sorted(d for _, d in groups) == ["", *(f"domain/{n}" for n in range(1, 10))]

    def test_every_task_of_jincheng_has_a_lead(self) -> None:
        tasks = set(column("SELECT ?t { ?t a bps:Task ; prov:hadPrimarySource <document/jincheng-2021-45> }"))
        assert len(tasks) == 16
        assert tasks - set(column("SELECT ?t { ?t bps:leadAgency ?a }")) == set()

    def test_own_measures_of_jincheng_rest_on_items_five_to_ten(self) -> None:
        clauses = column(
            "SELECT ?c { ?t dct:isPartOf <task/jincheng-2021-45/comfort-in-old-age> ; bps:clause ?c }"
        )
        assert sorted(clauses) == sorted(f"document/jincheng-2021-45/5-2-2-{n}" for n in range(5, 11))

    def test_five_phases_follow_each_other(self) -> None:
        phases = rows(
            "SELECT ?f ?u { ?p a bps:Phase ; prov:hadPrimarySource <document/jincheng-2021-45> ; "
            "bps:order ?o ; bps:validFrom ?f ; bps:validUntil ?u } ORDER BY ?o"
        )
        assert len(phases) == 5
        assert all(before[1] == after[0] for before, after in pairwise(phases))
        assert (phases[0][0], phases[-1][1]) == ("2021-10-01", "2022-08-01")

    def test_offices_are_titles_and_never_persons(self) -> None:
        offices = rows(
            "SELECT DISTINCT ?o ?l { ?g bps:responsibleOffice ?o . ?o skos:prefLabel ?l "
            "FILTER (lang(?l) = 'zh') }"
        )
        assert len(offices) == 8
        titles = re.compile(r"(局长|主任|党组成员|主要领导|分管领导)$")
        assert [label for _, label in offices if not titles.search(label)] == []

    def test_clauses_of_the_thirteen_items_of_jincheng(self) -> None:
        keys = set(column("SELECT ?c { ?c eli:is_part_of <document/jincheng-2021-45> }"))
        wanted = [f"5-2-1-{n}" for n in range(1, 10)] + [f"5-2-2-{n}" for n in range(1, 11)]
        assert {f"document/jincheng-2021-45/{key}" for key in wanted} <= keys


def test_taizhou_has_thirteen_fields_of_which_nine_are_domains() -> None:
    fields = ROOT / "data" / "ttl" / "taizhou-fields.ttl"
    found = [quad.triple for quad in parse(fields.read_bytes(), RdfFormat.TURTLE, base_iri=ID)]
    matches = {t.object.value for t in found if t.predicate.value.endswith("#exactMatch")}
    assert len({t.subject for t in found if t.predicate.value.endswith("#topConceptOf")}) == 13
    assert matches == {f"{ID}domain/{n}" for n in range(1, 10)}


def test_things_of_a_document_stay_in_one_file() -> None:
    homes: dict[str, set[str]] = {}
    for file in DOCUMENTS.glob("*.ttl"):
        for quad in parse(file.read_bytes(), RdfFormat.TURTLE, base_iri=ID):
            if isinstance(quad.subject, NamedNode):
                homes.setdefault(quad.subject.value, set()).add(file.name)
    assert {thing: names for thing, names in homes.items() if len(names) > 1} == {}
