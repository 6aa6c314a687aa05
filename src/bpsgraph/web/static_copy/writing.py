"""Writes a copy of the whole site: from what is known to be there to whatever that leads to.

What was written is recorded, so that an export that was cut short goes on where it stopped, and that of a
newer generation takes away the files that it does not have any more.
"""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from starlette.routing import Route

from bpsgraph.config import Settings
from bpsgraph.errors import BadParameter, UnwritableFile
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.publishing import sitemap
from bpsgraph.publishing.feeds import has_feed
from bpsgraph.terms import BASE
from bpsgraph.web.app import FAMILIES, routes_of
from bpsgraph.web.routes.discovery import sections
from bpsgraph.web.site import Site
from bpsgraph.web.static_copy import hosts
from bpsgraph.web.static_copy.addresses import DYNAMIC, NEEDS_SERVER, Copy, Target, document
from bpsgraph.web.static_copy.worker import Writer, Written

STATE = ".bpsgraph-export.json"
RECORD = ".bpsgraph-export.jsonl"
_BEFORE = ".bpsgraph-export.before.jsonl"
NOT_THERE = "/404"
_BATCH = 40
_LARGEST_CACHE = 1
Progress = Callable[[int, int], None]
"""Called with how many addresses are done, and of how many it is known that they are to be done."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: how many files, which links of pages lead to nothing, what it took away.

    `known` is how many of the files were there already from an export that was cut short.
    """

    files: int
    known: int
    missing: tuple[str, ...]
    removed: int


