"""Finds the promises without a number: left to an authority, by a document, or in kind."""

from collections.abc import Iterator, Sequence

from bpsgraph.ingest.authorities import authority_in, delegated, referred
from bpsgraph.ingest.expectations import Expectation, vocabulary_of
from bpsgraph.ingest.likeness import is_covered
from bpsgraph.ingest.names import Names, folded
from bpsgraph.ingest.passage import ELLIPSIS, PAYS, Promise, Sentence
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.plain import Plain
from bpsgraph.ingest.wording import Wording

_CLAUSE = Pattern("[,，:：]")
_DUTY = Pattern(
    "(?:^|[,，])((?:地方|各级|各地|当地|[省市县]级?)[^,，应可要须]{0,8}?)(?:应当?|可以?|要|须|负责)"
)
_ALL_STANDARDS = Pattern("(?:补贴|补助|津贴|保障|救助|资助|发放|各项|具体)标准|^标准")
_AS_OTHERS = Pattern("(?:按照|按|参照)[^,，。;；《》]*标准(?:给予|执行|发放|补助|予以|享受)")
_OFFERS = Pattern("提供|发放|给予|支付|免费|免除|免收|开展|建立|补助|补贴|资助|组织|实施|享受")
_TITLE = Pattern("《[^《》]*》")
_STANDARD = Pattern("标准|按照?")
_NAMED, _HINTED, _LIKE, _SAME = 0.75, 0.4, 0.62, 0.8


def unnumbered(
    text: str,
    made: Plain,
    sentences: Sequence[Sentence],
    numbered: Sequence[Promise],
    item: str,
    names: Names,
) -> list[Promise]:
    """The promises without a number in the sentences of a text; those with a number are known already."""
    return list(_Reading(text, made, sentences, numbered, item, names).promises())


