"""Many submissions judged in one pass, with the reports that each would have by itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.plan import Pattern
from bpsgraph.columns.plans import plan_of_select
from bpsgraph.columns.relation import Relation
from bpsgraph.ingest import Submission
from bpsgraph.library import Library
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Report
from bpsgraph.store.base import Store, construct
from bpsgraph.terms import BPS, Term
from bpsgraph.validation import Validator, catalogue_in, moment_of, prepare, rows_to_add, to_judge
from bpsgraph.validation.alike import verdicts_of_world
from bpsgraph.validation.findings import Operands, first_of_each, operands_query
from bpsgraph.validation.profile import Profile
from bpsgraph.validation.reporting import Judged, report_on
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.sayings import WorldFacts
from bpsgraph.validation.second_opinion import finding_queries, results_of, says
from bpsgraph.validation.shapes import Result, ShapesGraph
from bpsgraph.validation.verdicts import Moment
from bpsgraph.validation.workspaces import Submitted, Workspaces

_About = tuple[Term, Term | None]


@dataclass(frozen=True, slots=True)
class _Piece:
    place: int
    submission: Submission
    catalogue: str


class Many:
    """Judges submissions together; the store must stay open and as it is meanwhile.

    Those that have to be judged by themselves (`Workspaces.lay`) are, with the same outcome. Workspaces that
    are there already may be given.
    """

    def __init__(
        self, store: Store, library: Library, shapes: ShapesGraph, workspaces: Workspaces | None = None
    ) -> None:
        self._store = store
        self._library = library
        self._shapes = shapes
        self._workspaces = workspaces or Workspaces(store, library)
        self._alone: Validator | None = None
        rules = rules_of(shapes)
        self._queries = finding_queries(library)
        self._complete = all(
            any(says(library.text(name), shape) for name in self._queries) for shape in rules
        )

    def reports(
        self,
        submissions: Sequence[Submission],
        *,
        edition: str | None = None,
        as_of: date | None = None,
        today: date,
        profile: Profile | None = None,
        verdicts: bool = False,
    ) -> list[Report]:
        """The report on each submission, as `Validator.validate` gives it; its verdicts only where asked for.

        Otherwise they are counted.

        Raises what `Validator.validate` raises for any of them: give those that may be at fault one by one.
        """
        reports: list[Report | None] = [None] * len(submissions)
        together = defaultdict[Moment, list[_Piece]](list)
        for place, given in enumerate(submissions):
            submission = to_judge(given)
            catalogue = catalogue_in(submission)
            moment = moment_of(submission, catalogue, self._store, edition=edition, as_of=as_of, today=today)
            together[moment].append(_Piece(place, submission, catalogue))
        for moment, pieces in together.items():
            for piece, report in zip(
                pieces, self._judged(pieces, moment, today, profile, verdicts), strict=True
            ):
                if report is None:
                    report = self._by_itself(
                        submissions[piece.place], edition=edition, as_of=as_of, today=today, profile=profile
                    )
                reports[piece.place] = report
        return [report for report in reports if report is not None]

    def _by_itself(
        self,
        submission: Submission,
        *,
        edition: str | None,
        as_of: date | None,
        today: date,
        profile: Profile | None,
    ) -> Report:
        if self._alone is None:
            self._alone = prepare(self._store, self._library, self._shapes)
        return self._alone.validate(submission, edition=edition, as_of=as_of, today=today, profile=profile)

    def _judged(
        self,
        pieces: Sequence[_Piece],
        moment: Moment,
        today: date,
        profile: Profile | None,
        verdicts: bool,
    ) -> list[Report | None]:
        if not self._complete:
            # A rule that no query says is run as a shape, on one catalogue after the other.
            return [None] * len(pieces)
        workspaces = self._workspaces
        try:
            given = [Submitted(piece.catalogue, piece.submission.triples) for piece in pieces]
            unfit = set(workspaces.lay(given))
            workspaces.compare(moment)
            results = self._results(len(pieces), unfit)
            operands = self._operands(results)
        except Unsupported:
            return [None] * len(pieces)
        reports: list[Report | None] = []
        counts = workspaces.sayings.counts(BPS + "valueVerdict")
        for world, piece in enumerate(pieces, 1):
            if world in unfit:
                reports.append(None)
                continue
            facts = WorldFacts(workspaces.sayings, world)
            self._quote_rows(facts, results[world])
            counted = {_value_verdict(term): number for term, number in counts.get(world, {}).items()}
            reports.append(
                report_on(
                    Judged(piece.catalogue, moment, results[world]),
                    piece.submission,
                    self._shapes,
                    facts,
                    operands(world),
                    verdicts=verdicts_of_world(facts, piece.catalogue) if verdicts else (),
                    counted=None if verdicts else counted,
                    today=today,
                    profile=profile,
                )
            )
        return reports

    def _results(self, count: int, unfit: set[int]) -> dict[int, set[Result]]:
        known = rules_of(self._shapes)
        results: dict[int, set[Result]] = {world: set() for world in range(1, count + 1)}
        for name in self._queries:
            rows = self._workspaces.construct(name.removeprefix("derive/"))
            if len(rows):
                for world, triples in self._workspaces.triples(rows).items():
                    if world not in unfit:
                        results[world] |= {result for result in results_of(triples) if result.shape in known}
        return results

    def _quote_rows(self, facts: "WorldFacts", results: Iterable[Result]) -> None:
        """Put what the catalogues above say in the missing rows beside the rest, for findings to quote."""
        query = rows_to_add(results, facts, self._library)
        if query is not None:
            facts.add(construct(self._store, query))

    def _operands(self, results: Mapping[int, Iterable[Result]]) -> "_OperandsOfWorlds":
        """What the queries of the rules bind for all results: one pass for each rule that has any."""
        rules = rules_of(self._shapes)
        by_rule = defaultdict[str, list[tuple[int, Result]]](list)
        for world, found in results.items():
            for result in found:
                if rules[result.shape].operands:
                    by_rule[result.shape].append((world, result))
        bound: dict[tuple[int, str], dict[_About, list[dict[str, Term]]]] = {}
        number = self._workspaces.sayings.number
        for shape, asked in by_rule.items():
            worlds = np.array([world for world, _ in asked], np.int32)
            this = np.array([number(result.focus) for _, result in asked], np.int32)
            values = [0 if result.value is None else number(result.value) for _, result in asked]
            of = np.array(values, np.int32)
            rows = self._workspaces.select(_pattern(rules[shape]), Relation(worlds, {"this": this, "of": of}))
            for world, row in zip(rows.worlds.tolist(), self._solutions(rows), strict=True):
                focus = row.pop("this")
                about = bound.setdefault((world, shape), {})
                about.setdefault((focus, row.pop("of", None)), []).append(row)
        return _OperandsOfWorlds(bound)

    def _solutions(self, rows: Relation) -> list[dict[str, Term]]:
        names = [name for name in rows.columns if not name.startswith("#")]
        columns = [rows.columns[name].tolist() for name in names]
        numbers = sorted({number for column in columns for number in column} - {0})
        terms = dict(zip(numbers, self._workspaces.sayings.terms(numbers), strict=True))
        return [
            {name: terms[number] for name, number in zip(names, row, strict=True) if number}
            for row in zip(*columns, strict=True)
        ]


def _pattern(rule: Rule) -> Pattern:
    # The row that stands for the results is given with each pass.
    return plan_of_select(operands_query(rule, "").replace("VALUES (?this ?of) {  }", "", 1))


def _value_verdict(term: Term) -> ValueVerdict:
    return ValueVerdict(term.value.rpartition("/")[2])


class _OperandsOfWorlds:
    def __init__(self, bound: Mapping[tuple[int, str], Mapping[_About, list[dict[str, Term]]]]) -> None:
        self._bound = bound

    def __call__(self, world: int) -> Operands:
        def operands_of(rule: Rule, results: Iterable[Result]) -> dict[_About, dict[str, Term]]:
            found = self._bound.get((world, rule.shape), {})
            return {about: first_of_each(rule, rows) for about, rows in found.items()}

        return operands_of
