"""The report as a workbook of its own: summary, findings, rules and verdicts, each a sheet with a filter."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bpsgraph.results import Finding, Operand, Report, Severity, Text
from bpsgraph.validation.report.scorecard import scorecard, statuses
from bpsgraph.validation.report.verdicts import COVERAGE, VALUES
from bpsgraph.validation.report.words import (
    CLEAN,
    FIELDS,
    HEAD,
    LEFT_OUT,
    MARKS,
    OUTCOMES,
    SELF_SOURCED,
    SEVERITIES,
    VERIFICATION,
    assurance_name,
    plain,
    published,
)
from bpsgraph.validation.rules import Rule

if TYPE_CHECKING:
    from openpyxl import Workbook

SHEETS = {
    "summary": Text("概要", "Summary"),
    "findings": Text("问题", "Findings"),
    "rules": Text("规则", "Rules"),
    "verdicts": Text("结论", "Verdicts"),
}
_FILE = Text("文件", "file")
_ASSURANCE = Text("保障要求", "assurance")
_FOUND = Text("问题数", "found")
_WAIVED = Text("已豁免", "waived")
_OUTCOME = Text("结果", "outcome")
_PROBLEM = Text("说明", "note")
_PARTS_OF_WAIVER = {
    "reason": Text("豁免理由", "reason of the waiver"),
    "author": Text("豁免人", "waived by"),
    "expires": Text("豁免至", "waived until"),
}
_NAME = Text("名称", "name")
_WHAT = Text("内容", "what it asks")
_MEASURE = Text("指标", "measure")
_SEGMENT = Text("对象", "segment")
_VERDICT = Text("判定", "verdict")
_COVERAGE = Text("覆盖", "coverage")
_FLOOR = Text("下限", "floor")
_PROMISE = Text("本地", "promise")
_CONVERSION = Text("换算", "conversion")
_FROM = Text("自", "from")
_UNTIL = Text("至", "until")
# Width of each field in characters. What is printed comes first; texts in the other language are behind it.
WIDTHS = {
    "severity": 9,
    "sheet": 12,
    "cell": 9,
    "row": 6,
    "item": 20,
    "message": 50,
    "value": 12,
    "expected": 12,
    "fix": 30,
    "source": 26,
    "verification": 13,
    "rule": 24,
    "line": 9,
    "edition": 9,
    "asOf": 12,
    "path": 30,
    "focus": 40,
    "catalogue": 40,
    "fingerprint": 19,
    "repair": 30,
    "waived": 20,
}
_TEXTS = ("item", "message", "fix")
PRINTED = list(WIDTHS).index("verification") + 1


def write(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> bytes:
    """The file of the workbook; no text in it is ever a formula."""
    from openpyxl import Workbook

    from bpsgraph.validation.report import excel

    book = Workbook()
    book.remove(book.worksheets[0])
    _summary(book, reports, rules, lang)
    _findings(book, reports, lang)
    _rules(book, reports, rules, lang)
    _verdicts(book, reports, lang)
    return excel.packed(book)


def _summary(book: "Workbook", reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> None:
    from openpyxl.styles import Alignment, Font

    from bpsgraph.validation.report import excel

    sheet = book.create_sheet(SHEETS["summary"].in_language(lang))
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 14
    sheet.column_dimensions["C"].width = 60
    row = 0

    def line(*values: str | int | None, bold: bool = False, tint: Severity | None = None) -> None:
        nonlocal row
        row += 1
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            excel.put(cell, value)
            cell.alignment = Alignment(vertical="top")
            if bold:
                cell.font = Font(bold=True)
            if tint is not None:
                cell.fill = excel.fill(tint)

    for report in reports:
        title, compared = report.title.in_language(lang), report.compared_with.in_language(lang)
        line(HEAD.in_language(lang).format(title=title, compared_with=compared), bold=True)
        line(f"{_FILE.in_language(lang)}：{report.file}" if lang == "zh" else f"{_FILE.en}: {report.file}")
        line()
        line(_ASSURANCE.in_language(lang), _FOUND.in_language(lang), bold=True)
        for score in scorecard(report, rules):
            mark = MARKS[score.worst] if score.worst else "✓"
            line(f"{mark} {score.name.in_language(lang)}", score.count, tint=score.worst)
        line()
        for severity, count in report.counts().items():
            line(f"{MARKS[severity]} {SEVERITIES[severity].in_language(lang)}", count, tint=severity)
        if report.waived:
            line(_WAIVED.in_language(lang), report.waived)
        for notice in report.notices:
            line(notice.words.in_language(lang), tint=notice.severity)
        names = {rule.id: rule.name.in_language(lang) for rule in rules.values()}
        for rule, count in report.left_out().items():
            line(LEFT_OUT.in_language(lang).format(name=names[rule], count=count))
        if report.self_sourced:
            line(SELF_SOURCED.in_language(lang).format(count=report.self_sourced))
        if not report.findings:
            line(CLEAN.in_language(lang))
        line()
    excel.fit_to_page(sheet)


def _findings(book: "Workbook", reports: Sequence[Report], lang: str) -> None:
    from openpyxl.utils import get_column_letter

    from bpsgraph.validation.report import excel

    names = finding_columns(lang)
    head = [finding_heading(name, part, lang) for name, part in names]
    sheet = book.create_sheet(SHEETS["findings"].in_language(lang))
    found = [(report, finding) for report in reports for finding in report.findings]
    rows = ([*finding_row(finding, names), report.file] for report, finding in found)
    widths = [*(WIDTHS[name] for name, _ in names), 30]
    excel.table(sheet, [*head, _FILE.in_language(lang)], rows, widths, wrapped=PRINTED)
    sheet.print_area = f"A1:{get_column_letter(PRINTED)}{len(found) + 1}"
    tints = {severity: excel.fill(severity) for severity in Severity}
    for number, (_, finding) in enumerate(found, 2):
        if not finding.waived:
            sheet.cell(number, 1).fill = tints[finding.severity]


def finding_columns(lang: str) -> list[tuple[str, str]]:
    """The columns of a table of findings: a field and a language or part; `PRINTED` of them are for paper."""
    other = "en" if lang == "zh" else "zh"
    names = [(name, lang) for name in WIDTHS if name != "waived"]
    waiver = (("waived", part) for part in _PARTS_OF_WAIVER)
    return [*names[:PRINTED], *((name, other) for name in _TEXTS), *names[PRINTED:], *waiver]


def finding_heading(name: str, part: str, lang: str) -> str:
    """The heading of such a column; that of a text is in the text's language."""
    return _PARTS_OF_WAIVER[part].in_language(lang) if name == "waived" else FIELDS[name].in_language(part)


