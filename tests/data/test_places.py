"""Places, agencies, standards, pilots and cost sharing as the files in data/ttl state them."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/bps/id/"
PREFIXES = """
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://w3id.org/bps/id/>
"""


@cache
def graph(*names: str) -> Store:
    """The named files of data/ttl, together in one default graph."""
    store = Store()
    for name in names:
        data = (ROOT / "data" / "ttl" / f"{name}.ttl").read_bytes()
        for quad in parse(data, RdfFormat.TURTLE, base_iri=ID):
            store.add(Quad(quad.subject, quad.predicate, quad.object))
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT query, every IRI of ours without its namespace, unbound as an empty text."""
    solutions = store.query(PREFIXES + query)
    return [
        tuple("" if value is None else str(value.value).removeprefix(ID) for value in solution)
        for solution in solutions  # type: ignore[union-attr]
    ]


class TestDivisions:
    store = staticmethod(lambda: graph("divisions"))

    def test_counts_by_level(self) -> None:
        levels = Counter(level for (level,) in rows(self.store(), "SELECT ?l { ?j bps:level ?l }"))
        assert levels == {
            "level/national": 1,
            "level/province": 31,
            "level/prefecture": 333,
            "level/county": 2850,
        }

    def test_key_is_the_code(self) -> None:
        found = rows(self.store(), "SELECT ?j ?c { ?j a bps:Jurisdiction ; bps:code ?c }")
        assert len(found) == 1 + 3214
        assert all(key == f"jurisdiction/{code}" and len(code) == 6 for key, code in found)

    def test_every_jurisdiction_has_one_chinese_name(self) -> None:
        names = rows(
            self.store(), 'SELECT ?j ?n { ?j bps:code ?c ; skos:prefLabel ?n FILTER(lang(?n) = "zh") }'
        )
        assert len(names) == len({key for key, _ in names}) == 3215

    def test_no_statistical_zone_and_no_placeholder(self) -> None:
        found = rows(self.store(), "SELECT ?c ?n { ?j bps:code ?c ; skos:prefLabel ?n }")
        codes = {code for code, _ in found}
        names = {name for _, name in found}
        assert not {code for code in codes if 71 <= int(code[4:]) <= 79}
        assert "620201" not in codes
        assert not names & {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
        assert not codes & {"110100", "500200", "419000", "659000"}

    def test_within_ends_at_the_state(self) -> None:
        above: dict[str, str] = {}
        for low, high in rows(self.store(), "SELECT ?j ?w { ?j bps:within ?w }"):
            assert low not in above, f"{low} has two direct parents"
            above[low] = high
        levels = {row[0]: row[1] for row in rows(self.store(), "SELECT ?j ?l { ?j bps:level ?l }")}
        order = ["level/national", "level/province", "level/prefecture", "level/county"]
        assert set(levels) - set(above) == {"jurisdiction/100000"}
        for low, high in above.items():
            assert order.index(levels[high]) < order.index(levels[low]), (low, high)

    @pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
    def test_prefecture_without_counties_stands_once(self, code: str) -> None:
        place = f"<jurisdiction/{code}>"
        assert rows(self.store(), f"SELECT ?l {{ {place} bps:level ?l }}") == [("level/prefecture",)]
        assert rows(self.store(), f"SELECT ?j {{ ?j bps:within {place} }}") == []

    @pytest.mark.parametrize(
        ("county", "province"), [("110101", "110000"), ("500229", "500000"), ("659001", "650000")]
    )
    def test_county_of_a_placeholder_hangs_on_the_province(self, county: str, province: str) -> None:
        found = rows(self.store(), f"SELECT ?w {{ <jurisdiction/{county}> bps:within ?w }}")
        assert found == [(f"jurisdiction/{province}",)]

    def test_the_source_is_named(self) -> None:
        described = NamedNode("https://w3id.org/bps/graph/divisions")
        found = rows(
            self.store(), f"SELECT ?s ?v {{ {described} prov:hadPrimarySource ?s ; bps:verification ?v }}"
        )
        assert found == [("source/china-division-2-7-0", "verification/verbatim")]
