"""The rule of each footnote on figures computed by hand, and the page of the ledger."""

import re
import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from bpsgraph.analysis.targets import Figure, Progress, Target, ledger, progress, wants_attention
from bpsgraph.library import bundled
from bpsgraph.store import open_store
from conftest import Run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "analysis" / "targets.md"
MIDDLE, END, AFTER = date(2024, 6, 30), date(2025, 12, 31), date(2026, 3, 1)


def number(text: str | None) -> Fraction | None:
    return Fraction(Decimal(text)) if text is not None else None


def target(
    value: str | None,
    base: str | None = None,
    *,
    basis: str = "year",
    comparator: str = "equal",
    year: int = 2020,
) -> Target:
    """A target for the end of 2025, with its base at the end of `year`."""
    return Target(
        iri="x",
        comparator=comparator,
        basis=basis,
        value=number(value),
        base=number(base),
        base_end=date(year + 1, 1, 1) if base is not None else None,
        counts_from=date(year + 1, 1, 1),
        due=END,
        row={},
    )


def figure(
    first: int,
    value: str | None,
    last: int | None = None,
    basis: str = "year",
    status: str = "normal",
    name: str = "",
) -> Figure:
    start, end = date(first, 1, 1), date((last or first) + 1, 1, 1)
    return Figure(
        name or f"o/{first}/{basis}", str(first), start, end, basis, status, number(value), None, None
    )


def at(target: Target, *figures: Figure, day: date = MIDDLE) -> Progress:
    return progress(target, figures, day)


class TestTheValueOfAYear:
    def test_a_straight_line_from_the_base(self) -> None:
        # 38 in 2020, 55 in 2025: 38 + 17 x 3/5 = 48.2 in 2023, and 45 is 7/17 of the way.
        found = at(target("55", "38"), figure(2023, "45"))
        assert (found.status, found.expected, found.share) == ("behind", number("48.2"), Fraction(700, 17))
        assert at(target("55", "38"), figure(2023, "48.2")).status == "on-track"

    def test_a_base_of_another_year(self) -> None:
        # Note 2: 77.3 in 2019, 78.3 in 2025: 77.3 + 1 x 3/6 = 77.8 in 2022; from 2020 it would be 77.7.
        found = at(target("78.3", "77.3", year=2019), figure(2022, "77.75"))
        assert (found.status, found.expected) == ("behind", number("77.8"))

    def test_the_latest_figure_counts_and_a_missing_one_does_not(self) -> None:
        found = at(target("3.8", "3.36"), figure(2021, "3.9"), figure(2022, "3.5"), figure(2023, None))
        assert (found.status, found.observed, found.period) == ("behind", number("3.5"), "2022")

    def test_more_than_is_strict(self) -> None:
        more = target("95", "95", comparator="more-than")
        assert at(more, figure(2023, "95")).status == "behind"
        assert at(more, figure(2023, "95.1")).status == "reached"
        assert at(target("100", "100"), figure(2023, "100")).status == "reached"

    def test_a_target_that_falls(self) -> None:
        assert at(target("10", "20"), figure(2023, "13")).status == "on-track"
        assert at(target("10", "20"), figure(2023, "15")).status == "behind"
        assert at(target("10", "20"), figure(2023, "9")).status == "reached"

    def test_without_a_base_there_is_no_line(self) -> None:
        found = at(target("3.4"), figure(2023, "3.0"))
        assert (found.status, found.expected, found.share) == ("open", None, None)

    def test_after_the_date_only_a_figure_of_the_date_tells(self) -> None:
        assert at(target("55", "38"), figure(2025, "54"), day=AFTER).status == "late"
        assert at(target("55", "38"), figure(2024, "54"), day=AFTER).status == "no-figure"
        assert at(target("55", "38"), figure(2024, "55"), day=AFTER).status == "reached"
        assert at(target("55", "38"), figure(2024, "54"), day=END).status == "on-track"


class TestTheMeanOfAPeriod:
    TRAINING = target("1500", "1800", basis="period-mean", comparator="at-least")

    def test_the_mean_of_the_years_reported_and_no_line_from_the_base(self) -> None:
        found = at(self.TRAINING, figure(2021, "1700"), figure(2022, "1400"), figure(2023, "1460"))
        assert (found.status, found.observed, found.expected) == ("on-track", Fraction(1520), Fraction(1500))
        # (1500 x 5 - 4560) / 2
        assert (found.reported, found.years, found.needed) == (number("3"), number("5"), number("1470"))
        # A line from 1800 to 1500 would ask for 1620 by 2023.
        assert found.period == "2021/2023"

    def test_below_the_mean_is_behind_even_where_the_last_year_is_above(self) -> None:
        assert at(self.TRAINING, figure(2021, "1200"), figure(2022, "1600")).status == "behind"

    def test_a_mean_of_several_years_weighs_as_many(self) -> None:
        found = at(self.TRAINING, figure(2021, "1650", 2022, "period-mean"), figure(2023, "1200"))
        assert (found.observed, found.reported) == (number("1500"), number("3"))
        # The span covers the year, which is not counted twice.
        again = at(
            self.TRAINING, figure(2021, "1650", 2022, "period-mean"), figure(2021, "9"), figure(2023, "1200")
        )
        assert again.observed == found.observed

    def test_after_the_date(self) -> None:
        years = [figure(year, "1500") for year in range(2021, 2026)]
        assert at(self.TRAINING, *years, day=AFTER).status == "reached"
        assert at(self.TRAINING, *years[:4], day=AFTER).status == "no-figure"
        assert at(self.TRAINING, *years[:4], figure(2025, "1499"), day=AFTER).status == "late"


