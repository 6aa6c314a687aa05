"""The embedded store: the contract in memory and on disk, and what can happen to files."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from bpsgraph.errors import BadParameter, BpsError, StoreBusy, StoreDamaged, StoreMissing, StoreUnavailable
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.store import locking as module
from bpsgraph.store.dataset import several_graphs
from bpsgraph.store.embedded import building
from bpsgraph.store.marker import MARKER
from store_contract import ONE, TWO, A, B, StoreContract, label


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store on disk with one graph of two triples."""
    path = tmp_path / "store"
    with building(path, "sha256:0") as store:
        store.replace_graph(ONE, [label(A, "一"), label(B, "二")])
    return path


class TestInMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[EmbeddedStore]:
        with EmbeddedStore.in_memory() as store:
            yield store


class TestOnDisk(StoreContract):
    @pytest.fixture
    def store(self, folder: Path) -> Iterator[EmbeddedStore]:
        with open_store(folder, writable=True) as store:
            store.remove_graph(ONE)
            yield store


class TestWhileBuilding(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[EmbeddedStore]:
        with building(tmp_path / "new", "sha256:0") as store:
            yield store


def test_what_is_written_is_there_when_the_store_is_opened_again(folder: Path) -> None:
    with open_store(folder, writable=True) as store:
        store.replace_graph(TWO, [label(A, "三")])
    with open_store(folder) as store:
        assert store.graphs() == [ONE, TWO]
        assert store.marker is not None
        assert store.marker.triples == len(store) == 3


@pytest.mark.parametrize("made", ["nothing", "folder", "file", "plain store"])
def test_a_place_without_a_marker_is_no_store_and_stays_as_it_is(tmp_path: Path, made: str) -> None:
    path = tmp_path / "stoer"
    if made == "folder":
        path.mkdir()
    elif made == "file":
        path.write_text("x")
    elif made == "plain store":
        ox.Store(path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreMissing, match="run `bpsgraph build`"):
        open_store(path)
    with pytest.raises(StoreMissing):
        open_store(path, writable=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_many_can_read_at_once(folder: Path) -> None:
    with open_store(folder) as one, open_store(folder) as two:
        assert one.graphs() == two.graphs() == [ONE]


def test_a_second_writer_a_reader_beside_a_writer_and_a_writer_beside_a_reader_are_refused(
    folder: Path,
) -> None:
    with open_store(folder, writable=True):
        with pytest.raises(StoreBusy):
            open_store(folder, writable=True)
        with pytest.raises(StoreBusy):
            open_store(folder)
    with open_store(folder), pytest.raises(StoreBusy):
        open_store(folder, writable=True)
    open_store(folder, writable=True).close()


def test_a_writer_in_another_process_is_seen(folder: Path) -> None:
    holder = (
        "import sys, bpsgraph; s = bpsgraph.open_store(sys.argv[1], writable=True)\n"
        "print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match="written by another process"):
            open_store(folder)
        process.communicate("\n")
    open_store(folder).close()


def test_without_advisory_locks_only_one_opening_at_a_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "fcntl", None)
    with open_store(folder) as store:
        assert store.graphs() == [ONE]
        with pytest.raises(StoreBusy):
            open_store(folder)


def test_a_store_opened_for_reading_is_not_written(folder: Path) -> None:
    with open_store(folder) as store:
        with pytest.raises(StoreUnavailable, match="opened for reading only"):
            store.replace_graph(TWO, [label(A, "三")])
        with pytest.raises(StoreUnavailable, match="opened for reading only"):
            store.remove_graph(ONE)
        assert store.graphs() == [ONE]


def test_a_closed_store_says_so(folder: Path) -> None:
    store = open_store(folder)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.graphs()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": "x", "triples": 1, "inputs": ""}']
)
def test_an_unreadable_marker_is_damage(folder: Path, text: str) -> None:
    (folder / MARKER).write_text(text)
    with pytest.raises(StoreDamaged, match="marker"):
        open_store(folder)


def test_a_store_of_another_format_version_is_refused(folder: Path) -> None:
    marker = json.loads((folder / MARKER).read_text())
    (folder / MARKER).write_text(json.dumps(marker | {"format": 99}))
    with pytest.raises(StoreDamaged, match="format 99"):
        open_store(folder)


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("broken", ["CURRENT", "*.sst"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_broken_files_are_damage(folder: Path, broken: str, how: str, writable: bool) -> None:
    files = list(folder.glob(broken))
    assert files
    for file in files:
        if how == "cut":
            os.truncate(file, 1)
        else:
            file.unlink()
    with pytest.raises(StoreDamaged, match="bpsgraph build"):
        open_store(folder, writable=writable).query("SELECT * WHERE { ?s ?p ?o }")


class TestBuilding:
    def test_a_build_replaces_the_old_store(self, folder: Path) -> None:
        with building(folder, "sha256:1") as store:
            store.replace_graph(TWO, [label(B, "新")])
        with open_store(folder) as store:
            assert store.graphs() == [TWO]
        assert [entry.name for entry in folder.parent.iterdir()] == ["store"]

    def test_a_build_that_fails_leaves_the_old_store(self, folder: Path) -> None:
        def build() -> None:
            with building(folder, "sha256:1") as store:
                store.replace_graph(TWO, [label(B, "新")])
                raise RuntimeError("half way")

        with pytest.raises(RuntimeError, match="half way"):
            build()
        with open_store(folder) as store:
            assert store.graphs() == [ONE]
        assert [entry.name for entry in folder.parent.iterdir()] == ["store"]

    def test_what_a_killed_build_left_behind_is_cleared_away(self, folder: Path) -> None:
        script = (
            "import os, sys, pathlib; from bpsgraph.store.embedded import building\n"
            "with building(pathlib.Path(sys.argv[1]), 'sha256:1'): os._exit(9)"
        )
        assert subprocess.run([sys.executable, "-c", script, str(folder)], check=False).returncode == 9
        assert len(list(folder.parent.iterdir())) == 2
        with building(folder, "sha256:2") as store:
            store.replace_graph(TWO, [label(B, "新")])
        assert [entry.name for entry in folder.parent.iterdir()] == ["store"]

    def test_two_builds_at_once(self, folder: Path) -> None:
        with building(folder, "sha256:1"), pytest.raises(StoreBusy), building(folder, "sha256:2"):
            pass

    def test_a_store_in_use_is_not_replaced(self, folder: Path) -> None:
        with open_store(folder) as reader:
            with pytest.raises(StoreBusy), building(folder, "sha256:1"):
                pytest.fail("the block must not be entered")
            assert reader.graphs() == [ONE]

    def test_a_reader_that_comes_during_a_build_keeps_its_store(self, folder: Path) -> None:
        with pytest.raises(StoreBusy), building(folder, "sha256:1"):
            reader = open_store(folder)
        assert reader.graphs() == [ONE]
        reader.close()
        with open_store(folder) as store:
            assert store.graphs() == [ONE]

    def test_a_folder_with_other_things_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("dear")
        with pytest.raises(BadParameter, match="something else"), building(tmp_path, "sha256:1"):
            pytest.fail("the block must not be entered")
        assert (tmp_path / "letter.txt").read_text() == "dear"

    def test_an_empty_folder_becomes_the_store(self, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        with building(tmp_path / "here", "sha256:1") as store:
            store.replace_graph(ONE, [label(A, "一")])
        with open_store(tmp_path / "here") as store:
            assert len(store) == 1

    def test_a_moved_store_opens(self, folder: Path) -> None:
        moved = folder.rename(folder.with_name("moved"))
        with open_store(moved) as store:
            assert store.graphs() == [ONE]


def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    script = (
        "import resource, sys, pathlib; from bpsgraph.store.embedded import building\n"
        "from bpsgraph.errors import StoreUnavailable\n"
        "from store_contract import ONE, A, label\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n"
        "    with building(pathlib.Path(sys.argv[1]), 'sha256:1') as store:\n"
        "        store.replace_graph(ONE, [label(A, str(n) * 50) for n in range(5_000)])\n"
        "except StoreUnavailable as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "s")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the store cannot be used" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_every_lock_is_let_go(folder: Path) -> None:
    with open_store(folder):
        pass
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_store_errors_are_one_sentence_with_an_exit_code(folder: Path) -> None:
    with open_store(folder, writable=True), pytest.raises(BpsError) as caught:
        open_store(folder)
    assert (caught.value.exit_code, caught.value.code) == (3, "store-busy")
    assert str(caught.value).count("\n") == 0


class TestSeveralGraphsAtOnce:
    def test_each_is_replaced_and_the_union_follows(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            store.replace_graph(TWO, [label(A, "一"), label(B, "三")])
            store.replace_graphs({ONE: [label(B, "四")], TWO: []})
            assert store.graphs() == [ONE]
            assert set(store.graph(ONE)) == {label(B, "四")}
            assert len(store) == 1

    def test_a_slip_in_one_of_them_leaves_all(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            with pytest.raises(ValueError, match="IRI"):
                store.replace_graphs({ONE: [label(B, "四")], "no iri": [label(A, "五")]})
            assert set(store.graph(ONE)) == {label(A, "一"), label(B, "二")}

    def test_a_store_for_reading_takes_none(self, folder: Path) -> None:
        with open_store(folder) as store, pytest.raises(StoreUnavailable, match="for reading only"):
            store.replace_graphs({ONE: []})


def test_the_marker_says_which_entry_of_the_journal_is_applied(folder: Path) -> None:
    with open_store(folder, writable=True) as store:
        store.replace_graphs({TWO: [label(A, "三")]})
        store.mark(7, "sha256:7")
    with open_store(folder) as store:
        assert store.marker is not None
        assert (store.marker.entry, store.marker.entry_hash, store.marker.triples) == (7, "sha256:7", 3)


def test_a_store_that_is_only_opened_for_writing_keeps_its_marker(folder: Path) -> None:
    before = (folder / MARKER).stat()
    open_store(folder, writable=True).close()
    assert (folder / MARKER).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize(
    "text", ["." * 60_000, '"\\' * 30_000, '"""\n"' * 12_000, "a-" * 30_000, "<a " * 20_000]
)
def test_no_text_takes_long_to_look_through_for_its_dataset(text: str) -> None:
    began = time.perf_counter()
    assert several_graphs(f"FROM {text}") is None
    assert time.perf_counter() - began < 2
