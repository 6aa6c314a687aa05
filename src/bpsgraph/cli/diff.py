"""`bpsgraph diff`: two editions, two catalogues, or a draft, and what the second does to everybody below."""

from datetime import date
from functools import partial
from typing import Annotated

from bpsgraph.analysis.editions import compare
from bpsgraph.cli.answering import OutputsOption, deliver, offered
from bpsgraph.cli.arguments import say_if_stale
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.vocabulary import names_of


def diff(
    a: Annotated[
        str, Argument(metavar="A", help="An edition, a day, current, a catalogue, or a file with a draft.")
    ],
    b: Annotated[str, Argument(metavar="B", help="What A is compared with: any of the same.")],
    impact: Annotated[
        bool, Option("--impact", help="Also what B does to every catalogue in the store.")
    ] = False,
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE[/EDITION]", help="The place of a table that does not say its own."),
    ] = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Compare two editions, two catalogues, or a draft with either: what is added, raised, wider, re-led.

    \b
      bpsgraph diff 2021 2023
      bpsgraph diff 2021 2023 --impact --format table
      bpsgraph diff 2023 2024-06-01
      bpsgraph diff 140500/2021 530127/2020
      bpsgraph diff current draft.ttl --impact -o assessment.xlsx

    2021 is the text of that edition, a day such as 2024-06-01 what the State requires then with all
    amendments, current what it requires today, 140500/2021 a catalogue in the store. A draft is a file as
    validate reads it. What is only recalled is never compared, and is listed apart. With --impact: which
    catalogues fall short of B, which of them did already under A, by how much they must rise and whose task
    that is; for a draft this is its prior assessment. Nothing is written to the store.
    """
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)
    sources = find_sources(settings.sources, settings.catalogues)
    with open_store(settings.store) as opened:
        say_if_stale(opened.marker, sources)
        found = compare(
            opened,
            Library(sources.root / "queries"),
            a,
            b,
            today=date.today(),
            with_impact=impact,
            read_file=partial(_read, opened, settings.max_file_size, jurisdiction),
        )
    deliver(found.answer(), places, settings.lang)


def _read(store: Store, limit: int, jurisdiction: str | None, file: str) -> Submission:
    return read(file, limit=limit, names=names_of(store), jurisdiction=jurisdiction)
