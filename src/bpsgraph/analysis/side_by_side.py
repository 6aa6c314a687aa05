"""Catalogues side by side, promise by promise: the same measure of the same item for the same group.

The first catalogue is what the others are held against. Amounts are compared where both are in one unit, by
cross-multiplication, so that a third stays a third; where one of them is none, words that differ are only
said to differ. Whether more is better is for the reader: a higher age of entitlement is higher.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer, Provenance, state_of
from bpsgraph.errors import UnknownCatalogue
from bpsgraph.library import Column, Library, answer
from bpsgraph.resource import labels
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, XSD, Term, short
from bpsgraph.validation.derived import catalogues_of

VERSION = "1"


class Difference(StrEnum):
    """How a promise stands to that of the first catalogue."""

    FIRST = "first"
    SAME = "equal"
    HIGHER = "higher"
    LOWER = "lower"
    OTHER = "reworded"
    ONLY_HERE = "added"
    ABSENT = "absent"


WORDS = {
    Difference.FIRST: Text("", ""),
    Difference.SAME: Text("相同", "the same"),
    Difference.HIGHER: Text("更高", "higher"),
    Difference.LOWER: Text("更低", "lower"),
    Difference.OTHER: Text("写法不同", "worded otherwise"),
    Difference.ONLY_HERE: Text("第一份没有", "not in the first"),
    Difference.ABSENT: Text("没有", "none"),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of one catalogue; its amount is `amount / divisor` in `unit`, None without a number."""

    iri: str
    words: str
    amount: Decimal | None
    divisor: Decimal
    unit: Text
    verification: str


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of one item for one group, with what each catalogue promises, in the order asked."""

    item: str
    measure: Text
    segment: Text
    promises: tuple[Promise | None, ...]
    differences: tuple[Difference, ...]

    @property
    def differs(self) -> bool:
        """Whether any catalogue differs from the first."""
        return any(one not in (Difference.FIRST, Difference.SAME) for one in self.differences[1:])


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The catalogues that were asked for, by IRI, and the lines in the order of item and measure."""

    catalogues: tuple[str, ...]
    lines: tuple[Line, ...]
    names: Mapping[str, Text]
    state: str

    def answer(self) -> Answer:
        """The lines as a table: for each catalogue the words, the amount, and the difference."""
        fixed = (
            Column("item", Text("事项", "item")),
            Column("item_zh", Text("事项（中文）", "item (Chinese)")),
            Column("item_en", Text("事项（英文）", "item (English)")),
            Column("measure_zh", Text("指标（中文）", "measure (Chinese)")),
            Column("measure_en", Text("指标（英文）", "measure (English)")),
            Column("segment_zh", Text("对象（中文）", "whom it covers (Chinese)")),
            Column("segment_en", Text("对象（英文）", "whom it covers (English)")),
        )
        of_each: list[Column] = []
        for place, catalogue in enumerate(self.catalogues, start=1):
            key = short(catalogue).removeprefix("catalogue/")
            of_each += [
                Column(f"words_{place}", Text(f"{key} 原文", f"{key} words")),
                Column(f"amount_{place}", Text(f"{key} 数额", f"{key} amount")),
                Column(f"unit_{place}_zh", Text(f"{key} 单位（中文）", f"{key} unit (Chinese)")),
                Column(f"unit_{place}_en", Text(f"{key} 单位（英文）", f"{key} unit (English)")),
                Column(f"difference_{place}_zh", Text(f"{key} 差别（中文）", f"{key} difference (Chinese)")),
                Column(f"difference_{place}_en", Text(f"{key} 差别（英文）", f"{key} difference (English)")),
                Column(f"verification_{place}", Text(f"{key} 核实程度", f"{key} verification")),
            ]
        columns = (*fixed, *of_each)
        return Answer(
            "compare",
            Text("清单并排比较", "Catalogues side by side"),
            Text(
                "每行一个事项、一项指标、一类对象：各份清单的承诺，与第一份相比更高、更低、相同或没有。",
                "One row per item, measure and group: what each catalogue promises, and whether that is "
                "higher, lower, the same or none beside the first.",
            ),
            columns,
            Rows(tuple(column.name for column in columns), tuple(self._row(line) for line in self.lines)),
            Provenance(
                self.state,
                VERSION,
                {"catalogue": tuple(short(one).removeprefix("catalogue/") for one in self.catalogues)},
            ),
            key=("item", "measure_zh", "segment_zh"),
        )

    def _row(self, line: Line) -> tuple[Term | None, ...]:
        name = self.names.get(line.item, Text("", ""))
        cells: list[Term | None] = [NamedNode(line.item)]
        cells += [_words(text) for text in (name.zh, name.en, line.measure.zh, line.measure.en)]
        cells += [_words(line.segment.zh), _words(line.segment.en)]
        for promise, difference in zip(line.promises, line.differences, strict=True):
            said = WORDS[difference]
            if promise is None:
                cells += [None, None, None, None, _words(said.zh), _words(said.en), None]
                continue
            amount = None
            if promise.amount is not None:
                number = round(promise.amount / promise.divisor, 4).normalize()
                amount = Literal(f"{number:f}", datatype=NamedNode(XSD + "decimal"))
            cells += [_words(promise.words), amount, _words(promise.unit.zh), _words(promise.unit.en)]
            cells += [_words(said.zh), _words(said.en)]
            cells.append(NamedNode(promise.verification) if promise.verification else None)
        return tuple(cells)


