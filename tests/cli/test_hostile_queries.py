"""What strangers send as SPARQL, through the command as people run it: a sentence, an exit code, no traceback."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.store.embedded import building
from conftest import Run

CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATHS = "{ ?a (!<x:b>)* ?b . ?c (<x:p>|!<x:p>)* ?d . ?e (!<x:b>)* ?f }"
LITTLE_MEMORY = {"BPSGRAPH_MAX_MEMORY": "600000000"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a few hundred triples, so that what is slow here is the query."""
    path = tmp_path_factory.mktemp("hostile") / "store"
    with building(path, "sha256:0") as store:
        store.replace_graph(
            "x:g", [Triple(NamedNode(f"x:s{n}"), NamedNode("x:p"), Literal(n)) for n in range(300)]
        )
    return path


@pytest.mark.parametrize(
    ("query", "code", "said", "heading"),
    [
        ("", 2, "the query is empty", "bad-query"),
        ("SELECT * { ?s ?p ?o", 2, "line 1: '{' opened at column 10 is not closed", "bad-query"),
        ("ASK { ?s ?p 'x }", 2, "line 1: the string opened at column 13 is not closed", "bad-query"),
        ("INSERT DATA { <x:a> <x:b> 1 }", 2, "line 1, column 1: INSERT would change the store", "read-only"),
        (
            "SELECT (SUM(?s) AS ?n) ?p { ?s ?p ?o }",
            2,
            "SELECT contains a variable that is unbound",
            "bad-query",
        ),
        ("ASK { \\u0053ERVICE <http://127.0.0.1:1/> {} }", 2, "an escape \\u stands outside", "bad-query"),
        ("ASK { SERVICE <http://127.0.0.1:1/> {} }", 2, "SERVICE would call another server", "bad-query"),
        ("LOAD <http://127.0.0.1:1/>", 2, "LOAD would change the store", "read-only"),
        ("LOAD <file:///etc/passwd>", 2, "LOAD would change the store", "read-only"),
        ("CLEAR ALL", 2, "CLEAR would change the store", "read-only"),
        ("DROP ALL", 2, "DROP would change the store", "read-only"),
        ("ASK " + "{" * 5000, 2, "nested deeper than 32 levels", "too-complex"),
        ("ASK { FILTER(" + "(" * 5000, 2, "nested deeper than 32 levels", "too-complex"),
        ("ASK { FILTER(" + "!" * 10_000 + "?x) }", 2, "more than 32 ! in a row", "too-complex"),
        ("ASK { FILTER(" + "1+" * 10_000 + "1) }", 2, "too many operators", "too-complex"),
        ("ASK { {}" + "UNION{}" * 9_000 + "}", 2, "too many", "too-complex"),
        ("ASK { ?s ?p " + "(1 " * 100 + ")" * 100 + "}", 2, "nested deeper than 32 levels", "too-complex"),
        ("SELECT (<http://x/f>(1) AS ?x) {}", 2, "function <http://x/f> is not supported", "bad-query"),
        ("SELECT * {} LIMIT -1", 2, "LIMIT takes a whole number from 0 on", "bad-query"),
        ("SELECT * {} LIMIT " + "1" + "0" * 23, 2, "is beyond 2^64 - 1", "bad-query"),
        ("ASK {} #" + "x" * 100_000, 2, "longer than 64,000 bytes", "query-too-large"),
        ("ASK { <http://x/" + "a" * 50_000 + "> ?p ?o }", 2, "IRI is longer than 2,048", "query-too-large"),
        (
            f"SELECT {' '.join(f'?v{n}' for n in range(5000))} {{}}",
            2,
            "more than 1,000 var",
            "query-too-large",
        ),
    ],
    ids=lambda value: str(value)[:25],
)
def test_what_is_wrong_is_said(run: Run, small: Path, query: str, code: int, said: str, heading: str) -> None:
    start = time.monotonic()
    done = run("sparql", "-", "--store", small, input=query)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f"See docs/errors.md#{heading}\n")
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("query", "said", "heading"),
    [
        (f"SELECT (COUNT(*) AS ?n) {CROSS}", "longer than 1 s; add a LIMIT or more", "query-timeout"),
        (f"SELECT (COUNT(*) AS ?n) {CROSS[:-1]} FILTER(?c > ?f + ?i) }}", "longer than 1 s", "query-timeout"),
        (f"SELECT (COUNT(*) AS ?n) {PATHS}", "longer than 1 s", "query-timeout"),
    ],
    ids=["count", "filter", "paths"],
)
def test_what_never_ends_is_ended(run: Run, small: Path, query: str, said: str, heading: str) -> None:
    start = time.monotonic()
    done = run("sparql", query, "--timeout", "1", "--store", small)
    assert time.monotonic() - start < 5
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert done.stderr.endswith(f"#{heading}\n")


