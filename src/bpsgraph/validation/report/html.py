"""The report as one page that needs nothing else.

It asks no other place for anything, and works without script; a script filters where there is one.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpsgraph.results import Finding, Outcome, Report, Severity, Text, Verdict
from bpsgraph.validation.report.scorecard import scorecard, statuses
from bpsgraph.validation.report.verdicts import COVERAGE, VALUES
from bpsgraph.validation.report.words import (
    CLEAN,
    DETAILS,
    FIELDS,
    LEFT_OUT,
    MARKS,
    OUTCOMES,
    SELF_SOURCED,
    SEVERITIES,
    VERIFICATION,
    WHOLE,
    assurance_name,
    place,
    plain,
    published,
    seen,
    waiver_words,
)
from bpsgraph.validation.rules import Rule

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"
_WORDS = {
    "title": Text("基本公共服务清单检查报告", "Report on a catalogue of basic public services"),
    "skip": Text("跳到问题", "Skip to the findings"),
    "filter": Text("筛选问题", "Filter the findings"),
    "search": Text("搜索", "Search"),
    "all": Text("全部", "all"),
    "reset": Text("重置", "Reset"),
    "shown": Text("显示{number}条，共{total}条", "{number} of {total} shown"),
    "file": Text("文件", "File"),
    "scorecard": Text("保障要求", "Assurances"),
    "counts": Text("问题数量", "Number of findings"),
    "kept": Text("符合", "kept"),
    "findings": Text("问题", "Findings"),
    "clean": CLEAN,
    "more": Text("详细", "Details"),
    "waived": Text("已豁免的问题", "Waived findings"),
    "waived_number": Text("已豁免", "waived"),
    "rules": Text("规则", "Rules"),
    "assurance": Text("保障要求", "Assurance"),
    "status": Text("结果", "Result"),
    "found": Text("问题数", "Found"),
    "verdicts": Text("逐项结论", "Verdicts"),
}
_VERDICT_COLUMNS = (
    Text("服务事项", "Item"),
    Text("指标", "Measure"),
    Text("对象", "Segment"),
    Text("判定", "Verdict"),
    Text("覆盖", "Coverage"),
    Text("本地", "Promise"),
    Text("下限", "Floor"),
    Text("换算", "Conversion"),
    Text("依据", "Source"),
)
_COMPARED = Text("对照：{compared_with}", "Compared with: {compared_with}")
_RULES = Text("{count}条规则，其中{found}条有问题", "{count} rules, {found} of them with findings")
_VERDICTS = Text("{count}项下限的结论", "{count} floors")
_TOLD = ("value", "expected", "source", "verification")
_TECHNICAL = ("rule", *DETAILS, "repair")


def write(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """The page: of each report the scorecard, the findings by item in both languages, rules and verdicts."""
    from markupsafe import Markup

    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    shown = [seen(report) for report in reports]
    titles = [report.title.in_language(lang) for report in shown]
    return _template().render(
        lang=lang,
        other_lang="en" if lang == "zh" else "zh-CN",
        page_title=" · ".join(dict.fromkeys([*titles, _WORDS["title"].in_language(lang)])),
        policy=(
            f"default-src 'none'; style-src {policy_hash(style)}; script-src {policy_hash(script)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),
        script=Markup(script),
        say={name: text.in_language(lang) for name, text in _WORDS.items()}
        | {"verdict_columns": [text.in_language(lang) for text in _VERDICT_COLUMNS]},
        field={name: text.in_language(lang) for name, text in FIELDS.items()},
        severities=[_severity(severity, lang) for severity in sorted(Severity, reverse=True)],
        found_rules=_found_rules(shown, rules, lang),
        found_items=_found_items(shown, lang),
        reports=[_report(report, rules, lang) for report in shown],
    )


@cache
def _template() -> "Template":
    """What the pages of all reports are made of: to compile it takes longer than a page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")