def side_by_side(store: Store, library: Library, catalogues: Sequence[str]) -> SideBySide:
    """The promises of the catalogues, given by IRI, beside each other. Raises `UnknownCatalogue`."""
    known = catalogues_of(store)
    for catalogue in catalogues:
        if catalogue not in known:
            raise UnknownCatalogue(short(catalogue), [short(iri) for iri in known])
    found: dict[tuple[str, str, str], dict[str, Promise]] = {}
    named: dict[tuple[str, str, str], tuple[Text, Text]] = {}
    for catalogue in catalogues:
        rows = answer(
            store, library, library["analysis/stated-promises"], {"catalogue": NamedNode(catalogue)}
        )
        assert isinstance(rows, Rows)
        for row in rows:
            key = (_text(row["item"]), _text(row["measure"]), _text(row["segment"]))
            named[key] = (_name(row, "measure"), _name(row, "segment"))
            # A promise that refers to several documents has a row for each of them.
            found.setdefault(key, {}).setdefault(catalogue, _promise(row))
    items = sorted({item for item, _, _ in found})
    names = {language: labels(store, items, language) for language in ("zh", "en")}
    return SideBySide(
        catalogues=tuple(catalogues),
        lines=tuple(_line(key, named[key], found[key], catalogues) for key in sorted(found)),
        names={
            item: Text(names["zh"].get(item, short(item)), names["en"].get(item, short(item)))
            for item in items
        },
        state=state_of(store),
    )


def _line(
    key: tuple[str, str, str],
    named: tuple[Text, Text],
    promised: Mapping[str, Promise],
    catalogues: Sequence[str],
) -> Line:
    promises = tuple(promised.get(catalogue) for catalogue in catalogues)
    first, *others = promises
    return Line(
        key[0],
        *named,
        promises,
        (
            Difference.FIRST if first is not None else Difference.ABSENT,
            *(_difference(first, other) for other in others),
        ),
    )


def _difference(first: Promise | None, other: Promise | None) -> Difference:
    if other is None:
        return Difference.ABSENT
    if first is None:
        return Difference.ONLY_HERE
    if first.amount is not None and other.amount is not None and first.unit == other.unit:
        ours, theirs = first.amount * other.divisor, other.amount * first.divisor
        return Difference.SAME if ours == theirs else Difference.HIGHER if theirs > ours else Difference.LOWER
    same = first.amount is other.amount is None and first.words == other.words
    return Difference.SAME if same else Difference.OTHER


def _promise(row: Mapping[str, Term | None]) -> Promise:
    amount, divisor = _text(row["amount"]), _text(row["divisor"])
    return Promise(
        iri=_text(row["guarantee"]),
        words=_text(row["words"]),
        amount=Decimal(amount) if amount else None,
        divisor=Decimal(divisor) if divisor else Decimal(1),
        unit=_name(row, "canonical"),
        verification=_text(row["verification"]),
    )


def _name(row: Mapping[str, Term | None], stem: str) -> Text:
    zh, en = _text(row[f"{stem}_zh"]), _text(row[f"{stem}_en"])
    return Text(zh or en, en or zh)


def _words(text: str) -> Literal | None:
    return Literal(text) if text else None


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, (Literal, NamedNode)) else ""


def iri_of(key: str) -> str:
    """The IRI of the catalogue `140500/2021`."""
    return f"{BASE}catalogue/{key.removeprefix(BASE).removeprefix('catalogue/')}"
