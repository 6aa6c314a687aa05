"""What openpyxl does not carry from a workbook into its copy, and the drop-down lists that it would not.

Excel writes a list that refers to another sheet as an extension of the sheet
([MS-XLSX] 2.6.2, x14:dataValidations), which openpyxl leaves out.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bpsgraph.results import Text

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

# By the folder of the parts, the words for what is in them.
_PARTS = {
    "xl/media/": Text("图片", "pictures"),
    "xl/charts/": Text("图表（格式可能改变）", "charts (their looks may change)"),
    "xl/vbaProject": Text("宏", "macros"),
    "xl/activeX/": Text("控件", "controls"),
    "xl/ctrlProps/": Text("控件", "controls"),
    "xl/embeddings/": Text("嵌入的文件", "embedded files"),
    "xl/slicers/": Text("切片器", "slicers"),
    "xl/timelines/": Text("日程表", "timelines"),
    "xl/queryTables/": Text("外部数据查询", "queries of other data"),
    "xl/model/": Text("数据模型", "data model"),
    "xl/threadedComments/": Text("会话式批注（改为普通批注）", "threads of comments (they become notes)"),
    "_xmlsignatures/": Text("数字签名", "digital signatures"),
}
_ELEMENTS = {
    b"sparklineGroup": Text("迷你图", "sparklines"),
    b"x14:cfRule": Text("部分条件格式", "some conditional formats"),
}
_SHAPES = re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)[ >]")
_SHAPE = Text("图形", "shapes")
_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_ATTRIBUTES = (
    "type",
    "errorStyle",
    "imeMode",
    "operator",
    "allowBlank",
    "showDropDown",
    "showInputMessage",
    "showErrorMessage",
    "errorTitle",
    "error",
    "promptTitle",
    "prompt",
)


def losses(names: Iterable[str], parts: Mapping[str, bytes]) -> list[Text]:
    """What a copy will lack or show otherwise, each once; `names` are those of all parts, `parts` the XML."""
    found = [words for name in names for start, words in _PARTS.items() if name.startswith(start)]
    for name, content in parts.items():
        if name.startswith("xl/drawings/") and name.endswith(".xml") and _SHAPES.search(content):
            found.append(_SHAPE)
        if name.startswith("xl/worksheets/"):
            found += [words for element, words in _ELEMENTS.items() if element in content]
    return list(dict.fromkeys(found))


def extended_validations(sheet: bytes) -> list["DataValidation"]:
    """The validations that a sheet keeps in its extensions, as plain ones."""
    if b"dataValidations" not in sheet or _X14[1:-1].encode() not in sheet:
        return []
    from defusedxml.ElementTree import fromstring
    from openpyxl.worksheet.datavalidation import DataValidation

    found = []
    for element in fromstring(sheet).iter(f"{_X14}dataValidation"):
        formulas = (element.findtext(f"{_X14}{name}/{_XM}f") for name in ("formula1", "formula2"))
        first, second = formulas
        said: dict[str, Any] = {
            name: element.get(name) for name in _ATTRIBUTES if element.get(name) is not None
        }
        where = element.findtext(f"{_XM}sqref")
        if where:
            found.append(DataValidation(sqref=where, formula1=first, formula2=second, **said))
    return found
