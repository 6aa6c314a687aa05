"""The columns of the workbook: the one table from which reading, template, conversion and documentation are made.

The synonyms are the headings of catalogues that places have published.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bpsgraph.results import Text
from bpsgraph.terms import BPS, DCT, PROV, RDFS, SKOS

ORG_PARENT = "http://www.w3.org/ns/org#subOrganizationOf"


class Holds(StrEnum):
    """What the cells of a column hold."""

    WORDS = "words"
    THING = "thing"
    CODE = "code"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    VALUE = "value"
    KEY = "key"
    NOTHING = "nothing"


class Use(StrEnum):
    """What a column is for: it names what a row is about, is filled in, or shows what the State says."""

    NAMES = "names"
    FILL = "fill"
    MORE = "more"
    SHOWS = "shows"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column, or one key of the sheet 说明.

    `property` is what it states of the row's subject; `names` the kind of thing or the code list that it takes
    (as in `bpsgraph.ingest.names`); `language` that of words; `many` whether a cell may name several things.
    """

    key: str
    heading: Text
    holds: Holds
    use: Use = Use.FILL
    property: str | None = None
    names: str | None = None
    language: str = "zh"
    many: bool = False
    required: bool = False
    width: int = 16
    note: Text | None = None
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SheetLayout:
    """One sheet: its names, what its rows describe, and its columns in order."""

    key: str
    title: Text
    describes: str | None
    columns: tuple[Column, ...]
    _by_key: Mapping[str, Column] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {column.key: column for column in self.columns})

    def column(self, key: str) -> Column:
        """The column with that key; raises `KeyError`."""
        return self._by_key[key]


def _words(
    key: str, zh: str, en: str, property: str, width: int = 24, language: str = "zh", use: Use = Use.FILL,
    synonyms: tuple[str, ...] = (), note: Text | None = None,
) -> Column:  # fmt: skip
    return Column(
        key,
        Text(zh, en),
        Holds.WORDS,
        use,
        property,
        language=language,
        width=width,
        synonyms=synonyms,
        note=note,
    )


def _thing(
    key: str, zh: str, en: str, property: str | None, names: str, width: int = 18, many: bool = False,
    use: Use = Use.FILL, synonyms: tuple[str, ...] = (), note: Text | None = None, required: bool = False,
) -> Column:  # fmt: skip
    return Column(
        key, Text(zh, en), Holds.THING, use, property, names, many=many, width=width, synonyms=synonyms,
        note=note, required=required,
    )  # fmt: skip


def _code(
    key: str, zh: str, en: str, property: str, names: str, use: Use = Use.MORE, synonyms: tuple[str, ...] = ()
) -> Column:
    return Column(key, Text(zh, en), Holds.CODE, use, property, names, width=12, synonyms=synonyms)


def _shown(key: str, zh: str, en: str, width: int = 14) -> Column:
    return Column(key, Text(zh, en), Holds.NOTHING, Use.SHOWS, width=width)


def _provenance(prefix: str, zh: str, en: str) -> tuple[Column, ...]:
    """Where a statement comes from; a provision and a guarantee may each say so."""
    return (
        _thing(f"{prefix}-clause", f"{zh}条款", f"{en} clause", BPS + "clause", "clause", many=True, use=Use.MORE),
        _code(f"{prefix}-verification", f"{zh}核实程度", f"{en} verification", BPS + "verification", "verification"),
        _thing(
            f"{prefix}-source", f"{zh}来源", f"{en} source", PROV + "hadPrimarySource", "document", many=True,
            use=Use.MORE,
        ),
        _words(f"{prefix}-comment", f"{zh}备注", f"{en} comment", RDFS + "comment", use=Use.MORE,
               synonyms=("备注",) if prefix == "provision" else ()),
        _words(f"{prefix}-comment-en", f"{zh}英文备注", f"{en} comment in English", RDFS + "comment", language="en",
               use=Use.MORE),
    )  # fmt: skip


