"""Which groups can be evaluated from what is known to their left.

An OPTIONAL or MINUS that names a variable which its own group binds only later, or only around it, means
another thing from the inside out: such a pattern is not well designed (Pérez, Arenas and Gutierrez, Semantics
and Complexity of SPARQL, 2009, section 4).
"""

from collections.abc import Iterator, Set

from bpsgraph.columns import plan


def is_well_designed(part: plan.Pattern, outside: Set[str] = frozenset()) -> bool:
    """Whether no OPTIONAL or MINUS names what only its surroundings bind; `outside` are their variables."""
    match part:
        case plan.Join(left, right):
            return is_well_designed(left, outside | plan.bound(right)) and is_well_designed(
                right, outside | plan.bound(left)
            )
        case plan.Optional(left, right, condition):
            named = plan.variables(right) | plan.variables(condition)
        case plan.Minus(left, right):
            named = set(plan.bound(right))
        case plan.Union(left, right):
            return is_well_designed(left, outside) and is_well_designed(right, outside)
        case plan.Project(inner, names):
            return is_well_designed(inner, outside & set(names))
        case plan.Group(inner, keys):
            return is_well_designed(inner, outside & set(keys))
        case plan.Filter(inner, condition):
            return is_well_designed(inner, outside) and all(map(is_well_designed, _asked_in(condition)))
        case plan.Extend(inner) | plan.Graph(_, inner):
            return is_well_designed(inner, outside)
        case _:
            return True
    known = plan.bound(left)
    return (
        (named - known).isdisjoint(outside)
        and is_well_designed(left, outside)
        and is_well_designed(right, outside | known)
    )


def _asked_in(condition: plan.Expression) -> Iterator[plan.Pattern]:
    if isinstance(condition, plan.Exists):
        yield condition.pattern
    elif isinstance(condition, plan.Call):
        for argument in condition.arguments:
            yield from _asked_in(argument)


def counts_ways(part: object) -> bool:
    """Whether an aggregate would count every way along alternatives, where columns keep each end once."""
    if isinstance(part, plan.Group):
        repeating = any(not each.distinct and each.function != "Sample" for each in part.aggregates)
        if repeating and _has_alternatives(part.pattern):
            return True
    return any(map(counts_ways, plan.parts(part)))


def _has_alternatives(part: object) -> bool:
    """Whether rows may be there several times for a path; what is DISTINCT or grouped has each once."""
    if isinstance(part, plan.Path) and part.kind == "|":
        return True
    if isinstance(part, plan.Group | plan.Exists) or (isinstance(part, plan.Project) and part.distinct):
        return False
    return any(map(_has_alternatives, plan.parts(part)))
