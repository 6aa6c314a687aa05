"""`python -m faults.request_fuzz`: thousands of hostile requests to `bpsgraph serve`, and what they did to it.

Counted are answers of 500 and more (but for 503 and 504, which are promised), answers that show a traceback, that
send the reader to another host or bear a header that was slipped in, answers that never came, bytes of the
store that changed, and whether the server lives and answers as before.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bpsgraph.building import build
from bpsgraph.sources import find_sources
from faults.hostile_requests import requests
from raw_http import Conversation, asked, request
from served import Served, served

SEED = 20260301
THREADS = 4
_PROMISED = {503, 504}
_LONGEST_THOUGHT = 2.0
_PATIENCE = 30.0


@dataclass
class Seen:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> int:
    """Print what was seen, as JSON and in words; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m faults.request_fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--store", type=Path, help="a built store (default: one is built)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        store = Path(folder) / "store"
        if given.store:
            shutil.copytree(given.store, store)
        else:
            build(store, find_sources())
        with served(store) as server:
            report = fuzz(server, store, given.seed, given.count)
    print(json.dumps(report, ensure_ascii=False))
    print(in_words(report))
    return 0 if report["fine"] else 1


def fuzz(server: Served, store: Path, seed: int, count: int) -> dict[str, Any]:
    """What so many hostile requests did to the server, which serves that store."""
    before, front = digest(store), asked(server, request("/"))
    seen = Seen()
    start = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda data: _tried(server, data, seen), requests(seed, count)):
            pass
    seconds = time.monotonic() - start
    after = asked(server, request("/"))
    report: dict[str, Any] = {
        "seed": seed,
        "requests": count,
        "seconds": round(seconds, 1),
        "statuses": {str(status): number for status, number in sorted(seen.statuses.items())},
        "wrong": sorted(seen.wrong)[:20],
        "alive": server.process.poll() is None,
        "same_page": front is not None and after is not None and front.body == after.body,
        "same_store": digest(store) == before,
    }
    report["fine"] = not report["wrong"] and report["alive"] and report["same_page"] and report["same_store"]
    return report


def in_words(report: dict[str, Any]) -> str:
    """The same for people."""
    kinds: Counter[str] = Counter()
    for status, number in report["statuses"].items():
        kinds["closed without an answer" if status == "0" else f"{status[0]}xx"] += number
    return (
        f"{report['requests']:,} hostile requests in {report['seconds']} s: "
        + ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        + f"; {len(report['wrong'])} answered wrongly; the server is {'alive' if report['alive'] else 'dead'}, "
        f"the store {'the same' if report['same_store'] else 'changed'}"
    )


def digest(store: Path) -> str:
    """One hash of all files of the store."""
    made = hashlib.sha256()
    for file in sorted(store.rglob("*")):
        if file.is_file():
            made.update(str(file.relative_to(store)).encode())
            made.update(file.read_bytes())
    return made.hexdigest()


def _tried(server: Served, data: bytes, seen: Seen) -> None:
    method = data.partition(b" ")[0].decode("latin-1")
    try:
        with Conversation(server, _PATIENCE) as conversation:
            conversation.send(data)
            if not conversation.answers_within(_LONGEST_THOUGHT):
                # It waits for more of the body, which is cut off here.
                conversation.end()
            answer = conversation.answer("HEAD" if method == "HEAD" else "GET")
    except TimeoutError:
        _note(seen, data, 0, "no answer came")
        return
    except HTTPException as error:
        _note(seen, data, 0, f"no HTTP: {error!r}")
        return
    if answer is None:
        # The connection was closed, as for a body that never came whole.
        _note(seen, data, 0, None)
        return
    why = None
    location = answer.headers.get("location", "")
    if answer.status >= 500 and answer.status not in _PROMISED:
        why = answer.body[:200].decode("utf-8", "replace")
    elif b"Traceback (most recent" in answer.body:
        why = "a traceback"
    elif "x-injected" in answer.headers:
        why = "a header was slipped in"
    elif location and (urlsplit(location).netloc or location.startswith(("//", "\\", "/\\"))):
        why = f"leads to {location}"
    _note(seen, data, answer.status, why)


def _note(seen: Seen, data: bytes, status: int, why: str | None) -> None:
    with seen.lock:
        seen.statuses[status] += 1
        if why is not None:
            seen.wrong.append(f"{status} {data[:300]!r}: {why}")


if __name__ == "__main__":
    sys.exit(main())
