"""From the words of officials to what they state, property by property."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pyoxigraph import Literal

from bpsgraph.ingest.expectations import vocabulary_of
from bpsgraph.ingest.likeness import is_covered
from bpsgraph.ingest.names import Expected, Names, folded
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.plain import plain_text
from bpsgraph.ingest.transcription import Statement, decimal, node
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.ingest.wording import Wording, read_value
from bpsgraph.terms import BASE, BPS, XSD

__all__ = ["Unreadable", "read_words", "stated"]

Stated = Mapping[str, tuple[Statement, ...]]
_WITHOUT_FIGURE = frozenset({"inKind", "byReference", "delegated"})
_PROPERTIES = {
    "value": "value",
    "unit": "unit",
    "lower": "lower",
    "upper": "upper",
    "minimum_tiers": "minimumTiers",
    "maximum_tiers": "maximumTiers",
    "fraction_numerator": "fractionNumerator",
    "fraction_denominator": "fractionDenominator",
    "periods_per_year": "periodsPerYear",
    "percent": "percent",
    "base_measure": "baseMeasure",
    "base_segment": "baseSegment",
    "base_owner": "baseOwner",
    "supplement_to": "supplementTo",
    "references": "reference",
    "delegated_to": "delegatedTo",
}


def read_words(
    text: str,
    names: Names,
    unit: str | None,
    kind: str | None,
    measure: str,
    expected: Expected | None,
    editions: Sequence[Expected] = (),
    segment: str | None = None,
) -> tuple[Stated, tuple[str, ...]]:
    """What the words state of one promise, by property, and the documents and authorities nobody knows.

    What the words leave out is as the State `expected` it of the same measure and segment, which is how they
    are meant: 按国家基础标准50% is half of what boarders get. `unit` is that of the row and holds. A sentence
    without a figure that the State states word for word in one of the `editions` means what it means there.
    A figure that the words give to another group than `segment` is unreadable. Raises `Unreadable`.
    """
    same = _word_for_word(text, kind, editions)
    if same is not None:
        return stated(same, measure, expected), ()
    usual = expected.measured_in if expected else None
    bare = _without_numbered_group(text, names, segment)
    read = read_value(bare, names, unit or usual, kind, settled=unit is not None)
    wording = _as_expected(replace(read, words=text.strip()), expected)
    if wording.kind not in _WITHOUT_FIGURE:
        group = _other_group(text, names, measure, segment, editions)
        if group is not None:
            told = f"本行对象的数额；这一格写的是“{group}”，不是本行的对象分组"
            raise Unreadable("unreadable-value", told)
    return stated(wording, measure, expected), wording.unknown


_PERCENTAGE = Pattern(r"[0-9]+(?:\.[0-9]+)?%")
_WORDS = Pattern("[\u4e00-\u9fff]{2}")


def _as_expected(read: Wording, expected: Expected | None) -> Wording:
    """What the State states its floor as: a bare 50% is of its base, the least of a range is a floor.

    Raises `Unreadable` for a range whose mean is not stated: nothing else can be compared.
    """
    usual = "" if expected is None else expected.kind.removeprefix(BASE + "kind/")
    if usual == "percentOf" and read.kind == "coverage" and _PERCENTAGE.fullmatch(plain_text(read.words)):
        return Wording("percentOf", read.words, percent=read.value)
    if read.kind == "range" and read.value is None:
        if usual != "floor":
            raise Unreadable("unreadable-value", "平均2000元，1000—3000元（写明平均数）")
        return replace(read, kind="floor", value=read.lower, lower=None, upper=None)
    return read


def _without_numbered_group(text: str, names: Names, segment: str | None) -> str:
    """The text without the name of its own group that holds a number: 不足100人的规模较小学校."""
    if segment is None or not _WORDS.search(text):
        return text
    plain = plain_text(text).lower()
    for name in vocabulary_of(names).segment_names(segment):
        if name in plain and any(letter.isdigit() for letter in name):
            return plain.replace(name, "")
    return text


def _other_group(
    text: str, names: Names, measure: str, segment: str | None, editions: Sequence[Expected]
) -> str | None:
    """The name of a group in the text that is not the one of the row; None where there is none."""
    # For whoever the item is for, a row has no group that another could be told from.
    if segment is None or not _WORDS.search(text):
        return None
    vocabulary = vocabulary_of(names)
    named = vocabulary.named_segments(plain_text(text).lower())
    if not named or any(iri == segment for _, iri in named):
        return None
    own = [folded(names.label(measure)), *(folded(one.words) for one in editions)]
    own += vocabulary.segment_names(segment)
    return next((name for name, _ in named if not any(is_covered(name, words) for words in own)), None)


def _word_for_word(text: str, kind: str | None, editions: Iterable[Expected]) -> Wording | None:
    words = _compared(text)
    for promise in editions:
        key = promise.kind.removeprefix(BASE + "kind/")
        if key in _WITHOUT_FIGURE and kind in (None, promise.kind) and _compared(promise.words) == words:
            delegated = promise.delegated_to
            return Wording(key, text.strip(), references=promise.references, delegated_to=delegated)
    return None


def _compared(text: str) -> str:
    return folded(text).rstrip("。.;；")


def stated(wording: Wording, measure: str, expected: Expected | None) -> Stated:
    """What a wording states of a promise on the measure, by property."""
    said: dict[str, tuple[Statement, ...]] = {BPS + "kind": (node(BASE + "kind/" + wording.kind),)}
    for attribute, property in _PROPERTIES.items():
        values = getattr(wording, attribute)
        several = values if isinstance(values, tuple) else (values,)
        terms = tuple(_term(value) for value in several if value is not None)
        if terms:
            said[BPS + property] = terms
    same_kind = expected is not None and expected.kind == BASE + "kind/" + wording.kind
    if wording.kind == "percentOf":
        usual = expected if same_kind else None
        base = usual.base_measure if usual and usual.base_measure else measure
        said.setdefault(BPS + "baseMeasure", (node(base),))
        if usual and usual.base_segment and said[BPS + "baseMeasure"] == (node(base),):
            said.setdefault(BPS + "baseSegment", (node(usual.base_segment),))
        if usual and usual.base_owner:
            said.setdefault(BPS + "baseOwner", (node(usual.base_owner),))
    if wording.kind == "supplement" and same_kind and expected and expected.supplement_to:
        said.setdefault(BPS + "supplementTo", (node(expected.supplement_to),))
    said[BPS + "statedAs"] = (Literal(wording.words, language="zh"),)
    return said


def _term(value: object) -> Statement:
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, int):
        return Literal(str(value), datatype=node(XSD + "integer"))
    return node(str(value))
