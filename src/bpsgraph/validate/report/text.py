"""The report for people at a terminal: by item, the worst first, with the source and the cure."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from bpsgraph.results import Finding, Report, Severity, Text
from bpsgraph.validate.rules import Rule

_MARKS = {
    Severity.VIOLATION: ("✗", "bold red"),
    Severity.WARNING: ("!", "yellow"),
    Severity.INFO: ("·", "cyan"),
}
_SEVERITIES = {
    Severity.VIOLATION: Text("错误", "violations"),
    Severity.WARNING: Text("警告", "warnings"),
    Severity.INFO: Text("提示", "notes"),
}
_ASSURANCES = {
    "completeness": Text("内容无缺项", "nothing missing"),
    "baseline": Text("不低于国家标准", "not below the standard"),
    "coverage": Text("目标人群全覆盖", "everyone covered"),
    "funding": Text("投入有保障", "funding assured"),
    "sustainability": Text("服务可持续", "service sustained"),
    "overreach": Text("标准不高攀", "no overreach"),
    "structure": Text("结构正确", "well formed"),
    "system": Text("标准体系", "standard system"),
}
_WHOLE = Text("整份清单", "the catalogue as a whole")
_HEAD = Text("{title}，对照{compared_with}", "{title}, compared with {compared_with}")
_SELF = Text(
    "其中{count}项下限只能从本文件得知：达到它们不说明问题。",
    "{count} of the floors are known only from this very document: to meet them proves nothing.",
)
_CLEAN = Text("没有发现问题。", "Nothing to mend.")


def render(report: Report, rules: Mapping[str, Rule], language: str) -> RenderableType:
    """The report in `zh` or `en`; `rules` are those of the shapes, by the IRI of their shape."""
    head = _HEAD.in_language(language).format(
        title=report.title.in_language(language), compared_with=report.compared_with.in_language(language)
    )
    parts: list[RenderableType] = [Styled(head, style="bold"), Styled(report.file, style="dim")]
    parts.append(_scorecard(report, rules, language))
    parts.append(_counts(report, language))
    if report.self_sourced:
        parts.append(Styled(_SELF.in_language(language).format(count=report.self_sourced), style="dim"))
    if not report.findings:
        parts.append(Styled(_CLEAN.in_language(language), style="green"))
    for item, findings in _by_item(report.findings).items():
        name = (item or _WHOLE).in_language(language)
        parts.append(Styled(f"\n{name}", style="bold"))
        parts += [_finding(finding, language) for finding in findings]
    return Group(*parts)


def _by_item(findings: tuple[Finding, ...]) -> dict[Text | None, list[Finding]]:
    """The findings of each item, the items with the worst findings first."""
    groups: dict[Text | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.item, []).append(finding)
    return groups


def _finding(finding: Finding, language: str) -> RenderableType:
    mark, style = _MARKS[finding.severity]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column()
    grid.add_row(Styled(mark, style=style), finding.message.in_language(language))
    if finding.fix and finding.severity > Severity.INFO:
        grid.add_row(Styled("→", style="green"), Styled(finding.fix.in_language(language), style="green"))
    place = f"{finding.rule}, :{finding.line}" if finding.line else finding.rule
    grid.add_row("", Styled(place, style="dim"))
    return grid


def _scorecard(report: Report, rules: Mapping[str, Rule], language: str) -> Styled:
    assurance_of = {rule.id: rule.assurance for rule in rules.values()}
    worst: dict[str, list[Severity]] = {}
    for finding in report.findings:
        worst.setdefault(assurance_of[finding.rule], []).append(finding.severity)
    line = Styled()
    for key, name in _ASSURANCES.items():
        found = [severity for severity in worst.get(key, []) if severity > Severity.INFO]
        if key in {"structure", "system"} and not found:
            continue
        mark, style = _MARKS[max(found)] if found else ("✓", "green")
        line += Styled(f"{mark} {name.in_language(language)}", style=style)
        line += Styled(f" {len(found)}" if found else "", style=style) + Styled("   ")
    return line


def _counts(report: Report, language: str) -> Styled:
    between = "，" if language == "zh" else ", "
    return Styled(
        between.join(
            f"{_SEVERITIES[severity].in_language(language)} {number}"
            if language == "zh"
            else f"{number} {_SEVERITIES[severity].en}"
            for severity, number in report.counts().items()
        )
    )