DOUBLED = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {CROSS} ORDER BY ?c",
        f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('{'x' * 1000}' AS ?x0) {DOUBLED} }}",
    ],
    ids=["order", "doubled"],
)
def test_what_needs_too_much_memory_is_ended(run: Run, small: Path, query: str) -> None:
    done = run("sparql", query, "--format", "csv", "--store", small, **LITTLE_MEMORY)
    assert done.returncode == 3
    assert "needs more than 0.6 GB of memory" in done.stderr
    assert done.stderr.endswith("#out-of-memory\n")


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT * { ?s ?p ?o } OFFSET 18446744073709551615", "s,p,o"),
        ("SELECT (1/0 AS ?x) (<http://www.w3.org/2001/XMLSchema#integer>('x') AS ?y) {}", "x,y\n,"),
        ("SELECT (9223372036854775807 + 1 AS ?x) {}", "x\n"),
    ],
    ids=["offset", "division", "overflow"],
)
def test_what_is_no_error_in_sparql_is_none(run: Run, small: Path, query: str, rows: str) -> None:
    done = run("sparql", query, "--store", small)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.strip().splitlines()[0].split(",")) == sorted(rows.split("\n")[0].split(","))
    assert done.stdout.strip("\n").splitlines()[1:] == [row for row in rows.splitlines()[1:] if row]


def test_a_cut_answer_says_so(run: Run, small: Path) -> None:
    done = run("sparql", "SELECT ?s { ?s ?p ?o }", "--limit", "7", "--store", small, BPSGRAPH_LANG="en")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 8)
    assert done.stderr == "note: cut after 7 rows, there are more: raise --limit or the setting max_rows\n"
    done = run("sparql", "SELECT ?s { ?s ?p ?o }", "--limit", "7", "--store", small)
    assert done.stderr.startswith("注：结果到第7行为止")
    assert run("sparql", "SELECT ?s { ?s ?p ?o }", "--limit", "300", "--store", small).stderr == ""
    done = run(
        "sparql",
        "SELECT ?s { ?s ?p ?o }",
        "--format",
        "json",
        "--store",
        str(small),
        BPSGRAPH_MAX_ANSWER_SIZE="1000",
    )
    assert 5 < len(json.loads(done.stdout)["results"]["bindings"]) < 50
    assert "max_answer_size" in done.stderr
    done = run("sparql", "SELECT ?s { ?s ?p ?o }", "--limit", "3", "--format", "table", "--store", small)
    assert len(done.stdout.split()) == 1 + 3
    done = run("sparql", "ASK {}", "--limit", "0", "--store", small)
    assert (done.returncode, "--limit: 0 is not a whole number above 0" in done.stderr) == (2, True)


def test_a_file_is_there_when_the_answer_is_whole(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("old")
    done = run(
        "sparql", f"SELECT * {CROSS}", "--timeout", "1", "-o", "rows.csv", "--store", small, **LITTLE_MEMORY
    )
    assert done.returncode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
    assert (tmp_path / "rows.csv").read_text() == "old"
    assert run("sparql", "SELECT ?s { ?s ?p ?o }", "-o", "rows.csv", "--store", small).returncode == 0
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 301
    (tmp_path / "rows.xml").touch()
    assert run("sparql", "ASK {}", "-o", "answer.srx", "--store", small).returncode == 0
    assert "<boolean>true</boolean>" in (tmp_path / "answer.srx").read_text()


def test_what_is_no_text_is_said_with_its_place(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes(b"ASK { ?s ?p 'd\xe9' }")
    done = run("sparql", "latin.rq", "--store", small)
    assert (done.returncode, "latin.rq: byte 15 is not UTF-8; save it as UTF-8" in done.stderr) == (2, True)
    (tmp_path / "marked.rq").write_bytes(b"\xef\xbb\xbfASK {}")
    assert run("sparql", "marked.rq", "--store", small).stdout == "true\n"
    done = run("sparql", "ASK { ?s ?p 'a\0b' }", "--store", small)
    assert (done.returncode, "the control character U+0000" in done.stderr) == (2, True)
    done = run("sparql", "ASK { ?s ?p '\udce9' }", "--store", small)
    assert (done.returncode, "a byte that is not UTF-8" in done.stderr) == (2, True)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_is_left_behind(small: Path, how: signal.Signals) -> None:
    def listen() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    command = [
        sys.executable,
        "-m",
        "bpsgraph",
        "sparql",
        f"SELECT (COUNT(*) AS ?n) {CROSS}",
        "--store",
        str(small),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen
    ) as process:
        worker = _worker_of(process.pid)
        time.sleep(0.3)
        process.send_signal(how)
        _, words = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -how)
    assert words == ("interrupted\n" if how == signal.SIGINT else "")
    until = time.monotonic() + 2
    while (left := Path(f"/proc/{worker}").exists()) and time.monotonic() < until:
        time.sleep(0.02)
    assert not left


def _worker_of(parent: int) -> int:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    status = (folder / "status").read_text()
                except OSError:
                    continue
                if f"PPid:\t{parent}\n" in status:
                    return int(folder.name)
        time.sleep(0.02)
    raise AssertionError("no worker was started")
