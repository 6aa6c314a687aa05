"""From the text of a CONSTRUCT to its plan, by the algebra that rdflib makes of it."""

import re
from collections.abc import Mapping
from typing import Any

from bpsgraph.columns import plan
from bpsgraph.columns.design import counts_ways, is_well_designed
from bpsgraph.columns.plan import Call, Constant, Expression, Match, Pattern, Step, Variable
from bpsgraph.terms import PREFIXES

_CALLS = {
    "Builtin_STR": "STR({0})",
    "Builtin_LANG": "LANG({0})",
    "Builtin_DATATYPE": "DATATYPE({0})",
    "Builtin_IRI": "IRI({0})",
    "Builtin_URI": "IRI({0})",
    "Builtin_ABS": "ABS({0})",
    "Builtin_ROUND": "ROUND({0})",
    "Builtin_STRLEN": "STRLEN({0})",
    "Builtin_ENCODE_FOR_URI": "ENCODE_FOR_URI({0})",
    "Builtin_isIRI": "ISIRI({0})",
    "Builtin_isURI": "ISIRI({0})",
    "Builtin_isLITERAL": "ISLITERAL({0})",
    "Builtin_isBLANK": "ISBLANK({0})",
    "Builtin_isNUMERIC": "ISNUMERIC({0})",
    "Builtin_STRAFTER": "STRAFTER({0}, {1})",
    "Builtin_STRBEFORE": "STRBEFORE({0}, {1})",
    "Builtin_STRSTARTS": "STRSTARTS({0}, {1})",
    "Builtin_STRENDS": "STRENDS({0}, {1})",
    "Builtin_CONTAINS": "CONTAINS({0}, {1})",
    "Builtin_LANGMATCHES": "LANGMATCHES({0}, {1})",
    "Builtin_sameTerm": "SAMETERM({0}, {1})",
}
# SPARQL 1.1, section 19.2: rdflib replaces it before it parses, the store only within a text or an IRI.
_CODE_POINT = re.compile(r"\\[uU]")
_AGGREGATES = {f"Aggregate_{name}": name for name in ("Count", "Sum", "Min", "Max", "Sample")}


class Unsupported(Exception):  # noqa: N818 - it is no mistake, only more than this does
    """What this evaluation does not do; the query is then left to the store."""


def compile_query(text: str) -> plan.Construct:
    """The plan of a CONSTRUCT; raises `Unsupported` where it holds what columns cannot answer."""
    query = _algebra(text)
    if query.name != "ConstructQuery":
        raise Unsupported(query.name)
    if query.template is None:
        raise Unsupported("CONSTRUCT WHERE")
    template = tuple(_match(triple) for triple in query.template)
    return plan.Construct(template, _checked(_pattern(query.p)))


def compile_select(text: str) -> plan.Pattern:
    """The pattern of a SELECT, its projection included; raises `Unsupported`."""
    query = _algebra(text)
    if query.name != "SelectQuery":
        raise Unsupported(query.name)
    return _checked(_pattern(query.p))


def _checked(pattern: Pattern) -> Pattern:
    if not is_well_designed(pattern):
        raise Unsupported("an OPTIONAL or MINUS that names what is bound only around it")
    if counts_ways(pattern):
        raise Unsupported("an aggregate over every way along a path with alternatives")
    return pattern


def _algebra(text: str) -> Any:
    if _CODE_POINT.search(text):
        raise Unsupported("an escaped code point")
    # rdflib takes long to load, and plans are kept.
    from pyparsing import ParseException
    from rdflib.plugins.sparql import prepareQuery

    try:
        return prepareQuery(text, initNs=PREFIXES).algebra
    except ParseException as error:
        raise Unsupported(f"what rdflib cannot parse: {error}") from error


