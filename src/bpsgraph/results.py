"""What stores and validators return: tables of terms, triples, findings and verdicts."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.literals import Value, arrow_array, python_value
from bpsgraph.quantity import ValueVerdict
from bpsgraph.terms import XSD, Term

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer of a SELECT: column names, and one tuple per row with a term or None per column.

    Iterating gives one dictionary per row, of the bound columns and the unbound ones (None).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Term | None]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    def to_csv(self) -> str:
        """SPARQL 1.1 Query Results CSV: values without types (https://www.w3.org/TR/sparql11-results-csv-tsv/)."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows([_plain(term) for term in row] for row in self.rows)
        return text.getvalue()

    def to_tsv(self) -> str:
        """SPARQL 1.1 Query Results TSV: terms in the syntax of N-Triples, empty where unbound."""
        lines = ["\t".join(f"?{column}" for column in self.columns)]
        lines += ["\t".join("" if term is None else str(term) for term in row) for row in self.rows]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/)."""
        bindings = [{name: _json(term) for name, term in row.items() if term is not None} for row in self]
        return json.dumps(
            {"head": {"vars": list(self.columns)}, "results": {"bindings": bindings}}, ensure_ascii=False
        )

    def to_xml(self) -> str:
        """SPARQL Query Results XML (https://www.w3.org/TR/rdf-sparql-XMLres/).

        Control characters, which XML cannot hold, become U+FFFD.
        """
        head = "".join(f"<variable name={_quoted(column)}/>" for column in self.columns)
        results = "".join(
            "<result>"
            + "".join(
                f"<binding name={_quoted(name)}>{_xml(term)}</binding>"
                for name, term in row.items()
                if term is not None
            )
            + "</result>\n"
            for row in self
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'
            f"<head>{head}</head>\n<results>\n{results}</results>\n</sparql>\n"
        )

    def to_dicts(self) -> list[dict[str, Value]]:
        """One dictionary per row with values of Python: numbers, days, truth values, text, or None."""
        return [{name: python_value(term) for name, term in row.items()} for row in self]

    def to_arrow(self) -> "pyarrow.Table":
        """An Arrow table, each column of the type of its values; IRIs and mixed columns are text."""
        import pyarrow

        arrays = [arrow_array([row[place] for row in self.rows]) for place in range(len(self.columns))]
        return pyarrow.Table.from_arrays(arrays, names=list(self.columns))


def _plain(term: Term | None) -> str:
    if isinstance(term, BlankNode):
        return str(term)
    return "" if term is None else term.value


def _json(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    literal = {"type": "literal", "value": term.value}
    if term.language:
        literal["xml:lang"] = term.language
    elif term.datatype.value != XSD + "string":
        literal["datatype"] = term.datatype.value
    return literal


# What is no character of XML 1.0 (https://www.w3.org/TR/xml/#charsets).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A reader makes a line feed of a carriage return that is not written as a reference.
_XML_TEXT = {"\r": "&#13;"}


def _xml(term: Term) -> str:
    if isinstance(term, NamedNode):
        return f"<uri>{_escaped(term.value)}</uri>"
    if isinstance(term, BlankNode):
        return f"<bnode>{_escaped(term.value)}</bnode>"
    kind = ""
    if term.language:
        kind = f" xml:lang={_quoted(term.language)}"
    elif term.datatype.value != XSD + "string":
        kind = f" datatype={_quoted(term.datatype.value)}"
    return f"<literal{kind}>{_escaped(term.value)}</literal>"


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape  # Here, as it loads half of the standard library.

    return escape(NOT_XML.sub("\ufffd", text), _XML_TEXT)


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(NOT_XML.sub("\ufffd", text))


@dataclass(frozen=True, slots=True)
class Triples:
    """The answer of a CONSTRUCT or DESCRIBE, or the content of a graph, without order."""

    triples: frozenset[Triple]

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def __len__(self) -> int:
        return len(self.triples)

    def content_hash(self) -> str:
        """`sha256:` and the hash of the sorted N-Triples: the same for the same triples without blank nodes.

        Raises `ValueError` where there are blank nodes, which have no stable name.
        """
        lines = []
        for triple in self.triples:
            if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
                raise ValueError("a graph with blank nodes has no stable hash")
            lines.append(f"{triple} .\n")
        return "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The words in `zh` or `en`."""
        return self.en if language == "en" else self.zh


class Severity(IntEnum):
    """How bad a finding is, as in SHACL (`sh:Violation`, `sh:Warning`, `sh:Info`); the greater the worse."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """`info`, `warning` or `violation`."""
        return self.name.lower()


# How the ids of the rules on reading begin.
READING = "reading-"


def fingerprint(
    rule: str, catalogue: str, item: str = "", measure: str = "", segment: str = "", *more: str
) -> str:
    """Sixteen hexadecimal digits that name a finding from run to run, whatever its number.

    Every argument is an IRI or a key. A finding that is about no item gives its focus instead of an item;
    `more` tells apart what would otherwise be one: the path, the thing at fault, whose floor it is.
    """
    parts = json.dumps([rule, catalogue, item, measure, segment, *more], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Why a finding is let pass, who says so, and the last day on which that holds."""

    reason: str
    author: str
    expires: date

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The one right answer to a finding: which text of which property of its focus to replace by which.

    `path` is the IRI of the property. Texts are as people write them there: a number, a name, in RDF a key;
    `old` is empty where nothing stands there yet.
    """

    path: str
    old: str
    new: str

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know about a submission: the same object in SHACL, Excel, SARIF and HTML.

    `focus`, `path` and `catalogue` are IRIs. `value` and `expected` are written with their units. `source` is
    the clause of the floor and `verification` how sure that floor is. `sheet`, `cell`, `row` and `line` say
    where it is in the file that was submitted; lines and rows are counted from 1. A finding that is `waived`
    is shown and does not count. `repair` is there where exactly one change cures it.
    """

    rule: str
    severity: Severity
    message: Text
    focus: str
    fingerprint: str
    item: Text | None = None
    path: str | None = None
    value: str | None = None
    expected: str | None = None
    source: str | None = None
    verification: str | None = None
    catalogue: str | None = None
    edition: str | None = None
    as_of: date | None = None
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    line: int | None = None
    fix: Text | None = None
    waived: Waiver | None = None
    repair: Repair | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON; what is not known is None."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


class CoverageVerdict(StrEnum):
    """How a promise stands to a floor in whom it covers."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    NOT_STATED = "notStated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """One side of a comparison: the guarantee, its words, its kind, and its amount in the common dimension.

    The amount is `amount / divisor`, so that a third stays a third.
    """

    guarantee: str
    kind: str
    stated_as: str | None = None
    segment: Text | None = None
    amount: Decimal | None = None
    divisor: Decimal = Decimal(1)
    lower_amount: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one catalogue stands to one floor.

    `catalogue`, `owner` (the jurisdiction whose floor it is), `item_iri` and the guarantees of the operands
    are IRIs; so is `clause`, the one that states the floor, or the document where no clause is known. The
    floor holds from `valid_from` until before `valid_until`. `conversion` says how the operands were made
    comparable.
    """

    catalogue: str
    item: Text
    measure: Text
    value_verdict: ValueVerdict
    coverage_verdict: CoverageVerdict
    rule: str
    segment: Text | None = None
    floor: Operand | None = None
    promise: Operand | None = None
    owner: str | None = None
    conversion: str | None = None
    deferred_to: str | None = None
    source: Text | None = None
    verification: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    item_iri: str | None = None
    clause: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


class Outcome(StrEnum):
    """What became of a rule: nothing found, something found, switched off, or not able to run."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStatus:
    """What became of one rule in one validation.

    The counts are of all its findings that are not waived, also of those that a report leaves out. `problem`
    is why it was skipped, or the engine's own words where it could not run.
    """

    rule: str
    outcome: Outcome
    violations: int = 0
    warnings: int = 0
    infos: int = 0
    waived: int = 0
    problem: str | None = None

    def counts(self) -> dict[Severity, int]:
        """How many of its findings there are of each severity, the worst first."""
        return {
            Severity.VIOLATION: self.violations,
            Severity.WARNING: self.warnings,
            Severity.INFO: self.infos,
        }

    @property
    def total(self) -> int:
        """How many findings there are, waived ones included."""
        return self.violations + self.warnings + self.infos + self.waived

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a report says beside its findings: of changed severities, of waivers, of rules that failed."""

    severity: Severity
    words: Text

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {"severity": self.severity.label, "words": _value(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What validation says of one submission: its findings and its verdicts.

    `title` names the catalogue and `compared_with` the floors. `self_sourced` counts the floors that are
    known only from the very document that is judged: to meet them proves nothing. `rules` has one status for
    each rule, `notices` what else whoever reads the report has to know.
    """

    file: str
    catalogue: str | None
    title: Text
    compared_with: Text
    self_sourced: int
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    edition: str | None = None
    as_of: date | None = None
    rules: tuple[RuleStatus, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def unread(self) -> tuple[Finding, ...]:
        """The findings on what could not be read, so that it could not be judged either."""
        return tuple(
            f for f in self.findings if f.rule.startswith(READING) and f.severity is Severity.VIOLATION
        )

    @property
    def waived(self) -> int:
        """How many findings are waived."""
        if self.rules:
            return sum(status.waived for status in self.rules)
        return sum(finding.waived is not None for finding in self.findings)

    def tally(self) -> dict[str, dict[Severity, int]]:
        """How many findings of each severity each rule has, waived ones left out; only rules with some."""
        if self.rules:
            return {status.rule: status.counts() for status in self.rules if any(status.counts().values())}
        found = Counter((f.rule, f.severity) for f in self.findings if f.waived is None)
        return {
            rule: {severity: found[rule, severity] for severity in sorted(Severity, reverse=True)}
            for rule in dict.fromkeys(rule for rule, _ in found)
        }

    def counts(self) -> dict[Severity, int]:
        """How many findings there are of each severity, the worst first, zero included, waived ones not."""
        tally = self.tally().values()
        return {
            severity: sum(counts[severity] for counts in tally) for severity in sorted(Severity, reverse=True)
        }

    def verdict_counts(self) -> dict[ValueVerdict, int]:
        """How many verdicts there are of each value, zero included."""
        found = Counter(verdict.value_verdict for verdict in self.verdicts)
        return {value: found[value] for value in ValueVerdict}

    def fails(self, threshold: Severity | None) -> bool:
        """Whether a finding that is not waived, or a notice, is at or above the threshold; None is never."""
        if threshold is None:
            return False
        found = (severity for severity, number in self.counts().items() if number)
        return any(severity >= threshold for severity in (*found, *(n.severity for n in self.notices)))

    def limited(self, limit: int) -> "Report":
        """The report with the first so many findings of each rule and all counts as they are; 0 is all."""
        if limit == 0:
            return self
        seen: Counter[str] = Counter()
        kept = []
        for finding in self.findings:
            seen[finding.rule] += 1
            if seen[finding.rule] <= limit:
                kept.append(finding)
        return replace(self, findings=tuple(kept))

    def left_out(self) -> dict[str, int]:
        """How many findings of a rule the report counts and does not list, where there are any."""
        listed = Counter(finding.rule for finding in self.findings)
        missing = {status.rule: status.total - listed[status.rule] for status in self.rules}
        return {rule: number for rule, number in missing.items() if number > 0}

    def to_dict(self) -> dict[str, Any]:
        """The whole report, ready for JSON."""
        return {_published(field.name): _value(getattr(self, field.name)) for field in fields(self)}


def _published(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _value(value: Any) -> Any:
    match value:
        case Severity():
            return value.label
        case Text():
            return {"zh": value.zh, "en": value.en}
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case tuple():
            return [_value(part) for part in value]
        case Finding() | Verdict() | Operand() | Waiver() | Repair() | RuleStatus() | Notice():
            return value.to_dict()
        case _:
            return value
