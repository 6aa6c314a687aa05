"""Values are read as officials write them, exactly, and whatever cannot be read for certain is not."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpsgraph.ingest.names import Names
from bpsgraph.ingest.numerals import number
from bpsgraph.ingest.percentages import STATE
from bpsgraph.ingest.plain import LONGEST, plain, plain_text
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.ingest.wording import Wording, read_value
from bpsgraph.terms import BASE
from wordings import in_markdown, rows, said

UNIT = BASE + "unit/"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "wording.md"
SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["text"] or "(empty)")
def test_the_table(row: dict[str, str], names: Names) -> None:
    assert said(row["text"], names, row["unit"]) == row["said"]


def test_the_words_are_kept_as_they_stand(names: Names) -> None:
    assert read_value(" 每生每年 1，250 元 ", names).words == "每生每年 1，250 元"


def test_a_number_is_read_again_with_its_own_words(names: Names) -> None:
    unit = UNIT + "yuan-per-student-year"
    first, second = (read_value(text, names, unit) for text in ("650元", "1,250元"))
    assert (first.value, first.words) == (Decimal(650), "650元")
    assert second == Wording("fixed", "1,250元", Decimal(1250), unit)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("每生每年650元", "floor", "floor"),
        ("不少于4次/年", "kind/frequency", "frequency"),
        ("寄宿生生均增加200元/生·年", "fixed", "fixed"),
        ("每生每年2000元", "range", "range"),
        ("困难家庭无障碍改造", "inKind", "inKind"),
        ("按《社会保险法》执行", "byReference", "byReference"),
        ("由各地确定", "delegated", "delegated"),
    ],
)
def test_a_given_kind_holds_where_the_text_can_be_of_it(
    text: str, kind: str, expected: str, names: Names
) -> None:
    given_kind = BASE + kind if kind.startswith("kind/") else kind
    assert read_value(text, names, kind=given_kind).kind == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("每生每年650元", "inKind"),
        ("国家基础标准的50%", "fixed"),
        ("免费提供", "fixed"),
        ("按《社会保险法》执行", "delegated"),
        ("由各地确定", "byReference"),
    ],
)
def test_a_given_kind_that_contradicts_the_text_is_not_read(text: str, kind: str, names: Names) -> None:
    with pytest.raises(Unreadable):
        read_value(text, names, kind=kind)


def test_what_a_percentage_is_of(names: Names) -> None:
    read = read_value("国家基础标准的50%", names)
    assert (read.percent, read.base_owner, read.base_measure) == (Decimal(50), STATE, None)


def test_an_unknown_unit_is_said_with_known_ones(names: Names) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_value("12场/校", names)
    assert unreadable.value.reason == "unknown-unit"
    assert unreadable.value.expected.startswith("已知的单位")


UNITS = {
    "yuan-per-student-year": ("元/生·年", "元/生/年", "元/(生·年)", "元/生年", "元每生每年"),
    "yuan-per-person-month": ("元/人·月", "元/人/月", "元／人・月", "元/月·人"),
    "times-per-person-year": ("次/人·年", "次/人/年", "次/年·人"),
    "square-metres-per-hundred-households": ("平方米/百户", "㎡/百户", "平方米／百户", "m²/100户"),
    "programme-sets": ("套",),
    "percent": ("%", "％"),
}
AMOUNTS = st.decimals(min_value=0, max_value=9_999_999, places=2, allow_nan=False, allow_infinity=False)
FULL_WIDTH = str.maketrans("0123456789,.", "０１２３４５６７８９，．")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Decimal, str]:
    amount = draw(AMOUNTS)
    unit = draw(st.sampled_from(sorted(UNITS)))
    style = draw(st.sampled_from(["plain", "commas", "wide", "ten-thousand"]))
    digits = f"{amount:,}" if style == "commas" else f"{amount}"
    if style == "wide":
        digits = f"{amount:,}".translate(FULL_WIDTH)
    if style == "ten-thousand" and unit.startswith("yuan"):
        digits = f"{(amount / 10_000):f}万"
    lead = draw(st.sampled_from(["", " ", "标准为", "不低于", "按"])) if unit != "percent" else ""
    return (
        f"{lead}{digits}{draw(st.sampled_from(['', ' ']))}{draw(st.sampled_from(UNITS[unit]))}",
        amount,
        unit,
    )


@SHARED
@given(written())
def test_a_value_is_read_back_exactly(names: Names, case: tuple[str, Decimal, str]) -> None:
    text, amount, unit = case
    read = read_value(text, names)
    assert (read.value, read.unit) == (amount, UNIT + unit)
    assert str(read.value) == f"{amount:f}".rstrip("0").rstrip(".") or amount == 0


@SHARED
@given(AMOUNTS, AMOUNTS, st.sampled_from(["-", "—", "－", "~", "～", "至", "–"]))
def test_a_range_is_read_back_exactly(names: Names, one: Decimal, other: Decimal, dash: str) -> None:
    lower, upper = sorted((one, other))
    read = read_value(f"{lower}元{dash}{upper}元", names, UNIT + "yuan-per-person-month")
    assert (read.kind, read.lower, read.upper, read.value) == ("range", lower, upper, None)


PIECES = st.sampled_from(
    [
        "0",
        "1",
        "12",
        "３",
        "一",
        "十",
        "千",
        "万",
        "亿",
        "两",
        "元",
        "万元",
        "次",
        "%",
        "％",
        "每",
        "每人",
        "每年",
        "/",
        "·",
        "(",
        "）",
        "《",
        "》",
        "按",
        "由",
        "确定",
        "执行",
        "的",
        "标准",
        "国家",
        "不低于",
        "增加",
        "提高到",
        "至",
        "—",
        "-",
        "~",
        "档",
        "倍",
        "分之",
        "岁",
        "年",
        "月",
        "日",
        "号",
        "第",
        "级",
        "①",
        "²",
        "½",
        "约",
        "以上",
        "左右",
        "、",
        "，",
        "。",
        "；",
        "\n",
        "元/",
        "生均",
        "免费",
        "A",
        ".",
        " ",
    ]
)


@SHARED
@given(
    st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)), st.sampled_from(["", *UNITS])
)
def test_any_text_is_read_or_unreadable(names: Names, text: str, unit: str) -> None:
    try:
        read = read_value(text, names, UNIT + unit if unit else None)
    except Unreadable as unreadable:
        told = (unreadable.reason, unreadable.expected)
        assert all(told)
    else:
        assert read.words == text.strip()
        assert read == read_value(text, names, UNIT + unit if unit else None)


@SHARED
@given(st.text(max_size=40))
def test_a_text_made_plain_knows_where_it_stood(text: str) -> None:
    made = plain(text)
    assert len(made.origins) == len(made.text) + 1
    assert list(made.origins) == sorted(made.origins)
    assert made.origins[-1] == len(text)
    assert plain_text(text) == made.text.replace("\n", "")


CHARACTERS = "零一二三四五六七八九"


def in_characters(value: int) -> str:
    """A whole number below 100,000,000 as it is written in characters."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        rest = "" if low == 0 else ("零" if low < 1000 else "") + in_characters(low)
        return in_characters(high) + "万" + rest
    text, pending = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if pending and text else "") + CHARACTERS[digit] + name
            pending = False
        elif text:
            pending = True
    return text or "零"


