"""The tables of an impact: catalogues, values, agencies, and promises that follow."""

from collections import Counter

from pyoxigraph import NamedNode

from bpsgraph.analysis.editions.impact import NARROWER, Impact, Lead, Shortfall
from bpsgraph.analysis.editions.tables import answer, joined, named, pair, plain, thing, words
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Text

_WAYS = {
    "below": Text("低于", "below"),
    "missing": Text("缺失", "missing"),
    NARROWER: Text("对象偏窄", "narrower"),
}
_NEW, _ALREADY = Text("新增不足", "newly short"), Text("原已不足", "already short")


def impact_tables(impact: Impact, made: Provenance) -> list[Answer]:
    """The catalogues affected, the values that fall short, the agencies that must act, and what follows."""
    tables = [_catalogues(impact, made), _values(impact, made), _agencies(impact, made)]
    return [*tables, _followers(impact, made)] if impact.followers else tables


def _catalogues(impact: Impact, made: Provenance) -> Answer:
    followers = Counter(one.catalogue for one in impact.followers)
    doubtful = Counter(one.catalogue for one in impact.shortfalls if not one.counts)
    rows: list[list[object]] = []
    for one in impact.locals:
        short = impact.of(one.catalogue)
        new = [shortfall for shortfall in short if not shortfall.already]
        numbers = [sum(way in shortfall.ways for shortfall in new) for way in _WAYS]
        if short or followers[one.catalogue] or doubtful[one.catalogue] or one.cites_former:
            rows.append(
                [
                    NamedNode(one.catalogue),
                    *words(one.title),
                    *named(one.place),
                    len(new),
                    *numbers,
                    sum(shortfall.backing.basis == "inferred" for shortfall in new),
                    len(short) - len(new),
                    followers[one.catalogue],
                    doubtful[one.catalogue],
                    one.promises,
                    one.cites_former,
                ]
            )
    rows.sort(key=lambda row: (-int(str(row[6])), str(row[0])))
    columns = (
        *thing("catalogue", "清单", "catalogue"),
        *thing("jurisdiction", "行政区", "place"),
        Column("newly_short", Text("新增不足", "newly short")),
        Column("below", Text("其中低于", "of these below")),
        Column("missing", Text("其中缺失", "of these missing")),
        Column("narrower", Text("其中对象偏窄", "of these narrower")),
        Column("inferred", Text("其中下限系推断", "of these by an inferred floor")),
        Column("already_short", Text("原已不足", "already short")),
        Column("follows", Text("按百分比跟进", "follows by percentage")),
        Column("doubtful", Text("下限仅凭回忆，未计", "floor only recalled, not counted")),
        Column("promises", Text("承诺总数", "promises in all")),
        Column("cites_former", Text("仍以前者为依据", "cites the former")),
    )
    return answer(
        "diff/catalogues",
        Text("受影响的清单", "Catalogues affected"),
        Text(
            "每行一份受影响或仍以前一版为依据的清单；下限仅凭回忆的另列一栏，不计入不足。",
            "One row per catalogue that is affected or cites the former text; what rests on a floor that "
            "is only recalled stands in a column of its own and does not count.",
        ),
        columns,
        rows,
        made,
        key=("catalogue",),
        charts=(Chart("bar", {"x": "newly_short", "y": "jurisdiction"}),) if rows else (),
        notes=(
            Text(
                f"库中国家以外的清单共{len(impact.locals)}份，本表列出{len(rows)}份。",
                f"{len(rows)} of {len(impact.locals)} catalogues of other places in the store are listed.",
            ),
        ),
    )


def _values(impact: Impact, made: Provenance) -> Answer:
    columns = (
        *thing("jurisdiction", "行政区", "place"),
        Column("catalogue", Text("清单", "catalogue")),
        *thing("item", "事项", "item"),
        *thing("measure", "指标", "measure"),
        *thing("segment", "对象分组", "group"),
        *pair("status", "状态", "status"),
        *pair("way", "不足之处", "how it falls short"),
        Column("promise", Text("本地原文", "words of the promise")),
        Column("floor", Text("下限原文", "words of the floor")),
        Column("promise_amount", Text("承诺数额", "amount of the promise")),
        Column("floor_amount", Text("下限数额", "amount of the floor")),
        Column("rise", Text("须提高", "must rise by")),
        *pair("unit", "规范单位", "canonical unit"),
        *pair("agency", "牵头单位", "lead agency"),
        *pair("counterpart", "国家对口部门", "national counterpart"),
        Column("central_share", Text("中央分担", "central share"), unit="%"),
        Column("verification", Text("下限核实程度", "verification of the floor")),
        Column("source", Text("下限出处", "source of the floor")),
    )
    listed = sorted(
        impact.shortfalls,
        key=lambda s: (not s.counts, s.already, s.catalogue, s.item.iri, s.measure.iri, s.segment.iri),
    )
    return answer(
        "diff/values",
        Text("不足之处", "Where catalogues fall short"),
        Text(
            "每行一处不满足后者之处：新增不足或原已不足，双方数额，须提高多少，由本地哪个单位牵头；中央分担取该地所在档次。",
            "One row per floor of the second text that is not met: newly or already, both amounts, by how "
            "much the promise must rise, and which local agency leads it; the central share is that of the "
            "place’s tier.",
        ),
        columns,
        [_value(one) for one in listed],
        made,
        key=("catalogue", "item", "measure", "segment"),
        charts=(
            Chart(
                "dumbbell",
                {
                    "x": "promise_amount",
                    "x2": "floor_amount",
                    "y": "jurisdiction+item+segment",
                    "facet": "unit",
                },
            ),
        )
        if any(one.rise for one in listed)
        else (),
    )


