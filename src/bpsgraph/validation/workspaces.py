"""Many submissions compared in one pass: what a `Workspace` holds of one, for all of them at once.

Each is a world of its own over what all share. Where one describes what others speak of too (a document of
the province), those see what the store says of it. One that describes a part of what all are judged against
(a segment, a unit, a place) is left out: it would change what the others are compared with.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import NamedNode, Triple

from bpsgraph.columns import plan
from bpsgraph.columns.dictionary import BLANK, IRI, Dictionary, terms_of
from bpsgraph.columns.evaluation import GRAPH, Evaluation, OfEach, Rows
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.plans import plan_of_construct
from bpsgraph.columns.relation import SHARED, Column, Mask, Relation, among, numbered
from bpsgraph.library import Library
from bpsgraph.results import Difference, Triples
from bpsgraph.store.base import Store
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BPS, Term
from bpsgraph.terms import GRAPH as GRAPHS
from bpsgraph.validation.context import SHARED_WHOLE, Surroundings, is_followed, named_in, without_rows
from bpsgraph.validation.referring import References, documents_of
from bpsgraph.validation.sayings import Sayings
from bpsgraph.validation.verdicts import (
    COMPARING,
    EVER,
    QUANTITIES,
    REFERENCES,
    Moment,
    floors_graph,
    peers_graph,
)
from bpsgraph.validation.workspace import OF_THE_STATE, base_of

Numbers = np.ndarray[tuple[int, int], np.dtype[np.int32]]
"""A row for each triple: the numbers of its terms."""
Laid = tuple[Column, Numbers]
"""Triples, each with the number of the submission that it lies in."""

_NO_ROWS: Numbers = np.zeros((0, 3), np.int32)
_MOST_TERMS = 300_000
_OF_A_MOMENT = frozenset({"measured-against", "comparisons"})
_JURISDICTION = b"<" + BPS.encode() + b"jurisdiction>"
_WITHIN = b"<" + BPS.encode() + b"within>"
# Nothing that a catalogue is compared with is fetched from these, but from the peers of those above it.
_NEVER_FETCHED = tuple(GRAPHS + name for name in ("changes/", "peers/", "tallies/", "totals/", "verdicts/"))
_GUARANTEE = b"<" + BPS.encode() + b"guarantee>"
_ITEM = b"<" + BPS.encode() + b"item>"
_REFERENCE = b"<" + BPS.encode() + b"reference>"
_SEGMENT = b"<" + BPS.encode() + b"Segment>"


def _altered_in(differences: Mapping[str, Difference]) -> set[Triple]:
    """What graphs lose and gain of which anything is fetched."""
    return {
        triple
        for graph, difference in differences.items()
        if not graph.startswith(_NEVER_FETCHED)
        for triple in (*difference.removed, *difference.added)
    }


@dataclass(frozen=True, slots=True)
class Submitted:
    """The triples of one submission, and the IRI of its catalogue."""

    catalogue: str
    triples: Collection[Triple] | Triples


class Workspaces:
    """Where submissions lie side by side: the vocabulary and floors of a store below, their worlds above.

    The store must not change meanwhile. What the submissions of one call need of it stays for the next.
    """

    def __init__(self, store: Store | Changed, library: Library) -> None:
        self._surroundings = Surroundings(store, library)
        self._library = library
        self._base = base_of(self._surroundings, library)
        # Whether the store is looked into as it will be.
        self._is_ahead = False
        self._begin()

    def _begin(self) -> None:
        self.dictionary = Dictionary()
        self.functions = Functions(self.dictionary)
        self.worlds = Worlds()
        self.evaluation = Evaluation(self.worlds, self.dictionary, self.functions)
        self.sayings = Sayings(self.worlds, self.dictionary)
        self._described = np.zeros(0, bool)
        # What is shared of things that a submission describes otherwise, as long as it lies here.
        self._hidden = _NO_ROWS
        self._looked_up: set[int] = set()
        self._references = References(self.dictionary, self._stated_in)
        # How often these had been asked for when a store was looked into; of new ones, never.
        self._asked_before = -1
        self._stated: set[str] = set()
        self._share(Triples.of_text(self._base))
        self._of_base = self._described

    def look_into(
        self, store: EmbeddedStore | Changed, differences: Mapping[str, Difference] | None = None
    ) -> None:
        """Ask this store from now on, which says the same as the one before of whatever is here already.

        `differences` are those from the store that is followed; none where it is that one.
        """
        self._surroundings = Surroundings(store, self._library)
        if self._is_ahead and self._references.times_asked != self._asked_before:
            # What was asked of a store as it will be: it may not come to be.
            self._references.forget()
        elif differences and self._references.are_concerned_by(
            self._altered(differences), lambda stated: self._documents_of(store, stated)
        ):
            self._references.forget()
        self._is_ahead, self._asked_before = bool(differences), self._references.times_asked

    def follow(self, store: EmbeddedStore, differences: Mapping[str, Difference]) -> bool:
        """Be as made of a store that has changed so; False where these cannot be."""
        if self.is_concerned_by(differences):
            return False
        self.look_into(store, differences)
        self._is_ahead = False
        # What is hidden is taken away as well, where it is said no more.
        self._show()
        for owner in self._stated:
            difference = differences.get(peers_graph(owner))
            if difference is not None:
                rows = self._numbers(difference.removed)
                self.sayings.forget_shared(rows[:, 0].tolist())
                self.worlds.shared.remove(np.full(len(rows), SHARED, np.int32), *rows.T)
                self._add(difference.added)
        return True

    def is_concerned_by(self, differences: Mapping[str, Difference]) -> bool:
        """Whether changes say anything else of what lies here, but how places stand to floors."""
        concerned = [graph for graph in differences if not graph.startswith(_NEVER_FETCHED)]
        if any(graph.startswith((*SHARED_WHOLE, *OF_THE_STATE)) for graph in concerned):
            return True
        if not differences.keys().isdisjoint(map(floors_graph, self._stated)):
            return True
        subjects = {triple.subject for triple in _altered_in(differences)}
        numbers = np.array(self.dictionary.numbers(str(subject).encode() for subject in subjects), np.int32)
        named = np.zeros(len(self.dictionary), bool)
        named[list(self._looked_up)] = True
        for predicate in self.worlds.shared.predicates():
            table = self.worlds.shared[predicate]
            named[predicate] = True
            named[table.subjects] = True
            named[table.objects] = True
        named[self._hidden.ravel()] = True
        return bool(named[numbers].any())

    def lay(self, submissions: Sequence[Submitted]) -> list[int]:
        """Put the submissions on the table, numbered from 1; the numbers of those that cannot lie there.

        What lay there before is gone.
        """
        self.worlds.clear()
        self.sayings.forget_own()
        if len(self.dictionary) > _MOST_TERMS:
            self._begin()
        self.worlds.count = len(submissions)
        catalogues = self.dictionary.numbers(f"<{each.catalogue}>".encode() for each in submissions)
        self.catalogues = OfEach(np.array([0, *catalogues], np.int32))
        parts = [self._numbers(each.triples) for each in submissions]
        rows = np.concatenate([_NO_ROWS, *parts])
        worlds = np.repeat(np.arange(1, len(parts) + 1, dtype=np.int32), [len(part) for part in parts])
        bad = _are_among(rows[:, 0], self._of_base) | (self.dictionary.kinds()[rows[:, 0]] == BLANK)
        unfit = np.unique(worlds[bad])
        fit = ~among(worlds, unfit)
        rows, worlds = rows[fit], worlds[fit]
        beside = self._surround(rows, worlds), self._hide(rows, worlds)
        self.worlds.submit(worlds, *rows.T)
        for whose, more in beside:
            self.worlds.own.add(whose, *more.T)
        if (rows[:, 2] == self.dictionary.number(_SEGMENT)).any():
            self.derive("segment-cover")
        found: list[int] = unfit.tolist()
        return found

    def derive(self, name: str, **parameters: Sequence[NamedNode]) -> Rows:
        """What a query of `queries/derive` gives for each submission; it is on the table for the next."""
        rows = self.construct(name, **parameters)
        self.worlds.add(rows.worlds, rows.subjects, rows.predicates, rows.objects)
        return rows

    def construct(self, name: str, **parameters: Sequence[object]) -> Rows:
        """What a query of `queries/derive` gives for each submission, without keeping it."""
        given: dict[str, Sequence[int] | OfEach] = {
            key: self.dictionary.numbers(str(value).encode() for value in values)
            for key, values in parameters.items()
        }
        given |= {"catalogue": self.catalogues, GRAPH: ()}
        return self.evaluation.construct(self.plan(f"derive/{name}"), given)

    def compare(self, moment: Moment = EVER) -> dict[str, Rows]:
        """Derive the numbers of all submissions, and how they stand to the floors; the rows by query."""
        restriction = {
            name: value if isinstance(value, list | tuple) else (value,)
            for name, value in moment.parameters().items()
        }
        return {
            name: self.derive(name, **(restriction if name in _OF_A_MOMENT else {}))
            for name in (*QUANTITIES, *REFERENCES, *COMPARING)
        }

    def triples(self, rows: Rows) -> dict[int, list[Triple]]:
        """The triples by the number of the submission."""
        found: dict[int, list[Triple]] = {}
        parts = np.stack([rows.subjects, rows.predicates, rows.objects], axis=1)
        for world, triple in zip(rows.worlds.tolist(), self._triples(parts), strict=True):
            found.setdefault(world, []).append(triple)
        return found

    def _triples(self, rows: Numbers) -> list[Triple]:
        numbers = np.unique(rows).tolist()
        terms = dict(
            zip(numbers, terms_of([self.dictionary.texts[number] for number in numbers]), strict=True)
        )
        return [Triple(terms[s], terms[p], terms[o]) for s, p, o in rows.tolist()]

    def select(self, pattern: plan.Pattern, rows: Relation) -> Relation:
        """The solutions of a pattern that agree with rows of the submissions."""
        return self.evaluation.select(pattern, rows, {GRAPH: ()})

    def plan(self, name: str) -> plan.Construct:
        """What a query asks for."""
        return plan_of_construct(self._library.text(name))

    def _numbers(self, triples: Collection[Triple] | Triples) -> Numbers:
        """A row for each triple."""
        given = triples if isinstance(triples, Triples) else Triples(frozenset(triples))
        return np.array(self.dictionary.numbers(given.terms), np.int32).reshape(-1, 3)

    def _share(self, triples: Triples) -> None:
        """Put triples below all submissions."""
        rows = self._numbers(triples)
        self.sayings.forget_shared(rows[:, 0].tolist())
        self.worlds.shared.add(np.full(len(rows), SHARED, np.int32), *rows.T)
        described = np.zeros(len(self.dictionary), bool)
        described[: len(self._described)] = self._described
        described[rows[:, 0]] = True
        self._described = described

    def _hide(self, rows: Numbers, worlds: Column) -> Laid:
        """Take from below the submissions what they describe themselves; what the others have of it."""
        self._show()
        mine = np.zeros(len(self.dictionary), bool)
        mine[rows[:, 0]] = True
        parts = [_NO_ROWS]
        for predicate in [*self.worlds.shared.predicates()]:
            table = self.worlds.shared[predicate]
            places = np.flatnonzero(mine[table.subjects])
            if len(places):
                of_it = np.full(len(places), predicate, np.int32)
                parts.append(np.stack([table.subjects[places], of_it, table.objects[places]], axis=1))
        hidden = self._hidden = np.concatenate(parts)
        if not len(hidden):
            return np.zeros(0, np.int32), _NO_ROWS
        self.sayings.forget_shared(hidden[:, 0].tolist())
        self.worlds.shared.remove(np.full(len(hidden), SHARED, np.int32), *hidden.T)
        present = np.unique(worlds)
        whose, given = np.tile(present, len(hidden)), np.repeat(hidden, len(present), axis=0)
        others = ~_describe(rows, worlds, given[:, 0], whose)
        return whose[others], given[others]

    def _show(self) -> None:
        """Put back below what was hidden."""
        if len(self._hidden):
            self.sayings.forget_shared(self._hidden[:, 0].tolist())
            self.worlds.shared.add(np.full(len(self._hidden), SHARED, np.int32), *self._hidden.T)
            self._hidden = _NO_ROWS

    def _surround(self, rows: Numbers, worlds: Column) -> Laid:
        """Fetch what the submissions speak of and the table lacks; what they refer to is for each alone."""
        foreign = ~_describe(rows, worlds, rows[:, 2], worlds)
        self._fetch(set(np.unique(rows[foreign, 2]).tolist()))
        for owner in self._owners(rows, worlds):
            if owner not in self._stated:
                self._stated.add(owner)
                stated = self._surroundings.stated_by(owner)
                self._add(stated)
                self._fetch(set(self.dictionary.numbers(str(thing).encode() for thing in named_in(stated))))
        referring = rows[:, 1] == self.dictionary.number(_REFERENCE)
        asked = {
            world: self._referring(rows[worlds == world]) for world in np.unique(worlds[referring]).tolist()
        }
        if asked:
            self._references.know(*(np.concatenate(part) for part in zip(*asked.values(), strict=True)))
        beside = _NO_ROWS
        whose = beside[:, 0]
        if asked:
            found = [self._references.of(*of_it) for of_it in asked.values()]
            whose = np.repeat(np.array([*asked], np.int32), [len(each) for each in found])
            beside = np.concatenate(found)
        others = ~_describe(rows, worlds, beside[:, 0], whose)
        return whose[others], beside[others]

    def _owners(self, rows: Numbers, worlds: Column) -> list[str]:
        """The jurisdictions above the submissions; where one says that a place lies is for it alone."""
        jurisdiction, within = self.dictionary.numbers((_JURISDICTION, _WITHIN))
        saying = np.unique(worlds[rows[:, 1] == within])
        about = among(rows[:, 1], np.array([jurisdiction, within]))
        parts = [rows[about & (worlds == world)] for world in saying]
        parts.append(rows[about & ~among(worlds, saying)])
        return sorted({owner for part in parts for owner in self._surroundings.owners(self._triples(part))})

    def referenced(self, documents: Iterable[Term], items: Iterable[Term]) -> list[Triple]:
        """What documents state on items (`queries/derive/referenced-statements`)."""
        asked = [
            np.unique(np.array([*map(self.sayings.number, part)], np.int32)) for part in (documents, items)
        ]
        self._references.know(*asked)
        return self._triples(self._references.of(*asked))

    def _altered(self, differences: Mapping[str, Difference]) -> Numbers:
        return self._numbers(_altered_in(differences))

    def _documents_of(self, store: EmbeddedStore | Changed, stated: Column) -> Column:
        """The documents of the catalogues in which rows and promises stand."""
        found = documents_of(store, self.sayings.terms(stated.tolist()))
        return np.array([*map(self.sayings.number, found)], np.int32)

    def _referring(self, rows: Numbers) -> tuple[Column, Column]:
        """The documents that a submission refers to, and the items in which it does."""
        reference, guarantee, item = self.dictionary.numbers((_REFERENCE, _GUARANTEE, _ITEM))
        subjects, predicates, objects = rows.T
        documents = np.unique(objects[predicates == reference])
        promises = subjects[predicates == reference]
        provisions = subjects[(predicates == guarantee) & among(objects, promises)]
        return documents, np.unique(objects[(predicates == item) & among(subjects, provisions)])

    def _stated_in(self, documents: Column, items: Column) -> Numbers:
        """What documents state on items, all of them on all."""
        terms = (set(self.sayings.terms(part.tolist())) for part in (documents, items))
        return self._numbers(without_rows(self._surroundings.referenced(*terms)))

    def _fetch(self, things: set[int]) -> None:
        things = things - self._looked_up
        self._looked_up |= things
        wanted = {
            NamedNode(self.dictionary.text(thing)[1:-1])
            for thing in things
            if self.dictionary.kind(thing) == IRI and is_followed(self.dictionary.text(thing)[1:-1])
        }

        def known(thing: NamedNode) -> bool:
            number = self.dictionary.number(str(thing).encode())
            return bool(_are_among(np.array([number]), self._described)[0])

        wanted = {thing for thing in wanted if not known(thing)}
        if wanted:
            self._add(self._surroundings.followed(wanted, known))

    def _add(self, triples: Collection[Triple]) -> None:
        self._share(Triples(frozenset(triples)))


def _are_among(terms: Column, described: Mask) -> Mask:
    known = terms < len(described)
    return known & described[np.where(known, terms, 0)]


def _describe(rows: Numbers, worlds: Column, terms: Column, whose: Column) -> Mask:
    """Whether each of these terms is described by the submission that it is given with."""
    return among(numbered(terms, whose), np.unique(numbered(rows[:, 0], worlds)))
