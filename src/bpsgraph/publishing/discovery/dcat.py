"""The data sets as a catalogue of DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), as DCAT-AP 3 wants it.

Every data set is described by what the graph says of it. What nobody has stated, such as how often a data set
changes or whom to write to, is left out.
"""

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, Triple

from bpsgraph.publishing.datasets import Dataset
from bpsgraph.publishing.discovery import description as d
from bpsgraph.publishing.discovery.description import Published, said, term, typed, words
from bpsgraph.publishing.dumps import Dump, Part
from bpsgraph.results import Text, Triples
from bpsgraph.terms import BASE, short

SERVICE = d.CATALOG + "#sparql"
_PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"
_SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_LANGUAGES = (_LANGUAGE + "ZHO", _LANGUAGE + "ENG")
_DOMAINS = BASE + "scheme/domain"
_PARTS = {
    Part.WHOLE: (d.WHOLE, d.TITLE, d.DESCRIPTION),
    Part.STATED: (
        d.STATED,
        Text("所述部分", "What is stated"),
        Text(
            "图中由文件、清单和受理记录陈述的部分，不含程序推导的结果。",
            "The part of the graph that documents, catalogues and the journal state, without what the "
            "program derives from it.",
        ),
    ),
    Part.DERIVED: (
        d.DERIVED,
        Text("推导部分", "What is derived"),
        Text(
            "程序由所述部分推导的结果：换算后的数额、下限、判定和推理闭包。",
            "What the program derives from what is stated: amounts in common units, floors, verdicts and "
            "what follows by inference.",
        ),
    ),
}


def dcat(published: Published) -> Triples:
    """The catalogue with its data sets, their files, and the SPARQL service."""
    return Triples(frozenset(_described(published)))


def _described(published: Published) -> Iterator[Triple]:
    files: dict[str, list[Dump]] = {}
    for dump in published.dumps:
        files.setdefault(dump.graphs[0] if dump.part is Part.GRAPH else dump.part, []).append(dump)
    yield from _catalog(published)
    yield from _service(published)
    for part, (iri, title, about) in _PARTS.items():
        yield from _dataset(published, iri, title, about, files[part])
    for dataset in published.datasets:
        dumps = files.get(dataset.graph, [])
        yield from _dataset(published, dataset.iri, dataset.title, dataset.description, dumps)
        yield from _stated(dataset)
    yield from d.of_class(_LANGUAGES, "dct:LinguisticSystem")
    yield from d.of_class({d.LICENCE}, "dct:LicenseDocument")
    yield from d.of_class({_SHA256}, "spdx:ChecksumAlgorithm")
    types = {d.media_type(dump.format.media_type) for dump in published.dumps} | {d.GZIP_TYPE}
    yield from d.of_class(sorted(types), "dct:MediaType")


def _catalog(published: Published) -> Iterator[Triple]:
    catalog = d.CATALOG
    yield from said(catalog, "a", term("dcat:Catalog"))
    yield from words(catalog, "dct:title", d.TITLE)
    yield from words(catalog, "dct:description", d.DESCRIPTION)
    yield from said(catalog, "dct:publisher", d.PUBLISHER)
    yield from said(d.PUBLISHER, "a", term("foaf:Agent"))
    yield from said(d.PUBLISHER, "foaf:name", Literal("bpsgraph"))
    yield from said(catalog, "dct:license", d.LICENCE)
    yield from said(catalog, "dct:language", *_LANGUAGES)
    yield from said(catalog, "foaf:homepage", published.address + "/")
    yield from d.of_class([published.address + "/"], "foaf:Document")
    yield from said(catalog, "dcat:themeTaxonomy", _DOMAINS)
    yield from d.of_class([_DOMAINS], "skos:ConceptScheme")
    yield from words(_DOMAINS, "dct:title", Text("基本公共服务领域", "Domains of basic public services"))
    yield from said(catalog, "dcat:service", SERVICE)
    parts = [iri for iri, _, _ in _PARTS.values()]
    yield from said(catalog, "dcat:dataset", *parts, *(dataset.iri for dataset in published.datasets))
    changed = max((one.accepted for one in published.datasets if one.accepted is not None), default=None)
    if changed is not None:
        yield from said(catalog, "dct:modified", typed(changed.isoformat(), "dateTime"))


