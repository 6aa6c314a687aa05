"""The answers of the network, in the words and columns that every writer takes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.network.defects import (
    cycles,
    dangling_references,
    orphaned_standards,
    superseded_references,
)
from bpsgraph.analysis.network.impact import Impact, impact
from bpsgraph.analysis.network.importance import ranking
from bpsgraph.analysis.network.links import Link, Network, Thing
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import XSD, Term, short

VERSION = "1"
_TOP = 10
_LACKS = {
    "both": Text("无人引用，也不引用", "neither cited nor citing"),
    "cited-by": Text("无人引用", "not cited"),
    "cites": Text("不引用他者", "cites nothing"),
}
_TITLE_ALONE = Text("只知标题", "title alone")
_NOT_DESCRIBED = Text("没有描述", "not described")


@dataclass(frozen=True, slots=True)
class _Made:
    """What is the same in every answer about one network of one store."""

    store: str

    def answer(
        self,
        name: str,
        title: Text,
        description: Text,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Term | None]],
        parameters: Mapping[str, tuple[str, ...]] | None = None,
        **further: object,
    ) -> Answer:
        return Answer(
            name=f"network/{name}",
            title=title,
            description=description,
            columns=tuple(columns),
            rows=Rows(tuple(column.name for column in columns), tuple(tuple(row) for row in rows)),
            provenance=Provenance(self.store, VERSION, parameters or {}),
            **further,  # type: ignore[arg-type]
        )


def summary_answer(network: Network, store: str) -> Answer:
    """How many things and links of each kind there are, and what matters most."""
    made = _Made(store)
    linked = {end for link in network.links for end in (link.source, link.target)}
    kinds = Counter(thing.kind for thing in network.things.values())
    isolated = Counter(thing.kind for iri, thing in network.things.items() if iri not in linked)
    words = {thing.kind: thing.kind_words for thing in network.things.values()}
    relations = Counter((link.relation, link.words) for link in network.links)
    links = made.answer(
        "links",
        Text("联系的种类", "Links by kind"),
        Text("每行一种联系及其条数。", "One row per kind of link with how many there are."),
        (
            Column("relation", Text("关系", "relation")),
            *_pair("words", "由被修订的一端读作", "read from the end that is revised"),
            Column("links", Text("条数", "links")),
        ),
        [
            (Literal(short(relation)), Literal(text.zh), Literal(text.en), Literal(count))
            for (relation, text), count in sorted(
                relations.items(), key=lambda one: (-one[1], one[0][0], one[0][1].en)
            )
        ],
    )
    return made.answer(
        "summary",
        Text("引用与代替的网络", "The network of references and replacements"),
        Text(
            "每行一类事物：多少个，其中多少个没有任何联系。",
            "One row per kind of thing: how many there are, and how many of them have no link at all.",
        ),
        (
            *_pair("kind", "类别", "kind"),
            Column("things", Text("个数", "things")),
            Column("unlinked", Text("无联系", "without a link"), of="things"),
        ),
        [
            (Literal(words[kind].zh), Literal(words[kind].en), Literal(count), Literal(isolated[kind]))
            for kind, count in sorted(kinds.items(), key=lambda one: (-one[1], one[0] or ""))
        ],
        further=(links, ranking_answer(network, store, top=_TOP)),
        charts=(Chart("bar", {"x": "things", "y": "kind"}),),
        key=("kind_en",),
    )


def impact_answer(network: Network, store: str, thing: Thing, distance: int | None = None) -> Answer:
    """What a revision of the thing touches, one row per hit with the way to it."""
    made = _Made(store)
    found = impact(network, thing.iri, distance)
    asked = {"impact": (short(thing.iri),)} | ({"distance": (str(distance),)} if distance else {})
    called = thing.called
    counted = Counter((one.thing.kind_words, one.distance) for one in found)
    by_kind = made.answer(
        "impact-by-kind",
        Text("所触及的类别", "What is touched, by kind"),
        Text("每行一类事物与一个步数。", "One row per kind of thing and number of steps."),
        (
            *_pair("kind", "类别", "kind"),
            Column("distance", Text("步数", "steps")),
            Column("things", Text("个数", "things")),
        ),
        [
            (Literal(kind.zh), Literal(kind.en), Literal(steps), Literal(count))
            for (kind, steps), count in sorted(counted.items(), key=lambda one: (one[0][1], one[0][0].en))
        ],
        asked,
        charts=(Chart("bar", {"x": "things", "y": "kind", "color": "distance"}),),
    )
    return made.answer(
        "impact",
        Text(f"修订{called.zh}触及什么", f"What a revision of {called.en} touches"),
        Text(
            "每行一个被触及的事物，连同到它的一条最短路径；由近及远。",
            "One row per thing that is touched, with a shortest way to it; the nearest first.",
        ),
        (
            Column("distance", Text("步数", "steps")),
            *_thing_columns("thing", "事物", "thing"),
            *_pair("kind", "类别", "kind"),
            *_pair("way", "路径", "way"),
            *_pair("verification", "核实程度（依路径）", "verification (along the way)"),
        ),
        [_impact_row(network, one) for one in found],
        asked,
        further=(by_kind,) if found else (),
        key=("thing",),
    )


def _impact_row(network: Network, one: Impact) -> tuple[Term | None, ...]:
    said = [network.verifications.get(each, Text(short(each), short(each))) for each in one.verifications]
    return (
        Literal(one.distance),
        *_thing(one.thing),
        *_text(one.thing.kind_words),
        *_text(one.way),
        *_text(
            Text("、".join(each.zh for each in said), ", ".join(each.en for each in said)) if said else None
        ),
    )


def ranking_answer(
    network: Network, store: str, by: str = "pagerank", kind: str | None = None, top: int | None = None
) -> Answer:
    """What matters most, by `pagerank` or `in-degree`; of one kind, or of all with a rank in the kind."""
    found = ranking(network, by, kind)
    within: Counter[str | None] = Counter()
    rows = []
    for rank, one in enumerate(found, 1):
        within[one.thing.kind] += 1
        row = (
            Literal(rank),
            Literal(within[one.thing.kind]),
            *_thing(one.thing),
            *_text(one.thing.kind_words),
            Literal(f"{one.pagerank:.6f}", datatype=NamedNode(f"{XSD}decimal")),
            Literal(one.direct),
            Literal(one.reach),
        )
        rows.append(row)
    return _Made(store).answer(
        "rank",
        Text("何者最要紧", "What matters most"),
        Text(
            "每行一个被他者依据的事物：PageRank（阻尼0.85，全部事物之和为1）、直接依据它的个数、"
            "直接或间接受它影响的个数。条款并入其文件计。",
            "One row per thing that others rely on: its PageRank (damping 0.85; the sum over all things is "
            "1), how many rely on it directly, and how many directly or through others. Clauses count as "
            "their document.",
        ),
        (
            Column("rank", Text("名次", "rank")),
            Column("kind_rank", Text("类内名次", "rank in its kind")),
            *_thing_columns("thing", "事物", "thing"),
            *_pair("kind", "类别", "kind"),
            Column("pagerank", Text("PageRank", "PageRank")),
            Column("in_degree", Text("直接依据者", "relied on by")),
            Column("reach", Text("直接与间接", "directly and through others")),
        ),
        rows[:top],
        {"rank": (by,)} | ({"kind": (kind,)} if kind else {}),
        charts=(Chart("bar", {"x": "pagerank" if by == "pagerank" else "in_degree", "y": "thing"}),),
        key=("thing",),
    )


def cycles_answer(network: Network, store: str) -> Answer:
    """Circles of references, and circles of replacements."""
    rows = []
    for one in cycles(network):
        way = Impact(one.first, one.steps).way
        rows.append((Literal(one.together), *_thing(one.first), Literal(len(one.steps)), *_text(way)))
    return _Made(store).answer(
        "cycles",
        Text("循环引用", "Circles of references"),
        Text(
            "每行一组互相引用成环的事物，以及其中一个最短的环；代替关系另算。",
            "One row per set of things that rely on one another in a circle, with a shortest circle; "
            "replacements are followed apart.",
        ),
        (
            Column("together", Text("组内个数", "things together")),
            *_thing_columns("thing", "其中之一", "one of them"),
            Column("length", Text("环长", "length of the circle")),
            *_pair("way", "环", "circle"),
        ),
        rows,
        key=("thing",),
    )


def orphans_answer(network: Network, store: str) -> Answer:
    """Standards that no one cites, and standards that cite nothing."""
    return _Made(store).answer(
        "orphans",
        Text("孤立的标准", "Orphaned standards"),
        Text(
            "每行一个无人引用或不引用他者的标准；引用其条款即引用该标准。",
            "One row per standard that no one cites or that cites nothing; citing a clause cites the whole.",
        ),
        (
            *_thing_columns("standard", "标准", "standard"),
            *_pair("lacks", "孤立于", "orphaned as"),
            Column("cited_by", Text("被引用", "cited by")),
            Column("cites", Text("引用", "cites")),
            Column("items", Text("适用事项", "items it applies to")),
        ),
        [
            (
                *_thing(one.thing),
                *_text(_LACKS[one.lacks]),
                Literal(one.cited_by),
                Literal(one.cites),
                Literal(one.items),
            )
            for one in orphaned_standards(network)
        ],
        notes=(
            Text(
                "“不引用他者”指库中没有记其引用：多数标准的全文未能读到，其规范性引用文件不明。",
                "That a standard cites nothing means that nothing is recorded: the texts of most were not "
                "read, and their normative references are not known.",
            ),
        ),
        key=("standard",),
    )


def dangling_answer(network: Network, store: str) -> Answer:
    """What is cited and not described, or known by its title alone."""
    return _Made(store).answer(
        "dangling",
        Text("悬空的引用", "Dangling references"),
        Text(
            "每行一个被引用而没有描述、或只知标题（无编号、日期与出处）的事物。",
            "One row per thing that is cited and not described, or known by its title alone (without number, "
            "date and source).",
        ),
        (
            *_thing_columns("thing", "被引用者", "what is cited"),
            *_pair("known", "所知", "known"),
            Column("cited_by", Text("引用处", "citations")),
            *_thing_columns("example", "引用者之一", "one of those who cite it"),
        ),
        [
            (
                *_thing(one.thing),
                *_text(_TITLE_ALONE if one.thing.kind else _NOT_DESCRIBED),
                Literal(len(one.links)),
                *_thing(network.things[one.links[0].source]),
            )
            for one in dangling_references(network)
        ],
        key=("thing",),
    )


def superseded_answer(network: Network, store: str) -> Answer:
    """References to what was replaced or withdrawn, with the successor."""
    rows = []
    for one in superseded_references(network):
        successors = one.successors or (None,)
        source = network.things[one.link.source]
        for successor in successors:
            ended = one.cited.until or (successor.issued if successor else None)
            rows.append(
                (
                    *_thing(source),
                    _date(_issued(network, one.link)),
                    *_thing(one.cited),
                    _date(ended),
                    *(_thing(successor) if successor else (None, None, None)),
                    *_verification(network, one.link.verification),
                )
            )
    return _Made(store).answer(
        "superseded",
        Text("引用了已被代替或废止者", "References to what was replaced or withdrawn"),
        Text(
            "每行一处引用，连同替代者；引用者早于代替之日的，当时并无不当。",
            "One row per reference, with the successor; who cited before the replacement was right then.",
        ),
        (
            *_thing_columns("source", "引用者", "who cites"),
            Column("issued", Text("引用者发布", "issued")),
            *_thing_columns("cited", "被引用者", "what is cited"),
            Column("ended", Text("被代替或废止", "replaced or withdrawn on")),
            *_thing_columns("successor", "替代者", "successor"),
            *_pair("verification", "核实程度", "verification"),
        ),
        rows,
        key=("source", "cited", "successor"),
    )


def neighbourhood_answer(network: Network, store: str, thing: Thing, distance: int) -> Answer:
    """The links around a thing, one row per link."""
    near = network.around(thing.iri, distance)
    return _Made(store).answer(
        "around",
        Text(f"{thing.called.zh}的周围", f"Around {thing.called.en}"),
        Text(
            f"每行一处联系；两端离该事物都不超过{distance}步。",
            f"One row per link whose ends are at most {distance} steps away.",
        ),
        (
            *_thing_columns("source", "源", "source"),
            Column("relation", Text("关系", "relation")),
            *_thing_columns("target", "目标", "target"),
            Column("graph", Text("命名图", "named graph")),
            *_pair("verification", "核实程度", "verification"),
        ),
        [
            (
                *_thing(network.things[link.source]),
                Literal(short(link.relation)),
                *_thing(network.things[link.target]),
                Literal(link.graph),
                *_verification(network, link.verification),
            )
            for link in near.links
        ],
        {"around": (short(thing.iri),), "distance": (str(distance),)},
        key=("source", "relation", "target", "graph"),
    )


def _pair(stem: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(f"{stem}_zh", Text(f"{zh}（中文）", f"{en} (Chinese)")),
        Column(f"{stem}_en", Text(f"{zh}（英文）", f"{en} (English)")),
    )


def _thing_columns(stem: str, zh: str, en: str) -> tuple[Column, ...]:
    return (Column(stem, Text(zh, en)), *_pair(stem, zh, en))


def _thing(thing: Thing) -> tuple[Term | None, ...]:
    return (NamedNode(thing.iri), *_text(thing.called))


def _text(words: Text | None) -> tuple[Term | None, Term | None]:
    return (Literal(words.zh), Literal(words.en)) if words else (None, None)


def _verification(network: Network, iri: str | None) -> tuple[Term | None, Term | None]:
    return _text(network.verifications.get(iri) if iri else None)


def _issued(network: Network, link: Link) -> str | None:
    """When the source was issued, else the catalogue or the document that it belongs to."""
    own = network.things[link.source].issued
    wholes = (
        network.things[one.target].issued
        for one in network.links
        if one.source == link.source and one.role == "contains"
    )
    return own or next((issued for issued in wholes if issued), None)


def _date(text: str | None) -> Term | None:
    if text is None:
        return None
    kind = {4: "gYear", 10: "date"}.get(len(text), "string")
    return Literal(text, datatype=NamedNode(f"{XSD}{kind}"))


# What may be amiss, by the name of its question.
DEFECTS: dict[str, Callable[[Network, str], Answer]] = {
    "cycles": cycles_answer,
    "orphans": orphans_answer,
    "dangling": dangling_answer,
    "superseded": superseded_answer,
}
