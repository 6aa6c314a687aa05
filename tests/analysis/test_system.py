"""A system of standards counted by hand, and the bundled one beside the saved questions on coverage."""

import json
from pathlib import Path

from pyoxigraph import Literal

from bpsgraph.analysis.system import NOT_PLACED, WHOLE, Cell, Reach, Status, System, standard_system
from bpsgraph.analysis.system_answer import system_answer
from bpsgraph.answers import Answer
from bpsgraph.answers.charts import to_vega_lite
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.library import bundled, query
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import BASE

SMALL = """
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<subsystem/benchmark> skos:inScheme <scheme/subsystem> ; bps:order 1 ; skos:prefLabel "基准"@zh, "benchmarks"@en .
<subsystem/general> skos:inScheme <scheme/subsystem> ; bps:order 2 ; skos:broader <subsystem/benchmark> ;
  skos:prefLabel "通用"@zh, "general"@en .
<subsystem/items> skos:inScheme <scheme/subsystem> ; bps:order 3 ; skos:broader <subsystem/benchmark> ;
  skos:prefLabel "项目"@zh, "service items"@en .

<catalogue/100000/2023> a bps:Catalogue ; bps:lists <item/a>, <item/b>, <item/c>, <item/d> .
<catalogue/341324/2023> a bps:Catalogue ; bps:lists <item/a>, <item/b> .
<item/a> bps:category <category/1> ; skos:prefLabel "甲"@zh, "A"@en .
<item/b> bps:category <category/1> ; skos:prefLabel "乙"@zh, "B"@en .
<item/c> bps:category <category/2> ; skos:prefLabel "丙"@zh, "C"@en .
<item/d> bps:category <category/3> ; skos:prefLabel "丁"@zh, "D"@en .
<category/1> bps:domain <domain/1> .
<category/2> bps:domain <domain/1> .
<category/3> bps:domain <domain/2> .

# In force by the domain, of unknown status by the item: what says something of the item counts first.
<standard/terms> a bps:Standard ; bps:standardLevel <standard-level/gb-t> ; bps:status <status/in-force> ;
  bps:branch <subsystem/general> ; bps:covers <domain/1> .
<standard/unsure> a bps:Standard ; bps:standardLevel <standard-level/gb-t> ; bps:branch <subsystem/general> ;
  bps:covers <item/a> .
# By the category, in another branch; and one of no branch on which the State relies for one item.
<standard/list> a bps:Standard ; bps:standardLevel <standard-level/industry> ; bps:status <status/upcoming> ;
  bps:branch <subsystem/items> ; bps:covers <category/1> .
<standard/code> a bps:Standard ; bps:standardLevel <standard-level/gb> ; bps:status <status/in-force> .
<provision/1> bps:catalogue <catalogue/100000/2023> ; bps:item <item/c> ; bps:standard <standard/code> .
# Withdrawn, local, and of no subject.
<standard/old> a bps:Standard ; bps:standardLevel <standard-level/gb-t> ; bps:status <status/withdrawn> ;
  bps:covers <item/d> .
<standard/local> a bps:Standard ; bps:standardLevel <standard-level/db> ; bps:status <status/in-force> ;
  bps:branch <subsystem/items> ; bps:covers <item/d> .
<standard/any> a bps:Standard ; bps:standardLevel <standard-level/gb-t> ; bps:status <status/in-force> .
# The county relies on the local one, by a promise.
<provision/2> bps:catalogue <catalogue/341324/2023> ; bps:item <item/b> ; bps:guarantee <guarantee/2> .
<guarantee/2> bps:reference <standard/local> .
"""


def small(catalogue: str | None = None) -> System:
    store = EmbeddedStore.in_memory()
    store.replace_graph("urn:small", parse(SMALL.encode(), "small.ttl", FORMATS["turtle"]))
    return standard_system(store, bundled(), catalogue and BASE + catalogue)


def cell(found: System, item: str, branch: str) -> Cell:
    return next(one for one in found.cells if (one.item.name.en, one.branch.name.en) == (item, branch))


def figures(answer: Answer, row: str, *columns: str) -> list[str]:
    found = next(one for one in answer.rows if one["branch_en"] == Literal(row))
    return [str(term.value) if (term := found[column]) is not None else "" for column in columns]


def stand(found: System, item: str) -> list[tuple[str, Reach | None]]:
    return [(one.status.name, one.reach) for one in found.cells if one.item.name.en == item]


