"""Validation: a submission in, a report of findings and verdicts out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, MalformedFile, UnknownCatalogue, UnknownEdition
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library, filled
from bpsgraph.results import Report, Verdict
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.base import Store, construct, select
from bpsgraph.terms import BASE, BPS, GRAPH, RDF_TYPE, short
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.derived import catalogues_of
from bpsgraph.validation.facts import Facts, StoredFacts
from bpsgraph.validation.findings import operands_in
from bpsgraph.validation.profile import Profile, read_profile
from bpsgraph.validation.remarks import to_judge
from bpsgraph.validation.reporting import Judged, report_on
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.running import run_queries, run_rules
from bpsgraph.validation.shapes import Engine, Result, ShapesGraph
from bpsgraph.validation.tables import verdicts_of
from bpsgraph.validation.verdicts import STATE, Moment, graphs_of_verdicts
from bpsgraph.validation.workspace import SUBMITTED, Prepared, Workspace
from bpsgraph.vocabulary import names_of

__all__ = [
    "Engine",
    "Judgement",
    "Moment",
    "Profile",
    "Validator",
    "judge",
    "moment_of",
    "prepare",
    "read_profile",
    "report_of",
    "rows_to_add",
    "to_judge",
    "validate",
    "validate_submission",
    "verdicts_on",
]

CURRENT = "current"
_OF_THE_STATE = (
    f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?catalogue <{BPS}jurisdiction> <{STATE}> }} }}"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that the judging of one catalogue rests on, for whoever wants more than the report."""

    catalogue: str
    moment: Moment
    work: Workspace
    results: frozenset[Result]
    # What an engine says of a shape that it could not run, by the IRI of the shape.
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> tuple[Triple, ...]:
        """All triples that were judged: what was submitted, its context, and the comparisons."""
        return tuple(self.work.triples())


def validate(
    path: str | Path,
    *,
    edition: str | None = None,
    as_of: date | None = None,
    against: Sequence[str] = (),
    jurisdiction: str | None = None,
    store: str | Path | None = None,
    profile: str | Path | None = None,
    engine: Engine = Engine.AUTO,
) -> Report:
    """The report on the catalogue in a file, as `bpsgraph validate` gives it.

    `jurisdiction` (`140500`, `140500/2021`) is the place of a table that does not say its own.
    `store` is the folder of a store, by default the one of the settings; `profile` is a file of severities
    and waivers. Raises what `validate_submission` raises, `StoreMissing` without a store, and what reading
    the file (`bpsgraph.ingest.read`) and the profile (`read_profile`) raises.

    >>> validate("data/ttl/local/140500-2021.ttl", edition="2023").counts()  # doctest: +SKIP
    """
    settings = load_settings({"store": store})
    sources = find_sources(settings.sources)
    shapes = ShapesGraph.read(sources.shapes())
    library = Library(sources.root / "queries")
    policy = profile_of(Path(profile), rules_of(shapes).values(), library) if profile else None
    with open_store(settings.store) as opened:
        return validate_submission(
            read(path, limit=settings.max_file_size, names=names_of(opened), jurisdiction=jurisdiction),
            opened,
            library,
            shapes,
            edition=edition,
            as_of=as_of,
            against=against,
            today=date.today(),
            profile=policy,
            engine=engine,
        )


def validate_submission(
    submission: Submission,
    store: Store,
    library: Library,
    shapes: ShapesGraph,
    *,
    edition: str | None = None,
    as_of: date | None = None,
    against: Sequence[str] = (),
    today: date,
    context: Submission | None = None,
    profile: Profile | None = None,
    engine: Engine = Engine.AUTO,
) -> Report:
    """The report on the one catalogue in a submission.

    Compared with the text of the `edition` (a year, or `current` for today's floors), with the floors in
    force `as_of` a day, or with the text of the catalogues `against` which it is judged (their IRIs); else
    with the edition that the catalogue itself names, else with today's floors.

    Raises `BadParameter` where two of these are given, or where a catalogue is not above this one;
    `UnknownEdition`, `UnknownCatalogue`; and `MalformedFile` where the file does not hold exactly one
    catalogue.
    """
    return prepare(store, library, shapes).validate(
        submission,
        edition=edition,
        as_of=as_of,
        against=against,
        today=today,
        context=context,
        profile=profile,
        engine=engine,
    )


