"""Tables of figures: what they state, in any file and form, and what is said of cells that cannot be used."""

import csv
from collections.abc import Callable, Iterable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from pyoxigraph import NamedNode

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.files import read_book
from bpsgraph.ingest.names import Names, UnitsInUse
from bpsgraph.ingest.observations import Figures, problems_of, read_observations, warnings_of
from bpsgraph.results import Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store, select
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE, BPS, PREFIXES
from bpsgraph.validation.shapes import Engine, ShapesGraph, run_shapes
from bpsgraph.vocabulary import units_in_use

# Invented for these tests; none of them is a figure that was observed.
LONG = [
    ["指标", "行政区", "时期", "数值", "单位", "统计口径", "观测状态", "人口权数", "出处", "备注"],
    ["每千人口拥有注册护士数", "100000", "2021", "3.5", "", "", "", "", "", ""],
    [
        "nurses-per-thousand",
        "全国",
        "2022年",
        "3.6",
        "人",
        "",
        "初步数",
        "1412000000",
        "《示例年鉴》",
        "示例",
    ],
    ["参加各类补贴性职业技能培训人数*", "100000", "2021—2022", "1,700", "", "时期年均值", "", "", "", ""],
    ["基本养老保险参保率", "100000", "2021", "91.1%", "", "", "", "", "", ""],
    ["基本养老保险参保率", "140500", "2021", "", "", "", "", "", "", ""],
    ["基本养老保险参保率", "140500", "2022", "0", "%", "", "", "", "", ""],
    ["城镇老旧小区改造（万个）", "100000", "2021", "5.5", "万个", "", "", "", "https://example.org/x", ""],
]
Read = Callable[..., Figures]
OBSERVATIONS = """
    SELECT ?indicator ?place ?period ?basis ?value ?unit ?status WHERE {
      ?o a bps:Observation ; bps:indicator ?indicator ; bps:jurisdiction ?place ; bps:referencePeriod ?period ;
        bps:basis ?basis ; bps:observationStatus ?status .
      OPTIONAL { ?o bps:value ?value } OPTIONAL { ?o bps:unit ?unit }
    } ORDER BY ?indicator ?place ?period
"""


@pytest.fixture(scope="module")
def units(built: Path) -> UnitsInUse:
    with open_store(built) as store:
        return units_in_use(store, BASE + "dataset/example")


@pytest.fixture
def read(names: Names, units: UnitsInUse, tmp_path: Path) -> Read:
    def read(
        rows: Iterable[list[str]] | bytes, suffix: str = ".csv", encoding: str = "utf-8", **given: str
    ) -> Figures:
        path = tmp_path / f"figures{suffix}"
        path.write_bytes(rows if isinstance(rows, bytes) else written(rows, suffix, encoding))
        book, _ = read_book(path)
        return read_observations(book, names, units, key="example", **given)  # type: ignore[arg-type]

    return read


def written(rows: Iterable[list[str]], suffix: str, encoding: str) -> bytes:
    if suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.worksheets[0].append([float(c) if c.replace(".", "", 1).isdigit() else c for c in row])
        content = BytesIO()
        book.save(content)
        return content.getvalue()
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def stated(triples: Triples) -> list[tuple[str | None, ...]]:
    with EmbeddedStore.in_memory() as store:
        store.replace_graph("urn:x", triples)
        rows = select(store, f"PREFIX bps: <{BPS}> {OBSERVATIONS}").rows
    return [tuple(term and term.value.removeprefix(BASE).rpartition("/")[2] for term in row) for row in rows]


def said(figures: Figures) -> list[tuple[str, str]]:
    return [(cell, text.zh) for cell, text in problems_of(figures)]


def test_what_a_table_states(read: Read) -> None:
    figures = read(LONG)
    assert said(figures) == []
    assert (figures.values, figures.missing) == (6, 1)
    assert stated(figures.triples) == [
        ("nurses-per-thousand", "100000", "2021", "year", "3.5", "persons-per-thousand-persons", "normal"),
        ("nurses-per-thousand", "100000", "2022", "year", "3.6", "persons-per-thousand-persons", "provisional"),
        ("old-estates-renovated", "100000", "2021", "year", "5.5", "ten-thousand-estates", "normal"),
        ("pension-insurance-participation", "100000", "2021", "year", "91.1", "percent", "normal"),
        # Nothing is stated as missing; a zero is a zero.
        ("pension-insurance-participation", "140500", "2021", "year", None, None, "missing"),
        ("pension-insurance-participation", "140500", "2022", "year", "0", "percent", "normal"),
        ("subsidised-skills-training", "100000", "2022", "period-mean", "1700",
         "ten-thousand-person-times-per-year", "normal"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "encoding"), [(".xlsx", ""), (".csv", "gb18030"), (".csv", "utf-8-sig"), (".csv", "utf-16")]
)
def test_the_same_content_gives_the_same_triples(read: Read, suffix: str, encoding: str) -> None:
    assert read(LONG, suffix, encoding).triples == read(LONG).triples


