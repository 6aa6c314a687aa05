"""Plans of queries, kept where a program of this user finds them again.

To parse a long query takes rdflib half a second. The files are below `$XDG_CACHE_HOME`, else `~/.cache`
(https://specifications.freedesktop.org/basedir-spec/); whatever is wrong with them, the query is parsed.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bpsgraph.columns import plan
from bpsgraph.columns.compiling import compile_query, compile_select
from bpsgraph.columns.pruning import pruned

# Raised when a plan of an earlier version no longer means the same.
_FORMAT = 5
_LARGEST = 4_000_000


@lru_cache(maxsize=200)
def plan_of_construct(text: str) -> plan.Construct:
    """The plan of a CONSTRUCT; raises `Unsupported` where it holds what columns cannot answer."""
    file = _file("construct", text)
    found = _read(file)
    if found is None:
        found = pruned(compile_query(text))
        _keep(file, found)
    return found


@lru_cache(maxsize=200)
def plan_of_select(text: str) -> plan.Pattern:
    """The pattern of a SELECT; raises `Unsupported` where it holds what columns cannot answer."""
    file = _file("select", text)
    found = _read(file)
    if found is None:
        found = plan.Construct((), compile_select(text))
        _keep(file, found)
    return found.pattern


def are_kept(texts: Iterable[str]) -> bool:
    """Whether there is a file for the plan of each of these CONSTRUCTs, which one may look at."""
    files = (_file("construct", text) for text in texts)
    try:
        return all(file is not None and file.is_file() for file in files)
    except OSError:
        return False


def _file(form: str, text: str) -> Path | None:
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME")
    if not folder or not Path(folder).is_absolute():
        return None
    below = Path(folder) if os.environ.get("XDG_CACHE_HOME") else Path(folder, ".cache")
    name = hashlib.sha256(f"{_FORMAT}\n{form}\n{text}".encode()).hexdigest()
    return below / "bpsgraph" / "plans" / f"{name}.json"


def _read(file: Path | None) -> plan.Construct | None:
    if file is None:
        return None
    with suppress(OSError, ValueError):
        found = file.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_size < _LARGEST:
            checksum, _, written = file.read_text(encoding="utf-8").partition("\n")
            if checksum == _checksum(written):
                return plan.read(written)
    return None


def _checksum(written: str) -> str:
    return hashlib.sha256(written.encode()).hexdigest()


def _keep(file: Path | None, found: plan.Construct) -> None:
    if file is None:
        return
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, suffix=".tmp", delete=False
        ) as written:
            text = plan.written(found)
            written.write(f"{_checksum(text)}\n{text}")
        Path(written.name).replace(file)
