"""Which unit a figure is in: what it says itself, what its sentence says, and what is expected of it."""

from weakref import WeakKeyDictionary

from bpsgraph.ingest.figures import parts_of
from bpsgraph.ingest.names import Names

# One person by different names: which of them a unit uses makes no difference to the number.
PERSONS = ("生", "人", "幼儿")
_TIMES = frozenset({"次", "场"})
_SHARES = frozenset({"%", "倍"})

Parts = tuple[str | None, str | None, str | None]


class UnitNames:
    """The units of a vocabulary by what they count, for whom and how often."""

    def __init__(self, names: Names) -> None:
        self._find = names.find
        self._label = names.label
        self._parts: dict[str, tuple[Parts, bool]] = {}
        self._found: dict[Parts, str | None] = {}

    def parts(self, unit: str) -> tuple[Parts, bool]:
        """What a unit counts, for whom and how often, by its label; and whether by ten thousands."""
        if unit not in self._parts:
            label = self._label(unit)
            tens = label.startswith("万")
            self._parts[unit] = (parts_of(label.removeprefix("万")), tens)
        return self._parts[unit]

    def alike(self, one: str, other: str) -> bool:
        """Whether two units count the same for the same, however often: a month's may answer a year's."""
        (counted, whom, often), _ = self.parts(one)
        (wanted, for_whom, how_often), _ = self.parts(other)
        same = counted == wanted or {counted, wanted} <= _SHARES or {counted, wanted} <= _TIMES
        people = whom == for_whom or {whom, for_whom} <= set(PERSONS)
        return counted is not None and same and people and (often is None) == (how_often is None)

    def is_for(self, unit: str, whom: str) -> bool:
        """Whether a unit is for such people."""
        (_, for_whom, _), _ = self.parts(unit)
        return whom == for_whom or {whom, for_whom} <= set(PERSONS)

    def contradict(self, unit: str, counted: str | None, whom: str | None, often: str | None) -> bool:
        """Whether what a figure says of its unit is another unit, and not the same or a part of this one.

        What this unit leaves open the figure may add, unless that makes one more unit of the vocabulary.
        """
        (wanted, for_whom, how_often), _ = self.parts(unit)
        alike = counted in (None, wanted) or {counted, wanted} <= _TIMES or {counted, wanted} <= _SHARES
        if not alike or (often is not None and how_often is not None and often != how_often):
            return True
        if whom is not None and for_whom is not None and not self.is_for(unit, whom):
            return True
        added = (whom is not None and for_whom is None) or (often is not None and how_often is None)
        if not added or wanted is None:
            return False
        return self.composed(wanted, whom or for_whom, often or how_often) not in (None, unit)

    def composed(self, counted: str, whom: str | None, often: str | None) -> str | None:
        """The unit that counts this for such people so often; None where there is no such unit."""
        key = (counted, whom, often)
        if key not in self._found:
            self._found[key] = self._compose(*key)
        return self._found[key]

    def _compose(self, counted: str, whom: str | None, often: str | None) -> str | None:
        people = (whom, *(person for person in PERSONS if person != whom)) if whom in PERSONS else (whom,)
        for person in people:
            per = "·".join(part for part in (person, often) if part)
            found = self._find("unit", f"{counted}/{per}" if per else counted)
            if len(found) == 1:
                return found[0]
        return None

    def complete(
        self, counted: str | None, whom: str | None, often: str | None, expected: str | None
    ) -> str | None:
        """The unit of a figure; what it leaves out is taken from the unit expected.

        None where there is no such unit, or where what is left out could be meant otherwise: 1000元 for each
        person, where an amount for each person and year is expected, may be paid once.
        """
        if expected is None:
            return None if counted is None else self.composed(counted, whom, often)
        (wanted, for_whom, how_often), _ = self.parts(expected)
        if counted is None and (whom, often) == (None, None):
            return expected
        if counted is None or counted == wanted or {counted, wanted} <= _TIMES:
            counted = wanted
            alike = whom is None or whom == for_whom or {whom, for_whom} <= set(PERSONS)
            if alike and (often == how_often or (whom, often) == (None, None)):
                return expected
            if often is None and how_often is not None:
                return None
            whom = for_whom if whom is None else whom
        return None if counted is None else self.composed(counted, whom, often)


def unit_names(names: Names) -> UnitNames:
    """The units of these names; they are read once."""
    found = _KNOWN.get(names)
    if found is None:
        found = _KNOWN[names] = UnitNames(names)
    return found


_KNOWN: WeakKeyDictionary[Names, UnitNames] = WeakKeyDictionary()
