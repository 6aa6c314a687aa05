"""The derived sums by province and by item are what counting all anew gives, and so are the quick lists."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.country import LISTS, QUESTIONS, asked_plainly, picked
from pyoxigraph import Literal

from bpsgraph.library import bind, bundled
from bpsgraph.results import Rows
from bpsgraph.store import EmbeddedStore, open_store, select
from plainly import EDITIONS, counted_by_item, listed, short, summed_by_item


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as store:
        yield store


def test_the_sums_of_the_provinces_are_those_counted_anew(store: EmbeddedStore) -> None:
    library = bundled()
    counted = select(store, bind(library["coverage/shortfalls-by-province"], {}))
    summed = select(store, bind(library["coverage/today-by-province"], {}))
    by_domain = select(store, bind(library["coverage/by-domain-and-province"], {}))
    by_item = select(store, bind(library["coverage/shortfalls-by-item"], {}))
    assert summed.rows == counted.rows
    assert len(summed) > 5
    assert below(summed) == below(by_domain) == below(by_item) > 0


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_sums_by_item_are_those_counted_anew(store: EmbeddedStore, edition: str | None) -> None:
    assert summed_by_item(store, edition) == counted_by_item(store, edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_below_is_listed_whatever_kind_of_floor_it_is(
    store: EmbeddedStore, edition: str | None
) -> None:
    everything = Counter((row[0].value, row[1].value) for row in short(store, "below", edition))
    assert listed(store, "floors/below-floor", edition) == everything
    # A floor that is a percentage of the State's has no text once the State's figure is another.
    texts = {row[3] for row in short(store, "below", None)}
    said = {row[0] for row in select(store, "SELECT ?f { ?f <https://w3id.org/bps/ns#textOf> ?text }").rows}
    assert texts - said


@pytest.mark.parametrize("name", ["missing", "below", "list missing", "list below"])
def test_the_plain_question_has_the_same_rows(store: EmbeddedStore, name: str) -> None:
    question = (QUESTIONS | LISTS)[name]
    saved = select(store, bind(bundled()[question.saved], dict(question.parameters)))
    assert picked(saved, question) == asked_plainly(store, question)


def below(rows: Rows) -> int:
    """How many promises are below a floor, in all rows."""
    numbers = [row["below"] for row in rows]
    return sum(int(number.value) for number in numbers if isinstance(number, Literal))
