"""What a sentence about an item may promise: the State's promises for it, with every name they go by."""

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from bpsgraph.ingest.likeness import alike, covered, is_covered, pieces_in, stands_in
from bpsgraph.ingest.names import Expected, Names
from bpsgraph.ingest.plain import plain_text
from bpsgraph.terms import BASE


@dataclass(frozen=True, slots=True)
class Expectation:
    """A promise of the State, in all its editions; the newest of them says its kind and its unit."""

    measure: str
    segment: str | None
    kind: str
    unit: str | None
    supplement_to: str | None
    base_measure: str | None
    base_segment: str | None
    references: tuple[str, ...]
    words: tuple[str, ...]
    measure_names: tuple[str, ...]
    segment_names: tuple[str, ...]

    def named_in(self, text: str) -> float:
        """How much of a name of the measure stands in a text, from 0 to 1."""
        return max((covered(name, text) for name in self.measure_names), default=0.0)

    def worded_like(self, text: str) -> float:
        """How much the State's own words and a text share, from 0 to 1."""
        return max((alike(words, text) for words in self.words), default=0.0)

    def segment_in(self, text: str) -> int:
        """How long a name of the segment is all of whose pieces stand in a text; 0 where there is none."""
        return max((len(name) for name in self.segment_names if is_covered(name, text)), default=0)

    def segment_share(self, text: str) -> int:
        """How many characters of a name of the segment stand in a text."""
        return max(
            (sum(end - start for start, end in pieces_in(name, text)) for name in self.segment_names),
            default=0,
        )


class Vocabulary:
    """What the promises of one vocabulary are called, by item and by segment."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._measures = _by_thing(names, "measure")
        self._segments = _by_thing(names, "segment")
        self._items = _by_thing(names, "item")
        self._elsewhere: tuple[Expectation, ...] | None = None
        self._expected: dict[str, tuple[Expectation, ...]] = {}
        self.segments = {
            name: next(iter(things))
            for name, things in names.bearing("segment").items()
            if len(things) == 1 and len(name) > 1 and not name.isascii()
        }
        # A number in the name of a group is no figure: 农村地区不足100人的规模较小学校.
        self.numbered = tuple(
            sorted((name for name in self.segments if any(map(_counts, name))), key=len, reverse=True)
        )

    def item_names(self, item: str) -> tuple[str, ...]:
        """The names of an item, folded."""
        return self._items.get(item, ())

    def segment_names(self, segment: str) -> tuple[str, ...]:
        """The names of a segment, folded."""
        return self._segments.get(segment, ())

    def expected(self, item: str) -> tuple[Expectation, ...]:
        """What the State promises for an item."""
        if item not in self._expected:
            self._expected[item] = tuple(self._joined(self._names.expected(item)))
        return self._expected[item]

    def elsewhere(self) -> tuple[Expectation, ...]:
        """What other items and places promise: every measure with a unit, whoever it is for."""
        if self._elsewhere is None:
            self._elsewhere = tuple(
                Expectation(measure, None, "", unit, None, None, None, (), (), self._measures[measure], ())
                for measure, unit in sorted(self._names.canonical_units().items())
                if measure in self._measures
            )
        return self._elsewhere

    def _joined(self, statements: Iterable[Expected]) -> Iterable[Expectation]:
        groups: dict[tuple[str, str | None], list[Expected]] = {}
        for statement in statements:
            groups.setdefault((statement.measure, statement.segment), []).append(statement)
        for (measure, segment), editions in groups.items():
            newest = editions[0]
            yield Expectation(
                measure,
                segment,
                newest.kind.removeprefix(BASE + "kind/"),
                next((edition.measured_in for edition in editions if edition.measured_in), None),
                next((edition.supplement_to for edition in editions if edition.supplement_to), None),
                newest.base_measure,
                newest.base_segment,
                tuple(dict.fromkeys(iri for edition in editions for iri in edition.references)),
                tuple(dict.fromkeys(plain_text(one.words).casefold() for one in editions if one.words)),
                self._measures.get(measure, ()),
                self._segments.get(segment or "", ()),
            )

    def listed_with(self, name: str, text: str) -> list[str]:
        """The other segments that a text lists together with one: 机构孤儿、社会散居孤儿."""
        place = text.find(name)
        before, after = text[:place], text[place + len(name) :]
        ahead = [other for other in self.segments if any(before.endswith(other + joint) for joint in _JOINTS)]
        behind = [
            other for other in self.segments if any(after.startswith(joint + other) for joint in _JOINTS)
        ]
        found = {self.segments[max(others, key=len)] for others in (ahead, behind) if others}
        return sorted(found - {self.segments[name]})

    def named_segments(self, text: str) -> list[tuple[str, str]]:
        """The names of segments that stand in a text with their segments, the longest first."""
        found = [(name, iri) for name, iri in self.segments.items() if name in text and stands_in(name, text)]
        return sorted(found, key=lambda pair: (-len(pair[0]), pair))


_JOINTS = ("、", "和", "及", "与", "以及")


def _counts(letter: str) -> bool:
    return letter.isdigit() or letter in "一二三四五六七八九十两"


def _by_thing(names: Names, kind: str) -> dict[str, tuple[str, ...]]:
    things: dict[str, list[str]] = {}
    for name, iris in names.bearing(kind).items():
        if name.isascii():
            continue
        for iri in iris:
            things.setdefault(iri, []).append(name)
    return {iri: tuple(sorted(called)) for iri, called in things.items()}


def vocabulary_of(names: Names) -> Vocabulary:
    """The vocabulary of these names; it is put in order once."""
    found = _KNOWN.get(names)
    if found is None:
        found = _KNOWN[names] = Vocabulary(names)
    return found


_KNOWN: WeakKeyDictionary[Names, Vocabulary] = WeakKeyDictionary()
