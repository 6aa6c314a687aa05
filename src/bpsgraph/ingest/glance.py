"""A quick look over triples as text: whether there is anything in them that deserves a closer look.

Every triple that is turned into objects of Python costs as much as parsing it; written as N-Triples they are
looked through at the speed of a regular expression. A glance may take words in a literal for an IRI, so that
it can cause a closer look for nothing; it never misses an IRI, a literal or a class that is there.
"""

import re
from collections.abc import Iterable
from functools import cached_property

from pyoxigraph import RdfFormat, Triple, serialize

from bpsgraph.terms import BASE, BPS, RDF

# An IRI of N-Triples holds neither bracket (https://www.w3.org/TR/n-triples/#grammar-production-IRIREF).
_FOREIGN = re.compile(rf"<(?!{re.escape(BASE)}|{re.escape(BPS)})([^<>]*)>".encode())
_OF_OURS = re.compile(rf"^[^ ]+ <{re.escape(RDF)}type> <{re.escape(BPS)}".encode(), re.MULTILINE)


class Glance:
    """What stands in some triples, seen from afar."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._text = serialize(triples, format=RdfFormat.N_TRIPLES) or b""

    @cached_property
    def foreign_iris(self) -> frozenset[str]:
        """Every IRI that is neither a thing nor a term of this project, datatypes too; maybe other words."""
        return frozenset(iri.decode() for iri in set(_FOREIGN.findall(self._text)))

    @property
    def has_class_of_ours(self) -> bool:
        """Whether something is of a class of this project; this is certain."""
        return _OF_OURS.search(self._text) is not None

    @property
    def may_have_blank_nodes(self) -> bool:
        """Whether a node may be without a name; False is certain."""
        return self._text.startswith(b"_:") or b"\n_:" in self._text or b"> _:" in self._text

    @property
    def may_have_nested_triples(self) -> bool:
        """Whether a triple may be about a triple; False is certain."""
        return b"<<" in self._text

    def may_be_longer(self, length: int) -> bool:
        """Whether an IRI may have more characters than that; False is certain."""
        return max(map(len, self._text.split(b"\n"))) > length
