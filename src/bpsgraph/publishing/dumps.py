"""The graph as files: all of it, what is stated, what is derived, each graph that is stated; with checksums.

The same graphs give the same bytes: triples are in the order of their N-Triples, graphs in that of their
IRIs, and gzip (RFC 1952) is told no time. A file is written graph by graph, so that only the largest graph
needs a place in memory; where named graphs become one, sorted runs wait on the disk.
"""

import hashlib
import heapq
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice

import pyoxigraph as ox
from pyoxigraph import RdfFormat

from bpsgraph.formats import DATASET_FORMATS, FORMATS, Format
from bpsgraph.store.base import Store
from bpsgraph.terms import GRAPH, PREFIXES
from bpsgraph.validation.renewal import DERIVED

DUMP_FORMATS = (*DATASET_FORMATS.values(), FORMATS["turtle"], FORMATS["ntriples"])
_FORMATS_OF = {
    "bpsgraph": DUMP_FORMATS,
    "stated": tuple(DATASET_FORMATS.values()),
    "derived": tuple(DATASET_FORMATS.values()),
    # TriG and N-Triples of a single graph say no more.
    "graph": (DATASET_FORMATS["nquads"], FORMATS["turtle"]),
}
DERIVED_GRAPHS = (*DERIVED, GRAPH + "ontology-closure")
"""How the IRIs of graphs begin that nobody states: the program derives them from the others."""
SUMS = "SHA256SUMS"
GZIP = "application/gzip"
_RUN = 250_000
_CHUNK = 20_000
_LIKE_TURTLE = (RdfFormat.TURTLE, RdfFormat.TRIG)
_PREFIXES = re.compile(rb"\A(?:@prefix [^\n]*\n)*")


class Part(StrEnum):
    """What of the graph a file holds."""

    WHOLE = "bpsgraph"
    STATED = "stated"
    DERIVED = "derived"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Dump:
    """One file: its name below `dumps/`, what it holds, the graphs in it by IRI, sorted, and its syntax."""

    name: str
    part: Part
    graphs: tuple[str, ...]
    format: Format


@dataclass(frozen=True, slots=True)
class Sum:
    """The size of a file in bytes, and the SHA-256 of it in hexadecimal digits."""

    size: int
    sha256: str


def is_derived(graph: str) -> bool:
    """Whether the graph with this IRI is derived by the program from what the others state."""
    return graph.startswith(DERIVED_GRAPHS)


def dumps_of(graphs: Iterable[str]) -> tuple[Dump, ...]:
    """The files of a store with these graphs: all, what is stated, what is derived, each stated graph."""
    graphs = tuple(sorted(graphs))
    stated = tuple(graph for graph in graphs if not is_derived(graph))
    derived = tuple(graph for graph in graphs if is_derived(graph))
    found = [
        _dump(part.value, part, of_part, format)
        for part, of_part in ((Part.WHOLE, graphs), (Part.STATED, stated), (Part.DERIVED, derived))
        for format in _FORMATS_OF[part]
    ]
    for graph in stated:
        if graph.startswith(GRAPH):
            name = "graph/" + graph.removeprefix(GRAPH)
            found += [_dump(name, Part.GRAPH, (graph,), format) for format in _FORMATS_OF[Part.GRAPH]]
    return tuple(found)


