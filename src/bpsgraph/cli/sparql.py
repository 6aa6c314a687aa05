"""`bpsgraph sparql`: ask the store in SPARQL, read-only and within a time."""

import json
import re
import sys
from pathlib import Path
from threading import Thread
from typing import Annotated

from bpsgraph.cli.output import (
    ROW_FORMATS,
    FormatOption,
    OutputOption,
    StoreOption,
    choose,
    rows_text,
    triples_text,
    write,
)
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.engine import guard
from bpsgraph.errors import QueryTimeout, UnreadableFile
from bpsgraph.formats import RDF_FORMATS, by_name
from bpsgraph.results import Rows, Triples
from bpsgraph.store import Store, open_store

# What begins like this is meant as SPARQL, even where it is none or none that is allowed.
_FORM = re.compile(
    r"\s*(SELECT|ASK|CONSTRUCT|DESCRIBE|PREFIX|BASE|INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b(?![.\\/])",
    re.IGNORECASE,
)


def sparql(
    query: Annotated[
        str, Argument(metavar="QUERY|FILE|-", help="SPARQL, a file of it, or - for standard input.")
    ],
    format: FormatOption = None,
    output: OutputOption = None,
    timeout: Annotated[float | None, Option(metavar="SECONDS", help="When to give up (default: 60).")] = None,
    store: StoreOption = None,
) -> None:
    """Ask the store in SPARQL: SELECT and ASK give table, csv, tsv or json; CONSTRUCT and DESCRIBE give RDF.

    The prefixes of the project (bps:, skos:, dct:, prov: …) need no declaration, and <item/legal-aid>
    is a thing.
    """
    settings = load_settings({"store": store, "timeout": timeout})
    if format is not None:
        by_name(format, ROW_FORMATS + RDF_FORMATS)
    text = _text(query)
    guard.check(text)
    with open_store(settings.store) as opened:
        answer = _answer(opened, text, settings.timeout)
    if isinstance(answer, Rows):
        chosen = choose(format, output, ROW_FORMATS, terminal="table", pipe="csv")
        write(rows_text(answer, chosen), output)
    elif isinstance(answer, Triples):
        chosen = choose(format, output, RDF_FORMATS, terminal="turtle", pipe="turtle")
        write(triples_text(answer, chosen), output)
    else:
        chosen = choose(format, output, ROW_FORMATS, terminal="table", pipe="csv")
        as_json = json.dumps({"head": {}, "boolean": answer})
        write((as_json if chosen.name == "json" else str(answer).lower()) + "\n", output)


def _text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    if "{" in query or not query.strip() or _FORM.match(query):
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(
            query, error.strerror or str(error), "name a file of SPARQL, or write the query itself"
        ) from error


def _answer(store: Store, text: str, seconds: float) -> Rows | bool | Triples:
    """The store's answer, from a thread of its own: neither Ctrl-C nor a time limit reaches into one."""
    answers: list[Rows | bool | Triples] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(store.query(text))
        except Exception as error:
            errors.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise QueryTimeout(seconds)
    return answers[0]
