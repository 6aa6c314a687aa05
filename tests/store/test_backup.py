"""Backups: one consistent state, checked byte by byte, and put back so that a crash leaves the old or the new."""

import json
import random
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bpsgraph.errors import BackupDamaged, BadParameter, JournalDamaged, StoreDamaged, UnwritableFile
from bpsgraph.store import open_store
from bpsgraph.store.backup import Inventory, back_up, checked
from bpsgraph.store.generations import Generations
from bpsgraph.store.journal import Journal
from bpsgraph.store.marker import Marker
from bpsgraph.store.restoring import restore
from small_store import SmallStore

ONE, TWO, THREE = "140500/2021", "530127/2020", "341722/2021"


@pytest.fixture
def small(tmp_path: Path) -> SmallStore:
    """A store with two accepted catalogues."""
    (tmp_path / "place").mkdir()
    made = SmallStore(tmp_path / "place")
    made.build()
    made.accept(ONE, "一")
    made.accept(TWO, "二")
    return made


@pytest.fixture
def backup(small: SmallStore, tmp_path: Path) -> Path:
    back_up(small.store, small.journal, tmp_path / "backup")
    return tmp_path / "backup"


def elsewhere(tmp_path: Path, name: str = "elsewhere") -> SmallStore:
    (tmp_path / name).mkdir()
    return SmallStore(tmp_path / name)


class TestBackingUp:
    def test_it_has_every_file_with_its_hash_as_other_tools_compute_it(self, backup: Path) -> None:
        said = json.loads((backup / "manifest.json").read_bytes())
        there = {str(p.relative_to(backup)) for p in backup.rglob("*") if p.is_file()} - {"manifest.json"}
        assert set(said["files"]) == there
        lines = "".join(f"{file['sha256'][7:]}  {path}\n" for path, file in said["files"].items())
        done = subprocess.run(
            ["sha256sum", "--check", "--quiet"], input=lines, text=True, cwd=backup, capture_output=True
        )
        assert (done.returncode, done.stdout) == (0, "")
        assert {path.partition("/")[0] for path in there} == {"store", "journal"}
        assert sum(path.startswith("journal/") for path in there) == 2
        assert sum(path.startswith("store/entries/") for path in there) == 2

    def test_the_files_are_copies_and_not_links(self, small: SmallStore, backup: Path) -> None:
        for file in backup.rglob("*"):
            assert file.is_dir() or file.stat().st_nlink == 1
        assert not backup.with_name(".backup.draft").exists()

    def test_its_store_opens_where_it_lies(self, small: SmallStore, backup: Path) -> None:
        with open_store(backup / "store") as one, open_store(small.store) as other:
            assert {g: one.graph(g) for g in one.graphs()} == {g: other.graph(g) for g in other.graphs()}

    def test_the_same_state_gives_the_same_bytes(
        self, small: SmallStore, backup: Path, tmp_path: Path
    ) -> None:
        again = back_up(small.store, small.journal, tmp_path / "again")
        assert (tmp_path / "again/manifest.json").read_bytes() == (backup / "manifest.json").read_bytes()
        small.accept(THREE, "三")
        assert back_up(small.store, small.journal, tmp_path / "later").hash() != again.hash()

    def test_a_store_to_which_nothing_was_accepted(self, tmp_path: Path) -> None:
        empty = elsewhere(tmp_path)
        empty.build()
        assert back_up(empty.store, empty.journal, tmp_path / "backup").entry == 0
        other = elsewhere(tmp_path, "other")
        assert restore(tmp_path / "backup", other.store, other.journal).entry == 0
        assert (other.problems(), other.labels()) == ([], {})

    def test_readers_and_a_writer_go_on(self, small: SmallStore, tmp_path: Path) -> None:
        states = [small.labels()]
        failed: list[BaseException] = []

        def write() -> None:
            try:
                for number in range(12):
                    small.accept(ONE, f"第{number}")
                    states.append(states[-1] | {ONE: f"第{number}"})
            except BaseException as error:
                failed.append(error)

        writer = threading.Thread(target=write)
        with open_store(small.store) as reading:
            writer.start()
            made: list[Path] = []
            while writer.is_alive() or not made:
                made.append(tmp_path / f"backup-{len(made)}")
                back_up(small.store, small.journal, made[-1])
            writer.join()
            assert reading.graphs()
        assert not failed
        for number, folder in enumerate(made):
            copy = elsewhere(tmp_path, f"copy-{number}")
            restore(folder, copy.store, copy.journal)
            assert copy.labels() in states
            assert copy.problems() == []
            shutil.rmtree(copy.folder)

    def test_what_stands_in_the_journal_is_in_it_and_what_is_being_written_is_not(
        self, small: SmallStore, tmp_path: Path
    ) -> None:
        with small.journal.writing():
            number, _ = small.journal.following()
            small.journal.append(number, {})
            assert back_up(small.store, small.journal, tmp_path / "during").entry == 2
        assert back_up(small.store, small.journal, tmp_path / "after").entry == 3

    def test_nothing_is_written_over(self, small: SmallStore, backup: Path, tmp_path: Path) -> None:
        before = (backup / "manifest.json").stat()
        with pytest.raises(BadParameter, match="there is something in its place"):
            back_up(small.store, small.journal, backup)
        assert (backup / "manifest.json").stat() == before
        (tmp_path / "file").write_text("x")
        with pytest.raises(BadParameter, match="there is something in its place"):
            back_up(small.store, small.journal, tmp_path / "file")
        with pytest.raises(UnwritableFile, match="Not a directory"):
            back_up(small.store, small.journal, tmp_path / "file/backup")

    def test_what_is_damaged_is_not_backed_up(self, small: SmallStore, tmp_path: Path) -> None:
        entry = small.journal.entries()[0].path
        flip(entry, 20)
        with pytest.raises(JournalDamaged, match="entry 1 does not hold what was written"):
            back_up(small.store, small.journal, tmp_path / "one")
        flip(entry, 20)
        table = max(Generations(small.store).folder(3).glob("*.sst"))
        flip(table, 20)
        with pytest.raises(StoreDamaged, match="is not what was written"):
            back_up(small.store, small.journal, tmp_path / "two")
        assert {path.name for path in tmp_path.iterdir()} == {"place"}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


