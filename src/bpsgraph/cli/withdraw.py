"""`bpsgraph withdraw`: take a catalogue out of the store and keep the record of it."""

import sys
from datetime import UTC, datetime
from typing import Annotated

from bpsgraph.cli.accept import ByOption, NationalOption, name_of
from bpsgraph.cli.arguments import catalogue_iri
from bpsgraph.cli.output import LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.remote import JournalOption, registered
from bpsgraph.config import load_settings
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.terms import short


def withdraw(
    catalogue: Annotated[
        str, Argument(metavar="CATALOGUE", help="Its code and edition, such as 140500/2021.")
    ],
    by: ByOption = None,
    reason: Annotated[str, Option(metavar="TEXT", help="Why.")] = "",
    national: NationalOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
    journal: JournalOption = None,
) -> None:
    """Take a catalogue out of the store, with its verdicts; the record that it was there stays.

    \b
      bpsgraph withdraw 140500/2021 --by 王芳 --reason 已由2024年版代替

    It is recorded in the journal before it counts, and survives `bpsgraph build`. Accepting the catalogue
    again lifts it. The exit code is 2 where there is no such catalogue, or it was withdrawn before.
    """
    settings = load_settings({"store": store, "lang": lang, "by": by, "journal": journal})
    library = Library(find_sources(settings.sources).root / "queries")
    with registered(settings, library) as register:
        done = register.withdraw(
            catalogue_iri(catalogue),
            by=name_of(settings),
            at=datetime.now(UTC),
            reason=reason,
            national=national,
        )
    print(done.entry, short(done.catalogue))
    words = f"已撤回：第{done.entry}条" if settings.lang == "zh" else f"withdrawn: entry {done.entry}"
    print(words, file=sys.stderr)
