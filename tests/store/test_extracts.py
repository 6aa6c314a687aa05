"""Extracts: read as they were kept, and gone with the first change of a graph they are drawn from."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import StoreUnavailable
from bpsgraph.store import open_store
from bpsgraph.store.embedded import EmbeddedStore, building

HERE, THERE = "urn:graph:here", "urn:graph:there"
SAID = Triple(NamedNode("urn:a"), NamedNode("urn:p"), Literal("一\n二", language="zh"))
OTHER = Triple(NamedNode("urn:b"), NamedNode("urn:p"), NamedNode("urn:c"))
LINES = f"{SAID} .\n{OTHER} .\n".encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "store"
    with building(path, "sha256:0") as store:
        store.replace_graph(HERE, [SAID])
        store.replace_graph(THERE, [OTHER])
        store.keep_extract("both", [OTHER, SAID], [HERE])
    return path


def test_an_extract_is_sorted_lines_in_the_built_store(folder: Path) -> None:
    with open_store(folder) as store:
        assert store.extract("both") == LINES
        assert store.extract("none") is None


def test_a_store_in_memory_keeps_extracts_too() -> None:
    with EmbeddedStore.in_memory() as store:
        store.keep_extract("both", [SAID, OTHER], [HERE])
        assert store.extract("both") == LINES
        store.replace_graph(HERE, [OTHER])
        assert store.extract("both") is None


CHANGES: dict[str, Callable[[EmbeddedStore, str], None]] = {
    "replaced": lambda store, graph: store.replace_graph(graph, [OTHER]),
    "replaced with others": lambda store, graph: store.replace_graphs({graph: [OTHER], "urn:new": [SAID]}),
    "removed": lambda store, graph: store.remove_graph(graph),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_graph_takes_its_extracts_away(
    folder: Path, change: Callable[[EmbeddedStore, str], None]
) -> None:
    with open_store(folder, writable=True) as store:
        change(store, THERE)
        assert store.extract("both") == LINES
        change(store, HERE)
        assert store.extract("both") is None
    with open_store(folder) as store:
        assert store.extract("both") is None


@pytest.mark.parametrize("harm", [lambda kept: kept[:-1], lambda kept: b"# {}\n" + kept, lambda kept: b""])
def test_an_extract_that_is_not_whole_counts_as_none(folder: Path, harm: Callable[[bytes], bytes]) -> None:
    file = folder / "generations" / "000001" / "both.nt"
    file.write_bytes(harm(file.read_bytes()))
    with open_store(folder, writable=True) as store:
        assert store.extract("both") is None
        store.replace_graph(HERE, [OTHER])


def test_a_store_that_is_open_for_reading_keeps_none(folder: Path) -> None:
    with open_store(folder) as store, pytest.raises(StoreUnavailable):
        store.keep_extract("more", [SAID], [HERE])
    with open_store(folder, writable=True) as store:
        store.keep_extract("more", [SAID], [THERE])
        assert store.extract("more") == f"{SAID} .\n".encode()
