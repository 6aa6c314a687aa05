"""`python -m bench.load`: clients ask a server over connections that stay open, as fast as it answers.

A process of its own, so that who measures is not slowed down by who is measured. It reads a request as JSON
from standard input and writes what it saw as JSON: a client in the manner of wrk, in Python over uvloop, as
its counts are then the same wherever the benchmark runs. It takes a fraction of what a server needs for
the same request, and says which share of a core it took: near 1, it is the client that was measured.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections import Counter
from itertools import cycle, islice
from typing import Any

try:
    import uvloop
except ImportError:  # Windows
    uvloop = None  # type: ignore[assignment]


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the one before is whole."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self._transport: asyncio.Transport
        self._data = bytearray()
        self._needed = 0
        self._status = 0
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._needed:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._data[:end]).lower()
            self._status = int(head[9:12])
            place = head.find(b"\r\ncontent-length:")
            length = 0 if place < 0 else int(head[place + 17 :].split(b"\r\n", 1)[0])
            if place < 0 and self._status not in (204, 304):
                raise ValueError("an answer without a length cannot be timed here")
            self._needed = end + 4 + length
        if len(self._data) < self._needed:
            return
        self.load.saw(self._status, self._needed, time.perf_counter() - self._sent)
        del self._data[: self._needed]
        self._needed = 0
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.lost()

    def _next(self) -> None:
        request = self.load.next()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


class Load:
    """What is asked of a server, until the time is over or so many requests are sent."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        headers = "".join(f"{name}: {value}\r\n" for name, value in asked.get("headers", {}).items())
        made = [f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode() for path in asked["paths"]]
        count = asked.get("requests")
        self._requests = cycle(made) if count is None else islice(cycle(made), count)
        self._end = time.perf_counter() + asked.get("seconds", 3600.0)
        self._open = asked["clients"]
        self._done = asyncio.Event()
        self.times: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.bytes = 0

    def next(self) -> bytes | None:
        """What to send next; None where it is enough."""
        if time.perf_counter() > self._end:
            return None
        return next(self._requests, None)

    def saw(self, status: int, size: int, seconds: float) -> None:
        """An answer is whole."""
        self.times.append(seconds)
        self.statuses[status] += 1
        self.bytes += size

    def lost(self) -> None:
        """A connection is closed."""
        self._open -= 1
        if not self._open:
            self._done.set()

    async def run(self) -> dict[str, Any]:
        """Ask, and say what was seen; times in milliseconds."""
        loop = asyncio.get_running_loop()
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        for _ in range(self.asked["clients"]):
            await loop.create_connection(lambda: Client(self), self.asked["host"], self.asked["port"])
        await self._done.wait()
        seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
        times = sorted(self.times)
        return {
            "requests": len(times),
            "seconds": seconds,
            "per_second": len(times) / seconds,
            "p50_ms": times[len(times) // 2] * 1000,
            "p99_ms": times[int(len(times) * 0.99)] * 1000,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "bytes": self.bytes,
            "client_share": (used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime) / seconds,
        }


def main() -> int:
    asked = json.load(sys.stdin)
    if asked.get("core") is not None:
        os.sched_setaffinity(0, {asked["core"]})
    run = asyncio.run if uvloop is None else uvloop.run
    json.dump(run(Load(asked).run()), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
