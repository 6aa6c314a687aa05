"""`python -m faults.query_fuzz`: thousands of hostile queries through guard and workers, and what they did.

A process serves them from workers, as a server would. Counted are its deaths, answers later than the limit and
a second, bytes of the store that changed, connections (at something that listens here, and for some of the
queries from strace), and files opened that are neither of the store, the program and its libraries, nor of the
system's own few (from strace).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bpsgraph.building import build
from bpsgraph.engine import guard
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BpsError
from bpsgraph.library import bundled
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from faults.hostile_queries import Attack, attacks, queries_to_bend

SEED = 20260301
TIMEOUT = 2.0
ROOT = Path(__file__).resolve().parents[2]
W3C = Path(os.environ.get("BPSGRAPH_W3C_TESTS") or ROOT.parent / "shared" / "w3c")
# What an error may be here; any other is a fault of ours.
CODES = {"bad-query", "read-only", "query-too-large", "too-complex", "query-timeout", "out-of-memory", "busy"}
_OPENED = re.compile(r'openat\((?:AT_FDCWD|\d+), "((?:[^"\\]|\\.)*)", ([A-Z_|]+).*= (\d+)')
# The module tempfile tries in this way which folder it may write to; only the serving process does.
_TRIED = re.compile(re.escape(tempfile.gettempdir()) + "/[a-z0-9_]{8}")
_CONNECTED = re.compile(r"connect\(\d+, \{sa_family=(AF_INET6?|AF_UNIX)")
_SYSTEM = (
    "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/", "/usr/share/zoneinfo", "/usr/share/locale/", "/etc/ld.so.", "/etc/localtime",
    "/dev/null", "/dev/urandom", "/proc/self/", "/proc/sys/", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/sys/",
)  # fmt: skip


def main() -> int:
    """Print what was seen, as JSON and in words; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m faults.query_fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument(
        "--traced", type=int, default=150, help="so many of them under strace (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--store", type=Path, help="a built store (default: one is built)")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve(given.serve)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        store = Path(folder) / "store"
        if given.store:
            shutil.copytree(given.store, store)
        else:
            build(store, find_sources())
        report = fuzz(store, given.seed, given.count, given.traced)
    print(json.dumps(report))
    print(in_words(report))
    return 0 if report["fine"] else 1


def fuzz(store: Path, seed: int, count: int, traced: int) -> dict[str, Any]:
    """What so many hostile queries did to a process that serves that store."""
    with _recorder() as (address, seen):
        made = attacks(seed, count, address, bundled(), queries_to_bend(ROOT / "queries", W3C))
        before = _content(store)
        whole = _served(store, made)
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            log = Path(folder) / "strace"
            strace = shutil.which("strace")
            slice_of = [one for one in made if one.kind != "cross"][:traced]
            traces: dict[str, Any] = {"strace": "not installed: nothing was traced"}
            if strace and slice_of:
                command = [strace, "-f", "-qq", "-s", "300", "-e", "trace=connect,openat", "-o", str(log)]
                under = _served(store, slice_of, command)
                traces = _traces(log, store) | {"traced": under["answered"]}
        report: dict[str, Any] = {"fuzz": "queries", "seed": seed, **whole, **traces}
        report["calls_recorded"] = len(seen)
        report["store_same"] = _content(store) == before
    report["w3c"] = W3C.is_dir()
    # Waiting for a worker counts as well, so on a machine that does much else some answers come late.
    report["load"] = round(os.getloadavg()[0], 1)
    report["fine"] = (
        report["answered"] == count
        and not report["deaths"]
        and not report["late"]
        and not report["unclear"]
        and report["store_same"]
        and not seen
        and not report.get("connections")
        and not report.get("foreign_files")
    )
    return report


def in_words(report: dict[str, Any]) -> str:
    """The same for people."""
    traced = (
        f"{report['traced']} of them under strace: {len(report['connections'])} connections, "
        f"{len(report['foreign_files'])} foreign files opened"
        if "traced" in report
        else str(report["strace"])
    )
    return (
        f"{report['answered']:,} hostile queries with seed {report['seed']}: {report['deaths']} deaths of the serving "
        f"process, {report['workers_lost']} workers lost, {len(report['late'])} answers later than {TIMEOUT:g} s and a "
        f"second (slowest {report['slowest']} s), {len(report['unclear'])} unclear ones, the store "
        f"{'is byte for byte the same' if report['store_same'] else 'HAS CHANGED'}, "
        f"{report['calls_recorded']} calls recorded; {traced}; {report['seconds']} s, load of this machine {report['load']}"
    )


