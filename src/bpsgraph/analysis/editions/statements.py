"""What one side of a comparison states: the rows of an edition, of a catalogue, of a day, or of a draft."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, filled
from bpsgraph.quantity import PercentOf, Quantity, Range, Value
from bpsgraph.results import Text
from bpsgraph.stated import Units, read_value
from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, BPS, XSD, Term

STATE = BASE + "jurisdiction/100000"
Cells = Mapping[str, Term | None]


class Basis(StrEnum):
    """What a cell may be compared by, as `queries/analysis/stated-cells.rq` says; the surest first."""

    WORDS = "words"
    SENSE = "sense"
    INFERRED = "inferred"
    RECALLED = "recalled"


def weakest(*bases: Basis) -> Basis:
    """The least sure of them."""
    return max(bases, key=list(Basis).index)


@dataclass(frozen=True, slots=True)
class Named:
    """A thing and its names, which are empty where the store has none."""

    iri: str
    name: Text


@dataclass(frozen=True, slots=True)
class Backing:
    """How sure a cell is, and its source: the code of the verification and the IRI of the document."""

    basis: Basis
    verification: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in one column of a row: a text, a number, or a thing."""

    property: Named
    value: Term
    name: Text
    backing: Backing
    counterparts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Promise:
    """One guarantee; `value` is None where what is stated could not be read as one of the twelve kinds."""

    iri: str
    measure: Named
    segment: Named | None
    kind: Named | None
    direction: str
    words: str
    value: Value | None
    unit: Text
    backing: Backing

    @property
    def amount(self) -> Fraction | None:
        """The figure in the canonical unit, of a range its mean, of a percentage that number; else None."""
        match self.value:
            case Quantity():
                return self.value.amount.exact
            case Range():
                return self.value.mean.amount.exact
            case PercentOf():
                return self.value.percent
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """What a side says of one item; `backing` is that of the row as such."""

    item: Named
    backing: Backing
    cells: tuple[Cell, ...] = ()
    promises: tuple[Promise, ...] = ()

    def of(self, property: str) -> list[Cell]:
        """The cells in one column, by the IRI of its property."""
        return [cell for cell in self.cells if cell.property.iri == property]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    `catalogue` is the IRI of the text, None for the statements of a `day`. `complete` sides list every item
    within `scope` (IRIs of domains, categories and items; empty: everything). `rows` and `categories` are by
    the IRI of the item.
    """

    given: str
    title: Text
    owner: str
    place: Text
    catalogue: str | None = None
    day: date | None = None
    edition: str | None = None
    complete: bool = False
    scope: frozenset[str] = frozenset()
    rows: Mapping[str, Row] = field(default_factory=dict)
    categories: Mapping[str, tuple[Cell, str]] = field(default_factory=dict)

    @property
    def national(self) -> bool:
        """Whether it is a text of the State."""
        return self.owner == STATE

    def claims(self, item: str) -> bool:
        """Whether the item would be listed if there were a row for it."""
        if not self.complete:
            return False
        cell, domain = self.categories.get(item, (None, ""))
        reach = {item, domain, *((cell.value.value,) if cell and isinstance(cell.value, NamedNode) else ())}
        return not self.scope or bool(self.scope & reach)


class Reader:
    """Reads sides out of a store by the saved queries of `queries/analysis`."""

    def __init__(self, store: Store, library: Library, units: Units) -> None:
        self.store = store
        self._library = library
        self._units = units

    def ask(self, name: str, **parameters: NamedNode | Literal | Sequence[NamedNode]) -> Iterable[Cells]:
        """The rows of a saved query, with terms in its slots."""
        return select(self.store, filled(self._library.text(name), parameters))

    def text_of(self, catalogue: str, given: str) -> Side:
        """The text of one catalogue, which the store must hold."""
        return self._side([NamedNode(catalogue)], given, catalogue)

    def on_day(self, day: date, given: str) -> Side:
        """What the State states on a day, editions and amendments together."""
        in_force = list(
            self.ask("analysis/statements-in-force", owner=NamedNode(STATE), date=_date_term(day))
        )
        kept = {_value(row["statement"]) for row in in_force}
        catalogues = sorted({_value(row["catalogue"]) for row in in_force})
        side = self._side([NamedNode(iri) for iri in catalogues], given, None, kept)
        title = Text(f"{day}有效的国家规定", f"what the State requires on {day}")
        return replace(side, title=title, day=day, owner=STATE)

    def _side(
        self, catalogues: list[NamedNode], given: str, text: str | None, kept: set[str] | None = None
    ) -> Side:
        side = Side(given, Text("", ""), STATE, Text("", ""), text)
        if not catalogues:
            return side
        for found in self.ask("analysis/catalogue-reach", catalogue=catalogues):
            scope = {_value(found["scope"])} if found["scope"] else set()
            side = replace(
                side,
                title=text_in(found, "title"),
                owner=_value(found["jurisdiction"]),
                place=text_in(found, "jurisdiction"),
                edition=_value(found["edition"]),
                complete=side.complete or _value(found["extent"]) == "complete",
                scope=side.scope | scope,
            )
        promises = self._promises(catalogues, kept)
        return replace(side, rows=self._rows(catalogues, kept, promises), categories=self._categories())

    def _rows(
        self, catalogues: list[NamedNode], kept: set[str] | None, promises: Mapping[str, list[Promise]]
    ) -> dict[str, Row]:
        cells: dict[str, dict[tuple[str, Term], Cell]] = defaultdict(dict)
        items: dict[str, Named] = {}
        backings: dict[str, Backing] = {}
        for found in self.ask("analysis/stated-cells", catalogue=catalogues):
            item, property, value = _value(found["item"]), _value(found["property"]), found["value"]
            assert value is not None
            if kept is None or _value(found["provision"]) in kept:
                if property == BPS + "item":
                    backings[item] = _backing(found)
                else:
                    _add(cells[item], found, property, value)
            items[item] = Named(item, text_in(found, "item"))
        named = sorted(backings.keys() | promises.keys())
        return {
            item: Row(
                items[item],
                # A row of an amendment alone says nothing of the rest of its item.
                backings.get(item, Backing(Basis.RECALLED)),
                tuple(cells[item].values()),
                tuple(promises.get(item, ())),
            )
            for item in named
            if item in items
        }

    def _promises(self, catalogues: list[NamedNode], kept: set[str] | None) -> dict[str, list[Promise]]:
        grouped: dict[tuple[str, str], list[Cells]] = defaultdict(list)
        for found in self.ask("analysis/stated-promises", catalogue=catalogues):
            if kept is None or _value(found["guarantee"]) in kept:
                grouped[_value(found["item"]), _value(found["guarantee"])].append(found)
        promises: dict[str, list[Promise]] = defaultdict(list)
        for (item, iri), rows in grouped.items():
            promises[item].append(self._promise(iri, rows))
        return promises

    def _promise(self, iri: str, rows: list[Cells]) -> Promise:
        first = rows[0]
        triples = {
            Triple(NamedNode(iri), NamedNode(BPS + name), term)
            for row in rows
            for column, name in _PARTS.items()
            if (term := row[column]) is not None
        }
        try:
            value = read_value(triples, self._units)
        except ValueError:
            value = None
        percent = isinstance(value, PercentOf)
        return Promise(
            iri,
            _named(first, "measure"),
            _named(first, "segment") if first["segment"] else None,
            _named(first, "kind") if first["kind"] else None,
            _value(first["direction"]).rpartition("/")[2] or "more",
            _value(first["words"]),
            value,
            Text("%", "%") if percent else text_in(first, "canonical"),
            _backing(first),
        )

    def _categories(self) -> dict[str, tuple[Cell, str]]:
        property = Named(BPS + "category", Text("类别", "category"))
        found = {}
        for row in self.ask("analysis/item-categories"):
            value = row["category"]
            assert value is not None
            cell = Cell(property, value, text_in(row, "category"), _backing(row))
            found[_value(row["item"])] = (cell, _value(row["domain"]))
        return found


_PARTS = {
    "kind": "kind",
    "value": "value",
    "numerator": "fractionNumerator",
    "denominator": "fractionDenominator",
    "lower": "lower",
    "upper": "upper",
    "minimum_tiers": "minimumTiers",
    "maximum_tiers": "maximumTiers",
    "unit": "unit",
    "periods": "periodsPerYear",
    "percent": "percent",
    "base_measure": "baseMeasure",
    "base_segment": "baseSegment",
    "base_owner": "baseOwner",
    "supplement_to": "supplementTo",
    "reference": "reference",
    "delegated_to": "delegatedTo",
}


def _add(cells: dict[tuple[str, Term], Cell], found: Cells, property: str, value: Term) -> None:
    known = cells.get((property, value))
    counterpart = frozenset({_value(found["counterpart"])} if found["counterpart"] else ())
    if known is not None:
        cells[property, value] = replace(known, counterparts=known.counterparts | counterpart)
        return
    name = text_in(found, "value") if isinstance(value, NamedNode) else Text(_value(value), _value(value))
    label = text_in(found, "property")
    cells[property, value] = Cell(Named(property, label), value, name, _backing(found), counterpart)


def text_in(row: Cells, stem: str) -> Text:
    """The names in the two columns of a stem; one stands in for the other, the end of the IRI for both."""
    zh, en = _value(row[f"{stem}_zh"]), _value(row[f"{stem}_en"])
    last = _value(row.get(stem)).rpartition("/")[2]
    return Text(zh or en or last, en or zh or last)


def _named(row: Cells, stem: str) -> Named:
    return Named(_value(row[stem]), text_in(row, stem))


def _backing(row: Cells) -> Backing:
    source = row.get("source")
    verification = _value(row["verification"]).rpartition("/")[2]
    return Backing(Basis(_value(row["basis"])), verification or None, _value(source) or None)


def _value(term: Term | None) -> str:
    return "" if term is None else str(term.value)


def _date_term(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))
