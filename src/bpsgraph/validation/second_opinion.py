"""The findings by the queries in `queries/derive/findings`, which is several times as fast as by the shapes.

Completeness, baseline and coverage are read off the verdicts, everything else is asked of the data. The tests
hold them to the findings of two engines for SHACL.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from pyoxigraph import NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.store.base import Store, construct
from bpsgraph.terms import PREFIXES, Term
from bpsgraph.validation.shapes import SH, Result

FOLDER = "derive/findings/"
SHAPES = PREFIXES["bpsh"]


def derive_findings(store: Store, library: Library, catalogue: str, graph: str) -> set[Result]:
    """The findings on a catalogue, as the shapes would give them, without paths.

    `graph` is the graph of the store that holds what was submitted. Needs its context, its quantities and the
    verdicts on it in the store as well (`derive_verdicts`).
    """
    return {
        result
        for name in finding_queries(library)
        for result in findings_by(library.text(name), store, catalogue, graph)
    }


def finding_queries(library: Library) -> list[str]:
    """The names of the queries that find."""
    return [name for name in library if name.startswith(FOLDER)]


def says(query: str, shape: str) -> bool:
    """Whether the query finds what the shape does: it names it, or how the names of such shapes begin."""
    names, starts = _named(query)
    name = shape.removeprefix(SHAPES)
    return name in names or name.startswith(starts)


@cache
def _named(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    names = re.findall(r"bpsh:([\w-]+)", text)
    return frozenset(names), tuple(re.findall(rf"{SHAPES}([\w-]+)\"", text))


def findings_by(query: str, store: Store, catalogue: str, graph: str) -> set[Result]:
    """What one of the queries finds; see `derive_findings`."""
    given = {"catalogue": NamedNode(catalogue), "graph": NamedNode(graph)}
    return results_of(construct(store, filled(query, given)).triples)


def results_of(triples: Iterable[Triple]) -> set[Result]:
    """The results that the triples of a finding query state."""
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
