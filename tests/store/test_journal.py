"""The journal: entries that follow each other, and what is said where one does not."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import JournalDamaged, StoreBusy, StoreUnavailable
from bpsgraph.store.journal import CATALOGUES, CHANGES, NOTHING, WITHDRAWN, Journal, journal_of
from store_contract import A, B, label

ONE, TWO = CATALOGUES + "140500/2021", CATALOGUES + "530127/2020"


def write(journal: Journal, graph: str, text: str) -> None:
    with journal.writing():
        number, follows = journal.following()
        done = Triple(A, NamedNode("https://w3id.org/bps/ns#sequence"), Literal(number))
        journal.append(
            number, {graph: [label(A, text), label(B, '引号"换行\n')], f"{CHANGES}{number}": [done, *follows]}
        )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal of three entries: two catalogues, of which the first is withdrawn."""
    made = Journal(tmp_path / "journal")
    write(made, ONE, "一")
    write(made, TWO, "二")
    write(made, WITHDRAWN + "140500/2021", "三")
    return made


def test_it_stands_beside_its_store(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert journal_of(tmp_path / "store") == tmp_path / "store.journal"
    assert journal_of(tmp_path / "link") == tmp_path / "real.journal"


def test_a_folder_that_does_not_exist_is_an_empty_journal(tmp_path: Path) -> None:
    empty = Journal(tmp_path / "none")
    assert (empty.entries(), empty.last(), empty.outcome(), empty.problems()) == ((), None, {}, [])
    assert not (tmp_path / "none").exists()


def test_entries_are_numbered_hashed_and_chained(journal: Journal) -> None:
    entries = journal.entries()
    assert [entry.number for entry in entries] == [1, 2, 3]
    for entry in entries:
        digest = subprocess.run(
            ["sha256sum", entry.path], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        assert entry.path.name == f"{entry.number:06d}-{digest}.nq"
        assert entry.hash == f"sha256:{digest}"
    assert journal.last() == entries[-1]
    assert f'"{entries[1].hash}" <{CHANGES}3>' in entries[2].path.read_text(encoding="utf-8")
    assert journal.problems() == []


def test_the_outcome_is_what_holds_in_the_end(journal: Journal) -> None:
    outcome = journal.outcome()
    assert outcome[ONE] == NOTHING
    assert set(outcome[WITHDRAWN + "140500/2021"]) == {label(A, "三"), label(B, '引号"换行\n')}
    assert set(outcome[TWO]) == {label(A, "二"), label(B, '引号"换行\n')}
    assert set(journal.outcome(after=2)) == {ONE, WITHDRAWN + "140500/2021", CHANGES + "3"}
    write(journal, ONE, "四")
    assert label(A, "四") in journal.outcome()[ONE].triples
    assert journal.outcome()[WITHDRAWN + "140500/2021"] == NOTHING


def test_the_same_entries_have_the_same_bytes(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "other")
    write(other, ONE, "一")
    assert other.entries()[0].path.read_bytes() == journal.entries()[0].path.read_bytes()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_flipped_byte_is_found(journal: Journal, number: int) -> None:
    path = journal.entries()[number - 1].path
    data = path.read_bytes()
    for at in range(0, len(data), 37):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert journal.problems() == [f"entry {number} does not hold what was written"]
        with pytest.raises(JournalDamaged, match=f"entry {number} does not hold") as caught:
            journal.outcome()
        assert (caught.value.entry, caught.value.exit_code) == (number, 3)


def test_a_cut_entry_is_found(journal: Journal) -> None:
    os.truncate(journal.entries()[2].path, 100)
    assert journal.problems() == ["entry 3 does not hold what was written"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_entry_is_found(journal: Journal, number: int) -> None:
    journal.entries()[number - 1].path.unlink()
    assert journal.problems() == [f"entry {number} is missing"]
    with pytest.raises(JournalDamaged, match=f"entry {number} is missing"):
        journal.entries()


def test_an_entry_put_in_the_place_of_another_is_found(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "other")
    write(other, ONE, "假")
    journal.entries()[0].path.unlink()
    forged = other.entries()[0].path
    forged.rename(journal.folder / forged.name)
    assert journal.problems() == ["entry 2 does not follow the entry before it"]
    with pytest.raises(JournalDamaged, match="entry 2 does not follow"):
        journal.outcome()


def test_an_entry_that_is_there_twice_is_found(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "other")
    write(other, ONE, "假")
    forged = other.entries()[0].path
    forged.rename(journal.folder / forged.name)
    assert "entry 1 is there twice" in journal.problems()
    with pytest.raises(JournalDamaged, match="entry 1 is there twice"):
        journal.entries()


def test_other_files_are_said_and_do_no_harm(journal: Journal) -> None:
    (journal.folder / "letter.txt").write_text("dear")
    assert journal.problems() == ["letter.txt is no entry: take it away"]
    assert len(journal.entries()) == 3


def test_text_that_is_no_entry_under_a_name_that_fits_is_found(tmp_path: Path) -> None:
    import hashlib

    data = b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .\nx"
    (tmp_path / f"000001-{hashlib.sha256(data).hexdigest()}.nq").write_bytes(data)
    assert Journal(tmp_path).problems() == ["entry 1 is not N-Quads with named graphs"]


def test_what_a_crash_left_half_written_is_ignored_and_cleared_away(journal: Journal) -> None:
    draft = journal.folder / ".000004.draft"
    draft.write_bytes(b"<half")
    assert journal.problems() == []
    assert len(journal.entries()) == 3
    write(journal, ONE, "四")
    assert not draft.exists()
    assert len(journal.entries()) == 4


def test_only_one_writes_at_a_time(journal: Journal) -> None:
    handle = os.open(journal.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(StoreBusy), journal.writing(wait=0.05):
        pytest.fail("the block must not be entered")
    os.close(handle)
    with journal.writing():
        pass


def test_a_store_that_holds_more_than_the_journal_is_told_so(journal: Journal) -> None:
    entries = journal.entries()
    assert journal.goes_beyond(0, "")
    assert journal.goes_beyond(2, entries[1].hash)
    assert not journal.goes_beyond(3, entries[2].hash)
    with pytest.raises(JournalDamaged, match="entry 4 is missing"):
        journal.goes_beyond(4, "sha256:0")
    with pytest.raises(JournalDamaged, match="entry 3 is not the one"):
        journal.goes_beyond(3, "sha256:0")


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("x")
    wrong = Journal(tmp_path / "journal")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        wrong.entries()
    with pytest.raises(StoreUnavailable), wrong.writing():
        pytest.fail("the block must not be entered")
    assert len(wrong.problems()) == 1


FULL = """
import resource, sys
from pathlib import Path
from bpsgraph.errors import StoreUnavailable
from bpsgraph.store.journal import CATALOGUES, Journal
from store_contract import A, label
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
journal = Journal(Path(sys.argv[1]))
with journal.writing():
    try:
        journal.append(4, {CATALOGUES + "140500/2021": [label(A, str(n) * 40) for n in range(1_000)]})
    except StoreUnavailable as error:
        print(error)
"""


def test_a_full_disk_leaves_no_entry(journal: Journal) -> None:
    before = sorted(journal.folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", FULL, journal.folder], capture_output=True, text=True, check=True
    )
    assert "File too large" in done.stdout
    assert sorted(journal.folder.iterdir()) == before


def test_an_entry_is_on_the_disk_before_it_has_its_name(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def seen_fsync(handle: int) -> None:
        done.append("folder" if Path(f"/proc/self/fd/{handle}").is_dir() else "file")
        fsync(handle)

    def seen_rename(path: Path, target: Path) -> Path:
        done.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_rename)
    write(journal, ONE, "四")
    assert done == ["file", "rename", "folder"]
