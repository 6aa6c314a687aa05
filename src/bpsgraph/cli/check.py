"""`bpsgraph check`: queries whose rows are problems, run over the store."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated

from bpsgraph.answers import state_of
from bpsgraph.answers.checked import answer_of_checks
from bpsgraph.cli.answering import OutputsOption, deliver, offered
from bpsgraph.cli.arguments import severity_of
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BpsError, RuleNotRun
from bpsgraph.library import library_of
from bpsgraph.results import Outcome, Report, Severity, Text
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.uploads.asked import THRESHOLDS
from bpsgraph.validation.checks import checks_of, profile_of, run_checks, unread
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import ShapesGraph

_RAN = Text(
    "{ran}项检查：{passed}项通过，{failed}项有问题（共{rows}处），{error}项未能运行，{skipped}项停用。",
    "{ran} checks: {passed} passed, {failed} failed ({rows} problems), {error} could not run, {skipped} off.",
)


def check(
    names: Annotated[
        list[str] | None,
        Argument(metavar="[NAME]...", help="Only these checks, such as cycle; all without a name."),
    ] = None,
    fail_on: Annotated[
        str,
        Option(metavar="|".join(THRESHOLDS), help="From which severity on the exit code is 1."),
    ] = "violation",
    profile: Annotated[
        Path | None,
        Option(metavar="FILE", help="Severities that you change, and waivers, in a file of TOML."),
    ] = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Run the checks over the store: each row is a problem, each check says what to do.

    \b
      bpsgraph check
      bpsgraph check cycle same-name-twice --lang en
      bpsgraph check --fail-on warning -o checks.xml -o checks.sarif
      bpsgraph check --profile province.toml --format json

    Further formats: junit, sarif. A check that cannot run is an error and has not passed. The exit code is 1
    where there are problems at or above --fail-on, 2 where a file is no check, 3 where a check could not run.
    Whether the store is whole and up to date is another question: bpsgraph doctor.
    """
    settings = load_settings({"store": store, "lang": lang})
    threshold = severity_of("--fail-on", fail_on, THRESHOLDS)
    places = offered(format, output, ("junit", "sarif"))
    library = library_of(settings)
    checks = checks_of(library, names)
    policy = None
    if profile is not None:
        rules = rules_of(ShapesGraph.read(find_sources(settings.sources).shapes()))
        policy = profile_of(profile, rules.values(), library)
    with open_store(settings.store) as opened:
        report = run_checks(
            opened, library, checks, profile=policy, today=date.today(), place=str(settings.store)
        )
        answer = answer_of_checks(report, by_id(checks), state_of(opened))
    for place in places:
        if place.format.name in ("junit", "sarif"):
            text = _machine_text(place.format.name, report, by_id(checks), settings.lang, threshold)
            write(text, place.file)
        else:
            deliver(answer, [place], settings.lang)
    print(summary(report).in_language(settings.lang), file=sys.stderr)
    failed = 0
    for id, one in checks.items():
        if isinstance(one, BpsError):
            failed = _said(one)
        else:
            status = next(status for status in report.rules if status.rule == id)
            if status.outcome is Outcome.ERROR:
                failed = _said(RuleNotRun(str(settings.store), id, status.problem or ""))
    return failed or int(report.fails(threshold))


def by_id(checks: dict[str, Rule | BpsError]) -> dict[str, Rule]:
    """The checks as rules; one that could not be read is known by its id alone."""
    return {id: unread(id) if isinstance(check, BpsError) else check for id, check in checks.items()}


def summary(report: Report) -> Text:
    """How many checks ran, passed, failed, could not run and are off, in a sentence."""
    outcomes = Counter(status.outcome for status in report.rules)
    numbers = {
        "ran": len(report.rules),
        "rows": sum(status.total for status in report.rules),
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
    }
    return Text(_RAN.zh.format(**numbers), _RAN.en.format(**numbers))


def _machine_text(
    name: str, report: Report, rules: dict[str, Rule], lang: str, threshold: Severity | None
) -> str:
    if name == "junit":
        from bpsgraph.validation.report import junit

        return junit.write([report], rules, lang, command="check", threshold=threshold)
    from bpsgraph.validation.report import sarif

    return sarif.write([report], rules, lang, command="check", page="docs/queries.md")


def _said(error: BpsError) -> int:
    print(f"error: {error} See docs/errors.md#{error.code}", file=sys.stderr)
    return error.exit_code
