"""How questions about files and the items of their answers go over the pipe of a worker.

Each item is a line of JSON and, for a document, its bytes. A worker that was taken over by the file that it
read can lie in all of it; so what comes is only ever text, bytes, and errors of this project.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bpsgraph.engine import frames
from bpsgraph.errors import InputError, WorkerFailed, visible
from bpsgraph.uploads.asked import Given
from bpsgraph.uploads.items import Document, Item, Note, Said, Verdict

LARGEST_DOCUMENT = 1 << 29
_LONGEST_LINE = 1 << 20
# Some names of files are no UTF-8.
_UNFIT = "surrogatepass"


def packed(parts: Iterable[tuple[str, Given]]) -> tuple[list[dict[str, Any]], bytes]:
    """Files with the role of each as a list for JSON, and their bytes one after the other."""
    said: list[dict[str, Any]] = []
    contents: list[bytes] = []
    for role, given in parts:
        entry: dict[str, Any] = {"role": role, "name": given.name}
        if isinstance(given.content, bytes):
            entry["size"] = len(given.content)
            contents.append(given.content)
        else:
            entry["error"] = frames.told(given.content)
        said.append(entry)
    return said, b"".join(contents)


def unpacked(said: Iterable[Mapping[str, Any]], payload: bytes) -> Iterator[tuple[str, Given]]:
    """The opposite of `packed`."""
    at = 0
    for entry in said:
        if "error" in entry:
            error = frames.error_of(entry["error"])
            assert isinstance(error, InputError)
            yield entry["role"], Given(entry["name"], error)
            continue
        yield entry["role"], Given(entry["name"], payload[at : at + entry["size"]])
        at += entry["size"]


def written(item: Item) -> bytes:
    """The bytes of an item."""
    match item:
        case Document(key, content):
            text = isinstance(content, str)
            data = content.encode("utf-8", _UNFIT) if isinstance(content, str) else content
            return _line({"document": key, "text": text, "size": len(data)}) + data
        case Note(words):
            return _line({"note": words})
        case Said(error):
            return _line({"error": frames.told(error)})
        case Verdict(fails):
            return _line({"fails": fails})


def items_in(pieces: Iterable[bytes], keys: Iterable[str]) -> Iterator[Item]:
    """The items in what a worker sends; `keys` are those of the documents that were asked for.

    Raises `WorkerFailed` for what nobody asked for, and where the verdict is missing.
    """
    stream = _Stream(pieces)
    expected = set(keys)
    while True:
        try:
            item = _item(json.loads(stream.line()), stream, expected)
        except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
            raise WorkerFailed("its answer is not whole") from error
        yield item
        if isinstance(item, Verdict):
            stream.finish()
            return


def _item(said: Mapping[str, Any], stream: "_Stream", expected: set[str]) -> Item:
    if "document" in said:
        key, size = said["document"], int(said["size"])
        expected.remove(key)
        if not 0 <= size <= LARGEST_DOCUMENT:
            raise ValueError(size)
        content = stream.take(size)
        return Document(key, content.decode("utf-8", _UNFIT) if said["text"] else content)
    if "note" in said:
        return Note(visible(str(said["note"])))
    if "error" in said:
        return Said(frames.error_of(said["error"]))
    return Verdict(bool(said["fails"]))


class _Stream:
    """Lines and bytes out of pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._kept = bytearray()

    def line(self) -> bytes:
        while (at := self._kept.find(b"\n")) < 0:
            if len(self._kept) > _LONGEST_LINE:
                raise ValueError("a line without an end")
            self._more()
        return self._cut(at + 1)

    def take(self, size: int) -> bytes:
        while len(self._kept) < size:
            self._more()
        return self._cut(size)

    def finish(self) -> None:
        for _ in self._pieces:
            pass

    def _more(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise EOFError
        self._kept += piece

    def _cut(self, size: int) -> bytes:
        found = bytes(memoryview(self._kept)[:size])
        del self._kept[:size]
        return found


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"
