"""Tables of figures become observations of a data set, by the RDF Data Cube Vocabulary.

A table has a row for each figure (指标, 行政区, 时期, 数值, 单位 …), or a column for each period. A figure is
about what its row names; nothing is carried down from the row above. Whatever cannot be read for certain is a
problem of its cell, and a figure that is not known is an observation without value, never zero.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol
from unicodedata import normalize

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.figure_columns import COLUMNS, NEEDED, Columns, figure_tables
from bpsgraph.ingest.grid import Book, Cell
from bpsgraph.ingest.names import Names, UnitsInUse, folded
from bpsgraph.ingest.newcomers import digest
from bpsgraph.ingest.periods import Period, period_of
from bpsgraph.ingest.submission import Place
from bpsgraph.ingest.transcription import decimal, node, number_of
from bpsgraph.results import Text, Triples
from bpsgraph.terms import BASE, BPS, DCT, FOAF, PREFIXES, PROV, RDF_TYPE, RDFS, SKOS, XSD

QB = PREFIXES["qb"]
STRUCTURE = BASE + "structure/indicator-figures"
# What stands in the place of a number that is not known, and of one that there cannot be.
_NO_NUMBER = "— —— - … …… ... 缺 缺失 缺报 未报 未上报 无数据 暂无 n/a na null missing"
_MISSING = frozenset(map(folded, _NO_NUMBER.split(" ")))
_NOT_APPLICABLE = frozenset(map(folded, ("不适用", "not applicable", "/")))
_STATE = frozenset({"全国", "国家"})
_YES = frozenset({"是", "yes", "y", "1", "√", "✓", "true"})
_WITHOUT_NUMBER = frozenset({"missing", "not-applicable"})
_END = re.compile(r"(?:\([^()]*\)|\*+)$")
_ADDRESS = re.compile(r"https?://[^\s，。；（）<>\"]+")
_MOST_WHOLE, _MOST_FRACTION = 12, 6


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell, in a sentence that says what to do."""

    place: Place
    text: Text


