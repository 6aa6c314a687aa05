"""A Dask cluster of real processes on this machine: a scheduler, and nodes of a nanny with its worker each."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
SOURCES = [str(Path(__file__).resolve().parents[1] / "src"), str(Path(__file__).resolve().parent)]


class DaskCluster:
    """What `dask scheduler` and `dask worker` start, each with its log, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schedulers = 0
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.nodes: list[subprocess.Popen[bytes]] = []
        folder.mkdir()

    @property
    def _file(self) -> Path:
        return self.folder / f"scheduler-{self.schedulers}.json"

    def begin(self, nodes: int = 2, workers: int = 1) -> "DaskCluster":
        """Start a scheduler and so many nodes with so many workers each; nobody waits for them yet."""
        self.schedulers += 1
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show")
        for _ in range(nodes):
            self.add_node(workers)
        return self

    def add_node(self, workers: int = 1) -> None:
        """Start a process with the nannies of so many workers of one thread each."""
        place = str(self.folder / f"node-{len(self.nodes)}")
        size = ("--nworkers", str(workers), "--nthreads", "1")
        self.nodes.append(self._start("worker", *size, "--host", "127.0.0.1", "--local-directory", place))

    def address(self) -> str:
        """Where the scheduler answers, once it does."""
        return str(json.loads(soon(self._file.read_text))["address"])

    def worker_of(self, node: subprocess.Popen[bytes]) -> int:
        """The process of a worker that a nanny looks after, once there is one."""
        return soon(lambda: next(iter(_children(node.pid)), 0))

    def kill_worker(self, number: int) -> None:
        os.kill(self.worker_of(self.nodes[number]), signal.SIGKILL)

    def kill_node(self, number: int) -> None:
        """The nanny first, which would start another worker."""
        node = self.nodes[number]
        worker = self.worker_of(node)
        node.kill()
        os.kill(worker, signal.SIGKILL)
        node.wait()

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def processes(self) -> list[int]:
        """Scheduler, nannies and workers."""
        started = [one.pid for one in (self.scheduler, *self.nodes) if one is not None]
        return [*started, *(child for node in self.nodes for child in _children(node.pid))]

    def log(self) -> str:
        """All that its processes wrote."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        processes = [one for one in (*self.nodes, self.scheduler) if one is not None]
        workers = [child for node in self.nodes for child in _children(node.pid)]
        for process in processes:
            process.kill()
            process.wait()
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    def _start(self, what: str, *options: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *options]
        with (self.folder / f"{what}-{self.schedulers}-{len(self.nodes)}.log").open("wb") as log:
            return subprocess.Popen(
                [*command, "--scheduler-file", self._file],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(SOURCES)},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@contextmanager
def dask_cluster(folder: Path, nodes: int = 2, workers: int = 1) -> Iterator[DaskCluster]:
    """A cluster that is at hand within the block."""
    found = DaskCluster(folder)
    try:
        yield found.begin(nodes, workers)
    finally:
        found.end()


def _children(process: int) -> list[int]:
    """The workers among the children of a nanny, the others of which look after its semaphores."""
    found = []
    with suppress(OSError):
        # Whichever of its threads started them.
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            for child in children.read_text().split():
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def soon(ask: Callable[[], Answer], patience: float = 240.0) -> Answer:
    """The answer, once there is one."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(OSError, ValueError):
            if answer := ask():
                return answer
        time.sleep(0.05)
    raise AssertionError("it did not come")
