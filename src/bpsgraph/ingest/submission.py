"""What every reader of files gives back."""

from collections.abc import Mapping
from dataclasses import dataclass

from bpsgraph.results import Triples


@dataclass(frozen=True, slots=True)
class Submission:
    """The triples of a file, and the line (from 1) where the description of a thing begins, by its IRI.

    Lines are known for Turtle and N-Triples only. The triples of two submissions never share a blank node.
    """

    name: str
    triples: Triples
    lines: Mapping[str, int]
