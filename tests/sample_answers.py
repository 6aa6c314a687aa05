"""Small answers with every mark, names without a translation, figures that are not known, and hostile text."""

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import BASE, XSD, Term

Row = tuple[Term | None, ...]


def decimal(value: float | str | None) -> Literal | None:
    return None if value is None else Literal(str(value), datatype=NamedNode(XSD + "decimal"))


def integer(value: int | None) -> Literal | None:
    return None if value is None else Literal(str(value), datatype=NamedNode(XSD + "integer"))


def day(value: str | None) -> Literal | None:
    return None if value is None else Literal(value, datatype=NamedNode(XSD + "date"))


ITEM = (
    Column("item", Text("事项", "item")),
    Column("item_zh", Text("事项（中文）", "item (Chinese)")),
    Column("item_en", Text("事项（英文）", "item (English)")),
)
PLACE = (
    Column("place", Text("行政区", "place")),
    Column("place_zh", Text("行政区（中文）", "place (Chinese)")),
    Column("place_en", Text("行政区（英文）", "place (English)")),
)
_ITEMS = (
    (
        "义务教育家庭经济困难学生生活补助",
        "Living subsidy for compulsory education students in financial difficulty",
    ),
    ("法律援助", "Legal aid"),
    ("送戏曲下乡", "Opera to the countryside"),
    ("临时救助", None),
)
_PLACES = (("晋城市", "Jincheng"), ("泰州市", "Taizhou"), ("盐津县", "Yanjin County"))


def item(number: int) -> Row:
    """An item: the fourth has no English name, and from the fifth on the names have numbers."""
    chinese, english = _ITEMS[number % len(_ITEMS)]
    end = f" {number}" if number >= len(_ITEMS) else ""
    return (
        NamedNode(f"{BASE}item/{number}"),
        Literal(chinese + end, language="zh"),
        Literal(english + end, language="en") if english else None,
    )


def place(number: int) -> Row:
    chinese, english = _PLACES[number]
    return (
        NamedNode(f"{BASE}jurisdiction/{number}"),
        Literal(chinese, language="zh"),
        Literal(english, language="en"),
    )


def answer(title: Text, columns: Sequence[Column], rows: Sequence[Row], *charts: Chart) -> Answer:
    return Answer(
        name="tests/sample",
        title=title,
        description=Text("一行一个。", "One row each."),
        columns=tuple(columns),
        rows=Rows(tuple(column.name for column in columns), tuple(rows)),
        provenance=Provenance(
            "sha256:0", "2", {"date": ("2024-06-01",)}, 'SELECT * WHERE { ?s ?p "<script>" }'
        ),
        charts=charts,
    )


