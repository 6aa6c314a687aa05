"""The scorecard of a report: what was found of each assurance."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bpsgraph.results import Outcome, Report, RuleStatus, Severity, Text
from bpsgraph.validation.report.words import ASSURANCES, assurance_name
from bpsgraph.validation.rules import Rule

# What the plan promises to people is always shown; the form of a file only where something is wrong with it.
_PROMISED = ("completeness", "baseline", "coverage", "funding", "sustainability", "overreach")


@dataclass(frozen=True, slots=True)
class Score:
    """One assurance with the number of its violations and warnings, and the worst of them."""

    assurance: str
    name: Text
    worst: Severity | None
    count: int


def statuses(report: Report, rules: Mapping[str, Rule]) -> list[RuleStatus]:
    """What became of each rule, the most findings first; worked out where a report does not say."""
    said = report.rules or tuple(_status(report, rule.id) for rule in rules.values())
    return sorted(said, key=lambda status: (-status.total, status.rule))


def _status(report: Report, rule: str) -> RuleStatus:
    found = [finding for finding in report.findings if finding.rule == rule]
    count = Counter("waived" if finding.waived else finding.severity.label for finding in found)
    return RuleStatus(
        rule=rule,
        outcome=Outcome.FAILED if found else Outcome.PASSED,
        violations=count["violation"],
        warnings=count["warning"],
        infos=count["info"],
        waived=count["waived"],
    )


def scorecard(report: Report, rules: Mapping[str, Rule]) -> list[Score]:
    """The assurances in the order of the plan; those that are about form only where they are not kept."""
    assurance_of = {rule.id: rule.assurance for rule in rules.values()}
    found: dict[str, Counter[Severity]] = defaultdict(Counter)
    for rule, counts in report.tally().items():
        for severity, number in counts.items():
            if severity > Severity.INFO and number:
                found[assurance_of[rule]][severity] += number
    named = ASSURANCES | {key: assurance_name(key) for key in found if key not in ASSURANCES}
    return [
        Score(key, name, max(found[key], default=None), found[key].total())
        for key, name in named.items()
        if key in _PROMISED or found[key]
    ]
