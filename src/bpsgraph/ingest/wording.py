"""Values as officials write them: 1,250元, 不少于4次, 国家基础标准的50%, 按《…》执行, 由各县（市、区）确定.

What is read is exact and keeps the words. What cannot be read for certain is `Unreadable`, with what to write
instead; nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from weakref import WeakKeyDictionary

from bpsgraph.ingest.authorities import delegated, referred
from bpsgraph.ingest.figures import Figure, Mark, tokens
from bpsgraph.ingest.names import Names, simplified
from bpsgraph.ingest.numerals import trimmed
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.percentages import base_of
from bpsgraph.ingest.plain import LONGEST, plain_text
from bpsgraph.ingest.unit_names import unit_names
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.terms import BASE

QUANTITIES = frozenset({"fixed", "floor", "rate", "ratio", "coverage", "frequency"})


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text says as a value: one of the twelve kinds, by its key, with the properties of the graph.

    Numbers are exact. A percentage without `base_measure` is one of the measure that the text is about, and a
    supplement without `supplement_to` says no more than that it comes on top. `unknown` holds the titles of
    documents and the authorities that the text names and the vocabulary does not.
    """

    kind: str
    words: str
    value: Decimal | None = None
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    minimum_tiers: int | None = None
    maximum_tiers: int | None = None
    fraction_numerator: int | None = None
    fraction_denominator: int | None = None
    periods_per_year: int | None = None
    percent: Decimal | None = None
    base_measure: str | None = None
    base_segment: str | None = None
    base_owner: str | None = None
    supplement_to: str | None = None
    references: tuple[str, ...] = ()
    delegated_to: str | None = None
    unknown: tuple[str, ...] = ()


def read_value(
    text: str, names: Names, unit: str | None = None, kind: str | None = None, *, settled: bool = False
) -> Wording:
    """What a cell says as a value.

    `unit` is the IRI of the unit expected, that of the row or of the floor: what the text leaves out of its
    own unit is taken from there. With `settled` it is what the table says, and a text that says otherwise is
    unreadable for `unit-contradiction`. `kind` is the kind that the row gives, by key or IRI; it holds
    wherever the text can be of that kind. Raises `Unreadable`.
    """
    words = text.strip()
    wanted = None if kind is None else kind.removeprefix(BASE + "kind/")
    known = _KNOWN.setdefault(names, {})
    frame = _ONE_NUMBER.fullmatch(words)
    key = None if frame is None else (frame[1], frame[3], unit, wanted, settled)
    like = None if key is None else known.get(key)
    if like is not None and frame is not None:
        return Wording(like.kind, words, Decimal(frame[2].replace(",", "")), like.unit)
    if len(words) > LONGEST:
        raise Unreadable("unreadable-value", f"一格只写一个值，不超过{LONGEST}字")
    read = _read(words, names, unit, wanted, settled)
    if key is not None and frame is not None and _is_plain(read, frame[2]):
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[key] = read
    return read


# A cell with one number in it means the same with another number; so its words are read only once.
_ONE_NUMBER = Pattern(
    r"([^0-9()（）\[〔.,，第百-]*)(?<![每满])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})([^0-9年岁周级类型.,，/-][^0-9]*|/[^0-9]+)?"
)
_MOST_KNOWN = 4096
_KNOWN: WeakKeyDictionary[Names, dict[tuple[str, str | None, str | None, str | None, bool], Wording]] = (
    WeakKeyDictionary()
)


def _is_plain(read: Wording, digits: str) -> bool:
    return read == Wording(read.kind, read.words, Decimal(digits.replace(",", "")), read.unit)


def _read(words: str, names: Names, unit: str | None, kind: str | None, settled: bool) -> Wording:
    try:
        return _parsed(words, plain_text(words), names, unit, kind, settled)
    except Unreadable:
        same = simplified(words)
        if same == words:
            raise
        return _parsed(words, plain_text(same), names, unit, kind, settled)


