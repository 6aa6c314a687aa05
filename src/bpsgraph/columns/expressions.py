"""Expressions of SPARQL over the rows of a relation (SPARQL 1.1, section 17)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bpsgraph.columns.dictionary import IRI, STRING, UNBOUND
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.plan import Call, Constant, Exists, Expression, Pattern, Variable
from bpsgraph.columns.relation import Column, Mask, Relation

Truth = NDArray[np.int8]
"""1 true, 0 false, -1 an error: the three values of section 17.2."""

Existence = Callable[[Pattern, Relation], Mask]

_LOGICAL = frozenset({"!", "&&", "||", "=", "BOUND"})


class Expressions:
    """Evaluates expressions; `existence` says for which rows a pattern has a solution."""

    def __init__(self, functions: Functions, existence: Existence) -> None:
        self._functions = functions
        self._existence = existence

    def holds(self, condition: Expression, rows: Relation) -> Mask:
        """The rows that a FILTER keeps."""
        return np.asarray(self.truth(condition, rows) == 1)

    def value(self, part: Expression, rows: Relation) -> Column:
        """The term for each row; 0 where it is an error, or unbound."""
        if isinstance(part, Variable):
            column = rows.columns.get(part.name)
            return np.zeros(len(rows), np.int32) if column is None else column
        if isinstance(part, Constant):
            number = self._functions.dictionary.number(part.text.encode())
            return np.full(len(rows), number, np.int32)
        if isinstance(part, Exists) or part.name in _LOGICAL:
            truth = self.truth(part, rows)
            return np.array([UNBOUND, self._functions.false, self._functions.true], np.int32)[truth + 1]
        if part.name == "IF":
            return self._if(part, rows)
        if part.name == "COALESCE":
            return self._coalesce(part, rows)
        name, arguments = part.name, part.arguments
        if name == "IRI({0})" and isinstance(arguments[0], Call) and arguments[0].name == "CONCAT":
            name, arguments = "IRI(CONCAT)", arguments[0].arguments
        if not len(rows):
            return np.zeros(0, np.int32)
        return self._functions.apply(name, [self.value(each, rows) for each in arguments])

    def truth(self, part: Expression, rows: Relation) -> Truth:
        """The effective boolean value for each row."""
        if isinstance(part, Exists):
            return self._existence(part.pattern, rows).astype(np.int8)
        if not isinstance(part, Call) or part.name not in _LOGICAL:
            return self._effective(self.value(part, rows))
        if part.name == "BOUND":
            return np.asarray(self.value(part.arguments[0], rows) != UNBOUND, np.int8)
        if part.name == "!":
            return np.array([-1, 1, 0], np.int8)[self.truth(part.arguments[0], rows) + 1]
        if part.name == "=":
            return self._equal(*(self.value(each, rows) for each in part.arguments))
        return self._connected(part, rows)

    def _connected(self, part: Call, rows: Relation) -> Truth:
        """A conjunction or disjunction, whose later parts are asked only where the earlier leave it open."""
        decides = 0 if part.name == "&&" else 1
        truth = self.truth(part.arguments[0], rows)
        for each in part.arguments[1:]:
            open_ = np.flatnonzero(truth != decides)
            if not len(open_):
                break
            other = self.truth(each, rows if len(open_) == len(rows) else rows.take(open_))
            before = truth[open_]
            # What is not decided is an error where either is one.
            after = np.where(other == decides, other, np.where((before == -1) | (other == -1), -1, other))
            truth = truth.copy()
            truth[open_] = after
        return truth

    def _if(self, part: Call, rows: Relation) -> Column:
        condition, then, otherwise = part.arguments
        truth = self.truth(condition, rows)
        value = np.zeros(len(rows), np.int32)
        for wanted, branch in ((1, then), (0, otherwise)):
            places = np.flatnonzero(truth == wanted)
            if len(places):
                value[places] = self.value(branch, rows.take(places))
        return value

    def _coalesce(self, part: Call, rows: Relation) -> Column:
        value = self.value(part.arguments[0], rows).copy()
        for each in part.arguments[1:]:
            places = np.flatnonzero(value == UNBOUND)
            if not len(places):
                break
            value[places] = self.value(each, rows.take(places))
        return value

    def _effective(self, column: Column) -> Truth:
        truth = np.full(len(column), -1, np.int8)
        truth[column == self._functions.true] = 1
        truth[column == self._functions.false] = 0
        rest = np.flatnonzero((truth == -1) & (column != UNBOUND))
        if len(rest):
            asked = self._functions.apply("IF({0}, true, false)", [column[rest]])
            truth[rest] = np.where(
                asked == self._functions.true, 1, np.where(asked == self._functions.false, 0, -1)
            )
        return truth

    def _equal(self, left: Column, right: Column) -> Truth:
        kinds = self._functions.dictionary.kinds()
        one, other = kinds[left], kinds[right]
        truth: Truth = np.asarray(left == right, np.int8)
        truth[(left == UNBOUND) | (right == UNBOUND)] = -1
        # Terms that are no typed literals are equal where they are the same.
        simple = (one <= STRING) & (other <= STRING) | (one == IRI) | (other == IRI)
        open_ = np.flatnonzero(~simple & (truth != -1))
        if len(open_):
            asked = self._functions.apply("{0} = {1}", [left[open_], right[open_]])
            truth[open_] = self._effective(asked)
        return truth
