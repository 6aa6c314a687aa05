"""What a query asks for, as a tree that can be kept: the algebra of SPARQL 1.1 (section 18.2.4).

rdflib makes the tree of a text, which takes it some tenths of a second for a long one; the tree can be
written as JSON, so that this happens once.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a blank node of a pattern."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A term in the syntax of N-Triples."""

    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: `kind` is `/`, `|`, `^`, `*`, `+` or `?`; the steps are paths or constants."""

    kind: str
    steps: tuple["Path | Constant", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with its arguments; `name` is a template of SPARQL such as `STR({0})`."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether the pattern has a solution with what the row binds."""

    pattern: "Pattern"


Expression = Variable | Constant | Call | Exists
Step = Path | Constant | Variable


@dataclass(frozen=True, slots=True)
class Match:
    """One triple pattern."""

    subject: Variable | Constant
    predicate: Step
    object: Variable | Constant


@dataclass(frozen=True, slots=True)
class Basic:
    """A basic graph pattern."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Inline data; None is UNDEF."""

    names: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a parameter: `VALUES $name { UNDEF }`."""

    name: str


@dataclass(frozen=True, slots=True)
class Join:
    """Both."""

    left: "Pattern"
    right: "Pattern"


@dataclass(frozen=True, slots=True)
class Optional:
    """The left, with the right where there is one for which the condition holds."""

    left: "Pattern"
    right: "Pattern"
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class Minus:
    """The left without what agrees with the right in a variable that both bind."""

    left: "Pattern"
    right: "Pattern"


@dataclass(frozen=True, slots=True)
class Union:
    """Either."""

    left: "Pattern"
    right: "Pattern"


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which the condition holds."""

    pattern: "Pattern"
    condition: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    """The rows with a variable more."""

    pattern: "Pattern"
    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Graph:
    """The pattern within a named graph."""

    name: Variable | Constant
    pattern: "Pattern"


