"""After any change the derived graphs are those that deriving everything anew gives.

A small country: three items of the national standard, a city with some of its counties, and their catalogues
cut to these items. Each step changes, adds or withdraws something, and both ways are compared graph by graph.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.closing import close_data
from bpsgraph.formats import FORMATS
from bpsgraph.generator import generate
from bpsgraph.ingest import Submission, parse
from bpsgraph.library import Library
from bpsgraph.results import Difference, Triples
from bpsgraph.sources import ONTOLOGY_GRAPH, find_sources
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.journal import CATALOGUES
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF_TYPE, SKOS, XSD
from bpsgraph.validation import validate_submission
from bpsgraph.validation.derived import derive_all
from bpsgraph.validation.ready import Ready
from bpsgraph.validation.recomputed import differing, differing_among
from bpsgraph.validation.renewal import renew, renew_all, rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.tallies import newest_first
from bpsgraph.validation.totals import derive_totals, renewed_totals
from bpsgraph.validation.workspace import SHARED, is_still_shared, keep_shared
from plainly import counted_by_item, summed_by_item
from sampling import LONG, some

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
TODAY = date(2026, 11, 22)
CITY, COUNTIES = "330700", ("330702", "330703", "330723")
ITEMS = ("elderly-welfare-subsidy", "family-planning-special-support", "resident-pension-insurance")
PLACES = {"100000", "330000", CITY, *COUNTIES}
NOTHING = Triples(frozenset())
VALUE, EDITION, SOURCE = NamedNode(BPS + "value"), NamedNode(BPS + "edition"), NamedNode(DCT + "source")
SEGMENT = NamedNode(BPS + "segment")

Changes = dict[str, Triples]
World = tuple[EmbeddedStore, dict[str, Triples]]


def cut(triples: set[Triple], items: set[str]) -> Triples:
    """The triples without rows of other items."""
    row = re.compile(re.escape(BASE) + r"(?:provision|guarantee)/[0-9]+/[^/]+/([^/]+)")
    return Triples(
        frozenset(
            triple
            for triple in triples
            if not (found := row.match(str(triple.subject.value))) or found[1] in items  # type: ignore[union-attr]
        )
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The store with the national standard alone and all that follows, and catalogues to accept, by code."""
    store = EmbeddedStore.in_memory()
    for file, graph in SOURCES.data().items():
        name = graph.removeprefix(GRAPH)
        if name.startswith(("vocabulary/", "items", "divisions", "catalogue/100000/2023")):
            triples = set(parse(file.read_bytes(), str(file), FORMATS["turtle"]))
            if name == "divisions":
                kept = {NamedNode(f"{BASE}jurisdiction/{code}") for code in PLACES}
                triples = {triple for triple in triples if triple.subject in kept}
            # Two places make a group, so that medians change.
            least = NamedNode(BPS + "minimumPeers")
            triples = {
                Triple(t.subject, least, Literal("2", datatype=NamedNode(XSD + "integer")))
                if t.predicate == least
                else t
                for t in triples
            }
            store.replace_graph(graph, cut(triples, set(ITEMS)))
    ontology = {
        t for file in SOURCES.ontology() for t in parse(file.read_bytes(), str(file), FORMATS["turtle"])
    }
    schema = {t for t in ontology if t.predicate.value.endswith(("subClassOf", "subPropertyOf"))}
    store.replace_graph(ONTOLOGY_GRAPH, schema)
    folder = tmp_path_factory.mktemp("city")
    found = {}
    for path, _ in generate(
        SOURCES.root / "data/ttl", folder, "province", defects=["below"], jurisdiction=CITY
    ):
        code = path.stem.partition("-")[0]
        if code in PLACES:
            own = NamedNode(f"{BASE}catalogue/{code}/2023")
            scope = {Triple(own, NamedNode(BPS + "scope"), NamedNode(f"{BASE}item/{item}")) for item in ITEMS}
            triples = set(parse(path.read_bytes(), str(path), FORMATS["turtle"])) | scope
            found[code] = cut(triples, set(ITEMS))
    close_data(store, rules_of(LIBRARY))
    for name, derived in derive_all(store, LIBRARY):
        store.replace_graph(name, derived)
    return store, found


def copied(store: EmbeddedStore) -> EmbeddedStore:
    return store.copied(())


def judge(store: EmbeddedStore, graph: str, triples: Triples, ready: Ready) -> None:
    """Judge a catalogue with what is ready and without, which gives the same."""
    submission = Submission(graph, triples)
    report = ready.report(submission, store, SHAPES, today=TODAY)
    alone = validate_submission(submission, store, LIBRARY, SHAPES, today=TODAY)
    assert report.verdict_counts() == alone.verdict_counts()
    assert replace(report, counted=None, verdicts=()) == replace(alone, verdicts=())


