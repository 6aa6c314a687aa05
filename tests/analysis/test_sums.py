"""The derived sums by province are what counting all catalogues anew gives."""

from pathlib import Path

from pyoxigraph import Literal

from bpsgraph.library import bind, bundled
from bpsgraph.results import Rows
from bpsgraph.store import open_store, select


def test_the_sums_of_the_provinces_are_those_counted_anew(built: Path) -> None:
    library = bundled()
    with open_store(built) as store:
        counted = select(store, bind(library["coverage/shortfalls-by-province"], {}))
        summed = select(store, bind(library["coverage/today-by-province"], {}))
        by_domain = select(store, bind(library["coverage/by-domain-and-province"], {}))
    assert summed.rows == counted.rows
    assert len(summed) > 5
    assert below(summed) == below(by_domain) > 0


def below(rows: Rows) -> int:
    """How many promises are below a floor, in all rows."""
    numbers = [row["below"] for row in rows]
    return sum(int(number.value) for number in numbers if isinstance(number, Literal))
