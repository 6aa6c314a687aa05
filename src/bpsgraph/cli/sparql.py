"""`bpsgraph sparql`: ask the store in SPARQL, read-only, in a process that can be ended."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from bpsgraph import opening
from bpsgraph.cli.output import (
    ROW_FORMATS,
    FormatOption,
    OutputOption,
    StoreOption,
    choose,
    rows_text,
    triples_text,
    write,
    write_pieces,
)
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import Settings, load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.engine import guard
from bpsgraph.engine.answer import Answer
from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BadParameter, MalformedFile, UnreadableFile
from bpsgraph.formats import RDF_FORMATS, by_name, by_suffix
from bpsgraph.results import Rows, Triples
from bpsgraph.store.base import Store
from bpsgraph.store.marker import Marker
from bpsgraph.terms import Term

# What begins like this is meant as SPARQL, even where it is none or none that is allowed.
_FORM = re.compile(
    r"\s*(SELECT|ASK|CONSTRUCT|DESCRIBE|PREFIX|BASE|INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b(?![.\\/])",
    re.IGNORECASE,
)
FORMATS = (*ROW_FORMATS, "xml")


def sparql(
    query: Annotated[
        str, Argument(metavar="QUERY|FILE|-", help="SPARQL, a file of it, or - for standard input.")
    ],
    format: FormatOption = None,
    output: OutputOption = None,
    timeout: Annotated[float | None, Option(metavar="SECONDS", help="When to give up (default: 60).")] = None,
    limit: Annotated[
        int | None, Option(metavar="ROWS", help="Cut the answer after so many rows, and say so.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Ask the store in SPARQL: SELECT and ASK give table, csv, tsv, json, xml; CONSTRUCT and DESCRIBE RDF.

    The prefixes of the project (bps:, skos:, dct:, prov: …) need no declaration, and <item/legal-aid>
    is a thing.
    """
    settings = load_settings({"store": store, "timeout": timeout})
    if limit is not None and limit < 1:
        raise BadParameter(
            "--limit", f"{limit} is not a whole number above 0", "leave it out to get all rows"
        )
    if format is not None:
        by_name(format, (*FORMATS, *RDF_FORMATS))
    text = _text(query)
    guard.check(text)
    if isinstance(settings.store, Endpoint):
        from bpsgraph.store import EmbeddedStore, open_store

        with open_store(replace(settings.store, timeout=settings.timeout)) as opened:
            if not isinstance(opened, EmbeddedStore):
                _ask_remote(opened, text, format, output, limit or settings.max_rows, settings)
                return
            place = Path(opened.name)
    else:
        place = settings.store
    Marker.read(place)
    place = place.resolve()
    with Pool(
        "bpsgraph.store.answering.answering",
        {"store": str(place)},
        readable=[place],
        limits=Limits.of(settings).for_one(),
    ) as pool:
        rows = _format_of_rows(format, output)
        arguments = {
            "query": text,
            "rows": "json" if rows == "table" else rows,
            "triples": _format_of_triples(format, output),
            "max_rows": limit or settings.max_rows,
            "max_bytes": settings.max_answer_size,
        }
        with pool.run(arguments) as answer:
            _deliver(answer, format, output)
            _say_what_was_cut(answer, settings)


def _ask_remote(
    store: Store, text: str, format: str | None, output: Path | None, most: int, settings: Settings
) -> None:
    """The same of a store on a server, which works it out; --timeout is how long it is waited for."""
    found = store.query(text)
    if isinstance(found, Triples):
        chosen = choose(format, output, RDF_FORMATS, terminal="turtle", pipe="turtle")
        some = sorted(found, key=str)[:most]
        write(triples_text(Triples(frozenset(some)), chosen), output)
        _say_cut(len(found) > most, most, settings)
        return
    chosen = choose(format, output, FORMATS, terminal="table", pipe="csv")
    if isinstance(found, bool) and chosen.name in ("table", "csv", "tsv"):
        write(str(found).lower() + "\n", output)
        return
    if isinstance(found, bool):
        write(_document(json.dumps({"head": {}, "boolean": found}).encode(), chosen.name), output)
        return
    shown = Rows(found.columns, found.rows[:most])
    if chosen.name == "xml":
        write(_document(shown.to_json().encode(), "xml"), output)
    else:
        write(rows_text(shown, chosen), output)
    _say_cut(len(found.rows) > most, most, settings)


