"""Finds the promises in the sentences of a published table (服务内容, 服务标准) and reads their values.

What the State promises for the item guides the reading: its measures, segments and units, by all their names,
and its words. A figure that belongs to none of them is `Unread`, never put to the nearest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bpsgraph.ingest.expectations import Expectation, Vocabulary, vocabulary_of
from bpsgraph.ingest.figures import Figure, Mark, tokens
from bpsgraph.ingest.likeness import is_covered
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.passage import ELLIPSIS, PAYS, Promise, Sentence, Unread, sentences_of
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.plain import Plain, plain
from bpsgraph.ingest.unit_names import unit_names
from bpsgraph.ingest.unnumbered import unnumbered
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.ingest.wording import STRAY, Wording, is_raise, is_strained, value_of


@dataclass(frozen=True, slots=True)
class _Statement:
    """Figures that make one value, with the words that are their own and those that they share."""

    figures: tuple[Figure, ...]
    marks: tuple[Mark, ...]
    text: str
    own: str
    head: str
    start: int
    end: int


_PERIOD = frozenset({"年", "个月", "天", "小时", "个工作日"})
_DURATION = Pattern("(?:以内|之内|内|前|后|期满|期间|以下|龄)")
_SINCE = Pattern("(?:离校|产后|毕业|超过|不超过|满|不满|不足|连续|累计|近|院线上映[^,，]*)$")
_SPAN_WORDS = Pattern("范围|幅度|区间|之间|档")
_MEAN = Pattern("平均(?!每)")
_SUBJECT = Pattern(
    "(?:^|[,，:：])(?:国家|省|市|县)?(?:基础|基本|资助|补助|补贴|平均资助|平均补助|保障|发放|最低|具体|年)*标准(?:为|是|:)?$"
)
_PER = Pattern(
    "每一?(?:个|名|位)?(?:学?生|人|户|村|名|位|校|年度?|学年|学?月|学期|天|日|周|孩次)|[年月]?[生人户]均|[为是按:：]"
)
# Several pages of a table; with more the search for names would take long.
LONGEST, MOST_FIGURES = 3000, 60
_EDGES = " ,，、;；:：\n\t\u3000"
_ENOUGH, _CLEARLY, _NAMED_ELSEWHERE = 0.45, 0.05, 0.65


def promises_in(text: str, item: str, names: Names) -> list[Promise | Unread]:
    """The promises in a text about an item, in the order of the text.

    Columns are joined with line breaks, content before standard, so that one explains the other. A promise
    without a segment is for whoever the item is for. For an item of which the State promises nothing the list
    is empty: there is nothing that its figures could be. A text longer than `LONGEST`, or with more
    than `MOST_FIGURES`, is unread as a whole.
    """
    vocabulary = vocabulary_of(names)
    expected = vocabulary.expected(item)
    if not expected:
        return []
    made = plain(text)
    sentences = list(sentences_of(made.lowered)) if len(text) <= LONGEST else []
    statements = [(part, one) for part in sentences for one in _statements(part, vocabulary)]
    if len(text) > LONGEST or len(statements) > MOST_FIGURES:
        told = f"一行的服务内容和服务标准合计不超过{LONGEST}字、{MOST_FIGURES}个数值；较多的，分行写"
        return [Unread("unreadable-value", told, text[:80], 0, len(text))]
    found: list[Promise | Unread] = []
    for sentence, statement in statements:
        found.extend(_read(statement, sentence, text, made, expected, item, names))
    promised = [promise for promise in found if isinstance(promise, Promise)]
    found = [part for part in found if not isinstance(part, Promise)]
    found.extend(_agreed(promised))
    numbered = [promise for promise in found if isinstance(promise, Promise)]
    found.extend(unnumbered(text, made, sentences, numbered, item, names))
    return sorted(found, key=lambda part: (part.start, part.end, isinstance(part, Unread)))


def _statements(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[_Statement]:
    text = sentence.text
    found = list(tokens(text))
    in_names = [span for name in vocabulary.numbered if name in text for span in _spans(name, text)]
    figures = [
        token
        for token in found
        if isinstance(token, Figure)
        and not any(start <= token.start and token.end <= end for start, end in in_names)
        and not _is_duration(token, text)
    ]
    # 中央财政…给予50%补助 says who pays, not what is promised.
    figures = [figure for figure in figures if not PAYS.search(text, 0, figure.start)]
    groups = list(_grouped(figures, text))
    for number, group in enumerate(groups):
        start = groups[number - 1][-1].end if number else 0
        last = number == len(groups) - 1
        stop = len(text) if last else _next_stop(text, group[-1].end, groups[number + 1][0].start)
        head = "" if number == 0 else _head(text[: groups[0][0].start], vocabulary)
        marks = [
            token
            for token in found
            if isinstance(token, Mark) and (token.end <= group[0].start or token.start < stop)
        ]
        if number:
            marks = [mark for mark in marks if mark.form == "per" or mark.start >= start]
        yield _Statement(
            tuple(group),
            tuple(marks),
            _without_asides(text, group)[:stop],
            text[start:stop].lstrip(",，、和及"),
            head,
            start,
            stop,
        )


def _spans(name: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(name)
    while start >= 0:
        yield start, start + len(name)
        start = text.find(name, start + 1)


def _is_duration(figure: Figure, text: str) -> bool:
    """Whether a figure only says when or how long: 离校2年内, 产后42天."""
    return figure.counted in _PERIOD and bool(
        _DURATION.match(text, figure.end) or _SINCE.search(text, 0, figure.start)
    )


def _grouped(figures: Sequence[Figure], text: str) -> Iterator[list[Figure]]:
    """The figures that make one value together: what is raised and to what, a mean and its bounds."""
    number, end = 0, 0
    while number < len(figures):
        group = [figures[number]]
        if number + 1 < len(figures):
            one, other = figures[number : number + 2]
            between, after = text[one.end : other.start], text[other.end : other.end + 8]
            raised = one.form == other.form == "number" and is_raise(text, (one, other))
            mean = {one.form, other.form} & {"range", "list"} and "number" in {one.form, other.form}
            meant = _MEAN.search(text[end : one.start]) or _SPAN_WORDS.search(between + after)
            if raised or (mean and meant):
                group.append(other)
        yield group
        number += len(group)
        end = group[-1].end


def _next_stop(text: str, end: int, limit: int) -> int:
    stop = Pattern("[,，、]").search(text, end, limit)
    return limit if stop is None else stop.start()


def _head(text: str, vocabulary: Vocabulary) -> str:
    """What stands before the first figure of several, without the group that is the first figure's own."""
    bare = _bare(text)
    last = max((name for name in vocabulary.segments if bare.endswith(name)), key=len, default="")
    return bare[: len(bare) - len(last)]


