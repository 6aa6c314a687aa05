"""What a saved question is asked for: things by key or by name, and nothing that the store does not hold."""

import pytest

from conftest import Run

BELOW = ("query", "floors/below-floor", "--format", "csv")


def test_a_thing_is_asked_for_by_its_name_too(run: Run) -> None:
    by_name = run(*BELOW, "-p", "jurisdiction=晋城市", "-p", "item=农村义务教育学生营养膳食补助")
    by_key = run(*BELOW, "-p", "jurisdiction=140500", "-p", "item=rural-student-nutrition-subsidy")
    assert by_name.returncode == 0
    assert by_name.stdout == by_key.stdout
    assert "guarantee" in by_key.stdout or len(by_key.stdout.splitlines()) > 1


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        (
            "floors/below-floor",
            "jurisdiction=晋成市",
            "no jurisdiction is called '晋成市'; did you mean ",
        ),
        ("floors/below-floor", "jurisdiction=110000", "'110000' is known and has nothing here; choose of"),
        (
            "floors/history",
            "measure=meal-subsidi",
            "there is no measure 'meal-subsidi' in the store; did you mean",
        ),
        ("floors/history", "measure=zzzzzz", "`bpsgraph describe measure/…` shows what there is"),
    ],
)
def test_what_the_store_does_not_hold_is_no_empty_answer(
    run: Run, query: str, parameter: str, says: str
) -> None:
    done = run("query", query, "-p", parameter)
    assert done.returncode == 2
    assert says in done.stderr
