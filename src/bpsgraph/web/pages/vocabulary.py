"""The ontology and the shapes as documents to read: every term and every shape with an anchor."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.publishing.forms import FORMS, suffix
from bpsgraph.results import Triples
from bpsgraph.sources import ONTOLOGY_GRAPH, content_of
from bpsgraph.terms import BPS, DCT, PREFIXES, RDF, RDFS, SKOS, Term, short
from bpsgraph.web.pages.linked_data import Named
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import View

_OWL = PREFIXES["owl"]
_SH = PREFIXES["sh"]
_SHAPES = PREFIXES["bpsh"]
# What is shown of a term, in this order.
_FACTS = (
    *(RDFS + "subClassOf", RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range", _OWL + "inverseOf"),
    *(_OWL + "disjointWith", SKOS + "exactMatch", SKOS + "closeMatch", RDFS + "seeAlso"),
)
_KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "NamedIndividual")
Said = dict[str, dict[str, list[Term]]]


@dataclass(frozen=True, slots=True)
class Described:
    """One term or shape; `facts` are names of properties with their values."""

    anchor: str
    name: str
    label: str
    definition: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, tuple[Named, ...]], ...]
    mark: str = ""
    mark_word: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some of them below a heading; `kind` is `Class`, `ObjectProperty`, … or the file of shapes."""

    kind: str
    title: str
    description: str
    members: tuple[Described, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A whole document; `lists` are the code lists with the number of their concepts."""

    title: str
    description: str
    version: str
    groups: tuple[Group, ...]
    lists: tuple[tuple[Named, int], ...]
    formats: tuple[tuple[str, str], ...]


def named(triples: Iterable[Triple]) -> Triples:
    """The triples with names for blank nodes that are the same each time.

    They are those of RDF Dataset Canonicalization 1.0 (https://www.w3.org/TR/rdf-canon/).
    """
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Triples(frozenset(quad.triple for quad in dataset))


def shapes_of(snapshot: Snapshot) -> Triples:
    """The triples of all shapes."""
    return snapshot.kept(
        "shapes", lambda: named(triple for triples in _shape_files(snapshot).values() for triple in triples)
    )


def ontology(view: View) -> Vocabulary:
    """The terms of the ontology, by kind."""
    said = view.snapshot.kept("terms", lambda: _said(view.snapshot.store.graph(ONTOLOGY_GRAPH)))
    terms: dict[str, list[str]] = defaultdict(list)
    members: dict[str, int] = defaultdict(int)
    for iri, facts in said.items():
        kinds = {short(_iri(one)).removeprefix("owl:") for one in facts[RDF + "type"]}
        kind = next((one for one in _KINDS if one in kinds), None)
        if iri.startswith(BPS) and kind is not None:
            terms[kind].append(iri)
        for scheme in facts[SKOS + "inScheme"]:
            members[_iri(scheme)] += 1
    called = view.labels(
        {_iri(one) for iri in said for fact in _FACTS for one in said[iri][fact] if _iri(one)} | set(_FACTS)
    )
    whole = said.get(BPS.removesuffix("#"), {})
    return Vocabulary(
        title=_words(whole.get(DCT + "title", []), view.language),
        description=_words(whole.get(DCT + "description", []), view.language),
        version=_words(whole.get(_OWL + "versionInfo", []), view.language),
        groups=tuple(
            Group(
                kind,
                "",
                "",
                tuple(_term(view, iri, said[iri], called) for iri in sorted(terms[kind], key=str.casefold)),
            )
            for kind in _KINDS
            if terms[kind]
        ),
        lists=tuple(
            (
                Named(_words(said[iri][SKOS + "prefLabel"], view.language) or short(iri), view.href(iri)),
                members[iri],
            )
            for iri in sorted(said)
            if any(_iri(one) == SKOS + "ConceptScheme" for one in said[iri][RDF + "type"])
        ),
        formats=_formats("/ns"),
    )


def shapes(view: View) -> Vocabulary:
    """The shapes, by file."""
    files = _shape_files(view.snapshot)
    groups = []
    for name, triples in files.items():
        said = _said(triples)
        heads = [iri for iri, facts in said.items() if _is(facts, _OWL + "Ontology")]
        head = said[heads[0]] if heads else {}
        found = [
            iri
            for iri, facts in said.items()
            if iri.startswith(_SHAPES)
            and (_is(facts, _SH + "NodeShape") or _is(facts, _SH + "PropertyShape"))
        ]
        if found:
            groups.append(
                Group(
                    name,
                    _words(head.get(DCT + "title", []), view.language) or name,
                    _words(head.get(DCT + "description", []), view.language),
                    tuple(_shape(view, iri, said[iri]) for iri in found),
                )
            )
    everything = _said(files.get("prefixes", ()))
    head = everything.get(_SHAPES.removesuffix("#"), {})
    return Vocabulary(
        title=_words(head.get(DCT + "title", []), view.language),
        description=_words(head.get(DCT + "description", []), view.language),
        version="",
        groups=tuple(groups),
        lists=(),
        formats=_formats("/shapes"),
    )


def _shape_files(snapshot: Snapshot) -> dict[str, tuple[Triple, ...]]:
    """The triples of each file of shapes in their order, by its path without the ending."""
    folder = snapshot.sources.root / "shapes"
    return snapshot.kept(
        "shape-files",
        lambda: {
            file.relative_to(folder).with_suffix("").as_posix(): tuple(
                quad.triple
                for quad in ox.parse(
                    content_of(file), ox.RdfFormat.TURTLE, base_iri="https://w3id.org/bps/id/"
                )
            )
            for file in snapshot.sources.shapes()
        },
    )


def _term(view: View, iri: str, facts: dict[str, list[Term]], called: dict[str, str]) -> Described:
    name = iri.removeprefix(BPS)
    return Described(
        anchor=name,
        name=f"bps:{name}",
        label=_words(facts[RDFS + "label"], view.language),
        definition=_words(facts[SKOS + "definition"], view.language),
        notes=tuple(filter(None, [_words(facts[SKOS + "scopeNote"], view.language)])),
        facts=tuple(
            (
                called.get(fact, short(fact)),
                tuple(_named(view, _iri(one), called) for one in facts[fact] if _iri(one)),
            )
            for fact in _FACTS
            if any(_iri(one) for one in facts[fact])
        ),
    )


def _shape(view: View, iri: str, facts: dict[str, list[Term]]) -> Described:
    severity = next((short(_iri(one)).removeprefix("sh:") for one in facts[_SH + "severity"]), "")
    rule = _words(facts[DCT + "identifier"], view.language)
    wanted = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "path")
    shown = [
        (f"sh:{name}", tuple(_named(view, _iri(one), {}) for one in facts[_SH + name] if _iri(one)))
        for name in wanted
    ]
    called = view.labels({_iri(one) for one in facts[BPS + "clause"] if _iri(one)})
    shown.append(
        ("bps:clause", tuple(_named(view, _iri(one), called) for one in facts[BPS + "clause"] if _iri(one)))
    )
    return Described(
        anchor=iri.removeprefix(_SHAPES),
        name=short(iri),
        label=_words(facts[_SH + "name"], view.language),
        definition=_words(facts[_SH + "description"], view.language),
        notes=tuple(filter(None, [_words(facts[BPS + "fix"], view.language)])),
        facts=tuple((name, values) for name, values in shown if values),
        mark=severity.lower(),
        mark_word=severity,
        page=view.link(f"/rules/{rule}") if rule else "",
    )


def _said(triples: Iterable[Triple]) -> Said:
    """What is said of each thing with a name, by property, in the order of the triples."""
    found: Said = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            found[triple.subject.value][triple.predicate.value].append(triple.object)  # type: ignore[arg-type]
    for facts in found.values():
        for values in facts.values():
            values.sort(key=str)
    return found


def _is(facts: dict[str, list[Term]], kind: str) -> bool:
    return any(_iri(one) == kind for one in facts[RDF + "type"])


def _words(terms: Iterable[Term], language: str) -> str:
    """The text in the language, else without one, else any; empty where there is none."""
    best = {one.language: one.value for one in terms if isinstance(one, Literal)}
    for wanted in (language, None, *sorted(filter(None, best))):
        if wanted in best:
            return best[wanted]
    return ""


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _named(view: View, iri: str, called: dict[str, str]) -> Named:
    return Named(called.get(iri, short(iri)), view.href(iri))


def _formats(place: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.label, place + suffix(one)) for one in FORMS[1:])
