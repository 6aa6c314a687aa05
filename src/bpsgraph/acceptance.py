"""Accepting and withdrawing catalogues and data sets: judged, journalled, then put into the store.

What is derived from a catalogue changes with it, in one transaction. A change counts, and is told to whoever
asked for it, once its entry of the journal and the store are on the disk. After a crash in between, the next
change applies what the store has not yet seen.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import (
    BadParameter,
    ForeignGraph,
    ForeignStatement,
    MalformedFile,
    StoreError,
    UnknownCatalogue,
    UnknownDataset,
    Withdrawn,
)
from bpsgraph.ingest import Submission, with_names
from bpsgraph.ingest.observations import Figures
from bpsgraph.library import Library
from bpsgraph.results import Difference, Outcome, Report, Severity, Triples
from bpsgraph.store import EmbeddedStore, Store, open_store, restoring, select
from bpsgraph.store.changed import Changed
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.journal import (
    CATALOGUES,
    CHANGES,
    NOTHING,
    OBSERVATIONS,
    WITHDRAWN,
    WITHDRAWN_OBSERVATIONS,
    Journal,
    change_iri,
    journal_of,
)
from bpsgraph.store.locking import WAIT
from bpsgraph.store.marker import Marker
from bpsgraph.store.own import is_own
from bpsgraph.terms import BASE, BPS, DCT, FOAF, GRAPH, PROV, RDF_TYPE, REMOVED_GRAPH, XSD, short
from bpsgraph.validation import catalogue_in
from bpsgraph.validation.derived import catalogues_of
from bpsgraph.validation.ready import Ready
from bpsgraph.validation.renewal import DERIVED, renew
from bpsgraph.validation.totals import renewed_totals
from bpsgraph.validation.verdicts import STATE
from bpsgraph.validation.workspace import SHARED, is_still_shared, keep_shared

Judge = Callable[[EmbeddedStore], Report]
"""Validates the submission against a store."""
Graphs = Mapping[str, Iterable[Triple]]

_NATIONAL = STATE.rpartition("/")[2] + "/"
_KEY = re.compile(r"[0-9]{6}/[0-9]{4}(-[a-z0-9]+)*")
_ROWS = ("catalogue", "provision", "guarantee")
# Nobody states these: they are derived, recorded by this module, or terms.
_NOT_STATED = (*(BASE + kind for kind in ("verdict/", "tally/", "floor/", "change/", "remark/")), GRAPH, BPS)
_LONGEST = 1_000
_NUMBERED = "urn:value:"
_STRING = NamedNode(XSD + "string")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A catalogue that is in the store as the entry of the journal says.

    `report` is what it was accepted with; None where the same content had been accepted before.
    """

    entry: int
    catalogue: str
    content_hash: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A catalogue that was not accepted, with the report that says why; nothing was written."""

    report: Report


@dataclass(frozen=True, slots=True)
class WithdrawnCatalogue:
    """A catalogue that is not in the store any more, as the entry of the journal says."""

    entry: int
    catalogue: str


@dataclass(frozen=True, slots=True)
class AcceptedFigures:
    """A data set that is in the store as the entry says; `known` where the same was there already."""

    entry: int
    dataset: str
    content_hash: str
    known: bool


@dataclass(frozen=True, slots=True)
class ChangedGraphs:
    """Graphs of one's own as the entry of the journal says: those that hold something now, and those gone."""

    entry: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Register:
    """The catalogues and data sets of a store as they come and go, each change with its entry in the journal.

    `journal` is its folder, by default beside the store. A change waits `wait` seconds for another writer.
    `changed` are the graphs that were written by this object; `ready` judges submissions, the quicker the
    more of them this object accepts.
    """

    def __init__(
        self, store: Path, library: Library, journal: Path | None = None, *, wait: float = WAIT
    ) -> None:
        self.store = store
        self.wait = wait
        self.library = library
        self.journal = Journal(journal or journal_of(store))
        self.copies = Copies(copies_of(store))
        self.ready = Ready(library)
        self.changed: set[str] = set()

    def accept(
        self,
        submission: Submission,
        judge: Judge,
        *,
        by: str,
        at: datetime,
        threshold: Severity | None = Severity.VIOLATION,
        national: bool = False,
    ) -> Accepted | Refused:
        """Put the catalogue of a submission into the store, in the place of what was accepted under its name.

        It is refused where a finding that is not waived is at or above the threshold (None is never), where a
        rule could not run, and where a part of it could not be read. The same content once more is answered
        with the entry that it has. `by` is who accepts it and `at` when.

        Raises `MalformedFile` where the file does not hold one catalogue with its name; `ForeignStatement`
        where it says something of what is not its own; `BadParameter` for a national baseline unless it is
        said to be `national`, and for a name that cannot be written; whatever `judge` raises;
        `StoreMissing`, `JournalDamaged`, `StoreBusy` and other `StoreError`s. All is then as it was.
        """
        by = _words("--by", by)
        catalogue = catalogue_in(submission)
        key = catalogue.removeprefix(BASE + "catalogue/")
        if not _KEY.fullmatch(key):
            raise MalformedFile(
                submission.name,
                f"the name of the catalogue is {short(catalogue)}",
                "call it catalogue/<code>/<edition>, for example catalogue/140500/2021",
            )
        content = _content(submission, key)
        baseline = Triple(NamedNode(catalogue), RDF_TYPE, NamedNode(BPS + "NationalBaseline"))
        _refuse_national(key.startswith(_NATIONAL) or baseline in content.triples, national)

        def decide(store: EmbeddedStore) -> Accepted | Refused | Report:
            known = self._accepted(store, catalogue, content.content_hash())
            if known is not None and not submission.remarks:
                return known
            _refuse_foreign(submission.name, content, key, store)
            report = judge(store)
            not_run = any(status.outcome is Outcome.ERROR for status in report.rules)
            if report.unread or not_run or report.fails(threshold):
                return Refused(report)
            return known or report

        with open_store(self.store) as reading:
            seen = reading.marker
            decision = decide(reading) if self._is_applied(reading) else None
        if isinstance(decision, Accepted | Refused):
            return decision
        with self._writing() as store:
            # What it was judged against may have changed before the store was held for writing.
            if decision is None or store.marker != seen:
                decision = decide(store)
            if not isinstance(decision, Report):
                return decision
            number, change = self._change("Acceptance", "generated", catalogue, content, by, at)
            change |= _told(number, submission, decision)
            graphs: Graphs = {
                CATALOGUES + key: content,
                WITHDRAWN + key: NOTHING,
                f"{CHANGES}{number}": change,
            }
            self._record(store, number, graphs)
            return Accepted(number, catalogue, content.content_hash(), decision)

    def withdraw(
        self, catalogue: str, *, by: str, at: datetime, reason: str = "", national: bool = False
    ) -> WithdrawnCatalogue:
        """Take a catalogue out of the store, with all that is derived from it; a record of it stays.

        Raises `UnknownCatalogue`, `Withdrawn` where it has been withdrawn already, `BadParameter` as `accept`
        does, and the same `StoreError`s.
        """
        by = _words("--by", by)
        reason = _words("--reason", reason) if reason else ""
        key = catalogue.removeprefix(BASE + "catalogue/")
        with open_store(self.store) as reading:
            if self._is_applied(reading):
                _refuse_absent(catalogue, key, reading)
        _refuse_national(key.startswith(_NATIONAL), national)
        with self._writing() as store:
            _refuse_absent(catalogue, key, store)
            content = store.graph(CATALOGUES + key)
            number, change = self._change("Withdrawal", "invalidated", catalogue, content, by, at)
            record = _record_of(catalogue, content, number, at, change, reason)
            graphs: Graphs = {
                CATALOGUES + key: NOTHING,
                WITHDRAWN + key: record,
                f"{CHANGES}{number}": change,
            }
            self._record(store, number, graphs)
            return WithdrawnCatalogue(number, catalogue)

    def accept_figures(
        self, figures: Figures, *, by: str, at: datetime, file: str, file_hash: str = ""
    ) -> AcceptedFigures:
        """Put a data set into the store, in the place of what was accepted under its name.

        The same content once more is answered with the entry that it has. Raises `BadParameter` for figures
        with problems and for a name that cannot be written, and the `StoreError`s of `accept`.
        """
        by = _words("--by", by)
        if figures.problems:
            raise BadParameter(file, "not all of its cells could be read", "correct them first")
        key = figures.dataset.removeprefix(BASE + "dataset/")
        content = _as_stored(OBSERVATIONS + key, figures.triples)
        digest = content.content_hash()
        with self._writing() as store:
            known = self._accepted(store, figures.dataset, digest)
            if known is not None:
                return AcceptedFigures(known.entry, figures.dataset, digest, known=True)
            number, change = self._change("Acceptance", "generated", figures.dataset, content, by, at)
            done = NamedNode(change_iri(number))
            change.add(Triple(done, NamedNode(BPS + "fileName"), Literal(Path(file).name)))
            if file_hash:
                change.add(Triple(done, NamedNode(BPS + "fileHash"), Literal(file_hash)))
            graphs: Graphs = {
                OBSERVATIONS + key: content,
                WITHDRAWN_OBSERVATIONS + key: NOTHING,
                f"{CHANGES}{number}": change,
            }
            self._record(store, number, graphs)
            return AcceptedFigures(number, figures.dataset, digest, known=False)

    def withdraw_figures(self, key: str, *, by: str, at: datetime, reason: str = "") -> WithdrawnCatalogue:
        """Take a data set that was accepted out of the store; the record of it stays.

        Raises `UnknownDataset`, `BadParameter`, and the `StoreError`s of `accept`.
        """
        by = _words("--by", by)
        reason = _words("--reason", reason) if reason else ""
        dataset = f"{BASE}dataset/{key}"
        with self._writing() as store:
            content = store.graph(OBSERVATIONS + key)
            if not content:
                known = [g.removeprefix(OBSERVATIONS) for g in store.graphs() if g.startswith(OBSERVATIONS)]
                raise UnknownDataset(key, known)
            number, change = self._change("Withdrawal", "invalidated", dataset, content, by, at)
            record = _record_of(dataset, content, number, at, change, reason)
            graphs: Graphs = {
                OBSERVATIONS + key: NOTHING,
                WITHDRAWN_OBSERVATIONS + key: record,
                f"{CHANGES}{number}": change,
            }
            self._record(store, number, graphs)
            return WithdrawnCatalogue(number, dataset)

    def change_graphs(
        self, graphs: Graphs, *, by: str, at: datetime, generation: int
    ) -> ChangedGraphs | None:
        """Put these triples in the place of what graphs of one's own held; one without triples is forgotten.

        They hold until the next change, builds included. `generation` is that of the store in which this was
        worked out; None where the store is of another by now, and nothing was written. Nothing is derived
        from them.

        Raises `ForeignGraph` for a graph that is not one's own, `BadParameter` for a name that cannot be
        written, and the `StoreError`s of `accept`.
        """
        by = _words("--by", by)
        for graph in graphs:
            if not is_own(graph):
                raise ForeignGraph(graph)
        changed = {graph: _as_stored(graph, triples) for graph, triples in sorted(graphs.items())}
        with self._writing() as store:
            assert store.marker is not None
            if store.marker.generation != generation:
                return None
            number, follows = self.journal.following()
            done = NamedNode(change_iri(number))
            change = {*follows, *_activity(done, "Update", number, by, at)}
            for graph, triples in changed.items():
                predicate = NamedNode(BPS + "changedGraph") if triples else REMOVED_GRAPH
                change.add(Triple(done, predicate, NamedNode(graph)))
            self._record(store, number, {**changed, f"{CHANGES}{number}": change})
            return ChangedGraphs(
                number,
                tuple(graph for graph, triples in changed.items() if triples),
                tuple(graph for graph, triples in changed.items() if not triples),
            )

    def _is_applied(self, store: EmbeddedStore) -> bool:
        """Whether the store holds all that the journal says; raises `JournalDamaged` where it holds more."""
        assert store.marker is not None
        return not restoring.is_waiting(self.journal) and not self.journal.goes_beyond(
            store.marker.entry, store.marker.entry_hash
        )

    @contextmanager
    def _writing(self) -> Iterator[EmbeddedStore]:
        """The store, held with its journal for writing, with every entry of the journal applied."""
        with (
            open_store(self.store, writable=True, wait=self.wait) as store,
            self.journal.writing(self.wait),
        ):
            restoring.settle(self.store, self.journal)
            self.copies.refuse_other_entries(self.journal)
            self.copies.complete(self.journal.entries())
            if not self._is_applied(store):
                last = self.journal.last()
                assert last is not None
                assert store.marker is not None
                outcome = self.journal.outcome(after=store.marker.entry)
                self._alter(store, renew(store, self.library, outcome))
                store.commit(last.number, last.hash)
                self.ready.forget()
            try:
                yield store
            except BaseException:
                self.ready.forget()
                raise

    def _record(self, store: EmbeddedStore, number: int, graphs: Graphs) -> None:
        """Journal first, then the store; what a crash leaves undone the next `_writing` does."""
        changes = {
            graph: triples if isinstance(triples, Triples) else Triples(frozenset(triples))
            for graph, triples in graphs.items()
        }
        if not self.ready.is_of(store):
            # Another process has changed the store since something was judged here.
            self.ready.forget()
        renewed = renew(store, self.library, changes, self.ready)
        # What may fail there fails before the journal says anything.
        store.prepare_to_change()
        entry = self.journal.append(number, changes)
        try:
            self.copies.write(number, entry.path.read_bytes())
            self._alter(store, renewed)
            store.commit(entry.number, entry.hash)
        except Exception:
            # The disk may fail once the new marker is in its place: then the store holds the entry.
            if Marker.read(self.store).entry != entry.number:
                # The copy first: one without its entry would say that the journal lost it.
                self.copies.remove(entry)
                self.journal.take_back(entry)
            raise
        self.ready.follow(store, renewed)

    def _alter(self, store: EmbeddedStore, renewed: Mapping[str, Difference]) -> None:
        still = store.extract(SHARED) is not None and (
            self.ready.holds(store, renewed) or is_still_shared(store, renewed)
        )
        if not still:
            store.forget_extract(SHARED)
        totals = renewed_totals(Changed(store, renewed), self.library)
        store.alter({**renewed, **totals})
        self.changed |= renewed.keys() | totals.keys()
        if not still:
            # What makes judging quick is drawn anew; without it judging is only slower.
            with suppress(StoreError):
                keep_shared(store, self.library)

    def _change(
        self, kind: str, relation: str, catalogue: str, content: Triples, by: str, at: datetime
    ) -> tuple[int, set[Triple]]:
        number, follows = self.journal.following()
        done = NamedNode(change_iri(number))
        return number, {
            *follows,
            *_activity(done, kind, number, by, at),
            Triple(done, NamedNode(PROV + relation), NamedNode(catalogue)),
            Triple(done, NamedNode(BPS + "contentHash"), Literal(content.content_hash())),
        }

    def _accepted(self, store: Store, catalogue: str, content_hash: str) -> Accepted | None:
        """The acceptance of this content, where it is the last that happened to the catalogue."""
        text = f"""
            SELECT ?entry ?hash WHERE {{
              ?done prov:generated|prov:invalidated <{catalogue}> ; bps:sequence ?entry .
              OPTIONAL {{ ?done a bps:Acceptance ; bps:contentHash ?hash }}
            }}
            ORDER BY DESC(?entry)
            LIMIT 1
        """
        for entry, accepted in select(store, text).rows:
            if accepted == Literal(content_hash) and isinstance(entry, Literal):
                return Accepted(int(entry.value), catalogue, content_hash, None)
        return None


