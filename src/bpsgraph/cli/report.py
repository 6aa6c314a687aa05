"""`bpsgraph report`: the yearly, mid-term or final report on a place, as one page."""

from typing import Annotated

from bpsgraph.cli.answering import OutputsOption, deliver, offered
from bpsgraph.cli.arguments import say_if_stale
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store


def report(
    place: Annotated[str, Argument(metavar="CODE", help="The place, by its six digits.")],
    year: Annotated[int, Option(metavar="YEAR", help="The year; for mid-term and final any of the plan's.")],
    kind: Annotated[str, Option(metavar="yearly|mid-term|final", help="Which report.")] = "yearly",
    plan: Annotated[str | None, Option(metavar="KEY", help="The plan, where several cover the year.")] = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Write the yearly, mid-term or final report on a place: catalogues, shortfalls, targets, standards.

    \b
      bpsgraph report 140500 --year 2024 -o report.html
      bpsgraph report 140500 --kind mid-term --year 2023 -o report.html

    One page that needs nothing else; with another suffix a workbook or Markdown. A yearly report covers the
    year, the other two the plan from its start: to the end of its middle year, and to its own end.
    """
    # Loaded only here, because a command that is asked for help needs none of it.
    from bpsgraph.analysis.monitoring.report import period_of
    from bpsgraph.analysis.monitoring.report import report as report_on

    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)
    sources = find_sources(settings.sources, settings.catalogues)
    library = Library(sources.root / "queries")
    with open_store(settings.store) as opened:
        say_if_stale(opened.marker, sources)
        answer = report_on(opened, library, place, period_of(opened, library, kind, year, plan))
    deliver(answer, places, settings.lang)