def finding_row(finding: Finding, columns: Sequence[tuple[str, str]]) -> list[str | int | None]:
    """What stands in such columns; verifications have their key behind their word."""
    fields = published(finding)
    row: list[str | int | None] = []
    for name, part in columns:
        value = fields[name]
        if name == "severity":
            waived = f" ({_WAIVED.in_language(part)})" if finding.waived else ""
            row.append(f"{MARKS[finding.severity]} {SEVERITIES[finding.severity].in_language(part)}{waived}")
        elif name == "verification":
            words = VERIFICATION.get(value or "")
            row.append(f"{words.in_language(part)} ({value})" if words else value)
        else:
            row.append(value if isinstance(value, int) else plain(value, part) or None)
    return row


def _rules(book: "Workbook", reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> None:
    from bpsgraph.validation.report import excel

    head = [
        FIELDS["rule"],
        _NAME,
        _OUTCOME,
        SEVERITIES[Severity.VIOLATION],
        SEVERITIES[Severity.WARNING],
        SEVERITIES[Severity.INFO],
        _WAIVED,
        _PROBLEM,
        _ASSURANCE,
        _WHAT,
        FIELDS["fix"],
        _FILE,
    ]
    by_id = {rule.id: rule for rule in rules.values()}
    sheet = book.create_sheet(SHEETS["rules"].in_language(lang))
    rows = (
        (
            status.rule,
            by_id[status.rule].name.in_language(lang),
            OUTCOMES[status.outcome].in_language(lang),
            *status.counts().values(),
            status.waived,
            status.problem,
            assurance_name(by_id[status.rule].assurance).in_language(lang),
            by_id[status.rule].description.in_language(lang),
            by_id[status.rule].fix.in_language(lang),
            report.file,
        )
        for report in reports
        for status in statuses(report, rules)
    )
    widths = [30, 26, 10, 8, 8, 8, 8, 26, 18, 50, 40, 24]
    excel.table(sheet, [text.in_language(lang) for text in head], rows, widths)


def _verdicts(book: "Workbook", reports: Sequence[Report], lang: str) -> None:
    from bpsgraph.validation.report import excel

    head = [
        FIELDS["item"],
        _MEASURE,
        _SEGMENT,
        _VERDICT,
        _COVERAGE,
        _PROMISE,
        _FLOOR,
        _CONVERSION,
        FIELDS["source"],
        FIELDS["verification"],
        _FROM,
        _UNTIL,
        _FILE,
    ]
    sheet = book.create_sheet(SHEETS["verdicts"].in_language(lang))
    rows = (
        (
            verdict.item.in_language(lang),
            verdict.measure.in_language(lang),
            verdict.segment.in_language(lang) if verdict.segment else None,
            VALUES[verdict.value_verdict].in_language(lang),
            COVERAGE[verdict.coverage_verdict].in_language(lang),
            _operand(verdict.promise),
            _operand(verdict.floor),
            verdict.conversion,
            verdict.source.in_language(lang) if verdict.source else None,
            _verification(verdict.verification, lang),
            str(verdict.valid_from) if verdict.valid_from else None,
            str(verdict.valid_until) if verdict.valid_until else None,
            report.file,
        )
        for report in reports
        for verdict in report.verdicts
    )
    widths = [24, 24, 24, 10, 10, 30, 30, 40, 36, 12, 12, 12, 30]
    excel.table(sheet, [text.in_language(lang) for text in head], rows, widths)


def _operand(side: Operand | None) -> str | None:
    return side.stated_as if side else None


def _verification(key: str | None, lang: str) -> str | None:
    words = VERIFICATION.get(key or "")
    return words.in_language(lang) if words else key