ITEM: Final = _thing(
    "item", "服务事项", "item", BPS + "item", "item", 26, use=Use.NAMES, required=True,
    synonyms=("服务项目", "项目", "事项", "项目名称", "事项名称", "服务项目名称", "服务事项名称", "基本公共服务项目",
              "基本公共服务事项", "公共服务事项", "具体项目", "标准名称", "service item"),
    note=Text("国家事项用国家名称，历次名称均可；一格写两个事项的，用顿号或换行分开。",
              "The State’s name, of any edition; two items in one cell are set apart by a line break."),
)  # fmt: skip

# Only written where the IRI of a row does not follow from place, edition and item.
_PROVISION_KEY: Final = Column("provision-key", Text("事项标识", "key of the row"), Holds.KEY, Use.MORE)

ABOUT: Final = SheetLayout(
    "about", Text("说明", "about"), BPS + "Catalogue",
    (
        _thing("jurisdiction", "行政区划代码", "jurisdiction", BPS + "jurisdiction", "jurisdiction", required=True,
               synonyms=("行政区", "行政区划", "区划代码", "地区", "填报地区"),
               note=Text("六位代码（GB/T 2260），例如 140500。", "Six digits (GB/T 2260), such as 140500.")),
        Column("edition", Text("版本", "edition"), Holds.KEY, property=BPS + "edition", required=True,
               synonyms=("年份", "清单版本", "年度"),
               note=Text("年份；一年有几份文件的，写日期，例如 2024-03-01。",
                         "A year, or a date where there are several documents in a year.")),
        _words("title", "清单名称", "title", DCT + "title", synonyms=("名称", "标题")),
        _words("title-en", "清单英文名称", "title in English", DCT + "title", language="en", use=Use.MORE),
        _code("extent", "完整程度", "extent", BPS + "extent", "extent", Use.FILL),
        _thing("scope", "范围", "scope", BPS + "scope", "scope", many=True,
               note=Text("领域、类别或事项，用顿号分开；全部都列的不写。",
                         "Domains, categories or items; empty where everything is covered.")),
        _thing("baseline", "对照的国家版本", "baseline", BPS + "baseline", "catalogue",
               synonyms=("国家标准版本", "对照版本", "依据版本"),
               note=Text("2021 或 2023；不写的与当日有效的下限比较。",
                         "2021 or 2023; empty: compared with the floors in force.")),
        _thing("source", "来源文件", "source document", DCT + "source", "document", many=True,
               synonyms=("印发文件", "文件名称", "依据文件", "文号"),
               note=Text("公布清单的文件，写标题或文号。", "The document that publishes it: title or number.")),
        Column("issued", Text("印发日期", "issued"), Holds.DATE, property=DCT + "issued", synonyms=("发布日期", "成文日期")),
        Column("valid-from", Text("生效日期", "valid from"), Holds.DATE, property=BPS + "validFrom",
               synonyms=("施行日期", "实施日期")),
        Column("valid-until", Text("失效日期", "valid until"), Holds.DATE, property=BPS + "validUntil",
               note=Text("不再有效的第一天。", "The first day on which it no longer holds.")),
        _code("date-precision", "日期精度", "date precision", BPS + "datePrecision", "date-precision"),
        Column("review-date", Text("复审日期", "review date"), Holds.DATE, property=BPS + "reviewDate"),
        _thing("fiscal-assessment", "财政承受能力评估", "fiscal assessment", BPS + "fiscalAssessment", "document",
               many=True, use=Use.MORE),
        _thing("catalogue-clause", "清单条款", "catalogue clause", BPS + "clause", "clause", many=True, use=Use.MORE),
        _code("catalogue-verification", "清单核实程度", "catalogue verification", BPS + "verification", "verification"),
        _thing("catalogue-source", "清单来源", "catalogue source", PROV + "hadPrimarySource", "document", many=True,
               use=Use.MORE),
        _words("catalogue-comment", "清单备注", "catalogue comment", RDFS + "comment", use=Use.MORE, synonyms=("备注",)),
        _words("catalogue-comment-en", "清单英文备注", "catalogue comment in English", RDFS + "comment", language="en",
               use=Use.MORE),
    ),
)  # fmt: skip

