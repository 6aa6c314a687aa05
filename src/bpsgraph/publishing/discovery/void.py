"""What is in the graph, in the Vocabulary of Interlinked Datasets (https://www.w3.org/TR/void/).

Every number is counted from the store.
"""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library import Library, bind
from bpsgraph.publishing.discovery import description as d
from bpsgraph.publishing.discovery.description import Published, said, term, typed, words
from bpsgraph.publishing.dumps import DUMP_FORMATS, Part
from bpsgraph.results import Text, Triples
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE, BPS, PREFIXES

_FORMATS = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES = {"nquads": "N-Quads", "trig": "TriG", "turtle": "Turtle", "ntriples": "N-Triples"}
_COUNTS = """
    SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
    WHERE { ?s ?p ?o }
"""
_PROPERTIES = "SELECT ?property (COUNT(*) AS ?triples) WHERE { ?s ?property ?o } GROUP BY ?property"
_ENTITIES = "SELECT (COUNT(DISTINCT ?s) AS ?entities) WHERE {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), {base})) }}"
# One thing of each class that people look for.
_EXAMPLES = ("ServiceItem", "NationalBaseline", "Catalogue", "Standard", "PolicyDocument", "Target", "Pilot")


def void(store: Store, library: Library, published: Published) -> Triples:
    """The graph as a `void:Dataset`, and the document that says so. Raises what the store raises."""
    return Triples(frozenset(_described(store, library, published)))


def _described(store: Store, library: Library, published: Published) -> Iterator[Triple]:
    document, whole = published.address + "/.well-known/void", d.WHOLE
    yield from said(document, "a", term("void:DatasetDescription"))
    yield from words(document, "dct:title", Text("图谱的 VoID 描述", "VoID description of the graph"))
    yield from said(document, "foaf:primaryTopic", whole)
    yield from said(whole, "a", term("void:Dataset"))
    yield from words(whole, "dct:title", d.TITLE)
    yield from words(whole, "dct:description", d.DESCRIPTION)
    yield from said(whole, "dct:license", d.LICENCE)
    yield from said(whole, "dct:publisher", d.PUBLISHER)
    yield from said(d.PUBLISHER, "a", term("foaf:Agent"))
    yield from said(d.PUBLISHER, "foaf:name", Literal("bpsgraph"))
    yield from said(whole, "foaf:homepage", published.address + "/")
    yield from said(whole, "void:uriSpace", Literal(BASE))
    yield from said(whole, "void:sparqlEndpoint", published.address + "/sparql")
    for format in DUMP_FORMATS:
        yield from said(whole, "void:feature", _FORMATS + _FORMAT_NAMES[format.name])
    for part, iri in ((Part.WHOLE, whole), (Part.STATED, d.STATED), (Part.DERIVED, d.DERIVED)):
        files = [published.file(dump) for dump in published.dumps if dump.part is part]
        yield from said(iri, "void:dataDump", *files)
        if part is not Part.WHOLE:
            yield from said(whole, "void:subset", iri)
            yield from said(iri, "a", term("void:Dataset"))
    for dataset in published.datasets:
        yield from said(whole, "void:subset", dataset.iri)
        yield from said(dataset.iri, "a", term("void:Dataset"))
        yield from words(dataset.iri, "dct:title", dataset.title)
        files = [published.file(dump) for dump in published.dumps if dump.graphs == (dataset.graph,)]
        yield from said(dataset.iri, "void:dataDump", *files)
    yield from _counted(store, library)
    for example in _examples(store):
        yield from said(whole, "void:exampleResource", example)


def _counted(store: Store, library: Library) -> Iterator[Triple]:
    whole = d.WHOLE
    [counts] = select(store, _COUNTS)
    [entities] = select(store, _ENTITIES.format(base=Literal(BASE)))
    classes = select(store, bind(library["publishing/classes"], {}))
    properties = [row for row in select(store, _PROPERTIES) if isinstance(row["property"], NamedNode)]
    for name, number in (
        ("void:triples", counts["triples"]),
        ("void:distinctSubjects", counts["subjects"]),
        ("void:distinctObjects", counts["objects"]),
        ("void:entities", entities["entities"]),
        ("void:classes", Literal(len(classes))),
        ("void:properties", Literal(len(properties))),
    ):
        assert isinstance(number, Literal)
        yield from said(whole, name, typed(number.value, "integer"))
    used = set()
    for row in classes:
        of_class, number = row["class"], row["things"]
        if isinstance(of_class, NamedNode) and isinstance(number, Literal):
            partition = f"{d.CATALOG}#class/{_key(of_class.value)}"
            yield from said(whole, "void:classPartition", partition)
            yield from said(partition, "a", term("void:Dataset"))
            yield from said(partition, "void:class", of_class)
            yield from said(partition, "void:entities", typed(number.value, "integer"))
            used.add(_namespace(of_class.value))
    for row in properties:
        property, number = row["property"], row["triples"]
        if isinstance(property, NamedNode) and isinstance(number, Literal):
            partition = f"{d.CATALOG}#property/{_key(property.value)}"
            yield from said(whole, "void:propertyPartition", partition)
            yield from said(partition, "a", term("void:Dataset"))
            yield from said(partition, "void:property", property)
            yield from said(partition, "void:triples", typed(number.value, "integer"))
            used.add(_namespace(property.value))
    yield from said(whole, "void:vocabulary", *sorted(used))
    yield from _linksets(store, library)


def _linksets(store: Store, library: Library) -> Iterator[Triple]:
    for row in select(store, bind(library["publishing/linksets"], {})):
        property, target, number = row["property"], row["target"], row["links"]
        if not isinstance(property, NamedNode) or target is None or not isinstance(number, Literal):
            continue
        linkset = f"{d.CATALOG}#links/{_key(property.value)}/{_key(target.value)}"
        yield from said(d.WHOLE, "void:subset", linkset)
        yield from said(linkset, "a", term("void:Linkset"))
        yield from said(linkset, "void:linkPredicate", property)
        yield from said(linkset, "void:subjectsTarget", d.WHOLE)
        yield from said(linkset, "void:objectsTarget", target.value)
        yield from said(target.value, "a", term("void:Dataset"))
        yield from said(linkset, "void:triples", typed(number.value, "integer"))


def _examples(store: Store) -> Iterator[str]:
    for name in _EXAMPLES:
        rows = select(store, f"SELECT ?thing WHERE {{ ?thing a <{BPS}{name}> }} ORDER BY ?thing LIMIT 1")
        for row in rows:
            if isinstance(row["thing"], NamedNode):
                yield row["thing"].value


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _key(iri: str) -> str:
    """The IRI of a term as part of another: its prefix and its local name, else what can stand there."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri.partition("://")[2].rstrip("#/").replace("#", "/")
