"""What a file describes without a name gets one, the same each time, and nothing else changes."""

from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse, with_names
from bpsgraph.results import Triples
from bpsgraph.terms import BASE

TURTLE = FORMATS["turtle"]


def triples(text: str) -> Triples:
    return parse(f"PREFIX : <https://example.org/>\n{text}".encode(), "a file", TURTLE)


def test_names_take_the_place_of_blank_nodes() -> None:
    found = with_names(triples(":row :says [ :value 1 ] . [] :of :row ."))
    first, second = f"<{BASE}unnamed/1>", f"<{BASE}unnamed/2>"
    expected = (
        f":row :says {one} . {one} :value 1 . {other} :of :row ."
        for one, other in ((first, second), (second, first))
    )
    assert found in [triples(text) for text in expected]


def test_the_same_file_gives_the_same_names() -> None:
    text = "[] :a 1 ; :b [ :c 2 ] . [] :a 2 . [ :d 3 ] :a 3 ."
    assert with_names(triples(text)) == with_names(triples(text))


def test_a_file_with_names_stays_as_it_is() -> None:
    named = triples(":row :says :this .")
    assert with_names(named) == named
