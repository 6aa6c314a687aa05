"""The data of this project is what its own rules of structure ask for."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from bpsgraph.sources import find_sources
from bpsgraph.terms import BASE, BPS, short
from bpsgraph.validation import Engine
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph, run_shapes

SOURCES = find_sources()
SHAPES = ShapesGraph.read(
    file for file in SOURCES.shapes() if file.parent.name in {"structure", "shapes", "system"}
)


@pytest.fixture(scope="module")
def data() -> list[Triple]:
    codelists = [file for file in SOURCES.ontology() if file.parent.name == "codelists"]
    return [
        quad.triple
        for file in [*SOURCES.data(), *codelists]
        for quad in parse(path=str(file), format=RdfFormat.TURTLE)
    ]


def test_the_data_has_no_finding_of_structure(data: list[Triple]) -> None:
    results = run_shapes(SHAPES, data, Engine.PYSHIFTY)
    rules = rules_of(SHAPES)
    assert sorted((rules[r.shape].id, short(str(r.focus.value)), str(r.value)) for r in results) == []


def test_a_slip_in_the_data_is_found(data: list[Triple]) -> None:
    first = NamedNode(
        BASE + "guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/example"
    )
    slip = Triple(first, NamedNode(BPS + "kind"), NamedNode(BASE + "kind/guess"))
    typed = Triple(
        first, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode(BPS + "Guarantee")
    )
    results = run_shapes(SHAPES, [*data, slip, typed], Engine.PYSHIFTY)
    assert {rules_of(SHAPES)[r.shape].id for r in results} == {
        "structure-guarantee-measure",
        "structure-guarantee-unheld",
        "structure-kind-unknown",
    }
