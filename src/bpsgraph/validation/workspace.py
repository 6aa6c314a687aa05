"""One catalogue on the table: a small store with it, with what is around it, and with the comparisons.

Whatever the whole store holds beside stays out, so that a catalogue takes as long among thousands as alone.
What all catalogues are judged against stays on the table: the next one finds it as the first one did.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import pyoxigraph as ox
from pyoxigraph import NamedNode, Triple

from bpsgraph.errors import BadParameter, BadQuery
from bpsgraph.library import Library
from bpsgraph.results import Difference
from bpsgraph.store.base import Store
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.own import is_own
from bpsgraph.terms import BPS, GRAPH, RDF_TYPE, Term, short
from bpsgraph.validation import verdicts
from bpsgraph.validation.context import SHARED_WHOLE, Surroundings
from bpsgraph.validation.facts import Lasting
from bpsgraph.validation.verdicts import EVER, Moment

SUBMITTED = GRAPH + "submitted"
CONTEXT = GRAPH + "context"
SHARED = "context"
"""The name of the extract that holds the part of the context that all submissions share."""

Subject = ox.NamedNode | ox.BlankNode

_COVERED = NamedNode(BPS + "coveredBy")
_MOST_QUADS = 50_000
_SEGMENT = NamedNode(BPS + "Segment")
_VERDICT = NamedNode(BPS + "Verdict")
_CONSTRUCT = re.compile(r"\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\s*\{")
_LOCAL = tuple(
    GRAPH + name
    for name in ("catalogue/", "floors/", "peers/", "quantities/", "tallies/", "totals/", "verdicts/")
)
# Whether the shared part still holds after a change of these is told by what changes (`is_still_shared`).
_OF_ALL = (GRAPH + "closure", verdicts.SEGMENT_COVER)
_TERMS = re.compile(rb"<([^<>]*)>|(_:\S+)")
OF_THE_STATE = tuple(GRAPH + name for name in ("catalogue/100000/", "floors/100000"))
"""The graphs of the State, with whose floors every catalogue is compared."""


class Workspace(EmbeddedStore):
    """A store in memory with a base, to which graphs are added and from which they are taken again.

    Only the submission is a graph of its own; whatever else is put in is in the union alone.
    """

    def __init__(self, base: bytes) -> None:
        super().__init__(ox.Store())
        self._inner.load(base, ox.RdfFormat.N_TRIPLES)
        self._added: list[ox.Quad] = []
        self._hidden: list[ox.Quad] = []
        self._derived: list[str] = []
        self._quads: dict[Triple, ox.Quad] = {}
        self.lasting: Lasting | None = None

    def replace_graph(self, iri: str, triples: Iterable[Triple]) -> None:
        """Add the triples, until `clear`; what was put in before stays."""
        inner = self._inner
        if iri == CONTEXT:
            quads = [self._quad(triple) for triple in triples]
        else:
            quads = [_quad_of(triple) for triple in triples]
        new = [quad for quad in quads if quad not in inner]
        inner.extend(new)
        named = [_quad_of(quad.triple, iri) for quad in quads] if iri == SUBMITTED else []
        inner.extend(named)
        if named and len(new) == len(quads):
            # Nothing of it was there before, so that it is taken away as a graph.
            self._derived.append(iri)
        else:
            self._added += new + named

    def _quad(self, triple: Triple) -> ox.Quad:
        """The same object each time, since catalogues have most of their surroundings in common."""
        if triple not in self._quads:
            if len(self._quads) >= _MOST_QUADS:
                self._quads.clear()
            self._quads[triple] = _quad_of(triple)
        return self._quads[triple]

    def remember(self, touched: Container[Term]) -> None:
        """Keep what is read of the base from one catalogue to the next, save of the things touched."""
        if self.lasting is None:
            self.lasting = Lasting({triple.subject for triple in self.triples()})  # type: ignore[misc]
        self.lasting.touched = touched

    def derive(self, iri: str, text: str) -> None:
        """Add what a CONSTRUCT gives, until `clear`; none of it may be in the base.

        Raises `BadQuery` for a query of another form.
        """
        parts = _CONSTRUCT.search(text)
        if parts is None:
            raise BadQuery("a CONSTRUCT is needed here", "write CONSTRUCT in the place of the query's form")
        template = parts[1]
        insertion = f"INSERT {{ {template} GRAPH <{iri}> {{ {template} }} }} WHERE {{"
        self.update(text[: parts.start()] + insertion + text[parts.end() :])
        self._derived.append(iri)

    def hide(self, subject: Subject | None = None, predicate: NamedNode | None = None) -> list[Triple]:
        """Take triples of the base away, until `clear`, and return them; before anything is added."""
        found = list(self._inner.quads_for_pattern(subject, predicate, None, ox.DefaultGraph()))
        for quad in found:
            self._inner.remove(quad)
        self._hidden += found
        return [quad.triple for quad in found]

    def clear(self) -> None:
        """Bring back the base as it was."""
        for iri in self._derived:
            self.update(
                f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }} ; DROP SILENT GRAPH <{iri}>"
            )
        for quad in self._added:
            self._inner.remove(quad)
        self._inner.extend(self._hidden)
        self._added, self._hidden, self._derived = [], [], []


class Prepared:
    """What catalogues are compared with, ready for one after another; the store must not change meanwhile."""

    def __init__(self, store: Store | Changed, library: Library) -> None:
        self._surroundings = Surroundings(store, library)
        self._library = library
        self._workspace: Workspace | None = None

    def make_ready(self) -> None:
        """Make the workspace that the first catalogue would wait for."""
        self._workspace = self._take()

    @contextmanager
    def comparing(
        self,
        submitted: Iterable[Triple],
        catalogue: str,
        *,
        moment: Moment = EVER,
        beside: Iterable[Triple] = (),
    ) -> Iterator[Workspace]:
        """What `compare` gives, until the block ends; then the workspace is there for the next catalogue."""
        again = self._workspace is not None
        work = self._take()
        try:
            if again:  # What is judged once only needs no memory.
                work.remember(())
            self._compare(work, set(submitted), catalogue, moment, set(beside))
            yield work
        finally:
            work.clear()
            self._workspace = work

    def compare(
        self,
        submitted: Iterable[Triple],
        catalogue: str,
        *,
        moment: Moment = EVER,
        beside: Iterable[Triple] = (),
    ) -> Workspace:
        """A store of its own with the catalogue as the graph `SUBMITTED`, its context, and its verdicts.

        `beside` is further context. Raises `BadParameter` where the moment names catalogues to compare with
        and nothing in them holds for this one.
        """
        work = self._take()
        self._compare(work, set(submitted), catalogue, moment, set(beside))
        return work

    def _take(self) -> Workspace:
        work, self._workspace = self._workspace, None
        # An `or` would count the triples.
        return work if work is not None else Workspace(base_of(self._surroundings, self._library))

    def _compare(
        self, work: Workspace, submitted: set[Triple], catalogue: str, moment: Moment, beside: set[Triple]
    ) -> None:
        def shared(thing: NamedNode) -> bool:
            return next(work.triples(thing), None) is not None

        own = {triple.subject for triple in submitted}
        context = self._surroundings.around(submitted, shared) | beside
        hidden = [triple for subject in own for triple in work.hide(subject)]  # type: ignore[arg-type]
        if _about_segments(hidden):
            work.hide(predicate=_COVERED)
        if work.lasting is not None:
            work.remember(own | {triple.subject for triple in context})  # type: ignore[arg-type, misc]
        work.replace_graph(SUBMITTED, submitted)
        work.replace_graph(CONTEXT, context)
        if _about_segments((*hidden, *submitted, *context)):
            verdicts.cover_segments(work, self._library)
        verdicts.derive_quantities(work, self._library, [catalogue])
        verdicts.derive_verdicts(work, self._library, catalogue, moment)
        if moment.against and next(work.triples(None, RDF_TYPE, _VERDICT), None) is None:
            named = ", ".join(short(iri) for iri in moment.against)
            raise BadParameter(
                "--against",
                f"nothing that {named} states holds for {short(catalogue)}",
                "name a catalogue of a place above it",
            )


def _quad_of(triple: Triple, graph: str | None = None) -> ox.Quad:
    subject, predicate, object = triple
    return ox.Quad(subject, predicate, object, ox.DefaultGraph() if graph is None else NamedNode(graph))


def _about_segments(triples: Iterable[Triple]) -> bool:
    return any(triple.predicate == RDF_TYPE and triple.object == _SEGMENT for triple in triples)


def keep_shared(store: EmbeddedStore, library: Library) -> None:
    """Keep the shared part of the context beside the store, from where it is read ten times as fast."""
    shared = _shared(Surroundings(store, library), library)
    drawn = [
        graph
        for graph in store.graphs()
        if (not graph.startswith(_LOCAL) or graph.startswith(OF_THE_STATE))
        and not is_own(graph)
        and graph not in _OF_ALL
    ]
    store.keep_extract(SHARED, shared, drawn)


def is_still_shared(store: EmbeddedStore, differences: Mapping[str, Difference]) -> bool:
    """Whether the part that is kept of the store holds after a change as well: nothing in it is concerned."""
    kept = store.extract(SHARED)
    if kept is None or any(graph.startswith((*SHARED_WHOLE, *OF_THE_STATE)) for graph in differences):
        return False
    subjects = {
        str(triple.subject).strip("<>").encode()
        for graph, difference in differences.items()
        if verdicts.takes_part(graph)
        for triple in difference.removed | difference.added
    }
    return subjects.isdisjoint(_terms_of(kept))


@lru_cache(maxsize=1)
def _terms_of(kept: bytes) -> frozenset[bytes]:
    return frozenset(iri or node for iri, node in _TERMS.findall(kept))


def base_of(surroundings: Surroundings, library: Library) -> bytes:
    """What all submissions are judged against, as N-Triples."""
    store = surroundings.store
    if isinstance(store, Changed):
        still = is_still_shared(store.before, store.differences)
        kept = store.before.extract(SHARED) if still else None
    else:
        kept = store.extract(SHARED) if isinstance(store, EmbeddedStore) else None
    if kept is not None:
        return kept
    return ox.serialize(_shared(surroundings, library), format=ox.RdfFormat.N_TRIPLES) or b""


def _shared(surroundings: Surroundings, library: Library) -> set[Triple]:
    shared = surroundings.shared()
    work = EmbeddedStore.in_memory()
    work.replace_graph(CONTEXT, shared)
    verdicts.cover_segments(work, library)
    return shared | work.graph(verdicts.SEGMENT_COVER).triples