def _activity(done: NamedNode, kind: str, number: int, by: str, at: datetime) -> set[Triple]:
    """What the record of every change says: what it was, which, when, and by whom."""
    agent = NamedNode(done.value + "/agent")
    return {
        Triple(done, RDF_TYPE, NamedNode(BPS + kind)),
        Triple(done, NamedNode(BPS + "sequence"), Literal(number)),
        Triple(done, NamedNode(PROV + "endedAtTime"), _time(at)),
        Triple(done, NamedNode(PROV + "wasAssociatedWith"), agent),
        Triple(agent, RDF_TYPE, NamedNode(PROV + "Agent")),
        Triple(agent, NamedNode(FOAF + "name"), Literal(by)),
    }


def _record_of(
    subject: str, content: Triples, number: int, at: datetime, change: set[Triple], reason: str
) -> set[Triple]:
    """What stays of a thing withdrawn: title, hash, when and by which change; the change gets the reason."""
    node, title = NamedNode(subject), NamedNode(DCT + "title")
    done = NamedNode(change_iri(number))
    record = {
        Triple(node, RDF_TYPE, NamedNode(PROV + "Entity")),
        Triple(node, NamedNode(PROV + "invalidatedAtTime"), _time(at)),
        Triple(node, NamedNode(PROV + "wasInvalidatedBy"), done),
        Triple(node, NamedNode(BPS + "contentHash"), Literal(content.content_hash())),
        *(triple for triple in content if (triple.subject, triple.predicate) == (node, title)),
    }
    if reason:
        change.add(Triple(done, NamedNode(DCT + "description"), Literal(reason)))
        record.add(Triple(node, NamedNode(DCT + "description"), Literal(reason)))
    return record