def _served(store: Path, made: Sequence[Attack], before: Sequence[str] = ()) -> dict[str, Any]:
    """What a process of its own says of serving these; a death of it counts, and what was left unanswered is lost."""
    began = time.monotonic()
    command = [*before, sys.executable, "-m", "faults.query_fuzz", "--serve", str(store)]
    asked = "".join(json.dumps([one.kind, one.text, one.unguarded]) + "\n" for one in made)
    done = subprocess.run(
        command, input=asked, capture_output=True, encoding="utf-8", cwd=ROOT, env=_environment(), check=False
    )
    outcomes: Counter[str] = Counter()
    late, unclear, slowest, lost = [], [], 0.0, 0
    for line in done.stdout.splitlines():
        said = json.loads(line)
        outcomes[said["outcome"]] += 1
        slowest = max(slowest, said["seconds"])
        lost += said["outcome"] in ("query-timeout", "out-of-memory") or said.get("died", False)
        if said["seconds"] > TIMEOUT + 1:
            late.append(said)
        if said["outcome"] not in CODES | {"answered"}:
            unclear.append(said)
    if done.returncode:
        print(done.stderr[-3_000:], file=sys.stderr)
    return {
        "answered": sum(outcomes.values()),
        "deaths": int(done.returncode != 0),
        "outcomes": dict(sorted(outcomes.items())),
        "workers_lost": lost,
        "late": late[:10],
        "unclear": unclear[:10],
        "slowest": round(slowest, 2),
        "seconds": round(time.monotonic() - began, 1),
    }


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}


def serve(store: Path) -> int:
    """Answer what comes on standard input from workers; a line for each query, of how it ended."""
    limits = Limits(timeout=TIMEOUT, memory=600_000_000, workers=2, long=2, spare=2, waiting=10)
    made = [Attack(*json.loads(line)) for line in sys.stdin]
    told = threading.Lock()
    with Pool(
        "bpsgraph.store.answering.answering", {"store": str(store)}, readable=[store], limits=limits
    ) as pool:
        pool.ready()

        def answer(attack: Attack) -> None:
            began = time.monotonic()
            outcome, problem = "answered", ""
            try:
                if not attack.unguarded:
                    guard.check(attack.text)
                arguments = {"query": attack.text, "rows": "json", "triples": "ntriples"}
                with pool.run({**arguments, "max_rows": 10_000, "max_bytes": 5_000_000}) as answered:
                    for _ in answered:
                        pass
            except BpsError as error:
                outcome, problem = error.code, error.problem
            except Exception as error:
                outcome, problem = type(error).__name__, str(error)
            said: dict[str, Any] = {
                "outcome": outcome,
                "seconds": round(time.monotonic() - began, 3),
                "kind": attack.kind,
            }
            if "too complex for the engine" in problem:
                said["died"] = True
            if outcome not in CODES | {"answered"} or said["seconds"] > TIMEOUT + 1:
                said |= {"problem": problem[:300], "query": attack.text[:500]}
            with told:
                print(json.dumps(said), flush=True)

        with ThreadPoolExecutor(2) as callers:
            for _ in callers.map(answer, made):
                pass
    return 0


def _content(store: Path) -> tuple[str, str]:
    """The hash of all files of the store with their names, and that of what it says."""
    files = hashlib.sha256()
    for file in sorted(path for path in store.rglob("*") if path.is_file()):
        files.update(f"{file.relative_to(store)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    said = hashlib.sha256()
    with open_store(store) as opened:
        for graph in opened.graphs():
            for line in sorted(str(triple) for triple in opened.graph(graph)):
                said.update(f"{line} <{graph}> .\n".encode())
    return files.hexdigest(), said.hexdigest()


@contextmanager
def _recorder() -> Iterator[tuple[str, list[str]]]:
    """The address of something that listens here, and who called."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                with connection:
                    seen.append(str(caller))

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", seen
        server.shutdown(socket.SHUT_RDWR)


def _traces(log: Path, store: Path) -> dict[str, Any]:
    """What strace saw of connections and of files that are nobody's business."""
    places = [str(store), str(ROOT), sys.base_prefix, sys.prefix, tempfile.gettempdir() + "/bpsgraph-"]
    places += [place for place in sys.path if place]
    allowed = (*places, *(str(Path(place).resolve()) for place in places), *_SYSTEM)
    # A folder on the way to one that is allowed is no foreign file.
    connections, foreign = [], set()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if _CONNECTED.search(line):
            connections.append(line[:200])
        opened = _OPENED.search(line)
        if opened is None:
            continue
        path, flags, _ = opened.groups()
        if _TRIED.fullmatch(path):
            continue
        if (
            path.startswith("/")
            and not path.startswith(allowed)
            and not any(p.startswith(path) for p in allowed)
        ):
            foreign.add(path)
        if ("O_WRONLY" in flags or "O_RDWR" in flags) and not path.startswith(("/dev/null", "/dev/tty")):
            foreign.add(f"{path} ({flags})")
    return {"connections": connections[:10], "foreign_files": sorted(foreign)[:20], "strace": "ran"}


if __name__ == "__main__":
    sys.exit(main())
