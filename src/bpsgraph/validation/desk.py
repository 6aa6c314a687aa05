"""What stays open between submissions that are judged in one process: the store, the rules, the names."""

import weakref
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bpsgraph.endpoint import Endpoint
from bpsgraph.ingest.names import Names
from bpsgraph.library import Library
from bpsgraph.sources import Sources
from bpsgraph.store import EmbeddedStore, Store, open_store
from bpsgraph.store.marker import Marker
from bpsgraph.validation import Validator, prepare
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.vocabulary import names_of

if TYPE_CHECKING:
    from bpsgraph.validation.many import Many


# Equality by identity, and a place for the reference that closes the store.
@dataclass(frozen=True, eq=False)
class Desk:
    """A store with what catalogues are compared with in it, the shapes and queries, and the names."""

    store: Store
    library: Library
    shapes: ShapesGraph
    validator: Validator
    names: Names

    @cached_property
    def many(self) -> "Many":
        """What judges many submissions in one pass, made when it is first asked for."""
        # Columns take long to load, and one submission needs none.
        from bpsgraph.validation.many import Many

        return Many(self.store, self.library, self.shapes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()


def open_desk(store: Path | Endpoint, sources: Path, generation: Marker | None = None) -> Desk:
    """A desk of its own for a store, or a generation that is held; raises what opening a store raises."""
    opened = (
        open_store(store) if isinstance(store, Endpoint) else EmbeddedStore.open(store, generation=generation)
    )
    shapes = ShapesGraph.read(Sources(sources).shapes())
    library = Library(sources / "queries")
    return Desk(opened, library, shapes, prepare(opened, library, shapes), names_of(opened))


def desk_of(store: Path, sources: Path, generation: Marker | None = None) -> Desk:
    """The desk for a store, kept for the next submission until the store is another one.

    With a generation, which the caller holds, it is the desk for that one. Raises `StoreMissing` and what
    opening a store raises.
    """
    return _desk(store, sources, generation or Marker.read(store), generation is not None)


def clear() -> None:
    """Leave nothing on the desk: what an error left half done must not touch the next submission."""
    _desk.cache_clear()


@lru_cache(maxsize=1)
def _desk(store: Path, sources: Path, marker: Marker, exactly: bool) -> Desk:
    desk = open_desk(store, sources, marker if exactly else None)
    weakref.finalize(desk, desk.store.close)
    return desk
