"""The words that reports of several formats share, in Chinese and English."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from operator import attrgetter, is_
from typing import Any, TypeVar

from bpsgraph.results import Finding, Outcome, Repair, Severity, Text, Waiver
from bpsgraph.terms import short

Shown = TypeVar("Shown")

HEAD = Text("{title}，对照{compared_with}", "{title}, compared with {compared_with}")
SELF_SOURCED = Text(
    "其中{count}项下限只能从本文件得知：达到它们不说明问题。",
    "{count} of the floors are known only from this very document: to meet them proves nothing.",
)
CLEAN = Text("没有发现问题。", "Nothing to mend.")
WAIVED = Text("已豁免（{author}，至{until}）：{reason}", "waived ({author}, until {until}): {reason}")
OUTCOMES = {
    Outcome.PASSED: Text("通过", "passed"),
    Outcome.FAILED: Text("有问题", "failed"),
    Outcome.SKIPPED: Text("跳过", "skipped"),
    Outcome.ERROR: Text("未能运行", "error"),
}
LEFT_OUT = Text("{name}：另有{count}项没有列出", "{name}: {count} more are not listed")
WHOLE = Text("整份清单", "the catalogue as a whole")
LINE = Text("第{line}行", "line {line}")
ROW = Text("第{row}行", "row {row}")
SEVERITIES = {
    Severity.VIOLATION: Text("错误", "violation"),
    Severity.WARNING: Text("警告", "warning"),
    Severity.INFO: Text("提示", "info"),
}
MARKS = {Severity.VIOLATION: "✗", Severity.WARNING: "!", Severity.INFO: "·"}
# The words of the code list ontology/codelists/assurance.ttl, in the order of the plan.
ASSURANCES = {
    "completeness": Text("内容无缺项", "nothing missing"),
    "baseline": Text("不低于国家标准", "not below the standard"),
    "coverage": Text("目标人群全覆盖", "everyone covered"),
    "funding": Text("投入有保障", "funding assured"),
    "sustainability": Text("服务可持续", "service sustained"),
    "overreach": Text("标准不高攀", "no overreach"),
    "structure": Text("结构正确", "well formed"),
    "system": Text("标准体系", "standard system"),
    "reading": Text("能够读懂", "readable"),
}
# The words of the code list ontology/codelists/verification.ttl.
VERIFICATION = {
    "verbatim": Text("逐字", "verbatim"),
    "restated": Text("转载", "restated"),
    "paraphrase": Text("意译", "paraphrase"),
    "inferred": Text("推断", "inferred"),
    "recalled": Text("回忆", "recalled"),
}
# The fields of a finding under their published names.
FIELDS = {
    "rule": Text("规则", "rule"),
    "severity": Text("级别", "severity"),
    "message": Text("问题", "finding"),
    "focus": Text("对象", "focus"),
    "fingerprint": Text("指纹", "fingerprint"),
    "item": Text("服务事项", "item"),
    "path": Text("属性", "property"),
    "value": Text("现为", "value"),
    "expected": Text("应为", "expected"),
    "source": Text("依据", "source"),
    "verification": Text("依据核实程度", "verification"),
    "catalogue": Text("清单", "catalogue"),
    "edition": Text("对照版本", "edition"),
    "asOf": Text("对照日期", "as of"),
    "sheet": Text("工作表", "sheet"),
    "cell": Text("单元格", "cell"),
    "row": Text("行", "row"),
    "line": Text("文件行号", "line"),
    "fix": Text("改法", "fix"),
    "waived": Text("豁免", "waived"),
    "repair": Text("更正", "repair"),
}
# What identifies a finding rather than tells of it.
DETAILS = (
    "focus",
    "path",
    "catalogue",
    "edition",
    "asOf",
    "sheet",
    "cell",
    "row",
    "line",
    "fingerprint",
)
_PARTS = {
    **dict.fromkeys(("message", "item", "fix"), ("zh", "en")),
    "waived": ("reason", "author", "expires"),
    "repair": ("path", "old", "new"),
}
# What no XML document can hold, and what no terminal or page should obey; tab and line end are kept.
_BREAKS = re.compile(r"\s+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def shown(text: str) -> str:
    """The text with every character written out that is not seen or that steers; lines stay lines."""
    if text.isprintable():
        return text
    plain = text.replace("\r\n", "\n")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)


def seen(thing: Shown) -> Shown:
    """The same report, finding or verdict with `shown` texts; identifiers and numbers are left alone.

    What needs no change is the very object that was given.
    """
    if isinstance(thing, Enum):
        return thing
    if isinstance(thing, str):
        return shown(thing)  # type: ignore[return-value]
    if isinstance(thing, tuple):
        parts = _seen_parts(thing)
        return thing if parts is None else tuple(parts)  # type: ignore[return-value]
    if is_dataclass(thing) and not isinstance(thing, type):
        names, values = _fields(type(thing))
        parts = _seen_parts(values(thing))
        return thing if parts is None else replace(thing, **dict(zip(names, parts, strict=True)))
    return thing


def _seen_parts(parts: tuple[Any, ...]) -> list[Any] | None:
    """The parts as they are shown; None where none needs a change."""
    # Of the many verdicts of a report almost all are plain text, which takes no call to see.
    told = [
        part if part is None or (type(part) is str and part.isprintable()) else seen(part) for part in parts
    ]
    return None if all(map(is_, told, parts)) else told


@cache
def _fields(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of the fields of a type, and what gives their values."""
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


