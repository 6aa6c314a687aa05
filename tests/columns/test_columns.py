"""Columns beside the store over data in which subjects and objects have many rows each."""

import random

import numpy as np
import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.columns import plan
from bpsgraph.columns.compiling import Unsupported, compile_query, compile_select
from bpsgraph.columns.dictionary import Dictionary, lines_of
from bpsgraph.columns.evaluation import _MANY, Evaluation, OfEach
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.functions import Functions
from bpsgraph.columns.relation import codes
from bpsgraph.library import filled
from bpsgraph.store import EmbeddedStore, construct

PREFIX = "PREFIX : <https://example.org/> "
QUERIES = {
    "both ends known": "CONSTRUCT { ?a :agrees ?b } WHERE { ?a :near ?b . ?b :near ?a . ?a :size ?size }",
    "a path with both ends known": "CONSTRUCT { ?a :agrees ?b } WHERE { ?a :near ?b . ?b :near/:near ?a }",
    "a condition on some of the patterns": (
        "CONSTRUCT { ?a :less ?b } WHERE { ?a :size ?small . ?a :near ?b . ?b :size ?large ; :near ?a . "
        "FILTER(?small < ?large && ?large > 3) }"
    ),
    "a condition on what is never bound": "CONSTRUCT { ?a :is ?b } WHERE { ?a :near ?b . FILTER(?c > 1) }",
    "a condition on nothing that is matched": (
        "CONSTRUCT { ?a :is ?b } WHERE { ?a :near ?b . FILTER NOT EXISTS { FILTER(?a = ?b) } }"
    ),
    "a group of a condition alone": "CONSTRUCT { ?a :is 1 } WHERE { ?a :near ?b { FILTER(1 = 2) } }",
    "what only looks like an IRI": (
        "CONSTRUCT { ?a :is ?made } WHERE { ?a :size ?size . "
        'VALUES ?text { "https://e.org/a#b" "https://e.org/a#b#c" "https://e.org:x/" "https://e.org" "https:///a" } '
        "BIND(IRI(?text) AS ?made) }"
    ),
    "what is put together to look like an IRI": (
        "CONSTRUCT { ?a :is ?made } WHERE { ?a :size ?size . "
        'VALUES ?text { "https://e.org/a#" "https://e.org:" "https://e.org/" } VALUES ?more { "b" "b#c" "x/" } '
        "BIND(IRI(CONCAT(?text, ?more)) AS ?made) }"
    ),
    "a sub-SELECT that counts what the row has too": (
        "CONSTRUCT { ?a :counted ?size } WHERE { ?a :size ?size FILTER EXISTS { "
        "SELECT ?a (COUNT(DISTINCT ?near) AS ?size) WHERE { ?a :near ?b . ?b :size ?near } GROUP BY ?a } }"
    ),
    "a sub-SELECT that names what the row has too": (
        "CONSTRUCT { ?a :as_large ?size } WHERE { ?a :size ?size FILTER EXISTS { "
        "SELECT ?a ?size WHERE { ?a :near/:size ?other BIND(?other + 0 AS ?size) } } }"
    ),
    "a sub-SELECT with a variable of its own": (
        "CONSTRUCT { ?a :is ?b } WHERE { ?a :near ?b FILTER NOT EXISTS { SELECT ?a WHERE { ?a :near/:size ?b } } }"
    ),
    "each end of alternatives": (
        "CONSTRUCT { ?a :n ?n } WHERE { "
        "SELECT ?a (COUNT(DISTINCT ?b) AS ?n) WHERE { ?a :near|^:near ?b } GROUP BY ?a }"
    ),
    "no later one": (
        "CONSTRUCT { ?a :last ?size } WHERE { ?a :near ?b ; :size ?size . FILTER NOT EXISTS { "
        "?other :size ?more . FILTER(?more > ?size) ?other :near|(^:near/:near) ?b . } }"
    ),
}