class Validator:
    """Judges one submission after another; what they are judged against is made ready once."""

    def __init__(self, store: Store, library: Library, shapes: ShapesGraph) -> None:
        self.store = store
        self.library = library
        self.shapes = shapes
        self._prepared = Prepared(store, library)

    def make_ready(self) -> None:
        """Read what every submission is judged against, so that the first one does not wait for it."""
        self._prepared.make_ready()

    def validate(
        self,
        submission: Submission,
        *,
        edition: str | None = None,
        as_of: date | None = None,
        against: Sequence[str] = (),
        today: date,
        context: Submission | None = None,
        profile: Profile | None = None,
        engine: Engine = Engine.AUTO,
    ) -> Report:
        """The report on the one catalogue in a submission; see `validate_submission`."""
        submission = to_judge(submission)
        catalogue = catalogue_in(submission)
        if against:
            moment = _moment_against(against, self.store, edition or as_of)
        else:
            moment = moment_of(submission, catalogue, self.store, edition=edition, as_of=as_of, today=today)
        beside = context.triples if context is not None else ()
        with self._prepared.comparing(submission.triples, catalogue, moment=moment, beside=beside) as work:
            judgement = _judged(
                submission, catalogue, moment, work, self.store, self.library, self.shapes, engine
            )
            return report_of(judgement, submission, self.shapes, today=today, profile=profile)


def prepare(store: Store, library: Library, shapes: ShapesGraph) -> Validator:
    """A validator for many submissions against one store, which must stay open and as it is meanwhile."""
    return Validator(store, library, shapes)


def catalogue_in(submission: Submission) -> str:
    """The IRI of the one catalogue that a file describes."""
    classes = {NamedNode(BPS + "Catalogue"), NamedNode(BPS + "NationalBaseline")}
    found = sorted(
        {str(t.subject.value) for t in submission.triples.having(RDF_TYPE, classes)}  # type: ignore[union-attr]
    )
    if len(found) != 1:
        raise MalformedFile(
            submission.name,
            f"a submission describes one catalogue, and this file describes {len(found) or 'none'}",
            "state one bps:Catalogue in it, each further one in a file of its own",
        )
    return found[0]


def moment_of(
    submission: Submission,
    catalogue: str,
    store: Store,
    *,
    edition: str | None,
    as_of: date | None,
    today: date,
) -> Moment:
    """Which floors the catalogue is compared with; see `validate_submission`."""
    if edition and as_of:
        raise BadParameter(
            "edition",
            "an edition and a date are two different questions",
            "give --edition for the text of an edition, or --as-of for the floors of a day",
        )
    if as_of:
        return Moment(day=as_of)
    if edition == CURRENT:
        return Moment(day=today)
    known = national_editions(store)
    if edition:
        if edition not in known:
            raise UnknownEdition(edition, [*known, CURRENT])
        return Moment(edition=known[edition])
    said = next(
        (
            triple.object.value
            for triple in submission.triples.having(NamedNode(BPS + "baseline"))
            if triple.subject == NamedNode(catalogue) and isinstance(triple.object, NamedNode)
        ),
        None,
    )
    return Moment(edition=said) if said in known.values() else Moment(day=today)


def _moment_against(against: Sequence[str], store: Store, other: object) -> Moment:
    if other:
        raise BadParameter(
            "--against",
            "the text of a catalogue and the floors of an edition or a day are different questions",
            "leave out --edition and --as-of",
        )
    known = catalogues_of(store)
    for catalogue in against:
        if catalogue not in known:
            raise UnknownCatalogue(short(catalogue), [short(iri) for iri in known])
    return Moment(against=tuple(against))


