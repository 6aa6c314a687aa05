"""Finds the IRI of what people call by its name: items, measures, segments, units, agencies, documents.

Names are compared folded: full-width and half-width, traditional and simplified characters, spaces, quotation
marks and dashes make no difference. What is folded is never stored.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache, lru_cache

from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.slips import meant, pairs_in, unit_meant
from bpsgraph.terms import BASE, short

# The middle dot of a unit and the marks around a title say nothing by themselves.
_SILENT = Pattern(r"[\s\"'`“”‘’„「」『』《》〈〉·•・‧\u200b\u200c\u200d\ufeff]+")
_DASHES = Pattern("[‐‑‒–—―−~〜～]+")
_BRACKETS = str.maketrans({"〔": "[", "〕": "]", "【": "[", "】": "]", "﹝": "[", "﹞": "]"})
_END = "。．.;；,，、:："
# A standard is looked for among the documents, because a reference may be to either.
_KIND_OF = {"standard": "document"}
# There are thousands of places: for the label of one the others are not read.
_MANY = frozenset({"jurisdiction"})
_LEAST_LIKENESS = 0.45
_NAMED = ("item", "category", "measure", "segment", "agency", "document", "kind", "delegate")
_MOST_FOUND = 4096


@dataclass(frozen=True, slots=True)
class Name:
    """One name that a thing bears; the first preferred one, Chinese before English, is its label."""

    iri: str
    text: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """A promise that the State states for an item; without a segment it is for whoever the item is for.

    `measured_in` is the unit of the promise, else the canonical one of its measure. A supplement and a
    percentage say what they are of, a promise by reference which documents it follows, and one that is left
    to somebody to whom.
    """

    item: str
    measure: str
    segment: str | None
    kind: str
    unit: str | None
    words: str
    base_measure: str | None = None
    base_segment: str | None = None
    base_owner: str | None = None
    supplement_to: str | None = None
    measured_in: str | None = None
    references: tuple[str, ...] = ()
    delegated_to: str | None = None


@dataclass(frozen=True, slots=True)
class UnitsInUse:
    """The units in which figures of each indicator are, and the dimension of every unit, by IRI."""

    of_indicator: Mapping[str, frozenset[str]]
    dimension: Mapping[str, str]


class Names:
    """The names of the vocabulary, read kind by kind when they are first asked for.

    Kinds are `item`, `measure`, `segment`, `unit`, `agency`, `document` (standards too), `clause`,
    `jurisdiction`, `catalogue`, `domain`, `category`, and every code list by the key of its scheme: `kind`,
    `extent`, `verification`, `delegate`, `date-precision`, `service-class` …

    `read` gives the names of all things of a kind, none for a kind that there is not; `read_thing` those of
    one thing, by its IRI; `read_expected` what the State states for any item.
    """

    def __init__(
        self,
        read: Callable[[str], Iterable[Name]],
        read_thing: Callable[[str], Iterable[Name]],
        read_expected: Callable[[], Iterable[Expected]],
        read_units: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._read = read
        self._read_thing = read_thing
        self._read_expected = read_expected
        self._read_units = read_units
        self._units: Mapping[str, str] | None = None
        self._kinds: dict[str, _Kind] = {}
        self._pairs: frozenset[str] | None = None
        self._expected: dict[str, tuple[Expected, ...]] | None = None
        self._labels: dict[str, str | None] = {}

    def find(self, kind: str, text: str) -> tuple[str, ...]:
        """The IRIs of the things of a kind that bear the name, sorted; none where it is not known."""
        return self._of(kind).find(text)

    def near(self, kind: str, text: str, limit: int = 3) -> list[str]:
        """The labels of the things of a kind whose names are most like the text, the likest first."""
        return self._of(kind).near(text, limit)

    def meant(self, kind: str, text: str) -> str | None:
        """The IRI of the one thing of a kind whose name the text misspells (`bpsgraph.ingest.slips`)."""
        names, name = self._of(kind).simplified(), simplified(folded(text))
        return unit_meant(name, names) if kind == "unit" else meant(name, names, self.pairs())

    def pairs(self) -> frozenset[str]:
        """The pairs of neighbouring characters that stand in any name of the kinds that tables name."""
        if self._pairs is None:
            names = {name for kind in _NAMED for name in self._of(kind).simplified()}
            self._pairs = frozenset().union(*map(pairs_in, names))
        return self._pairs

    def label(self, iri: str) -> str:
        """What a thing is called in Chinese; its key where no name is known."""
        return self.label_or_none(iri) or short(iri)

    def label_or_none(self, iri: str) -> str | None:
        """What a thing is called in Chinese, or None where no name is known."""
        kind = kind_of(iri)
        if kind in _MANY and kind not in self._kinds:
            if iri not in self._labels:
                self._labels[iri] = _Kind(self._read_thing(iri)).labels.get(iri)
            return self._labels[iri]
        return self._of(kind).labels.get(iri) if kind else None

    def labels(self, kind: str) -> dict[str, str]:
        """The label of everything of a kind, by IRI, sorted by IRI."""
        return dict(self._of(kind).labels)

    def written(self, iri: str) -> str:
        """The label of a thing where that label leads back to it alone, else its key."""
        kind = kind_of(iri)
        label = self._of(kind).labels.get(iri) if kind else None
        return label if kind and label and self._of(kind).find(label) == (iri,) else short(iri)

    def bearing(self, kind: str) -> Mapping[str, frozenset[str]]:
        """The IRIs of the things of a kind by each of their names, folded."""
        return self._of(kind).exact

    def canonical_units(self) -> Mapping[str, str]:
        """The unit that each measure with a number is given in, by the IRI of the measure."""
        if self._units is None:
            self._units = self._read_units()
        return self._units

    def expected(self, item: str) -> tuple[Expected, ...]:
        """What the State states for an item in any edition, the newest first; none for other items."""
        if self._expected is None:
            gathered: dict[str, dict[Expected, None]] = {}
            for statement in self._read_expected():
                gathered.setdefault(statement.item, {})[statement] = None
            self._expected = {iri: tuple(statements) for iri, statements in gathered.items()}
        return self._expected.get(item, ())

    def _of(self, kind: str) -> "_Kind":
        if kind not in self._kinds:
            self._kinds[kind] = _Kind(self._read(kind))
        return self._kinds[kind]


class _Kind:
    """The names of one kind. Characters are simplified only where a name is not found without."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = tuple(names)
        self.labels: dict[str, str] = {}
        exact: dict[str, set[str]] = {}
        for name in self._names:
            if name.preferred:
                self.labels.setdefault(name.iri, name.text)
            exact.setdefault(folded(name.text), set()).add(name.iri)
        self.exact = {key: frozenset(iris) for key, iris in exact.items()}
        self.labels = dict(sorted(self.labels.items()))
        self._simplified: dict[str, set[str]] | None = None
        self._found: dict[str, tuple[str, ...]] = {}

    def find(self, text: str) -> tuple[str, ...]:
        found = self._found.get(text)
        if found is None:
            found = self._look_up(text)
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[text] = found
        return found

    def _look_up(self, text: str) -> tuple[str, ...]:
        key = folded(text)
        if not key:
            return ()
        found: Set[str] | None = self.exact.get(key)
        if found is None and not key.isascii():
            found = self.simplified().get(simplified(key))
        return tuple(sorted(found or ()))

    def near(self, text: str, limit: int) -> list[str]:
        wanted = simplified(folded(text))
        if not wanted:
            return []
        likeness: dict[str, float] = {}
        for key, iris in self.simplified().items():
            score = _likeness(wanted, key)
            for iri in iris if score >= _LEAST_LIKENESS else ():
                label = self.labels.get(iri)
                if label is not None:
                    likeness[label] = max(score, likeness.get(label, 0))
        return sorted(likeness, key=lambda label: (-likeness[label], label))[:limit]

    def simplified(self) -> dict[str, set[str]]:
        if self._simplified is None:
            self._simplified = {}
            for key, iris in self.exact.items():
                self._simplified.setdefault(simplified(key), set()).update(iris)
        return self._simplified


def kind_of(iri: str) -> str | None:
    """Among the names of which kind the name of a thing stands, by its IRI: `document` for a standard."""
    if not iri.startswith(BASE):
        return None
    kind, _, key = iri.removeprefix(BASE).partition("/")
    kind = _KIND_OF.get(kind, kind)
    return "clause" if kind == "document" and "/" in key else kind


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """The text without what makes no difference between names, its characters left as they are."""
    text = unicodedata.normalize("NFKC", text).translate(_BRACKETS).casefold()
    return _DASHES.sub("-", _SILENT.sub("", text)).strip(_END)


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def simplified(text: str) -> str:
    """The text in simplified characters (OpenCC, t2s)."""
    return text if text.isascii() else _converter()(text)


def _likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1; a name that holds the other whole is quite like it."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    held = 0.6 if min(len(one), len(other)) >= 2 and (one in other or other in one) else 0.0
    if max(held, matcher.real_quick_ratio()) < _LEAST_LIKENESS or (
        not held and matcher.quick_ratio() < _LEAST_LIKENESS
    ):
        return 0.0
    return max(held, matcher.ratio())
