"""The one writer of a store: its lock, its working copy, and how a new generation is published.

The order in which files reach the disk is what makes a crash harmless: the generation with its manifest, its
name, and then the marker, which alone says that it holds.
"""

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import pyoxigraph as ox

from bpsgraph.errors import BadParameter, BpsError, StoreDamaged, StoreIsReplica, UnwritableFile
from bpsgraph.store import needs
from bpsgraph.store.failures import translated
from bpsgraph.store.generations import OWN, WRITING, Generations, followed
from bpsgraph.store.locking import WriterLock, make_durable
from bpsgraph.store.manifest import EXTRACT, MANIFEST, STAMPS, TABLE, Manifest, hash_of
from bpsgraph.store.marker import MARKER, Marker

# What RocksDB keeps for itself: a lock, and a log in words.
_NOT_KEPT = re.compile(r"LOCK|LOG(\.old\..*)?")
# The files of a store of format 1, which lay in the folder of the store itself.
_FLAT = re.compile(
    r"[0-9]+\.(sst|log)|CURRENT|IDENTITY|LOCK|LOG(\.old\..*)?|(MANIFEST|OPTIONS)-[0-9]+(\.dbtmp)?"
    r"|.*\.nt(\.new)?"
)


class Writer:
    """The one who may change a store, as long as the lock is held; `begin` makes it, `end` lets go."""

    def __init__(self, store: Path, lock: WriterLock, *, is_new: bool = False) -> None:
        self.store = store
        self.generations = Generations(store)
        self.working = self.generations.root / WRITING
        self._lock = lock
        self._is_new = is_new
        self._before: tuple[Path, Manifest] | None = None

    @property
    def folder(self) -> Path | None:
        """The generation that the working copy is drawn from, or that was published from it last."""
        return self._before[0] if self._before else None

    @classmethod
    def begin(cls, store: Path, wait: float) -> Self:
        """The writer of a folder that is there, after what a crash has left is cleared away.

        Raises `StoreBusy` where another still writes after `wait` seconds, `StoreIsReplica`, and
        `StoreUnavailable`.
        """
        needs.check(store)
        if source := followed(store):
            raise StoreIsReplica(store, source)
        lock = WriterLock.take(store, wait)
        writer = cls(store, lock)
        try:
            with translated(store):
                writer.generations.root.mkdir(exist_ok=True)
                writer.generations.clear()
                with suppress(BpsError):
                    # Without a marker nothing is known to be superfluous.
                    writer.generations.prune(Marker.read(store).generation)
        except BaseException:
            lock.release()
            raise
        return writer

    @classmethod
    def begin_anew(cls, store: Path, wait: float) -> Self:
        """The writer of a folder that is a store of any format, is empty, or is not there and is made.

        Raises `BadParameter` where it holds something else, `UnwritableFile` where it cannot be made, and
        what `begin` raises.
        """
        try:
            is_new = not (store / MARKER).is_file()
            others = {path.name for path in store.iterdir()} - OWN if is_new and store.exists() else set()
            if others:
                raise BadParameter(
                    str(store),
                    "this holds something else than a store",
                    "name a new or empty folder with --store",
                )
            store.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnwritableFile(store, error.strerror or str(error)) from error
        writer = cls.begin(store, wait)
        writer._is_new = is_new
        return writer

    def read(self, folder: Path, manifest: Manifest) -> ox.Store:
        """The generation that is to be changed, only read until `copy` is asked for."""
        self._before = (folder, manifest)
        return ox.Store.read_only(str(folder))

    def copy(self) -> ox.Store:
        """A working copy of that generation, to be changed: tables are linked, for they never change.

        As long as it is open the engine puts its tables in order, which is work for nothing where it is
        closed before that is done: so it is made late. Raises `StoreDamaged` where a file that is copied is
        not what was written, and what the engine raises.
        """
        assert self._before is not None
        folder, manifest = self._before
        self.working.mkdir()
        try:
            for name, (_, digest) in manifest.files.items():
                if name.endswith(EXTRACT):
                    continue
                source, target = folder / name, self.working / name
                if not (name.endswith(TABLE) and _linked(source, target)):
                    shutil.copyfile(source, target)
                    if hash_of(target) != digest:
                        raise StoreDamaged(self.store, f"{folder.name}/{name} is not what was written")
            return ox.Store(self.working)
        except BaseException:
            shutil.rmtree(self.working, ignore_errors=True)
            raise

    def copy_flat(self, folder: Path) -> ox.Store:
        """A working copy of the files of a store of format 1."""
        self.working.mkdir()
        for source in folder.iterdir():
            name = source.name
            if _FLAT.fullmatch(name) and not _NOT_KEPT.fullmatch(name) and EXTRACT not in name:
                target = self.working / name
                if not (name.endswith(TABLE) and _linked(source, target)):
                    shutil.copyfile(source, target)
        return ox.Store(self.working)

    def empty(self) -> ox.Store:
        """A working copy without any triple."""
        self.working.mkdir()
        return ox.Store(self.working)

    def publish(self, inner: ox.Store, marker: Marker, extracts: Mapping[str, bytes | None]) -> Marker:
        """Make the working copy the newest generation, with this marker, and return the marker as written.

        Of the extracts of the generation before, those that are named here are left out or, where bytes are
        given, replaced. When this returns, all of it is on the disk. Raises what the engine raises; the store
        is then as before, unless the new marker could be put in its place and not be waited for.
        """
        number = max([*self.generations.numbers(), marker.generation]) + 1
        draft, folder = self.generations.draft(number), self.generations.folder(number)
        try:
            inner.flush()
            self._snapshot(inner, draft)
            self._keep(draft, extracts)
            manifest, new = Manifest.of(draft, self._before)
            (draft / MANIFEST).write_bytes(manifest.to_bytes())
            manifest.write_stamps(draft)
            # The engine has waited for the tables, before it named them in its own list.
            unsure = [path for path in new if not path.name.endswith(TABLE)]
            for path in (*unsure, draft / MANIFEST, draft / STAMPS, draft):
                make_durable(path)
            draft.rename(folder)
            make_durable(self.generations.root)
            published = replace(marker, generation=number, manifest=manifest.hash())
            published.write(self.store)
        except BaseException:
            for left in (draft, draft.with_name(draft.name + ".tmp")):
                shutil.rmtree(left, ignore_errors=True)
            if not self._names(number):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._is_new = False
        self._before = (folder, manifest)
        with suppress(OSError):
            self.generations.prune(number)
            self._forget_flat()
        return published

    def adopt(self, folder: Path, manifest: Manifest, marker: Marker) -> Marker:
        """Copy a generation from elsewhere and make it the newest, with this marker; gives it as written.

        Raises `StoreDamaged` where a file of it is not what its manifest says, and `OSError`; the store is
        then as `publish` leaves it.
        """
        numbers = self.generations.numbers()
        with suppress(BpsError):
            numbers.append(Marker.read(self.store).generation)
        number = max([*numbers, marker.generation]) + 1
        draft, target = self.generations.draft(number), self.generations.folder(number)
        try:
            draft.mkdir()
            for name, (_, digest) in manifest.files.items():
                shutil.copyfile(folder / name, draft / name)
                if hash_of(draft / name) != digest:
                    raise StoreDamaged(folder, f"{name} is not what was written")
            (draft / MANIFEST).write_bytes(manifest.to_bytes())
            manifest.write_stamps(draft)
            for path in (*draft.iterdir(), draft):
                make_durable(path)
            draft.rename(target)
            make_durable(self.generations.root)
            published = replace(marker, generation=number)
            published.write(self.store)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            if not self._names(number):
                shutil.rmtree(target, ignore_errors=True)
            raise
        self._is_new = False
        with suppress(OSError):
            self.generations.prune(number)
            self._forget_flat()
        return published

    def end(self) -> None:
        """Take the working copy away and let go of the lock; again is harmless."""
        if self._lock.is_held:
            shutil.rmtree(self.working, ignore_errors=True)
            forget = self._is_new and not (self.store / MARKER).exists()
            if forget:
                with suppress(OSError):
                    self.generations.prune(None)
                    self.generations.root.rmdir()
            self._lock.release(forget=forget)
            if forget:
                with suppress(OSError):
                    self.store.rmdir()

    def _forget_flat(self) -> None:
        last = self.store / "CURRENT"
        if last.exists():
            for path in self.store.iterdir():
                if _FLAT.fullmatch(path.name) and path != last:
                    path.unlink()
            last.unlink()

    def _names(self, number: int) -> bool:
        try:
            return Marker.read(self.store).generation == number
        except BpsError:
            return False

    def _snapshot(self, inner: ox.Store, draft: Path) -> None:
        second = self.working / "CURRENT.linked"
        if _linked(self.working / "CURRENT", second):
            second.unlink()
            inner.backup(draft)
        else:
            # Copying the files of an open database is not safe without links.
            draft.mkdir()
            copy = ox.Store(draft)
            copy.bulk_extend(inner)
            copy.flush()
            del copy
        for path in draft.iterdir():
            if _NOT_KEPT.fullmatch(path.name):
                path.unlink()

    def _keep(self, draft: Path, extracts: Mapping[str, bytes | None]) -> None:
        folder, before = self._before or (self.working, Manifest({}))
        for name, (_, digest) in before.files.items():
            if not name.endswith(EXTRACT) or name.removesuffix(EXTRACT) in extracts:
                continue
            target = draft / name
            if not _linked(folder / name, target):
                shutil.copyfile(folder / name, target)
                if hash_of(target) != digest:
                    target.unlink()
        for name, kept in extracts.items():
            if kept is not None:
                (draft / (name + EXTRACT)).write_bytes(kept)


def _linked(source: Path, target: Path) -> bool:
    """Whether the file has a second name now; some file systems know no such thing."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True
