"""The updates by which the union of the graphs is kept beside them (https://www.w3.org/TR/sparql11-update/)."""

from collections.abc import Iterable

from bpsgraph.store.remote.engines import MANIFEST_GRAPH, UNION_GRAPH, Union
from bpsgraph.terms import SOURCE_HASH, WAS_DERIVED_FROM


def in_union(union: Union, pattern: str) -> str:
    """A pattern or data as part of the union."""
    return f"GRAPH <{UNION_GRAPH}> {{ {pattern} }}" if union is Union.GRAPH else pattern


def taken_out(union: Union, graph: str) -> str:
    """Take out of the union what no other graph states."""
    beside = f"<{graph}>, <{UNION_GRAPH}>, <{MANIFEST_GRAPH}>"
    return (
        f"DELETE {{ {in_union(union, '?s ?p ?o')} }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} "
        f"FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other NOT IN ({beside})) }} }}"
    )


def put_in(union: Union, graph: str) -> str:
    """Put a graph into the union."""
    return f"INSERT {{ {in_union(union, '?s ?p ?o')} }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"


def replaced(union: Union, graph: str, body: str, *, current: bool, without: Iterable[str]) -> str:
    """Replace a graph by the triples in `body`, and forget other graphs, in one update.

    A graph that is not `current` is kept outside of the union.
    """
    steps = []
    for one in (*without, graph):
        steps += [taken_out(union, one), f"DROP SILENT GRAPH <{one}>"]
    if body:
        inside = in_union(union, body) if current else ""
        steps.append(f"INSERT DATA {{ {inside} GRAPH <{graph}> {{ {body} }} }}")
    return " ;\n".join(steps)


def derived_from(graph: str) -> str:
    """The question for the graphs that say that they are derived from a graph, and from which state of it."""
    return (
        f"SELECT ?derived ?hash WHERE {{ GRAPH ?derived "
        f"{{ ?derived {WAS_DERIVED_FROM} <{graph}> ; {SOURCE_HASH} ?hash }} }}"
    )
