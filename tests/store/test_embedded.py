"""The embedded store: the contract in memory and on disk, and what can happen to files."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pyoxigraph as ox
import pytest
from pyoxigraph import BlankNode, Triple

from bpsgraph.errors import (
    BadParameter,
    BpsError,
    StoreBusy,
    StoreDamaged,
    StoreFormat,
    StoreMissing,
    StoreUnavailable,
)
from bpsgraph.results import Difference
from bpsgraph.store import EmbeddedStore, embedded, locking, open_store
from bpsgraph.store.dataset import several_graphs
from bpsgraph.store.embedded import building
from bpsgraph.store.generations import WRITING, Generations
from bpsgraph.store.marker import MARKER, Marker
from store_contract import ONE, TWO, A, B, StoreContract, label


def newest(folder: Path) -> Path:
    """The folder of the generation that holds."""
    return Generations(folder).folder(Marker.read(folder).generation)


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_marker_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bpsgraph.json")
    with pytest.raises(StoreDamaged, match="is not a file"):
        open_store(tmp_path)


def test_many_can_read_at_once(folder: Path) -> None:
    with open_store(folder) as one, open_store(folder) as two:
        assert one.graphs() == two.graphs() == [ONE]


def test_a_second_writer_is_refused_and_neither_readers_nor_the_writer_are(folder: Path) -> None:
    with open_store(folder, writable=True) as writer, open_store(folder) as reader:
        with pytest.raises(StoreBusy, match=f"in use by pid {os.getpid()};"):
            open_store(folder, writable=True, wait=0.05)
        writer.replace_graph(TWO, [label(A, "三")])
        assert reader.graphs() == [ONE]
    with open_store(folder) as reader, open_store(folder, writable=True, wait=0):
        assert reader.graphs() == [ONE, TWO]


HOLDER = """
import sys, bpsgraph
with bpsgraph.open_store(sys.argv[1], writable=True) as store:
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_writer_waits_for_the_one_before_it_and_names_it(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match=f"the store is in use by pid {process.pid};") as caught:
            open_store(folder, writable=True, wait=0.05)
        assert caught.value.pid == process.pid
        open_store(folder).close()
        assert process.stdin is not None
        timer = Timer(0.2, process.stdin.close)
        timer.start()
        open_store(folder, writable=True, wait=30).close()
        timer.join()


def test_no_waiting_writer_is_passed_over(folder: Path) -> None:
    # Without turns the one that has the lock would take it again in the instant after it let go of it.
    script = (
        "import sys, time, bpsgraph\n"
        "for _ in range(4):\n"
        "    with bpsgraph.open_store(sys.argv[1], writable=True, wait=60): time.sleep(0.02)\n"
        "    print(time.monotonic_ns(), sys.argv[2])\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), name], stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    lines = [line for process in started for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in started] == [0, 0]
    turns = "".join(line[-1] for line in sorted(lines)).strip("ab"[0])
    # While both are there, each waits for one turn of the other.
    both = turns[: max(turns.rfind("a"), 0)].lstrip("b")
    assert "aa" not in both
    assert "bb" not in both


@pytest.mark.parametrize("writable", [False, True])
def test_without_advisory_locks_the_store_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    monkeypatch.setattr(locking, "fcntl", None)
    with open_store(folder, writable=writable) as store:
        assert store.graphs() == [ONE]


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
    "text",
    ["", "{", "[]", "null", '{"format": 2}', '{"format": "x", "triples": 1, "inputs": ""}', "[" * 100_000],
    ids=["nothing", "cut", "list", "null", "too little", "no number", "nested"],
)
def test_an_unreadable_marker_is_damage(folder: Path, text: str) -> None:
    (folder / MARKER).write_text(text)
    with pytest.raises(StoreDamaged, match="marker"):
        open_store(folder)


@pytest.mark.parametrize(("format", "cure"), [(99, "install a newer version"), (1, "run `bpsgraph migrate`")])
def test_a_store_of_another_format_version_is_refused(folder: Path, format: int, cure: str) -> None:
    marker = json.loads((folder / MARKER).read_text())
    (folder / MARKER).write_text(json.dumps(marker | {"format": format}))
    for writable in (False, True):
        with pytest.raises(StoreFormat, match=f"format {format}, .* {cure}"):
            open_store(folder, writable=writable)


