"""What a plan gives in every world at once (SPARQL 1.1, section 18.5).

A group is evaluated from what is known to its left, as far as its own solutions must agree with that: the
result is the same as from the inside out, without the rows that would be thrown away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np

from bpsgraph.columns import plan
from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import BLANK, IRI, UNBOUND, Dictionary
from bpsgraph.columns.expressions import Expressions
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.groups import Groups
from bpsgraph.columns.patterns import Patterns
from bpsgraph.columns.relation import (
    SHARED,
    UNIT,
    Column,
    Mask,
    Places,
    Relation,
    codes,
    distinct,
    pairs,
    stacked,
)
from bpsgraph.columns.scopes import Scopes

# With more rows than this in each world, a sub-SELECT is answered once, and not for each of them.
_MANY = 32


@dataclass(frozen=True, slots=True)
class OfEach:
    """The value of a parameter in each world, by its number; place 0 is not used."""

    values: Column


Parameters = Mapping[str, Sequence[int] | OfEach]
"""Terms by the name of the parameter; one that is not there is UNDEF."""

GRAPH = "graph"
"""The parameter that names the graph that was submitted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Triples as columns, each in its world."""

    worlds: Column
    subjects: Column
    predicates: Column
    objects: Column

    def __len__(self) -> int:
        return len(self.worlds)


class Evaluation:
    """Evaluates plans over the worlds; raises `Unsupported` for what it cannot do."""

    def __init__(self, worlds: Worlds, dictionary: Dictionary, functions: Functions) -> None:
        self._worlds = worlds
        self._dictionary = dictionary
        self._functions = functions
        self._patterns = Patterns(worlds, dictionary)
        self._expressions = Expressions(functions, self._exists)
        self._groups = Groups(self._expressions, functions)
        self._scopes = Scopes()
        self._parameters: Parameters = {}
        self._given: frozenset[str] = frozenset()
        self._submitted = False
        self._fresh = count()

    def select(self, pattern: plan.Pattern, rows: Relation, parameters: Parameters) -> Relation:
        """The solutions that agree with the rows, beside their columns."""
        self._begin(parameters)
        return self._solutions(pattern, rows)

    def _begin(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._given = frozenset(parameters) - {GRAPH}
        self._submitted = False

    def construct(self, query: plan.Construct, parameters: Parameters) -> Rows:
        """The triples of a CONSTRUCT in each world, each once."""
        self._begin(parameters)
        rows = self._solutions(query.pattern, UNIT)
        found = [self._filled(match, rows) for match in query.template]
        worlds, subjects, predicates, objects = (np.concatenate(part) for part in zip(*found, strict=True))
        if len(worlds):
            _, first = np.unique(codes([worlds, subjects, predicates, objects]), return_index=True)
            worlds, subjects, predicates, objects = (
                part[first] for part in (worlds, subjects, predicates, objects)
            )
        return Rows(worlds, subjects, predicates, objects)

    def _filled(self, match: plan.Match, rows: Relation) -> tuple[Column, Column, Column, Column]:
        if isinstance(match.predicate, plan.Path):
            raise Unsupported("a path in a template")
        parts = [
            self._expressions.value(term, rows) for term in (match.subject, match.predicate, match.object)
        ]
        subject, predicate, object = parts
        kinds = self._dictionary.kinds()
        whole = (
            (object != UNBOUND)
            & (kinds[predicate] == IRI)
            & ((kinds[subject] == IRI) | (kinds[subject] == BLANK))
        )
        return rows.worlds[whole], subject[whole], predicate[whole], object[whole]

    def _solutions(self, pattern: plan.Pattern, seed: Relation) -> Relation:
        """The solutions that agree with the seed, with its columns."""
        match pattern:
            case plan.Basic(matches):
                return self._patterns.extended(seed, matches, self._submitted)
            case plan.Slot(name):
                return self._slot(name, seed)
            case plan.Values(names, rows):
                return self._values(names, rows, seed)
            case plan.Join():
                return self._all_of(list(self._operands(pattern)), seed)
            case plan.Optional(left, right, condition):
                return self._in_worlds(
                    self._solutions(left, seed), lambda rows: self._optional(rows, right, condition)
                )
            case plan.Minus(left, right):
                return self._in_worlds(self._solutions(left, seed), lambda rows: self._minus(rows, right))
            case plan.Union(left, right):
                return stacked([self._solutions(left, seed), self._solutions(right, seed)])
            case plan.Filter(plan.Basic(matches), condition) if not plan.asks(condition):
                conditions = [
                    (self._scopes.variables(part), partial(self._expressions.holds, part))
                    for part in plan.conjuncts(condition)
                ]
                return self._patterns.extended(seed, matches, self._submitted, conditions)
            case plan.Filter(inner, condition):
                return self._in_worlds(
                    self._solutions(inner, seed),
                    lambda rows: rows.take(self._expressions.holds(condition, rows)),
                )
            case plan.Extend(inner, name, expression):
                return self._in_worlds(
                    self._solutions(inner, seed),
                    lambda rows: rows.having(name, self._expressions.value(expression, rows)),
                )
            case plan.Graph(_, inner):
                return self._in_graph(inner, seed)
            case plan.Project(inner, names, once):
                projected = self._solutions(inner, seed).only([*seed.columns, *names])
                if not once:
                    return projected
                return distinct(projected.in_each_world(self._count(projected)))[0]
            case plan.Group(inner, keys, aggregates):
                found = self._solutions(inner, seed)
                found = found.in_each_world(self._count(found))
                return self._groups.grouped(found, [*seed.columns, *keys], aggregates)

    def _in_graph(self, inner: plan.Pattern, seed: Relation) -> Relation:
        if GRAPH not in self._parameters:
            raise Unsupported("a graph other than the one submitted")
        before, self._submitted = self._submitted, True
        try:
            return self._solutions(inner, seed)
        finally:
            self._submitted = before

    def _slot(self, name: str, seed: Relation) -> Relation:
        values = self._parameters.get(name)
        if values is None or name == GRAPH:
            return seed
        if isinstance(values, OfEach):
            rows = seed.in_each_world(self._worlds.count)
            column = values.values[rows.worlds]
            if name in rows.columns:
                return rows.take(rows.columns[name] == column)
            return rows.having(name, column)
        return self._values((name,), tuple((number,) for number in values), seed)

    def _values(
        self, names: Sequence[str], rows: Sequence[Sequence[str | int | None]], seed: Relation
    ) -> Relation:
        columns = {
            name: np.array([self._inline(row[place]) for row in rows], np.int32)
            for place, name in enumerate(names)
        }
        known = [name for name in names if seed.binds(name) and columns[name].all()]
        if known:
            left, right = pairs(*_coded([seed.columns[n] for n in known], [columns[n] for n in known]))
        else:
            left = np.repeat(np.arange(len(seed)), len(rows))
            right = np.tile(np.arange(len(rows)), len(seed))
        return self._agreeing(
            seed, Relation(np.zeros(len(rows), np.int32), columns), left, right, frozenset(known)
        )[0]

    def _inline(self, value: str | int | None) -> int:
        if value is None or isinstance(value, int):
            return value or UNBOUND
        return self._dictionary.number(value.encode())

    def _all_of(self, operands: list[plan.Pattern], seed: Relation) -> Relation:
        """The solutions of a join; triple patterns that nothing before them has to do with come last."""
        rows = seed
        for place in range(len(operands)):
            later = operands[place:]
            chosen = later[0]
            if self._is_apart(chosen, rows):
                near = (each for each in later if _is_of_triples(each) and not self._is_apart(each, rows))
                chosen = next(near, chosen)
            operands.remove(chosen)
            operands.insert(place, chosen)
            rows = self._join(rows, chosen) if place else self._solutions(chosen, rows)
        return rows

    def _operands(self, pattern: plan.Pattern) -> Iterator[plan.Pattern]:
        match pattern:
            case plan.Join(left, right):
                yield from self._operands(left)
                yield from self._operands(right)
            case plan.Project(inner, names, False) if self._scopes.bound(inner) <= {*names, GRAPH}:
                # Of the graph there is no column that would have to be let go of.
                yield from self._operands(inner)
            case _:
                yield pattern

    def _is_apart(self, pattern: plan.Pattern, rows: Relation) -> bool:
        """Whether triple patterns would go with each of the rows alike."""
        if not _is_of_triples(pattern) or not rows.columns:
            return False
        return self._scopes.bound(pattern).isdisjoint(rows.columns)

    def _join(self, left: Relation, right: plan.Pattern) -> Relation:
        if _is_of_triples(right) and all(
            left.binds(name) for name in self._scopes.bound(right) & left.columns.keys()
        ):
            return self._solutions(right, left)
        if isinstance(right, plan.Slot | plan.Values):
            return self._solutions(right, left)
        if len(left) > _MANY * max(1, self._worlds.count) and self._is_of_each(right):
            found = self._solutions(right, UNIT)
            if (left.worlds != SHARED).all() and (found.worlds != SHARED).all():
                return self._matching(left, found)
        places, found, known = self._through(left, right)
        return self._agreeing(left, found, places, np.arange(len(found)), known)[0]

    def _is_of_each(self, pattern: plan.Pattern) -> bool:
        """Whether it is a sub-SELECT that asks by itself of what is given for each world."""
        return isinstance(pattern, plan.Project) and any(
            isinstance(part, plan.Slot) and isinstance(self._parameters.get(part.name), OfEach)
            for part in self._operands(pattern.pattern)
        )

    def _matching(self, left: Relation, right: Relation) -> Relation:
        """The pairs of rows of one world that agree."""
        common = sorted(left.columns.keys() & right.columns.keys())
        known = [name for name in common if left.binds(name) and right.binds(name)]
        places, others = pairs(
            *_coded(
                [left.worlds, *(left.columns[name] for name in known)],
                [right.worlds, *(right.columns[name] for name in known)],
            )
        )
        return self._agreeing(left, right, places, others, frozenset(known))[0]

    def _through(
        self, left: Relation, right: plan.Pattern, *, outer: bool = False
    ) -> tuple[Places, Relation, frozenset[str]]:
        """The solutions of the right for each row of the left, with the place of that row.

        Given to the right are the variables in which it has to agree; for an EXISTS (`outer`) all that
        it names, since its conditions see them.
        """
        scopes = self._scopes
        names = scopes.variables(right) if outer else scopes.certain(right, self._given)
        known = frozenset(name for name in names if left.binds(name))
        number = f"#{next(self._fresh)}"
        seed, inverse = left.only(sorted(known)), None
        if scopes.gathers(right):
            # What is gathered for a row is the same for its equals.
            seed, inverse = distinct(seed)
        found = self._solutions(right, seed.having(number, np.arange(len(seed), dtype=np.int32)))
        places = found.columns[number].astype(np.int64)
        found = Relation(found.worlds, {name: each for name, each in found.columns.items() if name != number})
        if inverse is not None:
            places, rows = pairs(inverse, places)
            found = found.take(rows)
        return places, found, known

    def _agreeing(
        self, left: Relation, right: Relation, places: Places, others: Places, known: frozenset[str]
    ) -> tuple[Relation, Mask]:
        """The pairs of rows that agree wherever both bind a variable, and which of the pairs these are."""
        one, other = left.matched(places), right.matched(others)
        agree = np.ones(len(one), bool)
        columns = dict(one.columns)
        for name, column in other.columns.items():
            before = one.columns.get(name)
            if before is None:
                columns[name] = column
            elif name not in known:
                agree &= (before == column) | (before == UNBOUND) | (column == UNBOUND)
                columns[name] = np.where(before == UNBOUND, column, before)
        joined = Relation(np.maximum(one.worlds, other.worlds), columns)
        return (joined, agree) if agree.all() else (joined.take(agree), agree)

    def _optional(self, left: Relation, right: plan.Pattern, condition: plan.Expression | None) -> Relation:
        places, found, known = self._through(left, right)
        _refuse_shared(left, places, found)
        joined, agree = self._agreeing(left, found, places, np.arange(len(found)), known)
        places = places[agree]
        if condition is not None:
            holds = self._expressions.holds(condition, joined)
            joined, places = joined.take(holds), places[holds]
        taken = np.bincount(places, minlength=len(left))
        if taken.max(initial=0) <= 1 and not _changes(joined, left, places):
            return _beside(left, joined, places)
        return stacked([joined, left.take(taken == 0)])

    def _minus(self, left: Relation, right: plan.Pattern) -> Relation:
        places, found, known = self._through(left, right)
        _refuse_shared(left, places, found)
        agree = np.ones(len(found), bool)
        common = np.full(len(found), bool(known))
        for name, column in found.columns.items():
            if name in left.columns and name not in known:
                before = left.columns[name][places]
                both = (before != UNBOUND) & (column != UNBOUND)
                agree &= ~both | (before == column)
                common |= both
        stays = np.ones(len(left), bool)
        stays[places[agree & common]] = False
        return left.take(stays)

    def _exists(self, pattern: plan.Pattern, rows: Relation) -> Mask:
        if not len(rows):
            return np.zeros(0, bool)
        found = np.zeros(len(rows), bool)
        names = sorted(self._scopes.variables(pattern) & rows.columns.keys())
        # Rows that bind the same variables are asked together: an unbound one is free inside.
        bound = [rows.columns[name] != UNBOUND for name in names]
        kinds = codes([mask.astype(np.int32) for mask in bound]) if bound else np.zeros(len(rows), np.int64)
        for kind in np.unique(kinds).tolist():
            places = np.flatnonzero(kinds == kind)
            some = rows.take(places)
            some = some.only([name for name in names if some.binds(name)])
            left, solutions, _ = self._through(some, pattern, outer=True)
            _refuse_shared(some, left, solutions)
            found[places[left]] = True
        return found

    def _in_worlds(self, rows: Relation, make: Callable[[Relation], Relation]) -> Relation:
        """What is made of the rows; where worlds differ in it, of the rows of each world."""
        try:
            return make(rows)
        except _WorldsDiffer:
            return make(rows.in_each_world(self._worlds.count))

    def _count(self, rows: Relation) -> int:
        """How many worlds the rows must be written out for: none where they are all of none."""
        return self._worlds.count if (rows.worlds != SHARED).any() else 0


def _is_of_triples(pattern: plan.Pattern) -> bool:
    return isinstance(pattern.pattern if isinstance(pattern, plan.Graph) else pattern, plan.Basic)


class _WorldsDiffer(Exception):  # noqa: N818 - it is no mistake
    """Rows that all worlds have are answered otherwise in one than in another."""


def _refuse_shared(left: Relation, places: Places, found: Relation) -> None:
    if ((left.worlds[places] == SHARED) & (found.worlds != SHARED)).any():
        raise _WorldsDiffer


def _changes(joined: Relation, left: Relation, places: Places) -> bool:
    """Whether the right has bound a variable, or chosen a world, that the left leaves open."""
    return bool((joined.worlds != left.worlds[places]).any()) or any(
        not left.binds(name) and (joined.columns[name] != column[places]).any()
        for name, column in left.columns.items()
    )


def _beside(left: Relation, joined: Relation, places: Places) -> Relation:
    """The left, with the new columns of the rows joined to it at these places."""
    columns = dict(left.columns)
    for name, column in joined.columns.items():
        if name not in columns:
            columns[name] = np.zeros(len(left), np.int32)
            columns[name][places] = column
    return Relation(left.worlds, columns)


def _coded(left: Sequence[Column], right: Sequence[Column]) -> tuple[Places, Places]:
    both = codes([np.concatenate(columns) for columns in zip(left, right, strict=True)])
    return both[: len(left[0])], both[len(left[0]) :]
