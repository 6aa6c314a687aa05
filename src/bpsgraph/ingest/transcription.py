"""What a single cell says: words, things, numbers and dates as terms; a remark where it cannot be read."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from unicodedata import normalize

from pyoxigraph import Literal, NamedNode

from bpsgraph.ingest.grid import Cell
from bpsgraph.ingest.layout import BASE_OWNERS, Column, Holds
from bpsgraph.ingest.names import Names, folded
from bpsgraph.ingest.newcomers import Newcomers
from bpsgraph.ingest.numerals import trimmed
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.submission import Remark
from bpsgraph.terms import BASE, BPS, XSD, expand

Statement = NamedNode | Literal
_MOST_NODES = 16_384
_UNKNOWN = {
    "item": "unknown-item",
    "measure": "unknown-measure",
    "segment": "unknown-segment",
    "unit": "unknown-unit",
    "jurisdiction": "unknown-jurisdiction",
    "document": "unknown-document",
    "agency": "unknown-agency",
}
# A category and an item may share a name; what covers more is meant.
_SCOPES = ("domain", "category", "item")
_KEY = Pattern(r"(?:https?://\S+|(?:bps:|[a-z][a-z-]*/)[A-Za-z0-9._~:/%-]+)")
_TITLES = Pattern(r"《([^《》]+)》")
_FIRM = Pattern(r"[\n;；]+")
_LOOSE = Pattern(r"[、,，]+")
_NUMBER = Pattern(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_THOUSANDS = Pattern(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
# Two numbers with a space between are no number; 12 345 is one.
_SET_APART = Pattern(r"\d\s+\d")
_BY_THOUSANDS = Pattern(r"[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?%?")
_DAY = Pattern(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_NUMBERING = Pattern(
    r"^(?:[(（]?\d{1,3}[)）.、．]|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)\s*"
)


@dataclass
class Transcription:
    """Reads cells with the names of the vocabulary, and keeps the remarks on those that it cannot read."""

    names: Names
    remarks: list[Remark] = field(default_factory=list)
    newcomers: Newcomers | None = None

    def remark(
        self, reason: str, cell: Cell, expected: Iterable[str] = (), item: str | None = None,
        path: str | None = None, value: str | None = None, replacement: str = "",
    ) -> None:  # fmt: skip
        """Note what could not be read; `expected` are the names or forms that could stand there.

        `replacement` is the one of them that can only be meant, where there is one.
        """
        said = cell.text if value is None else value
        self.remarks.append(
            Remark(reason, cell.place, said, "、".join(expected), item, path, replacement=replacement)
        )

    def terms(self, column: Column, cell: Cell, item: str | None = None) -> tuple[Statement, ...]:
        """What the cell states of its subject, none where it is empty or cannot be read."""
        if not cell.text:
            return ()
        if column.holds is Holds.WORDS:
            return (Literal(cell.text, language=column.language),)
        if column.holds is Holds.NUMBER:
            return self._number(column, cell, item)
        if column.holds is Holds.INTEGER:
            return self._integer(column, cell, item)
        if column.holds is Holds.DATE:
            day = day_of(cell)
            if day is not None:
                return (Literal(day.isoformat(), datatype=node(XSD + "date")),)
            self.remark("unreadable-date", cell, (), item, column.property)
            return ()
        if column.holds is Holds.KEY:
            return (Literal(cell.text),)
        return tuple(node(iri) for iri in self.things(column, cell, item))

    def things(self, column: Column, cell: Cell, item: str | None = None) -> list[str]:
        """The IRIs of the things that the cell names, in their order; a remark for each that is not known."""
        kind = column.names or ""
        return self.named(
            cell, lambda text: self.known(kind, text), column.many,
            lambda text: self.unknown(column, cell, text, item),
        )  # fmt: skip

    def unknown(self, column: Column, cell: Cell, text: str, item: str | None) -> str | None:
        """Remark on a name that is not known, with the nearest ones.

        Agencies and documents are described as new, so that what the cell says is not lost: their IRI is
        returned. A bureau like one elsewhere and the catalogue's own document need no remark.
        """
        kind = column.names or ""
        described = None
        if self.newcomers is not None and kind == "agency":
            usual = self.newcomers.bureaus.usual(text)
            if usual is not None:
                return self.newcomers.agency(cell, *usual, also=text)
            described = self.newcomers.agency(cell, text)
        elif self.newcomers is not None and kind == "document" and column.key != "standard":
            described = self.newcomers.document(cell, text)
            if column.key == "source":
                return described
        if kind == "base-owner":
            near: Sequence[str] = list(BASE_OWNERS)
        elif kind == "scope":
            near = [name for each in _SCOPES for name in self.names.near(each, text, 2)]
        elif column.holds is Holds.CODE:
            near = list(self.names.labels(kind).values())
        else:
            near = self.nearest(kind, text, item)
        self.remark(
            _UNKNOWN.get(kind, "unknown-code"),
            cell,
            near,
            item,
            column.property,
            text,
            self.meant(kind, text),
        )
        return described

    def meant(self, kind: str, text: str) -> str:
        """The name of the one thing of a kind that a misspelt name can only mean, else nothing."""
        if kind == "agency":
            return self.newcomers.bureaus.meant(text) or "" if self.newcomers is not None else ""
        if kind in ("base-owner", "scope", "catalogue", "jurisdiction", "clause"):
            return ""
        iri = self.names.meant(kind, text)
        name = self.names.written(iri) if iri is not None else ""
        return f"《{name}》" if name and text.startswith("《") and text.endswith("》") else name

    def nearest(self, kind: str, text: str, item: str | None) -> list[str]:
        """The likest names; of measures, segments and units those of the State's promises first."""
        near = self.names.near(kind, text)
        if item is None or kind not in ("measure", "segment", "unit"):
            return near
        stated = {getattr(expected, kind) for expected in self.names.expected(item)} - {None}
        labels = sorted(self.names.label(iri) for iri in stated)
        return list(dict.fromkeys([label for label in near if label in labels] + near + labels))[:5]

    def known(self, kind: str, text: str) -> tuple[str, ...]:
        """The IRIs of what bears the name or is the key."""
        if kind == "base-owner":
            return (BASE_OWNERS[text],) if text in BASE_OWNERS else ()
        own = self.newcomers.find(kind, text) if self.newcomers is not None else ()
        if own:
            return own
        if kind == "scope":
            found = next(filter(None, (self.names.find(each, text) for each in _SCOPES)), ())
        elif kind == "agency" and self.newcomers is not None and not text.isascii():
            # A name that only agencies of other places bear is none of theirs in this table.
            found = ()
        else:
            found = self.names.find(kind, text)
        if not found and _KEY.fullmatch(text):
            return (expand(text),)
        if not found and kind == "document":
            # Several titles in a sentence are several documents; one of them is asked for here.
            titles = _TITLES.findall(text)
            found = self.names.find(kind, titles[0]) if len(titles) == 1 else ()
        if not found and kind == "catalogue" and re.fullmatch(r"\d{4}年?版?", text):
            found = (f"{BASE}catalogue/100000/{text[:4]}",)
        return found

    def named(
        self,
        cell: Cell,
        find: Callable[[str], tuple[str, ...]],
        many: bool,
        otherwise: Callable[[str], str | None],
    ) -> list[str]:
        """What a cell names: the whole text if it is a name, else its parts, each by itself."""
        whole = find(cell.text)
        if len(whole) == 1:
            return [whole[0]]
        found: list[str] = []
        for text in parts(cell.text, lambda text: bool(find(text)), many):
            iris = find(text)
            if len(iris) > 1:
                self.remark("ambiguous-item" if "/item/" in iris[0] else "unknown-code", cell,
                            [self.names.label(iri) for iri in iris], value=text)  # fmt: skip
                continue
            iri = iris[0] if iris else otherwise(text)
            if iri is not None and iri not in found:
                found.append(iri)
        return found

    def _number(self, column: Column, cell: Cell, item: str | None) -> tuple[Statement, ...]:
        share = column.property in (BPS + "centralShare", BPS + "percent")
        number = number_of(cell, percent=share)
        if share and number is not None and 0 < number < 1 and "%" not in normalize("NFKC", cell.text):
            # 0.6 is 60% to a spreadsheet program, and six in a thousand to whoever counts in percent.
            meant = f"{trimmed(number * 100):f}%"
            self.remark("unreadable-percentage", cell, [meant], item, column.property)
            return ()
        if number is not None:
            return (decimal(number),)
        reason = "unreadable-percentage" if share else "unreadable-value"
        self.remark(reason, cell, ["60" if share else "1250"], item, column.property)
        return ()

    def _integer(self, column: Column, cell: Cell, item: str | None) -> tuple[Statement, ...]:
        number = number_of(cell)
        if number is not None and number == number.to_integral_value():
            return (Literal(str(int(number)), datatype=node(XSD + "integer")),)
        self.remark("unreadable-value", cell, ["3"], item, column.property)
        return ()


