"""Tables become triples: the filled workbook, its CSV, and the tables that places publish.

The catalogue is what 说明 or the lines above the headings say. A row is about the item that it names, or with
an empty or covered cell about the item above. It states what is typed in it; where nothing is typed beside
the names, it states nothing.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, Triple

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.about import code_of, edition_of, gathered, is_about, title_of
from bpsgraph.ingest.beneficiaries import beneficiary_of
from bpsgraph.ingest.described import Described, agencies_in, statements_in
from bpsgraph.ingest.grid import Book, Cell, Sheet
from bpsgraph.ingest.headings import LAST_HEADING_ROW, Row, Table, find_table, layout_named
from bpsgraph.ingest.layout import (
    ABOUT,
    AGENCIES,
    FUNDING,
    GUARANTEES,
    INDEX_MARK,
    INDEX_TITLE,
    LISTS_TITLE,
    PROVISIONS,
    STATEMENTS,
    Column,
    Holds,
    SheetLayout,
    Use,
)
from bpsgraph.ingest.names import Expected, Names, folded, simplified
from bpsgraph.ingest.newcomers import Newcomers
from bpsgraph.ingest.promises import KIND, REFERENCE, UNIT, VALUE, WORDS, Said, Stated, read_promise
from bpsgraph.ingest.submission import Place, Places, Submission
from bpsgraph.ingest.transcription import Statement, Transcription, node, parts, without_numbering
from bpsgraph.results import Triples
from bpsgraph.terms import BASE, BPS, RDF_TYPE, SKOS, expand

CATALOGUE, PROVISION, GUARANTEE = BPS + "Catalogue", BPS + "Provision", BPS + "Guarantee"
_ITEM, _BENEFICIARY, _BENEFICIARIES = BPS + "item", BPS + "beneficiary", BPS + "beneficiaryText"
_EDITION_KEY = r"[0-9]{4}(-[a-z0-9]+)*"
_YES = frozenset({"是", "提供", "有", "yes", "y", "1", "√", "✓", "true"})
_NO = frozenset({"否", "不提供", "无", "没有", "no", "n", "0", "×", "✗", "✕", "x", "false"})
# Its ground stands in a column of its own.
_NOT_APPLICABLE = frozenset({"不适用"})
# Columns of 服务事项 and 支出责任 whose words are read for promises where a table has no columns for these.
_SENTENCES = ("content", "service-standard")
_OF_PROVISIONS = frozenset(column.key for layout in (PROVISIONS, FUNDING) for column in layout.columns)
_OF_GUARANTEES = frozenset(column.key for column in GUARANTEES.columns)
_SAID_OF_GUARANTEES = tuple(
    dict.fromkeys(one.property for one in GUARANTEES.columns if one.property and one.key != "item")
)
_ASIDE = ("注:", "注：", "备注:", "备注：", "说明:", "说明：", "填表说明", "填报说明", "合计", "小计")


def read_table(
    book: Book, names: Names, *, jurisdiction: str | None = None, edition: str | None = None
) -> Submission:
    """The triples of the tables in a book, with the cell where each thing stands.

    `jurisdiction` (six digits or a name) and `edition` (a year or a date) count where the book does not say
    its own. Raises `BadParameter` where neither says one, and `MalformedFile` where there is no table.
    """
    return _Reading(book, names, jurisdiction, edition).submission()


class _Reading:
    """One book on its way to triples."""

    def __init__(self, book: Book, names: Names, jurisdiction: str | None, edition: str | None) -> None:
        self.book = book
        self.names = names
        self.transcription = Transcription(names)
        self.triples: set[Triple] = set()
        self.things: dict[str, Place] = {}
        self.values: dict[tuple[str, str], Place] = {}
        self.blanks: dict[tuple[str, ...], Place] = {}
        self.next_rows: dict[str, Place] = {}
        self.texts: dict[tuple[str, str, str], Literal] = {}
        self.contents: dict[int, dict[str, list[Row]]] = {}
        self.rows_of: dict[str, Place] = {}
        self.standing: set[tuple[str, str]] = set()
        self.refused: dict[str, Place] = {}
        self.tables = [table for sheet in book.sheets if not _ignored(sheet) and (table := find_table(sheet))]
        above = {id(table.sheet): table.heading for table in self.tables}
        self.about = gathered(
            (sheet, above.get(id(sheet), 0)) for sheet in book.sheets if not _ignored(sheet)
        )
        if not self.tables and not self.about:
            raise MalformedFile(
                book.name,
                f"none of its first {LAST_HEADING_ROW} rows has headings such as 服务事项 and 服务标准",
                "give the table a row of headings, or fill in the workbook of `bpsgraph template`",
            )
        self.code = code_of(self.about, jurisdiction, names, book.name)
        self.edition, assumed = edition_of(self.about, edition, book.name)
        if assumed is not None:
            self.transcription.remarks.append(assumed)
        self.key = f"{self.code}/{self.edition}"
        self.catalogue = f"{BASE}catalogue/{self.key}"
        self.newcomers = Newcomers(names, self.code)
        self.transcription.newcomers = self.newcomers
        self.promised = any("measure" in table.columns for table in self.tables)

    def submission(self) -> Submission:
        self._catalogue()
        self._take(agencies_in(self._all(AGENCIES), self.newcomers, self.transcription))
        # Whether an item is provided at all is known before what is promised of it.
        for table in sorted(self.tables, key=lambda table: "provided" not in table.columns):
            if "item" in table.columns:
                self._rows(table)
        self._take(statements_in(self._all(STATEMENTS), self.transcription))
        self._unread()
        passed_over = {sheet.name for sheet in self.book.sheets if _ignored(sheet)}
        remarks = [remark for remark in self.book.remarks if remark.place.sheet not in passed_over]
        return Submission(
            self.book.name,
            Triples(frozenset(self.triples | self.newcomers.triples)),
            Places({**self.newcomers.things, **self.things}, self.values, self.blanks, self.next_rows),
            (*remarks, *self.transcription.remarks),
        )

    # The catalogue

    def _catalogue(self) -> None:
        subject = self.catalogue
        self._say(subject, RDF_TYPE.value, node(CATALOGUE))
        self._say(subject, BPS + "jurisdiction", node(f"{BASE}jurisdiction/{self.code}"))
        self._say(subject, BPS + "edition", Literal(self.edition))
        for column in ABOUT.columns:
            cell = self.about.get(column.key)
            if column.key == "title" and (cell is None or not cell.text):
                cell = self.about.get("title-line", cell)
            if cell is None:
                continue
            self.values.setdefault((subject, column.property or ""), cell.place)
            self.things.setdefault(subject, cell.place)
            if column.key not in ("jurisdiction", "edition"):
                for term in self._terms(column, cell, None):
                    self._say(subject, column.property or "", term)
        title, extent = title_of(self.about), self.about.get("extent")
        if title is not None and not (extent is not None and extent.text) and "节选" in title.text:
            self._say(subject, BPS + "extent", node(BASE + "extent/excerpt"))
            self.values.setdefault((subject, BPS + "extent"), title.place)
        if subject not in self.things and self.tables:
            self.things[subject] = self.tables[0].sheet.rows[self.tables[0].heading][0].place

    # Rows

    def _all(self, layout: SheetLayout) -> list[Row]:
        return [row for table in self.tables for row in self._content(table, layout)]

    def _take(self, described: Described) -> None:
        self.triples |= described.triples
        for table in self.tables:
            if "agency-name" in table.columns:
                self.next_rows[BPS + "Agency"] = self._next(table, "agency-name")
        self.things = {**described.things, **self.things}
        self.values = {**described.values, **self.values}

    def _rows(self, table: Table) -> None:
        above: list[str] = []
        category: Cell | None = None
        seen: set[str] = set()
        for row in self._content(table):
            if row.filled("category"):
                category = row.cells["category"]
            cell = row.cells["item"]
            continued = not cell.text or cell.place in table.sheet.covered
            if not continued:
                items = self._items(row, cell, category)
            elif above and any(
                row.filled(key) for key in row.cells if key not in ("item", "domain", "category")
            ):
                items = above
            else:
                items = []
            above = items or ([] if cell.text and not continued else above)
            repeated = table.layout is PROVISIONS and not continued and bool(seen & set(items))
            repeated = repeated and not row.filled("provision-key")
            seen.update(items)
            for item in items:
                if repeated and self._typed(row, PROVISIONS):
                    known = self.values.get((f"{BASE}provision/{self.key}/{item.rpartition('/')[2]}", _ITEM))
                    other = [known.cell] if known is not None and known.cell else []
                    self.transcription.remark("duplicate-row", cell, other, item, _ITEM)
                else:
                    self._row(row, item)
        subject = GUARANTEE if table.layout is GUARANTEES else PROVISION
        self.next_rows.setdefault(subject, self._next(table, "item"))
        if "measure" in table.columns:
            self.next_rows.setdefault(GUARANTEE, self._next(table, "measure"))
        if table.layout is FUNDING:
            self.next_rows.setdefault(BPS + "expenditure", self._next(table, "item"))

    def _content(self, table: Table, layout: SheetLayout = PROVISIONS) -> list[Row]:
        """The rows of a table that are about items, or those about agencies or with other statements.

        In a flat table the latter begin with the name of their sheet.
        """
        if id(table) not in self.contents:
            rows = self.contents[id(table)] = defaultdict(list)
            for about, row in self._rows_about(table):
                rows[about.key].append(row)
        return self.contents[id(table)].get(layout.key, [])

    def _rows_about(self, table: Table) -> Iterator[tuple[SheetLayout, Row]]:
        """Each row of a table with the sheet of the workbook where it would stand."""
        whole = next((other for other in (AGENCIES, STATEMENTS) if table.layout is other), PROVISIONS)
        columns = table.columns.items()
        for number in range(table.first, len(table.sheet.rows)):
            cells = table.sheet.rows[number]
            first = layout_named(cells[0].text) if cells[0].text else None
            apart = first if first in (AGENCIES, STATEMENTS) else None
            if apart is not None:
                by_key = {column.key: cell for column, cell in zip(apart.columns, cells[1:], strict=False)}
            else:
                by_key = {key: cells[index] for key, index in columns}
            if any(cell.text for cell in by_key.values()) and not _is_aside(by_key, table):
                yield apart or whole, Row(table, number, by_key)

    def _items(self, row: Row, cell: Cell, category: Cell | None) -> list[str]:
        if row.filled("local-item"):
            return [self._own_item(row, cell, category)]

        def find(text: str) -> tuple[str, ...]:
            return self.transcription.known("item", text)

        def known(text: str) -> tuple[str, ...]:
            return find(text) or find(without_numbering(text))

        def unknown(text: str) -> None:
            plain = without_numbering(text)
            near = self.names.near("item", plain)
            name = self.transcription.meant("item", plain)
            self.transcription.remark(
                "unknown-item", cell, near, path=_ITEM, value=text,
                replacement=text.replace(plain, name) if name else "",
            )  # fmt: skip
            for label in near[:1]:
                for iri in self.names.find("item", label):
                    self.blanks.setdefault((iri,), cell.place)

        for text in parts(cell.text, lambda text: bool(known(text)), True):
            self._former_name(cell, without_numbering(text) if not find(text) else text, known(text))
        return self.transcription.named(cell, known, True, unknown)

    def _former_name(self, cell: Cell, text: str, items: tuple[str, ...]) -> None:
        """Remark on an item that is called by another name than the one it bears today."""
        label = self.names.label_or_none(items[0]) if len(items) == 1 else None
        # Keys and codes are no names that an item once bore.
        if label is None or text.isascii() or folded(text) == folded(label):
            return
        if simplified(folded(text)) == simplified(folded(label)):
            return
        self.transcription.remark(
            "former-name", cell, [label], items[0], _ITEM, text, self.names.written(items[0])
        )

    def _own_item(self, row: Row, cell: Cell, category: Cell | None) -> str:
        iri = self.newcomers.item(cell, row.cells["local-item"].text)
        self.values[iri, SKOS + "prefLabel"] = cell.place
        self.values[iri, BPS + "serviceClass"] = row.cells["local-item"].place
        if category is not None:
            for term in self.transcription.terms(PROVISIONS.column("category"), category):
                self._say(iri, BPS + "category", term)
                self.values[iri, BPS + "category"] = category.place
        return iri

    def _row(self, row: Row, item: str) -> None:
        item_key = item.removeprefix(f"{BASE}item/")
        provision = self._key_of(row, "provision-key") or f"{BASE}provision/{self.key}/{item_key}"
        keys = [key for key in row.cells if key in _OF_PROVISIONS]
        if keys:
            self._mark(provision, row, keys)
        known = row.table.known
        typed = any(row.cells[key].text and known[key].use is not Use.NAMES for key in keys)
        answer = row.cells.get("provided")
        if answer is not None and folded(answer.text) in _NO and not row.filled("not-applicable"):
            self.refused[item] = answer.place
        elif answer is not None and answer.text and folded(answer.text) not in _YES | _NO | _NOT_APPLICABLE:
            self.transcription.remark("unknown-code", answer, ["是", "否"], item)
        if item in self.refused:
            # Nothing is promised of what is not provided; that it is missing is told where that is said.
            self.blanks[item,] = self.refused[item]
            return
        if typed:
            self._provision(provision, row, item, keys)
        elif keys and "provided" in row.cells:
            self.blanks.setdefault((item,), row.cells["provided"].place)
        elif keys:
            self.blanks.setdefault((item,), row.cells[next((k for k in keys if k != "item"), "item")].place)
        if "measure" in row.cells:
            self._guarantee(provision, row, item)
        elif not self.promised:
            self._sentences(provision, row, item)

    def _provision(self, provision: str, row: Row, item: str, keys: list[str]) -> None:
        self._stands(provision, row, item)
        for key in keys:
            column, cell = row.table.known[key], row.cells[key]
            if column.property is None or column.use is Use.NAMES or not cell.text:
                continue
            for term in self._terms(column, cell, item):
                if isinstance(term, Literal) and term.language and self._other(provision, column, term):
                    continue
                self._say(provision, column.property, term)
        text = row.cells.get("beneficiary-text")
        if text is not None and text.text and not row.filled("beneficiary"):
            segment = beneficiary_of(text.text, item, self.names)
            if segment is not None:
                self._say(provision, _BENEFICIARY, node(segment))
                self.values[provision, _BENEFICIARY] = text.place

    def _other(self, provision: str, column: Column, term: Literal) -> bool:
        """Put the words of a split row after those of the rows above; whether there were any."""
        slot = (provision, column.key, term.language or "")
        above = self.texts.get(slot)
        self.texts[slot] = term
        if above is None:
            return False
        if term.value in above.value.split("\n"):
            self.texts[slot] = above
            return True
        property = column.property or ""
        self.triples.discard(Triple(node(provision), node(property), above))
        self.texts[slot] = Literal(f"{above.value}\n{term.value}", language=term.language)
        self._say(provision, property, self.texts[slot])
        return True

    def _stands(self, provision: str, row: Row, item: str) -> None:
        if (provision, item) in self.standing:
            return
        self.standing.add((provision, item))
        self._say(provision, RDF_TYPE.value, node(PROVISION))
        self._say(provision, BPS + "catalogue", node(self.catalogue))
        self._say(provision, _ITEM, node(item))
        self.things.setdefault(provision, row.cells["item"].place)
        self.values.setdefault((provision, _ITEM), row.cells["item"].place)

    def _mark(self, provision: str, row: Row, keys: list[str]) -> None:
        """Remember the cells of a provision, filled in or empty."""
        self.things.setdefault(provision, row.cells["item"].place)
        for key in keys:
            column = row.table.known[key]
            if column.property is not None:
                self.values.setdefault((provision, column.property), row.cells[key].place)

    # Promises

    def _guarantee(self, provision: str, row: Row, item: str) -> None:
        cells = {key: cell for key, cell in row.cells.items() if key in _OF_GUARANTEES}
        typed = [
            key
            for key, cell in cells.items()
            if cell.text and key not in ("item", "measure", "segment", "unit")
        ]
        if not row.filled("measure") and not typed:
            return
        measures = self.transcription.things(GUARANTEES.column("measure"), cells["measure"], item)
        segments: list[str] = []
        if "segment" in cells and cells["segment"].text:
            segments = self.transcription.things(GUARANTEES.column("segment"), cells["segment"], item)
            if not segments:
                return
        if not measures:
            if not cells["measure"].text:
                labels = {self.names.label(expected.measure) for expected in self.names.expected(item)}
                self.transcription.remark(
                    "unknown-measure", cells["measure"], sorted(labels)[:5], item, BPS + "measure"
                )
            return
        measure, segment = measures[0], segments[0] if segments else None
        if not typed:
            target = cells.get("value") or cells["measure"]
            self.blanks.setdefault((item, measure, segment or ""), target.place)
            self.blanks.setdefault((item, measure), target.place)
            return
        promised = self.names.expected(item)
        expected = _closest(promised, measure, segment)
        editions = [one for one in promised if one.measure == measure and one.segment == segment]

        def read_words(text: str, unit: str | None, kind: str | None) -> tuple[Said, tuple[str, ...]]:
            # What reads words is loaded for words: most cells hold numbers and names.
            from bpsgraph.ingest import sentences

            return sentences.read_words(text, self.names, unit, kind, measure, expected, editions, segment)

        stated = read_promise(cells, self.transcription, read_words, item, expected)
        if stated.unreadable is not None:
            # The floor is not answered then, and that is told of the same cell.
            self.blanks.setdefault((item, measure, segment or ""), stated.unreadable.place)
            self.blanks.setdefault((item, measure), stated.unreadable.place)
            return
        guarantee = self._key_of(row, "guarantee-key") or self._guarantee_iri(item, measure, segment)
        triples = self._promise(provision, guarantee, item, measure, segment, stated)
        if guarantee in self.rows_of:
            other = self.rows_of[guarantee].cell
            self.transcription.remark(
                "duplicate-row", cells["measure"], [other] if other else [], item, BPS + "measure"
            )
            return
        self.rows_of[guarantee] = cells["measure"].place
        self._stands(provision, row, item)
        self.triples |= triples
        self.things[guarantee] = cells["measure"].place
        places: dict[str, Place] = {}
        for key, cell in cells.items():
            property = row.table.known[key].property
            if property is not None and key != "item":
                places[property] = cell.place if cell.text else stated.elsewhere.get(property, cell).place
        for property, cell in stated.elsewhere.items():
            places.setdefault(property, cell.place)
        main = (cells.get("value") or cells.get("words") or cells["measure"]).place
        for property in _SAID_OF_GUARANTEES:
            self.values[guarantee, property] = places.pop(property, main)
        for property, place in places.items():
            self.values[guarantee, property] = place

    def _sentences(self, provision: str, row: Row, item: str) -> None:
        """The promises that the sentences of a published table hold; one column explains the other."""
        from bpsgraph.ingest.passage import Unread
        from bpsgraph.ingest.prose import promises_in
        from bpsgraph.ingest.sentences import stated as stated_by

        filled = [row.cells[key] for key in _SENTENCES if row.filled(key)]
        cells = [cell for cell in filled if cell.place not in row.table.sheet.covered]
        text = "\n".join(cell.text for cell in cells)
        starts = [sum(len(cell.text) + 1 for cell in cells[:number]) for number in range(len(cells))]
        for found in promises_in(text, item, self.names):
            cell = cells[bisect_right(starts, found.start) - 1]
            if isinstance(found, Unread):
                self.transcription.remark(
                    found.reason, cell, [found.expected], item, WORDS, value=found.words
                )
                continue
            guarantee = self._guarantee_iri(item, found.measure, found.segment)
            if guarantee in self.rows_of:
                continue
            self.rows_of[guarantee] = cell.place
            by_property = dict(stated_by(found.wording, found.measure, None))
            if found.wording.kind == "byReference":
                titles = GUARANTEES.column("reference")
                new = [
                    self.transcription.unknown(titles, cell, title, item) for title in found.wording.unknown
                ]
                known = by_property.get(REFERENCE, ())
                by_property[REFERENCE] = (*known, *(node(iri) for iri in new if iri))
            said = Stated(by_property=by_property)
            self.triples |= self._promise(provision, guarantee, item, found.measure, found.segment, said)
            self.things[guarantee] = cell.place
            named = (BPS + "measure", BPS + "segment", KIND, VALUE, UNIT, WORDS)
            for property in (*named, *by_property):
                self.values[guarantee, property] = cell.place

    def _guarantee_iri(self, item: str, measure: str, segment: str | None) -> str:
        names = [iri.removeprefix(BASE).partition("/")[2] for iri in (item, measure, segment) if iri]
        return f"{BASE}guarantee/{self.key}/" + "/".join(names)

    def _promise(
        self, provision: str, guarantee: str, item: str, measure: str, segment: str | None, stated: Stated
    ) -> set[Triple]:
        subject = node(guarantee)
        triples = {
            Triple(subject, RDF_TYPE, node(GUARANTEE)),
            Triple(subject, node(BPS + "measure"), node(measure)),
            Triple(node(provision), node(BPS + "guarantee"), subject),
        }
        if segment is not None:
            triples.add(Triple(subject, node(BPS + "segment"), node(segment)))
        for property, terms in stated.by_property.items():
            triples.update(Triple(subject, node(property), term) for term in terms)
        return triples

    # Cells

    def _terms(self, column: Column, cell: Cell, item: str | None) -> tuple[Statement, ...]:
        if column.names == "jurisdiction" or column.holds is Holds.NOTHING:
            return ()
        return self.transcription.terms(column, cell, item)

    def _key_of(self, row: Row, key: str) -> str | None:
        return expand(row.cells[key].text) if row.filled(key) else None

    def _typed(self, row: Row, layout: object) -> bool:
        return any(row.filled(key) and row.table.known[key].use is not Use.NAMES for key in row.cells)

    def _say(self, subject: str, property: str, term: Statement) -> None:
        self.triples.add(Triple(node(subject), node(property), term))

    def _next(self, table: Table, key: str) -> Place:
        last = max((row.number for row in self._content(table)), default=table.first - 1)
        head = table.sheet.rows[table.heading][table.columns[key]].place
        return Place(sheet=head.sheet, row=last + 2, column=head.column)

    def _incomplete(self, table: Table) -> None:
        """Remark on the columns without which the rows of a sheet say nothing."""
        columns = table.layout.columns if table.layout is not None and self._content(table) else ()
        for column in columns:
            if column.required and column.key not in table.columns:
                head = table.sheet.rows[table.heading][0]
                heading = column.heading.zh
                self.transcription.remark("missing-column", head, [heading], value=table.sheet.name or "")

    def _unread(self) -> None:
        read = {id(table.sheet) for table in self.tables}
        for table in self.tables:
            for cell in table.unknown:
                self.transcription.remark("unread-column", cell)
            for cell in table.repeated:
                self.transcription.remark("duplicate-column", cell)
            self._incomplete(table)
        for sheet in self.book.sheets:
            if id(sheet) in read or _ignored(sheet) or is_about(sheet):
                continue
            first = next((cell for row in sheet.rows for cell in row if cell.text), None)
            if first is not None:
                self.transcription.remark("unread-sheet", first, value=sheet.name or "")


def _ignored(sheet: Sheet) -> bool:
    """Whether a sheet is one of drop-down lists or of findings, which was made here for people to look at."""
    name = sheet.name or ""
    if name == LISTS_TITLE:
        return True
    return name.startswith(INDEX_TITLE) and any(cell.text == INDEX_MARK for row in sheet.rows for cell in row)


def _is_aside(cells: Mapping[str, Cell], table: Table) -> bool:
    """Whether a row is a note, a sum or a heading within the table, and no row of it."""
    texts = [cell.text for cell in cells.values() if cell.text]
    if texts[0].startswith(_ASIDE):
        return True
    across = [cell for cell in cells.values() if cell.place in table.sheet.covered]
    return len(texts) > 2 and len(set(texts)) == 1 and len(across) >= len(texts) - 1


def _closest(expected: tuple[Expected, ...], measure: str, segment: str | None) -> Expected | None:
    """What the State promises on a measure: for the same segment, else for any where it has but one kind."""
    same = [promise for promise in expected if promise.measure == measure]
    exact = [promise for promise in same if promise.segment == segment]
    if exact:
        return exact[0]
    return same[0] if same and len({promise.kind for promise in same}) == 1 else None
