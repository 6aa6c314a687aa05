"""The page that fits every thing: its properties with their sources, and what points to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers.reading import cell
from bpsgraph.publishing.documents import Document, neighbours
from bpsgraph.publishing.forms import FORMS, suffix
from bpsgraph.publishing.profiles import ALL, FULL, Profile
from bpsgraph.publishing.withdrawn import Tombstone
from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, BPS, FOAF, GRAPH, HYDRA, PROV, RDF, Term, short
from bpsgraph.web.pages.called import names_of
from bpsgraph.web.view import View

_VERIFICATION = BPS + "verification"
_SOURCE = PROV + "hadPrimarySource"
_CLAUSE = BPS + "clause"
# Said at the head of the page, or about the document.
_APART = {RDF + "type", _VERIFICATION, _SOURCE, _CLAUSE, FOAF + "isPrimaryTopicOf", HYDRA + "collection"}


@dataclass(frozen=True, slots=True)
class Named:
    """A thing as it is called, and where it is read about; without an address where that is nowhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure something is: the verification as a mark with its word, and the sources."""

    mark: str
    word: str
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value; `lang` is the language of its words, `sure` what is known of this value alone."""

    text: str
    href: str = ""
    lang: str = ""
    mark: str = ""
    sure: Sureness | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """A property and its values."""

    name: Named
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Which things point to the thing by one property: how many, and those of this page."""

    name: Named
    count: int
    things: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """What the page of a thing shows; `formats` and `profiles` are pairs of a label and an address."""

    title: str
    iri: str
    key: str
    kinds: tuple[Named, ...]
    sure: Sureness | None
    properties: tuple[Property, ...]
    links: tuple[Links, ...]
    page: int
    pages: int
    others: dict[str, str]
    formats: tuple[tuple[str, str], ...]
    profiles: tuple[tuple[str, str], ...]
    profile: str
    graphs: tuple[Named, ...]
    modified: str
    embedded: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What the page of a thing that was withdrawn shows."""

    title: str
    key: str
    whole: str
    at: str
    by: str
    reason: str
    entry: int
    hash: str
    predecessors: tuple[Named, ...]
    successors: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A profile: what it is called, what it says, its IRI, and where the thing is to be had in it."""

    label: str
    description: str
    token: str
    iri: str
    formats: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Every format and profile of one thing."""

    key: str
    title: str
    profiles: tuple[Described, ...]


def thing(view: View, found: Document, embedded: str = "") -> Thing:
    """The page of a thing; `embedded` is JSON-LD for machines that read pages."""
    said: dict[str, list[Term]] = defaultdict(list)
    for triple in sorted(found.own, key=str):
        if triple.subject == NamedNode(found.thing):
            said[triple.predicate.value].append(triple.object)  # type: ignore[arg-type]
    single = _single_cells(found)
    verification, sources, clauses = _held(view.snapshot.store, found.thing)
    called = names_of(
        view,
        {
            found.thing,
            *verification,
            *sources,
            *clauses,
            *said,
            *(one.predicate for one in found.inverse),
            *(iri for one in found.inverse for iri in one.subjects),
            *(term.value for terms in said.values() for term in terms if isinstance(term, NamedNode)),
            *(iri for entries in single.values() for entry in entries for iri in entry.iris()),
        },
    )
    properties = [
        Property(
            _named(view, predicate, called),
            tuple(
                _value(view, predicate, term, called, single) for term in _in_language(terms, view.language)
            ),
        )
        for predicate, terms in said.items()
        if predicate not in _APART
    ]
    properties.sort(key=lambda one: (not one.name.href.endswith(("#prefLabel", "/title")), one.name.text))
    links = tuple(
        Links(
            _named(view, one.predicate, called),
            one.count,
            tuple(_named(view, iri, called) for iri in one.subjects),
        )
        for one in found.inverse
    )
    key = short(found.thing)
    return Thing(
        title=called.get(found.thing, key),
        iri=found.thing,
        key=key,
        kinds=tuple(
            _named(view, term.value, called) for term in said[RDF + "type"] if isinstance(term, NamedNode)
        ),
        sure=_sureness(view, verification, sources + clauses, called),
        properties=tuple(properties),
        links=links,
        page=found.page,
        pages=found.pages,
        others={
            relation: view.link(f"/doc/{key}", page=str(number))
            for relation, number in neighbours(found.page, found.pages).items()
        },
        formats=formats(key, found.profile),
        profiles=tuple(
            (view.say(one.label), view.link(f"/doc/{key}", _profile=one.token)) for one in found.profiles
        ),
        profile=view.say(found.profile.label),
        graphs=tuple(
            Named(graph.removeprefix(GRAPH), view.link("/store", graph=graph)) for graph in found.graphs
        ),
        modified=found.modified.value if found.modified is not None else "",
        embedded=embedded,
    )


def formats(key: str, profile: Profile = FULL) -> tuple[tuple[str, str], ...]:
    """The label and the address of each format of the document about a thing, by its key, but the page."""
    asked = "" if profile is FULL else f"?_profile={profile.token}"
    return tuple((one.label, f"/doc/{key}{suffix(one)}{asked}") for one in FORMS[1:])


