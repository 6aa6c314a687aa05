"""How equal places are: against known values, PySAL, every choice of missing figures, and the real catalogues."""

import math
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from bpsgraph.analysis.equality import Scope, equality_of_guarantee, equality_of_indicator
from bpsgraph.analysis.equality_answer import equality_answer
from bpsgraph.analysis.inequality import (
    MEASURES,
    bounded,
    decomposed,
    gini,
    mean,
    theil_l,
    theil_t,
    variation,
)
from bpsgraph.errors import BadParameter
from bpsgraph.library import bundled
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import BASE
from conftest import Run

# Amounts of money and the like: nought, or what a float adds up without losing digits.
amounts = st.floats(0.01, 1e6)
several = st.lists(amounts, min_size=2, max_size=40)


def even(values: list[float]) -> list[float]:
    return [1.0] * len(values)


@settings(max_examples=200, deadline=None)
@given(several)
def test_it_agrees_with_pysal(values: list[float]) -> None:
    # Here, because it imports for seconds, and every process of the tests reads this file.
    from inequality.gini import Gini
    from inequality.theil import Theil

    assert gini(values, even(values)) == pytest.approx(Gini(np.array(values)).g, rel=1e-12, abs=1e-12)
    assert theil_t(values, even(values)) == pytest.approx(Theil(np.array(values)).T, rel=1e-12, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(amounts, st.sampled_from("abc")), min_size=2, max_size=40))
def test_the_parts_agree_with_pysal(pairs: list[tuple[float, str]]) -> None:
    from inequality.theil import TheilD

    values, groups = [value for value, _ in pairs], [group for _, group in pairs]
    parts = decomposed("theil_t", values, even(values), groups)
    peer = TheilD(np.array(values), np.array(groups))
    assert parts is not None
    assert parts.between == pytest.approx(float(np.squeeze(peer.bg)), rel=1e-12, abs=1e-12)
    assert parts.within == pytest.approx(float(np.squeeze(peer.wg)), rel=1e-12, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(amounts, st.integers(1, 5), st.sampled_from("ab")), min_size=2, max_size=12))
def test_a_weight_counts_a_value_that_often_and_parts_add_up(rows: list[tuple[float, int, str]]) -> None:
    values = [value for value, _, _ in rows]
    weights = [float(weight) for _, weight, _ in rows]
    groups = [group for _, _, group in rows]
    repeated = [value for value, weight, _ in rows for _ in range(weight)]
    for measure in MEASURES.values():
        assert measure(values, weights) == pytest.approx(
            measure(repeated, even(repeated)), rel=1e-9, abs=1e-12
        )
    for name in ("theil_t", "theil_l"):
        parts = decomposed(name, values, weights, groups)
        assert parts is not None
        assert parts.total == pytest.approx(MEASURES[name](values, weights), rel=1e-9, abs=1e-12)


def test_known_values_are_exact() -> None:
    assert gini([1, 2, 3, 4], [1, 1, 1, 1]) == 0.25
    assert gini([0, 0, 0, 1], [1, 1, 1, 1]) == 0.75
    assert variation([2, 4], [1, 1]) == 1 / 3
    assert theil_t([0, 2], [1, 1]) == math.log(2)
    assert theil_l([1, 3], [1, 1]) == pytest.approx(math.log(2) - math.log(3) / 2, abs=1e-15)
    assert theil_l([0, 2], [1, 1]) is None
    assert gini([0, 0], [1, 1]) is variation([0, 0], [1, 1]) is theil_t([0, 0], [1, 1]) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(1, 100), min_size=1, max_size=5),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.sampled_from(sorted(MEASURES)),
)
def test_no_choice_of_missing_figures_leaves_the_bounds(
    values: list[float], missing: list[int], name: str
) -> None:
    low, high = 5.0, 60.0
    lacking = [float(weight) for weight in missing]
    bounds = bounded(name, values, even(values), lacking, low, high)
    assert bounds.least is not None
    assert bounds.greatest is not None
    tried = []
    for choice in product((low, 12.0, 25.0, 41.0, high), repeat=len(lacking)):
        found = MEASURES[name]([*values, *choice], [*even(values), *lacking])
        assert found is not None
        tried.append(found)
    assert min(tried) >= bounds.least - 1e-9
    assert max(tried) == pytest.approx(bounds.greatest, rel=1e-9)


