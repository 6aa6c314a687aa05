"""What the server did, counted for monitoring: the text format of Prometheus, version 0.0.4.

Requests are told apart by the first part of their path, where that is one of ours, and by method and status;
nothing is kept of who asked or for what (https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""The upper bounds of the times that are counted together, in seconds."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
Sample = tuple[Mapping[str, str], int]


class Metrics:
    """The outermost middleware: counts what passes; `parts` are the first parts of paths that count alone."""

    def __init__(self, app: ASGIApp, parts: Iterable[str]) -> None:
        self.app = app
        self._parts = frozenset(parts)
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._times: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = "500"
        begun = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        with self._lock:
            self._under_way += 1
        try:
            await self.app(scope, receive, sending)
        finally:
            self._count(self._part(scope["path"]), scope["method"], status, perf_counter() - begun)

    def text(self, others: Iterable[str] = ()) -> str:
        """Everything that was counted, and `others`, which are lines of the format already."""
        with self._lock:
            requests, seconds = dict(self._requests), dict(self._seconds)
            times = {part: list(counts) for part, counts in self._times.items()}
            under_way = self._under_way
        lines = [
            *family(
                "bpsgraph_requests_total",
                "counter",
                "Requests that were answered.",
                (
                    ({"route": part, "method": method, "status": status}, number)
                    for (part, method, status), number in sorted(requests.items())
                ),
            ),
            *_histogram(times, seconds),
            *family("bpsgraph_requests_under_way", "gauge", "Requests being answered.", [({}, under_way)]),
            *others,
        ]
        return "\n".join(lines) + "\n"

    def _part(self, path: str) -> str:
        part = path.strip("/.").partition("/")[0].partition(".")[0] or "home"
        return part if part in self._parts else "other"

    def _count(self, part: str, method: str, status: str, seconds: float) -> None:
        with self._lock:
            self._under_way -= 1
            self._requests[part, method if method in _METHODS else "other", status] += 1
            counts = self._times.setdefault(part, [0] * (len(BUCKETS) + 1))
            counts[bisect_left(BUCKETS, seconds)] += 1
            self._seconds[part] = self._seconds.get(part, 0.0) + seconds


def family(name: str, kind: str, help: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of one metric."""
    yield f"# HELP {name} {help}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield (
            f"{name}{_labels(labels)} {value:g}"
            if isinstance(value, float)
            else f"{name}{_labels(labels)} {value}"
        )


def _histogram(times: Mapping[str, list[int]], seconds: Mapping[str, float]) -> Iterator[str]:
    name = "bpsgraph_request_duration_seconds"
    yield f"# HELP {name} How long requests took."
    yield f"# TYPE {name} histogram"
    for part, counts in sorted(times.items()):
        total = 0
        for bound, count in zip((*(f"{bound:g}" for bound in BUCKETS), "+Inf"), counts, strict=True):
            total += count
            yield f"{name}_bucket{_labels({'route': part, 'le': bound})} {total}"
        yield f"{name}_sum{_labels({'route': part})} {seconds[part]:.6f}"
        yield f"{name}_count{_labels({'route': part})} {total}"


def _labels(labels: Mapping[str, str]) -> str:
    written = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""
