"""What stands in a cell, or in a text, after a change: an exact answer or none."""

import re
from decimal import Decimal, InvalidOperation

from bpsgraph.ingest.grid import Cell
from bpsgraph.ingest.numerals import ARABIC, CHINESE, number
from bpsgraph.results import Text

_PARTS = re.compile(r"[^、,，;；\r\n]+")
_NUMBER = re.compile(f"{ARABIC}|{CHINESE}")
_FULL_WIDTH = {ord("０") + n: str(n) for n in range(10)} | {ord("．"): "."}
_SCALED = re.compile("[十百千万亿]+$")
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}

NOT_EMPTY = Text("这一格已经填写", "the cell is filled in")
NOT_THERE = Text("原内容不在这一格", "the old text does not stand there")
SEVERAL = Text("原内容在这一格出现不止一次", "the old text stands there more than once")
NO_CELL = Text("文件中没有这一格", "the file has no such cell")
FORMULA = Text("这一格是公式", "the cell holds a formula")
COVERED = Text("这一格属于合并单元格的后面部分", "the cell is covered by a merged one")
CONTRADICTORY = Text("对这一格有几种不同的改法", "there are different changes of this place")


class Impossible(Exception):  # noqa: N818 - it is a reason, and no error of the program
    """A change cannot be made; `why` says so in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def content_after(cell: Cell, old: str, new: str) -> Decimal | str:
    """What the cell holds after `old` became `new`: a number where it was one, else its words, changed.

    Raises `Impossible`.
    """
    if not old:
        if cell.text:
            raise Impossible(NOT_EMPTY)
        return decimal_or_none(new) if decimal_or_none(new) is not None else new  # type: ignore[return-value]
    before, after = decimal_or_none(old), decimal_or_none(new)
    if isinstance(cell.content, Decimal) and before is not None and after is not None:
        if cell.content != before:
            raise Impossible(NOT_THERE)
        return after
    if cell.text == old:
        return new
    if before is not None and after is not None:
        return with_number(cell.text, before, after)
    return _with_part(cell.text, old, new)


def with_number(words: str, old: Decimal, new: Decimal) -> str:
    """The words with one number for another, where the old one stands there exactly once, in whatever form:
    1250, 1,250, １２５０, 0.125万, 四. Raises `Impossible`.
    """
    plain = words.translate(_FULL_WIDTH)
    found = [match for match in _NUMBER.finditer(plain) if old in _values(match[0])]
    if len(found) != 1:
        raise Impossible(SEVERAL if found else NOT_THERE)
    (match,) = found
    return words[: match.start()] + _written(match[0], old, new) + words[match.end() :]


def _values(written: str) -> set[Decimal]:
    """What a number may say: with the 万 behind it, or in a unit of ten thousands without."""
    values = {number(written)}
    if written[0].isdigit():
        values.add(number(_SCALED.sub("", written)))
    return {value for value in values if value is not None}


def _written(like: str, old: Decimal, new: Decimal) -> str:
    """The new number as the old one was written: with the 万 where it stays exact, with commas, or plain."""
    scale = _SCALED.search(like) if like[0].isdigit() else None
    tail = scale[0] if scale else ""
    if tail and number(like) == old:
        factor = Decimal(1)
        for sign in tail:
            factor *= _SCALES[sign]
        scaled = new / factor
        if scaled * factor != new or -int(scaled.normalize().as_tuple().exponent) > 4:
            tail = ""
        else:
            new = scaled
    grouped = "," in like and abs(new) >= 1000
    return f"{new.normalize():,f}{tail}" if grouped else f"{new.normalize():f}{tail}"


def _with_part(text: str, old: str, new: str) -> str:
    """The names in a cell with one of them exchanged; a name may hold a comma itself."""
    found = [part for part in _PARTS.finditer(text) if part[0].strip() == old]
    if not found and _PARTS.fullmatch(old) is None and text.count(old) == 1:
        return text.replace(old, new)
    if len(found) != 1:
        raise Impossible(SEVERAL if found else NOT_THERE)
    start = found[0].start() + found[0][0].index(old)
    return text[:start] + new + text[start + len(old) :]


def decimal_or_none(text: str) -> Decimal | None:
    """The number that a text is, where it is nothing else."""
    try:
        return Decimal(text) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", text) else None
    except InvalidOperation:
        return None
