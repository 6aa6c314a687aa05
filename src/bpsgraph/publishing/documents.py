"""The document about one thing: a bounded description of it, in one of the profiles, and about itself.

The description follows the idea of a concise bounded description (https://www.w3.org/submissions/CBD/): what
the store says of the thing, and beside it the names of what it is linked with, the reified statements about
single cells with their sources, and the links that point to it. Of these there may be any number, so that
they are counted and come in pages, in the words of Hydra (https://www.hydra-cg.com/spec/latest/core/). The
thing and the document about it are two things with two IRIs (https://www.w3.org/TR/cooluris/).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter
from bpsgraph.library import Library
from bpsgraph.library.saved import Values, bind
from bpsgraph.publishing.nearby import not_found
from bpsgraph.publishing.profiles import CPSV_AP, FULL, SUMMARY, Profile, offered
from bpsgraph.results import Triples
from bpsgraph.store import Store, construct, select
from bpsgraph.store.journal import CATALOGUES, OBSERVATIONS
from bpsgraph.terms import (
    BASE,
    BPS,
    DCT,
    DOCUMENTS,
    FOAF,
    HYDRA,
    LABELS,
    PROV,
    RDF,
    RDF_TYPE,
    VOID,
    XSD,
    short,
)

PAGE_SIZE = 50
"""How many of the things that point to a thing by one property stand on a page."""
DATASET = "https://w3id.org/bps/dataset#graph"
"""The IRI of all that is published here, as `/dataset` and `/.well-known/void` describe it."""
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_SUBJECT = NamedNode(RDF + "subject")
_REIFYING = {RDF + "subject", RDF + "object"}
_GENERATED = NamedNode(PROV + "generated")
_ENDED = NamedNode(PROV + "endedAtTime")
_ACCEPTANCE = NamedNode(BPS + "Acceptance")
_INTEGER = NamedNode(XSD + "integer")


@dataclass(frozen=True, slots=True)
class Inverse:
    """The links to a thing by one property: how many, and the subjects of this page, by IRI."""

    predicate: str
    count: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What is published about a thing in one profile; `triples` is all of it.

    `own` are the statements about the thing, `statements` the reified ones with what they say of themselves;
    `labels` names all other things in them. `graphs` are the graphs that speak of the thing, `modified` is
    when the newest of them was accepted, where the journal says so. `profiles` are those that suit it.
    """

    thing: str
    profile: Profile
    profiles: tuple[Profile, ...]
    own: Triples
    statements: Triples
    labels: Triples
    inverse: tuple[Inverse, ...]
    graphs: tuple[str, ...]
    modified: Literal | None
    page: int
    pages: int
    triples: Triples

    @property
    def iri(self) -> str:
        """The IRI of the document."""
        return document_iri(self.thing)


def document_iri(thing: str) -> str:
    """The IRI of the document about a thing of ours."""
    return DOCUMENTS + thing.removeprefix(BASE)


class Names:
    """The labels of things, each looked up once; for a store that does not change any more."""

    def __init__(self, store: Store, most: int = 20_000) -> None:
        self._store = store
        self._most = most
        self._known: dict[str, tuple[Triple, ...]] = {}

    def of(self, iris: Iterable[str]) -> Iterator[Triple]:
        """The labels of each of the things that has one."""
        for iri in iris:
            found = self._known.get(iri)
            if found is None:
                found = tuple(_labels(self._store, iri))
                if len(self._known) >= self._most:
                    self._known.clear()
                self._known[iri] = found
            yield from found


def is_known(store: Store, thing: str) -> bool:
    """Whether the store says anything about the thing, or anything points to it."""
    try:
        node = NamedNode(thing)
    except ValueError:
        return False
    return any(True for _ in store.triples(node)) or any(True for _ in store.triples(object=node))


def classes_of(store: Store, thing: str) -> frozenset[str]:
    """The IRIs of the classes that the thing is said to be of."""
    return _classes(store.triples(NamedNode(thing), RDF_TYPE))


