"""Values: exact conversion, an order on what compares, and the table of verdicts."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, Triple, parse

from bpsgraph.quantity import (
    KINDS,
    ByReference,
    Coverage,
    Delegated,
    Dimension,
    Direction,
    Fixed,
    Floor,
    InKind,
    NotComparable,
    PercentOf,
    Quantity,
    Range,
    Rate,
    Ratio,
    Supplement,
    Unit,
    Value,
    ValueVerdict,
    compare,
    convert,
    difference,
    exact,
    resolve,
    total,
)
from bpsgraph.stated import read_units, read_value

VOCABULARY = """
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<dimension/year> a bps:Dimension .
<dimension/day> a bps:Dimension ; bps:annualDimension <dimension/year> .
<dimension/school-month> a bps:Dimension ; bps:annualDimension <dimension/year> .
<dimension/share> a bps:Dimension .
<unit/year> bps:dimension <dimension/year> ; bps:multiplier 1 ;
  skos:prefLabel "元/人·年"@zh ; skos:altLabel "元/生·年"@zh .
<unit/wan-year> bps:dimension <dimension/year> ; bps:multiplier 10000 ; skos:prefLabel "万元/人·年"@zh .
<unit/semester> bps:dimension <dimension/year> ; bps:multiplier 2 .
<unit/month> bps:dimension <dimension/year> ; bps:multiplier 12 .
<unit/day> bps:dimension <dimension/day> ; bps:multiplier 1.0 .
<unit/jiao-day> bps:dimension <dimension/day> ; bps:multiplier 0.1 .
<unit/school-month> bps:dimension <dimension/school-month> ; bps:multiplier 1 .
<unit/percent> bps:dimension <dimension/share> ; bps:multiplier 1 .
"""
BASE = "https://w3id.org/bps/id/"
DATA = Path(__file__).resolve().parents[1] / "data" / "ttl"
UNITS = read_units(quad.triple for quad in parse(VOCABULARY, RdfFormat.TURTLE))
MEETS, BELOW, ABOVE, MISSING, DEFERRED, NOT_COMPARABLE, NO_FLOOR = ValueVerdict


def unit(name: str) -> Unit:
    return UNITS[f"{BASE}unit/{name}"]


def yuan(value: int | str | Fraction, name: str = "year", periods: int | None = None) -> Fixed:
    number = Decimal(value) if isinstance(value, str) else value
    return Fixed(exact(number), unit(name), periods)


numbers = st.one_of(
    st.decimals(min_value=0, max_value=10**9, places=4).map(exact),
    st.fractions(min_value=0, max_value=10**6, max_denominator=999),
)
multipliers = st.decimals(min_value=Decimal("0.01"), max_value=100000, places=2).map(exact)


@st.composite
def scalars(draw: st.DrawFn, dimension: str = "urn:d") -> Quantity:
    made = Unit(f"urn:u{draw(st.integers(0, 3))}", Dimension(dimension), draw(multipliers))
    return draw(st.sampled_from([Fixed, Floor, Rate, Ratio, Coverage]))(draw(numbers), made)


@given(scalars(), scalars())
def test_conversion_comes_back_to_the_same_value(one: Quantity, other: Quantity) -> None:
    there = convert(one, other.unit)
    assert there.amount == one.amount
    assert convert(there, one.unit) == one


@given(scalars(), st.integers(1, 366))
def test_conversion_by_stated_periods_comes_back(quantity: Quantity, periods: int) -> None:
    day = Unit("urn:day", Dimension("urn:daily", annual="urn:d"), exact(1))
    assert convert(convert(quantity, day, periods), quantity.unit, periods) == quantity


@given(scalars(), scalars(), scalars())
def test_order_is_total_on_one_dimension(a: Quantity, b: Quantity, c: Quantity) -> None:
    low, middle, high = sorted((a, b, c), key=lambda quantity: quantity.amount.exact)
    for lesser, greater in pairwise((low, middle, high)):
        assert difference(lesser, greater) <= 0
    assert difference(low, high) <= 0
    assert compare(a, a) is MEETS


@given(scalars(), scalars(), st.sampled_from(Direction))
def test_comparison_is_antisymmetric(a: Quantity, b: Quantity, direction: Direction) -> None:
    opposite = {MEETS: MEETS, BELOW: ABOVE, ABOVE: BELOW}
    other = Direction.LESS if direction is Direction.MORE else Direction.MORE
    assert compare(b, a, direction) is opposite[compare(a, b, direction)]
    assert compare(a, b, other) is opposite[compare(a, b, direction)]


@given(numbers)
def test_amount_and_divisor_give_the_number_back(number: Fraction) -> None:
    amount = Fixed(number, unit("wan-year")).amount
    assert Fraction(amount.decimal) / amount.divisor == amount.exact


# SPARQL engines cut decimals at 18 digits, so the numbers here are as large as public money gets, no larger.
small = st.decimals(min_value=0, max_value=10**6, places=2)


@given(
    st.one_of(small.map(lambda d: (d, 1)), st.tuples(st.integers(0, 99).map(Decimal), st.integers(1, 99))),
    st.one_of(small.map(lambda d: (d, 1)), st.tuples(st.integers(0, 99).map(Decimal), st.integers(1, 99))),
    st.sampled_from(["year", "wan-year", "semester", "month"]),
    st.sampled_from(["year", "wan-year", "semester", "month"]),
)
def test_sparql_comes_to_the_same_verdict(
    promise: tuple[Decimal, int], floor: tuple[Decimal, int], promise_unit: str, floor_unit: str
) -> None:
    (p, pd), (f, fd) = promise, floor
    pm, fm = unit(promise_unit).multiplier, unit(floor_unit).multiplier
    solutions = Store().query(
        f"""SELECT (?p * ?pm * ?fd > ?f * ?fm * ?pd AS ?above) (?p * ?pm * ?fd < ?f * ?fm * ?pd AS ?below)
        {{ VALUES (?p ?pd ?pm ?f ?fd ?fm) {{ ({p:.2f} {pd} {pm} {f:.2f} {fd} {fm}) }} }}"""
    )
    assert isinstance(solutions, QuerySolutions)
    (row,) = solutions
    answers = {name: getattr(row[name], "value", "") == "true" for name in ("above", "below")}
    expected = ABOVE if answers["above"] else BELOW if answers["below"] else MEETS
    one, other = Fixed(exact(p) / pd, unit(promise_unit)), Fixed(exact(f) / fd, unit(floor_unit))
    assert compare(one, other) is expected


def test_a_third_times_three_is_one() -> None:
    third = Fixed(Fraction(1, 3), Unit("urn:u", Dimension("urn:d"), exact(3)))
    assert third.amount.exact == 1
    assert (third.amount.decimal, third.amount.divisor) == (Decimal(1), 1)
    assert compare(third, Fixed(exact(1), Unit("urn:v", Dimension("urn:d"), exact(1)))) is MEETS
    assert (yuan(Fraction(1, 3)).amount.decimal, yuan(Fraction(1, 3)).amount.divisor) == (Decimal(1), 3)


def test_inexact_numbers_are_refused() -> None:
    with pytest.raises(TypeError):
        Fixed(650.0, unit("year"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not finite"):
        exact(Decimal("NaN"))
    with pytest.raises(ValueError, match="at least one"):
        yuan(4, "day", 0)


@pytest.mark.parametrize(
    ("promise", "floor", "verdict"),
    [
        (yuan("0.06", "wan-year"), yuan(650), BELOW),
        (yuan("0.072", "wan-year"), yuan(720), MEETS),
        (yuan(50, "month"), yuan(720), BELOW),
        (yuan(60, "month"), yuan(720), MEETS),
        (yuan(500, "semester"), yuan(1000), MEETS),
        (yuan(40, "jiao-day"), yuan(5, "day"), BELOW),
        (yuan(5, "day"), yuan(1000), NOT_COMPARABLE),
        (yuan(5, "day", 200), yuan(1000), MEETS),
        (yuan(1000), yuan(5, "day", 200), MEETS),
        (yuan(999), yuan(5, "day", 200), BELOW),
        (yuan(5, "day"), yuan(1000, "year", 199), BELOW),
        (yuan(5, "day", 200), yuan(100, "school-month", 10), MEETS),
        (yuan(5, "day", 200), yuan(100, "school-month"), NOT_COMPARABLE),
        (yuan(100, "percent"), yuan(100), NOT_COMPARABLE),
    ],
)
def test_units_and_periods(promise: Quantity, floor: Quantity, verdict: ValueVerdict) -> None:
    assert compare(promise, floor) is verdict


def test_less_can_be_better() -> None:
    assert compare(yuan(5), yuan(10), "less") is ABOVE
    assert compare(yuan(11), yuan(10), "less") is BELOW


@pytest.mark.parametrize(
    ("mean", "lower", "verdict"),
    [
        (2000, 1000, MEETS),
        (2300, 1000, ABOVE),
        (1999, 1000, BELOW),
        (2000, 999, BELOW),
        (2000, None, MEETS),
    ],
)
def test_a_range_meets_with_its_mean_and_its_lower_bound(
    mean: int, lower: int | None, verdict: ValueVerdict
) -> None:
    floor = Range(exact(2000), unit("year"), exact(1000), exact(3000))
    promise = Range(exact(mean), unit("year"), None if lower is None else exact(lower))
    assert compare(promise, floor) is verdict


def test_a_range_keeps_its_order() -> None:
    with pytest.raises(ValueError, match="between"):
        Range(exact(2000), unit("year"), exact(2500), exact(3000))


def test_supplements() -> None:
    more = Supplement(exact(200), unit("year"), to="urn:fund")
    assert compare(more, Supplement(exact(100), unit("semester"), to="urn:fund")) is MEETS
    assert compare(more, Supplement(exact(200), unit("year"), to="urn:other")) is NOT_COMPARABLE
    assert compare(yuan(850), more) is NOT_COMPARABLE
    assert compare(yuan(850), total(more, yuan(650))) is MEETS
    summed = total(more, Range(exact(10), unit("month"), exact(5)))
    assert isinstance(summed, Range)
    assert (summed.value, summed.lower) == (10 + Fraction(200, 12), 5 + Fraction(200, 12))
    with pytest.raises(NotComparable):
        total(more, yuan(5, "day"))


def test_a_percentage_follows_its_base() -> None:
    half = PercentOf(exact(50), "urn:living", "urn:boarders", "state")
    assert resolve(half, lambda _: yuan(1250)) == yuan(625)
    assert compare(resolve(half, lambda _: yuan(1500)), yuan(750)) is MEETS
    assert compare(yuan(625), resolve(half, lambda _: yuan(1500))) is BELOW
    third = resolve(PercentOf(Fraction(100, 3)), lambda _: Range(exact(9), unit("year"), exact(3)))
    assert third == Range(exact(3), unit("year"), exact(1))
    assert resolve(half, lambda _: None) is half
    assert resolve(half, lambda _: InKind()) is half
    assert compare(half, yuan(1)) is NOT_COMPARABLE


def test_percentages_of_one_base_compare_without_it() -> None:
    full, half = (PercentOf(exact(n), "urn:fee", "urn:public", "own") for n in (100, 50))
    assert compare(full, full) is MEETS
    assert compare(half, full) is BELOW
    assert compare(full, half) is ABOVE
    assert compare(full, PercentOf(exact(50), "urn:fee", "urn:public", "state")) is NOT_COMPARABLE


def test_references_are_followed_to_their_end() -> None:
    first, second, self_referring = (ByReference(frozenset({name})) for name in ("urn:a", "urn:b", "urn:c"))
    said: dict[Value, Value] = {first: second, second: yuan(650), self_referring: self_referring}
    assert resolve(first, said.get) == yuan(650)
    assert resolve(self_referring, said.get) is self_referring
    circle: dict[Value, Value] = {first: second, second: first}
    assert resolve(first, circle.get) is first
    deferred: dict[Value, Value] = {first: Delegated(frozenset({"urn:county"}))}
    assert resolve(first, deferred.get) == Delegated(frozenset({"urn:county"}))


REFERENCE = ByReference(frozenset({"urn:doc/2020"}))
SUCCESSOR = ByReference(frozenset({"urn:doc/2024"}), replaces=frozenset({"urn:doc/2020"}))
LOCAL: list[Value | None] = [yuan(1), InKind(), ByReference(frozenset({"urn:other"})), Delegated(), None]
TABLE: list[tuple[Value | None, list[ValueVerdict]]] = [
    (yuan(1), [MEETS, NOT_COMPARABLE, DEFERRED, DEFERRED, MISSING]),
    (InKind(), [NOT_COMPARABLE, MEETS, DEFERRED, DEFERRED, MISSING]),
    (REFERENCE, [DEFERRED, NOT_COMPARABLE, DEFERRED, DEFERRED, MISSING]),
    (Delegated(), [NO_FLOOR, NO_FLOOR, DEFERRED, DEFERRED, MISSING]),
    (None, [NO_FLOOR, NO_FLOOR, NO_FLOOR, NO_FLOOR]),
]


@pytest.mark.parametrize(
    ("floor", "promise", "verdict"),
    [(floor, p, v) for floor, row in TABLE for p, v in zip(LOCAL, row, strict=False)],
)
def test_the_table_of_verdicts(floor: Value | None, promise: Value | None, verdict: ValueVerdict) -> None:
    assert compare(promise, floor) is verdict


def test_the_same_document_or_its_successor_meets() -> None:
    assert compare(REFERENCE, REFERENCE) is MEETS
    assert compare(SUCCESSOR, REFERENCE) is MEETS
    assert compare(REFERENCE, SUCCESSOR) is DEFERRED
    with pytest.raises(ValueError, match="neither"):
        compare(None, None)


def guarantee(text: str) -> list[Triple]:
    prefix = f"@base <{BASE}> . @prefix bps: <https://w3id.org/bps/ns#> . <g> "
    return [quad.triple for quad in parse(prefix + text + " .", RdfFormat.TURTLE)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("bps:kind <kind/fixed> ; bps:value 650.0 ; bps:unit <unit/year>", yuan(650)),
        (
            "bps:kind <kind/rate> ; bps:value 4 ; bps:unit <unit/day> ; bps:periodsPerYear 200",
            Rate(exact(4), unit("day"), 200),
        ),
        (
            """bps:kind <kind/ratio> ; bps:unit <unit/percent> ;
            bps:fractionNumerator 1 ; bps:fractionDenominator 3""",
            Ratio(Fraction(1, 3), unit("percent")),
        ),
        (
            """bps:kind <kind/supplement> ; bps:value 200.0 ; bps:unit <unit/year> ;
            bps:supplementTo <measure/fund>""",
            Supplement(exact(200), unit("year"), to=f"{BASE}measure/fund"),
        ),
        (
            """bps:kind <kind/range> ; bps:unit <unit/year> ; bps:minimumTiers 2 ; bps:maximumTiers 3 ;
            bps:lower 1000.0 ; bps:value 2000.0 ; bps:upper 3000.0""",
            Range(exact(2000), unit("year"), exact(1000), exact(3000), 2, 3),
        ),
        (
            """bps:kind <kind/percentOf> ; bps:percent 50.0 ; bps:baseMeasure <measure/m> ;
            bps:baseOwner bps:state""",
            PercentOf(exact(50), f"{BASE}measure/m", None, "state"),
        ),
        ("bps:kind <kind/inKind>", InKind()),
        ("bps:kind <kind/byReference> ; bps:reference <d>", ByReference(frozenset({BASE + "d"}))),
        (
            "bps:kind <kind/delegated> ; bps:delegatedTo <level/county>",
            Delegated(frozenset({BASE + "level/county"})),
        ),
    ],
)
def test_values_are_read_from_the_graph(text: str, value: Value) -> None:
    assert read_value(guarantee(text), UNITS) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bps:kind <kind/some>", "twelve kinds"),
        ("bps:kind <kind/fixed> ; bps:unit <unit/year>", "neither"),
        ("bps:kind <kind/fixed> ; bps:value 650.0", "without bps:unit"),
        ("bps:kind <kind/fixed> ; bps:value 650.0 ; bps:unit <unit/li>", "not in the vocabulary"),
        ('bps:kind <kind/fixed> ; bps:value "650" ; bps:unit <unit/year>', "no exact number"),
        ("bps:kind <kind/fixed> ; bps:value 650e0 ; bps:unit <unit/year>", "no exact number"),
        ("bps:kind <kind/fixed> ; bps:value 1, 2 ; bps:unit <unit/year>", "more than one"),
        ("bps:kind <kind/percentOf>", "no bps:percent"),
        (
            "bps:kind <kind/rate> ; bps:value 4 ; bps:unit <unit/day> ; bps:periodsPerYear 1.5",
            "no whole number",
        ),
    ],
)
def test_malformed_values_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_value(guarantee(text), UNITS)


def test_a_number_that_only_looks_like_one_is_refused() -> None:
    lazy = Literal("六百", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))
    kind = guarantee("bps:kind <kind/fixed> ; bps:unit <unit/year>")
    bad = Triple(NamedNode(BASE + "g"), NamedNode("https://w3id.org/bps/ns#value"), lazy)
    with pytest.raises(ValueError, match="no exact number"):
        read_value([*kind, bad], UNITS)


def test_units_answer_to_every_spelling() -> None:
    assert UNITS.named("元/生·年") is UNITS.named("元/人·年") is unit("year")
    assert UNITS.named("里/年") is None
    assert len(UNITS) == 8
    assert unit("day").dimension == Dimension(f"{BASE}dimension/day", annual=f"{BASE}dimension/year")
    with pytest.raises(ValueError, match="no dimension"):
        read_units(guarantee("bps:multiplier 1"))
    with pytest.raises(ValueError, match="not positive"):
        read_units(guarantee("bps:multiplier 0 ; bps:dimension <d>"))


def test_the_bundled_units_convert_as_the_model_says() -> None:
    units = read_units(
        q.triple for q in parse(path=DATA / "vocabulary" / "units.ttl", format=RdfFormat.TURTLE)
    )
    year = units.named("元/生·年")
    assert year is not None
    for label, multiplier in (("元/生·年", 1), ("元/人·月", 12), ("元/生·学期", 2), ("万元/生·年", 10000)):
        found = units.named(label)
        assert found is not None, label
        assert (found.dimension, found.multiplier) == (year.dimension, exact(multiplier))
    day = units.named("元/生·天")
    assert day is not None
    assert day.dimension.annual == year.dimension.iri
    assert compare(Fixed(exact(4), day), Fixed(exact(800), year)) is NOT_COMPARABLE


def test_every_bundled_promise_can_be_read() -> None:
    units = read_units(
        q.triple for q in parse(path=DATA / "vocabulary" / "units.ttl", format=RdfFormat.TURTLE)
    )
    kind = "https://w3id.org/bps/ns#kind"
    seen = set()
    for file in sorted([*DATA.glob("national/*.ttl"), *DATA.glob("local/*.ttl")]):
        promises: dict[str, list[Triple]] = {}
        for quad in parse(path=file, format=RdfFormat.TURTLE):
            promises.setdefault(str(quad.subject), []).append(quad.triple)
        for triples in promises.values():
            if any(triple.predicate.value == kind for triple in triples):
                seen.add(read_value(triples, units).kind)
    assert {"fixed", "range", "supplement", "percentOf", "inKind", "byReference", "delegated"} <= seen


def test_there_are_twelve_kinds() -> None:
    assert len(KINDS) == 12
    assert all(kind == value.kind for kind, value in KINDS.items())
