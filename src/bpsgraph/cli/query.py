"""`bpsgraph query`: the answer of one saved question."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import click

from bpsgraph.cli.output import (
    ROW_FORMATS,
    FormatOption,
    LanguageOption,
    OutputOption,
    StoreOption,
    choose,
    fits,
    records,
    rows_text,
    triples_text,
    write,
)
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.queries import described
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.formats import RDF_FORMATS, by_name
from bpsgraph.library import Library, Query, answer, bind
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import Term

FORMATS_OF_ROWS = (*ROW_FORMATS, "markdown")
_LANGUAGE_NAMES = ("（中文）", "（英文）", " (Chinese)", " (English)")


def query(
    context: click.Context,
    name: Annotated[
        str | None, Argument(metavar="NAME", help="A saved query; `bpsgraph queries` lists them.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        Option(
            "--parameter",
            "-p",
            metavar="KEY=VALUE",
            help="A value for a parameter; give it again for any of several values.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        Option(
            "--columns", "-c", metavar="NAME,NAME...", help="Only these columns, in this order; else all."
        ),
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
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
    Only some columns, which makes a narrow table:
      bpsgraph query targets/due-by-year -p year=2025 -c target_zh,comparator,value,unit_zh
    What a query takes and gives, and its SPARQL:
      bpsgraph query floors/in-force --help
      bpsgraph query floors/in-force --show

    Things are written by their keys: 140500, legal-aid, 140500/2021; a whole IRI does too.
    Formats: table, csv, tsv, json, markdown; turtle and other RDF for queries that build triples.
    A table or markdown shows the names in the language of --lang; csv, tsv and json have every column.
    """
    settings = load_settings({"store": store, "lang": lang})
    library = Library(find_sources(settings.sources).root / "queries")
    if name is None:
        print(context.get_help())
        raise click.exceptions.Exit(0 if help else 2)
    saved = library[name]
    if help:
        print(page(saved, settings.lang), end="")
        return
    values = _values(saved, parameter or [])
    constructs = saved.scan.form == "CONSTRUCT"
    offers = RDF_FORMATS if constructs else FORMATS_OF_ROWS
    if format is not None:
        by_name(format, offers)
    text = _bound(saved, values, settings.lang)
    if show:
        write(text, output)
        return
    first, second = ("turtle", "turtle") if constructs else ("table", "csv")
    chosen = choose(format, output, offers, terminal=first, pipe=second)
    with open_store(settings.store) as opened:
        found = answer(opened, library, saved, values)
    if isinstance(found, Rows):
        if columns is not None:
            found = _picked(found, columns)
        if not found.rows and chosen.name == "table":
            print("没有结果。" if settings.lang == "zh" else "No rows.", file=sys.stderr)
            return
        if chosen.name in {"table", "markdown"}:
            found = readable(found, saved, settings.lang)
        wide = chosen.name == "table" and not fits(found)
        write(records(found) if wide else rows_text(found, chosen), output)
    else:
        write(triples_text(found, chosen), output)


def _picked(rows: Rows, columns: str) -> Rows:
    names = [name.strip() for name in columns.split(",")]
    for name in names:
        if name not in rows.columns:
            raise BadParameter(
                "--columns",
                f"there is no column {name!r}",
                did_you_mean(name, rows.columns, f"choose from: {', '.join(rows.columns)}"),
            )
    picks = [rows.columns.index(name) for name in names]
    return Rows(tuple(names), tuple(tuple(row[index] for index in picks) for row in rows.rows))


def readable(rows: Rows, saved: Query, language: str) -> Rows:
    """The rows with headings in the language, and of two columns of names only the one in that language.

    Where that name is not known the other is shown.
    """
    other = {"zh": "en", "en": "zh"}[language]
    headings = {column.name: column.label.in_language(language) for column in saved.columns}
    columns, picks = [], []
    for index, name in enumerate(rows.columns):
        stem, _, ending = name.rpartition("_")
        twin = f"{stem}_{other if ending == language else language}"
        if ending == other and twin in rows.columns:
            continue
        fallback = rows.columns.index(twin) if ending == language and twin in rows.columns else index
        unit = next((column.unit for column in saved.columns if column.name == name), None)
        heading = headings[name]
        # Where it may hold the other language, or is the only one shown, its heading names none.
        if fallback != index or (ending == language and twin not in rows.columns):
            for words in _LANGUAGE_NAMES:
                heading = heading.removesuffix(words)
        columns.append(heading + (f" ({unit})" if unit else ""))
        picks.append((index, fallback))

    def pick(row: tuple[Term | None, ...]) -> tuple[Term | None, ...]:
        return tuple(row[index] if row[index] is not None else row[fallback] for index, fallback in picks)

    return replace(rows, columns=tuple(columns), rows=tuple(pick(row) for row in rows.rows))


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
        lines += [f"  {described(saved, parameter.name, language)}" for parameter in saved.parameters]
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
