"""The job of the worker for changes: what an update or an uploaded graph makes of graphs of one's own.

It is worked out on a copy in memory, where the default graph is the union of all. What an operation adds to
the default graph is added to `graph/default`, and what it takes from it is taken from there; what other
graphs state stays. The records of changes are not seen.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bpsgraph.errors import BadQuery, ForeignGraph, MalformedFile
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.answering import Reply
from bpsgraph.store.failures import bad_query, translated
from bpsgraph.store.journal import CHANGES, WITHDRAWN
from bpsgraph.store.own import DEFAULT, is_own
from bpsgraph.terms import BASE, PREFIXES
from bpsgraph.updating.operations import operations

_HIDDEN = (CHANGES, WITHDRAWN)
_NAME = "the request"


def changing(store: str) -> "Changing":
    """The job of a worker that changes graphs of the store in that folder."""
    return Changing(Path(store))


class Changing:
    """Works out one change after the other, each of the newest generation.

    The arguments are `update` with `using` and `using_named`, or `graph` with `merge` and `parts`: the format
    and the size of each RDF text in the payload. The answer is N-Quads, the graphs that change as they are
    afterwards; its head names the `generation`, its end the graphs that are `removed`, and whether the graph
    that is uploaded `existed`.
    """

    def __init__(self, store: Path) -> None:
        self._path = store

    def __call__(self, arguments: Mapping[str, Any], payload: bytes, reply: Reply) -> dict[str, Any]:
        """Say what becomes of the graphs.

        Raises `BadQuery`, `BadParameter`, `ForeignGraph`, `MalformedFile` and `EmptyGraph`.
        """
        with EmbeddedStore.open(self._path) as store:
            assert store.marker is not None
            reply.head({"generation": store.marker.generation})
            existed = False
            if "update" in arguments:
                changed = _updated(store, arguments["update"], arguments["using"], arguments["using_named"])
            else:
                existed = bool(store.graph(arguments["graph"]))
                changed = _uploaded(
                    store, arguments["graph"], arguments["merge"], arguments["parts"], payload
                )
        for graph, triples in sorted(changed.items()):
            name = ox.NamedNode(graph)
            lines = sorted(f"{triple} {name} .\n" for triple in triples)
            reply.write("".join(lines).encode())
        removed = sorted(graph for graph, triples in changed.items() if not triples)
        return {"removed": removed, "existed": existed}


def _uploaded(
    store: EmbeddedStore, graph: str, merge: bool, parts: Sequence[Sequence[Any]], payload: bytes
) -> dict[str, set[ox.Triple]]:
    if not is_own(graph):
        raise ForeignGraph(graph)
    before = set(store.graph(graph))
    triples = set(before) if merge else set()
    at = 0
    for format, size in parts:
        data = payload[at : at + size]
        at += size
        triples |= set(parse(data, _NAME, FORMATS[format], base=graph))
    return {graph: triples} if triples != before else {}


def _updated(
    store: EmbeddedStore, update: str, using: Sequence[str], using_named: Sequence[str]
) -> dict[str, set[ox.Triple]]:
    _check_syntax(update)
    steps = operations(update, using, using_named)
    work, before = _copied(store)
    union: set[ox.Triple] = set().union(*before.values())
    with translated(store.name):
        for number, step in enumerate(steps, 1):
            try:
                work.update(step, base_iri=BASE, prefixes=PREFIXES)
            except SyntaxError as error:
                raise bad_query(str(error)) from error
            now = _give_default(work, union)
            if number < len(steps):
                union = _united(work, now)
        return _differences(work, before)


def _check_syntax(update: str) -> None:
    """Raise `BadQuery` with the place in the request, before it is taken apart."""
    try:
        ox.Store().update(update, base_iri=BASE, prefixes=PREFIXES)
    except SyntaxError as error:
        raise bad_query(str(error)) from error
    except RuntimeError:
        # It parses; that an empty store has no such graph says nothing.
        return
    except UnicodeEncodeError as error:
        raise BadQuery(
            "a character of it stands for a byte that is not UTF-8", "write it as UTF-8"
        ) from error


def _copied(store: EmbeddedStore) -> tuple[ox.Store, dict[str, set[ox.Triple]]]:
    """The store in memory, and its graphs as they were."""
    work = ox.Store()
    before: dict[str, set[ox.Triple]] = {}
    for graph in store.graphs():
        if graph.startswith(_HIDDEN):
            continue
        name = ox.NamedNode(graph)
        before[graph] = triples = set(store.graph(graph))
        work.bulk_extend(_quad(triple, name) for triple in triples)
        work.bulk_extend(_quad(triple) for triple in triples)
    return work, before


def _give_default(work: ox.Store, union: set[ox.Triple]) -> set[ox.Triple]:
    """Give what changed in the default graph to the graph that stands for it; what the default holds now."""
    now = {quad.triple for quad in work.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    default = ox.NamedNode(DEFAULT)
    for triple in union - now:
        work.remove(_quad(triple, default))
    work.extend(_quad(triple, default) for triple in now - union)
    return now


def _united(work: ox.Store, default: set[ox.Triple]) -> set[ox.Triple]:
    """Make the default graph the union of the graphs again, and return it."""
    named = set()
    for graph in work.named_graphs():
        quads = work.quads_for_pattern(None, None, None, graph)
        named |= {quad.triple for quad in quads}
    for triple in default - named:
        work.remove(_quad(triple))
    work.extend(_quad(triple) for triple in named - default)
    return named


def _differences(work: ox.Store, before: Mapping[str, set[ox.Triple]]) -> dict[str, set[ox.Triple]]:
    changed: dict[str, set[ox.Triple]] = {}
    names = {graph.value for graph in work.named_graphs() if isinstance(graph, ox.NamedNode)}
    for graph in sorted(names | before.keys()):
        quads = work.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        triples = {quad.triple for quad in quads}
        if triples == before.get(graph, set()):
            continue
        if not is_own(graph):
            raise ForeignGraph(graph)
        if any(isinstance(triple.object, ox.Triple) for triple in triples):
            raise MalformedFile(
                _NAME, "triples about triples are not accepted", "state them with rdf:Statement"
            )
        changed[graph] = triples
    return changed


def _quad(triple: ox.Triple, graph: ox.NamedNode | None = None) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)