@given(st.integers(min_value=0, max_value=99_999_999))
def test_numbers_in_characters(value: int) -> None:
    assert number(in_characters(value)) == value


@pytest.mark.parametrize(
    "text", ["三四", "一千二", "一万二", "百", "一百五", "二二", "十百", "一千五十", "点五", "一点"]
)
def test_what_could_be_two_numbers_is_none(text: str) -> None:
    assert number(text) is None


def test_a_county_is_read_in_ten_milliseconds(names: Names) -> None:
    patterns = [
        "{}元",
        "每生每年{}元",
        "{}元/人·月",
        "不少于{}次",
        "{:,}元",
        "每人每月不低于{}元",
        "{}",
        "提供不少于{}套广播节目",
    ]
    unit = UNIT + "yuan-per-student-year"
    cells = [patterns[n % len(patterns)].format(n + 1000) for n in range(500)]
    usable = [cell for cell in cells if "次" not in cell]
    read_value("1元", names, unit)
    elapsed = []
    for _ in range(5):
        start = time.perf_counter()
        for cell in usable:
            read_value(cell, names, unit)
        for cell in cells[3::8]:
            read_value(cell, names, UNIT + "times-per-person-year")
        elapsed.append(time.perf_counter() - start)
    # Ten milliseconds on an idle machine; the bound leaves room for a busy one.
    assert min(elapsed) < 0.03


def test_long_cells_do_not_take_long(names: Names) -> None:
    def seconds(text: str) -> float:
        start = time.perf_counter()
        with pytest.raises(Unreadable):
            read_value(text, names)
        return time.perf_counter() - start

    for piece in (
        "9",
        "一",
        "每",
        "《",
        "1,",
        "1-",
        "1、",
        "按",
        "由各地",
        "(",
        "年",
        "1元、",
        "每1",
        "的标准",
    ):
        assert seconds((piece * LONGEST)[:LONGEST]) < 0.2, piece
        assert seconds(piece * 32_000) < 0.2, piece


def test_the_page_shows_the_table() -> None:
    """The table of docs/wording.md is the one that the tests go by."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split("<!-- values -->\n")
    _, after = rest.split("<!-- /values -->\n")
    assert text == f"{before}<!-- values -->\n{in_markdown()}<!-- /values -->\n{after}"


@pytest.mark.parametrize(
    ("cell", "unit", "agrees"),
    [
        ("720元", "yuan-per-student-year", True),
        ("720元/年", "yuan-per-student-year", True),
        ("720 元/人", "yuan-per-student-year", True),
        ("0.072万元", "yuan-per-student-year", True),
        ("每生每学年720元", "yuan-per-student-year", True),
        ("590元/人", "yuan-per-person-month", True),
        ("每年1次", "times-per-person-year", True),
        ("国家标准的50%", "yuan-per-student-year", True),
        ("每年培训100人", "persons", True),
        ("720元/生·天", "yuan-per-student-year", False),
        ("720元/学期", "yuan-per-student-year", False),
        ("940元/生·月", "yuan-per-student-year", False),
        ("每生每学期增加300元", "yuan-per-student-year", False),
        ("720次/人·年", "yuan-per-student-year", False),
        ("720%", "yuan-per-student-year", False),
        ("390元/户·月", "yuan-per-person-month", False),
        ("7080元/年", "yuan-per-person-month", False),
        ("100元", "persons", False),
    ],
)
def test_a_unit_in_the_words_is_that_of_the_column(names: Names, cell: str, unit: str, agrees: bool) -> None:
    if agrees:
        read = read_value(cell, names, UNIT + unit, settled=True)
        assert read.unit == (None if read.kind == "percentOf" else UNIT + unit)
    else:
        with pytest.raises(Unreadable) as raised:
            read_value(cell, names, UNIT + unit, settled=True)
        assert raised.value.reason == "unit-contradiction"
        assert raised.value.expected == names.label(UNIT + unit)