def _service(published: Published) -> Iterator[Triple]:
    endpoint = published.address + "/sparql"
    yield from said(SERVICE, "a", term("dcat:DataService"))
    yield from words(SERVICE, "dct:title", Text("SPARQL 查询服务", "SPARQL endpoint"))
    yield from said(SERVICE, "dcat:endpointURL", endpoint)
    yield from said(SERVICE, "dcat:endpointDescription", endpoint)
    yield from said(SERVICE, "dcat:servesDataset", d.WHOLE)
    yield from said(SERVICE, "dct:publisher", d.PUBLISHER)
    yield from said(SERVICE, "dct:license", d.LICENCE)
    yield from said(SERVICE, "dct:conformsTo", _PROTOCOL)
    yield from d.of_class([_PROTOCOL], "dct:Standard")


def _dataset(
    published: Published, iri: str, title: Text, about: Text, dumps: Iterable[Dump]
) -> Iterator[Triple]:
    yield from said(iri, "a", term("dcat:Dataset"))
    yield from words(iri, "dct:title", title)
    # A description has to be there; where the graph has none, the name is all that is known.
    yield from words(iri, "dct:description", about if about.zh or about.en else title)
    yield from said(iri, "dct:identifier", typed(iri, "anyURI"))
    yield from said(iri, "dct:publisher", d.PUBLISHER)
    yield from said(iri, "dct:license", d.LICENCE)
    yield from said(iri, "dct:language", *_LANGUAGES)
    if iri.startswith(BASE):
        yield from said(iri, "dcat:landingPage", published.page(iri))
        yield from d.of_class([published.page(iri)], "foaf:Document")
    for dump in dumps:
        yield from _distribution(published, iri, dump)


def _stated(dataset: Dataset) -> Iterator[Triple]:
    iri = dataset.iri
    if dataset.edition is not None:
        yield from said(iri, "dcat:version", Literal(dataset.edition))
    if dataset.issued is not None:
        yield from said(iri, "dct:issued", typed(dataset.issued, "date"))
    if dataset.accepted is not None:
        yield from said(iri, "dct:modified", typed(dataset.accepted.isoformat(), "dateTime"))
    if dataset.jurisdiction is not None and dataset.place is not None:
        yield from said(iri, "dct:spatial", dataset.jurisdiction)
        yield from d.of_class([dataset.jurisdiction], "dct:Location")
        yield from words(dataset.jurisdiction, "skos:prefLabel", dataset.place)
    if dataset.valid_from is not None:
        period = f"{d.CATALOG}#period/{short(iri)}"
        yield from said(iri, "dct:temporal", period)
        yield from said(period, "a", term("dct:PeriodOfTime"))
        yield from said(period, "dcat:startDate", typed(dataset.valid_from, "date"))
        if dataset.valid_until is not None:
            yield from said(period, "dcat:endDate", typed(dataset.valid_until, "date"))
    for theme in dataset.themes:
        yield from said(iri, "dcat:theme", theme.iri)
        yield from d.of_class([theme.iri], "skos:Concept")
        yield from words(theme.iri, "skos:prefLabel", theme.label)
        yield from said(theme.iri, "skos:inScheme", _DOMAINS)


def _distribution(published: Published, dataset: str, dump: Dump) -> Iterator[Triple]:
    node = f"{d.CATALOG}#file/{dump.name}"
    checksum = f"{d.CATALOG}#sha256/{dump.name}"
    yield from said(dataset, "dcat:distribution", node)
    yield from said(node, "a", term("dcat:Distribution"))
    yield from said(node, "dct:title", Literal(dump.name))
    yield from said(node, "dcat:accessURL", published.file(dump))
    yield from said(node, "dcat:downloadURL", published.file(dump))
    yield from said(node, "dcat:mediaType", d.media_type(dump.format.media_type))
    yield from said(node, "dcat:compressFormat", d.GZIP_TYPE)
    yield from said(node, "dct:license", d.LICENCE)
    found = published.sums.get(dump.name)
    if found is not None:
        yield from said(node, "dcat:byteSize", typed(found.size, "nonNegativeInteger"))
        yield from said(node, "spdx:checksum", checksum)
        yield from said(checksum, "a", term("spdx:Checksum"))
        yield from said(checksum, "spdx:algorithm", _SHA256)
        yield from said(checksum, "spdx:checksumValue", typed(found.sha256, "hexBinary"))