def policy_hash(text: str) -> str:
    """What a content security policy knows an inline style or script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _severity(severity: Severity, lang: str) -> dict[str, str]:
    name = SEVERITIES[severity].in_language(lang)
    return {"key": severity.label, "name": name, "mark": MARKS[severity]}


def _found_rules(reports: Iterable[Report], rules: Mapping[str, Rule], lang: str) -> list[dict[str, str]]:
    found = {finding.rule for report in reports for finding in report.findings}
    named = {rule.id: rule.name.in_language(lang) for rule in rules.values() if rule.id in found}
    return [{"id": id, "name": name} for id, name in sorted(named.items())]


def _found_items(reports: Iterable[Report], lang: str) -> list[dict[str, str]]:
    found = {_item_key(finding.item): finding.item for report in reports for finding in report.findings}
    return [{"key": key, "name": (item or WHOLE).in_language(lang)} for key, item in found.items()]


def _item_key(item: Text | None) -> str:
    return item.zh if item else "-"


def _report(report: Report, rules: Mapping[str, Rule], lang: str) -> dict[str, Any]:
    title, compared = report.title.in_language(lang), report.compared_with.in_language(lang)
    named = {rule.id: rule for rule in rules.values()}
    status_of = statuses(report, rules)
    return {
        "title": title,
        "compared": _COMPARED.in_language(lang).format(compared_with=compared),
        "file": report.file,
        "scores": [
            {
                "name": score.name.in_language(lang),
                "severity": score.worst.label if score.worst else None,
                "mark": MARKS[score.worst] if score.worst else "✓",
                "count": score.count,
            }
            for score in scorecard(report, rules)
        ],
        "counts": [
            _severity(severity, lang) | {"number": number} for severity, number in report.counts().items()
        ],
        "self_sourced": SELF_SOURCED.in_language(lang).format(count=report.self_sourced)
        if report.self_sourced
        else "",
        "notices": [
            _severity(notice.severity, lang) | {"words": notice.words.in_language(lang)}
            for notice in report.notices
        ],
        "left_out": [
            LEFT_OUT.in_language(lang).format(name=named[rule].name.in_language(lang), count=count)
            for rule, count in report.left_out().items()
        ],
        "found": _items((finding for finding in report.findings if not finding.waived), rules, lang),
        "waived_count": report.waived,
        "waived": _items((finding for finding in report.findings if finding.waived), rules, lang),
        "rules_summary": _RULES.in_language(lang).format(
            count=len(status_of), found=sum(status.outcome is Outcome.FAILED for status in status_of)
        ),
        "rules": [
            {
                "id": status.rule,
                "key": status.outcome.value,
                "name": named[status.rule].name.in_language(lang),
                "assurance": assurance_name(named[status.rule].assurance).in_language(lang),
                "severity": SEVERITIES[named[status.rule].severity].in_language(lang),
                "status": OUTCOMES[status.outcome].in_language(lang),
                "problem": status.problem or "",
                "found": status.total - status.waived,
                "waived": status.waived or "",
            }
            for status in status_of
        ],
        "verdicts_summary": _VERDICTS.in_language(lang).format(count=len(report.verdicts)),
        "verdicts": [_verdict(verdict, lang) for verdict in report.verdicts],
    }


def _items(findings: Iterable[Finding], rules: Mapping[str, Rule], lang: str) -> list[dict[str, Any]]:
    """The findings by item, in the order given, which has the worst first."""
    other = "en" if lang == "zh" else "zh"
    named = {rule.id: rule.name.in_language(lang) for rule in rules.values()}
    groups: dict[Text | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.item, []).append(finding)
    return [
        {
            "key": _item_key(item),
            "name": (item or WHOLE).in_language(lang),
            "other": item.in_language(other) if item else "",
            "findings": [_finding(finding, named[finding.rule], lang, other) for finding in found],
        }
        for item, found in groups.items()
    ]


def _finding(finding: Finding, rule_name: str, lang: str, other: str) -> dict[str, Any]:
    fields = published(finding)
    if finding.verification:
        words = VERIFICATION.get(finding.verification)
        if words:
            fields["verification"] = f"{words.in_language(lang)} ({finding.verification})"
    return {
        "severity": _severity(finding.severity, lang),
        "rule": finding.rule,
        "rule_name": rule_name,
        "fingerprint": finding.fingerprint,
        "place": place(finding, lang),
        "message": finding.message.in_language(lang),
        "other_message": finding.message.in_language(other),
        "fix": finding.fix.in_language(lang) if finding.fix else "",
        "other_fix": finding.fix.in_language(other) if finding.fix else "",
        "waiver": waiver_words(finding.waived, lang) if finding.waived else "",
        "told": _known(fields, _TOLD, lang),
        "technical": _known(fields, _TECHNICAL, lang),
    }


def _known(fields: Mapping[str, Any], names: Iterable[str], lang: str) -> list[tuple[str, str]]:
    known = [name for name in names if fields[name] is not None]
    return [(FIELDS[name].in_language(lang), plain(fields[name])) for name in known]


def _verdict(verdict: Verdict, lang: str) -> tuple[str, str, list[str]]:
    """The kind of verdict, and its row: what it is on, and the rest."""
    cells = (
        verdict.measure.in_language(lang),
        verdict.segment.in_language(lang) if verdict.segment else "",
        VALUES[verdict.value_verdict].in_language(lang),
        COVERAGE[verdict.coverage_verdict].in_language(lang),
        verdict.promise.stated_as if verdict.promise else None,
        verdict.floor.stated_as if verdict.floor else None,
        verdict.conversion,
        verdict.source.in_language(lang) if verdict.source else None,
    )
    return verdict.value_verdict.value, verdict.item.in_language(lang), [cell or "" for cell in cells]
