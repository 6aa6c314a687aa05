"""The store inside this process: pyoxigraph on disk or in memory, one named graph per document.

On disk a store is a marker and its generations (docs/store.md). Readers open the newest generation, which
nobody changes; the one writer changes a copy of it and publishes that as the next one. pyoxigraph alone would
make a new, empty store of any mistyped path.

The default graph holds the union of the named graphs. pyoxigraph can also make that union while it
answers, but then a triple that two graphs state is counted twice. Nothing of pyoxigraph's own
exceptions leaves this room.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from bpsgraph.errors import BadQuery, BpsError, StoreUnavailable
from bpsgraph.results import Difference, Rows, Triples
from bpsgraph.store import extracts, locking, needs
from bpsgraph.store.base import construct
from bpsgraph.store.dataset import several_graphs
from bpsgraph.store.failures import bad_query, translated
from bpsgraph.store.generations import Generations, Held
from bpsgraph.store.locking import WAIT
from bpsgraph.store.marker import Marker
from bpsgraph.store.writing import Writer
from bpsgraph.terms import BASE, PREFIXES

# As many triples are put into a store at once; ten times as many take four times the memory.
_AT_ONCE = 250_000


class EmbeddedStore:
    """A `Store` in this process; `open` and `in_memory` make one."""

    def __init__(
        self,
        inner: ox.Store,
        *,
        name: str = "the store in memory",
        marker: Marker | None = None,
        held: Held | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._store: ox.Store | None = inner
        self._held = held
        self._writing = writer
        # Whether what is open is still the generation itself, of which a copy is to be changed.
        self._is_generation = False
        self._touched = False
        # How many triples the union has, where that is known without counting.
        self._triples = None if marker is None else marker.triples
        # What is kept since the last commit; None stands for an extract that is forgotten.
        self._extracts: dict[str, bytes | None] = {}
        self.name = name
        self.marker = marker

    @classmethod
    def in_memory(cls) -> Self:
        """An empty store that lives as long as this object: for one submission, and for tests."""
        return cls(ox.Store())

    @classmethod
    def open(
        cls, path: Path, *, writable: bool = False, wait: float = WAIT, generation: Marker | None = None
    ) -> Self:
        """The store in the folder, read by any number at once, or held for writing by this object alone.

        Readers see the generation that is the newest when they come, or that of the marker given, until they
        close; writing does not disturb them and need not wait for them. A writer waits `wait` seconds for the
        one before it, and what it changes counts once it is committed.

        Raises `StoreMissing` where there is none, `StoreBusy` where another still writes, `StoreFormat` for
        another format, `StoreDamaged` or `StoreUnavailable` where it does not open.
        """
        Marker.read(path)
        if not writable:
            needs.check(path)
            generations = Generations(path)
            held = generations.hold(generation) if generation else generations.hold_newest()
            if held is None:
                raise StoreUnavailable(path, "the generation that is asked for is not there any more")
            try:
                with translated(path):
                    inner = ox.Store.read_only(str(held.folder))
                return cls(inner, name=str(path), marker=held.marker, held=held)
            except BpsError:
                locking.unlock(held.lock)
                raise
        writer = Writer.begin(path, wait)
        try:
            held = Generations(path).hold_newest()
            try:
                with translated(path):
                    inner = writer.read(held.folder, held.manifest)
            finally:
                # Only a writer takes generations away.
                locking.unlock(held.lock)
            store = cls(inner, name=str(path), marker=held.marker, writer=writer)
            store._is_generation = True
            return store
        except BaseException:
            writer.end()
            raise

    @property
    def _inner(self) -> ox.Store:
        if self._store is None:
            raise StoreUnavailable(self.name, "it is closed")
        return self._store

    @property
    def _writer(self) -> ox.Store:
        if self._held is not None:
            raise StoreUnavailable(self.name, "it was opened for reading only")
        if self._is_generation and self._store is not None:
            assert self._writing is not None
            with translated(self.name):
                self._store = self._writing.copy()
            self._is_generation = False
        return self._inner

    def prepare_to_change(self) -> None:
        """Make the copy that is changed, which the first change does otherwise.

        Raises `StoreUnavailable` for a store that was opened for reading, and a `StoreError` where no copy
        can be made.
        """
        self._writer  # noqa: B018 - makes it

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
        with translated(self.name):
            asked = self._inner
            default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
            named: list[ox.NamedNode | ox.BlankNode] | None = None
            if default_graphs is not None or named_graphs is not None:
                default = [checked_graph(iri) for iri in default_graphs or ()]
                named = [checked_graph(iri) for iri in named_graphs or ()]
            if default is not None and len(default) > 1:
                asked, default = _merged(asked, default, named or []), [ox.DefaultGraph()]
            try:
                answer = asked.query(
                    text, base_iri=BASE, prefixes=PREFIXES, default_graph=default, named_graphs=named
                )
            except SyntaxError as error:
                raise bad_query(str(error)) from error
            except UnicodeEncodeError as error:
                problem = f"character {error.start + 1} of the query stands for a byte that is not UTF-8"
                raise BadQuery(problem, "write the query as UTF-8") from error
            yield answer

    def update(self, text: str) -> None:
        """Run a SPARQL update; raises `BadQuery` for what is none."""
        writer = self._change(None)
        with translated(self.name):
            try:
                writer.update(text, base_iri=BASE, prefixes=PREFIXES)
            except SyntaxError as error:
                raise bad_query(str(error)) from error

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        with translated(self.name):
            return sorted(name.value for name in self._inner.named_graphs() if isinstance(name, ox.NamedNode))

    def graph(self, iri: str) -> Triples:
        """The triples of one graph."""
        with translated(self.name):
            quads = self._inner.quads_for_pattern(None, None, None, ox.NamedNode(iri))
            return Triples(frozenset(quad.triple for quad in quads))

    def triples(
        self,
        subject: ox.NamedNode | ox.BlankNode | None = None,
        predicate: ox.NamedNode | None = None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | None = None,
    ) -> Iterator[ox.Triple]:
        """The triples of the union with these terms; None is any term."""
        with translated(self.name):
            for quad in self._inner.quads_for_pattern(subject, predicate, object, ox.DefaultGraph()):
                yield quad.triple

    def said_of(self, subject: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
        """What each named graph says of a subject."""
        union = ox.DefaultGraph()
        with translated(self.name):
            for quad in self._inner.quads_for_pattern(subject, None, None, None):
                if quad.graph_name != union:
                    yield quad

    def statements(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None = None,
        predicate: ox.NamedNode | None = None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]:
        """What each named graph states with these terms, or one graph; None is any."""
        name = None if graph is None else ox.NamedNode(graph)
        union = ox.DefaultGraph()
        with translated(self.name):
            for quad in self._inner.quads_for_pattern(subject, predicate, object, name):
                if quad.graph_name != union:
                    yield quad

    def extract(self, name: str) -> bytes | None:
        """What `keep_extract` kept under a name, as N-Triples; None where a graph of it has changed."""
        if name in self._extracts:
            kept = self._extracts[name]
            return None if kept is None else extracts.content(kept)
        if self._folder is None:
            return None
        with translated(self.name):
            return extracts.read(self._folder, name)

    @property
    def _folder(self) -> Path | None:
        """The generation that this store shows or is changed from."""
        if self._held is not None:
            return self._held.folder
        return None if self._writing is None else self._writing.folder

    def keep_extract(self, name: str, triples: Iterable[ox.Triple], graphs: Iterable[str]) -> None:
        """Keep some of the triples in a form that is read at once; they are drawn from these graphs."""
        self._writer  # noqa: B018 - refuses a store that was opened for reading
        self._extracts[name] = extracts.written(triples, graphs)
        self._touched = True

    def forget_extract(self, name: str) -> None:
        """Let go of an extract whose triples are not what it was drawn from any more."""
        self._writer  # noqa: B018 - refuses a store that was opened for reading
        self._extracts[name] = None
        self._touched = True

    def _change(self, iris: Iterable[str] | None) -> ox.Store:
        """The store to write to, after forgetting every extract of these graphs; None stands for all."""
        writer = self._writer
        self._touched = True
        self._triples = None
        with translated(self.name):
            before = {} if self._folder is None else extracts.heads(self._folder)
        for name, kept in (before | self._extracts).items():
            if kept is not None and (iris is None or extracts.is_of(kept, iris)):
                self._extracts[name] = None
        return writer

    def replace_graph(self, iri: str, triples: Iterable[ox.Triple]) -> None:
        """Replace a graph as a whole, in one transaction: readers see the old one or the new one."""
        writer, name = self._change([iri]), ox.NamedNode(iri)
        with translated(self.name):
            if writer.contains_named_graph(name):
                writer.update(_replacement(name, triples))
            else:
                writer.extend(
                    ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                    for triple in set(triples)
                    for graph in (name, ox.DefaultGraph())
                )

    def add_graphs(self, graphs: Iterable[tuple[str, Iterable[ox.Triple]]]) -> None:
        """Add triples to graphs, many at once and not in one transaction.

        For millions of triples, since it needs neither the log nor the memory of one transaction.
        """
        waiting: list[tuple[ox.NamedNode, Collection[ox.Triple]]] = []
        size = 0
        for iri, given in graphs:
            triples = given if isinstance(given, Collection) else list(given)
            waiting.append((ox.NamedNode(iri), triples))
            size += len(triples)
            if size >= _AT_ONCE:
                self._load(waiting)
                waiting, size = [], 0
        self._load(waiting)

    def _load(self, graphs: Collection[tuple[ox.NamedNode, Collection[ox.Triple]]]) -> None:
        writer = self._change([name.value for name, _ in graphs])
        union = ox.DefaultGraph()
        with translated(self.name):
            writer.bulk_extend(
                ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                for name, triples in graphs
                for triple in triples
                for graph in (name, union)
            )

    def optimize(self) -> None:
        """Put what was added in many parts in order on the disk: reading then takes a third of the time."""
        with translated(self.name):
            self._writer.optimize()

    def derive(self, iri: str, text: str) -> None:
        """Replace a graph by what a CONSTRUCT gives; raises `BadQuery` for a query of another form."""
        self.replace_graph(iri, construct(self, text))

    def replace_graphs(self, graphs: Mapping[str, Iterable[ox.Triple]]) -> None:
        """Replace several graphs; one that is to hold nothing is forgotten.

        In one transaction, but for graphs with blank nodes; on the disk it all counts with the commit.
        """
        graphs = {iri: set(triples) for iri, triples in graphs.items()}
        if not graphs:
            return
        writer = self._change(graphs)
        # A blank node would be another after an update, and a label may stand in one operation only.
        unnamed = {iri: triples for iri, triples in graphs.items() if any(map(_has_blank, triples))}
        with translated(self.name):
            writer.update(
                " ;\n".join(
                    _replacement(ox.NamedNode(iri), () if iri in unnamed else triples)
                    for iri, triples in graphs.items()
                )
            )
            writer.extend(
                ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                for iri, triples in unnamed.items()
                for triple in triples
                for graph in (ox.NamedNode(iri), ox.DefaultGraph())
            )

    def alter(self, differences: Mapping[str, Difference]) -> None:
        """Take triples from graphs and add others; a graph that is left without any is forgotten.

        The triples are written as a store gives them back. This takes as long as there are triples in the
        differences, whatever else the graphs hold. In one transaction, but for blank nodes.
        """
        differences = {iri: difference for iri, difference in differences.items() if difference}
        if not differences:
            return
        triples, writer = self._triples, self._change(differences)
        with translated(self.name):
            leaving, entering = _of_the_union(writer, differences)
            removed = [_quad(triple) for triple in leaving]
            added = [_quad(triple) for triple in entering]
            for iri, difference in differences.items():
                removed += [_quad(triple, iri) for triple in difference.removed]
                added += [_quad(triple, iri) for triple in difference.added]
            writer.update(f"DELETE DATA {{ {_data(removed)} }} ; INSERT DATA {{ {_data(added)} }}")
            for quad in removed:
                if _has_blank(quad.triple):
                    writer.remove(quad)
            writer.extend(quad for quad in added if _has_blank(quad.triple))
            for iri in differences:
                name = ox.NamedNode(iri)
                if next(writer.quads_for_pattern(None, None, None, name), None) is None:
                    writer.remove_graph(name)
        if triples is not None:
            self._triples = triples + len(entering) - len(leaving)

    def remove_graph(self, iri: str) -> None:
        """Forget a graph."""
        writer = self._change([iri])
        with translated(self.name):
            writer.update(_removal(ox.NamedNode(iri)))

    def commit(self, entry: int, entry_hash: str) -> None:
        """Publish what was changed as a new generation, which holds the journal up to this entry.

        When this returns all of it is on the disk. Raises a `StoreError`; the store then says what it said
        before, unless the system failed after the marker was in its place: see `Writer.publish`.
        """
        if self.marker is None:
            raise StoreUnavailable(self.name, "a store in memory has no journal")
        inner = self._writer
        assert self._writing is not None
        if self._triples is None:
            self._triples = len(self)
        marker = replace(self.marker, triples=self._triples, entry=entry, entry_hash=entry_hash)
        with translated(self.name):
            self.marker = self._writing.publish(inner, marker, self._extracts)
        self._touched = False
        self._extracts = {}

    def copied(self, without: tuple[str, ...], where: Callable[[str], bool] = lambda graph: True) -> Self:
        """A store in memory with the same graphs, but those whose IRI begins with one of these.

        Only graphs are copied of whose IRI `where` is true.
        """
        copy = type(self).in_memory()
        with translated(self.name):
            # Graph by graph, since the union, which is half of all, need not be read.
            named = (
                quad
                for graph in self.graphs()
                if not graph.startswith(without) and where(graph)
                for quad in self._inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))
            )
            while some := list(islice(named, _AT_ONCE)):
                copy._inner.bulk_extend(some)
                copy._inner.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in some)
        return copy

    def __len__(self) -> int:
        """How many triples the union of the graphs has, counted one by one by the engine."""
        answer = self.query("SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }")
        assert isinstance(answer, Rows)
        [[count]] = answer.rows
        assert isinstance(count, ox.Literal)
        return int(count.value)

    def close(self) -> None:
        """Commit what was changed and let go of the store; closing twice is harmless.

        Raises what `commit` raises; the store is let go of all the same.
        """
        try:
            if self._store is not None and self._touched and self.marker is not None:
                self.commit(self.marker.entry, self.marker.entry_hash)
        finally:
            self.discard()

    def discard(self) -> None:
        """Let go of the store without what was changed since the last commit; again is harmless."""
        self._store = None
        if self._held is not None:
            locking.unlock(self._held.lock)
            self._held = replace(self._held, lock=-1)
        if self._writing is not None:
            self._writing.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


@contextmanager
def writing_anew(path: Path, *, wait: float = WAIT) -> Iterator[Writer]:
    """The writer of a store that is to be filled anew; the folder is made, or is a store of any format.

    One that was made goes again where no store came to be in it. Raises what `Writer.begin_anew` raises.
    """
    writer = Writer.begin_anew(path, wait)
    try:
        yield writer
    finally:
        writer.end()


@contextmanager
def building(
    path: Path,
    inputs: str,
    *,
    entry: int = 0,
    entry_hash: str = "",
    wait: float = WAIT,
    writer: Writer | None = None,
) -> Iterator[EmbeddedStore]:
    """An empty store to fill: the newest generation at `path` once the block ends without an error.

    Readers see the old generation until the new one is whole. `inputs` is the hash of what it is built from,
    `entry` with `entry_hash` the last entry of the journal that is in it.
    `writer` is that of the folder where the caller has it already. Raises `StoreBusy` where another still
    writes after `wait` seconds, and `BadParameter` where the folder holds something else.
    """
    with ExitStack() as stack:
        if writer is None:
            writer = stack.enter_context(writing_anew(path, wait=wait))
        with translated(path):
            inner = writer.empty()
        with EmbeddedStore(inner, name=str(path)) as store:
            yield store
            marker = Marker(0, len(store), inputs, entry, entry_hash)
            with translated(path):
                writer.publish(inner, marker, store._extracts)


def checked_graph(iri: str) -> ox.NamedNode:
    """The name of a graph; raises `BadQuery` for what is no absolute IRI."""
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


def _of_the_union(
    store: ox.Store, differences: Mapping[str, Difference]
) -> tuple[set[ox.Triple], set[ox.Triple]]:
    """Which triples the union loses, since no other graph states them, and which it gains."""
    removed: dict[ox.Triple, set[str]] = {}
    for iri, difference in differences.items():
        for triple in difference.removed:
            removed.setdefault(triple, set()).add(iri)
    added = {triple for difference in differences.values() for triple in difference.added}
    leaving = {
        triple
        for triple, graphs in removed.items()
        if triple not in added
        and all(
            isinstance(quad.graph_name, ox.DefaultGraph) or quad.graph_name.value in graphs
            for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        )
    }
    entering = {triple for triple in added if _quad(triple) not in store}
    return leaving, entering


def _quad(triple: ox.Triple, graph: str | None = None) -> ox.Quad:
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    return ox.Quad(triple.subject, triple.predicate, triple.object, name)


def _data(quads: Iterable[ox.Quad]) -> str:
    """The quads as SPARQL writes data, without those that have blank nodes."""
    graphs: dict[ox.NamedNode | ox.BlankNode | ox.DefaultGraph, list[str]] = {}
    for quad in quads:
        if not _has_blank(quad.triple):
            graphs.setdefault(quad.graph_name, []).append(f"{quad.triple} .")
    return "\n".join(
        body if isinstance(name, ox.DefaultGraph) else f"GRAPH {name} {{ {body} }}"
        for name, body in ((name, "\n".join(lines)) for name, lines in graphs.items())
    )


def _replacement(name: ox.NamedNode, triples: Iterable[ox.Triple]) -> str:
    # Only an update removes and adds in one transaction.
    body = "\n".join(f"{triple} ." for triple in set(triples))
    insertion = f" ; INSERT DATA {{ {body} GRAPH {name} {{ {body} }} }}" if body else ""
    return _removal(name) + insertion


def _has_blank(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _removal(name: ox.NamedNode) -> str:
    return (
        f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} "
        f"FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {name}) }} }} ; "
        f"DROP SILENT GRAPH {name}"
    )
