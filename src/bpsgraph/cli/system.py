"""`bpsgraph system`: which standards there are in each branch of GB/T 43507, and which a catalogue uses."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from bpsgraph.cli.answering import BomOption, ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.arguments import catalogue_iri
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store


class By(StrEnum):
    """What has a row for each branch."""

    BRANCH = "branch"
    DOMAIN = "domain"
    ITEM = "item"


def system(
    catalogue: Annotated[
        str | None,
        Argument(metavar="CATALOGUE", help="For example 140500/2021; else the national standard of 2023."),
    ] = None,
    by: Annotated[
        By | None,
        Option("--by", metavar="NAME", help="Only this table: branch, domain or item (each by branch)."),
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    bom: BomOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Say what the standard system of GB/T 43507 has and lacks: 3 subsystems, 10 branches, item by item.

    \b
      bpsgraph system
      bpsgraph system 140500/2021 --by domain
      bpsgraph system -o system.xlsx -o system.png

    With a catalogue: on which standards it relies, beside the national ones for the items that it lists.
    """
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)

    from bpsgraph.analysis.system import standard_system
    from bpsgraph.analysis.system_answer import system_answer
    from bpsgraph.answers import state_of

    library = Library(find_sources(settings.sources).root / "queries")
    with open_store(settings.store) as opened:
        iri = catalogue_iri(catalogue) if catalogue is not None else None
        found = standard_system(opened, library, iri)
        state = state_of(opened)
    asked = {"catalogue": catalogue, "by": by}
    answer = system_answer(found, state, {name: (value,) for name, value in asked.items() if value})
    if by is not None:
        # Each table is asked for alone; the notes are read with all of them.
        chosen = {one.name: one for one in answer.all()}["system" if by is By.BRANCH else f"system/{by}s"]
        answer = replace(chosen, notes=answer.notes, further=())
    elif any(place.file is None and place.format.name == "table" for place in places):
        # A row per item and branch fills no terminal usefully.
        answer = replace(answer, further=answer.further[:1])
    deliver(picked(answer, columns), places, settings.lang, bom=bom)
