"""`python -m faults.file_fuzz`: thousands of broken and hostile files through isolated judging, and what they did.

A process serves them from workers, as a server would. Counted are its deaths, the answers later than the
limit and a second, bytes of the store that changed, connections (from strace, and at something that listens
here), and files opened that are neither of the store, the program and its libraries, nor of the system's own
few (from strace, for some of the files).
"""

import argparse
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bpsgraph.engine.limits import Limits
from bpsgraph.errors import BpsError, InputError, PoolBusy
from bpsgraph.sources import find_sources
from bpsgraph.uploads import Asked, Document, Given, Item, Verdict
from bpsgraph.uploads.isolation import IsolatedJudge
from faults.broken_files import SUBMISSIONS, BrokenFile, broken_files
from faults.hostile_files import hostile_files
from faults.odd_files import odd_file

SEED = 20261122
TIMEOUT = 60.0
_REPORTS = ("json", "html", "csv", "xlsx", "turtle", "jsonld", "sarif", "junit", "markdown", "text")
_TOKEN = "what-nobody-may-read-6f1d"
_OPENED = re.compile(r'^(\d+) +(?:openat\(AT_FDCWD, |open\(|creat\()"((?:[^"\\]|\\.)*)"(.*)$')
_CONNECTED = re.compile(r"^(\d+) +connect\(\d+, \{sa_family=AF_INET6?")
_SYSTEM = (
    "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/", "/usr/share/zoneinfo", "/usr/bin/python",
    "/etc/ld.so.", "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/self/", "/proc/sys/", "/proc/meminfo",
    "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/sys/kernel/mm",
)  # fmt: skip


