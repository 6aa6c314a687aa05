"""Rows in groups, and what is made of each group (SPARQL 1.1, sections 11 and 18.5.1)."""

from collections.abc import Sequence

import numpy as np

from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import UNBOUND
from bpsgraph.columns.expressions import Expressions
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.plan import Aggregate
from bpsgraph.columns.relation import Column, Places, Relation, codes, distinct


class Groups:
    """Groups rows and evaluates aggregates; raises `Unsupported` for what it cannot do."""

    def __init__(self, expressions: Expressions, functions: Functions) -> None:
        self._expressions = expressions
        self._functions = functions

    def grouped(self, rows: Relation, keys: Sequence[str], aggregates: Sequence[Aggregate]) -> Relation:
        """A row for each group of each world, with its keys and aggregates."""
        missing = np.zeros(len(rows), np.int32)
        keyed = Relation(rows.worlds, {name: rows.columns.get(name, missing) for name in dict.fromkeys(keys)})
        groups, inverse = distinct(keyed)
        for aggregate in aggregates:
            groups = groups.having(aggregate.name, self._aggregated(aggregate, rows, inverse, len(groups)))
        return groups

    def _aggregated(self, aggregate: Aggregate, rows: Relation, inverse: Places, length: int) -> Column:
        if aggregate.expression is None:
            if aggregate.distinct:
                raise Unsupported("COUNT(DISTINCT *)")
            return self._integers(np.bincount(inverse, minlength=length))
        column = self._expressions.value(aggregate.expression, rows)
        if aggregate.function == "Sample":
            value = np.zeros(length, np.int32)
            value[inverse[::-1]] = column[::-1]
            return value
        if aggregate.distinct:
            _, first = np.unique(codes([inverse, column]), return_index=True)
            inverse, column = inverse[first], column[first]
        if aggregate.function == "Count":
            return self._integers(np.bincount(inverse[column != UNBOUND], minlength=length))
        return self._functions.aggregate(aggregate.function.upper(), column, inverse, length)

    def _integers(self, counts: Places) -> Column:
        values, inverse = np.unique(counts, return_inverse=True)
        texts = [b'"%d"^^<http://www.w3.org/2001/XMLSchema#integer>' % value for value in values.tolist()]
        return np.array(self._functions.dictionary.numbers(texts), np.int32)[inverse]