PROVISIONS: Final = SheetLayout(
    "provisions", Text("服务事项", "provisions"), BPS + "Provision",
    (
        Column("number", Text("序号", "number"), Holds.NOTHING, Use.NAMES, width=6, synonyms=("编号", "no.")),
        Column("domain", Text("领域", "domain"), Holds.NOTHING, Use.NAMES, names="domain", width=12,
               synonyms=("所属领域", "服务领域", "一级类别")),
        Column("category", Text("类别", "category"), Holds.THING, Use.NAMES, property=BPS + "category",
               names="category", width=16, synonyms=("服务类别", "服务分类", "二级类别", "分类", "所属类别")),
        ITEM,
        _shown("national-beneficiary", "国家服务对象", "the State’s beneficiaries", 22),
        _shown("national-content", "国家服务内容", "the State’s content", 28),
        Column("provided", Text("是否提供", "provided"), Holds.CODE, width=10,
               note=Text("提供的写“是”；依法不适用的，在“不适用依据”写明依据。",
                         "“是” where it is provided; a legal ground where it does not apply.")),
        _words("beneficiary-text", "服务对象", "beneficiaries as stated", BPS + "beneficiaryText", 24,
               synonyms=("保障对象", "对象", "受益对象", "beneficiaries")),
        _thing("beneficiary", "服务对象分组", "beneficiary segment", BPS + "beneficiary", "segment", 24,
               note=Text("从下拉列表选；用来核对对象是宽是窄。",
                         "From the list; it decides whether the beneficiaries are wider or narrower.")),
        _words("content", "服务内容", "content", BPS + "content", 32, synonyms=("保障内容", "内容", "服务内容及标准")),
        _words("service-standard", "服务标准", "service standard as stated", BPS + "serviceStandard", 32,
               synonyms=("保障标准", "标准", "标准内容", "服务指导标准", "实施标准", "地方标准", "我市标准", "我省标准",
                         "本地标准", "service standard")),
        _thing("lead-agency", "牵头负责单位", "lead agency", BPS + "leadAgency", "agency", 18, many=True,
               synonyms=("牵头单位", "责任单位", "负责单位", "牵头部门", "责任部门", "主管部门", "牵头责任单位")),
        _thing("supporting-agency", "配合单位", "supporting agencies", BPS + "supportingAgency", "agency", 18, many=True,
               synonyms=("配合部门", "协同单位", "参与单位", "配合责任单位")),
        _thing("standard", "所依标准", "standards relied on", BPS + "standard", "document", 18, many=True,
               synonyms=("依据标准", "标准依据", "执行标准"),
               note=Text("标准号或标准名称，例如 GB/T 43507-2023。", "Number or title, such as GB/T 43507-2023.")),
        _thing("not-applicable", "不适用依据", "not applicable because of", BPS + "notApplicable", "document", 18,
               many=True, note=Text("依法不适用的，写明法定依据。", "The legal ground on which the item does not apply here.")),
        Column("local-item", Text("本地新增事项", "an item of the place’s own"), Holds.KEY, Use.FILL, width=14,
               note=Text("国家清单没有、本地增加的事项：写“是”，或写英文小写标识。",
                         "“是”, or a key in small letters, for an item that the State does not list.")),
        _thing("provision-fiscal", "事项财政承受能力评估", "fiscal assessment of the item", BPS + "fiscalAssessment",
               "document", many=True, use=Use.MORE),
        Column("provision-from", Text("事项生效日期", "item valid from"), Holds.DATE, Use.MORE, BPS + "validFrom"),
        Column("provision-until", Text("事项失效日期", "item valid until"), Holds.DATE, Use.MORE, BPS + "validUntil"),
        Column("provision-review", Text("事项复审日期", "item review date"), Holds.DATE, Use.MORE, BPS + "reviewDate"),
        *_provenance("provision", "事项", "item"),
        _PROVISION_KEY,
    ),
)  # fmt: skip