def test_without_missing_places_the_bounds_are_the_value() -> None:
    bounds = bounded("gini", [1, 3], [1, 1], [], 0, 9)
    assert bounds.least == bounds.greatest == 0.25


def test_too_many_different_weights_have_no_upper_bound() -> None:
    bounds = bounded("gini", [1.0], [1.0], [float(n) for n in range(1, 15)], 1, 2)
    assert bounds.greatest is None
    assert bounds.least == 0


# --- from the graph ---

PLACES = """
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<level/county> a skos:Concept . <level/province> a skos:Concept .
<jurisdiction/110000> bps:level <level/province> ; bps:within <jurisdiction/100000> ; skos:prefLabel "甲省"@zh .
<jurisdiction/120000> bps:level <level/province> ; bps:within <jurisdiction/100000> ; skos:prefLabel "乙省"@zh .
<dimension/d> bps:canonicalUnit <unit/u> . <unit/u> skos:prefLabel "元"@zh , "yuan"@en .
<item/i> skos:prefLabel "事项"@zh , "item"@en . <segment/s> skos:prefLabel "人"@zh , "people"@en .
"""


def county(
    code: str, province: str, amount: str | None, day: str = "2022-01-01", edition: str = "2022"
) -> str:
    text = (
        f"<jurisdiction/{code}> bps:level <level/county> ; bps:within <jurisdiction/{province}> , <jurisdiction/100000> ;"
        f' skos:prefLabel "{code}县"@zh .\n'
    )
    if amount is not None:
        text += (
            f'<catalogue/{code}/{edition}> bps:jurisdiction <jurisdiction/{code}> ; bps:validFrom "{day}"^^xsd:date .\n'
            f"<provision/{code}/{edition}/i> bps:catalogue <catalogue/{code}/{edition}> ; bps:item <item/i> ;"
            f" bps:guarantee <guarantee/{code}/{edition}/i> .\n"
            f"<guarantee/{code}/{edition}/i> bps:measure <measure/m> ; bps:effectiveSegment <segment/s> ;"
            f' bps:amount {amount} ; bps:divisor 1.0 ; bps:dimension <dimension/d> ; bps:statedAs "{amount}元"@zh .\n'
        )
    return text


def store_of(*parts: str) -> EmbeddedStore:
    store = EmbeddedStore.in_memory()
    text = (PLACES + "".join(parts)).encode()
    triples = parse(input=text, format=RdfFormat.TURTLE, base_iri=BASE)
    store.replace_graph("urn:places", [quad.triple for quad in triples])
    return store


FOUR = (
    county("110101", "110000", "1.0"),
    county("110102", "110000", "2.0"),
    county("120101", "120000", "3.0"),
    county("120102", "120000", "4.0"),
)


def test_four_places_have_the_figures_that_are_known() -> None:
    [one] = equality_of_guarantee(store_of(*FOUR), bundled(), "m", Scope())
    found = {statistic.name: statistic for statistic in one.statistics}
    assert found["mean"].value == 2.5
    assert found["gini"].value == 0.25
    assert found["range_ratio"].value == 4
    assert found["variation"].value == pytest.approx(math.sqrt(1.25) / 2.5, abs=1e-15)
    parts = found["theil_t"].parts
    assert parts is not None
    # The means of the two provinces are 1.5 and 3.5 of 2.5.
    assert parts.between == pytest.approx(0.3 * math.log(0.6) + 0.7 * math.log(1.4), abs=1e-15)
    assert (one.missing, one.judged) == ((), ())
    assert found["gini"].bounds.least == found["gini"].bounds.greatest == 0.25


