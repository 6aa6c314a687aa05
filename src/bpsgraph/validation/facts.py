"""What triples say: values by subject and property, and labels in both languages."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import visible
from bpsgraph.results import Text
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import ALTERNATIVE_LABEL, BPS, LABELS, Term, short


@dataclass(slots=True)
class Lasting:
    """What is known of things from catalogue to catalogue, save of those that the one at hand touches."""

    things: Container[Term]
    touched: Container[Term] = ()
    said: dict[Term, dict[str, list[Term]]] = field(default_factory=dict)

    def holds(self, subject: Term) -> bool:
        """Whether what is said of it lasts."""
        return subject in self.things and subject not in self.touched


class Facts:
    """What some triples say, by subject."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self._said: dict[Term, dict[str, list[Term]]] = {}
        self._subjects: dict[tuple[str, Term], list[Term]] = defaultdict(list)
        self._labels: dict[Term, Text] = {}
        for triple in triples:
            assert not isinstance(triple.subject, Triple)
            assert not isinstance(triple.object, Triple)
            said = self._said.setdefault(triple.subject, {})
            said.setdefault(triple.predicate.value, []).append(triple.object)
            if isinstance(triple.object, NamedNode):
                self._subjects[triple.predicate.value, triple.object].append(triple.subject)

    def _about(self, subject: Term) -> Mapping[str, list[Term]]:
        return self._said.get(subject, {})

    def _having(self, name: str, value: Term) -> list[Term]:
        return self._subjects.get((name, value), [])

    def values(self, subject: Term | None, name: str) -> list[Term]:
        """The values of a property of this project's vocabulary, or of a property given as an IRI; sorted."""
        if subject is None:
            return []
        found = self._about(subject).get(_iri(name), [])
        return sorted(found, key=str) if len(found) > 1 else found

    def value(self, subject: Term | None, name: str) -> Term | None:
        """The first of the values."""
        if subject is None:
            return None
        found = self._about(subject).get(_iri(name))
        if not found:
            return None
        return found[0] if len(found) == 1 else min(found, key=str)

    def first_values(self, subject: Term) -> dict[str, Term]:
        """The first value of each property, by its name in this project's vocabulary, else by its IRI."""
        return {
            name.removeprefix(BPS): found[0] if len(found) == 1 else min(found, key=str)
            for name, found in self._about(subject).items()
        }

    def subjects(self, name: str, value: Term) -> list[Term]:
        """Whatever has the value for the property; sorted."""
        return sorted(self._having(_iri(name), value), key=str)

    def text(self, subject: Term | None, name: str) -> str | None:
        """The first value as characters that show."""
        term = self.value(subject, name)
        return visible(term.value) if isinstance(term, Literal | NamedNode) else None

    def decimal(self, subject: Term | None, name: str) -> Decimal | None:
        """The first value as an exact number, where it is one."""
        return number(self.value(subject, name))

    def label(self, thing: Term | None) -> Text | None:
        """The label in both languages; one stands in for the other, and the key for both."""
        if thing is None:
            return None
        if thing not in self._labels:
            self._labels[thing] = self._label(thing)
        return self._labels[thing]

    def _label(self, thing: Term) -> Text:
        if isinstance(thing, Literal):
            return Text(visible(thing.value), visible(thing.value))
        for name in LABELS:
            said = {
                term.language: visible(term.value)
                for term in self.values(thing, name.value)
                if isinstance(term, Literal) and term.language
            }
            if said:
                first = next(iter(said.values()))
                return Text(said.get("zh", first), said.get("en", said.get("zh", first)))
        key = short(thing.value).rpartition("/")[2]
        return Text(key, key)

    def short_label(self, thing: Term | None) -> Text | None:
        """The alternative label, where one is stated in both languages, else the label."""
        said = {
            term.language: visible(term.value)
            for term in self.values(thing, ALTERNATIVE_LABEL.value)
            if isinstance(term, Literal)
        }
        return Text(said["zh"], said["en"]) if {"zh", "en"} <= said.keys() else self.label(thing)


class StoredFacts(Facts):
    """What a store says, looked up when it is asked for; the store must stay as it is meanwhile.

    `lasting` is what is remembered from one catalogue to the next, by subject.
    """

    def __init__(self, store: EmbeddedStore, lasting: Lasting | None = None) -> None:
        super().__init__()
        self._store = store
        self._lasting = lasting

    def _about(self, subject: Term) -> Mapping[str, list[Term]]:
        known = self._said.get(subject)
        if known is not None:
            return known
        if isinstance(subject, Literal):
            return {}
        lasts = self._lasting is not None and self._lasting.holds(subject)
        if lasts and self._lasting is not None and subject in self._lasting.said:
            said = self._lasting.said[subject]
        else:
            said = {}
            for triple in self._store.triples(subject):
                said.setdefault(triple.predicate.value, []).append(triple.object)  # type: ignore[arg-type]
            if lasts and self._lasting is not None:
                self._lasting.said[subject] = said
        self._said[subject] = said
        return said

    def _having(self, name: str, value: Term) -> list[Term]:
        if (name, value) not in self._subjects:
            found = self._store.triples(None, NamedNode(name), value)
            self._subjects[name, value] = [triple.subject for triple in found]  # type: ignore[misc]
        return self._subjects[name, value]

    def read(self, graphs: Iterable[str]) -> None:
        """Look up at once what the graphs say of their subjects, of which nothing else says anything."""
        for graph in graphs:
            for triple in self._store.graph(graph):
                said = self._said.setdefault(triple.subject, {})  # type: ignore[arg-type]
                said.setdefault(triple.predicate.value, []).append(triple.object)  # type: ignore[arg-type]


def number(term: Term | None) -> Decimal | None:
    """The term as an exact number, where it is one."""
    try:
        return Decimal(term.value) if isinstance(term, Literal) else None
    except InvalidOperation:
        return None


@cache
def _iri(name: str) -> str:
    return name if ":" in name else BPS + name