def document(
    store: Store,
    library: Library,
    thing: str,
    profile: Profile = FULL,
    page: int = 1,
    *,
    names: Names | None = None,
) -> Document:
    """The document about a thing, by its IRI, in a profile; `page` counts from 1.

    `names` are those of the store where they are kept from one document to the next. Raises `NotFound` with
    the names nearest to it where the store says nothing of the thing, and `BadParameter` for a page beyond
    the last and for a profile that does not suit the thing.
    """
    try:
        node = NamedNode(thing)
    except ValueError:
        raise not_found(store, thing) from None
    said = list(store.said_of(node))
    if not said and not is_known(store, thing):
        raise not_found(store, thing)
    own = Triples(frozenset(quad.triple for quad in said))
    suitable = offered(_classes(own))
    if profile not in suitable:
        tokens = ", ".join(one.token for one in suitable)
        raise BadParameter(
            "_profile", f"{profile.token} does not suit {short(thing)}", f"choose one of: {tokens}"
        )
    inverse = tuple(_inverse(store, node, page if profile is FULL else 0))
    pages = max([1, *(-(-one.count // PAGE_SIZE) for one in inverse)]) if profile is FULL else 1
    if not 1 <= page <= pages:
        raise BadParameter("page", f"there is no page {page}", f"give a number from 1 to {pages}")
    if profile.query is not None:
        own = described(store, library, thing, profile)
    statements = _statements(store, node)
    if profile is SUMMARY:
        statements = _about(statements, {triple.predicate for triple in own})
    linked = _things(own, statements) | {iri for one in inverse for iri in one.subjects}
    named = (names or Names(store)).of(linked - {thing}) if profile in (FULL, SUMMARY) else ()
    labels = Triples(frozenset(named))
    graphs = tuple(sorted({quad.graph_name.value for quad in said if isinstance(quad.graph_name, NamedNode)}))
    modified = _modified(store, graphs)
    bare = Document(
        *(thing, profile, suitable, own, statements, labels, inverse, graphs, modified, page, pages),
        triples=Triples(frozenset()),
    )
    every = frozenset({*own, *statements, *labels, *_of_itself(bare), *_of_links(bare)})
    return Document(
        *(thing, profile, suitable, own, statements, labels, inverse, graphs, modified, page, pages),
        triples=Triples(every),
    )


def described(store: Store, library: Library, thing: str, profile: Profile) -> Triples:
    """What a profile says of a thing, by its IRI, without anything about the document."""
    if profile.query is None:
        node = NamedNode(thing)
        return Triples(frozenset(store.triples(node)))
    return construct(store, bind(library[profile.query], {"thing": _things_of(store, thing, profile)}))


def _classes(triples: Iterable[Triple]) -> frozenset[str]:
    return frozenset(
        triple.object.value
        for triple in triples
        if triple.predicate == RDF_TYPE and isinstance(triple.object, NamedNode)
    )


def _inverse(store: Store, node: NamedNode, page: int) -> Iterator[Inverse]:
    """The links to a thing, by property; without subjects for page 0. Reified statements are no links."""
    found: dict[str, list[str]] = defaultdict(list)
    for triple in store.triples(object=node):
        predicate = triple.predicate.value
        if predicate not in _REIFYING:
            subject = triple.subject
            # A blank node counts, and has no name under which it could be listed.
            found[predicate].append(subject.value if isinstance(subject, NamedNode) else "")
    for predicate, subjects in sorted(found.items()):
        listed = sorted(filter(None, subjects))[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] if page else []
        yield Inverse(predicate, len(subjects), tuple(listed))


def _things_of(store: Store, thing: str, profile: Profile) -> Values:
    """The thing, and under CPSV-AP with a catalogue its rows, with an item the rows of the State on it."""
    if profile is not CPSV_AP:
        return [thing]
    node = NamedNode(thing)
    rows = select(
        store,
        f"SELECT DISTINCT ?row WHERE {{ {{ {node} a bps:Catalogue . ?row bps:catalogue {node} }} UNION "
        f"{{ {node} a bps:ServiceItem . ?row bps:item {node} ; "
        "bps:catalogue/bps:jurisdiction <jurisdiction/100000> } ?row a bps:Provision } ORDER BY ?row",
    ).rows
    return [thing, *(term.value for (term,) in rows if isinstance(term, NamedNode))]


def _statements(store: Store, node: NamedNode) -> Triples:
    found = (
        triple
        for statement in store.triples(None, _SUBJECT, node)
        if isinstance(statement.subject, NamedNode | BlankNode)
        for triple in store.triples(statement.subject)
    )
    return Triples(frozenset(found))


def _about(statements: Triples, predicates: set[NamedNode]) -> Triples:
    """Those of the reified statements that are about one of these properties."""
    kept = {
        triple.subject
        for triple in statements
        if triple.predicate.value == RDF + "predicate" and triple.object in predicates
    }
    return Triples(frozenset(triple for triple in statements if triple.subject in kept))


def _things(*sets: Triples) -> set[str]:
    return {
        term.value
        for triples in sets
        for triple in triples
        for term in (triple.object,)
        if isinstance(term, NamedNode)
    }


def _labels(store: Store, iri: str) -> Iterator[Triple]:
    for kind in LABELS:
        yield from store.triples(NamedNode(iri), kind)


def _modified(store: Store, graphs: Iterable[str]) -> Literal | None:
    """When the newest of the graphs was accepted; None where none of them has an entry in the journal."""
    accepted = [
        NamedNode(f"{BASE}{kind}/{graph.removeprefix(begin)}")
        for graph in graphs
        for begin, kind in ((CATALOGUES, "catalogue"), (OBSERVATIONS, "dataset"))
        if graph.startswith(begin)
    ]
    times = [
        ended.object
        for one in accepted
        for done in store.triples(None, _GENERATED, one)
        if isinstance(done.subject, NamedNode) and any(store.triples(done.subject, RDF_TYPE, _ACCEPTANCE))
        for ended in store.triples(done.subject, _ENDED)
        if isinstance(ended.object, Literal)
    ]
    return max(times, key=lambda time: time.value, default=None)


def _of_itself(about: Document) -> Iterator[Triple]:
    """What the document says of itself."""
    node, thing = NamedNode(about.iri), NamedNode(about.thing)
    yield Triple(thing, NamedNode(FOAF + "isPrimaryTopicOf"), node)
    yield Triple(node, RDF_TYPE, NamedNode(FOAF + "Document"))
    yield Triple(node, NamedNode(FOAF + "primaryTopic"), thing)
    yield Triple(node, NamedNode(DCT + "conformsTo"), NamedNode(about.profile.iri))
    yield Triple(node, NamedNode(DCT + "license"), NamedNode(LICENCE))
    yield Triple(node, NamedNode(VOID + "inDataset"), NamedNode(DATASET))
    for graph in about.graphs:
        yield Triple(node, NamedNode(PROV + "wasDerivedFrom"), NamedNode(graph))
    if about.modified is not None:
        yield Triple(node, NamedNode(DCT + "modified"), about.modified)


def _of_links(about: Document) -> Iterator[Triple]:
    """The links to the thing: of each property a collection with its size, and the members of this page."""
    if about.profile not in (FULL, SUMMARY):
        return
    thing, here = NamedNode(about.thing), page_iri(about.iri, about.page)
    for one in about.inverse:
        collection = NamedNode(f"{about.iri}#inverse/{quote(short(one.predicate), safe='/:')}")
        assertion = NamedNode(collection.value + "/assertion")
        yield Triple(thing, _hydra("collection"), collection)
        yield Triple(collection, RDF_TYPE, _hydra("Collection"))
        yield Triple(collection, _hydra("totalItems"), Literal(str(one.count), datatype=_INTEGER))
        yield Triple(collection, _hydra("memberAssertion"), assertion)
        yield Triple(assertion, _hydra("property"), NamedNode(one.predicate))
        yield Triple(assertion, _hydra("object"), thing)
        if about.pages > 1:
            yield Triple(collection, _hydra("view"), here)
        for subject in one.subjects:
            yield Triple(collection, _hydra("member"), NamedNode(subject))
            yield Triple(NamedNode(subject), NamedNode(one.predicate), thing)
    if about.pages > 1:
        yield Triple(here, RDF_TYPE, _hydra("PartialCollectionView"))
        for relation, number in neighbours(about.page, about.pages).items():
            yield Triple(here, _hydra(relation), page_iri(about.iri, number))


def neighbours(page: int, pages: int) -> dict[str, int]:
    """The pages that are `first`, `previous`, `next` and `last` of several, where there are such."""
    found = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
    return {relation: number for relation, number in found.items() if 1 <= number <= pages}


def page_iri(document: str, page: int) -> NamedNode:
    """The IRI of one page of a document."""
    return NamedNode(f"{document}?page={page}")


def _hydra(name: str) -> NamedNode:
    return NamedNode(HYDRA + name)
