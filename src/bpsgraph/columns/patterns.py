"""Triple patterns and property paths over the tables of all worlds (SPARQL 1.1, sections 18.3 and 18.4)."""

import math
from collections.abc import Callable, Sequence
from itertools import count

import numpy as np

from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import Dictionary
from bpsgraph.columns.facts import Table, Worlds
from bpsgraph.columns.plan import Constant, Match, Path, Step, Variable
from bpsgraph.columns.relation import SHARED, Column, Mask, Places, Relation, among, codes, distinct, stacked

Condition = tuple[set[str], Callable[[Relation], Mask]]
"""The variables that a condition looks at, and for which rows it holds."""

# What a path may lead to, and one of which neither end is known.
_SOME, _UNKNOWN = 4.0, 1e12
# By how much rows that share nothing with a pattern must be fewer, to go with each of them alike.
_APART = 8.0


class Patterns:
    """Extends rows by triple patterns; `submitted` is whether only what was submitted is looked at."""

    def __init__(self, worlds: Worlds, dictionary: Dictionary) -> None:
        self._worlds = worlds
        self._dictionary = dictionary
        self._fresh = count()

    def extended(
        self,
        rows: Relation,
        matches: Sequence[Match],
        submitted: bool,
        conditions: Sequence[Condition] = (),
    ) -> Relation:
        """The rows with whatever the patterns bind for them, the most selective pattern first.

        Each condition is asked as soon as all that it looks at is bound.
        """
        left, open_ = list(matches), list(conditions)
        while left and len(rows):
            best = min(left, key=lambda match: self._cost(rows, match, submitted))
            left.remove(best)
            rows = self._by(rows, best.subject, best.predicate, best.object, submitted)
            for condition in [each for each in open_ if all(map(rows.binds, each[0]))]:
                open_.remove(condition)
                rows = rows.take(condition[1](rows))
        for _, holds in open_ if not left else ():
            rows = rows.take(holds(rows))
        if left:
            names = {
                term.name
                for match in left
                for term in (match.subject, match.predicate, match.object)
                if isinstance(term, Variable)
            }
            for name in sorted(names - rows.columns.keys()):
                rows = rows.having(name, np.zeros(0, np.int32))
        return rows

    def _cost(self, rows: Relation, match: Match, submitted: bool) -> float:
        """About how many rows the pattern makes of one."""
        known = [isinstance(end, Constant) or rows.binds(end.name) for end in (match.subject, match.object)]
        if isinstance(match.predicate, Path):
            # Even between two ends that are known, a path is walked.
            ways = [
                self._reach(match.predicate, by_object, submitted)
                for by_object in (False, True)
                if known[by_object]
            ]
            return min(ways, default=_UNKNOWN)
        if all(known):
            return 0
        if isinstance(match.predicate, Variable):
            return _SOME if known[0] else _UNKNOWN
        cost = 0.0
        predicate = self._number(match.predicate)
        apart = _APART if _is_apart(rows, match) else 1.0
        for owned, table in self._worlds.sources(predicate, submitted):
            if isinstance(match.subject, Constant):
                table = table.part(False, self._number(match.subject))
            elif isinstance(match.object, Constant):
                table = table.part(True, self._number(match.object))
            if known[0] and isinstance(match.subject, Variable):
                cost += table.each(False)
            elif known[1] and isinstance(match.object, Variable):
                cost += table.each(True)
            else:
                cost += apart * len(table) / (max(1, self._worlds.count) if owned else 1)
        return cost

    def _reach(self, step: Path | Constant, by_object: bool, submitted: bool) -> float:
        """About how many terms a path leads to from one end, from its object where so asked."""
        if isinstance(step, Constant):
            return sum(
                table.each(by_object)
                for _, table in self._worlds.sources(self._number(step), submitted)
                if len(table)
            )
        if step.kind == "^":
            return self._reach(step.steps[0], not by_object, submitted)
        reaches = [self._reach(each, by_object, submitted) for each in step.steps]
        if step.kind == "|":
            return sum(reaches)
        return math.prod(reaches) if step.kind == "/" else max(_SOME, *reaches)

    def _number(self, constant: Constant) -> int:
        return self._dictionary.number(constant.text.encode())

    def _by(
        self,
        rows: Relation,
        subject: Variable | Constant,
        step: Step,
        object: Variable | Constant,
        submitted: bool,
    ) -> Relation:
        if isinstance(step, Constant):
            return self._matched(rows, subject, self._number(step), object, submitted)
        if isinstance(step, Variable):
            return self._any_predicate(rows, subject, step.name, object, submitted)
        if step.kind == "|":
            return stacked([self._by(rows, subject, each, object, submitted) for each in step.steps])
        if step.kind == "^":
            return self._by(rows, object, step.steps[0], subject, submitted)
        if step.kind == "/":
            return self._sequence(rows, subject, step.steps, object, submitted)
        return self._closure(rows, subject, step, object, submitted)

    def _sequence(
        self,
        rows: Relation,
        subject: Variable | Constant,
        steps: Sequence[Path | Constant],
        object: Variable | Constant,
        submitted: bool,
    ) -> Relation:
        names = [Variable(f"{next(self._fresh)}:step") for _ in steps[1:]]
        ends = [subject, *names, object]
        links = list(zip(ends[:-1], steps, ends[1:], strict=True))
        if not (isinstance(subject, Constant) or rows.binds(subject.name)):
            links.reverse()
        for start, step, end in links:
            rows = self._by(rows, start, step, end, submitted)
        return Relation(
            rows.worlds,
            {name: column for name, column in rows.columns.items() if Variable(name) not in names},
        )

    def _any_predicate(
        self,
        rows: Relation,
        subject: Variable | Constant,
        name: str,
        object: Variable | Constant,
        submitted: bool,
    ) -> Relation:
        if not rows.binds(name):
            found = []
            for predicate in self._worlds.predicates(submitted):
                matched = self._matched(rows, subject, predicate, object, submitted)
                if len(matched):
                    found.append(matched.having(name, np.full(len(matched), predicate, np.int32)))
            return (
                stacked(found)
                if found
                else rows.take(np.zeros(0, np.int64)).having(name, np.zeros(0, np.int32))
            )
        column = rows.columns[name]
        parts = [
            self._matched(rows.take(column == predicate), subject, predicate, object, submitted)
            for predicate in np.unique(column).tolist()
        ]
        return stacked(parts) if parts else rows

    def _matched(
        self,
        rows: Relation,
        subject: Variable | Constant,
        predicate: int,
        object: Variable | Constant,
        submitted: bool,
    ) -> Relation:
        same = isinstance(subject, Variable) and subject == object
        parts = []
        for owned, table in self._worlds.sources(predicate, submitted):
            if isinstance(subject, Constant):
                table = table.part(False, self._number(subject))
            if isinstance(object, Constant):
                table = table.part(True, self._number(object))
            if len(table):
                parts += self._joined(rows, subject, table, object, owned, same)
        if parts:
            return stacked(parts)
        empty = rows.take(np.zeros(0, np.int64))
        for end in (subject, object):
            if isinstance(end, Variable) and end.name not in empty.columns:
                empty = empty.having(end.name, np.zeros(0, np.int32))
        return empty

    def _joined(
        self,
        rows: Relation,
        subject: Variable | Constant,
        table: Table,
        object: Variable | Constant,
        owned: bool,
        same: bool,
    ) -> list[Relation]:
        """The rows of all worlds and of each with the rows of a table that are theirs."""
        if not owned:
            return [self._pairs(rows, subject, table, object, False, same)]
        shared = rows.worlds == SHARED
        if not shared.any():
            return [self._pairs(rows, subject, table, object, True, same)]
        if shared.all():
            return [self._pairs(rows, subject, table, object, False, same)]
        return [
            self._pairs(rows.take(~shared), subject, table, object, True, same),
            self._pairs(rows.take(shared), subject, table, object, False, same),
        ]

    def _pairs(
        self,
        rows: Relation,
        subject: Variable | Constant,
        table: Table,
        object: Variable | Constant,
        same_world: bool,
        same: bool,
    ) -> Relation:
        worlds = rows.worlds if same_world else None
        given, wanted = _given(rows, subject), _given(rows, object)
        if given is not None and wanted is not None:
            left, right = table.both(given, wanted, worlds)
        elif given is not None:
            left, right = table.matches(False, given, worlds)
        elif wanted is not None:
            left, right = table.matches(True, wanted, worlds)
        else:
            left, right = _all_pairs(rows.worlds, table.worlds, same_world)
        if same and given is None:
            agree = table.subjects[right] == table.objects[right]
            left, right = left[agree], right[agree]
        found = rows.matched(left)
        for end, column in ((subject, table.subjects), (object, table.objects)):
            if isinstance(end, Variable) and not rows.binds(end.name):
                found = found.having(end.name, column[right])
        return Relation(np.maximum(found.worlds, table.worlds[right]), found.columns)

    def _closure(
        self,
        rows: Relation,
        subject: Variable | Constant,
        step: Path,
        object: Variable | Constant,
        submitted: bool,
    ) -> Relation:
        """`*`, `+` and `?` from the end that is known (section 18.4, ALP)."""
        start, end, inner = subject, object, step.steps[0]
        if not (isinstance(subject, Constant) or rows.binds(subject.name)):
            start, end, inner = object, subject, Path("^", (step.steps[0],))
            if not (isinstance(start, Constant) or rows.binds(start.name)):
                raise Unsupported(f"a path with {step.kind} of which neither end is known")
        given = self._column(rows, start)
        starts, inverse = distinct(Relation(rows.worlds, {"start": given}))
        seen = starts.having("number", np.arange(len(starts), dtype=np.int32)).having(
            "node", starts.columns["start"]
        )
        frontier = seen
        if step.kind == "+":
            seen = seen.take(np.zeros(0, np.int64))
        while len(frontier):
            on = self._by(frontier, Variable("node"), inner, Variable("next"), submitted)
            on = Relation(on.worlds, {"number": on.columns["number"], "node": on.columns["next"]})
            on, _ = distinct(on)
            frontier = on.take(~_among(on, seen.only(("number", "node"))))
            seen = stacked([seen.only(("number", "node")), frontier])
            if step.kind == "?":
                break
        # What all worlds reach, each of them reaches once.
        apart = seen.worlds != SHARED
        twice = apart & _among(
            Relation(np.where(apart, SHARED, seen.worlds), seen.columns), seen.take(~apart)
        )
        seen = seen.take(~twice)
        order = np.argsort(seen.columns["number"], kind="stable")
        left, right = _by_number(inverse, seen.columns["number"][order])
        right = order[right]
        found = rows.take(left)
        found = Relation(np.maximum(found.worlds, seen.worlds[right]), found.columns)
        reached = seen.columns["node"][right]
        if isinstance(end, Variable) and not rows.binds(end.name):
            return found.having(end.name, reached)
        return found.take(self._column(found, end) == reached)

    def _column(self, rows: Relation, term: Variable | Constant) -> Column:
        if isinstance(term, Variable):
            return rows.columns[term.name]
        return np.full(len(rows), self._number(term), np.int32)


