"""What is said of a damaged journal and in which exit code it ends; rebuild, backup and restore as commands."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bpsgraph.acceptance import Accepted, Register
from bpsgraph.ingest import read
from bpsgraph.store import open_store
from bpsgraph.store.copies import copies_of
from bpsgraph.store.journal import CATALOGUES, Journal
from conftest import Run
from faults.hamlet import Hamlet, catalogue, hamlet, numbers_of

Bpsgraph = Callable[..., "subprocess.CompletedProcess[str]"]
FIRST, SECOND, THIRD = 1, 2, 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store to which a catalogue was accepted, amended, and withdrawn."""
    folder = tmp_path_factory.mktemp("village")
    village = hamlet(folder / "sources")
    village.build(folder / "place/store")
    for number in (1, 2):
        village.accept(folder / "place/store", catalogue(folder, number))
    register = Register(folder / "place/store", village.library)
    register.withdraw("https://w3id.org/bps/id/catalogue/371323/2021", by="李强", at=datetime.now(UTC))
    return folder


@pytest.fixture
def place(world: Path, tmp_path: Path) -> Path:
    shutil.copytree(world / "place", tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def bpsgraph(run: Run, world: Path, place: Path) -> Bpsgraph:
    """Run a command on the store of the test."""

    def bpsgraph(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, BPSGRAPH_STORE=str(place / "store"), BPSGRAPH_SOURCES=str(world / "sources"))

    return bpsgraph


def entry(place: Path, number: int) -> Path:
    return Journal(place / "store.journal").entries()[number - 1].path


def copy(place: Path, number: int) -> Path:
    return copies_of(place / "store") / f"{entry(place, number).name}.gz"


def everything(place: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    files = (file for file in sorted(place.rglob("*")) if file.is_file() and file.name != "lock")
    return {str(file.relative_to(place)): file.read_bytes() for file in files}


def graphs(place: Path) -> dict[str, str]:
    with open_store(place / "store") as store:
        return {graph: store.graph(graph).content_hash() for graph in store.graphs()}


def cut(place: Path) -> None:
    path = entry(place, THIRD)
    path.write_bytes(path.read_bytes()[:-20])


def missing(place: Path) -> None:
    entry(place, SECOND).unlink()


def wrong_hash(place: Path) -> None:
    path = entry(place, SECOND)
    path.rename(path.with_name("000002-" + "0" * 64 + ".nq"))


def flipped(place: Path) -> None:
    path = entry(place, FIRST)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def extra(place: Path) -> None:
    data = entry(place, FIRST).read_bytes().replace("第1稿".encode(), "第7稿".encode())
    (place / "store.journal" / f"000001-{hashlib.sha256(data).hexdigest()}.nq").write_bytes(data)


def last_gone(place: Path) -> None:
    entry(place, THIRD).unlink()


CASES = [
    (cut, "entry 3 does not hold what was written"),
    (missing, "entry 2 is missing"),
    (wrong_hash, "entry 2 does not hold what was written"),
    (flipped, "entry 1 does not hold what was written"),
    (extra, "entry 1 is there twice"),
    (last_gone, "entry 3 is"),
]


@pytest.mark.parametrize(("harm", "said"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_damaged_journal_stops_everything_but_rebuild(
    harm: Callable[[Path], None], said: str, bpsgraph: Bpsgraph, place: Path, world: Path
) -> None:
    whole, before = everything(place / "store.journal"), graphs(place)
    harm(place)
    damaged = everything(place)
    doctor = bpsgraph("doctor")
    assert doctor.returncode == 1
    assert said in doctor.stdout
    assert "run `bpsgraph rebuild`" in doctor.stdout
    for command in (
        ["build"],
        ["accept", catalogue(world, 8), "--as-of", "2026-03-01"],
        ["backup", "backup"],
    ):
        if harm is flipped and command[0] == "accept":
            # It reads the names of all entries and the bytes of the newest alone, to be quick.
            continue
        stopped = bpsgraph(*command)
        assert stopped.returncode == 3, command
        assert stopped.stderr.startswith("error: ")
        assert "entry " in stopped.stderr
        assert stopped.stderr.count("\n") == 1
        assert everything(place) == damaged
    mended = bpsgraph("rebuild")
    assert mended.returncode == 0, mended.stderr
    assert mended.stderr.startswith(("entry ", "000001-"))
    assert everything(place / "store.journal") == whole
    healthy = bpsgraph("doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert graphs(place) == before


def test_doctor_names_all_of_them(bpsgraph: Bpsgraph, place: Path) -> None:
    (place / "store.journal/letter.txt").write_text("dear")
    data = copy(place, SECOND).read_bytes()
    copy(place, SECOND).write_bytes(data[:-1])
    copy(place, THIRD).unlink()
    cut(place)
    extra(place)
    said = bpsgraph("doctor").stdout
    for sentence in (
        "letter.txt is no entry: take it away",
        "entry 1 is there twice",
        "entry 3 does not hold what was written",
        "the copy of entry 2 does not hold what was written",
        "entry 3 has no copy",
    ):
        assert sentence in said


def test_doctor_names_them_also_where_the_store_does_not_open(bpsgraph: Bpsgraph, place: Path) -> None:
    (place / "store/bpsgraph.json").write_text("{}")
    missing_one = copy(place, SECOND)
    missing_one.unlink()
    said = bpsgraph("doctor")
    assert (said.returncode, "entry 2 has no copy" in said.stdout) == (3, True)
    assert "bpsgraph.json" in said.stderr


def test_a_damaged_marker_does_not_make_it_forget_that_the_journal_was_longer(
    bpsgraph: Bpsgraph, place: Path
) -> None:
    before = graphs(place)
    last = entry(place, THIRD).read_bytes()
    last_gone(place)
    (place / "store/bpsgraph.json").write_text("{}")
    stopped = bpsgraph("build")
    assert (stopped.returncode, "entry 3 is" in stopped.stderr) == (3, True)
    mended = bpsgraph("rebuild")
    assert "entry 3 was missing: it was restored from its copy" in mended.stderr
    assert entry(place, THIRD).read_bytes() == last
    assert graphs(place) == before


def test_without_the_copies_the_store_proves_what_it_still_holds(bpsgraph: Bpsgraph, place: Path) -> None:
    whole = everything(place / "store.journal")
    shutil.rmtree(copies_of(place / "store"))
    cut(place)
    mended = bpsgraph("rebuild")
    assert "it was made anew from the graphs of the store, with the same hash" in mended.stderr
    assert everything(place / "store.journal") == whole
    assert bpsgraph("doctor").returncode == 0


def test_what_is_lost_is_said_and_nothing_changes(bpsgraph: Bpsgraph, place: Path) -> None:
    copy(place, FIRST).unlink()
    flipped(place)
    before = everything(place)
    lost = bpsgraph("rebuild")
    assert lost.returncode == 3
    assert "entry 1 is lost" in lost.stderr
    assert "errors.md#journal-lost" in lost.stderr
    assert everything(place) == before


def test_a_store_that_is_gone_is_rebuilt(bpsgraph: Bpsgraph, place: Path) -> None:
    before = graphs(place)
    shutil.rmtree(place / "store")
    assert bpsgraph("rebuild").returncode == 0
    assert graphs(place) == before
    assert "the journal and its copies are whole" in bpsgraph("rebuild").stderr


def test_backup_and_restore(bpsgraph: Bpsgraph, place: Path, world: Path, tmp_path: Path) -> None:
    made = bpsgraph("backup", "backup")
    assert made.returncode == 0, made.stderr
    number, digest = made.stdout.split()
    manifest = (tmp_path / "backup/manifest.json").read_bytes()
    assert (number, digest) == ("3", f"sha256:{hashlib.sha256(manifest).hexdigest()}")
    assert bpsgraph("backup", "backup").returncode == 2
    before = graphs(place)
    assert bpsgraph("accept", catalogue(world, 9, "2022"), "--as-of", "2026-03-01").returncode == 0
    refused = bpsgraph("restore", "backup")
    assert (refused.returncode, "--replace" in refused.stderr) == (2, True)
    done = bpsgraph("restore", "backup", "--replace")
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert "the old journal is now " in done.stderr
    assert graphs(place) == before
    assert bpsgraph("doctor").returncode == 0
    shutil.rmtree(place)
    assert bpsgraph("restore", "backup").returncode == 0
    assert graphs(place) == before
    (tmp_path / "backup/journal" / next((tmp_path / "backup/journal").iterdir()).name).unlink()
    assert "errors.md#backup-damaged" in bpsgraph("restore", "backup").stderr


def test_numbers_order_the_journal_whatever_the_clock_says(
    bpsgraph: Bpsgraph, place: Path, world: Path
) -> None:
    village = Hamlet(world / "sources")
    register = Register(place / "store", village.library)
    years = (2045, 1999, 2038, 1970, 2026)
    for step, year in enumerate(years, 4):
        submission = read(catalogue(world, step))
        done = register.accept(
            submission,
            lambda store, given=submission: village.judge(given, store),  # type: ignore[misc]
            by="王芳",
            at=datetime(year, 1, 19, 3, 14, 8, tzinfo=UTC),
        )
        assert isinstance(done, Accepted)
        assert done.entry == step
        again = register.accept(
            submission,
            lambda store, given=submission: village.judge(given, store),  # type: ignore[misc]
            by="王芳",
            at=datetime(1990, 1, 1, tzinfo=UTC),
        )
        assert isinstance(again, Accepted)
        assert (again.entry, again.report) == (step, None)
    assert [entry.number for entry in Journal(place / "store.journal").entries()] == [*range(1, 9)]
    with open_store(place / "store") as store:
        assert set(numbers_of(store.graph(f"{CATALOGUES}371323/2021"))) == {8}
    before = graphs(place)
    assert bpsgraph("rebuild").returncode == 0
    assert graphs(place) == before
    assert bpsgraph("doctor").returncode == 0
