"""One run over a folder: find, judge what has changed, compare with the last run, and write it all down."""

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.batch.changes import Earlier, read_earlier
from bpsgraph.batch.desk import Judge, Plan
from bpsgraph.batch.lake import Lake
from bpsgraph.batch.outcome import Outcome, Problem
from bpsgraph.batch.page import to_html
from bpsgraph.batch.records import Records
from bpsgraph.batch.shelf import Shelf
from bpsgraph.batch.summary import Summary, summarise, to_csv, to_json
from bpsgraph.batch.survey import Survey, shown, survey
from bpsgraph.batch.tables import Entry
from bpsgraph.batch.workers import Start, judge_all, processes
from bpsgraph.errors import BadParameter
from bpsgraph.ingest import Submission
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.sources import Sources
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from bpsgraph.validation import moment_of
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph

SUMMARIES = ("summary.csv", "summary.html", "summary.json")


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: of `total` submissions `done`, `kept` of them from an earlier run; the last one."""

    done: int
    kept: int
    total: int
    outcome: Outcome | None


Progress = Callable[[Step], None]


def run(
    plan: Plan,
    *,
    workers: int,
    timeout: float,
    fresh: bool = False,
    compare: Path | None = None,
    progress: Progress = lambda step: None,
    start: Start = processes,
) -> Summary:
    """Judge the submissions of a folder, write reports and summary, and give the summary.

    A submission that has not changed since it was judged by the same rules is not judged again, unless
    `fresh`. `compare` is the folder of the reports of the run to compare with, else the last one into this
    folder. `timeout` is in seconds for each submission.

    Raises what finding the files (`survey`), the plan's profile (`read_profile`), its edition or day
    (`moment_of`) and the folder of the reports (`Shelf.held`) raise, and a `StoreError` where the store
    fails; what was judged by then is kept.
    """
    _check(plan)
    if plan.profile is not None:
        rules = rules_of(ShapesGraph.read(Sources(plan.sources).shapes())).values()
        profile_of(plan.profile, rules, Library(plan.sources / "queries"))
    found = survey(plan.folder)
    shelf = Shelf(plan.output)
    # The store stays open, so that all workers find the same generation of it.
    with open_store(plan.store) as store, shelf.held():
        plan = plan.with_basis(store)
        nothing = Submission("", Triples(frozenset()))
        moment_of(nothing, BASE, store, edition=plan.edition, as_of=plan.as_of, today=plan.today)
        other = read_earlier(compare) if compare else None
        if compare and other is None:
            raise BadParameter(
                str(compare), "no run has left a summary there", "name the folder of its reports"
            )
        lake, records = Lake(shelf), Records(shelf)
        if fresh:
            lake.forget()
            records.clear()
        entries = lake.entries()
        kept = _kept(plan, found, entries)
        outcomes = _outcomes(plan, found, shelf, kept, records, workers, timeout, progress, start)
        last = read_earlier(plan.output)
        repeated = last is not None and last.same_as(outcomes)
        earlier = other or _base(plan.output, last, repeated)
        name = shown(Path(plan.folder.resolve().name))
        summary = summarise(name, _asked(plan), outcomes, found.skipped, earlier)
        if last is not None and not repeated:
            for name in SUMMARIES:
                if (plan.output / name).is_file():
                    shelf.write(f"previous/{name}", (plan.output / name).read_bytes())
        contents = {piece.file: piece.content for piece in found.pieces}
        lake.put(kept, [one for one in outcomes if one.file not in kept], contents, records)
        wanted = {report for outcome in outcomes for report in outcome.reports}
        for entry in entries.values():
            for report in entry.outcome.reports:
                if report not in wanted:
                    shelf.remove(report)
        shelf.write("summary.csv", to_csv(summary))
        shelf.write("summary.html", to_html(summary))
        # The last one: with it the run is the one that the next is compared with.
        shelf.write("summary.json", to_json(summary))
        records.clear()
    return summary


def _check(plan: Plan) -> None:
    if plan.output.resolve().is_relative_to(plan.folder.resolve()):
        raise BadParameter(
            str(plan.output), "the reports would lie among the submissions", "name a folder outside with -o"
        )
    if plan.folder.resolve().is_relative_to(plan.output.resolve()):
        raise BadParameter(
            str(plan.output), "the submissions would lie among the reports", "name another folder with -o"
        )


def _base(output: Path, last: Earlier | None, repeated: bool) -> Earlier | None:
    """The run to compare with: the last one that was different, so that a repeated run changes nothing."""
    return read_earlier(output / "previous") if repeated else last


def _kept(plan: Plan, found: Survey, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """What an earlier run has judged and nothing has changed of that it depends on, by file."""
    judge = Judge(plan)
    return {
        piece.file: entry
        for piece in found.pieces
        if (entry := entries.get(piece.file))
        and entry.outcome.key == plan.key(piece)
        and judge.holds(entry.outcome)
    }


def _outcomes(
    plan: Plan,
    found: Survey,
    shelf: Shelf,
    kept: Mapping[str, Entry],
    records: Records,
    workers: int,
    timeout: float,
    progress: Progress,
    start: Start,
) -> list[Outcome]:
    judge = Judge(plan)
    outcomes = [Outcome(file=file, key="", problem=Problem.of(error)) for file, error in found.closed]
    outcomes += [entry.outcome for entry in kept.values()]
    total = len(found.pieces) + len(found.closed)
    pieces, recorded = [], records.outcomes()
    for piece in found.pieces:
        if piece.file not in kept:
            known = recorded.get(plan.key(piece))
            if known is not None and judge.holds(known):
                outcomes.append(known)
            else:
                pieces.append(piece)
    known_before = len(outcomes) - len(found.closed)
    progress(Step(len(outcomes), known_before, total, None))
    judged = judge_all(pieces, judge, shelf.working, workers=workers, timeout=timeout, start=start)
    with closing(judged):
        for outcome in judged:
            outcomes.append(outcome)
            progress(Step(len(outcomes), known_before, total, outcome))
    return outcomes


def _asked(plan: Plan) -> dict[str, str | None]:
    return {
        "edition": plan.edition,
        "asOf": plan.as_of.isoformat() if plan.as_of else None,
        "profile": plan.profile.name if plan.profile else None,
    }


def default_workers() -> int:
    """One for each processor that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Not Linux.
        return os.cpu_count() or 1


def default_output(folder: Path) -> Path:
    """`DIR.reports`, beside the folder."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.reports")
