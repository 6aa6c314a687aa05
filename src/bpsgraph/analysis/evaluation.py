"""Scores of an evaluation model: the tree with what each criterion scores, and how much of that is known.

`queries/analysis/evaluation-scores.rq` computes them. A leaf scores linearly from 0 at its worst to 100 at
its best value, or 100 or 0 as its target is attained; a criterion is the mean of the leaves below it that are
known, by the products of their weights. Nothing that is missing counts as zero: the share of the weight that
is known stands beside each score, with the lowest and the highest that it may yet become.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer, Provenance
from bpsgraph.answers.answer import state_of
from bpsgraph.library import Chart, Column, Library
from bpsgraph.library.answers import answer
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows, Text, Triples
from bpsgraph.store import EmbeddedStore, Store
from bpsgraph.terms import BASE, XSD, Term

QUERY = "analysis/evaluation-scores"
VERSION = "1"
_OWN_MODEL = BASE + "graph/evaluation-model-of-a-file"
_LEVEL = Column("level", Text("级次", "level"))
Row = Mapping[str, Term | None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The rows of the query, each place's tree from the whole to its leaves, with the level of each.

    The model itself is level 0.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[int, Row], ...]
    charts: tuple[Chart, ...]
    provenance: Provenance
    title: Text

    def answer(self) -> Answer:
        """One row per place and criterion; notes say what is missing and what has no weights."""
        columns = (*self.columns, _LEVEL)
        names = tuple(column.name for column in columns)
        integer = NamedNode(XSD + "integer")
        rows = tuple(
            (
                *(row[name] for name in names[:-1]),
                Literal(str(level), datatype=integer),
            )
            for level, row in self.rows
        )
        return Answer(
            name="evaluation",
            title=self.title,
            description=Text(
                "每行一个行政区的一个评价指标：得分为已知末级指标的加权平均，缺数的不算零分。",
                "One row per place and criterion: the score is the weighted mean of the leaves that are "
                "known; what is missing is no zero.",
            ),
            columns=columns,
            rows=Rows(names, rows),
            provenance=self.provenance,
            charts=self.charts,
            notes=tuple(self._notes()),
            key=("place", "criterion"),
        )

    def _notes(self) -> Iterable[Text]:
        for level, row in self.rows:
            if level:
                continue
            scored, leaves, zh, en = _int(row["scored"]), _int(row["leaves"]), *_names(row, "place")
            if scored < leaves:
                yield Text(
                    f"{zh}：{leaves}个末级指标中{leaves - scored}个没有数值或没有计分方法，未计入得分。",
                    f"{en}: {leaves - scored} of {leaves} leaves have no figure or no scoring, and are left "
                    "out of the score.",
                )
        if any(row["known"] is None for _, row in self.rows):
            yield Text(
                "有的评价指标没有权重，其上级不能计分；原文没有给出权重的，不代为设定。",
                "Some criteria have no weight, so that what is above them cannot be scored; where the source "
                "gives none, none is made up.",
            )


def with_model(store: Store, triples: Triples, without: tuple[str, ...]) -> EmbeddedStore:
    """A copy of the store in memory, without the graphs that begin so, to which a model is added."""
    if isinstance(store, EmbeddedStore):
        copy = store.copied(without)
    else:
        copy = EmbeddedStore.in_memory()
        copy.replace_graphs(
            {graph: store.graph(graph) for graph in store.graphs() if not graph.startswith(without)}
        )
    copy.replace_graph(_OWN_MODEL, triples)
    return copy


def evaluate(
    store: Store,
    library: Library,
    model: str,
    *,
    jurisdictions: Sequence[str] = (),
    period: str | None = None,
    state: str | None = None,
) -> Evaluation:
    """The scores of a model, by key or IRI, in these places or in all of which anything is known.

    Without a period the latest figure of each leaf counts; `state` is what the answer names as its data where
    the store itself cannot tell. Raises `BadParameter` for a model or place that
    is none.
    """
    saved = library[QUERY]
    values: dict[str, Values] = {"model": model}
    if jurisdictions:
        values["jurisdiction"] = tuple(jurisdictions)
    if period is not None:
        values["period"] = period
    found = answer(store, library, saved, values)
    assert isinstance(found, Rows)
    rows = tuple(_in_order(list(found)))
    whole = next((row for level, row in rows if not level), None)
    return Evaluation(
        columns=saved.columns,
        rows=rows,
        charts=(saved.header.chart,) if saved.header.chart else (),
        provenance=Provenance(
            state or state_of(store),
            VERSION,
            {
                name: given
                for name, given in (
                    ("model", (model,)),
                    ("jurisdiction", tuple(jurisdictions)),
                    ("period", (period,) if period else ()),
                )
                if given
            },
        ),
        title=Text(*_names(whole, "criterion")) if whole else Text("评价得分", "Scores"),
    )


def _in_order(rows: Sequence[Row]) -> Iterable[tuple[int, Row]]:
    """Place by place the whole before its parts, and these in the order in which the query gives them."""
    places = list(dict.fromkeys(row["place"] for row in rows))
    for place in places:
        here = [row for row in rows if row["place"] == place]
        yield from _below(None, here, 0)


def _below(parent: Term | None, rows: Sequence[Row], level: int) -> Iterable[tuple[int, Row]]:
    for row in rows:
        if row["parent"] == parent:
            yield level, row
            # What is its own parent would never end; the shapes refuse such a tree.
            if level < _MOST_LEVELS:
                yield from _below(row["criterion"], rows, level + 1)


_MOST_LEVELS = 4


def _names(row: Row, stem: str) -> tuple[str, str]:
    zh, en = (row[f"{stem}_{language}"] for language in ("zh", "en"))
    key = row[stem]
    spare = zh or en or key
    return str((zh or spare).value) if spare else "", str((en or spare).value) if spare else ""


def _int(term: Term | None) -> int:
    return int(term.value) if isinstance(term, Literal) else 0