def test_every_byte_of_the_marker_is_checked(folder: Path) -> None:
    file = folder / MARKER
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        with pytest.raises((StoreDamaged, StoreFormat)):
            Marker.read(folder)
    file.write_bytes(whole + b" ")
    with pytest.raises(StoreDamaged, match="not what was written"):
        open_store(folder)


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("broken", ["CURRENT", "MANIFEST-*", "manifest.json", "*.sst"])
@pytest.mark.parametrize("how", ["cut", "gone", "changed"])
def test_broken_files_are_damage(folder: Path, broken: str, how: str, writable: bool) -> None:
    files = list(newest(folder).glob(broken))
    assert files
    for file in files:
        if how == "cut":
            os.truncate(file, 1)
        elif how == "gone":
            file.unlink()
        else:
            file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))
    with pytest.raises(StoreDamaged, match="bpsgraph build"):
        open_store(folder, writable=writable).query("SELECT * WHERE { ?s ?p ?o }")
    assert Generations(folder).problems()


def test_a_generation_that_is_gone_is_damage(folder: Path) -> None:
    shutil.rmtree(newest(folder))
    with pytest.raises(StoreDamaged, match="generation 1 is missing"):
        open_store(folder)
    with building(folder, "sha256:1") as store:
        store.replace_graph(TWO, [label(B, "新")])
    with open_store(folder) as store:
        assert store.graphs() == [TWO]


class TestBuilding:
    def test_a_build_replaces_the_old_store(self, folder: Path) -> None:
        with building(folder, "sha256:1") as store:
            store.replace_graph(TWO, [label(B, "新")])
        with open_store(folder) as store:
            assert store.graphs() == [TWO]
        assert names_in(folder) == ["bpsgraph.json", "generations", "lock"]
        assert names_in(folder / "generations") == ["000002"]
        assert names_in(folder.parent) == ["store"]

    def test_a_build_that_fails_leaves_the_old_store(self, folder: Path) -> None:
        def build() -> None:
            with building(folder, "sha256:1") as store:
                store.replace_graph(TWO, [label(B, "新")])
                raise RuntimeError("half way")

        with pytest.raises(RuntimeError, match="half way"):
            build()
        with open_store(folder) as store:
            assert store.graphs() == [ONE]
        assert names_in(folder / "generations") == ["000001"]

    def test_a_first_build_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match="half way"), building(tmp_path / "new", "sha256:1"):
            raise RuntimeError("half way")
        assert names_in(tmp_path) == []

    @pytest.mark.parametrize("name", ["store", "new"])
    def test_what_a_killed_build_left_behind_is_cleared_away(self, folder: Path, name: str) -> None:
        script = (
            "import os, sys, pathlib; from bpsgraph.store.embedded import Writer, building\n"
            "Writer._names = Writer._keep = lambda *given: os._exit(9)\n"
            "with building(pathlib.Path(sys.argv[1]), 'sha256:1'): pass"
        )
        path = folder.with_name(name)
        assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 9
        assert Generations(path).left_behind() != []
        with building(path, "sha256:2") as store:
            store.replace_graph(TWO, [label(B, "新")])
        assert Generations(path).left_behind() == []
        assert len(names_in(path / "generations")) == 1

    def test_two_builds_at_once(self, folder: Path) -> None:
        with (
            building(folder, "sha256:1"),
            pytest.raises(StoreBusy),
            building(folder, "sha256:2", wait=0),
        ):
            pass

    def test_who_reads_during_a_build_goes_on(self, folder: Path) -> None:
        reader = open_store(folder)
        with building(folder, "sha256:1") as store:
            store.replace_graph(TWO, [label(B, "新")])
            other = open_store(folder)
        for opened in (reader, other):
            assert set(opened.graph(ONE)) == {label(A, "一"), label(B, "二")}
            opened.close()
        assert names_in(folder / "generations") == ["000001", "000002"]
        open_store(folder, writable=True).close()
        assert names_in(folder / "generations") == ["000002"]

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


