"""The network of references: known PageRanks, circles and ways, and the bundled data against property paths."""

import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import networkx
import pytest

from bpsgraph.analysis.network import (
    Link,
    Network,
    Thing,
    cycles,
    dangling_references,
    graph_text,
    impact,
    impact_answer,
    orphaned_standards,
    pagerank,
    ranking,
    read_network,
    superseded_references,
)
from bpsgraph.analysis.network.links import Role
from bpsgraph.errors import NotFound
from bpsgraph.results import Text
from bpsgraph.store import open_store, select
from bpsgraph.terms import BASE, short
from conftest import Run

LIBRARY = f"{BASE}standard/GB-T-28220-2023"
# What a revision touches, written as one property path: the second opinion on the bundled data.
PATH = """PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX eli: <http://data.europa.eu/eli/ontology#>
SELECT DISTINCT ?hit WHERE {{
  <{iri}> (^dct:references|^eli:based_on|^eli:is_part_of|^dct:source|^bps:standard|^bps:clause|^bps:item
    |^bps:reference/^bps:guarantee|^bps:clause/^bps:guarantee|dct:replaces|bps:covers|bps:catalogue)+ ?hit
  FILTER EXISTS {{ ?hit a ?kind . VALUES ?kind {{
    bps:Standard bps:PolicyDocument bps:Clause bps:NationalBaseline bps:Catalogue bps:Provision
    bps:ServiceItem bps:Category bps:Domain bps:Pilot bps:Task bps:Target bps:CostSharingScheme }} }}
}}"""


@pytest.fixture(scope="module")
def network(built: Path) -> Network:
    with open_store(built) as store:
        return read_network(store)


def link(source: str, target: str, role: Role = "cites", verification: str | None = None) -> Link:
    words = Text(f"被{role}", f"{role} by")
    if role in {"replaces", "applies"}:
        return Link(source, target, f"{BASE}{role}", "g", role, "target", words, verification)
    return Link(source, target, f"{BASE}{role}", "g", role, "source", words, verification)


def hand_made(*links: Link, **things: Thing) -> Network:
    names = {end for one in links for end in (one.source, one.target)} | set(things)
    return Network(
        {name: things.get(name, Thing(name, "Standard")) for name in sorted(names)}, tuple(sorted(links))
    )


