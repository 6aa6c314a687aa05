"""Repairing a journal: what a copy, a name or a store proves comes back, and nothing else does."""

import hashlib
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from bpsgraph.errors import JournalDamaged, JournalLost
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.copies import Copies, packed, unpacked
from bpsgraph.store.journal import CATALOGUES, CHANGES, NOTHING, WITHDRAWN, Journal
from bpsgraph.store.recovery import recover
from bpsgraph.terms import BASE, PROV
from store_contract import A, label

KEYS = ("140500/2021", "530127/2020", "341722/2021")


class Place:
    """A journal of five entries with their copies, and what the store says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / "store.journal")
        (folder / "store").mkdir()
        self.copies = Copies(folder / "store/entries")
        self.store = EmbeddedStore.in_memory()
        for text, key in zip("一二三四五", (*KEYS, KEYS[0], KEYS[1]), strict=True):
            self.add(key, text, withdrawn=text == "五")
        self.last = (5, self.journal.entries()[-1].hash)
        self.before = self.files()

    def add(self, key: str, text: str, *, withdrawn: bool = False) -> None:
        subject = NamedNode(f"{BASE}catalogue/{key}")
        with self.journal.writing():
            number, follows = self.journal.following()
            relation = NamedNode(PROV + ("invalidated" if withdrawn else "generated"))
            change = {Triple(A, relation, subject), *follows}
            content = [label(subject, text * 50)]
            here, there = (WITHDRAWN, CATALOGUES) if withdrawn else (CATALOGUES, WITHDRAWN)
            graphs: dict[str, Iterable[Triple]] = {
                here + key: content,
                there + key: NOTHING,
                f"{CHANGES}{number}": change,
            }
            entry = self.journal.append(number, graphs)
            self.copies.write(number, entry.path.read_bytes())
            self.store.replace_graphs(graphs)

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for folder in (self.journal.folder, self.copies.folder)
            if folder.exists()
            for path in sorted(folder.iterdir())
        }

    def entry(self, number: int) -> Path:
        return self.journal.folder / next(
            Path(name).name for name in self.before if name.startswith(f"store.journal/{number:06d}")
        )

    def copy(self, number: int) -> Path:
        return self.copies.folder / (self.entry(number).name + ".gz")

    def recover(self, *, marked: bool = True, stored: bool = False) -> list[str]:
        with self.journal.writing():
            return recover(
                self.journal, self.copies, self.last if marked else None, [self.store] if stored else []
            )

    def is_whole(self) -> bool:
        entries = self.journal.entries()
        return (
            not self.journal.problems() and not self.copies.problems(entries) and self.files() == self.before
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def forged(number: int, text: str, follows: str | None) -> tuple[str, bytes]:
    data = (
        f'<http://example.org/a> <http://example.org/b> "{text}" <{CHANGES}{number}> .\n'
        + (
            f'<http://example.org/a> <https://w3id.org/bps/ns#previousHash> "{follows}" <{CHANGES}{number}> .\n'
            if follows
            else ""
        )
    ).encode()
    return f"{number:06d}-{hashlib.sha256(data).hexdigest()}.nq", data


class TestCopies:
    def test_any_gzip_reads_them(self, place: Place) -> None:
        import gzip

        for number in range(1, 6):
            assert gzip.decompress(place.copy(number).read_bytes()) == place.entry(number).read_bytes()

    def test_the_same_bytes_give_the_same_copy(self) -> None:
        data = b"<a> <b> <c> <d> .\n" * 100
        assert packed(data) == packed(data)
        assert len(packed(data)) < len(data) / 5
        assert unpacked(packed(data)) == data

    def test_every_flipped_bit_and_every_cut_is_found(self) -> None:
        data = b'<a> <b> "c" <d> .\n'
        whole = packed(data)
        for at in range(len(whole)):
            for bit in range(8):
                flipped = bytearray(whole)
                flipped[at] ^= 1 << bit
                assert unpacked(bytes(flipped)) is None
            assert unpacked(whole[:at]) is None
        assert unpacked(whole + b"\0") is None

    def test_what_is_wrong_with_them_is_said(self, place: Place) -> None:
        flip(place.copy(1), 100)
        place.copy(2).unlink()
        place.copy(3).rename(place.copies.folder / ("000003-" + "0" * 64 + ".nq.gz"))
        (place.copies.folder / "letter.txt").write_text("dear")
        name, data = forged(9, "neun", None)
        (place.copies.folder / (name + ".gz")).write_bytes(packed(data))
        assert place.copies.problems(place.journal.entries()) == [
            "entries/letter.txt is no copy of an entry: take it away",
            "the copy of entry 1 does not hold what was written",
            "the copy of entry 3 does not hold what was written",
            "entry 9 is missing, and there is a copy of it",
            "entry 2 has no copy: the next change or build writes it",
            "entry 3 has no copy: the next change or build writes it",
        ]

    def test_missing_ones_are_written_but_not_of_a_damaged_entry(self, place: Place) -> None:
        shutil.rmtree(place.copies.folder)
        flip(place.entry(2), 7)
        place.copies.complete(place.journal.entries())
        assert [copy.number for copy in place.copies.listed()] == [1, 3, 4, 5]
        flip(place.entry(2), 7)
        (place.copies.folder / ".000002.draft").write_bytes(b"half")
        place.copies.complete(place.journal.entries())
        assert place.is_whole()


class TestWhatComesBack:
    def test_a_whole_journal_is_left_alone(self, place: Place) -> None:
        assert place.recover() == []
        assert place.is_whole()

    @pytest.mark.parametrize("number", [1, 3, 5])
    @pytest.mark.parametrize("marked", [True, False])
    @pytest.mark.parametrize("harm", ["missing", "cut", "flipped", "empty", "renamed", "renamed oddly"])
    def test_one_entry_from_its_copy(self, place: Place, number: int, marked: bool, harm: str) -> None:
        path = place.entry(number)
        if harm == "missing":
            path.unlink()
        elif harm == "cut":
            path.write_bytes(path.read_bytes()[:100])
        elif harm == "flipped":
            flip(path, 50)
        elif harm == "empty":
            path.write_bytes(b"")
        elif harm == "renamed":
            path.rename(path.with_name(path.name.replace("00000", "00010", 1)))
        else:
            path.rename(path.with_name("entry (1).nq"))
        [mended] = place.recover(marked=marked)
        assert mended.startswith(f"entry {number} was ")
        assert place.is_whole()

    def test_all_at_once_and_no_marker(self, place: Place) -> None:
        shutil.rmtree(place.journal.folder)
        assert len(place.recover(marked=False)) == 5
        assert place.is_whole()

    def test_the_journal_has_the_copies(self, place: Place) -> None:
        shutil.rmtree(place.copies.folder)
        assert len(place.recover()) == 5
        assert place.is_whole()

    def test_one_that_is_there_twice_goes_aside(self, place: Place) -> None:
        name, data = forged(2, "falsch", None)
        (place.journal.folder / name).write_bytes(data)
        cut = place.journal.folder / ("000004-" + "a" * 64 + ".nq")
        cut.write_bytes(b"<x>")
        assert place.recover() == [
            f"{name} is no entry of this journal: it was set aside",
            f"{cut.name} is no entry of this journal: it was set aside",
        ]
        assert place.is_whole()
        aside = place.folder / "store.journal.set-aside"
        assert {path.name: path.read_bytes() for path in aside.iterdir()} == {name: data, cut.name: b"<x>"}

    def test_entries_that_the_marker_does_not_name_yet_stay(self, place: Place) -> None:
        entries = place.journal.entries()
        place.last = (3, entries[2].hash)
        flip(place.entry(5), 50)
        assert len(place.recover()) == 1
        assert place.is_whole()

    @pytest.mark.parametrize("number", [3, 4, 5])
    def test_without_a_copy_from_what_the_store_holds(self, place: Place, number: int) -> None:
        # Entry 3 was never changed, 4 is an amendment that holds, 5 a withdrawal.
        place.entry(number).unlink()
        place.copy(number).unlink()
        mended = place.recover(stored=True)
        assert mended[0] == (
            f"entry {number} was missing: it was made anew from the graphs of the store, with the same hash"
        )
        assert place.is_whole()

    def test_random_harm_to_journal_or_copies(self, tmp_path: Path) -> None:
        chance = random.Random(20261122)
        place = Place(tmp_path)
        for _ in range(60):
            [name] = chance.sample(sorted(place.before), 1)
            path = tmp_path / name
            flip(path, chance.randrange(len(place.before[name])), chance.randrange(8))
            problems = place.journal.problems() + place.copies.problems(place.journal.entries())
            assert problems, name
            assert place.recover(marked=chance.random() < 0.5)
            assert place.is_whole()


class TestWhatIsLost:
    @pytest.mark.parametrize("number", [1, 2])
    def test_what_nothing_proves_is_said_and_nothing_changes(self, place: Place, number: int) -> None:
        # What these entries said was changed later, so the store does not have it any more.
        flip(place.entry(number), 50)
        flip(place.copy(number), 100)
        place.copy(3).unlink()
        before = place.files()
        with pytest.raises(JournalLost, match=f"entry {number} is lost") as caught:
            place.recover(stored=True)
        assert (caught.value.entries, caught.value.exit_code) == ([number], 3)
        assert place.files() == before
        assert not (place.folder / "store.journal.set-aside").exists()

    def test_several(self, place: Place) -> None:
        for number in (2, 4):
            place.entry(number).unlink()
            place.copy(number).unlink()
        with pytest.raises(JournalLost, match="entries 2, 4 are lost"):
            place.recover()

    @pytest.mark.parametrize("marked", [True, False])
    def test_a_journal_that_was_longer_is_not_forgotten(self, place: Place, marked: bool) -> None:
        place.entry(5).unlink()
        if marked:
            place.copy(5).unlink()
        else:
            flip(place.copy(5), 200)
        with pytest.raises(JournalLost, match="entry 5 is lost"):
            place.recover(marked=marked)

    def test_neither_by_the_store_alone(self, place: Place) -> None:
        # Nothing names the hash of entry 5, so that what the store holds proves nothing.
        place.entry(5).unlink()
        place.copy(5).unlink()
        with pytest.raises(JournalLost, match="entry 5 is lost"):
            place.recover(marked=False, stored=True)

    def test_a_store_that_holds_something_else_makes_nothing_up(self, place: Place) -> None:
        place.entry(3).unlink()
        place.copy(3).unlink()
        place.store.replace_graph(CATALOGUES + KEYS[2], [label(A, "anderes")])
        with pytest.raises(JournalLost, match="entry 3 is lost"):
            place.recover(stored=True)

    def test_a_chain_that_is_not_the_one_of_the_store(self, place: Place) -> None:
        place.last = (5, "sha256:" + "0" * 64)
        with pytest.raises(JournalLost, match="entry 5 is lost"):
            place.recover()


class TestWhatWasNeverAcknowledged:
    def test_a_cut_entry_after_the_one_that_the_marker_names_is_set_aside(self, place: Place) -> None:
        cut = place.journal.folder / ("000006-" + "a" * 64 + ".nq")
        cut.write_bytes(b"<half")
        assert place.recover() == [
            "entry 6 was begun, never acknowledged, and is not whole: it was set aside"
        ]
        assert place.is_whole()

    def test_but_not_where_the_marker_cannot_say(self, place: Place) -> None:
        cut = place.journal.folder / ("000006-" + "a" * 64 + ".nq")
        cut.write_bytes(b"<half")
        with pytest.raises(JournalLost, match="entry 6 is lost"):
            place.recover(marked=False)
        assert cut.exists()

    def test_and_not_two_of_them(self, place: Place) -> None:
        for number in (6, 7):
            (place.journal.folder / (f"{number:06d}-" + "a" * 64 + ".nq")).write_bytes(b"<half")
        with pytest.raises(JournalLost, match="entries 6, 7 are lost"):
            place.recover()

    def test_two_that_follow_and_nothing_says_which_is_right(self, place: Place) -> None:
        for text in ("a", "b"):
            name, data = forged(6, text, place.last[1])
            (place.journal.folder / name).write_bytes(data)
        with pytest.raises(JournalDamaged, match="entry 6 is there twice, and nothing says which"):
            place.recover()
        copied = place.copies.write(6, data)
        assert place.recover() == [
            f"{forged(6, 'a', place.last[1])[0]} is no entry of this journal: it was set aside"
        ]
        assert place.journal.entries()[5].hash == copied.hash

    @pytest.mark.parametrize("number", [7, 99, 999_999_999])
    def test_a_file_that_only_has_the_name_of_an_entry_is_set_aside(self, place: Place, number: int) -> None:
        stray = place.journal.folder / f"{number:06d}-{'a' * 64}.nq"
        stray.touch()
        assert len(place.journal.problems()) == 2
        assert place.recover() == [
            f"what was called entry {number} is none, by what the store knows: it was set aside"
        ]
        assert place.files() == place.before
        assert (place.folder / "store.journal.set-aside" / stray.name).exists()