NOTHING = {
    "a condition on what is never bound",
    "a group of a condition alone",
    "a sub-SELECT with a variable of its own",
}
COUNTED = (
    "CONSTRUCT {{ ?a :n ?n }} WHERE {{ SELECT ?a ({}(?b) AS ?n) WHERE {{ ?a :near ?b }} GROUP BY ?a {} }}"
)
LEFT_TO_THE_STORE = {
    "EXISTS in an aggregate": (
        "CONSTRUCT { ?a :n ?n } WHERE { SELECT ?a (SUM(IF(EXISTS { ?b :near ?a }, 1, 0)) AS ?n) "
        "WHERE { ?a :near ?b } GROUP BY ?a }"
    ),
    "EXISTS in HAVING": COUNTED.format("COUNT", "HAVING(EXISTS { ?a :size 3 })"),
    "a code point": 'CONSTRUCT { ?a :is "\\u0041" } WHERE { ?a :size 3 }',
    "a long code point": 'CONSTRUCT { ?a :is "\\U00000041" } WHERE { ?a :size 3 }',
    "a backslash before a letter": r'CONSTRUCT { ?a :is ?b } WHERE { ?a :size 3 BIND("\\u0041" AS ?b) }',
    "a backslash that would be another": r'CONSTRUCT { ?a :is ?b } WHERE { ?a :size 3 BIND("\\u006E" AS ?b) }',
    "a MINUS in a MINUS that names what comes later": (
        "CONSTRUCT { ?a :is ?b } WHERE { ?b :near ?a MINUS { ?a :near ?c MINUS { ?b :size 3 } ?b :near ?c } }"
    ),
    "an OPTIONAL that names what comes later": (
        "CONSTRUCT { ?a :is ?b } WHERE { ?b :near ?a MINUS { ?a :near ?c OPTIONAL { ?b :size ?c } ?b :size 3 } }"
    ),
    "a MINUS in a sub-SELECT that names what is around it": (
        "CONSTRUCT { ?a :is ?b } WHERE { ?b :near ?c { SELECT ?c ?b ?a WHERE { "
        "?c :near ?c MINUS { ?b :near/:size 3 } ?a :near ?b } } }"
    ),
    "every way along alternatives": (
        "CONSTRUCT { ?a :n ?n } WHERE { SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a :near|^:near ?b } GROUP BY ?a }"
    ),
    "a quotation mark": r'CONSTRUCT { ?a :is ?b } WHERE { ?a :size 3 BIND("\u0022" AS ?b) }',
}


def triples() -> list[Triple]:
    draw = random.Random(20260301)
    things = [NamedNode(f"https://example.org/thing/{number}") for number in range(40)]
    near, size = (NamedNode(f"https://example.org/{name}") for name in ("near", "size"))
    pairs = {(draw.choice(things), draw.choice(things)) for _ in range(600)}
    sizes = [Triple(thing, size, Literal(draw.randint(1, 6))) for thing in things]
    return [Triple(one, near, other) for one, other in sorted(pairs, key=str)] + sizes


@pytest.mark.parametrize("name", QUERIES)
def test_what_the_store_gives(name: str) -> None:
    given, query = triples(), PREFIX + QUERIES[name]
    store = EmbeddedStore.in_memory()
    store.replace_graph("https://example.org/graph", given)
    expected = set(construct(store, query).triples)
    dictionary, worlds = Dictionary(), Worlds()
    numbers = [dictionary.numbers([*line[:-2].split(b" ", 2)]) for line in lines_of(given)]
    subjects, predicates, objects = np.array(numbers, np.int32).T
    worlds.shared.add(np.zeros(len(numbers), np.int32), subjects, predicates, objects)
    rows = Evaluation(worlds, dictionary, Functions(dictionary)).construct(compile_query(query), {})
    found = {
        tuple(dictionary.text(number) for number in row)
        for row in zip(rows.subjects.tolist(), rows.predicates.tolist(), rows.objects.tolist(), strict=True)
    }
    assert found == {(str(t.subject), str(t.predicate), str(t.object)) for t in expected}
    assert expected or name in NOTHING
    assert len(np.unique(codes([rows.subjects, rows.predicates, rows.objects]))) == len(rows)


