"""Which misspelt names can only mean one thing, and which could be another word."""

import pytest

from bpsgraph.ingest.bureaus import Bureaus
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.slips import distance, meant, pairs_in, unit_meant
from bpsgraph.terms import BASE
from sampling import some


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("item", "普通高中免学费杂", "senior-high-tuition-waiver"),  # swapped
        ("item", "儿童健康管里", "child-health-management"),  # exchanged
        ("item", "孕产妇健健康服务", "maternal-health-service"),  # one too many
        ("item", "中等职业教有国家助学今", "vocational-national-grant"),  # two, apart from each other
        ("item", "兒童健康管裡", "child-health-management"),  # in traditional characters
        ("item", "城市危房改造", None),  # 农村危房改造 is meant for other places
        ("item", "老年人健康服务", None),  # two together are another word
        ("item", "儿童健管", None),
        ("measure", "家庭经济困难学生生话补助", "living-subsidy"),
        ("segment", "家庭经济困难小学寄宿牲", "boarding-primary-students-in-financial-difficulty"),
        ("segment", "家庭经济困难中学寄宿生", None),
        ("unit", "圆/生·年", "yuan-per-student-year"),
        ("unit", "元/年.生", "yuan-per-student-year"),
        ("unit", "元/（年·生）", "yuan-per-student-year"),
        ("unit", "元/圣·年", None),  # 元/人·年 is as near
        ("unit", "元/生", None),
        ("document", "养老机构服务安全基本规反", "GB-38600-2019"),
    ],
)
def test_a_slip_means_the_one_thing_or_nothing(names: Names, kind: str, text: str, key: str | None) -> None:
    assert names.find(kind, text) == ()
    found = names.meant(kind, text)
    assert (found and found.rpartition("/")[2]) == key


@pytest.mark.parametrize("kind", ["item", "measure", "segment", "document", "unit", "delegate"])
def test_no_name_of_one_thing_is_a_slip_for_another(names: Names, kind: str) -> None:
    """As if each thing were not known: what it is called is then not mistaken for something else."""
    known = names._of(kind).simplified()
    others = {
        name
        for other in ("item", "category", "measure", "segment", "agency", "document")
        if other != kind
        for name in names._of(other).simplified()
    }
    mistaken = []
    for name, iris in some(known.items(), 40):
        rest = {text: bearers - iris for text, bearers in known.items() if bearers - iris}
        pairs = frozenset().union(*map(pairs_in, others | rest.keys()))
        found = unit_meant(name, rest) if kind == "unit" else meant(name, rest, pairs)
        mistaken += [(name, found)] if found else []
    assert mistaken == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("晋城市发展改各委", "晋城市发展改革委"),
        ("市发展改各委", "晋城市发展改革委"),
        ("我市发展改各委", "晋城市发展改革委"),
        ("晋城市民政局", None),  # known, and no slip for 财政局
        ("市水利局", None),
        ("教肓局", None),  # too short to be sure
    ],
)
def test_an_agency_is_named_in_full(names: Names, text: str, name: str | None) -> None:
    found = Bureaus(names, "140500").meant(text)
    assert found == name or (found == text and name is None)


def test_what_is_twice_as_near_is_meant() -> None:
    names = {"甲乙学生补贴办法": {BASE + "a"}, "甲乙学生补助办发": {BASE + "b"}}
    assert meant("甲乙学生补助办法", names, frozenset()) is None
    names.pop("甲乙学生补助办发")
    assert meant("甲乙学生补贴办去", names, frozenset()) == BASE + "a"
    assert meant("甲乙学生补贴办去", names, pairs_in("甲乙学生补贴办去")) is None


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("ab", "ba", 1),
        ("abc", "ac", 1),
        ("abcd", "axcy", 2),
        ("abc", "cab", 2),
        ("abcd", "wxyz", 3),
    ],
)
def test_the_distance_counts_swaps_as_one(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 3) == edits
    assert distance(other, one, 3) == edits
