"""Generated queries, answered by our store and by rdflib: an engine that shares no line of code with ours.

The data is small and full of what engines stumble over: numbers of several types that are equal, strings with
and without a language, blank nodes, cycles, a triple in two graphs. A query is made from its number and the
seed alone. Answers are compared as multisets, numbers by their value (our engine keeps no more of them).
"""

import logging
import random
import tomllib
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib.query import Result

from bpsgraph.errors import BpsError
from bpsgraph.results import Rows, Triples
from bpsgraph.store import EmbeddedStore
from bpsgraph.terms import XSD, Term
from conformance.comparing import same_values
from conformance.running import TABLE

SEED = 11
QUERIES = 500
_EX = "http://example.org/"
_GRAPHS = (_EX + "g1", _EX + "g2")
_PROLOGUE = f"PREFIX ex: <{_EX}>\nPREFIX xsd: <{XSD}>\n"

Answer = Rows | bool | Triples


@dataclass(frozen=True)
class Disagreement:
    """A query of `known.toml` that both engines answer differently: who is right, and why."""

    right: str
    reason: str


@cache
def known() -> dict[int, Disagreement]:
    """The disagreements that are known, by the numbers of their queries."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["disagreement"]
    found = {
        number: Disagreement(entry["right"], entry["reason"])
        for entry in table
        for number in entry["queries"]
    }
    if len(found) < sum(len(entry["queries"]) for entry in table):
        raise ValueError(f"{TABLE.name} names a query twice")
    return found


def surprises(numbers: Iterable[int]) -> list[str]:
    """What comes out otherwise than the table has it: a sentence for each query, with both answers."""
    said = []
    for number in numbers:
        difference = compare(number)
        if difference is None and number in known():
            said.append(f"query {number} gives the same now: take it out of {TABLE.name}")
        elif difference is not None and number not in known():
            said.append(
                f"query {number} (seed {SEED}): {difference.query}\nours:\n{difference.ours}\n"
                f"rdflib:\n{difference.theirs}"
            )
    return said


def sample(size: int, seed: int) -> list[int]:
    """Some queries at random, and every one of which a disagreement is known."""
    return sorted({*random.Random(seed).sample(range(QUERIES), size), *known()})


@dataclass(frozen=True)
class Difference:
    """A query that two engines answer differently, with both answers in words."""

    number: int
    query: str
    ours: str
    theirs: str


def compare(number: int, seed: int = SEED) -> Difference | None:
    """Let both engines answer the query of that number."""
    query = make_query(random.Random(f"{seed} {number}"))
    ours, theirs = _answer(_ours, query), _answer(_theirs, query)
    if _same(ours, theirs):
        return None
    return Difference(number, query, _shown(ours), _shown(theirs))


def has_answer(number: int, seed: int = SEED) -> bool:
    """Whether our store answers the query of that number with anything but no or nothing."""
    answer = _answer(_ours, make_query(random.Random(f"{seed} {number}")))
    return answer if isinstance(answer, bool) else isinstance(answer, Rows | Triples) and len(answer) > 0


def _answer(engine: Callable[[str], Answer], query: str) -> Answer | Exception:
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    # rdflib logs and warns of what an expression makes of a term that it cannot be asked of.
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return engine(_PROLOGUE + query)
    except Exception as error:
        # What an engine cannot answer is a difference too, of whatever class its error is.
        return error
    finally:
        logger.disabled = before


def _same(ours: Answer | Exception, theirs: Answer | Exception) -> bool:
    if isinstance(ours, Rows) and isinstance(theirs, Rows):
        return same_values(ours, theirs)
    if isinstance(ours, Triples) and isinstance(theirs, Triples):
        return same_values(_as_rows(ours), _as_rows(theirs))
    return isinstance(ours, bool) and ours is theirs


def _as_rows(triples: Triples) -> Rows:
    return Rows(("s", "p", "o"), tuple((t.subject, t.predicate, t.object) for t in triples))  # type: ignore[misc]


def _shown(answer: Answer | Exception) -> str:
    if isinstance(answer, Rows):
        return "\n".join(sorted(" ".join("-" if t is None else str(t) for t in row) for row in answer.rows))
    if isinstance(answer, Triples):
        return "\n".join(sorted(map(str, answer)))
    return repr(answer)


@cache
def _store() -> EmbeddedStore:
    store = EmbeddedStore.in_memory()
    for name, triples in data().items():
        store.replace_graph(name, triples)
    return store


@cache
def _dataset() -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    for name, triples in data().items():
        graph = dataset.graph(rdflib.URIRef(name))
        for triple in triples:
            # Not by way of a text, in which blank nodes would get labels that change from run to run.
            graph.add((_theirs_of(triple.subject), _theirs_of(triple.predicate), _theirs_of(triple.object)))
    return dataset


def _theirs_of(term: object) -> "rdflib.URIRef | rdflib.BNode | rdflib.Literal":
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def _ours(query: str) -> Answer:
    try:
        return _store().query(query)
    except BpsError as error:
        raise RuntimeError(str(error)) from error


def _theirs(query: str) -> Answer:
    result: Result = _dataset().query(query)
    if result.type == "ASK":
        return bool(result.askAnswer)
    if result.type == "CONSTRUCT":
        assert result.graph is not None
        # rdflib lets a literal be a subject; the triple is then none, and no part of the answer (16.2.1).
        made = [
            tuple(_term(term) for term in triple)
            for triple in result.graph
            if not isinstance(triple[0], rdflib.Literal)
        ]
        return Triples(frozenset(Triple(*triple) for triple in made))  # type: ignore[arg-type]
    columns = tuple(str(variable) for variable in result.vars or ())
    rows = [
        tuple(_term(binding.get(variable)) for variable in result.vars or ()) for binding in result.bindings
    ]
    return Rows(columns, tuple(rows))


def _term(term: "rdflib.term.Node | None") -> Term | None:
    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)


@cache
def data() -> dict[str, tuple[Triple, ...]]:
    """Two graphs of about fifty triples, the same in every run."""
    chance = random.Random(f"{SEED} data")
    things: list[NamedNode | BlankNode] = [NamedNode(f"{_EX}s{n}") for n in range(6)]
    things += [BlankNode("one"), BlankNode("two")]
    graphs: dict[str, set[Triple]] = {name: set() for name in _GRAPHS}
    for graph in graphs.values():
        for _ in range(14):
            first, second = chance.choice(things), chance.choice(things)
            graph.add(Triple(first, NamedNode(_EX + chance.choice(("knows", "under"))), second))
        for thing in things:
            for value in chance.sample(_VALUES, 2):
                graph.add(Triple(thing, NamedNode(_EX + "value"), value))
            graph.add(Triple(thing, NamedNode(_EX + "name"), chance.choice(_NAMES)))
    # Blank nodes belong to one graph; what two graphs say of things with names is partly the same.
    one, two = (graphs[name] for name in _GRAPHS)
    two -= {t for t in two if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode)}
    two |= {
        t
        for t in sorted(one, key=str)[:12]
        if isinstance(t.subject, NamedNode) and t.object not in things[6:]
    }
    return {name: tuple(sorted(graph, key=str)) for name, graph in graphs.items()}


def _typed(kind: str, *values: str) -> list[Literal]:
    return [Literal(value, datatype=NamedNode(XSD + kind)) for value in values]


_VALUES = [
    *_typed("integer", "1", "2", "-3", "10"),
    *_typed("decimal", "1.5", "2.5", "0.1"),
    *_typed("double", "2.5E0", "1.0E1"),
    *_typed("boolean", "true", "false"),
    *_typed("date", "2021-04-20", "2023-08-10"),
    Literal("1"),
    Literal("ten"),
]
_NAMES = [
    Literal("法律援助", language="zh"),
    Literal("legal aid", language="en"),
    Literal("Legal Aid", language="en-GB"),
    Literal("legal aid"),
    Literal(""),
    Literal('a "quoted"\nname'),
]
_VARIABLES = ("?a", "?b", "?c", "?d")
_RELATIONS = ("ex:knows", "ex:under")
_PATHS = (
    "ex:knows+", "ex:under*", "ex:knows?", "ex:knows/ex:under", "^ex:knows", "(ex:knows|ex:under)", "!(ex:value|ex:name)",
    "(ex:knows/^ex:under)", "(ex:knows|ex:under)+", "ex:knows/ex:value",
)  # fmt: skip


def make_query(chance: random.Random) -> str:
    """A query of SPARQL 1.1 without its prologue; every run of the same chance gives the same."""
    group = _group(chance, 2)
    kind = chance.random()
    if kind < 0.08:
        return f"ASK {group}"
    if kind < 0.16:
        template = " . ".join(
            f"{chance.choice(_VARIABLES)} ex:made {chance.choice(_VARIABLES)}" for _ in range(2)
        )
        return f"CONSTRUCT {{ {template} }} WHERE {group}"
    if kind < 0.36:
        by = chance.choice(_VARIABLES)
        of = chance.choice(_VARIABLES)
        what = chance.choice(
            (f"COUNT({of})", "COUNT(*)", f"COUNT(DISTINCT {of})", f"SUM({of})", f"MIN({of})", f"MAX({of})", f"AVG({of})")
        )  # fmt: skip
        having = chance.choice(("", "", " HAVING (COUNT(*) > 1)"))
        if chance.random() < 0.2:
            return f"SELECT ({what} AS ?n) WHERE {group}"
        return f"SELECT {by} ({what} AS ?n) WHERE {group} GROUP BY {by}{having}"
    distinct = chance.choice(("", "", "DISTINCT "))
    return f"SELECT {distinct}{' '.join(_VARIABLES)} WHERE {group}"


def _group(chance: random.Random, depth: int) -> str:
    parts = [_pattern(chance) for _ in range(chance.randint(1, 2))]
    if depth and chance.random() < 0.75:
        parts.append(_compound(chance, depth - 1))
    if chance.random() < 0.35:
        parts.append(f"FILTER({_condition(chance, 1)})")
    return "{ " + " ".join(parts) + " }"


def _compound(chance: random.Random, depth: int) -> str:
    kind = chance.choice(
        (
            "optional",
            "optional",
            "union",
            "minus",
            "exists",
            "not exists",
            "bind",
            "values",
            "graph",
            "select",
        )
    )
    if kind == "union":
        return f"{{ {_group(chance, depth)} UNION {_group(chance, depth)} }}"
    if kind == "bind":
        return f"BIND({_expression(chance, 1)} AS ?e) FILTER(BOUND(?e))"
    if kind == "values":
        terms = [_constant(chance) for _ in range(chance.randint(1, 3))]
        return f"VALUES {chance.choice(_VARIABLES)} {{ {' '.join(terms)} }}"
    if kind == "graph":
        return f"GRAPH {chance.choice(('?g', 'ex:g1', 'ex:g2'))} {_group(chance, 0)}"
    if kind == "select":
        shown = " ".join(sorted(chance.sample(_VARIABLES, 2)))
        return f"{{ SELECT {chance.choice(('', 'DISTINCT '))}{shown} WHERE {_group(chance, depth)} }}"
    if kind in {"exists", "not exists"}:
        return f"FILTER {kind.upper()} {_group(chance, 0)}"
    return f"{kind.upper()} {_group(chance, depth)}"


def _pattern(chance: random.Random) -> str:
    subject = chance.choice((*_VARIABLES, *_VARIABLES, f"ex:s{chance.randrange(6)}"))
    kind = chance.random()
    if kind < 0.35:
        return f"{subject} ex:value {chance.choice((*_VARIABLES, '1', '2.5'))} ."
    if kind < 0.5:
        return f"{subject} ex:name {chance.choice(_VARIABLES)} ."
    if kind < 0.65:
        return f"{subject} {chance.choice(_PATHS)} {chance.choice(_VARIABLES)} ."
    if kind < 0.72:
        return f"{subject} {chance.choice(_VARIABLES)} {chance.choice(_VARIABLES)} ."
    return f"{subject} {chance.choice(_RELATIONS)} {chance.choice((*_VARIABLES, f'ex:s{chance.randrange(6)}'))} ."


def _condition(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth and kind < 0.3:
        joined = chance.choice(("&&", "||"))
        return f"({_condition(chance, depth - 1)} {joined} {_condition(chance, depth - 1)})"
    if depth and kind < 0.4:
        return f"!({_condition(chance, depth - 1)})"
    variable = chance.choice(_VARIABLES)
    if kind < 0.6:
        test = chance.choice(("BOUND", "isIRI", "isLiteral", "isNumeric", "isBlank"))
        return f"{test}({variable})"
    if kind < 0.75:
        return chance.choice(
            (
                f'REGEX(STR({variable}), "a", "i")',
                f'LANG({variable}) = "en"',
                f'LANGMATCHES(LANG({variable}), "en")',
                f"{variable} IN (1, 2.5, ex:s1)",
                f"DATATYPE({variable}) = xsd:integer",
                f"sameTerm({variable}, {chance.choice(_VARIABLES)})",
                f"STRLEN({variable}) > 4",
            )
        )
    return f"{_expression(chance, 1)} {chance.choice(('=', '!=', '<', '>', '<='))} {_expression(chance, 1)}"


def _expression(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth and kind < 0.3:
        return f"({_expression(chance, 0)} {chance.choice('+-*/')} {_expression(chance, 0)})"
    if depth and kind < 0.5:
        return chance.choice(
            (
                f"COALESCE({chance.choice(_VARIABLES)}, 1)",
                f"IF({_condition(chance, 0)}, 1, 2)",
                f"STR({chance.choice(_VARIABLES)})",
                f"STRLEN(STR({chance.choice(_VARIABLES)}))",
                f"UCASE({chance.choice(_VARIABLES)})",
                f"ABS({chance.choice(_VARIABLES)})",
                f"SUBSTR(STR({chance.choice(_VARIABLES)}), 2, 3)",
                f"YEAR({chance.choice(_VARIABLES)})",
            )
        )
    return chance.choice((*_VARIABLES, _constant(chance)))


def _constant(chance: random.Random) -> str:
    return chance.choice(
        ("1", "2.5", "10", "0", "2.5e0", '"legal aid"', '"legal aid"@en', "true", '"2021-04-20"^^xsd:date', "ex:s1", "ex:s4")
    )  # fmt: skip
