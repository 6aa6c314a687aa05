"""What rows say: filled workbooks and published tables, with the cell of each thing, and what is not understood."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter, MalformedFile
from bpsgraph.ingest import Submission, read
from bpsgraph.ingest.grid import Book, Cell, Sheet
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.submission import Place, Remark
from bpsgraph.ingest.table import read_table
from bpsgraph.terms import BASE, BPS, expand

DATA = Path(__file__).resolve().parents[2] / "data" / "ttl" / "local"
ABOUT = [
    ["说明"],
    ["行政区划代码", "140500 晋城市"],
    ["版本", "2024年版"],
    ["完整程度", "完整"],
    ["范围", "学有所教、老有所养"],
]
GRANT = "普通高中国家助学金"


def sheet(title: str | None, *rows: Sequence[object], covered: str = "") -> Sheet:
    width = max(len(row) for row in rows)
    cells = []
    for number, row in enumerate(rows, 1):
        line = []
        for column in range(1, width + 1):
            content = row[column - 1] if column <= len(row) else None
            content = Decimal(content) if isinstance(content, int | float) else content
            place = Place(sheet=title, row=number, column=column)
            line.append(Cell(place, content, "" if content is None else str(content)))  # type: ignore[arg-type]
        cells.append(tuple(line))
    places = frozenset(cell.place for line in cells for cell in line if cell.place.cell in covered.split())
    return Sheet(title, tuple(cells), places)


def table(
    names: Names, *sheets: Sheet, jurisdiction: str | None = None, edition: str | None = None
) -> Submission:
    return read_table(Book("c.xlsx", sheets), names, jurisdiction=jurisdiction, edition=edition)


def said(submission: Submission, subject: str, property: str) -> set[str]:
    return {
        triple.object.value  # type: ignore[union-attr]
        for triple in submission.triples
        if triple.subject == NamedNode(expand(subject)) and triple.predicate == NamedNode(expand(property))
    }


def remarks(submission: Submission) -> list[tuple[str, str | None, str]]:
    return [(remark.reason, remark.place.cell, remark.value) for remark in submission.remarks]


def test_a_filled_workbook(names: Names) -> None:
    submission = table(
        names,
        sheet("说明", *ABOUT),
        sheet(
            "服务事项",
            ["服务事项", "国家服务对象", "是否提供", "服务对象分组", "牵头负责单位", "配合单位"],
            [
                "item",
                "the State’s beneficiaries",
                "provided",
                "beneficiary segment",
                "lead agency",
                "supporting agencies",
            ],
            [GRANT, "……", "是", None, "市教育局", "财政局、某某中心"],
            ["学前教育幼儿资助", "……"],
        ),
        sheet(
            "服务标准",
            ["服务事项", "指标", "对象分组", "国家标准", "数值", "单位", "值的种类"],
            [GRANT, "国家助学金", None, "平均2000元", 2300, "元/生·年"],
            ["学前教育幼儿资助", "学前教育资助标准", None, "……", None, "元/幼儿·年"],
        ),
    )
    catalogue = "catalogue/140500/2024"
    provision = "provision/140500/2024/senior-high-national-grant"
    guarantee = "guarantee/140500/2024/senior-high-national-grant/national-grant"
    assert said(submission, catalogue, "bps:scope") == {BASE + "domain/2", BASE + "domain/5"}
    assert said(submission, provision, "bps:catalogue") == {BASE + catalogue}
    assert said(submission, provision, "bps:leadAgency") == {BASE + "agency/140500/education-bureau"}
    assert said(submission, provision, "bps:guarantee") == {BASE + guarantee}
    assert said(submission, guarantee, "bps:value") == {"2300.0"}
    assert said(submission, guarantee, "bps:unit") == {BASE + "unit/yuan-per-student-year"}
    assert said(submission, guarantee, "bps:kind") == {BASE + "kind/fixed"}
    assert not said(submission, "provision/140500/2024/preschool-financial-aid", "rdf:type")
    [(reason, cell, value)] = remarks(submission)
    assert (reason, cell, value) == ("unknown-agency", "F3", "某某中心")
    [unknown] = [iri for iri in said(submission, provision, "bps:supportingAgency") if "unit-" in iri]
    assert said(submission, unknown, "skos:prefLabel") == {"某某中心"}

    places = submission.places
    assert places.things[BASE + guarantee].cell == "B2"
    assert places.things[BASE + provision] == Place(sheet="服务事项", row=3, column=1)
    assert places.values[BASE + guarantee, BPS + "value"] == Place(sheet="服务标准", row=2, column=5)
    assert places.values[BASE + guarantee, BPS + "segment"].cell == "C2"
    assert places.values[BASE + provision, BPS + "beneficiary"].cell == "D3"
    assert places.values[BASE + catalogue, BPS + "scope"].cell == "B5"
    preschool = BASE + "item/preschool-financial-aid"
    assert places.blanks[(preschool,)].cell == "C4"
    assert places.blanks[preschool, BASE + "measure/preschool-aid", ""].cell == "E3"
    assert places.next_rows[BPS + "Provision"] == Place(sheet="服务事项", row=5, column=1)
    assert places.next_rows[BPS + "Guarantee"].row == 4


def test_a_flat_table_with_split_rows_and_two_items_in_a_cell(names: Names) -> None:
    submission = table(
        names,
        sheet(
            None,
            ["行政区划代码", 140500],
            ["版本", 2024],
            [],
            ["服务事项", "服务对象", "指标", "对象分组", "数值", "单位", "支出责任"],
            [
                "義務教育階段免除學雜費",
                "义务教育学生",
                "生均公用经费基准定额",
                "小学生",
                "７２０",
                "元/生·年",
                "分担",
            ],
            [None, None, "生均公用经费基准定额", "初中生", "1,250", "元／生•年", None],
            [
                "普通高中国家助学金；中等职业教育国家助学金",
                None,
                "国家助学金",
                None,
                2300,
                "元/生·年",
                "按规定",
            ],
        ),
    )
    waiver = "provision/140500/2024/compulsory-education-tuition-waiver"
    assert len(said(submission, waiver, "bps:guarantee")) == 2
    assert said(submission, waiver, "bps:beneficiary") == {BASE + "segment/compulsory-education-students"}
    guarantee = (
        "guarantee/140500/2024/compulsory-education-tuition-waiver/operating-funds/junior-secondary-students"
    )
    assert said(submission, guarantee, "bps:value") == {"1250.0"}
    for item in ("senior-high-national-grant", "vocational-national-grant"):
        assert said(submission, f"provision/140500/2024/{item}", "bps:expenditure") == {"按规定"}
        assert (
            submission.places.values[f"{BASE}provision/140500/2024/{item}", BPS + "expenditure"].cell == "G7"
        )
    assert remarks(submission) == []


PUBLISHED: list[list[object]] = [
    ["晋城市基本公共服务标准（2021年版）", *[None] * 8],
    ["序号", "领域", "服务项目", "服务对象", "服务内容", "服务标准", "支出责任", "责任单位", "责任单位"],
    ["序号", "领域", "服务项目", "服务对象", "服务内容", "服务标准", "支出责任", "牵头单位", "配合单位"],
    ["一、学有所教", *["一、学有所教"] * 8],
    [1, "学有所教", "1. 普通高中国家助学金", "某类学生", "资助", "平均2000元", "中央与地方", "市教育局", "市财政局"],
    [2, "学有所教", "1. 普通高中国家助学金", "某类学生", "另一项内容", None, None, "市教育局", "市财政局"],
    [3, "学有所教", "普通高中学费减免", "学生", "免除", "免除", "中央", "市教育局", None],
    ["注：本表自发布之日起施行。", *[None] * 8],
]  # fmt: skip


def test_a_published_table(names: Names) -> None:
    covered = "A3 B3 C3 D3 E3 F3 G3 I2 B4 C4 D4 E4 F4 G4 H4 I4 C6 D6 B6"
    submission = table(names, sheet("Sheet1", *PUBLISHED, covered=covered))
    catalogue = "catalogue/140500/2021"
    provision = "provision/140500/2021/senior-high-national-grant"
    assert said(submission, catalogue, "dct:title") == {"晋城市基本公共服务标准（2021年版）"}
    assert said(submission, provision, "bps:beneficiaryText") == {"某类学生"}
    assert said(submission, provision, "bps:content") == {"资助\n另一项内容"}
    assert said(submission, provision, "bps:serviceStandard") == {"平均2000元"}
    assert said(submission, provision, "bps:leadAgency") == {BASE + "agency/140500/education-bureau"}
    assert said(submission, provision, "bps:supportingAgency") == {BASE + "agency/140500/finance-bureau"}
    assert ("assumed-edition", "A1", "晋城市基本公共服务标准（2021年版）") in remarks(submission)
    [unknown] = [remark for remark in submission.remarks if remark.reason == "unknown-item"]
    assert (unknown.place.cell, unknown.value) == ("C7", "普通高中学费减免")
    assert "普通高中免学杂费" in unknown.expected


def test_whose_table_it_is(names: Names) -> None:
    rows = (["服务事项", "服务对象"], [GRANT, "学生"])
    with pytest.raises(BadParameter, match="--jurisdiction CODE"):
        table(names, sheet("甲", *rows))
    with pytest.raises(BadParameter, match="CODE/YEAR"):
        table(names, sheet("甲", *rows), jurisdiction="140500")
    with pytest.raises(BadParameter, match=r"'晋成市' is no known place; did you mean .*晋城市"):
        table(names, sheet("甲", ["行政区划代码", "晋成市"], ["版本", "2024"], *rows))
    submission = table(names, sheet("甲", *rows), jurisdiction="140500", edition="2024-03-01")
    assert said(submission, "catalogue/140500/2024-03-01", "bps:edition") == {"2024-03-01"}
    submission = table(names, sheet("甲", ["山西省晋城市沁水县基本公共服务清单（节选）2023年版"], *rows))
    assert said(submission, "catalogue/140521/2023", "bps:extent") == {BASE + "extent/excerpt"}
    assert said(submission, "catalogue/140521/2023", "bps:jurisdiction") == {BASE + "jurisdiction/140521"}


def test_what_cannot_be_read_has_its_cell_and_what_could_stand_there(names: Names) -> None:
    submission = table(
        names,
        sheet("说明", *ABOUT, ["印发日期", "去年"], ["来源文件", "晋市政发〔2024〕1号"]),
        sheet(
            "服务标准",
            ["服务事项", "指标", "对象分组", "数值", "单位", "执行依据", "胡写"],
            [GRANT, "助学金额", None, 2300, "元/生·年", None, "甲"],
            [GRANT, "国家助学金", "外星人", 2300, "元/生·年"],
            [GRANT, "国家助学金", None, "待定#", "元每学生年"],
            [GRANT, "国家助学金", None, 2300, "元/生·年"],
            [GRANT, "国家助学金", None, 2400, "元/生·年"],
            ["学前教育幼儿资助", None, None, 1000],
            ["学前教育幼儿资助", "学前教育资助标准", None, None, None, "《没有这份文件的办法》"],
        ),
        sheet("支出责任", ["服务事项", "支出责任", "中央分担比例"], [GRANT, "分担", "六成"]),
        sheet("草稿", ["随手记"]),
    )
    found = {(remark.reason, remark.place.sheet, remark.place.cell): remark for remark in submission.remarks}
    assert set(found) == {
        ("unreadable-date", "说明", "B6"),
        ("unknown-measure", "服务标准", "B2"),
        ("unknown-segment", "服务标准", "C3"),
        ("unreadable-value", "服务标准", "D4"),
        ("unknown-unit", "服务标准", "E4"),
        ("duplicate-row", "服务标准", "B6"),
        ("unknown-measure", "服务标准", "B7"),
        ("unknown-document", "服务标准", "F8"),
        ("unread-column", "服务标准", "G1"),
        ("unreadable-percentage", "支出责任", "C2"),
        ("unread-sheet", "草稿", "A1"),
    }
    assert "国家助学金" in found["unknown-measure", "服务标准", "B2"].expected
    assert "元/生·年" in found["unknown-unit", "服务标准", "E4"].expected
    assert found["unknown-measure", "服务标准", "B7"].item == BASE + "item/preschool-financial-aid"
    [reference] = said(
        submission, "guarantee/140500/2024/preschool-financial-aid/preschool-aid", "bps:reference"
    )
    assert said(submission, reference, "dct:title") == {"没有这份文件的办法"}
    [source] = said(submission, "catalogue/140500/2024", "dct:source")
    assert said(submission, source, "dct:title") == {"晋市政发〔2024〕1号"}


def test_an_item_of_the_places_own(names: Names) -> None:
    submission = table(
        names,
        sheet("说明", *ABOUT),
        sheet(
            "服务事项",
            ["类别", "服务事项", "是否提供", "本地新增事项"],
            ["义务教育服务", "课后托管", "是", "after-school-care"],
            [None, "校车", "是", "是"],
        ),
        sheet("服务标准", ["服务事项", "指标", "数值", "单位"], ["课后托管", "国家助学金", 5, "元/生·年"]),
    )
    item = "item/140500-after-school-care"
    assert said(submission, item, "skos:prefLabel") == {"课后托管"}
    assert said(submission, item, "bps:category") == {BASE + "category/5"}
    assert len(said(submission, "provision/140500/2024/140500-after-school-care", "bps:guarantee")) == 1
    assert sum(t.object == Literal("校车", language="zh") for t in submission.triples) == 1
    assert remarks(submission) == []


def test_a_table_without_headings(names: Names) -> None:
    with pytest.raises(MalformedFile, match="headings such as 服务事项"):
        table(names, sheet("甲", ["一", "二"], ["三", "四"]))


def test_a_file_is_read_by_its_suffix_or_content(
    names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    text = f"行政区划代码,140500\n版本,2024\n服务事项,是否提供\n{GRANT},是\n"
    expected = Triple(
        NamedNode(BASE + "provision/140500/2024/senior-high-national-grant"),
        NamedNode(BPS + "item"),
        NamedNode(BASE + "item/senior-high-national-grant"),
    )
    file = tmp_path / "c.csv"
    file.write_bytes(text.encode("gb18030"))
    submission = read(file, names=names)
    assert expected in submission.triples.triples
    assert submission.hash is not None
    for data in (text.encode("gb18030"), text.encode("utf-16")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert expected in read("-", names=names).triples.triples
    turtle = (DATA / "140500-2021.ttl").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(turtle)))
    assert len(read("-", names=names).triples) > 300


HEADS = ["服务事项", "是否提供", "不适用依据", "牵头负责单位"]


def test_what_is_not_provided_promises_nothing(names: Names) -> None:
    promised = sheet(
        "服务标准", ["服务事项", "指标", "数值", "单位"], [GRANT, "国家助学金", 2000, "元/生·年"]
    )
    paid = sheet("支出责任", ["服务事项", "支出责任"], [GRANT, "市级负担"])
    offered = sheet("服务事项", HEADS, [GRANT, "否", None, "市教育局"])
    submission = table(names, sheet("说明", *ABOUT), promised, paid, offered)
    assert not {t for t in submission.triples if t.predicate.value in (BPS + "item", BPS + "guarantee")}
    assert submission.remarks == ()
    item = names.find("item", GRANT)[0]
    assert submission.places.blanks[item,] == Place(sheet="服务事项", row=2, column=2)


def test_what_does_not_apply_is_stated_with_its_ground(names: Names) -> None:
    offered = sheet("服务事项", HEADS, [GRANT, "否", "国家基本公共服务标准（2023年版）", None])
    submission = table(names, sheet("说明", *ABOUT), offered)
    assert [t for t in submission.triples if t.predicate.value == BPS + "notApplicable"]


def test_the_sheet_of_findings_of_a_copy_sent_back_is_passed_over(names: Names) -> None:
    findings = sheet(
        "检查结果", ["晋城"], ["服务事项", "服务事项", "服务内容", "former fill"], [GRANT, "x", "y", "z"]
    )
    hidden = Remark("hidden-content", Place(sheet="检查结果", row=1, column=4), "D:D")
    offered = sheet("服务事项", HEADS, [GRANT, "是", None, "市教育局"])
    book = Book("c.xlsx", (findings, sheet("说明", *ABOUT), offered), (hidden,))
    assert read_table(book, names).remarks == ()
    theirs = sheet("检查结果", ["晋城"], ["服务事项", "服务事项", "服务内容"], [GRANT, "x", "y"])
    own = table(names, theirs, sheet("说明", *ABOUT), offered)
    assert "duplicate-column" in {reason for reason, _, _ in remarks(own)}


def test_a_sheet_without_the_column_of_measures_and_one_under_another_name(names: Names) -> None:
    promised = sheet("服务标准", ["服务事项", "数值", "单位"], [GRANT, 2000, "元/生·年"])
    submission = table(names, sheet("封面", *ABOUT), promised)
    assert remarks(submission) == [("missing-column", "A1", "服务标准")]
    assert submission.remarks[0].expected == "指标"
    assert said(submission, "catalogue/140500/2024", "bps:edition") == {"2024"}


def test_a_short_name_of_a_bureau_is_of_the_tables_own_place(names: Names) -> None:
    about = [["说明"], ["行政区划代码", "530100 昆明市"], ["版本", "2024"]]
    offered = sheet("服务事项", HEADS, [GRANT, "是", None, "市教育局、市民政局"])
    submission = table(names, sheet("说明", *about), offered)
    assert submission.remarks == ()
    led = {t.object for t in submission.triples if t.predicate.value == BPS + "leadAgency"}
    assert led == {
        NamedNode(BASE + f"agency/530100/{key}") for key in ("education-bureau", "civil-affairs-bureau")
    }


@pytest.mark.parametrize(
    ("cell", "share"),
    [(0.6, None), ("0.6", None), (60, "60.0"), ("60%", "60.0"), ("0.5%", "0.5"), (1, "1.0")],
)
def test_a_share_below_one_may_be_a_percentage_or_a_part(
    names: Names, cell: object, share: str | None
) -> None:
    paid = sheet(
        "支出责任", ["服务事项", "中央分担比例"], [GRANT, str(cell) if isinstance(cell, float) else cell]
    )
    submission = table(names, sheet("说明", *ABOUT), paid)
    shares = {t.object for t in submission.triples if t.predicate.value == BPS + "centralShare"}
    if share is None:
        assert not shares
        assert [(r.reason, r.expected) for r in submission.remarks] == [("unreadable-percentage", "60%")]
    else:
        assert [one.value for one in shares if isinstance(one, Literal)] == [share]
