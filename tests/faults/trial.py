"""What every trial needs: processes that may die at any moment, commands with their answer, and figures.

Children are forked from a process that has read the code, the queries and the shapes, and has never opened a
store: a fork must not inherit one. So each child is a process like any other that is ready at once.
"""

import atexit
import json
import os
import selectors
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

Say = Callable[[str], None]
Job = Callable[[Say], object]


@dataclass
class Figure:
    """What was tried, with which seed, and what was not as it should be."""

    fault: str
    seed: int
    wanted: str
    tried: int = 0
    held: int = 0
    seen: dict[str, Any] = field(default_factory=dict)
    worst: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def trial(self, what: str, problems: list[str]) -> None:
        """Count one trial, which holds where there are no problems."""
        self.tried += 1
        if problems:
            self.failures.append(f"{what}: {'; '.join(problems)}")
            print(f"  {self.fault} {self.failures[-1]}", file=sys.stderr, flush=True)
        else:
            self.held += 1

    def count(self, name: str, more: int = 1) -> None:
        """Count something that was seen on the way."""
        self.seen[name] = self.seen.get(name, 0) + more

    def most(self, name: str, value: float) -> None:
        """Keep the largest value of something that was measured."""
        self.worst[name] = max(self.worst.get(name, 0.0), round(value, 3))

    def add(self, part: "Figure") -> None:
        """Put in what was seen of a part."""
        self.tried += part.tried
        self.held += part.held
        self.failures += part.failures
        for name, number in part.seen.items():
            self.count(name, number)
        for name, value in part.worst.items():
            self.most(name, value)

    @property
    def whole(self) -> bool:
        return self.tried > 0 and self.held == self.tried

    def as_json(self) -> str:
        """One line with all of it."""
        said = {
            "fault": self.fault,
            "seed": self.seed,
            "tried": self.tried,
            "held": self.held,
            **self.seen,
            **self.worst,
            "failures": self.failures[:20],
            "seconds": round(self.seconds, 1),
        }
        return json.dumps(said, ensure_ascii=False)

    def as_words(self) -> str:
        """One sentence for people."""
        seen = ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in (self.seen | self.worst).items()
        )
        return (
            f"{self.fault}: {self.held:,} of {self.tried:,} {self.wanted}"
            f"{f' ({seen})' if seen else ''}; seed {self.seed}, {self.seconds:.0f} s"
        )


class Child:
    """A job in a process of its own that says lines while it runs."""

    def __init__(self, job: Job) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(self._reading)
                job(lambda line: _write_all(writing, line.encode() + b"\n"))
                code = 0
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(code)
        os.close(writing)
        self._rest = b""
        self._ended = False
        self._status: int | None = None

    def lines(self, until: float | None = None) -> Iterator[str]:
        """What it says, as it comes, until it ends or `time.monotonic()` is `until`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reading, selectors.EVENT_READ)
            while True:
                while b"\n" in self._rest:
                    line, _, self._rest = self._rest.partition(b"\n")
                    yield line.decode()
                if self._ended:
                    return
                left = None if until is None else until - time.monotonic()
                if (left is not None and left <= 0) or not selector.select(left):
                    return
                data = os.read(self._reading, 65_536)
                self._ended = not data
                self._rest += data

    def kill(self, how: int = signal.SIGKILL) -> None:
        """Send it a signal, unless it has ended."""
        if self._status is None:
            os.kill(self.pid, how)

    def wait(self) -> int:
        """Its exit code; below zero is the signal that it died of."""
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1]
            os.close(self._reading)
        return os.waitstatus_to_exitcode(self._status)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def apart(job: Callable[[], Any]) -> Any:
    """What a job gives that runs in a process of its own, passed on as JSON; raises where it failed."""
    child = Child(lambda say: say(json.dumps(job())))
    said = list(child.lines())
    code = child.wait()
    if code or not said:
        raise RuntimeError(f"the job ended with {code}")
    return json.loads(said[-1])


def side_by_side(figure: Figure, parts: Sequence[Callable[[Figure], None]]) -> None:
    """Run the parts of a trial at once, each in a process of its own, and put what they saw together."""

    def job(part: Callable[[Figure], None], say: Say) -> None:
        mine = Figure(figure.fault, figure.seed, figure.wanted)
        part(mine)
        say(json.dumps(asdict(mine)))

    children = [Child(partial(job, part)) for part in parts]
    for number, child in enumerate(children):
        said = list(child.lines())
        if child.wait() or not said:
            figure.trial(f"part {number}", ["it ended without a word"])
        else:
            figure.add(Figure(**json.loads(said[-1])))


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """What no command may do, whatever happens to it."""
        if "Traceback" in self.err:
            return [f"a traceback: {self.err.strip().splitlines()[-1]}"]
        return (
            [] if self.code in (0, 1, 2, 3, 130, 141) else [f"it ended with {self.code}: {self.err[-300:]}"]
        )


def bpsgraph(
    *arguments: str | Path,
    places: Mapping[str, object],
    before: Callable[[], None] = lambda: None,
) -> Answer:
    """Run a command of bpsgraph in a child; `before` runs in it first, to set limits for example.

    Only settings among `places` are handed on, so that those of whoever runs this do not count.
    """
    folder = Path(mkdtemp(prefix="answer-"))
    folder.chmod(0o777)

    def job(say: Say) -> None:
        from bpsgraph.cli import main

        for name in [name for name in os.environ if name.startswith("BPSGRAPH_")]:
            del os.environ[name]
        os.environ.update({f"BPSGRAPH_{name.upper()}": str(value) for name, value in places.items()})
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o666), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        before()
        code = main([str(argument) for argument in arguments])
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    try:
        child = Child(job)
        list(child.lines())
        code = child.wait()
        out, err = ((folder / name) for name in ("out", "err"))
        return Answer(code, *(f.read_text(encoding="utf-8") if f.exists() else "" for f in (out, err)))
    finally:
        shutil.rmtree(folder)


def processes_of(marker: str) -> set[int]:
    """The processes alive whose environment or command line holds these words: who began them is found so."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if marker.encode() in said and state != "Z":
                found.add(int(entry.name))
    return found
