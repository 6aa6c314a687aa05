"""The workers of a Dask cluster behind the seam of `concurrent.futures`, and what becomes of one that fails.

Dask gives the batch of a worker that died to another, up to its setting `allowed-failures`; a batch that it
gave up comes back as `BrokenExecutor`, as from a pool of processes. Without scheduler or workers the run ends
in bounded time. Nothing of Dask is imported before a cluster is asked for.
"""

import asyncio
import gc
import logging
import platform
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import bpsgraph
from bpsgraph.errors import (
    BadParameter,
    ClusterLost,
    MissingExtra,
    SchedulerUnreachable,
    VersionsDiffer,
)

if TYPE_CHECKING:
    from distributed import Client

_Answer = TypeVar("_Answer")

# How long connecting may take, and for how long a cluster may have no workers or give no answer, in seconds.
_CONNECTING = 10.0
_PATIENCE = 60.0
_LOOKS = 2.0
_CLOSING = 5.0
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):[0-9]{1,5}", re.ASCII)
_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
# What the same submission has the same outcome by, wherever it is judged.
_SAME = ("bpsgraph", "pyoxigraph", "numpy", "distributed")


class Cluster:
    """A connection to a scheduler; `start` is what `judge_all` starts its workers with."""

    def __init__(self, address: str, client: "Client", patience: float) -> None:
        self._address = address
        self._client = client
        self._patience = patience

    @property
    def workers(self) -> int:
        """How many submissions are judged at once now; 1 where workers are yet to come."""
        return max(1, sum(self._running().values()))

    def start(self, workers: int) -> Executor:
        """An executor of all workers of the cluster, whatever their number."""
        return _OnCluster(self._address, self._client, self._running, self._patience)

    def check(self) -> None:
        """Raise `VersionsDiffer` where scheduler or a worker there has other versions than this process."""
        found: Any = self._client.get_versions(packages=list(_SAME))
        here = found["client"]["packages"]
        for worker, said in [(self._address, found["scheduler"]), *sorted(found["workers"].items())]:
            there = said["packages"]
            for name, mine, theirs in [
                ("Python", _minor(here["python"]), _minor(there["python"])),
                *((name, here[name], there[name]) for name in _SAME),
            ]:
                if mine != theirs:
                    raise VersionsDiffer(worker, name, theirs, mine)

    def _running(self) -> Mapping[str, int]:
        """The threads of each worker that takes work."""
        scheduler = self._client.scheduler
        if scheduler is None:
            raise OSError("the connection is closed")
        found: dict[str, int] = self._client.sync(scheduler.ncores_running, callback_timeout=_CONNECTING)
        return found


@contextmanager
def cluster(
    address: str, *, connecting: float = _CONNECTING, patience: float = _PATIENCE
) -> Iterator[Cluster]:
    """A connection to the scheduler at an address such as `tcp://10.0.0.5:8786`.

    `connecting` is how long that may take, `patience` for how long the cluster may have no workers, in
    seconds. Raises `BadParameter` for what is no
    address, `MissingExtra` where Dask is not installed, `SchedulerUnreachable` and `VersionsDiffer`.
    """
    if not _ADDRESS.fullmatch(address):
        raise BadParameter(
            "--scheduler", f"{address!r} is no address", "give one such as tcp://10.0.0.5:8786"
        )
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        raise MissingExtra("--scheduler", "Dask", "dask") from error
    with _said_here(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=VersionMismatchWarning)
        try:
            asyncio.run(_knock(address, connecting))
            client = Client(address, timeout=connecting, set_as_default=False, name="bpsgraph")
        except Exception as error:  # Whatever a stranger at that address answers.
            raise SchedulerUnreachable(address, _reason(error)) from error
        try:
            found = Cluster(address, client, patience)
            try:
                found.check()
            except OSError as error:
                raise SchedulerUnreachable(address, _reason(error)) from error
            yield found
        finally:
            with suppress(Exception):
                client.close(timeout=_CLOSING)