def alternatives(view: View, key: str, offered: Sequence[Profile]) -> Alternatives:
    """Every format of every profile of a thing, by its key."""
    title = names_of(view, {BASE + key}).get(BASE + key, key)
    return Alternatives(
        key,
        title,
        tuple(
            _described(view, one, (("HTML", _page(view, key, one)), *formats(key, one))) for one in offered
        ),
    )


def profile_list(view: View) -> tuple[Described, ...]:
    """Every profile there is."""
    return tuple(_described(view, one, ()) for one in ALL)


def withdrawn(view: View, stone: Tombstone) -> Withdrawn:
    """The page of a thing that was withdrawn."""
    called = names_of(view, {*stone.versions.predecessors, *stone.versions.successors})
    return Withdrawn(
        title=view.say(stone.title),
        key=short(stone.thing),
        whole=short(stone.withdrawn) if stone.withdrawn != stone.thing else "",
        at=stone.at,
        by=stone.by,
        reason=stone.reason,
        entry=stone.entry,
        hash=stone.content_hash,
        predecessors=tuple(_named(view, iri, called) for iri in stone.versions.predecessors),
        successors=tuple(_named(view, iri, called) for iri in stone.versions.successors),
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a reified statement says of one value."""

    verification: tuple[str, ...]
    sources: tuple[str, ...]
    notes: tuple[Literal, ...]

    def iris(self) -> tuple[str, ...]:
        return self.verification + self.sources


def _single_cells(found: Document) -> dict[tuple[str, str], list[_Cell]]:
    """What is known of single values, by the property and the value as N-Triples write it."""
    statements: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in sorted(found.statements, key=str):
        statements[str(triple.subject)][triple.predicate.value].append(triple.object)  # type: ignore[arg-type]
    cells: dict[tuple[str, str], list[_Cell]] = defaultdict(list)
    for said in statements.values():
        for predicate in said[RDF + "predicate"]:
            for value in said[RDF + "object"]:
                cells[str(predicate.value), str(value)].append(
                    _Cell(
                        _iris(said[_VERIFICATION]),
                        _iris(said[_SOURCE] + said[_CLAUSE]),
                        tuple(
                            one
                            for one in said["http://www.w3.org/2000/01/rdf-schema#comment"]
                            if isinstance(one, Literal)
                        ),
                    )
                )
    return cells


def _held(store: Store, thing: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The verification, the sources and the clauses that hold for the thing.

    Those of the thing itself, else those of the row a guarantee is in, else those of the catalogue.
    """
    node = NamedNode(thing)
    nearest = ("", "^bps:guarantee/", "bps:catalogue/", "^bps:guarantee/bps:catalogue/")
    found = []
    for name in ("bps:verification", "prov:hadPrimarySource", "bps:clause"):
        branches = " UNION ".join(
            f"{{ {node} {path}{name} ?value BIND({distance} AS ?distance) }}"
            for distance, path in enumerate(nearest)
        )
        rows = select(
            store, f"SELECT DISTINCT ?distance ?value WHERE {{ {branches} }} ORDER BY ?distance ?value"
        ).rows
        found.append(
            tuple(
                value.value
                for distance, value in rows
                if distance == rows[0][0] and isinstance(value, NamedNode)
            )
        )
    return found[0], found[1], found[2]


def _sureness(
    view: View, verification: Sequence[str], sources: Iterable[str], called: dict[str, str]
) -> Sureness | None:
    named = tuple(_named(view, iri, called) for iri in sources)
    if not verification and not named:
        return None
    mark = verification[0] if verification else ""
    return Sureness(mark.rpartition("/")[2], called.get(mark, ""), named)


def _value(
    view: View,
    predicate: str,
    term: Term,
    called: dict[str, str],
    single: dict[tuple[str, str], list[_Cell]],
) -> Value:
    cells = single.get((predicate, str(term)), [])
    sure = _sureness(view, cells[0].verification, cells[0].sources, called) if cells else None
    notes = [note.value for one in cells for note in _in_language(list(one.notes), view.language)]
    note = " ".join(str(one) for one in notes)
    if isinstance(term, NamedNode):
        named = _named(view, term.value, called)
        return Value(named.text, named.href, sure=sure, note=note)
    language = term.language if isinstance(term, Literal) and term.language else ""
    return Value(cell(term), lang=language if language != view.language else "", sure=sure, note=note)


def _in_language(terms: Sequence[Term], language: str) -> list[Term]:
    """The terms without texts in other languages, where there is one in this language."""
    tagged = [one for one in terms if isinstance(one, Literal) and one.language]
    if not any(one.language == language for one in tagged):
        return list(terms)
    return [one for one in terms if one not in tagged or one.language == language]  # type: ignore[union-attr]


def _iris(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(term.value for term in terms if isinstance(term, NamedNode))


def _named(view: View, iri: str, called: dict[str, str]) -> Named:
    if iri.startswith(GRAPH):
        return Named(short(iri), view.link("/store", graph=iri))
    href = view.href(iri)
    return Named(called.get(iri, short(iri)), href if href.startswith(("/", "http://", "https://")) else "")


def _page(view: View, key: str, profile: Profile) -> str:
    return view.link(f"/doc/{key}", _profile=profile.token)


def _described(view: View, profile: Profile, offers: tuple[tuple[str, str], ...]) -> Described:
    return Described(
        view.say(profile.label), view.say(profile.description), profile.token, profile.iri, offers
    )
