"""`bpsgraph verdicts`: how a catalogue in the store stands to every floor."""

from datetime import date
from typing import Annotated

from pyoxigraph import Literal

from bpsgraph.cli.arguments import catalogue_iri, day, say_if_stale
from bpsgraph.cli.output import (
    ROW_FORMATS,
    FormatOption,
    LanguageOption,
    OutputOption,
    StoreOption,
    choose,
    rendered,
    rows_text,
    seen_in_colour,
    write,
)
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.library import Library
from bpsgraph.results import Rows, Text, Verdict
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.validation import verdicts_on

_HEADINGS = (
    Text("事项", "item"),
    Text("指标", "measure"),
    Text("对象", "segment"),
    Text("本地", "local"),
    Text("下限", "floor"),
    Text("换算", "conversion"),
    Text("判定", "verdict"),
    Text("覆盖", "coverage"),
    Text("归属", "owner"),
    Text("自", "from"),
    Text("出处", "source"),
)


def verdicts(
    catalogue: Annotated[str, Argument(metavar="CATALOGUE", help="For example 140500/2021.")],
    edition: Annotated[
        str | None,
        Option(metavar="2021|2023|current", help="Compare with the text of that edition, or with today."),
    ] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="Compare with the floors in force on that day.")
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Show, floor by floor, what a catalogue in the store promises and how it compares.

    \b
      bpsgraph verdicts 140500/2021
      bpsgraph verdicts 140500/2021 --as-of 2025-06-01 --format csv

    A table has a line for each floor, with both numbers and where the floor is stated; csv, tsv and json
    have a column for everything.
    """
    settings = load_settings({"store": store, "lang": lang})
    kind = choose(format, output, ROW_FORMATS, "table", "csv")
    sources = find_sources(settings.sources, settings.catalogues)
    library = Library(sources.root / "queries")
    with open_store(settings.store) as opened:
        say_if_stale(opened.marker, sources)
        found = verdicts_on(
            catalogue_iri(catalogue),
            opened,
            library,
            edition=edition,
            as_of=day(as_of),
            today=date.today(),
        )
    if kind.name == "table":
        from bpsgraph.validation.report.verdicts import render_verdicts

        seen = seen_in_colour() and output is None
        write(rendered(render_verdicts(found, settings.lang), styled=seen), output)
        return
    rows = Rows(
        tuple(heading.in_language(settings.lang) for heading in _HEADINGS),
        tuple(_row(verdict, settings.lang) for verdict in found),
    )
    write(rows_text(rows, kind), output)


def _row(verdict: Verdict, language: str) -> tuple[Literal | None, ...]:
    cells = (
        verdict.item.in_language(language),
        verdict.measure.in_language(language),
        verdict.segment.in_language(language) if verdict.segment else None,
        verdict.promise.stated_as if verdict.promise else None,
        verdict.floor.stated_as if verdict.floor else None,
        verdict.conversion,
        verdict.value_verdict.value,
        verdict.coverage_verdict.value if verdict.coverage_verdict else None,
        (verdict.owner or "").rpartition("/")[2],
        verdict.valid_from.isoformat() if verdict.valid_from else None,
        verdict.source.in_language(language) if verdict.source else None,
    )
    return tuple(Literal(cell) if cell else None for cell in cells)