def _content(submission: Submission, key: str) -> Triples:
    """The triples as the store holds them, with a name of this catalogue alone for whatever has none.

    A store gives numbers back in one way of writing, 1250 for 1250.0; journal and hashes use it too.
    """
    named_triples = with_names(submission.triples)
    if named_triples is submission.triples:
        return _as_stored(CATALOGUES + key, named_triples)
    own = {term for triple in submission.triples for term in triple}
    unnamed = BASE + "unnamed/"

    def named(term: object) -> object:
        if isinstance(term, NamedNode) and term not in own and term.value.startswith(unnamed):
            return NamedNode(f"{unnamed}{key}/{term.value.removeprefix(unnamed)}")
        return term

    return _as_stored(
        CATALOGUES + key,
        (
            Triple(named(t.subject), t.predicate, named(t.object))  # type: ignore[arg-type]
            for t in named_triples
        ),
    )


def _as_stored(graph: str, triples: Iterable[Triple]) -> Triples:
    """The triples as a store gives them back: numbers in one way of writing."""
    given = triples.triples if isinstance(triples, Triples) else frozenset(triples)
    if any(isinstance(triple.object, Triple) for triple in given):
        with EmbeddedStore.in_memory() as store:
            store.replace_graph(graph, given)
            return store.graph(graph)
    values = {triple.object for triple in given if _may_change(triple.object)}
    # Only they may be written otherwise, and most triples end in things.
    named = {NamedNode(f"{_NUMBERED}{number}"): value for number, value in enumerate(values)}
    with EmbeddedStore.in_memory() as store:
        store.replace_graph(graph, {Triple(name, RDF_TYPE, value) for name, value in named.items()})
        stored = {named[triple.subject]: triple.object for triple in store.graph(graph)}  # type: ignore[index]
    return Triples(
        frozenset(
            Triple(triple.subject, triple.predicate, stored[triple.object])
            if triple.object in stored
            else triple
            for triple in given
        )
    )


