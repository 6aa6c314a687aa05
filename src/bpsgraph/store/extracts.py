"""Extracts: some triples of a store as N-Triples beside it, to be read at once instead of one by one.

The first line names the graphs that an extract is drawn from, so that a change of one of them takes the
extract away, and the checksum of what follows, so that one that is not whole counts as none.
"""

import json
import zlib
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, serialize

_SUFFIX = ".nt"


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


def write(folder: Path, name: str, kept: bytes) -> None:
    """Put an extract beside a store in one step."""
    draft = folder / f"{name}{_SUFFIX}.new"
    draft.write_bytes(kept)
    draft.replace(folder / f"{name}{_SUFFIX}")


def read(folder: Path, name: str) -> bytes | None:
    """The N-Triples of an extract beside a store; None where there is none that is whole."""
    try:
        return content((folder / f"{name}{_SUFFIX}").read_bytes())
    except FileNotFoundError:
        return None


def forget(folder: Path, graphs: Iterable[str]) -> None:
    """Take away every extract that is drawn from one of the graphs."""
    graphs = set(graphs)
    for file in folder.glob("*" + _SUFFIX):
        with file.open("rb") as opened:
            head = opened.readline()
        if is_of(head, graphs):
            file.unlink()
