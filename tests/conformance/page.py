"""Writes docs/conformance.md from the totals of the suites and the table of known differences."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from conformance import differential
from conformance.manifests import Kind
from conformance.running import ENGINE, GROUPS, OURS, SUITE, Known

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"
_WHOSE = {OURS: "ours", ENGINE: "the engine’s", SUITE: "the suite’s"}

_HEAD = """\
# Conformance

Which tests of the W3C pass, and every one that does not by name, with the reason. `make conformance` runs all of them and
writes this page; it stops where a test fails that is not named here, and where one passes that is. The suites are not part of
the project: they are read from the folder in `$BPSGRAPH_W3C_TESTS`, else from `../shared/w3c`.

Everything goes the way that a user's input goes: SPARQL through the guard and the embedded store and out through the writers of
results (each answer is written in the format of the expected one and read back), RDF/XML through the reader of submissions,
SHACL through the validator, with each engine, and what is asked over HTTP by a client of `bpsgraph serve --writable`, which runs
as a process of its own over a store that is otherwise empty. Terms are compared exactly; where an answer has the same values in another lexical
form (`1` for `1.0`) the test counts as not passed, and is counted apart.

"""

_TAIL = """
## What we write, read by others

`make conformance` writes every graph of the built store as Turtle, JSON-LD, N-Triples and RDF/XML, and lets rdflib and Raptor
(`rapper`; not JSON-LD) read it: each has to find the same graph. The tests do so with some graphs, with terms of every kind, with
what the commands write (`describe`, `sparql`, `query`, `queries`, `convert`, `validate` and its patch), and with the answers of
workers; results in JSON, XML and TSV are read by rdflib, CSV by Python. What is known of readers and formats:

| what | whose | why |
| --- | --- | --- |
| RDF/XML of a predicate without a local name (`http://example.org/1`), of `rdf:li`, of control characters | the format’s | it has no way to say them; we refuse it in one sentence |
| results in XML with control characters | the format’s | XML has none; U+FFFD stands in their place |
| IRIs with `.` or `..` between slashes | Raptor’s | it takes the dots out of every IRI; rdflib and we keep them |
| U+FFFE and U+FFFF in a literal | Raptor’s | it refuses them; they are allowed in RDF |
| results in TSV with U+0085 or U+2028 | rdflib’s | its reader takes them for ends of lines |
"""


def render(totals: Mapping[str, int], known: Mapping[str, Known]) -> str:
    """The whole page."""
    return _HEAD + _table(totals, known) + _differences(known) + _generated() + _TAIL


def _table(totals: Mapping[str, int], known: Mapping[str, Known]) -> str:
    lines = [
        "| suite | tests | passed | same values, other form | differ or refused | not run |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for title, suites in GROUPS.items():
        kinds = Counter(entry.kind for entry in known.values() if entry.suite in suites)
        spelled, left = kinds.pop(Kind.SPELLING, 0), kinds.pop(Kind.NOT_RUN, 0)
        total, others = totals[title], kinds.total()
        lines.append(
            f"| {title} | {total} | {total - spelled - left - others} | {spelled} | {others} | {left} |"
        )
    return "\n".join(lines) + "\n"


def _differences(known: Mapping[str, Known]) -> str:
    lines = ["", "## Every difference", ""]
    for title, suites in GROUPS.items():
        entries = [entry for entry in known.values() if entry.suite in suites]
        if not entries:
            continue
        lines += [f"### {title}", "", "| tests | in what way | whose | why |", "| --- | --- | --- | --- |"]
        groups: dict[tuple[str, Kind, str, str], list[str]] = {}
        for entry in entries:
            groups.setdefault((entry.suite, entry.kind, entry.whose, entry.reason), []).append(entry.name)
        for (suite, kind, whose, reason), names in groups.items():
            where = suite.removeprefix("sparql11/") if suite.startswith("sparql11/") else ""
            shown = " ".join(f"`{name}`" for name in names)
            lines.append(f"| {where + ': ' if where else ''}{shown} | {kind} | {_WHOSE[whose]} | {reason} |")
        lines.append("")
    return "\n".join(lines)


def _generated() -> str:
    found = differential.known()
    lines = [
        "## Generated queries",
        "",
        f"{differential.QUERIES} queries made from seed {differential.SEED} are answered by our store and by rdflib, which share no code,",
        f"over a small data set. {differential.QUERIES - len(found)} answers are the same multiset; of the others each is explained:",
        "",
        "| queries | right is | why |",
        "| --- | --- | --- |",
    ]
    numbers: dict[differential.Disagreement, list[int]] = {}
    for number, disagreement in found.items():
        numbers.setdefault(disagreement, []).append(number)
    for disagreement, which in numbers.items():
        shown = ", ".join(map(str, which))
        lines.append(f"| {shown} | {disagreement.right} | {disagreement.reason} |")
    return "\n".join(lines) + "\n"
