"""What makes no difference between two spellings of a name, taken away; and the pieces a name is found by."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from bpsgraph.ingest.names import simplified

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUNS = re.compile(rf"([{_HAN}]+)|([^\W_{_HAN}]+)")
_BETWEEN = re.compile(r"[^\w\n]+|_+")


def folded(texts: Iterable[str]) -> list[str]:
    """The texts in simplified characters of one width and in small letters, their punctuation kept.

    They are folded as one text, since a call of OpenCC for each would take a hundred times as long.
    """
    joined = "\n".join(" ".join(text.split()) for text in texts)
    return unicodedata.normalize("NFKC", simplified(joined)).casefold().split("\n")


def compact(texts: Sequence[str]) -> list[str]:
    """Folded texts with letters and digits only: `GB/T 43507—2023` and `GBT43507-2023` are the same then."""
    return _BETWEEN.sub("", "\n".join(texts)).split("\n")


def pieces(text: str) -> Iterator[str]:
    """What a folded text is found by: words, and each two neighbours among Chinese characters.

    A Chinese character without such a neighbour is a piece by itself.
    """
    for han, word in _RUNS.findall(text):
        if word or len(han) == 1:
            yield word or han
        else:
            for place in range(len(han) - 1):
                yield han[place : place + 2]


def is_word(piece: str) -> bool:
    """Whether a piece is a word or number, of which the beginning may be what was typed so far."""
    return _RUNS.match(piece)[1] is None  # type: ignore[index]