def _parsed(
    words: str, text: str, names: Names, unit: str | None, kind: str | None, settled: bool
) -> Wording:
    if not text:
        raise Unreadable("unreadable-value", _example(names, unit))
    found = list(tokens(text))
    figures = [token for token in found if isinstance(token, Figure)]
    marks = [token for token in found if isinstance(token, Mark)]
    rest = without(text, found)
    if not figures:
        return _without_figure(words, text, rest, marks, names, unit, kind)
    if kind in {"inKind", "byReference", "delegated"}:
        raise Unreadable("unreadable-value", f"这一种类的承诺没有数额；有数额的，种类改为 {_NUMERIC}")
    if _DIGIT.search(rest) or "\ufffd" in rest:
        raise Unreadable("unreadable-value", _example(names, unit))
    if _LATIN.search(rest):
        raise Unreadable("unreadable-value", _example(names, unit))
    read = value_of(words, text, figures, marks, names, unit, settled=settled)
    return read if kind is None else _of_kind(read, kind)


def without(text: str, found: Sequence[Figure | Mark]) -> str:
    """The text with a space in the place of each figure and mark."""
    parts, end = [], 0
    for token in found:
        parts.append(text[end : token.start])
        end = token.end
    return " ".join((*parts, text[end:]))


_DIGIT = Pattern("[0-9]")
_LATIN = Pattern("[A-Za-z]{2}")
_NUMERIC = "fixed、floor、rate、ratio、coverage、frequency、range、supplement 或 percentOf"
_AT_LEAST = Pattern(
    "(?:不得?(?:少|低|小)于|至少|最低|最少|≥|>=|不低於|不少於)(?:应?(?:达到|为|是|:)?|国家[^,，。;；]{0,8})$"
)
_AND_MORE = Pattern(r"[(]?(?:含)?[)]?(?:及|或)?(?:其)?以上|起(?!草)")
_HEDGE_BEFORE = Pattern(
    "(?:约|近|超过|(?<!不)高于|(?<!不)大于|(?<!不)多于|不超过|不高于|不大于|不多于|至多|最多|最高|上限|(?<![不得])[低少小]于"
    "|不足|未满|<|>|≤|<=|将近|接近|乘以?|除以?|减去?|扣除?|正负|±|\\+|-)(?:为|是|:|达到?)?$"
)
_HEDGE_AFTER = Pattern(
    "(?:左右|上下|以下|以内|之内|内|及以下|余|多|来|几|封顶|为限|为上限|减半|的?一半|以外|外|/|-|~|\\+|\\*)"
)
_HEDGE = Pattern("上浮|下浮|浮动|封顶|减半|翻番|左右|不超过|不高于|最高不")
_MORE = Pattern("(?:增加|加发|增发|另增|另加|额外(?:增加|发放|补助|给予)?|再增加)(?:发放|补助|补贴)?(?:了)?$")
_RAISED = Pattern("(?:提高|增加|上调|提升|调整|增长|上升|降低|下调|减少|增|涨|降)(?:了|各|均|再)?$")
_RAISED_TO = Pattern("(?:提高|增加|上调|提升|调整|增长|上升|降低|下调|增)(?:到|至|为)")
_FROM = Pattern("(?:由|从)[^,，。;；0-9]*$")
_MEAN = Pattern("平均(?!每)[^,，。;；0-9]{0,12}$")
_BASE = Pattern("(?:标准|定额|基数|水平|收入|工资|费用|学费|金额|额度|养老金)$")
_FULL_STOP = Pattern("[,，。;；:：\n]")


