"""What `equality` found, in the words and columns that every writer takes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.equality import Equality, Figure, Statistic
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import XSD, Term

VERSION = "1"
STATISTICS = {
    "mean": Text("均值", "mean"),
    "range_ratio": Text("极值比（最高÷最低）", "range ratio (highest ÷ lowest)"),
    "variation": Text("变异系数", "coefficient of variation"),
    "gini": Text("基尼系数", "Gini coefficient"),
    "theil_t": Text("泰尔指数T", "Theil's T"),
    "theil_l": Text("泰尔指数L（平均对数偏差）", "Theil's L (mean logarithmic deviation)"),
    "attained": Text("达到国家标准的比例", "share that reaches the State's floor"),
}
_SUBJECT = (
    Column("subject_zh", Text("对象（中文）", "subject (Chinese)")),
    Column("subject_en", Text("对象（英文）", "subject (English)")),
)
_COLUMNS = (
    *_SUBJECT,
    Column("statistic_zh", Text("统计量（中文）", "statistic (Chinese)")),
    Column("statistic_en", Text("统计量（英文）", "statistic (English)")),
    Column("value", Text("值", "value")),
    Column("unit_zh", Text("单位（中文）", "unit (Chinese)")),
    Column("unit_en", Text("单位（英文）", "unit (English)")),
    Column("least", Text("缺报可致最小", "least, whatever is missing")),
    Column("greatest", Text("缺报可致最大", "greatest, whatever is missing")),
    Column("between", Text("省间", "between provinces")),
    Column("within", Text("省内", "within provinces")),
    Column("share_between", Text("省间占比", "share between provinces")),
    Column("places", Text("有数值的地区数", "places with a figure"), of="expected"),
    Column("expected", Text("应有地区数", "places there are")),
)
_FIGURES = (
    *_SUBJECT,
    Column("jurisdiction", Text("行政区", "place")),
    Column("jurisdiction_zh", Text("行政区（中文）", "place (Chinese)")),
    Column("jurisdiction_en", Text("行政区（英文）", "place (English)")),
    Column("province_zh", Text("省份（中文）", "province (Chinese)")),
    Column("province_en", Text("省份（英文）", "province (English)")),
    Column("value", Text("数值", "value")),
    Column("unit_zh", Text("单位（中文）", "unit (Chinese)")),
    Column("unit_en", Text("单位（英文）", "unit (English)")),
    Column("weight", Text("权数", "weight")),
    Column("attained", Text("达到国家标准", "reaches the State's floor")),
    Column("words", Text("原文", "words of the source")),
    Column("source", Text("承诺或观测值", "promise or observation")),
)


def equality_answer(
    found: Sequence[Equality], store: str, parameters: Mapping[str, tuple[str, ...]]
) -> Answer:
    """A row per statistic, the figures as a further table; `store` is the state of the store."""
    provenance = Provenance(store, VERSION, parameters)
    figures = Answer(
        "equality/figures",
        Text("各地数值", "Figures of the places"),
        Text(
            "每行一个地区：数值、是否达到国家标准、原文与出处。",
            "One row per place: its figure and its source.",
        ),
        _FIGURES,
        Rows(_names(_FIGURES), tuple(_figure(one, figure) for one in found for figure in one.figures)),
        provenance,
        charts=(Chart("point", {"x": "value", "y": "jurisdiction", "color": "subject"}),),
        key=("source",),
    )
    return Answer(
        "equality",
        Text("均等化程度", "How equal places are"),
        Text(
            "每行一个统计量；未报数值的地区不计为零，而给出在假定范围内可能的最小值与最大值。",
            "One row per statistic. A place without a figure is never counted as zero: the least and the "
            "greatest show what the statistic can be with it.",
        ),
        _COLUMNS,
        Rows(_names(_COLUMNS), tuple(row for one in found for row in _statistics(one))),
        provenance,
        notes=tuple(note for one in found for note in _notes(one)),
        key=("subject_zh", "statistic_en"),
        further=(figures,),
    )


def _statistics(one: Equality) -> list[tuple[Term | None, ...]]:
    numbers = [Literal(len(one.figures)), Literal(len(one.figures) + len(one.missing))]
    rows = [(*_subject(one), *_statistic(statistic, one.unit), *numbers) for statistic in one.statistics]
    if one.judged:
        judged = len(one.judged)
        # Those that say nothing may all fall short or all reach it; those without a floor are not judged.
        whole = judged + len(one.missing)
        name = STATISTICS["attained"]
        rows.append(
            (
                *_subject(one),
                Literal(name.zh),
                Literal(name.en),
                _number(one.attained / judged),
                None,
                None,
                _number(one.attained / whole),
                _number((one.attained + len(one.missing)) / whole),
                None,
                None,
                None,
                Literal(judged),
                Literal(whole),
            )
        )
    return rows


def _statistic(statistic: Statistic, unit: Text) -> tuple[Term | None, ...]:
    name, parts = STATISTICS[statistic.name], statistic.parts
    own = unit if statistic.name == "mean" else Text("", "")
    return (
        Literal(name.zh),
        Literal(name.en),
        _number(statistic.value),
        _word(own.zh),
        _word(own.en),
        _number(statistic.bounds.least),
        _number(statistic.bounds.greatest),
        _number(parts.between if parts else None),
        _number(parts.within if parts else None),
        _number(parts.share_between if parts else None),
    )


def _figure(one: Equality, figure: Figure) -> tuple[Term | None, ...]:
    place = figure.place
    reached = {None: None, True: "true", False: "false"}[figure.attained]
    return (
        *_subject(one),
        NamedNode(place.iri),
        Literal(place.name.zh),
        Literal(place.name.en),
        Literal(place.province_name.zh),
        Literal(place.province_name.en),
        _exact(figure.value),
        _word(one.unit.zh),
        _word(one.unit.en),
        _exact(figure.weight),
        Literal(reached, datatype=NamedNode(XSD + "boolean")) if reached else None,
        _word(figure.words),
        NamedNode(figure.source),
    )


def _subject(one: Equality) -> tuple[Term | None, ...]:
    name = _subject_of(one)
    return (_word(name.zh), _word(name.en))


def _subject_of(one: Equality) -> Text:
    if not one.people.zh:
        return one.subject
    return Text(f"{one.subject.zh}（{one.people.zh}）", f"{one.subject.en} ({one.people.en})")


def _notes(one: Equality) -> list[Text]:
    name = _subject_of(one)
    if not one.missing:
        return []
    whole = len(one.figures) + len(one.missing)
    count = Text(
        f"{name.zh}：{whole}个地区中{len(one.figures)}个有数值；",
        f"{name.en}: {len(one.figures)} of {whole} places have a figure; ",
    )
    if one.assumed is None:
        return [
            Text(
                f"{count.zh}用参数 lowest 和 highest 给出其余各地数值的范围，即得各统计量的最小、最大值。",
                f"{count.en}say with lowest and highest between which ends the others lie, and each "
                "statistic has a least and a greatest.",
            )
        ]
    low, high = (f"{end:.12g}" for end in one.assumed)
    notes = [
        Text(
            f"{count.zh}最小、最大值假定其余各地在{low}与{high}{one.unit.zh}之间。",
            f"{count.en}least and greatest take the others to lie between {low} and {high} {one.unit.en}.",
        )
    ]
    if any(statistic.value is not None and statistic.bounds.greatest is None for statistic in one.statistics):
        notes.append(
            Text(
                f"{name.zh}：部分统计量没有上限，因为有的地区没有权数，或权数不同的缺报地区超过十二个。",
                f"{name.en}: some statistics have no upper bound, because a place has no weight, or "
                "more than twelve places of different weights are missing.",
            )
        )
    return notes


def _names(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _word(text: str) -> Literal | None:
    return Literal(text) if text else None


def _number(value: float | None) -> Literal | None:
    """Twelve digits, and nought where rounding leaves next to nothing: the same on every machine."""
    if value is None:
        return None
    return Literal(
        format(Decimal(f"{round(value, 15) + 0.0:.12g}"), "f"), datatype=NamedNode(XSD + "decimal")
    )


def _exact(value: Fraction) -> Literal:
    whole = value.numerator if value.denominator == 1 else Decimal(value.numerator) / value.denominator
    return Literal(
        f"{whole:f}" if isinstance(whole, Decimal) else str(whole), datatype=NamedNode(XSD + "decimal")
    )
