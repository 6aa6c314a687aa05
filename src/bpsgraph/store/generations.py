"""The generations of a store: its states, one folder each, which nobody changes once they are published.

A reader holds the one it reads by a shared lock of its folder; a writer takes away those that nobody holds.
"""

import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import StoreBusy, StoreDamaged, StoreUnavailable
from bpsgraph.store import locking
from bpsgraph.store.locking import LOCK
from bpsgraph.store.manifest import Manifest
from bpsgraph.store.marker import MARKER, MARKER_DRAFT, Marker

GENERATIONS = "generations"
WRITING = ".writing"
ENTRIES = "entries"
REPLICA = "replica"
"""The file that says of which store this one is a replica."""
OWN = frozenset({MARKER, MARKER_DRAFT, LOCK, GENERATIONS, ENTRIES, REPLICA})
"""What may lie in the folder of a store."""
_PUBLISHED = re.compile(r"([0-9]{6,})")
# What is being published, and what is being taken away; RocksDB makes its copies as `<name>.tmp`.
_DRAFT = re.compile(r"\.([0-9]{6,})(\.tmp|\.gone)?")
_TRIES = 500
_STEP = 0.01


def followed(store: Path) -> str | None:
    """Which store this one is a replica of; None where it is none. Raises `StoreUnavailable`."""
    try:
        return (store / REPLICA).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnavailable(store, f"its file {REPLICA} cannot be read") from error


@dataclass(frozen=True, slots=True)
class Held:
    """A generation that stays as long as its lock is held, which goes to `locking.unlock`."""

    marker: Marker
    folder: Path
    manifest: Manifest
    lock: int


class Generations:
    """The generations of the store in a folder."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.root = store / GENERATIONS

    def folder(self, number: int) -> Path:
        """The folder of a generation."""
        return self.root / f"{number:06d}"

    def draft(self, number: int) -> Path:
        """The folder in which a generation is made before it is published."""
        return self.root / f".{number:06d}"

    def hold_newest(self, *, checked: bool = True) -> Held:
        """The generation that the marker names, held.

        Without `checked` its files are not compared with its manifest: whoever copies them does.
        A writer may take it away between marker and lock; the marker is then read again. Raises what
        `Marker.read` raises, `StoreDamaged` where the generation or a file of it is missing or changed,
        `StoreBusy` where that happens again and again, and `StoreUnavailable`.
        """
        for _ in range(_TRIES):
            marker = Marker.read(self.store)
            found = self.hold(marker, checked=checked)
            if found is not None:
                return found
            gone = not self.folder(marker.generation).exists()
            if gone and Marker.read(self.store).generation == marker.generation:
                raise StoreDamaged(self.store, f"its generation {marker.generation} is missing")
            time.sleep(_STEP)
        raise StoreBusy(self.store, "writers leave no time to read it")

    def hold(self, marker: Marker, *, checked: bool = True) -> Held | None:
        """The generation of this marker, held; None where it is gone or is being taken away."""
        folder = self.folder(marker.generation)
        try:
            lock = locking.held(folder, alone=False)
            if lock is None:
                return None
            try:
                manifest = Manifest.read(folder, marker.manifest)
                if checked:
                    manifest.check(folder)
            except BaseException:
                locking.unlock(lock)
                raise
        except FileNotFoundError as error:
            raise StoreDamaged(self.store, f"generation {marker.generation} is not whole") from error
        except OSError as error:
            raise StoreUnavailable(self.store, error.strerror or str(error)) from error
        return Held(marker, folder, manifest, lock)

    def numbers(self) -> list[int]:
        """The numbers of all that are there, published or not, sorted."""
        names = [path.name for path in self.root.iterdir()] if self.root.is_dir() else []
        found = [_PUBLISHED.fullmatch(name) or _DRAFT.fullmatch(name) for name in names]
        return sorted({int(match[1]) for match in found if match})

    def clear(self) -> None:
        """Take away what a writer that was ended has left; only the writer may do this."""
        for path in list(self.root.iterdir()):
            if path.name == WRITING or _DRAFT.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)

    def prune(self, keep: int | None) -> None:
        """Take away every generation but the one to keep that nobody holds; only the writer may do this.

        What cannot be taken away now is left for the next one.
        """
        for path in list(self.root.iterdir()):
            if _PUBLISHED.fullmatch(path.name) and (keep is None or path != self.folder(keep)):
                with suppress(OSError):
                    self._take_away(path)

    def take_away(self, number: int) -> bool:
        """Take away a generation unless it is held, and say whether it was; only the writer may do this."""
        return self._take_away(self.folder(number))

    def _take_away(self, path: Path) -> bool:
        lock = locking.held(path, alone=True)
        if lock is None:
            return False
        try:
            gone = path.with_name(f".{path.name}.gone")
            path.rename(gone)
        finally:
            locking.unlock(lock)
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def problems(self) -> list[str]:
        """A sentence for whatever is wrong with the files of the store; every byte is read.

        Raises what `hold_newest` raises where the store does not open at all.
        """
        marker = Marker.read(self.store)
        folder = self.folder(marker.generation)
        lock = locking.held(folder, alone=False)
        try:
            manifest = Manifest.read(folder, marker.manifest)
            found = manifest.problems(folder)
        except FileNotFoundError:
            found = [f"{folder.name}/manifest.json is missing"]
        except StoreDamaged as error:
            found = [error.problem]
        finally:
            locking.unlock(lock)
        return found + [
            f"{path.name} is no file of the store: take it away"
            for path in sorted(self.store.iterdir())
            if path.name not in OWN
        ]

    def left_behind(self) -> list[str]:
        """The names of what a writer that was ended left, or leaves while it works, sorted."""
        names = (path.name for path in self.root.iterdir())
        return sorted(name for name in names if name == WRITING or _DRAFT.fullmatch(name))