class _WithProblems(Protocol):
    @property
    def problems(self) -> tuple[Problem, ...]: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The observations of one data set as its graph holds them, and what could not be read.

    `values` counts observations with a number, `missing` those stated without one. `warnings` are about
    figures that were read and are seldom right.
    """

    dataset: str
    triples: Triples
    values: int
    missing: int
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Given:
    """What holds where a table does not say otherwise."""

    indicator: str | None
    place: str | None
    status: str = "normal"


@dataclass(slots=True)
class _Seen:
    cells: dict[str, Place] = field(default_factory=dict)
    values: int = 0
    missing: int = 0


def read_observations(
    book: Book,
    names: Names,
    units: UnitsInUse,
    *,
    key: str,
    title: Text | None = None,
    indicator: str | None = None,
    jurisdiction: str | None = None,
) -> Figures:
    """The figures in a book as the data set of that key.

    `indicator` and `jurisdiction` are IRIs that hold for a table without such a column. Raises
    `MalformedFile` where no sheet has a table of figures, and where nothing says what the figures are of.
    """
    return _Reading(book, names, units, key, title, _Given(indicator, jurisdiction)).figures()


class _Reading:
    """One book on its way to a data set."""

    def __init__(
        self, book: Book, names: Names, units: UnitsInUse, key: str, title: Text | None, given: _Given
    ) -> None:
        self.book = book
        self.names = names
        self.units = units
        self.key = key
        self.dataset = f"{BASE}dataset/{key}"
        self.title = title or Text(f"观测数据：{key}", f"Observations: {key}")
        self.given = given
        self.triples: set[Triple] = set()
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.seen = _Seen()
        self.indicators = names.labels("indicator")

    def figures(self) -> Figures:
        tables = figure_tables(self.book)
        if not tables:
            heads = "、".join(COLUMNS[name].zh for name in NEEDED)
            raise MalformedFile(
                self.book.name,
                f"none of the first rows has headings such as {heads}, or a column for each year",
                "begin with `bpsgraph observations --template -o FILE.csv`",
            )
        self._say(self.dataset, RDF_TYPE.value, node(QB + "DataSet"))
        self._say(self.dataset, DCT + "title", Literal(self.title.zh, language="zh"))
        self._say(self.dataset, DCT + "title", Literal(self.title.en, language="en"))
        self._say(self.dataset, QB + "structure", node(STRUCTURE))
        for table in tables:
            for name, known in (("indicator", self.given.indicator), ("place", self.given.place)):
                if name not in table.columns and known is None:
                    column, option = COLUMNS[name], "jurisdiction" if name == "place" else name
                    raise MalformedFile(
                        self.book.name,
                        f"the table has no column {column.zh} ({column.en})",
                        f"add it, or give --{option} for all of it",
                        part=table.named(),
                    )
            for row in table.rows():
                self._row(row)
        return Figures(
            self.dataset,
            Triples(frozenset(self.triples)),
            self.seen.values,
            self.seen.missing,
            _in_order(self.problems),
            _in_order(self.warnings),
        )

    def _row(self, row: Columns) -> None:
        before = len(self.problems)
        indicator = self._indicator(row)
        place = self._place(row)
        for period_cell, value_cell in row.figures():
            period = self._period(period_cell)
            status = self._status(row, value_cell)
            basis = self._basis(row, period)
            value, percent = self._value(value_cell, status, row.table.is_merged(value_cell))
            unit = self._unit(row, indicator, percent, value is not None)
            weight = self._weight(row)
            verification = self._code(row, "verification", "verification")
            if len(self.problems) > before or None in (indicator, place, period, status, basis):
                continue
            assert indicator is not None
            assert place is not None
            assert period is not None
            assert status is not None
            assert basis is not None
            if value is None and not value_cell.text and row.table.wide:
                # An empty cell below a year says nothing; a row for one figure says that it is missing.
                continue
            self._doubt(value_cell, value, unit)
            self._observe(
                row,
                value_cell,
                indicator,
                place,
                period,
                basis,
                {
                    "value": None if value is None else decimal(value),
                    "unit": None if unit is None else node(unit),
                    "populationWeight": weight,
                    "observationStatus": node(status),
                    "verification": verification,
                },
            )

    # Cells

    def _indicator(self, row: Columns) -> str | None:
        cell = row.cell("indicator")
        if cell is None:
            return self.given.indicator
        own = row.text("own")
        if not cell.text:
            self._problem(cell, "没有写指标。", "no indicator is named.")
            return None
        found = self._find_indicator(cell.text)
        is_own = len(found) == 1 and found[0].startswith(f"{BASE}indicator/own-")
        if (not found and folded(own) in _YES) or is_own:
            iri = found[0] if is_own else f"{BASE}indicator/own-{digest(cell.text)}"
            label = self.names.label(iri) if is_own else cell.text
            self._say(iri, RDF_TYPE.value, node(BPS + "Indicator"))
            self._say(iri, SKOS + "prefLabel", Literal(label, language="zh"))
            return iri
        if len(found) == 1:
            return found[0]
        near = self.names.near("indicator", cell.text)
        zh, en = f"指标“{cell.text}”未知", f"the indicator {cell.text!r} is not known"
        if near:
            self._problem(
                cell, f"{zh}；是不是：{'、'.join(near)}？", f"{en}; did you mean {' or '.join(near)}?"
            )
            return None
        self._problem(
            cell,
            f"{zh}；本地自有的指标，在“本地指标”一栏写“是”。",
            f"{en}; for an indicator of your own write 是 under 本地指标.",
        )
        return None

    def _find_indicator(self, text: str) -> tuple[str, ...]:
        iri = BASE + "indicator/" + text.removeprefix("indicator/")
        if iri in self.indicators:
            return (iri,)
        plain = text
        while True:
            found = self.names.find("indicator", plain)
            shorter = _END.sub("", normalize("NFKC", plain).strip()).strip()
            if found or shorter == plain:
                return found
            plain = shorter

    def _place(self, row: Columns) -> str | None:
        cell = row.cell("place")
        if cell is None or (not cell.text and self.given.place):
            return self.given.place
        if not cell.text:
            self._problem(cell, "没有写行政区。", "no place is named.")
            return None
        text = cell.text.split()[0] if re.match(r"[0-9]{6}\s", cell.text) else cell.text
        if text in _STATE:
            return f"{BASE}jurisdiction/100000"
        found = self.names.find("jurisdiction", text)
        if len(found) == 1:
            return found[0]
        if found:
            codes = [iri.rpartition("/")[2] for iri in found[:5]]
            self._problem(
                cell,
                f"有{len(found)}个行政区叫“{cell.text}”，请写六位代码：{'、'.join(codes)}。",
                f"{len(found)} places bear the name {cell.text!r}; write the six digits: {', '.join(codes)}.",
            )
            return None
        near = self.names.near("jurisdiction", cell.text)
        zh, en = f"行政区“{cell.text}”未知", f"the place {cell.text!r} is not known"
        if near:
            self._problem(
                cell, f"{zh}；是不是：{'、'.join(near)}？", f"{en}; did you mean {' or '.join(near)}?"
            )
            return None
        self._problem(cell, f"{zh}；写六位代码，如140500。", f"{en}; write its six digits, such as 140500.")
        return None

    def _period(self, cell: Cell) -> Period | None:
        if not cell.text:
            self._problem(cell, "没有写时期。", "no period is given.")
            return None
        period = period_of(cell.text)
        if period is None:
            self._problem(
                cell,
                f"时期“{cell.text}”读不懂；写作2023、2023-07、2023-Q3、2023年上半年或2021—2023。",
                f"the period {cell.text!r} cannot be read; write 2023, 2023-07, 2023-Q3 or 2021/2023.",
            )
        return period

    def _status(self, row: Columns, value: Cell) -> str | None:
        cell = row.cell("status")
        stated = self._code(row, "status", "observation-status") if cell is not None and cell.text else None
        if cell is not None and cell.text and stated is None:
            return None
        said = value.text and folded(value.text)
        implied = (
            "missing"
            if not said or said in _MISSING
            else "not-applicable"
            if said in _NOT_APPLICABLE
            else None
        )
        if stated is None:
            return f"{BASE}observation-status/{implied or self.given.status}"
        key = stated.value.rpartition("/")[2]
        if implied and key not in _WITHOUT_NUMBER:
            self._problem(
                value,
                f"没有数值，观测状态却是“{cell and cell.text}”；补写数值，或写“缺失”。",
                f"there is no number, and the status is {cell and cell.text!r}; add it or write missing.",
            )
            return None
        if not implied and key in _WITHOUT_NUMBER:
            self._problem(
                value,
                f"写了数值，观测状态却是“{cell and cell.text}”；两者只能留一个。",
                f"there is a number, and the status is {cell and cell.text!r}; keep one.",
            )
            return None
        return stated.value

    def _basis(self, row: Columns, period: Period | None) -> str | None:
        cell = row.cell("basis")
        if cell is not None and cell.text:
            found = self._code(row, "basis", "basis")
            return found.value if found is not None else None
        if period is not None and period.years > 1:
            place = cell or row.cell("period") or row.first
            self._problem(
                place,
                f"时期{period.text}跨多年，须在“统计口径”写明是时期年均值还是累计值。",
                f"{period.text} spans several years: say under 统计口径 whether it is their mean "
                "(period-mean) or their total (cumulative).",
            )
            return None
        return BASE + "basis/year"

    def _value(self, cell: Cell, status: str | None, merged: bool) -> tuple[Decimal | None, bool]:
        text = folded(cell.text)
        if not text or text in _MISSING or text in _NOT_APPLICABLE:
            return None, False
        percent = normalize("NFKC", cell.text).rstrip().endswith("%")
        number = number_of(cell, percent=True)
        if merged or number is None or isinstance(cell.content, bool):
            self._problem(
                cell,
                "合并单元格中的数值不知属于哪一行；拆分后再填。"
                if merged
                else f"“{cell.text}”不是一个数；只写数字，单位写在“单位”一栏；不知其数的，观测状态写“缺失”。",
                "it is not clear to which row the number of a merged cell belongs; unmerge it."
                if merged
                else f"{cell.text!r} is no number; write the number alone and its unit under 单位, "
                "or the status missing where it is not known.",
            )
            return None, percent
        _, digits, exponent = number.normalize().as_tuple()
        assert isinstance(exponent, int)
        if -exponent > _MOST_FRACTION or len(digits) + exponent > _MOST_WHOLE:
            self._problem(
                cell,
                f"“{cell.text}”的位数过多；整数至多12位，小数至多6位。",
                f"{cell.text!r} has too many digits: at most twelve before the point, six after it.",
            )
            return None, percent
        return number, percent

    def _doubt(self, cell: Cell, value: Decimal | None, unit: str | None) -> None:
        """Warn of a percentage outside 0..100 and of a negative figure; a rate of change can be either."""
        if value is None:
            return
        if unit == BASE + "unit/percent" and not 0 <= value <= 100:
            zh, en = (
                f"百分数“{cell.text}”不在0到100之间",
                f"the percentage {cell.text!r} is not within 0 and 100",
            )
        elif value < 0:
            zh, en = f"“{cell.text}”是负数", f"{cell.text!r} is negative"
        else:
            return
        self.warnings.append(Problem(cell.place, Text(f"{zh}；请核对。", f"{en}; check it.")))

    def _unit(self, row: Columns, indicator: str | None, percent: bool, wanted: bool) -> str | None:
        cell = row.cell("unit")
        used = sorted(self.units.of_indicator.get(indicator or "", ()))
        share = BASE + "unit/percent"
        if cell is None or not cell.text:
            if percent:
                return self._fitting(row, cell, share, used)
            if len(used) == 1 or not wanted:
                return used[0] if len(used) == 1 else None
            if indicator is not None:
                self._problem(cell or row.first, "没有写单位。", "no unit is given.")
            return None
        found = self._counted(cell.text, used) or self.names.find("unit", cell.text)
        if len(found) != 1:
            likely = [self.names.label(iri) for iri in used] or self.names.near("unit", cell.text)
            zh, en = f"单位“{cell.text}”未知", f"the unit {cell.text!r} is not known"
            self._problem(
                cell,
                f"{zh}；是不是：{'、'.join(likely)}？" if likely else f"{zh}。",
                f"{en}; did you mean {' or '.join(likely)}?" if likely else f"{en}.",
            )
            return None
        if percent and found[0] != share:
            self._problem(
                cell,
                f"数值是百分数，单位却是“{cell.text}”；请核对。",
                f"the value is a percentage, and the unit {cell.text!r}; check both.",
            )
            return None
        return self._fitting(row, cell, found[0], used)

    def _counted(self, text: str, used: list[str]) -> tuple[str, ...]:
        """The unit in use that counts what the text says: 个 where the indicator is in 个/千人."""
        plain = folded(text)
        short = {
            iri: {folded(label.split("/")[0]), folded(re.split(r"[(（/]", label)[0])}
            for iri in used
            for label in (self.names.label(iri),)
        }
        return tuple(iri for iri, labels in sorted(short.items()) if plain in labels)

    def _fitting(self, row: Columns, cell: Cell | None, unit: str, used: list[str]) -> str | None:
        dimension = self.units.dimension.get
        if used and dimension(unit) not in {dimension(other) for other in used}:
            own, labels = self.names.label(unit), [self.names.label(other) for other in used]
            self._problem(
                cell or row.first,
                f"单位“{own}”与该指标的单位（{'、'.join(labels)}）不能换算。",
                f"the unit {own} does not convert into that of the indicator ({', '.join(labels)}).",
            )
            return None
        return unit

    def _weight(self, row: Columns) -> Literal | None:
        cell = row.cell("weight")
        if cell is None or not cell.text:
            return None
        number = number_of(cell)
        if number is None or number <= 0:
            self._problem(
                cell,
                f"人口权数“{cell.text}”不是正数。",
                f"the population weight {cell.text!r} is no positive number.",
            )
            return None
        return decimal(number)

    def _code(self, row: Columns, column: str, scheme: str) -> NamedNode | None:
        cell = row.cell(column)
        if cell is None or not cell.text:
            return None
        found = self.names.find(scheme, cell.text)
        if len(found) != 1:
            heading, labels = COLUMNS[column], list(self.names.labels(scheme).values())
            self._problem(
                cell,
                f"{heading.zh}“{cell.text}”未知；可写：{'、'.join(labels)}。",
                f"the {heading.en} {cell.text!r} is not known; write one of {', '.join(labels)}.",
            )
            return None
        return node(found[0])

    # What is said

    def _observe(
        self,
        row: Columns,
        cell: Cell,
        indicator: str,
        place: str,
        period: Period,
        basis: str,
        attributes: Mapping[str, NamedNode | Literal | None],
    ) -> None:
        parts = [
            self.key,
            *(iri.removeprefix(BASE).partition("/")[2] for iri in (indicator, place)),
            period.key,
        ]
        if basis != BASE + "basis/year":
            parts.append(basis.rpartition("/")[2])
        subject = f"{BASE}observation/{'/'.join(parts)}"
        known = self.seen.cells.setdefault(subject, cell.place)
        if known is not cell.place:
            where = f"{known.sheet + '!' if known.sheet else ''}{known.cell}"
            self._problem(
                cell,
                f"与{where}重复：同一指标、行政区、时期和统计口径只能有一个数值。",
                f"it repeats {where}: indicator, place, period and basis are the same.",
            )
            return
        self._say(subject, RDF_TYPE.value, node(BPS + "Observation"))
        self._say(subject, QB + "dataSet", node(self.dataset))
        self._say(subject, BPS + "indicator", node(indicator))
        self._say(subject, BPS + "jurisdiction", node(place))
        self._say(subject, BPS + "referencePeriod", Literal(period.text))
        for name, day in (("validFrom", period.start), ("validUntil", period.end)):
            self._say(subject, BPS + name, Literal(day.isoformat(), datatype=node(XSD + "date")))
        self._say(subject, BPS + "datePrecision", node(f"{BASE}date-precision/{period.precision}"))
        self._say(subject, BPS + "basis", node(basis))
        for name, term in attributes.items():
            if term is not None and not (name == "unit" and attributes["value"] is None):
                self._say(subject, BPS + name, term)
        if source := row.text("source"):
            self._say(subject, PROV + "hadPrimarySource", node(self._source(source)))
        if note := row.text("note"):
            language = "en" if note.isascii() else "zh"
            self._say(subject, RDFS + "comment", Literal(note, language=language))
        has_value = attributes["value"] is not None
        self.seen.values += has_value
        self.seen.missing += not has_value

    def _source(self, text: str) -> str:
        found = self.names.find("document", text) or self.names.find("document", text.strip("《》"))
        if len(found) == 1:
            return found[0]
        iri = f"{BASE}source/{self.key}-{digest(text)}"
        self._say(iri, RDF_TYPE.value, node(BPS + "Source"))
        self._say(iri, DCT + "title", Literal(text, language="zh"))
        if address := _ADDRESS.search(text):
            self._say(iri, FOAF + "page", node(address[0]))
        return iri

    def _say(self, subject: str, predicate: str, term: NamedNode | Literal) -> None:
        self.triples.add(Triple(node(subject), node(predicate), term))

    def _problem(self, cell: Cell, zh: str, en: str) -> None:
        problem = Problem(cell.place, Text(zh, en))
        if problem not in self.problems:
            self.problems.append(problem)


def _order(part: object) -> tuple[bool, str, int]:
    number = part if isinstance(part, int) else 0
    return part is not None, str(part) if isinstance(part, str) else "", number


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: tuple(map(_order, problem.place))))


def problems_of(read: _WithProblems) -> Iterator[tuple[str, Text]]:
    """Each problem with its cell as spreadsheets write it: `B7`, `数据!B7`."""
    return _with_cells(read.problems)


def warnings_of(figures: Figures) -> Iterator[tuple[str, Text]]:
    """Each warning with its cell, in the same way."""
    return _with_cells(figures.warnings)


def _with_cells(problems: Iterable[Problem]) -> Iterator[tuple[str, Text]]:
    for problem in problems:
        sheet = f"{problem.place.sheet}!" if problem.place.sheet else ""
        yield f"{sheet}{problem.place.cell}", problem.text