def _bare(text: str) -> str:
    """The text without the words 每生每年, 为 and the like at its end."""
    end = len(text)
    while True:
        found = next(
            (match for match in _PER.finditer(text, max(0, end - 8), end) if match.end() == end), None
        )
        if found is None:
            return text[:end]
        end = found.start()


def _without_asides(text: str, figures: Sequence[Figure]) -> str:
    """The text with what stands in brackets blotted out, unless it is about the figures."""
    for aside in reversed(list(_ASIDE.finditer(text))):
        inside = any(aside.start() <= figure.start < aside.end() for figure in figures)
        if not inside and not _ABOUT.search(aside[0]):
            text = text[: aside.start()] + "\u3000" * len(aside[0]) + text[aside.end() :]
    return text


_ASIDE = Pattern(r"\([^()]*\)")
_ABOUT = Pattern("每[人生年月天日]|全年|年按|以上")


def _read(
    statement: _Statement,
    sentence: Sentence,
    text: str,
    made: Plain,
    known: Sequence[Expectation],
    item: str,
    names: Names,
) -> list[Promise | Unread]:
    """The promises that one statement makes: one for each segment; or why it cannot be read."""
    first, last = made.span(sentence.start + statement.start, sentence.start + statement.end)
    words = text[first:last].strip(_EDGES)
    first += len(text[first:last]) - len(text[first:last].lstrip(_EDGES))
    last = first + len(words)
    if statement.head:
        head = made.span(sentence.start, sentence.start + len(statement.head))
        # What is kept of a text stands there, word for word; what is left out between is an ellipsis.
        words = text[slice(*head)].strip(_EDGES) + ELLIPSIS + words
    expected = known
    readings: dict[str | None, Wording | Unreadable] = {}
    for unit in dict.fromkeys(one.unit for one in expected):
        readings[unit] = _value(words, statement, names, unit)
    fitting = [one for one in expected if _fits(one, readings[one.unit], names)]
    measure = _measure(statement, fitting)
    if measure is None:
        expected = vocabulary_of(names).elsewhere()
        for unit in {one.unit for one in expected} - readings.keys():
            readings[unit] = _value(words, statement, names, unit)
        others = [one for one in expected if _fits(one, readings[one.unit], names)]
        named = [one for one in others if one.named_in(statement.own) >= _NAMED_ELSEWHERE]
        measure = _measure(statement, named)
        fitting = fitting if measure is None else named
    if measure is None:
        if any(is_strained(statement.text, figure) for figure in statement.figures):
            return [Unread("unreadable-value", STRAY, words, first, last)]
        if all(f.counted is None and f.form != "part" for f in statement.figures) and not fitting:
            # A number that counts nothing: 12333, 三农.
            return []
        return [Unread("unreadable-value", _could_be(fitting, known, names), words, first, last)]
    about = [one for one in expected if one.measure == measure]
    chosen = next(one for one in fitting if one.measure == measure)
    wording = readings[chosen.unit]
    assert isinstance(wording, Wording)
    found: list[Promise | Unread] = []
    segments = _segments(statement, about, wording, made.lowered, vocabulary_of(names))
    group = _other_group(statement, about, segments, vocabulary_of(names), item)
    if group:
        return [
            Unread(
                "unreadable-value",
                f"“{group}”的数额，在“服务标准”表中分行写明对象分组和数额",
                words,
                first,
                last,
            )
        ]
    for segment in segments:
        found.append(Promise(measure, segment, _of(wording, measure, segment, about, expected), first, last))
    return found


