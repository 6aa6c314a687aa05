"""How much of a name, or of a sentence that is known, stands in a text."""

from functools import lru_cache

from bpsgraph.ingest.patterns import Pattern

# Words that stand in the names of many measures say little of which one is meant.
_COMMON = Pattern("标准|次数|服务|补助|补贴|公用经费|提供|免费|资助|国家|基本|基础")
_TELLING = 2.5
_NEGATIONS = "非不无未"
_NO_WORDS = Pattern("[0-9,.%/·\\s，。；：、（）()《》“”:;-]+")


def stands_in(piece: str, text: str) -> bool:
    """Whether a piece of a name stands in a text un-negated: 寄宿生 does not stand in 非寄宿生."""
    place = text.find(piece)
    while place >= 0:
        if place == 0 or text[place - 1] not in _NEGATIONS or piece[0] in _NEGATIONS:
            return True
        place = text.find(piece, place + 1)
    return False


def pieces_in(name: str, text: str) -> list[tuple[int, int]]:
    """Which pieces of a name, of two characters and more, stand in a text: the longest from the left."""
    found = []
    start = 0
    while start < len(name) - 1:
        # Where a piece does not stand, no longer one with its beginning does.
        end = start + 1
        while end < len(name) and stands_in(name[start : end + 1], text):
            end += 1
        if end > start + 1:
            found.append((start, end))
            start = end
        else:
            start += 1
    return found


def covered(name: str, text: str) -> float:
    """How much of a name stands in a text, from 0 to 1; words that many names share weigh less."""
    weights = _weights(name)
    total = sum(weights)
    if not total:
        return 0.0
    # 公用经费标准 is made of such words only: however much of it stands there, it says little.
    return sum(sum(weights[start:end]) for start, end in pieces_in(name, text)) / max(total, _TELLING)


def is_covered(name: str, text: str) -> bool:
    """Whether all pieces of a name stand in a text, in whatever order."""
    return sum(end - start for start, end in pieces_in(name, text)) == len(name)


@lru_cache(maxsize=4096)
def _weights(name: str) -> tuple[float, ...]:
    weights = [1.0] * len(name)
    for common in _COMMON.finditer(name):
        weights[common.start() : common.end()] = [0.3] * (common.end() - common.start())
    return tuple(weights)


def alike(one: str, other: str) -> float:
    """How much two sentences share, from 0 to 1, by their pairs of characters; numbers do not count."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    letters = _NO_WORDS.sub("", text)
    return frozenset(letters[n : n + 2] for n in range(len(letters) - 1))
