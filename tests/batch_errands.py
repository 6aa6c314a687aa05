"""Jobs for the workers of the tests: what each does to its process is in the name of the submission."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.batch.outcome import Outcome
from bpsgraph.batch.survey import Piece
from bpsgraph.batch.workers import Hand


@dataclass(frozen=True)
class Errand:
    """Writes the number of its turns into `folder`, and answers with the name of the submission."""

    folder: Path
    pause: float = 0.0
    together: bool = False

    def prepare(self) -> None:
        if (self.folder / "no-start").exists():
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, pieces: Sequence[Piece], hand: Hand) -> list[Outcome]:
        outcomes = []
        for group in [pieces] if self.together else [[piece] for piece in pieces]:
            with hand(*group):
                outcomes += [self.run(piece) for piece in group]
        return outcomes

    def run(self, piece: Piece) -> Outcome:
        turns = self.folder / piece.file
        with turns.open("a") as file:
            file.write(".")
        time.sleep(self.pause)
        if "kills" in piece.file or ("once" in piece.file and turns.read_text() == "."):
            os.kill(os.getpid(), signal.SIGKILL)
        if "sleeps" in piece.file:
            (self.folder / f"{os.getpid()}.pid").touch()
            time.sleep(600)
        if "spins" in piece.file:
            # One call into C that never lets go of the interpreter.
            sum(iter(int, 1))
        outcome = Outcome(file=piece.file, key=piece.content)
        (self.folder / f"{piece.file}.kept").touch()
        return outcome

    def known(self, piece: Piece) -> Outcome | None:
        kept = (self.folder / f"{piece.file}.kept").exists()
        return Outcome(file=piece.file, key=piece.content) if kept else None

    def turns(self, file: str) -> int:
        return len((self.folder / file).read_text())


def confined() -> dict[str, object]:
    """In a worker: its network, its memory in bytes, and whether it may gain privileges."""
    import resource

    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return {
        "network": str(Path("/proc/self/ns/net").readlink()),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "privileges": status.partition("NoNewPrivs:")[2].split()[0],
    }


def pieces(*names: str) -> list[Piece]:
    return [Piece(name, Path(name), f"content of {name}") for name in names]


def codes(outcomes: list[Outcome]) -> dict[str, str | None]:
    found = {outcome.file: outcome.problem.code if outcome.problem else None for outcome in outcomes}
    assert len(found) == len(outcomes), "a submission was answered twice"
    return found


def fine(number: int) -> list[str]:
    return [f"{at:02}" for at in range(number)]
