"""Replicas: the same bytes as the store they follow, whole at every moment, changed by nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter, StoreBusy, StoreDamaged, StoreIsReplica, StoreMissing
from bpsgraph.store import open_store, select
from bpsgraph.store.generations import Generations, followed
from bpsgraph.store.marker import MARKER, Marker
from bpsgraph.store.replication import replicate
from bpsgraph.terms import BASE, GRAPH, PREFIXES
from conftest import Run
from small_world import JINCHENG, Town

NOTES = "SELECT ?words WHERE { <note> rdfs:comment ?words }"


@pytest.fixture
def store(small_town: Callable[..., Town], tmp_path: Path) -> Path:
    """The writer's store."""
    return Path(shutil.copytree(small_town(JINCHENG).store, tmp_path / "writer" / "store"))


def files_of(store: Path) -> dict[str, bytes]:
    """The marker and the files of the newest generation, but for the stamps, which are of these very files."""
    folder = Generations(store).folder(Marker.read(store).generation)
    found = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name != "stamps.json"}
    return found | {MARKER: (store / MARKER).read_bytes()}


def answer(store: Path) -> object:
    with open_store(store) as opened:
        return select(opened, NOTES)


def change(store: Path, words: str) -> None:
    said = Triple(NamedNode(BASE + "note"), NamedNode(PREFIXES["rdfs"] + "comment"), Literal(words))
    with open_store(store, writable=True) as opened:
        opened.replace_graph(GRAPH + "note", {said})


def test_a_replica_is_the_store_that_it_follows_and_catches_up(store: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    first = replicate(store, replica)
    assert first.changed
    assert files_of(replica) == files_of(store)
    assert (replica / MARKER).stat().st_mtime_ns == (store / MARKER).stat().st_mtime_ns
    assert not replicate(store, replica).changed
    assert followed(replica) == str(store)

    with open_store(replica) as reader:
        before = select(reader, NOTES)
        change(store, "one")
        second = replicate(store, replica)
        assert second.linked > 0
        assert answer(replica) == answer(store) != before
        assert select(reader, NOTES) == before
        assert len(Generations(replica).numbers()) == 2
    change(store, "two")
    replicate(store, replica)
    assert Generations(replica).numbers() == [Marker.read(store).generation]
    assert files_of(replica) == files_of(store)
    assert Generations(replica).problems() == []


def test_what_was_brought_here_in_part_is_not_taken_over(store: Path, tmp_path: Path) -> None:
    inbox, replica = tmp_path / "inbox", tmp_path / "replica"
    shutil.copytree(store, inbox)
    replicate(inbox, replica)
    before = files_of(replica)
    change(store, "one")
    newest = Marker.read(store)
    shutil.copy2(store / MARKER, inbox / MARKER)
    with pytest.raises(StoreDamaged, match="missing"):
        replicate(inbox, replica)
    folder = Generations(inbox).folder(newest.generation)
    shutil.copytree(Generations(store).folder(newest.generation), folder)
    table = max(folder.glob("*.sst"), key=lambda file: file.stat().st_mtime_ns)
    whole = table.read_bytes()
    table.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StoreDamaged, match="is not what was written"):
        replicate(inbox, replica)
    table.unlink()
    with pytest.raises(StoreDamaged, match="is missing"):
        replicate(inbox, replica)
    assert files_of(replica) == before
    assert Generations(replica).left_behind() == []
    table.write_bytes(whole)
    replicate(inbox, replica)
    assert files_of(replica) == files_of(store)
    # What other tools have brought shares no file with the replica, for they may write into it.
    assert not any(
        file.samefile(Generations(replica).folder(newest.generation) / file.name) for file in folder.iterdir()
    )


def test_only_replication_changes_a_replica(store: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    replicate(store, replica)
    with pytest.raises(StoreIsReplica, match=r"this is a replica of .*writer/store"):
        open_store(replica, writable=True)
    with pytest.raises(BadParameter, match="itself"):
        replicate(replica, replica)
    with pytest.raises(BadParameter, match="a store that is no replica"):
        replicate(replica, store)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    with pytest.raises(BadParameter, match="something else than a replica"):
        replicate(store, tmp_path / "notes")
    with pytest.raises(StoreMissing):
        replicate(tmp_path / "notes", replica)


def test_a_replica_follows_a_store_that_was_made_anew(store: Path, tmp_path: Path) -> None:
    """The new one counts from 1 again, so that a generation of the same number may hold something else."""
    replica, anew = tmp_path / "replica", tmp_path / "anew"
    shutil.copytree(store, anew)
    change(store, "one")
    change(anew, "another")
    assert Marker.read(store).generation == Marker.read(anew).generation
    replicate(store, replica)
    before = files_of(replica)
    with open_store(replica), pytest.raises(StoreBusy, match=r"is another than that of .*, and is read"):
        replicate(anew, replica)
    assert files_of(replica) == before
    replicate(anew, replica)
    assert files_of(replica) == files_of(anew)


def test_earlier_generations_are_kept_for_programs_that_copy_them(store: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    found = []
    for words in ("one", "two", "three"):
        change(store, words)
        found.append(replicate(store, replica, keep=2).marker.generation)
    assert Generations(replica).numbers() == found[1:]
    earlier, newest = map(Generations(replica).folder, found[1:])
    both = [file for file in newest.glob("*.sst") if (earlier / file.name).exists()]
    assert both
    assert all(file.samefile(earlier / file.name) for file in both)


def test_what_was_interrupted_or_lost_is_made_good(store: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    replicate(store, replica)
    number = Marker.read(replica).generation
    (Generations(replica).draft(number + 1)).mkdir()
    next(Generations(replica).folder(number).glob("*.sst")).unlink()
    assert replicate(store, replica).changed
    assert files_of(replica) == files_of(store)
    assert Generations(replica).left_behind() == []


def test_the_command_says_what_it_did(run: Run, store: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    done = run("replicate", str(store), "--store", str(replica))
    marker = Marker.read(store)
    assert (done.returncode, done.stdout) == (0, f"{marker.generation} {marker.manifest}\n")
    assert f"generation {marker.generation}, entry 0; " in done.stderr
    done = run("replicate", str(store), "--store", str(replica))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("replicate", str(store), "--store", str(replica), "--every", "0").returncode == 2
    assert "replica of" in run("doctor", "--store", str(replica)).stdout
    done = run("withdraw", "140500/2021", "--store", str(replica))
    assert (done.returncode, "store-is-replica" in done.stderr) == (3, True)
