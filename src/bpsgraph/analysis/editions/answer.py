"""The tables of a comparison: changes, what was announced, what was not compared, and the impact."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from bpsgraph.analysis.editions.differences import (
    Change,
    Differences,
    Kind,
    NotCompared,
    Reason,
    Subject,
)
from bpsgraph.analysis.editions.impact import Impact
from bpsgraph.analysis.editions.impact_tables import impact_tables
from bpsgraph.analysis.editions.statements import Cells, text_in
from bpsgraph.analysis.editions.tables import answer, backing, named, pair, thing, words
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Text

VERSION = "1"
_REASONS = {
    Reason.RECALLED: Text("一方仅凭回忆", "recalled on one side or both"),
    Reason.WORDING: Text("文字未逐字取得", "the words are not known to the letter"),
    Reason.UNKNOWN: Text("一方未知", "not known on one side"),
    Reason.AGENCIES: Text("对口部门未知", "the national counterparts are not known"),
    Reason.UNITS: Text("单位无共同基础", "the units share no basis"),
    Reason.UNREADABLE: Text("数值无法读取", "the value cannot be read"),
}
_STATED, _INFERRED = Text("有据", "stated"), Text("推断", "inferred")


@dataclass(frozen=True, slots=True)
class Announced:
    """A number that was announced with an edition, and the items that a source names for it."""

    kind: Kind
    number: int
    named: frozenset[str]
    verification: str
    note: Text

    @classmethod
    def of(cls, row: Cells) -> "Announced":
        """The announcement in a row of `editions/announced-changes`."""
        value = {name: "" if term is None else str(term.value) for name, term in row.items()}
        named = frozenset({value["item"]} if value["item"] else ())
        return cls(
            Kind(value["difference"]),
            int(Fraction(value["announced"])),
            named,
            value["verification"],
            text_in(row, "note"),
        )

    def with_item(self, other: "Announced") -> "Announced":
        """The announcement with the items of another row of the same."""
        return replace(self, named=self.named | other.named)


def comparison_answer(
    found: Differences,
    announced: Sequence[Announced],
    impact: Impact | None,
    labels: Mapping[Kind, Text],
    state: str,
    unread: int,
) -> Answer:
    """All tables of a comparison; the changes come first."""
    parameters = {"a": (found.before.given,), "b": (found.after.given,)}
    for name, side in (("day_of_a", found.before), ("day_of_b", found.after)):
        if side.day is not None:
            parameters[name] = (side.day.isoformat(),)
    made = Provenance(state, VERSION, parameters | ({"impact": ("true",)} if impact else {}))
    further = [_summary(found, announced, labels, made), _left(found, made)]
    if impact is not None:
        further += impact_tables(impact, made)
    sides = Text(
        f"{found.before.title.zh} → {found.after.title.zh}",
        f"{found.before.title.en} → {found.after.title.en}",
    )
    columns = (
        Column("difference", Text("变化代码", "code")),
        *pair("difference", "变化", "difference"),
        *thing("item", "事项", "item"),
        *pair("cell", "栏目或指标", "cell or measure"),
        *pair("segment", "对象分组", "group"),
        *pair("before", "之前", "before"),
        *pair("after", "之后", "after"),
        Column("before_amount", Text("之前数额", "amount before")),
        Column("after_amount", Text("之后数额", "amount after")),
        Column("change", Text("差额", "change")),
        *pair("unit", "规范单位", "canonical unit"),
        *pair("basis", "依据", "basis"),
        Column("before_verification", Text("之前核实程度", "verification before")),
        Column("before_source", Text("之前出处", "source before")),
        Column("after_verification", Text("之后核实程度", "verification after")),
        Column("after_source", Text("之后出处", "source after")),
    )
    return answer(
        "diff",
        Text(f"变化：{sides.zh}", f"Changes: {sides.en}"),
        Text(
            "每行一处变化，附双方文字、换算到规范单位的数额、差额、出处与核实程度；推断的另行标明，仅凭回忆的不比较。",
            "One row per change, with the words of both sides, their amounts in the canonical unit, the "
            "difference, the sources and the verification; what is inferred says so, what is recalled "
            "is not compared.",
        ),
        columns,
        [_change(change, labels) for change in found.changes],
        made,
        charts=(
            Chart(
                "dumbbell",
                {"x": "before_amount", "x2": "after_amount", "y": "item+cell+segment", "facet": "unit"},
            ),
        )
        if any(change.difference for change in found.changes)
        else (),
        notes=_notes(found, announced, impact, labels, unread),
        further=tuple(further),
    )


def _change(change: Change, labels: Mapping[Kind, Text]) -> list[object]:
    before, after = change.before, change.after
    unit = next((s.unit for s in (after, before) if s and s.unit), None)
    return [
        change.kind.value,
        *words(labels.get(change.kind, Text(change.kind, change.kind))),
        *_subject(change.subject),
        *words(before.words if before else None),
        *words(after.words if after else None),
        before.amount if before else None,
        after.amount if after else None,
        change.difference,
        *words(unit),
        *words(_INFERRED if change.inferred else _STATED),
        *backing(before),
        *backing(after),
    ]


def _summary(
    found: Differences, announced: Sequence[Announced], labels: Mapping[Kind, Text], made: Provenance
) -> Answer:
    numbers = {one.kind: one for one in announced}
    counted = Counter((change.kind, change.inferred) for change in found.changes)
    rows: list[list[object]] = []
    for kind in Kind:
        one = numbers.get(kind)
        stated, inferred = found.items(kind), found.items(kind, inferred=True)
        if one is None and not stated and not inferred:
            continue
        rows.append(
            [
                kind.value,
                *words(labels.get(kind, Text(kind, kind))),
                one.number if one else None,
                len(one.named) if one else None,
                len(stated),
                len(one.named & set(stated)) if one else None,
                len(inferred),
                counted[kind, False] + counted[kind, True],
                one.verification if one else None,
                *words(one.note if one else None),
            ]
        )
    columns = (
        Column("difference", Text("变化代码", "code")),
        *pair("difference", "变化", "difference"),
        Column("announced", Text("公告事项数", "items announced")),
        Column("named", Text("其中点名", "of these named")),
        Column("found", Text("查明事项数", "items found")),
        Column("named_found", Text("点名中查明", "named and found"), of="named"),
        Column("inferred", Text("推断事项数", "items inferred")),
        Column("cells", Text("变化处数", "changes")),
        Column("verification", Text("公告核实程度", "verification of the announcement")),
        *pair("note", "说明", "note"),
    )
    return answer(
        "diff/summary",
        Text("公告与查明", "What was announced and what is found"),
        Text(
            "每行一种变化：公告的事项数、点名数、有据查明数与推断数；公告数是数据，不从两版文字推算。",
            "One row per kind of difference: how many items were announced and named, how many are found and "
            "inferred; the announced numbers are data and never worked out from the two texts.",
        ),
        columns,
        rows,
        made,
        key=("difference",),
        charts=(Chart("bar", {"x": "found", "y": "difference"}),) if rows else (),
    )


def _left(found: Differences, made: Provenance) -> Answer:
    columns = (
        Column("reason", Text("原因代码", "code")),
        *pair("reason", "不比较的原因", "why it is not compared"),
        *thing("item", "事项", "item"),
        *pair("cell", "栏目或指标", "cell or measure"),
        *pair("segment", "对象分组", "group"),
        *pair("before", "之前", "before"),
        *pair("after", "之后", "after"),
        Column("before_verification", Text("之前核实程度", "verification before")),
        Column("before_source", Text("之前出处", "source before")),
        Column("after_verification", Text("之后核实程度", "verification after")),
        Column("after_source", Text("之后出处", "source after")),
    )
    return answer(
        "diff/not-compared",
        Text("未比较的内容", "What was not compared"),
        Text(
            "每行一处未比较的内容及原因；仅凭回忆的内容从不比较。",
            "One row per cell that was not compared, and why; what is only recalled never is.",
        ),
        columns,
        [_left_row(one) for one in found.not_compared],
        made,
        charts=(Chart("bar", {"x": "count", "y": "reason"}),) if found.not_compared else (),
    )


def _left_row(one: NotCompared) -> list[object]:
    return [
        one.reason.value,
        *words(_REASONS[one.reason]),
        *_subject(one.subject),
        *words(one.before.words if one.before else None),
        *words(one.after.words if one.after else None),
        *backing(one.before),
        *backing(one.after),
    ]


def _notes(
    found: Differences,
    announced: Sequence[Announced],
    impact: Impact | None,
    labels: Mapping[Kind, Text],
    unread: int,
) -> tuple[Text, ...]:
    notes = []
    if announced:
        zh, en = [], []
        for one in announced:
            label = labels.get(one.kind, Text(one.kind, one.kind))
            stated, inferred = len(found.items(one.kind)), len(found.items(one.kind, inferred=True))
            more = Text(f"、推断{inferred}", f", inferred {inferred}") if inferred else Text("", "")
            zh.append(f"{label.zh}：公告{one.number}、点名{len(one.named)}、查明{stated}{more.zh}")
            en.append(f"{label.en}: announced {one.number}, named {len(one.named)}, found {stated}{more.en}")
        notes.append(Text(f"{'；'.join(zh)}。", f"{'; '.join(en)}."))
    if found.not_compared:
        counts = Counter(one.reason for one in found.not_compared)
        notes.append(
            Text(
                f"未比较：{'；'.join(f'{_REASONS[r].zh}{n}处' for r, n in sorted(counts.items()))}。",
                f"Not compared: {'; '.join(f'{_REASONS[r].en}: {n}' for r, n in sorted(counts.items()))}.",
            )
        )
    if found.unlisted:
        notes.append(
            Text(
                f"另有{found.unlisted}个事项或承诺只见于一方，而另一方为节选或范围不同，不作判断。",
                f"{found.unlisted} items or promises stand on one side alone, and the other is an excerpt or "
                "claims another scope: nothing is concluded.",
            )
        )
    if impact is not None:
        new = [one for one in impact.shortfalls if one.counts and not one.already]
        places = {one.catalogue for one in new}
        notes.append(
            Text(
                f"{len(places)}份清单新增{len(new)}处不足。",
                f"{len(places)} catalogues newly fall short in {len(new)} places.",
            )
        )
    if unread:
        notes.append(
            Text(
                f"文件中有{unread}处未能照原样读取；请用 bpsgraph validate 查看。",
                f"{unread} places of the file could not be read as they stand; see bpsgraph validate.",
            )
        )
    return tuple(notes)


def _subject(subject: Subject) -> list[object]:
    segment = subject.segment
    return [*named(subject.item), *words(subject.cell), *words(segment.name if segment else None)]
