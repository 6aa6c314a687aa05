"""What tables say, by world and subject."""

import itertools
from collections.abc import KeysView

import numpy as np

from bpsgraph.columns.facts import Tables
from bpsgraph.columns.relation import numbered


class Statements:
    """What some tables say, by world and subject."""

    def __init__(self, tables: Tables) -> None:
        parts = [(predicate, tables[predicate]) for predicate in tables.predicates()]
        empty = np.zeros(0, np.int32)
        subjects = np.concatenate([empty, *(table.subjects for _, table in parts)])
        worlds = np.concatenate([empty, *(table.worlds for _, table in parts)])
        order = np.argsort(numbered(subjects, worlds), kind="stable")
        self._subjects, self._worlds = subjects[order], worlds[order]
        self._objects = np.concatenate([empty, *(table.objects for _, table in parts)])[order]
        self._predicates = np.concatenate(
            [empty, *(np.full(len(table), predicate, np.int32) for predicate, table in parts)]
        )[order]

    def of_world(self, world: int) -> "StatementsOfWorld":
        """What is said in a world."""
        # Of the same type, or the whole column would be turned into another one.
        low, high = np.searchsorted(self._worlds, np.array([world, world + 1], np.int32))
        subjects = self._subjects[low:high]
        starts = np.flatnonzero(np.diff(subjects, prepend=-1))
        places = [*starts.tolist(), len(subjects)]
        return StatementsOfWorld(
            dict(zip(subjects[starts].tolist(), itertools.pairwise(places), strict=True)),
            self._predicates[low:high].tolist(),
            self._objects[low:high].tolist(),
        )


class StatementsOfWorld:
    """What is said in one world: predicates and objects of each subject, in the order of the tables."""

    def __init__(self, places: dict[int, tuple[int, int]], predicates: list[int], objects: list[int]) -> None:
        self._places, self._predicates, self._objects = places, predicates, objects

    @property
    def subjects(self) -> KeysView[int]:
        """Of which anything is said."""
        return self._places.keys()

    def of(self, subject: int) -> tuple[list[int], list[int]]:
        """The predicates of a subject, and the object of each."""
        low, high = self._places.get(subject, (0, 0))
        return self._predicates[low:high], self._objects[low:high]
