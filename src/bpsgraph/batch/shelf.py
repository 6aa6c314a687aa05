"""The folder that a run writes into: whole files only, and one run at a time.

```
summary.csv  summary.html  summary.json     the run as a whole
previous/summary.*                          the run before it
reports/<file>.json …                       one report per submission and format
manifest/  results/  aggregates/            the tables of `lake`
records/                                    what a run that was interrupted has judged
.working/                                   files on their way, and what each worker has in hand
```
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bpsgraph.errors import BadParameter, UnwritableFile

try:
    import fcntl
except ImportError:  # Windows: there a second run into the same folder is not noticed.
    fcntl = None  # type: ignore[assignment]

RECORDS = "records"
WORKING = ".working"
# File systems take names of 255 bytes, and reports append to the name of the submission.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a run writes; every process of the run has its own."""

    folder: Path

    @property
    def working(self) -> Path:
        """The folder for what is under way."""
        return self.folder / WORKING

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one run; what an earlier run left half done is thrown away.

        Raises `BadParameter` where the folder holds other things than reports, or where another run is
        writing there, and `UnwritableFile`.
        """
        try:
            if self.folder.exists() and not (self.folder / RECORDS).is_dir():
                if not self.folder.is_dir():
                    raise BadParameter(str(self.folder), "it is a file", "name a folder with -o")
                if any(self.folder.iterdir()):
                    raise BadParameter(
                        str(self.folder), "it holds other things than reports", "name a new folder with -o"
                    )
            (self.folder / RECORDS).mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / RECORDS, os.O_RDONLY) if fcntl else None
        except OSError as error:
            raise UnwritableFile(self.folder, error.strerror or str(error)) from error
        try:
            if lock is not None:
                self._alone(lock)
            shutil.rmtree(self.working, ignore_errors=True)
            self.working.mkdir()
            try:
                yield
            finally:
                shutil.rmtree(self.working, ignore_errors=True)
        finally:
            if lock is not None:
                os.close(lock)

    def _alone(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadParameter(
                str(self.folder),
                "another run is writing there",
                "wait for it, or name another folder with -o",
            ) from None

    def write(self, name: str, content: str | bytes) -> None:
        """Put a file into the folder in one step; raises `UnwritableFile`."""
        target = self.folder / name
        draft = self.working / f"{uuid4().hex}.part"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content.encode() if isinstance(content, str) else content)
            draft.replace(target)
        except OSError as error:
            raise UnwritableFile(target, error.strerror or str(error)) from error

    def remove(self, name: str) -> None:
        """Take a file away, and folders that are empty then."""
        path = self.folder / name
        # A table that was tampered with must not lead out of the folder.
        if not path.resolve().is_relative_to(self.folder.resolve()):
            return
        path.unlink(missing_ok=True)
        for parent in path.parents:
            if parent == self.folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()

    def empty(self, name: str) -> None:
        """Take away whatever a folder holds, and leave the folder."""
        for path in sorted((self.folder / name).iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def dump(content: dict[str, Any]) -> str:
    """The content as JSON, with a line for each member, and for each element of a list."""
    return "{\n" + ",\n".join(f"{_json(name)}: {_lines(value)}" for name, value in content.items()) + "\n}\n"


def _lines(value: Any) -> str:
    # An encoder that indents is another, and ten times as slow.
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_json, value)) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def report_name(file: str, suffix: str) -> str:
    """Where the report of a file with such a suffix (`.html`) goes, below the folder of the reports."""
    return f"reports/{_short(file)}{suffix}"


def _short(file: str) -> str:
    """The name, or the beginning of one that is too long with a hash of the whole."""
    parent, slash, name = file.rpartition("/")
    bytes_ = name.encode()
    if len(bytes_) > _LONGEST:
        name = f"{bytes_[: _LONGEST - 20].decode(errors='ignore')}~{hashlib.sha256(bytes_).hexdigest()[:12]}"
    return parent + slash + name