def _value(words: str, statement: _Statement, names: Names, unit: str | None) -> Wording | Unreadable:
    try:
        return value_of(words, statement.text, statement.figures, statement.marks, names, unit)
    except Unreadable as unreadable:
        return unreadable


def _fits(expectation: Expectation, read: Wording | Unreadable, names: Names) -> bool:
    """Whether a value could be that of an expectation: it counts the same, or is a percentage of it."""
    if isinstance(read, Unreadable) or expectation.unit is None:
        return False
    units = unit_names(names)
    if read.kind == "percentOf":
        return expectation.kind == "percentOf" or units.parts(expectation.unit)[0][0] == "元"
    supplement = (read.kind == "supplement") == (expectation.kind == "supplement")
    return supplement and read.unit is not None and units.alike(read.unit, expectation.unit)


def _measure(statement: _Statement, fitting: Sequence[Expectation]) -> str | None:
    """The measure that a statement is about, by its words; None where no measure is clearly the one."""
    scores: dict[str, float] = {}
    for one in fitting:
        score = max(
            one.named_in(statement.own),
            0.7 * one.named_in(statement.head) if statement.head else 0,
            0.9 * one.worded_like(statement.head + statement.own),
        )
        if one.segment_in(statement.own) >= 4:
            score += 0.3
        scores[one.measure] = max(score, scores.get(one.measure, 0))
    if not scores:
        return None
    ordered = sorted(scores, key=lambda measure: -scores[measure])
    best = scores[ordered[0]]
    before = _bare(statement.text[: statement.figures[0].start])
    if len(ordered) == 1 and (_SUBJECT.search(before + "为") or not before):
        return ordered[0]
    if best < _ENOUGH or (len(ordered) > 1 and best - scores[ordered[1]] < _CLEARLY):
        return None
    return ordered[0]


def _segments(
    statement: _Statement,
    about: Sequence[Expectation],
    wording: Wording,
    whole: str,
    vocabulary: Vocabulary,
) -> list[str | None]:
    """The segments that a statement is for, by its words; None is whoever the item is for."""
    own, near = statement.own, statement.head + "|" + statement.own
    options = {
        one.segment: one.segment_in(near)
        for one in about
        if one.segment is not None and (not statement.head or one.segment_share(own) >= 2)
    }
    longest = max(options.values(), default=0)
    if wording.kind == "percentOf" and not longest:
        # 按国家基础标准50%核定非寄宿生标准 is for every group of them that the text names.
        shares = {one.segment: one.segment_share(own) for one in about if one.segment_in(whole)}
        most = max(shares.values(), default=0)
        if most >= 4:
            return [segment for segment, share in shares.items() if share == most]
    known = {one.segment for one in about}
    for name, segment in vocabulary.named_segments(own):
        if len(name) <= longest or (len(name) < 3 and segment not in known):
            break
        if None in known and any(
            name in words for one in about if one.segment is None for words in one.words
        ):
            return [None]
        return [segment, *vocabulary.listed_with(name, own)]
    if longest:
        best = [segment for segment, length in options.items() if length == longest]
        if len(best) > 1 and wording.kind != "percentOf":
            # Of several groups named the figure is that of the one named last: 中小学…，初中不低于1800元.
            clause = re.split("[,，:：]", statement.text[: statement.figures[0].start])[-1]
            best = [one.segment for one in about if one.segment in best and one.segment_in(clause)]
        return [*best] if len(best) == 1 or wording.kind == "percentOf" else [None]
    elsewhere = {one.segment for one in about if one.segment is not None and one.segment_in(whole)}
    return [*elsewhere] if len(elsewhere) == 1 and known == elsewhere else [None]


