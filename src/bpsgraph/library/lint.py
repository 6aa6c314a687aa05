"""What a saved query may not be: slow on the store, different on another engine, or of no use to a reader.

Each rule has a code; `docs/queries.md` lists them. What the loader refuses anyway (unknown keys, parameters
without slot or use, charts of no column, missing prefixes) is not repeated here. This module loads rdflib,
which takes a while.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from bpsgraph.library.algebra import (
    algebra,
    certain,
    concatenations,
    connected,
    counted,
    exists,
    functions,
    is_slot,
    of_triple,
    parts,
    patterns,
    repeats,
    variables,
    written_in_exists,
)
from bpsgraph.library.saved import Library, Query
from bpsgraph.library.slots import tokens
from bpsgraph.results import Rows
from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, DCT, SKOS, XSD, short

# The constructor functions of SPARQL 1.1, section 17.5; xsd:date is none of them.
_CASTS = frozenset(
    XSD + name for name in ("boolean", "double", "float", "decimal", "integer", "dateTime", "string")
)
_NEVER_THE_SAME = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE", "SAMPLE"})
_PREFIX = re.compile(r"PREFIX\s+([\w.-]*:)\s*<([^>]*)>", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_LOOKED_AT = 200
# Kinds of things whose keys people read: `140500/2021`, `ndrc-shehui-2021-443`, `recalled`.
_READ_BY_KEY = frozenset({"catalogue", "document", "clause", "dataset", "dimension", "source"})


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with a query: the code of the rule, the query, what was seen there, and what to do."""

    code: str
    query: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.query}: {self.problem} [{self.code}]; {self.cure}"


