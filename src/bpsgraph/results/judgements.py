"""What validation says of a submission: findings, verdicts, and the report that holds them."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results.words import Severity, Text

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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
        return {published_name(field.name): _value(getattr(self, field.name)) for field in fields(self)}


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
    each rule, `notices` what else whoever reads the report has to know. `counted` is how many verdicts of
    each value there are, where they themselves are left out.
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
    counted: Mapping[ValueVerdict, int] | None = None

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
        found = self.counted or Counter(verdict.value_verdict for verdict in self.verdicts)
        return {value: found.get(value, 0) for value in ValueVerdict}

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
        said = (field.name for field in fields(self) if field.name != "counted")
        return {published_name(name): _value(getattr(self, name)) for name in said}


@cache
def published_name(name: str) -> str:
    """The name of a field as it is published: `valueVerdict` for `value_verdict`."""
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
