"""Overlaps: likeness by hand, the filter against all pairs, labelled names, gates, duties and reviews."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from bpsgraph.analysis.overlap import (
    Candidate,
    Comparison,
    Decision,
    Featured,
    Kind,
    Review,
    Threshold,
    Weights,
    add_review,
    bigrams,
    overlap_answer,
    overlaps,
    read_featured,
    read_reviews,
    read_threshold,
)
from bpsgraph.analysis.overlap.candidates import duplicate_standards, same_duties, same_items, same_standards
from bpsgraph.errors import MalformedFile
from bpsgraph.results import Text
from bpsgraph.store import EmbeddedStore, open_store, select
from bpsgraph.terms import BASE, short
from conftest import Run

PAGE = Path(__file__).parents[2] / "docs" / "analysis" / "overlap.md"
THRESHOLD = Threshold(0.6, 0.2, 0.2, 0.25, 0.35)
STATE, COUNTY = f"{BASE}jurisdiction/100000", f"{BASE}jurisdiction/140500"
MEALS, POOR_MEALS = "农村义务教育学生营养膳食补助", "贫困地区学生营养膳食补助"
ALIKE = "义务教育学生营养膳食补助"


def thing(iri: str, name: str, kind: str = "item", **features: str) -> Featured:
    """Features as words parted by spaces: `place="100000"`, `applies_to="a b"`."""
    sets = {key.replace("_", "-"): frozenset(words.split()) for key, words in features.items()}
    return Featured(iri, kind, Text(name, name), (name,), sets)


def item(iri: str, name: str, place: str, domain: str = "2", **features: str) -> Featured:
    return thing(iri, name, place=place, domain=domain, **features)


def standard(iri: str, name: str, level: str = "gb-t", **features: str) -> Featured:
    return thing(iri, name, "standard", level=f"{BASE}standard-level/{level}", **features)


def keys(found: list[Candidate]) -> list[tuple[str, str]]:
    return [(one.one.iri, one.other.iri) for one in found]


# --- how alike two names are ---


@pytest.mark.parametrize(
    ("one", "other"),
    [("讀書看報", "读书、看报"), ("“12333”热线", "１２３３３ 热线"), ("医疗（救助）", "医疗救助")],
)
def test_spelling_makes_no_difference(one: str, other: str) -> None:
    assert bigrams(one) == bigrams(other)


def test_a_single_character_is_a_pair_with_nothing() -> None:
    assert [*bigrams("医")] == ["医"]
    assert not bigrams("")


def test_the_likeness_is_that_computed_by_hand() -> None:
    """Of three names two have 甲乙, each other pair is in one: 1 + ln(4/3) against twice 1 + ln 2 more."""
    weights = Weights.of(["甲乙丙", "甲乙丁", "戊己"])
    shared, single = 1 + math.log(4 / 3), 1 + math.log(2)
    expected = shared / (shared + 2 * single)
    assert weights.likeness(bigrams("甲乙丙"), bigrams("甲乙丁")) == pytest.approx(expected, abs=1e-15)
    assert weights.likeness(bigrams("甲乙丙"), bigrams("戊己")) == 0.0
    assert weights.likeness(bigrams("甲乙丙"), bigrams("甲乙丙")) == 1.0


class Counting(Weights):
    """Counts how many pairs of sets are compared."""

    compared = 0

    def likeness(self, one: frozenset[str], other: frozenset[str]) -> float:
        Counting.compared += 1
        return super().likeness(one, other)


def made_up(number: int, seed: int) -> list[str]:
    """Names as items have them: a group, a thing and 服务 or 补助."""
    draw = random.Random(seed)
    letters = "老儿残学农退困孕职居教医养住文体就失法公共基本健康管理安全保障救助"
    names: set[str] = set()
    while len(names) < number:
        middle = "".join(draw.choices(letters, k=draw.randint(3, 7)))
        names |= {middle + "服务", "".join(draw.choices(letters, k=draw.randint(0, 2))) + middle + "补助"}
    return sorted(names)


@pytest.mark.parametrize("least", [0.2, 0.25, 0.5, 0.8, 1.0])
def test_the_filter_finds_what_all_pairs_find(least: float) -> None:
    names = made_up(220, seed=7)
    weights = Weights.of(names)
    sets = {name: bigrams(name) for name in names}
    every = {
        (one, other)
        for one, other in itertools.combinations(sorted(sets), 2)
        if weights.likeness(sets[one], sets[other]) >= least
    }
    assert set(weights.alike(sets, least)) == every
    assert every or least > 0.5


def test_few_of_all_pairs_are_compared() -> None:
    names = made_up(1500, seed=8)
    weights = Counting(len(names), Weights.of(names).having)
    Counting.compared = 0
    list(weights.alike({name: bigrams(name) for name in names}, 0.25))
    assert 0 < Counting.compared < 0.1 * len(names) ** 2 / 2


# --- the labelled names ---


def labelled(built: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]], Weights, float]:
    """Names that one item bore, names of two items of one category, the weights of all names, the threshold."""
    query = """PREFIX bps: <https://w3id.org/bps/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?matter ?name ?label WHERE { ?matter skos:closeMatch ?item ; skos:prefLabel ?name .
          ?item a bps:ServiceItem ; skos:prefLabel ?label
          FILTER(LANG(?name) = "zh" && LANG(?label) = "zh") } ORDER BY ?matter ?label"""
    siblings = """PREFIX bps: <https://w3id.org/bps/ns#>
        SELECT ?one ?other WHERE { ?one bps:category ?category . ?other bps:category ?category
          FILTER(STR(?one) < STR(?other)) } ORDER BY ?one ?other"""
    with open_store(built) as store:
        items = {iri: one for iri, one in read_featured(store).items() if one.kind == "item"}
        matters = [[str(cell.value) for cell in row.values() if cell] for row in select(store, query)]
        pairs = [[str(cell.value) for cell in row.values() if cell] for row in select(store, siblings)]
        comparison = Comparison(items.values(), read_threshold(store))
    same = [(one.names[0], name) for one in items.values() for name in one.names[1:]]
    matches = Counter(matter for matter, _, _ in matters)
    same += [(label, name) for matter, name, label in matters if matches[matter] == 1]
    different = [(items[one].names[0], items[other].names[0]) for one, other in pairs]
    return same, different, comparison.weights, comparison.threshold.score


def test_precision_and_recall_are_those_of_the_page(built: Path) -> None:
    same, different, weights, threshold = labelled(built)
    page = PAGE.read_text(encoding="utf-8")
    rows = []
    for least in (0.25, 0.3, threshold, 0.4, 0.5):
        found, wrong = (
            sum(weights.likeness(bigrams(one), bigrams(other)) >= least for one, other in pairs)
            for pairs in (same, different)
        )
        rows.append(
            f"| {least:.2f} | {found} of {len(same)} | {wrong} of {len(different)} "
            f"| {found / (found + wrong):.2f} | {found / len(same):.2f} |"
        )
    assert "\n".join(rows) in page


# --- gates ---


def test_an_item_under_another_name_is_found_with_its_reasons() -> None:
    items = [
        item(
            "meals", MEALS, STATE, reference="law a", content="营养膳食补助每生每天5元", beneficiary="pupils"
        ),
        item(
            "local", POOR_MEALS, COUNTY, reference="law b", content="膳食补助每生每天5元", beneficiary="rural"
        ),
        item("grant", "中等职业教育国家助学金", STATE),
    ]
    [one] = same_items(items, THRESHOLD, {"rural": frozenset({"pupils"})})
    assert (one.one.iri, one.other.iri, one.references, one.reference_likeness) == (
        "local",
        "meals",
        ("law",),
        1 / 3,
    )
    assert one.shared == ("学生营养膳食补助",)
    assert one.name_likeness is not None
    assert one.content_likeness is not None
    expected = 0.6 * one.name_likeness + 0.2 * one.content_likeness + 0.2 / 3
    assert one.score == pytest.approx(expected)
    words = "；".join(reason.zh for reason in one.reasons)
    for part in (MEALS, "学生营养膳食补助", "都援引 law", "内容相似", "同一领域 2", "对象相同或相容"):
        assert part in words


def test_what_is_not_stated_counts_neither_for_nor_against() -> None:
    [one] = same_items([item("a", MEALS, STATE), item("b", ALIKE, COUNTY)], THRESHOLD, {})
    assert one.score == one.name_likeness
    assert one.content_likeness is None


@pytest.mark.parametrize(
    "other",
    [
        item("b", ALIKE, STATE),  # the State's own items differ by definition
        item("b", ALIKE, COUNTY, domain="5"),
        item("b", ALIKE, COUNTY, beneficiary="older"),
        item("b", "基本殡葬服务", COUNTY),
    ],
)
def test_what_differs_in_domain_beneficiary_or_name_is_no_candidate(other: Featured) -> None:
    meals = item("a", MEALS, STATE, beneficiary="pupils")
    assert same_items([meals, other], THRESHOLD, {}) == []
    assert same_items([meals, item("b", ALIKE, COUNTY, beneficiary="pupils")], THRESHOLD, {})


def test_two_standards_for_one_item_and_aspect() -> None:
    items = {"library": item("library", "公共图书馆", STATE)}
    same = {"applies_to": "library", "aspect": "management"}
    standards = [
        standard("a", "公共图书馆服务规范", **same),
        standard("b", "公共图书馆少年儿童服务规范", applies_to="library"),
        standard("c", "公共图书馆服务规范", **same, status=f"{BASE}status/withdrawn"),
        standard("d", "公共图书馆服务规范", applies_to="library", aspect="facilities"),
        standard("e", "公共图书馆服务规范", applies_to="museum", aspect="management"),
        standard("f", "公共图书馆服务规范", **same, replaces="a"),
    ]
    found = same_standards(standards, items, THRESHOLD)
    assert keys(found) == [("a", "b"), ("b", "d"), ("b", "f")]
    assert found[0].about is not None
    assert found[0].about.iri == "library"
    assert any("都适用于公共图书馆" in reason.zh for reason in found[0].reasons)


def test_a_local_standard_that_duplicates_a_national_one() -> None:
    standards = [
        standard("national", "公共图书馆服务规范", domain="9"),
        standard("local", "晋城市公共图书馆服务规范", "db", domain="9"),
        standard("elsewhere", "公共图书馆服务规范", "db", domain="5"),
        standard("second", "公共图书馆服务规范", domain="9"),
    ]
    found = duplicate_standards(standards, THRESHOLD)
    assert keys(found) == [("local", "national"), ("local", "second")]


DUTIES = """@base <https://w3id.org/bps/id/> . @prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<catalogue/1/2020> bps:jurisdiction <jurisdiction/1> ; bps:validFrom "2020-01-01"^^xsd:date .
<catalogue/1/2023> bps:jurisdiction <jurisdiction/1> ; bps:validFrom "2023-01-01"^^xsd:date .
<catalogue/2/2023> bps:jurisdiction <jurisdiction/2> ; bps:validFrom "2023-01-01"^^xsd:date .
<item/aid> skos:prefLabel "法律援助"@zh . <item/meals> skos:prefLabel "膳食补助"@zh .
<provision/1/2020/aid> bps:catalogue <catalogue/1/2020> ; bps:item <item/aid> ; bps:leadAgency <agency/old> .
<provision/1/2023/aid> bps:catalogue <catalogue/1/2023> ; bps:item <item/aid> ; bps:leadAgency <agency/a>, <agency/b> .
<provision/1/2023/meals> bps:catalogue <catalogue/1/2023> ; bps:item <item/meals> ; bps:leadAgency <agency/a> .
<provision/2/2023/meals> bps:catalogue <catalogue/2/2023> ; bps:item <item/meals> ; bps:leadAgency <agency/z> .
<task/meals> a bps:Task ; dct:title "学生膳食补助"@zh ; bps:jurisdiction <jurisdiction/1> ; bps:leadAgency <agency/c> .
<task/aid> a bps:Task ; dct:title "开展法律援助"@zh ; bps:jurisdiction <jurisdiction/1> ; bps:leadAgency <agency/b> .
"""


def test_two_agencies_for_one_duty() -> None:
    """In place 1 a and b lead aid together, and c leads a task like the meals of a; the edition of 2020 is past."""
    store = EmbeddedStore.in_memory()
    store.replace_graph(f"{BASE}graph", [quad.triple for quad in parse(DUTIES, format=RdfFormat.TURTLE)])
    found = same_duties(store, THRESHOLD)
    assert [(short(one.one.iri), short(one.other.iri), one.score is None) for one in found] == [
        ("agency/a", "agency/b", True),
        ("agency/a", "agency/c", False),
    ]
    assert found[0].reasons[0].en == "provision/1/2023/aid names both as leading"
    assert "膳食补助／学生膳食补助" in found[1].reasons[0].zh


# --- reviews ---


def review(decision: Decision = Decision.REJECTED, **changes: str) -> Review:
    values = {
        "one": f"{BASE}item/b",
        "other": f"{BASE}item/a",
        "reviewer": "王芳",
        "reason": "对象不同",
    } | changes
    return Review(decision=decision, day=date(2026, 3, 1), **values)


def test_reviews_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "reviews.ttl"
    first = review(Decision.ACCEPTED)
    second = review(one=f"{BASE}agency/1/x", other=f"{BASE}agency/1/y", duty=f"{BASE}item/a")
    file.write_text(add_review([], first), encoding="utf-8")
    assert "<item/a> skos:closeMatch <item/b>" in " ".join(file.read_text(encoding="utf-8").split())
    file.write_text(add_review(read_reviews(file), second), encoding="utf-8")
    assert {one.key: one.reason for one in read_reviews(file)} == {
        first.key: "对象不同",
        second.key: "对象不同",
    }
    file.write_text(add_review(read_reviews(file), review(reason="再议")), encoding="utf-8")
    again = {one.key: (one.decision, one.reason) for one in read_reviews(file)}
    assert again[first.key] == (Decision.REJECTED, "再议")
    assert "closeMatch" not in file.read_text(encoding="utf-8")


def test_a_decision_that_there_is_not_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "reviews.ttl"
    file.write_text(add_review([], review()).replace("decision/rejected", "decision/maybe"), encoding="utf-8")
    with pytest.raises(MalformedFile, match="maybe"):
        read_reviews(file)


@pytest.fixture(scope="module")
def found(built: Path) -> Iterator[list[Candidate]]:
    with open_store(built) as store:
        yield overlaps(store)


def test_the_bundled_data_have_these_overlaps(found: list[Candidate]) -> None:
    named = {(one.one.label.zh, one.other.label.zh) for one in found if one.kind is Kind.STANDARD}
    assert named == {
        ("就业登记管理服务规范", "失业登记管理服务规范"),
        ("公共图书馆服务规范", "公共图书馆少年儿童服务规范"),
    }
    pension = [one for one in found if one.place and one.place.iri == COUNTY and one.about]
    assert f"{BASE}item/employee-pension-insurance" in {one.about.iri for one in pension if one.about}
    assert all(one.reasons for one in found)


def test_reviewed_pairs_are_not_shown_again(found: list[Candidate]) -> None:
    pair = next(one for one in found if one.kind is Kind.STANDARD)
    decided = [review(one=pair.other.iri, other=pair.one.iri)]
    whole = overlap_answer(found, "memory")
    less = overlap_answer(found, "memory", decided)
    every = overlap_answer(found, "memory", decided, reviewed_too=True)
    assert (len(less.rows), len(every.rows)) == (len(whole.rows) - 1, len(whole.rows))
    assert "1 pairs were reviewed" in less.notes[0].en
    assert [row["reviewer"] for row in every.rows if row["reviewer"]] == [Literal("王芳")]
    # A review of two agencies is of one duty: elsewhere the two are shown.
    duty = next(one for one in found if one.place and one.place.iri == COUNTY)
    assert duty.about is not None
    decided = [review(one=duty.one.iri, other=duty.other.iri, duty=duty.about.iri)]
    assert len(overlap_answer(found, "memory", decided).rows) == len(whole.rows) - 1


def test_the_command_writes_a_decision_and_leaves_the_pair_out(spawn: Run) -> None:
    kind = ("--kind", "two-standards", "--format", "csv", "-c", "one")
    before = spawn("overlap", *kind).stdout.splitlines()
    told = spawn(
        *("overlap", "--review", "reject", "GB-T-33532", "standard/GB-T-33534", "--on", "2026-03-01"),
        *("--reason", "一为就业登记，一为失业登记", "--by", "王芳", "-o", "reviews.ttl"),
    )
    assert (told.returncode, told.stdout) == (0, "")
    after = spawn("overlap", *kind, "--reviewed", "reviews.ttl").stdout.splitlines()
    assert (len(before), len(after)) == (3, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--review", "accept", "GB-T-33532", "--by", "x", "--reason", "y", "-o", "r.ttl"], "of two things"),
        (["--review", "accept", "GB-T-33532", "GB-T-33534", "-o", "r.ttl"], "why and by whom"),
        (["--review", "accept", "GB-T-33532", "GB-T-33534", "--by", "x", "--reason", "y"], "kept in a file"),
        (["GB-T-33532", "GB-T-33534"], "with --review"),
    ],
)
def test_a_slip_is_explained(spawn: Run, arguments: list[str], words: str) -> None:
    run = spawn("overlap", *arguments)
    assert run.returncode == 2
    assert words in run.stderr
