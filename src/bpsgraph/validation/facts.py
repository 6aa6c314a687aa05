"""What triples say: values by subject and property, and labels in both languages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.results import Text, visible
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import ALTERNATIVE_LABEL, BPS, LABELS, Term, short


class Facts:
    """What some triples say, by subject."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self._said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._subjects: dict[tuple[str, Term], list[Term]] = defaultdict(list)
        self._labels: dict[Term, Text] = {}
        for triple in triples:
            assert not isinstance(triple.subject, Triple)
            assert not isinstance(triple.object, Triple)
            self._said[triple.subject][triple.predicate.value].append(triple.object)
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
        return next(iter(self.values(subject, name)), None)

    def subjects(self, name: str, value: Term) -> list[Term]:
        """Whatever has the value for the property; sorted."""
        return sorted(self._having(_iri(name), value), key=str)

    def text(self, subject: Term | None, name: str) -> str | None:
        """The first value as characters that show."""
        term = self.value(subject, name)
        return visible(term.value) if isinstance(term, Literal | NamedNode) else None

    def decimal(self, subject: Term | None, name: str) -> Decimal | None:
        """The first value as an exact number, where it is one."""
        term = self.value(subject, name)
        try:
            return Decimal(term.value) if isinstance(term, Literal) else None
        except InvalidOperation:
            return None

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
    """What a store says, looked up when it is asked for; the store must stay as it is meanwhile."""

    def __init__(self, store: EmbeddedStore) -> None:
        super().__init__()
        self._store = store

    def _about(self, subject: Term) -> Mapping[str, list[Term]]:
        if subject not in self._said and not isinstance(subject, Literal):
            said = self._said[subject]
            for triple in self._store.triples(subject):
                said[triple.predicate.value].append(triple.object)  # type: ignore[arg-type]
        return self._said.get(subject, {})

    def _having(self, name: str, value: Term) -> list[Term]:
        return [triple.subject for triple in self._store.triples(None, NamedNode(name), value)]  # type: ignore[misc]


def _iri(name: str) -> str:
    return name if ":" in name else BPS + name
