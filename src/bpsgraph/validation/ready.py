"""What catalogues are compared with, kept in columns from one submission to the next while a store changes.

A catalogue is judged, and what is derived from it renewed, over the same columns. They stay for the next one
as long as no change says anything else of what lies there; how places stand to floors (`peers`) is altered.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from bpsgraph.ingest import Submission
from bpsgraph.library import Library
from bpsgraph.results import Difference, Report, Triples
from bpsgraph.store.changed import Changed
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.validation import validate_submission
from bpsgraph.validation.derived import KEPT, Compared
from bpsgraph.validation.profile import Profile
from bpsgraph.validation.second_opinion import finding_queries
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.verdicts import COMPARING, QUANTITIES, REFERENCES

if TYPE_CHECKING:
    from bpsgraph.validation.workspaces import Workspaces

# With fewer it is quicker to compare one after another than to lay out what they are compared with.
_SEVERAL = 8


class Ready:
    """Judges and compares catalogues of one store, which is told what changes in it.

    Where nothing is laid out and the plans of the queries are not kept on this computer, the first catalogue
    is judged by itself: to make the plans takes seconds.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._workspaces: Workspaces | None = None
        # The state of the store that lies there: its marker, and of one in memory the store.
        self._state: object = None
        self._asked = False

    def report(
        self,
        submission: Submission,
        store: EmbeddedStore,
        shapes: ShapesGraph,
        *,
        edition: str | None = None,
        as_of: date | None = None,
        today: date,
        profile: Profile | None = None,
        verdicts: bool = False,
    ) -> Report:
        """What `validate_submission` gives; raises what it raises.

        The verdicts may be counted only, unless they are asked for.
        """
        workspaces = self._laid_out(store)
        if workspaces is None:
            return validate_submission(
                submission,
                store,
                self._library,
                shapes,
                edition=edition,
                as_of=as_of,
                today=today,
                profile=profile,
            )
        from bpsgraph.validation.many import Many

        try:
            many = Many(store, self._library, shapes, workspaces)
            (report,) = many.reports(
                [submission], edition=edition, as_of=as_of, today=today, profile=profile, verdicts=verdicts
            )
        except BaseException:
            # What lies there may be half of what was meant to.
            self.forget()
            raise
        return report

    def compared(self, changed: Changed, catalogues: Mapping[str, str]) -> Iterator[Compared]:
        """These catalogues, given with their graphs, compared with the store as it will be.

        Of those that have to be compared by themselves, or are quicker so, nothing is kept of the verdicts.
        """
        workspaces = self._workspaces if self.holds(changed.before, changed.differences) else None
        if workspaces is None and len(catalogues) < _SEVERAL:
            for catalogue, graph in sorted(catalogues.items()):
                yield Compared(catalogue, changed.graph(graph), Triples(frozenset()), None)
            return
        from bpsgraph.validation.together import compared_in
        from bpsgraph.validation.workspaces import Workspaces

        if workspaces is None:
            workspaces = Workspaces(changed, self._library)
        else:
            workspaces.look_into(changed, changed.differences)
        yield from compared_in(workspaces, changed, sorted(catalogues.items()))

    def holds(self, store: EmbeddedStore, differences: Mapping[str, Difference]) -> bool:
        """Whether what lies there, all that is shared included, is the same once the store changes so."""
        return (
            self.is_of(store)
            and self._workspaces is not None
            and not self._workspaces.is_concerned_by(differences)
        )

    def is_of(self, store: EmbeddedStore) -> bool:
        """Whether what lies there, if anything, is of this state of the store."""
        return self._workspaces is not None and self._state == _state_of(store)

    def follow(self, store: EmbeddedStore, differences: Mapping[str, Difference]) -> None:
        """Be ready for the store now that it has changed so; what lies there is of the state before."""
        if self._workspaces is not None and self._workspaces.follow(store, differences):
            self._state = _state_of(store)
        else:
            self.forget()

    def forget(self) -> None:
        """Keep nothing: the store may be another one than was thought."""
        self._workspaces, self._state = None, None

    def _laid_out(self, store: EmbeddedStore) -> "Workspaces | None":
        """The columns for this state of the store; None where it is quicker to do without."""
        from bpsgraph.columns.plans import are_kept

        if self._workspaces is not None and self.is_of(store):
            self._workspaces.look_into(store)
            return self._workspaces
        asked, self._asked = self._asked, True
        if not asked and not are_kept(map(self._library.text, _needed(self._library))):
            return None
        from bpsgraph.validation.workspaces import Workspaces

        self._workspaces, self._state = Workspaces(store, self._library), _state_of(store)
        return self._workspaces


def _needed(library: Library) -> list[str]:
    """The names of the queries that judge and compare."""
    steps = (*QUANTITIES, *REFERENCES, *COMPARING, *KEPT)
    return [*(f"derive/{name}" for name in steps), *finding_queries(library)]


def _state_of(store: EmbeddedStore) -> object:
    return store if store.marker is None else store.marker
