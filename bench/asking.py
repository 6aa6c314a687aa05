"""One engine of others: it loads a file of N-Triples, and answers questions in SPARQL about it.

`python bench/asking.py ENGINE FILE QUESTIONS TIMES SECONDS`, in the environment of the peers, needs nothing
of bpsgraph. QUESTIONS is JSON, texts by name. Each step is a line of JSON as soon as it is over: the
processor time of all that the engine did, a server's too, and the wall time. A question is asked so many
times, a slow one fewer times; its line has the median. One that takes longer than so many seconds is given up
where Python is asked in between; elsewhere whoever started this process ends it.
"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Rows = list[list[str]]
Ask = Callable[[str], Rows]
Taken = Callable[[], float]

_GRAPH = "https://example.org/bench"


def main() -> int:
    """Load, ask, and print each step."""
    engine, file, questions = (
        sys.argv[1],
        Path(sys.argv[2]).resolve(),
        json.loads(Path(sys.argv[3]).read_text()),
    )
    times, limit = int(sys.argv[4]), float(sys.argv[5])
    # A server takes its time in a process of its own, where only the clock tells it.
    timer = signal.ITIMER_PROF if engine in IN_MEMORY else signal.ITIMER_REAL
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, _late)
    began, wall = time.process_time(), time.perf_counter()
    with ENGINES[engine](file) as (ask, taken):
        said = {"seconds": taken(), "wall": time.perf_counter() - wall}
        if engine in IN_MEMORY:
            said["seconds"] -= began
        print(json.dumps({"step": "load", **said}), flush=True)
        for name, text in questions.items():
            print(json.dumps({"step": name, **_asked(ask, taken, text, times, limit, timer)}), flush=True)
    return 0


def _asked(ask: Ask, taken: Taken, text: str, times: int, limit: float, timer: int) -> dict[str, Any]:
    seconds, walls = [], []
    answer: Rows = []
    for _ in range(times):
        began, wall = taken(), time.perf_counter()
        signal.setitimer(timer, limit)
        try:
            answer = ask(text)
        except TimeoutError:
            return {"problem": f"not within {limit:.0f} s"}
        except Refused as error:
            return {"problem": f"it refuses the question: {error}"[:160]}
        except BaseException as error:  # A panic of Rust is no Exception.
            return {"problem": f"it fails ({type(error).__name__}): {' '.join(str(error).split())}"[:160]}
        finally:
            signal.setitimer(timer, 0)
        seconds.append(taken() - began)
        walls.append(time.perf_counter() - wall)
        if sum(seconds) > limit / 4:
            break
    return {
        "seconds": statistics.median(seconds),
        "wall": statistics.median(walls),
        "answer": sorted(answer),
    }


class Refused(Exception):  # noqa: N818 - said of the question, not of us
    """A server has answered that it does not answer a question."""


def told(answer: str) -> str:
    """What a server says of a question that it refuses; of Virtuoso's words neither codes nor the query."""
    words = " ".join(answer.partition("SPARQL query:")[0].split())
    return re.sub(r"^Virtuoso \w+ Error ([\w.]+: )?", "", words)


def _late(number: int, frame: object) -> None:
    raise TimeoutError


@contextmanager
def _pyoxigraph(file: Path) -> Iterator[tuple[Ask, Taken]]:
    import pyoxigraph

    store = pyoxigraph.Store()
    store.bulk_load(path=file, format=pyoxigraph.RdfFormat.N_TRIPLES)

    def ask(text: str) -> Rows:
        return [[_value(term) for term in row] for row in store.query(text)]  # type: ignore[union-attr]

    yield ask, time.process_time


@contextmanager
def _rdflib(file: Path) -> Iterator[tuple[Ask, Taken]]:
    import rdflib

    graph = rdflib.Graph()
    graph.parse(file, format="nt")

    def ask(text: str) -> Rows:
        return [["" if term is None else str(term) for term in row] for row in graph.query(text)]  # type: ignore[union-attr]

    yield ask, time.process_time


@contextmanager
def _maplib(file: Path) -> Iterator[tuple[Ask, Taken]]:
    import maplib  # type: ignore[import-not-found]

    model = maplib.Model()
    model.read(str(file), format="ntriples")

    def ask(text: str) -> Rows:
        return [
            ["" if cell is None else str(cell).strip("<>") for cell in row]
            for row in model.query(text).rows()
        ]

    yield ask, time.process_time


@contextmanager
def _oxigraph(file: Path) -> Iterator[tuple[Ask, Taken]]:
    """`oxigraph load` into a store on disk, and then `oxigraph serve`."""
    program = Path(sys.executable).with_name("oxigraph")
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        load: list[Any] = [program, "load", "--location", place, "--file", file, "--format", "nt"]
        subprocess.run(load, check=True, capture_output=True)
        port = free_port()
        serve = [program, "serve-read-only", "--location", place, "--bind", f"127.0.0.1:{port}"]
        with _served(serve, port, place) as taken:
            yield _over_http(f"http://127.0.0.1:{port}/query", {}), taken


