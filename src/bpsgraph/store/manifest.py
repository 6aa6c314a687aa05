"""The manifest of a generation: the size and the SHA-256 of each of its files."""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from bpsgraph.errors import StoreDamaged

MANIFEST = "manifest.json"
TABLE = ".sst"
EXTRACT = ".nt"


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
            if path.name == MANIFEST:
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
        """Raise `StoreDamaged` for a file that is missing or not what was written; raises `OSError`.

        Over a damaged table the engine may collect errors until no memory is left, so they are compared too:
        a second per gigabyte, once for each file in a process. An extract checks itself and may be missing.
        """
        for name, (_, digest) in self.files.items():
            if name.endswith(EXTRACT):
                continue
            path = folder / name
            try:
                now = path.stat()
                found = _hash_once(path, now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
            except FileNotFoundError:
                raise StoreDamaged(folder, f"its file {name} is missing") from None
            if found != digest:
                raise StoreDamaged(folder, f"{name} is not what was written")

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
        names = {path.name for path in folder.iterdir()} - {MANIFEST}
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


def _known(path: Path, folder: Path, manifest: Manifest) -> tuple[int, str] | None:
    if path.name not in manifest.files:
        return None
    try:
        same = os.path.samestat(path.stat(), (folder / path.name).stat())
    except FileNotFoundError:
        return None
    return manifest.files[path.name] if same else None