def relied_on(*pairs: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {letter: [] for pair in pairs for letter in pair}
    for pair in pairs:
        found[pair[0]].append(pair[1])
    return found


# --- PageRank ---


def test_the_pagerank_of_a_star_is_that_computed_by_hand() -> None:
    """Three pages cite a fourth that cites none: x = 0.0375 + 0.2125 h, h = x + 0.85 * 3x, so x = 1 / 6.55."""
    score = pagerank(relied_on("ah", "bh", "ch"))
    assert score["a"] == pytest.approx(1 / 6.55, abs=1e-10)
    assert score["h"] == pytest.approx(3.55 / 6.55, abs=1e-10)
    assert math.fsum(score.values()) == pytest.approx(1, abs=1e-12)


def test_a_circle_ranks_all_alike_and_nothing_has_no_rank() -> None:
    assert pagerank(relied_on("ab", "bc", "ca")) == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert pagerank({}) == {}


def test_the_pagerank_is_that_of_networkx(network: Network) -> None:
    relied = {iri: sorted(network.touches.predecessors(iri)) for iri in network.things}
    theirs = networkx.pagerank(network.touches.reverse(copy=True), tol=1e-14, max_iter=1000)
    assert pagerank(relied) == pytest.approx(theirs, abs=1e-9)


def test_the_order_of_the_nodes_makes_no_difference() -> None:
    forth = relied_on("ab", "ac", "bd", "cd", "ea", "fc")
    back = {name: forth[name][::-1] for name in reversed(forth)}
    assert pagerank(forth) == pagerank(back)


def test_ranks_count_who_relies_directly_and_through_others() -> None:
    """b and c cite a, d cites b."""
    found = ranking(hand_made(link("b", "a"), link("c", "a"), link("d", "b")))
    assert [(one.thing.iri, one.direct, one.reach) for one in found] == [("a", 2, 3), ("b", 1, 1)]


def test_a_document_is_not_weightier_for_its_own_clauses() -> None:
    """a/1-1 is a part of a/1 and of a; only b cites it."""
    clauses = {"a/1": Thing("a/1", "Clause"), "a/1-1": Thing("a/1-1", "Clause")}
    parts = (link("a/1", "a", "contains"), link("a/1-1", "a/1", "contains"), link("a/1-1", "a", "contains"))
    [one] = ranking(hand_made(*parts, link("b", "a/1-1"), **clauses))
    assert (one.thing.iri, one.direct, one.reach) == ("a", 1, 1)


# --- what a revision touches ---


def test_the_way_is_a_shortest_one_and_the_first_of_several() -> None:
    """d cites b and c, and both cite a; e cites d and a."""
    world = hand_made(
        link("b", "a"), link("c", "a"), link("d", "b"), link("d", "c"), link("e", "d"), link("e", "a")
    )
    found = {one.thing.iri: one for one in impact(world, "a")}
    assert {iri: one.distance for iri, one in found.items()} == {"b": 1, "c": 1, "e": 1, "d": 2}
    assert [step.thing.iri for step in found["d"].steps] == ["b", "d"]
    assert found["d"].way.en == "a —cites by→ b —cites by→ d"
    assert [one.thing.iri for one in impact(world, "a", distance=1)] == ["b", "c", "e"]
    assert impact(world, "e") == []


def test_a_replacement_touches_those_who_cite_what_it_replaced() -> None:
    found = impact(hand_made(link("new", "old", "replaces"), link("user", "old")), "new")
    assert [(one.thing.iri, one.distance) for one in found] == [("old", 1), ("user", 2)]


def test_a_step_names_every_link_and_a_way_how_sure_each_is() -> None:
    world = hand_made(
        link("b", "a", "cites", "v/verbatim"), link("b", "a", "lists", "v/recalled"), link("c", "b")
    )
    found = impact(world, "a")[-1]
    assert found.way.en == "a —cites by, lists by→ b —cites by→ c"
    assert found.verifications == ("v/verbatim", "v/recalled")


def test_what_a_revision_touches_is_what_property_paths_find(network: Network, built: Path) -> None:
    revised = [iri for iri, thing in network.things.items() if thing.kind in {"Standard", "PolicyDocument"}]
    with open_store(built) as store:
        for iri in revised:
            theirs = {str(row["hit"].value) for row in select(store, PATH.format(iri=iri)) if row["hit"]}
            # A thing that leads back to itself is no hit of its own.
            assert {one.thing.iri for one in impact(network, iri)} == theirs - {iri}, iri


def test_what_cites_through_others_is_what_references_plus_finds(network: Network, built: Path) -> None:
    cited = [one for one in network.links if one.relation == "http://purl.org/dc/terms/references"]
    touches = network.touching(cited)
    path = "SELECT DISTINCT ?hit WHERE {{ ?hit <http://purl.org/dc/terms/references>+ <{iri}> }}"
    with open_store(built) as store:
        for iri in {one.target for one in cited}:
            theirs = {str(row["hit"].value) for row in select(store, path.format(iri=iri)) if row["hit"]}
            assert networkx.descendants(touches, iri) == theirs
    assert len(cited) >= 19


def test_the_public_library_standard_touches_its_item_and_the_catalogues_that_list_it(
    network: Network,
) -> None:
    for name in (
        LIBRARY,
        "GB-T-28220-2023",
        "standard/GB-T-28220-2023",
        "GB/T 28220-2023",
        "ＧＢ/Ｔ 28220—2023",
    ):
        assert network.find(name).iri == LIBRARY
    found = {short(one.thing.iri): one for one in impact(network, LIBRARY)}
    assert {key: one.distance for key, one in found.items() if one.distance == 1} == {
        "domain/9": 1,
        "item/public-cultural-facilities-free-access": 1,
        "standard/GB-T-28220-2011": 1,
    }
    assert found["catalogue/430922/2023"].way.en == (
        "GB/T 28220-2023 Public library service specifications —applies to→ Free access to public cultural "
        "facilities —is listed as→ Free access to public cultural facilities (Taojiang local standard of "
        "basic public cultural services, 2023 edition (excerpt)) —belongs to→ Taojiang local standard of "
        "basic public cultural services, 2023 edition (excerpt)"
    )
    page = (Path(__file__).parents[2] / "docs/analysis/network.md").read_text(encoding="utf-8")
    assert found["catalogue/430922/2023"].way.zh in page.replace("\n> ", " ")
    rows = impact_answer(network, "memory", network.find("GB-T-28220-2023")).rows
    assert len(rows) == len(found) == 11


def test_an_unknown_name_is_answered_with_the_nearest(network: Network) -> None:
    with pytest.raises(NotFound, match="standard/GB-T-28220-2023"):
        network.find("GB-T-28220-2032")
    with pytest.raises(NotFound, match="GB-T-28220-2011 or standard/GB-T-28220-2023"):
        network.find("公共图书馆服务规范")


# --- what is amiss ---


def test_circles_are_found_and_a_standard_that_cites_what_it_replaced_is_none() -> None:
    """a → b → c → a, d cites itself, and new both replaces and cites old."""
    found = cycles(
        hand_made(
            link("a", "b"),
            link("b", "c"),
            link("c", "a"),
            link("d", "d"),
            link("e", "a"),
            link("new", "old", "replaces"),
            link("new", "old"),
        )
    )
    assert [(one.together, one.first.iri, len(one.steps)) for one in found] == [(3, "a", 3), (1, "d", 1)]
    assert [step.thing.iri for step in found[0].steps] == ["c", "b", "a"]


def test_replacements_in_a_circle_are_found() -> None:
    [one] = cycles(hand_made(link("a", "b", "replaces"), link("b", "a", "replaces")))
    assert (one.together, one.first.iri) == (2, "a")


def test_orphans_are_standards_that_nobody_cites_or_that_cite_nothing() -> None:
    """a is cited through its clause, b cites it, c stands alone and applies to an item, the law is no standard."""
    world = hand_made(
        link("a/1", "a", "contains"),
        link("b", "a/1"),
        link("c", "item", "applies"),
        item=Thing("item", "ServiceItem"),
        law=Thing("law", "PolicyDocument"),
        **{"a/1": Thing("a/1", "Clause")},
    )
    found = orphaned_standards(world)
    assert [(one.thing.iri, one.lacks, one.cited_by, one.cites, one.items) for one in found] == [
        ("c", "both", 0, 0, 1),
        ("b", "cited-by", 0, 1, 0),
        ("a", "cites", 1, 0, 0),
    ]


def test_what_is_cited_and_not_described_dangles() -> None:
    world = hand_made(
        link("a", "gone"),
        link("a", "title"),
        link("b", "title"),
        link("a", "dated"),
        link("c", "item", "applies"),
        gone=Thing("gone"),
        item=Thing("item"),
        title=Thing("title", "PolicyDocument"),
        dated=Thing("dated", "PolicyDocument", issued="2021"),
    )
    assert [(one.thing.iri, len(one.links)) for one in dangling_references(world)] == [
        ("gone", 1),
        ("title", 2),
    ]


def test_superseded_references_name_the_last_successor() -> None:
    """old was replaced by newer, and newer by newest; gone was withdrawn; newer itself cites old."""
    world = hand_made(
        link("user", "old/1"),
        link("old/1", "old", "contains"),
        link("newer", "old"),
        link("user", "gone"),
        link("user", "newest"),
        **{
            "old/1": Thing("old/1", "Clause"),
            "old": Thing("old", "Standard", successors=("newer",)),
            "newer": Thing("newer", "Standard", successors=("newest",)),
            "gone": Thing("gone", "Standard", status=f"{BASE}status/withdrawn"),
        },
    )
    found = superseded_references(world)
    assert [(one.cited.iri, [thing.iri for thing in one.successors]) for one in found] == [
        ("gone", []),
        ("old", ["newest"]),
    ]


def test_the_bundled_data_have_no_circle_and_cite_nothing_undescribed(network: Network) -> None:
    assert cycles(network) == []
    assert all(thing.kind is not None for thing in network.things.values())


# --- files ---


def test_the_files_hold_every_thing_and_link_and_are_the_same_twice(network: Network, built: Path) -> None:
    part = network.around(f"{BASE}standard/GB-T-43507-2023", 1)
    data = json.loads(graph_text(part, "json"))
    assert networkx.node_link_graph(data, edges="edges").number_of_edges() == len(part.links)
    assert {node["id"] for node in data["nodes"]} >= {"standard/GB-T-1-1-2020", "standard/GB-T-43507-2023"}
    text = graph_text(part, "graphml")
    root = ElementTree.fromstring(text)
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(root.findall(f".//{space}node")) == len(part.things)
    assert len(root.findall(f".//{space}edge")) == len(part.links)
    assert "县域基本公共服务标准体系建设指南" in text
    with open_store(built) as store:
        again = read_network(store)
    assert graph_text(again, "graphml") == graph_text(network, "graphml")


def test_the_command_writes_rows_and_the_part_of_the_network(spawn: Run, tmp_path: Path) -> None:
    run = spawn("network", "--impact", "GB/T 28220-2023", "--distance", "1", "--graph", "part.json")
    assert (run.returncode, len(run.stdout.splitlines())) == (0, 4)
    data = json.loads((tmp_path / "part.json").read_text(encoding="utf-8"))
    assert len(data["nodes"]) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cycles", "--orphans"], "two things at once"),
        (["--distance", "2"], "--distance says nothing here"),
        (["--kind", "Standard"], "--kind says nothing here"),
        (["--rank", "pagerank", "--kind", "Standrad"], "Standard"),
        (["--graph", "part.png"], ".graphml or .json"),
    ],
)
def test_a_slip_is_explained(spawn: Run, arguments: list[str], words: str) -> None:
    run = spawn("network", *arguments)
    assert run.returncode == 2
    assert words in run.stderr
