"""Workers that are killed, hang, or cannot begin: nothing lost, nothing twice, and the culprit named."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from batch_errands import Errand, codes, confined, fine, pieces
from bpsgraph.batch.workers import judge_all, processes
from bpsgraph.cli.batch import _crew
from bpsgraph.errors import StoreUnavailable
from sampling import some

Answer = TypeVar("Answer")


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    (tmp_path / "turns").mkdir()
    return Errand(tmp_path / "turns")


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


def test_who_kills_its_process_is_singled_out_and_the_rest_is_judged(errand: Errand, marks: Path) -> None:
    names = [*fine(10), "kills", *fine(20)[10:]]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=2, timeout=30)))
    assert found == {name: "worker-died" if name == "kills" else None for name in names}
    assert errand.turns("kills") == 2


def test_who_was_only_killed_from_outside_is_judged_after_all(errand: Errand, marks: Path) -> None:
    names = ["once", *fine(6)]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=2, timeout=30)))
    assert found == dict.fromkeys(names)
    assert errand.turns("once") == 2


def test_a_worker_killed_with_sigkill_loses_nothing(tmp_path: Path, marks: Path) -> None:
    (tmp_path / "turns").mkdir()
    errand = Errand(tmp_path / "turns", pause=0.1)
    found = []
    for outcome in judge_all(pieces(*fine(20)), errand, marks, workers=2, timeout=30):
        found.append(outcome)
        if len(found) == 3:
            victim = multiprocessing.active_children()[0].pid
            assert victim is not None
            os.kill(victim, signal.SIGKILL)
    assert codes(found) == dict.fromkeys(fine(20))


@pytest.mark.parametrize(("name", "code"), some([("kills", "worker-died"), ("sleeps", "took-too-long")], 1))
def test_one_at_fault_among_those_judged_together_is_singled_out(
    tmp_path: Path, marks: Path, name: str, code: str
) -> None:
    (tmp_path / "turns").mkdir()
    errand = Errand(tmp_path / "turns", together=True)
    names = [*fine(5), name, *fine(8)[5:]]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=1, timeout=1)))
    assert found == {at: code if at == name else None for at in names}
    assert errand.turns(name) == 2


@pytest.mark.parametrize("name", ["sleeps", "spins"])
def test_who_hangs_is_ended_by_its_deadline(errand: Errand, marks: Path, name: str) -> None:
    names = [*fine(3), name, "last"]
    begun = time.monotonic()
    outcomes = list(judge_all(pieces(*names), errand, marks, workers=2, timeout=1))
    assert codes(outcomes) == {at: "took-too-long" if at == name else None for at in names}
    assert errand.turns(name) == 1
    assert time.monotonic() - begun < 60
    (sentence,) = (outcome.problem.sentence for outcome in outcomes if outcome.problem)
    assert sentence.startswith(f"{name}: judging it was ended after 1 seconds;")


def test_workers_that_cannot_begin_are_said(errand: Errand, marks: Path) -> None:
    (errand.folder / "no-start").touch()
    with pytest.raises(StoreUnavailable, match="before they begin"):
        list(judge_all(pieces("a"), errand, marks, workers=1, timeout=30))


def test_whoever_stops_listening_stops_the_workers(tmp_path: Path, marks: Path) -> None:
    (tmp_path / "turns").mkdir()
    errand = Errand(tmp_path / "turns", pause=0.2)
    before = set(multiprocessing.active_children())
    with closing(judge_all(pieces(*fine(40)), errand, marks, workers=2, timeout=30)) as outcomes:
        assert next(outcomes).problem is None
    assert set(multiprocessing.active_children()) <= before
    begun = len(list(errand.folder.glob("[0-9][0-9]")))
    assert begun < 40
    time.sleep(0.5)
    assert len(list(errand.folder.glob("[0-9][0-9]"))) == begun


def test_any_executor_will_do(errand: Errand, marks: Path) -> None:
    made = []

    def threads(workers: int) -> Executor:
        made.append(workers)
        return ThreadPoolExecutor(1)

    found = codes(list(judge_all(pieces(*fine(5)), errand, marks, workers=3, timeout=30, start=threads)))
    assert found == dict.fromkeys(fine(5))
    assert made == [3]


def test_workers_end_with_the_process_that_gives_the_work(errand: Errand, marks: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from batch_errands import Errand, confined; from bpsgraph.batch.survey import Piece\n"
        "from bpsgraph.batch.workers import judge_all\n"
        "if __name__ == '__main__':\n"
        "    job, marks = Errand(Path(sys.argv[1])), Path(sys.argv[2])\n"
        "    list(judge_all([Piece('sleeps', Path('x'), 'x')], job, marks, workers=1, timeout=500))\n"
    )
    script = errand.folder / "program.py"
    script.write_text(program)
    process = subprocess.Popen([sys.executable, script, errand.folder, marks])
    worker = int(_soon(lambda: next(errand.folder.glob("*.pid")).stem))
    process.kill()
    process.wait()
    _soon(lambda: _gone(worker))


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # Where nobody collects orphans, the dead stay in the table.
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _soon(ask: Callable[[], Answer]) -> Answer:
    for _ in range(300):
        with suppress(StopIteration, FileNotFoundError):
            if answer := ask():
                return answer
        time.sleep(0.1)
    raise AssertionError("it did not come")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel is another")
def test_workers_have_no_network_and_so_much_memory(marks: Path) -> None:
    with processes(1, memory=900_000_000) as executor:
        found = executor.submit(confined).result()
    assert found.pop("network") != str(Path("/proc/self/ns/net").readlink())
    assert found == {"memory": 900_000_000, "privileges": "1"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel is another")
def test_a_worker_of_the_command_has_room_for_many_submissions() -> None:
    """With the memory of one job it would die beside a store of the whole country, again and again."""
    with _crew(None, 1, 700_000_000) as (count, start), start(count) as executor:
        assert executor.submit(confined).result()["memory"] == 2_800_000_000
    with _crew(None, 1, sys.maxsize) as (count, start), start(count) as executor:
        assert executor.submit(confined).result()["memory"] in (-1, sys.maxsize)