async def _knock(address: str, seconds: float) -> None:
    """Shake hands with a scheduler; the client of Dask would wait for the answer without end."""
    from distributed.comm import connect
    from distributed.security import Security

    given = Security().get_connection_args("client")
    # The time of a connection says why there is none; that of all else has to come after it.
    async with asyncio.timeout(1.2 * seconds):
        (await connect(address, timeout=seconds, **given)).abort()


@contextmanager
def _said_here() -> Iterator[None]:
    """What happens to the connection is one sentence of ours, and no log of Dask's beside it."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class _OnCluster(Executor):
    def __init__(
        self, address: str, client: "Client", running: Callable[[], Mapping[str, int]], patience: float
    ) -> None:
        self._address = address
        self._theirs = client.get_executor(pure=False)
        self._running = running
        self._patience = patience
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._look_after, name="cluster", daemon=True).start()

    def submit(self, fn: Callable[..., _Answer], /, *args: Any, **kwargs: Any) -> Future[_Answer]:
        ours: Future[_Answer] = Future()
        ours.set_running_or_notify_cancel()
        try:
            theirs = self._theirs.submit(_as_here, bpsgraph.__version__, fn, *args, **kwargs)
        except Exception as error:
            raise ClusterLost(self._address, _GONE) from error
        with self._lock:
            self._waiting.add(ours)
        theirs.add_done_callback(partial(self._pass_on, ours))
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._over.set()
        # Where the scheduler is gone there is nothing to cancel any more.
        with suppress(Exception):
            self._theirs.shutdown(wait=wait and not cancel_futures)

    def _pass_on(self, ours: Future[Any], theirs: Future[Any]) -> None:
        from distributed import KilledWorker

        if theirs.cancelled():
            self._fail(ours, ClusterLost(self._address, _GONE))
            return
        error = theirs.exception()
        if isinstance(error, KilledWorker):
            self._fail(ours, BrokenExecutor(str(error)))
        elif isinstance(error, RuntimeError) and str(error).startswith(_NOT_THERE):
            self._fail(ours, VersionsDiffer(self._address, "bpsgraph", None, bpsgraph.__version__))
        elif error is not None:
            self._fail(ours, error)
        elif self._takes(ours):
            ours.set_result(theirs.result())

    def _fail(self, ours: Future[Any], error: BaseException) -> None:
        if self._takes(ours):
            ours.set_exception(error)

    def _takes(self, ours: Future[Any]) -> bool:
        with self._lock:
            there = ours in self._waiting
            self._waiting.discard(ours)
            return there

    def _look_after(self) -> None:
        """End what waits where nobody has been there to do it for too long."""
        well = time.monotonic()
        while not self._over.wait(min(_LOOKS, self._patience / 4)):
            try:
                problem = None if self._running() else "it has no workers that take work"
            except Exception:
                problem = "the scheduler gives no answer"
            if problem is None:
                well = time.monotonic()
            elif time.monotonic() - well > self._patience:
                for future in tuple(self._waiting):
                    self._fail(future, ClusterLost(self._address, f"{problem}, for {self._patience:g} s"))
                return


_GONE = "the scheduler is gone"
# What Dask says where the scheduler cannot import what is to be done.
_NOT_THERE = "Error during deserialization"


def _as_here(version: str, fn: Callable[..., _Answer], *args: Any, **kwargs: Any) -> _Answer:
    """In a worker, which may have come after the versions were compared."""
    if version != bpsgraph.__version__:
        raise VersionsDiffer(platform.node(), "bpsgraph", bpsgraph.__version__, version)
    found: _Answer = _thread().submit(_collected, fn, *args, **kwargs).result()
    return found


@cache
def _thread() -> Executor:
    """The one thread of a worker that judges: what the engine makes belongs to the thread it is made in."""
    return ThreadPoolExecutor(1, "judging")


def _collected(fn: Callable[..., _Answer], *args: Any, **kwargs: Any) -> _Answer:
    """What it returns; whatever it leaves behind is collected in its thread, and not in that of Dask."""
    gc.disable()
    try:
        return fn(*args, **kwargs)
    finally:
        gc.collect()
        gc.enable()


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, (TimeoutError, asyncio.CancelledError)):
        return "it took too long"
    return str(error).partition("\n")[0] or type(error).__name__
