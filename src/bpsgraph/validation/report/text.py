"""The report for people at a terminal: by item, the worst first, with the source and the cure."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from bpsgraph.results import Finding, Report, Severity, Text
from bpsgraph.validation.report.scorecard import scorecard
from bpsgraph.validation.report.words import (
    CLEAN,
    HEAD,
    LEFT_OUT,
    SELF_SOURCED,
    WAIVED,
    WHOLE,
    place,
    seen,
)
from bpsgraph.validation.rules import Rule

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
_ALIKE = Text("{count}个事项：{items}", "{count} items: {items}")
# From so many findings on that differ in nothing but their item, they are told together.
_MANY = 4
# A line of the summary names so many promises or items, and of more only the number.
_FEW = 9
_WIDTH = 120


def write(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """The whole reports without colours, 120 columns wide."""
    return _printed((render(report, rules, lang) for report in reports), _console(None, None))


def printed(
    reports: Sequence[Report],
    rules: Mapping[str, Rule],
    lang: str,
    *,
    summary: bool = False,
    least: Severity = Severity.INFO,
    width: int | None = None,
    colours: str | None = None,
    plain: bool = False,
) -> str:
    """The reports, an empty line between them, as a terminal of that width shows them, else as `write` does.

    `colours` is what rich calls the system of colours of the terminal; `plain` leaves them out.
    """
    shown = [render(report, rules, lang, summary=summary, least=least) for report in reports]
    return "\n".join(_printed([text], _console(width, colours, plain)) for text in shown)


def _console(width: int | None, colours: str | None, plain: bool = False) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=width is not None,
        width=width or _WIDTH,
        color_system=colours,  # type: ignore[arg-type]
        no_color=plain,
        markup=False,
        highlight=False,
    )


def _printed(texts: Iterable[RenderableType], console: Console) -> str:
    with console.capture() as capture:
        for text in texts:
            console.print(text)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())


def render(
    report: Report,
    rules: Mapping[str, Rule],
    language: str,
    *,
    summary: bool = False,
    least: Severity = Severity.INFO,
) -> RenderableType:
    """The report in `zh` or `en`; `rules` are those of the shapes, by the IRI of their shape.

    Items with the worst findings come first. What is found of many items in the same way is told once, at
    the end, with their names. A `summary` is the head, the scorecard, the counts, and a line for each rule
    that found something. Findings below the `least` severity are counted and not listed.
    """
    # Only the summary looks at the verdicts, of which there are several for each finding.
    report = seen(report if summary else replace(report, verdicts=()))
    head = HEAD.in_language(language).format(
        title=report.title.in_language(language), compared_with=report.compared_with.in_language(language)
    )
    parts: list[RenderableType] = [Styled(head, style="bold")]
    if not summary:
        parts.append(Styled(report.file, style="dim"))
    parts.append(_scorecard(report, rules, language))
    parts.append(_counts(report, language))
    if report.self_sourced:
        parts.append(
            Styled(SELF_SOURCED.in_language(language).format(count=report.self_sourced), style="dim")
        )
    marks = {severity: _mark(severity) for severity in Severity}
    if report.notices:
        said = _lines()
        for notice in report.notices:
            said.add_row(marks[notice.severity], Styled(notice.words.in_language(language)))
        parts.append(said)
    if not report.findings:
        parts.append(Styled(CLEAN.in_language(language), style="green"))
    if summary:
        return Group(*parts, _by_rule(report, rules, language, least))
    listed = tuple(finding for finding in report.findings if finding.severity >= least)
    alike = _alike(listed)
    together = {finding for findings in alike for finding in findings}
    single = tuple(finding for finding in listed if finding not in together)
    for item, findings in _by_item(single).items():
        name = (item or WHOLE).in_language(language)
        parts.append(Styled(f"\n{name}", style="bold"))
        parts += [_finding(finding, language) for finding in findings]
    names = {rule.id: rule.name for rule in rules.values()}
    for findings in alike:
        parts.append(Styled(f"\n{names[findings[0].rule].in_language(language)}", style="bold"))
        parts.append(_together(findings, language))
    for rule, count in report.left_out().items():
        said_of = LEFT_OUT.in_language(language).format(name=names[rule].in_language(language), count=count)
        parts.append(Styled(f"\n{said_of}", style="dim"))
    return Group(*parts)


def _alike(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """The findings of one rule that differ in nothing but their item, the worst first."""
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.item and not finding.waived:
            said = finding.message.zh.replace(finding.item.zh, "")
            cure = finding.fix.zh.replace(finding.item.zh, "") if finding.fix else ""
            groups.setdefault((finding.rule, finding.severity, said, cure), []).append(finding)
    return [group for group in groups.values() if len(group) >= _MANY]


def _by_item(findings: tuple[Finding, ...]) -> dict[Text | None, list[Finding]]:
    """The findings of each item, the items with the worst findings first."""
    groups: dict[Text | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.item, []).append(finding)
    return groups


def _finding(finding: Finding, language: str) -> RenderableType:
    where = _place(finding, language)
    source = Styled(f"  {finding.rule}{f', {where}' if where else ''}", style="dim")
    grid = _lines()
    words = Styled(finding.message.in_language(language))
    if finding.waived:
        waiver = finding.waived
        said = WAIVED.in_language(language)
        said = said.format(author=waiver.author, until=waiver.expires, reason=waiver.reason)
        grid.add_row(Styled("–", style="dim"), words + Styled(f"  {said}", style="dim") + source)
        return grid
    if finding.fix and finding.severity > Severity.INFO:
        grid.add_row(_mark(finding.severity), words)
        grid.add_row(
            Styled("→", style="green"), Styled(finding.fix.in_language(language), style="green") + source
        )
    else:
        grid.add_row(_mark(finding.severity), words + source)
    return grid


def _item(finding: Finding, language: str) -> str:
    name, where = (finding.item or WHOLE).in_language(language), _place(finding, language)
    return f"{name}({where})" if where else name


def _place(finding: Finding, language: str) -> str:
    """The cell, or the line as compilers write it: `:118`."""
    return f":{finding.line}" if finding.line and not finding.cell else place(finding, language)


def _together(findings: list[Finding], language: str) -> RenderableType:
    first = findings[0]
    # The space lets a line end between two names.
    between = "、 " if language == "zh" else ", "
    names = between.join(_item(finding, language) for finding in findings)
    words = _ALIKE.in_language(language).format(count=len(findings), items=names)
    grid = _lines()
    grid.add_row(_mark(first.severity), words)
    if first.fix and first.severity > Severity.INFO:
        cure = Styled(first.fix.in_language(language), style="green")
        grid.add_row(Styled("→", style="green"), cure + Styled(f"  {first.rule}", style="dim"))
    return grid


def _by_rule(report: Report, rules: Mapping[str, Rule], language: str, least: Severity) -> RenderableType:
    """A line for each rule: how often it found something, and both numbers or items where few."""
    names = {rule.id: rule.name for rule in rules.values()}
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.waived is None:
            groups.setdefault(finding.rule, []).append(finding)
    tally = report.tally()
    floors = {
        verdict.promise.guarantee: verdict.segment
        for verdict in report.verdicts
        if verdict.promise and verdict.segment
    }
    grid = _lines()
    for rule, findings in groups.items():
        if max(finding.severity for finding in findings) < least:
            continue
        colon = "： " if language == "zh" else ": "
        number = sum(tally[rule].values())
        words = Styled(f"{names[rule].in_language(language)} {number}")
        said = [_numbers(finding, floors.get(finding.focus), language) for finding in findings]
        if not all(said):
            # An item may be found wanting in several promises: its name is enough once.
            said = list(dict.fromkeys(f.item.in_language(language) for f in findings if f.item))
        if said and len(said) <= _FEW and number == len(findings):
            # The space lets a line end between two of them.
            words += Styled(colon + ("； " if language == "zh" else "; ").join(filter(None, said)))
        grid.add_row(_mark(max(finding.severity for finding in findings)), words)
    return grid


def _numbers(finding: Finding, segment: Text | None, language: str) -> str | None:
    """`primary-school pupils 650 yuan < 720 yuan`, for what is below a floor."""
    if finding.rule != "baseline-below" or not (finding.value and finding.expected):
        return None
    whom = segment or finding.item
    numbers = f"{finding.value}<{finding.expected}"
    return f"{whom.in_language(language)}{numbers}" if whom else numbers


def _lines() -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column(overflow="fold")
    return grid


def _mark(severity: Severity) -> Styled:
    mark, style = _MARKS[severity]
    return Styled(mark, style=style)


def _scorecard(report: Report, rules: Mapping[str, Rule], language: str) -> Styled:
    line = Styled()
    for score in scorecard(report, rules):
        mark, style = _MARKS[score.worst] if score.worst else ("✓", "green")
        line += Styled(f"{mark} {score.name.in_language(language)}", style=style)
        line += Styled(f" {score.count}" if score.count else "", style=style) + Styled("   ")
    return line


def _counts(report: Report, language: str) -> Styled:
    between = "，" if language == "zh" else ", "
    counts = [(_SEVERITIES[severity], number) for severity, number in report.counts().items()]
    if report.waived:
        counts.append((Text("已豁免", "waived"), report.waived))
    return Styled(
        between.join(f"{name.zh} {n}" if language == "zh" else f"{n} {name.en}" for name, n in counts)
    )
