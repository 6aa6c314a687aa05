"""`bpsgraph doctor`: is the store whole and up to date, and which engines are there."""

import re
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pyoxigraph import Literal, NamedNode

from bpsgraph.cli.output import StoreOption, table, write
from bpsgraph.cli.parameters import Option
from bpsgraph.config import Settings, load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.engine.sandbox import HELD, PARTS
from bpsgraph.errors import BadParameter, BpsError, JournalDamaged, StoreDamaged
from bpsgraph.library import Library
from bpsgraph.sources import Sources, find_sources, inputs_of
from bpsgraph.store import EmbeddedStore, Store, open_store, select
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.generations import Generations, followed
from bpsgraph.store.journal import Journal, journal_of
from bpsgraph.store.restoring import is_waiting
from bpsgraph.terms import SOURCE_HASH, WAS_DERIVED_FROM, short

# Distribution -> the module it is imported as.
ENGINES = {
    "pyoxigraph": "pyoxigraph",
    "pyshifty": "shifty",
    "pyshacl": "pyshacl",
    "rdflib": "rdflib",
    "owlrl": "owlrl",
}


_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
DerivedOption = Annotated[
    str | None,
    Option(
        metavar="all|NUMBER", help="Also derive everything anew, or that of so many catalogues, and compare."
    ),
]


def doctor(derived: DerivedOption = None, store: StoreOption = None) -> int:
    """Check that store and journal are whole and up to date, and the engines; exit code 1 where not."""
    settings = load_settings({"store": store})
    number = _number(derived)
    engines, fine = _engines()
    write(table(("engine", "version"), engines) + "\n", None)
    workers, started = _workers(settings)
    fine = fine and started
    write(table(("worker process", ""), workers) + "\n", None)
    if isinstance(settings.store, Endpoint):
        said, sound = _remote(settings.store, find_sources(settings.sources, settings.catalogues))
        write(table((str(settings.store), ""), said), None)
        return 0 if fine and sound else 1
    place = settings.store
    journal, copies = Journal(settings.journal or journal_of(place)), Copies(copies_of(place))
    source = followed(place)
    entries, whole = _journal(journal) if source is None else ([("replica of", source)], True)
    # What ends an interrupted restore also puts the copies right.
    copied = [] if is_waiting(journal) else copies.problems(journal.listed())
    if copied or not (whole or is_waiting(journal)):
        entries += [("copies", problem) for problem in copied]
        entries.append(("journal", "run `bpsgraph rebuild`, which repairs whatever can be proved"))
    try:
        rows, sound = _files(place)
    except StoreDamaged:
        # The store does not open, and what is wrong with the journal is said all the same.
        write(table((str(place), ""), entries), None)
        raise
    if sound:
        with open_store(place) as opened:
            said, sound = _store(opened, find_sources(settings.sources, settings.catalogues))
            rows += said
            if derived is not None:
                library = Library(find_sources(settings.sources).root / "queries")
                said, same = _derived(opened, number, library)
                rows, sound = rows + said, sound and same
            if whole and source is None:
                entries, whole = _applied(journal, opened, entries)
    write(table((str(place), ""), [*rows, *entries]), None)
    return 0 if fine and sound and whole and not copied else 1


def _number(derived: str | None) -> int | None:
    """How many catalogues are drawn; None is all. Raises `BadParameter`."""
    if derived in (None, "all"):
        return None
    if not _NUMBER.fullmatch(derived):
        problem = f"{derived[:40]!r} is no number of catalogues"
        raise BadParameter("--derived", problem, "write all, or for example 20")
    return int(derived)


def _derived(
    store: EmbeddedStore, number: int | None, library: Library
) -> tuple[list[tuple[str, str]], bool]:
    """What is to be said of the derived graphs once they have been derived again."""
    from bpsgraph.validation.recomputed import differing, differing_among

    if number is None:
        found, words = differing(store, library), "each is what follows from its sources"
    else:
        graphs, found = differing_among(store, library, number)
        words = f"{graphs:,} drawn by chance: each is what follows from its sources"
    rows = [("derived anew", f"{short(iri)} is another: run `bpsgraph build`") for iri in found]
    return rows or [("derived anew", words)], not found


def _remote(endpoint: Endpoint, sources: Sources) -> tuple[list[tuple[str, str]], bool]:
    """What is to be said of a store on a server: whether its union is what saved queries are written for."""
    from bpsgraph.store.remote import RemoteStore

    with RemoteStore.open(endpoint) as store:
        graphs, stale = store.graphs(), _stale(store)
        found, marker = _counted(store, _COUNT), store.marker
        wanted = _counted(store, _WANTED) if marker is None else marker.triples
        whole = found == wanted
        triples = f"{found:,} triples"
        if not whole:
            triples += f", but the graphs have {wanted:,}: docs/remote-stores.md says what to set"
        sent = "not by `bpsgraph build`, or not to the end: run it with this store"
        if marker is not None:
            current = marker.inputs == inputs_of(sources)
            sent = "as built" if current else "built from other sources: run `bpsgraph build` with this store"
        asked = "" if store.engine.answers else ": questions are asked of a copy"
        rows = [
            ("engine", store.engine.name + asked),
            ("graphs", f"{len(graphs):,}"),
            ("sent", sent),
            ("journal", f"up to entry {marker.entry}" if marker and marker.entry else "nothing was accepted"),
            ("union of the graphs", triples),
            ("derived graphs", ", ".join(f"{short(iri)} is stale" for iri in stale) or "none is stale"),
        ]
    return rows, whole and not stale


