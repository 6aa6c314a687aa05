"""A store of a few triples with its journal and copies, changed as `bpsgraph accept` changes one."""

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from bpsgraph.store import open_store, restoring
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.embedded import building
from bpsgraph.store.generations import Generations
from bpsgraph.store.journal import CATALOGUES, CHANGES, NOTHING, WITHDRAWN, Journal, journal_of
from bpsgraph.terms import BASE, PROV
from store_contract import A, label


class SmallStore:
    """The store in a folder `store`, whose catalogues have one label each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.journal = Journal(journal_of(self.store))
        self.copies = Copies(copies_of(self.store))

    def build(self) -> None:
        with building(self.store, "sha256:none") as store:
            store.replace_graph(f"{BASE}graph/vocabulary", [label(A, "词汇")])

    def accept(self, key: str, text: str) -> int:
        """Put a catalogue of that label into the store; gives the number of the entry."""
        subject = NamedNode(f"{BASE}catalogue/{key}")
        with open_store(self.store, writable=True) as store, self.journal.writing():
            restoring.settle(self.store, self.journal)
            assert store.marker is not None
            if self.journal.goes_beyond(store.marker.entry, store.marker.entry_hash):
                last = self.journal.entries()[-1]
                store.replace_graphs(self.journal.outcome(after=store.marker.entry))
                store.commit(last.number, last.hash)
            self.copies.complete(self.journal.entries())
            number, follows = self.journal.following()
            change = {Triple(A, NamedNode(PROV + "generated"), subject), *follows}
            graphs: dict[str, Iterable[Triple]] = {
                CATALOGUES + key: [label(subject, text)],
                WITHDRAWN + key: NOTHING,
                f"{CHANGES}{number}": change,
            }
            entry = self.journal.append(number, graphs)
            self.copies.write(number, entry.path.read_bytes())
            store.replace_graphs(graphs)
            store.commit(entry.number, entry.hash)
        return number

    def labels(self) -> dict[str, str]:
        """The label of each catalogue in the store."""
        with open_store(self.store) as store:
            return {
                graph.removeprefix(CATALOGUES): next(iter(store.graph(graph))).object.value  # type: ignore[union-attr]
                for graph in store.graphs()
                if graph.startswith(CATALOGUES)
            }

    def problems(self) -> list[str]:
        """What is wrong with the store, its journal or the copies."""
        return [
            *Generations(self.store).problems(),
            *self.journal.problems(),
            *self.copies.problems(self.journal.listed()),
        ]

    def bytes(self) -> dict[str, bytes]:
        """Every file beside and in the store, but the lock."""
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and file.name != "lock"
        }
