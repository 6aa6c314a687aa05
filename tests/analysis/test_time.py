"""The figures of the page on time: one catalogue, compared with the floors of four days."""

import re
from pathlib import Path

import pytest

from bpsgraph.library import query
from bpsgraph.store import open_store

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysis" / "time.md"
COMPARED = re.findall(
    r"^\| (floors|text) of (\S+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
)


def test_the_page_has_the_four_cases() -> None:
    assert [int(below) for _, _, below in COMPARED] == [1, 4, 6, 9]


@pytest.mark.parametrize(("kind", "when", "below"), COMPARED)
def test_one_catalogue_below_the_floors_of_a_day(built: Path, kind: str, when: str, below: str) -> None:
    moment = {"date": when} if kind == "floors" else {"edition": when}
    with open_store(built) as store:
        assert len(query(store, "floors/below-floor", jurisdiction="140500", **moment)) == int(below)


@pytest.mark.parametrize("day", ["1990-01-01", "2024-06-01"])
def test_no_reorganisation_is_recorded(built: Path, day: str) -> None:
    """So that each agency and each place is itself, whatever the day; the page says so."""
    for name, thing in (("agencies/in-force", "agency"), ("divisions/in-force", "jurisdiction")):
        with open_store(built) as store:
            rows = list(query(store, name, date=day))
        assert rows
        assert all(row[thing] == row["then"] == row["now"] and row["from"] is None for row in rows)
