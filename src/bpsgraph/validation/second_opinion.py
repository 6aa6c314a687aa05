"""The findings once more, by the queries in `queries/derive/findings` instead of the shapes.

What an engine for SHACL reports is checked against these: completeness, baseline and coverage are read off
the verdicts, everything else is asked of the data. The tests hold both to the same findings.
"""

from collections import defaultdict

from pyoxigraph import NamedNode, Triple

from bpsgraph.library import Library, bind
from bpsgraph.store.base import Store, construct
from bpsgraph.terms import Term
from bpsgraph.validation.shapes import SH, Result

FOLDER = "derive/findings/"


def derive_findings(store: Store, library: Library, catalogue: str, graph: str) -> set[Result]:
    """The findings on a catalogue, as the shapes would give them, without paths.

    `graph` is the graph of the store that holds what was submitted. Needs its context, its quantities and the
    verdicts on it in the store as well (`derive_verdicts`).
    """
    given = {"catalogue": NamedNode(catalogue), "graph": NamedNode(graph)}
    results: set[Result] = set()
    for name in library:
        if name.startswith(FOLDER):
            query = library[name]
            values = {parameter.name: given[parameter.name] for parameter in query.parameters}
            results |= _results(construct(store, bind(query, values)).triples)
    return results


def _results(triples: frozenset[Triple]) -> set[Result]:
    said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        assert not isinstance(triple.subject, Triple)
        assert not isinstance(triple.object, Triple)
        said[triple.subject][triple.predicate.value.removeprefix(SH)].append(triple.object)
    return {
        Result(str(shape.value), focus, None, value)
        for finding in said.values()
        for shape in finding["sourceShape"]
        for focus in finding["focusNode"]
        # Two values that differ in language or datatype only share the name of their finding.
        for value in finding.get("value", [None])
    }
