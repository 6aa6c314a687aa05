"""The graph as files: whole, apart, in each syntax the same, and with the same bytes every time."""

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

from bpsgraph.closing import CLOSURE_GRAPH
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.publishing import dumps
from bpsgraph.publishing.dumps import Dump, Part, compressed, content, dumps_of, is_derived, summed, sums_text
from bpsgraph.reasoning import ONTOLOGY_CLOSURE_GRAPH
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore
from bpsgraph.terms import GRAPH


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    """Three graphs of ours, one that says some of their triples again, and one that is derived."""
    made = EmbeddedStore.in_memory()
    sources = find_sources()
    for file, graph in sources.data().items():
        if file.name in ("140500-2021.ttl", "2024-02-01.ttl", "targets.ttl"):
            made.replace_graph(graph, parse(file.read_bytes(), str(file), FORMATS["turtle"]))
    first, second, *_ = made.graphs()
    made.replace_graph(GRAPH + "floors/140500", list(made.graph(second))[:20])
    made.replace_graph(GRAPH + "groups", [*made.graph(first), *made.graph(second)])
    return made


@pytest.fixture(scope="module")
def files(store: EmbeddedStore) -> tuple[Dump, ...]:
    return dumps_of(store.graphs())


def packed(store: EmbeddedStore, dump: Dump) -> bytes:
    return b"".join(compressed(content(store, dump.graphs, dump.format)))


def test_each_file_says_what_its_graphs_say(store: EmbeddedStore, files: tuple[Dump, ...]) -> None:
    for dump in files:
        quads = list(ox.parse(gzip.decompress(packed(store, dump)), dump.format.rdf))
        if dump.format.name in ("nquads", "trig"):
            said = {(q.triple, q.graph_name.value) for q in quads if isinstance(q.graph_name, ox.NamedNode)}
            assert said == {(triple, graph) for graph in dump.graphs for triple in store.graph(graph)}
        else:
            assert {q.triple for q in quads} == {t for graph in dump.graphs for t in store.graph(graph)}
        # A triple that two graphs state stands once where they become one.
        assert len(quads) == len({str(quad) for quad in quads})


def test_stated_and_derived_are_the_whole_and_nothing_twice(files: tuple[Dump, ...]) -> None:
    graphs = {dump.part: dump.graphs for dump in files}
    assert set(graphs[Part.STATED]).isdisjoint(graphs[Part.DERIVED])
    assert sorted(graphs[Part.STATED] + graphs[Part.DERIVED]) == list(graphs[Part.WHOLE])
    assert is_derived(ONTOLOGY_CLOSURE_GRAPH)
    assert is_derived(CLOSURE_GRAPH)
    assert not is_derived(GRAPH + "catalogue/100000/2021")


def test_the_sums_are_those_of_the_files(
    store: EmbeddedStore, files: tuple[Dump, ...], tmp_path: Path
) -> None:
    sums = summed(store, files)
    assert list(sums) == [dump.name for dump in files]
    for dump in files:
        written = tmp_path / dump.name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(packed(store, dump))
        assert sums[dump.name].size == written.stat().st_size
        assert sums[dump.name].sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    if shutil.which("sha256sum"):
        (tmp_path / "SHA256SUMS").write_text(sums_text(sums), encoding="utf-8")
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_the_bytes_depend_on_nothing_but_the_graphs(
    store: EmbeddedStore, files: tuple[Dump, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [dump for dump in files if dump.part is Part.WHOLE]
    before = [packed(store, dump) for dump in whole]
    # Another order in another store, and more than there is room for in memory.
    copy = EmbeddedStore.in_memory()
    for graph in reversed(store.graphs()):
        copy.replace_graph(graph, store.graph(graph))
    monkeypatch.setattr(dumps, "_RUN", 100)
    assert [packed(copy, dump) for dump in whole] == before


def test_a_gzip_file_holds_no_time(store: EmbeddedStore, files: tuple[Dump, ...]) -> None:
    # RFC 1952, 2.3: magic, method, flags, then four bytes of time.
    assert packed(store, files[0])[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
