"""`bpsgraph accept`: put a catalogue into the store, once it conforms."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from bpsgraph.acceptance import Accepted
from bpsgraph.cli.arguments import day
from bpsgraph.cli.output import LanguageOption, StoreOption, rendered, seen_in_colour, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.remote import JournalOption, registered
from bpsgraph.config import Settings, load_settings
from bpsgraph.errors import BadParameter, PartlyUnread, RuleNotRun
from bpsgraph.ingest import read
from bpsgraph.library import Library, library_of
from bpsgraph.results import Outcome, Report, Severity
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import short
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.vocabulary import names_of

THRESHOLDS = {severity.label: severity for severity in sorted(Severity, reverse=True)}
ByOption = Annotated[
    str | None,
    Option(metavar="NAME", help="Who does this (default: the name you are logged in with)."),
]
NationalOption = Annotated[bool, Option("--national", help="Yes, this is a catalogue of the State.")]


def accept(
    file: Annotated[str, Argument(metavar="FILE", help="What `validate` reads; - is standard input.")],
    by: ByOption = None,
    edition: Annotated[
        str | None,
        Option(metavar="2021|2023|current", help="Compare with the text of that edition, or with today."),
    ] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="Compare with the floors in force on that day.")
    ] = None,
    fail_on: Annotated[
        str, Option(metavar="|".join(THRESHOLDS), help="From which severity on it is refused.")
    ] = "violation",
    profile: Annotated[
        Path | None,
        Option(metavar="FILE", help="Severities that you change, and waivers, in a file of TOML."),
    ] = None,
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE[/EDITION]", help="The place of a table that does not say its own."),
    ] = None,
    national: NationalOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
    journal: JournalOption = None,
) -> int:
    """Check a catalogue and put it into the store, in the place of an earlier one of the same name.

    \b
      bpsgraph accept county.ttl --by 王芳
      bpsgraph accept county.xlsx --edition 2023
      bpsgraph accept county.xlsx --profile province.toml

    Every acceptance is recorded in the journal before it counts, and survives `bpsgraph build`. The same
    content again is answered with the entry that it has. The exit code is 1 where the catalogue is refused,
    with the report; 2 where the file, or a part of it, could not be used; nothing is changed then.
    """
    settings = load_settings({"store": store, "lang": lang, "by": by, "journal": journal})
    if fail_on not in THRESHOLDS:
        raise BadParameter(
            "--fail-on", f"{fail_on!r} is no severity", f"choose one of: {', '.join(THRESHOLDS)}"
        )
    sources = find_sources(settings.sources)
    shapes = ShapesGraph.read(sources.shapes())
    library = Library(sources.root / "queries")
    rules = rules_of(shapes)
    policy = profile_of(profile, rules.values(), library_of(settings)) if profile else None
    with open_store(settings.store) as opened:
        submission = read(
            file, limit=settings.max_file_size, names=names_of(opened), jurisdiction=jurisdiction
        )
    moment = day(as_of)

    with registered(settings, library) as register:

        def judge(store: EmbeddedStore) -> Report:
            return register.ready.report(
                submission, store, shapes, edition=edition, as_of=moment, today=date.today(), profile=policy
            )

        done = register.accept(
            submission,
            judge,
            by=name_of(settings),
            at=datetime.now(UTC),
            threshold=THRESHOLDS[fail_on],
            national=national,
        )
    chinese = settings.lang == "zh"
    if isinstance(done, Accepted):
        print(done.entry, short(done.catalogue), done.content_hash)
        if done.report is None:
            words = "内容与已受理的相同" if chinese else "the same content has been accepted before"
        else:
            words = "已受理" if chinese else "accepted"
        entry = f"第{done.entry}条" if chinese else f"entry {done.entry}"
        print(f"{words}：{entry}" if chinese else f"{words}: {entry}", file=sys.stderr)
        return 0
    # Only a refusal is put into words.
    from bpsgraph.validation.report.text import render
    from bpsgraph.validation.report.words import place

    report = done.report
    text = render(report, rules, settings.lang)
    write(rendered(text, styled=seen_in_colour()), None)
    if report.unread:
        first, *others = report.unread
        raise PartlyUnread(report.file, place(first, "en"), first.message.en, len(others))
    for status in report.rules:
        if status.outcome is Outcome.ERROR:
            raise RuleNotRun(report.file, status.rule, status.problem or "")
    print("未受理，库中没有任何改动" if chinese else "not accepted, nothing was changed", file=sys.stderr)
    return 1


def name_of(settings: Settings) -> str:
    """Who accepts or withdraws: the setting, else the name of the login; raises `BadParameter` without."""
    import getpass

    if settings.by is not None:
        return settings.by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise BadParameter("--by", "nobody is logged in by a name", "say who does this") from None