def apply(store: EmbeddedStore, changes: Changes, ready: Ready) -> set[str]:
    """Change the store as an acceptance does, after both ways are compared; gives the graphs that differ."""
    changes = {graph: as_stored(triples) for graph, triples in changes.items()}
    if store.extract(SHARED) is None:
        keep_shared(store, LIBRARY)
    kept = store.extract(SHARED)
    for graph, triples in changes.items():
        if triples:
            judge(store, graph, triples, ready)
    differences = renew(store, LIBRARY, changes, ready)
    anew = renew_all(store, LIBRARY, changes)
    assert {g for g in differences | anew if differences.get(g) != anew.get(g)} == set()
    still = is_still_shared(store, differences)
    store.alter({**differences, **renewed_totals(Changed(store, differences), LIBRARY)})
    assert [graph for graph, found in derive_totals(store, LIBRARY) if store.graph(graph) != found] == []
    if still:
        keep_shared(store, LIBRARY)
        assert store.extract(SHARED) == kept
    else:
        store.forget_extract(SHARED)
    ready.follow(store, differences)
    return set(differences)


def as_stored(triples: Triples) -> Triples:
    with EmbeddedStore.in_memory() as store:
        store.replace_graph("urn:x", triples)
        return store.graph("urn:x")


def graph_of(code: str, edition: str = "2023") -> str:
    return f"{CATALOGUES}{code}/{edition}"


def edited(triples: Triples, chance: Random, times: int = 1) -> Triples:
    """The triples with some values doubled."""
    found = set(triples)
    values = sorted((t for t in found if t.predicate == VALUE and isinstance(t.object, Literal)), key=str)
    for triple in chance.sample(values, min(times, len(values))):
        assert isinstance(triple.object, Literal)
        new = Literal(str(2 * float(triple.object.value)), datatype=NamedNode(XSD + "decimal"))
        found = (found - {triple}) | {Triple(triple.subject, VALUE, new)}
    return Triples(frozenset(found))


def next_edition(triples: Triples, code: str) -> Triples:
    """The same promises as those of the edition of 2024."""
    text = "".join(f"{triple} .\n" for triple in triples)
    text = text.replace(f"/{code}/2023", f"/{code}/2024").replace('"2023"', '"2024"')
    text = text.replace('"2023-', '"2024-')
    return Triples(frozenset(parse(text.encode(), "edition", FORMATS["ntriples"])))


def with_segment(triples: Triples, code: str, age: int, owner: str | None = None) -> Triples:
    """With the first promise to a segment of its own, which this catalogue or that of `owner` describes."""
    segment = NamedNode(f"{BASE}segment/{owner or code}-from")
    first = min((t for t in triples if t.predicate == SEGMENT), key=str)
    described = {
        Triple(segment, RDF_TYPE, NamedNode(BPS + "Segment")),
        Triple(segment, NamedNode(SKOS + "broader"), first.object),
        Triple(
            segment, NamedNode(BPS + "minimumAge"), Literal(str(age), datatype=NamedNode(XSD + "integer"))
        ),
    }
    kept = {t for t in triples if t.subject != segment and t != first}
    return Triples(
        frozenset(kept | {Triple(first.subject, SEGMENT, segment)} | (described if owner is None else set()))
    )


def referring(triples: Triples, other: Triples) -> Triples:
    """With the first number a reference to the document of another catalogue."""
    document = min((t.object for t in other if t.predicate == SOURCE), key=str)
    value = min((t for t in triples if t.predicate == VALUE), key=str)
    kind = NamedNode(BPS + "kind")
    kept = {t for t in triples if t.subject != value.subject or t.predicate not in (VALUE, kind)}
    return Triples(
        frozenset(
            kept
            | {
                Triple(value.subject, kind, NamedNode(BASE + "kind/byReference")),
                Triple(value.subject, NamedNode(BPS + "reference"), document),
            }
        )
    )


Step = Callable[[EmbeddedStore, dict[str, Triples], Random], Changes]