def _may_change(term: object) -> bool:
    return isinstance(term, Literal) and term.datatype != _STRING


def _refuse_foreign(name: str, content: Triples, key: str, store: Store) -> None:
    """Raise `ForeignStatement` for a row of another catalogue and for what others describe otherwise."""
    rows = tuple(f"{BASE}{kind}/{key}/" for kind in _ROWS)
    others_rows = tuple(f"{BASE}{kind}/" for kind in _ROWS)
    doubtful: dict[NamedNode, set[Triple]] = {}
    for triple in content:
        subject = triple.subject
        if isinstance(subject, NamedNode) and not f"{subject.value}/".startswith(rows):
            doubtful.setdefault(subject, set()).add(triple)
    for subject in sorted(doubtful, key=str):
        if subject.value.startswith((*others_rows, *_NOT_STATED)):
            first = min(doubtful[subject], key=str)
            raise ForeignStatement(name, short(subject.value), short(first.predicate.value))
    if not doubtful:
        return
    values = " ".join(str(subject) for subject in doubtful)
    found = select(
        store,
        f"SELECT ?graph ?subject ?property ?value WHERE {{ VALUES ?subject {{ {values} }} "
        f"GRAPH ?graph {{ ?subject ?property ?value }} }}",
    )
    described: dict[NamedNode, set[Triple]] = {}
    for graph, *statement in found.rows:
        assert isinstance(graph, NamedNode)
        if graph.value != CATALOGUES + key and not graph.value.startswith(DERIVED):
            triple = Triple(*statement)  # type: ignore[arg-type]
            described.setdefault(triple.subject, set()).add(triple)  # type: ignore[arg-type]
    for subject, stated in described.items():
        for triple in sorted(doubtful[subject] - stated, key=str):
            raise ForeignStatement(name, short(subject.value), short(triple.predicate.value))


