"""What tables say, by subject."""

import numpy as np

from bpsgraph.columns.facts import Tables


class Statements:
    """What some tables say, by subject."""

    def __init__(self, tables: Tables) -> None:
        parts = [(predicate, tables[predicate]) for predicate in tables.predicates()]
        empty = np.zeros(0, np.int32)
        subjects = np.concatenate([empty, *(table.subjects for _, table in parts)])
        self._order = np.argsort(subjects, kind="stable")
        self._subjects = subjects[self._order]
        self._worlds = np.concatenate([empty, *(table.worlds for _, table in parts)])[self._order]
        self._objects = np.concatenate([empty, *(table.objects for _, table in parts)])[self._order]
        self._predicates = np.concatenate(
            [empty, *(np.full(len(table), predicate, np.int32) for predicate, table in parts)]
        )[self._order]

    def of(self, subject: int, world: int) -> list[tuple[int, int]]:
        """Predicates and objects of a subject in a world."""
        # Of the same type, or the whole column would be turned into another one.
        low, high = np.searchsorted(self._subjects, np.array([subject, subject + 1], np.int32))
        mine = np.flatnonzero(self._worlds[low:high] == world) + low
        return list(zip(self._predicates[mine].tolist(), self._objects[mine].tolist(), strict=True))
