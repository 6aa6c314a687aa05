"""The journal of a store: every accepted change as a numbered file that is on the disk before it counts.

An entry is `<number>-<sha256 of its bytes>.nq`: the graphs that hold from then on, in N-Quads. One of them,
`graph/changes/<number>`, says what the change is and which entry it follows; the other is that of a
catalogue or data set, or of its withdrawal, and each of these ends the other; or they are graphs of one's
own that an update left, and the first names those that are gone. Entries are applied to the
store once they are there, and again by every build: the store can be lost and the journal must not be.
"""

import contextlib
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox

from bpsgraph.errors import JournalDamaged, StoreUnavailable
from bpsgraph.results import Triples
from bpsgraph.store.locking import WAIT, lock, make_durable, unlock
from bpsgraph.terms import BASE, GRAPH, PREVIOUS_HASH, REMOVED_GRAPH

CATALOGUES = GRAPH + "catalogue/"
CHANGES = GRAPH + "changes/"
OBSERVATIONS = GRAPH + "observations/"
WITHDRAWN = GRAPH + "withdrawn/"
WITHDRAWN_OBSERVATIONS = WITHDRAWN + "observations/"
NOTHING = Triples(frozenset())
_NAME = re.compile(r"([0-9]{6,})-([0-9a-f]{64})\.nq")
_DRAFT = re.compile(r"\.[0-9]{6,}\.draft")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry by its file: its number, counted from 1, and `sha256:` with the hash of its bytes."""

    number: int
    hash: str
    path: Path


def journal_of(store: Path) -> Path:
    """The folder of the journal of a store where no other is named: beside it, `<store>.journal`."""
    store = store.resolve()
    return store.with_name(store.name + ".journal")


def change_iri(number: int) -> str:
    """The IRI of the change that an entry records."""
    return f"{BASE}change/{number}"


class Journal:
    """The entries in a folder, which need not exist before the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> tuple[Entry, ...]:
        """The entries in their order, as far as names tell.

        Raises `JournalDamaged` where one is missing or there twice, and `StoreUnavailable`.
        """
        found = self.listed()
        for expected, entry in enumerate(found, 1):
            if entry.number != expected:
                twice = entry.number < expected
                raise JournalDamaged(
                    self.folder,
                    entry.number if twice else expected,
                    "is there twice" if twice else "is missing",
                )
        return found

    def last(self) -> Entry | None:
        """The newest entry; raises what `entries` raises."""
        entries = self.entries()
        return entries[-1] if entries else None

    def goes_beyond(self, entry: int, entry_hash: str) -> bool:
        """Whether there are entries that a store does not hold whose marker names this one as its last.

        Raises `JournalDamaged` where the store holds an entry that is not here, and what `entries` raises.
        """
        entries = self.entries()
        if entry > len(entries):
            raise JournalDamaged(self.folder, entry, "is missing, and the store holds it")
        if entry and entries[entry - 1].hash != entry_hash:
            raise JournalDamaged(self.folder, entry, "is not the one that the store holds")
        return entry < len(entries)

    def outcome(self, after: int = 0) -> dict[str, Triples]:
        """The graphs as the entries after that number leave them; one without triples is to be forgotten.

        Every entry that is read is checked. Raises `JournalDamaged` where its bytes are not those its name
        says or it does not follow the entry before it, and what `entries` raises.
        """
        entries = self.entries()
        outcome: dict[str, Triples] = {}
        for entry in entries[after:]:
            graphs = self._graphs(entry)
            before = entries[entry.number - 2].hash if entry.number > 1 else None
            if follows(graphs, entry.number) != before:
                raise JournalDamaged(self.folder, entry.number, "does not follow the entry before it")
            for graph, triples in graphs.items():
                outcome[graph] = triples
                ended = _ended_by(graph)
                if ended is not None:
                    outcome[ended] = NOTHING
            for graph in removed(graphs, entry.number):
                outcome[graph] = NOTHING
        return outcome

    def problems(self) -> list[str]:
        """A sentence for whatever is wrong with the journal; none where it is whole."""
        try:
            listed = self.listed()
            others = sorted(path.name for path in self._files() if not _known(path.name))
        except StoreUnavailable as error:
            return [str(error)]
        sentences = [f"{name} is no entry: take it away" for name in others]
        numbers = Counter(entry.number for entry in listed)
        for before, number in pairwise([0, *sorted(numbers)]):
            if number - before == 2:
                sentences.append(f"entry {number - 1} is missing")
            elif number - before > 2:
                sentences.append(f"entries {before + 1} to {number - 1} are missing")
        sentences += [f"entry {number} is there twice" for number, times in numbers.items() if times > 1]
        hashes = {entry.number: entry.hash for entry in listed}
        for entry in listed:
            try:
                said = follows(self._graphs(entry), entry.number)
            except (JournalDamaged, StoreUnavailable) as error:
                sentences.append(error.problem)
                continue
            if said != hashes.get(entry.number - 1) and (entry.number == 1 or entry.number - 1 in hashes):
                sentences.append(f"entry {entry.number} does not follow the entry before it")
        return sentences

    @contextmanager
    def writing(self, wait: float = WAIT) -> Iterator[None]:
        """Hold the journal alone, with what a crash left half written cleared away.

        Whoever writes to store and journal takes the store first. Raises `StoreBusy` where another process
        still holds it after `wait` seconds, and `StoreUnavailable`.
        """
        with self._translated():
            new = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            if new:
                make_durable(self.folder.parent)
        held = lock(self.folder, alone=True, wait=wait)
        try:
            with self._translated():
                for path in self.folder.iterdir():
                    if _DRAFT.fullmatch(path.name):
                        path.unlink()
            yield
        finally:
            unlock(held)

    def following(self) -> tuple[int, frozenset[ox.Triple]]:
        """The number of the next entry, and what its `graph/changes/<number>` has to say: what it follows.

        Raises `JournalDamaged` where the newest entry is not what was written: nothing follows a broken one.
        """
        before = self.last()
        if before is None:
            return 1, frozenset()
        self.bytes_of(before)
        number = before.number + 1
        return number, frozenset(
            {ox.Triple(ox.NamedNode(change_iri(number)), PREVIOUS_HASH, ox.Literal(before.hash))}
        )

    def append(self, number: int, graphs: Mapping[str, Iterable[ox.Triple]]) -> Entry:
        """Write the entry of that number with these graphs and return it once it is on the disk.

        Only whoever is `writing` may call this. Raises `StoreUnavailable`, and then there is no entry.
        """
        return self.put(number, entry_bytes(graphs))

    def put(self, number: int, data: bytes) -> Entry:
        """Write these bytes as the entry of that number, as `append` does and with what it raises."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / f"{number:06d}-{digest}.nq"
        write_durably(path, data, self.folder / f".{number:06d}.draft")
        return Entry(number, "sha256:" + digest, path)

    def take_back(self, entry: Entry) -> None:
        """Remove the newest entry, which the store could not take and nobody was told of."""
        with self._translated():
            entry.path.unlink()
            make_durable(self.folder)

    def _files(self) -> list[Path]:
        with self._translated():
            return sorted(self.folder.iterdir()) if self.folder.exists() else []

    def listed(self) -> tuple[Entry, ...]:
        """Whatever is named like an entry, by number and hash; raises `StoreUnavailable`."""
        names = ((path, _NAME.fullmatch(path.name)) for path in self._files())
        found = [Entry(int(name[1]), "sha256:" + name[2], path) for path, name in names if name]
        return tuple(sorted(found, key=lambda entry: (entry.number, entry.hash)))

    def bytes_of(self, entry: Entry) -> bytes:
        """The bytes of an entry; raises `JournalDamaged` unless they have its hash, `StoreUnavailable`."""
        with self._translated():
            data = entry.path.read_bytes()
        if "sha256:" + hashlib.sha256(data).hexdigest() != entry.hash:
            raise JournalDamaged(self.folder, entry.number, "does not hold what was written")
        return data

    def _graphs(self, entry: Entry) -> dict[str, Triples]:
        data = self.bytes_of(entry)
        try:
            return graphs_in(data)
        except ValueError as error:
            raise JournalDamaged(self.folder, entry.number, "is not N-Quads with named graphs") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(self.folder, error.strerror or str(error)) from error


_PAIRS = ((CATALOGUES, WITHDRAWN), (OBSERVATIONS, WITHDRAWN_OBSERVATIONS))


def _ended_by(graph: str) -> str | None:
    """The graph that this one ends: a catalogue or data set its withdrawal, and the other way round."""
    for content, withdrawn in reversed(_PAIRS):
        for one, other in ((content, withdrawn), (withdrawn, content)):
            if graph.startswith(one):
                return other + graph.removeprefix(one)
    return None


def write_durably(path: Path, data: bytes, draft: Path) -> None:
    """Write a file under the name of its draft, rename it once it is on the disk, and wait for the rename.

    Raises `StoreUnavailable`, and then there is neither.
    """
    written = draft
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        written = path
        make_durable(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)
        raise StoreUnavailable(path.parent, error.strerror or str(error)) from error


def entry_bytes(graphs: Mapping[str, Iterable[ox.Triple]]) -> bytes:
    """The bytes of the entry with these graphs: N-Quads, each line once, sorted."""
    lines = (f"{triple} {ox.NamedNode(graph)} .\n" for graph, triples in graphs.items() for triple in triples)
    return "".join(sorted(set(lines))).encode()


def graphs_in(data: bytes) -> dict[str, Triples]:
    """The graphs that the bytes of an entry hold; raises `ValueError` where they are no N-Quads."""
    found: dict[str, set[ox.Triple]] = {}
    try:
        for quad in ox.parse(data, ox.RdfFormat.N_QUADS):
            found.setdefault(str(quad.graph_name.value), set()).add(quad.triple)
    except (SyntaxError, AttributeError) as error:
        raise ValueError("no N-Quads with named graphs") from error
    return {graph: Triples(frozenset(triples)) for graph, triples in found.items()}


def follows(graphs: Mapping[str, Triples], number: int) -> str | None:
    """The hash of the entry that an entry says it follows; None where it says none."""
    triples = graphs.get(f"{CHANGES}{number}", ())
    said = (t.object for t in triples if t.predicate == PREVIOUS_HASH)
    return next((value.value for value in said if isinstance(value, ox.Literal)), None)


def removed(graphs: Mapping[str, Triples], number: int) -> list[str]:
    """The graphs that are gone once an entry holds, which it can only name."""
    triples = graphs.get(f"{CHANGES}{number}", ())
    said = (t.object for t in triples if t.predicate == REMOVED_GRAPH)
    return sorted(graph.value for graph in said if isinstance(graph, ox.NamedNode))


def _known(name: str) -> bool:
    return bool(_NAME.fullmatch(name) or _DRAFT.fullmatch(name))
