"""The document about one thing: what it says, in pages, in four profiles, and of itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter, NotFound
from bpsgraph.library import bundled
from bpsgraph.publishing.discovery.description import WHOLE
from bpsgraph.publishing.documents import PAGE_SIZE, document
from bpsgraph.publishing.profiles import ALL, CPSV_AP, FULL, SCHEMA, SUMMARY
from bpsgraph.store import EmbeddedStore, Store, open_store, select
from bpsgraph.terms import BASE, BPS, DCT, DOCUMENTS, FOAF, GRAPH, HYDRA, LABELS, PROV, RDF, VOID
from small_world import COUNTY, JINCHENG, NOON, Town

ROW = BASE + "provision/140500/2021/elderly-health-management"
UNIT = BASE + "unit/yuan-per-student-year"


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as store:
        yield store


def values(triples: object, subject: str, predicate: str) -> set[str]:
    return {
        str(t.object.value)
        for t in triples  # type: ignore[attr-defined]
        if (t.subject, t.predicate) == (NamedNode(subject), NamedNode(predicate))
    }


def test_all_that_is_said_of_the_thing_is_in_it(store: Store) -> None:
    found = document(store, bundled(), ROW)
    rows = select(store, f"SELECT ?p ?o WHERE {{ <{ROW}> ?p ?o }}").rows
    said = {Triple(NamedNode(ROW), p, o) for p, o in rows}  # type: ignore[arg-type]
    assert len(said) > 10
    assert said <= set(found.triples)
    assert set(found.own) == said


def test_all_that_it_is_linked_with_is_named(store: Store) -> None:
    found = document(store, bundled(), ROW)
    linked = {t.object for t in found.own if isinstance(t.object, NamedNode)}
    path = "|".join(map(str, LABELS))
    with_names = {
        thing for thing in linked if len(select(store, f"SELECT ?l WHERE {{ {thing} {path} ?l }}").rows)
    }
    assert len(with_names) > 8
    assert with_names <= {t.subject for t in found.labels}


def test_the_source_of_a_single_cell_is_beside_it(store: Store) -> None:
    row = BASE + "provision/100000/2023/compulsory-education-free-textbooks"
    found = document(store, bundled(), row)
    about = BASE + "statement/100000/2023/compulsory-education-free-textbooks/expenditure"
    assert values(found.statements, about, RDF + "predicate") == {BPS + "expenditure"}
    assert values(found.statements, about, PROV + "hadPrimarySource") == {BASE + "source/w44"}
    assert set(found.statements) <= set(found.triples)
    # Whatever the profile, a cell that is only recalled is marked.
    assert set(document(store, bundled(), row, CPSV_AP).statements) == set(found.statements)


def test_it_speaks_of_itself_and_of_the_thing_apart(store: Store) -> None:
    found = document(store, bundled(), ROW)
    assert found.iri == DOCUMENTS + "provision/140500/2021/elderly-health-management"
    assert values(found.triples, found.iri, FOAF + "primaryTopic") == {ROW}
    assert values(found.triples, ROW, FOAF + "isPrimaryTopicOf") == {found.iri}
    assert values(found.triples, found.iri, DCT + "conformsTo") == {FULL.iri}
    assert values(found.triples, found.iri, PROV + "wasDerivedFrom") == set(found.graphs)
    assert values(found.triples, found.iri, VOID + "inDataset") == {WHOLE}
    assert found.graphs == (GRAPH + "catalogue/140500/2021",)
    # Nothing says when the bundled data changed, so neither does the document.
    assert values(found.triples, found.iri, DCT + "modified") == set()


def test_links_to_it_are_counted_and_come_in_pages(store: Store) -> None:
    place = BASE + "jurisdiction/370000"
    first = document(store, bundled(), place)
    counted = {one.predicate: one.count for one in first.inverse}
    rows = select(store, f"SELECT DISTINCT ?s WHERE {{ ?s bps:within <{place}> }}").rows
    assert counted[BPS + "within"] == len(rows) > PAGE_SIZE
    assert first.pages == -(-len(rows) // PAGE_SIZE)
    pages = [document(store, bundled(), place, page=number) for number in range(1, first.pages + 1)]
    members = [
        iri
        for page in pages
        for one in page.inverse
        if one.predicate == BPS + "within"
        for iri in one.subjects
    ]
    assert members == sorted(str(term.value) for (term,) in rows if term is not None)
    collection = f"{first.iri}#inverse/bps:within"
    for page in pages:
        assert values(page.triples, collection, HYDRA + "totalItems") == {str(len(rows))}
        assert values(page.triples, collection, HYDRA + "view") == {f"{first.iri}?page={page.page}"}
    assert values(pages[1].triples, f"{first.iri}?page=2", HYDRA + "previous") == {f"{first.iri}?page=1"}
    assert values(pages[0].triples, f"{first.iri}?page=1", HYDRA + "previous") == set()
    with pytest.raises(BadParameter, match=f"from 1 to {first.pages}"):
        document(store, bundled(), place, page=first.pages + 1)


def test_a_thing_with_few_links_has_one_page(store: Store) -> None:
    found = document(store, bundled(), ROW)
    assert found.pages == 1
    assert not any(triple.predicate.value == HYDRA + "view" for triple in found.triples)
    with pytest.raises(BadParameter):
        document(store, bundled(), ROW, page=0)


def test_the_summary_says_what_it_is_and_how_many_links_there_are(store: Store) -> None:
    full, short = document(store, bundled(), ROW), document(store, bundled(), ROW, SUMMARY)
    assert set(short.own) < set(full.own)
    assert len(short.triples) < len(full.triples)
    assert [(one.predicate, one.count) for one in short.inverse] == [
        (one.predicate, one.count) for one in full.inverse
    ]
    assert not any(one.subjects for one in short.inverse)


def test_a_profile_is_offered_where_it_says_something(store: Store) -> None:
    assert document(store, bundled(), ROW).profiles == ALL
    assert document(store, bundled(), UNIT).profiles == (FULL, SUMMARY)
    with pytest.raises(
        BadParameter, match=r"cpsv-ap does not suit unit/.*: choose one of: full, summary|full"
    ):
        document(store, bundled(), UNIT, CPSV_AP)


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("item/legal-ad", "item/legal-aid"),
        ("itm/legal-aid", "item/legal-aid"),
        ("jurisdiction/140599", "jurisdiction/140500"),
        ("catalogue/140500/2022", "catalogue/140500/2021"),
        ("provision/140500/2021/elderly-health-managment", "provision/140500/2021/elderly-health-management"),
        ("guarantee/140500/2022/x/y", "catalogue/140500/2021"),
        ("kind/fixd", "kind/fixed"),
        ("document/jincheng-2021-45/5-2-1-99", "document/jincheng-2021-45/5-2-1-9"),
    ],
)
def test_what_is_not_there_brings_what_is_near(store: Store, key: str, near: str) -> None:
    with pytest.raises(NotFound) as caught:
        document(store, bundled(), BASE + key)
    assert near in caught.value.candidates


@pytest.mark.parametrize("key", ["", "x", "> } #", "thing with spaces/…", "item/" + "a" * 2000])
def test_what_is_like_nothing_is_not_found_either(store: Store, key: str) -> None:
    with pytest.raises(NotFound):
        document(store, bundled(), BASE + key)


def test_it_was_modified_when_its_catalogue_was_accepted(
    small_town: Callable[..., Town], tmp_path: Path
) -> None:
    import shutil

    made = small_town(JINCHENG)
    shutil.copytree(made.store, tmp_path / "store")
    town = Town(tmp_path, made.sources)
    town.accept(COUNTY)
    with open_store(town.store) as store:
        found = document(store, bundled(), BASE + "catalogue/371323/2021", SCHEMA)
    assert isinstance(found.modified, Literal)
    assert values(found.triples, found.iri, DCT + "modified") == {NOON.isoformat().replace("+00:00", "Z")}
