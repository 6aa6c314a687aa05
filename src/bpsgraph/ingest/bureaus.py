"""Which agency a local table means: 市教育局 and 教育局 are the bureau of the table's own place."""

import hashlib
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.ingest.names import Names, folded, simplified
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.slips import meant
from bpsgraph.terms import BASE, BPS, RDF_TYPE, SKOS

_OWN = Pattern(r"^(?:我|本|全)?[省市县区州盟旗](?=.{2})")
_SLUG = Pattern(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Bureaus:
    """The agencies that the table of one place can name: those of the graph and those that it describes."""

    def __init__(self, names: Names, code: str) -> None:
        self._names = names
        self._home = f"{BASE}agency/{code}/"
        self._jurisdiction = NamedNode(f"{BASE}jurisdiction/{code}")
        self._place = names.label_or_none(self._jurisdiction.value) or ""
        self._described: dict[str, str] = {}
        self._kinds: dict[str, str] | None = None

    def find(self, text: str) -> tuple[str, ...]:
        """The IRIs of what bears the name: first what the table describes, then the place's own, then any."""
        for name in self._written_in_full(text):
            if (own := self._described.get(folded(name))) is not None:
                return (own,)
            own_known = tuple(iri for iri in self._names.find("agency", name) if iri.startswith(self._home))
            if own_known:
                return own_known
        found = self._names.find("agency", text)
        states = tuple(iri for iri in found if iri.startswith(f"{BASE}agency/100000/"))
        return states or tuple(iri for iri in found if self._names_place_of(iri, text))

    def describe(self, name: str, slug: str | None = None) -> tuple[str, set[Triple]]:
        """An agency of the place that the graph does not have: its IRI, and that it is one."""
        iri = self._home + (slug or self.slug(name))
        self._described[folded(name)] = iri
        agency = NamedNode(iri)
        return iri, {
            Triple(agency, RDF_TYPE, NamedNode(BPS + "Agency")),
            Triple(agency, NamedNode(SKOS + "prefLabel"), Literal(name, language="zh")),
            Triple(agency, NamedNode(BPS + "jurisdiction"), self._jurisdiction),
        }

    def also_called(self, name: str, iri: str) -> None:
        """Remember one more name of an agency that the table describes."""
        self._described.setdefault(folded(name), iri)

    def usual(self, text: str) -> tuple[str, str] | None:
        """Full name and key of a bureau of a kind that the graph knows of another place, else None."""
        base = self._without_place(text)
        slug = self._bureaus_elsewhere().get(simplified(folded(base)))
        return (self._place + base, slug) if slug else None

    def usual_names(self) -> list[str]:
        """The full names of such bureaus, sorted; none where the place has no name."""
        return sorted(self._place + base for base in self._bureaus_elsewhere()) if self._place else []

    def meant(self, text: str) -> str | None:
        """The full name of the one agency that a misspelt name can only mean; None where there is none.

        Agencies of the place, those that places elsewhere have too, and those of the State are looked at.
        """
        known: dict[str, set[str]] = {}
        for name, iris in self._names.bearing("agency").items():
            for iri in iris:
                if iri.startswith((self._home, f"{BASE}agency/100000/")):
                    known.setdefault(simplified(self._without_place(name)), set()).add(self._names.label(iri))
        for base in self._bureaus_elsewhere():
            known.setdefault(base, {self._place + base} if self._place else set())
        return meant(simplified(folded(self._without_place(text))), known, self._names.pairs())

    def slug(self, name: str) -> str:
        """The key of an agency by its name: that of the same bureau elsewhere, else a hash."""
        usual = self.usual(name)
        if usual:
            return usual[1]
        return "unit-" + hashlib.blake2b(simplified(folded(name)).encode(), digest_size=4).hexdigest()

    def _names_place_of(self, iri: str, text: str) -> bool:
        """Whether an agency of another place is written with it: 市教育局 alone is the table's own."""
        code = iri.removeprefix(f"{BASE}agency/").partition("/")[0]
        place = self._names.label_or_none(f"{BASE}jurisdiction/{code}")
        return text == iri or not place or simplified(folded(place)[:2]) in simplified(folded(text))

    def _written_in_full(self, text: str) -> Iterator[str]:
        yield text
        if self._place:
            yield self._place + text
            yield self._place + self._without_place(text)

    def _without_place(self, text: str) -> str:
        if self._place and text.startswith(self._place):
            return text.removeprefix(self._place)
        return _OWN.sub("", text)

    def _bureaus_elsewhere(self) -> dict[str, str]:
        if self._kinds is None:
            self._kinds = {}
            for iri, label in self._names.labels("agency").items():
                code, _, slug = iri.removeprefix(f"{BASE}agency/").partition("/")
                place = self._names.label(f"{BASE}jurisdiction/{code}")
                if code != "100000" and label.startswith(place):
                    self._kinds.setdefault(simplified(folded(label.removeprefix(place))), slug)
        return self._kinds


def is_slug(text: str) -> bool:
    """Whether a text can be the last part of a key."""
    return _SLUG.fullmatch(text) is not None
