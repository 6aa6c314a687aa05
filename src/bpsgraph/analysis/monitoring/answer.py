"""Alerts as an answer: the alerts, how many values fell short and when, and the floors that rose."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.monitoring.alerts import Alert, Standing, Watch, labels_of
from bpsgraph.answers import Answer, Provenance
from bpsgraph.answers.answer import state_of
from bpsgraph.answers.saved import answered
from bpsgraph.library import Chart, Column, Library
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, XSD, Term

VERSION = "1"
STAGE = {False: Text("已发生", "come"), True: Text("将发生", "coming")}
_COLUMNS = (
    Column("date", Text("日期", "date")),
    Column("stage_zh", Text("阶段（中文）", "stage (Chinese)")),
    Column("stage_en", Text("阶段（英文）", "stage (English)")),
    Column("change", Text("种类", "change")),
    Column("change_zh", Text("种类（中文）", "change (Chinese)")),
    Column("change_en", Text("种类（英文）", "change (English)")),
    Column("jurisdiction", Text("行政区", "place")),
    Column("jurisdiction_zh", Text("行政区（中文）", "place (Chinese)")),
    Column("jurisdiction_en", Text("行政区（英文）", "place (English)")),
    Column("thing", Text("对象", "what")),
    Column("thing_zh", Text("对象（中文）", "what (Chinese)")),
    Column("thing_en", Text("对象（英文）", "what (English)")),
    Column("stated", Text("承诺原文或观测值", "promised or observed")),
    Column("required", Text("下限原文或应达", "required")),
    Column("catalogue", Text("清单", "catalogue")),
    Column("item", Text("事项", "item")),
    Column("item_zh", Text("事项（中文）", "item (Chinese)")),
    Column("item_en", Text("事项（英文）", "item (English)")),
    Column("verification", Text("核实程度", "verification")),
    Column("source", Text("出处", "source")),
)
_STANDING = (
    Column("day", Text("日期", "day")),
    Column("short", Text("不足之处", "values that fall short"), whole=True),
    Column("below", Text("低于下限", "below"), of="short"),
    Column("missing", Text("缺少", "missing"), of="short"),
    Column("narrower", Text("对象偏窄", "narrower"), of="short"),
)


def watch_answer(
    store: Store, library: Library, found: Watch, parameters: Mapping[str, tuple[str, ...]]
) -> Answer:
    """One row per alert; further tables count what falls short by day and list the floors that rose."""
    labels = labels_of(store, library)
    rows = tuple(_row(alert, labels) for alert in found.alerts)
    made_from = Provenance(state_of(store), VERSION, parameters)
    return Answer(
        name="monitor",
        title=Text("监测预警", "Monitoring and early warning"),
        description=_span(found),
        columns=_COLUMNS,
        rows=Rows(tuple(column.name for column in _COLUMNS), rows),
        provenance=made_from,
        charts=(Chart("point", {"x": "date", "y": "thing", "color": "change"}),),
        notes=_notes(found, labels),
        key=("change", "date", "thing"),
        further=(_standing(found, made_from), _rises(store, library, found, parameters)),
    )


def _span(found: Watch) -> Text:
    until = found.as_of.isoformat()
    if found.since is None:
        zh, en = f"截至{until}已知的一切变化", f"Everything known to have happened by {until}"
    else:
        since = found.since.isoformat()
        zh, en = f"{since}之后至{until}的变化", f"What happened after {since} and by {until}"
    if found.ahead:
        zh += f"，以及其后{found.ahead}日内将发生的"
        en += f", and what will within {found.ahead} days after it"
    return Text(f"{zh}。每行一个预警。", f"{en}. One row per alert.")


def _row(alert: Alert, labels: Mapping[str, Text]) -> tuple[Term | None, ...]:
    stage, label = STAGE[alert.coming], labels[alert.kind]
    item = alert.item
    return (
        Literal(alert.date.isoformat(), datatype=NamedNode(XSD + "date")),
        Literal(stage.zh, language="zh"),
        Literal(stage.en, language="en"),
        NamedNode(f"{BASE}alert/{alert.kind}"),
        Literal(label.zh, language="zh"),
        Literal(label.en, language="en"),
        NamedNode(alert.place.iri),
        Literal(alert.place.name("zh"), language="zh"),
        Literal(alert.place.name("en"), language="en"),
        NamedNode(alert.thing.iri),
        Literal(alert.thing.name("zh"), language="zh"),
        Literal(alert.thing.name("en"), language="en"),
        _word(alert.stated),
        _word(alert.required),
        NamedNode(alert.catalogue) if alert.catalogue else None,
        NamedNode(item.iri) if item else None,
        _word(item.zh, "zh") if item else None,
        _word(item.en, "en") if item else None,
        _word(alert.verification),
        NamedNode(alert.source) if alert.source else None,
    )


def _word(text: str | None, language: str | None = None) -> Literal | None:
    return Literal(text, language=language) if text else None


def _notes(found: Watch, labels: Mapping[str, Text]) -> tuple[Text, ...]:
    notes = []
    for stage, alerts in (
        (STAGE[False], [alert for alert in found.alerts if not alert.coming]),
        (STAGE[True], [alert for alert in found.alerts if alert.coming]),
    ):
        if alerts:
            counts = Counter(alert.kind for alert in alerts)
            zh = "，".join(f"{labels[kind].zh}{counts[kind]}" for kind in labels if counts[kind])
            en = ", ".join(f"{counts[kind]} {labels[kind].en}" for kind in labels if counts[kind])
            notes.append(Text(f"{stage.zh}{len(alerts)}：{zh}。", f"{len(alerts)} {stage.en}: {en}."))
    if found.gone:
        notes.append(
            Text(
                f"上次的预警有{found.gone}个已不再成立。",
                f"{found.gone} alerts of the last run are no longer found.",
            )
        )
    return tuple(notes)


def _standing(found: Watch, made_from: Provenance) -> Answer:
    return Answer(
        name="monitor-standing",
        title=Text("不足之处的消长", "How many values fall short, and since when"),
        description=Text(
            "每行一日：首日，以及其后数目有变化的每一日；同一处既低于下限又对象偏窄的，两栏都计。",
            "One row per day: the first, and each later one on which a number changes. A value that is below "
            "and narrower counts in both columns.",
        ),
        columns=_STANDING,
        rows=Rows(tuple(column.name for column in _STANDING), tuple(_counts(one) for one in found.standings)),
        provenance=made_from,
        charts=(Chart("step", {"x": "day", "y": "short"}),),
        key=("day",),
    )


def _counts(one: Standing) -> tuple[Term | None, ...]:
    return (
        Literal(one.day.isoformat(), datatype=NamedNode(XSD + "date")),
        Literal(one.short),
        Literal(one.below),
        Literal(one.missing),
        Literal(one.narrower),
    )


def _rises(store: Store, library: Library, found: Watch, parameters: Mapping[str, tuple[str, ...]]) -> Answer:
    values: dict[str, Values] = {
        "until": (found.as_of + timedelta(days=found.ahead)).isoformat(),
        **({"since": found.since.isoformat()} if found.since else {}),
        **({"jurisdiction": parameters["jurisdiction"][0]} if "jurisdiction" in parameters else {}),
    }
    return answered(store, library, "analysis/monitoring-rises", values)
