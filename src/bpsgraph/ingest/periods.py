"""Reads the period of which a figure speaks: 2023, 2023年7月, 2023年第三季度, 2021—2023年, “十四五”时期.

The periods of SDMX (ISO 17369, Gregorian and reporting time periods) are written in its way: 2023, 2023-07,
2023-Q3, 2023-S1; a span of whole years is the interval `2021/2023` of ISO 8601.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import normalize

from bpsgraph.ingest.patterns import Pattern

_YEAR = r"((?:19|20)[0-9]{2})"
_ONE_YEAR = Pattern(rf"{_YEAR}年?度?")
_MONTH = Pattern(rf"{_YEAR}(?:年|-|/|\.)(0?[1-9]|1[0-2])月?份?")
_COMPACT_MONTH = Pattern(rf"{_YEAR}(0[1-9]|1[0-2])")
_DAY = Pattern(rf"{_YEAR}(?:年|-|/|\.)(0?[1-9]|1[0-2])(?:月|-|/|\.)(0?[1-9]|[12][0-9]|3[01])日?")
_QUARTER = Pattern(rf"{_YEAR}年?-?(?:Q|第)?([1-4一二三四])(?:季度?)?")
_HALF = Pattern(rf"{_YEAR}年?-?(?:([上下])半年|[SH]([12]))")
_SPAN = Pattern(rf"{_YEAR}年?(?:-|/|至|到)+{_YEAR}年?")
_PLAN = Pattern("(?:第?十([一二三四五六七八九])(?:个)?五(?:年规划)?)(?:时期|期间)?")
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)}
# The eleventh five-year period began in 2006, and each lasts five years.
_ELEVENTH = 2006


@dataclass(frozen=True, slots=True)
class Period:
    """A period: as SDMX and ISO 8601 write it, from its first day up to the day after its last.

    `precision` is the key of a date precision; `years` is how many calendar years a span has, 1 for all else.
    """

    text: str
    start: date
    end: date
    precision: str
    years: int = 1

    @property
    def key(self) -> str:
        """The period as a part of an IRI: `2021-2023` for the span 2021/2023."""
        return self.text.replace("/", "-").lower()


def period_of(text: str) -> Period | None:
    """The period that a text names; None where it names none, or could be two."""
    plain = normalize("NFKC", text).strip().strip("“”\"'")
    for sign in ("—", "–", "~", "〜", "～", "――"):
        plain = plain.replace(sign, "-")
    plain = "".join(letter for letter in plain if letter not in ' “”"')
    return (
        _year(plain) or _month(plain) or _day(plain) or _half(plain) or _quarter(plain) or _span(plain)
        or _plan(plain)
    )  # fmt: skip


def _year(text: str) -> Period | None:
    found = _ONE_YEAR.fullmatch(text)
    return _years(int(found[1]), int(found[1])) if found else None


def _years(first: int, last: int) -> Period:
    text = str(first) if first == last else f"{first}/{last}"
    return Period(text, date(first, 1, 1), date(last + 1, 1, 1), "year", last - first + 1)


def _months(year: int, first: int, months: int, text: str) -> Period:
    after = year * 12 + first - 1 + months
    return Period(text, date(year, first, 1), date(after // 12, after % 12 + 1, 1), "month")


def _month(text: str) -> Period | None:
    found = _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    return _months(year, month, 1, f"{year}-{month:02}")


def _day(text: str) -> Period | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    return Period(day.isoformat(), day, day + timedelta(days=1), "day")


def _quarter(text: str) -> Period | None:
    found = _QUARTER.fullmatch(text)
    if found is None or not any(sign in text for sign in "Q季"):
        return None
    number = _DIGITS.get(found[2]) or int(found[2])
    return _months(int(found[1]), number * 3 - 2, 3, f"{found[1]}-Q{number}")


def _half(text: str) -> Period | None:
    found = _HALF.fullmatch(text)
    if found is None:
        return None
    number = int(found[3]) if found[3] else 1 + "上下".index(found[2])
    return _months(int(found[1]), number * 6 - 5, 6, f"{found[1]}-S{number}")


def _span(text: str) -> Period | None:
    found = _SPAN.fullmatch(text)
    if found is None or int(found[2]) <= int(found[1]):
        return None
    return _years(int(found[1]), int(found[2]))


def _plan(text: str) -> Period | None:
    found = _PLAN.fullmatch(text)
    if found is None:
        return None
    first = _ELEVENTH + 5 * (_DIGITS[found[1]] - 1)
    return _years(first, first + 4)
