"""SPARQL servers that tests start: Oxigraph from its package, Virtuoso from Debian's where it is there."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.asking import free_port, virtuoso_settings

_UNPACKED = Path(__file__).resolve().parent.parent / "build" / "virtuoso"
_LIBRARIES = (
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib/aarch64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
)


@contextmanager
def oxigraph(*options: str) -> Iterator[str]:
    """The URL of an Oxigraph server with an empty store in memory."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the package oxigraph is not installed")
    port = free_port()
    with _started([program, "serve", "--bind", f"127.0.0.1:{port}", *options], port):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def virtuoso(folder: Path, rows: int = 1_000_000) -> Iterator[str]:
    """The URL of a Virtuoso server with an empty store; its user is dba with the password dba.

    Skips where there is none: `make remote-test` fetches Debian's.
    """
    program = shutil.which("virtuoso-t") or shutil.which("virtuoso-t", path=_UNPACKED / "usr" / "bin")
    if program is None:
        pytest.skip("Virtuoso is not here: `make remote-test` fetches Debian's, where that can be installed")
    sql, http = free_port(), free_port()
    settings = virtuoso_settings(
        sql,
        http,
        Database={"FileExtend": 200, "MaxCheckpointRemap": 2000},
        TempDatabase={"MaxCheckpointRemap": 2000},
        Parameters={"ServerThreads": 20, "NumberOfBuffers": 20_000, "MaxDirtyBuffers": 15_000},
        HTTPServer={"ServerThreads": 10},
        SPARQL={"ResultSetMaxRows": rows, "MaxQueryExecutionTime": 60},
    )
    (folder / "virtuoso.ini").write_text(settings)
    libraries = os.pathsep.join(str(_UNPACKED / name) for name in _LIBRARIES)
    with _started(
        [program, "+foreground", "+configfile", "virtuoso.ini"], http, folder, LD_LIBRARY_PATH=libraries
    ):
        yield f"http://127.0.0.1:{http}/sparql"


@contextmanager
def _started(
    command: Sequence[str | Path], port: int, folder: Path | None = None, **environment: str
) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ends = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > ends:
                pytest.fail(f"{command[0]} did not start")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
