"""What the row of one promise says: its kind, its number with the unit, or the words of an official."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bpsgraph.ingest.grid import Cell
from bpsgraph.ingest.layout import GUARANTEES
from bpsgraph.ingest.names import Expected
from bpsgraph.ingest.transcription import Statement, Transcription, decimal, node, number_of
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.terms import BASE, BPS

REFERENCE = BPS + "reference"
KIND, VALUE, UNIT, WORDS = BPS + "kind", BPS + "value", BPS + "unit", BPS + "statedAs"
_QUANTITIES = frozenset(
    BASE + "kind/" + name
    for name in ("fixed", "floor", "rate", "ratio", "coverage", "frequency", "supplement")
)
_SAID_IN_WORDS = frozenset(
    BASE + "kind/" + name for name in ("range", "supplement", "percentOf", "byReference", "delegated")
)
# Columns that say more of a value than its number; where one is filled in, no words are read for a value.
_OF_THE_VALUE = (
    "lower", "upper", "minimum-tiers", "maximum-tiers", "percent", "base-measure", "base-segment",
    "base-owner", "supplement-to", "numerator", "denominator", "periods", "reference", "delegated-to",
)  # fmt: skip
_OF_THE_PROMISE = (
    "guarantee-from", "guarantee-until", "words-en", "guarantee-clause", "guarantee-verification",
    "guarantee-source", "guarantee-comment", "guarantee-comment-en",
)  # fmt: skip
_READ = tuple(map(GUARANTEES.column, ("kind", "unit", "words", *_OF_THE_VALUE, *_OF_THE_PROMISE)))
_DETAILS = frozenset(GUARANTEES.column(key).property for key in _OF_THE_VALUE)

# From a text, and the unit and kind beside it, to what it states and whom it names that nobody knows.
Said = Mapping[str, tuple[Statement, ...]]
ReadWords = Callable[[str, str | None, str | None], tuple[Said, tuple[str, ...]]]


@dataclass
class Stated:
    """What a row states of its promise by property; `elsewhere` is where, if not in its own cell."""

    by_property: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    elsewhere: dict[str, Cell] = field(default_factory=dict)
    unreadable: Cell | None = None


def read_promise(
    cells: Mapping[str, Cell],
    transcription: Transcription,
    read_words: ReadWords,
    item: str,
    expected: Expected | None,
) -> Stated:
    """What the row states; a value that cannot be read is a remark.

    `cells` are those of the columns of 服务标准 that the table has, `expected` what the State promises on
    the same measure for the same segment: a bare number takes over its kind.
    """
    stated = Stated()
    for column in _READ:
        key = column.key
        cell = cells.get(key)
        if cell is not None and cell.text:
            terms = transcription.terms(column, cell, item)
            if not terms and key in ("unit", *_OF_THE_VALUE):
                stated.unreadable = cell
            if terms and column.property:
                said = stated.by_property.get(column.property, ())
                stated.by_property[column.property] = said + terms
    value, words = cells.get("value"), cells.get("words")
    if value is not None and value.text:
        _value(value, cells, stated, transcription, read_words, item, expected)
    elif words is not None and words.text and not _detailed(stated):
        kind = stated.by_property.get(KIND)
        if kind is None:
            _from_words(words, stated, transcription, read_words, item, expected)
        elif kind[0].value in _SAID_IN_WORDS:
            # The kind is known; what belongs to it may stand in the words and need not.
            unread = Transcription(transcription.names, newcomers=transcription.newcomers)
            _from_words(words, stated, unread, read_words, item, expected)
            stated.unreadable = None
    return stated


def _value(
    cell: Cell,
    cells: Mapping[str, Cell],
    stated: Stated,
    transcription: Transcription,
    read_words: ReadWords,
    item: str,
    expected: Expected | None,
) -> None:
    number = number_of(cell)
    if number is None:
        _from_words(cell, stated, transcription, read_words, item, expected)
        return
    stated.by_property[VALUE] = (decimal(number),)
    if _is_range(expected) and KIND not in stated.by_property and not _detailed(stated):
        _around(cells, stated, read_words)
    said = stated.by_property.get(KIND)
    if KIND not in stated.by_property and not (cells.get("kind") and cells["kind"].text):
        usual = (
            expected.kind if expected is not None and expected.kind in _QUANTITIES else BASE + "kind/fixed"
        )
        said = stated.by_property[KIND] = (node(usual),)
        stated.elsewhere[KIND] = cell
    if said and said[0].value == BASE + "kind/supplement" and expected and expected.supplement_to:
        stated.by_property.setdefault(BPS + "supplementTo", (node(expected.supplement_to),))
    if UNIT not in stated.by_property and "unit" not in cells and expected is not None and expected.unit:
        stated.by_property[UNIT] = (node(expected.unit),)
        stated.elsewhere[UNIT] = cell


def _is_range(expected: Expected | None) -> bool:
    return expected is not None and expected.kind == BASE + "kind/range"


def _around(cells: Mapping[str, Cell], stated: Stated, read_words: ReadWords) -> None:
    """Take the bounds of the number from the words beside it, if it is the average that they state."""
    words, unit = cells.get("words"), stated.by_property.get(UNIT)
    if words is None or not words.text:
        return
    try:
        read, _ = read_words(words.text, unit[0].value if unit else None, None)
    except Unreadable:
        return
    if read[KIND][0].value == BASE + "kind/range" and read.get(VALUE) == stated.by_property[VALUE]:
        for property, terms in read.items():
            if property not in stated.by_property:
                stated.by_property[property] = terms
                stated.elsewhere[property] = words


def _from_words(
    cell: Cell,
    stated: Stated,
    transcription: Transcription,
    read_words: ReadWords,
    item: str,
    expected: Expected | None,
) -> None:
    unit, kind = stated.by_property.get(UNIT), stated.by_property.get(KIND)
    try:
        read, unknown = read_words(
            cell.text, unit[0].value if unit else None, kind[0].value if kind else None
        )
    except Unreadable as problem:
        # Where the State gives no figure, its own words are what to write.
        instead = expected.words if expected is not None and expected.measured_in is None else ""
        transcription.remark(problem.reason, cell, [instead or problem.expected], item, VALUE)
        stated.unreadable = cell
        return
    if REFERENCE not in stated.by_property and read[KIND][0].value == BASE + "kind/byReference":
        titles = GUARANTEES.column("reference")
        described = [transcription.unknown(titles, cell, title, item) for title in unknown]
        if any(described):
            known = read.get(REFERENCE, ())
            read = {**read, REFERENCE: (*known, *(node(iri) for iri in described if iri))}
    for property, terms in read.items():
        if property not in stated.by_property:
            stated.by_property[property] = terms
            stated.elsewhere[property] = cell
    stated.elsewhere.setdefault(VALUE, cell)


def _detailed(stated: Stated) -> bool:
    return not _DETAILS.isdisjoint(stated.by_property)
