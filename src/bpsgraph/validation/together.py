"""Deriving from many catalogues in one pass: numbers, verdicts, and how many places share a ratio."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import numpy as np
from pyoxigraph import Triple

from bpsgraph.columns import plan
from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import Dictionary, lines_of, terms_of
from bpsgraph.columns.evaluation import Evaluation, OfEach
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.plans import plan_of_construct
from bpsgraph.columns.relation import SHARED, Column, codes
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.store.base import Store
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE
from bpsgraph.validation.derived import KEPT, Compared
from bpsgraph.validation.verdicts import (
    FLOORS,
    QUANTITIES,
    REFERENCES,
    STATE,
    WORKING,
    floors_graph,
    peers_graph,
    tallies_graph,
)
from bpsgraph.validation.workspaces import Submitted, Workspaces

_AT_ONCE = 48
_GROUPING = ("peers", "peer-deviations")

LookedAt = Mapping[bytes, Container[bytes] | None]
"""Predicates, each with the objects that matter where not all do, in the syntax of N-Triples."""


def compared(
    store: Store, context: Store, library: Library, catalogues: Sequence[tuple[str, str]]
) -> Iterator[Compared]:
    """Each catalogue compared with the floors that it has to meet, in the order given.

    They are given with their graphs in `store`; `context` has what they are compared with.
    """
    return compared_in(Workspaces(context, library), store, catalogues)


def compared_in(
    workspaces: Workspaces, store: Store | Changed, catalogues: Sequence[tuple[str, str]]
) -> Iterator[Compared]:
    """What `compared` gives, in these workspaces; what lay there is gone."""
    nothing = Triples(frozenset())
    for some in _batches(catalogues):
        sources = [store.graph(graph) for _, graph in some]
        given = [
            Submitted(catalogue, source.triples) for (catalogue, _), source in zip(some, sources, strict=True)
        ]
        try:
            unfit = set(workspaces.lay(given))
            steps = workspaces.compare()
            numbers = [workspaces.triples(steps[name]) for name in (*QUANTITIES, *REFERENCES)]
            found = [workspaces.triples(workspaces.construct(name)) for name in KEPT]
        except Unsupported:
            unfit = set(range(1, len(some) + 1))
        for world, ((catalogue, _), source) in enumerate(zip(some, sources, strict=True), 1):
            if world in unfit:
                yield Compared(catalogue, source, nothing, None)
            else:
                of_it, kept = (
                    frozenset(triple for part in parts for triple in part.get(world, ()))
                    for parts in (numbers, found)
                )
                yield Compared(catalogue, source, Triples(of_it), kept)


def _batches(catalogues: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(catalogues), _AT_ONCE):
        yield catalogues[start : start + _AT_ONCE]


class Whole:
    """All that some queries look at, in columns; each of them is answered for many jurisdictions at once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._dictionary = Dictionary()
        self._worlds = Worlds()
        self._evaluation = Evaluation(self._worlds, self._dictionary, Functions(self._dictionary))
        self._waiting: list[Column] = []

    def add(self, triples: Iterable[Triple], only: LookedAt | None = None) -> None:
        """Look at these too, or at those of them that are looked at."""
        parts: list[bytes] = []
        for line in lines_of(triples):
            subject, predicate, object = line.split(b" ", 2)
            wanted = None if only is None else only.get(predicate, ())
            if wanted is None or object[:-2] in wanted:
                parts += (subject, predicate, object[:-2])
        self._waiting.append(np.array(self._dictionary.numbers(parts), np.int32))

    def looked_at(self, names: Iterable[str]) -> LookedAt:
        """What queries of `queries/derive` look at."""
        found = plan.looked_at(tuple(map(self._plan, names)))
        return {
            predicate.encode(): None if objects is None else {text.encode() for text in objects}
            for predicate, objects in found.items()
        }

    def derive(
        self, name: str, whose: Sequence[str] = (), parameter: str = "owner"
    ) -> dict[str, set[Triple]]:
        """What a query of `queries/derive` gives for each value of a parameter; it is looked at from now on.

        Of a query without one, it is under the empty name.
        """
        self._settle()
        self._worlds.count = len(whose)
        given = self._dictionary.numbers(f"<{owner}>".encode() for owner in whose)
        parameters = {parameter: OfEach(np.array([0, *given], np.int32))} if whose else {}
        rows = self._evaluation.construct(self._plan(name), parameters)
        parts = np.stack([rows.subjects, rows.predicates, rows.objects], axis=1)
        self._waiting.append(parts.ravel())
        numbers = np.unique(parts).tolist()
        terms = dict(zip(numbers, terms_of([self._dictionary.texts[n] for n in numbers]), strict=True))
        found: dict[str, set[Triple]] = {}
        names = ("", *whose)
        for world, (subject, predicate, object) in zip(rows.worlds.tolist(), parts.tolist(), strict=True):
            triple = Triple(terms[subject], terms[predicate], terms[object])
            found.setdefault(names[world], set()).add(triple)
        return found

    def _settle(self) -> None:
        if self._waiting:
            subjects, predicates, objects = np.concatenate(self._waiting).reshape(-1, 3).T
            self._waiting.clear()
            _, once = np.unique(codes([subjects, predicates, objects]), return_index=True)
            rows = (part[once] for part in (subjects, predicates, objects))
            self._worlds.shared.add(np.full(len(once), SHARED, np.int32), *rows)

    def _plan(self, name: str) -> plan.Construct:
        return plan_of_construct(self._library.text(f"derive/{name}"))