Finder = Callable[[Query, Any], Iterator[str]]


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: what it finds in the algebra of a query of one of the kinds, and what to do then."""

    code: str
    cure: str
    kinds: tuple[str, ...]
    find: Finder


def lint(library: Library, names: Iterable[str] | None = None) -> list[Remark]:
    """What the texts and headers of the queries in `library` are remarked for, by query; all without `names`.

    A query that is like another but for constants is looked for in the whole library.
    """
    chosen = [library[name] for name in (library if names is None else names)]
    found = [remark for query in chosen for remark in lint_query(query)]
    wanted = {query.name for query in chosen}
    found += [remark for remark in _alike(library) if remark.query in wanted]
    return sorted(found, key=lambda remark: (remark.query, remark.code, remark.problem))


def lint_query(query: Query) -> list[Remark]:
    """What one query is remarked for by itself; of a derivation, which only our store runs, its words."""
    try:
        meant = None if query.kind == "derive" else algebra(query.text)
    except Exception as error:  # rdflib raises classes of several packages
        problem = f"another engine cannot read it ({' '.join(str(error).split())[:200]})"
        return [Remark("not-sparql-1.1", query.name, problem, _CURES["not-sparql-1.1"])]
    return [
        Remark(rule.code, query.name, problem, rule.cure)
        for rule in RULES
        if query.kind in rule.kinds
        for problem in dict.fromkeys(rule.find(query, meant))
    ]


def lint_answers(store: Store, query: Query) -> list[Remark]:
    """What the rows in `store` are remarked for: ties in their order, a key that is none, no names.

    The query is asked as it stands in its file; a CONSTRUCT has no rows, and those of a check are problems.
    """
    if query.scan.form != "SELECT" or query.kind != "query":
        return []
    rows = select(store, query.text)
    seen = [
        *_ties(store, query),
        *(("key-repeated", problem) for problem in _repeated(query, rows)),
        *(("label-missing", problem) for problem in _nameless(store, query, rows)),
    ]
    return [Remark(code, query.name, problem, _CURES[code]) for code, problem in seen]


# --- slow on the store, or wrong on every engine ---


def _unconnected_triples(query: Query, meant: Any) -> Iterator[str]:
    for part in parts(meant):
        if part.name == "BGP" and not connected(list(part.triples)):
            yield "triples that share no variable"


def _unconnected_groups(query: Query, meant: Any) -> Iterator[str]:
    for part in parts(meant):
        slots = part.name == "Join" and (is_slot(part.p1) or is_slot(part.p2))
        if part.name == "Join" and not slots and not certain(part.p1) & certain(part.p2):
            yield "groups that share no variable"


def _loose_optional(query: Query, meant: Any) -> Iterator[str]:
    for part in parts(meant):
        if part.name == "LeftJoin" and not certain(part.p1) & certain(part.p2):
            yield "an OPTIONAL whose variables may be unbound outside it"


def _loose_exists(query: Query, meant: Any) -> Iterator[str]:
    for inner, around in exists(meant):
        bound = variables(inner)
        whole = min((one for one in written_in_exists(query.text) if bound <= one), key=len, default=bound)
        if not whole & around:
            yield "an EXISTS or NOT EXISTS that shares no certain variable with its group"


def _loose_minus(query: Query, meant: Any) -> Iterator[str]:
    for part in parts(meant):
        if part.name == "Minus" and not certain(part.p1) & certain(part.p2):
            yield "a MINUS that shares no certain variable with its group and so takes nothing away"


def _values_in_exists(query: Query, meant: Any) -> Iterator[str]:
    for inner, _ in exists(meant):
        if any(part.name == "InlineData" for part in parts(inner)):
            yield "VALUES inside EXISTS or NOT EXISTS"


def _loose_path(query: Query, meant: Any) -> Iterator[str]:
    for pattern, bound in patterns(meant):
        for triple in pattern.triples:
            ends = of_triple((triple[0], triple[2]))
            others = set(bound).union(*(of_triple(other) for other in pattern.triples if other is not triple))
            if repeats(triple[1]) and len(ends) == 2 and not ends & others:
                yield f"the path from ?{triple[0]} to ?{triple[2]} is bound at neither end"


def _everything(query: Query, meant: Any) -> Iterator[str]:
    for pattern, bound in patterns(meant):
        for triple in pattern.triples:
            others = set(bound).union(*(of_triple(other) for other in pattern.triples if other is not triple))
            if len(of_triple(triple)) == 3 and not of_triple(triple) & others:
                yield f"?{triple[0]} ?{triple[1]} ?{triple[2]} matches the whole store"


# --- different on another engine, or in another run ---


def _foreign_function(query: Query, meant: Any) -> Iterator[str]:
    for iri in sorted(functions(meant) - _CASTS):
        yield f"<{iri}> is no function of SPARQL 1.1"


def _blank_nodes(query: Query, meant: Any) -> Iterator[str]:
    if any(token.kind == "name" and token.text.startswith("_:") for token in tokens(query.text)):
        yield "a blank node label, which is a variable that another pattern cannot name"


def _never_the_same(query: Query, meant: Any) -> Iterator[str]:
    called = {token.text.upper() for token in tokens(query.text) if token.kind == "word"}
    for name in sorted(called & _NEVER_THE_SAME):
        yield f"{name} may give another value each time"


def _unordered_concatenation(query: Query, meant: Any) -> Iterator[str]:
    if not all(concatenations(meant)):
        yield "GROUP_CONCAT joins what has no order"


def _unordered(query: Query, meant: Any) -> Iterator[str]:
    if query.scan.form == "SELECT" and not query.scan.ordered:
        yield "the rows have no ORDER BY"


# --- of no use to a reader ---


def _no_key(query: Query, meant: Any) -> Iterator[str]:
    if query.scan.form == "SELECT" and not query.header.key:
        yield "nothing says by which columns a row is known"


def _no_denominator(query: Query, meant: Any) -> Iterator[str]:
    denominators = {column.of for column in query.columns}
    numbers = counted(meant)
    for column in query.columns:
        if column.name in numbers and not (column.of or column.whole or column.name in denominators):
            yield f"?{column.name} is a COUNT, SUM or AVG and nothing says of how many"


_QUERY, _ASKED = ("query", "profile"), ("query", "check", "profile")
_ANY = (*_ASKED, "derive")
RULES: tuple[LintRule, ...] = (
    LintRule(
        "triples-unconnected",
        "join them by a variable, or put each side into a sub-SELECT of its own that is joined",
        _QUERY,
        _unconnected_triples,
    ),
    LintRule(
        "groups-unconnected",
        "repeat the triple that joins them in each group or UNION branch",
        _QUERY,
        _unconnected_groups,
    ),
    LintRule(
        "optional-unconnected",
        "bind one of its variables outside, or nest it in the OPTIONAL that does",
        _QUERY,
        _loose_optional,
    ),
    LintRule(
        "exists-unconnected", "use in it a variable that the group around it binds", _ASKED, _loose_exists
    ),
    LintRule(
        "minus-unconnected", "use in it a variable that the group around it binds", _ASKED, _loose_minus
    ),
    LintRule(
        "values-in-exists",
        "put the VALUES into the group around it: it is seen inside and would be tried for every row",
        _QUERY,
        _values_in_exists,
    ),
    LintRule("path-unbound", "bind one end by another triple of the same group", _QUERY, _loose_path),
    LintRule("whole-store", "name the property, or bind one end by another triple", _QUERY, _everything),
    LintRule(
        "function-foreign",
        "use a function of SPARQL 1.1, sections 17.4 and 17.5",
        _ASKED,
        _foreign_function,
    ),
    LintRule("blank-node", "write a variable", _ANY, _blank_nodes),
    LintRule("not-repeatable", "use MIN or MAX, or give the value as a parameter", _ANY, _never_the_same),
    LintRule(
        "concatenation-unordered",
        "take it from a sub-SELECT with ORDER BY",
        _ASKED,
        _unordered_concatenation,
    ),
    LintRule("order-missing", "order the rows by what tells them apart", _ASKED, _unordered),
    LintRule("key-missing", "add `#+ key: [column, …]`", _QUERY, _no_key),
    LintRule(
        "denominator-missing",
        "add the column of how many there are in all and name it with `of:`, or say `whole: true` where the "
        "number is itself the whole",
        _QUERY,
        _no_denominator,
    ),
)
_CURES = {
    "not-sparql-1.1": "keep to SPARQL 1.1: https://www.w3.org/TR/sparql11-query/",
    "same-but-constants": "make one query of the two, with a parameter",
    "order-ties": "add to ORDER BY what tells these rows apart",
    "key-repeated": "add to `key` the column that tells these rows apart",
    "label-missing": "add columns for its name, <column>_zh and <column>_en",
}
CODES: tuple[str, ...] = tuple(sorted([rule.code for rule in RULES] + list(_CURES)))


def _alike(library: Library) -> Iterator[Remark]:
    """Each query that differs from one before it only in constants and in the names of variables."""
    seen: dict[tuple[str, ...], str] = {}
    for query in library.of_kind("query"):
        first = seen.setdefault(_without_constants(query.text), query.name)
        if first != query.name:
            code = "same-but-constants"
            yield Remark(code, query.name, f"it differs from {first} only in constants", _CURES[code])


def _without_constants(text: str) -> tuple[str, ...]:
    things = tuple(prefix for prefix, iri in _PREFIX.findall(text) if iri.startswith(BASE))
    variables: dict[str, str] = {}
    body = []
    for token in tokens(text):
        constant = token.kind in ("string", "iri") or _NUMBER.fullmatch(token.text)
        if constant or (token.kind == "name" and token.text.startswith(things)):
            body.append("constant")
        elif token.kind == "variable":
            body.append(variables.setdefault(token.text[1:], f"?{len(variables)}"))
        else:
            body.append(token.text)
    return tuple(body)


# --- what only rows can tell ---


def _ties(store: Store, query: Query) -> Iterator[tuple[str, str]]:
    """Rows that ORDER BY leaves in any order: they agree on all of its variables, taken in as columns."""
    ordering = _ordering(query.text)
    start = len(query.scan.prologue)
    heads = re.compile(r"SELECT(\s+DISTINCT)?\s", re.IGNORECASE).match(query.text, start)
    if not ordering or heads is None:
        return
    added = [name for name in ordering if name not in query.scan.columns]
    head = heads.group() + "".join(f"?{name} " for name in added)
    rows = select(store, query.text[:start] + head + query.text[heads.end() :])
    seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        place = tuple(row[name] for name in ordering)
        shown = tuple(row[name] for name in query.scan.columns)
        if seen.setdefault(place, shown) != shown:
            yield "order-ties", f"ORDER BY leaves rows such as {' '.join(map(str, shown[:4]))} in any order"
            return


def _ordering(text: str) -> list[str]:
    """The variables of the last ORDER BY of a text, which is that of the outermost SELECT."""
    found: list[str] = []
    inside = False
    for token in tokens(text):
        word = token.text.upper()
        if word == "ORDER" and token.kind == "word":
            found, inside = [], True
        elif word in ("LIMIT", "OFFSET", "VALUES") or token.text in "{}":
            inside = False
        elif inside and token.kind == "variable":
            found.append(token.text[1:])
    return list(dict.fromkeys(found))


def _repeated(query: Query, rows: Rows) -> Iterator[str]:
    seen = set()
    for row in rows:
        if not query.header.key:
            return
        known = tuple(row[name] for name in query.header.key)
        if known in seen:
            yield f"two rows have the same key {' '.join(map(str, known))}"
            return
        seen.add(known)


def _nameless(store: Store, query: Query, rows: Rows) -> Iterator[str]:
    """Columns of things that have names in the store and stand in the rows without them.

    What an analysis reads is not what people read: it names the things in its own answer.
    """
    if query.topic == "analysis":
        return
    for name in rows.columns:
        if {f"{name}_zh", f"{name}_en"} & set(rows.columns) or _named_by_its_end(name, rows.columns):
            continue
        things = [term for term in dict.fromkeys(row[name] for row in rows) if isinstance(term, NamedNode)]
        kinds = {short(thing.value).partition("/")[0] for thing in things}
        # A column of the subjects or values of any property holds things of all kinds.
        if len(kinds) != 1 or kinds <= _READ_BY_KEY:
            continue
        listed = " ".join(map(str, things[:_LOOKED_AT]))
        # The notation of a code is a word that people read: `recalled`.
        named = (
            f"?thing <{SKOS}prefLabel>|<{DCT}title> ?name "
            f"FILTER NOT EXISTS {{ ?thing <{SKOS}notation> ?code }}"
        )
        if len(select(store, f"SELECT ?thing WHERE {{ VALUES ?thing {{ {listed} }} {named} }} LIMIT 1")):
            yield f"?{name} holds things that have names, and the rows do not show them"


def _named_by_its_end(name: str, columns: tuple[str, ...]) -> bool:
    """Whether `of_agency` is named by `agency_zh`: `$agency` is a parameter, and so no column beside it."""
    _, _, end = name.partition("_")
    return bool(end) and end not in columns and f"{end}_zh" in columns
