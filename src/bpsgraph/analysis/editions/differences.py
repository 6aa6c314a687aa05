"""Two sides compared cell by cell: what differs, and what cannot be compared and why.

Only what both sides are known to say is compared. A cell that is recalled on either side never is; one that
is inferred is compared and says so; words are compared only where both sides have them to the letter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from pyoxigraph import NamedNode

from bpsgraph.analysis.editions.statements import Backing, Basis, Cell, Named, Promise, Row, Side, weakest
from bpsgraph.quantity import (
    ByReference,
    Delegated,
    NotComparable,
    PercentOf,
    Quantity,
    Range,
    Value,
    ValueVerdict,
    compare,
    difference,
)
from bpsgraph.results import Text
from bpsgraph.terms import BPS

Covers = Callable[[str, str], bool]
"""Whether everybody of the first segment is in the second."""


class Kind(StrEnum):
    """How a cell differs, in the order and by the notations of the code list `difference`."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RECATEGORISED = "recategorised"
    RE_LED = "re-led"
    WIDENED = "widened"
    NARROWED = "narrowed"
    RETARGETED = "retargeted"
    RAISED = "raised"
    LOWERED = "lowered"
    REVALUED = "revalued"
    KIND_CHANGED = "kind-changed"
    RE_REFERRED = "re-referred"
    GUARANTEE_ADDED = "guarantee-added"
    GUARANTEE_REMOVED = "guarantee-removed"
    REFUNDED = "refunded"
    REWORDED = "reworded"


