"""`bpsgraph queries`: which questions are saved, and whether they still answer as they should."""

import sys
from itertools import groupby
from pathlib import Path
from typing import Annotated

import click

from bpsgraph.cli.output import LanguageOption, StoreOption
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BadUsage, StoreMissing, did_you_mean
from bpsgraph.library import Library, Query
from bpsgraph.library.cases import cases, differences
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import open_store


def queries(
    topic: Annotated[
        str | None, Option(metavar="TOPIC", help="Only this topic: gaps, floors, checks and so on.")
    ] = None,
    search: Annotated[
        str | None,
        Option(metavar="TEXT", help="Only queries whose name, words, tags or columns hold TEXT."),
    ] = None,
    test: Annotated[
        bool, Option("--test", help="Run their tests instead: exit 0 if all hold, 1 if not.")
    ] = False,
    lint: Annotated[
        bool,
        Option(
            "--lint",
            help="Look for what a query may not be, in its text and in its rows: exit 0 if there is nothing.",
        ),
    ] = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """List the saved questions by topic, each with its parameters.

    \b
    A parameter is given with -p to `bpsgraph query`:
      bpsgraph queries --topic floors
      bpsgraph queries --search 缺项
      bpsgraph query gaps/missing-items -p jurisdiction=140500
      bpsgraph query gaps/missing-items --help
    """
    settings = load_settings({"lang": lang, "store": store})
    sources = find_sources(settings.sources)
    library = Library(sources.root / "queries")
    chosen = [library[name] for name in library]
    if not lint:
        chosen = [query for query in chosen if query.kind != "derive"]
    if topic is not None:
        topics = sorted({query.topic for query in chosen})
        if topic not in topics:
            cure = did_you_mean(topic, topics, f"the topics are: {', '.join(topics)}")
            raise BadParameter("--topic", f"there is no topic {topic!r}", cure)
        chosen = [query for query in chosen if query.topic == topic]
    if search is not None:
        chosen = [query for query in chosen if search.casefold() in _words(query)]
        if not chosen:
            raise BadParameter(
                "--search", f"no saved query speaks of {search!r}", "list them without --search"
            )
    if test:
        raise click.exceptions.Exit(_run_tests(sources, library, {query.name for query in chosen}))
    if lint:
        raise click.exceptions.Exit(_run_lint(settings.store, library, [query.name for query in chosen]))
    print(listing(chosen, settings.lang), end="")


def listing(chosen: list[Query], language: str) -> str:
    """The queries by topic: name, summary, and one line per parameter."""
    lines = []
    for topic, group in groupby(chosen, key=lambda query: query.topic):
        lines.append(topic)
        for query in group:
            lines.append(f"  {query.name}\n      {query.summary.in_language(language)}")
            lines += [f"      {described(query, parameter.name, language)}" for parameter in query.parameters]
        lines.append("")
    lines.append(
        "Ask one: bpsgraph query NAME -p PARAMETER=VALUE; more about one: bpsgraph query NAME --help"
    )
    return "\n".join(lines) + "\n"


def described(query: Query, name: str, language: str) -> str:
    """One parameter as one types it, and what it means."""
    parameter = query.parameter(name)
    default = ", ".join(parameter.typed(term) for term in parameter.written if term is not None)
    note = ""
    if parameter.header.required:
        note = " [required]" if language == "en" else " [必填]"
    elif default:
        note = f" [default: {default}]" if language == "en" else f" [默认：{default}]"
    return f"-p {name}={parameter.example or '…'}  {parameter.header.help.in_language(language)}{note}"


def _words(query: Query) -> str:
    words = [query.name, *query.header.tags]
    for text in (query.summary, query.description, *(column.label for column in query.columns)):
        words += [text.zh, text.en]
    for parameter in query.parameters:
        words += [parameter.name, parameter.header.help.zh, parameter.header.help.en]
    return "\n".join(words).casefold()


def _run_tests(sources: Sources, library: Library, names: set[str]) -> int:
    folder = sources.root / "tests" / "queries"
    if not folder.is_dir():
        raise BadUsage("the tests of the saved queries are not here", "run this in a checkout of the project")
    failed = ran = 0
    for case in cases(folder):
        if case.query not in names:
            continue
        ran += 1
        found = differences(case, library)
        label = f"{case.query}{f' ({case.name})' if case.name else ''}"
        print(f"{'fail' if found else 'ok  '}  {label}")
        for line in found:
            print(f"      {line}")
        failed += bool(found)
    if not ran:
        raise BadUsage("none of these queries has a test", "choose others, or leave out --topic and --search")
    print(f"{ran} tests, {failed} failed")
    return 1 if failed else 0


def _run_lint(path: Path, library: Library, names: list[str]) -> int:
    # Only here, because it loads rdflib.
    from bpsgraph.library.lint import lint, lint_answers

    remarks = lint(library, names)
    try:
        with open_store(path) as store:
            remarks += [remark for name in names for remark in lint_answers(store, library[name])]
    except StoreMissing:
        print("note: there is no store, so that only the texts were read", file=sys.stderr)
    for remark in remarks:
        print(remark)
    print(f"{len(names)} queries, {len(remarks)} remarks; docs/queries.md says what each code means")
    return 1 if remarks else 0