def value_of(
    words: str,
    text: str,
    figures: Sequence[Figure],
    marks: Sequence[Mark],
    names: Names,
    unit: str | None,
    *,
    settled: bool = False,
) -> Wording:
    """What the figures of one promise say, in their plain text; raises `Unreadable`."""
    before = [_clause_before(text, figure.start) for figure in figures]
    tiers = [mark.numbers for mark in marks if mark.form == "tiers"]
    periods = [mark.numbers[0] for mark in marks if mark.form == "periods"]
    if len(tiers) > 1 or len(periods) > 1:
        raise Unreadable("unreadable-value", _example(names, unit))
    if _HEDGE.search(text):
        raise Unreadable("unreadable-value", "写确定的数值，不写“左右”“不超过”；下限写“不低于……”")
    few, most = tiers[0] if tiers else (None, None)
    single = [n for n, figure in enumerate(figures) if figure.form == "number"]
    spans = [n for n, figure in enumerate(figures) if figure.form in {"range", "list"}]
    main = 0
    if len(single) == 2 and is_raise(text, figures):
        main = 1
    elif len(figures) == 2 and len(single) == 1 and len(spans) == 1:
        main = single[0]
    elif len(figures) > 1:
        raise Unreadable("unreadable-value", "一格只写一个数值；几个对象或几个指标，分行写")
    figure = figures[main]
    _refuse_hedges(text, figures, before)
    if any(is_strained(text, one) for one in figures):
        raise Unreadable("unreadable-value", STRAY)
    if figure.form == "percent" or figure.counted == "倍":
        return _share(words, text, figure, before[main], names, unit if settled else None)
    if figure.form == "part":
        share = unit_names(names).composed("倍", None, None)
        kind = "floor" if _is_least(text, figure, before[main]) else "coverage"
        over, under = (int(number) for number in figure.numbers)
        return Wording(kind, words, unit=share, fraction_numerator=over, fraction_denominator=under)
    in_unit, divisor = _unit(text, figure, marks, names, unit, settled)
    numbers = [_scaled(number, divisor) for number in figure.numbers]
    year = periods[0] if periods else None
    if spans:
        span = figures[spans[0]]
        ends = [_scaled(number, divisor) for number in span.numbers]
        mean = numbers[0] if single else None
        low, high = min(ends), max(ends)
        if (span.form == "range" and ends[0] > ends[1]) or (mean is not None and not low <= mean <= high):
            raise Unreadable("unreadable-value", "下限不大于平均值，平均值不大于上限")
        if span.form == "list" and few is None:
            raise Unreadable("unreadable-value", "一格只写一个数值；分档的，写明分几档")
        return Wording(
            "range",
            words,
            mean,
            in_unit,
            low,
            high,
            minimum_tiers=few,
            maximum_tiers=most,
            periods_per_year=year,
        )
    kind = _kind(in_unit, names, _is_least(text, figure, before[main]))
    if _MORE.search(before[main]):
        kind = "supplement"
    elif tiers or any(_MEAN.search(_stretch_before(text, other.start)) for other in figures):
        kind = "range"
    return Wording(
        kind,
        words,
        numbers[0],
        in_unit,
        minimum_tiers=few,
        maximum_tiers=most,
        periods_per_year=year,
    )


STRAY = "数额只用数字写，数字旁不夹空格、字母和符号（字母O不是0）"
# What may stand beside a number: Chinese, punctuation, the sign of the yuan and of the least there may be.
_BESIDE = Pattern("[\u3000-\u9fff\\n,.:;()\\[\\]{}<>=≤≥~+*/·•'\"“”‘’|¥-]")


def is_strained(text: str, figure: Figure) -> bool:
    """Whether a letter or a stray sign touches a figure of a plain text: 72O, 46O元, 720 0."""
    beside = (text[max(0, figure.start - 1) : figure.start], text[figure.end : figure.end + 1])
    return any(letter and not _BESIDE.match(letter) for letter in beside)


def is_raise(text: str, figures: Sequence[Figure]) -> bool:
    """Whether the second of two figures is what the first was raised to: 由4元提高至5元."""
    if len(figures) != 2:
        return False
    between = text[figures[0].end : figures[1].start]
    return bool(_FROM.search(text[: figures[0].start]) and _RAISED_TO.search(between))


def _refuse_hedges(text: str, figures: Sequence[Figure], before: Sequence[str]) -> None:
    for figure, words in zip(figures, before, strict=True):
        after = text[figure.end :]
        lead = words.rstrip("(")
        if _HEDGE_AFTER.match(after) and figure.counted != "个工作日":
            raise Unreadable("unreadable-value", "写确定的数值，不写“左右”“以内”；下限写“不低于……”")
        if not _AT_LEAST.search(lead) and _HEDGE_BEFORE.search(lead) and figure.counted != "个工作日":
            raise Unreadable("unreadable-value", "写确定的数值，不写“约”“不超过”；下限写“不低于……”")
        raised = _RAISED.search(lead) and not _MORE.search(lead)
        if raised and not _RAISED_TO.search(text, max(0, figure.start - 20), figure.start):
            raise Unreadable("unreadable-value", "写提高以后的标准，或写“在……之上增加……”")