def files(seed: int, number: int, address: str, secret: str) -> Iterator[BrokenFile]:
    """So many files: half of them broken, three in eight whole with odd contents, one in eight made to do harm."""
    hostile = list(hostile_files(address, secret))
    broken = broken_files(seed, number, [kind for kind in SUBMISSIONS if kind not in ("trig", "nquads")])
    for at in range(number):
        match at % 8:
            case 0:
                yield hostile[at // 8 % len(hostile)]
            case 2 | 4 | 6:
                yield odd_file(seed, at)
            case _:
                yield next(broken)


def serve(store: Path, seed: int, number: int, address: str, secret: str, at_once: int) -> None:
    """Judge the files, several at once, and print a line of JSON for each."""
    sources = find_sources().root
    told = threading.Lock()
    limits = Limits(timeout=TIMEOUT, quick=TIMEOUT, workers=at_once, waiting=60)
    with IsolatedJudge(store, sources, limits=limits) as judge, ThreadPoolExecutor(at_once) as threads:
        judge.ready()

        def one(numbered: tuple[int, BrokenFile]) -> None:
            at, file = numbered
            began = time.monotonic()
            code, words, leaked = _asked(judge, store, sources, at, file)
            line = {
                "at": at,
                "file": file.name,
                "how": file.how,
                "code": code,
                "words": words,
                "leaked": leaked,
            }
            line["seconds"] = round(time.monotonic() - began, 3)
            with told:
                print(json.dumps(line, ensure_ascii=False), flush=True)

        # A few at a time, so that not all files are in memory at once.
        coming = enumerate(files(seed, number, address, secret))
        while batch := list(itertools.islice(coming, 64)):
            for _ in threads.map(one, batch):
                pass


def _asked(
    judge: IsolatedJudge, store: Path, sources: Path, at: int, file: BrokenFile
) -> tuple[str, str, bool]:
    """How the judging of one file ended, in words too, and whether the answer has what nobody may read."""
    asked = Asked(
        store=store,
        sources=sources,
        today=date(2026, 3, 1),
        jurisdiction="341722/2021",
        reports=(("shown", _REPORTS[at % len(_REPORTS)]),),
        annotated="copy.xlsx" if file.name.endswith((".xlsx", ".csv")) else None,
        suggest="patch.json",
    )
    items: list[Item] = []
    try:
        items.extend(judge.judge(asked, [Given(file.name, file.content)]))
    except (InputError, PoolBusy) as error:
        return error.code, str(error), _TOKEN in str(error)
    except BpsError as error:
        return f"store: {error.code}", str(error), _TOKEN in str(error)
    except Exception as error:
        return f"exception: {type(error).__name__}", str(error), False
    documents = [item.content for item in items if isinstance(item, Document)]
    leaked = any(_TOKEN in text if isinstance(text, str) else _TOKEN.encode() in text for text in documents)
    return "judged" if isinstance(items[-1], Verdict) else "exception: no verdict", "", leaked


@contextmanager
def recorder() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the list of what was asked there."""
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name is that of the library

        def log_message(self, format: str, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def run(built: Path, work: Path, seed: int, number: int, traced: int, at_once: int = 2) -> dict[str, object]:
    """Serve so many files, and some of them under strace; what was seen, as figures."""
    store = work / "store"
    shutil.copytree(built, store)
    secret = work / "secret.txt"
    secret.write_text(_TOKEN, encoding="utf-8")
    before = checksum(store)
    deaths = 0
    lines: list[dict[str, object]] = []
    with recorder() as (address, asked):
        arguments = [
            "--store",
            str(store),
            "--seed",
            str(seed),
            "--address",
            address,
            "--secret",
            str(secret),
        ]
        served = _served([*arguments, "--number", str(number), "--at-once", str(at_once)], work)
        deaths += served.returncode != 0
        lines += [json.loads(line) for line in served.stdout.splitlines()]
        opened: list[str] | None = None
        connected = 0
        if traced and shutil.which("strace"):
            log = work / "strace.log"
            served = _served([*arguments, "--number", str(traced), "--at-once", "1"], work, trace=log)
            deaths += served.returncode != 0
            opened, connected = read_trace(log, store, work)
    codes = Counter(str(line["code"]) for line in lines)
    late = [line for line in lines if float(str(line["seconds"])) > TIMEOUT + 1]
    unexpected = [line for line in lines if str(line["code"]).startswith(("exception", "store"))]
    return {
        "seed": seed,
        "files": len(lines),
        "deaths": deaths + (0 if len(lines) == number else 1),
        "late": len(late),
        "slowest": max((float(str(line["seconds"])) for line in lines), default=0),
        "store_changed": int(checksum(store) != before),
        "requests": len(asked),
        "leaks": sum(bool(line["leaked"]) for line in lines),
        "traced": min(traced, number) if opened is not None else 0,
        "connections": connected,
        "foreign_files": sorted(set(opened or [])),
        "unexpected": unexpected,
        "worker_deaths": codes["worker-died"] + codes["took-too-long"] + codes["judging-failed"],
        "bugs": [
            line for line in lines if line["code"] in ("worker-died", "judging-failed", "took-too-long")
        ],
        "codes": dict(codes.most_common()),
    }


def whole(figures: dict[str, object]) -> bool:
    """Whether everything held."""
    wrong = (
        "deaths",
        "late",
        "store_changed",
        "requests",
        "leaks",
        "connections",
        "foreign_files",
        "unexpected",
    )
    return not any(figures[name] for name in wrong)


def checksum(store: Path) -> str:
    """The hash of all names and bytes below a folder."""
    digest = hashlib.sha256()
    for file in sorted(path for path in store.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(store)} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _served(
    arguments: list[str], work: Path, *, trace: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "faults.file_fuzz", "--serve", *arguments]
    if trace is not None:
        calls = "trace=connect,open,openat,openat2,creat"
        command = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", calls, "-o", str(trace), *command]
    # The server works elsewhere, where a relative search path leads nowhere.
    found = os.pathsep.join(str(Path(place).resolve()) for place in sys.path if place)
    environment = {**os.environ, "PYTHONPATH": found}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=work, env=environment, check=False
    )
    if done.returncode:
        print(done.stderr[-4_000:], file=sys.stderr)
    return done


def read_trace(log: Path, *mine: Path) -> tuple[list[str], int]:
    """The files opened that are not among those that a worker needs, and how often the network was tried."""
    root = find_sources().root
    package = Path(__file__).resolve().parents[2]
    places = [str(place) + "/" for place in (*mine, root, package, sys.prefix, sys.base_prefix)]
    places += [place.rstrip("/") + "/" for place in sys.path if place]
    allowed = (*_SYSTEM, *places, tempfile.gettempdir() + "/bpsgraph-")
    foreign: list[str] = []
    connections = 0
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            connections += bool(_CONNECTED.match(line))
            found = _OPENED.match(line)
            if found is None or " = -1 " in found[3]:
                continue
            path = os.path.normpath(found[2]) if found[2].startswith("/") else found[2]
            # What is relative is opened in an empty folder; what is a folder has its slash.
            secret = path.endswith("secret.txt")
            known = path.startswith("/") and f"{path}/".startswith(allowed)
            if secret or not (known or re.fullmatch(r"/proc/\d+/[a-z_/]+", path)):
                foreign.append(path)
    return foreign, connections


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults.file_fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--number", type=int, default=2_000)
    parser.add_argument("--traced", type=int, default=200, help="so many of them once more under strace")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--store", type=Path, default=Path("build/store"))
    parser.add_argument("--serve", action="store_true", help="only serve, as the other process does")
    parser.add_argument("--address", default="127.0.0.1:9")
    parser.add_argument("--secret", default="/nowhere")
    given = parser.parse_args()
    if given.serve:
        serve(given.store, given.seed, given.number, given.address, given.secret, given.at_once)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        figures = run(given.store, Path(work), given.seed, given.number, given.traced, given.at_once)
    figures["minutes"] = round((time.monotonic() - began) / 60, 1)
    print(json.dumps(figures, ensure_ascii=False))
    return 0 if whole(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
