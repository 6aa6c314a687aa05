"""Documents with their clauses, and what each of them states."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from pyoxigraph import NamedNode

from bpsgraph.answers import Answer
from bpsgraph.errors import NotFound, nearest
from bpsgraph.results import Rows
from bpsgraph.terms import BASE, short
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.graph import Graph, graph_of, network_of
from bpsgraph.web.pages.sections import (
    Choice,
    Fact,
    Section,
    choice_of,
    described,
    said,
    section_of,
    triples_of,
    value_of,
)
from bpsgraph.web.view import View

_LISTED = ("document", "number", "issued", "issuer", "clauses", "stated", "cited_by")
_STATED = ("clause", "kind", "thing", "measure", "words", "value", "unit", "verification")
_OF_ITS_OWN = ("dct:description", "eli:is_part_of", "skos:notation")


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents."""

    documents: Section
    not_held: Section
    places: Choice
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One clause in the list of a document: `anchor` is where it stands, `href` its own page."""

    anchor: str
    number: str
    title: str
    content: str
    href: str
    stated: int
    depth: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its facts, its clauses, what it states, and what it is linked to."""

    title: str
    facts: tuple[Fact, ...]
    clauses: tuple[Entry, ...]
    clauses_data: str
    stated: Section
    graph: Graph | None
    key: str
    offers: tuple[tuple[str, str], ...]
    shown_as: str = "documents/whole.html.jinja"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: where it stands, a summary of it, and what rests on it."""

    title: str
    number: str
    content: str
    whole: tuple[str, str]
    parts: tuple[Entry, ...]
    facts: tuple[Fact, ...]
    stated: Section
    offers: tuple[tuple[str, str], ...]
    shown_as: str = "documents/clause.html.jinja"


def documents(view: View) -> Documents:
    """The page of all documents, or of those of the place `?jurisdiction=`."""
    answer = documents_table(view)
    places = [
        (value_of(row, "jurisdiction").rpartition("/")[2], said(view, row, "jurisdiction"))
        for row in view.answered("catalogues/places").rows
    ]
    return Documents(
        documents=section_of(view, answer, "documents", _LISTED, drawn=False),
        not_held=section_of(view, view.answered("provenance/documents-not-held"), "not-held", drawn=False),
        places=choice_of(view, "jurisdiction", places),
        offers=offers_of(view, "/documents", answer),
    )


def documents_table(view: View) -> Answer:
    """The documents that the address asks for."""
    place = view.parameters.get("jurisdiction")
    return view.answered("documents/all", **({"jurisdiction": place} if place else {}))


def document(view: View, key: str) -> Document | Clause:
    """The page of a document by its key, or of one of its clauses. Raises `NotFound`."""
    if "/" in key:
        return clause(view, f"{BASE}document/{key}")
    iri = f"{BASE}document/{key}"
    rows = [row for row in view.answered("documents/all").rows if value_of(row, "document") == iri]
    if not rows:
        known = [short(value_of(row, "document")) for row in view.answered("documents/all").rows]
        raise NotFound(f"document/{key}", nearest(f"document/{key}", known))
    clauses = clauses_of(view, iri)
    return Document(
        title=said(view, rows[0], "document") or key,
        facts=described(view, iri),
        clauses=clauses,
        clauses_data=f"/queries/documents/clauses?document={quote(short(iri))}",
        stated=section_of(view, view.answered("documents/stated", document=iri), "stated", _STATED),
        graph=neighbours_of(view, iri),
        key=short(iri),
        offers=triples_of(view, iri),
    )


def clause(view: View, iri: str) -> Clause:
    """The page of a clause of a document or of a standard. Raises `NotFound`."""
    whole = "/".join(iri.removeprefix(BASE).split("/")[:2])
    answer = view.answered("documents/clauses", document=whole)
    row = next((row for row in answer.rows if value_of(row, "clause") == iri), None)
    if row is None:
        known = [short(value_of(row, "clause")) for row in answer.rows]
        raise NotFound(short(iri), nearest(short(iri), known))
    return Clause(
        title=said(view, row, "clause"),
        number=value_of(row, "number"),
        content=said(view, row, "content"),
        whole=(view.href(BASE + whole), said(view, row, "document")),
        parts=_entries(view, _parts(answer, iri), whole),
        facts=described(view, iri, without=_OF_ITS_OWN),
        stated=section_of(
            view, view.answered("documents/stated", document=iri), "stated", _STATED[1:], drawn=False
        ),
        offers=triples_of(view, iri),
    )


def clauses_of(view: View, iri: str) -> tuple[Entry, ...]:
    """The clauses of a document or of a standard, in the order of their numbers."""
    return _entries(view, view.answered("documents/clauses", document=iri), short(iri))


def neighbours_of(view: View, iri: str) -> Graph | None:
    """What a thing is linked to directly; nothing where it is linked to nothing."""
    network = network_of(view)
    if iri not in network.things:
        return None
    part = network.around(iri, 1)
    graph = graph_of(view, part, iri)
    return graph if len(graph.entries) > 1 else None


def _parts(answer: Answer, iri: str) -> Answer:
    """The rows of the clauses within a clause, directly or not; each comes after the one that it is in."""
    inside = {iri}
    for row in answer.rows:
        if value_of(row, "within") in inside:
            inside.add(value_of(row, "clause"))
    place = answer.rows.columns.index("clause")
    wanted = {NamedNode(one) for one in inside - {iri}}
    rows = tuple(row for row in answer.rows.rows if row[place] in wanted)
    return replace(answer, rows=Rows(answer.rows.columns, rows))


def _entries(view: View, answer: Answer, whole: str) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for row in answer.rows:
        iri = value_of(row, "clause")
        name = iri.removeprefix(f"{BASE}{whole}/")
        known = found.get(iri)
        entry = Entry(
            anchor="clause-" + name.replace("/", "-"),
            number=value_of(row, "number"),
            title=said(view, row, "clause"),
            content=said(view, row, "content"),
            href=view.href(iri),
            stated=int(value_of(row, "stated") or 0),
            depth=0,
        )
        within = value_of(row, "within")
        depth = found[within].depth + 1 if within in found else 0
        # A clause that names its document and the clause above it has two rows.
        found[iri] = replace(entry, depth=max(depth, known.depth if known else 0))
    return tuple(found.values())
