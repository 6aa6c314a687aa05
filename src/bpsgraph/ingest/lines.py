"""The line of each subject in a Turtle or N-Triples text, which the parser does not tell."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bpsgraph.ingest.patterns import Pattern

_TOKEN = Pattern(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<text>\"{3}(?:[^"\\]++|\\.|\"(?!\"\"))*+\"{3} | '{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
              | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+')
    | <(?P<iri>(?:[^<>"{}|^`\\\s]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*)>
    | (?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>(?:[^\s"'<>\#;,.\[\]()\\@^]|\\.|\.(?=[^\s"'<>\#;,.\[\]()^]))+)
    | (?P<mark>[.;,\[\]()])
    """,
    re.VERBOSE | re.DOTALL,
)
_IRI_ESCAPE = Pattern(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ABSOLUTE = Pattern(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NAME_ESCAPE = Pattern(r"\\(.)")


def subject_lines(text: str, base: str) -> dict[str, int]:
    """The line (from 1) on which each IRI is first the subject of a statement.

    The text must be well-formed Turtle; N-Triples is. Subjects inside brackets have no IRI and are left out.
    """
    lines: dict[str, int] = {}
    prefixes: dict[str, str] = {}
    tokens = _tokens(text)
    at_subject, depth, line, seen = True, 0, 1, 0
    for kind, value, start in tokens:
        line += text.count("\n", seen, start)
        seen = start
        if kind == "mark":
            depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(value, 0)
            at_subject = value == "." and depth == 0
        elif at_subject and _directive(kind, value) == "prefix":
            _, name, _ = next(tokens)
            _, iri, _ = next(tokens)
            prefixes[name.removesuffix(":")] = _resolve(base, iri)
        elif at_subject and _directive(kind, value) == "base":
            _, iri, _ = next(tokens)
            base = _resolve(base, iri)
        elif at_subject:
            if kind == "iri":
                lines.setdefault(_resolve(base, value), line)
            elif kind == "name" and not value.startswith("_:"):
                prefix, _, local = value.partition(":")
                lines.setdefault(prefixes.get(prefix, "") + _NAME_ESCAPE.sub(r"\1", local), line)
            at_subject = False
    return lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "comment":
            yield kind, match[kind], match.start()


def _directive(kind: str, value: str) -> str | None:
    """`prefix` or `base` where the token begins such a line, in the spelling of Turtle or of SPARQL."""
    if kind == "at":
        return value[1:]
    return value.lower() if kind == "name" and value.lower() in {"prefix", "base"} else None


def _resolve(base: str, written: str) -> str:
    iri = _IRI_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), written)
    if _ABSOLUTE.match(iri):
        return iri
    # urljoin drops an empty fragment, which a namespace such as <#> consists of.
    return urljoin(base, iri) + ("#" if iri.endswith("#") else "")
