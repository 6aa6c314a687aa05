"""Stores of format 1: brought over with all they hold, or left as they are."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from bpsgraph.errors import StoreBusy, StoreDamaged, StoreFormat, StoreMissing
from bpsgraph.store import locking, open_store
from bpsgraph.store.embedded import EmbeddedStore, building
from bpsgraph.store.extracts import written
from bpsgraph.store.generations import Generations
from bpsgraph.store.marker import MARKER
from bpsgraph.store.migrations import Migrated, migrate
from store_contract import ONE, TWO, A, B, label

SAID = {"entry": 3, "entry_hash": "sha256:3", "format": 1, "inputs": "sha256:0", "triples": 2}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as format 1 had it: the engine's files, an extract and the marker in one folder."""
    path = tmp_path / "store"
    inner = ox.Store(path)
    EmbeddedStore(inner).replace_graph(ONE, [label(A, "一"), label(B, "二")])
    inner.flush()
    del inner
    (path / "both.nt").write_bytes(written([label(A, "一")], [ONE]))
    (path / MARKER).write_text(json.dumps(SAID))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """The files of the folder itself, but those the engine writes words into."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name != locking.LOCK}


def test_it_holds_what_it_held(old: Path) -> None:
    with pytest.raises(StoreFormat, match="run `bpsgraph migrate`"):
        open_store(old)
    assert migrate(old) == Migrated(1, 2, 2)
    with open_store(old) as store:
        assert set(store.graph(ONE)) == {label(A, "一"), label(B, "二")}
        assert store.extract("both") == f"{label(A, '一')} .\n".encode()
        assert store.marker is not None
        assert (store.marker.entry, store.marker.entry_hash) == (3, "sha256:3")
        assert (store.marker.inputs, store.marker.triples) == ("sha256:0", 2)
    assert sorted(path.name for path in old.iterdir()) == [MARKER, "generations", "lock"]
    assert Generations(old).problems() == []
    assert migrate(old) == Migrated(2, 2, 2)


def test_what_was_not_yet_in_a_table_comes_too(old: Path) -> None:
    script = (
        "import os, sys, pyoxigraph as ox\n"
        "store = ox.Store(sys.argv[1])\n"
        "store.add(ox.Quad(*[ox.NamedNode('urn:x')] * 3))\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, old], check=True)
    (old / MARKER).write_text(json.dumps(SAID | {"triples": 3}))
    assert migrate(old).triples == 3


@pytest.mark.parametrize("step", ["fsync", "rename", "replace"])
def test_a_migration_that_is_ended_can_be_begun_anew(old: Path, step: str) -> None:
    before = contents(old)
    script = (
        "import os, sys, pathlib\n"
        f"os.{step} = pathlib.Path.rename = lambda *given: os._exit(9)\n"
        "from bpsgraph.store.migrations import migrate\n"
        "migrate(pathlib.Path(sys.argv[1]))"
    )
    assert subprocess.run([sys.executable, "-c", script, old], check=False).returncode == 9
    after = contents(old)
    after.pop(MARKER + ".new", None)
    assert after == before
    assert migrate(old) == Migrated(1, 2, 2)
    assert Generations(old).problems() == Generations(old).left_behind() == []


def test_a_store_that_is_not_whole_stays_as_it_is(old: Path) -> None:
    (old / MARKER).write_text(json.dumps(SAID | {"triples": 3}))
    before = contents(old)
    with pytest.raises(StoreDamaged, match="it holds 2 triples, and 3 were written"):
        migrate(old)
    for file in old.glob("*.sst"):
        os.truncate(file, 10)
    with pytest.raises(StoreDamaged):
        migrate(old)
    assert set(contents(old)) == set(before)


def test_a_store_that_an_older_program_reads_stays_as_it_is(old: Path) -> None:
    held = locking.lock(old, alone=False)
    with pytest.raises(StoreBusy):
        migrate(old, wait=0.05)
    locking.unlock(held)
    assert migrate(old) == Migrated(1, 2, 2)


def test_a_build_takes_the_place_of_an_old_store(old: Path) -> None:
    with building(old, "sha256:1") as store:
        store.replace_graph(TWO, [label(B, "新")])
    with open_store(old) as store:
        assert store.graphs() == [TWO]
    assert sorted(path.name for path in old.iterdir()) == [MARKER, "generations", "lock"]


def test_neither_a_newer_store_nor_none_is_touched(old: Path, tmp_path: Path) -> None:
    (old / MARKER).write_text(json.dumps(SAID | {"format": 3}))
    before = contents(old)
    with pytest.raises(StoreFormat, match="install a newer version"):
        migrate(old)
    with pytest.raises(StoreMissing):
        migrate(tmp_path / "stoer")
    assert contents(old) == before
    assert not (tmp_path / "stoer").exists()


def test_another_program_holds_the_generation_that_it_is_given(old: Path) -> None:
    migrate(old)
    script = "import os, sys; print(sorted(os.listdir(sys.argv[1])), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-m", "bpsgraph.store.holding", old, sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "CURRENT" in process.stdout.readline()
        with building(old, "sha256:1") as store:
            store.replace_graph(TWO, [label(B, "新")])
        assert Generations(old).numbers() == [1, 2]
        process.communicate("")
    with open_store(old, writable=True):
        assert Generations(old).numbers() == [2]
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph.store.holding", old / "none", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    shutil.rmtree(old)
