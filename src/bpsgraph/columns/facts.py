"""The triples of all worlds by predicate, found by subject or by object."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bpsgraph.columns.relation import SHARED, Column, Places, among, codes, numbered, spread

_CROWDED = 8
# With more rows than this for a subject and for an object, pairs of them are looked up as such.
_FEW = 4


@dataclass(slots=True)
class Table:
    """The subjects and objects of one predicate, each pair in its world (0: in all)."""

    worlds: Column
    subjects: Column
    objects: Column
    _each: dict[bool, float] = field(default_factory=dict)
    _by: "dict[tuple[bool, bool], _Index]" = field(default_factory=dict)
    _pairs: tuple[Places, Places] | None = None
    _parts: "dict[tuple[bool, int], Table]" = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.worlds)

    def part(self, by_object: bool, term: int) -> "Table":
        """The rows with that subject or object."""
        key = by_object, term
        if key not in self._parts:
            mask = (self.objects if by_object else self.subjects) == term
            self._parts[key] = Table(self.worlds[mask], self.subjects[mask], self.objects[mask])
        return self._parts[key]

    def each(self, by_object: bool) -> float:
        """How many rows the subject or object of a row has, on average: the frequent ones count for more."""
        if by_object not in self._each:
            code = codes([self.worlds, self.objects if by_object else self.subjects])
            _, counts = np.unique(code, return_counts=True)
            self._each[by_object] = float(np.square(counts).sum()) / max(1, len(self))
        return self._each[by_object]

    def without(self, other: "Table", *, whatever_world: bool = False) -> "Table":
        """The rows that the other lacks in their world, or at all."""
        if not len(other):
            return self
        length = 1 + max(int(self.subjects.max(initial=0)), int(other.subjects.max(initial=0)))
        known = np.zeros(length, bool)
        known[other.subjects] = True
        if not known[self.subjects].any():
            return self
        parts = [(self.subjects, other.subjects), (self.objects, other.objects)]
        parts += [] if whatever_world else [(self.worlds, other.worlds)]
        code = codes([np.concatenate(pair) for pair in parts])
        new = ~among(code[: len(self)], code[len(self) :])
        return Table(self.worlds[new], self.subjects[new], self.objects[new])

    def matches(self, by_object: bool, terms: Column, worlds: Column | None) -> tuple[Places, Places]:
        """Which of the terms has which rows; of its own world only where worlds are given."""
        key = by_object, worlds is not None
        if key not in self._by:
            self._by[key] = _Index(
                self.objects if by_object else self.subjects, self.worlds if worlds is not None else None
            )
        return self._by[key].matches(terms, worlds)

    def both(self, subjects: Column, objects: Column, worlds: Column | None) -> tuple[Places, Places]:
        """Which of the pairs of subject and object has which rows; of its own world as in `matches`."""
        each = {by_object: self.each(by_object) for by_object in (False, True)}
        by_object = each[True] < each[False]
        if each[by_object] <= _FEW:
            left, right = self.matches(by_object, objects if by_object else subjects, worlds)
            mine, asked = (self.subjects, subjects) if by_object else (self.objects, objects)
            agree = asked[left] == mine[right]
            return left[agree], right[agree]
        if self._pairs is None:
            key = numbered(self.objects, self.subjects)
            order = np.argsort(key, kind="stable")
            self._pairs = key[order], order
        ordered, order = self._pairs
        asked_key = numbered(objects, subjects)
        low = np.searchsorted(ordered, asked_key, "left")
        left, right = spread(low, np.searchsorted(ordered, asked_key, "right") - low, order)
        if worlds is None:
            return left, right
        agree = worlds[left] == self.worlds[right]
        return left[agree], right[agree]


class _Index:
    """Where each term is in a column: by its number, or by sorting where many worlds have the same ones."""

    def __init__(self, terms: Column, worlds: Column | None) -> None:
        self._worlds = worlds
        self._most = int(terms.max(initial=0))
        self._only: Column | None = None
        self._sorted: Places | None = None
        count = np.bincount(terms, minlength=1)
        if len(terms) and count.max() == 1:
            self._only = np.full(self._most + 2, -1, np.int32)
            self._only[terms] = np.arange(len(terms), dtype=np.int32)
        elif worlds is not None and len(terms) > _CROWDED * np.count_nonzero(count):
            key = numbered(terms, worlds)
            self._order = np.argsort(key, kind="stable")
            self._sorted = key[self._order]
        else:
            self._order = np.argsort(terms, kind="stable")
            self._start = np.concatenate(([0], np.cumsum(count), [len(terms)]))

    def matches(self, terms: Column, worlds: Column | None) -> tuple[Places, Places]:
        if self._sorted is not None:
            assert worlds is not None
            key = numbered(terms, worlds)
            low = np.searchsorted(self._sorted, key, "left")
            return spread(low, np.searchsorted(self._sorted, key, "right") - low, self._order)
        if self._only is not None:
            only = self._only[np.minimum(terms, self._most + 1)]
            hits = only >= 0
            if worlds is not None and self._worlds is not None:
                hits &= self._worlds[only] == worlds
            places = np.flatnonzero(hits)
            return places, only[places].astype(np.int64)
        # What is greater than all terms of the column finds the empty end of the table.
        asked = np.minimum(terms, self._most + 1)
        start = self._start[asked]
        rows, found = spread(start, self._start[np.minimum(asked + 1, self._most + 2)] - start, self._order)
        if worlds is None or self._worlds is None:
            return rows, found
        same = worlds[rows] == self._worlds[found]
        return (rows, found) if same.all() else (rows[same], found[same])


EMPTY = Table(*(np.zeros(0, np.int32),) * 3)


class Tables:
    """Tables by predicate, to which rows are added, save those that `below` has for all worlds."""

    def __init__(self, below: "Tables | None" = None) -> None:
        self._tables: dict[int, Table] = {}
        self._below = below

    def __getitem__(self, predicate: int) -> Table:
        return self._tables.get(predicate, EMPTY)

    def predicates(self) -> Iterator[int]:
        """The predicates of which there are rows."""
        return iter(self._tables)

    def add(self, worlds: Column, subjects: Column, predicates: Column, objects: Column) -> None:
        """Add rows, none of them twice; what is there already stays once."""
        for part in _by_value(predicates):
            self._put(int(predicates[part[0]]), Table(worlds[part], subjects[part], objects[part]))

    def remove(self, worlds: Column, subjects: Column, predicates: Column, objects: Column) -> None:
        """Take rows away, as far as they are there."""
        for part in _by_value(predicates):
            predicate = int(predicates[part[0]])
            gone = Table(worlds[part], subjects[part], objects[part])
            self._tables[predicate] = self[predicate].without(gone)

    def copy(self) -> "Tables":
        """The same tables, to which other rows can be added."""
        copied = Tables(self._below)
        copied._tables = dict(self._tables)
        return copied

    def _put(self, predicate: int, rows: Table) -> None:
        if self._below is not None:
            rows = rows.without(self._below[predicate], whatever_world=True)
        table = self._tables.get(predicate)
        if table is not None:
            rows = rows.without(table)
            rows = Table(
                np.concatenate([table.worlds, rows.worlds]),
                np.concatenate([table.subjects, rows.subjects]),
                np.concatenate([table.objects, rows.objects]),
            )
        self._tables[predicate] = rows


def _by_value(column: Column) -> list[Places]:
    """The places of each value in a column."""
    order = np.argsort(column, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(column[order])) + 1) if len(order) else []


class Worlds:
    """What all worlds share, what each says beside it, and which of that was submitted."""

    def __init__(self) -> None:
        self.shared = Tables()
        self.count = 0
        self.clear()

    def clear(self) -> None:
        """Forget all worlds, and keep what they shared."""
        self.count = 0
        self.own = Tables(self.shared)
        self.submitted = Tables()

    def sources(self, predicate: int, submitted: bool) -> list[tuple[bool, Table]]:
        """The tables of a predicate; with each whether its rows belong to worlds."""
        if submitted:
            return [(True, self.submitted[predicate])]
        return [(True, self.own[predicate]), (False, self.shared[predicate])]

    def predicates(self, submitted: bool) -> list[int]:
        """The predicates of which any world has rows, in order."""
        if submitted:
            return sorted(self.submitted.predicates())
        return sorted({*self.own.predicates(), *self.shared.predicates()})

    def submit(self, worlds: Column, subjects: Column, predicates: Column, objects: Column) -> None:
        """Add what was submitted, each row once."""
        self.own.add(worlds, subjects, predicates, objects)
        self.submitted = self.own.copy()

    def add(self, worlds: Column, subjects: Column, predicates: Column, objects: Column) -> None:
        """Add rows to the worlds that they belong to, those of world 0 to all."""
        shared = worlds == SHARED
        for mask, tables in ((shared, self.shared), (~shared, self.own)):
            if mask.any():
                tables.add(worlds[mask], subjects[mask], predicates[mask], objects[mask])
