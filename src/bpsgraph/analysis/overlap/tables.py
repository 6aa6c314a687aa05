"""The answer of the overlaps: every candidate with its reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.overlap.candidates import Candidate, Kind, Named
from bpsgraph.analysis.overlap.reviews import Decision, Review
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import XSD, Term, short

VERSION = "1"
_DECISIONS = {Decision.ACCEPTED: Text("确认", "accepted"), Decision.REJECTED: Text("排除", "rejected")}
_DECIMAL = NamedNode(f"{XSD}decimal")


def overlap_answer(
    candidates: Iterable[Candidate],
    store: str,
    reviews: Iterable[Review] = (),
    *,
    kinds: Sequence[Kind] = (),
    place: str | None = None,
    reviewed_too: bool = False,
) -> Answer:
    """The candidates, one row each; those that were reviewed only where asked for, with the decision.

    `kinds` restricts the kinds, `place` the jurisdiction of duties (an IRI; other kinds then drop out).
    """
    decided = {review.key: review for review in reviews}
    wanted = [
        one
        for one in candidates
        if (not kinds or one.kind in kinds) and (place is None or (one.place and one.place.iri == place))
    ]
    shown = [one for one in wanted if reviewed_too or one.key not in decided]
    hidden = len(wanted) - len(shown)
    notes = []
    if hidden:
        notes.append(
            Text(
                f"{hidden}对已复核，未列出；参数 all 可全列。",
                f"{hidden} pairs were reviewed and are left out; the parameter all shows them.",
            )
        )
    asked: dict[str, tuple[str, ...]] = {}
    if kinds:
        asked["kind"] = tuple(kind.value for kind in kinds)
    if place:
        asked["jurisdiction"] = (short(place),)
    counted = Counter(one.kind for one in shown)
    by_kind = _answer(
        "overlap/kinds",
        Text("疑似重叠的种类", "Candidates by kind"),
        Text("每行一种疑似重叠及其对数。", "One row per kind of overlap with how many pairs there are."),
        (*_pair("kind", "种类", "kind"), Column("pairs", Text("对数", "pairs"))),
        [(*_text(kind.words), Literal(counted[kind])) for kind in Kind if not kinds or kind in kinds],
        store,
        asked,
        charts=(Chart("bar", {"x": "pairs", "y": "kind"}),),
    )
    return _answer(
        "overlap",
        Text("疑似重叠及其理由", "What may overlap, and why"),
        Text(
            "每行一对疑似重叠者：得分为名称、内容、援引相似度的加权平均，一方未载的不计；职责本为同一项的没有得分。理由逐条列出。",
            "One row per pair: the score is the weighted mean of the likeness of names, contents and "
            "references, as far as both state them; where the duty is the very same there is none. The "
            "reasons are given one by one.",
        ),
        (
            *_pair("kind", "种类", "kind"),
            *_named_columns("one", "其一", "one"),
            *_named_columns("other", "其二", "other"),
            *_named_columns("about", "所涉事项或职责", "item or duty"),
            *_pair("place", "行政区", "place"),
            Column("score", Text("得分", "score")),
            Column("name_likeness", Text("名称相似度", "likeness of names")),
            Column("content_likeness", Text("内容相似度", "likeness of contents")),
            Column("reference_likeness", Text("援引相似度", "likeness of references")),
            Column("shared", Text("共有字串", "characters shared")),
            Column("references", Text("共同援引", "references shared")),
            *_pair("reasons", "理由", "reasons"),
            *_pair("decision", "复核结论", "decision"),
            Column("reviewer", Text("复核人", "reviewer")),
        ),
        [_row(one, decided.get(one.key)) for one in shown],
        store,
        asked,
        notes=tuple(notes),
        key=("one", "other", "about"),
        further=(by_kind,),
    )


def _answer(
    name: str,
    title: Text,
    description: Text,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Term | None]],
    store: str,
    parameters: Mapping[str, tuple[str, ...]],
    *,
    notes: tuple[Text, ...] = (),
    key: tuple[str, ...] = (),
    charts: tuple[Chart, ...] = (),
    further: tuple[Answer, ...] = (),
) -> Answer:
    return Answer(
        name,
        title,
        description,
        tuple(columns),
        Rows(tuple(column.name for column in columns), tuple(tuple(row) for row in rows)),
        Provenance(store, VERSION, parameters),
        charts=charts,
        notes=notes,
        key=key,
        further=further,
    )


def _row(one: Candidate, review: Review | None) -> tuple[Term | None, ...]:
    return (
        *_text(one.kind.words),
        *_named(one.one),
        *_named(one.other),
        *_named(one.about),
        *_text(one.place.label if one.place else None),
        _decimal(one.score),
        _decimal(one.name_likeness),
        _decimal(one.content_likeness),
        _decimal(one.reference_likeness),
        Literal(" ".join(one.shared)) if one.shared else None,
        Literal(" ".join(short(iri) for iri in one.references)) if one.references else None,
        Literal("；".join(reason.zh for reason in one.reasons)),
        Literal("; ".join(reason.en for reason in one.reasons)),
        *_text(_DECISIONS[review.decision] if review else None),
        Literal(review.reviewer) if review else None,
    )


def _pair(stem: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(f"{stem}_zh", Text(f"{zh}（中文）", f"{en} (Chinese)")),
        Column(f"{stem}_en", Text(f"{zh}（英文）", f"{en} (English)")),
    )


def _named_columns(stem: str, zh: str, en: str) -> tuple[Column, ...]:
    return (Column(stem, Text(zh, en)), *_pair(stem, zh, en))


def _named(named: Named | None) -> tuple[Term | None, ...]:
    return (NamedNode(named.iri), *_text(named.label)) if named else (None, None, None)


def _text(words: Text | None) -> tuple[Term | None, Term | None]:
    return (Literal(words.zh), Literal(words.en)) if words else (None, None)


def _decimal(number: float | None) -> Literal | None:
    return None if number is None else Literal(f"{number:.4f}", datatype=_DECIMAL)
