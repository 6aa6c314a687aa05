"""`bpsgraph validate`: check catalogues against the standard above them."""

import io
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

from bpsgraph import opening
from bpsgraph.cli.annotated import refuse_copy
from bpsgraph.cli.arguments import catalogue_iri, day, say_if_stale, severity_of
from bpsgraph.cli.output import LanguageOption, StoreOption, choose, seen_in_colour, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.remote import folder_of
from bpsgraph.cli.repairs import PATCHES, ApplyOption, PatchOption, SuggestOption, refuse_repairs
from bpsgraph.config import load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import InputError, visible
from bpsgraph.library import library_of
from bpsgraph.sources import find_sources
from bpsgraph.store.marker import Marker
from bpsgraph.uploads import Asked, Beside, Document, Given, Item, Note, Said, Terminal, Verdict, given, judge
from bpsgraph.uploads.asked import SHOWN, THRESHOLDS
from bpsgraph.validation import Engine
from bpsgraph.validation import report as formats
from bpsgraph.validation.desk import open_desk

FORMATS = tuple(formats.WRITERS)


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
    isolated: Annotated[
        bool,
        Option("--isolated", help="Read and judge in a process of its own, without network, within limits."),
    ] = False,
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
    severity_of("--fail-on", fail_on, THRESHOLDS)
    severity_of("--show", show, SHOWN)
    chosen = choose(format, None, FORMATS, "text", "text")
    if annotated is not None:
        refuse_copy(annotated, files)
    refuse_repairs(suggest, apply, patch, files)
    places: dict[str, Path | None] = {"annotated": annotated, "suggest": suggest, "apply": apply}
    reports = []
    for number, path in enumerate(output or []):
        reports.append((f"output-{number}", choose(format, path, FORMATS, "text", "text").name))
        places[reports[-1][0]] = path
    if not (output or annotated) or format is not None:
        reports.append(("shown", chosen.name))
        places["shown"] = None
    sources = find_sources(settings.sources, settings.catalogues)
    if profile is not None:
        library_of(settings)
    asked = Asked(
        store=Path(str(settings.store)),
        sources=sources.root,
        library=settings.library,
        today=date.today(),
        lang=settings.lang,
        edition=edition,
        as_of=day(as_of),
        against=tuple(catalogue_iri(key) for key in against or []),
        jurisdiction=jurisdiction,
        engine=engine,
        alone=len(files) == 1,
        fail_on=fail_on,
        limit=limit,
        summary=summary,
        show=show,
        terminal=_terminal() if seen_in_colour() else None,
        reports=tuple(reports),
        annotated=_name(annotated),
        suggest=_name(suggest),
        suggested=choose(None, suggest, PATCHES, "json", "json").name if suggest else "json",
        apply=_name(apply),
    )
    if isinstance(settings.store, Path):
        say_if_stale(Marker.read(settings.store), sources)
    most = settings.max_file_size
    named = (given(file, most) for file in once(files))
    beside = Beside(
        context=given(context, most) if context else None,
        profile=_beside(profile, most) if profile else None,
        patch=_beside(patch, most) if patch else None,
    )
    if isolated:
        from bpsgraph.engine.limits import Limits
        from bpsgraph.uploads.isolation import IsolatedJudge

        # With one caller there is nobody to whom a long job would have to yield.
        limits = replace(Limits.of(settings).for_one(), quick=settings.timeout)
        place = folder_of(settings)
        with IsolatedJudge(place, asked.sources, library=asked.library, limits=limits) as judges:
            return _delivered(judges.judge(asked, named, beside), places)
    with open_desk(settings.store, asked.sources) as desk:
        if isinstance(settings.store, Endpoint):
            say_if_stale(desk.store.marker, sources)
        return _delivered(judge(asked, named, desk, beside), places)


def _delivered(items: Iterable[Item], places: Mapping[str, Path | None]) -> int:
    """Write and say each item at its place, and return the exit code."""
    failed = 0
    fails = False
    for item in items:
        match item:
            case Document(key, content):
                write(content, places[key])
            case Note(words):
                print(f"note: {words}", file=sys.stderr)
            case Said(error):
                print(f"error: {error} See docs/errors.md#{error.code}", file=sys.stderr)
                failed = error.exit_code
            case Verdict(fails):
                pass
    return failed or int(fails)


def once(files: Iterable[str]) -> list[str]:
    """The files without those that are the same as an earlier one, which a note on standard error names."""
    first: dict[str, str] = {}
    for file in files:
        earlier = first.setdefault(file if file == "-" else os.path.realpath(file), file)
        if earlier is not file:
            print(f"note: {visible(file)} is {visible(earlier)}, which is checked once", file=sys.stderr)
    return list(first.values())


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _beside(path: Path, most: int) -> Given:
    """A file that is not judged itself, with its bytes or why they could not be had."""
    try:
        return Given(str(path), opening.content(path, most))
    except InputError as error:
        return Given(str(path), error)


def _terminal() -> Terminal:
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True)
    return Terminal(console.width, console.color_system, console.no_color)
