"""A plan without the variables that nothing needs any more: fewer columns, and fewer rows that differ."""

from bpsgraph.columns.plan import (
    Construct,
    Extend,
    Filter,
    Graph,
    Group,
    Join,
    Minus,
    Optional,
    Pattern,
    Project,
    Slot,
    Union,
    bound,
    variables,
)


def pruned(query: Construct) -> Construct:
    """The same with each variable let go of where nothing further on needs it."""
    needed = frozenset(variables(query.template))
    return Construct(query.template, _pruned(query.pattern, needed))


def _pruned(part: Pattern, needed: frozenset[str]) -> Pattern:
    match part:
        case Join(left, right):
            return Join(_kept(left, needed | variables(right)), _pruned(right, needed | bound(left)))
        case Optional(left, right, condition):
            inside = needed | bound(left) | variables(condition)
            return Optional(
                _kept(left, needed | variables(right) | variables(condition)),
                _pruned(right, inside),
                condition,
            )
        case Minus(left, right):
            return Minus(_kept(left, needed | variables(right)), _pruned(right, bound(left)))
        case Union(left, right):
            return Union(_kept(left, needed), _kept(right, needed))
        case Filter(inner, condition):
            return Filter(_kept(inner, needed | variables(condition)), condition)
        case Extend(inner, name, expression):
            return Extend(_kept(inner, needed | variables(expression)), name, expression)
        case Graph(name, inner):
            return Graph(name, _pruned(inner, needed))
        case Project(inner, names, distinct):
            return Project(_kept(inner, frozenset(names)), names, distinct)
        case Group(inner, keys, aggregates):
            given = variables(tuple(each.expression for each in aggregates if each.expression))
            return Group(_kept(inner, frozenset(keys) | given), keys, aggregates)
        case _:
            return part


def _kept(part: Pattern, needed: frozenset[str] | set[str]) -> Pattern:
    """A part that lets out only what is needed, where that is less than it binds."""
    names = bound(part)
    inner = _pruned(part, frozenset(needed))
    if names <= needed or isinstance(inner, Project | Slot):
        return inner
    return Project(inner, tuple(sorted(names & needed)), distinct=False)