@dataclass(frozen=True, slots=True)
class Project:
    """Some variables of the rows, each row once where `distinct`."""

    pattern: "Pattern"
    names: tuple[str, ...]
    distinct: bool


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate: `function` is `Count`, `Sum`, `Min`, `Max` or `Sample`; no expression is `*`."""

    function: str
    expression: Expression | None
    distinct: bool
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """One row for each combination of the keys, with its aggregates."""

    pattern: "Pattern"
    keys: tuple[str, ...]
    aggregates: tuple[Aggregate, ...]


Pattern = Basic | Values | Slot | Join | Optional | Minus | Union | Filter | Extend | Graph | Project | Group


@dataclass(frozen=True, slots=True)
class Construct:
    """A CONSTRUCT: its template, and the pattern that fills it."""

    template: tuple[Match, ...]
    pattern: Pattern


_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Variable, Constant, Path, Call, Exists, Match, Basic, Values, Slot, Join, Optional, Minus, Union),
        *(Filter, Extend, Graph, Project, Aggregate, Group, Construct),
    )
}


def written(plan: Construct) -> str:
    """The plan as JSON."""
    return json.dumps(_listed(plan), ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Construct:
    """The plan that `written` wrote; raises `ValueError` for anything else."""
    try:
        plan = _made(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is no plan: {error}") from error
    if not isinstance(plan, Construct):
        raise ValueError("this is no plan of a CONSTRUCT")
    return plan


def _listed(part: Any) -> Any:
    if type(part).__name__ in _KINDS and not isinstance(part, str):
        return {type(part).__name__: [_listed(getattr(part, each.name)) for each in fields(part)]}
    return [_listed(each) for each in part] if isinstance(part, tuple) else part


def _made(part: Any) -> Any:
    if isinstance(part, dict):
        ((kind, values),) = part.items()
        return _KINDS[kind](*map(_made, values))
    return tuple(map(_made, part)) if isinstance(part, list) else part


def variables(part: Any) -> set[str]:
    """The names of all variables in a part of a plan, those of its conditions among them."""
    return set(_variables(part))


def _variables(part: Any) -> Iterator[str]:
    if isinstance(part, Variable):
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from _variables(each)
    elif isinstance(part, Project):
        # What a sub-SELECT does not let out is another variable of the same name.
        yield from part.names
    elif isinstance(part, Slot | Extend | Aggregate):
        yield part.name
    elif isinstance(part, Values | Group):
        yield from part.names if isinstance(part, Values) else part.keys
    if type(part).__name__ in _KINDS and not isinstance(part, Project):
        for each in fields(part):
            yield from _variables(getattr(part, each.name))


def looked_at(part: Any) -> dict[str, set[str] | None]:
    """The predicates that a part of a plan looks at; with each its objects, where only some are looked for.

    All are in the syntax of N-Triples. Raises `ValueError` for a part that looks at whatever predicate.
    """
    found: dict[str, set[str] | None] = {}
    for match_ in _matches(part):
        if isinstance(match_.predicate, Variable):
            raise ValueError(f"?{match_.predicate.name} may be any predicate")
        for predicate in _constants(match_.predicate):
            # A literal may be written in several ways.
            object = match_.object.text if isinstance(match_.object, Constant) else ""
            objects = {object} if object.startswith("<") else None
            if isinstance(match_.predicate, Path) or objects is None or found.get(predicate, set()) is None:
                found[predicate] = None
            else:
                found[predicate] = objects | (found.get(predicate) or set())
    return found


def _matches(part: Any) -> Iterator[Match]:
    if isinstance(part, Match):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _matches(each)
    elif type(part).__name__ in _KINDS:
        for field_ in fields(part):
            yield from _matches(getattr(part, field_.name))


def _constants(step: Step) -> set[str]:
    if isinstance(step, Path):
        return set().union(*map(_constants, step.steps))
    return {step.text} if isinstance(step, Constant) else set()


def certain(part: Pattern, given: frozenset[str]) -> frozenset[str]:
    """The variables that every solution binds; `given` are the parameters that have a value."""
    match part:
        case Basic(matches):
            return frozenset(name for match_ in matches for name in _of_match(match_))
        case Values(names, rows):
            return frozenset(
                name for place, name in enumerate(names) if all(row[place] is not None for row in rows)
            )
        case Slot(name):
            return frozenset({name}) & given
        case Join(left, right):
            return certain(left, given) | certain(right, given)
        case Optional(left) | Minus(left):
            return certain(left, given)
        case Union(left, right):
            return certain(left, given) & certain(right, given)
        case Filter(inner) | Extend(inner):
            return certain(inner, given)
        case Graph(name, inner):
            return certain(inner, given) | _of_terms((name,))
        case Project(inner, names):
            return certain(inner, given) & frozenset(names)
        case Group(inner, keys):
            return certain(inner, given) & frozenset(keys)


def gathers(part: Any) -> bool:
    """Whether a part makes one row of many: a sub-SELECT that groups, or gives each row once."""
    if isinstance(part, Group) or (isinstance(part, Project) and part.distinct):
        return True
    return any(map(gathers, parts(part)))


def parts(part: Any) -> Iterator[Any]:
    """What a part of a plan is made of."""
    if isinstance(part, tuple):
        yield from part
    elif type(part).__name__ in _KINDS:
        yield from (getattr(part, each.name) for each in fields(part))


def asks(part: Expression) -> bool:
    """Whether an expression looks for solutions of a pattern."""
    return isinstance(part, Exists) or (isinstance(part, Call) and any(map(asks, part.arguments)))


def conjuncts(part: Expression) -> Iterator[Expression]:
    """The conditions that have to hold each by itself."""
    if isinstance(part, Call) and part.name == "&&":
        for each in part.arguments:
            yield from conjuncts(each)
    else:
        yield part


def bound(part: Pattern) -> frozenset[str]:
    """The variables that a solution may bind (SPARQL 1.1, section 18.2.1: those in scope)."""
    match part:
        case Basic(matches):
            return frozenset(name for match_ in matches for name in _of_match(match_))
        case Values(names):
            return frozenset(names)
        case Slot(name):
            return frozenset({name})
        case Join(left, right) | Union(left, right):
            return bound(left) | bound(right)
        case Optional(left, right):
            return bound(left) | bound(right)
        case Minus(left):
            return bound(left)
        case Filter(inner):
            return bound(inner)
        case Extend(inner, name):
            return bound(inner) | {name}
        case Graph(name, inner):
            return bound(inner) | _of_terms((name,))
        case Project(_, names):
            return frozenset(names)
        case Group(_, keys, aggregates):
            return frozenset(keys) | {aggregate.name for aggregate in aggregates}


def _of_match(match_: Match) -> frozenset[str]:
    return _of_terms((match_.subject, match_.predicate, match_.object))


def _of_terms(terms: Iterable[Step]) -> frozenset[str]:
    return frozenset(term.name for term in terms if isinstance(term, Variable))
