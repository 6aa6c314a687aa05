"""`bpsgraph validate`: check catalogues against the standard above them."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

from bpsgraph.cli.annotated import refuse_copy, write_copy
from bpsgraph.cli.output import LanguageOption, StoreOption, choose, rendered, seen_in_colour, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.repairs import ApplyOption, PatchOption, SuggestOption, refuse_repairs, write_repairs
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BpsError, InputError, PartlyUnread, RuleNotRun
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library, library_of
from bpsgraph.results import Outcome, Report, Severity
from bpsgraph.sources import Sources, find_sources, inputs_of
from bpsgraph.store import Store, open_store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE
from bpsgraph.validation import Engine, validate_submission
from bpsgraph.validation import report as formats
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.report.text import render
from bpsgraph.validation.report.words import place
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.vocabulary import names_of

Chosen = TypeVar("Chosen")

FORMATS = tuple(formats.WRITERS)
THRESHOLDS = {
    "violation": Severity.VIOLATION,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "never": None,
}
SHOWN = {severity.label: severity for severity in Severity}


def validate(
    files: Annotated[
        list[str],
        Argument(
            metavar="FILE...", help="XLSX, CSV, Turtle, JSON-LD, N-Triples or RDF/XML; - is standard input."
        ),
    ],
    edition: Annotated[
        str | None,
        Option(metavar="2021|2023|current", help="Compare with the text of that edition, or with today."),
    ] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="Compare with the floors in force on that day.")
    ] = None,
    format: Annotated[
        str | None, Option("--format", metavar="|".join(FORMATS), help="The format of the report.")
    ] = None,
    output: Annotated[
        list[Path] | None,
        Option("--output", "-o", metavar="FILE", help="Write a report here too; give it again for more."),
    ] = None,
    annotated: Annotated[
        Path | None,
        Option(
            metavar="FILE.xlsx",
            help="Write a copy of the workbook or CSV here, its findings in the cells.",
        ),
    ] = None,
    fail_on: Annotated[
        str,
        Option(metavar="|".join(THRESHOLDS), help="From which severity on the exit code is 1."),
    ] = "violation",
    against: Annotated[
        list[str] | None,
        Option(metavar="CATALOGUE", help="Compare with the text of this catalogue."),
    ] = None,
    context: Annotated[str | None, Option(metavar="FILE", help="More that is used, and not judged.")] = None,
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE[/EDITION]", help="The place of a table that does not say its own."),
    ] = None,
    engine: Annotated[
        Engine,
        Option(
            metavar="|".join(Engine),
            help="What finds: queries in SPARQL (auto), or pyshifty or pyshacl with shapes that say so too.",
        ),
    ] = Engine.AUTO,
    profile: Annotated[
        Path | None,
        Option(metavar="FILE", help="Severities that you change, and waivers, in a file of TOML."),
    ] = None,
    limit: Annotated[
        int,
        Option(metavar="N", min=0, help="List so many findings of each rule (0: all); all are counted."),
    ] = 100,
    summary: Annotated[
        bool, Option("--summary", help="A text report of a few lines: the scorecard and the counts.")
    ] = False,
    show: Annotated[
        str,
        Option(
            metavar="violation|warning|info",
            help="The least severity that a text report lists; all are counted.",
        ),
    ] = "info",
    suggest: SuggestOption = None,
    apply: ApplyOption = None,
    patch: PatchOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Check each file: what is missing, below the floor, narrower, unfunded or ill formed, and its cure.

    \b
      bpsgraph validate data/ttl/local/140500-2021.ttl
      bpsgraph validate mine.ttl --edition 2023
      bpsgraph validate mine.ttl --as-of 2024-06-01 -o report.csv -o report.json
      bpsgraph validate county.ttl --against 140500/2021
      bpsgraph validate county.ttl --profile province.toml --fail-on warning
      bpsgraph validate county.xlsx --suggest patch.csv --apply county.repaired.xlsx

    Without --edition, --as-of or --against a catalogue is compared with the edition that it names itself,
    else with today's floors. The exit code is 1 where there are findings at or above --fail-on, 2 where a
    file, or a part of one, could not be used, 3 where a rule could not run.
    """
    settings = load_settings({"store": store, "lang": lang})
    threshold = severity_of("--fail-on", fail_on, THRESHOLDS)
    least = severity_of("--show", show, SHOWN)
    chosen = choose(format, None, FORMATS, "text", "text")
    if annotated is not None:
        refuse_copy(annotated, files)
    refuse_repairs(suggest, apply, patch, files)
    targets = [(path, choose(format, path, FORMATS, "text", "text")) for path in output or []]
    sources = find_sources(settings.sources)
    shapes = ShapesGraph.read(sources.shapes())
    library = Library(sources.root / "queries")
    rules = rules_of(shapes)
    policy = profile_of(profile, rules.values(), library_of(settings)) if profile else None
    judged: list[tuple[Report, Submission]] = []
    failed = 0
    with open_store(settings.store) as opened:
        say_if_stale(opened, sources)
        names = names_of(opened)
        around = read(context, limit=settings.max_file_size, names=names) if context else None

        def judge(file: str | Path) -> tuple[Report, Submission]:
            submission = read(file, limit=settings.max_file_size, names=names, jurisdiction=jurisdiction)
            report = validate_submission(
                submission,
                opened,
                library,
                shapes,
                edition=edition,
                as_of=day(as_of),
                against=[catalogue_iri(key) for key in against or []],
                today=date.today(),
                context=around,
                profile=policy,
                engine=engine,
            )
            return report, submission

        for file in dict.fromkeys(files):
            try:
                judged.append(judge(file))
            except InputError as error:
                if len(files) == 1:
                    raise
                failed = _said(error)
        if suggest is not None or apply is not None:
            write_repairs(
                judged,
                suggest,
                apply,
                patch,
                settings.max_file_size,
                settings.lang,
                lambda copy: judge(copy)[0],
            )
    reports = [report for report, _ in judged]
    listed = [report.limited(limit) for report in reports]

    def written(kind: str, *, styled: bool) -> str | bytes:
        if kind != "text":
            return formats.write(kind, listed, rules, settings.lang)
        texts = [render(report, rules, settings.lang, summary=summary, least=least) for report in listed]
        return "\n".join(rendered(text, styled=styled) for text in texts)

    for path, kind in targets:
        write(written(kind.name, styled=False), path)
    if annotated is not None and reports:
        write_copy(annotated, files[0], reports[0], settings.lang)
    if not (targets or annotated) or format is not None:
        write(written(chosen.name, styled=seen_in_colour()), None)
    for report in reports:
        if report.unread:
            first, *others = report.unread
            failed = _said(PartlyUnread(report.file, place(first, "en"), first.message.en, len(others)))
    for report in reports:
        for status in report.rules:
            if status.outcome is Outcome.ERROR:
                failed = _said(RuleNotRun(report.file, status.rule, status.problem or ""))
    return failed or int(any(report.fails(threshold) for report in reports))


def say_if_stale(store: Store, sources: Sources) -> None:
    """A note on standard error where ontology, data or queries have changed since the store was built."""
    if isinstance(store, EmbeddedStore) and store.marker and store.marker.inputs != inputs_of(sources):
        print("note: the sources have changed since the build; run `bpsgraph build`", file=sys.stderr)


def catalogue_iri(key: str) -> str:
    """The IRI of the catalogue with a key such as `140500/2021`; a whole IRI stays as it is."""
    return f"{BASE}catalogue/{key.removeprefix(BASE).removeprefix('catalogue/')}"


def severity_of(option: str, given: str, offers: Mapping[str, Chosen]) -> Chosen:
    """What is on offer under that name; raises `BadParameter` for another."""
    if given not in offers:
        raise BadParameter(option, f"{given!r} is no severity", f"choose one of: {', '.join(offers)}")
    return offers[given]


def day(text: str | None) -> date | None:
    """The day that `--as-of` names; raises `BadParameter` for what is no date."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadParameter("--as-of", f"{text!r} is no date", "write it like 2024-06-01") from None


def _said(error: BpsError) -> int:
    print(f"error: {error} See docs/errors.md#{error.code}", file=sys.stderr)
    return error.exit_code
