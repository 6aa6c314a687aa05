"""Two answers side by side, and groups of places: what the command says on the bundled data."""

from dataclasses import replace
from pathlib import Path

import pytest

import sample_answers as samples
from bpsgraph.answers import Answer
from bpsgraph.answers.comparing import compared
from bpsgraph.answers.groups import members, named
from bpsgraph.errors import BadParameter
from bpsgraph.library import bundled
from bpsgraph.results import Rows
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from conftest import Run


def side(*gaps: tuple[int, float | None]) -> Answer:
    rows = tuple((*samples.item(number), samples.decimal(gap)) for number, gap in gaps)
    return replace(samples.BAR, rows=Rows(samples.BAR.rows.columns, rows), key=("item",))


BEFORE, AFTER = side((0, 120), (1, 70), (2, None), (5, 9)), side((1, 80), (2, None), (3, 5), (5, None))


def table(answer: Answer) -> list[list[str | None]]:
    return [[None if term is None else str(term.value) for term in row] for row in answer.rows.rows]


def test_rows_are_matched_by_their_key_and_values_stand_side_by_side() -> None:
    found = compared(BEFORE, AFTER, "edition", ("2021", "2023"), everything=False)
    assert found.rows.columns == (
        *("item", "item_zh", "item_en", "change_zh", "change_en", "gap_before", "gap_after"),
    )
    assert [[row[0], *row[4:]] for row in table(found)] == [
        [f"{BASE}item/0", "removed", "120", None],
        [f"{BASE}item/1", "changed", "70", "80"],
        [f"{BASE}item/5", "changed", "9", None],
        [f"{BASE}item/3", "added", None, "5"],
    ]
    assert found.notes[0].en == "1 added, 1 removed, 2 changed, 1 the same, these last not listed."
    assert found.title.en == "Shortfall: 2021 compared with 2023"
    assert found.provenance.parameters["edition"] == ("2021", "2023")
    assert found.columns[5].label.zh == "差额（前）"
    assert found.columns[5].unit == "元"


def test_rows_that_are_the_same_are_there_where_they_are_asked_for() -> None:
    found = compared(BEFORE, AFTER, "edition", ("2021", "2023"), everything=True)
    assert [row[4] for row in table(found)] == ["removed", "changed", "same", "changed", "added"]
    same = compared(BEFORE, BEFORE, "edition", ("2021", "2021"), everything=True)
    assert {row[4] for row in table(same)} == {"same"}
    # Nothing differs, so that every column is there once.
    assert same.rows.columns[-1] == "gap"


def test_a_column_that_only_tells_the_two_apart_is_no_part_of_the_key() -> None:
    def of(number: int, gaps: dict[int, int]) -> Answer:
        rows = tuple((*samples.place(number), *samples.item(a), samples.decimal(b)) for a, b in gaps.items())
        columns = (*samples.PLACE, *samples.BAR.columns)
        made = samples.answer(samples.BAR.title, columns, rows)
        return replace(made, key=("place", "item"))

    found = compared(of(0, {1: 5, 2: 6}), of(1, {1: 7, 2: 6}), "jurisdiction", ("0", "1"), everything=False)
    assert found.rows.columns[:3] == ("item", "item_zh", "item_en")
    assert [row[4:] for row in table(found)] == [["changed", "5", "7"]]


def test_without_a_key_nothing_is_matched() -> None:
    with pytest.raises(BadParameter, match="does not say by what its rows are known"):
        compared(samples.BAR, samples.BAR, "edition", ("2021", "2023"), everything=False)


def test_the_command_finds_which_parameter_is_meant(run: Run) -> None:
    command = ("query", "floors/below-floor", "-p", "jurisdiction=140500", "--format", "csv", "--lang", "en")
    done = run(*command, "--compare", "2021", "2023")
    assert done.returncode == 0, done.stderr
    # What was promised in 2021 met the text of 2021 and is below that of 2023 in four values.
    assert done.stdout.count(",added,") == 4
    assert "4 added, 0 removed, 0 changed" in done.stderr
    assert run(*command, "--compare", "edition=2021", "2023").stdout == done.stdout
    wrong = run(*command, "--compare", "2021", "films")
    assert wrong.returncode == 2
    assert "no parameter of floors/below-floor takes 2021 and films" in wrong.stderr


def test_groups_of_places(built: Path, tmp_path: Path) -> None:
    library = bundled()
    saved = library["gaps/missing-items"]
    own = tmp_path / "own.txt"
    own.write_text("140500  # 晋城\n\n330100\n140500\n", encoding="utf-8")
    with open_store(built) as store:
        assert members(store, library, saved, "province=140000") == ["140500"]
        assert {"530127", "371323"} <= set(members(store, library, saved, "level=county"))
        assert "140500" in members(store, library, saved, "tier=five-tiers/2")
        assert members(store, library, saved, f"list={own}") == ["140500", "330100"]
        for group, says in (
            ("province=14000", "did you mean 140000"),
            ("tier=9", "there is no tier '9'"),
            ("size=large", "write province=140000, tier=2, level=county or list=FILE"),
        ):
            with pytest.raises(BadParameter, match=says):
                members(store, library, saved, group)
        with pytest.raises(BadParameter, match="is not asked by place"):
            members(store, library, library["items/all"], "tier=2")


def test_one_place_stands_out_among_its_group(run: Run) -> None:
    done = run(
        "query",
        "floors/below-floor",
        "-p",
        "jurisdiction=140500",
        "-p",
        "edition=2023",
        "--group",
        "level=prefecture",
        "--format",
        "html",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('<tr class="stands-out">') == 4
    assert named("item/legal-aid") == {BASE + "item/legal-aid"}
    assert named("140500") == {BASE + "140500", BASE + "jurisdiction/140500"}