GUARANTEES: Final = SheetLayout(
    "guarantees", Text("服务标准", "guarantees"), BPS + "Guarantee",
    (
        ITEM,
        _thing("measure", "指标", "measure", BPS + "measure", "measure", 22, use=Use.NAMES, required=True,
               synonyms=("指标名称", "标准项")),
        _thing("segment", "对象分组", "segment", BPS + "segment", "segment", 22, use=Use.NAMES,
               synonyms=("分组", "人群"), note=Text("不写的，即该事项的服务对象。", "Empty: whoever the item is for.")),
        _shown("national-words", "国家标准", "the State’s words", 34),
        _shown("national-value", "国家数值", "the State’s figure", 12),
        _shown("national-unit", "国家单位", "the State’s unit", 12),
        _shown("national-clause", "国家依据", "clause", 18),
        _shown("national-verification", "国家核实程度", "verification", 10),
        Column("value", Text("数值", "value"), Holds.VALUE, property=BPS + "value", width=14,
               synonyms=("标准值", "本地数值"),
               note=Text("一个数，或照文件写：平均2000元、按《…》执行、由各县（市、区）确定、免费提供。",
                         "A number, or the words of your document.")),
        _thing("unit", "单位", "unit", BPS + "unit", "unit", 12, synonyms=("计量单位",)),
        _words("words", "标准原文", "stated as", BPS + "statedAs", 34, synonyms=("原文", "文件原文", "本地标准原文"),
               note=Text("文件中的原话；没有填数值的，从这里读出。",
                         "The words of your document; read for the value where none is given.")),
        _code("kind", "值的种类", "kind", BPS + "kind", "kind", Use.FILL, ("类型", "种类")),
        Column("lower", Text("下限", "lower bound"), Holds.NUMBER, Use.FILL, BPS + "lower", width=10),
        Column("upper", Text("上限", "upper bound"), Holds.NUMBER, Use.FILL, BPS + "upper", width=10),
        Column("minimum-tiers", Text("最少档数", "minimum tiers"), Holds.INTEGER, Use.MORE, BPS + "minimumTiers", width=10),
        Column("maximum-tiers", Text("最多档数", "maximum tiers"), Holds.INTEGER, Use.MORE, BPS + "maximumTiers", width=10),
        Column("percent", Text("百分比", "percent"), Holds.NUMBER, Use.MORE, BPS + "percent", width=10),
        _thing("base-measure", "基数指标", "base measure", BPS + "baseMeasure", "measure", use=Use.MORE),
        _thing("base-segment", "基数分组", "base segment", BPS + "baseSegment", "segment", use=Use.MORE),
        _code("base-owner", "基数归属", "base owner", BPS + "baseOwner", "base-owner"),
        _thing("supplement-to", "增加于", "supplement to", BPS + "supplementTo", "measure", use=Use.MORE),
        Column("numerator", Text("分子", "numerator"), Holds.INTEGER, Use.MORE, BPS + "fractionNumerator", width=8),
        Column("denominator", Text("分母", "denominator"), Holds.INTEGER, Use.MORE, BPS + "fractionDenominator", width=8),
        Column("periods", Text("每年期数", "periods a year"), Holds.INTEGER, Use.MORE, BPS + "periodsPerYear", width=10),
        _thing("reference", "执行依据", "by reference to", BPS + "reference", "document", 20, many=True),
        _thing("delegated-to", "授权确定者", "delegated to", BPS + "delegatedTo", "delegate", 18, many=True),
        Column("guarantee-from", Text("承诺生效日期", "promise valid from"), Holds.DATE, Use.MORE, BPS + "validFrom"),
        Column("guarantee-until", Text("承诺失效日期", "promise valid until"), Holds.DATE, Use.MORE, BPS + "validUntil"),
        _words("words-en", "英文原文", "stated as, in English", BPS + "statedAs", language="en", use=Use.MORE),
        *_provenance("guarantee", "承诺", "promise"),
        Column("guarantee-key", Text("承诺标识", "key of the promise"), Holds.KEY, Use.MORE),
        _PROVISION_KEY,
    ),
)  # fmt: skip

