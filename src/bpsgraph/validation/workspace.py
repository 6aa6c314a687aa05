"""One catalogue on the table: a small store with it, with what is around it, and with the comparisons.

Whatever the whole store holds beside stays out, so that a catalogue takes as long among thousands as alone.
"""

from collections.abc import Iterable

from pyoxigraph import Triple

from bpsgraph.errors import BadParameter
from bpsgraph.library import Library
from bpsgraph.store.base import Store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import GRAPH, short
from bpsgraph.validation import verdicts
from bpsgraph.validation.context import context_of
from bpsgraph.validation.verdicts import EVER, Moment

SUBMITTED = GRAPH + "submitted"
CONTEXT = GRAPH + "context"


def compare(
    submitted: Iterable[Triple],
    catalogue: str,
    store: Store,
    library: Library,
    *,
    moment: Moment = EVER,
    beside: Iterable[Triple] = (),
) -> EmbeddedStore:
    """A store of its own with the catalogue, its context from `store`, and its verdicts.

    `beside` is further context. The store holds the catalogue as the graph `SUBMITTED`. Raises `BadParameter`
    where the moment names catalogues to compare with and nothing in them holds for this one.
    """
    submitted = set(submitted)
    work = EmbeddedStore.in_memory()
    work.replace_graph(SUBMITTED, submitted)
    work.replace_graph(CONTEXT, context_of(store, library, submitted) | set(beside))
    verdicts.cover_segments(work, library)
    verdicts.derive_quantities(work, library, [catalogue])
    derived = verdicts.derive_verdicts(work, library, catalogue, moment)
    if moment.against and not len(derived):
        named = ", ".join(short(iri) for iri in moment.against)
        raise BadParameter(
            "--against",
            f"nothing that {named} states holds for {short(catalogue)}",
            "name a catalogue of a place above it",
        )
    return work