BAR = answer(
    Text("低于下限的数额", "Shortfall"),
    [*ITEM, Column("gap", Text("差额", "shortfall"), "元")],
    [(*item(number), decimal(gap)) for number, gap in enumerate((120, "70.5", None, 0))],
    Chart("bar", {"x": "gap", "y": "item"}),
)
SHARE = answer(
    Text("各地报送的事项", "Items reported"),
    [*PLACE, Column("n", Text("报送", "reported"), None, "all"), Column("all", Text("全部", "all"))],
    [(*place(number), integer(n), integer(88)) for number, n in enumerate((88, 70, None))],
    Chart("bar", {"x": "n", "y": "place"}),
)
GROUPED = answer(
    Text("各地的标准", "Amount by place"),
    [*ITEM, *PLACE, Column("amount", Text("标准", "amount"), "元")],
    [(*item(a), *place(b), decimal(f"{700 + 100 * a + 40 * b}.5")) for a in range(3) for b in range(3)],
    Chart("bar", {"x": "amount", "y": "item", "color": "place"}),
)
COUNT = answer(
    Text("各地的事项", "Items by place"),
    [*ITEM, *PLACE],
    [(*item(number), *place(number % 3 and 1)) for number in range(9)],
    Chart("bar", {"x": "count", "y": "place"}),
)
MANY = answer(
    Text("很多", "Many"),
    [*ITEM, Column("value", Text("数值", "value"))],
    [(*item(number), integer(1000 - number)) for number in range(55)],
    Chart("bar", {"x": "value", "y": "item"}),
)
LINE = answer(
    Text("逐年达标率", "Attainment by year"),
    [*PLACE, Column("year", Text("年份", "year")), Column("rate", Text("达标率", "rate"), "%")],
    [
        (
            *place(a),
            integer(year),
            decimal(None if (a, year) == (1, 2021) else 60 + 3 * (year - 2018) + 5 * a),
        )
        for a in range(3)
        for year in range(2018, 2025)
    ],
    Chart("line", {"x": "year", "y": "rate", "color": "place"}),
)
STEP = answer(
    Text("下限的历次调整", "How the floor was raised"),
    [Column("from", Text("起", "from")), Column("floor", Text("下限", "floor"), "元")],
    [(day("2016-01-01"), decimal(600)), (day("2019-09-01"), decimal(650)), (day("2023-01-01"), decimal(720))],
    Chart("step", {"x": "from", "y": "floor"}),
)
POINT = answer(
    Text("财力与补助", "Capacity and subsidy"),
    [*PLACE, Column("x", Text("财力", "capacity")), Column("y", Text("补助", "subsidy"), "元")],
    [(*place(n % 3), decimal(f"{n}.5"), decimal(None if n == 3 else 500 + n * n)) for n in range(9)],
    Chart("point", {"x": "x", "y": "y", "color": "place"}),
)
HEATMAP = answer(
    Text("各地各事项的差额", "Shortfall by place and item"),
    [*ITEM, *PLACE, Column("gap", Text("差额", "shortfall"), "%")],
    [(*item(a), *place(b), decimal(None if a == b == 1 else a * 10 + b)) for a in range(3) for b in range(3)],
    Chart("heatmap", {"x": "place", "y": "item", "color": "gap"}),
)
TIMELINE = answer(
    Text("下限的有效期", "When each floor holds"),
    [*ITEM, Column("from", Text("起", "from")), Column("until", Text("止", "until"))],
    [
        (*item(0), day("2021-03-30"), day("2023-07-30")),
        (*item(1), day("2023-07-30"), None),
        (*item(2), None, day("2024-01-01")),
    ],
    Chart("timeline", {"x": "from", "x2": "until", "y": "item"}),
)
DUMBBELL = answer(
    Text("承诺与下限", "Promise and floor"),
    [*ITEM, Column("promise", Text("承诺", "promise"), "元"), Column("floor", Text("下限", "floor"), "元")],
    [
        (*item(number), decimal(promise), decimal(floor))
        for number, (promise, floor) in enumerate(((650, 720), (900, 750), (None, 300), (None, None)))
    ],
    Chart("dumbbell", {"x": "promise", "x2": "floor", "y": "item"}),
)
FACET = answer(
    Text("各地", "By place"),
    [*ITEM, *PLACE, Column("gap", Text("差额", "shortfall"), "元")],
    [(*item(a), *place(b), decimal(a * 10 + b)) for a in range(3) for b in range(2)],
    Chart("bar", {"x": "gap", "y": "item", "facet": "place"}),
)
EMPTY = answer(Text("空", "Empty"), ITEM, [], Chart("bar", {"x": "count", "y": "item"}))
HOSTILE = answer(
    Text("=1+1", "=1+1"),
    [Column("text", Text("文|字", "te|xt")), Column("number", Text("数", "number"))],
    [
        (Literal("=cmd|'/c calc'!A1"), integer(1)),
        (Literal("<script>alert(1)</script>\x1b[31m"), integer(2)),
        (Literal('a|b\\"c\nd'), None),
    ],
    Chart("bar", {"x": "number", "y": "text"}),
)
CHARTS = {
    "bar": BAR,
    "share": SHARE,
    "grouped": GROUPED,
    "count": COUNT,
    "many": MANY,
    "line": LINE,
    "step": STEP,
    "point": POINT,
    "heatmap": HEATMAP,
    "timeline": TIMELINE,
    "dumbbell": DUMBBELL,
    "facet": FACET,
    "hostile": HOSTILE,
}