def one_line(text: str) -> str:
    """The text on one line, with what is not seen written out."""
    return shown(_BREAKS.sub(" ", shown(text)).strip())


def published(finding: Finding) -> dict[str, Any]:
    """The fields under their published names, in the order in which tables show them; a repair in words."""
    said = finding.to_dict()
    said["repair"] = repair_words(finding.repair) if finding.repair else None
    return {name: said[name] for name in (*FIELDS, *(name for name in said if name not in FIELDS))}


def place(finding: Finding, language: str) -> str:
    """Where a finding is in the file: `服务标准!E12`, `第118行`, or nothing."""
    if finding.cell:
        return f"{finding.sheet}!{finding.cell}" if finding.sheet else finding.cell
    where = [finding.sheet] if finding.sheet else []
    if finding.row:
        where.append(ROW.in_language(language).format(row=finding.row))
    elif finding.line:
        where.append(LINE.in_language(language).format(line=finding.line))
    return " ".join(where)


def waiver_words(waiver: Waiver, language: str) -> str:
    """Why a finding is let pass, who says so and until when, in a sentence."""
    return WAIVED.in_language(language).format(
        author=waiver.author, until=waiver.expires, reason=waiver.reason
    )


def repair_words(repair: Repair) -> str:
    """What is replaced by what: `bps:value: 650 → 720`; ∅ where nothing stands there yet."""
    return f"{short(repair.path)}: {repair.old or '∅'} → {repair.new}"


def place_of(assurance: str) -> int:
    """Where an assurance stands among the others; those that are not known come last."""
    known = list(ASSURANCES)
    return known.index(assurance) if assurance in known else len(known)


def assurance_name(key: str) -> Text:
    """The name of an assurance; one without a name here is called by its key."""
    return ASSURANCES.get(key, Text(key, key))


def plain(value: Any, language: str = "zh") -> str:
    """A published value as words: of a text those of one language, nothing for what is not known."""
    if isinstance(value, Mapping):
        value = value.get(language)
    return "" if value is None else str(value)


def columns() -> list[str]:
    """The columns of a table of findings: texts have one for each language, waivers one for each part."""
    names = []
    for name in (_published(field.name) for field in fields(Finding)):
        names += [f"{name}_{part}" for part in _PARTS[name]] if name in _PARTS else [name]
    return names


def in_columns(finding: Finding) -> list[Any]:
    """The values of a finding in the order of the columns."""
    said = finding.to_dict()
    row = []
    for column in columns():
        name, _, part = column.partition("_")
        row.append((said[name] or {}).get(part) if part else said[name])
    return row


def _published(name: str) -> str:
    return "asOf" if name == "as_of" else name