class Reason(StrEnum):
    """Why two cells are not compared."""

    RECALLED = "recalled"
    WORDING = "wording"
    UNKNOWN = "unknown"
    AGENCIES = "agencies"
    UNITS = "units"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Statement:
    """One side of a change: its words, its amount in the canonical unit, and what backs it."""

    words: Text
    backing: Backing
    amount: Fraction | None = None
    unit: Text | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared: a cell of an item, or its promise of a measure to a segment."""

    item: Named
    cell: Text
    measure: Named | None = None
    segment: Named | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `inferred` where either side is only inferred. `difference` is after less before."""

    kind: Kind
    subject: Subject
    before: Statement | None
    after: Statement | None
    inferred: bool = False
    difference: Fraction | None = None


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A cell that is not compared, with what either side says of it."""

    reason: Reason
    subject: Subject
    before: Statement | None
    after: Statement | None


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs between two sides, and everything that was not compared.

    `unlisted` counts items and promises that one side alone has, where the other is an excerpt or claims
    another scope: that it leaves them out says nothing.
    """

    before: Side
    after: Side
    changes: tuple[Change, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    unlisted: int = 0

    def items(self, kind: Kind, *, inferred: bool = False) -> list[str]:
        """The IRIs of the items that differ in this way, as stated or as inferred, sorted."""
        found = (c for c in self.changes if c.kind is kind and c.inferred is inferred)
        return sorted({change.subject.item.iri for change in found})


def differences(before: Side, after: Side, covers: Covers) -> Differences:
    """What differs between the two sides, in the order of items and kinds."""
    comparison = _Comparison(before, after, covers)
    comparison.run()
    order = list(Kind)
    changes = sorted(comparison.changes, key=lambda c: (order.index(c.kind), *_place(c.subject)))
    left = sorted(comparison.left, key=lambda n: (n.reason, *_place(n.subject)))
    return Differences(before, after, tuple(changes), tuple(left), comparison.unlisted)


def _place(subject: Subject) -> tuple[str, ...]:
    measure, segment = subject.measure, subject.segment
    return (
        subject.item.iri,
        measure.iri if measure else "",
        segment.iri if segment else "",
        subject.cell.en,
    )


@dataclass
class _Comparison:
    before: Side
    after: Side
    covers: Covers
    changes: list[Change] = field(default_factory=list)
    left: list[NotCompared] = field(default_factory=list)
    unlisted: int = 0

    def run(self) -> None:
        for item in sorted(self.before.rows.keys() | self.after.rows.keys()):
            old, new = self.before.rows.get(item), self.after.rows.get(item)
            if old is not None and new is not None:
                self._row(old, new)
            else:
                self._item(old, new)

    def _item(self, old: Row | None, new: Row | None) -> None:
        row = old or new
        assert row is not None
        subject = Subject(row.item, Text("事项", "item"))
        stated = Statement(row.item.name, row.backing)
        sides = (stated, None) if old else (None, stated)
        was, now = sides
        other = self.after if old else self.before
        one = self.before if old else self.after
        # That a complete list has an item rests on the list, however little is known of the row.
        if other.claims(row.item.iri):
            inferred = not one.complete and row.backing.basis is Basis.INFERRED
            kind = Kind.REMOVED if old else Kind.ADDED
            self.changes.append(Change(kind, subject, was, now, inferred))
        else:
            self.unlisted += 1

    def _row(self, old: Row, new: Row) -> None:
        self._category(old)
        for property, kind in ((BPS + "statedName", Kind.RENAMED), (BPS + "centralShare", Kind.REFUNDED)):
            self._cell(old, new, property, kind, exact_words=False)
        self._lead(old, new)
        self._beneficiary(old, new)
        known = len(self.changes)
        self._promises(old, new)
        # The words of a standard change with its figures; that is said once.
        moved = len(self.changes) > known
        for name in ("beneficiaryText", "content", "expenditure", *(() if moved else ("serviceStandard",))):
            self._cell(old, new, BPS + name, Kind.REWORDED, exact_words=True)

    def _category(self, old: Row) -> None:
        cells = [side.categories.get(old.item.iri) for side in (self.before, self.after)]
        if cells[0] is None or cells[1] is None or cells[0][0].value == cells[1][0].value:
            return
        self._changed(
            Kind.RECATEGORISED,
            Subject(old.item, cells[0][0].property.name),
            [cells[0][0]],
            [cells[1][0]],
        )

    def _cell(self, old: Row, new: Row, property: str, kind: Kind, *, exact_words: bool) -> None:
        was, now = old.of(property), new.of(property)
        if not was and not now:
            return
        subject = Subject(old.item, (was or now)[0].property.name)
        weak = weakest(*(cell.backing.basis for cell in (*was, *now)))
        if weak is Basis.RECALLED:
            self._leave(Reason.RECALLED, subject, was, now)
        elif not was or not now:
            self._leave(Reason.UNKNOWN, subject, was, now)
        elif {cell.value for cell in was} == {cell.value for cell in now}:
            return
        elif exact_words and weak is not Basis.WORDS:
            self._leave(Reason.WORDING, subject, was, now)
        else:
            self._changed(kind, subject, was, now)

    def _lead(self, old: Row, new: Row) -> None:
        was, now = old.of(BPS + "leadAgency"), new.of(BPS + "leadAgency")
        if not was and not now:
            return
        subject = Subject(old.item, (was or now)[0].property.name)
        if any(cell.backing.basis is Basis.RECALLED for cell in (*was, *now)):
            self._leave(Reason.RECALLED, subject, was, now)
        elif not was or not now:
            self._leave(Reason.UNKNOWN, subject, was, now)
        elif self.before.owner == self.after.owner:
            if {cell.value for cell in was} != {cell.value for cell in now}:
                self._changed(Kind.RE_LED, subject, was, now)
        elif all(self._bodies(side, cells) for side, cells in ((self.before, was), (self.after, now))):
            # The bureaus of two places are compared by the national bodies that they answer to.
            if self._bodies(self.before, was) != self._bodies(self.after, now):
                self._changed(Kind.RE_LED, subject, was, now)
        else:
            self._leave(Reason.AGENCIES, subject, was, now)

    def _bodies(self, side: Side, cells: list[Cell]) -> frozenset[str]:
        if side.national:
            return frozenset(cell.value.value for cell in cells if isinstance(cell.value, NamedNode))
        if not all(cell.counterparts for cell in cells):
            return frozenset()
        return frozenset().union(*(cell.counterparts for cell in cells))

    def _beneficiary(self, old: Row, new: Row) -> None:
        was, now = old.of(BPS + "beneficiary"), new.of(BPS + "beneficiary")
        if not was and not now:
            return
        subject = Subject(old.item, (was or now)[0].property.name)
        if any(cell.backing.basis is Basis.RECALLED for cell in (*was, *now)):
            self._leave(Reason.RECALLED, subject, was, now)
        elif not was or not now:
            self._leave(Reason.UNKNOWN, subject, was, now)
        elif len(was) == len(now) == 1:
            kind = self._reach(str(was[0].value.value), str(now[0].value.value))
            if kind is not None:
                self._changed(kind, subject, was, now)

    def _reach(self, was: str, now: str) -> Kind | None:
        if was == now:
            return None
        wider, narrower = self.covers(was, now), self.covers(now, was)
        if wider and narrower:
            return None
        return Kind.WIDENED if wider else Kind.NARROWED if narrower else Kind.RETARGETED

    def _promises(self, old: Row, new: Row) -> None:
        pairs, gone, come = _paired(old.promises, new.promises, self.covers)
        for was, now in pairs:
            self._promise(old.item, was, now)
        for promise, row, other, side, is_old in (
            *((p, old, new, self.after, True) for p in gone),
            *((p, new, old, self.before, False) for p in come),
        ):
            subject = _subject(row.item, promise)
            stated = _statement(promise)
            sides = (stated, None) if is_old else (None, stated)
            if not side.complete and side.day is None:
                self.unlisted += 1
            elif promise.backing.basis is Basis.RECALLED:
                self.left.append(NotCompared(Reason.RECALLED, subject, *sides))
            elif other.backing.basis is not Basis.WORDS or not other.promises:
                # Only a row that is known to the letter says that it promises nothing else.
                self.left.append(NotCompared(Reason.UNKNOWN, subject, *sides))
            else:
                kind = Kind.GUARANTEE_REMOVED if is_old else Kind.GUARANTEE_ADDED
                inferred = promise.backing.basis is Basis.INFERRED
                self.changes.append(Change(kind, subject, sides[0], sides[1], inferred))

    def _promise(self, item: Named, was: Promise, now: Promise) -> None:
        subject = _subject(item, now)
        old, new = _statement(was), _statement(now)
        weak = weakest(was.backing.basis, now.backing.basis)
        if weak is Basis.RECALLED:
            self.left.append(NotCompared(Reason.RECALLED, subject, old, new))
            return
        if was.value is None or now.value is None:
            self.left.append(NotCompared(Reason.UNREADABLE, subject, old, new))
            return
        kinds = []
        if was.segment and now.segment:
            kinds.append(self._reach(was.segment.iri, now.segment.iri))
        of_value = _moved(was.value, now.value, now.direction)
        kinds.append(of_value)
        if was.value.kind != now.value.kind:
            kinds.append(Kind.KIND_CHANGED)
        elif of_value is None and _figures(was.value) and not _comparable(was.value, now.value):
            self.left.append(NotCompared(Reason.UNITS, subject, old, new))
        found = [kind for kind in kinds if kind is not None]
        if not found and was.words != now.words and weak is Basis.WORDS:
            found = [Kind.REWORDED]
        for kind in found:
            gap = _gap(was.value, now.value)
            moved = kind in (Kind.RAISED, Kind.LOWERED, Kind.REVALUED)
            self.changes.append(
                Change(kind, subject, old, new, weak is Basis.INFERRED, gap if moved else None)
            )

    def _changed(self, kind: Kind, subject: Subject, was: list[Cell], now: list[Cell]) -> None:
        weak = weakest(*(cell.backing.basis for cell in (*was, *now)))
        if weak is Basis.RECALLED:
            self._leave(Reason.RECALLED, subject, was, now)
            return
        old, new = _together(was), _together(now)
        self.changes.append(Change(kind, subject, old, new, weak is Basis.INFERRED))

    def _leave(self, reason: Reason, subject: Subject, was: list[Cell], now: list[Cell]) -> None:
        self.left.append(NotCompared(reason, subject, _together(was), _together(now)))


def _together(cells: list[Cell]) -> Statement | None:
    if not cells:
        return None
    ordered = sorted(cells, key=lambda cell: str(cell.value))
    words = Text("、".join(c.name.zh for c in ordered), ", ".join(c.name.en for c in ordered))
    return Statement(words, max((c.backing for c in ordered), key=lambda b: list(Basis).index(b.basis)))


def _statement(promise: Promise) -> Statement:
    words = Text(promise.words, promise.words)
    unit = promise.unit if promise.amount is not None else None
    return Statement(words, promise.backing, promise.amount, unit)


def _subject(item: Named, promise: Promise) -> Subject:
    return Subject(item, promise.measure.name, promise.measure, promise.segment)


def _paired(
    old: Iterable[Promise], new: Iterable[Promise], covers: Covers
) -> tuple[list[tuple[Promise, Promise]], list[Promise], list[Promise]]:
    """Promises of one measure to one segment; of the others, those where one holds the other and no third."""
    was, now = _by_key(old), _by_key(new)
    pairs = [
        pair for key in sorted(was.keys() & now.keys()) for pair in zip(was[key], now[key], strict=False)
    ]
    taken = {promise.iri + side for a, b in pairs for promise, side in ((a, "a"), (b, "b"))}
    gone = [p for key in sorted(was) for p in was[key] if p.iri + "a" not in taken]
    come = [p for key in sorted(now) for p in now[key] if p.iri + "b" not in taken]
    akin = {
        (a.iri, b.iri)
        for a in gone
        for b in come
        if a.measure.iri == b.measure.iri and a.segment and b.segment
        if covers(a.segment.iri, b.segment.iri) or covers(b.segment.iri, a.segment.iri)
    }
    alone = [
        (a, b)
        for a in gone
        for b in come
        if (a.iri, b.iri) in akin and sum(a.iri == x or b.iri == y for x, y in akin) == 1
    ]
    firsts, seconds = {a.iri for a, _ in alone}, {b.iri for _, b in alone}
    return (
        pairs + alone,
        [p for p in gone if p.iri not in firsts],
        [p for p in come if p.iri not in seconds],
    )


def _by_key(promises: Iterable[Promise]) -> Mapping[tuple[str, str], list[Promise]]:
    found: dict[tuple[str, str], list[Promise]] = {}
    for promise in sorted(promises, key=lambda p: p.iri):
        key = (promise.measure.iri, promise.segment.iri if promise.segment else "")
        found.setdefault(key, []).append(promise)
    return found


def _moved(was: Value, now: Value, direction: str) -> Kind | None:
    """Whether the value is better or worse, by the comparison that verdicts rest on; None where neither."""
    if isinstance(was, ByReference) and isinstance(now, ByReference):
        return Kind.RE_REFERRED if was.references != now.references else None
    if isinstance(was, Delegated) and isinstance(now, Delegated):
        return Kind.RE_REFERRED if was.to != now.to else None
    if not (_figures(was) and _figures(now)):
        return None
    forth, back = compare(now, was, direction), compare(was, now, direction)
    if ValueVerdict.NOT_COMPARABLE in (forth, back):
        return None
    worse, better = forth is ValueVerdict.BELOW, back is ValueVerdict.BELOW
    if worse or better:
        return Kind.REVALUED if worse and better else Kind.LOWERED if worse else Kind.RAISED
    return Kind.REVALUED if _parts(was) != _parts(now) else None


def _parts(value: Value) -> tuple[object, ...]:
    if not isinstance(value, Range):
        return ()
    per = value.unit.multiplier
    upper = None if value.upper is None else value.upper * per
    lower = None if value.lower is None else value.lower * per
    return lower, upper, value.minimum_tiers, value.maximum_tiers


def _figures(value: Value) -> bool:
    return isinstance(value, Quantity | Range | PercentOf)


def _comparable(was: Value, now: Value) -> bool:
    return compare(now, was) is not ValueVerdict.NOT_COMPARABLE


def _gap(was: Value, now: Value) -> Fraction | None:
    if isinstance(was, PercentOf) and isinstance(now, PercentOf):
        return now.percent - was.percent if now.base == was.base else None
    old, new = (value.mean if isinstance(value, Range) else value for value in (was, now))
    if not (isinstance(old, Quantity) and isinstance(new, Quantity)):
        return None
    try:
        return difference(new, old)
    except NotComparable:
        return None
