"""The guard refuses what would write, call out or exhaust the parser, and lets every other query through."""

from pathlib import Path

import pytest

from bpsgraph.engine.guard import check
from bpsgraph.errors import BadQuery

QUERIES = sorted((Path(__file__).resolve().parents[1] / "queries").rglob("*.rq"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "line 1, column 12: SERVICE would call"),
        ("SELECT *\n{ service ?x { ?s ?p ?o } }", "line 2, column 3: SERVICE would call"),
        ("ASK{FILTER(?a<?b)SeRvIcE<http://x>{}FILTER(?a>1)}", "SERVICE would call"),
        ("ASK { # harmless\nSERVICE SILENT x:y {} }", "SERVICE would call"),
        ("INSERT DATA { <x:a> <x:b> 1 }", "INSERT would change the store"),
        ("PREFIX a: <x:>\ndelete where { ?s ?p ?o }", "line 2, column 1: DELETE would change"),
        ("ASK {} ; DROP ALL", "DROP would change"),
        ("LOAD <http://x>", "LOAD would change"),
        ("CLEAR ALL", "CLEAR would change"),
        ("ASK " + "{" * 5000 + "}" * 5000, "nested more than 32 deep"),
        ("ASK { FILTER(" + "!" * 5000 + "true) }", "nested more than 32 deep"),
        ("ASK { FILTER(" + "! " * 5000 + "true) }", "nested more than 32 deep"),
        ("ASK {} #" + "x" * 64_000, "longer than 64,000 characters"),
    ],
)
def test_what_is_refused(query: str, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        check(query)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service $load { ?service bps:insert ?x . service:x a insert:delete }",
        'SELECT * { ?s rdfs:label \'SERVICE <x> {\', """DROP " ALL""", \'\'\'it\'s LOAD\'\'\', "\\"CLEAR" }',
        "SELECT * { <https://example.org/SERVICE#LOAD> ?p ?o } # DELETE WHERE { }",
        "SELECT * { ?s ?p 'x'@insert-delete } ORDER BY DESC(?services) LIMIT 5",
        "SELECT * { FILTER(?a < 1 && ?b > 2 && !?c && ! (?d)) }",
        "ASK " + "{" * 32 + "}" * 32,
        "DESCRIBE <item/legal-aid>",
    ],
)
def test_what_passes(query: str) -> None:
    check(query)


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_every_query_of_the_project_passes(file: Path) -> None:
    check(file.read_text(encoding="utf-8"))
