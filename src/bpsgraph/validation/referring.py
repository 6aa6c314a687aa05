"""What documents state on the items in which submissions refer to them, asked of the store once for many."""

from collections.abc import Callable, Iterable

import numpy as np
from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.columns.dictionary import Dictionary
from bpsgraph.columns.relation import Column, among
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BPS, DCT, Term

Numbers = np.ndarray[tuple[int, int], np.dtype[np.int32]]
"""A row for each triple: the numbers of its terms."""

_SOURCE, _CATALOGUE, _ITEM, _GUARANTEE, _FOLLOWS = (
    f"<{iri}>".encode()
    for iri in (DCT + "source", *(BPS + name for name in ("catalogue", "item", "guarantee", "follows")))
)
_PROMISE, _OF_CATALOGUE, _FROM = (
    NamedNode(iri) for iri in (BPS + "guarantee", BPS + "catalogue", DCT + "source")
)
_MOST_KNOWN = 200
# With more documents those of catalogues long gone are asked for again and again.
_MOST_DOCUMENTS = 1_000


class References:
    """Statements by document and item; `ask` gives those of all of some documents on all of some items.

    That is what `queries/derive/referenced-statements` gives. Each of its solutions has one document and one
    item, so that those of fewer documents and items are a part of it.
    """

    def __init__(self, dictionary: Dictionary, ask: Callable[[Column, Column], Numbers]) -> None:
        self._ask = ask
        self._source, self._catalogue, self._item, self._guarantee, self._follows = dictionary.numbers(
            [_SOURCE, _CATALOGUE, _ITEM, _GUARANTEE, _FOLLOWS]
        )
        self._known: dict[tuple[bytes, bytes], Numbers] = {}
        self.times_asked = 0
        """How often the store was asked."""
        self.forget()

    def forget(self) -> None:
        """Ask anew: documents may state something else."""
        self._documents = self._items = np.zeros(0, np.int32)
        self._rows: Numbers = np.zeros((0, 3), np.int32)
        self._known.clear()

    def are_concerned_by(self, altered: Numbers, documents_of: Callable[[Column], Column]) -> bool:
        """Whether documents state something else once a store says these no more, or says them from now on.

        `documents_of` gives the documents of the catalogues of rows and promises, as the store has them then.
        """
        subjects, predicates, objects = altered.T
        # Each triple of a solution is in the answer. One that comes to be has a new part of what is there, a
        # document of another catalogue, or is of another row of one.
        if among(subjects, np.concatenate([self._rows[:, 0], self._rows[:, 2]])).any():
            return True
        if among(objects[predicates == self._source], self._documents).any():
            return True
        return bool(among(documents_of(np.unique(subjects)), self._documents).any())

    def know(self, documents: Column, items: Column) -> None:
        """Ask for whatever the documents state on the items, unless it is known."""
        if not (among(documents, self._documents).all() and among(items, self._items).all()):
            if len(self._documents) > _MOST_DOCUMENTS:
                self.forget()
            self.times_asked += 1
            self._documents = np.union1d(self._documents, documents)
            self._items = np.union1d(self._items, items)
            self._rows = self._ask(self._documents, self._items)

    def of(self, documents: Column, items: Column) -> Numbers:
        """What the documents state on the items, of which both are known."""
        key = documents.tobytes(), items.tobytes()
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._part(documents, items)
        return self._known[key]

    def _part(self, documents: Column, items: Column) -> Numbers:
        subjects, predicates, objects = self._rows.T
        of_documents = (predicates == self._source) & among(objects, documents)
        of_catalogues = (predicates == self._catalogue) & among(objects, subjects[of_documents])
        of_items = (predicates == self._item) & among(objects, items)
        rows = np.intersect1d(subjects[of_catalogues], subjects[of_items])
        in_rows = among(subjects, rows)
        guarantees = in_rows & (predicates == self._guarantee)
        ends = frontier = np.unique(objects[guarantees])
        while len(frontier):
            reached = objects[(predicates == self._follows) & among(subjects, frontier)]
            frontier = np.setdiff1d(reached, ends)
            ends = np.union1d(ends, frontier)
        stating = of_documents & among(subjects, objects[of_catalogues & in_rows])
        found: Numbers = self._rows[
            stating | (in_rows & (of_catalogues | of_items)) | guarantees | among(subjects, ends)
        ]
        return found


def documents_of(store: EmbeddedStore | Changed, stated: Iterable[Term]) -> set[Term]:
    """The documents of the catalogues in which rows stand, and those with these promises."""
    named = {thing for thing in stated if isinstance(thing, NamedNode | BlankNode)}
    ends: set[Term | Triple] = {*named}
    for thing in named:
        ends |= {quad.subject for quad in store.statements(None, _PROMISE, thing)}
    for predicate in (_OF_CATALOGUE, _FROM):
        ends = {
            quad.object
            for end in ends
            if isinstance(end, NamedNode | BlankNode)
            for quad in store.statements(end, predicate)
        }
    return {end for end in ends if not isinstance(end, Triple)}
