"""Migrations: a store of an older format becomes one of this format, step by step.

Each step leaves the old files as they are until the new marker is in its place, so that a step that is
ended half way can be begun anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import StoreDamaged, StoreFormat
from bpsgraph.store import extracts
from bpsgraph.store.embedded import EmbeddedStore, writing_anew
from bpsgraph.store.failures import translated
from bpsgraph.store.locking import WAIT
from bpsgraph.store.manifest import EXTRACT
from bpsgraph.store.marker import FORMAT, MARKER, Marker, stated
from bpsgraph.store.writing import Writer


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which format to which a store was brought; the same twice where there was nothing to do."""

    before: int
    after: int
    triples: int


def migrate(path: Path, *, wait: float = WAIT) -> Migrated:
    """Bring the store in the folder to the format of this version; which entries it holds stays as it was.

    Raises `StoreMissing` where there is none, `StoreFormat` for one that is newer, `StoreDamaged` where the
    old store is not whole, `StoreBusy` where it is in use, and `StoreUnavailable`; it is then as before.
    """
    before = _format_of(path)
    if before != FORMAT:
        with writing_anew(path, wait=wait) as writer:
            while (format := _format_of(path)) != FORMAT:
                if format not in STEPS:
                    raise StoreFormat(path, format, FORMAT)
                with translated(path):
                    STEPS[format](path, writer)
    return Migrated(before, FORMAT, Marker.read(path).triples)


def marker_of(path: Path) -> Marker:
    """What the marker of an older format says; raises what `Marker.read` raises but for an older format."""
    _, said = stated(path)
    if said["format"] not in STEPS:
        raise StoreFormat(path, said["format"], FORMAT)
    try:
        return Marker(
            generation=0,
            triples=int(said["triples"]),
            inputs=str(said["inputs"]),
            entry=int(said.get("entry", 0)),
            entry_hash=str(said.get("entry_hash", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(path, f"its marker {MARKER} cannot be read") from error


def any_marker(path: Path) -> Marker:
    """What the marker says, of whatever format; raises what `Marker.read` raises but for an older format."""
    try:
        return Marker.read(path)
    except StoreFormat:
        return marker_of(path)


def _format_of(path: Path) -> int:
    format = stated(path)[1]["format"]
    assert isinstance(format, int)
    return format


def _from_1(path: Path, writer: Writer) -> None:
    """Format 1 had the files of one database in the folder itself; they become its first generation."""
    marker = marker_of(path)
    inner = writer.copy_flat(path)
    found = len(EmbeddedStore(inner))
    if found != marker.triples:
        raise StoreDamaged(path, f"it holds {found:,} triples, and {marker.triples:,} were written")
    kept = {file.name.removesuffix(EXTRACT): file.read_bytes() for file in path.glob("*" + EXTRACT)}
    whole = {name: data for name, data in kept.items() if extracts.content(data) is not None}
    writer.publish(inner, marker, whole)


STEPS: dict[int, Callable[[Path, Writer], None]] = {1: _from_1}
