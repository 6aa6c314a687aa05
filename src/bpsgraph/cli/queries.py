"""`bpsgraph queries`: which questions are saved, and whether they still answer as they should."""

import csv
import io
import json
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from bpsgraph.cli.output import (
    LanguageOption,
    OutputOption,
    StoreOption,
    choose,
    triples_text,
    write,
)
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadParameter, BadUsage, BpsError, StoreMissing, did_you_mean, visible
from bpsgraph.formats import by_name
from bpsgraph.library import Library, Query, library_of
from bpsgraph.library.listing import Listed, listed
from bpsgraph.library.saved import kind_of
from bpsgraph.results import Text, Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store

if TYPE_CHECKING:
    from bpsgraph.library.cases import Case

FORMATS = ("table", "csv", "json", "markdown", "turtle", "junit")


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
    library: Annotated[
        Path | None,
        Option(metavar="DIR", help="A folder of queries of your own, beside the bundled ones."),
    ] = None,
    format: Annotated[
        str | None,
        Option("--format", metavar="|".join(FORMATS), help="The format of the list; junit is for --test."),
    ] = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """List the saved questions by topic, one a line, with their parameters.

    \b
    A parameter is given with -p to `bpsgraph query`:
      bpsgraph queries --topic floors
      bpsgraph queries --search 缺项
      bpsgraph query gaps/missing-items -p jurisdiction=140500
      bpsgraph query gaps/missing-items --help
    The list for other programs, as RDF the catalogue that the store holds as well:
      bpsgraph queries --format json
      bpsgraph queries -o queries.ttl
    The tests, as JUnit:
      bpsgraph queries --test --topic gaps -o tests.xml
    """
    settings = load_settings({"lang": lang, "store": store, "library": library})
    kind = choose(format, output, ("junit", "table") if test else FORMATS[:-1], "table", "table").name
    known = library_of(settings)
    names = [name for name in known if lint or kind_of(name) in ("query", "check")]
    if topic is not None:
        topics = sorted({_topic(name) for name in names})
        if topic not in topics:
            cure = did_you_mean(topic, topics, f"the topics are: {', '.join(topics)}")
            raise BadParameter("--topic", f"there is no topic {topic!r}", cure)
        names = [name for name in names if _topic(name) == topic]
    if search is not None:
        names = [name for name in names if known[name].speaks_of(search)]
        if not names:
            raise BadParameter(
                "--search", f"no saved query speaks of {search!r}", "list them without --search"
            )
    if test:
        folders = [find_sources(settings.sources).root / "tests" / "queries"]
        if settings.library is not None:
            folders.append(settings.library / "tests")
        text, failed = _tested(folders, known, set(names), kind)
        write(text, output)
        raise click.exceptions.Exit(1 if failed else 0)
    if lint:
        raise click.exceptions.Exit(_run_lint(settings.store, known, names))
    if kind == "turtle":
        from bpsgraph.library import catalogue_triples

        triples = Triples(frozenset(catalogue_triples(known, names)))
        write(triples_text(triples, by_name("turtle", FORMATS)), output)
    elif kind == "json":
        from bpsgraph.library.catalogue import described_as_json

        fields = [described_as_json(known[name]) for name in names]
        write(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", output)
    elif kind == "csv":
        write(_csv([known[name] for name in names]), output)
    elif kind == "markdown":
        from bpsgraph.answers.text import markdown

        heading = ("name", "question", "parameters")
        write(markdown(heading, [_line(one, settings.lang) for one in listed(known, names)]), output)
    else:
        write(listing(list(listed(known, names)), settings.lang), output)


def listing(chosen: list[Listed], language: str) -> str:
    """The queries by topic, one a line: name, summary, parameters; and how many there are."""
    from rich.cells import cell_len

    width = max(cell_len(query.name) for query in chosen)
    lines = []
    for topic, group in groupby(chosen, key=lambda query: _topic(query.name)):
        lines.append(topic)
        for query in group:
            name, summary, parameters = _line(query, language)
            taken = f"  ({parameters})" if parameters else ""
            lines.append(f"  {name:<{width}}  {summary}{taken}")
        lines.append("")
    lines.append(_COUNTS.in_language(language).format(**_counts(chosen)))
    lines.append(_NEXT.in_language(language))
    return "\n".join(lines) + "\n"


_COUNTS = Text(
    "共{questions}个问题，{topics}个主题；{checks}项检查。",
    "{questions} questions in {topics} topics, {checks} checks.",
)
_NEXT = Text(
    "带!的参数必填。\n提问：bpsgraph query 名称 -p 参数=值；说明：bpsgraph query 名称 --help；"
    "检查：bpsgraph check",
    "A parameter with ! is required.\n"
    "Ask one: bpsgraph query NAME -p PARAMETER=VALUE; about one: bpsgraph query NAME --help; "
    "run the checks: bpsgraph check",
)


def _topic(name: str) -> str:
    return name.rpartition("/")[0]


def _counts(chosen: list[Listed]) -> dict[str, int]:
    questions = [query.name for query in chosen if kind_of(query.name) == "query"]
    return {
        "questions": len(questions),
        "topics": len(set(map(_topic, questions))),
        "checks": sum(kind_of(query.name) == "check" for query in chosen),
    }


def _line(query: Listed, language: str) -> tuple[str, str, str]:
    parameters = ", ".join(name + ("!" if required else "") for name, required in query.required.items())
    return query.name, query.summary.in_language(language), parameters


def _csv(chosen: list[Query]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["name", "kind", "topic", "summary_zh", "summary_en", "parameters", "columns"])
    for query in chosen:
        parameters = " ".join(parameter.name for parameter in query.parameters)
        columns = " ".join(column.name for column in query.columns)
        summary = (query.summary.zh, query.summary.en)
        writer.writerow([query.name, query.kind, query.topic, *summary, parameters, columns])
    return "\ufeff" + text.getvalue()


def _tested(folders: list[Path], library: Library, names: set[str], kind: str) -> tuple[str, int]:
    """The outcome of each test of these queries, as text or JUnit XML, and how many failed."""
    from bpsgraph.library.cases import cases

    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        raise BadUsage("the tests of the saved queries are not here", "run this in a checkout of the project")
    found = {
        case: _outcome(case, library) for folder in there for case in cases(folder) if case.query in names
    }
    if not found:
        raise BadUsage("none of these queries has a test", "choose others, or leave out --topic and --search")
    failed = sum(map(bool, found.values()))
    if kind == "junit":
        return _junit(found, failed), failed
    lines = []
    for case, wrong in found.items():
        lines.append(f"{'fail' if wrong else 'ok  '}  {_label(case)}")
        lines += [f"      {line}" for line in wrong]
    untested = sorted(
        query.name
        for query in map(library.__getitem__, names - {case.query for case in found})
        if query.kind == "query"
    )
    lines += [f"none  {name} has no test" for name in untested]
    lines.append(f"{len(found)} tests, {failed} failed")
    return "\n".join(lines) + "\n", failed


def _outcome(case: "Case", library: Library) -> list[str]:
    from bpsgraph.library.cases import differences

    try:
        return differences(case, library)
    except BpsError as error:
        return [str(error)]


def _label(case: "Case") -> str:
    return f"{case.query}{f' ({case.name})' if case.name else ''}"


def _junit(found: Mapping["Case", list[str]], failed: int) -> str:
    from xml.etree import ElementTree as Xml

    totals = {"tests": str(len(found)), "failures": str(failed), "errors": "0", "skipped": "0"}
    root = Xml.Element("testsuites", {"name": "bpsgraph queries", **totals})
    suite = Xml.SubElement(root, "testsuite", {"name": "queries", "time": "0", **totals})
    for case, wrong in found.items():
        topic, _, name = case.query.rpartition("/")
        shown = f"{name} ({case.name})" if case.name else name
        one = Xml.SubElement(suite, "testcase", classname=topic, name=shown, time="0")
        if wrong:
            # The first of several lines names the columns.
            count = max(len(wrong) - 1, 1)
            message = f"{count} difference{'s' if count > 1 else ''}"
            failure = Xml.SubElement(one, "failure", message=message, type="rows")
            failure.text = _visible_lines(wrong)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _visible_lines(lines: list[str]) -> str:
    """The lines without characters that XML cannot hold."""
    return "\n".join(visible(line) for line in lines)


def _run_lint(path: Path | Endpoint, library: Library, names: list[str]) -> int:
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