def test_a_column_for_each_year(read: Read) -> None:
    wide = [
        ["2021—2025年监测数据（示例）"],
        ["地区", "指标", "单位", "2021年", "2022年", "2023年"],
        ["140500", "基本养老保险参保率", "%", "91", "", "—"],
        ["注：本表数据为示例。"],
    ]
    figures = read(wide)
    assert said(figures) == []
    # An empty cell below a year says nothing, a dash that the figure is missing.
    assert [row[2:] for row in stated(figures.triples)] == [
        ("2021", "year", "91", "percent", "normal"),
        ("2023", "year", None, None, "missing"),
    ]


def test_the_triples_conform_to_the_shapes(read: Read, built: Path) -> None:
    figures = read(LONG)
    with open_store(built) as store:
        graphs = ("ontology", "data-structure", "indicators", "vocabulary/indicator-units", "vocabulary/units",
                  "divisions")  # fmt: skip
        prefix = "https://w3id.org/bps/graph/"
        around = {triple for name in graphs for triple in store.graph(prefix + name)}
    assert NamedNode(BPS + "observationStatus") in {triple.subject for triple in around}
    shapes = ShapesGraph.read(find_sources().shapes())
    own = {triple.subject for triple in figures.triples}
    results = [r for r in run_shapes(shapes, list(around | figures.triples.triples), Engine.PYSHIFTY)
               if r.focus in own]  # fmt: skip
    assert results == []
    value = NamedNode(BPS + "value")
    spoiled = [triple for triple in figures.triples if triple.predicate != value]
    found = {r.shape.partition("#")[2] for r in run_shapes(shapes, [*around, *spoiled], Engine.PYSHIFTY)
             if r.focus in own}  # fmt: skip
    assert found == {"structure-observation-value"}


HEAD = LONG[0]