def _pattern(part: Any) -> Pattern:
    name = part.name
    if name == "BGP":
        return plan.Basic(tuple(_match(triple) for triple in part.triples))
    if name == "Join":
        left, right = _pattern(part.p1), _pattern(part.p2)
        if isinstance(left, plan.Basic) and isinstance(right, plan.Basic):
            return plan.Basic((*left.matches, *right.matches))
        return plan.Join(left, right)
    if name == "LeftJoin":
        condition = None if part.expr.name == "TrueFilter" else _expression(part.expr)
        return plan.Optional(_pattern(part.p1), _pattern(part.p2), condition)
    if name == "Minus":
        return plan.Minus(_pattern(part.p1), _pattern(part.p2))
    if name == "Union":
        return plan.Union(_pattern(part.p1), _pattern(part.p2))
    if name == "Filter":
        return plan.Filter(_pattern(part.p), _expression(part.expr))
    if name == "Extend":
        return plan.Extend(_pattern(part.p), str(part.var), _expression(part.expr))
    if name == "Graph":
        return plan.Graph(_node(part.term), _pattern(part.p))
    if name == "ToMultiSet":
        return _values(part.p) if part.p.name == "values" else _pattern(part.p)
    if name == "Project":
        return plan.Project(_pattern(part.p), tuple(map(str, part.PV)), distinct=False)
    if name in ("Distinct", "Reduced"):
        inner = _pattern(part.p)
        if not isinstance(inner, plan.Project):
            raise Unsupported("DISTINCT of more than a SELECT")
        return plan.Project(inner.pattern, inner.names, distinct=True)
    if name == "AggregateJoin":
        return _group(part)
    raise Unsupported(name)


def _values(part: Any) -> Pattern:
    if [dict(row) for row in part.res] == [{variable: "UNDEF" for row in part.res for variable in row}]:
        names = [str(variable) for variable in part.res[0]]
        if len(names) == 1:
            return plan.Slot(names[0])
    names = list(dict.fromkeys(str(variable) for row in part.res for variable in row))
    rows = [{str(variable): value for variable, value in row.items()} for row in part.res]
    return plan.Values(tuple(names), tuple(tuple(_text(row.get(name)) for name in names) for row in rows))


def _text(value: Any) -> str | None:
    return None if value is None or str(value) == "UNDEF" else _n3(value)


def _group(part: Any) -> Pattern:
    group = part.p
    if not group.expr:
        raise Unsupported("aggregates without GROUP BY")
    keys = []
    for key in group.expr:
        if type(key).__name__ != "Variable":
            raise Unsupported("GROUP BY of an expression")
        keys.append(str(key))
    aggregates = []
    for each in part.A:
        if each.name not in _AGGREGATES:
            raise Unsupported(each.name)
        whole = str(each.vars) == "*"
        aggregates.append(
            plan.Aggregate(
                _AGGREGATES[each.name],
                None if whole else _expression(each.vars),
                bool(each.distinct),
                str(each.res),
            )
        )
    return plan.Group(_pattern(group.p), tuple(keys), tuple(aggregates))


