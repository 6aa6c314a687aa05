"""Backups: one state of a store with its journal, in a folder of its own with the hash of every file.

```
backup/
  manifest.json                    format, entry, and size and SHA-256 of every other file
  store/bpsgraph.json              the marker
  store/generations/000007/        the generation that it names
  store/entries/                   the copies of the entries
  journal/                         the entries
```

The files are copies, never links, so that a backup shares no block of the disk with the store.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bpsgraph.errors import (
    BackupDamaged,
    BadParameter,
    BpsError,
    StoreDamaged,
    StoreUnavailable,
    UnwritableFile,
)
from bpsgraph.store import locking
from bpsgraph.store.copies import ENTRIES, packed
from bpsgraph.store.generations import GENERATIONS, Generations
from bpsgraph.store.journal import Entry, Journal
from bpsgraph.store.locking import lock, make_durable, unlock
from bpsgraph.store.manifest import MANIFEST, Manifest, hash_of
from bpsgraph.store.marker import MARKER, Marker

FORMAT = 1
_PATH = re.compile(
    rf"store/{re.escape(MARKER)}|store/{GENERATIONS}/[0-9]{{6,}}/[^/\\]+|store/{ENTRIES}/[^/\\.][^/\\]*"
    r"|journal/[^/\\.][^/\\]*"
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a backup says of itself: the newest entry, and size and `sha256:` hash of each file by path."""

    entry: int
    entry_hash: str
    files: dict[str, tuple[int, str]]

    def to_bytes(self) -> bytes:
        """The one way in which the manifest is written, with a checksum over the rest."""
        said: dict[str, Any] = {
            "format": FORMAT,
            "entry": self.entry,
            "entry_hash": self.entry_hash,
            "files": {path: {"sha256": digest, "size": size} for path, (size, digest) in self.files.items()},
        }
        return _text(said | {"checksum": "sha256:" + hashlib.sha256(_text(said)).hexdigest()})

    def hash(self) -> str:
        """`sha256:` with the hash of the manifest, which is another for every other state."""
        return "sha256:" + hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def size(self) -> int:
        """The size of all files in bytes, without the manifest."""
        return sum(size for size, _ in self.files.values())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a backup; raises `BackupDamaged` unless it is whole and of this format."""
        try:
            data = (folder / MANIFEST).read_bytes()
            said = json.loads(data)
            if type(said["format"]) is not int:
                raise ValueError
            if said["format"] > FORMAT:
                raise BackupDamaged(
                    folder,
                    f"it is of format {said['format']}, and this version reads format {FORMAT}",
                    "install a newer version of bpsgraph",
                )
            inventory = cls(
                entry=said["entry"],
                entry_hash=said["entry_hash"],
                files={path: (file["size"], file["sha256"]) for path, file in said["files"].items()},
            )
        except FileNotFoundError:
            raise BackupDamaged(folder, f"its {MANIFEST} is missing") from None
        except OSError as error:
            raise StoreUnavailable(folder, error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BackupDamaged(folder, f"its {MANIFEST} cannot be read") from error
        if inventory.to_bytes() != data:
            raise BackupDamaged(folder, f"its {MANIFEST} is not what was written")
        return inventory


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup every byte of which was found to be as it was written."""

    folder: Path
    inventory: Inventory
    marker: Marker
    generation: Path
    manifest: Manifest
    entries: tuple[Entry, ...]


