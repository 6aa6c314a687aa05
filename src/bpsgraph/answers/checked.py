"""What became of checks, as an answer: a row per check, and further a row per problem that one found."""

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers.answer import Answer, Provenance
from bpsgraph.library import Column
from bpsgraph.results import Finding, Report, Rows, Text
from bpsgraph.terms import XSD, Term
from bpsgraph.validation.report.words import OUTCOMES, SEVERITIES
from bpsgraph.validation.rules import Rule

_TITLE = Text("检查", "Checks")
_DESCRIPTION = Text(
    "每行一项检查及其结果；未能运行的检查不算通过。",
    "One row per check; one that could not run has not passed.",
)
_ROWS = Text("检查发现的问题", "Problems that the checks found")
_ROWS_DESCRIPTION = Text("每行一个问题及其改法。", "One row per problem, with what to do.")
_SUMMARY = (
    Column("check", Text("检查", "check")),
    Column("name_zh", Text("名称（中文）", "name (Chinese)")),
    Column("name_en", Text("名称（英文）", "name (English)")),
    Column("outcome_zh", Text("结果（中文）", "outcome (Chinese)")),
    Column("outcome_en", Text("结果（英文）", "outcome (English)")),
    Column("violations", Text("错误", "violations"), whole=True),
    Column("warnings", Text("警告", "warnings"), whole=True),
    Column("infos", Text("提示", "infos"), whole=True),
    Column("waived", Text("豁免", "waived"), whole=True),
    Column("reason", Text("未运行的原因", "why it did not run")),
)
_PROBLEM = (
    Column("check", Text("检查", "check")),
    Column("severity_zh", Text("级别（中文）", "severity (Chinese)")),
    Column("severity_en", Text("级别（英文）", "severity (English)")),
    Column("entity", Text("对象", "entity")),
    Column("property", Text("属性", "property")),
    Column("value", Text("值", "value")),
    Column("problem_zh", Text("问题（中文）", "problem (Chinese)")),
    Column("problem_en", Text("问题（英文）", "problem (English)")),
    Column("solution_zh", Text("改法（中文）", "solution (Chinese)")),
    Column("solution_en", Text("改法（英文）", "solution (English)")),
    Column("waived", Text("豁免理由", "grounds of the waiver")),
    Column("fingerprint", Text("指纹", "fingerprint")),
)


def answer_of_checks(report: Report, rules: Mapping[str, Rule], state: str) -> Answer:
    """The report of checks on a store in this state; `rules` are the checks by id."""
    made_from = Provenance(state)
    rows = Rows(
        tuple(column.name for column in _SUMMARY),
        tuple(
            (
                Literal(status.rule),
                *_words(rules[status.rule].name),
                *_words(OUTCOMES[status.outcome]),
                *map(_number, (status.violations, status.warnings, status.infos, status.waived)),
                Literal(status.problem) if status.problem else None,
            )
            for status in report.rules
        ),
    )
    problems = Rows(
        tuple(column.name for column in _PROBLEM),
        tuple(_problem(finding, rules[finding.rule]) for finding in report.findings),
    )
    further = Answer("check-problems", _ROWS, _ROWS_DESCRIPTION, _PROBLEM, problems, made_from)
    return Answer(
        name="check",
        title=_TITLE,
        description=_DESCRIPTION,
        columns=_SUMMARY,
        rows=rows,
        provenance=made_from,
        notes=tuple(notice.words for notice in report.notices),
        key=("check",),
        further=(further,) if report.findings else (),
    )


def _problem(finding: Finding, rule: Rule) -> tuple[Term | None, ...]:
    entity = NamedNode(finding.focus) if ":" in finding.focus[1:] and finding.focus[0] != "_" else None
    return (
        Literal(finding.rule),
        *_words(SEVERITIES[finding.severity]),
        entity if entity is not None else Literal(finding.focus),
        NamedNode(finding.path) if finding.path else None,
        Literal(finding.value) if finding.value is not None else None,
        *_words(rule.description),
        *_words(rule.fix),
        Literal(finding.waived.reason) if finding.waived else None,
        Literal(finding.fingerprint),
    )


def _words(text: Text) -> tuple[Literal, Literal]:
    return Literal(text.zh, language="zh"), Literal(text.en, language="en")


def _number(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
