"""The marker `bpsgraph.json`, by which a folder is known to be a store, and which generation of it holds."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from bpsgraph.errors import StoreDamaged, StoreFormat, StoreMissing, StoreUnavailable
from bpsgraph.store.locking import make_durable

MARKER = "bpsgraph.json"
MARKER_DRAFT = MARKER + ".new"
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Marker:
    """What a store says of itself: its generation, its triples, and the hash of the files it is built from.

    `entry` is the number of the last entry of the journal that the store holds, `entry_hash` the hash of that
    entry; 0 and nothing where it holds none. `manifest` is `sha256:` with the hash of the manifest.
    """

    generation: int
    triples: int
    inputs: str
    entry: int = 0
    entry_hash: str = ""
    manifest: str = ""

    def to_bytes(self) -> bytes:
        """The one way in which the marker is written, with a checksum over the rest."""
        said = {"format": FORMAT, **asdict(self)}
        return _text(said | {"checksum": "sha256:" + hashlib.sha256(_text(said)).hexdigest()})

    def write(self, folder: Path, *, modified: int | None = None) -> None:
        """Put the marker into the folder in one step, and wait until it is on the disk; raises `OSError`.

        The time of change, in nanoseconds, is the one given, else now.
        """
        draft = folder / MARKER_DRAFT
        with draft.open("wb") as file:
            file.write(self.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        if modified is not None:
            os.utime(draft, ns=(modified, modified))
        draft.replace(folder / MARKER)
        make_durable(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The marker of a store.

        Raises `StoreMissing` without one, `StoreDamaged` where not every byte is as it was written,
        `StoreFormat` for that of another format, and `StoreUnavailable`.
        """
        data, said = stated(folder)
        if said["format"] != FORMAT:
            raise StoreFormat(folder, said["format"], FORMAT)
        try:
            marker = cls(
                generation=int(said["generation"]),
                triples=int(said["triples"]),
                inputs=str(said["inputs"]),
                entry=int(said["entry"]),
                entry_hash=str(said["entry_hash"]),
                manifest=str(said["manifest"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(folder, f"its marker {MARKER} cannot be read") from error
        if marker.to_bytes() != data:
            raise StoreDamaged(folder, f"its marker {MARKER} is not what was written")
        return marker


def stated(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a marker of any format and what they say, which has a whole number as its `format`.

    Raises what `Marker.read` raises, but for what it says of the format.
    """
    try:
        if (folder / MARKER).exists() and not (folder / MARKER).is_file():
            # A pipe would be waited for.
            raise StoreDamaged(folder, f"{MARKER} is not a file")
        data = (folder / MARKER).read_bytes()
        said = json.loads(data)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreMissing(folder) from None
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise StoreDamaged(folder, f"its marker {MARKER} cannot be read") from error
    if not isinstance(said, dict) or type(said.get("format")) is not int:
        raise StoreDamaged(folder, f"its marker {MARKER} cannot be read")
    return data, said


def _text(said: dict[str, Any]) -> bytes:
    return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()
