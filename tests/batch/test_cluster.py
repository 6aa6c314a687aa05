"""The same judging on a Dask cluster of real processes: what dies is made up for, what is lost is said."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import distributed.versions
import pytest

import bpsgraph
from batch_errands import Errand, codes, fine, pieces
from bpsgraph.batch import Plan, Summary, run
from bpsgraph.batch.cluster import Cluster, cluster
from bpsgraph.batch.workers import judge_all
from bpsgraph.errors import (
    BadParameter,
    ClusterLost,
    FolderNotShared,
    MissingExtra,
    SchedulerUnreachable,
    VersionsDiffer,
)
from bpsgraph.sources import find_sources
from clusters import DaskCluster, dask_cluster, soon
from sampling import LONG

LOCAL = find_sources().root / "data" / "ttl" / "local"
long = pytest.mark.skipif(not LONG, reason="in the long form")


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask") / "cluster", nodes=1, workers=2) as found:
        yield found


@pytest.fixture(scope="module")
def crew(dask: DaskCluster) -> Iterator[Cluster]:
    with cluster(dask.address()) as found:
        soon(lambda: found.workers == 2)
        yield found


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    (tmp_path / "turns").mkdir()
    return Errand(tmp_path / "turns", pause=0.02)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


def test_a_worker_killed_with_sigkill_loses_nothing_and_repeats_nothing(
    dask: DaskCluster, crew: Cluster, errand: Errand, marks: Path
) -> None:
    found = []
    for outcome in judge_all(pieces(*fine(60)), errand, marks, workers=2, timeout=60, start=crew.start):
        found.append(outcome)
        if len(found) == 10:
            dask.kill_worker(0)
    assert codes(found) == dict.fromkeys(fine(60))
    # Only what was in its hand was begun again.
    assert sum(errand.turns(name) for name in fine(60)) <= 61
    assert "unsendable" not in dask.log()


def test_a_folder_that_a_worker_does_not_see_is_named(
    crew: Cluster, errand: Errand, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workers were started in another folder.
    monkeypatch.chdir(marks.parent)
    with pytest.raises(FolderNotShared, match="the worker does not see marks; mount"):
        list(judge_all(pieces("a"), errand, Path("marks"), workers=1, timeout=60, start=crew.start))


def test_other_versions_are_refused(
    dask: DaskCluster, crew: Cluster, errand: Errand, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = distributed.versions._version_cached
    monkeypatch.setattr(
        distributed.versions, "_version_cached", lambda name: "99" if name == "bpsgraph" else real(name)
    )
    with pytest.raises(VersionsDiffer, match=r"it has bpsgraph .* here is 99"), cluster(dask.address()):
        pass
    # A worker that came after the versions were compared compares for itself.
    monkeypatch.setattr(bpsgraph, "__version__", "99")
    with pytest.raises(VersionsDiffer, match=r"it has bpsgraph .* here is 99"):
        list(judge_all(pieces("a"), errand, marks, workers=1, timeout=60, start=crew.start))


@long
def test_the_outcomes_are_those_of_the_pool(crew: Cluster, errand: Errand, marks: Path) -> None:
    names = [*fine(10), "kills", "sleeps", "once", "spins", *fine(30)[10:]]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=2, timeout=2, start=crew.start)))
    special = {"kills": "worker-died", "sleeps": "took-too-long", "spins": "took-too-long"}
    assert found == {name: special.get(name) for name in names}
    assert [errand.turns(name) for name in ("kills", "sleeps", "once", "spins")] == [2, 1, 2, 1]
    assert {errand.turns(name) for name in fine(30)} == {1}


@long
def test_one_at_fault_among_those_judged_together_is_singled_out(
    crew: Cluster, tmp_path: Path, marks: Path
) -> None:
    (tmp_path / "turns").mkdir()
    errand = Errand(tmp_path / "turns", together=True)
    names = [*fine(20), "kills", *fine(40)[20:]]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=2, timeout=30, start=crew.start)))
    assert found == {name: "worker-died" if name == "kills" else None for name in names}


@long
def test_more_deaths_than_dask_allows_for_lose_nothing(crew: Cluster, errand: Errand, marks: Path) -> None:
    # Each kills its worker, and whatever waits there is counted by Dask as under suspicion.
    names = [name for at in range(8) for name in (f"kills-{at}", *(f"{at}-{n}" for n in range(4)))]
    found = codes(list(judge_all(pieces(*names), errand, marks, workers=2, timeout=60, start=crew.start)))
    assert found == {name: "worker-died" if "kills" in name else None for name in names}


@long
def test_a_node_that_is_lost_is_made_up_for_by_the_others(
    tmp_path: Path, errand: Errand, marks: Path
) -> None:
    with dask_cluster(tmp_path / "cluster") as dask, cluster(dask.address()) as crew:
        soon(lambda: crew.workers == 2)
        found = []
        for outcome in judge_all(pieces(*fine(60)), errand, marks, workers=2, timeout=60, start=crew.start):
            found.append(outcome)
            if len(found) == 10:
                dask.kill_node(0)
        assert codes(found) == dict.fromkeys(fine(60))
        assert sum(errand.turns(name) for name in fine(60)) <= 61


@long
def test_without_its_scheduler_the_run_ends_and_another_goes_on(
    tmp_path: Path, errand: Errand, marks: Path
) -> None:
    slow = replace(errand, pause=0.1)
    with dask_cluster(tmp_path / "cluster") as dask:

        def until_the_kill() -> None:
            with cluster(dask.address()) as crew:
                judged = judge_all(pieces(*fine(99)), slow, marks, workers=2, timeout=60, start=crew.start)
                next(judged)
                dask.kill_scheduler()
                list(judged)

        with pytest.raises(ClusterLost, match=r"the scheduler is gone; .* goes on where this one was\.$"):
            until_the_kill()
        dask.begin(nodes=1)
        left = [piece for piece in pieces(*fine(99)) if slow.known(piece) is None]
        assert 0 < len(left) < 99
        (tmp_path / "marks-2").mkdir()
        with cluster(dask.address()) as crew:
            again = judge_all(left, slow, tmp_path / "marks-2", workers=1, timeout=60, start=crew.start)
            assert codes(list(again)) == {piece.file: None for piece in left}
        # What the workers of the first had in hand may have been begun again, nothing else.
        assert sum(slow.turns(name) for name in fine(99)) <= 99 + 2


@long
def test_a_cluster_without_workers_is_not_waited_for(tmp_path: Path, errand: Errand, marks: Path) -> None:
    with (
        dask_cluster(tmp_path / "cluster", nodes=0) as dask,
        cluster(dask.address(), patience=2) as crew,
        pytest.raises(ClusterLost, match="it has no workers that take work, for 2 s"),
    ):
        list(judge_all(pieces("a"), errand, marks, workers=crew.workers, timeout=60, start=crew.start))


@long
def test_whoever_stops_listening_stops_the_workers(crew: Cluster, tmp_path: Path, marks: Path) -> None:
    (tmp_path / "turns").mkdir()
    errand = Errand(tmp_path / "turns", pause=0.2)
    outcomes = judge_all(pieces(*fine(80)), errand, marks, workers=2, timeout=30, start=crew.start)
    next(outcomes)
    outcomes.close()
    time.sleep(1)
    begun = len(list(errand.folder.glob("[0-9][0-9]")))
    assert begun < 80
    time.sleep(1)
    assert len(list(errand.folder.glob("[0-9][0-9]"))) == begun


@long
def test_a_run_on_the_cluster_writes_the_bytes_of_a_run_on_the_pool(
    dask: DaskCluster, crew: Cluster, built: Path, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name in ("500000-2021.ttl", "371323-2021.ttl"):
        (given / name).write_bytes((LOCAL / name).read_bytes())
    (given / "cut.ttl").write_bytes((LOCAL / "371323-2021.ttl").read_bytes()[:500])
    written = []
    for name in ("pool", "cluster"):
        plan = plan_of(given, tmp_path / name, built)
        if name == "pool":
            run(plan, workers=2, timeout=120)
        else:
            run(plan, workers=crew.workers, timeout=120, start=crew.start)
        files = [path for path in sorted((tmp_path / name).rglob("*")) if path.is_file()]
        written.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert "unsendable" not in dask.log()


def plan_of(folder: Path, output: Path, store: Path, profile: Path | None = None) -> Plan:
    root = find_sources().root
    return Plan(
        folder=folder, output=output, store=store, sources=root, today=date(2026, 3, 1), profile=profile
    )


def test_a_worker_that_outlives_a_run_judges_the_next_by_its_own_profile(built: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "a.ttl").write_bytes((LOCAL / "371323-2021.ttl").read_bytes())
    profile = tmp_path / "profile.toml"
    plan = plan_of(given, tmp_path / "out", built, profile)

    def threads(workers: int) -> Executor:
        return ThreadPoolExecutor(1)

    def judged(text: str) -> Summary:
        profile.write_text(text, encoding="utf-8")
        return run(plan, workers=1, timeout=120, start=threads)

    (before,) = judged("").rows
    assert before.outcome.findings
    rules = sorted({finding.rule for finding in before.outcome.findings})
    (after,) = judged(
        "[severity]\n" + "".join(f'{rule} = {{to = "off", reason = "x"}}\n' for rule in rules)
    ).rows
    assert not after.outcome.findings


@pytest.mark.parametrize("address", ["8786", "tcp://", "http://10.0.0.5:8786", "host:port", "a b:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadParameter, match="is no address"), cluster(address):
        pass


def test_where_nobody_answers_is_said_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with (
            pytest.raises(SchedulerUnreachable, match="no scheduler of Dask answers"),
            cluster(f"tcp://{host}:{port}", connecting=0.5),
        ):
            pass
    with (
        pytest.raises(SchedulerUnreachable, match="no scheduler of Dask answers"),
        cluster(f"{host}:{port}", connecting=0.5),
    ):
        pass


def test_what_answers_and_is_no_scheduler_is_said() -> None:
    def answer(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as web:
        threading.Thread(target=answer, args=(web,), daemon=True).start()
        with (
            pytest.raises(SchedulerUnreachable, match="no scheduler of Dask answers"),
            cluster(f"127.0.0.1:{web.getsockname()[1]}", connecting=0.5),
        ):
            pass


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"pip install 'bpsgraph\[dask\]'"), cluster("127.0.0.1:8786"):
        pass


def test_nothing_of_dask_is_imported_before_it_is_asked_for() -> None:
    program = (
        "import sys; import bpsgraph.cli.batch, bpsgraph.batch.cluster\n"
        "print({name.partition('.')[0] for name in sys.modules} & {'dask', 'distributed', 'tornado'})"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert said.stdout == "set()\n"
