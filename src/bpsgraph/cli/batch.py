"""`bpsgraph batch`: judge a folder of submissions, rank them, and say what has changed since the last run."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

from bpsgraph.batch import Plan, Progress, Step, Summary, default_output, default_workers, run, words
from bpsgraph.batch.workers import OF_MANY, Start, processes
from bpsgraph.cli.arguments import day
from bpsgraph.cli.output import LanguageOption, StoreOption, table, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.remote import folder_of
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter
from bpsgraph.formats import by_name
from bpsgraph.sources import find_sources
from bpsgraph.uploads.asked import THRESHOLDS
from bpsgraph.validation.report import WRITERS

# The tables of the lake are written always; as the only format they are all that is.
TABLES = "parquet"
# A longer table is in the summary.
_LISTED = 40
# How often a line says how far the run is where there is no terminal.
_SECONDS = 5.0


def batch(
    folder: Annotated[Path, Argument(metavar="DIR", help="The folder with the submissions.")],
    output: Annotated[
        list[Path] | None,
        Option(
            "--output",
            "-o",
            metavar="LAKE|FILE.xlsx",
            help="The folder to write into (default: DIR.reports); FILE.xlsx is the summary as a workbook.",
        ),
    ] = None,
    workers: Annotated[
        int | None, Option(metavar="N", help="How many processes judge (default: one per processor).")
    ] = None,
    scheduler: Annotated[
        str | None,
        Option(metavar="ADDRESS", help="Judge on a Dask cluster: its scheduler (tcp://host:8786)."),
    ] = None,
    edition: Annotated[
        str | None,
        Option(metavar="2021|2023|current", help="Compare with the text of that edition, or with today."),
    ] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="Compare with the floors in force on that day.")
    ] = None,
    format: Annotated[
        str | None,
        Option(
            "--format",
            metavar="NAMES",
            help="Formats of each report (default: html), json always with them; parquet alone: no reports.",
        ),
    ] = None,
    annotated: Annotated[
        bool, Option("--annotated", help="A copy of each workbook with its findings in the cells, too.")
    ] = False,
    profile: Annotated[
        Path | None,
        Option(metavar="FILE", help="Severities that you change, and waivers, in a file of TOML."),
    ] = None,
    fail_on: Annotated[
        str,
        Option(metavar="|".join(THRESHOLDS), help="From which severity on the exit code is 1."),
    ] = "violation",
    compare: Annotated[
        Path | None,
        Option(metavar="OUT", help="Compare with the run of that folder instead of the last one."),
    ] = None,
    timeout: Annotated[
        float, Option(metavar="SECONDS", help="When the judging of one file is ended.")
    ] = 120.0,
    fresh: Annotated[bool, Option("--fresh", help="Judge all anew, changed or not.")] = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Judge every submission in a folder: a report each, tables of all, a ranking, and what has changed.

    \b
      bpsgraph batch counties
      bpsgraph batch counties -o reports -o ranking.xlsx
      bpsgraph batch counties --edition 2023 --format json,csv --fail-on never
      bpsgraph batch nation --format parquet -o lake

    Tables and RDF files are judged, in the folder and those below it. What has not changed since the last run
    is not judged again, so that a run that was interrupted goes on where it was. The exit code is 1 where a
    submission has findings at or above --fail-on, 2 where a file, or a part of one, could not be used.
    """
    settings = load_settings({"store": store, "lang": lang})
    if fail_on not in THRESHOLDS:
        raise BadParameter(
            "--fail-on", f"{fail_on!r} is no severity", f"choose one of: {', '.join(THRESHOLDS)}"
        )
    if workers is not None and workers < 1:
        raise BadParameter("--workers", f"{workers} processes judge nothing", "give 1 or more")
    if workers is not None and scheduler is not None:
        raise BadParameter("--workers", "a cluster has its own workers", "leave out --workers or --scheduler")
    if not 0 < timeout < float("inf"):
        raise BadParameter("--timeout", f"{timeout:g} is no time", "give a number of seconds above 0")
    books = [path for path in output or [] if path.suffix.lower() == ".xlsx"]
    folders = [path for path in output or [] if path not in books]
    if len(folders) > 1:
        raise BadParameter("-o", "the reports go into one folder", "name one, and workbooks as FILE.xlsx")
    plan = Plan(
        folder=folder,
        output=folders[0] if folders else default_output(folder),
        store=folder_of(settings).resolve(),
        sources=find_sources(settings.sources).root.resolve(),
        today=date.today(),
        edition=edition,
        as_of=day(as_of),
        formats=_formats(format),
        annotated=annotated,
        profile=profile,
        lang=settings.lang,
        limit=settings.max_file_size,
    )
    if scheduler is not None:
        plan = _from_anywhere(plan)
    try:
        with _crew(scheduler, workers, settings.max_memory) as (count, start), _progress() as progress:
            summary = run(
                plan,
                workers=count,
                timeout=timeout,
                fresh=fresh,
                compare=compare,
                progress=progress,
                start=start,
            )
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one was", file=sys.stderr)
        return 130
    if books:
        from bpsgraph.batch.workbook import to_xlsx

        for path in books:
            write(to_xlsx(summary), path)
    print(_told(summary, plan.output, settings.lang), end="")
    for row in summary.rows:
        found = (row.outcome.problem, row.outcome.unread, row.outcome.not_run)
        for problem in filter(None, found):
            print(f"error: {problem.sentence} See docs/errors.md#{problem.code}", file=sys.stderr)
    if summary.not_run:
        return 3
    if summary.unusable or summary.partly_unread:
        return 2
    return int(summary.failing(THRESHOLDS[fail_on]) > 0)


