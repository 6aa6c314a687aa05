"""Makes a store from the ontology and the data: one named graph per data file, one for the ontology,
one for the catalogue of saved queries.

What follows from them is in graphs of its own: `graph/ontology-closure` and `graph/closure`
(docs/reasoning.md), the floors of every jurisdiction, and the verdicts on every catalogue.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from bpsgraph.closing import close_data
from bpsgraph.errors import BpsError, MalformedFile, StoreDamaged, StoreMissing
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.library import QUERIES_GRAPH, Library, catalogue_triples
from bpsgraph.reasoning import ONTOLOGY_CLOSURE_GRAPH, close_ontology
from bpsgraph.results import Triples
from bpsgraph.sources import ONTOLOGY_GRAPH, Sources, content_of, inputs_of
from bpsgraph.store import EmbeddedStore, migrations, restoring
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.embedded import building, writing_anew
from bpsgraph.store.generations import Generations
from bpsgraph.store.journal import Entry, Journal, journal_of
from bpsgraph.store.locking import WAIT
from bpsgraph.store.own import is_own
from bpsgraph.store.recovery import recover
from bpsgraph.store.writing import Writer
from bpsgraph.validation.derived import derive_all
from bpsgraph.validation.totals import derive_totals
from bpsgraph.validation.workspace import keep_shared

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: how many graphs, how many triples in their union, and the hash of what it read."""

    graphs: int
    triples: int
    inputs: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What `rebuild` made, and a sentence for whatever it mended in the journal and its copies."""

    built: Built
    mended: tuple[str, ...]


def build(
    path: Path,
    sources: Sources,
    progress: Progress = lambda step, done, total: None,
    *,
    journal: Path | None = None,
    wait: float = WAIT,
) -> Built:
    """Build the store at `path`, as its newest generation; the same sources make the same graphs.

    What was accepted and withdrawn by the journal, a folder that is by default beside the store, holds again.
    Every file is parsed before anything is written, and a build that fails leaves the old store. Raises
    `MalformedFile` with file, line and column, `EmptyGraph`, `InconsistentOntology`, `JournalDamaged`,
    `StoreBusy` where another still writes to the store or its journal after `wait` seconds, and
    `BadParameter` where the folder holds something else than a store. Readers of the old store go on.
    """
    kept = Journal(journal or journal_of(path))
    with ExitStack() as stack:
        # Nothing is accepted meanwhile that the new store would not know of.
        writer = stack.enter_context(writing_anew(path, wait=wait))
        if kept.folder.exists() or restoring.is_waiting(kept):
            stack.enter_context(kept.writing(wait))
            restoring.settle(path, kept)
        _refuse_to_lose_any(path, kept)
        return _build(path, sources, progress, kept, writer)


def rebuild(
    path: Path,
    sources: Sources,
    progress: Progress = lambda step, done, total: None,
    *,
    journal: Path | None = None,
    wait: float = WAIT,
) -> Rebuilt:
    """Repair the journal, then build the store from it and the sources, whatever became of the old store.

    Raises `JournalLost` where nothing proves an entry: nothing has changed then. And what `build` raises.
    """
    kept, copies = Journal(journal or journal_of(path)), Copies(copies_of(path))
    with ExitStack() as stack:
        writer = stack.enter_context(writing_anew(path, wait=wait))
        last: tuple[int, str] | None = None
        with suppress(BpsError):
            marker = migrations.any_marker(path)
            last = marker.entry, marker.entry_hash
        mended: list[str] = []
        if kept.folder.exists() or restoring.is_waiting(kept) or copies.listed() or (last or (0, ""))[0]:
            stack.enter_context(kept.writing(wait))
            restoring.settle(path, kept)
            with _readable(path) as stores:
                mended = recover(kept, copies, last, stores)
        return Rebuilt(_build(path, sources, progress, kept, writer), tuple(mended))


@contextmanager
def _readable(path: Path) -> Iterator[list[EmbeddedStore]]:
    """Whatever can still be read of the store, the newest generation first, whole or not."""
    generations = Generations(path)
    with ExitStack() as stack:
        stores = []
        for number in reversed(generations.numbers()):
            with suppress(RuntimeError, OSError):
                inner = ox.Store.read_only(str(generations.folder(number)))
                stores.append(stack.enter_context(EmbeddedStore(inner)))
        yield stores


def _build(path: Path, sources: Sources, progress: Progress, journal: Journal, writer: Writer) -> Built:
    data = sources.data()
    _refuse_same_graph(data)
    library = Library(sources.root / "queries")
    rules = {name: library[name].text for name in library if name.startswith("derive/closure/")}
    last = journal.last()
    accepted = journal.outcome()
    inputs = inputs_of(sources)
    held = last or Entry(0, "", journal.folder)
    steps = len(data) + 4
    with building(path, inputs, entry=held.number, entry_hash=held.hash, writer=writer) as store:
        progress("ontology", 0, steps)
        ontology = {triple for file in sources.ontology() for triple in _parsed(file)}
        store.add_graphs(
            [
                (ONTOLOGY_GRAPH, ontology),
                (ONTOLOGY_CLOSURE_GRAPH, set(close_ontology(ontology))),
                (QUERIES_GRAPH, set(catalogue_triples(library))),
            ]
        )
        store.add_graphs(graphs_of(data, accepted, lambda name, done: progress(name, done + 1, steps)))
        # Derived graphs are written here: a derivation that fails leaves the old store as it was.
        progress("what follows from the data", steps - 3, steps)
        close_data(store, rules)
        store.optimize()
        progress("floors and verdicts", steps - 2, steps)
        store.add_graphs(derive_all(store, library))
        store.add_graphs(derive_totals(store, library))
        keep_shared(store, library)
        # Nothing is derived from them.
        store.add_graphs((graph, triples) for graph, triples in accepted.items() if is_own(graph))
        store.optimize()
        progress("counting", steps - 1, steps)
        built = Built(graphs=len(store.graphs()), triples=len(store), inputs=inputs)
    Copies(copies_of(path)).complete(journal.entries())
    progress("done", steps, steps)
    return built


def _refuse_same_graph(data: Mapping[Path, str]) -> None:
    known: dict[str, Path] = {}
    for file, graph in data.items():
        if graph in known:
            raise MalformedFile(
                file, f"another file is the graph {graph} already: {known[graph]}", "rename one of the two"
            )
        known[graph] = file


def graphs_of(
    data: Mapping[Path, str], accepted: Mapping[str, Triples], told: Callable[[str, int], None]
) -> Iterator[tuple[str, Triples]]:
    """Every graph of the data, as the journal says of those that were accepted or withdrawn."""
    for done, (file, graph) in enumerate(data.items()):
        told(file.name, done)
        triples = _parsed(file)
        if graph not in accepted:
            yield graph, triples
    yield from ((graph, triples) for graph, triples in accepted.items() if not is_own(graph))


def _parsed(file: Path) -> Triples:
    return parse(content_of(file), str(file), FORMATS["turtle"])


def _refuse_to_lose_any(path: Path, journal: Journal) -> None:
    """Raise `JournalDamaged` where the old store holds an entry that the journal does not have any more."""
    with suppress(StoreMissing, StoreDamaged):
        marker = migrations.any_marker(path)
        journal.goes_beyond(marker.entry, marker.entry_hash)
    # Where the marker cannot say it, the copies do.
    Copies(copies_of(path)).refuse_other_entries(journal)
