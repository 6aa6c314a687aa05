"""Refuses, before any parser sees it, SPARQL that would write, call another server, or exhaust the parser.

It reads tokens and brackets only, in one pass whose time grows with the length of the text and with nothing
else: every repetition in the pattern is possessive, and a string that does not close ends the reading. It
refuses early and says why; what keeps a query from doing harm is the process it runs in.

The parser of the engine reads without tokens: `service:x {}` is SERVICE with `:x` to it where no triple fits,
and so is `trueservice:x {}`. A name that holds the word before its colon is therefore refused too.
"""

import re
from collections.abc import Callable, Iterator
from typing import NoReturn

from bpsgraph.errors import BadQuery, BpsError, QueryTooLarge, ReadOnly, TooComplex

LARGEST = 64_000
MOST_TOKENS = 10_000
DEEPEST = 32
MOST_OPERATORS = 500
MOST_GROUPS = 256
MOST_CLAUSES = 256
MOST_VARIABLES = 1_000
LONGEST_IRI = 2_048
LARGEST_COUNT = 2**64 - 1

_LOCAL = r"""(?:[\w.\-:%\u00b7\u0300-\u036f\u203f\u2040]|\\[_~.\-!$&'()*+,;=/?\#@%])*+"""
_TOKEN = re.compile(
    rf"""
    (?:[ \t\r\n]++|\#[^\r\n]*+)*+
    (?:
        (?P<variable>[?$]\w++)
      | (?P<word>[^\W\d][\w.\-\u00b7\u0300-\u036f\u203f\u2040]*+) (?P<local>:{_LOCAL})?+
      | (?P<opens>[{{(\[]|<<)
      | (?P<closes>[}})\]]|>>)
      | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
      | (?P<plain>[.;,]|:{_LOCAL}|@[A-Za-z]++(?:-[A-Za-z0-9]++)*+|\^\^
          | \"{{3}}(?:[^"\\]++|\\.|"(?!""))*+\"{{3}} | '{{3}}(?:[^'\\]++|\\.|'(?!''))*+'{{3}}
          | "(?!"")(?:[^"\\\r\n]++|\\[^\r\n])*+" | '(?!'')(?:[^'\\\r\n]++|\\[^\r\n])*+')
      | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+)
      | (?P<negation>!(?!=))
      | (?P<operator>\|\||&&|[!<>]=|[=<>+\-*/|^?])
      | (?P<unclosed>\"{{3}}|'{{3}}|["'])
      | (?P<escape>\\[uU])
      | (?P<unknown>.)
      | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What may follow the word in a name that is read as a call: nothing, SILENT, or the prefix of a name.
_SERVICE = re.compile(r"SERVICE(?:\Z|[^\W\d_])")
_UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "USING"}
)
_CLAUSES = frozenset({"OPTIONAL", "MINUS", "UNION", "BIND"})
_COUNTS = frozenset({"LIMIT", "OFFSET"})
_NOTED = _UPDATES | _CLAUSES | _COUNTS
_PARTNER = {"}": "{", ")": "(", "]": "[", ">>": "<<"}
_CLOSER = {opener: closer for closer, opener in _PARTNER.items()}
_SEQUENCE = "OPTIONAL, UNION, MINUS and BIND"
_FLATTER = "write it flatter, or ask in several queries"


def check(query: str, *, update: bool = False) -> None:
    """Let a query pass, or an update where those are wanted; whether the rest is SPARQL is for the parser.

    Raises `BadQuery`, `ReadOnly` for an update where a query is wanted, `TooComplex` and `QueryTooLarge`,
    each with the line and the column where it shows. SERVICE and LOAD are refused always.
    """
    _check_text(query)
    open_brackets: list[tuple[str, int]] = []
    variables: set[str] = set()
    tokens = operators = groups = clauses = negations = 0
    counting = ""
    at = 0
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind == "end":
            break
        tokens += 1
        if kind == "variable":
            variables.add(token[kind][1:])
        elif kind == "word" or kind == "local":
            word = token["word"].upper()
            if "SERVICE" in word and _SERVICE.search(word):
                _refuse_service(query, token.start("word"), word, kind == "local")
            if kind == "word":
                if not word.isalpha():
                    # `true.DROP` and `a-LOAD` are more tokens than one.
                    word = next((part for part in re.split(r"\W", word) if part in _NOTED), word)
                if update and word.startswith("LOAD"):
                    _refuse(
                        BadQuery,
                        query,
                        token.start("word"),
                        "LOAD would call another server",
                        "insert the triples themselves",
                    )
                if word in _NOTED:
                    if word in _COUNTS:
                        counting = word
                        continue
                    if word in _CLAUSES:
                        clauses += 1
                        if clauses > MOST_CLAUSES:
                            _too_many(query, token.start(kind), MOST_CLAUSES, _SEQUENCE)
                    elif not update:
                        _refuse(
                            ReadOnly,
                            query,
                            token.start(kind),
                            f"{word} would change the store, and this is an update, which is not taken here",
                            "ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
                        )
        elif kind == "opens":
            at = token.start(kind)
            open_brackets.append((token[kind], at))
            if len(open_brackets) > DEEPEST:
                _refuse(TooComplex, query, at, f"it is nested deeper than {DEEPEST} levels", _FLATTER)
            if token[kind] == "{":
                groups += 1
                if groups > MOST_GROUPS:
                    _too_many(query, at, MOST_GROUPS, "groups { }")
        elif kind == "closes":
            _close(query, token[kind], token.start(kind), open_brackets)
        elif kind == "operator" or kind == "negation":
            operators += 1
            negations = negations + 1 if kind == "negation" else 0
            if negations > DEEPEST:
                _refuse(
                    TooComplex, query, token.start(kind), f"it has more than {DEEPEST} ! in a row", _FLATTER
                )
            if operators > MOST_OPERATORS:
                _too_many(query, token.start(kind), MOST_OPERATORS, "operators")
            if counting and token[kind] in "+-":
                _bad_count(query, token.start(kind), counting)
            counting = ""
            continue
        elif kind == "iri":
            if token.end(kind) - token.start(kind) - 2 > LONGEST_IRI:
                _refuse(
                    QueryTooLarge,
                    query,
                    token.start(kind),
                    f"the IRI is longer than {LONGEST_IRI:,} characters",
                    "name it shorter",
                )
        elif kind == "number":
            if counting:
                _check_count(query, token.start(kind), counting, token[kind])
        elif kind == "unclosed":
            line, column = _place(query, token.start(kind))
            raise BadQuery(
                f"the string opened at column {column} is not closed",
                f"add {token[kind]} where it ends",
                where=f"line {line}",
            )
        elif kind == "escape":
            _refuse(
                BadQuery,
                query,
                token.start(kind),
                f"an escape {token[kind]} stands outside a string and an IRI",
                "write the character itself",
            )
        negations = 0
        counting = ""
        if tokens > MOST_TOKENS:
            _refuse(
                TooComplex,
                query,
                token.start(kind or 0),
                f"it has more than {MOST_TOKENS:,} words and signs",
                "ask for less at a time",
            )
    if not tokens and not update:
        raise BadQuery("the query is empty", "write one, for example: ASK {}")
    for opener, at in reversed(open_brackets):
        if opener != "<<":
            line, column = _place(query, at)
            raise BadQuery(
                f"'{opener}' opened at column {column} is not closed",
                f"add '{_CLOSER[opener]}' where it ends",
                where=f"line {line}",
            )
    if len(variables) > MOST_VARIABLES:
        raise QueryTooLarge(f"the query has more than {MOST_VARIABLES:,} variables", "ask for less at a time")


def tokens(query: str) -> Iterator[tuple[str, str, int]]:
    """The tokens of a text that parses: each with the keyword that it is, in capitals, and its place."""
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind is None or kind == "end":
            continue
        word = token["word"].upper() if kind == "word" else ""
        start = token.start("word") if kind == "local" else token.start(kind)
        yield query[start : token.end(kind)], word, start


def _check_text(query: str) -> None:
    size = len(query)
    if size <= LARGEST and not query.isascii():
        size = len(query.encode(errors="surrogatepass"))
    if size > LARGEST:
        raise QueryTooLarge(f"the query is longer than {LARGEST:,} bytes", "ask for less at a time")
    foreign = _NOT_TEXT.search(query)
    if foreign is not None:
        code = ord(foreign[0])
        what = "a byte that is not UTF-8" if code >= 0xD800 else f"the control character U+{code:04X}"
        _refuse(BadQuery, query, foreign.start(), f"here stands {what}", "take it out, or write an escape")


def _close(query: str, closer: str, at: int, open_brackets: list[tuple[str, int]]) -> None:
    if closer == ">>":
        # Two signs > in a row may also close an IRI of a place where << was none.
        if open_brackets and open_brackets[-1][0] == "<<":
            open_brackets.pop()
        return
    while open_brackets and open_brackets[-1][0] == "<<":
        open_brackets.pop()
    if not open_brackets:
        _refuse(BadQuery, query, at, f"'{closer}' closes nothing", "take it out, or open it before")
    opener, opened = open_brackets.pop()
    if _PARTNER[closer] != opener:
        line, column = _place(query, opened)
        _refuse(
            BadQuery,
            query,
            at,
            f"'{closer}' stands where '{opener}' of line {line}, column {column} is still open",
            f"close that first with '{_CLOSER[opener]}'",
        )


def _check_count(query: str, at: int, word: str, number: str) -> None:
    if not number.isdigit():
        _bad_count(query, at, word)
    if len(number.lstrip("0")) > 20 or int(number) > LARGEST_COUNT:
        _refuse(BadQuery, query, at, f"{word} {number[:24]} is beyond 2^64 - 1", "write a smaller number")


def _bad_count(query: str, at: int, word: str) -> NoReturn:
    _refuse(BadQuery, query, at, f"{word} takes a whole number from 0 on", "write such a number")


def _refuse_service(query: str, at: int, word: str, named: bool) -> NoReturn:
    if named:
        problem = f"the prefix {word.lower()}: can be read as SERVICE, a call of another server"
        _refuse(BadQuery, query, at, problem, "name the prefix otherwise")
    _refuse(BadQuery, query, at, "SERVICE would call another server", "ask that server yourself")


def _too_many(query: str, at: int, limit: int, what: str) -> NoReturn:
    _refuse(TooComplex, query, at, f"it has too many {what}: more than {limit}", "ask in several queries")


def _refuse(kind: Callable[..., BpsError], query: str, at: int, problem: str, cure: str) -> NoReturn:
    line, column = _place(query, at)
    raise kind(problem, cure, where=f"line {line}, column {column}")


def _place(query: str, at: int) -> tuple[int, int]:
    return query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at)