def _share(words: str, text: str, figure: Figure, before: str, names: Names, unit: str | None) -> Wording:
    """A percentage, or so many times as much: of another figure, or simply a share."""
    least = _is_least(text, figure, before)
    factor = 100 if figure.counted == "倍" else 1
    percent = trimmed(figure.numbers[0] * factor)
    base = _AT_LEAST.sub("", before).removesuffix("的").removesuffix("之")
    if figure.form == "percent" and len(figure.numbers) > 1:
        raise Unreadable("unreadable-value", "写一个百分比")
    if _BASE.search(base):
        owner, measure = base_of(base, names)
        return Wording("percentOf", words, percent=percent, base_measure=measure, base_owner=owner)
    if figure.counted == "倍":
        raise Unreadable("unreadable-value", "写明是什么标准的几倍，如“当地低保标准的1.3倍”")
    if unit is not None and unit_names(names).contradict(unit, "%", None, None):
        raise Unreadable("unit-contradiction", names.label(unit))
    share = unit_names(names).composed("%", None, None)
    return Wording("floor" if least else "coverage", words, percent, share)


def _unit(
    text: str, figure: Figure, marks: Sequence[Mark], names: Names, unit: str | None, settled: bool
) -> tuple[str, Decimal]:
    """The unit of a figure, and by how much its numbers are divided for it."""
    whom, often = figure.whom, figure.often
    # What stands before counts first, then what stands after: 1250元（每生每年).
    pers = [mark for mark in marks if mark.form == "per"]
    for mark in [m for m in reversed(pers) if m.end <= figure.start] + [
        m for m in pers if m.start >= figure.end
    ]:
        whom, often = whom or mark.whom, often or mark.often
    units = unit_names(names)
    mean = next((mark.whom for mark in reversed(marks) if mark.form == "mean"), None)
    if mean is not None and whom is None and (unit is None or not units.is_for(unit, mean)):
        whom = mean
    if settled and unit is not None:
        if units.contradict(unit, figure.counted, whom, often):
            raise Unreadable("unit-contradiction", names.label(unit))
        found: str | None = unit
    else:
        found = units.complete(figure.counted, whom, often, unit)
    if found is None and figure.scaled and figure.counted and unit is None:
        found = units.composed("万" + figure.counted, whom, often)
    if found is None:
        if figure.counted is None:
            reason, expected = "unreadable-value", "数后写明单位，如“1000元/人·年”"
        elif unit is not None:
            reason, expected = "unreadable-value", f"写全单位，如“{_example(names, unit)}”"
        else:
            per = "·".join(part for part in (whom, often) if part)
            written = f"{figure.counted}/{per}" if per else figure.counted
            near = "、".join(names.near("unit", written))
            reason, expected = "unknown-unit", f"已知的单位，如 {near}" if near else "已知的单位"
        raise Unreadable(reason, expected)
    tens = units.parts(found)[1] and figure.scaled
    return found, Decimal(10_000 if tens else 1)


def _scaled(number: Decimal, divisor: Decimal) -> Decimal:
    return number if divisor == 1 else trimmed(number / divisor)


def _kind(unit: str, names: Names, least: bool) -> str:
    """The kind of a single number, by its unit and whether it is the least there may be."""
    (counted, whom, often), _ = unit_names(names).parts(unit)
    if counted in {"次", "场", "部", "人次"} and (whom or often):
        return "frequency"
    if least:
        return "floor"
    if counted == "元":
        return "rate" if often in {"天", "周", "学月"} else "fixed"
    if counted in {"%", "倍"}:
        return "coverage"
    return "ratio" if whom and not often else "fixed"


