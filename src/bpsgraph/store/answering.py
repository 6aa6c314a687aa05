"""The job of a query worker: one query against the newest generation of a store, its answer as bytes.

The engine writes the answer itself, piece by piece while it works it out; what is cut is cut after a whole
row, and the document is closed. Rows are counted in what was written, by the syntax of each format.
"""

import contextlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyoxigraph as ox

from bpsgraph import serialisation
from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.marker import MARKER
from bpsgraph.terms import PREFIXES

# Triples up to this number are put into a stable order, which needs all of them in memory.
ORDERED = 100_000


class Reply(Protocol):
    """Where an answer goes; see `bpsgraph.engine.worker.Reply`."""

    def head(self, said: Mapping[str, Any]) -> None:
        """Say what is known before the first byte."""
        ...

    def write(self, content: bytes) -> int:
        """Send some bytes; returns how many."""
        ...

    def flush(self) -> None:
        """Nothing waits for this."""
        ...


def answering(store: str) -> "Answering":
    """The job of a worker that answers from the store in that folder."""
    return Answering(Path(store))


class Answering:
    """Answers one query after the other from a store that is kept open while it stays the same.

    The arguments are `query`, `rows` and `triples` (the formats for either kind of answer), `max_rows` and
    `max_bytes`; `default_graphs` and `named_graphs` where a dataset is asked over. The head says
    `form` (rows, boolean, triples), `format` and, for a boolean, its `value`; the
    end `rows`, how many were written, and `cut`: rows or bytes where that limit was reached, else nothing.
    """

    def __init__(self, store: Path) -> None:
        self._path = store
        self._marker = str(store / MARKER)
        self._seen = _state(self._marker)
        self._store = EmbeddedStore.open(store)

    def __call__(self, arguments: Mapping[str, Any], payload: bytes, reply: Reply) -> dict[str, Any]:
        """Answer the query; raises `BadQuery` and what the store raises."""
        self._renew()
        most_rows, most_bytes = int(arguments["max_rows"]), int(arguments["max_bytes"])
        with self._store.answering(
            str(arguments["query"]),
            default_graphs=arguments.get("default_graphs"),
            named_graphs=arguments.get("named_graphs"),
        ) as answer:
            if isinstance(answer, ox.QueryBoolean):
                format = _row_format(arguments["rows"])
                reply.head({"form": "boolean", "format": arguments["rows"], "value": bool(answer)})
                reply.write(answer.serialize(format=format.format) or b"")
                return {"rows": 1, "cut": ""}
            if isinstance(answer, ox.QuerySolutions):
                format = _row_format(arguments["rows"])
                reply.head({"form": "rows", "format": arguments["rows"]})
                return _rows(answer, format, most_rows, most_bytes, reply)
            reply.head({"form": "triples", "format": arguments["triples"]})
            return _triples(answer, arguments["triples"], most_rows, most_bytes, reply)

    def _renew(self) -> None:
        now = _state(self._marker)
        if now != self._seen:
            old, self._store = self._store, EmbeddedStore.open(self._path)
            self._seen = now
            old.close()


def _state(marker: str) -> tuple[int, int, int]:
    """What changes whenever the marker is replaced."""
    try:
        found = os.stat(marker)  # noqa: PTH116 - a Path is slower, and this is asked before every query
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _row_format(name: str) -> "_RowFormat":
    if name not in _ROWS:
        raise BadParameter("format", f"{name!r} is no format of rows", f"choose one of: {', '.join(_ROWS)}")
    return _ROWS[name]


@dataclass(frozen=True, slots=True)
class _RowFormat:
    """How the rows of a format are told apart.

    `between` stands between two rows, outside of strings only, and the first `kept` bytes of it belong to the
    row before; `places` finds it, and strings, when reading begins outside of a string. `head` such places
    stand before the first row. `closing` ends a document that is cut. `full` is how one with rows ends.
    """

    format: ox.QueryResultsFormat
    between: bytes
    places: re.Pattern[bytes]
    kept: int
    head: int = 0
    quoted: bool = False
    escaped: bool = False
    closing: bytes = b""
    full: bytes = b""

    def readable(self, content: bytes) -> bytes:
        """The same as readers of XML take it: the engine writes control characters, which XML has not.

        A carriage return becomes a reference, without which it is read as a line feed, the others U+FFFD.
        """
        if self.format != ox.QueryResultsFormat.XML or not _CONTROL.search(content):
            return content
        return _CONTROL.sub(lambda found: b"&#13;" if found[0] == b"\r" else b"\xef\xbf\xbd", content)

    def without_escapes(self, text: bytes) -> bytes:
        """The same without escaped quotes, so that every quote that is left opens or closes a string."""
        return text.replace(b"\\\\", b"").replace(b'\\"', b"") if self.escaped else text


_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]")

# As in sparql11-results-json, sparql11-results-csv-tsv and rdf-sparql-XMLres below https://www.w3.org/TR/.
_ROWS = {
    "json": _RowFormat(
        ox.QueryResultsFormat.JSON,
        b"},{",
        re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|\},\{', re.DOTALL),
        1,
        quoted=True,
        escaped=True,
        closing=b"]}}",
        full=b"}]}}",
    ),
    "xml": _RowFormat(
        ox.QueryResultsFormat.XML,
        b"</result><result>",
        re.compile(rb"</result><result>"),
        len(b"</result>"),
        closing=b"</results></sparql>",
        full=b"</result></results></sparql>",
    ),
    "csv": _RowFormat(
        ox.QueryResultsFormat.CSV,
        b"\n",
        re.compile(rb'"[^"]*+(?:"|\Z)|\n(?=.)', re.DOTALL),
        1,
        head=1,
        quoted=True,
    ),
    "tsv": _RowFormat(ox.QueryResultsFormat.TSV, b"\n", re.compile(rb"\n(?=.)", re.DOTALL), 1, head=1),
}
ROW_FORMATS = tuple(_ROWS)