def export(
    folder: Path,
    settings: Settings,
    *,
    without: tuple[str, ...] = (),
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Exported:
    """Write the site over the store that the settings name into a folder, by so many processes.

    What lies below the paths in `without` is left out; links to it lead to the page that says so.

    Raises `BadParameter` where the folder holds something else, `UnwritableFile`, and what opening a store
    raises. What was written until then stays, and the next export goes on from there.
    """
    settings = replace(settings, cache_size=_LARGEST_CACHE)
    _refuse_others(folder)
    site = Site(settings)
    try:
        seeds = [seed for seed in _seeds(site) if not Copy(without=without).lacks(seed.path)]
        generation, public_url = site.generation(), settings.public_url
    finally:
        site.close()
    record = _Record(folder, {"generation": generation, "public_url": public_url, "without": list(without)})
    done = record.begin()
    known = len(done)
    seen = set(seeds) | {target for written in done for target in written.leads_to}
    seen |= {written.target for written in done}
    waiting = sorted(seen - {written.target for written in done})
    statuses = {written.target: written.status for written in done}
    with _writers(folder, settings, without, workers) as submit:
        running: set[Future[list[Written]]] = set()
        while waiting or running:
            while waiting and len(running) < 3 * workers:
                running.add(submit(waiting[:_BATCH]))
                del waiting[:_BATCH]
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                batch = future.result()
                record.add(batch)
                for written in batch:
                    statuses[written.target] = written.status
                    fresh = set(written.leads_to) - seen
                    seen |= fresh
                    waiting += sorted(fresh)
            progress(len(statuses), len(seen))
    _for_hosts(folder, settings, without)
    files, removed = record.end()
    missing = sorted(target.address for target, status in statuses.items() if status >= 400)
    return Exported(files, known, tuple(missing), removed)


def _seeds(site: Site) -> Iterator[Target]:
    """What is known to be there without a look at any page."""
    routes = [route for family in FAMILIES for route in routes_of(family) if isinstance(route, Route)]
    with site.snapshot() as snapshot:
        found = sitemap.things(snapshot.store)
        questions = [f"/queries/{query.name}" for query in snapshot.library.of_kind("query")]
    for path in (*sections(routes), *questions, *DYNAMIC, NEEDS_SERVER):
        yield Target(path)
        yield Target(path, "en")
    for path in ("/robots.txt", "/sitemap.xml", "/changes.atom", "/.well-known/void", "/dumps/SHA256SUMS"):
        yield Target(path)
    for iri in found:
        yield Target(document(iri))
        yield Target(document(iri), "en")
        for name in RDF_FORMATS:
            yield Target(document(iri, FORMATS[name].suffixes[0]))
        key = iri.removeprefix(BASE)
        if has_feed(key):
            yield Target(f"/feeds/{key}.atom")


def _for_hosts(folder: Path, settings: Settings, without: tuple[str, ...]) -> None:
    """What hosts are told, and the page of what is not there."""
    writer = Writer(folder, settings, without)
    try:
        [written] = writer.write([Target(NOT_THERE)])
        page = folder / written.file
        page.replace(folder / "404.html")
        with suppress(OSError):
            page.parent.rmdir()
    finally:
        writer.close()
    for name, text in hosts.files(settings.public_url).items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UnwritableFile(path, error.strerror or str(error)) from error


@contextmanager
def _writers(
    folder: Path, settings: Settings, without: tuple[str, ...], workers: int
) -> Iterator[Callable[[list[Target]], "Future[list[Written]]"]]:
    """What gives some targets to one of so many processes; a single one is this process."""
    if workers == 1:
        writer = Writer(folder, settings, without)

        def here(targets: list[Target]) -> "Future[list[Written]]":
            future: Future[list[Written]] = Future()
            future.set_result(writer.write(targets))
            return future

        try:
            yield here
        finally:
            writer.close()
        return
    # A process that is forked from one with threads may wait for ever.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        yield lambda targets: pool.submit(_write, folder, settings, without, targets)
    finally:
        pool.shutdown(cancel_futures=True)


def _write(
    folder: Path, settings: Settings, without: tuple[str, ...], targets: list[Target]
) -> list[Written]:
    return _writer(folder, settings, without).write(targets)


@cache
def _writer(folder: Path, settings: Settings, without: tuple[str, ...]) -> Writer:
    """The writer of this process, which ends with it."""
    return Writer(folder, settings, without)


def _refuse_others(folder: Path) -> None:
    try:
        if folder.exists() and not (folder / STATE).exists() and any(folder.iterdir()):
            raise BadParameter(
                str(folder),
                "the folder holds something else than an export",
                "name a new folder, or empty it",
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(folder, error.strerror or str(error)) from error


class _Record:
    """What an export has written, in files beside: `STATE` says of what, `RECORD` has a line per address."""

    def __init__(self, folder: Path, state: dict[str, Any]) -> None:
        self.folder = folder
        self.state = state

    def begin(self) -> list[Written]:
        """What is there already of this generation; what an older one left is remembered, to be cleared."""
        before = _json(self.folder / STATE)
        whole = bool(before.pop("whole", False))
        if before != self.state or whole:
            # The files of the one before, and of one between that was cut short, may all have to go.
            with suppress(FileNotFoundError):
                lines = (self.folder / RECORD).read_bytes()
                with (self.folder / _BEFORE).open("ab") as older:
                    older.write(lines)
            (self.folder / RECORD).write_bytes(b"")
        self._say(whole=False)
        return [written for written in self._lines(RECORD) if self._is_there(written)]

    def add(self, batch: Iterable[Written]) -> None:
        """Remember what was written."""
        with (self.folder / RECORD).open("a", encoding="utf-8") as file:
            for written in batch:
                leads_to = [astuple(one) for one in written.leads_to]
                said = [astuple(written.target), written.status, written.file, leads_to]
                file.write(json.dumps(said, ensure_ascii=False) + "\n")

    def end(self) -> tuple[int, int]:
        """How many files there are, and how many of an older export were taken away."""
        files = {written.file for written in self._lines(RECORD) if written.file}
        removed = 0
        for written in self._lines(_BEFORE):
            if written.file and written.file not in files:
                path = self.folder / written.file
                if path.is_file():
                    path.unlink()
                    removed += 1
                    with suppress(OSError):
                        os.removedirs(path.parent)
        (self.folder / _BEFORE).unlink(missing_ok=True)
        self._say(whole=True)
        return len(files), removed

    def _say(self, *, whole: bool) -> None:
        text = json.dumps({**self.state, "whole": whole}, indent=2, sort_keys=True) + "\n"
        (self.folder / STATE).write_text(text, encoding="utf-8")

    def _is_there(self, written: Written) -> bool:
        return not written.file or (self.folder / written.file).is_file()

    def _lines(self, name: str) -> Iterator[Written]:
        try:
            lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                target, status, file, leads_to = json.loads(line)
            except ValueError:
                continue  # Half a line, from an export that was cut short.
            yield Written(Target(*target), status, file, tuple(Target(*one) for one in leads_to))


def _json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
