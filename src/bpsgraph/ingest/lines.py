"""The line of each subject in a Turtle or N-Triples text, which the parser does not tell."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from urllib.parse import urljoin

from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.submission import Place

_BLANK = r"(?:\s++|\#[^\n]*+)*+"
# A name goes on after a dot unless what follows cannot be a part of it.
_ENDS = r"""[\s"'<>\#;,.\[\]()^]|\Z"""
_STATEMENT = Pattern(
    rf"""
      {_BLANK}
      (?: (?:@prefix|(?P<sparql>(?i:prefix)(?![^\s<\#]))) {_BLANK}
            (?P<prefix>[^\s:]*):{_BLANK}<(?P<namespace>[^<>\n]*)>
        | (?:@base|(?P<sparql_base>(?i:base)(?![^\s<\#]))) {_BLANK} <(?P<base>[^<>\n]*)>
        | <(?P<iri>[^<>\n]*)>
        | (?P<name>(?:[^\s"'<>\#;,.\[\]()\\@^]|\\.|\.(?!{_ENDS}))++)
      )?
      (?(sparql)|(?(sparql_base)|
        (?: [^"'<\#.\\]++ | <[^<>\n]*+>
          | \"{{3}}(?:[^"\\]++|\\.|\"(?!\"\"))*+\"{{3}} | '{{3}}(?:[^'\\]++|\\.|'(?!''))*+'{{3}}
          | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+'
          | \#[^\n]*+ | \\. | \.(?!{_ENDS})
        )*+
        \.
      ))
    """,
    re.VERBOSE | re.DOTALL,
)
_IRI_ESCAPE = Pattern(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ABSOLUTE = Pattern(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PLAIN = Pattern(r"[A-Za-z0-9_-]++(?:/[A-Za-z0-9_-]++)*+")
_NAME_ESCAPE = Pattern(r"\\(.)")


class SubjectLines(Mapping[str, Place]):
    """The place of each IRI that is a subject in a text, found when somebody asks for it.

    The text is read no further than asked for. It travels between processes as a dictionary.
    """

    def __init__(self, text: str, base: str) -> None:
        self._found: dict[str, Place] = {}
        self._rest = _subjects(text, base)

    @cached_property
    def _places(self) -> dict[str, Place]:
        self._found.update((iri, Place(line=line)) for iri, line in self._rest)
        return self._found

    def __getitem__(self, iri: str) -> Place:
        known = self._found.get(iri)
        if known is not None:
            return known
        for other, line in self._rest:
            place = self._found[other] = Place(line=line)
            if other == iri:
                return place
        return self._found[iri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __reduce__(self) -> tuple[type[dict[str, Place]], tuple[dict[str, Place]]]:
        return dict, (self._places,)


def subject_lines(text: str, base: str) -> dict[str, int]:
    """The line (from 1) on which each IRI is first the subject of a statement.

    The text must be well-formed Turtle; N-Triples is. Subjects inside brackets have no IRI and are left out.
    """
    return dict(_subjects(text, base))


def _subjects(text: str, base: str) -> Iterator[tuple[str, int]]:
    known: set[str] = set()
    prefixes: dict[str, str] = {}
    line, seen, ended = 1, 0, 0
    while match := _STATEMENT.match(text, ended):
        kind, ended = match.lastgroup, match.end()
        if match["namespace"] is not None:
            prefixes[match["prefix"]] = _resolve(base, match["namespace"])
        elif match["base"] is not None:
            base = _resolve(base, match["base"])
        elif kind in {"iri", "name"}:
            written = match[kind]
            if kind == "iri":
                iri = _resolve(base, written)
            elif written.startswith("_:"):
                continue
            else:
                prefix, _, local = written.partition(":")
                iri = prefixes.get(prefix, "") + _NAME_ESCAPE.sub(r"\1", local)
            if iri not in known:
                known.add(iri)
                start = match.start(kind)
                line += text.count("\n", seen, start)
                seen = start
                yield iri, line


@lru_cache(maxsize=64)
def _is_folder(base: str) -> bool:
    """Whether plain relative IRIs only have to be put behind the base (RFC 3986, section 5.2)."""
    return urljoin(base, "a/b") == f"{base}a/b"


def _resolve(base: str, written: str) -> str:
    if _PLAIN.fullmatch(written) and _is_folder(base):
        return base + written
    iri = _IRI_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), written)
    if _ABSOLUTE.match(iri):
        return iri
    # urljoin drops an empty fragment, which a namespace such as <#> consists of.
    return urljoin(base, iri) + ("#" if iri.endswith("#") else "")
