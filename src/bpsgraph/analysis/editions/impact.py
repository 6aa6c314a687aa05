"""What a change of floors does to the catalogues below: what falls short, what follows, and who must act."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.editions.differences import Differences, Kind
from bpsgraph.analysis.editions.statements import Backing, Basis, Cells, Named, Reader, Side, text_in
from bpsgraph.results import Text
from bpsgraph.terms import XSD, Term

NARROWER = "narrower"


@dataclass(frozen=True, slots=True)
class Lead:
    """An agency that leads an item in a place, and the national bodies that it answers to."""

    agency: Named
    counterparts: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One floor that a catalogue does not meet under the second side.

    `ways` are `below`, `missing` and `narrower`; `already` where it fell short in the same ways under the
    first. The amounts are in the canonical unit.
    """

    catalogue: str
    place: Named
    item: Named
    measure: Named
    segment: Named
    ways: tuple[str, ...]
    already: bool
    promise: Text
    floor: Text
    promised: Fraction | None
    required: Fraction | None
    unit: Text
    backing: Backing
    leads: tuple[Lead, ...] = ()
    central_share: Decimal | None = None

    @property
    def counts(self) -> bool:
        """Whether the floor is known well enough to say that the catalogue falls short."""
        return self.backing.basis is not Basis.RECALLED

    @property
    def rise(self) -> Fraction | None:
        """By how much the promise must rise, where it is below."""
        if "below" not in self.ways or self.promised is None or self.required is None:
            return None
        return abs(self.required - self.promised)


@dataclass(frozen=True, slots=True)
class Follower:
    """A promise that is a percentage of a figure of the State that moves: it moves too, and stays right."""

    catalogue: str
    place: Named
    item: Named
    segment: Named
    percent: Fraction
    words: str


@dataclass(frozen=True, slots=True)
class Local:
    """A catalogue below, with its number of promises, and whether it names the first side as its baseline."""

    catalogue: str
    title: Text
    place: Named
    promises: int
    cites_former: bool


@dataclass(frozen=True, slots=True)
class Impact:
    """All that the second side does to the catalogues of a store; `locals` are all that were looked at."""

    locals: tuple[Local, ...]
    shortfalls: tuple[Shortfall, ...]
    followers: tuple[Follower, ...]

    def of(self, catalogue: str) -> list[Shortfall]:
        """The shortfalls of one catalogue that count."""
        return [one for one in self.shortfalls if one.catalogue == catalogue and one.counts]


def impact(found: Differences, before: Iterable[Cells], after: Iterable[Cells], reader: Reader) -> Impact:
    """The impact of the differences; the rows are those of `analysis/falling-short` under either side."""
    short = {_key(row): _ways(row) for row in before}
    locals = _locals(reader, found.before)
    rows = {_key(row): row for row in sorted(after, key=_begins, reverse=True)}
    leads = _leads(reader)
    shares = _shares(reader, rows.values())
    shortfalls = tuple(
        _shortfall(row, short.get(key, ()), leads, shares) for key, row in sorted(rows.items()) if _ways(row)
    )
    held = {(s.catalogue, s.item.iri, s.measure.iri, s.segment.iri) for s in shortfalls}
    return Impact(locals, shortfalls, _followers(reader, found, held))


def rows_under(side: Side, reader: Reader) -> Iterable[Cells]:
    """What falls short of a side that is in the store, by the verdicts that are kept there."""
    owner = NamedNode(side.owner)
    if side.catalogue is not None:
        return reader.ask("analysis/falling-short", owner=owner, edition=NamedNode(side.catalogue))
    assert side.day is not None
    day = Literal(side.day.isoformat(), datatype=NamedNode(XSD + "date"))
    return reader.ask("analysis/falling-short", owner=owner, date=day)


def _shortfall(
    row: Cells,
    former: tuple[str, ...],
    leads: Mapping[tuple[str, str], tuple[Lead, ...]],
    shares: Mapping[tuple[str, str], Decimal],
) -> Shortfall:
    catalogue, item = _text(row["catalogue"]), _text(row["item"])
    verification = _text(row["verification"]).rpartition("/")[2]
    words, asked = _text(row["promise_words"]), _text(row["floor_words"])
    return Shortfall(
        catalogue,
        _named(row, "jurisdiction"),
        _named(row, "item"),
        _named(row, "measure"),
        _named(row, "segment"),
        _ways(row),
        set(_ways(row)) <= set(former),
        Text(words, words),
        Text(asked, asked),
        _amount(row, "promise"),
        _amount(row, "floor"),
        text_in(row, "canonical"),
        Backing(Basis(_text(row["basis"])), verification or None, _text(row["source"]) or None),
        leads.get((catalogue, item), ()),
        shares.get((_text(row["jurisdiction"]), item)),
    )