def _counted(store: Store, text: str) -> int:
    [[count]] = select(store, text).rows
    assert isinstance(count, Literal)
    return int(count.value)


_COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_WANTED = "SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }"


def _files(store: Path) -> tuple[list[tuple[str, str]], bool]:
    """What is to be said of the files: each is read and compared with the manifest of the generation."""
    generations = Generations(store)
    problems = generations.problems()
    rows = [("files", problem) for problem in problems] or [("files", "each is as it was written")]
    if any("cannot be read" not in problem for problem in problems):
        rows.append(("store", "run `bpsgraph build`: it is made anew from the data and the journal"))
    rows += [
        ("unfinished", f"{name}: it is being written, or the next change takes it away")
        for name in generations.left_behind()
    ]
    return rows, not problems


def _engines() -> tuple[list[tuple[str, str]], bool]:
    rows, fine = [], True
    for distribution, module in ENGINES.items():
        try:
            import_module(module)
            rows.append((distribution, version(distribution)))
        except ImportError as error:
            rows.append((distribution, f"cannot be imported: {error}"))
            fine = False
    return rows, fine


def _workers(settings: Settings) -> tuple[list[tuple[str, str]], bool]:
    """What a worker process gives up on this machine; what the kernel refuses is said and is no fault."""
    try:
        with Pool("bpsgraph.engine.worker.nothing", {}, limits=Limits.of(settings).for_one()) as pool:
            report = pool.ready()
    except BpsError as error:
        return [("start", error.problem)], False
    words = {part: said if said == HELD else f"not here: {said}" for part, said in report.items()}
    return [(PARTS.get(part, part), said) for part, said in words.items()], True


_CHANGED = "changed since the store was built: run `bpsgraph build` (with the same --catalogues, if any)"


def _store(store: EmbeddedStore, sources: Sources) -> tuple[list[tuple[str, str]], bool]:
    marker, found = store.marker, len(store)
    assert marker is not None
    stale = _stale(store)
    whole, current = found == marker.triples, marker.inputs == inputs_of(sources)
    rows = [
        ("graphs", f"{len(store.graphs()):,}"),
        (
            "triples",
            f"{found:,}" + ("" if whole else f", but {marker.triples:,} were written: run `bpsgraph build`"),
        ),
        ("sources", "as built" if current else _CHANGED),
        ("derived graphs", ", ".join(f"{short(iri)} is stale" for iri in stale) or "none is stale"),
    ]
    return rows, whole and current and not stale


def _journal(journal: Journal) -> tuple[list[tuple[str, str]], bool]:
    """What is to be said of the entries: each is read and compared with its hash."""
    if is_waiting(journal):
        return [("journal", "a restore was interrupted: the next accept, withdraw or build ends it")], False
    problems = journal.problems()
    if problems:
        return [("journal", problem) for problem in problems], False
    entries = journal.entries()
    return [("journal", f"{len(entries):,} entries, whole" if entries else "nothing was accepted")], True


def _applied(
    journal: Journal, store: EmbeddedStore, rows: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], bool]:
    """These rows and, where the store does not hold what the journal says, what it holds instead."""
    marker, entries = store.marker, journal.entries()
    assert marker is not None
    try:
        beyond = journal.goes_beyond(marker.entry, marker.entry_hash)
    except JournalDamaged as error:
        return [("journal", error.problem), ("journal", "run `bpsgraph rebuild`")], False
    if beyond:
        waiting = ", ".join(str(entry.number) for entry in entries[marker.entry :])
        advice = "the next accept, withdraw or build puts them in"
        return [*rows, ("not in the store", f"entries {waiting}: {advice}")], False
    differing = [
        short(graph) for graph, triples in journal.outcome().items() if store.graph(graph) != triples
    ]
    if differing:
        words = ", ".join(differing)
        return [*rows, ("other than in it", f"{words}: run `bpsgraph build`")], False
    return rows, True


def _stale(store: Store) -> list[str]:
    """The derived graphs whose source graph is not any more what they were derived from."""
    text = f"SELECT ?graph ?source ?hash WHERE {{ ?graph {WAS_DERIVED_FROM} ?source ; {SOURCE_HASH} ?hash }}"
    stale = set()
    for row in select(store, text):
        graph, source, said = row["graph"], row["source"], row["hash"]
        assert isinstance(graph, NamedNode)
        assert isinstance(source, NamedNode)
        assert isinstance(said, Literal)
        if store.graph(source.value).content_hash() != said.value:
            stale.add(graph.value)
    return sorted(stale)
