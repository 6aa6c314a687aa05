"""The report as a validation report of SHACL, in Turtle or JSON-LD (https://www.w3.org/TR/shacl/#validation-report).

Every result has a name made from its fingerprint, so that two reports can be put into one graph. What SHACL
has no word for - sheet, cell, fix and the like - is said in the terms of `ontology/modules/findings.ttl`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from bpsgraph import turtle
from bpsgraph.results import Finding, Report, Severity, Text
from bpsgraph.terms import BASE, BPS, DCT, PREFIXES, RDF, RDF_TYPE, XSD, Term
from bpsgraph.validation.rules import Rule
from bpsgraph.validation.shapes import SH

_SEVERITIES = {
    Severity.VIOLATION: NamedNode(SH + "Violation"),
    Severity.WARNING: NamedNode(SH + "Warning"),
    Severity.INFO: NamedNode(SH + "Info"),
}

# The constraints about how many values there are, the likelier to be broken first.
_NUMBERS = ("minCount", "qualifiedMinCount", "maxCount")


def write_turtle(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """The reports as Turtle; texts are in both languages, whatever `lang` is."""
    return turtle.write(set(_triples(reports, rules)))


def write_jsonld(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """The same triples as JSON-LD."""
    ordered = sorted(set(_triples(reports, rules)), key=str)
    written = pyoxigraph.serialize(ordered, format=RdfFormat.JSON_LD, prefixes=PREFIXES)
    assert written is not None
    return json.dumps(json.loads(written), ensure_ascii=False, indent=1) + "\n"


def _triples(reports: Sequence[Report], rules: Mapping[str, Rule]) -> Iterator[Triple]:
    by_id = {rule.id: rule for rule in rules.values()}
    seen: Counter[str] = Counter()
    for report in reports:
        yield from _report(report, by_id, seen)


def _report(report: Report, rules: Mapping[str, Rule], seen: Counter[str]) -> Iterator[Triple]:
    identity = [report.file, report.catalogue, report.edition, str(report.as_of), report.compared_with.zh]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]
    node = _named("report", key, seen)
    yield Triple(node, RDF_TYPE, NamedNode(SH + "ValidationReport"))
    # SHACL, 3.6.1: it conforms where there are no results at all, of whatever severity.
    conforms = Literal(str(not report.findings).lower(), datatype=NamedNode(XSD + "boolean"))
    yield Triple(node, NamedNode(SH + "conforms"), conforms)
    yield from _texts(node, DCT + "title", report.title)
    yield from _texts(node, BPS + "comparedWith", report.compared_with)
    yield Triple(node, NamedNode(BPS + "file"), Literal(_encodable(report.file)))
    if report.catalogue:
        yield Triple(node, NamedNode(BPS + "catalogue"), _iri(report.catalogue))
    yield from _moment(node, report)
    for finding in report.findings:
        result = _named("finding", finding.fingerprint, seen)
        yield Triple(node, NamedNode(SH + "result"), result)
        yield from _result(result, finding, rules[finding.rule])


def _result(node: NamedNode, finding: Finding, rule: Rule) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, NamedNode(SH + "ValidationResult"))
    yield Triple(node, NamedNode(SH + "focusNode"), _iri(finding.focus))
    yield Triple(node, NamedNode(SH + "resultSeverity"), _SEVERITIES[finding.severity])
    yield Triple(node, NamedNode(SH + "sourceShape"), NamedNode(rule.shape))
    yield Triple(node, NamedNode(SH + "sourceConstraintComponent"), NamedNode(_component(finding, rule)))
    yield from _texts(node, SH + "resultMessage", finding.message)
    if finding.path:
        yield Triple(node, NamedNode(SH + "resultPath"), _iri(finding.path))
    if finding.item:
        yield from _texts(node, BPS + "itemName", finding.item)
    if finding.fix:
        yield from _texts(node, BPS + "fix", finding.fix)
    if finding.catalogue:
        yield Triple(node, NamedNode(BPS + "catalogue"), _iri(finding.catalogue))
    if finding.verification:
        concept = _iri(f"{BASE}verification/{finding.verification}")
        yield Triple(node, NamedNode(BPS + "verification"), concept)
    said = {
        DCT + "identifier": finding.rule,
        SH + "value": finding.value,
        BPS + "expected": finding.expected,
        DCT + "source": finding.source,
        BPS + "fingerprint": finding.fingerprint,
        BPS + "sheet": finding.sheet,
        BPS + "cell": finding.cell,
    }
    if finding.repair:
        said |= {BPS + "replaced": finding.repair.old or None, BPS + "replacement": finding.repair.new}
        yield Triple(node, NamedNode(RDF + "predicate"), _iri(finding.repair.path))
    if finding.waived:
        said |= {
            BPS + "waiverReason": finding.waived.reason,
            BPS + "waivedBy": finding.waived.author,
        }
        until = Literal(finding.waived.expires.isoformat(), datatype=NamedNode(XSD + "date"))
        yield Triple(node, NamedNode(BPS + "waivedUntil"), until)
    for name, text in said.items():
        if text is not None:
            yield Triple(node, NamedNode(name), Literal(_encodable(text)))
    for name, number in ((BPS + "row", finding.row), (BPS + "line", finding.line)):
        if number is not None:
            yield Triple(node, NamedNode(name), Literal(str(number), datatype=NamedNode(XSD + "integer")))
    yield from _moment(node, finding)


def _component(finding: Finding, rule: Rule) -> str:
    """The component that was not kept, as a finding shows it: how many there are, or what one of them is.

    SHACL gives results about a number no value. Where a shape bounds the number on both sides, which of the
    two it was is not known here, and the lower bound is named.
    """
    numbers = [name for name in _NUMBERS if name in rule.constraints]
    others = [name for name in rule.constraints if name not in numbers and name != "qualifiedValueShape"]
    first, second = (numbers, others) if finding.value is None else (others, numbers)
    name = next(iter((*first, *second)), "sparql")
    return f"{SH}{'SPARQL' if name == 'sparql' else name[0].upper() + name[1:]}ConstraintComponent"


def _moment(node: NamedNode, of: Finding | Report) -> Iterator[Triple]:
    if of.edition:
        yield Triple(node, NamedNode(BPS + "edition"), Literal(of.edition))
    if of.as_of:
        day = Literal(of.as_of.isoformat(), datatype=NamedNode(XSD + "date"))
        yield Triple(node, NamedNode(BPS + "asOf"), day)


def _texts(node: NamedNode, name: str, text: Text) -> Iterator[Triple]:
    for language in ("zh", "en"):
        words = Literal(_encodable(text.in_language(language)), language=language)
        yield Triple(node, NamedNode(name), words)


def _named(kind: str, key: str, seen: Counter[str]) -> NamedNode:
    """The IRI of a report or a finding; one that comes again is numbered."""
    name = f"{kind}/{key}"
    seen[name] += 1
    return _iri(BASE + name + (f"-{seen[name]}" if seen[name] > 1 else ""))  # type: ignore[return-value]


def _iri(text: str) -> Term:
    """The IRI, or the text itself where it is none."""
    try:
        return NamedNode(text)
    except ValueError:
        return Literal(_encodable(text))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
