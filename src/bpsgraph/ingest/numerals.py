"""Numbers as they are written: 1,250 and 0.1万, 一千二百五十 and 百分之五十."""

from decimal import Decimal

from bpsgraph.ingest.patterns import Pattern

_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"千": 10**3, "百": 10**2, "十": 10, "万": 10**4, "亿": 10**8}

# A thousand is set off by a comma, or by nothing; what is written otherwise is no number.
ARABIC = (
    r"(?<![0-9])(?<![0-9][.,])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,9})?(?![0-9])"
    "(?:[十百千]?[万亿]|[百千](?=[元户人次]))?"
)
CHINESE = "[零一二两三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+)?"
_SPLIT = Pattern(r"([0-9,]+(?:\.[0-9]+)?)([十百千万亿]*)")


def number(text: str) -> Decimal | None:
    """The number that a plain text writes, exact; None where it is not one, or could be two."""
    written = _SPLIT.fullmatch(text)
    if written is None:
        return _chinese(text)
    digits, scale = written.groups()
    value = Decimal(digits.replace(",", ""))
    for sign in scale:
        value *= _SCALES[sign]
    return trimmed(value)


def trimmed(value: Decimal) -> Decimal:
    """The number without the zeros that say nothing: 1250 for 1250.00 and for 1.25E+3."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


def _chinese(text: str) -> Decimal | None:
    whole, point, fraction = text.partition("点")
    value = _whole(whole)
    if value is None:
        return None
    if not point:
        return Decimal(value)
    if not fraction or any(letter not in _DIGITS for letter in fraction):
        return None
    return Decimal(f"{value}." + "".join(str(_DIGITS[letter]) for letter in fraction))


def _whole(text: str) -> int | None:
    """A whole number in characters; 三四 is two numbers, and 一千二 leaves a word out."""
    if not text:
        return None
    for scale in ("亿", "万"):
        before, sign, after = text.rpartition(scale)
        if sign:
            high = _whole(before)
            low = 0 if not after else _whole(after[1:] if after.startswith("零") else after)
            if high is None or low is None or low >= _SCALES[scale]:
                return None
            # 一万二 is short for 12,000; officials do not write it, and it is not guessed at.
            if after and low * 10 < _SCALES[scale] and not after.startswith("零"):
                return None
            return high * _SCALES[scale] + low
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int | None:
    total, digit, place, skipped = 0, None, 10000, False
    for letter in text:
        if letter == "零":
            if digit is not None or skipped or (total == 0 and text != "零"):
                return 0 if text == "零" else None
            skipped = True
        elif letter in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[letter]
        elif letter in _PLACES and _PLACES[letter] < place:
            if digit is None and not (letter == "十" and total == 0):
                return None
            if _PLACES[letter] * 10 < place and total and not skipped:
                return None
            place = _PLACES[letter]
            total += (1 if digit is None else digit) * place
            digit, skipped = None, False
        else:
            return None
    if digit is None:
        return None if skipped and text != "零" else total
    if total and place > 10 and not skipped:
        return None
    return total + digit
