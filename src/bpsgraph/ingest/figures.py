"""Finds the figures in a text as officials write it: numbers with what they count, for whom and how often.

A figure is 650元/生·年 or 不少于4次 or 1000-3000元; what only looks like one is passed over: the title of a
document, its number, an age, a year, a grade, the mark of a list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from bpsgraph.ingest.numerals import ARABIC, CHINESE, number, trimmed
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.unit_words import COUNTED, OFTEN, WHOM


def _any(words: dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_PERSON_NOT = "(?![活育产源均])"
_NOUN = f"(?:{_any(WHOM)}|{_any(OFTEN)})"
NUMBER = f"(?:{ARABIC}|{CHINESE})"
_COUNTED = f"(?:{_any(COUNTED)})"
# /生·年, /(人·月), 每人每年, /人年
_TAIL = rf"(?:[/每]\(?(?:{_NOUN})(?:[/·.*、每]*(?:{_NOUN}))*\)?)?"
_UNIT = rf"(?:{_COUNTED}{_TAIL})"
_AGE = r"(?:周?岁|月龄|个月龄)(?:\(含\))?(?:及?以[上下内])?"
_DASH = "(?:-{1,2}|~|至|到)"

_YEAR = "(?:19|20)[0-9]{2}"
_ONES = "0-9一二三四五六七八九十"
_TOKENS = {
    "title": ("《[^《》]*(?:《[^《》]*》[^《》]*)*》",),
    "issue": (
        rf"[〔\[(]{_YEAR}[〕\])][0-9]*号?",
        rf"[〔\[(]{_YEAR}年[^)\]〕]{{0,6}}[)\]〕]",
        rf"第{NUMBER}(?=[版批号条款届期章项类档代])",
        "[0-9]+号(?=文)",
    ),
    "marker": (
        r"(?:^|(?<=[\n;；。:：]))[(]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:[.、](?![0-9])|[)])",
    ),
    "date": (
        rf"(?<![0-9]){_YEAR}年(?:{_DASH}{_YEAR}年)?(?:[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?)?",
        rf"(?<![0-9]){_YEAR}{_DASH}{_YEAR}年",
    ),
    "age": (
        rf"(?:年?满|不满|未满)?{NUMBER}(?:{_DASH}{NUMBER})?{_AGE}",
        rf"{NUMBER}{_DASH}{NUMBER}个月(?=儿童|婴|幼)",
    ),
    "grade": (
        rf"(?:[{_ONES}]+[、至到-])*[{_ONES}]+(?:年级|级|类|型)",
        "第?[一二三四五六七八九十]档",
        "一次性|统一|[唯同单]一|十分|万一",
    ),
    "tiers": (
        rf"(?:分为?|分成|设为?)(?P<few>{NUMBER})(?:{_DASH}(?P<many>{NUMBER}))?个?档(?![案次])",
        rf"(?P<few2>{ARABIC})(?:{_DASH}(?P<many2>{ARABIC}))?个?档(?![案次])",
    ),
    "periods": (
        rf"(?:全年|每学?年|[一]?年)(?:供应|补助|计算|[计按以共])+(?P<times>{NUMBER})(?P<timed>[天日]|个月|个?学月)",
    ),
    "percent": (
        rf"(?P<p1>{NUMBER})(?:%?{_DASH}(?P<p2>{NUMBER}))?%",
        rf"(?P<pc>[百千])分之(?P<p3>{CHINESE}|{ARABIC})",
    ),
    "part": (
        rf"(?P<under>{CHINESE})分之(?P<over>{CHINESE})",
        r"(?P<o>[0-9]{1,6})/(?P<u>[0-9]{1,6})(?![0-9.])",
    ),
    "per": (
        rf"每一?(?:个|所|座|家|组)?(?P<noun>{_NOUN}){_PERSON_NOT}",
        "每(?:个|所)",
        "(?P<y>[年月])?(?P<mean>[生人户村校])均",
        "(?P<mean2>[年月])均",
        "按(?P<every>年|月|学期|学年|季度|周|天|日)(?=发放|补助|给予|计|[0-9])",
        "全年",
    ),
    # 3000元、二档2000元 is no list: the 二 is the number of a tier.
    "list": (rf"{NUMBER}{_UNIT}?(?:、(?![{_ONES}]+(?:年级|[档级类型])){NUMBER}{_UNIT}?)+",),
    "range": (rf"(?P<r1>{NUMBER})(?P<u1>{_UNIT}?){_DASH}(?P<r2>{NUMBER})(?P<u2>{_UNIT}?)",),
    "number": (rf"(?P<n>{NUMBER})(?P<u0>{_UNIT}?)",),
}
_TOKEN = Pattern("|".join(f"(?P<{form}>{'|'.join(ways)})" for form, ways in _TOKENS.items()))
_NUMBERS = Pattern(NUMBER)
_PARTS = Pattern(_NOUN)
_SPLIT_UNIT = Pattern(rf"({_any(COUNTED)})(.*)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a text: where it stands, its numbers, and what it says of what is counted.

    `form` is `number`, `range` (two numbers), `list`, `percent` (one or two) or `part` (numerator and
    denominator). A 万 has already multiplied the numbers; `scaled` says that there was one. `counted`, `whom`
    and `often` are as units call them, None where the figure itself does not say.
    """

    start: int
    end: int
    form: str
    numbers: tuple[Decimal, ...]
    counted: str | None = None
    whom: str | None = None
    often: str | None = None
    scaled: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside figures: for whom or how often (`per`, or `mean` for 生均), in how many `tiers`, how
    many `periods` (days, months) make a year; or, by another form, what only looks like a figure.
    """

    start: int
    end: int
    form: str
    whom: str | None = None
    often: str | None = None
    numbers: tuple[int, ...] = ()


def tokens(text: str) -> Iterator[Figure | Mark]:
    """The figures and marks of a plain text, from left to right."""
    for match in _TOKEN.finditer(text):
        form = match.lastgroup or ""
        read = _READERS.get(form, _mark)(match)
        if read is not None:
            yield read


def parts_of(unit: str) -> tuple[str | None, str | None, str | None]:
    """What a unit counts, for whom and how often, from how it is written: 元/生·年."""
    if unit == "%":
        return ("%", None, None)
    split = _SPLIT_UNIT.match(unit)
    if split is None:
        return (None, None, None)
    return (COUNTED[split[1]], *_tail(split[2]))


def _mark(match: re.Match[str]) -> Mark:
    return Mark(match.start(), match.end(), match.lastgroup or "")


def _tail(text: str) -> tuple[str | None, str | None]:
    whom = often = None
    for part in _PARTS.findall(text):
        if part in WHOM and whom is None:
            whom = WHOM[part]
        elif part in OFTEN and often is None:
            often = OFTEN[part]
    return whom, often


def _per(match: re.Match[str]) -> Mark:
    whom = often = None
    noun = match["noun"]
    if noun:
        whom, often = WHOM.get(noun), OFTEN.get(noun)
    elif match["mean"]:
        whom, often = WHOM[match["mean"]], OFTEN.get(match["y"] or "")
    elif match["mean2"] or match["every"]:
        often = OFTEN[match["mean2"] or match["every"]]
    elif match[0] == "全年":
        often = "年"
    # 生均公用经费 is the name of a measure; 年生均 says how often as well.
    form = "mean" if match["mean"] and often is None else "per"
    return Mark(match.start(), match.end(), form, whom, often)


def _tiers(match: re.Match[str]) -> Mark | None:
    few = number(match["few"] or match["few2"])
    many = match["many"] or match["many2"]
    most = number(many) if many else few
    if few is None or most is None:
        return None
    return Mark(match.start(), match.end(), "tiers", numbers=(int(few), int(most)))


def _periods(match: re.Match[str]) -> Mark | None:
    times = number(match["times"])
    if times is None or times % 1:
        return None
    return Mark(match.start(), match.end(), "periods", often=OFTEN[match["timed"]], numbers=(int(times),))


def _percent(match: re.Match[str]) -> Figure | None:
    written = [match[name] for name in ("p1", "p2", "p3") if match[name]]
    numbers = ["100" if text in {"百", "千"} and match["pc"] else text for text in written]
    values = tuple(number(text) for text in numbers)
    if match["pc"] == "千":
        values = tuple(None if value is None else trimmed(value / 10) for value in values)
    return _figure(match, "percent", values, "%")


def _part(match: re.Match[str]) -> Figure | None:
    over, under = (match["over"], match["under"]) if match["over"] else (match["o"], match["u"])
    values = (number(over), number(under))
    if None in values or not values[1] or any(value % 1 for value in values if value is not None):
        return None
    return _figure(match, "part", values, None)


def _number(match: re.Match[str]) -> Figure | None:
    unit = match["u0"]
    return _figure(match, "number", (number(match["n"]),), unit or None)


def _range(match: re.Match[str]) -> Figure | None:
    lower, upper = match["r1"], match["r2"]
    values = [number(lower), number(upper)]
    if values[0] is None or values[1] is None:
        return None
    # 1-3万元 is ten to thirty thousand: the 万 of the end holds for the beginning too.
    for sign, factor in (("万", 10_000), ("亿", 100_000_000)):
        if (
            upper.endswith(sign)
            and not match["u1"]
            and lower[-1] not in "万亿"
            and values[0] * factor < values[1]
        ):
            values[0] *= factor
    first, last = match["u1"], match["u2"]
    if first and last and parts_of(first)[0] != parts_of(last)[0]:
        return None
    return _figure(match, "range", tuple(trimmed(v) for v in values if v is not None), last or first or None)


def _list(match: re.Match[str]) -> Figure | None:
    values = []
    unit = None
    for piece in match[0].split("、"):
        written = _NUMBERS.match(piece)
        if written is None:
            return None
        values.append(number(written[0]))
        unit = piece[written.end() :] or unit
    return _figure(match, "list", tuple(values), unit)


def _figure(
    match: re.Match[str], form: str, values: tuple[Decimal | None, ...], unit: str | None
) -> Figure | None:
    numbers = tuple(value for value in values if value is not None)
    if len(numbers) != len(values):
        return None
    # 万家, 三农: characters that count nothing are no figure, unless they are all there is.
    counts = unit is not None or form == "part" or any(letter in "0123456789" for letter in match[0])
    if not counts and match.end() - match.start() != len(match.string):
        return None
    counted, whom, often = parts_of(unit) if unit and unit != "%" else (unit, None, None)
    return Figure(
        match.start(), match.end(), form, numbers, counted, whom, often, _SCALED.search(match[0]) is not None
    )


_SCALED = Pattern("[万亿]")
_READERS: dict[str, Callable[[re.Match[str]], Figure | Mark | None]] = {
    "per": _per,
    "tiers": _tiers,
    "periods": _periods,
    "percent": _percent,
    "part": _part,
    "number": _number,
    "range": _range,
    "list": _list,
}