def _from_anywhere(plan: Plan) -> Plan:
    """The plan with paths that hold for workers that were started in another folder."""
    profile = plan.profile.absolute() if plan.profile else None
    return replace(plan, folder=plan.folder.absolute(), output=plan.output.absolute(), profile=profile)


@contextmanager
def _crew(scheduler: str | None, workers: int | None, memory: int) -> Iterator[tuple[int, Start]]:
    """How many judge at once, and what starts them."""
    if scheduler is None:
        # More than a number of the kernel holds is as good as no limit.
        yield workers or default_workers(), partial(processes, memory=min(OF_MANY * memory, sys.maxsize))
        return
    from bpsgraph.batch.cluster import cluster

    with cluster(scheduler) as found:
        yield found.workers, found.start


def _formats(names: str | None) -> tuple[str, ...]:
    if names is None:
        return words.DEFAULT_FORMATS
    offers = tuple(WRITERS)
    asked = {by_name(name.strip(), (*offers, TABLES)).name for name in names.split(",") if name.strip()}
    if asked == {TABLES}:
        return ()
    return tuple(name for name in offers if name in asked | {"json"})


def _told(summary: Summary, output: Path, language: str) -> str:
    columns, rows = words.table(summary, language)
    text = table(columns, rows[:_LISTED]) if rows else ""
    if len(rows) > _LISTED:
        text += f"… {len(rows) - _LISTED}\n"
    return text + "\n".join([*words.totals(summary, language), str(output / "summary.html")]) + "\n"


@contextmanager
def _progress() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None, pace="")
        pace = Pace()

        def step(step: Step) -> None:
            name = step.outcome.file if step.outcome else ""
            said = pace.said(step, time.monotonic())
            bar.update(task, total=step.total, completed=step.done, description=name[-40:], pace=said)

        yield step


class Pace:
    """How fast this run judges: what an earlier one has judged, and the time to find that, do not count."""

    def __init__(self) -> None:
        self._known, self._begun = 0, 0.0

    def said(self, step: Step, now: float) -> str:
        """At `now`, in seconds: how many are judged in a second, minute or hour, and how long the rest takes.

        Nothing before the first is judged.
        """
        if step.outcome is None:
            self._known, self._begun = step.done, now
        judged = step.done - self._known
        if not judged:
            return ""
        seconds = max(now - self._begun, 1e-6) / judged
        rate = _rate(seconds)
        left = step.total - step.done
        return f"{rate}, {_duration(round(left * seconds))} left" if left else rate


def _rate(seconds: float) -> str:
    """How many in a second; in a minute or an hour where that would be next to none."""
    for unit, length in (("s", 1), ("min", 60)):
        if seconds < length * 10:
            return f"{length / seconds:.1f}/{unit}"
    return f"{3600 / seconds:.1f}/h"


def _duration(seconds: int) -> str:
    """`45 s`, `12 min`, `3 h 05 min`."""
    if seconds < 100:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


class _Lines:
    """A line at the beginning, at the end, and every few seconds between."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._last = time.monotonic()

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        said = self._pace.said(step, now)
        if step.outcome is None:
            if step.kept:
                print(f"{step.kept} of {step.total} have not changed", file=sys.stderr)
        elif step.done == step.total or now - self._last >= _SECONDS:
            self._last = now
            print(f"{step.done} of {step.total} judged, {said}", file=sys.stderr)