@pytest.mark.parametrize(
    ("row", "cell", "sentence"),
    [
        (["护士数", "100000", "2021", "3.5"], "A2", "指标“护士数”未知；是不是：每千人口拥有注册护士数？"),
        (["产业增加值", "100000", "2021", "3.5", "元"], "A2",
         "指标“产业增加值”未知；本地自有的指标，在“本地指标”一栏写“是”。"),
        (["", "100000", "2021", "3.5"], "A2", "没有写指标。"),
        (["nurses-per-thousand", "朝阳区", "2021", "3.5"], "B2",
         "有2个行政区叫“朝阳区”，请写六位代码：110105、220104。"),
        (["nurses-per-thousand", "晋城", "2021", "3.5"], "B2", "行政区“晋城”未知；是不是：晋城市、城区？"),
        (["nurses-per-thousand", "100000", "去年", "3.5"], "C2",
         "时期“去年”读不懂；写作2023、2023-07、2023-Q3、2023年上半年或2021—2023。"),
        (["nurses-per-thousand", "100000", "2021", "约3"], "D2",
         "“约3”不是一个数；只写数字，单位写在“单位”一栏；不知其数的，观测状态写“缺失”。"),
        (["elderly-care-beds", "100000", "2021", "823.8万张"], "D2",
         "“823.8万张”不是一个数；只写数字，单位写在“单位”一栏；不知其数的，观测状态写“缺失”。"),
        (["nurses-per-thousand", "100000", "2021", "NaN"], "D2",
         "“NaN”不是一个数；只写数字，单位写在“单位”一栏；不知其数的，观测状态写“缺失”。"),
        (["nurses-per-thousand", "100000", "2021", "-inf"], "D2",
         "“-inf”不是一个数；只写数字，单位写在“单位”一栏；不知其数的，观测状态写“缺失”。"),
        (["nurses-per-thousand", "100000", "2021", "3.1234567"], "D2",
         "“3.1234567”的位数过多；整数至多12位，小数至多6位。"),
        (["nurses-per-thousand", "100000", "2021", "3.5", "平方米/人"], "E2",
         "单位“平方米/人”与该指标的单位（人/千人）不能换算。"),
        (["nurses-per-thousand", "100000", "2021", "3.5", "斤"], "E2", "单位“斤”未知；是不是：人/千人？"),
        (["nurses-per-thousand", "100000", "2021", "3.5%", "人/千人"], "E2",
         "数值是百分数，单位却是“人/千人”；请核对。"),
        (["old-estates-renovated", "100000", "2021/2022", "9"], "F2",
         "时期2021/2022跨多年，须在“统计口径”写明是时期年均值还是累计值。"),
        (["nurses-per-thousand", "100000", "2021", "", "", "", "正常"], "D2",
         "没有数值，观测状态却是“正常”；补写数值，或写“缺失”。"),
        (["nurses-per-thousand", "100000", "2021", "3.5", "", "", "缺失"], "D2",
         "写了数值，观测状态却是“缺失”；两者只能留一个。"),
        (["nurses-per-thousand", "100000", "2021", "3.5", "", "", "大概"], "G2",
         "观测状态“大概”未知；可写：估计数、缺失、正常、不适用、初步数。"),
        (["nurses-per-thousand", "100000", "2021", "3.5", "", "", "", "许多"], "H2", "人口权数“许多”不是正数。"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_used(read: Read, row: list[str], cell: str, sentence: str) -> None:
    figures = read([HEAD, row + [""] * (len(HEAD) - len(row))])
    assert said(figures) == [(cell, sentence)]
    assert figures.values == figures.missing == 0


@pytest.mark.parametrize(
    ("indicator", "value", "warnings"),
    [
        ("nurses-per-thousand", "-3.5", [("D2", "“-3.5”是负数；请核对。")]),
        ("pension-insurance-participation", "100.1%", [("D2", "百分数“100.1%”不在0到100之间；请核对。")]),
        ("pension-insurance-participation", "-1", [("D2", "百分数“-1”不在0到100之间；请核对。")]),
        ("pension-insurance-participation", "100", []),
        ("nurses-per-thousand", "120", []),
        ("nurses-per-thousand", "0", []),
    ],
)
def test_a_figure_that_is_seldom_right_is_read_with_a_warning(
    read: Read, indicator: str, value: str, warnings: list[tuple[str, str]]
) -> None:
    figures = read([HEAD, [indicator, "100000", "2021", value] + [""] * (len(HEAD) - 4)])
    assert said(figures) == []
    assert figures.values == 1
    assert [(cell, text.zh) for cell, text in warnings_of(figures)] == warnings


def test_the_same_figure_twice(read: Read) -> None:
    rows = [
        HEAD,
        ["nurses-per-thousand", "100000", "2021", "3.5"],
        ["每千人口拥有注册护士数", "全国", "2021年度", "3.6"],
    ]
    assert said(read(rows)) == [("D3", "与D2重复：同一指标、行政区、时期和统计口径只能有一个数值。")]


def test_an_indicator_of_its_own_is_described(read: Read) -> None:
    head = [*HEAD, "本地指标"]
    rows = [head, ["家长满意度", "140500", "2023", "88", "%", "", "", "", "", "", "是"]]
    figures = read(rows)
    assert said(figures) == []
    ((indicator, place, *_),) = stated(figures.triples)
    assert indicator is not None
    assert indicator.startswith("own-")
    assert place == "140500"
    label = NamedNode(PREFIXES["skos"] + "prefLabel")
    assert [str(t.object) for t in figures.triples if t.predicate == label] == ['"家长满意度"@zh']


def test_what_the_table_leaves_out_is_given(read: Read) -> None:
    figures = read([["年份", "数值"], ["2021", "3.5"]],
                   indicator=BASE + "indicator/nurses-per-thousand",
                   jurisdiction=BASE + "jurisdiction/140500")  # fmt: skip
    assert [row[:3] for row in stated(figures.triples)] == [("nurses-per-thousand", "140500", "2021")]
    with pytest.raises(MalformedFile, match="no column 指标"):
        read([["年份", "数值"], ["2021", "3.5"]])
    with pytest.raises(MalformedFile, match="headings such as 指标、行政区、时期、数值"):
        read([["a", "b"], ["2021", "3.5"]])