def _of_kind(read: Wording, kind: str) -> Wording:
    """The same value as one of the kind that is given, where it can be one."""
    if read.kind == kind:
        return read
    numeric = QUANTITIES | {"supplement"}
    if read.kind in numeric and kind in numeric:
        return replace(read, kind=kind)
    if kind == "range" and read.kind in QUANTITIES and read.value is not None:
        return replace(read, kind=kind)
    raise Unreadable("unreadable-value", f"这样写的值，种类是 {read.kind}，不是 {kind}")


def _is_least(text: str, figure: Figure, before: str) -> bool:
    return bool(_AT_LEAST.search(before) or _AND_MORE.match(text, figure.end))


def _clause_before(text: str, start: int) -> str:
    """What stands before a figure, back to the last stop; per-whom and per-year words are left out."""
    clause = _FULL_STOP.split(text[max(0, start - 60) : start])[-1]
    return _PER.sub("", clause)


_PER = Pattern(
    "每一?(?:个|名|位)?(?:学?生|人|户|村|名|位|校)|每(?:学?年度?|学?月|学期|天|日|周)|年?[生人户]均|[为是:：]$"
)


def _stretch_before(text: str, start: int) -> str:
    """What stands before a figure without the words 每生每年 and the like."""
    return _PER.sub("", text[max(0, start - 30) : start])


_AGES_ONLY = "年龄写在服务对象（分组）里，不是数值"
_NOTHING = Pattern("[/\\\\\\-—~无空略.。、\\s]*|待定|暂无|详见附件|见附件|同上|不详|未定|其他|不适用")
_SERVICE = Pattern(
    "免费|免除|免收|免交|免缴|无偿|提供|发放|给予|支付|足额|全额|应保尽保|应救尽救|应养尽养|应享尽享|开展|建立|实施|组织|落实|开放"
    "|减免|享受|补助|补贴|救助|服务|安排|配备|设置|办理|保障"
)


def _without_figure(
    words: str, text: str, rest: str, marks: Sequence[Mark], names: Names, unit: str | None, kind: str | None
) -> Wording:
    forms = {mark.form for mark in marks}
    if kind in QUANTITIES | {"supplement", "range", "percentOf"}:
        raise Unreadable("unreadable-value", _example(names, unit))
    left = delegated(text, names)
    if left is not None and kind in {None, "delegated"}:
        return Wording("delegated", words, delegated_to=left.known, unknown=left.unknown)
    by = referred(text, names)
    if by is not None and kind in {None, "byReference"}:
        return Wording("byReference", words, references=by.known, unknown=by.unknown)
    if _DIGIT.search(rest) or "\ufffd" in rest or _NOTHING.fullmatch(text):
        raise Unreadable("unreadable-value", _example(names, unit))
    if kind == "inKind":
        return Wording("inKind", words)
    if kind is not None:
        raise Unreadable(
            "unreadable-value", _KIND_EXAMPLES[kind] if kind in _KIND_EXAMPLES else _example(names, unit)
        )
    if "age" in forms and not _SERVICE.search(rest):
        raise Unreadable("unreadable-value", _AGES_ONLY)
    if _SERVICE.search(rest):
        return Wording("inKind", words)
    raise Unreadable("unreadable-value", _example(names, unit))


_KIND_EXAMPLES = {
    "byReference": "写明文件名称，如“按《……》执行”",
    "delegated": "写明由谁确定，如“由各县（市、区）人民政府确定”",
}


def _example(names: Names, unit: str | None) -> str:
    """How a value in a unit is written, to show in a remark."""
    if unit is None:
        return "写数值和单位（如“1000元/人·年”“不少于4次/年”），或“免费提供”“按《……》执行”“由……确定”"
    label = names.label(unit)
    return f"{_EXAMPLE_NUMBERS.get(label[0], '1000')}{label}"


_EXAMPLE_NUMBERS = {
    "次": "4",
    "场": "4",
    "套": "15",
    "%": "100",
    "部": "2",
    "小": "42",
    "天": "300",
    "平": "30",
    "个": "12",
    "人": "1",
}
