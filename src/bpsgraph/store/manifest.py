"""The manifest of a generation: the size and the SHA-256 of each of its files.

Beside it lie the stamps: size, time of change and inode of each file as they were when it was hashed. A file
that still has its stamp is not hashed again when a store is opened.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from bpsgraph.errors import StoreDamaged

MANIFEST = "manifest.json"
STAMPS = "stamps.json"
TABLE = ".sst"
EXTRACT = ".nt"
_ABOUT_FILES = frozenset({MANIFEST, STAMPS})


@dataclass(frozen=True, slots=True)
class Manifest:
    """Size in bytes and `sha256:` with the hash, by the name of the file."""

    files: dict[str, tuple[int, str]]

    @classmethod
    def of(cls, folder: Path, before: "tuple[Path, Manifest] | None" = None) -> tuple[Self, list[Path]]:
        """The manifest of the files in a folder, and those of them that are new.

        A file that is the same one, by a hard link, as in the generation before keeps the hash it has there,
        so that damage to it is not taken for what was written. Raises `OSError`.
        """
        files, new = {}, []
        for path in sorted(folder.iterdir()):
            if path.name in _ABOUT_FILES:
                continue
            known = _known(path, *before) if before else None
            if known is None:
                new.append(path)
                known = (path.stat().st_size, hash_of(path))
            files[path.name] = known
        return cls(files), new

    def to_bytes(self) -> bytes:
        """The one way in which a manifest is written."""
        said = {name: {"sha256": digest, "size": size} for name, (size, digest) in self.files.items()}
        return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()

    def hash(self) -> str:
        """`sha256:` with the hash of the manifest itself, which the marker holds."""
        return "sha256:" + hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def read(cls, folder: Path, digest: str) -> Self:
        """The manifest of a generation; raises `StoreDamaged` where it has another hash, and `OSError`."""
        data = (folder / MANIFEST).read_bytes()
        if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
            raise StoreDamaged(folder, f"{MANIFEST} is not what was written")
        said = json.loads(data)
        return cls({name: (file["size"], file["sha256"]) for name, file in said.items()})

    def check(self, folder: Path) -> None:
        """Raise `StoreDamaged` for a file that is missing or has changed; raises `OSError`.

        A file with another stamp than when it was hashed is hashed again, which takes a second per gigabyte,
        once in a process. What a disk loses by itself leaves the stamp as it is: `problems` finds that, and
        the engine, which keeps a checksum of each block, where it reads it. An extract checks itself and may
        be missing.
        """
        stamps = _stamps(folder, self)
        for name, (_, digest) in self.files.items():
            if name.endswith(EXTRACT):
                continue
            try:
                now = (folder / name).stat()
                same = stamps.get(name) == _stamp(now)
                found = digest if same else _hash_once(folder / name, *_stamp(now), now.st_dev)
            except FileNotFoundError:
                raise StoreDamaged(folder, f"its file {name} is missing") from None
            if found != digest:
                raise StoreDamaged(folder, f"{name} is not what was written")

    def as_hashed(self, folder: Path) -> frozenset[str]:
        """The names of the files that still have the stamp with which they were hashed."""
        stamps = _stamps(folder, self)
        with suppress(OSError):
            return frozenset(
                name for name in self.files if stamps.get(name) == _stamp((folder / name).stat())
            )
        return frozenset()

    def write_stamps(self, folder: Path) -> None:
        """Say beside the manifest how its files look now, which hold what was written; raises `OSError`."""
        said = {name: _stamp((folder / name).stat()) for name in sorted(self.files)}
        (folder / STAMPS).write_bytes(_said_of(self, said))

    def problems(self, folder: Path) -> list[str]:
        """A sentence for each file that is missing, not what was written, or not of the generation."""
        found = []
        for name, (_, digest) in sorted(self.files.items()):
            try:
                if hash_of(folder / name) != digest:
                    found.append(f"{folder.name}/{name} is not what was written")
            except FileNotFoundError:
                found.append(f"{folder.name}/{name} is missing")
            except OSError as error:
                found.append(f"{folder.name}/{name} cannot be read: {error.strerror}")
        if (folder / STAMPS).exists() and not _stamps(folder, self):
            found.append(f"{folder.name}/{STAMPS} is not what was written")
        names = {path.name for path in folder.iterdir()} - _ABOUT_FILES
        return found + [
            f"{folder.name}/{name} is no file of the store: take it away"
            for name in sorted(names - set(self.files))
        ]


def hash_of(path: Path) -> str:
    """`sha256:` with the hash of a file; raises `OSError`."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=4096)
def _hash_once(path: Path, *identity: int) -> str:
    return hash_of(path)


def _stamp(found: os.stat_result) -> list[int]:
    # The time at which the inode changed is none of it: a hard link changes that.
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _said_of(manifest: Manifest, stamps: Mapping[str, list[int]]) -> bytes:
    said = {"files": stamps, "manifest": manifest.hash()}
    checksum = "sha256:" + hashlib.sha256(_text(said)).hexdigest()
    return _text(said | {"checksum": checksum})


def _stamps(folder: Path, manifest: Manifest) -> dict[str, list[int]]:
    """The stamps of the files, none where not every byte is what was written for this manifest."""
    try:
        data = (folder / STAMPS).read_bytes()
        files: dict[str, list[int]] = json.loads(data)["files"]
        return files if _said_of(manifest, files) == data else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _text(said: Mapping[str, object]) -> bytes:
    return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


def _known(path: Path, folder: Path, manifest: Manifest) -> tuple[int, str] | None:
    if path.name not in manifest.files:
        return None
    try:
        same = os.path.samestat(path.stat(), (folder / path.name).stat())
    except FileNotFoundError:
        return None
    return manifest.files[path.name] if same else None
