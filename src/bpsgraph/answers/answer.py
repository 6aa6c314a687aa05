"""One answer: rows with what they mean, how they are drawn, and what they were made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bpsgraph.library import Chart, Column
from bpsgraph.library.header import ROW_COUNT
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import Term


@dataclass(frozen=True, slots=True)
class Provenance:
    """What an answer was made from; the same provenance gives the same rows.

    `store` is the state of the store as `state_of` writes it, `version` that of the query or analysis,
    `parameters` the values as one types them, `text` the SPARQL with its values where there is one.
    """

    store: str
    version: str = "1"
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows, and all that a reader needs to use them.

    `columns` has one entry per column of `rows`, in its order; names of things stand in pairs of columns
    `<stem>_zh` and `<stem>_en` beside the IRI in `<stem>`. An unknown number is None, never zero. `notes`
    are sentences that must be read with the rows (who did not report, what was left out). `key` are the
    columns by which a row is known when two answers are compared. `further` are the tables that belong to
    this one: further sheets of a workbook, further sections of a page. `highlighted` are IRIs: rows that hold
    one stand out.
    """

    name: str
    title: Text
    description: Text
    columns: tuple[Column, ...]
    rows: Rows
    provenance: Provenance
    charts: tuple[Chart, ...] = ()
    notes: tuple[Text, ...] = ()
    key: tuple[str, ...] = ()
    further: "tuple[Answer, ...]" = ()
    highlighted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        described = tuple(column.name for column in self.columns)
        if described != self.rows.columns:
            raise ValueError(f"{self.name} describes {described} and has {self.rows.columns}")

    def all(self) -> "Iterator[Answer]":
        """This answer and the further ones, each once, in order."""
        yield self
        for answer in self.further:
            yield from answer.all()

    def stands_out(self, row: Sequence[Term | None]) -> bool:
        """Whether a row holds one of the things that are highlighted."""
        return any(term is not None and str(term.value) in self.highlighted for term in row)

    def only(self, names: Sequence[str]) -> "Answer":
        """This answer with these columns alone, in this order, and the charts that they suffice for."""
        places = [self.rows.columns.index(name) for name in names]
        kept = [self.columns[place] for place in places]
        stems = {name.rpartition("_")[0] for name in names if name.endswith(("_zh", "_en"))}
        drawn = {*names, *stems, ROW_COUNT}
        return replace(
            self,
            columns=tuple(column if column.of in names else replace(column, of=None) for column in kept),
            rows=Rows(tuple(names), tuple(tuple(row[place] for place in places) for row in self.rows.rows)),
            charts=tuple(chart for chart in self.charts if drawn.issuperset(_columns_of(chart))),
            key=self.key if set(self.key) <= set(names) else (),
        )


def _columns_of(chart: Chart) -> set[str]:
    return {name for channel in chart.channels.values() for name in channel.split("+")}


def state_of(store: Store) -> str:
    """What tells one state of a store from another: the hash of what it is built from, and of its journal.

    `memory` for a store that was never written down.
    """
    marker = store.marker
    if marker is None:
        return "memory"
    journal = f" + journal {marker.entry} {marker.entry_hash}" if marker.entry else ""
    return f"{marker.inputs}{journal}"