def national_editions(store: Store) -> Mapping[str, str]:
    """The State's complete editions by their year."""
    prefix, graphs = BASE + "catalogue/100000/", GRAPH + "catalogue/100000/"
    # All graphs of a country are too many to look through.
    found = {str(row["graph"]).strip("<>") for row in select(store, _OF_THE_STATE)}
    years = sorted(graph.removeprefix(graphs) for graph in found if graph.startswith(graphs))
    return {year: prefix + year for year in years if year.isdigit()}


def judge(
    submission: Submission,
    catalogue: str,
    moment: Moment,
    store: Store,
    library: Library,
    shapes: ShapesGraph,
    *,
    context: Submission | None = None,
    engine: Engine = Engine.AUTO,
) -> Judgement:
    """Derive the comparisons of a catalogue, and judge it in its context by the shapes or the queries."""
    beside = context.triples if context is not None else ()
    work = Prepared(store, library).compare(submission.triples, catalogue, moment=moment, beside=beside)
    return _judged(submission, catalogue, moment, work, store, library, shapes, engine)


def _judged(
    submission: Submission,
    catalogue: str,
    moment: Moment,
    work: Workspace,
    store: Store,
    library: Library,
    shapes: ShapesGraph,
    engine: Engine,
) -> Judgement:
    if engine in (Engine.AUTO, Engine.SPARQL):
        results, failed = run_queries(work, library, catalogue, SUBMITTED, shapes)
    else:
        focus = {triple.subject for triple in submission.triples}
        results, failed = run_rules(shapes, tuple(work.triples()), engine, focus=focus)  # type: ignore[arg-type]
    _add_rows(results, work, store, library)
    return Judgement(catalogue, moment, work, frozenset(results), failed)


def _add_rows(results: Collection[Result], work: Workspace, store: Store, library: Library) -> None:
    query = rows_to_add(results, StoredFacts(work), library)
    if query is not None:
        work.replace_graph(f"{GRAPH}rows-to-add", construct(store, query).triples)


def rows_to_add(results: Iterable[Result], facts: Facts, library: Library) -> str | None:
    """The query for what the catalogues above say in the rows that are missing, for findings to quote."""
    missing = [result.value for result in results if result.shape.endswith("#completeness-item")]
    rows = {
        row for floor in missing for row in facts.values(floor, "statement") if isinstance(row, NamedNode)
    }
    if not rows:
        return None
    return filled(library.text("derive/rows-to-add"), {"row": sorted(rows, key=lambda row: row.value)})


def verdicts_on(
    catalogue: str,
    store: Store,
    library: Library,
    *,
    edition: str | None = None,
    as_of: date | None = None,
    today: date,
) -> list[Verdict]:
    """The verdicts on a catalogue that is in the store, one for each floor, plainly met ones included.

    Raises `UnknownCatalogue` where the store has no such catalogue, and what `moment_of` raises.
    """
    known = catalogues_of(store)
    if catalogue not in known:
        raise UnknownCatalogue(short(catalogue), [short(iri) for iri in known])
    submission = Submission(short(catalogue), store.graph(known[catalogue][1]))
    moment = moment_of(submission, catalogue, store, edition=edition, as_of=as_of, today=today)
    work = Prepared(store, library).compare(submission.triples, catalogue, moment=moment)
    facts = StoredFacts(work)
    facts.read(graphs_of_verdicts(catalogue))
    return verdicts_of(facts, catalogue)


def report_of(
    judgement: Judgement,
    submission: Submission,
    shapes: ShapesGraph,
    *,
    today: date,
    profile: Profile | None = None,
) -> Report:
    """The judgement in words, with the severities and waivers of the profile as they hold today."""
    facts = StoredFacts(judgement.work, judgement.work.lasting)
    facts.read(graphs_of_verdicts(judgement.catalogue))
    return report_on(
        Judged(judgement.catalogue, judgement.moment, judgement.results, judgement.failed),
        submission,
        shapes,
        facts,
        operands_in(judgement.work),
        verdicts=tuple(verdicts_of(facts, judgement.catalogue)),
        today=today,
        profile=profile,
    )
