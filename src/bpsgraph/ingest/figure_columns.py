"""The columns of a table of figures: which they are called, and where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bpsgraph.ingest.grid import Book, Cell, Sheet
from bpsgraph.ingest.names import folded
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.periods import period_of

_LAST_HEADING_ROW = 30
_ASIDE = Pattern(r"\(.*?\)|[*#:]")
_REMARKS = ("注:", "注：", "备注", "说明", "资料来源", "数据来源", "来源:", "来源：")


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column by its headings; others that people write are `synonyms`. `help` says what to write there."""

    zh: str
    en: str
    synonyms: tuple[str, ...]
    help: tuple[str, str]


COLUMNS: Mapping[str, FigureColumn] = {
    "indicator": FigureColumn(
        "指标", "indicator", ("指标名称", "监测指标", "指标键", "indicator name", "项目"),
        ("指标的名称或键，如 每千人口拥有注册护士数、nurses-per-thousand",
         "its name or key, such as nurses-per-thousand"),
    ),
    "own": FigureColumn(
        "本地指标", "own indicator", ("自有指标", "own"),
        ("图谱没有的指标写“是”，即新增该指标", "是 where the graph has no such indicator: it is added"),
    ),
    "place": FigureColumn(
        "行政区", "place",
        ("地区", "行政区划", "行政区划代码", "行政区代码", "地区代码", "区划代码", "地区名称",
         "jurisdiction", "region", "code", "refarea", "ref_area"),
        ("六位代码或全称；全国为100000", "six digits or the full name; the State is 100000"),
    ),
    "period": FigureColumn(
        "时期", "period",
        ("年份", "年度", "时间", "统计时期", "报告期", "year", "refperiod", "time_period", "time"),
        ("2023、2023-07、2023-Q3、2023年上半年、2021—2023", "2023, 2023-07, 2023-Q3, 2023-S1, 2021/2023"),
    ),
    "value": FigureColumn(
        "数值", "value", ("观测值", "指标值", "值", "实际值", "完成值", "obsvalue", "obs_value"),
        ("只写数字；百分数可带%；空着即为缺失", "the number alone, or with %; left empty it is missing"),
    ),
    "unit": FigureColumn(
        "单位", "unit", ("计量单位", "unit_measure"),
        ("可空：该指标只有一种单位时取之", "may be left out where the indicator has only one"),
    ),
    "basis": FigureColumn(
        "统计口径", "basis", ("口径",),
        ("当年值、时期年均值、累计值；空着即当年值；跨多年的时期必填",
         "year, period-mean or cumulative; year where left out; needed for a span of years"),
    ),
    "status": FigureColumn(
        "观测状态", "status", ("状态", "数据状态", "obsstatus", "obs_status"),
        ("正常、初步数、估计数、缺失、不适用；空着即正常，没有数值的即缺失",
         "normal, provisional, estimated, missing, not-applicable; else normal, missing without number"),
    ),
    "weight": FigureColumn(
        "人口权数", "population weight", ("人口", "人口数", "权数", "weight", "population"),
        ("数值所涉的人数，跨地区平均时作权数；可空", "how many persons the value speaks of; may be left out"),
    ),
    "source": FigureColumn(
        "出处", "source", ("来源", "数据来源", "资料来源"),
        ("文件的名称，或名称与网址", "the title of the document, or title and address"),
    ),
    "verification": FigureColumn(
        "核实程度", "verification", ("核实",),
        ("逐字、转载、意译、推断、回忆；可空", "verbatim, restated, paraphrase, inferred, recalled"),
    ),
    "note": FigureColumn("备注", "note", ("说明", "注", "comment", "remarks"), ("可空", "may be left out")),
}  # fmt: skip
NEEDED = ("indicator", "place", "period", "value")


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A sheet with a table of figures: where its columns stand, by name, and those of a wide table by period.

    `periods` are the indexes of the columns that each hold the figures of one period; none in a long table.
    """

    sheet: Sheet
    heading: int
    columns: Mapping[str, int]
    periods: tuple[int, ...]

    @property
    def wide(self) -> bool:
        """Whether there is a column for each period."""
        return bool(self.periods)

    def named(self) -> str | None:
        """The sheet in words, where it has a name."""
        return f"sheet {self.sheet.name}" if self.sheet.name else None

    def is_merged(self, cell: Cell) -> bool:
        """Whether the cell has its content from a merged cell that begins elsewhere."""
        return cell.place in self.sheet.covered

    def rows(self) -> "Iterator[Columns]":
        """The rows below the headings in which something stands, notes below the table left out."""
        for cells in self.sheet.rows[self.heading + 1 :]:
            filled = [cell for cell in cells if cell.text]
            if not filled or (len(filled) == 1 and filled[0].text.startswith(_REMARKS)):
                continue
            yield Columns(self, cells)


@dataclass(frozen=True, slots=True)
class Columns:
    """One row of a table of figures, by the names of its columns."""

    table: FigureTable
    cells: tuple[Cell, ...]

    @property
    def first(self) -> Cell:
        """The first cell of the row in which something stands."""
        return next(cell for cell in self.cells if cell.text)

    def cell(self, name: str) -> Cell | None:
        """The cell of a column, or None where the table has no such column."""
        index = self.table.columns.get(name)
        return None if index is None else self.cells[index]

    def text(self, name: str) -> str:
        """What stands in a column; empty where the table has no such column."""
        cell = self.cell(name)
        return cell.text if cell is not None else ""

    def figures(self) -> Iterator[tuple[Cell, Cell]]:
        """The cells of period and value of each figure in the row: one, or in a wide table one a period."""
        if not self.table.wide:
            yield self.cells[self.table.columns["period"]], self.cells[self.table.columns["value"]]
        for index in self.table.periods:
            yield self.table.sheet.rows[self.table.heading][index], self.cells[index]


def figure_tables(book: Book) -> list[FigureTable]:
    """The tables of figures in a book, at most one for a sheet, the headings among its first thirty rows."""
    return [table for sheet in book.sheets if (table := _table(sheet))]


def _table(sheet: Sheet) -> FigureTable | None:
    for number, row in enumerate(sheet.rows[:_LAST_HEADING_ROW]):
        columns: dict[str, int] = {}
        periods: list[int] = []
        for index, cell in enumerate(row):
            if cell.place in sheet.covered:
                continue
            name = _named(cell.text)
            if name is not None:
                columns.setdefault(name, index)
            elif cell.text and period_of(cell.text) is not None:
                periods.append(index)
        if {"period", "value"} <= set(columns):
            return FigureTable(sheet, number, columns, ())
        if periods and not {"period", "value"} & set(columns) and {"indicator", "place"} & set(columns):
            return FigureTable(sheet, number, columns, tuple(periods))
    return None


def _named(text: str) -> str | None:
    if not text or len(text) > 80:
        return None
    name = folded(text)
    return _headings().get(name) or _headings().get(_ASIDE.sub("", name))


@cache
def _headings() -> Mapping[str, str]:
    known: dict[str, str] = {}
    for name, column in COLUMNS.items():
        for heading in (column.zh, column.en, f"{column.zh}({column.en})"):
            known.setdefault(folded(heading), name)
    for name, column in COLUMNS.items():
        for synonym in column.synonyms:
            known.setdefault(folded(synonym), name)
    return known
