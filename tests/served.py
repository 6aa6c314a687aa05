"""`bpsgraph serve` as people run it: a process of its own, listening at a port that is free."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_ADDRESS = re.compile(r"http://([^/:]+):(\d+)/ ")


@dataclass(frozen=True)
class Served:
    """A server: where it listens, and the lines that it wrote to standard error so far."""

    process: "subprocess.Popen[str]"
    host: str
    port: int
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the site is, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def connected(self, timeout: float = 15) -> socket.socket:
        """A connection to it."""
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def memory(self) -> int:
        """The memory that it holds, in bytes (proc(5), VmRSS)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ValueError("the system does not tell the memory of a process")


@contextmanager
def served(
    store: Path, *options: str | Path, program: str | None = None, **settings: str
) -> Iterator[Served]:
    """The site over the store, for as long as the `with` lasts.

    `program` is Python to run as `bpsgraph`; `settings` are variables of the environment.
    """
    command = ["-m", "bpsgraph"] if program is None else ["-c", program]
    with started([*command, "serve", "--port", "0", "--store", store, *options], **settings) as server:
        yield server


@contextmanager
def started(arguments: Sequence[str | Path], **environment: str) -> Iterator[Served]:
    """A server that is a program of Python and says first where it listens."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | environment,
    )
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        found = _ADDRESS.match(first)
        if found is None:
            raise RuntimeError(f"the server did not begin: {first}{process.stderr.read()}")
        server = Served(process, found[1], int(found[2]), [first])
        # A pipe that nobody reads fills, and then the server would wait.
        reader = threading.Thread(target=lambda: server.said.extend(process.stderr or ()), daemon=True)
        reader.start()
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stderr.close()