def _expression(part: Any) -> Expression:
    if not hasattr(part, "name") or (type(part).__name__ != "Expr" and not hasattr(part, "_vars")):
        return _node(part)
    name = part.name
    if name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        exists = plan.Exists(_group_pattern(part.graph))
        return exists if name == "Builtin_EXISTS" else Call("!", (exists,))
    if name == "RelationalExpression":
        return _comparison(part)
    if name == "ConditionalAndExpression":
        return Call("&&", (_expression(part.expr), *map(_expression, part.other)))
    if name == "ConditionalOrExpression":
        return Call("||", (_expression(part.expr), *map(_expression, part.other)))
    if name in ("MultiplicativeExpression", "AdditiveExpression"):
        value = _expression(part.expr)
        for operator, other in zip(part.op, part.other, strict=True):
            value = Call(f"{{0}} {operator} {{1}}", (value, _expression(other)))
        return value
    if name == "UnaryNot":
        return Call("!", (_expression(part.expr),))
    if name == "UnaryMinus":
        return Call("-{0}", (_expression(part.expr),))
    if name == "Builtin_BOUND":
        return Call("BOUND", (_node(part.arg),))
    if name == "Builtin_IF":
        return Call("IF", tuple(map(_expression, (part.arg1, part.arg2, part.arg3))))
    if name == "Builtin_COALESCE":
        return Call("COALESCE", tuple(map(_expression, part.arg)))
    if name == "Builtin_CONCAT":
        return Call("CONCAT", tuple(map(_expression, part.arg)))
    if name in ("Builtin_REGEX", "Builtin_REPLACE"):
        given = (
            [part.text, part.pattern]
            if name == "Builtin_REGEX"
            else [part.arg, part.pattern, part.replacement]
        )
        given += [part.flags] if part.flags is not None else []
        places = ", ".join(f"{{{place}}}" for place in range(len(given)))
        return Call(f"{name.removeprefix('Builtin_')}({places})", tuple(map(_expression, given)))
    if name == "Function":
        (argument,) = part.expr
        return Call(f"<{part.iri}>({{0}})", (_expression(argument),))
    if name in _CALLS:
        given = [part.arg1, part.arg2] if "{1}" in _CALLS[name] else [part.arg]
        return Call(_CALLS[name], tuple(map(_expression, given)))
    raise Unsupported(name)


def _comparison(part: Any) -> Expression:
    left = _expression(part.expr)
    if part.op in ("IN", "NOT IN"):
        # SPARQL 1.1, section 17.4.1.9: the same as a disjunction.
        given = part.other if isinstance(part.other, list) else list(part.other)
        among = Call("||", tuple(Call("=", (left, _expression(each))) for each in given))
        return among if part.op == "IN" else Call("!", (among,))
    right = _expression(part.other)
    if part.op == "=":
        return Call("=", (left, right))
    if part.op == "!=":
        return Call("!", (Call("=", (left, right)),))
    return Call(f"{{0}} {part.op} {{1}}", (left, right))


def _group_pattern(part: Any) -> Pattern:
    """The pattern of an EXISTS."""
    if part.name.startswith("GroupGraph"):
        # In aggregates and HAVING rdflib leaves it as it was parsed.
        raise Unsupported("EXISTS among aggregates")
    pattern = _pattern(part)
    # What a sub-SELECT computes is joined with what the row binds, and takes the place of none of it.
    return plan.Join(plan.Basic(()), pattern) if isinstance(pattern, plan.Project) else pattern


def _match(triple: Any) -> Match:
    subject, predicate, object = triple
    if type(predicate).__name__ == "Variable" and predicate in (subject, object):
        raise Unsupported("a variable that is both a predicate and an end")
    return Match(_node(subject), _step(predicate), _node(object))


def _step(part: Any) -> Step:
    kinds: Mapping[str, str] = {"SequencePath": "/", "AlternativePath": "|", "InvPath": "^"}
    kind = type(part).__name__
    if kind in ("SequencePath", "AlternativePath"):
        steps = tuple(_step(each) for each in part.args)
    elif kind == "InvPath":
        steps = (_step(part.arg),)
    elif kind == "MulPath":
        return plan.Path(str(part.mod), (_step(part.path),))  # type: ignore[arg-type]
    elif kind == "NegatedPath":
        raise Unsupported(kind)
    else:
        return _node(part)
    return plan.Path(kinds[kind], steps)  # type: ignore[arg-type]


def _node(part: Any) -> Variable | Constant:
    kind = type(part).__name__
    if kind == "Variable":
        return Variable(str(part))
    if kind == "BNode":
        return Variable(f"_:{part}")
    if kind in ("URIRef", "Literal"):
        return Constant(_n3(part))
    raise Unsupported(kind)


def _n3(term: Any) -> str:
    """The term in the syntax of N-Triples, as pyoxigraph writes it."""
    import pyoxigraph as ox

    if type(term).__name__ == "URIRef":
        return str(ox.NamedNode(str(term)))
    if term.language:
        return str(ox.Literal(str(term), language=term.language))
    datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
    return str(ox.Literal(str(term), datatype=datatype))