class _Reading:
    def __init__(
        self,
        text: str,
        made: Plain,
        sentences: Sequence[Sentence],
        numbered: Sequence[Promise],
        item: str,
        names: Names,
    ) -> None:
        self._text = text
        self._made = made
        self._sentences = sentences
        self._names = names
        self._vocabulary = vocabulary_of(names)
        self._expected = self._vocabulary.expected(item)
        self._item = "|" + "|".join(self._vocabulary.item_names(item))
        self._whole = made.lowered
        self._taken = {promise.measure for promise in numbered}
        self._left: dict[str, str] = {}

    def promises(self) -> Iterator[Promise]:
        for sentence in self._sentences:
            yield from self._delegated(sentence)
        for sentence in self._sentences:
            yield from self._as_others(sentence)
        for sentence in self._sentences:
            yield from self._by_reference(sentence)
        yield from self._in_kind()

    def _delegated(self, sentence: Sentence) -> Iterator[Promise]:
        """What the sentence leaves to an authority: the measures it names, or all that need a standard."""
        left = delegated(sentence.text, self._names)
        if left is None or left.known is None:
            yield from self._duties(sentence)
            return
        named = [one for one in self._open() if self._is_about(one, sentence)]
        named = [one for one in named if not any(_holds(other, one, sentence.text) for other in named)]
        rest = sentence.text
        for one in named:
            for name in one.measure_names:
                rest = rest.replace(name, "|")
            yield self._left_to(one, left.known, sentence, None)
        if named and not _ALL_STANDARDS.search(rest):
            return
        others = [one for one in self._open() if one.unit is not None and one not in named]
        mentioned = [
            (one, mention) for one in others if (mention := self._mention(one, sentence)) is not None
        ]
        for one, mention in mentioned:
            yield self._left_to(one, left.known, sentence, mention)
        if not named and not mentioned and len(others) == 1 and "标准" in sentence.text:
            yield self._left_to(others[0], left.known, sentence, None)

    def _duties(self, sentence: Sentence) -> Iterator[Promise]:
        """What the sentence says that governments shall do, where the State leaves the amount to them."""
        duty = _DUTY.search(sentence.text)
        authority = None if duty is None else authority_in(duty[1], self._names)
        if duty is None or authority is None:
            return
        for clause in _clauses(sentence):
            for one in self._open():
                if one.kind == "delegated" and one.named_in(clause.text) >= _NAMED:
                    yield self._left_to(one, authority, clause, None)

    def _as_others(self, sentence: Sentence) -> Iterator[Promise]:
        """What follows a standard that the same text leaves to an authority is left to that authority."""
        if not _AS_OTHERS.search(sentence.text) or len(set(self._left.values())) != 1:
            return
        for one in self._open():
            if one.kind == "delegated" and one.named_in(sentence.text) >= _NAMED:
                yield self._left_to(one, next(iter(self._left.values())), sentence, None)

    def _by_reference(self, sentence: Sentence) -> Iterator[Promise]:
        """What the sentence does by a document: each document for the promise that the State makes by it."""
        by = referred(sentence.text, self._names)
        if by is None:
            return
        following = [one for one in self._expected if one.kind == "byReference"]
        if not by.known:
            for one in following:
                if one.measure not in self._taken and one.worded_like(sentence.text) >= _SAME:
                    yield self._promise(one, Wording("byReference", "", references=one.references), sentence)
            return
        followed: dict[int, list[str]] = {}
        for document in by.known:
            place = self._follower(document, sentence, following)
            if place is not None:
                followed.setdefault(place, []).append(document)
        for place, documents in followed.items():
            wording = Wording("byReference", "", references=tuple(documents), unknown=by.unknown)
            yield self._promise(following[place], wording, sentence)

    def _follower(self, document: str, sentence: Sentence, following: Sequence[Expectation]) -> int | None:
        """Which of the promises by reference a document is cited for."""
        scores = []
        for place, one in enumerate(following):
            cites = document in one.references
            title = folded(self._names.label(document))
            score = max(one.worded_like(sentence.text), one.named_in(title)) + (1.0 if cites else 0.0)
            if cites or one.named_in(sentence.text) >= _NAMED or one.measure.endswith("/service-rules"):
                scores.append((score, -place))
        return -max(scores)[1] if scores else None

    def _in_kind(self) -> Iterator[Promise]:
        """What the text names without a number: in kind for the State, or a promise without its amount."""
        for one in self._open():
            named = [part for sentence in self._sentences for part in self._naming(one, sentence)]
            if named:
                best = max(named, key=lambda part: one.named_in(part.text) + one.worded_like(part.text))
                yield self._promise(one, Wording("inKind", ""), best)

    def _naming(self, one: Expectation, sentence: Sentence) -> Iterator[Sentence]:
        """The clauses of a sentence, or else the whole, that name what is promised."""
        in_kind = one.kind == "inKind"
        for part in (*_clauses(sentence), sentence):
            if PAYS.search(sentence.text, 0, part.start - sentence.start + 6):
                continue
            if any(_holds(other, one, part.text) for other in self._expected if other.measure != one.measure):
                continue
            words = _TITLE.sub("|", part.text)
            named = one.named_in(words)
            if in_kind and _HINTED <= named < _NAMED:
                named = max(named, one.named_in(words + self._item) - 0.1)
            worded = part is sentence and one.worded_like(part.text) >= _LIKE
            offered = named >= 0.9 and _OFFERS.search(words) and not _STANDARD.search(words)
            if (named >= _NAMED or worded) if in_kind else offered:
                yield part

    def _open(self) -> list[Expectation]:
        """The expectations that no promise answers so far; rules to follow are looked for by document."""
        return [one for one in self._expected if one.measure not in self._taken and one.kind != "byReference"]

    def _is_about(self, one: Expectation, sentence: Sentence) -> bool:
        """Whether a sentence, of all that leave something to an authority, is the one about a measure."""
        text = sentence.text
        if one.kind == "inKind" or one.named_in(text) < _HINTED:
            return False
        if one.named_in(text + self._item) < _NAMED and one.worded_like(text) < _SAME:
            return False
        return not any(
            one.worded_like(other.text) > one.worded_like(text)
            and one.named_in(other.text) >= one.named_in(text)
            for other in self._sentences
            if other is not sentence and delegated(other.text, self._names) is not None
        )

    def _mention(self, one: Expectation, sentence: Sentence) -> Sentence | None:
        return next(
            (
                clause
                for other in self._sentences
                if other is not sentence
                for clause in _clauses(other)
                if one.named_in(clause.text) >= _NAMED
            ),
            None,
        )

    def _left_to(
        self, one: Expectation, authority: str, sentence: Sentence, mention: Sentence | None
    ) -> Promise:
        self._left[one.measure] = authority
        made = self._promise(one, Wording("delegated", "", delegated_to=authority), mention or sentence)
        if mention is None:
            return made
        words = f"{made.words}{ELLIPSIS}{self._words(sentence)[0]}"
        return Promise(
            made.measure,
            made.segment,
            Wording("delegated", words, delegated_to=authority),
            made.start,
            made.end,
        )

    def _promise(self, one: Expectation, wording: Wording, part: Sentence) -> Promise:
        self._taken.add(one.measure)
        words, start, end = self._words(part)
        said = Wording(
            wording.kind,
            words,
            references=wording.references,
            delegated_to=wording.delegated_to,
            unknown=wording.unknown,
        )
        return Promise(one.measure, self._segment(one, part.text), said, start, end)

    def _words(self, part: Sentence) -> tuple[str, int, int]:
        start, end = self._made.span(part.start, part.end)
        words = self._text[start:end]
        start += len(words) - len(words.lstrip())
        return words.strip(), start, start + len(words.strip())

    def _segment(self, one: Expectation, text: str) -> str | None:
        """The segment of a promise: another than the State's where the words name another."""
        for name, segment in self._vocabulary.named_segments(text):
            if segment == one.segment:
                return segment
            if len(name) < 4:
                break
            in_words = any(name in words for words in one.words)
            if in_words or any(is_covered(name, other) for other in one.segment_names):
                continue
            return segment
        return one.segment


def _clauses(sentence: Sentence) -> Iterator[Sentence]:
    start = 0
    for stop in [*_CLAUSE.finditer(sentence.text), None]:
        end = len(sentence.text) if stop is None else stop.start()
        if end > start:
            yield Sentence(sentence.text[start:end], sentence.start + start)
        start = end if stop is None else stop.end()


def _holds(other: Expectation, one: Expectation, text: str) -> bool:
    """Whether the text names another measure whose name holds that of this one: it is not about this one."""
    return any(
        name != longer and name in longer and longer in text
        for longer in other.measure_names
        for name in one.measure_names
        if name in text
    )
