"""The rows of an answer by name, in the language of the page: what view models are put together from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer
from bpsgraph.answers.reading import cell
from bpsgraph.terms import BASE, Term
from bpsgraph.web.pages.tables import Cell, mark_of
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Record:
    """One row; a name that the row has not, or that is empty, gives an empty text."""

    view: View
    values: Mapping[str, Term | None]
    labels: Mapping[str, str]

    def text(self, name: str) -> str:
        """The words: `name_zh` or `name_en` as the page is, else the label, the other, the value."""
        own, other = self.view.language, "en" if self.view.language == "zh" else "zh"
        if (found := self.values.get(f"{name}_{own}")) is not None:
            return cell(found)
        term = self.values.get(name)
        if isinstance(term, NamedNode) and term.value in self.labels:
            return self.labels[term.value]
        if (found := self.values.get(f"{name}_{other}")) is not None:
            return cell(found)
        return cell(term)

    def iri(self, name: str) -> str:
        """The IRI."""
        term = self.values.get(name)
        return term.value if isinstance(term, NamedNode) else ""

    def key(self, name: str) -> str:
        """The key of the thing within its class: `140500/2021` of a catalogue."""
        return self.iri(name).removeprefix(BASE).partition("/")[2]

    def number(self, name: str) -> int:
        """The number; zero where there is none."""
        term = self.values.get(name)
        return int(Decimal(term.value)) if isinstance(term, Literal) else 0

    def has(self, name: str) -> bool:
        """Whether there is a value."""
        return self.values.get(name) is not None

    def cell(self, name: str) -> Cell:
        """The words, leading to the thing that they name."""
        iri = self.iri(name)
        return Cell(
            self.text(name), href=self.view.href(iri) if iri else "", mark=mark_of(self.values.get(name))
        )


def records(view: View, answer: Answer) -> list[Record]:
    """The rows of the answer."""
    labels = view.labels(
        {term.value for row in answer.rows.rows for term in row if isinstance(term, NamedNode)}
    )
    return [
        Record(view, dict(zip(answer.rows.columns, row, strict=True)), labels) for row in answer.rows.rows
    ]