# Words for whom a figure is for, with what qualifies them: 伤残家庭, 小学, 一级, 80至89周岁.
_GROUP = Pattern(
    "[\u4e00-\u9fff]{0,2}(?:家庭(?!经济困难)|人员|儿童|学生|老年人|老人|残疾人|对象|夫妻|夫妇|孤儿|职工|居民|幼儿园)"
    "|(?<!中)小学(?!校)|初中|高中|中职|高职|本科|[城市农村]{2}(?=低保|居民)|[一二三四五六]级|第?[一二三四五六]档"
    "|[脱贫困重点试老少]{2}[县村区]|其中|[0-9]+(?:-|至)?[0-9]*周?岁"
)
_BETWEEN = "对为向给按以其中的由从和及与或等在内每个名各所该予、"


def _other_group(
    statement: _Statement,
    about: Sequence[Expectation],
    segments: Sequence[str | None],
    vocabulary: Vocabulary,
    item: str,
) -> str:
    """The words before a figure for a group that is none of those that the figure would be given to."""
    known = [*vocabulary.item_names(item), *about[0].measure_names]
    for segment in segments:
        known += () if segment is None else vocabulary.segment_names(segment)
        known += [words for one in about if one.segment == segment for words in one.words]
    before = statement.text[statement.start : statement.figures[0].start]
    for found in _GROUP.finditer(before):
        group = found[0].lstrip(_BETWEEN)
        if not any(group in name or is_covered(group, name) for name in known):
            return group
    return ""


def _of(
    wording: Wording,
    measure: str,
    segment: str | None,
    about: Sequence[Expectation],
    expected: Sequence[Expectation],
) -> Wording:
    """The value with what it is a percentage of, or comes on top of, where the words do not say."""
    same = next((one for one in about if one.segment == segment), None) or about[0]
    if wording.kind == "range" and wording.value is None and same.kind == "floor":
        # 见习时间3至12个月 is a floor for the State: what counts is the least there may be.
        return replace(wording, kind="floor", value=wording.lower, lower=None, upper=None)
    if wording.kind == "supplement" and wording.supplement_to is None:
        return replace(wording, supplement_to=same.supplement_to)
    if wording.kind == "percentOf" and wording.base_measure is None:
        if same.base_measure is not None:
            return replace(wording, base_measure=same.base_measure, base_segment=same.base_segment)
        return replace(wording, base_measure=measure, base_segment=segment)
    if wording.kind == "percentOf" and wording.base_measure == same.base_measure:
        return replace(wording, base_segment=same.base_segment)
    return wording


def _could_be(fitting: Sequence[Expectation], expected: Sequence[Expectation], names: Names) -> str:
    measures = dict.fromkeys(one.measure for one in fitting or expected if one.unit is not None)
    if not measures:
        return "该事项的国家标准没有数额；本地自有的数额，在“服务标准”表中写明其指标"
    return "写明是哪个指标的数额：" + "、".join(names.label(measure) for measure in measures)


def _agreed(promises: Sequence[Promise]) -> Iterator[Promise | Unread]:
    """Each promise once; of two that differ on the same thing one is misunderstood, so both are unread."""
    same: dict[tuple[str, str | None], list[Promise]] = {}
    for promise in promises:
        same.setdefault((promise.measure, promise.segment), []).append(promise)
    for group in same.values():
        bare = {replace(promise.wording, words="") for promise in group}
        if len(bare) == 1:
            yield group[0]
        else:
            for promise in group:
                expected = "同一指标有几个数额的，逐个写明对象"
                yield Unread("unreadable-value", expected, promise.words, promise.start, promise.end)
