"""Kills a real process at every step of an acceptance, and says what the next process finds.

Run as a program, with the folder of a store without journal, that of its sources, and a folder to work in; it
prints one line of JSON for each step. It never opens a store itself, because a fork must not inherit one.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bpsgraph.acceptance import Accepted, Register
from bpsgraph.ingest import read
from bpsgraph.library import Library
from bpsgraph.results import Report
from bpsgraph.sources import Sources
from bpsgraph.store import EmbeddedStore, Store, open_store
from bpsgraph.store.generations import Generations
from bpsgraph.store.journal import Journal
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from small_world import COUNTY, LOCAL, NOON

STEPS = (
    (os, "fsync"),
    (Path, "replace"),
    (Path, "rename"),
    (EmbeddedStore, "replace_graphs"),
    (EmbeddedStore, "commit"),
)


def main() -> None:
    pristine, sources, work = Path(sys.argv[1]), Sources(Path(sys.argv[2])), Path(sys.argv[3])
    library, shapes = Library(sources.root / "queries"), ShapesGraph.read(sources.shapes())
    submission = read(LOCAL / COUNTY)

    def judge(store: Store) -> Report:
        return validate_submission(submission, store, library, shapes, as_of=NOON.date(), today=date.today())

    def accept(folder: Path) -> None:
        done = Register(folder / "store", library).accept(submission, judge, by="王芳", at=NOON)
        assert isinstance(done, Accepted)
        (folder / "acknowledged").write_text(str(done.entry))

    def fresh(name: str) -> Path:
        shutil.copytree(pristine, work / name / "store")
        return work / name

    def passing(folder: Path, fatal: int) -> None:
        seen = 0

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any, **named: Any) -> Any:
                nonlocal seen
                for moment in ("before", "after"):
                    seen += 1
                    if seen == fatal:
                        os.kill(os.getpid(), signal.SIGKILL)
                    if moment == "before":
                        answer = function(*arguments, **named)
                return answer

            return step

        for owner, name in STEPS:
            setattr(owner, name, counted(getattr(owner, name)))
        accept(folder)
        (folder / "steps").write_text(str(seen))

    whole = fresh("whole")
    before = in_a_child(whole, lambda: state(whole))
    assert in_a_child(whole, lambda: passing(whole, 0)) is None
    after = in_a_child(whole, lambda: state(whole))
    for fatal in range(1, int((whole / "steps").read_text()) + 1):
        folder = fresh(str(fatal))
        killed = in_a_child(folder, lambda folder=folder, fatal=fatal: passing(folder, fatal))  # type: ignore[misc]
        acknowledged = (folder / "acknowledged").exists()
        found = in_a_child(folder, lambda folder=folder: state(folder))  # type: ignore[misc]
        problems = Journal(folder / "store.journal").problems()
        again = in_a_child(folder, lambda folder=folder: accept(folder))  # type: ignore[misc]
        mended = in_a_child(folder, lambda folder=folder: state(folder))  # type: ignore[misc]
        said = {
            "killed": killed == "killed",
            "acknowledged": acknowledged,
            "found": {before: "before", after: "after"}.get(found, "half"),
            "problems": problems,
            "again": again,
            "entry": (folder / "acknowledged").read_text(),
            "mended": mended == after,
            "store": [
                *Generations(folder / "store").problems(),
                *Generations(folder / "store").left_behind(),
            ],
            "files": sorted(file.name[:6] for file in (folder / "store.journal").iterdir()),
        }
        print(json.dumps(said), flush=True)
        shutil.rmtree(folder)


def in_a_child(folder: Path, job: Callable[[], str | None]) -> str | None:
    """What the job gives in a process of its own; `killed` where that was killed."""
    answer = folder / "answer"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer.write_text(job() or "")
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return "killed"
    assert os.WEXITSTATUS(status) == 0, "see the traceback above"
    return answer.read_text() or None


def state(folder: Path) -> str:
    """One hash of all graphs."""
    with open_store(folder / "store") as store:
        lines = [f"{graph} {store.graph(graph).content_hash()}\n" for graph in store.graphs()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    main()