def test_a_sub_select_of_each_world_is_joined_as_the_store_does() -> None:
    """There are more rows to its left than it is asked for one by one, in two worlds that differ."""
    query = (
        "CONSTRUCT { ?b :agrees ?c } WHERE { { SELECT $one ?size ?b WHERE { VALUES $one { UNDEF } "
        "$one :near/:near ?b . ?b :size ?size } } { SELECT $one ?size ?c WHERE { VALUES $one { UNDEF } "
        "$one :near ?other . ?c :near ?other ; :size ?size } } }"
    )
    given = triples()
    half = [given[::2], [*given[1::2], *given[-40:]]]
    starts = [
        min((each.subject for each in part if isinstance(each.subject, NamedNode)), key=str) for part in half
    ]
    dictionary, worlds = Dictionary(), Worlds()
    worlds.count = len(half)
    expected, numbers = set(), []
    for world, (part, start) in enumerate(zip(half, starts, strict=True), 1):
        store = EmbeddedStore.in_memory()
        store.replace_graph("https://example.org/graph", part)
        asked = filled(PREFIX + query, {"one": start})
        expected |= {(world, str(t.subject), str(t.object)) for t in construct(store, asked).triples}
        lines = {tuple(line[:-2].split(b" ", 2)) for line in lines_of(part)}
        numbers += [[world, *dictionary.numbers([*line])] for line in sorted(lines)]
    worlds.submit(*np.array(numbers, np.int32).T)
    each = OfEach(np.array([0, *dictionary.numbers(str(start).encode() for start in starts)], np.int32))
    rows = Evaluation(worlds, dictionary, Functions(dictionary)).construct(
        compile_query(PREFIX + query), {"one": each}
    )
    found = zip(rows.worlds.tolist(), rows.subjects.tolist(), rows.objects.tolist(), strict=True)
    assert {(world, *map(dictionary.text, terms)) for world, *terms in found} == expected
    assert len(expected) > 2 * _MANY


@pytest.mark.parametrize("name", LEFT_TO_THE_STORE)
def test_what_is_left_to_the_store(name: str) -> None:
    query = PREFIX + LEFT_TO_THE_STORE[name]
    store = EmbeddedStore.in_memory()
    store.replace_graph("https://example.org/graph", triples())
    assert construct(store, query).triples
    with pytest.raises(Unsupported):
        compile_query(query)


def test_a_select_is_left_to_the_store_alike() -> None:
    with pytest.raises(Unsupported, match="an escaped code point"):
        compile_select('SELECT ?a WHERE { ?a ?b "\\u0041" }')


def test_what_all_worlds_reach_each_reaches_once() -> None:
    """Of two ways along a path one is shared, the other a world's own."""
    dictionary, worlds = Dictionary(), Worlds()
    a, b, c, to, counted = dictionary.numbers(
        f"<x:{name}>".encode() for name in ("a", "b", "c", "to", "count")
    )
    worlds.count = 2
    worlds.shared.add(*np.array([[0, a, to, b], [0, b, to, c]], np.int32).T)
    worlds.submit(*np.array([[1, a, to, c], [2, c, to, a]], np.int32).T)
    query = compile_query(
        "CONSTRUCT { ?a <x:count> ?n } WHERE { SELECT ?a (COUNT(?end) AS ?n) WHERE { "
        "VALUES ?a { <x:a> } ?a <x:to>+ ?end } GROUP BY ?a }"
    )
    rows = Evaluation(worlds, dictionary, Functions(dictionary)).construct(query, {})
    found = {
        (world, dictionary.text(n))
        for world, n in zip(rows.worlds.tolist(), rows.objects.tolist(), strict=True)
    }
    number = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'.format
    assert found == {(1, number(2)), (2, number(3))}
    assert set(rows.predicates.tolist()) == {counted}


def test_what_a_query_looks_at() -> None:
    query = compile_query(
        PREFIX + "CONSTRUCT { ?a :is ?b } WHERE { ?a a :Thing ; :near/:size ?b ; :size 3 . ?c a :Other }"
    )
    near, size = "<https://example.org/near>", "<https://example.org/size>"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    kinds = {"<https://example.org/Thing>", "<https://example.org/Other>"}
    assert plan.looked_at(query.pattern) == {kind: kinds, near: None, size: None}
    with pytest.raises(ValueError, match="any predicate"):
        plan.looked_at(compile_query("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }"))
    with pytest.raises(Unsupported):
        compile_query("CONSTRUCT WHERE { ?a ?b ?c }")
