"""The report in Markdown, for a comment on a change or a page of a wiki (https://github.github.com/gfm/)."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bpsgraph.results import Finding, Report, Text
from bpsgraph.validation.report.scorecard import scorecard
from bpsgraph.validation.report.words import (
    CLEAN,
    DETAILS,
    FIELDS,
    HEAD,
    LEFT_OUT,
    MARKS,
    SELF_SOURCED,
    SEVERITIES,
    VERIFICATION,
    WHOLE,
    one_line,
    place,
    plain,
    published,
    repair_words,
    waiver_words,
)
from bpsgraph.validation.rules import Rule

_ASSURANCE = Text("保障要求", "assurance")
_FOUND = Text("问题数", "found")
# What is markup anywhere, and what begins a heading, a list or a rule at the start of a line.
_SPECIAL = re.compile(r"([\\`*_\[\]|~$]|^[#+=-])")
_NUMBERED = re.compile(r"^([0-9]+)([.)])")


def write(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """A chapter per report: the scorecard, the counts, and the findings by item, the worst first."""
    return "\n".join(_chapter(report, rules, lang) for report in reports)


def _chapter(report: Report, rules: Mapping[str, Rule], lang: str) -> str:
    title, compared = report.title.in_language(lang), report.compared_with.in_language(lang)
    head = HEAD.in_language(lang).format(title=title, compared_with=compared)
    lines = [f"# {_escaped(head)}", "", _code(report.file), ""]
    lines += _table(
        (_ASSURANCE.in_language(lang), _FOUND.in_language(lang)),
        (
            (score.name.in_language(lang), f"{MARKS[score.worst]} {score.count}" if score.worst else "✓")
            for score in scorecard(report, rules)
        ),
    )
    counts = (
        f"{SEVERITIES[severity].in_language(lang)} {number}" for severity, number in report.counts().items()
    )
    lines += ["", ("，" if lang == "zh" else ", ").join(counts), ""]
    if report.self_sourced:
        lines += [_escaped(SELF_SOURCED.in_language(lang).format(count=report.self_sourced)), ""]
    if report.waived:
        lines += [f"{FIELDS['waived'].in_language(lang)} {report.waived}", ""]
    for notice in report.notices:
        lines += [f"> {MARKS[notice.severity]} {_escaped(notice.words.in_language(lang))}", ""]
    if not report.findings:
        lines += [CLEAN.in_language(lang), ""]
    for item, findings in _by_item(report.findings).items():
        lines += [f"## {_escaped((item or WHOLE).in_language(lang))}", ""]
        for finding in findings:
            lines += [*_finding(finding, lang), ""]
    for rule, count in report.left_out().items():
        name = next((r.name.in_language(lang) for r in rules.values() if r.id == rule), rule)
        lines += [_escaped(LEFT_OUT.in_language(lang).format(name=name, count=count)), ""]
    return "\n".join(lines)


def _by_item(findings: Iterable[Finding]) -> dict[Text | None, list[Finding]]:
    groups: dict[Text | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.item, []).append(finding)
    return groups


def _finding(finding: Finding, lang: str) -> list[str]:
    other = "en" if lang == "zh" else "zh"
    where = place(finding, lang)
    severity = f"{MARKS[finding.severity]} {SEVERITIES[finding.severity].in_language(lang)}"
    said = [f"- **{severity}** {_code(finding.rule)}" + (f" {_escaped(where)}" if where else "") + "  "]
    said += [f"  {_escaped(finding.message.in_language(language))}  " for language in (lang, other)]
    if finding.fix:
        label = FIELDS["fix"].in_language(lang)
        words = (finding.fix.in_language(language) for language in (lang, other))
        said += [f"  **{label}** {' · '.join(_escaped(text) for text in words)}  "]
    if finding.waived:
        said += [f"  **{_escaped(waiver_words(finding.waived, lang))}**  "]
    told = {
        "value": finding.value,
        "expected": finding.expected,
        "source": finding.source,
        "verification": _verification(finding, lang),
        "repair": repair_words(finding.repair) if finding.repair else None,
    }
    said += [f"  {FIELDS[name].in_language(lang)}: {_escaped(text)}  " for name, text in told.items() if text]
    fields = published(finding)
    known = {name: plain(fields[name]) for name in DETAILS if fields[name] is not None}
    details = [f"{FIELDS[name].in_language(lang)} {_code(text)}" for name, text in known.items()]
    if finding.item:
        details += [_escaped(finding.item.in_language(language)) for language in (lang, other)]
    return [*said, f"  <sub>{' · '.join(details)}</sub>"]


def _verification(finding: Finding, lang: str) -> str | None:
    words = VERIFICATION.get(finding.verification or "")
    return f"{words.in_language(lang)} ({finding.verification})" if words else finding.verification


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows]


def _escaped(text: str) -> str:
    """The text as itself: no markup, no HTML, and no mention of anybody."""
    plain_text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain_text))
    return marked.replace("@", "&#64;")


def _code(text: str) -> str:
    """The text in a code span, fenced by more backticks than it holds."""
    shown = one_line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    around = " " if "`" in shown else ""
    return f"{fence}{around}{shown}{around}{fence}"
