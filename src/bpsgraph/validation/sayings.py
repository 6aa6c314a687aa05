"""What is said in worlds, looked up by things and values instead of numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from pyoxigraph import NamedNode

from bpsgraph.columns.dictionary import Dictionary, terms_of
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.relation import SHARED
from bpsgraph.columns.statements import Statements
from bpsgraph.results import Text
from bpsgraph.terms import Term


class Sayings:
    """Looks up what worlds say; what was found stays known until it is to be forgotten."""

    def __init__(self, worlds: Worlds, dictionary: Dictionary) -> None:
        self._worlds = worlds
        self._dictionary = dictionary
        self._terms: dict[int, Term] = {}
        self._own: Statements | None = None
        self._shared: Statements | None = None
        self._shared_said: dict[int, dict[str, list[Term]]] = {}
        self.shared_labels: dict[Term, Text] = {}

    def forget_own(self) -> None:
        """Look anew at what each world says by itself."""
        self._own = None

    def forget_shared(self) -> None:
        """Look anew at what all worlds share."""
        self._shared = None

    def number(self, term: Term) -> int:
        """The number of a term."""
        return self._dictionary.number(str(term).encode())

    def terms(self, numbers: Sequence[int]) -> list[Term]:
        """The terms with these numbers."""
        missing = [number for number in dict.fromkeys(numbers) if number not in self._terms]
        if missing:
            made = terms_of([self._dictionary.texts[number] for number in missing])
            self._terms.update(zip(missing, made, strict=True))
        return [self._terms[number] for number in numbers]

    def of(self, world: int, subject: Term) -> dict[str, list[Term]]:
        """The values of whatever a world, or what all share, says of a subject, by property."""
        if self._own is None:
            self._own = Statements(self._worlds.own)
        own, shared = self._own.of(self.number(subject), world), self.shared_of(subject)
        if not own:
            return shared
        said = {name: list(values) for name, values in shared.items()}
        for name, value in self._values(own):
            said.setdefault(name, []).append(value)
        return said

    def shared_of(self, subject: Term) -> dict[str, list[Term]]:
        """What all share of a subject: the same object each time, as long as they share the same."""
        if self._shared is None:
            self._shared = Statements(self._worlds.shared)
            self._shared_said.clear()
            self.shared_labels.clear()
        number = self.number(subject)
        said = self._shared_said.get(number)
        if said is None:
            said = self._shared_said[number] = {}
            for name, value in self._values(self._shared.of(number, SHARED)):
                said.setdefault(name, []).append(value)
        return said

    def _values(self, found: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Term]]:
        terms = iter(self.terms([number for pair in found for number in pair]))
        for predicate, value in zip(terms, terms, strict=True):
            yield str(predicate.value), value

    def having(self, world: int, predicate: str, value: Term) -> list[Term]:
        """The subjects of which a world, or what all share, says this."""
        found: list[int] = []
        asked = np.array([self.number(value)], np.int32)
        for owned, table in self._worlds.sources(self.number(NamedNode(predicate)), submitted=False):
            if len(table):
                mine = np.array([world], np.int32) if owned else None
                found += table.subjects[table.matches(True, asked, mine)[1]].tolist()
        return self.terms(found)

    def counts(self, predicate: str) -> dict[int, dict[Term, int]]:
        """How many things of a world have each value of a property, by its number.

        Of several values of one thing the first in order counts, as `Facts.value` has it.
        """
        first: dict[tuple[int, int], int] = {}
        texts = self._dictionary.texts
        for owned, table in self._worlds.sources(self.number(NamedNode(predicate)), submitted=False):
            if owned:
                rows = zip(
                    table.worlds.tolist(), table.subjects.tolist(), table.objects.tolist(), strict=True
                )
                for world, subject, value in rows:
                    known = first.setdefault((world, subject), value)
                    if known != value:
                        first[world, subject] = min(known, value, key=texts.__getitem__)
        counted = Counter((world, value) for (world, _), value in first.items())
        found: dict[int, dict[Term, int]] = {}
        for (world, value), number in sorted(counted.items()):
            found.setdefault(world, {})[self.terms([value])[0]] = number
        return found