class _FullError(Exception):
    """Enough was written."""


class _Rows:
    """What a serialiser of rows writes to: passes all on, counts, and cuts after a whole row.

    It cuts after `most_rows`, and after the row in which `most_bytes` are reached.
    """

    def __init__(self, reply: Reply, format: _RowFormat, most_rows: int, most_bytes: int) -> None:
        self._reply = reply
        self._format = format
        self._most_places = most_rows + format.head
        self._most_bytes = most_bytes
        self._places = self._size = 0
        self._inside = False
        self._held = b""
        self._end = b""
        self.cut = ""

    @property
    def rows(self) -> int:
        """How many rows were written; to be asked at the end."""
        if self._format.head:
            return self._places
        return self._places + (1 if self.cut or self._end.endswith(self._format.full) else 0)

    def write(self, content: bytes) -> int:
        """Pass on what is not too much; raises `_FullError`, and takes nothing more afterwards."""
        size = len(content)
        if self.cut:
            return size
        text = self._held + self._format.readable(bytes(content))
        held = self._to_hold(text)
        text, self._held = text[: len(text) - held], text[len(text) - held :]
        outside, inside = self._outside(text)
        found = outside.count(self._format.between)
        if self._places + found >= self._most_places or self._size + len(text) > self._most_bytes:
            self._cut(text)
        self._inside = inside
        self._places += found
        self._pass_on(text)
        return size

    def flush(self) -> None:
        """Nothing: what is held back may have to be cut."""

    def close(self) -> None:
        """Pass on what was held back, or close the document that was cut."""
        self._pass_on(self._format.closing if self.cut else self._held)

    def _pass_on(self, text: bytes) -> None:
        if not text:
            return
        self._reply.write(text)
        self._size += len(text)
        self._end = (self._end + text[-32:])[-32:]

    def _to_hold(self, text: bytes) -> int:
        """How many bytes at the end may be the beginning of something that goes on in the next piece."""
        if self._format.escaped and (len(text) - len(text.rstrip(b"\\"))) % 2:
            return 1
        between = self._format.between
        for size in range(len(between), 0, -1):
            if text.endswith(between[:size]):
                return size
        return 0

    def _outside(self, text: bytes) -> tuple[bytes, bool]:
        """What stands outside of strings, and whether a string is open at the end."""
        if not self._format.quoted:
            return text, False
        parts = self._format.without_escapes(text).split(b'"')
        return b'"'.join(parts[self._inside :: 2]), (len(parts) % 2 == 0) != self._inside

    def _cut(self, text: bytes) -> None:
        """Raise `_FullError` where a row ends that is the last, after passing on what is before it."""
        # In a text that begins inside a string a quote before it makes that a whole one.
        lead = 1 if self._inside else 0
        places = self._places
        for found in self._format.places.finditer(b'"' + text if lead else text):
            if found[0][:1] == b'"':
                continue
            places += 1
            at = found.start() - lead + self._format.kept
            if places > self._format.head - 1 and self._size + at >= self._most_bytes:
                self.cut = "bytes"
            if places >= self._most_places:
                self.cut = "rows"
            if self.cut:
                # The place after the last row counts it where the header has one of its own.
                self._places = places - 1
                self._pass_on(text[:at])
                raise _FullError


def _rows(
    answer: ox.QuerySolutions, format: _RowFormat, most_rows: int, most_bytes: int, reply: Reply
) -> dict[str, Any]:
    rows = _Rows(reply, format, most_rows, most_bytes)
    with contextlib.suppress(_FullError):
        answer.serialize(cast("IO[bytes]", rows), format.format)
    rows.close()
    return {"rows": rows.rows, "cut": rows.cut}


class _Sized:
    """What a serialiser of triples writes to: passes on and counts."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.size = 0

    def write(self, content: bytes) -> int:
        """Pass it on."""
        self.size += len(content)
        return self._reply.write(bytes(content))

    def flush(self) -> None:
        """Nothing is held back."""


def _triples(
    answer: ox.QueryTriples, name: str, most_rows: int, most_bytes: int, reply: Reply
) -> dict[str, Any]:
    if name not in RDF_FORMATS:
        raise BadParameter(
            "format", f"{name!r} is no format of triples", f"choose one of: {', '.join(RDF_FORMATS)}"
        )
    first = set(itertools.islice(answer, min(most_rows, ORDERED)))
    more = next(answer, None)
    if more is None or len(first) >= most_rows:
        content = serialisation.text(first, FORMATS[name]).encode()
        if len(content) <= most_bytes:
            reply.write(content)
            return {"rows": len(first), "cut": "" if more is None else "rows"}
    written, cut, sized = 0, "", _Sized(reply)

    def whole() -> Iterator[ox.Triple]:
        nonlocal written, cut
        for triple in itertools.chain(sorted(first, key=str), () if more is None else (more,), answer):
            if written >= most_rows or sized.size >= most_bytes:
                cut = "rows" if written >= most_rows else "bytes"
                return
            written += 1
            yield triple

    if name == "rdfxml":
        for piece in serialisation.rdf_xml(whole()):
            sized.write(piece.encode())
    else:
        prefixes = PREFIXES if name == "turtle" else None
        ox.serialize(whole(), cast("IO[bytes]", sized), format=FORMATS[name].rdf, prefixes=prefixes)
    return {"rows": written, "cut": cut}
