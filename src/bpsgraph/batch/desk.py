"""What a worker of a run does with each submission, and what it keeps of it."""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pyoxigraph import NamedNode

import bpsgraph
from bpsgraph import opening
from bpsgraph.batch.outcome import Outcome, Problem
from bpsgraph.batch.records import Records, records_below
from bpsgraph.batch.shelf import Shelf, report_name
from bpsgraph.batch.survey import Piece
from bpsgraph.batch.tables import Judged
from bpsgraph.batch.workers import Hand
from bpsgraph.errors import (
    FolderNotShared,
    InputError,
    JudgingFailed,
    PartlyUnread,
    RuleNotRun,
    StoreError,
    UnreadableFile,
    UnwritableFile,
    visible,
)
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library
from bpsgraph.results import Outcome as Became
from bpsgraph.results import Report, Text
from bpsgraph.sources import Sources
from bpsgraph.store import EmbeddedStore, Store, select
from bpsgraph.store.marker import Marker
from bpsgraph.terms import BASE, BPS
from bpsgraph.validation import Profile, catalogue_in
from bpsgraph.validation import report as formats
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.desk import Desk, clear, desk_of
from bpsgraph.validation.report.annotated import annotate
from bpsgraph.validation.report.words import place as where
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph

_Result = TypeVar("_Result")
# Raised when a record or a report of an earlier version no longer means the same.
_FORMAT = 2
# To get ready for a pass over many takes no longer than to judge so many one by one.
_SEVERAL = 2
# How much of what is judged may be lost with a worker, unless a single submission takes longer.
_SECONDS = 5.0
# So many findings of a rule are in a report; all are counted.
_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run judges by and writes; it travels to every worker.

    `basis` is the hash of everything but the submissions that an outcome depends on; `generation` is that of
    the store, which whoever made the plan holds.
    """

    folder: Path
    output: Path
    store: Path
    sources: Path
    today: date
    edition: str | None = None
    as_of: date | None = None
    formats: tuple[str, ...] = ("json",)
    annotated: bool = False
    profile: Path | None = None
    lang: str = "zh"
    limit: int = 32_000_000
    basis: str = ""
    generation: Marker | None = None

    def key(self, piece: Piece) -> str:
        """The hash of the submission and of everything that its outcome depends on, days apart."""
        return _hash([self.basis, piece.file, piece.content])

    def with_basis(self, store: EmbeddedStore) -> "Plan":
        """The plan with its basis: version, rules, the state of the store, and what was asked for."""
        sources = Sources(self.sources)
        rules = [
            [file.relative_to(self.sources).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()]
            for file in (*sources.shapes(), *sources.queries())
        ]
        marker = store.marker
        # A store that is built anew from the same is another generation with the same in it.
        state = [marker and [marker.inputs, marker.triples, marker.entry, marker.entry_hash], store.graphs()]
        policy = None
        if self.profile is not None:
            # Waivers hold until a day.
            policy = [hashlib.sha256(opening.content(self.profile)).hexdigest(), self.today.isoformat()]
        asked = [
            self.edition,
            self.as_of.isoformat() if self.as_of else None,
            self.formats,
            self.annotated,
            policy,
            self.lang,
            self.limit,
        ]
        basis = _hash([_FORMAT, bpsgraph.__version__, rules, state, asked])
        return replace(self, basis=basis, generation=marker)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one submission after the other, writes the reports and keeps the outcome."""

    plan: Plan

    def prepare(self) -> None:
        """Open store, queries and rules; raises a `StoreError` where the store fails.

        They stay open for the next batch of the same plan, and a worker of a cluster outlives many plans.
        """
        plan = self.plan
        for folder in (plan.folder, plan.store, plan.sources):
            if not folder.exists():
                raise FolderNotShared(platform.node(), folder)
        _begin(plan)
        self._desk()
        _policy(self.plan.profile, self.plan.sources)

    def _desk(self) -> Desk:
        return desk_of(self.plan.store, self.plan.sources, self.plan.generation)

    def __call__(self, pieces: Sequence[Piece], hand: Hand) -> list[Outcome]:
        """The outcome of each submission, whatever it is like; raises `StoreError` and `UnwritableFile`."""
        shelf = Shelf(self.plan.output)
        records, begun = Records(shelf), time.monotonic()
        outcomes: list[Outcome] = []
        waiting: list[Judged] = []
        given = [self._read(piece, hand) for piece in pieces]
        reports = self._judged_together(pieces, given, hand)
        try:
            for piece, read_ in zip(pieces, given, strict=True):
                with hand(piece):
                    judged, written = self._judged(piece, read_, reports.get(piece.file))
                    for name, content in written.items():
                        shelf.write(name, content)
                outcomes.append(judged.outcome)
                waiting.append(judged)
                if time.monotonic() - begun > _SECONDS:
                    records.keep(waiting)
                    waiting, begun = [], time.monotonic()
        finally:
            records.keep(waiting)
        return outcomes

    def known(self, piece: Piece) -> Outcome | None:
        """The outcome that this run, or one that was interrupted, has kept of a submission."""
        outcome = records_below(self.plan.output).outcomes().get(self.plan.key(piece))
        return outcome if outcome is not None and self.holds(outcome) else None

    def holds(self, outcome: Outcome) -> bool:
        """Whether an outcome of an earlier turn is that of today, and its reports are there."""
        if not self.plan.as_of and outcome.as_of not in {None, self.plan.today}:
            return False
        return all((self.plan.output / name).is_file() for name in outcome.reports)

    def _read(self, piece: Piece, hand: Hand) -> Submission | Outcome:
        """What is in the file, or why that cannot be said."""

        def in_the_file() -> Submission:
            try:
                found = read(piece.path, limit=self.plan.limit, names=self._desk().names)
            except InputError as error:
                self._refuse_changed(piece, error)
                raise
            if found.hash != f"sha256:{piece.content}":
                raise _changed(piece)
            return replace(found, name=piece.file)

        with hand(piece):
            return self._attempted(piece, in_the_file)

    def _refuse_changed(self, piece: Piece, cause: InputError) -> None:
        """What is wrong with a file that has changed is not said of its content as it was."""
        try:
            now = hashlib.sha256(opening.content(piece.path, self.plan.limit)).hexdigest()
        except InputError:
            return
        if now != piece.content:
            raise _changed(piece) from cause

    def _judged_together(
        self, pieces: Sequence[Piece], given: Sequence[Submission | Outcome], hand: Hand
    ) -> dict[str, Report]:
        """The reports on those that can be judged in one pass, by file; the rest is judged one by one."""
        plan, desk = self.plan, self._desk()
        fit = [(p, s) for p, s in zip(pieces, given, strict=True) if isinstance(s, Submission) and _is_one(s)]
        if len(fit) < _SEVERAL:
            return {}
        with hand(*(piece for piece, _ in fit)):
            try:
                reports = desk.many.reports(
                    [submission for _, submission in fit],
                    edition=plan.edition,
                    as_of=plan.as_of,
                    today=plan.today,
                    profile=_policy(plan.profile, plan.sources),
                    verdicts=bool(plan.formats or plan.annotated),
                )
            except (StoreError, KeyboardInterrupt, SystemExit):
                raise
            except BaseException:  # One is at fault, and only those that are judged alone can say for what.
                clear()
                return {}
        return {report.file: report for report in reports}

    def _judged(
        self, piece: Piece, given: Submission | Outcome, known: Report | None
    ) -> tuple[Judged, Mapping[str, str | bytes]]:
        """What became of a submission, and the files about it; `known` is its report where there is one."""
        if isinstance(given, Outcome):
            return Judged(given), {}

        def told() -> tuple[Judged, Mapping[str, str | bytes]]:
            desk, plan = self._desk(), self.plan
            report = known or desk.validator.validate(
                given,
                edition=plan.edition,
                as_of=plan.as_of,
                today=plan.today,
                profile=_policy(plan.profile, plan.sources),
            )
            return self._told(piece, plan.key(piece), given, report, desk)

        found = self._attempted(piece, told)
        return (Judged(found), {}) if isinstance(found, Outcome) else found

    def _attempted(self, piece: Piece, act: Callable[[], _Result]) -> _Result | Outcome:
        """What comes of an act, or the outcome that says why nothing does."""
        try:
            return act()
        except (StoreError, UnwritableFile, KeyboardInterrupt, SystemExit):
            raise
        except InputError as error:
            problem = Problem.of(error)
            sentence = problem.sentence.replace(str(piece.path), piece.file)
            # A file that changes meanwhile is perhaps whole the next time, with the same content as before.
            changed = isinstance(error, UnreadableFile) and error.changed
            key = "" if changed else self.plan.key(piece)
            return Outcome(file=piece.file, key=key, problem=replace(problem, sentence=sentence))
        except BaseException as error:  # A panic in native code is no Exception; neither may end the run.
            # Whatever it left half done is not to touch the next submission.
            clear()
            reason = visible(f"{type(error).__name__}: {error}".partition("\n")[0])
            return Outcome(file=piece.file, key="", problem=Problem.of(JudgingFailed(piece.file, reason)))

    def _told(
        self, piece: Piece, key: str, submission: Submission, report: Report, desk: Desk
    ) -> tuple[Judged, Mapping[str, str | bytes]]:
        """What is kept of a report, and the files that are written about it."""
        plan, rules = self.plan, rules_of(desk.shapes)
        listed = report.limited(_LISTED)
        written: dict[str, str | bytes] = {
            report_name(piece.file, FORMATS[name].suffixes[0]): formats.write(
                name, [listed], rules, plan.lang
            )
            for name in plan.formats
        }
        if plan.annotated and piece.path.suffix.lower() == ".xlsx":
            # What can be read and not be copied has its other reports.
            with suppress(InputError):
                copy = annotate(opening.content(piece.path, plan.limit), listed, plan.lang)
                written[report_name(piece.file, ".annotated.xlsx")] = copy.content
        code, place = _place_of(report, submission, desk.store)
        outcome = Outcome.of(
            report,
            key=key,
            code=code,
            place=place,
            unread=_unread(report),
            not_run=_not_run(report),
            assurances={rule.id: rule.assurance for rule in rules.values()},
            reports=tuple(written),
        )
        return Judged(outcome, report.findings), written


