"""The short form of the comparison with rdflib: a sample of the generated queries, and every known disagreement."""

import random

from conformance import differential

SEED = 5
SIZE = 30


def test_a_sample_of_queries_gives_what_rdflib_gives_or_what_is_known() -> None:
    assert differential.surprises(differential.sample(SIZE, SEED)) == [], f"seed {SEED}"


def test_a_query_that_is_answered_otherwise_is_told_with_both_answers() -> None:
    number = next(iter(differential.known()))
    difference = differential.compare(number)
    assert difference is not None
    assert difference.ours != difference.theirs
    assert difference.query == differential.make_query(random.Random(f"{differential.SEED} {number}"))


def test_the_queries_use_every_construct_and_not_few_have_answers() -> None:
    queries = [
        differential.make_query(random.Random(f"{differential.SEED} {n}"))
        for n in range(differential.QUERIES)
    ]
    assert len(set(queries)) == len(queries)
    for word in ("OPTIONAL", "UNION", "MINUS", "FILTER EXISTS", "NOT EXISTS", "BIND", "VALUES", "GRAPH ?g"):
        assert sum(word in query for query in queries) > 10, word
    for word in ("ASK", "CONSTRUCT", "DISTINCT", "GROUP BY", "HAVING", "{ SELECT"):
        assert sum(word in query for query in queries) > 10, word
    assert sum(differential.has_answer(number) for number in range(0, 100, 2)) > 12
