"""Deriving from many catalogues in one pass: numbers, verdicts, and how many places share a ratio."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from pyoxigraph import Triple

from bpsgraph.columns import plan
from bpsgraph.columns.compiling import Unsupported, compile_query
from bpsgraph.columns.dictionary import Dictionary, lines_of, terms_of
from bpsgraph.columns.evaluation import Evaluation, Rows
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.relation import SHARED
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.store.base import Store
from bpsgraph.validation.derived import KEPT
from bpsgraph.validation.verdicts import QUANTITIES, REFERENCES
from bpsgraph.validation.workspaces import Submitted, Workspaces

_AT_ONCE = 48


def compared(
    store: Store, context: Store, library: Library, catalogues: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, Triples, frozenset[Triple] | None]]:
    """Each catalogue with its numbers and with what is kept of its verdicts, in the order given.

    They are given with their graphs in `store`; `context` has what they are compared with. None is kept of
    one that has to be compared by itself.
    """
    workspaces = Workspaces(context, library)
    nothing = Triples(frozenset())
    for some in _batches(catalogues):
        given = [Submitted(catalogue, store.graph(graph).triples) for catalogue, graph in some]
        try:
            unfit = set(workspaces.lay(given))
            steps = workspaces.compare()
            numbers = [workspaces.triples(steps[name]) for name in (*QUANTITIES, *REFERENCES)]
            found = [workspaces.triples(workspaces.construct(name)) for name in KEPT]
        except Unsupported:
            unfit = set(range(1, len(some) + 1))
        for world, (catalogue, _) in enumerate(some, 1):
            if world in unfit:
                yield catalogue, nothing, None
            else:
                of_it = (part.get(world, ()) for part in numbers)
                kept = frozenset(triple for part in found for triple in part.get(world, ()))
                yield catalogue, Triples(frozenset(t for part in of_it for t in part)), kept


def _batches(catalogues: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(catalogues), _AT_ONCE):
        yield catalogues[start : start + _AT_ONCE]


class Peers:
    """Counts over all catalogues at once how many places share a ratio to a floor."""

    def __init__(self, library: Library) -> None:
        self._plan = compile_query(library.text("derive/peer-ratios"))
        self._looked_at = {text.encode() for text in plan.predicates(self._plan)}
        self._dictionary = Dictionary()
        self._worlds = Worlds()
        self._evaluation = Evaluation(self._worlds, self._dictionary, Functions(self._dictionary))
        self._rows: list[list[int]] = []

    def add(self, triples: Iterable[Triple]) -> None:
        """Count these too, as far as they matter."""
        parts: list[bytes] = []
        for line in lines_of(triples):
            subject, predicate, object = line.split(b" ", 2)
            if predicate in self._looked_at:
                parts += (subject, predicate, object[:-2])
        self._rows.append(self._dictionary.numbers(parts))

    def tallies(self, owner: str) -> Triples:
        """What `queries/derive/peer-ratios.rq` gives for a jurisdiction."""
        if self._rows:
            rows = np.concatenate([np.array(part, np.int32) for part in self._rows]).reshape(-1, 3)
            self._rows.clear()
            rows = np.unique(rows, axis=0)
            self._worlds.shared.add(np.full(len(rows), SHARED, np.int32), *rows.T)
        found = self._evaluation.construct(
            self._plan, {"owner": [self._dictionary.number(f"<{owner}>".encode())]}
        )
        return self._triples(found)

    def _triples(self, rows: Rows) -> Triples:
        numbers = np.unique(np.concatenate([rows.subjects, rows.predicates, rows.objects])).tolist()
        terms = dict(zip(numbers, terms_of([self._dictionary.texts[n] for n in numbers]), strict=True))
        parts = zip(rows.subjects.tolist(), rows.predicates.tolist(), rows.objects.tolist(), strict=True)
        return Triples(frozenset(Triple(terms[s], terms[p], terms[o]) for s, p, o in parts))
