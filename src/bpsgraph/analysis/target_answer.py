"""The ledger of targets as an answer: one row per target, in the order of the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.targets import Progress
from bpsgraph.answers import Answer, Provenance
from bpsgraph.answers.answer import state_of
from bpsgraph.library import Chart, Column, Library, bind
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, XSD, Term

VERSION = "1"
_FROM_LEDGER = (
    "target", "target_zh", "target_en", "plan", "plan_zh", "plan_en",
    "jurisdiction", "jurisdiction_zh", "jurisdiction_en", "kind", "attribute_zh", "attribute_en",
    "base_value", "base_period", "comparator", "value", "words", "unit_zh", "unit_en",
    "basis_zh", "basis_en", "due",
)  # fmt: skip
_OWN = (
    Column("status", Text("进展", "status")),
    Column("status_zh", Text("进展（中文）", "status (Chinese)")),
    Column("status_en", Text("进展（英文）", "status (English)")),
    Column("observed", Text("观测值、均值或累计", "observed, mean or sum")),
    Column("period", Text("所属时期", "of the period")),
    Column("expected", Text("按进度应达", "expected at this time")),
    Column("share", Text("完成程度", "way gone"), unit="%"),
    Column("reported", Text("已报年数", "years reported"), of="years"),
    Column("years", Text("总年数", "years in all")),
    Column("needed", Text("余下各年须", "needed in each year left")),
    Column("figure_status", Text("观测状态", "status of the figure")),
    Column("source", Text("数据出处", "source of the figure")),
    Column("verification", Text("目标核实程度", "verification of the target")),
)
_CHARTS = (
    Chart("timeline", {"y": "target", "x": "starts", "x2": "due", "color": "status"}),
    Chart("bar", {"y": "target", "x": "share", "color": "status"}),
)


def ledger_answer(
    store: Store,
    library: Library,
    entries: Sequence[Progress],
    as_of: date,
    parameters: Mapping[str, tuple[str, ...]],
) -> Answer:
    """One row per entry, late ones counted in a note; numbers are decimals with at most six places."""
    saved = {column.name: column for column in library["analysis/targets"].columns}
    columns = (*(saved[name] for name in (*_FROM_LEDGER, "starts")), *_OWN)
    labels = _labels(store, library)
    rows = tuple(
        (*(entry.target.row[name] for name in (*_FROM_LEDGER, "starts")), *_own(entry, labels))
        for entry in entries
    )
    charts = _CHARTS if any(entry.share is not None for entry in entries) else _CHARTS[:1]
    return Answer(
        name="targets",
        title=Text("目标进展台账", "The ledger of targets"),
        description=Text(
            f"截至{as_of.isoformat()}，每行一个目标及其进展；约束性目标在前。",
            f"As of {as_of.isoformat()}, one row per target with where it stands; binding ones come first.",
        ),
        columns=columns,
        rows=Rows(tuple(column.name for column in columns), rows),
        provenance=Provenance(state_of(store), VERSION, parameters),
        charts=charts,
        notes=_notes(entries, labels),
        key=("target",),
    )


def _own(entry: Progress, labels: Mapping[str, Text]) -> tuple[Term | None, ...]:
    label = labels[entry.status]
    last = entry.figures[-1] if entry.figures else None
    return (
        NamedNode(f"{BASE}target-status/{entry.status}"),
        Literal(label.zh, language="zh"),
        Literal(label.en, language="en"),
        _decimal(entry.observed),
        Literal(entry.period) if entry.period else None,
        _decimal(entry.expected),
        _decimal(entry.share, places=1),
        _decimal(entry.reported),
        _decimal(entry.years),
        _decimal(entry.needed),
        Literal(last.status) if last else None,
        NamedNode(last.source) if last and last.source else None,
        entry.target.row["verification"],
    )


def _notes(entries: Sequence[Progress], labels: Mapping[str, Text]) -> tuple[Text, ...]:
    if not entries:
        return ()
    counts = Counter(entry.status for entry in entries)
    zh = "，".join(f"{labels[status].zh}{counts[status]}" for status in labels if counts[status])
    en = ", ".join(f"{counts[status]} {labels[status].en}" for status in labels if counts[status])
    notes = [Text(f"共{len(entries)}个目标：{zh}。", f"{len(entries)} targets: {en}.")]
    doubled = sum(entry.doubled for entry in entries)
    if doubled:
        notes.append(
            Text(
                f"有{doubled}个数值与另一数据集同期的数值不同，取正常数先于初步数、估计数。",
                f"{doubled} figures differ from another data set's for the same period: normal ones count "
                "before provisional and estimated ones.",
            )
        )
    return tuple(notes)


def _labels(store: Store, library: Library) -> dict[str, Text]:
    """The labels of the statuses by key, in the order of the code list."""
    found = select(store, bind(library["vocabulary/codes"], {"list": "target-status"}))
    return {
        str(row["code"].value).rpartition("/")[2]: Text(_word(row["code_zh"]), _word(row["code_en"]))
        for row in found
        if isinstance(row["code"], (NamedNode, Literal))
    }


def _word(term: Term | None) -> str:
    return term.value if isinstance(term, Literal) else ""


def _decimal(number: Fraction | None, places: int = 6) -> Literal | None:
    if number is None:
        return None
    # Halves are rounded up, as a reader does.
    scale = 10**places
    whole = (abs(number.numerator) * scale * 2 + number.denominator) // (number.denominator * 2)
    sign = "-" if number < 0 and whole else ""
    text = f"{sign}{whole // scale}.{whole % scale:0{places}d}".rstrip("0").removesuffix(".")
    return Literal(text, datatype=NamedNode(XSD + "decimal"))