def back_up(store: Path, journal: Journal, target: Path) -> Inventory:
    """Copy the newest state of the store, and its journal, into a folder that is not there yet.

    Readers and the writer go on. The folder gets its name when all is on the disk, and is not there where
    this fails. Raises `BadParameter` where something is in its place, `UnwritableFile`, `StoreDamaged` and
    `JournalDamaged` where what is to be copied is not what was written, and what opening a store raises.
    """
    target = target.absolute()
    if (target.is_dir() and any(target.iterdir())) or (target.exists() and not target.is_dir()):
        raise BadParameter(str(target), "there is something in its place", "name a new folder")
    with _draft(target) as draft:
        held = Generations(store).hold_newest()
        try:
            entries = _entries(journal, held.marker)
            files: dict[str, tuple[int, str]] = {}

            def put(path: str, data: bytes) -> None:
                file = draft / path
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("xb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                files[path] = (len(data), _hash(data))

            number = f"store/{GENERATIONS}/{held.folder.name}"
            for name, (_, digest) in sorted(held.manifest.files.items()):
                data = _read(held.folder / name, store)
                if _hash(data) != digest:
                    raise StoreDamaged(store, f"{held.folder.name}/{name} is not what was written")
                put(f"{number}/{name}", data)
            put(f"{number}/{MANIFEST}", held.manifest.to_bytes())
            put(f"store/{MARKER}", held.marker.to_bytes())
        finally:
            locking.unlock(held.lock)
        for entry in entries:
            data = journal.bytes_of(entry)
            put(f"journal/{entry.path.name}", data)
            put(f"store/{ENTRIES}/{entry.path.name}.gz", packed(data))
        last = entries[-1] if entries else Entry(0, "", journal.folder)
        inventory = Inventory(last.number, last.hash, dict(sorted(files.items())))
        with (draft / MANIFEST).open("xb") as stream:
            stream.write(inventory.to_bytes())
            stream.flush()
            os.fsync(stream.fileno())
        for folder in sorted((path for path in draft.rglob("*") if path.is_dir()), reverse=True):
            make_durable(folder)
        make_durable(draft)
        draft.rename(target)
        make_durable(target.parent)
    return inventory


def checked(folder: Path) -> Backup:
    """The backup in a folder, after every byte of it is read and compared with its manifest.

    Raises `BackupDamaged` for what is missing, changed or not of it, and for one of another format.
    """
    if not folder.is_dir():
        raise BackupDamaged(folder, "there is no such folder")
    inventory = Inventory.read(folder)
    try:
        there = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
        del there[MANIFEST]
        for name, (size, digest) in inventory.files.items():
            path = there.pop(name, None)
            if not _PATH.fullmatch(name):
                raise BackupDamaged(folder, f"{name!r} is no file of a backup")
            if path is None:
                raise BackupDamaged(folder, f"{name} is missing")
            if path.is_symlink() or not path.is_file():
                raise BackupDamaged(folder, f"{name} is no file")
            if path.stat().st_size != size or hash_of(path) != digest:
                raise BackupDamaged(folder, f"{name} is not what was written")
        if there:
            raise BackupDamaged(folder, f"{min(there)!r} is not in its {MANIFEST}")
        marker = Marker.read(folder / "store")
        generation = Generations(folder / "store").folder(marker.generation)
        manifest = Manifest.read(generation, marker.manifest)
        journal = Journal(folder / "journal")
        problems = journal.problems() + manifest.problems(generation)
        if problems:
            raise BackupDamaged(folder, problems[0])
        journal.goes_beyond(marker.entry, marker.entry_hash)
    except FileNotFoundError as error:
        raise BackupDamaged(folder, "a file of it is missing") from error
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
    except BackupDamaged:
        raise
    except BpsError as error:
        raise BackupDamaged(folder, error.problem) from error
    return Backup(folder, inventory, marker, generation, manifest, journal.entries())


def _entries(journal: Journal, marker: Marker) -> tuple[Entry, ...]:
    """The entries that the store holds, and those after them that stand, since nobody is writing.

    What a writer has begun may be taken back by it.
    """
    handle = locking.held(journal.folder, alone=False)
    try:
        journal.goes_beyond(marker.entry, marker.entry_hash)
        entries = journal.entries()
        return entries if handle is not None else entries[: marker.entry]
    finally:
        locking.unlock(handle)


def _read(path: Path, store: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreUnavailable(store, error.strerror or str(error)) from error


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder beside the target to write into, which is gone in the end unless it was renamed."""
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.mkdir(parents=True, exist_ok=True)
        held = lock(draft, alone=True)
        try:
            for left in draft.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            unlock(held)
    except OSError as error:
        raise UnwritableFile(target, error.strerror or str(error)) from error


def _hash(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _text(said: dict[str, Any]) -> bytes:
    return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()