def derive_quantities(work: EmbeddedStore, whole: Whole, catalogues: Sequence[str]) -> None:
    """Put into the store what `verdicts.derive_quantities` does, for all catalogues at once."""
    for name in (*QUANTITIES, *REFERENCES):
        found = whole.derive(name, catalogues, "catalogue")
        for catalogue in catalogues:
            graph = f"{WORKING}{name}/{catalogue.removeprefix(BASE)}"
            work.replace_graph(graph, found.get(catalogue, ()))


def floors_of(work: EmbeddedStore, whole: Whole, owners: Iterable[str]) -> dict[str, Triples]:
    """What `verdicts.derive_floors` gives, for all owners at once."""
    local = sorted(set(owners) - {STATE})
    # Others may state a percentage of what the State does.
    groups = [group for group in ([STATE], local) if group]
    for group in groups:
        whole.derive("statements", group)
    whole.derive("intervals")
    floors: dict[str, set[Triple]] = {owner: set() for group in groups for owner in group}
    for group in groups:
        for name in FLOORS:
            for owner, triples in whole.derive(name, group).items():
                floors[owner] |= triples
    for owner, triples in floors.items():
        work.replace_graph(floors_graph(owner), triples)
    return {owner: Triples(frozenset(triples)) for owner, triples in floors.items()}


class Peers:
    """How the places of each level stand to the floors of jurisdictions, counted over all at once."""

    def __init__(self, library: Library) -> None:
        self._whole = Whole(library)
        self._looked_at = self._whole.looked_at(("peer-ratios", *_GROUPING))

    def add(self, triples: Iterable[Triple]) -> None:
        """Count these too, as far as they matter."""
        self._whole.add(triples, self._looked_at)

    def derive(self, owners: Sequence[str]) -> Iterator[tuple[str, Triples]]:
        """The graphs of tallies and of peers of each owner, those that are not empty."""
        for start in range(0, len(owners), _AT_ONCE):
            yield from self._of_some(owners[start : start + _AT_ONCE])

    def _of_some(self, owners: Sequence[str]) -> Iterator[tuple[str, Triples]]:
        tallies = self._whole.derive("peer-ratios", owners)
        groups: dict[str, set[Triple]] = {}
        for name in _GROUPING:
            for owner, triples in self._whole.derive(name, owners).items():
                groups[owner] = groups.get(owner, set()) | triples
        for owner in owners:
            for graph, found in ((tallies_graph(owner), tallies), (peers_graph(owner), groups)):
                if owner in found:
                    yield graph, Triples(frozenset(found[owner]))
