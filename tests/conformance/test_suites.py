"""The short form of the W3C suites: a sample, and every test that is known to differ. `make conformance` runs all."""

import pytest

from conformance import page, running
from conformance.manifests import Case, Kind, Place, Problem, absence, folder

SEED = 20231
SIZE = 80


@pytest.fixture(scope="module")
def every() -> list[Case]:
    root = folder()
    if root is None:
        pytest.skip(absence())
    return list(running.cases(Place(root)))


def test_a_sample_and_every_known_difference_come_out_as_they_are_known_to(every: list[Case]) -> None:
    chosen = running.sample(every, SIZE, SEED)
    outcomes = {running.id_of(case): case.run() for case in chosen}
    assert running.surprises(outcomes, running.known()) == [], f"seed {SEED}"


def test_every_known_difference_is_of_a_test_and_every_test_of_a_group(every: list[Case]) -> None:
    ids = [running.id_of(case) for case in every]
    assert len(ids) == len(set(ids)) > 1000
    assert running.known().keys() <= set(ids)
    assert set(running.totals(every)) == set(running.GROUPS)


def test_the_page_says_what_the_table_says(every: list[Case]) -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    assert page.render(running.totals(every), running.known()) == written, "run `make conformance`"


def test_the_page_names_every_known_difference_with_its_reason() -> None:
    """Also where the suites are not at hand."""
    written = page.PAGE.read_text(encoding="utf-8")
    for entry in running.known().values():
        assert f"`{entry.name}`" in written
        assert entry.reason in written
        assert entry.whose in {running.OURS, running.ENGINE, running.SUITE}


def test_what_comes_out_otherwise_is_a_surprise() -> None:
    name = next(iter(running.known()))
    table = {name: running.known()[name]}
    as_known = Problem(table[name].kind, "x")
    other = Problem(next(kind for kind in Kind if kind is not as_known.kind), "y")
    assert running.surprises({name: as_known, "suite#passes": None}, table) == []
    assert running.surprises({name: None}, table) == [f"{name} passes now: take it out of known.toml"]
    assert running.surprises({"suite#new": other}, table) == [f"suite#new fails: {other}"]
    (said,) = running.surprises({name: other}, table)
    assert "fails otherwise than known.toml says" in said
