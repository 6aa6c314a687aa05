"""From the words of officials to what they state, property by property."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pyoxigraph import Literal

from bpsgraph.ingest.names import Expected, Names, folded
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
    editions: Iterable[Expected] = (),
) -> tuple[Stated, tuple[str, ...]]:
    """What the words state of one promise, by property, and the documents and authorities nobody knows.

    What the words leave out is as the State `expected` it of the same measure and segment, which is how they
    are meant: 按国家基础标准50% is half of what boarders get. `unit` is that of the row and holds. A sentence
    without a figure that the State states word for word in one of the `editions` means what it means there.
    Raises `Unreadable`.
    """
    same = _word_for_word(text, kind, editions)
    if same is not None:
        return stated(same, measure, expected), ()
    usual = expected.measured_in if expected else None
    wording = read_value(text, names, unit or usual, kind, settled=unit is not None)
    return stated(wording, measure, expected), wording.unknown


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
