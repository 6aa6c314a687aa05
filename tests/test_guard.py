"""The guard refuses what would write, call out or exhaust the parser, and lets every other query through."""

import contextlib
import os
import time
from pathlib import Path

import pyoxigraph
import pytest

from bpsgraph.engine import guard
from bpsgraph.engine.guard import check
from bpsgraph.errors import BadQuery, BpsError, QueryTooLarge, ReadOnly, TooComplex

ROOT = Path(__file__).resolve().parents[1]
QUERIES = sorted((ROOT / "queries").rglob("*.rq"))
W3C = Path(os.environ.get("BPSGRAPH_W3C_TESTS") or ROOT.parent / "shared" / "w3c")
NO_W3C = pytest.mark.skipif(not W3C.is_dir(), reason="no W3C test suites: set BPSGRAPH_W3C_TESTS")

CALLS = [
    ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "line 1, column 12: SERVICE would call"),
    ("SELECT *\n{ service ?x { ?s ?p ?o } }", "line 2, column 3: SERVICE would call"),
    ("ASK{FILTER(?a<?b)SeRvIcE<http://x>{}FILTER(?a>1)}", "SERVICE would call"),
    ("ASK { # harmless\nSERVICE SILENT x:y {} }", "SERVICE would call"),
    ("ASK { # harmless\rSERVICE SILENT x:y {} }", "SERVICE would call"),
    ("ASK { ?s ?p true.SERVICE<http://x>{} }", "SERVICE would call"),
    ("ASK { ?s ?p trueSERVICE<http://x>{} }", "SERVICE would call"),
    ("ASK { ?s ?p 1SERVICE<http://x>{} }", "SERVICE would call"),
    ("ASK { servicesilent<http://x>{} }", "SERVICE would call"),
    ("PREFIX : <http://x/> ASK { service:x { ?s ?p ?o } }", "the prefix service: can be read as SERVICE"),
    ("PREFIX a: <http://x/> ASK { servicea:x {} }", "the prefix servicea: can be read as SERVICE"),
    ("PREFIX : <http://x/> ASK { ?s ?p true.serviceSilent:x {} }", "can be read as SERVICE"),
    ("ASK { \\u0053ERVICE <http://x> {} }", "line 1, column 7: an escape \\u stands outside a string"),
    ("ASK { FILTER NOT EXISTS{SERVICE<http:\\u002f/x>{}} }", "SERVICE would call"),
    ("ASK { FILTER(?a<b#>\n)SERVICE <x> {} \n}", "line 2, column 2: SERVICE would call"),
]
UPDATES = [
    ("INSERT DATA { <x:a> <x:b> 1 }", "line 1, column 1: INSERT would change the store"),
    ("PREFIX a: <x:>\ndelete where { ?s ?p ?o }", "line 2, column 1: DELETE would change"),
    ("ASK {} ; DROP ALL", "DROP would change"),
    ("WITH <x:g> DELETE {} WHERE {}", "WITH would change"),
    ("CLEAR ALL", "CLEAR would change"),
    ("MOVE <a> TO <b>", "MOVE would change"),
]
LOADS = [("LOAD <http://x>", "LOAD would change"), ("LOAD<file:///etc/passwd>", "LOAD would change")]
BOMBS = [
    ("ASK " + "{" * 5000 + "}" * 5000, "line 1, column 37: it is nested deeper than 32 levels"),
    ("ASK { FILTER" + "(" * 5000 + "true" + ")" * 5000 + "}", "nested deeper than 32 levels"),
    ("ASK { ?s ?p " + "[ ?p " * 40 + "]" * 40 + "}", "nested deeper than 32 levels"),
    ("ASK { ?s ?p " + "(1 " * 100 + ")" * 100 + "}", "nested deeper than 32 levels"),
    ("ASK { " + "<<" * 40 + "?s ?p ?o" + ">>" * 40 + " ?p ?o }", "nested deeper than 32 levels"),
    ("ASK { FILTER(" + "!" * 5000 + "true) }", "more than 32 ! in a row"),
    ("ASK { FILTER(" + "! #\n" * 5000 + "true) }", "more than 32 ! in a row"),
    ("ASK { FILTER(" + "1+" * 10_000 + "1 > 0) }", "too many operators: more than 500"),
    ("ASK { ?s " + "<x:p>/" * 600 + "<x:p> ?o }", "too many operators: more than 500"),
    ("ASK { ?s " + "<x:p>|" * 600 + "<x:p> ?o }", "too many operators: more than 500"),
    ("ASK { {} " + "UNION {}" * 300 + "}", "too many groups { }: more than 256"),
    ("ASK { " + "BIND(1 AS ?x) " * 300 + "}", "too many OPTIONAL, UNION, MINUS and BIND: more than 256"),
    ("ASK { VALUES ?x { " + "1 " * 11_000 + "} }", "more than 10,000 words and signs"),
]
LARGE = [
    ("ASK {} #" + "x" * 64_000, "the query is longer than 64,000 bytes"),
    ("ASK {} #" + "字" * 22_000, "the query is longer than 64,000 bytes"),
    ("SELECT * { <http://x/" + "a" * 3_000 + "> ?p ?o }", "line 1, column 12: the IRI is longer than 2,048"),
    ("SELECT " + " ".join(f"?v{n}" for n in range(5000)) + " {}", "more than 1,000 variables"),
]
SLIPS = [
    ("", "the query is empty"),
    (" \n# nothing\n", "the query is empty"),
    ("SELECT * { ?s ?p ?o", "line 1: '{' opened at column 10 is not closed; add '}'"),
    ("ASK { FILTER(1 > (2 }", "line 1, column 21: '}' stands where '(' of line 1, column 18 is still open"),
    ("ASK { } }", "line 1, column 9: '}' closes nothing"),
    ("ASK {\n ?s ?p 'x }", "line 2: the string opened at column 8 is not closed"),
    ('ASK {\n ?s ?p """x }\n"', "line 2: the string opened at column 8 is not closed"),
    ("SELECT * {} LIMIT -1", "line 1, column 19: LIMIT takes a whole number from 0 on"),
    ("SELECT * {} OFFSET 1.5", "line 1, column 20: OFFSET takes a whole number from 0 on"),
    ("SELECT * {} LIMIT 99999999999999999999999", "LIMIT 99999999999999999999999 is beyond 2^64 - 1"),
    ("SELECT * {} LIMIT " + "9" * 10_000, "is beyond 2^64 - 1"),
    ("ASK { ?s ?p 'a\0' }", "line 1, column 15: here stands the control character U+0000"),
    ("ASK { ?s ?p '\udcff' }", "here stands a byte that is not UTF-8"),
    ("ASK { <x:a\\u00zz> ?p ?o }", "an escape \\u stands outside"),
]


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        *((BadQuery, *case) for case in CALLS),
        *((ReadOnly, *case) for case in UPDATES + LOADS),
        *((TooComplex, *case) for case in BOMBS),
        *((QueryTooLarge, *case) for case in LARGE),
        *((BadQuery, *case) for case in SLIPS),
    ],
    ids=lambda value: (
        value[:30].encode("ascii", "backslashreplace").decode() if isinstance(value, str) else value.__name__
    ),
)
def test_what_is_refused(kind: type[BpsError], query: str, said: str) -> None:
    with pytest.raises(kind) as caught:
        check(query)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service $load { ?service bps:insert ?x . service-class:x a insert:delete }",
        'SELECT * { ?s rdfs:label \'SERVICE <x> {\', """DROP " ALL""", \'\'\'it\'s LOAD\'\'\', "\\"CLEAR" }',
        "SELECT * { <https://example.org/SERVICE#LOAD> ?p ?o } # DELETE WHERE { }",
        "SELECT * { ?s ?p 'x'@insert-delete } ORDER BY DESC(?services) LIMIT 5",
        "SELECT * { FILTER(?a < 1 && ?b > 2 && !?c && ! (?d)) }",
        "SELECT * { FILTER(?a<?b&&?c>?d||?a<-1) ?s ^<x:p>/(<x:q>|!(<x:r>|^a))*/<x:s>? ?o }",
        "SELECT * { ?s ?p '\\u0053ERVICE', <http:\\u002f/x> } LIMIT 0 OFFSET 18446744073709551615",
        "SELECT ?变量 { ?变量 bps:名称 '名称', ex:a.b-c\\,d, ex:%41·, _:b.1, .5e-3, '''''', \"\" }",
        "ASK { << ?s ?p ?o >> ?q <<( ?s ?p <x:o>)>> }",
        "ASK " + "{" * 32 + "}" * 32,
        "DESCRIBE <item/legal-aid>",
    ],
)
def test_what_passes(query: str) -> None:
    check(query)


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_every_query_of_the_project_passes(file: Path) -> None:
    check(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("query", [query for query, _ in UPDATES])
def test_updates_pass_where_they_are_wanted(query: str) -> None:
    check(query, update=True)


@pytest.mark.parametrize(
    "query", ["LOAD <x:a>", "LOADSILENT<x:a>", "CLEAR ALL ; LOAD SILENT <x:a> INTO GRAPH <x:g>"]
)
def test_no_update_loads_from_elsewhere(query: str) -> None:
    with pytest.raises(BadQuery, match="LOAD would call another server"):
        check(query, update=True)


HOSTILE = {
    "escaped quotes": '"\\"' * 21_000,
    "opened strings": '"\\' * 32_000,
    "triple quotes": "'''a\"\"\"" * 9_000,
    "less than": "<a" * 32_000,
    "one IRI": "<" + "a" * 63_000,
    "dotted names": "a." * 32_000,
    "colons": ":" * 64_000,
    "comments": "#\n" * 32_000,
    "spaces": " " * 64_000,
    "languages": "@a-" * 21_000,
    "numbers": "1e" * 32_000,
    "escapes": "a:\\" * 21_000,
    "negations": "!\n" * 32_000,
    "services": "ervice" * 10_600,
    "no text": "\x00" * 64_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_length_alone(name: str) -> None:
    """A text of which parts are read again and again would take from seconds to minutes."""
    start = time.process_time()
    with contextlib.suppress(BpsError):
        check(HOSTILE[name][:64_000])
    assert time.process_time() - start < 0.5


# By design: these call another server.
REFUSED = {f"service0{n}" for n in "1235674"} | {"service04a"} | {f"syntax-service-0{n}" for n in "123"}


@NO_W3C
def test_no_query_of_the_w3c_suite_is_refused_but_those_that_call_out() -> None:
    """Whatever the engine's parser takes, the guard takes too, at 60 µs each in the median."""
    refused, times = [], []
    files = sorted((W3C / "sparql11").rglob("*.rq"))
    assert len(files) > 400
    for file in files:
        text = file.read_text(encoding="utf-8")
        start = time.perf_counter()
        try:
            check(text)
        except BpsError:
            refused.append(file)
        times.append(time.perf_counter() - start)
    assert {file.stem for file in refused if _is_query(file)} <= REFUSED
    assert sorted(times)[len(times) // 2] < 5 * 60e-6  # Other programs run here as well.


@NO_W3C
def test_no_update_of_the_w3c_suite_is_refused_but_those_that_load() -> None:
    for file in sorted((W3C / "sparql11").rglob("*.ru")):
        said = ""
        try:
            check(file.read_text(encoding="utf-8"), update=True)
        except BpsError as error:
            said = str(error)
        assert not said or "LOAD would call" in said or not _is_update(file), file


def _is_query(file: Path) -> bool:
    """Whether the engine's parser takes it; what happens when it is run is another matter."""
    try:
        pyoxigraph.Store().query(file.read_text(encoding="utf-8"), base_iri="http://example.org/")
    except SyntaxError:
        return False
    except (OSError, RuntimeError):
        return True
    return True


def _is_update(file: Path) -> bool:
    try:
        pyoxigraph.Store().update(file.read_text(encoding="utf-8"), base_iri="http://example.org/")
    except SyntaxError:
        return False
    except (OSError, RuntimeError):
        return True
    return True


def test_the_limits_are_those_that_the_documentation_names() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for limit in (
        guard.LARGEST,
        guard.MOST_TOKENS,
        guard.DEEPEST,
        guard.MOST_OPERATORS,
        guard.MOST_GROUPS,
        guard.MOST_CLAUSES,
        guard.MOST_VARIABLES,
        guard.LONGEST_IRI,
    ):
        assert f"{limit:,}" in page
