"""What became of each rule: passed, failed, switched off, or not run at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from operator import attrgetter

from bpsgraph.results import Finding, Notice, Outcome, RuleStatus, Severity, Text
from bpsgraph.validation.profile import Profile
from bpsgraph.validation.rules import Rule


def statuses_of(
    rules: Mapping[str, Rule], findings: Iterable[Finding], failed: Mapping[str, str], profile: Profile
) -> list[RuleStatus]:
    """One status for each rule, by id; `failed` are the words of the engine by the shape that did not run."""
    counts = defaultdict[str, Counter[Severity | None]](Counter)
    for finding in findings:
        counts[finding.rule][None if finding.waived else finding.severity] += 1
    statuses = [
        _status(rule, counts[rule.id], failed.get(shape), profile)
        if rule.id in counts or shape in failed or profile.changes
        else _passed(rule.id)
        for shape, rule in rules.items()
    ]
    return sorted(statuses, key=attrgetter("rule"))


@cache
def _passed(rule: str) -> RuleStatus:
    return RuleStatus(rule=rule, outcome=Outcome.PASSED)


def _status(
    rule: Rule, counts: Mapping[Severity | None, int], problem: str | None, profile: Profile
) -> RuleStatus:
    change = profile.change(rule)
    if problem is not None:
        return RuleStatus(rule=rule.id, outcome=Outcome.ERROR, problem=problem)
    if change is not None and change.severity is None:
        return RuleStatus(rule=rule.id, outcome=Outcome.SKIPPED, problem=change.reason)
    found = {severity: counts.get(severity, 0) for severity in Severity}
    return RuleStatus(
        rule=rule.id,
        outcome=Outcome.FAILED if any(found.values()) else Outcome.PASSED,
        violations=found[Severity.VIOLATION],
        warnings=found[Severity.WARNING],
        infos=found[Severity.INFO],
        waived=counts.get(None, 0),
    )


def not_run(status: RuleStatus) -> Notice:
    """The sentence for a rule that an engine could not run: nobody knows what it would have found."""
    return Notice(
        Severity.VIOLATION,
        Text(
            f"规则{status.rule}没有运行，不等于通过：{status.problem}",
            f"the rule {status.rule} did not run, which is not to pass: {status.problem}",
        ),
    )
