"""A catalogue's triples become the rows of the workbook, and reading these gives the same triples again.

What no column can hold goes to 其他陈述, so that nothing is lost: the rows are read as a file would be, and
whatever is missing then is stated there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.cleaning import cleaned
from bpsgraph.ingest.layout import (
    ABOUT,
    AGENCIES,
    BASE_OWNERS,
    FUNDING,
    GUARANTEES,
    PROVISIONS,
    STATEMENTS,
    Column,
    Holds,
    SheetLayout,
)
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.table import read_table
from bpsgraph.ingest.transcription import decimal
from bpsgraph.ingest.unnamed import with_names
from bpsgraph.terms import BASE, BPS, RDF_TYPE, SKOS, XSD, short
from bpsgraph.workbooks.draft import Content, Draft, Row, book_of

_FORMULA = ("=", "+", "-", "@")
_OWNERS = {iri: label for label, iri in BASE_OWNERS.items()}
_DECIMALS = frozenset({XSD + "decimal", XSD + "integer"})
_NUMBER_PROPERTIES = frozenset(
    column.property
    for layout in (GUARANTEES, FUNDING)
    for column in layout.columns
    if column.holds in (Holds.NUMBER, Holds.VALUE)
)
_EXACT_DIGITS = 15

Slot = tuple[str, str]


def normalised(triples: Iterable[Triple]) -> frozenset[Triple]:
    """The triples with names for blank nodes, and numbers of decimal properties in canonical form."""
    return frozenset(
        Triple(triple.subject, triple.predicate, _canonical(triple)) for triple in with_names(triples)
    )


def draft_of(triples: Iterable[Triple], name: str, names: Names) -> Draft:
    """The rows that state exactly the (normalised) triples; `name` is how errors call the file.

    Raises `MalformedFile` where there is not exactly one catalogue with the IRI of its place and edition.
    """
    wanted = normalised(triples)
    apart: set[Slot] = set()
    while True:
        draft = _Composition(wanted, name, names, apart).draft()
        read = read_table(book_of(name, {layout.title.zh: lines for layout, lines in draft.sheets()}), names)
        surplus = read.triples.triples - wanted
        slots = {(t.subject.value, t.predicate.value) for t in surplus}  # type: ignore[union-attr]
        if not slots:
            break
        # What still says more than it should has no row at all, or where it must have one, an empty one.
        again = {subject for subject, _ in slots & apart}
        apart |= slots | {(subject, "") for subject in again}
        apart |= {(t.subject.value, t.predicate.value) for t in wanted if t.subject.value in again}  # type: ignore[union-attr]
    draft.rows[STATEMENTS.key] = [
        _statement(triple) for triple in sorted(wanted - read.triples.triples, key=str)
    ]
    return draft


class _Composition:
    """One try: the slots (subject and property) in `apart` are left to 其他陈述."""

    def __init__(self, triples: frozenset[Triple], name: str, names: Names, apart: set[Slot]) -> None:
        self.names = names
        self.apart = apart
        self.said: dict[str, dict[str, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
        for triple in sorted(triples, key=str):
            self.said[triple.subject.value][triple.predicate.value].append(triple.object)  # type: ignore[union-attr, arg-type]
        catalogues = self._of_class(BPS + "Catalogue")
        if len(catalogues) != 1 or not catalogues[0].startswith(f"{BASE}catalogue/"):
            raise MalformedFile(
                name,
                f"a workbook holds one catalogue, and this file has {len(catalogues) or 'none'}",
                "state one bps:Catalogue named catalogue/CODE/EDITION in it",
            )
        self.catalogue = catalogues[0]
        self.key = self.catalogue.removeprefix(f"{BASE}catalogue/")
        self.code, _, self.edition = self.key.partition("/")

    def draft(self) -> Draft:
        draft = Draft()
        draft.about = self._cells(ABOUT, self.catalogue)
        draft.about["jurisdiction"] = self.code
        draft.about["edition"] = self.edition
        for provision in self._of_class(BPS + "Provision"):
            items = self._things(provision, BPS + "item")
            if (provision, "") in self.apart:
                continue
            if len(items) == 1 and self._things(provision, BPS + "catalogue") == [self.catalogue]:
                self._provision(draft, provision, items[0])
        home = f"{BASE}agency/{self.code}/"
        for agency in self._of_class(BPS + "Agency"):
            if (
                (agency, "") not in self.apart
                and agency.startswith(home)
                and self._label(agency, SKOS + "prefLabel")
            ):
                row = self._cells(AGENCIES, agency)
                row["agency-key"] = agency.removeprefix(home)
                if "agency-name" in row:
                    draft.rows[AGENCIES.key].append(row)
        return draft

    def _provision(self, draft: Draft, provision: str, item: str) -> None:
        names: Row = {"item": self._written(item, "item")}
        if provision != f"{BASE}provision/{self.key}/{item.removeprefix(BASE + 'item/')}":
            names["provision-key"] = short(provision)
        cells = self._cells(PROVISIONS, provision)
        cells.pop("item", None)
        own = f"{BASE}item/{self.code}-"
        row: Row = {**names, "provided": "是", **cells}
        label = self._label(item, SKOS + "prefLabel")
        if item.startswith(own) and label and BPS + "ServiceItem" in self._things(item, RDF_TYPE.value):
            row["item"] = names["item"] = label
            row["local-item"] = item.removeprefix(own)
            category = self._things(item, BPS + "category")
            if len(category) == 1:
                row["category"] = self._written(category[0], "category")
        draft.rows[PROVISIONS.key].append(row)
        funding = self._cells(FUNDING, provision)
        funding.pop("item", None)
        # A row without funding leaves the cell to type in, to which a finding can point.
        draft.rows[FUNDING.key].append({**names, **funding})
        for guarantee in self._things(provision, BPS + "guarantee"):
            measures = self._things(guarantee, BPS + "measure")
            if (guarantee, "") in self.apart:
                continue
            if len(measures) == 1 and BPS + "Guarantee" in self._things(guarantee, RDF_TYPE.value):
                draft.rows[GUARANTEES.key].append({**names, **self._guarantee(guarantee, item, measures[0])})

    def _guarantee(self, guarantee: str, item: str, measure: str) -> Row:
        row = self._cells(GUARANTEES, guarantee)
        segments = self._things(guarantee, BPS + "segment")
        parts = [iri.removeprefix(BASE).partition("/")[2] for iri in (item, measure, *segments)]
        if guarantee != f"{BASE}guarantee/{self.key}/" + "/".join(parts):
            row["guarantee-key"] = short(guarantee)
        return row

    def _cells(self, layout: SheetLayout, subject: str) -> Row:
        """The cells of the columns that state something of the subject."""
        row: Row = {}
        for column in layout.columns:
            if column.property is None or (subject, column.property) in self.apart:
                continue
            content = self._content(column, self.said[subject].get(column.property, []))
            if content is not None:
                row[column.key] = content
        return row

    def _content(self, column: Column, terms: list[NamedNode | Literal]) -> Content | None:
        if column.holds is Holds.WORDS:
            texts = [t.value for t in terms if isinstance(t, Literal) and t.language == column.language]
            if column.key == "agency-short":
                return "\n".join(texts) if texts and all(map(_plain, texts)) else None
            return texts[0] if len(texts) == 1 and _plain(texts[0]) else None
        if column.holds in (Holds.THING, Holds.CODE):
            iris = [term.value for term in terms if isinstance(term, NamedNode)]
            if not iris or (len(iris) > 1 and not column.many):
                return None
            written = [self._written(iri, column.names) for iri in iris]
            loose = all(not set(text) & set("、,，;；\n") for text in written)
            return ("、" if loose else "\n").join(written)
        literals = [term for term in terms if isinstance(term, Literal)]
        if len(literals) != 1 or not _plain(literals[0].value):
            return None
        if column.holds in (Holds.NUMBER, Holds.VALUE, Holds.INTEGER):
            return _number(literals[0])
        return literals[0].value

    def _written(self, iri: str, kind: str | None) -> str:
        if kind == "base-owner":
            return _OWNERS.get(iri, short(iri))
        own = self._label(iri, SKOS + "prefLabel")
        if own is not None and kind == "agency" and _plain(own):
            return own
        return self.names.written(iri)

    def _label(self, iri: str, property: str) -> str | None:
        if (iri, property) in self.apart or iri not in self.said:
            return None
        terms = self.said[iri].get(property, [])
        return next((t.value for t in terms if isinstance(t, Literal) and t.language == "zh"), None)

    def _things(self, subject: str, property: str) -> list[str]:
        if subject not in self.said:
            return []
        return [term.value for term in self.said[subject].get(property, []) if isinstance(term, NamedNode)]

    def _of_class(self, iri: str) -> list[str]:
        return sorted(subject for subject in list(self.said) if iri in self._things(subject, RDF_TYPE.value))


def _plain(text: str) -> bool:
    """Whether a cell gives the text back as it is, in every program."""
    if not text or cleaned(text) != text or text.startswith((*_FORMULA, '"')):
        return False
    return all(character.isprintable() or character in "\n\u3000" for character in text)


def _statement(triple: Triple) -> Row:
    row: Row = {
        "subject": short(triple.subject.value),  # type: ignore[union-attr]
        "predicate": short(triple.predicate.value),
    }
    term = triple.object
    if isinstance(term, Literal):
        text = term.value
        if not _plain(text):
            text = json.dumps(text, ensure_ascii=not text.isprintable())
        row["object"] = text
        row["type"] = f"@{term.language}" if term.language else short(term.datatype.value)
    else:
        row["object"] = short(term.value)  # type: ignore[union-attr]
    return row


def _number(literal: Literal) -> Content | None:
    if literal.datatype.value not in _DECIMALS:
        return None
    try:
        number = Decimal(literal.value)
    except InvalidOperation:
        return None
    digits = len(number.as_tuple().digits)
    whole = number == number.to_integral_value()
    short_form = number.quantize(Decimal(1)) if whole and digits <= _EXACT_DIGITS else number
    return short_form if digits <= _EXACT_DIGITS else format(number, "f")


def _canonical(triple: Triple) -> NamedNode | Literal:
    term = triple.object
    if (
        isinstance(term, Literal)
        and triple.predicate.value in _NUMBER_PROPERTIES
        and term.datatype.value in _DECIMALS
    ):
        try:
            return decimal(Decimal(term.value))
        except InvalidOperation:
            return term
    return term  # type: ignore[return-value]