@pytest.mark.parametrize("writable", [False, True])
def test_every_lock_is_let_go(folder: Path, writable: bool) -> None:
    with open_store(folder, writable=writable):
        pass
    for path in (folder, newest(folder), folder / "lock"):
        handle = os.open(path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
    assert (folder / "lock").read_bytes() == b""


def test_store_errors_are_one_sentence_with_an_exit_code(folder: Path) -> None:
    with open_store(folder, writable=True), pytest.raises(BpsError) as caught:
        open_store(folder, writable=True, wait=0)
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


def gained(*triples: Triple) -> Difference:
    return Difference(added=frozenset(triples))


def lost(*triples: Triple) -> Difference:
    return Difference(removed=frozenset(triples))


class TestDifferences:
    def test_the_union_loses_what_no_graph_states_any_more(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            store.alter({TWO: gained(label(A, "一"), label(B, "三"))})
            store.alter({ONE: lost(label(A, "一"), label(B, "二"))})
            assert store.graphs() == [TWO]
            assert set(store.triples()) == {label(A, "一"), label(B, "三")}

    def test_a_triple_may_go_from_one_graph_to_another(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            store.alter({ONE: lost(label(A, "一")), TWO: gained(label(A, "一"))})
            assert set(store.triples()) == {label(A, "一"), label(B, "二")}
            assert set(store.graph(TWO)) == {label(A, "一")}

    def test_blank_nodes_come_and_go(self, folder: Path) -> None:
        own = label(BlankNode("x"), "x")  # type: ignore[arg-type]
        with open_store(folder, writable=True) as store:
            store.alter({TWO: gained(own, label(A, "五"))})
            assert set(store.graph(TWO)) == {own, label(A, "五")}
            store.alter({TWO: lost(own)})
            assert set(store.triples()) == {label(A, "一"), label(B, "二"), label(A, "五")}

    def test_the_marker_says_how_many_triples_there_are_then(self, folder: Path) -> None:
        changes = [
            {ONE: lost(label(A, "一")), TWO: gained(label(B, "二"), label(B, "六"))},
            {ONE: Difference(frozenset({label(B, "二")}), frozenset({label(A, "七")}))},
            {TWO: lost(label(B, "二"), label(B, "六"))},
        ]
        for number, change in enumerate(changes, 1):
            with open_store(folder, writable=True) as store:
                store.alter(change)
                store.commit(number, f"sha256:{number}")
            with open_store(folder) as store:
                assert store.marker is not None
                assert store.marker.triples == len(store) == len(list(store.triples()))


class TestStamps:
    def test_a_file_with_its_stamp_is_not_read_to_open_a_store(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with open_store(folder, writable=True) as store:
            store.alter({TWO: gained(label(A, "三"))})

        def refused(path: Path) -> str:
            raise AssertionError(f"{path} is read")

        monkeypatch.setattr("bpsgraph.store.manifest.hash_of", refused)
        open_store(folder).close()

    def test_what_has_another_stamp_is_read_and_must_be_what_was_written(self, folder: Path) -> None:
        table = next(newest(folder).glob("*.sst"))
        whole = table.read_bytes()
        table.write_bytes(whole)
        open_store(folder).close()
        table.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(StoreDamaged, match=f"{table.name} is not what was written"):
            open_store(folder)

    def test_what_a_disk_loses_by_itself_is_found_by_reading_all(self, folder: Path) -> None:
        table = next(newest(folder).glob("*.sst"))
        data, before = bytearray(table.read_bytes()), table.stat()
        data[0] ^= 1
        table.write_bytes(data)
        os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
        open_store(folder).close()
        assert Generations(folder).problems() == [
            f"{newest(folder).name}/{table.name} is not what was written"
        ]

    @pytest.mark.parametrize("left", ["", "{", "[]", '{"files": {}}'])
    def test_without_whole_stamps_every_file_is_read(self, folder: Path, left: str) -> None:
        stamps = newest(folder) / "stamps.json"
        stamps.write_text(left)
        open_store(folder).close()
        assert Generations(folder).problems() == [
            f"{newest(folder).name}/stamps.json is not what was written"
        ]
        table = next(newest(folder).glob("*.sst"))
        table.write_bytes(b"x")
        with pytest.raises(StoreDamaged):
            open_store(folder)

    def test_a_store_from_before_has_none(self, folder: Path) -> None:
        (newest(folder) / "stamps.json").unlink()
        open_store(folder).close()
        assert Generations(folder).problems() == []


class TestCommitting:
    def test_the_marker_says_which_entry_of_the_journal_is_applied(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            store.replace_graphs({TWO: [label(A, "三")]})
            store.commit(7, "sha256:7")
        with open_store(folder) as store:
            assert store.marker is not None
            assert (store.marker.entry, store.marker.entry_hash, store.marker.triples) == (7, "sha256:7", 3)

    def test_what_was_not_committed_is_not_there_after_an_error(self, folder: Path) -> None:
        def change() -> None:
            with open_store(folder, writable=True) as store:
                store.replace_graph(TWO, [label(A, "三")])
                store.commit(1, "sha256:1")
                store.remove_graph(ONE)
                raise RuntimeError("half way")

        with pytest.raises(RuntimeError, match="half way"):
            change()
        with open_store(folder) as store:
            assert store.graphs() == [ONE, TWO]
        assert names_in(folder / "generations") == ["000002"]

    def test_a_writer_copies_when_it_changes_and_reads_what_it_changed(self, folder: Path) -> None:
        working = folder / "generations" / WRITING
        with open_store(folder, writable=True) as store:
            assert store.graphs() == [ONE]
            assert not working.exists()
            store.prepare_to_change()
            assert working.is_dir()
            assert store.graphs() == [ONE]
            store.replace_graph(TWO, [label(A, "三")])
            assert set(store.graph(TWO)) == {label(A, "三")}
        assert not working.exists()
        with open_store(folder) as reader:
            assert reader.graphs() == [ONE, TWO]
            with pytest.raises(StoreUnavailable, match="for reading only"):
                reader.prepare_to_change()

    def test_a_copy_that_cannot_be_made_leaves_all_as_it_was(self, folder: Path) -> None:
        current = newest(folder) / "CURRENT"
        content = current.read_bytes()
        with open_store(folder, writable=True) as store:
            current.write_bytes(content[::-1])
            with pytest.raises(StoreDamaged, match="CURRENT is not what was written"):
                store.replace_graph(TWO, [label(A, "三")])
            assert not (folder / "generations" / WRITING).exists()
            assert store.graphs() == [ONE]
            current.write_bytes(content)
            store.replace_graph(TWO, [label(A, "三")])
        with open_store(folder) as reader:
            assert reader.graphs() == [ONE, TWO]

    def test_several_commits_of_one_writer_are_seen_one_by_one(self, folder: Path) -> None:
        with open_store(folder, writable=True) as store:
            for number in range(1, 4):
                store.replace_graph(TWO, [label(A, str(number))])
                store.commit(number, f"sha256:{number}")
                with open_store(folder) as reader:
                    assert set(reader.graph(TWO)) == {label(A, str(number))}
        assert Generations(folder).problems() == []
        assert names_in(folder / "generations") == ["000004"]

    def test_tables_are_shared_and_keep_their_hashes(self, folder: Path) -> None:
        held = open_store(folder)
        before = newest(folder)
        with open_store(folder, writable=True) as store:
            store.replace_graph(TWO, [label(A, "三")])
        after = newest(folder)
        shared = [file.name for file in before.glob("*.sst") if (after / file.name).exists()]
        assert shared
        assert all((before / name).samefile(after / name) for name in shared)
        held.close()
        # Damage that happened before a commit is still found after it.
        (after / shared[0]).write_bytes(b"x")
        assert Generations(folder).problems() == [f"{after.name}/{shared[0]} is not what was written"]

    def test_a_store_that_is_only_opened_for_writing_keeps_its_marker(self, folder: Path) -> None:
        before = (folder / MARKER).stat()
        open_store(folder, writable=True).close()
        assert (folder / MARKER).stat().st_mtime_ns == before.st_mtime_ns

    def test_without_hard_links_files_are_copied(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*places: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refused)
        with open_store(folder, writable=True) as store:
            store.keep_extract("both", [label(A, "一")], [ONE])
            store.replace_graph(TWO, [label(A, "三")])
            store.commit(1, "sha256:1")
            store.replace_graph(TWO, [label(A, "四")])
        with open_store(folder) as store:
            assert set(store.graph(TWO)) == {label(A, "四")}
            assert store.extract("both") is not None
        assert Generations(folder).problems() == []

    def test_files_that_are_not_of_the_store_are_named(self, folder: Path) -> None:
        (folder / "letter.txt").write_text("dear")
        (newest(folder) / "more.sst").write_text("x")
        assert Generations(folder).problems() == [
            "000001/more.sst is no file of the store: take it away",
            "letter.txt is no file of the store: take it away",
        ]


def test_a_reader_finds_the_new_generation_when_the_one_it_was_told_of_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Marker.read
    told: list[int] = []

    def and_then_a_commit(path: Path) -> Marker:
        marker = read(path)
        if len(told) < 3:
            told.append(marker.generation)
            with monkeypatch.context() as patch:
                patch.setattr(Marker, "read", read)
                with building(folder, "sha256:1") as store:
                    store.replace_graph(TWO, [label(B, "新")])
        return marker

    generations = Generations(folder)
    monkeypatch.setattr(Marker, "read", and_then_a_commit)
    held = generations.hold_newest()
    assert len(told) == 3
    assert held.marker.generation == 4
    locking.unlock(held.lock)


READER = """
import sys, bpsgraph
store = bpsgraph.open_store(sys.argv[1])
print("open", flush=True)
input()
print(sorted(str(triple) for triple in store.triples()) == eval(sys.argv[2]), len(store))
"""


def test_a_reader_in_another_process_is_not_disturbed_by_many_commits_and_a_build(folder: Path) -> None:
    with open_store(folder) as store:
        expected = sorted(str(triple) for triple in store.triples())
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(folder), repr(expected)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with open_store(folder, writable=True) as store:
            for number in range(1, 9):
                store.replace_graph(TWO, [label(A, f"{number}-{row}") for row in range(20)])
                store.commit(number, f"sha256:{number}")
        with building(folder, "sha256:1") as store:
            store.replace_graph(TWO, [label(B, "新")])
        assert names_in(folder / "generations") == ["000001", "000010"]
        assert process.communicate("\n")[0] == "True 2\n"


def test_a_copy_has_no_more_than_a_piece_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_AT_ONCE", 700)
    graphs = [f"https://example.org/graph/{number}" for number in range(20)]
    other, in_hand = "https://example.org/other", list[int]()

    def wanted(graph: str) -> bool:
        in_hand.append(sys.getallocatedblocks())
        return graph != other

    with EmbeddedStore.in_memory() as store:
        # Of each graph half is in the next one too; the blank node is in all.
        for number, graph in enumerate(graphs):
            rows = [label(A, str(row)) for row in range(number * 500, number * 500 + 1000)]
            store.replace_graph(graph, [*rows, Triple(A, label(A, "").predicate, BlankNode("one"))])
        store.replace_graph(other, [label(B, "other")])
        with store.copied(("https://example.org/graph/0",), wanted) as copy:
            assert copy.graphs() == sorted(graphs[1:])
            for graph in graphs[1:]:
                assert set(copy.graph(graph)) == set(store.graph(graph))
            assert len(copy) == 19 * 500 + 500 + 1
    assert max(in_hand) - min(in_hand) < 5_000, "20,000 triples in all"


@pytest.mark.parametrize(
    "text", ["." * 60_000, '"\\' * 30_000, '"""\n"' * 12_000, "a-" * 30_000, "<a " * 20_000]
)
def test_no_text_takes_long_to_look_through_for_its_dataset(text: str) -> None:
    began = time.perf_counter()
    assert several_graphs(f"FROM {text}") is None
    assert time.perf_counter() - began < 2