def _changed(piece: Piece) -> UnreadableFile:
    cure = "wait until it is saved, and run once more"
    return UnreadableFile(piece.file, "it changed after the run began", cure, changed=True)


def _is_one(submission: Submission) -> bool:
    """Whether it describes one catalogue."""
    try:
        return bool(catalogue_in(submission))
    except InputError:
        return False


def _unread(report: Report) -> Problem | None:
    if not report.unread:
        return None
    first, *others = report.unread
    return Problem.of(PartlyUnread(report.file, where(first, "en"), first.message.en, len(others)))


def _not_run(report: Report) -> Problem | None:
    failed = [status for status in report.rules if status.outcome is Became.ERROR]
    if not failed:
        return None
    return Problem.of(RuleNotRun(report.file, failed[0].rule, failed[0].problem or ""))


def _place_of(report: Report, submission: Submission, store: Store) -> tuple[str | None, Text | None]:
    """Code and name of the place whose catalogue it is."""
    places = sorted(
        triple.object.value
        for triple in submission.triples.having(_JURISDICTION)
        if isinstance(triple.object, NamedNode)
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value == report.catalogue
    )
    if not places:
        return None, None
    rows = select(store, _LABELS.format(place=NamedNode(places[0])))
    said: dict[str, str] = {}
    for row in rows:
        label = row["label"]
        assert label is not None
        said.setdefault(getattr(label, "language", None) or "zh", visible(str(label.value)))
    code = places[0].removeprefix(BASE + "jurisdiction/")
    first = next(iter(said.values()), code)
    return code, Text(said.get("zh", first), said.get("en", said.get("zh", first)))


_JURISDICTION = NamedNode(BPS + "jurisdiction")
_LABELS = "SELECT ?label WHERE {{ {place} skos:prefLabel ?label }} ORDER BY ?label"


@lru_cache(maxsize=1)
def _begin(plan: Plan) -> None:
    """Leave nothing of another plan: its rules may have been others under the same names."""
    clear()
    _policy.cache_clear()


@lru_cache(maxsize=1)
def _policy(profile: Path | None, sources: Path) -> Profile | None:
    if profile is None:
        return None
    rules = rules_of(ShapesGraph.read(Sources(sources).shapes())).values()
    return profile_of(profile, rules, Library(sources / "queries"))


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
