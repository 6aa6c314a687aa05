"""Refuses, before any parser sees it, SPARQL that would write, call another server, or exhaust the parser.

It only reads words and brackets, so it refuses early and says why; the limits on time are elsewhere.
"""

import re

from bpsgraph.errors import BadQuery

LARGEST = 64_000
DEEPEST = 32

_TOKEN = re.compile(
    r"""
      (?P<skip>\#[^\n]*
        | \"{3}(?:\\.|(?!\"{3})[^\\])*\"{3} | '{3}(?:\\.|(?!'{3})[^\\])*'{3}
        | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
        | <[^<>"{}|^`\\\s]*>
        | [?$]\w+ | @[A-Za-z-]+ | [\w.-]*:[\w.:%-]*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<opens>[{(\[])
    | (?P<closes>[})\]])
    | (?P<negations>!(?:\s*!)*)
    """,
    re.VERBOSE | re.DOTALL,
)
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"}


def check(query: str) -> None:
    """Raise `BadQuery` for a query that is not to be run; whether the rest is SPARQL is for the parser."""
    if not query.strip():
        raise BadQuery("the query is empty", "write one, for example: ASK {}")
    if len(query) > LARGEST:
        raise BadQuery(f"the query is longer than {LARGEST:,} characters", "ask for less at a time")
    depth = 0
    for token in _TOKEN.finditer(query):
        word = (token["word"] or "").upper()
        if word in _UPDATES:
            raise _refused(
                query,
                token.start(),
                f"{word} would change the store",
                "ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
            )
        if word == "SERVICE":
            raise _refused(
                query, token.start(), "SERVICE would call another server", "ask that server yourself"
            )
        depth += bool(token["opens"]) - bool(token["closes"])
        if depth > DEEPEST or len(token["negations"] or "") > DEEPEST:
            raise _refused(query, token.start(), f"it is nested more than {DEEPEST} deep", "write it flatter")


def _refused(query: str, at: int, problem: str, cure: str) -> BadQuery:
    line, column = query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at)
    return BadQuery(problem, cure, where=f"line {line}, column {column}")
