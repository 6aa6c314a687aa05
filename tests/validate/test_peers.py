"""Overreach: how places stand to their peers, on a generated city with its counties.

Each catalogue is cut to the items in which overreach is planted, so that the test is quick; `make agreement`
judges whole ones.
"""

import statistics
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.formats import FORMATS
from bpsgraph.generator import Truth, generate
from bpsgraph.ingest import Submission, parse
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.sources import find_sources
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE, BPS, DCT, GRAPH
from bpsgraph.validation import Engine, derived, judge
from bpsgraph.validation.derived import derive_all
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.verdicts import EVER, peers_graph

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(f for f in SOURCES.shapes() if f.stem in {"prefixes", "overreach"})
CITY = "330700"  # with nine counties
DERIVED = tuple(
    GRAPH + kind for kind in ("segment-cover", "quantities/", "floors/", "verdicts/", "tallies/", "peers/")
)
STATE = BASE + "jurisdiction/100000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedStore, dict[str, Triples], list[Truth]]:
    """The store with all that is derived, the catalogues by their IRI, and what is planted in them."""
    folder = tmp_path_factory.mktemp("city")
    files = list(
        generate(
            SOURCES.root / "data/ttl", folder, "province", seed=1, defects=["overreach"], jurisdiction=CITY
        )
    )
    truth = [row for _, rows in files for row in rows]
    items = {row.value.removeprefix(BASE).split("/")[3] for row in truth}
    store = EmbeddedStore.in_memory()
    for file, graph in SOURCES.data().items():
        if file.parent.name != "local":
            store.replace_graph(graph, parse(file.read_bytes(), str(file), FORMATS["turtle"]))
    catalogues = {}
    for path, _ in files:
        code = path.stem.partition("-")[0]
        catalogue = f"{BASE}catalogue/{code}/2023"
        rows = tuple(f"{BASE}{kind}/{code}/2023/" for kind in ("provision", "guarantee"))
        kept = {
            triple
            for triple in parse(path.read_bytes(), str(path), FORMATS["turtle"])
            if not (iri := str(triple.subject.value)).startswith(rows)  # type: ignore[union-attr]
            or iri.removeprefix(BASE).split("/")[3] in items
        }
        scope = NamedNode(BPS + "scope")
        kept |= {Triple(NamedNode(catalogue), scope, NamedNode(f"{BASE}item/{item}")) for item in items}
        catalogues[catalogue] = Triples(frozenset(kept))
        store.replace_graph(f"{GRAPH}catalogue/{code}/2023", catalogues[catalogue])
    for name, triples in derive_all(store, LIBRARY):
        store.replace_graph(name, triples)
    return store, catalogues, truth


