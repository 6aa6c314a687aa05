"""What is said in worlds, looked up by things and values instead of numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.columns.dictionary import Dictionary, terms_of
from bpsgraph.columns.facts import Worlds
from bpsgraph.columns.relation import SHARED
from bpsgraph.columns.statements import Statements, StatementsOfWorld
from bpsgraph.results import Text
from bpsgraph.terms import Term
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.wordings import Wordings


class Sayings:
    """Looks up what worlds say; what was found stays known until it is to be forgotten."""

    def __init__(self, worlds: Worlds, dictionary: Dictionary) -> None:
        self._worlds = worlds
        self._dictionary = dictionary
        self._terms: dict[int, Term] = {}
        self._own: Statements | None = None
        # What the last world that was asked about says; others ask about one after the other.
        self._of_world: tuple[int, StatementsOfWorld] | None = None
        self._shared: StatementsOfWorld | None = None
        self._shared_said: dict[int, dict[str, list[Term]]] = {}
        self.shared_labels: dict[Term, Text] = {}
        self.wordings = Wordings()

    def forget_own(self) -> None:
        """Look anew at what each world says by itself."""
        self._own = self._of_world = None

    def forget_shared(self, subjects: Iterable[int] | None = None) -> None:
        """Look anew at what all worlds share, which says something else of these subjects, or of any."""
        self._shared = None
        self._shared_said.clear()
        self.shared_labels.clear()
        self.wordings.forget(subjects)

    def number(self, term: Term) -> int:
        """The number of a term."""
        return self._dictionary.number(str(term).encode())

    def term(self, number: int) -> Term:
        """The term with this number."""
        return self._terms.get(number) or self.terms([number])[0]

    def terms(self, numbers: Sequence[int]) -> list[Term]:
        """The terms with these numbers."""
        missing = [number for number in dict.fromkeys(numbers) if number not in self._terms]
        if missing:
            made = terms_of([self._dictionary.texts[number] for number in missing])
            self._terms.update(zip(missing, made, strict=True))
        return [self._terms[number] for number in numbers]

    def own(self, world: int) -> StatementsOfWorld:
        """What a world says by itself, in numbers."""
        if self._own is None:
            self._own = Statements(self._worlds.own)
        if self._of_world is None or self._of_world[0] != world:
            self._of_world = world, self._own.of_world(world)
        return self._of_world[1]

    def shared(self) -> StatementsOfWorld:
        """What all worlds share, in numbers."""
        if self._shared is None:
            self._shared = Statements(self._worlds.shared).of_world(SHARED)
        return self._shared

    def of(self, world: int, subject: Term) -> dict[str, list[Term]]:
        """The values of whatever a world, or what all share, says of a subject, by property."""
        own, shared = self.own(world).of(self.number(subject)), self.shared_of(subject)
        if not own[0]:
            return shared
        said = {name: list(values) for name, values in shared.items()}
        for name, value in self._values(*own):
            said.setdefault(name, []).append(value)
        return said

    def shared_of(self, subject: Term) -> dict[str, list[Term]]:
        """What all share of a subject: the same object each time, as long as they share the same."""
        number = self.number(subject)
        said = self._shared_said.get(number)
        if said is None:
            said = self._shared_said[number] = {}
            for name, value in self._values(*self.shared().of(number)):
                said.setdefault(name, []).append(value)
        return said

    def _values(self, predicates: Sequence[int], objects: Sequence[int]) -> Iterator[tuple[str, Term]]:
        for predicate, value in zip(self.terms(predicates), self.terms(objects), strict=True):
            yield str(predicate.value), value

    def text(self, number: int) -> bytes:
        """The term with that number in the syntax of N-Triples."""
        return self._dictionary.texts[number]

    def having(self, world: int, predicate: str, value: Term) -> list[Term]:
        """The subjects of which a world, or what all share, says this."""
        return self.terms(self.having_numbers(world, predicate, value))

    def having_numbers(self, world: int, predicate: str, value: Term) -> list[int]:
        """The numbers of those subjects."""
        found: list[int] = []
        asked = np.array([self.number(value)], np.int32)
        for owned, table in self._worlds.sources(self.number(NamedNode(predicate)), submitted=False):
            if len(table):
                mine = np.array([world], np.int32) if owned else None
                found += table.subjects[table.matches(True, asked, mine)[1]].tolist()
        return found

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


class WorldFacts(Facts):
    """What one of many submissions, and what all share, says; looked up when it is asked for."""

    def __init__(self, sayings: Sayings, world: int) -> None:
        super().__init__()
        self.sayings = sayings
        self.world = world
        self._more: dict[Term, dict[str, list[Term]]] = {}

    @property
    def added(self) -> Iterable[Term]:
        """Of which more is said than by the world."""
        return self._more.keys()

    def add(self, triples: Iterable[Triple]) -> None:
        """Say more."""
        for triple in triples:
            said = self._more.setdefault(triple.subject, {})  # type: ignore[arg-type]
            said.setdefault(triple.predicate.value, []).append(triple.object)  # type: ignore[arg-type]
            self._said.pop(triple.subject, None)  # type: ignore[arg-type]

    def _about(self, subject: Term) -> Mapping[str, list[Term]]:
        known = self._said.get(subject)
        if known is not None:
            return known
        if isinstance(subject, Literal):
            return {}
        said = self.sayings.of(self.world, subject)
        more = self._more.get(subject)
        if more is not None:
            said = {name: list(values) for name, values in said.items()}
            for name, objects in more.items():
                said[name] = list(dict.fromkeys([*said.get(name, []), *objects]))
        self._said[subject] = said
        return said

    def _label(self, thing: Term) -> Text:
        labels = self.sayings.shared_labels
        if isinstance(thing, Literal) or self._about(thing) is not self.sayings.shared_of(thing):
            return super()._label(thing)
        if thing not in labels:
            labels[thing] = super()._label(thing)
        return labels[thing]

    def _having(self, name: str, value: Term) -> list[Term]:
        if (name, value) not in self._subjects:
            self._subjects[name, value] = self.sayings.having(self.world, name, value)
        return self._subjects[name, value]


class Watched(WorldFacts):
    """The facts of a world that remember what was asked of them: of which things, and whether for things."""

    def __init__(self, facts: WorldFacts) -> None:
        super().__init__(facts.sayings, facts.world)
        self._said, self._more = facts._said, facts._more
        self.seen: set[Term] = set()
        self.searched = False

    def _about(self, subject: Term) -> Mapping[str, list[Term]]:
        if not isinstance(subject, Literal):
            self.seen.add(subject)
        return super()._about(subject)

    def _having(self, name: str, value: Term) -> list[Term]:
        self.searched = True
        return super()._having(name, value)