FUNDING: Final = SheetLayout(
    "funding", Text("支出责任", "expenditure"), BPS + "Provision",
    (
        ITEM,
        _shown("national-expenditure", "国家支出责任", "the State’s words", 40),
        _words("expenditure", "支出责任", "expenditure responsibility", BPS + "expenditure", 44,
               synonyms=("支出责任划分", "经费保障", "资金来源", "保障责任", "支出责任及分担方式")),
        Column("central-share", Text("中央分担比例", "central share"), Holds.NUMBER, Use.FILL, BPS + "centralShare", width=14,
               note=Text("0到100之间的数，例如 60。", "From 0 to 100, such as 60.")),
        _PROVISION_KEY,
    ),
)  # fmt: skip

AGENCIES: Final = SheetLayout(
    "agencies", Text("机构", "agencies"), BPS + "Agency",
    (
        _words("agency-name", "机构名称", "name", SKOS + "prefLabel", 28, use=Use.NAMES, synonyms=("单位名称", "机构全称")),
        Column("agency-key", Text("机构标识", "key"), Holds.KEY, width=20,
               note=Text("英文小写字母、数字和连字符，例如 education-bureau；可不填。",
                         "Small letters, digits and hyphens; may be left empty.")),
        _words("agency-short", "机构简称", "other names", SKOS + "altLabel", 18, synonyms=("简称", "别名")),
        _words("agency-name-en", "机构英文名称", "name in English", SKOS + "prefLabel", 28, "en", use=Use.MORE),
        _thing("counterpart", "对口单位", "counterpart above", BPS + "counterpart", "agency", 24, many=True),
        _thing("agency-parent", "上级机构", "part of", ORG_PARENT, "agency", 24, many=True, use=Use.MORE),
    ),
)  # fmt: skip

# What the other sheets have no column for: nothing that a file states is lost.
STATEMENTS: Final = SheetLayout(
    "statements", Text("其他陈述", "other statements"), None,
    (
        Column("subject", Text("主体", "subject"), Holds.KEY, width=48),
        Column("predicate", Text("属性", "property"), Holds.KEY, width=28),
        Column("object", Text("内容", "object"), Holds.KEY, width=48),
        Column("type", Text("数据类型或语言", "datatype or language"), Holds.KEY, width=20),
    ),
)  # fmt: skip

SHEETS: Final = (ABOUT, PROVISIONS, GUARANTEES, FUNDING, AGENCIES)
# The sheet of findings in front of an annotated copy, by its title and the heading of its hidden column, which
# holds what a cell was filled with before it was coloured; sent back, it is no part of the table.
INDEX_TITLE: Final = "检查结果"
INDEX_MARK: Final = "former fill"
# Whose figure a percentage is of: these two are no concepts of a code list.
BASE_OWNERS: Final = {"国家标准": BPS + "state", "本地标准": BPS + "own"}
# The sheet of the drop-down lists, which nobody reads.
LISTS_TITLE: Final = "列表"
# One flat table, as CSV files have it: a provision, its promises, and who pays.
FLAT: Final = tuple(dict.fromkeys((*PROVISIONS.columns, *GUARANTEES.columns, *FUNDING.columns)))
