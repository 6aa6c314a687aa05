"""Rows as columns of numbers, each row in its world, and how they are joined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

SHARED = 0
"""The number of no world: a row that all of them have."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns of equal length by variable; 0 in a column is unbound. `worlds` says whose each row is."""

    worlds: Column
    columns: Mapping[str, Column]
    # Which of the columns are bound in every row, as far as it was asked.
    _bound: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.worlds)

    def take(self, places: Places | Mask) -> "Relation":
        """The rows at these places, or those for which the mask holds."""
        columns = {name: column[places] for name, column in self.columns.items()}
        # What is bound in all rows is so in some of them.
        return Relation(
            self.worlds[places], columns, {name: True for name, all_ in self._bound.items() if all_}
        )

    def matched(self, places: Places) -> "Relation":
        """The rows at these places, as a join finds them: mostly each once, in order."""
        if len(places) == len(self) and (places == np.arange(len(self))).all():
            return self
        return self.take(places)

    def only(self, names: Iterable[str]) -> "Relation":
        """The same rows with some of their columns."""
        return Relation(self.worlds, {name: self.columns[name] for name in names if name in self.columns})

    def having(self, name: str, column: Column) -> "Relation":
        """The same rows with a column more."""
        bound = {other: known for other, known in self._bound.items() if other != name}
        return Relation(self.worlds, {**self.columns, name: column}, bound)

    def binds(self, name: str) -> bool:
        """Whether every row binds the variable."""
        known = self._bound.get(name)
        if known is None:
            column = self.columns.get(name)
            if column is None:
                return False
            known = self._bound[name] = bool(column.all())
        return known

    def in_each_world(self, count: int) -> "Relation":
        """The same rows, with those that all worlds have written out for each of `count`."""
        shared = self.worlds == SHARED
        if not count or not shared.any():
            return self
        common, own = self.take(shared), self.take(~shared)
        places = np.tile(np.arange(len(common)), count)
        worlds = np.repeat(np.arange(1, count + 1, dtype=np.int32), len(common))
        return stacked([own, Relation(worlds, common.take(places).columns)])


UNIT = Relation(np.zeros(1, np.int32), {})


def stacked(relations: Sequence[Relation]) -> Relation:
    """The rows of all, one after the other; a column that one lacks is unbound there."""
    full = [relation for relation in relations if len(relation)]
    if len(full) == 1 or not relations:
        return full[0] if full else Relation(np.zeros(0, np.int32), {})
    names = sorted({name for relation in relations for name in relation.columns})
    if not full:
        return Relation(np.zeros(0, np.int32), {name: np.zeros(0, np.int32) for name in names})
    columns = {
        name: np.concatenate(
            [each.columns[name] if name in each.columns else np.zeros(len(each), np.int32) for each in full]
        )
        for name in names
    }
    return Relation(np.concatenate([each.worlds for each in full]), columns)


def codes(columns: Sequence[NDArray[np.integer]]) -> NDArray[np.int64]:
    """One number for each row; rows have the same one exactly where they are equal."""
    first, *others = columns
    code = first.astype(np.int64)
    limit = int(first.max(initial=0)) + 1
    for column in others:
        width = int(column.max(initial=0)) + 1
        if limit * width >= 1 << 62:
            _, code = np.unique(code, return_inverse=True)
            limit = int(code.max(initial=0)) + 1
        code = code * width + column
        limit *= width
    return code


def numbered(terms: Column, worlds: Column) -> Places:
    """One number for each term in its world, which is the same wherever it is asked for."""
    return (worlds.astype(np.int64) << 32) | terms


def distinct(relation: Relation) -> tuple[Relation, NDArray[np.int64]]:
    """Each row once, and where in that each row of the relation is."""
    code = codes([relation.worlds, *relation.columns.values()])
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return relation.take(first), inverse


def among(numbers: NDArray[np.integer], others: NDArray[np.integer]) -> Mask:
    """Which of the numbers are among the others."""
    if not len(others):
        return np.zeros(len(numbers), bool)
    ordered = np.sort(others)
    places = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[places] == numbers)


def pairs(left: NDArray[np.integer], right: NDArray[np.integer]) -> tuple[Places, Places]:
    """The places of all pairs of equal numbers."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    low = np.searchsorted(ordered, left, "left")
    return spread(low, np.searchsorted(ordered, left, "right") - low, order)


def spread(start: NDArray[np.integer], count: NDArray[np.integer], order: Places) -> tuple[Places, Places]:
    """For row after row, the `count` entries of `order` from `start` on: which row, and which entry."""
    total = int(count.sum())
    rows = np.repeat(np.arange(len(start)), count)
    within = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(start, count) + within]