def _is_apart(rows: Relation, match: Match) -> bool:
    """Whether a pattern would go with each of the rows alike, because they bind nothing of it."""
    terms = (match.subject, match.predicate, match.object)
    names = {term.name for term in terms if isinstance(term, Variable)}
    return bool(names) and bool(rows.columns) and names.isdisjoint(rows.columns)


def _given(rows: Relation, end: Variable | Constant) -> Column | None:
    return rows.columns[end.name] if isinstance(end, Variable) and rows.binds(end.name) else None


def _all_pairs(left: Column, right: Column, same_world: bool) -> tuple[Places, Places]:
    """Every row with every other, of the same world where that is asked."""
    if same_world:
        order = np.argsort(right, kind="stable")
        return _by_number(left.astype(np.int64), right[order], order)
    return (
        np.repeat(np.arange(len(left)), len(right)),
        np.tile(np.arange(len(right)), len(left)),
    )


def _by_number(left: Places, ordered: Column, order: Places | None = None) -> tuple[Places, Places]:
    low = np.searchsorted(ordered, left, "left")
    count_ = np.searchsorted(ordered, left, "right") - low
    rows = np.repeat(np.arange(len(left)), count_)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(count_) - count_, count_)
    places = np.repeat(low, count_) + within
    return rows, places if order is None else order[places]


def _among(rows: Relation, others: Relation) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the rows are among the others."""
    both = stacked([rows, others])
    code = codes([both.worlds, *(both.columns[name] for name in ("number", "node"))])
    return among(code[: len(rows)], code[len(rows) :])