def _locals(reader: Reader, before: Side) -> tuple[Local, ...]:
    found = {}
    for row in reader.ask("analysis/catalogue-reach"):
        if _text(row["jurisdiction"]) != before.owner:
            found[_text(row["catalogue"])] = Local(
                _text(row["catalogue"]),
                text_in(row, "title"),
                _named(row, "jurisdiction"),
                int(_text(row["promises"])),
                before.catalogue is not None and _text(row["baseline"]) == before.catalogue,
            )
    return tuple(found.values())


def _leads(reader: Reader) -> dict[tuple[str, str], tuple[Lead, ...]]:
    bodies: dict[tuple[str, str], dict[str, tuple[Named, list[Named]]]] = defaultdict(dict)
    for row in reader.ask("analysis/lead-agencies"):
        known = bodies[_text(row["catalogue"]), _text(row["item"])]
        _, counterparts = known.setdefault(_text(row["agency"]), (_named(row, "agency"), []))
        if row["counterpart"]:
            counterparts.append(_named(row, "counterpart"))
    return {
        key: tuple(Lead(agency, tuple(counterparts)) for agency, counterparts in known.values())
        for key, known in bodies.items()
    }


def _shares(reader: Reader, rows: Iterable[Cells]) -> dict[tuple[str, str], Decimal]:
    asked = list(rows)
    places = sorted({_text(row["jurisdiction"]) for row in asked})
    items = sorted({_text(row["item"]) for row in asked})
    if not places:
        return {}
    found = reader.ask(
        "analysis/central-shares",
        jurisdiction=[NamedNode(place) for place in places],
        item=[NamedNode(item) for item in items],
    )
    return {
        (_text(row["jurisdiction"]), _text(row["item"])): Decimal(_text(row["central_share"]))
        for row in found
    }


def _followers(
    reader: Reader, found: Differences, short: set[tuple[str, str, str, str]]
) -> tuple[Follower, ...]:
    moved = {
        (change.subject.measure.iri, change.subject.segment.iri)
        for change in found.changes
        if change.kind in (Kind.RAISED, Kind.LOWERED, Kind.REVALUED)
        and change.subject.measure
        and change.subject.segment
    }
    if not moved or not found.after.national:
        return ()
    followers = []
    for row in reader.ask(
        "analysis/percentages-of-the-state",
        base_measure=[NamedNode(m) for m in sorted({m for m, _ in moved})],
    ):
        key = (_text(row["catalogue"]), _text(row["item"]), _text(row["measure"]), _text(row["segment"]))
        if (_text(row["base_measure"]), _text(row["base_segment"])) in moved and key not in short:
            percent = Fraction(Decimal(_text(row["percent"])))
            followers.append(
                Follower(
                    key[0],
                    _named(row, "jurisdiction"),
                    _named(row, "item"),
                    _named(row, "segment"),
                    percent,
                    _text(row["words"]),
                )
            )
    return tuple(followers)


def _ways(row: Cells) -> tuple[str, ...]:
    value, coverage = _text(row["value"]), _text(row["coverage"])
    ways = [value] if value in ("below", "missing") else []
    return tuple([*ways, NARROWER] if coverage == NARROWER else ways)


def _key(row: Cells) -> tuple[str, ...]:
    return tuple(_text(row[name]) for name in ("catalogue", "item", "measure", "segment"))


def _begins(row: Cells) -> str:
    return _text(row["from"])


def _amount(row: Cells, side: str) -> Fraction | None:
    amount, divisor = row[f"{side}_amount"], row[f"{side}_divisor"]
    if amount is None or divisor is None:
        return None
    return Fraction(Decimal(_text(amount))) / Fraction(Decimal(_text(divisor)))


def _named(row: Cells, stem: str) -> Named:
    return Named(_text(row[stem]), text_in(row, stem))


def _text(term: Term | None) -> str:
    return "" if term is None else str(term.value)