def ratios(store: EmbeddedStore, catalogues: dict[str, Triples], level: str) -> dict[str, list[Decimal]]:
    """Promise over floor of the places of a level to six decimals, by floor in force, off the derived graphs."""
    found = defaultdict[str, list[Decimal]](list)
    for catalogue in catalogues:
        place = NamedNode(f"{BASE}jurisdiction/{catalogue.split('/')[-2]}")
        if NamedNode(f"{BASE}level/{level}") not in Facts(store.graph(GRAPH + "divisions")).values(
            place, "level"
        ):
            continue
        facts = Facts(store.graph(catalogue.replace(f"{BASE}catalogue/", f"{GRAPH}verdicts/")))
        for floor in facts.values(NamedNode(catalogue), "meets"):
            found[str(floor.value)].append(Decimal(1))
        for verdict in facts.subjects("catalogue", NamedNode(catalogue)):
            if facts.value(verdict, "dimension") and not facts.value(verdict, "validUntil"):
                numbers = {
                    name: facts.decimal(verdict, name)
                    for name in ("promiseAmount", "promiseDivisor", "floorAmount", "floorDivisor")
                }
                given, per, asked, of = (number or Decimal(0) for number in numbers.values())
                ratio = (given * of / (asked * per)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
                found[facts.text(verdict, "floor") or ""].append(ratio)
    return found


def test_medians_and_deviations_are_those_of_the_ratios(
    made: tuple[EmbeddedStore, dict[str, Triples], list[Truth]],
) -> None:
    store, catalogues, _ = made
    peers = Facts(store.graph(peers_graph(STATE)))
    groups = peers.subjects("level", NamedNode(BASE + "level/county"))
    expected = {
        floor: values
        for floor, values in ratios(store, catalogues, "county").items()
        if floor.startswith(f"{BASE}floor/100000/") and len(values) >= 8
    }
    assert {peers.text(group, "floor") for group in groups} == set(expected)
    assert any(len(set(values)) > 2 for values in expected.values())
    for group in groups:
        values = expected[peers.text(group, "floor") or ""]
        median = statistics.median_low(values)
        deviation = statistics.median_low([abs(value - median) for value in values])
        assert peers.value(group, "peerCount") == Literal(len(values))
        assert peers.decimal(group, "peerMedian") == median
        assert peers.decimal(group, "peerDeviation") == deviation


def test_too_few_places_are_no_peers(made: tuple[EmbeddedStore, dict[str, Triples], list[Truth]]) -> None:
    store, _, _ = made
    assert not Facts(store.graph(peers_graph(STATE))).subjects("level", NamedNode(BASE + "level/prefecture"))


@pytest.mark.parametrize("engine", [Engine.PYSHIFTY, Engine.SPARQL])
def test_exactly_the_planted_overreach_is_found(
    made: tuple[EmbeddedStore, dict[str, Triples], list[Truth]], engine: Engine
) -> None:
    store, catalogues, truth = made
    results = {
        (result.focus, result.value)
        for catalogue, triples in catalogues.items()
        for result in judge(
            Submission(catalogue, triples), catalogue, EVER, store, LIBRARY, SHAPES, engine=engine
        ).results
    }
    assert truth
    assert {focus for focus, _ in results} == {NamedNode(row.focus) for row in truth}
    # The city's catalogue is a floor for its counties too, and they are peers under it.
    by_the_state = {
        (f, v) for f, v in results if isinstance(v, NamedNode) and v.value.startswith(BASE + "floor/100000/")
    }
    assert by_the_state == {(NamedNode(row.focus), NamedNode(row.value)) for row in truth}


def test_many_catalogues_together_have_the_derived_graphs_of_each_by_itself(
    made: tuple[EmbeddedStore, dict[str, Triples], list[Truth]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, *_ = made
    monkeypatch.setattr(derived, "_SEVERAL", 2)
    found = dict(derived.derive_all(store, LIBRARY))
    expected = {graph: store.graph(graph) for graph in store.graphs() if graph.startswith(DERIVED)}
    assert {graph: triples for graph, triples in found.items() if triples} == expected


def test_a_catalogue_that_others_lean_on_does_not_stand_alone(
    made: tuple[EmbeddedStore, dict[str, Triples], list[Truth]],
) -> None:
    store, catalogues, _ = made
    known = derived.catalogues_of(store)
    places = derived.chain(store, LIBRARY, sorted({place for place, _ in known.values()}))
    alone = derived.standing_alone(store, known, places)
    assert set(alone) == set(catalogues) - {f"{BASE}catalogue/{CITY}/2023"}
    one, graph = next(iter(alone.items()))
    before = store.graph(graph)
    document = next(t.object for t in before if t.predicate.value == DCT + "source")
    other = alone[next(name for name in alone if name != one)]
    kept = store.graph(other)
    referring = Triple(NamedNode(BASE + "guarantee/any"), NamedNode(BPS + "reference"), document)
    try:
        store.replace_graph(other, kept.triples | {referring})
        assert one not in derived.standing_alone(store, known, places)
    finally:
        store.replace_graph(other, kept)