class TestChecking:
    def test_a_flipped_byte_anywhere(self, backup: Path, tmp_path: Path) -> None:
        chance = random.Random(8)
        files = sorted(path for path in backup.rglob("*") if path.is_file() and path.stat().st_size)
        for path in files:
            at = chance.randrange(path.stat().st_size)
            flip(path, at)
            with pytest.raises(BackupDamaged):
                checked(backup)
            flip(path, at)
        assert checked(backup).inventory.entry == 2

    @pytest.mark.parametrize("number", range(0, 12, 3))
    def test_half_of_it(self, small: SmallStore, backup: Path, tmp_path: Path, number: int) -> None:
        files = sorted(path for path in backup.rglob("*") if path.is_file())
        files[number % len(files)].unlink()
        before = small.bytes()
        with pytest.raises(BackupDamaged, match="is missing") as caught:
            restore(backup, small.store, small.journal)
        assert caught.value.exit_code == 3
        assert small.bytes() == before

    def test_cut_empty_and_no_folder(self, backup: Path, tmp_path: Path) -> None:
        manifest = backup / "manifest.json"
        for data in (manifest.read_bytes()[:-30], b"", b"null", b"[]", b'{"format": 1}', b"{" * 100_000):
            manifest.write_bytes(data)
            with pytest.raises(BackupDamaged, match=r"its manifest.json cannot be read"):
                checked(backup)
        with pytest.raises(BackupDamaged, match="there is no such folder"):
            checked(tmp_path / "nothing")

    def test_a_file_more_and_a_link(self, backup: Path) -> None:
        (backup / "journal/letter.txt").write_text("dear")
        with pytest.raises(BackupDamaged, match=r"'journal/letter.txt' is not in its manifest.json"):
            checked(backup)
        (backup / "journal/letter.txt").unlink()
        entry = next((backup / "journal").iterdir())
        moved = entry.rename(backup.with_name("moved"))
        entry.symlink_to(moved)
        with pytest.raises(BackupDamaged, match="is no file"):
            checked(backup)

    def test_a_newer_format(self, backup: Path) -> None:
        said = json.loads((backup / "manifest.json").read_bytes())
        (backup / "manifest.json").write_text(json.dumps(said | {"format": 2}))
        with pytest.raises(
            BackupDamaged, match="it is of format 2, and this version reads format 1; install"
        ):
            checked(backup)

    def test_a_manifest_that_points_out_of_it(self, backup: Path) -> None:
        inventory = Inventory.read(backup)
        path = "store/../../place/store/bpsgraph.json"
        wrong = Inventory(2, inventory.entry_hash, inventory.files | {path: (1, "sha256:0")})
        (backup / "manifest.json").write_bytes(wrong.to_bytes())
        with pytest.raises(BackupDamaged, match="is no file of a backup"):
            checked(backup)


