"""The yearly, mid-term and final report on a place: saved answers and the watch, one after the other.

A yearly report covers its year. Mid-term and final reports cover a plan from its first day, to the end of the
year in its middle (2023 of 2021 to 2025) or to its end; the plan's period is read from the graph.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pyoxigraph import Literal

from bpsgraph.analysis.monitoring.alerts import text, watch
from bpsgraph.analysis.monitoring.answer import watch_answer
from bpsgraph.analysis.target_answer import ledger_answer
from bpsgraph.analysis.targets import ledger
from bpsgraph.answers import Answer, Provenance
from bpsgraph.answers.answer import state_of
from bpsgraph.answers.saved import answered
from bpsgraph.errors import BadParameter
from bpsgraph.library import Column, Library
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import Term

VERSION = "1"
KINDS = {
    "yearly": Text("年度报告", "Yearly report"),
    "mid-term": Text("中期报告", "Mid-term report"),
    "final": Text("终期报告", "Final report"),
}
# What is asked of the place, and whether as of the last day.
_BEFORE = (
    ("catalogues/all", False),
    ("catalogues/coverage-by-domain", False),
    ("floors/below-floor", True),
    ("gaps/missing-items", True),
)
_AFTER = (("observations/figures", False), ("standards/of-a-catalogue", False))
_COLUMNS = (
    Column("what_zh", Text("事项（中文）", "what (Chinese)")),
    Column("what_en", Text("事项（英文）", "what (English)")),
    Column("value_zh", Text("内容（中文）", "value (Chinese)")),
    Column("value_en", Text("内容（英文）", "value (English)")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """What a report covers, both days included, and the plan that it is part of, if any."""

    kind: str
    first: date
    last: date
    plan: Text | None = None


def period_of(store: Store, library: Library, kind: str, year: int, plan: str | None = None) -> Period:
    """The period of a report of that kind: the year itself, or that of the plan in which the year lies.

    Raises `BadParameter` for another kind, and where no plan or more than one covers the year.
    """
    if kind not in KINDS:
        raise BadParameter("--kind", f"there is no {kind!r}", f"choose one of: {', '.join(KINDS)}")
    if not 1 <= year < date.max.year:
        raise BadParameter("--year", f"{year} is no year", "write it like 2024")
    if kind == "yearly":
        return Period(kind, date(year, 1, 1), date(year, 12, 31))
    rows = answered(store, library, "analysis/monitoring-periods", {"plan": plan} if plan else {}).rows
    found: list[tuple[date, date, Text, str]] = []
    for row in rows:
        begins = date.fromisoformat(text(row["begins"]) or "")
        last = date.fromisoformat(text(row["ends"]) or "") - timedelta(days=1)
        if begins.year <= year <= last.year:
            title = Text(text(row["plan_zh"]) or "", text(row["plan_en"]) or "")
            found.append((begins, last, title, (text(row["plan"]) or "").rpartition("/")[2]))
    if not found:
        raise BadParameter("--year", f"no plan covers {year}", "name another year, or see `bpsgraph targets`")
    if len({(begins, last) for begins, last, _, _ in found}) > 1:
        keys = ", ".join(key for *_, key in found)
        raise BadParameter("--plan", f"several plans cover {year}", f"choose one of: {keys}")
    begins, last, title, _ = found[0]
    if kind == "mid-term":
        last = date(begins.year + (last.year - begins.year) // 2, 12, 31)
    return Period(kind, begins, last, title)


def report(store: Store, library: Library, jurisdiction: str, period: Period) -> Answer:
    """An opening, and as further answers the sections. Raises `BadParameter` for an unknown place."""
    day = period.last.isoformat()
    since = period.first - timedelta(days=1)

    def asked(name: str, dated: bool) -> Answer:
        return answered(
            store, library, name, {"jurisdiction": jurisdiction, **({"date": day} if dated else {})}
        )

    catalogues, *rest = [asked(name, dated) for name, dated in _BEFORE]
    found = watch(store, library, as_of=period.last, since=since, jurisdiction=jurisdiction)
    span = {"as_of": (day,), "since": (since.isoformat(),), "jurisdiction": (jurisdiction,)}
    turned = watch_answer(store, library, found, span)
    entries = ledger(store, library, as_of=period.last, jurisdiction=jurisdiction)
    place = _place(store, library, jurisdiction)
    ledgers = ledger_answer(
        store, library, entries, period.last, {"as_of": (day,), "jurisdiction": (jurisdiction,)}
    )
    sections = (catalogues, *rest, turned, ledgers, *(asked(name, dated) for name, dated in _AFTER))
    asked_for = {"jurisdiction": (jurisdiction,), "kind": (period.kind,), "as_of": (day,)}
    return _opening(place, period, sections, Provenance(state_of(store), VERSION, asked_for))


def _opening(place: Text, period: Period, sections: tuple[Answer, ...], made_from: Provenance) -> Answer:
    kind = KINDS[period.kind]
    turned = next(section for section in sections if section.name == "monitor")
    standing = list(turned.further[0].rows)
    span = f"{period.first.isoformat()} / {period.last.isoformat()}"
    facts: list[tuple[Text, Text]] = [
        (Text("行政区", "Place"), place),
        (Text("报告期", "Period"), Text(span, span)),
        *([(Text("规划", "Plan"), period.plan)] if period.plan else []),
    ]
    for label, row in (
        (Text("期初不足之处", "Values that fell short when it began"), standing[0]),
        (Text("期末不足之处", "Values that fall short at its end"), standing[-1]),
    ):
        facts.append((label, _counted(row)))
    return Answer(
        name="report",
        title=Text(
            f"{place.zh}基本公共服务标准实施{kind.zh}", f"{kind.en} on basic public services: {place.en}"
        ),
        description=Text(
            "以下各节均为已保存查询与分析的结果：判定、变化与目标截至报告期末，"
            "清单、观测值与标准为数据中现有的全部。",
            "Each section is the answer of a saved question or an analysis: verdicts, changes and targets "
            "as of the end of the period; catalogues, figures and standards as the data hold them now.",
        ),
        columns=_COLUMNS,
        rows=Rows(tuple(column.name for column in _COLUMNS), tuple(_fact(*fact) for fact in facts)),
        provenance=made_from,
        key=("what_zh",),
        further=tuple(replace(section, charts=section.charts[:1]) for section in sections),
    )


def _counted(row: Mapping[str, Term | None]) -> Text:
    short, below, missing, narrower = (text(row[name]) for name in ("short", "below", "missing", "narrower"))
    return Text(
        f"{short}（低于下限{below}，缺少{missing}，对象偏窄{narrower}）",
        f"{short} ({below} below, {missing} missing, {narrower} narrower)",
    )


def _fact(what: Text, value: Text) -> tuple[Term | None, ...]:
    return (
        Literal(what.zh, language="zh"),
        Literal(what.en, language="en"),
        Literal(value.zh, language="zh"),
        Literal(value.en, language="en"),
    )


def _place(store: Store, library: Library, jurisdiction: str) -> Text:
    for row in answered(store, library, "catalogues/places").rows:
        if (text(row["jurisdiction"]) or "").rpartition("/")[2] == jurisdiction.rpartition("/")[2]:
            zh, en = text(row.get("jurisdiction_zh")), text(row.get("jurisdiction_en"))
            return Text(zh or en or jurisdiction, en or zh or jurisdiction)
    raise BadParameter(
        "PLACE", f"no catalogue of {jurisdiction} is in the store", "see `bpsgraph query catalogues/places`"
    )
