"""Judging files wholly in a worker: reading, rules and reports of a file cannot harm whoever asked.

    with IsolatedJudge(store, sources, limits=Limits.of(settings)) as isolated:
        for item in isolated.judge(asked, [given("county.xlsx", limit)]): ...

The worker keeps what catalogues are compared with from one file to the next (`bpsgraph.validation.desk`).
"""

import importlib
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import (
    BpsError,
    InputError,
    JudgingFailed,
    OutOfMemory,
    QueryTimeout,
    TooComplex,
    TookTooLong,
    TooLarge,
    WorkerDied,
    WorkerFailed,
)
from bpsgraph.uploads.asked import Asked, Beside, Given
from bpsgraph.uploads.items import Item
from bpsgraph.uploads.judging import judge
from bpsgraph.uploads.wire import items_in, packed, unpacked, written
from bpsgraph.validation.desk import clear, desk_of

# Loaded before the first file comes, so that it does not wait for them.
_READERS_AND_WRITERS = (
    "ingest.table",
    "ingest.workbook",
    "ingest.delimited",
    "validation.report.html",
    "validation.report.table",
    "validation.report.text",
    "validation.report.workbook",
    "validation.report.annotated",
    "repair",
)


class IsolatedJudge:
    """Workers that judge files against a store, by the rules in a folder of sources.

    `library` is a folder of further saved queries, whose checks a profile may name.
    """

    def __init__(
        self, store: Path, sources: Path, *, library: Path | None = None, limits: Limits | None = None
    ) -> None:
        self.limits = limits or Limits()
        self._pool = Pool(
            "bpsgraph.uploads.isolation.judging",
            {"store": str(store.resolve()), "sources": str(sources.resolve())},
            readable=[store, sources / "shapes", sources / "queries", *([library] if library else [])],
            limits=limits,
        )

    def ready(self) -> dict[str, str]:
        """Wait until a worker stands ready; what its sandbox says of each of its parts."""
        return self._pool.ready()

    def processes(self) -> list[int]:
        """The numbers of the processes that there are."""
        return self._pool.processes()

    def busy(self) -> list[int]:
        """The numbers of the processes that have a job."""
        return self._pool.busy()

    def judge(
        self,
        asked: Asked,
        files: Iterable[Given],
        beside: Beside | None = None,
        *,
        timeout: float | None = None,
    ) -> Iterator[Item]:
        """What `judging.judge` says, from a worker; `timeout` is in seconds for each file.

        Raises what it raises, `PoolBusy`, and for a worker that was ended or died over a file `TookTooLong`,
        `TooLarge`, `WorkerDied` or `JudgingFailed`; of one file of several that is an item.
        """
        files = list(files)
        beside = beside or Beside()
        seconds = timeout or self.limits.timeout
        try:
            if len(files) == 1 and asked.alone:
                yield from self._run(asked, files, beside, seconds)
                return
            try:
                # Nothing is told before all is known, so that it can be tried again without a file at fault.
                items = list(self._run(asked, files, beside, seconds))
            except _EndedError:
                apart = [self._tried(asked, file, beside, seconds) for file in files]
                items = list(self._run(asked, apart, beside, seconds))
        except _EndedError as ended:
            raise ended.error from ended
        yield from items

    def _tried(self, asked: Asked, file: Given, beside: Beside, seconds: float) -> Given:
        """The file, or in the place of its bytes what a worker died of over it."""
        alone = replace(asked, alone=True, reports=(), annotated=None, suggest=None, apply=None)
        try:
            for _ in self._run(alone, [file], beside, seconds):
                pass
        except _EndedError as ended:
            return replace(file, content=ended.error)
        except BpsError:
            pass  # It is told when all are judged together.
        return file

    def _run(self, asked: Asked, files: list[Given], beside: Beside, seconds: float) -> Iterator[Item]:
        roles = {"context": beside.context, "profile": beside.profile, "patch": beside.patch}
        others = [(role, given) for role, given in roles.items() if given is not None]
        parts, payload = packed([*(("file", file) for file in files), *others])
        keys = [key for key, _ in asked.reports]
        keys += [key for key in ("annotated", "suggest", "apply") if getattr(asked, key) is not None]
        names = ", ".join(file.name for file in files)
        try:
            answer = self._pool.run(
                {"asked": asked.to_dict(), "parts": parts},
                payload,
                timeout=seconds * max(1, len(files)),
                what=f"judging {names}",
            )
            with closing(answer):
                yield from items_in(answer, keys)
        except QueryTimeout as error:
            raise _EndedError(TookTooLong(names, seconds, "the setting timeout")) from error
        except OutOfMemory as error:
            raise _EndedError(_too_large(names, self.limits.memory)) from error
        except TooComplex as error:
            raise _EndedError(WorkerDied(names)) from error
        except WorkerFailed as error:
            raise _EndedError(JudgingFailed(names, error.problem)) from error

    def close(self) -> None:
        """End the workers; closing twice is harmless."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _EndedError(Exception):
    """The worker did not survive the files, or did not finish; `error` says so of them."""

    def __init__(self, error: InputError) -> None:
        super().__init__(str(error))
        self.error = error


def _too_large(names: str, memory: int) -> TooLarge:
    return TooLarge(
        names,
        memory,
        what="judging it needs more than",
        unit="bytes of memory",
        cure="split the file, or raise the setting max_memory",
    )


class Reply(Protocol):
    """Where an answer goes; see `bpsgraph.engine.worker.Reply`."""

    def write(self, content: bytes) -> int:
        """Send some bytes; returns how many."""
        ...


def judging(store: str, sources: str) -> "Judging":
    """The job of a worker that judges against the store in that folder by the rules of these sources."""
    # openpyxl asks for the types of images, for which Python would read the tables of the system.
    mimetypes.knownfiles.clear()
    for name in _READERS_AND_WRITERS:
        importlib.import_module(f"bpsgraph.{name}")
    return Judging(Path(store), Path(sources))


class Judging:
    """Judges the files of one request after the other; the desk stays as it is while the store does."""

    def __init__(self, store: Path, sources: Path) -> None:
        self._store = store
        self._sources = sources
        desk_of(store, sources).validator.make_ready()

    def __call__(self, arguments: Mapping[str, Any], payload: bytes, reply: Reply) -> None:
        """Send the items, each as `wire.written` writes it; raises what `judge` raises."""
        parts = list(unpacked(arguments["parts"], payload))
        beside = Beside(**{role: given for role, given in parts if role != "file"})
        asked = replace(Asked.from_dict(arguments["asked"]), store=self._store, sources=self._sources)
        try:
            files = (given for role, given in parts if role == "file")
            for item in judge(asked, files, desk_of(self._store, self._sources), beside):
                reply.write(written(item))
        except BpsError:
            raise
        except BaseException:
            # Whatever it left half done is not to touch the next file.
            clear()
            raise
