"""The report as JUnit XML, which test servers read: a suite is a file, a case is a rule.

A rule with a violation has failed; what else it found stands in the output of a case that passed. There is no
one schema; this is what Jenkins, GitLab and GitHub's actions read
(https://github.com/testmoapp/junitxml).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from bpsgraph.results import Finding, Outcome, Report, Severity
from bpsgraph.validation.report.words import MARKS, place, plain, published, shown
from bpsgraph.validation.rules import Rule


def write(
    reports: Sequence[Report],
    rules: Mapping[str, Rule],
    lang: str,
    *,
    command: str = "validate",
    threshold: Severity | None = Severity.VIOLATION,
) -> str:
    """The suites; failures tell each place with the message, the fields and the cure.

    `command` is what made the reports. A case has failed that has a finding at or above the threshold.
    """
    root = Xml.Element("testsuites", name=f"bpsgraph {command}")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for report in reports:
        suite = _suite(report, rules, lang, threshold)
        for name in totals:
            totals[name] += int(suite.get(name, "0"))
        root.append(suite)
    for name, number in totals.items():
        root.set(name, str(number))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, rules: Mapping[str, Rule], lang: str, threshold: Severity | None) -> Xml.Element:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.rule].append(finding)
    suite = Xml.Element("testsuite", name=shown(report.file))
    _property(
        suite,
        title=report.title.in_language(lang),
        comparedWith=report.compared_with.in_language(lang),
        catalogue=report.catalogue or "",
    )
    failures = 0
    statuses = {status.rule: status for status in report.rules}
    unjudged = {Outcome.ERROR: 0, Outcome.SKIPPED: 0}
    for rule in sorted(rules.values(), key=lambda rule: rule.id):
        case = Xml.SubElement(suite, "testcase", classname=rule.assurance, name=rule.id, time="0")
        findings = found[rule.id]
        status = statuses.get(rule.id)
        if status and status.outcome in unjudged:
            unjudged[status.outcome] += 1
            kind = "error" if status.outcome is Outcome.ERROR else "skipped"
            Xml.SubElement(case, kind, message=shown(status.problem or ""))
        if not findings:
            continue
        text = "\n\n".join(_told(finding, lang) for finding in findings)
        severities = [f.severity for f in findings if f.waived is None]
        if threshold is not None and any(severity >= threshold for severity in severities):
            failures += 1
            said = f"{rule.name.in_language(lang)}: {len(findings)}"
            worst = max(severities).label
            Xml.SubElement(case, "failure", message=shown(said), type=worst).text = text
        else:
            Xml.SubElement(case, "system-out").text = text
    counted = (("errors", unjudged[Outcome.ERROR]), ("skipped", unjudged[Outcome.SKIPPED]))
    for name, number in (("tests", len(rules)), ("failures", failures), *counted):
        suite.set(name, str(number))
    suite.set("time", "0")
    return suite


def _property(suite: Xml.Element, **values: str) -> None:
    properties = Xml.SubElement(suite, "properties")
    for name, value in values.items():
        Xml.SubElement(properties, "property", name=name, value=shown(value))


def _told(finding: Finding, lang: str) -> str:
    """The mark, the place and the message; then every field that is known, one per line."""
    where = place(finding, lang)
    lines = [f"{MARKS[finding.severity]} {f'{where}: ' if where else ''}{finding.message.in_language(lang)}"]
    for name, value in published(finding).items():
        if isinstance(value, Mapping):
            lines += [f"  {name}.{part}: {plain(value, part)}" for part in value]
        elif value is not None:
            lines.append(f"  {name}: {plain(value)}")
    return shown("\n".join(lines))
