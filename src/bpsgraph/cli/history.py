"""`bpsgraph history`: what was accepted and withdrawn."""

import sys
from typing import Annotated

from pyoxigraph import NamedNode

from bpsgraph.answers import answered
from bpsgraph.cli.answering import OutputsOption, deliver, offered
from bpsgraph.cli.arguments import catalogue_iri
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, UnknownCatalogue
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import short
from bpsgraph.validation.derived import catalogues_of

QUESTION = "provenance/changes"


def history(
    catalogue: Annotated[
        str | None,
        Argument(metavar="CATALOGUE", help="Only of this catalogue, such as 140500/2021."),
    ] = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Say what was accepted and withdrawn: when, by whom, from which file, with how many findings.

    Formats: table, csv, tsv, json, markdown. The same is the saved query provenance/changes.
    """
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)
    library = Library(find_sources(settings.sources).root / "queries")
    asked = NamedNode(catalogue_iri(catalogue)) if catalogue else None
    with open_store(settings.store) as opened:
        known = catalogues_of(opened)
        try:
            found = answered(opened, library, QUESTION, {"catalogue": asked} if asked else {})
        except BadParameter as unknown:
            assert asked is not None
            raise UnknownCatalogue(short(asked.value), [short(iri) for iri in known]) from unknown
    if asked and not found.rows.rows and asked.value not in known:
        raise UnknownCatalogue(short(asked.value), [short(iri) for iri in known])
    if not found.rows.rows:
        chinese = settings.lang == "zh"
        print("没有受理或撤回的记录。" if chinese else "Nothing was accepted or withdrawn.", file=sys.stderr)
        places = tuple(place for place in places if place.format.name != "table")
    deliver(found, places, settings.lang)
