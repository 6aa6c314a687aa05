"""What shapes may hold: nothing that runs a program, calls another server, or reads a file.

Shapes come only from the sources that whoever runs this project has chosen (`bpsgraph.sources`). They may
hold queries in SPARQL, and these are guarded like those of strangers, for pyshacl evaluates them with rdflib,
which would follow SERVICE, FROM and LOAD to servers and files. `owl:imports` is never followed. What shapes
say in other languages (SHACL-JS, rules and targets of SHACL Advanced Features) is refused, although no engine
here is told to run it.
"""

import re
from collections.abc import Iterable

from pyoxigraph import Literal, Triple

from bpsgraph.engine import guard
from bpsgraph.errors import BpsError, MalformedFile

_SH = "http://www.w3.org/ns/shacl#"
_NOT_RUN = {
    _SH + name: f"sh:{name}"
    for name in ("js", "jsFunctionName", "jsLibrary", "jsLibraryURL", "rule", "target", "targetShape")
}
_QUERIES = {_SH + name: f"sh:{name}" for name in ("select", "ask", "construct", "update")}
_FROM = re.compile(
    r"""
      <[^<>"{}|^`\\\s]*> | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \#[^\n]* | [?$:]\w+
    | \b(?P<word>FROM|SERVICE|LOAD)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def check_shapes(triples: Iterable[Triple], file: str) -> None:
    """Raise `MalformedFile` for shapes in a file that hold what none may hold."""
    for triple in triples:
        predicate = triple.predicate.value
        if predicate in _NOT_RUN:
            raise MalformedFile(
                file,
                f"{_NOT_RUN[predicate]} is not accepted in shapes",
                "say it in SHACL core, or in a sh:sparql constraint",
            )
        if predicate in _QUERIES and isinstance(triple.object, Literal):
            _check_query(triple.object.value, _QUERIES[predicate], file)


def _check_query(text: str, name: str, file: str) -> None:
    try:
        guard.check(text)
    except BpsError as error:
        raise MalformedFile(file, f"in {name}, {error.where}: {error.problem}", error.cure) from error
    for found in _FROM.finditer(text):
        if found["word"]:
            raise MalformedFile(
                file,
                f"{found['word'].upper()} is not accepted in {name}",
                "ask the graph that is judged, and no other",
            )
