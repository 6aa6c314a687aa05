"""A text without what makes no difference to its meaning, and where each of its characters stood."""

import re
import unicodedata
from dataclasses import dataclass

from bpsgraph.ingest.patterns import Pattern

# No value takes as many characters; with so many the patterns would take long.
LONGEST = 500
# A space between two digits says something unless it sets off three of them.
_SPACE = Pattern(r"[\s\u200b\u200c\u200d\ufeff]+")
_SAME = str.maketrans(
    {
        "〜": "~",
        "－": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "─": "-",
        "﹣": "-",
        "～": "~",
        "∶": ":",
        "﹪": "%",
        "٪": "%",
        "〇": "零",
        "○": "零",
        "萬": "万",
        "億": "亿",
        "兩": "两",
        "貳": "贰",
        "陸": "陆",
        "圓": "元",
        "圆": "元",
        "佰": "百",
        "仟": "千",
        "拾": "十",
        "壹": "一",
        "贰": "二",
        "叁": "三",
        "肆": "四",
        "伍": "五",
        "陆": "六",
        "柒": "七",
        "捌": "八",
        "玖": "九",
        "・": "·",
        "•": "·",
        "‧": "·",
        "∙": "·",
        "⋅": "·",
        "＊": "*",
        "×": "*",
        "≧": "≥",
    }
)
_SMALL = str.maketrans({chr(letter): chr(letter + 32) for letter in range(ord("A"), ord("Z") + 1)})
# Numbers in circles and brackets mark the parts of a list; made plain they would be digits.
_MARKER = Pattern(r"[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289]")
_FOUR = Pattern("[0-9]{4}")
_SQUARE = Pattern("(?<=[mM])[²2](?![0-9])")


@dataclass(frozen=True, slots=True)
class Plain:
    """The text with full-width and half-width, dashes and numerals made alike, spaces left out.

    `origins` gives the place in the original of every character, and of the end.
    """

    text: str
    origins: tuple[int, ...]

    @property
    def lowered(self) -> str:
        """The text in small letters, every character in its place (ß stays one)."""
        return self.text.translate(_SMALL)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands from `start` to `end` in the plain text begins and ends in the original."""
        if start >= end:
            return self.origins[start], self.origins[start]
        return self.origins[start], self.origins[end - 1] + 1


def plain_text(text: str) -> str:
    """The text of `plain` alone, in which a line break counts no more than a space."""
    if text.isascii() and not _SPACE.search(text):
        return text
    folded = unicodedata.normalize("NFKC", _marked(text)).translate(_SAME)
    return _SPACE.sub(lambda space: _space(folded, space).replace("\n", ""), folded)


def plain(text: str) -> Plain:
    """The text made plain, with the place of every character in the original; line breaks are kept."""
    letters: list[str] = []
    origins: list[int] = []
    for place, letter in enumerate(_marked(text)):
        for part in unicodedata.normalize("NFKC", letter).translate(_SAME):
            letters.append(part)
            origins.append(place)
    kept: list[str] = []
    places: list[int] = []
    folded = "".join(letters)
    end = 0
    for space in _SPACE.finditer(folded):
        kept.append(folded[end : space.start()])
        places.extend(origins[end : space.start()])
        between = _space(folded, space)
        kept.append(between)
        places.extend(origins[space.start()] for _ in between)
        end = space.end()
    kept.append(folded[end:])
    places.extend(origins[end:])
    return Plain("".join(kept), (*places, len(text)))


def _marked(text: str) -> str:
    """The text, as long as before, in which no sign becomes a digit that is none."""
    if text.isascii():
        return text
    text = _MARKER.sub(";", text.translate(_SAME))
    text = _SQUARE.sub("2", text)
    return "".join("\ufffd" if unicodedata.category(letter) == "No" else letter for letter in text)


def _space(text: str, space: re.Match[str]) -> str:
    """What is kept of a space: nothing, but between two numbers, unless it sets off thousands."""
    before, after = text[max(0, space.start() - 4) : space.start()], text[space.end() : space.end() + 4]
    if before[-1:].isdigit() and after[:1].isdigit():
        thousands = (
            after[:3].isdigit()
            and len(after) >= 3
            and not after[3:].isdigit()
            and not _FOUR.fullmatch(before)
        )
        return "" if thousands and "\n" not in space[0] else " "
    return "\n" if "\n" in space[0] else ""
