"""The report as SARIF 2.1.0, which code hosts and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html; section numbers are
those of that text.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from bpsgraph.results import Finding, Outcome, Report, Severity
from bpsgraph.validation.report.words import ASSURANCES, one_line
from bpsgraph.validation.rules import Rule

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_FINGERPRINT = "bpsgraph/v1"


def write(
    reports: Sequence[Report],
    rules: Mapping[str, Rule],
    lang: str,
    *,
    command: str = "validate",
    page: str = "docs/rules.md",
) -> str:
    """One run over all files; a result holds the fields of its finding as `properties.finding`.

    `command` is what made the reports, `page` where the rules are explained.
    """
    listed = sorted(rules.values(), key=lambda rule: rule.id)
    numbers = {rule.id: number for number, rule in enumerate(listed)}
    run = {
        "tool": {
            "driver": {
                "name": "bpsgraph",
                "semanticVersion": version("bpsgraph"),
                "informationUri": "https://w3id.org/bps/",
                "language": _LANGUAGES[lang],
                "rules": [_rule(rule, lang, page) for rule in listed],
            }
        },
        "language": _LANGUAGES[lang],
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"bpsgraph/{command}/"},
        "invocations": [
            {
                "executionSuccessful": not any(
                    status.outcome is Outcome.ERROR for report in reports for status in report.rules
                ),
                "toolExecutionNotifications": [
                    {
                        "level": _LEVELS[notice.severity],
                        "message": {"text": one_line(notice.words.in_language(lang))},
                    }
                    for report in reports
                    for notice in report.notices
                ],
            }
        ],
        "artifacts": [
            {"location": _location(report), "roles": ["analysisTarget"], "properties": _properties(report)}
            for report in reports
        ],
        "results": [
            _result(finding, report, artifact, numbers[finding.rule], lang)
            for artifact, report in enumerate(reports)
            for finding in report.findings
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _rule(rule: Rule, lang: str, page: str) -> dict[str, Any]:
    """The rule as a reporting descriptor (3.49); a `helpUri` is absolute (3.49.12), so it is the shape's."""
    fix = rule.fix.in_language(lang)
    assurance = ASSURANCES.get(rule.assurance)
    return {
        "id": rule.id,
        "name": rule.name.in_language(lang),
        "shortDescription": {"text": rule.name.in_language(lang)},
        "fullDescription": {"text": rule.description.in_language(lang)},
        "help": {
            "text": "\n".join(f"{text.zh}\n{text.en}" for text in (rule.description, rule.fix)),
            "markdown": f"{rule.description.in_language(lang)}\n\n{fix}\n\n`{page}#{rule.id}`",
        },
        "helpUri": rule.shape,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": [assurance.in_language(lang)] if assurance else [],
            "assurance": rule.assurance,
            "clause": rule.clause,
            "name": {"zh": rule.name.zh, "en": rule.name.en},
        },
    }


def _result(finding: Finding, report: Report, artifact: int, rule: int, lang: str) -> dict[str, Any]:
    said = [finding.message.in_language(lang)]
    if finding.fix:
        said.append(finding.fix.in_language(lang))
    # A waiver is kept outside the file that it is about (3.35.2).
    suppressed = (
        {"suppressions": [{"kind": "external", "justification": finding.waived.reason}]}
        if finding.waived
        else {}
    )
    return {
        **suppressed,
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "kind": "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(one_line(text) for text in said)},
        "locations": [_place(finding, report, artifact)],
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
        "properties": {"cell": finding.cell, "finding": finding.to_dict()},
    }


def _place(finding: Finding, report: Report, artifact: int) -> dict[str, Any]:
    """The line of a text; of a workbook, which has no lines, the cell as a logical location (3.33)."""
    physical: dict[str, Any] = {"artifactLocation": _location(report) | {"index": artifact}}
    if finding.line:
        physical["region"] = {"startLine": finding.line}
    logical = [{"fullyQualifiedName": finding.focus, "kind": "resource"}]
    if finding.cell:
        name = f"{finding.sheet}!{finding.cell}" if finding.sheet else finding.cell
        logical.insert(0, {"name": finding.cell, "fullyQualifiedName": name, "kind": "cell"})
    return {"physicalLocation": physical, "logicalLocations": logical}


def _location(report: Report) -> dict[str, Any]:
    """The file below the folder that the run was started in; a file elsewhere by its name alone."""
    path = PurePath(report.file)
    if path.is_absolute():
        here = Path.cwd()
        path = path.relative_to(here) if path.is_relative_to(here) else PurePath(path.name)
    return {"uri": quote(path.as_posix().encode("utf-8", "surrogateescape")), "uriBaseId": "%SRCROOT%"}


def _properties(report: Report) -> dict[str, Any]:
    said = report.to_dict()
    return {name: value for name, value in said.items() if name not in {"findings", "verdicts", "file"}}
