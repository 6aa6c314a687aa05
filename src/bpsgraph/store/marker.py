"""The marker `bpsgraph.json`, by which a folder is known to be a store."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bpsgraph.errors import StoreDamaged, StoreMissing, StoreUnavailable
from bpsgraph.store.locking import make_durable

MARKER = "bpsgraph.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Marker:
    """What a store says of itself: format version, triples, and the hash of the files it is built from.

    `entry` is the number of the last entry of the journal that the store holds, `entry_hash` the hash of that
    entry; 0 and nothing where it holds none.
    """

    format: int
    triples: int
    inputs: str
    entry: int = 0
    entry_hash: str = ""

    def write(self, folder: Path) -> None:
        """Put the marker into the folder in one step, and wait until it is on the disk; raises `OSError`."""
        draft = folder / (MARKER + ".new")
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / MARKER)
        make_durable(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The marker of a store; raises `StoreMissing` without one, `StoreDamaged` for a bad one."""
        try:
            said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
            marker = cls(
                format=int(said["format"]),
                triples=int(said["triples"]),
                inputs=str(said["inputs"]),
                entry=int(said.get("entry", 0)),
                entry_hash=str(said.get("entry_hash", "")),
            )
        except (FileNotFoundError, NotADirectoryError):
            raise StoreMissing(folder) from None
        except OSError as error:
            raise StoreUnavailable(folder, error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreDamaged(folder, f"its marker {MARKER} cannot be read") from error
        if marker.format != FORMAT:
            raise StoreDamaged(
                folder, f"it is of format {marker.format}, and this version reads format {FORMAT}"
            )
        return marker
