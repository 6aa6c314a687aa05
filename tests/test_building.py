"""Building a store from files: the same files make the same graphs, and a slip in a file loses nothing."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Triple

from bpsgraph.building import build
from bpsgraph.errors import EmptyGraph, MalformedFile
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.library import Library
from bpsgraph.sources import ONTOLOGY_GRAPH, Sources, find_sources, inputs_of
from bpsgraph.store import open_store, select
from bpsgraph.store.embedded import building
from bpsgraph.store.marker import Marker
from bpsgraph.terms import RDF_TYPE
from conftest import Run
from sampling import LONG
from small_world import JINCHENG, LOCAL, Town, small_sources


@pytest.fixture
def copied(tmp_path: Path) -> Sources:
    """A copy of some of our files that a test may change."""
    return small_sources(tmp_path / "sources", JINCHENG)


def test_every_file_is_its_graph_and_nothing_of_it_is_lost(built: Path) -> None:
    with open_store(built) as store:
        for file, graph in find_sources().data().items():
            written = parse(file.read_bytes(), str(file), FORMATS["turtle"])
            assert len(store.graph(graph)) == len(written), file
        assert len(store.graph(ONTOLOGY_GRAPH)) > 1_000


def test_questions_are_answered_across_the_graphs(built: Path) -> None:
    text = (
        "SELECT ?name WHERE { ?c bps:jurisdiction <jurisdiction/140500> ; a bps:Catalogue . "
        "<jurisdiction/140500> skos:prefLabel ?name }"
    )
    with open_store(built) as store:
        assert select(store, text).to_csv() == "name\r\n晋城市\r\n"


def test_the_catalogue_of_saved_queries_is_in_the_graph(built: Path) -> None:
    text = "SELECT ?name WHERE { ?query a sh:SPARQLExecutable ; dct:identifier ?name } ORDER BY ?name"
    with open_store(built) as store:
        names = [str(row["name"]).strip('"') for row in select(store, text)]
    assert names == list(Library(find_sources().root / "queries"))


@pytest.mark.parametrize("whole", [False, True] if LONG else [False])
def test_the_same_files_make_the_same_graphs(
    request: pytest.FixtureRequest, small_town: Callable[..., Town], tmp_path: Path, whole: bool
) -> None:
    if whole:
        before, sources = request.getfixturevalue("built"), find_sources()
    else:
        before, sources = small_town(JINCHENG).store, small_town(JINCHENG).sources
    steps: list[tuple[int, int]] = []
    again = build(tmp_path / "again", sources, lambda step, done, total: steps.append((done, total)))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps), "progress only grows"
    assert steps[-1][0] == steps[-1][1], "and ends whole"
    with open_store(before) as one, open_store(tmp_path / "again") as two:
        # What names the bytes of RocksDB's own files is of one build only.
        first, second = Marker.read(before), Marker.read(tmp_path / "again")
        assert replace(first, manifest="") == replace(second, manifest="")
        assert one.graphs() == two.graphs()
        for graph in one.graphs():
            if not graph.startswith(ONTOLOGY_GRAPH):
                assert one.graph(graph).content_hash() == two.graph(graph).content_hash()
        assert again.triples == len(two)
        assert again.graphs == len(two.graphs())


def test_a_change_in_a_file_changes_the_store_and_the_hash_of_what_went_in(
    copied: Sources, tmp_path: Path
) -> None:
    before = inputs_of(copied)
    file = copied.root / "data" / "ttl" / "divisions.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace('"晋城市"@zh', '"改名市"@zh'), encoding="utf-8")
    assert inputs_of(copied) != before
    assert inputs_of(small_sources(tmp_path / "beside", JINCHENG)) == before
    build(tmp_path / "store", copied)
    with open_store(tmp_path / "store") as store:
        assert store.query(
            'ASK { GRAPH <../graph/divisions> { <jurisdiction/140500> skos:prefLabel "改名市"@zh } }'
        )


@pytest.mark.parametrize(("text", "kind"), [("<a> <b> .", MalformedFile), ("# nothing", EmptyGraph)])
def test_a_slip_in_a_file_names_it_and_leaves_the_old_store(
    copied: Sources, tmp_path: Path, text: str, kind: type[Exception]
) -> None:
    store = tmp_path / "store"
    with building(store, "sha256:0") as old:
        old.replace_graph(ONTOLOGY_GRAPH, [Triple(RDF_TYPE, RDF_TYPE, RDF_TYPE)])
    bad = copied.root / "data" / "ttl" / "local" / "140500-2099.ttl"
    bad.write_text(text, encoding="utf-8")
    with pytest.raises(kind, match=r"140500-2099\.ttl"):
        build(store, copied)
    with open_store(store) as opened:
        assert opened.graphs() == [ONTOLOGY_GRAPH]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["sources", "store"]


def test_a_folder_of_catalogues_is_built_as_if_its_files_were_of_the_data(
    small_town: Callable[..., Town], tmp_path: Path
) -> None:
    folder = tmp_path / "catalogues"
    folder.mkdir()
    shutil.copy(LOCAL / JINCHENG, folder)
    sources = replace(small_sources(tmp_path / "sources", JINCHENG), catalogues=folder)
    # That of the same name is replaced by it.
    bundled_one = sources.root / "data/ttl/local" / JINCHENG
    bundled_one.write_text(
        bundled_one.read_text(encoding="utf-8").replace("晋城市", "改名市"), encoding="utf-8"
    )
    town = small_town(JINCHENG)
    build(tmp_path / "store", sources)
    with open_store(tmp_path / "store") as store, open_store(town.store) as other:
        assert store.graphs() == other.graphs()
        for graph in store.graphs():
            if not graph.startswith(ONTOLOGY_GRAPH):
                assert store.graph(graph) == other.graph(graph), graph
    before = inputs_of(sources)
    with (folder / JINCHENG).open("a", encoding="utf-8") as file:
        file.write("# another byte\n")
    assert inputs_of(sources) != before


def test_a_folder_without_catalogues_and_a_file_that_is_none_are_told(run: Run, tmp_path: Path) -> None:
    done = run("build", "--store", tmp_path / "store", "--catalogues", tmp_path)
    assert (done.returncode, "there is no catalogue in it" in done.stderr) == (2, True)
    (tmp_path / "notes.ttl").write_text("<a> a <b> .", encoding="utf-8")
    done = run("build", "--store", tmp_path / "store", "--catalogues", tmp_path)
    assert (done.returncode, "call it like 140500-2021.ttl" in done.stderr) == (2, True)
    done = run("build", "--store", tmp_path / "store", "--catalogues", tmp_path / "nowhere")
    assert (done.returncode, "nowhere" in done.stderr) == (2, True)
    assert not (tmp_path / "store").exists()


def test_two_files_cannot_be_one_graph(copied: Sources, tmp_path: Path) -> None:
    national = copied.root / "data" / "ttl" / "national" / "2021.ttl"
    shutil.copy(national, copied.root / "data" / "ttl" / "local" / "100000-2021.ttl")
    with pytest.raises(MalformedFile, match="another file is the graph"):
        build(tmp_path / "store", copied)
