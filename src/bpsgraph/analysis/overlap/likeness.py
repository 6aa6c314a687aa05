"""How alike names and contents are: Jaccard over pairs of characters, the rare ones weighing more."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bpsgraph.ingest.names import folded, simplified

# What separates the words of a name and says nothing itself.
_SEPARATORS = str.maketrans("", "", "、，,；;（）()[]{}：:。.-—/")


def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a name: full or half width, traditional or simplified.

    Spaces, quotation marks, brackets and separators do not count. A single character is a pair with nothing.
    """
    letters = simplified(folded(text)).translate(_SEPARATORS)
    return frozenset(letters[n : n + 2] for n in range(max(len(letters) - 1, min(len(letters), 1))))


@dataclass(frozen=True)
class Weights:
    """How much each pair of characters weighs: 1 + ln((N + 1) / (n + 1)), where n of N names have it.

    This is the inverse document frequency of Spärck Jones (1972), smoothed so that nothing weighs nothing:
    服务 in every second name says little of which one is meant.
    """

    names: int
    having: Mapping[str, int]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Weights":
        """The weights from these names."""
        sets = [bigrams(name) for name in names]
        return cls(len(sets), Counter(pair for one in sets for pair in one))

    def of_pair(self, pair: str) -> float:
        """How much the pair weighs, 1 where every name has it."""
        return 1 + math.log((self.names + 1) / (min(self.having.get(pair, 0), self.names) + 1))

    def total(self, pairs: Iterable[str]) -> float:
        """How much they weigh together; the same in whatever order."""
        return math.fsum(map(self.of_pair, pairs))

    def likeness(self, one: frozenset[str], other: frozenset[str]) -> float:
        """The weighted Jaccard index of two sets of pairs, from 0 to 1; 0 where nothing weighs anything."""
        if one == other and one:
            return 1.0
        every = self.total(one | other)
        return self.total(one & other) / every if every else 0.0

    def alike(self, names: Mapping[str, frozenset[str]], least: float) -> Iterator[tuple[str, str]]:
        """The keys of all sets that are at least so alike, each two once, the smaller key first.

        Only sets that share one of their telling pairs are compared: two sets as alike as `least` must share
        one among the rarest that make up more than 1 - `least` of the weight of each (the prefix filter of
        Chaudhuri, Ganti and Kaushik, A Primitive Operator for Similarity Joins, 2006).
        """
        bearing: dict[str, list[str]] = {}
        for key in sorted(names):
            near: set[str] = set()
            for pair in self._telling(names[key], least):
                near.update(bearing.get(pair, ()))
                bearing.setdefault(pair, []).append(key)
            for other in sorted(near):
                if self.likeness(names[other], names[key]) >= least:
                    yield other, key

    def _telling(self, pairs: frozenset[str], least: float) -> list[str]:
        ordered = sorted(pairs, key=lambda pair: (-self.of_pair(pair), pair))
        rest = self.total(ordered)
        enough = least * rest
        telling: list[str] = []
        for pair in ordered:
            # A little more than is needed, because sums are rounded.
            if telling and rest < enough * (1 - 1e-9):
                break
            telling.append(pair)
            rest -= self.of_pair(pair)
        return telling


def jaccard(one: frozenset[str], other: frozenset[str]) -> float | None:
    """The Jaccard index (1901) of two sets, None where one is empty: what is not stated is not unlike."""
    return len(one & other) / len(one | other) if one and other else None
