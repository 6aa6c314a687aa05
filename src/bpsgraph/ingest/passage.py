"""The sentences of a published table, and what is found in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.wording import Wording

# Between parts of a text that are kept together and do not stand together.
ELLIPSIS = "……"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise found in a text: its measure, its segment where the text names one, its value, and the words,
    which stand from `start` to `end`.
    """

    measure: str
    segment: str | None
    wording: Wording
    start: int
    end: int

    @property
    def words(self) -> str:
        """The words that make the promise."""
        return self.wording.words


@dataclass(frozen=True, slots=True)
class Unread:
    """Words with a figure that belongs to no known promise: why, and what could be written instead."""

    reason: str
    expected: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a plain text, and where it begins there."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends in the plain text."""
        return self.start + len(self.text)


_END = Pattern("[。;；\n]+|[!！?？]+(?![0-9])")
# 分三档资助, 可以分为2-3档: what continues the amount of the sentence before.
_CONTINUES = Pattern(
    "(?:可以?|并|各地)?(?:结合[^,，]{0,8})?[,，]?(?:分|在[0-9])[^,，]{0,12}(?:档|范围|幅度|之间)"
)
PAYS = Pattern(
    "(?:中央|省|市|县|区|各级|地方|本级|同级|上级)级?(?:、[省市县区]级?)*(?:政府|人民政府)?财政|分担|负担|承担|专项资金"
)
_MEAN = Pattern("平均(?!每)")


def sentences_of(text: str) -> Iterator[Sentence]:
    """The sentences of a plain text; what continues the amount of one belongs to it."""
    start = 0
    for stop in [*_END.finditer(text), None]:
        end = len(text) if stop is None else stop.start()
        if stop is not None and _CONTINUES.match(text, stop.end()) and _MEAN.search(text, start, end):
            continue
        if end > start:
            yield Sentence(text[start:end], start)
        start = end if stop is None else stop.end()
