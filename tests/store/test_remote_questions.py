"""The cases of the saved questions, asked of servers: the same rows as of a store in a folder, by value."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from bpsgraph.endpoint import Endpoint
from bpsgraph.library import bundled
from bpsgraph.library.cases import DATA_GRAPH, Case, cases, differences
from bpsgraph.results import Rows
from bpsgraph.store.base import select
from bpsgraph.store.remote import RemoteStore
from bpsgraph.terms import BASE
from sampling import LONG, some

CASES = list(cases(Path(__file__).resolve().parent.parent / "queries"))
Ask = Callable[[Path, str], Rows]


def asking(endpoint: Endpoint) -> Ask:
    """Answers a query from the data in a file, on a server that is emptied first."""

    def ask(data: Path, text: str) -> Rows:
        form = RdfFormat.TRIG if data.suffix == ".trig" else RdfFormat.TURTLE
        graphs: dict[str, list[Triple]] = {}
        for quad in parse(path=data, format=form, base_iri=BASE):
            graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else DATA_GRAPH
            graphs.setdefault(graph, []).append(quad.triple)
        with RemoteStore.open(endpoint) as store:
            for graph in store.graphs():
                store.remove_graph(graph)
            for graph, triples in graphs.items():
                store.replace_graph(graph, triples)
            return select(store, text)

    return ask


@pytest.mark.parametrize("case", some(CASES, 10), ids=lambda case: f"{case.query}-{case.name}".rstrip("-"))
def test_a_saved_question_has_the_same_answer_on_oxigraph(case: Case, on_oxigraph: Endpoint) -> None:
    assert differences(case, bundled(), asking(on_oxigraph)) == []


@pytest.mark.skipif(not LONG, reason="Virtuoso is tried by `make remote-test`")
@pytest.mark.parametrize(
    "query",
    [
        "agencies/all",
        "agencies/load",
        "agencies/without-counterpart",
        "analysis/central-shares",
        "analysis/network-links",
        "analysis/places-of-level",
        "analysis/stated-promises",
        "analysis/system-items",
        "analysis/target-figures",
        "catalogues/all",
        "catalogues/kinds-of-value",
        "catalogues/national",
        "catalogues/promises",
        "coverage/by-domain-and-province",
        "coverage/shortfalls-by-province",
        "divisions/all",
        "divisions/around",
        "documents/all",
        "documents/clauses",
        "editions/announced-changes",
        "editions/items-added-and-removed",
        "floors/deferred",
        "floors/in-force",
        "floors/judged-by-measure",
    ],
)
def test_what_virtuoso_was_seen_to_answer(query: str, on_virtuoso: Endpoint) -> None:
    """About half of the saved questions; others it refuses with internal errors, or answers otherwise."""
    case = next(case for case in CASES if case.query == query)
    assert differences(case, bundled(), asking(on_virtuoso)) == []