def test_each_item_stands_by_its_strongest_standard() -> None:
    found = small()
    assert [branch.name.en for branch in found.branches] == ["general", "service items", "in no branch yet"]
    assert stand(found, "A") == [("UNSTATED", Reach.ITEM), ("UPCOMING", Reach.CATEGORY), ("NONE", None)]
    assert stand(found, "B") == [("IN_FORCE", Reach.DOMAIN), ("UPCOMING", Reach.CATEGORY), ("NONE", None)]
    assert stand(found, "C") == [("IN_FORCE", Reach.DOMAIN), ("NONE", None), ("IN_FORCE", Reach.ITEM)]
    # The local standard is no national one.
    assert stand(found, "D") == [("NONE", None), ("NONE", None), ("ENDED", Reach.ITEM)]
    assert [one.iri.rpartition("/")[2] for one in cell(found, "A", "general").standards] == [
        "terms",
        "unsure",
    ]


def test_the_rows_add_up() -> None:
    answer = system_answer(small(), "memory", {})
    states = ("direct_in_force", "direct_unstated", "wider_in_force", "wider_unstated", "upcoming", "ended")
    shown = ("in_force", "unstated", "unbound", "standards", *states, "without", "items")
    expected = {
        "the whole system": [3, 1, 1, 6, 1, 1, 1, 0, 0, 1, 0, 4],
        "benchmarks": [1, 1, 0, 3, 0, 1, 2, 0, 0, 0, 1, 4],
        "general": [1, 1, 0, 2, 0, 1, 2, 0, 0, 0, 1, 4],
        "service items": [0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 2, 4],
        "in no branch yet": [2, 0, 1, 3, 1, 0, 0, 0, 0, 1, 2, 4],
    }
    assert [str(row["branch_en"].value) for row in answer.rows if row["branch_en"]] == list(expected)
    for branch, numbers in expected.items():
        assert figures(answer, branch, *shown) == [str(number) for number in numbers], branch
    assert "items_relied" not in answer.rows.columns


def test_a_catalogue_beside_the_national_standards() -> None:
    found = small("catalogue/341324/2023")
    assert [item.name.en for item in found.items] == ["A", "B"]
    assert [one.iri.rpartition("/")[2] for one in cell(found, "B", "service items").relied] == ["local"]
    assert cell(found, "B", "service items").status is Status.UPCOMING
    answer = system_answer(found, "memory", {})
    assert figures(answer, "service items", "items_relied", "relied", "items") == ["1", "1", "2"]
    assert figures(answer, "general", "items_relied", "relied", "items") == ["0", "0", "2"]
    assert "2个事项，为其中1个援引共1项标准" in answer.notes[-1].zh


def test_the_bundled_system_agrees_with_the_saved_questions(built: Path) -> None:
    with open_store(built) as store:
        found = standard_system(store, bundled())
        jincheng = standard_system(store, bundled(), BASE + "catalogue/140500/2021")
        coverage = list(query(store, "standards/coverage-by-domain"))
    assert (len(found.items), len(found.branches), len(found.subsystems)) == (81, 11, 3)
    whole = found.cells_of(WHOLE)
    direct = [one for one in whole if one.covered and one.reach is Reach.ITEM]
    in_force = [one for one in direct if one.status is Status.IN_FORCE]
    asked = {
        key: sum(int(count.value) for row in coverage if isinstance(count := row[key], Literal))
        for key in ("in_force", "unstated")
    }
    assert (len(in_force), len(direct) - len(in_force)) == (asked["in_force"], asked["unstated"]) == (2, 19)
    assert (len(found.of(WHOLE)), len(found.of(NOT_PLACED))) == (44, 40)
    # 13 items in its scope, and one standard named for one of them.
    assert (len(jincheng.items), sum(len(used) for used in jincheng.relied.values())) == (13, 1)


def test_the_heat_map_shows_all_items(built: Path) -> None:
    with open_store(built) as store:
        answer = system_answer(standard_system(store, bundled()), "memory", {})
    domains, items = answer.further
    assert json.loads(to_vega_lite(list(answer.all()), "zh"))["title"]["text"] == [domains.title.zh]
    drawn = to_vega_lite([items], "zh")
    names = {name.value for row in items.rows if isinstance(name := row["item_zh"], Literal)}
    assert len(names) == 81
    assert all(json.dumps(name, ensure_ascii=False)[1:-1] in drawn for name in names)
