"""What the descriptions for machines share: the names of the whole, its licence, triples by short names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.publishing.datasets import Dataset
from bpsgraph.publishing.dumps import GZIP, Dump, Sum
from bpsgraph.results import Text
from bpsgraph.terms import BASE, PREFIXES, RDF_TYPE, XSD, Term

HOME = BASE.removesuffix("/id/")
"""Where the site is seen from outside unless a setting says otherwise: the redirect of its identifiers."""
CATALOG = HOME + "/dataset"
WHOLE = CATALOG + "#graph"
STATED = CATALOG + "#stated"
DERIVED = CATALOG + "#derived"
PUBLISHER = CATALOG + "#publisher"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""That of the ontology and the data: see LICENSE-DATA.md."""
TITLE = Text("基本公共服务标准图谱", "Open knowledge graph of China's basic public service standards")
DESCRIPTION = Text(
    "国家和地方基本公共服务标准：事项、清单、保障内容、标准、责任单位、目标与试点，每一处都写明来源和核实程度。",
    "The national and local standards of basic public services: items, catalogues, guarantees, standards, "
    "agencies, targets and pilots, each cell with its source and how sure it is.",
)
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_MORE = {
    "adms": "http://www.w3.org/ns/adms#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
}


@dataclass(frozen=True, slots=True)
class Published:
    """What there is to discover: the data sets, the files with their sums, and the address of the site.

    `address` has no slash at its end.
    """

    datasets: tuple[Dataset, ...]
    dumps: tuple[Dump, ...]
    sums: dict[str, Sum]
    address: str = HOME

    def file(self, dump: Dump) -> str:
        """Where the file is downloaded."""
        return f"{self.address}/dumps/{dump.name}"

    def page(self, iri: str) -> str:
        """Where a thing of ours is read about."""
        if iri.startswith(BASE):
            return f"{self.address}/doc/{iri.removeprefix(BASE)}"
        return f"{self.address}{iri.removeprefix(HOME)}"


def term(name: str) -> NamedNode:
    """The term that is called by a prefix and a local name."""
    prefix, _, local = name.partition(":")
    return NamedNode((PREFIXES | _MORE)[prefix] + local)


def typed(value: object, datatype: str) -> Literal:
    """The value as a literal of a type of XML Schema."""
    return Literal(str(value), datatype=NamedNode(XSD + datatype))


def said(subject: str, name: str, *values: Term | str) -> Iterator[Triple]:
    """Triples about a subject; a text is an IRI."""
    for value in values:
        node = NamedNode(value) if isinstance(value, str) else value
        yield Triple(NamedNode(subject), RDF_TYPE if name == "a" else term(name), node)


def words(subject: str, name: str, text: Text) -> Iterator[Triple]:
    """The words in Chinese and English, as far as there are any."""
    for language, value in (("zh", text.zh), ("en", text.en)):
        if value:
            yield from said(subject, name, Literal(value, language=language))


def of_class(iris: Iterable[str], name: str) -> Iterator[Triple]:
    """That each of the IRIs is of the class."""
    for iri in iris:
        yield from said(iri, "a", term(name))


def media_type(name: str) -> str:
    """The IRI of a media type in the registry of IANA."""
    return _MEDIA_TYPES + name


GZIP_TYPE = media_type(GZIP)
