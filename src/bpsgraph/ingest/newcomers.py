"""What a table names and the graph does not have: agencies, documents and items of the place's own."""

import hashlib

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.ingest.bureaus import Bureaus, is_slug
from bpsgraph.ingest.grid import Cell
from bpsgraph.ingest.names import Names, folded, simplified
from bpsgraph.ingest.submission import Place
from bpsgraph.terms import BASE, BPS, DCT, RDF_TYPE, SKOS


class Newcomers:
    """Describes them, each once, with names that are the same each time the file is read."""

    def __init__(self, names: Names, code: str) -> None:
        self.bureaus = Bureaus(names, code)
        self.triples: set[Triple] = set()
        self.things: dict[str, Place] = {}
        self._code = code
        self._found: dict[tuple[str, str], str] = {}

    def find(self, kind: str, text: str) -> tuple[str, ...]:
        """What was described under that name; for agencies also what the graph has of the place."""
        if kind == "agency":
            return self.bureaus.find(text)
        if not self._found:
            return ()
        iri = self._found.get((kind, folded(text)))
        return (iri,) if iri else ()

    def agency(self, cell: Cell, name: str, slug: str | None = None, *, also: str = "") -> str:
        """An agency of the place with that full name; `also` is what the cell calls it."""
        iri, triples = self.bureaus.describe(name, slug)
        if also:
            self.bureaus.also_called(also, iri)
        self.triples |= triples
        self.things.setdefault(iri, cell.place)
        return iri

    def document(self, cell: Cell, text: str) -> str:
        """A document with that title."""
        iri = f"{BASE}document/{self._code}-{digest(text)}"
        self._describe("document", text, iri, "PolicyDocument", DCT + "title", text.strip("《》"), cell)
        return iri

    def item(self, cell: Cell, slug: str) -> str:
        """An item that only this place has; `slug` is its key where it can be one."""
        slug = slug if is_slug(slug) else f"own-{digest(cell.text)}"
        iri = f"{BASE}item/{slug if slug.startswith(self._code + '-') else f'{self._code}-{slug}'}"
        self._describe("item", cell.text, iri, "ServiceItem", SKOS + "prefLabel", cell.text, cell)
        service_class = NamedNode(BASE + "service-class/basic")
        self.triples.add(Triple(NamedNode(iri), NamedNode(BPS + "serviceClass"), service_class))
        return iri

    def _describe(
        self, kind: str, name: str, iri: str, thing: str, property: str, label: str, cell: Cell
    ) -> None:
        self._found[kind, folded(name)] = iri
        self.triples.add(Triple(NamedNode(iri), RDF_TYPE, NamedNode(BPS + thing)))
        self.triples.add(Triple(NamedNode(iri), NamedNode(property), Literal(label, language="zh")))
        self.things.setdefault(iri, cell.place)


def digest(text: str) -> str:
    """Eight letters and digits that follow from a name, however it is spelled."""
    return hashlib.blake2b(simplified(folded(text)).encode(), digest_size=4).hexdigest()