class TestRestoring:
    def test_where_there_was_nothing(self, small: SmallStore, backup: Path, tmp_path: Path) -> None:
        new = elsewhere(tmp_path)
        done = restore(backup, new.store, new.journal)
        assert (done.entry, done.set_aside) == (2, None)
        assert new.labels() == small.labels()
        assert new.problems() == []
        assert new.accept(THREE, "三") == 3

    def test_a_full_disk_leaves_nothing_where_there_was_nothing(self, backup: Path, tmp_path: Path) -> None:
        def limited() -> None:
            # The entries fit, and not all files of the store.
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

        new = elsewhere(tmp_path)
        done = subprocess.run(
            [sys.executable, "-m", "bpsgraph", "restore", backup, "--store", new.store],
            capture_output=True,
            encoding="utf-8",
            preexec_fn=limited,
        )
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_an_older_state_catches_up(self, small: SmallStore, tmp_path: Path) -> None:
        old = tmp_path / "old"
        shutil.copytree(small.folder, old)
        small.accept(THREE, "三")
        back_up(small.store, small.journal, tmp_path / "backup")
        behind = SmallStore(old)
        assert restore(tmp_path / "backup", behind.store, behind.journal).set_aside is None
        assert behind.labels() == small.labels()
        assert behind.problems() == []
        assert sorted(path.name for path in old.iterdir()) == ["store", "store.journal"]

    def test_whatever_became_of_the_old_store(self, small: SmallStore, backup: Path) -> None:
        shutil.rmtree(small.store / "generations")
        flip(small.store / "bpsgraph.json", 40)
        flip(small.journal.entries()[0].path, 30)
        restore(backup, small.store, small.journal)
        assert small.labels() == {ONE: "一", TWO: "二"}
        assert small.problems() == []

    def test_what_was_accepted_since_is_lost_only_where_that_is_meant(
        self, small: SmallStore, backup: Path
    ) -> None:
        small.accept(ONE, "三")
        before = small.bytes()
        with pytest.raises(BadParameter, match="the store holds entry 3, and the backup does not") as caught:
            restore(backup, small.store, small.journal)
        assert caught.value.exit_code == 2
        assert small.bytes() == before
        done = restore(backup, small.store, small.journal, replace=True)
        assert done.set_aside is not None
        assert small.labels() == {ONE: "一", TWO: "二"}
        assert small.problems() == []
        assert [entry.number for entry in Journal(done.set_aside).entries()] == [1, 2, 3]
        assert small.accept(ONE, "另") == 3

    @pytest.mark.parametrize("left", ["journal", "copies", "marker"])
    def test_any_trace_of_a_later_entry_counts(self, small: SmallStore, backup: Path, left: str) -> None:
        entry = small.journal.entries()[-1]
        small.accept(ONE, "三")
        later = small.journal.entries()[-1]
        if left != "journal":
            later.path.unlink()
        if left != "copies":
            small.copies.remove(later)
        if left != "marker":
            marker = Marker.read(small.store)
            Marker(marker.generation, marker.triples, marker.inputs, 2, entry.hash, marker.manifest).write(
                small.store
            )
        with pytest.raises(BadParameter, match="the store holds entry 3"):
            restore(backup, small.store, small.journal)

    def test_readers_keep_what_they_read(self, small: SmallStore, backup: Path) -> None:
        small.accept(ONE, "三")
        with open_store(small.store) as reading:
            restore(backup, small.store, small.journal, replace=True)
            assert any("三" in str(triple) for graph in reading.graphs() for triple in reading.graph(graph))
        assert small.labels()[ONE] == "一"
