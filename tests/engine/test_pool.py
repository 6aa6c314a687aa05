"""Workers: what they answer, what becomes of those that die, and that no caller pays for another's query."""

import contextlib
import csv
import io
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.engine import sandbox
from bpsgraph.engine.answer import Answer
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import (
    BadQuery,
    BpsError,
    OutOfMemory,
    PoolBusy,
    QueryTimeout,
    StoreMissing,
    TooComplex,
    WorkerFailed,
)
from bpsgraph.store import open_store
from bpsgraph.store.embedded import building

ANSWERING = "bpsgraph.store.answering.answering"
NUMBER = 300
ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MEMORY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a few hundred triples, some of them with texts that are hard to write down."""
    path = tmp_path_factory.mktemp("pool") / "store"
    with building(path, "sha256:0") as store:
        store.replace_graph("x:g", _triples(NUMBER))
    return path


def _triples(number: int) -> list[Triple]:
    texts = ['a "quoted", text', "},{", "line\nbreak\r\n", "ends in \\", "</result><result>", "字", ""]
    return [
        Triple(NamedNode(f"x:s{n:04}"), NamedNode("x:p"), Literal(f"{texts[n % len(texts)]}"))
        for n in range(number)
    ]


def made(store: Path, **limits: Any) -> Pool:
    # Where many tests run at once, a worker may take many seconds to start.
    chosen = Limits(**{"waiting": 60, **limits})
    return Pool(ANSWERING, {"store": str(store)}, readable=[store], limits=chosen)


@pytest.fixture(scope="module")
def pool(small: Path) -> Iterator[Pool]:
    with made(small, memory=600_000_000) as pool:
        yield pool


def ask(pool: Pool, query: str, timeout: float | None = None, **arguments: Any) -> Answer:
    defaults = {"rows": "json", "triples": "ntriples", "max_rows": 10_000_000, "max_bytes": 10**9}
    return pool.run({"query": query, **defaults, **arguments}, timeout=timeout)


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class TestAnswers:
    @pytest.mark.parametrize("rows", ["json", "xml", "csv", "tsv"])
    def test_they_are_those_of_the_engine_byte_for_byte(self, pool: Pool, small: Path, rows: str) -> None:
        with open_store(small) as store, store.answering(ALL) as answer:
            assert isinstance(answer, pyoxigraph.QuerySolutions)
            expected = answer.serialize(format=FORMATS[rows])
        with ask(pool, ALL, rows=rows) as answered:
            assert answered.header == {"form": "rows", "format": rows}
            assert answered.read() == expected
            assert answered.end == {"rows": NUMBER, "cut": ""}

    @pytest.mark.parametrize("rows", ["json", "xml", "csv", "tsv"])
    @pytest.mark.parametrize("most", [1, 2, 7, NUMBER - 1, NUMBER, NUMBER + 1])
    def test_a_cut_answer_is_whole_up_to_the_cut_and_says_so(self, pool: Pool, rows: str, most: int) -> None:
        with ask(pool, ALL, rows="tsv") as answered:
            whole = answered.read().decode().splitlines()[1:]
        with ask(pool, ALL, rows=rows, max_rows=most) as answered:
            content = answered.read()
            assert answered.end == {"rows": min(most, NUMBER), "cut": "rows" if most < NUMBER else ""}
        assert subjects(content, rows) == [line.split("\t")[0].strip("<>") for line in whole][:most]

    @pytest.mark.parametrize("rows", ["json", "xml", "csv", "tsv"])
    @pytest.mark.parametrize("size", [1, 500, 5_000, 8_192, 20_000])
    def test_an_answer_that_is_too_large_ends_after_a_whole_row(
        self, pool: Pool, rows: str, size: int
    ) -> None:
        with ask(pool, ALL, rows=rows, max_bytes=size) as answered:
            content = answered.read()
            assert answered.end is not None
            if answered.end["cut"]:
                assert answered.end["cut"] == "bytes"
                assert size <= len(content) < size + 500
            assert len(subjects(content, rows)) == answered.end["rows"]

    def test_no_rows_are_none(self, pool: Pool) -> None:
        for rows in FORMATS:
            with ask(pool, "SELECT ?x { ?x <x:none> ?y }", rows=rows) as answered:
                assert subjects(answered.read(), rows) == []
                assert answered.end == {"rows": 0, "cut": ""}

    def test_long_texts_cross_the_pieces_in_which_they_are_written(self, pool: Pool) -> None:
        text = "".join(f'\\"{chr(97 + n % 26)}}},{{\\\\' for n in range(3_000))
        for rows in FORMATS:
            query = f'SELECT ?s {{ VALUES ?n {{ 1 2 3 4 5 }} BIND("{text}" AS ?s) }}'
            for most in (2, 5):
                with ask(pool, query, rows=rows, max_rows=most) as answered:
                    assert len(subjects(answered.read(), rows)) == most

    def test_triples_come_in_a_stable_order_and_are_cut_too(self, pool: Pool) -> None:
        query = "CONSTRUCT WHERE { ?s ?p ?o }"
        with ask(pool, query) as answered:
            lines = answered.read().decode().splitlines()
            assert answered.end == {"rows": NUMBER, "cut": ""}
        assert lines == sorted(lines)
        assert len(lines) == NUMBER
        for triples in ("ntriples", "turtle", "rdfxml", "jsonld"):
            with ask(pool, query, triples=triples, max_rows=10) as answered:
                found = list(pyoxigraph.parse(answered.read(), format=RDF[triples]))
                assert answered.end == {"rows": 10, "cut": "rows"}
            assert len(found) == 10
            with ask(pool, query, triples=triples, max_bytes=2_000) as answered:
                found = list(pyoxigraph.parse(answered.read(), format=RDF[triples]))
                assert answered.end == {"rows": len(found), "cut": "bytes"}
            assert 0 < len(found) < NUMBER

    def test_a_truth_value(self, pool: Pool) -> None:
        with ask(pool, "ASK {}") as answered:
            assert answered.header == {"form": "boolean", "format": "json", "value": True}
            assert answered.read() == b'{"head":{},"boolean":true}'

    def test_errors_are_those_of_the_store(self, pool: Pool) -> None:
        with pytest.raises(BadQuery, match="line 1, column") as caught:
            ask(pool, "SELECT * { ?s ?p }")
        assert caught.value.cure == "correct the query there"
        with pytest.raises(BadQuery, match="custom function <x:f> is not supported"):
            ask(pool, "SELECT (<x:f>(1) AS ?x) {}")


FORMATS = {
    "json": pyoxigraph.QueryResultsFormat.JSON,
    "xml": pyoxigraph.QueryResultsFormat.XML,
    "csv": pyoxigraph.QueryResultsFormat.CSV,
    "tsv": pyoxigraph.QueryResultsFormat.TSV,
}
RDF = {
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
}


def subjects(content: bytes, rows: str) -> list[str]:
    """The first column, as another reader than ours reads it."""
    if rows == "csv":
        return [row[0] for row in csv.reader(io.StringIO(content.decode(), newline=""))][1:]
    if rows == "json":
        said = json.loads(content)
        return [row["s"]["value"] for row in said["results"]["bindings"]]
    found = pyoxigraph.parse_query_results(content, format=FORMATS[rows])
    assert isinstance(found, pyoxigraph.QuerySolutions)
    return [row[0].value for row in found]


class TestDeaths:
    @pytest.mark.parametrize(
        ("query", "timeout", "kind", "said"),
        [
            (ENDLESS, 0.5, QueryTimeout, "longer than 0.5 s; add a LIMIT or more conditions"),
            (MEMORY, 30, OutOfMemory, "needs more than 0.6 GB of memory"),
            ("ASK " + "{" * 6_000 + "}" * 6_000, 30, TooComplex, "too complex for the engine"),
        ],
        ids=["late", "memory", "stack"],
    )
    def test_each_is_a_clear_answer_and_the_next_caller_has_another_worker(
        self, pool: Pool, query: str, timeout: float, kind: type[BpsError], said: str
    ) -> None:
        pool.ready()
        start = time.monotonic()
        with pytest.raises(kind, match=said):
            ask(pool, query, timeout).read()
        assert time.monotonic() - start < timeout + 1
        start = time.monotonic()
        assert ask(pool, "ASK {}").read()
        assert time.monotonic() - start < 5  # A warm spare; a new worker takes longer where many tests run.

    def test_one_that_is_killed_from_outside(self, pool: Pool) -> None:
        def kill() -> None:
            for pid in pool.busy():
                os.kill(pid, signal.SIGKILL)

        threading.Timer(0.3, kill).start()
        with pytest.raises(WorkerFailed, match="signal 9 ended it"):
            ask(pool, ENDLESS, 20)
        assert ask(pool, "ASK {}").read()

    def test_those_that_die_idle_are_replaced_before_anybody_asks(self, pool: Pool) -> None:
        pool.ready()
        for _ in range(5):
            before = set(pool.processes())
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            assert within(5, lambda: not any(alive(pid) for pid in before))  # noqa: B023
            assert ask(pool, "ASK {}").read()
        assert within(10, lambda: len(set(pool.processes()) - before) == 3)

    def test_what_is_not_read_to_its_end_is_ended(self, pool: Pool) -> None:
        answered = ask(pool, FLOOD, 60)
        (pid,) = pool.busy()
        pieces = iter(answered)
        next(pieces)
        answered.close()
        assert within(1, lambda: not alive(pid))
        assert pool.busy() == []

    def test_an_answer_that_nobody_holds_any_more_is_ended(self, pool: Pool) -> None:
        answered = ask(pool, FLOOD, 60)
        (pid,) = pool.busy()
        del answered
        assert within(1, lambda: not alive(pid))

    def test_time_in_which_the_reader_does_something_else_does_not_count(self, small: Path) -> None:
        with (
            made(small, workers=1, spare=0, quick=60) as pool,
            ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 12000", 4) as answered,
        ):
            pieces = iter(answered)
            next(pieces)
            time.sleep(4.5)
            assert sum(map(len, pieces)) > 1_500_000  # More than a pipe holds: it had to wait.
        assert answered.end == {"rows": 12_000, "cut": ""}

    def test_closing_ends_all_of_them(self, small: Path) -> None:
        pool = made(small)
        pool.ready()
        pids = pool.processes()
        answered = ask(pool, FLOOD)
        pool.close()
        assert not any(alive(pid) for pid in pids)
        with pytest.raises(PoolBusy, match="the workers are stopped"):
            answered.read()
        with pytest.raises(PoolBusy, match="the workers are stopped"):
            ask(pool, "ASK {}")
        pool.close()

    def test_nothing_stays_open(self, small: Path) -> None:
        before = os.listdir("/proc/self/fd"), threading.active_count()  # noqa: PTH208
        for _ in range(2):
            with made(small) as pool:
                ask(pool, "ASK {}").read()
                with contextlib.suppress(QueryTimeout):
                    ask(pool, ENDLESS, 0.2)
        assert (os.listdir("/proc/self/fd"), threading.active_count()) == before  # noqa: PTH208


class TestPlaces:
    def test_long_queries_leave_their_places_to_others(self, small: Path) -> None:
        with made(small, workers=1, long=1, quick=0.3, timeout=20, waiting=5) as pool:
            endless = threading.Thread(target=self._suppressed, args=(pool, ENDLESS, 6))
            endless.start()
            assert within(10, lambda: bool(pool.busy()))
            (hostile,) = pool.busy()
            start = time.monotonic()
            assert ask(pool, "ASK {}").read()
            assert time.monotonic() - start < 3
            assert os.getpriority(os.PRIO_PROCESS, hostile) == 19
            endless.join()

    def test_one_that_outstays_is_ended_when_others_wait(self, small: Path) -> None:
        with made(small, workers=1, long=0, quick=0.3, timeout=20, waiting=5) as pool:
            caught: list[BpsError] = []
            endless = threading.Thread(target=self._suppressed, args=(pool, ENDLESS, 20, caught))
            endless.start()
            assert within(10, lambda: bool(pool.busy()))
            assert ask(pool, "ASK {}").read()
            endless.join()
            assert "took long while others waited" in str(caught[0])

    def test_nobody_waits_for_ever(self, small: Path) -> None:
        with made(small, workers=1, long=0, quick=60, timeout=20, waiting=0.5, queue=1) as pool:
            pool.ready()
            with ask(pool, FLOOD):
                start = time.monotonic()
                with pytest.raises(PoolBusy, match="all workers are busy; try again in 5 seconds"):
                    ask(pool, "ASK {}")
                assert 0.5 <= time.monotonic() - start < 1.5
                waiting = threading.Thread(target=self._suppressed, args=(pool, "ASK {}", 1))
                waiting.start()
                time.sleep(0.1)
                with pytest.raises(PoolBusy, match="1 callers wait"):
                    ask(pool, "ASK {}")
                waiting.join()
            assert ask(pool, "ASK {}").read()

    def test_many_threads_at_once_each_get_their_own_answer(self, pool: Pool) -> None:
        wrong: list[str] = []

        def asking(name: int) -> None:
            for n in range(20):
                with ask(pool, f"SELECT ?s {{ BIND('{name}-{n}' AS ?s) }}", rows="csv") as answered:
                    said = answered.read().decode()
                if said != f"s\r\n{name}-{n}\r\n":
                    wrong.append(said)

        threads = [threading.Thread(target=asking, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_a_worker_is_replaced_after_its_jobs(self, small: Path) -> None:
        with made(small, workers=1, long=0, spare=0, jobs=2, waiting=30) as pool:
            seen = set()
            for _ in range(6):
                with ask(pool, "ASK {}") as answered:
                    seen |= set(pool.busy())
                    answered.read()
            assert len(seen) == 3

    def _suppressed(
        self, pool: Pool, query: str, timeout: float, caught: list[BpsError] | None = None
    ) -> None:
        try:
            ask(pool, query, timeout).read()
        except BpsError as error:
            if caught is not None:
                caught.append(error)


class TestStores:
    def test_a_new_generation_is_seen_by_the_next_query(self, tmp_path: Path) -> None:
        path = tmp_path / "store"
        for number in (3, 5):
            with building(path, "sha256:0") as store:
                store.replace_graph("x:g", _triples(number))
            if number == 3:
                pool = made(path, workers=1)
                ask(pool, "ASK {}").read()
        with pool, ask(pool, ALL) as answered:
            assert len(subjects(answered.read(), "json")) == 5

    def test_no_store_is_said_to_whoever_asks(self, tmp_path: Path) -> None:
        with (
            made(tmp_path / "none", waiting=30) as pool,
            pytest.raises(StoreMissing, match="not a bpsgraph store"),
        ):
            ask(pool, "ASK {}")

    def test_a_job_that_cannot_be_made_is_said_too(self, tmp_path: Path) -> None:
        with (
            Pool("bpsgraph.no_such_module.job", {}, limits=Limits(waiting=30)) as pool,
            pytest.raises(WorkerFailed, match="No module named 'bpsgraph"),
        ):
            pool.run({})


@pytest.mark.skipif(not Path("/proc/self/ns/net").exists(), reason="this system has no Linux namespaces")
class TestSandbox:
    def test_every_part_is_reported(self, pool: Pool) -> None:
        report = pool.ready()
        assert list(report) == list(sandbox.PARTS)
        # What every Linux has; the others are up to the kernel and its settings.
        for part in (sandbox.PRIVILEGES, sandbox.MEMORY, sandbox.SIZES, sandbox.PRIORITY, sandbox.PARENT):
            assert report[part] == sandbox.HELD

    def test_a_worker_is_what_the_report_says(self, pool: Pool) -> None:
        report, pid = pool.ready(), pool.processes()[0]
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        assert status["NoNewPrivs"].strip() == "1"
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max address space         600000000" in limits
        assert "Max file size             0 " in limits
        assert "Max core file size        0 " in limits
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert {entry.partition(b"=")[0] for entry in environment if entry} <= {
            b"LANG",
            b"MALLOC_ARENA_MAX",
        }
        assert os.listdir(f"/proc/{pid}/cwd") == []  # noqa: PTH208
        if report[sandbox.NETWORK] == sandbox.HELD:
            ours, theirs = Path("/proc/self/ns/net"), Path(f"/proc/{pid}/ns/net")
            assert ours.readlink() != theirs.readlink()
            devices = Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
            assert [line.split(":")[0].strip() for line in devices] == ["lo"]

    def test_a_query_that_calls_out_reaches_nobody(self, pool: Pool) -> None:
        """Without the guard: this is the second line."""
        import socket

        with socket.socket() as recorder:
            recorder.bind(("127.0.0.1", 0))
            recorder.listen()
            recorder.settimeout(0.3)
            port = recorder.getsockname()[1]
            with pytest.raises(BpsError):
                ask(pool, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}").read()
            with pytest.raises(TimeoutError):
                recorder.accept()
