"""What a search finds: hits, how many there are of each kind, and what else one may have meant."""

from dataclasses import dataclass
from enum import IntEnum

from bpsgraph.results import Text


class Match(IntEnum):
    """How a name answers what was typed, the best first."""

    EXACT = 0
    PREFIX = 1
    WITHIN = 2
    ALL = 3
    SOME = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that can be found; `key` is what an address says, `name` what people read."""

    key: str
    name: Text


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found.

    `label` is its preferred name in both languages, as far as it has them; `matched` the name that answers,
    in the spelling of the graph, and `role` what kind of name that is: `label`, `other`, `code` or `key`.
    """

    iri: str
    kind: Kind
    label: Text
    matched: str
    role: str
    match: Match


@dataclass(frozen=True, slots=True)
class Found:
    """The hits asked for, of so many; `facets` counts all kinds, whichever kind was asked for.

    `nearest` are things that share something with what was typed, where nothing answers it.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[tuple[Kind, int], ...]
    nearest: tuple[Hit, ...] = ()
