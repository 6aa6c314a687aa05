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


def unlisted(graphs: Iterable[str]) -> str:
    """Take graphs off the list of those that were published, which is then no state that was."""
    return " ;\n".join(
        f"DELETE WHERE {{ GRAPH <{MANIFEST_GRAPH}> {{ <{graph}> ?p ?o }} }}"
        for graph in (*graphs, MANIFEST_GRAPH)
    )


def replaced(
    union: Union, graph: str, body: str, *, current: bool, without: Iterable[str], present: bool = True
) -> str:
    """Replace a graph by the triples in `body`, and forget other graphs, in one update.

    A graph that is not `current` is kept outside of the union; one that is not `present` is not there yet.
    """
    steps = []
    for one in (*without, *([graph] if present else [])):
        steps += [taken_out(union, one), f"DROP SILENT GRAPH <{one}>"]
    if body:
        inside = in_union(union, body) if current else ""
        steps.append(f"INSERT DATA {{ {inside} GRAPH <{graph}> {{ {body} }} }}")
    return " ;\n".join(steps)


def derived_from(graph: str | None = None) -> str:
    """The question for the graphs that say that they are derived from a graph, and from which state of it.

    Without a graph from any.
    """
    source = "?source" if graph is None else f"<{graph}>"
    return (
        f"SELECT {'?source ' if graph is None else ''}?derived ?hash WHERE {{ GRAPH ?derived "
        f"{{ ?derived {WAS_DERIVED_FROM} {source} ; {SOURCE_HASH} ?hash }} }}"
    )