class TestATotal:
    ESTATES = target("21.9", "5.9", basis="cumulative")

    def test_the_sum_so_far_against_the_total(self) -> None:
        found = at(self.ESTATES, figure(2021, "9", 2022, "cumulative"), figure(2023, "4.5"))
        # 21.9 x 3/5 = 13.14; a line from 5.9 would ask for 15.5. What is left is 8.4 in two years.
        assert (found.status, found.observed, found.expected) == ("on-track", number("13.5"), number("13.14"))
        assert (found.reported, found.years, found.needed) == (number("3"), number("5"), number("4.2"))
        assert found.share == 100 * Fraction(135, 219)

    def test_the_base_is_the_total_of_another_period(self) -> None:
        assert at(self.ESTATES, figure(2021, "5.9")).observed == number("5.9")
        assert at(self.ESTATES, figure(2021, "3")).status == "behind"

    def test_reached_before_the_date_and_after_it(self) -> None:
        assert at(self.ESTATES, figure(2021, "22", 2023, "cumulative")).status == "reached"
        assert at(self.ESTATES, figure(2021, "21", 2025, "cumulative"), day=AFTER).status == "late"
        # Years are missing: the sum is a lower bound.
        assert at(self.ESTATES, figure(2021, "21", 2024, "cumulative"), day=AFTER).status == "no-figure"

    def test_without_a_base_period_there_is_no_pace(self) -> None:
        found = at(target("80", basis="cumulative"), figure(2023, "30"))
        assert (found.status, found.expected, found.needed) == ("open", None, None)


class TestNoNumbers:
    def test_everyone_eligible(self) -> None:
        everyone = target(None, comparator="all-eligible")
        assert at(everyone).status == "not-numeric"
        assert at(everyone, figure(2023, "100")).status == "reached"
        assert at(everyone, figure(2023, "99.9")).status == "open"
        assert at(everyone, figure(2025, "99.9"), day=AFTER).status == "late"

    def test_basically_achieved_is_never_judged(self) -> None:
        assert at(target(None, comparator="basically-achieved"), figure(2023, "100")).status == "not-numeric"


def test_nothing_observed() -> None:
    for basis in ("year", "period-mean", "cumulative"):
        found = at(target("55", "38", basis=basis), figure(2023, None))
        assert (found.status, found.observed) == ("no-figure", None)
        assert not wants_attention(found, MIDDLE)
        assert wants_attention(found, AFTER)


def test_of_two_figures_of_a_period_the_better_counts_and_it_is_told() -> None:
    found = at(
        target("55", "38"), figure(2023, "44", status="provisional", name="a"), figure(2023, "45", name="b")
    )
    assert (found.observed, found.doubled) == (number("45"), 1)


def test_the_bundled_ledger(built: Path) -> None:
    with open_store(built) as store:
        entries = ledger(store, bundled(), as_of=MIDDLE)
        plan = ledger(store, bundled(), as_of=MIDDLE, plan="public-services-plan-14th")
        binding = ledger(store, bundled(), as_of=MIDDLE, attribute="binding")
    assert (len(entries), len(plan), len(binding)) == (34, 22, 7)
    # Binding ones come first.
    assert [entry.target.iri for entry in entries[:7]] == [entry.target.iri for entry in binding]
    # Base values are no figures of the period; nothing else is bundled.
    assert {entry.status for entry in entries} == {"no-figure", "not-numeric"}
    assert sum(entry.status == "not-numeric" for entry in entries) == 4
    life = next(entry.target for entry in plan if entry.target.iri.endswith("life-expectancy"))
    assert (life.base_end, life.counts_from) == (date(2020, 1, 1), date(2020, 1, 1))


def tables(text: str) -> list[str]:
    return re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)


@pytest.mark.parametrize("number", [0, 1], ids=["the bundled ledger", "the example"])
def test_the_page_shows_what_the_command_says(run: Run, built: Path, tmp_path: Path, number: int) -> None:
    shutil.copytree(built, tmp_path / "store")
    here = {"BPSGRAPH_STORE": str(tmp_path / "store")}
    asked = ["targets", "--plan", "public-services-plan-14th", "--as-of", "2024-06-30", "--lang", "en"]
    if number:
        figures = ROOT / "docs" / "analysis" / "example-figures.csv"
        assert run("observations", figures, "--by", "王芳", **here).returncode == 0
    said = run(*asked, "--format", "markdown", **here).stdout
    assert tables(said)[0] in PAGE.read_text(encoding="utf-8")


def test_the_last_day_of_all_is_a_day(run: Run) -> None:
    done = run("targets", "--as-of", "9999-12-31", "--late", "--format", "csv")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_plan_that_there_is_not_is_refused_with_each_plan_once(run: Run) -> None:
    done = run("targets", "--plan", "nonsense")
    assert done.returncode == 2
    assert done.stderr.count("public-services-plan-14th") == 1


def test_late_ones_are_told_by_the_exit_code(run: Run) -> None:
    done = run("targets", "--late", "--as-of", "2024-06-30", "--format", "json")
    # Four of 泰州 and one of 晋城 were due before, and nothing is known of them.
    assert done.returncode == 1
    assert done.stdout.count('"target_zh"') >= 5
    early = run("targets", "--late", "--as-of", "2021-06-30", "--plan", "public-services-plan-14th")
    assert early.returncode == 0
    assert run("targets", "--attribute", "bindign").returncode == 2
