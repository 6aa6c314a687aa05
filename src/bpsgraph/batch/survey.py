"""Which files of a folder are submissions, and why the others are not."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import BadParameter, InputError, UnreadableFile, visible
from bpsgraph.generator import is_truth
from bpsgraph.results import Text

SUFFIXES = (".xlsx", ".csv", ".ttl", ".jsonld", ".nt", ".rdf")

HIDDEN = Text("隐藏文件", "a hidden file")
LOCK = Text("正在打开的文件留下的锁文件", "the lock file of an open document")
TRUTH = Text("生成的清单应有的结论", "what is to be found in generated catalogues")
NOT_REGULAR = Text("不是普通文件", "not a regular file")
OTHER = Text("不是表格或RDF文件", "neither a table nor RDF")


@dataclass(frozen=True, slots=True)
class Piece:
    """One submission: its name within the folder as people read it, its path, and the hash of its bytes."""

    file: str
    path: Path
    content: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was passed over, and why."""

    file: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds, each part sorted by name: submissions, what was skipped, what cannot be opened."""

    pieces: tuple[Piece, ...]
    skipped: tuple[Skipped, ...]
    closed: tuple[tuple[str, InputError], ...]


def survey(folder: Path) -> Survey:
    """What the folder and those below it hold; links to folders are not followed.

    Raises `UnreadableFile` where there is no such folder, and `BadParameter` where it is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise BadParameter(
            str(folder), "it is a file", "name a folder, or use `bpsgraph validate` for a file"
        )
    closed: list[tuple[str, InputError]] = []
    pieces: list[Piece] = []
    skipped: list[Skipped] = []
    for path in _files(folder, closed):
        name = shown(path.relative_to(folder))
        reason = _reason_to_skip(path)
        if reason is not None:
            skipped.append(Skipped(name, reason))
            continue
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            closed.append((name, UnreadableFile(name, error.strerror or str(error))))
            continue
        pieces.append(Piece(name, path, content))
    return Survey(
        tuple(sorted(pieces, key=lambda piece: piece.file)),
        tuple(sorted(skipped, key=lambda one: one.file)),
        tuple(sorted(closed, key=lambda one: one[0])),
    )


def shown(path: Path) -> str:
    """A path with `/` between its parts, without characters that steer a terminal or are no characters."""
    return visible(os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace"))


def _files(folder: Path, closed: list[tuple[str, InputError]]) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        name = Path(error.filename)
        problem = UnreadableFile(shown(name), error.strerror or str(error), "check the path of the folder")
        if name == folder:
            raise problem
        closed.append((shown(name.relative_to(folder)), problem))

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files))


def _reason_to_skip(path: Path) -> Text | None:
    if path.name.startswith(("~$", ".~lock.")):
        return LOCK
    if path.name.startswith("."):
        return HIDDEN
    if path.suffix.lower() not in SUFFIXES:
        return OTHER
    try:
        # Opening a pipe would wait for a writer for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            return NOT_REGULAR
        return TRUTH if path.suffix.lower() == ".csv" and is_truth(path) else None
    except FileNotFoundError:
        return NOT_REGULAR
    except OSError:
        return None