def resubmit(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    code = chance.choice([*COUNTIES, *COUNTIES, CITY])
    held = store.graph(graph_of(code)) or made[code]
    return {graph_of(code): edited(held, chance, chance.choice([1, 1, 3]))}


def withdraw(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    return {graph_of(chance.choice(sorted(made))): NOTHING}


def restore(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    code = chance.choice(sorted(made))
    return {graph_of(code): made[code]}


def new_edition(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    """Another edition, which may no longer promise every item, so that an older one counts for that."""
    code = chance.choice(sorted(made))
    items = set(chance.sample(ITEMS, chance.choice([1, len(ITEMS)])))
    return {graph_of(code, "2024"): next_edition(edited(cut(set(made[code]), items), chance), code)}


def own_segment(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    code = chance.choice(sorted(made))
    return {graph_of(code): with_segment(made[code], code, chance.choice([60, 65, 70]))}


def segment_of_another(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    code, owner = chance.sample(COUNTIES, 2)
    return {graph_of(code): with_segment(made[code], code, 0, owner)}


def reference(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    code, other = chance.sample(sorted(made), 2)
    return {graph_of(code): referring(made[code], made[other])}


def replacing(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    """A promise of one catalogue ends one of another, of its own next edition, or of the State."""
    code, other = chance.choice([CITY, *COUNTIES]), chance.choice([CITY, *COUNTIES, "100000"])
    promises = sorted((t.subject for t in made[code] if t.predicate == VALUE), key=str)
    row = chance.choice(promises)
    key = row.value.removeprefix(f"{BASE}guarantee/{code}/2023/")  # type: ignore[union-attr]
    ended = NamedNode(f"{BASE}guarantee/{other}/2023/{key}")
    start = Literal("2024-06-01", datatype=NamedNode(XSD + "date"))
    more = {Triple(row, NamedNode(DCT + "replaces"), ended), Triple(row, NamedNode(BPS + "validFrom"), start)}
    return {graph_of(code): Triples(made[code].triples | more)}


def two_at_once(store: EmbeddedStore, made: dict[str, Triples], chance: Random) -> Changes:
    return resubmit(store, made, chance) | new_edition(store, made, chance)


STEPS: tuple[Step, ...] = (
    resubmit,
    resubmit,
    withdraw,
    restore,
    new_edition,
    own_segment,
    segment_of_another,
    reference,
    replacing,
    two_at_once,
)


@pytest.mark.parametrize("seed", some(range(1, 41), 1))
def test_after_any_changes_all_is_as_if_derived_anew(seed: int, world: World) -> None:
    empty, made = world
    chance = Random(f"renewal {seed}")
    with copied(empty) as store:
        ready = Ready(LIBRARY)
        apply(store, {graph_of(code): made[code] for code in (*COUNTIES[:2], CITY)}, ready)
        for _ in range(6 if LONG else 2):
            apply(store, chance.choice(STEPS)(store, made, chance), ready)
        for edition in (None, "2023"):
            assert summed_by_item(store, edition) == counted_by_item(store, edition)


def test_the_first_catalogue_does_not_wait_for_plans_to_be_made(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, made = world
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    judge(store, graph_of(COUNTIES[0]), made[COUNTIES[0]], Ready(LIBRARY))
    assert list(tmp_path.iterdir()) == []


def test_the_newest_catalogue_comes_first_where_editions_are_texts() -> None:
    def of(code: str, *editions: Literal) -> set[Triple]:
        return {Triple(NamedNode(f"{BASE}catalogue/{code}"), EDITION, each) for each in editions}

    a, b, c = of("a", Literal("2023")), of("b", Literal("2025")), of("c", Literal("2023"))
    named = [[each.removeprefix(f"{BASE}catalogue/") for each in some] for some in newest_first(a | b)]
    assert named == [["b"], ["a"]]
    assert [len(some) for some in newest_first(a | b | c)] == [1, 2]
    # A number is greater or less than no text, and of several editions each is compared.
    number = Literal("2024", datatype=NamedNode(XSD + "integer"))
    assert [len(some) for some in newest_first(a | b | of("d", number))] == [3]
    assert [len(some) for some in newest_first(a | b | of("c", Literal("2021"), Literal("2026")))] == [3]


def test_a_derived_graph_that_does_not_follow_is_found(world: World) -> None:
    empty, made = world
    code = COUNTIES[0]
    wrong = f"{GRAPH}verdicts/{code}/2023"
    with copied(empty) as store:
        differences = renew(store, LIBRARY, {graph_of(code): as_stored(made[code])})
        store.alter({**differences, **renewed_totals(Changed(store, differences), LIBRARY)})
        assert differing_among(store, LIBRARY, 5) == (2, [])
        lost = min(store.graph(wrong), key=str)
        store.alter({wrong: Difference(removed=frozenset({lost}))})
        assert differing_among(store, LIBRARY, 5) == (2, [wrong])
        assert differing(store, LIBRARY) == [wrong]
