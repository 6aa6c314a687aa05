"""Extracts: some triples of a store as N-Triples beside its tables, to be read at once instead of one by one.

The first line names the graphs that an extract is drawn from, so that a change of one of them takes the
extract away, and the checksum of what follows, so that one that is not whole counts as none.
"""

import json
import zlib
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, serialize

from bpsgraph.store.manifest import EXTRACT


def written(triples: Iterable[Triple], graphs: Iterable[str]) -> bytes:
    """The bytes of an extract: the same for the same triples."""
    body = b"".join(sorted((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)))
    head = json.dumps({"checksum": zlib.crc32(body), "graphs": sorted(graphs)})
    return b"# " + head.encode() + b"\n" + body


def content(kept: bytes) -> bytes | None:
    """The N-Triples in an extract, None where it is not whole."""
    head, _, body = kept.partition(b"\n")
    try:
        whole = json.loads(head.removeprefix(b"# "))["checksum"] == zlib.crc32(body)
    except (ValueError, KeyError, TypeError):
        return None
    return body if whole else None


def is_of(kept: bytes, graphs: Iterable[str]) -> bool:
    """Whether an extract is drawn from one of the graphs, as far as its first line tells."""
    try:
        return not set(graphs).isdisjoint(json.loads(kept.partition(b"\n")[0].removeprefix(b"# "))["graphs"])
    except (ValueError, KeyError, TypeError):
        return True


def read(folder: Path, name: str) -> bytes | None:
    """The N-Triples of an extract in a generation; None where there is none that is whole."""
    try:
        return content((folder / (name + EXTRACT)).read_bytes())
    except FileNotFoundError:
        return None


def heads(folder: Path) -> dict[str, bytes]:
    """The first line of each extract in a generation, by its name."""
    found = {}
    for file in folder.glob("*" + EXTRACT):
        with file.open("rb") as opened:
            found[file.name.removesuffix(EXTRACT)] = opened.readline()
    return found