def test_a_place_without_a_figure_is_missing_and_never_nought() -> None:
    store = store_of(*FOUR, county("120103", "120000", None))
    [plain] = equality_of_guarantee(store, bundled(), "m", Scope())
    assert [place.iri for place in plain.missing] == [f"{BASE}jurisdiction/120103"]
    assert plain.statistics[0].value == 2.5
    assert plain.statistics[0].bounds.least is None

    [one] = equality_of_guarantee(store, bundled(), "m", Scope(lowest=Decimal(0), highest=Decimal(10)))
    assert (one.statistics[0].bounds.least, one.statistics[0].bounds.greatest) == (2.0, 4.0)


def test_the_newest_catalogue_by_the_day_counts() -> None:
    store = store_of(*FOUR, county("110101", "110000", "9.0", "2024-01-01", "2024"))
    by_day = {}
    for day in ("2023-12-31", "2024-01-01"):
        [one] = equality_of_guarantee(store, bundled(), "m", Scope(day=date.fromisoformat(day)))
        by_day[day] = float(one.figures[0].value)
    assert by_day == {"2023-12-31": 1.0, "2024-01-01": 9.0}


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        (Scope(level="prefecture"), "no place of level prefecture"),
        (Scope(within="120000", level="province"), "no place of level province"),
    ],
)
def test_what_nobody_has_is_said(scope: Scope, says: str) -> None:
    with pytest.raises(BadParameter, match=says):
        equality_of_guarantee(store_of(*FOUR), bundled(), "m", scope)


def test_a_bound_that_no_figure_has_is_refused(run: Run) -> None:
    done = run("equality", "living-subsidy", "--lowest", "1", "--highest", "1e308")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --highest: '1e308' is above 1e15")
    assert len(done.stderr.splitlines()) == 1


def test_one_end_alone_is_refused() -> None:

    with pytest.raises(BadParameter, match="give both"):
        equality_of_guarantee(store_of(*FOUR), bundled(), "m", Scope(lowest=Decimal(1)))


def test_an_indicator_weighted_by_another() -> None:
    text = "".join(
        f"<o/{code}/{kind}> a bps:Observation ; bps:indicator <indicator/{kind}> ; bps:jurisdiction <jurisdiction/{code}> ;"
        f' bps:referencePeriod "2023" ; bps:validFrom "2023-01-01"^^xsd:date ; bps:validUntil "2024-01-01"^^xsd:date ;'
        f" bps:value {value} .\n"
        for code, beds, people in (("110101", "2.0", "3.0"), ("120101", "4.0", "1.0"))
        for kind, value in (("beds", beds), ("people", people))
    )
    store = store_of(county("110101", "110000", None), county("120101", "120000", None), text)
    [plain] = equality_of_indicator(store, bundled(), "beds", Scope())
    [weighted] = equality_of_indicator(store, bundled(), "beds", Scope(weights="people"))
    assert (plain.statistics[0].value, weighted.statistics[0].value) == (3.0, 2.5)
    assert mean([2, 4], [3, 1]) == 2.5


def test_the_page_shows_what_the_command_prints(run: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "analysis" / "equality.md").read_text(encoding="utf-8")
    command = page.split("```sh\n", 1)[1].split("\n", 1)[0]
    done = run(*command.split()[1:])
    assert done.returncode == 0
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert "\n".join(table[:9]) in page


def test_both_bundled_counties_are_below_the_floor_of_2024(built: Path) -> None:

    segment = "boarding-primary-students-in-financial-difficulty"
    reached = {}
    with open_store(built) as store:
        for day in ("2023-10-01", "2024-06-01"):
            scope = Scope(day=date.fromisoformat(day))
            [one] = equality_of_guarantee(store, bundled(), "living-subsidy", scope, segment)
            reached[day] = (one.attained, len(one.judged), len(one.missing))
            assert equality_answer([one], "memory", {}).rows.rows[-1][2] is not None
    assert reached == {"2023-10-01": (2, 2, 2848), "2024-06-01": (0, 2, 2848)}
