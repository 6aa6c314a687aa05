"""The data sets there are, as the graph describes them: catalogues, and graphs that say what they are."""

from dataclasses import dataclass
from datetime import date, datetime

from pyoxigraph import Literal, NamedNode

from bpsgraph.library import Library, bind
from bpsgraph.literals import python_value
from bpsgraph.results import Text
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE, GRAPH, Term, short


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A domain that a data set is about, by its IRI, with its name."""

    iri: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set by its IRI, with the named graph that holds it; what the graph does not say is None.

    `issued` is when its document was issued, `accepted` when it came into this store by the journal.
    """

    iri: str
    graph: str
    title: Text
    description: Text
    jurisdiction: str | None = None
    place: Text | None = None
    edition: str | None = None
    issued: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    accepted: datetime | None = None
    themes: tuple[Theme, ...] = ()


def datasets(store: Store, library: Library) -> tuple[Dataset, ...]:
    """The data sets of a store whose graph is in it, by IRI. Raises what the store raises."""
    themes: dict[str, list[Theme]] = {}
    for row in select(store, bind(library["publishing/dataset-themes"], {})):
        theme = Theme(iri=_iri(row["domain"]), label=_text(row, "domain"))
        themes.setdefault(_iri(row["catalogue"]), []).append(theme)
    graphs = set(store.graphs())
    found: dict[str, Dataset] = {}
    for row in select(store, bind(library["publishing/datasets"], {})):
        iri = _iri(row["dataset"])
        graph = iri if iri.startswith(GRAPH) else GRAPH + iri.removeprefix(BASE)
        # One that bears two names in a language has two rows.
        if graph not in graphs or iri in found:
            continue
        title = _text(row, "title")
        found[iri] = Dataset(
            iri=iri,
            graph=graph,
            title=Text(title.zh or title.en or short(iri), title.en or title.zh or short(iri)),
            description=_described(row),
            jurisdiction=_iri(row["jurisdiction"]) if row["jurisdiction"] is not None else None,
            place=_text(row, "jurisdiction") if row["jurisdiction"] is not None else None,
            edition=None if row["edition"] is None else row["edition"].value,
            issued=_day(row["issued"]),
            valid_from=_day(row["valid_from"]),
            valid_until=_day(row["valid_until"]),
            accepted=_time(row["accepted"]),
            themes=tuple(themes.get(iri, ())),
        )
    return tuple(found.values())


def _described(row: dict[str, Term | None]) -> Text:
    """What the data set says of itself, and for a catalogue how much there is in it."""
    said = _text(row, "description")
    provisions, guarantees = row["provisions"], row["guarantees"]
    if not isinstance(provisions, Literal) or not isinstance(guarantees, Literal) or provisions.value == "0":
        return said
    zh = f"收录{provisions.value}个事项、{guarantees.value}项保障内容。"
    en = f"It holds {provisions.value} items with {guarantees.value} guarantees."
    return Text(f"{said.zh}{zh}", f"{said.en} {en}".strip())


def _text(row: dict[str, Term | None], stem: str) -> Text:
    zh, en = row[f"{stem}_zh"], row[f"{stem}_en"]
    return Text("" if zh is None else zh.value, "" if en is None else en.value)


def _iri(term: Term | None) -> str:
    assert isinstance(term, NamedNode)
    return term.value


def _day(term: Term | None) -> date | None:
    value = None if term is None else python_value(term)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _time(term: Term | None) -> datetime | None:
    value = None if term is None else python_value(term)
    return value if isinstance(value, datetime) else None
