"""A quick look over triples as text: whether there is anything in them that deserves a closer look.

Every triple that is turned into objects of Python costs as much as parsing it; written as N-Triples they are
looked through several times as fast, since most terms stand in many of them.
"""

import re
from functools import cached_property
from itertools import compress

from bpsgraph.results import Triples
from bpsgraph.terms import BASE, BPS, RDF_TYPE

# An IRI of N-Triples holds neither bracket (https://www.w3.org/TR/n-triples/#grammar-production-IRIREF).
_IRI = re.compile(rb"<([^<>]*)>$")
_OURS = f"<{BASE}".encode(), f"<{BPS}".encode()
_OF_OURS = f"<{BPS}".encode()
_TYPE = str(RDF_TYPE).encode()


class Glance:
    """What stands in some triples, seen from afar."""

    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        self._terms = triples.distinct_terms

    @cached_property
    def foreign_iris(self) -> frozenset[str]:
        """Every IRI that is neither a thing nor a term of this project, datatypes too."""
        others = [term for term in self._terms if term.endswith(b">") and not term.startswith(_OURS)]
        ends = (found for term in others if (found := _IRI.search(term)))
        return frozenset(end[1].decode() for end in ends if not end[0].startswith(_OURS))

    @property
    def has_class_of_ours(self) -> bool:
        """Whether something is of a class of this project."""
        terms = self._triples.terms
        types = (predicate == _TYPE for predicate in terms[1::3])
        return any(kind.startswith(_OF_OURS) for kind in compress(terms[2::3], types))

    @property
    def has_blank_nodes(self) -> bool:
        """Whether a node is without a name."""
        return any(term.startswith(b"_") for term in self._terms)

    @property
    def has_nested_triples(self) -> bool:
        """Whether a triple is about a triple."""
        return any(term.startswith(b"<<") for term in self._terms)

    def may_be_longer(self, length: int) -> bool:
        """Whether an IRI may have more characters than that; False is certain."""
        return max(map(len, self._terms), default=0) > length
