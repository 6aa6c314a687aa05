"""The store inside this process: pyoxigraph on disk or in memory, one named graph per document.

The folder of a store is made known by the marker `bpsgraph.json`; pyoxigraph alone would make a new,
empty store of any mistyped path. The folder itself carries an advisory lock: shared by readers, held
alone by a writer, because reading while another process writes is undefined in RocksDB.

The default graph holds the union of the named graphs. pyoxigraph can also make that union while it
answers, but then a triple that two graphs state is counted twice. Nothing of pyoxigraph's own
exceptions leaves this file.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from bpsgraph.errors import (
    BadParameter,
    BadQuery,
    BpsError,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
    UnwritableFile,
)
from bpsgraph.results import Rows, Triples
from bpsgraph.store import extracts, locking
from bpsgraph.store.base import construct
from bpsgraph.store.dataset import several_graphs
from bpsgraph.store.locking import lock, unlock
from bpsgraph.store.marker import FORMAT, MARKER, Marker
from bpsgraph.terms import BASE, PREFIXES


class EmbeddedStore:
    """A `Store` in this process; `open` and `in_memory` make one."""

    def __init__(
        self,
        inner: ox.Store,
        *,
        name: str = "the store in memory",
        marker: Marker | None = None,
        lock: int | None = None,
        writable: bool = False,
    ) -> None:
        self._store: ox.Store | None = inner
        self._lock = lock
        self._writable = writable
        self._touched = False
        self._extracts: dict[str, bytes] = {}
        self.name = name
        self.marker = marker

    @classmethod
    def in_memory(cls) -> Self:
        """An empty store that lives as long as this object: for one submission, and for tests."""
        return cls(ox.Store())

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Self:
        """The store in the folder, read by many at once or held for writing by this object alone.

        Raises `StoreMissing` where there is none, `StoreBusy` where another holds it, `StoreDamaged` or
        `StoreUnavailable` where it does not open.
        """
        Marker.read(path)
        held = lock(path, alone=writable)
        try:
            # Read again under the lock: a build may have put another store here in between.
            marker = Marker.read(path)
            with _translated(path):
                read_only = locking.available() and not writable
                inner = ox.Store.read_only(str(path)) if read_only else ox.Store(path)
            return cls(inner, name=str(path), marker=marker, lock=held, writable=writable)
        except BpsError:
            unlock(held)
            raise

    @property
    def _inner(self) -> ox.Store:
        if self._store is None:
            raise StoreUnavailable(self.name, "it is closed")
        return self._store

    @property
    def _writer(self) -> ox.Store:
        if self._lock is not None and not self._writable:
            raise StoreUnavailable(self.name, "it was opened for reading only")
        return self._inner

    def query(
        self,
        text: str,
        *,
        default_graphs: Collection[str] | None = None,
        named_graphs: Collection[str] | None = None,
    ) -> Rows | bool | Triples:
        """The answer to a SPARQL query over the union of all graphs, or over a dataset; see `Store.query`."""
        with self.answering(text, default_graphs=default_graphs, named_graphs=named_graphs) as answer:
            if isinstance(answer, ox.QueryBoolean):
                return bool(answer)
            if isinstance(answer, ox.QueryTriples):
                return Triples(frozenset(answer))
            columns = tuple(variable.value for variable in answer.variables)
            return Rows(columns, tuple(tuple(solution) for solution in answer))

    @contextmanager
    def answering(
        self,
        text: str,
        *,
        default_graphs: Collection[str] | None = None,
        named_graphs: Collection[str] | None = None,
    ) -> Iterator[ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples]:
        """The engine's own answer to a query, which it works out while it is read; for use in a `with`.

        Several default graphs are copied into one first, which takes about a second per 200,000 triples.
        """
        if default_graphs is None and named_graphs is None:
            default_graphs, named_graphs = several_graphs(text) or (None, None)
        with _translated(self.name):
            asked = self._inner
            default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
            named: list[ox.NamedNode | ox.BlankNode] | None = None
            if default_graphs is not None or named_graphs is not None:
                default = [_graph_name(iri) for iri in default_graphs or ()]
                named = [_graph_name(iri) for iri in named_graphs or ()]
            if default is not None and len(default) > 1:
                asked, default = _merged(asked, default, named or []), [ox.DefaultGraph()]
            try:
                answer = asked.query(
                    text, base_iri=BASE, prefixes=PREFIXES, default_graph=default, named_graphs=named
                )
            except SyntaxError as error:
                raise _bad_query(str(error)) from error
            yield answer

    def update(self, text: str) -> None:
        """Run a SPARQL update; raises `BadQuery` for what is none."""
        writer = self._writer
        self._touched = True
        with _translated(self.name):
            try:
                writer.update(text, base_iri=BASE, prefixes=PREFIXES)
            except SyntaxError as error:
                raise _bad_query(str(error)) from error

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        with _translated(self.name):
            return sorted(name.value for name in self._inner.named_graphs() if isinstance(name, ox.NamedNode))

    def graph(self, iri: str) -> Triples:
        """The triples of one graph."""
        with _translated(self.name):
            quads = self._inner.quads_for_pattern(None, None, None, ox.NamedNode(iri))
            return Triples(frozenset(quad.triple for quad in quads))

    def triples(
        self,
        subject: ox.NamedNode | ox.BlankNode | None = None,
        predicate: ox.NamedNode | None = None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | None = None,
    ) -> Iterator[ox.Triple]:
        """The triples of the union with these terms; None is any term."""
        with _translated(self.name):
            for quad in self._inner.quads_for_pattern(subject, predicate, object, ox.DefaultGraph()):
                yield quad.triple

    def extract(self, name: str) -> bytes | None:
        """What `keep_extract` kept under a name, as N-Triples; None where a graph of it has changed."""
        if self.marker is None:
            return extracts.content(self._extracts[name]) if name in self._extracts else None
        with _translated(self.name):
            return extracts.read(Path(self.name), name)

    def keep_extract(self, name: str, triples: Iterable[ox.Triple], graphs: Iterable[str]) -> None:
        """Keep some of the triples in a form that is read at once; they are drawn from these graphs."""
        kept = extracts.written(triples, graphs)
        if self.marker is None:
            self._extracts[name] = kept
            return
        self._writer  # noqa: B018 - refuses a store that was opened for reading
        with _translated(self.name):
            extracts.write(Path(self.name), name, kept)

    def _change(self, *iris: str) -> ox.Store:
        """The store to write to, after forgetting every extract of these graphs."""
        writer = self._writer
        self._touched = True
        self._extracts = {
            name: kept for name, kept in self._extracts.items() if not extracts.is_of(kept, iris)
        }
        if self.marker is not None:
            with _translated(self.name):
                extracts.forget(Path(self.name), iris)
        return writer

    def replace_graph(self, iri: str, triples: Iterable[ox.Triple]) -> None:
        """Replace a graph as a whole, in one transaction: readers see the old one or the new one."""
        writer, name = self._change(iri), ox.NamedNode(iri)
        with _translated(self.name):
            if writer.contains_named_graph(name):
                writer.update(_replacement(name, triples))
            else:
                writer.extend(
                    ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                    for triple in set(triples)
                    for graph in (name, ox.DefaultGraph())
                )

    def derive(self, iri: str, text: str) -> None:
        """Replace a graph by what a CONSTRUCT gives; raises `BadQuery` for a query of another form."""
        self.replace_graph(iri, construct(self, text))

    def replace_graphs(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> None:
        """Replace several graphs in one transaction; one that is to hold nothing is forgotten."""
        graphs = dict(graphs)
        writer = self._change(*graphs)
        with _translated(self.name):
            writer.update(
                " ;\n".join(_replacement(ox.NamedNode(iri), triples) for iri, triples in graphs.items())
            )

    def remove_graph(self, iri: str) -> None:
        """Forget a graph."""
        writer = self._change(iri)
        with _translated(self.name):
            writer.update(_removal(ox.NamedNode(iri)))

    def mark(self, entry: int, entry_hash: str) -> None:
        """Wait until all is on the disk, and put into the marker which entry of the journal is applied.

        Raises a `StoreError`; the marker then says what it said before.
        """
        if self.marker is None:
            raise StoreUnavailable(self.name, "a store in memory has no journal")
        marker = replace(self.marker, triples=len(self), entry=entry, entry_hash=entry_hash)
        with _translated(self.name):
            self._writer.flush()
            marker.write(Path(self.name))
        self.marker = marker
        self._touched = False

    def copied(self, without: tuple[str, ...]) -> Self:
        """A store in memory with the same graphs, but those whose IRI begins with one of these."""
        copy = type(self).in_memory()
        with _translated(self.name):
            named = [
                quad
                for quad in self._inner
                if isinstance(quad.graph_name, ox.NamedNode) and not quad.graph_name.value.startswith(without)
            ]
            copy._inner.bulk_extend(named)
            copy._inner.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in named)
        return copy

    def __len__(self) -> int:
        """How many triples the union of the graphs has, counted one by one."""
        with _translated(self.name):
            return sum(1 for _ in self._inner.quads_for_pattern(None, None, None, ox.DefaultGraph()))

    def close(self) -> None:
        """Bring the marker up to date, let go of the files and of the lock; closing twice is harmless."""
        try:
            if self._store is not None and self._touched and self.marker is not None:
                with _translated(self.name):
                    self._store.flush()
                    replace(self.marker, triples=len(self)).write(Path(self.name))
        finally:
            self._store = None
            unlock(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def building(path: Path, inputs: str, *, entry: int = 0, entry_hash: str = "") -> Iterator[EmbeddedStore]:
    """An empty store to fill, which replaces the one at `path` when the block ends without an error.

    It is filled in memory and written to a hidden folder beside it, so that a build that fails leaves
    the old store as it was. `inputs` is the hash of what it is built from, `entry` with `entry_hash` the last
    entry of the journal that is in it. Raises `StoreBusy` where the
    old store is in use or another build is running, and `BadParameter` where the folder holds something
    else.
    """
    path = path.resolve()
    draft = path.with_name(f".{path.name}.building")
    unlock(_lock_for_replacement(path))
    try:
        draft.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(path, error.strerror or str(error)) from error
    held = lock(draft, alone=True)
    try:
        with _translated(path):
            _empty(draft)
        with EmbeddedStore.in_memory() as store:
            yield store
            with _translated(path):
                # One bulk load waits for the disk once; many small writes would wait each time.
                disk = ox.Store(draft)
                disk.bulk_extend(store._inner)
                disk.flush()
                del disk
                for name, kept in store._extracts.items():
                    extracts.write(draft, name, kept)
                marker = Marker(
                    format=FORMAT, triples=len(store), inputs=inputs, entry=entry, entry_hash=entry_hash
                )
                marker.write(draft)
                _swap(draft, path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        unlock(held)


def _swap(draft: Path, path: Path) -> None:
    held = _lock_for_replacement(path)
    old = path.with_name(f".{path.name}.old")
    try:
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        try:
            draft.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        unlock(held)


def _graph_name(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise BadQuery(f"{iri!r} is not the IRI of a graph", "write an absolute IRI") from error


def _merged(
    store: ox.Store,
    default: Iterable[ox.NamedNode | ox.BlankNode | ox.DefaultGraph],
    named: Iterable[ox.NamedNode | ox.BlankNode],
) -> ox.Store:
    """A store in memory: the union of some graphs is its default graph, and others are there by name.

    pyoxigraph takes several default graphs too, but gives a triple once for each graph that states it.
    """
    merged = ox.Store()
    for graph in default:
        quads = store.quads_for_pattern(None, None, None, graph)
        merged.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    for graph in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def _replacement(name: ox.NamedNode, triples: Iterable[ox.Triple]) -> str:
    # Only an update removes and adds in one transaction.
    body = "\n".join(f"{triple} ." for triple in set(triples))
    insertion = f" ; INSERT DATA {{ {body} GRAPH {name} {{ {body} }} }}" if body else ""
    return _removal(name) + insertion


def _removal(name: ox.NamedNode) -> str:
    return (
        f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} "
        f"FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {name}) }} }} ; "
        f"DROP SILENT GRAPH {name}"
    )


def _lock_for_replacement(path: Path) -> int | None:
    """The lock of the store that is to be replaced, None where nothing is there; refuses any other folder."""
    if not path.exists():
        return None
    if path.is_dir() and not any(path.iterdir()):
        return None
    if not (path / MARKER).is_file():
        raise BadParameter(
            str(path), "this holds something else than a store", "name a new or empty folder with --store"
        )
    return lock(path, alone=True)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        entry.unlink()


@contextmanager
def _translated(store: str | Path) -> Iterator[None]:
    """Turn what pyoxigraph and the file system raise into errors of this project."""
    try:
        yield
    except RuntimeError as error:
        if str(error).startswith("Corruption"):
            raise StoreDamaged(store, str(error).splitlines()[0]) from error
        raise BadQuery(f"the query cannot be evaluated: {error}", "rewrite it without that") from error
    except FileNotFoundError as error:
        raise StoreDamaged(store, "a file of it is missing") from error
    except OSError as error:
        if "lock" in str(error).lower():
            raise StoreBusy(store, "it is held by another process") from error
        raise StoreUnavailable(store, error.strerror or str(error)) from error


def _bad_query(message: str) -> BadQuery:
    place = re.match(r"error at ([0-9]+):([0-9]+): (.*)", message, re.DOTALL)
    if place is None:
        return BadQuery(f"this is not a SPARQL query: {message}", "correct it")
    line, column, problem = place.groups()
    return BadQuery(problem, "correct the query there", where=f"line {line}, column {column}")
