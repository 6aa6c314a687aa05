"""A clerk at the workbook: finds a cell by what stands beside it and above it, and types into unlocked ones only."""

from pathlib import Path

import openpyxl
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from bpsgraph.sources import find_sources
from bpsgraph.terms import BASE, BPS, SKOS

ROOT = find_sources().root
JINCHENG = ROOT / "data/ttl/local/140500-2021.ttl"
_SAID = {
    "版本": "2021",
    "清单名称": "晋城市“学有所教、老有所养”基本公共服务清单（2021年）",
    "来源文件": "晋市政办函〔2021〕45号",
    "印发日期": "2021-11-02",
    "生效日期": "2021-11-02",
}
Things = dict[str, dict[str, list[str]]]


class Clerk:
    """One workbook on the desk."""

    def __init__(self, path: Path) -> None:
        self.book: Workbook = openpyxl.load_workbook(path)

    def cell(self, sheet: str, heading: str, *beside: str) -> Cell:
        """The cell under the heading in the first row whose names, from the item on, are those."""
        rows = list(self.book[sheet].iter_rows())
        if sheet == "说明":
            return _cell(next(row[1] for row in rows if row[0].value == heading))
        headings = [cell.value for cell in rows[0]]
        first = headings.index("服务事项")
        found = [
            row
            for row in rows[2:]
            if tuple(str(cell.value or "") for cell in row[first : first + len(beside)]) == beside
        ]
        assert found, (sheet, beside)
        return _cell(found[0][headings.index(heading)])

    def empty_cell(self, sheet: str, heading: str) -> Cell:
        """The cell under the heading in the first row whose names are not given."""
        rows = list(self.book[sheet].iter_rows())
        headings = [cell.value for cell in rows[0]]
        row = next(row for row in rows[2:] if row[headings.index("服务事项")].value is None)
        return _cell(row[headings.index(heading)])

    def at(self, place: str) -> Cell:
        """The cell at a place such as 服务标准!I7."""
        sheet, _, coordinate = place.partition("!")
        return _cell(self.book[sheet][coordinate])

    def empty(self, sheet: str, item: str, *beside: str) -> None:
        """Empty the unlocked cells of a row, but for those that name it."""
        found = self.cell(sheet, "服务事项", item, *beside)
        for cell in self.book[sheet][found.row]:
            if isinstance(cell, Cell) and not cell.protection.locked and cell.value is not None:
                self.type_at(cell, None)

    def type(self, sheet: str, heading: str, *beside: str, value: object) -> str:
        """Type the value there; gives where, such as 服务标准!I7."""
        return self.type_at(self.cell(sheet, heading, *beside), value)

    def type_at(self, cell: Cell, value: object) -> str:
        """Type the value into a cell, which must be one that is not locked."""
        sheet = cell.parent
        assert isinstance(sheet, Worksheet)
        assert not (sheet.protection.sheet and cell.protection.locked), f"{sheet.title}!{cell.coordinate}"
        cell.value = value  # type: ignore[assignment]
        return f"{sheet.title}!{cell.coordinate}"

    def save(self, path: Path) -> Path:
        """Save the workbook, as the clerk would under another name."""
        self.book.save(path)
        return path


def fill_in(clerk: Clerk) -> None:
    """Type what 晋城's document says: sentences as they stand, figures beside their unit, names of bureaus."""
    labels = _labels() | {"": ""}
    stated = _things(JINCHENG)
    for heading, value in _SAID.items():
        clerk.type("说明", heading, value=value)
    for says in stated.values():
        if "item" not in says:
            continue
        item = labels[says["item"][0]]
        for heading, key in (
            ("服务对象", "beneficiaryText"),
            ("服务对象分组", "beneficiary"),
            ("服务内容", "content"),
            ("服务标准", "serviceStandard"),
            ("牵头负责单位", "leadAgency"),
            ("配合单位", "supportingAgency"),
        ):
            if key in says:
                words = "、".join(labels.get(value, value) for value in says[key])
                clerk.type("服务事项", heading, item, value=words)
        if "expenditure" in says:
            clerk.type("支出责任", "支出责任", item, value=says["expenditure"][0])
        for guarantee in says["guarantee"]:
            promise = stated[guarantee]
            segment = labels[promise.get("segment", [""])[0]]
            row = (item, labels[promise["measure"][0]], segment)
            clerk.type("服务标准", "标准原文", *row, value=promise["statedAs"][0])
            if "value" in promise:
                clerk.type("服务标准", "数值", *row, value=float(promise["value"][0]))
                clerk.type("服务标准", "单位", *row, value=labels[promise["unit"][0]])


def _cell(cell: object) -> Cell:
    assert isinstance(cell, Cell)
    return cell


def _things(path: Path) -> Things:
    things: Things = {}
    for quad in parse(path=str(path), format=RdfFormat.TURTLE, base_iri=BASE):
        if isinstance(quad.object, Literal) and quad.object.language == "en":
            continue
        of = things.setdefault(str(getattr(quad.subject, "value", "")), {})
        value = quad.object.value if isinstance(quad.object, Literal | NamedNode) else ""
        of.setdefault(quad.predicate.value.removeprefix(BPS), []).append(value)
    return {iri: {key: sorted(values) for key, values in of.items()} for iri, of in things.items()}


def _labels() -> dict[str, str]:
    labels = {}
    for path in sorted((ROOT / "data/ttl").rglob("*.ttl")):
        for iri, says in _things(path).items():
            if SKOS + "prefLabel" in says:
                labels[iri] = says[SKOS + "prefLabel"][0]
    return labels