def _value(one: Shortfall) -> list[object]:
    status = _ALREADY if one.already else _NEW
    if not one.counts:
        status = Text(f"{status.zh}（下限仅凭回忆，未计）", f"{status.en} (floor only recalled, not counted)")
    counterparts = {body.iri: body for lead in one.leads for body in lead.counterparts}
    return [
        *named(one.place),
        NamedNode(one.catalogue),
        *named(one.item),
        *named(one.measure),
        *named(one.segment),
        *words(status),
        *words(joined(_WAYS[way] for way in one.ways)),
        one.promise.zh or None,
        one.floor.zh or None,
        one.promised,
        one.required,
        one.rise,
        *words(one.unit),
        *words(joined(lead.agency.name for lead in one.leads)),
        *words(joined(body.name for body in counterparts.values())),
        one.central_share,
        one.backing.verification,
        NamedNode(one.backing.source) if one.backing.source else None,
    ]


def _agencies(impact: Impact, made: Provenance) -> Answer:
    acting: dict[str, tuple[Lead | None, list[Shortfall]]] = {}
    for one in impact.shortfalls:
        if one.counts:
            for lead in one.leads or (None,):
                key = lead.agency.iri if lead else f"~{one.place.iri}"
                acting.setdefault(key, (lead, []))[1].append(one)
    rows: list[list[object]] = []
    for lead, short in acting.values():
        new = [one for one in short if not one.already]
        items = {one.item.iri: one.item for one in short}
        rows.append(
            [
                *named(short[0].place),
                *(named(lead.agency) if lead else [None, None, None]),
                *words(joined(body.name for body in lead.counterparts) if lead else None),
                len(new),
                len(short) - len(new),
                len(items),
                *words(joined(item.name for item in items.values())),
                *words(joined(text for one in short if (text := _rise(one)))),
            ]
        )
    rows.sort(key=lambda row: (-int(str(row[8])), str(row[0]), str(row[3])))
    columns = (
        *thing("jurisdiction", "行政区", "place"),
        *thing("agency", "牵头单位", "lead agency"),
        *pair("counterpart", "国家对口部门", "national counterpart"),
        Column("newly_short", Text("新增不足", "newly short")),
        Column("already_short", Text("原已不足", "already short")),
        Column("items", Text("涉及事项数", "items")),
        *pair("concerned", "涉及事项", "items concerned"),
        *pair("rises", "须提高", "must rise"),
    )
    return answer(
        "diff/agencies",
        Text("须采取行动的单位", "Agencies that must act"),
        Text(
            "每行一个本地牵头单位及其国家对口部门；一处不足由几个单位共同牵头的，各计一次；清单未写牵头单位的，单位一栏为空。",
            "One row per local lead agency with its national counterpart; what several lead together "
            "counts for each, and where a catalogue names nobody the agency is empty.",
        ),
        columns,
        rows,
        made,
        charts=(Chart("bar", {"x": "newly_short", "y": "agency"}),) if rows else (),
    )


def _rise(one: Shortfall) -> Text | None:
    if one.rise is None or one.promised is None or one.required is None:
        return None
    figures = f"{plain(one.promised)}→{plain(one.required)}"
    return Text(
        f"{one.measure.name.zh}（{one.segment.name.zh}）{figures} {one.unit.zh}".rstrip(),
        f"{one.measure.name.en} ({one.segment.name.en}) {figures} {one.unit.en}".rstrip(),
    )


def _followers(impact: Impact, made: Provenance) -> Answer:
    columns = (
        *thing("jurisdiction", "行政区", "place"),
        Column("catalogue", Text("清单", "catalogue")),
        *thing("item", "事项", "item"),
        *thing("segment", "对象分组", "group"),
        Column("percent", Text("百分比", "percentage"), unit="%"),
        Column("words", Text("原文", "words")),
    )
    rows: list[list[object]] = [
        [
            *named(one.place),
            NamedNode(one.catalogue),
            *named(one.item),
            *named(one.segment),
            one.percent,
            one.words,
        ]
        for one in impact.followers
    ]
    return answer(
        "diff/followers",
        Text("按百分比跟进的承诺", "Promises that follow by percentage"),
        Text(
            "每行一项按国家标准百分比作出的承诺：国家标准变动，承诺随之变动，不必修改。",
            "One row per promise that is a percentage of a figure of the State that moves: it moves too.",
        ),
        columns,
        rows,
        made,
        key=("catalogue", "item", "segment"),
    )