@contextmanager
def _virtuoso(file: Path) -> Iterator[tuple[Ask, Taken]]:
    """Virtuoso's own bulk loader over a new database on disk."""
    home = Path(os.environ.get("VIRTUOSO", "/"))
    beside = os.environ.get("PATH", "") + os.pathsep + str(home / "usr" / "bin")
    program, client = (shutil.which(name, path=beside) for name in ("virtuoso-t", "isql-vt"))
    if program is None or client is None:
        raise FileNotFoundError("virtuoso-t and isql-vt are not here")
    libraries = [str(path) for path in home.glob("**/lib/*-linux-gnu")] if str(home) != "/" else []
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        sql, http = free_port(), free_port()
        settings = virtuoso_settings(
            sql,
            http,
            Database={"FileExtend": 200},
            Parameters={
                "ServerThreads": 10,
                "NumberOfBuffers": 170_000,
                "MaxDirtyBuffers": 130_000,
                "DirsAllowed": file.parent,
            },
            HTTPServer={"ServerThreads": 5},
            SPARQL={"ResultSetMaxRows": 10_000_000},
        )
        Path(place, "virtuoso.ini").write_text(settings)
        with _served([program, "+foreground", "+configfile", "virtuoso.ini"], http, place) as taken:
            told = (
                f"ld_dir('{file.parent}', '{file.name}', '{_GRAPH}'); rdf_loader_run(); checkpoint; "
                "SELECT ll_error FROM DB.DBA.load_list WHERE ll_error IS NOT NULL;"
            )
            loaded = subprocess.run(
                [client, str(sql), "dba", "dba", f"exec={told}"], check=True, capture_output=True, text=True
            )
            if "0 Rows." not in loaded.stdout:
                raise RuntimeError(loaded.stdout[-500:])
            yield _over_http(f"http://127.0.0.1:{http}/sparql", {"default-graph-uri": _GRAPH}), taken


IN_MEMORY = {"pyoxigraph": _pyoxigraph, "maplib": _maplib, "rdflib": _rdflib}
ENGINES = {**IN_MEMORY, "oxigraph": _oxigraph, "virtuoso": _virtuoso}


@contextmanager
def _served(command: list[Any], port: int, place: str) -> Iterator[Taken]:
    """A server that has begun to answer, with the processor time of it and of this process."""
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def taken() -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        # The clock of another process (clock_getcpuclockid(3) on Linux).
        server = time.clock_gettime(~process.pid << 3 | 2)
        return time.process_time() + ended.ru_utime + ended.ru_stime + server

    try:
        ends = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"{command[0]} did not start") from None
                time.sleep(0.05)
        yield taken
    finally:
        process.kill()
        process.wait()


def _over_http(url: str, more: dict[str, str]) -> Ask:
    def ask(text: str) -> Rows:
        body = urllib.parse.urlencode({"query": text, **more}).encode()
        request = urllib.request.Request(url, body, {"Accept": "application/sparql-results+json"})
        try:
            with urllib.request.urlopen(request) as response:
                found = json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(told(error.read().decode(errors="replace"))) from None
        columns = found["head"]["vars"]
        return [
            [row.get(name, {}).get("value", "") for name in columns] for row in found["results"]["bindings"]
        ]

    return ask


def virtuoso_settings(sql: int, http: int, **more: Mapping[str, object]) -> str:
    """The `virtuoso.ini` of a server that keeps all in its own folder, at two ports; `more` by section."""
    sections: dict[str, dict[str, object]] = {
        "Database": {
            "DatabaseFile": "virtuoso.db",
            "ErrorLogFile": "virtuoso.log",
            "LockFile": "virtuoso.lck",
            "TransactionFile": "virtuoso.trx",
            "xa_persistent_file": "virtuoso.pxa",
        },
        "TempDatabase": {"DatabaseFile": "virtuoso-temp.db", "TransactionFile": "virtuoso-temp.trx"},
        "Parameters": {"ServerPort": f"127.0.0.1:{sql}", "CheckpointInterval": 0},
        "HTTPServer": {"ServerPort": f"127.0.0.1:{http}"},
        "SPARQL": {},
    }
    return "".join(
        f"[{name}]\n"
        + "".join(f"{key} = {value}\n" for key, value in (known | {**more.get(name, {})}).items())
        for name, known in sections.items()
    )


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _value(term: Any) -> str:
    return "" if term is None else str(term.value)


if __name__ == "__main__":
    sys.exit(main())
