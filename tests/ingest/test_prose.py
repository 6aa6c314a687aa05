"""The sentences of published tables say what the bundled catalogues state, and never another number."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpsgraph.ingest.beneficiaries import beneficiary_of
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.passage import ELLIPSIS, Promise, Unread
from bpsgraph.ingest.prose import promises_in
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.ingest.wording import Wording, read_value
from bpsgraph.terms import BASE, BPS, RDF_TYPE, short
from jincheng import ROWS, Row

DATA = Path(__file__).resolve().parents[2] / "data" / "ttl"
FILES = [*sorted((DATA / "national").glob("*.ttl")), *sorted((DATA / "local").glob("*.ttl"))]
PROPERTIES = {
    "value": "value",
    "unit": "unit",
    "lower": "lower",
    "upper": "upper",
    "minimumTiers": "minimum_tiers",
    "maximumTiers": "maximum_tiers",
    "fractionNumerator": "fraction_numerator",
    "fractionDenominator": "fraction_denominator",
    "periodsPerYear": "periods_per_year",
    "percent": "percent",
    "baseMeasure": "base_measure",
    "baseSegment": "base_segment",
    "baseOwner": "base_owner",
    "supplementTo": "supplement_to",
    "delegatedTo": "delegated_to",
}
NUMBERS = ("value", "lower", "upper", "percent", "fractionNumerator", "fractionDenominator", "unit")
Value = dict[str, str | frozenset[str]]
Key = tuple[str, str | None]


def canonical(text: str) -> str:
    return f"{Decimal(text).normalize():f}" if re.fullmatch(r"-?[0-9.]+", text) else text


def of_file(file: Path) -> Iterator[tuple[str, Key, Value, str]]:
    """Item, measure and segment, value and words of every promise of a catalogue that is stated in Chinese."""
    store = ox.Store()
    store.bulk_load(path=str(file), format=ox.RdfFormat.TURTLE)
    for quad in store.quads_for_pattern(None, ox.NamedNode(BPS + "guarantee"), None):
        item = next(store.quads_for_pattern(quad.subject, ox.NamedNode(BPS + "item"), None)).object
        assert isinstance(item, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode)
        said: dict[str, list[str]] = {}
        for triple in store.quads_for_pattern(quad.object, None, None):
            assert isinstance(triple.object, ox.NamedNode | ox.Literal)
            said.setdefault(triple.predicate.value.removeprefix(BPS), []).append(triple.object.value)
        assert RDF_TYPE.value in said
        value: Value = {name: canonical(said[name][0]) for name in PROPERTIES if name in said}
        value["kind"] = said["kind"][0].removeprefix(BASE + "kind/")
        value["references"] = frozenset(said.get("reference", ()))
        words = "".join(said.get("statedAs", ()))
        if re.search("[\u4e00-\u9fff]", words):
            yield item.value, (said["measure"][0], said.get("segment", [None])[0]), value, words


def of_wording(wording: Wording) -> Value:
    value: Value = {}
    for name, attribute in PROPERTIES.items():
        said = getattr(wording, attribute)
        if said is not None:
            value[name] = canonical(str(said))
    value["kind"] = wording.kind
    value["references"] = frozenset(wording.references)
    return value


def numbers(value: Value) -> Value:
    return {name: value[name] for name in NUMBERS if name in value}


def promised(text: str, item: str, names: Names) -> dict[Key, Value]:
    return {
        (found.measure, found.segment): of_wording(found.wording)
        for found in promises_in(text, item, names)
        if isinstance(found, Promise)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.item)
def test_the_sentences_of_jincheng(row: Row, names: Names) -> None:
    """Same measures, segments, kinds, numbers and units as the bundled file: none missing, none beside."""
    item = BASE + "item/" + row.item
    stated = {key: value for of, key, value, _ in of_file(DATA / "local" / "140500-2021.ttl") if of == item}
    text = row.content + "\n" + row.standard
    assert promised(text, item, names) == stated
    assert [found for found in promises_in(text, item, names) if isinstance(found, Unread)] == []


def test_the_words_of_a_promise_are_where_it_says(names: Names) -> None:
    others = [(item, text) for item, text, _ in GROUPS]
    for item, text in [*((row.item, row.content + "\n" + row.standard) for row in ROWS), *others]:
        for found in promises_in(text, BASE + "item/" + item, names):
            assert text[found.start : found.end] in found.words
            assert all(part in text for part in found.words.split(ELLIPSIS)), found.words


# Figures of groups that are no segments, or for only some of those that a segment holds.
GROUPS = [
    (
        "family-planning-special-support",
        "独生子女死亡家庭由每人每月450元提高到590元，伤残家庭由每人每月350元提高到460元",
        {"460"},
    ),
    (
        "compulsory-education-living-subsidy",
        "提供生活补助\n寄宿生：小学每生每学期500元，初中每生每学期625元。",
        {"500", "625"},
    ),
    (
        "disability-living-and-nursing-subsidies",
        "重度残疾人护理补贴一级每人每月100元、二级每人每月80元",
        {"100", "80"},
    ),
    (
        "senior-high-national-grant",
        "平均资助标准每生每年2000元，分为三档：一档3000元、二档2000元、三档1000元",
        {"3000", "1000"},
    ),
]


@pytest.mark.parametrize(("item", "text", "figures"), GROUPS, ids=[item for item, _, _ in GROUPS])
def test_a_figure_of_some_is_not_given_to_all(item: str, text: str, figures: set[str], names: Names) -> None:
    found = promises_in(text, BASE + "item/" + item, names)
    wordings = [part.wording for part in found if isinstance(part, Promise)]
    stated = {str(number) for one in wordings for number in (one.value, one.lower, one.upper)}
    assert not stated & (figures | {"1", "2"})
    assert [part for part in found if isinstance(part, Unread)]


BENEFICIARIES = {
    "preschool-financial-aid": "inclusive-kindergarten-children-in-need",
    "compulsory-education-tuition-waiver": None,
    "compulsory-education-free-textbooks": "compulsory-education-students",
    "compulsory-education-living-subsidy": "compulsory-students-in-financial-difficulty",
    "rural-student-nutrition-subsidy": "rural-compulsory-students-in-poor-areas",
    "senior-high-national-grant": "senior-high-students-in-financial-difficulty",
    "senior-high-tuition-waiver": "senior-high-students",
    "vocational-national-grant": "vocational-years-1-2-students",
    "vocational-tuition-waiver": "vocational-years-1-3-students",
    "elderly-health-management": "residents-65-and-over",
    "elderly-welfare-subsidy": "eligible-older-people",
    "employee-pension-insurance": "insured-retirees",
    "resident-pension-insurance": "insured-residents-pension",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.item)
def test_the_beneficiaries_of_jincheng(row: Row, names: Names) -> None:
    segment = BENEFICIARIES[row.item]
    expected = None if segment is None else BASE + "segment/" + segment
    assert beneficiary_of(row.beneficiaries, BASE + "item/" + row.item, names) == expected


@pytest.mark.parametrize("text", ["", "某类学生", "60岁及以上老年人", "除孤儿以外的儿童", "孤儿和其他儿童"])
def test_another_group_is_not_taken_for_a_known_one(text: str, names: Names) -> None:
    assert beneficiary_of(text, BASE + "item/elderly-health-management", names) is None


# What read_value may say otherwise than a file does: the words of the file are those of the whole column.
OTHER_NUMBERS = {
    # The State takes the lower end of 3至12个月 for its floor.
    ("2023", "employment-internship-service", "internship-duration"),
}
OTHER_KINDS = {
    # The table gives them without 不低于: its heading says that they are the least.
    ("440000-2022", "special-children-basic-living", "orphan-allowance"),
    ("440000-2023", "special-children-basic-living", "orphan-allowance"),
    ("2015-guidance", "film-viewing", "patriotic-film-number"),
}
# How many of the words in the bundled files read_value reads as the file states them, of how many; the first
# may only rise.
VALUES = {
    "fixed": (64, 68),
    "floor": (19, 28),
    "rate": (4, 4),
    "frequency": (27, 29),
    "range": (9, 9),
    "supplement": (4, 4),
    "percentOf": (7, 7),
    "byReference": (72, 73),
    "delegated": (31, 44),
    "inKind": (94, 126),
}
# The same for the sentences of each row together.
PROMISES = {
    "fixed": (46, 68),
    "floor": (19, 28),
    "rate": (0, 4),
    "frequency": (20, 29),
    "range": (8, 9),
    "supplement": (4, 4),
    "percentOf": (7, 7),
    "byReference": (72, 73),
    "delegated": (40, 44),
    "inKind": (126, 126),
}


def test_read_value_and_the_bundled_words(names: Names) -> None:
    alike: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file in FILES:
        for item, (measure, _), value, words in of_file(file):
            kind = str(value["kind"])
            total[kind] += 1
            unit = value.get("unit")
            try:
                read = of_wording(read_value(words, names, unit if isinstance(unit, str) else None))
            except Unreadable:
                continue
            case = (file.stem, short(item).partition("/")[2], short(measure).partition("/")[2])
            if numbers(value) and case not in OTHER_NUMBERS:
                assert numbers(read) == numbers(value), (case, words)
                assert read["kind"] == kind or case in OTHER_KINDS, (case, words)
            alike[kind] += numbers(read) == numbers(value) and read["kind"] == kind
    assert dict(total) == {kind: number for kind, (_, number) in VALUES.items()}
    assert {kind: alike[kind] for kind in VALUES} == {kind: number for kind, (number, _) in VALUES.items()}


def test_sentences_of_the_bundled_files(names: Names) -> None:
    """All that the words of a row say, read together: no number differs from what the file states."""
    alike: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file in FILES:
        rows: dict[str, dict[Key, tuple[Value, str]]] = {}
        for item, key, value, words in of_file(file):
            rows.setdefault(item, {})[key] = (value, words)
        for item, stated in sorted(rows.items()):
            text = "。".join(dict.fromkeys(words for _, (_, words) in sorted(stated.items(), key=str)))
            found = promised(text, item, names)
            for key, (value, words) in stated.items():
                total[str(value["kind"])] += 1
                if key in found:
                    assert numbers(found[key]) == numbers(value), (file.stem, key, words)
                    alike[str(value["kind"])] += found[key] == value
    assert dict(total) == {kind: number for kind, (_, number) in PROMISES.items()}
    assert {kind: alike[kind] for kind in PROMISES} == {
        kind: number for kind, (number, _) in PROMISES.items()
    }


FUNDS = BASE + "item/compulsory-education-tuition-waiver"


def test_a_figure_of_no_known_measure_is_unread(names: Names) -> None:
    text = "义务教育阶段生均公用经费基准定额为小学650元。校服每人每年补助300元。每班配备2台电脑。"
    found = promises_in(text, FUNDS, names)
    assert [part.words for part in found if isinstance(part, Unread)] == [
        "校服每人每年补助300元",
        "每班配备2台电脑",
    ]
    assert [short(part.measure) for part in found if isinstance(part, Promise)] == ["measure/operating-funds"]


@pytest.mark.parametrize("figure", ["72O元", "l20元", "72 0元", "7?0元"])
def test_a_number_with_a_stray_character_is_unread(figure: str, names: Names) -> None:
    found = promises_in(f"生均公用经费标准小学每生每年{figure}", FUNDS, names)
    assert {type(part) for part in found} == {Unread}


def test_two_amounts_for_the_same_are_unread(names: Names) -> None:
    text = "生均公用经费标准小学650元，小学700元"
    assert {type(part) for part in promises_in(text, FUNDS, names)} == {Unread}


def test_who_pays_is_no_promise(names: Names) -> None:
    text = "中央财政按生均公用经费标准的60%补助，省级财政承担每生每年100元"
    assert [part for part in promises_in(text, FUNDS, names) if isinstance(part, Unread)] == []
    assert {value["kind"] for value in promised(text, FUNDS, names).values()} <= {"inKind"}


def test_groups_that_are_listed_have_the_same_amount(names: Names) -> None:
    text = "机构孤儿、社会散居孤儿基本生活费标准从每人每月2500元调整为每人每月3200元"
    found = promised(text, BASE + "item/special-children-basic-living", names)
    assert {short(segment or ""): value["value"] for (_, segment), value in found.items()} == {
        "segment/orphans-in-institutions": "3200",
        "segment/orphans-in-families": "3200",
    }


def test_other_words_than_the_states(names: Names) -> None:
    """Measures and groups are found by their names, whatever the sentence around them."""
    text = (
        "公办小学年生均公用经费标准提高到每生每年1,000元，初中提高到每生每年1,200元；寄宿生再增加300元/生·年"
    )
    found = promised(text, FUNDS, names)
    assert {(short(m), short(s or "")): v["value"] for (m, s), v in found.items()} == {
        ("measure/operating-funds", "segment/primary-school-students"): "1000",
        ("measure/operating-funds", "segment/junior-secondary-students"): "1200",
        ("measure/boarding-supplement", "segment/boarding-students"): "300",
    }


def test_an_item_of_which_the_state_promises_nothing(names: Names) -> None:
    assert promises_in("每人500元", BASE + "item/140500-something", names) == []


def test_a_text_of_many_pages_is_unread_at_once(names: Names) -> None:
    [unread] = promises_in("每人50元，" * 5000, FUNDS, names)
    assert isinstance(unread, Unread)
    assert beneficiary_of("辖区内的" * 5000, FUNDS, names) is None


def test_letters_that_grow_when_they_are_made_small(names: Names) -> None:
    text = "ßİ" * 20 + "生均公用经费标准小学650元"
    [promise] = promises_in(text, FUNDS, names)
    assert text[promise.start : promise.end].endswith("小学650元")


PIECES = st.sampled_from(
    [piece for row in ROWS for piece in re.split("(?<=[，。；、,;])", row.content + row.standard)]
    + [
        "650元",
        "①",
        "《",
        "》",
        "每生每年",
        "50%",
        "\n",
        "（",
        "）",
        "由",
        "确定",
        "不少于3次",
        "1/3",
        "百分之五",
        " ",
    ]
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=80), st.sampled_from(ROWS))
def test_any_text_is_read(names: Names, text: str, row: Row) -> None:
    for found in promises_in(text, BASE + "item/" + row.item, names):
        assert 0 <= found.start <= found.end <= len(text)
        assert found.words