def _document(results: bytes, format: str) -> bytes:
    """A SPARQL results document in JSON as one in JSON or XML."""
    import pyoxigraph as ox

    kinds = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}
    parsed = ox.parse_query_results(results, format=ox.QueryResultsFormat.JSON)
    return (parsed.serialize(format=kinds[format]) or b"") + b"\n"


def _say_cut(cut: bool, rows: int, settings: Settings) -> None:
    if cut:
        print(_CUT[settings.lang]["rows"].format(rows=f"{rows:,}"), file=sys.stderr)


def _format_of_rows(format: str | None, output: Path | None) -> str:
    """The format in which rows would be written; that it fits is known when the answer has begun."""
    if format is not None:
        return format if format in FORMATS else "json"
    found = by_suffix(output, FORMATS) if output else None
    if found is not None:
        return found.name
    return "table" if sys.stdout.isatty() and output is None else "csv"


def _format_of_triples(format: str | None, output: Path | None) -> str:
    if format is not None:
        return format if format in RDF_FORMATS else "turtle"
    found = by_suffix(output, RDF_FORMATS) if output else None
    return "turtle" if found is None else found.name


def _deliver(answer: Answer, format: str | None, output: Path | None) -> None:
    if answer.header["form"] == "triples":
        choose(format, output, RDF_FORMATS, terminal="turtle", pipe="turtle")
        write_pieces(answer, output)
        return
    chosen = choose(format, output, FORMATS, terminal="table", pipe="csv")
    if answer.header["form"] == "boolean" and chosen.name in ("table", "csv", "tsv"):
        write(str(answer.header["value"]).lower() + "\n", output)
        answer.read()
    elif chosen.name == "table":
        write(rows_text(_rows(answer.read()), chosen), output)
    else:
        write_pieces(_with_line_end(answer), output)


def _rows(content: bytes) -> Rows:
    """The rows of a SPARQL results document in JSON."""
    from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

    found = parse_query_results(content, format=QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    columns = tuple(variable.value for variable in found.variables)
    rows: list[tuple[Term | None, ...]] = [tuple(solution) for solution in found]
    return Rows(columns, tuple(rows))


def _with_line_end(pieces: Answer) -> Iterator[bytes]:
    last = b""
    for piece in pieces:
        last = piece or last
        yield piece
    if not last.endswith(b"\n"):
        yield b"\n"


def _say_what_was_cut(answer: Answer, settings: Settings) -> None:
    end = answer.end or {}
    if end.get("cut"):
        rows = f"{end['rows']:,}"
        print(_CUT[settings.lang][end["cut"]].format(rows=rows), file=sys.stderr)


_CUT = {
    "zh": {
        "rows": "注：结果到第{rows}行为止，后面还有；要更多，请改 --limit 或设置 max_rows",
        "bytes": "注：结果太大，到第{rows}行为止，后面还有；要更多，请改设置 max_answer_size",
    },
    "en": {
        "rows": "note: cut after {rows} rows, there are more: raise --limit or the setting max_rows",
        "bytes": "note: cut after {rows} rows as too large, there are more: raise max_answer_size",
    },
}


def _text(query: str) -> str:
    if query == "-":
        return _decoded(opening.standard_input(), "standard input")
    if "{" in query or not query.strip() or _FORM.match(query):
        return query
    try:
        opening.is_pipe(query)
    except UnreadableFile as error:
        reason = error.problem.partition(": ")[2]
        raise UnreadableFile(query, reason, "name a file of SPARQL, or write the query itself") from error
    return _decoded(opening.content(query), query)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(name, error) from error


def _not_text(place: str, error: UnicodeDecodeError) -> MalformedFile:
    return MalformedFile(place, f"byte {error.start + 1} is not UTF-8", "save it as UTF-8")
