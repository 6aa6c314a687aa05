"""What a query means, as the algebra of SPARQL 1.1 (section 18) that rdflib makes of its text.

rdflib is slow to load and judges nothing but the language; only the lint reads queries this way.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import rdflib
from pyparsing import ParseResults
from rdflib.paths import MulPath, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

NUMBERS_OF_MANY = frozenset({"Aggregate_Count", "Aggregate_Sum", "Aggregate_Avg"})
_EXISTS = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})


@cache
def algebra(text: str) -> Any:
    """The algebra of a SELECT or CONSTRUCT. Raises whatever rdflib raises for what is no SPARQL 1.1."""
    return prepareQuery(text).algebra


def parts(part: Any) -> Iterator[CompValue]:
    """Every operator, pattern and expression in `part`, itself included."""
    if isinstance(part, CompValue):
        yield part
        for value in part.values():
            yield from parts(value)
    elif isinstance(part, list | tuple | ParseResults):
        for value in part:
            yield from parts(value)


def variables(part: Any) -> set[str]:
    """The variables that `part` speaks of, whether it binds them or not, those of its filters among them."""
    if isinstance(part, rdflib.Variable):
        return {str(part)}
    if isinstance(part, CompValue):
        return set().union(*map(variables, part.values()))
    if isinstance(part, list | tuple | ParseResults):
        return set().union(*map(variables, part))
    return set()


def certain(part: Any) -> set[str]:
    """The variables that every solution of `part` binds."""
    if part is None:
        return set()
    name = getattr(part, "name", "")
    if name == "BGP":
        return {variable for triple in part.triples for variable in of_triple(triple)}
    if name == "Join":
        return certain(part.p1) | certain(part.p2)
    if name in ("LeftJoin", "Minus"):
        return certain(part.p1)
    if name == "Union":
        return certain(part.p1) & certain(part.p2)
    if name == "Graph":
        return certain(part.p) | ({str(part.term)} if isinstance(part.term, rdflib.Variable) else set())
    if name == "Extend":
        # Once: asked twice, every further BIND of a group would double the time.
        inside = certain(part.p)
        return inside | ({str(part.var)} if _sure(part.expr, inside) else set())
    if name in ("Project", "SelectQuery"):
        return certain(part.p) & {str(variable) for variable in part.PV}
    if name == "AggregateJoin":
        return certain(part.p) | {str(aggregate.res) for aggregate in part.A}
    if name == "values":
        bound = [{str(column) for column, value in row.items() if value != "UNDEF"} for row in part.res]
        return set.intersection(*bound) if bound else set()
    return certain(part.p) if "p" in part else set()


def _sure(expression: Any, bound: set[str]) -> bool:
    """Whether a BIND of `expression` gives a value whenever `bound` are bound."""
    if isinstance(expression, rdflib.Variable):
        return str(expression) in bound
    if getattr(expression, "name", "") == "Builtin_COALESCE":
        return any(_sure(argument, bound) for argument in expression.arg)
    return (
        isinstance(expression, rdflib.term.Identifier)
        or getattr(expression, "name", "") == "Aggregate_Sample"
    )


def of_triple(triple: Any) -> set[str]:
    """The variables of a triple pattern, blank nodes among them."""
    return {str(term) for term in triple if isinstance(term, rdflib.Variable | rdflib.BNode)}


def is_slot(part: Any) -> bool:
    """Whether `part` is nothing but VALUES, which bind a handful of values before anything is looked up.

    A BIND of such a value is no more than that.
    """
    if part.name == "Join":
        return is_slot(part.p1) and is_slot(part.p2)
    if part.name == "Extend":
        return is_slot(part.p)
    return (part.name == "ToMultiSet" and part.p.name == "values") or (
        part.name == "BGP" and not part.triples
    )


def connected(triples: list[Any]) -> bool:
    """Whether `triples` hang together by the variables that they share."""
    groups: list[set[str]] = []
    for triple in triples:
        mine = of_triple(triple)
        joined = [group for group in groups if group & mine]
        groups = [group for group in groups if not group & mine] + [mine.union(*joined)]
    return len(groups) < 2


def patterns(part: Any, bound: frozenset[str] = frozenset()) -> Iterator[tuple[Any, frozenset[str]]]:
    """Every basic graph pattern with the variables that are certain around it.

    A sub-SELECT and what stands after MINUS are evaluated by themselves, so that nothing is certain there.
    """
    name = getattr(part, "name", "")
    if name == "BGP":
        yield part, bound
    elif name == "Join":
        yield from patterns(part.p1, bound | certain(part.p2))
        yield from patterns(part.p2, bound | certain(part.p1))
    elif name == "LeftJoin":
        yield from patterns(part.p1, bound)
        yield from patterns(part.p2, bound | certain(part.p1))
    elif name == "Union":
        yield from patterns(part.p1, bound)
        yield from patterns(part.p2, bound)
    elif name == "Minus":
        yield from patterns(part.p1, bound)
        yield from patterns(part.p2)
    elif name in ("Project", "SelectQuery", "ConstructQuery"):
        yield from patterns(part.p)
    elif isinstance(part, CompValue) and "p" in part:
        yield from patterns(part.p, bound)


def repeats(path: Any) -> bool:
    """Whether the property path, or its last step, is walked any number of times."""
    if isinstance(path, SequencePath):
        return isinstance(path.args[-1], MulPath) or isinstance(path.args[0], MulPath)
    return isinstance(path, MulPath)


def exists(part: Any) -> Iterator[tuple[CompValue, set[str]]]:
    """Every EXISTS and NOT EXISTS in a FILTER, with the variables that are certain around it."""
    for one in parts(part):
        if one.name == "Filter":
            for inner in parts(one.expr):
                if inner.name in _EXISTS:
                    yield inner, certain(one.p)


@cache
def written_in_exists(text: str) -> tuple[frozenset[str], ...]:
    """The variables that each EXISTS and NOT EXISTS of a text speaks of.

    Read from what was parsed, because the algebra of rdflib leaves out the filters inside an EXISTS.
    """
    return tuple(frozenset(variables(part)) for part in parts(list(parseQuery(text))) if part.name in _EXISTS)


def counted(part: Any) -> set[str]:
    """The variables that hold a COUNT, a SUM or an AVG, or that with a value where there is none."""
    named: set[str] = set()
    for one in parts(part):
        # Only its own SELECT: the first aggregate of every SELECT is called `__agg_1__`.
        if one.name == "Extend" and _passed_on(one.expr) & _numbers(one.p):
            named.add(str(one.var))
    while True:
        more = {
            str(one.var) for one in parts(part) if one.name == "Extend" and _passed_on(one.expr) & named
        } - named
        if not more:
            return named
        named |= more


def _numbers(part: Any) -> set[str]:
    """The results of the aggregation that belongs to the SELECT of an Extend above `part`."""
    while part.name in ("Extend", "Filter"):  # a Filter is HAVING
        part = part.p
    if part.name != "AggregateJoin":
        return set()
    return {str(entry.res) for entry in part.A if entry.name in NUMBERS_OF_MANY}


def _passed_on(expression: Any) -> set[str]:
    """The variables whose value an expression gives as it is: itself, through COALESCE, IF or a cast."""
    if isinstance(expression, rdflib.Variable):
        return {str(expression)}
    name = getattr(expression, "name", "")
    if name == "Builtin_COALESCE":
        return set().union(*map(_passed_on, expression.arg))
    if name == "Builtin_IF":
        return _passed_on(expression.arg2) | _passed_on(expression.arg3)
    if name == "Function":
        return set().union(*map(_passed_on, expression.expr))
    return set()


def concatenations(part: Any) -> Iterator[bool]:
    """For every GROUP_CONCAT whether what it joins comes from a sub-SELECT that orders it."""
    for one in parts(part):
        if one.name == "AggregateJoin" and any(a.name == "Aggregate_GroupConcat" for a in one.A):
            yield any(inner.name == "OrderBy" for inner in parts(one.p))


def functions(part: Any) -> set[str]:
    """The IRIs of the functions that are called by IRI."""
    return {str(one.iri) for one in parts(part) if one.name == "Function"}