@lru_cache(maxsize=_MOST_NODES)
def node(iri: str) -> NamedNode:
    """The node of an IRI, one for all that say it; raises `ValueError` for what is no IRI."""
    return NamedNode(iri)


def parts(text: str, known: Callable[[str], bool], many: bool) -> list[str]:
    """The names in a text: itself if it is one, else what line breaks and semicolons, then commas, set apart.

    Names that hold a comma themselves are put together again where the whole is known.
    """
    if not many or known(text):
        return [text]
    found: list[str] = []
    for firm in _FIRM.split(text):
        firm = firm.strip()
        if not firm:
            continue
        if known(firm):
            found.append(firm)
            continue
        pieces = [piece.strip() for piece in _LOOSE.split(firm) if piece.strip()]
        while pieces:
            for length in range(len(pieces), 0, -1):
                name = "、".join(pieces[:length])
                if length == 1 or known(name):
                    break
            found.append(name)
            pieces = pieces[length:]
    return found


def without_numbering(text: str) -> str:
    """The text without a number in front: `12. 孕产妇健康服务`."""
    return _NUMBERING.sub("", text)


def number_of(cell: Cell, *, percent: bool = False) -> Decimal | None:
    """The plain number in a cell: 1,250 and １２５０ too, with `percent` also 60%; None for anything else."""
    if isinstance(cell.content, Decimal) and not isinstance(cell.content, bool):
        return cell.content if cell.content.is_finite() else None
    text = normalize("NFKC", cell.text).strip()
    if _SET_APART.search(text) and not _BY_THOUSANDS.fullmatch(text):
        return None
    text = text.replace(" ", "")
    if percent:
        text = text.removesuffix("%")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def decimal(number: Decimal) -> Literal:
    """The number as an `xsd:decimal` in its canonical form (XSD 1.0): 650 is 650.0."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0")
        text += "0" if text.endswith(".") else ""
    else:
        text += ".0"
    return Literal("0.0" if text in ("-0.0", "+0.0") else text, datatype=node(XSD + "decimal"))


def day_of(cell: Cell) -> date | None:
    """The day that a cell gives: a date, 2024-03-01, 2024/3/1, 2024年3月1日 or 20240301."""
    if isinstance(cell.content, date):
        return cell.content
    text = normalize("NFKC", folded(cell.text))
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, *rest = (int(group) for group in match.groups() if group)
    try:
        return date(year, *rest)
    except ValueError:
        return None
