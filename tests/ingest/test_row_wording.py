"""What a row of 服务标准 says is read for its own measure and its own group."""

import pytest

from bpsgraph.ingest.names import Expected, Names
from bpsgraph.ingest.sentences import Stated, read_words
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.terms import BASE, BPS

FUNDS = ("compulsory-education-tuition-waiver", "operating-funds")
LIVING = ("compulsory-education-living-subsidy", "living-subsidy")
GRANT = ("senior-high-national-grant", "national-grant")
JUNIOR, PRIMARY = "junior-secondary-students", "primary-school-students"


def read(text: str, row: tuple[str, str], segment: str | None, names: Names) -> Stated:
    measure = BASE + "measure/" + row[1]
    group = None if segment is None else BASE + "segment/" + segment
    stated: list[Expected] = [
        one
        for one in names.expected(BASE + "item/" + row[0])
        if one.measure == measure and one.segment == group
    ]
    return read_words(text, names, None, None, measure, stated[0] if stated else None, stated, group)[0]


@pytest.mark.parametrize(
    ("text", "segment"), [("初中940元", PRIMARY), ("小学1300元", JUNIOR), ("初中生每生每年940元", PRIMARY)]
)
def test_a_figure_of_another_group_is_unreadable(text: str, segment: str, names: Names) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(text, FUNDS, segment, names)
    assert "不是本行的对象分组" in unreadable.value.expected


@pytest.mark.parametrize(
    ("text", "segment", "value"),
    [
        ("初中940元", JUNIOR, "940.0"),
        ("义务教育阶段生均公用经费基准定额为小学720元", PRIMARY, "720.0"),
        ("公办小学生均公用经费每生每年720元", PRIMARY, "720.0"),
    ],
)
def test_a_figure_of_the_rows_own_group(text: str, segment: str, value: str, names: Names) -> None:
    assert read(text, FUNDS, segment, names)[BPS + "value"][0].value == value


@pytest.mark.parametrize("text", ["1000—3000元", "50-300元"])
def test_a_range_without_a_mean_is_told_how_to_state_one(text: str, names: Names) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(text, GRANT, None, names)
    assert unreadable.value.expected.startswith("平均2000元，1000—3000元")
    stated = read(unreadable.value.expected, GRANT, None, names)
    assert [stated[BPS + key][0].value for key in ("value", "lower", "upper")] == [
        "2000.0",
        "1000.0",
        "3000.0",
    ]


def test_a_bare_percentage_is_of_the_states_base(names: Names) -> None:
    segments = [
        one
        for one in names.expected(BASE + "item/" + LIVING[0])
        if one.kind == BASE + "kind/percentOf" and one.base_measure
    ]
    for one in segments:
        stated = read("50%", LIVING, (one.segment or "").removeprefix(BASE + "segment/"), names)
        assert stated[BPS + "kind"][0].value == BASE + "kind/percentOf"
        assert stated[BPS + "percent"][0].value == "50.0"
        assert stated[BPS + "baseMeasure"][0].value == one.base_measure
    assert segments


def test_the_states_own_sentence_about_a_group_with_a_number(names: Names) -> None:
    [promise] = [
        one for one in names.expected(BASE + "item/" + FUNDS[0]) if "不足100人" in one.words and one.segment
    ][:1]
    row = (FUNDS[0], promise.measure.removeprefix(BASE + "measure/"))
    text = "农村地区不足100人的规模较小学校按100人核定公用经费"
    stated = read(text, row, (promise.segment or "").removeprefix(BASE + "segment/"), names)
    assert stated[BPS + "value"][0].value == "100.0"
    assert stated[BPS + "statedAs"][0].value == text