def _refuse_national(is_national: bool, allowed: bool) -> None:
    if is_national and not allowed:
        raise BadParameter(
            "--national",
            "this is a catalogue of the State, which changes what every place is compared with",
            "give --national if that is meant",
        )


def _refuse_absent(catalogue: str, key: str, store: Store) -> None:
    known = catalogues_of(store)
    if catalogue in known:
        return
    record = {triple.predicate.value: triple.object for triple in store.graph(WITHDRAWN + key)}
    when, done = record.get(PROV + "invalidatedAtTime"), record.get(PROV + "wasInvalidatedBy")
    if isinstance(when, Literal) and isinstance(done, NamedNode):
        raise Withdrawn(short(catalogue), when.value, int(done.value.rpartition("/")[2]))
    raise UnknownCatalogue(short(catalogue), [short(iri) for iri in known])


def _told(number: int, submission: Submission, report: Report) -> set[Triple]:
    """What the record of an acceptance says of the file and of how it was judged."""
    counts = report.counts()
    said = {
        "fileName": Literal(Path(submission.name).name),
        "fileHash": Literal(submission.hash) if submission.hash else None,
        "judgedAgainst": NamedNode(f"{BASE}catalogue/{_NATIONAL}{report.edition}")
        if report.edition
        else None,
        "judgedAsOf": Literal(report.as_of.isoformat(), datatype=NamedNode(XSD + "date"))
        if report.as_of
        else None,
        "violationCount": Literal(counts[Severity.VIOLATION]),
        "warningCount": Literal(counts[Severity.WARNING]),
        "infoCount": Literal(counts[Severity.INFO]),
        "waivedCount": Literal(report.waived),
    }
    done = NamedNode(change_iri(number))
    waivers = {finding.waived for finding in report.findings if finding.waived is not None}
    return {
        *(Triple(done, NamedNode(BPS + name), term) for name, term in said.items() if term is not None),
        *(
            Triple(done, NamedNode(BPS + "waiver"), Literal(f"{one.author}: {one.reason} ({one.expires})"))
            for one in waivers
        ),
    }


def _time(at: datetime) -> Literal:
    text = at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return Literal(text, datatype=NamedNode(XSD + "dateTime"))


def _words(option: str, text: str) -> str:
    """The text without spaces around it; raises `BadParameter` where it says nothing or cannot be shown."""
    text = text.strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise BadParameter(
            option,
            "it is empty, too long, or holds a character that cannot be seen",
            f"write at most {_LONGEST:,} characters in one line",
        )
    return text