def _dump(name: str, part: Part, graphs: tuple[str, ...], format: Format) -> Dump:
    return Dump(f"{name}{format.suffixes[0]}.gz", part, graphs, format)


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same as a gzip file, without a name or a time in it."""
    packer = _packer()
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def content(store: Store, graphs: Iterable[str], format: Format) -> Iterator[bytes]:
    """These graphs of the store in one of the `DUMP_FORMATS`, in pieces; without names, they become one.

    Raises what the store raises.
    """
    graphs = sorted(graphs)
    yield _head(format)
    if _names_graphs(format):
        for graph in graphs:
            yield from _written(iter(_lines(store, graph)), format, graph)
        return
    with ExitStack() as stack:
        yield from _written(_merged(store, graphs, stack), format, None)


def summed(store: Store, dumps: Iterable[Dump]) -> dict[str, Sum]:
    """The sum of each file by its name, as it is written with gzip; every graph is read once or twice.

    Raises what the store raises.
    """
    dumps = tuple(dumps)
    merged = [dump for dump in dumps if len(dump.graphs) != 1 and not _names_graphs(dump.format)]
    others = {dump.name: (dump, _Summing(_head(dump.format))) for dump in dumps if dump not in merged}
    feeds: dict[tuple[str, str], list[_Summing]] = {}
    for dump, summing in others.values():
        for graph in dump.graphs:
            feeds.setdefault((graph, dump.format.name), []).append(summing)
    held: dict[str, list[bytes]] = {}
    for graph in sorted({graph for graph, _ in feeds}):
        lines = _lines(store, graph)
        if sum(map(len, held.values())) + len(lines) <= _RUN:
            held[graph] = lines
        turtle: list[bytes] | None = None
        for format in DUMP_FORMATS:
            if (graph, format.name) not in feeds:
                continue
            if format.rdf in _LIKE_TURTLE and turtle is None:
                turtle = list(_written(iter(lines), FORMATS["turtle"], None))
            pieces = _written(iter(lines), format, graph if _names_graphs(format) else None, turtle)
            for piece in pieces:
                for summing in feeds[graph, format.name]:
                    summing.take(piece)
    for graphs, alike in groupby(merged, lambda dump: dump.graphs):
        with ExitStack() as stack:
            made = [(dump, _Summing(_head(dump.format))) for dump in alike]
            lines_of_all = _merged(store, list(graphs), stack, held)
            while chunk := list(islice(lines_of_all, _CHUNK)):
                for dump, summing in made:
                    for piece in _written(iter(chunk), dump.format, None):
                        summing.take(piece)
        others |= {dump.name: (dump, summing) for dump, summing in made}
    return {dump.name: others[dump.name][1].sum() for dump in dumps}


def sums_text(sums: dict[str, Sum]) -> str:
    """The sums as `sha256sum --check` takes them."""
    return "".join(f"{sums[name].sha256}  {name}\n" for name in sorted(sums))


class _Summing:
    """The sum of a file that is packed while it is written."""

    def __init__(self, head: bytes) -> None:
        self._packer = _packer()
        self._digest = hashlib.sha256()
        self._size = 0
        self.take(head)

    def take(self, piece: bytes) -> None:
        self._count(self._packer.compress(piece))

    def sum(self) -> Sum:
        self._count(self._packer.flush())
        return Sum(self._size, self._digest.hexdigest())

    def _count(self, packed: bytes) -> None:
        self._size += len(packed)
        self._digest.update(packed)


def _lines(store: Store, graph: str) -> list[bytes]:
    """The triples of a graph in N-Triples, sorted, one per line."""
    return sorted(f"{triple} .\n".encode() for triple in store.graph(graph))


def _merged(
    store: Store, graphs: list[str], stack: ExitStack, held: Mapping[str, list[bytes]] | None = None
) -> Iterator[bytes]:
    """The triples of the union of some graphs in N-Triples, sorted, each once; `held` are lines at hand."""
    held = held or {}
    runs: list[Iterable[bytes]] = []
    lines: list[bytes] = []
    for graph in graphs:
        lines += held[graph] if graph in held else _lines(store, graph)
        if len(lines) >= _RUN and len(graphs) > 1:
            run = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            run.writelines(sorted(lines))
            run.seek(0)
            runs.append(run)
            lines = []
    runs.append(sorted(lines))
    return (line for line, _ in groupby(heapq.merge(*runs)))


def _packer() -> "zlib._Compress":
    # 16 above the largest window is a gzip file.
    return zlib.compressobj(6, wbits=31)


def _names_graphs(format: Format) -> bool:
    return format.name in DATASET_FORMATS


def _head(format: Format) -> bytes:
    """The prefixes in their order; those that pyoxigraph writes (0.5.13) come in another one each time."""
    if format.rdf not in _LIKE_TURTLE:
        return b""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items()).encode()


def _written(
    lines: Iterator[bytes], format: Format, graph: str | None, turtle: list[bytes] | None = None
) -> Iterator[bytes]:
    """What stands behind the head; lines of N-Triples are lines of N-Quads but for the name of the graph.

    `turtle` is what this gives for Turtle, where it is at hand; TriG has it in braces.
    """
    name = f"<{graph}>".encode()
    if format.rdf in _LIKE_TURTLE:
        for text in _as_turtle(lines) if turtle is None else turtle:
            yield text if graph is None else name + b" {\n" + text + b"}\n"
        return
    while chunk := list(islice(lines, _CHUNK)):
        end = b"" if graph is None else b" " + name + b" .\n"
        yield b"".join(chunk if graph is None else (line[:-3] + end for line in chunk))


def _as_turtle(lines: Iterator[bytes]) -> Iterator[bytes]:
    while chunk := list(islice(lines, _CHUNK)):
        triples = (quad.triple for quad in ox.parse(b"".join(chunk), RdfFormat.N_TRIPLES))
        text = ox.serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
        yield _PREFIXES.sub(b"", text, count=1)
