"""`bpsgraph query`: the answer of one saved question."""

import sys
from collections.abc import Iterable
from typing import Annotated

import click

from bpsgraph.answers.asking import asked, by_name, has_names
from bpsgraph.cli.answering import (
    BomOption,
    ColumnsOption,
    OutputsOption,
    deliver,
    offered,
    offered_rdf,
    picked,
)
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, triples_text, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter
from bpsgraph.library import Query, answer, bind, library_of
from bpsgraph.library.listing import listed
from bpsgraph.library.saved import Values
from bpsgraph.results import Triples
from bpsgraph.store import open_store


def _known(context: click.Context, begun: str) -> Iterable[str]:
    return library_of(load_settings()).names


def _taken(context: click.Context, begun: str) -> Iterable[str]:
    library = library_of(load_settings())
    # An option that ends the line keeps click from taking the name for what it is.
    words: list[str] = [context.params.get("name") or "", *context.args]
    given = [word for word in words if word in library]
    return (f"{key}=" for line in listed(library, given[:1]) for key in line.required)


def query(
    context: click.Context,
    name: Annotated[
        str | None,
        Argument(metavar="NAME", help="A saved query; `bpsgraph queries` lists them.", complete=_known),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        Option(
            "--parameter",
            "-p",
            metavar="KEY=VALUE",
            help="A value for a parameter; give it again for any of several values.",
            complete=_taken,
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        Option(metavar="A B", help="Ask with A and with B (editions, days, places) and show what differs."),
    ] = None,
    everything: Annotated[
        bool, Option("--all", help="With --compare: the rows that are the same too.")
    ] = False,
    group: Annotated[
        str | None,
        Option(
            metavar="KIND=GROUP",
            help="Ask of a group of places: province=140000, tier=2, level=county, list=FILE.",
        ),
    ] = None,
    highlight: Annotated[
        str | None, Option(metavar="KEY", help="Let the rows about this place or thing stand out.")
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    bom: BomOption = False,
    show: Annotated[bool, Option("--show", help="Print the SPARQL with its values and stop.")] = False,
    help: Annotated[
        bool, Option("--help", help="Show this, or with NAME what that query takes and gives.")
    ] = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Answer a saved question from the store.

    \b
    Which places miss which items, and what one of them misses:
      bpsgraph query gaps/missing-items
      bpsgraph query gaps/missing-items -p jurisdiction=140500
    Any of several values, a date, an edition of the national standard:
      bpsgraph query items/all -p domain=2 -p domain=5
      bpsgraph query floors/in-force -p date=2024-06-01
      bpsgraph query floors/below-floor -p edition=2023 --format csv
    What two editions say differently of one question, and one place among those of its tier:
      bpsgraph query floors/in-force --compare edition=2021 2023
      bpsgraph query floors/below-floor -p jurisdiction=140500 --group tier=2
    Only some columns, which makes a narrow table:
      bpsgraph query targets/due-by-year -p year=2025 -c target_zh,comparator,value,unit_zh
    What a query takes and gives, and its SPARQL:
      bpsgraph query floors/in-force --help
      bpsgraph query floors/in-force --show

    Things are written by their keys: 140500, legal-aid, 140500/2021; a whole IRI does too.
    Formats: table, csv, tsv, json, xlsx, parquet, markdown, html, turtle; the chart as vega-lite, svg, png;
    turtle and other RDF for queries that build triples. A table, markdown, html and xlsx show the names in
    the language of --lang; csv, tsv, json, parquet and turtle have every column.
    """
    settings = load_settings({"store": store, "lang": lang})
    library = library_of(settings)
    if name is None:
        print(context.get_help())
        raise click.exceptions.Exit(0 if help else 2)
    saved = library[name]
    if help:
        print(page(saved, settings.lang), end="")
        return
    values = _values(saved, parameter or [])
    constructs = saved.scan.form == "CONSTRUCT"
    places = offered_rdf(format, output) if constructs else offered(format, output)
    text = _bound(saved, values, settings.lang)
    if show:
        for place in places:
            write(text, place.file)
        return
    with open_store(settings.store) as opened:
        if has_names(saved, values):
            from bpsgraph.vocabulary import names_of

            values = by_name(names_of(opened), saved, values)
        if not constructs:
            found_answer = asked(
                opened,
                library,
                saved,
                values,
                compare=compare,
                everything=everything,
                group=group,
                highlight=highlight,
            )
            deliver(picked(found_answer, columns), places, settings.lang, bom=bom)
            return
        found = answer(opened, library, saved, values)
    assert isinstance(found, Triples)
    for place in places:
        write(triples_text(found, place.format), place.file)


def page(saved: Query, language: str) -> str:
    """What the query answers, takes and gives, with a line to type."""
    chinese = language == "zh"
    lines = [
        saved.name,
        "",
        saved.summary.in_language(language),
        "",
        saved.description.in_language(language),
        "",
    ]
    if saved.parameters:
        lines.append("参数：" if chinese else "Parameters:")
        lines += [f"  {_described(saved, parameter.name, language)}" for parameter in saved.parameters]
        lines.append("")
    lines.append("各栏：" if chinese else "Columns:")
    lines += [f"  {column.name}  {column.label.in_language(language)}" for column in saved.columns]
    lines += ["", "例：" if chinese else "Example:", f"  {example(saved)}"]
    return "\n".join(lines) + "\n"


def example(saved: Query) -> str:
    """A command that runs."""
    shown = [one for one in saved.parameters if one.header.required] or list(saved.parameters[:1])
    given = "".join(f" -p {one.name}={one.example}" for one in shown if one.example)
    return f"bpsgraph query {saved.name}{given}"


def _values(saved: Query, given: Iterable[str]) -> dict[str, Values]:
    values: dict[str, list[str]] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise BadParameter(f"-p {one}", "there is no value", "write -p NAME=VALUE")
        values.setdefault(saved.parameter(name).name, []).append(value)
    return {name: list(several) for name, several in values.items()}


def _bound(saved: Query, values: dict[str, Values], language: str) -> str:
    try:
        return bind(saved, values)
    except BadParameter:
        if any(one.header.required and one.name not in values for one in saved.parameters):
            print(page(saved, language), file=sys.stderr)
        raise


def _described(query: Query, name: str, language: str) -> str:
    """One parameter as one types it, and what it means."""
    parameter = query.parameter(name)
    default = ", ".join(parameter.typed(term) for term in parameter.written if term is not None)
    note = ""
    if parameter.header.required:
        note = " [required]" if language == "en" else " [必填]"
    elif default:
        note = f" [default: {default}]" if language == "en" else f" [默认：{default}]"
    return f"-p {name}={parameter.example or '…'}  {parameter.header.help.in_language(language)}{note}"
