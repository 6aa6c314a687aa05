"""What came before a thing and what came after it: documents that replace each other, editions of a place."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, DCT

_COMPLETE = NamedNode(BASE + "extent/complete")
_REPLACES = NamedNode(DCT + "replaces")
_CATALOGUES = BASE + "catalogue/"


@dataclass(frozen=True, slots=True)
class Versions:
    """The things right before and after a thing in its version history (RFC 5829), by IRI, sorted."""

    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()


def versions_of(store: Store, thing: str) -> Versions:
    """What a thing replaces and what replaces it; of a catalogue the editions around it."""
    if thing.startswith(_CATALOGUES):
        return _editions(store, thing)
    node = NamedNode(thing)
    return Versions(
        _sorted(triple.object for triple in store.triples(node, _REPLACES)),
        _sorted(triple.subject for triple in store.triples(None, _REPLACES, node)),
    )


def _editions(store: Store, catalogue: str) -> Versions:
    """The editions before and after one in those of its place, by their keys.

    An excerpt, such as an amendment or what is known of a document on one item, is no version of a whole
    catalogue: only complete ones are compared.
    """
    code, _, edition = catalogue.removeprefix(_CATALOGUES).partition("/")
    begin = f"{_CATALOGUES}{code}/"
    rows = select(
        store,
        f"SELECT DISTINCT ?catalogue ?extent WHERE {{ ?catalogue a bps:Catalogue ; bps:extent ?extent ; "
        f"bps:jurisdiction {NamedNode(f'{BASE}jurisdiction/{code}')} }}",
    ).rows
    extents = {
        str(one.value).removeprefix(begin): extent for one, extent in rows if isinstance(one, NamedNode)
    }
    if extents.get(edition, _COMPLETE) != _COMPLETE:
        return Versions()
    complete = sorted(one for one, extent in extents.items() if extent == _COMPLETE)
    before = [begin + one for one in complete if one < edition]
    after = [begin + one for one in complete if one > edition]
    return Versions(tuple(before[-1:]), tuple(after[:1]))


def _sorted(terms: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted(term.value for term in terms if isinstance(term, NamedNode)))
