"""What is known of the things that may overlap, as saved queries read it from a store."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal

from bpsgraph.errors import NotFound
from bpsgraph.library import query
from bpsgraph.results import Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, Term, short

FEATURES = "analysis/overlap-features"
THRESHOLD = "analysis/overlap-threshold"
STATE = f"{BASE}jurisdiction/100000"


@dataclass(frozen=True, slots=True)
class Featured:
    """A service item or a standard with all that it is compared by; `names` are the Chinese ones it bears."""

    iri: str
    kind: str
    label: Text
    names: tuple[str, ...]
    features: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def values(self, feature: str) -> frozenset[str]:
        """What it has of a feature; empty where nothing is stated."""
        return self.features.get(feature, frozenset())

    @property
    def is_local(self) -> bool:
        """Whether only places below the State list it."""
        return bool(self.values("place")) and STATE not in self.values("place")


@dataclass(frozen=True, slots=True)
class Threshold:
    """How much names, contents and references weigh, and from when on a pair is a candidate."""

    name_weight: float
    content_weight: float
    reference_weight: float
    name_likeness: float
    score: float


def read_featured(store: Store) -> dict[str, Featured]:
    """The service items and standards of a store, by IRI."""
    kinds: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}
    names: dict[str, list[str]] = {}
    features: dict[str, dict[str, set[str]]] = {}
    for row in query(store, FEATURES):
        iri, feature, value = _value(row["thing"]), _value(row["feature"]), row["value"]
        kinds[iri] = _value(row["kind"])
        if feature == "label" and isinstance(value, Literal):
            labels.setdefault(iri, {}).setdefault(value.language or "zh", value.value)
        elif feature == "name":
            names.setdefault(iri, []).append(_value(value))
        else:
            features.setdefault(iri, {}).setdefault(feature, set()).add(_value(value))
    found = {}
    for iri in sorted(kinds):
        said = labels.get(iri, {})
        zh = said.get("zh") or said.get("en") or short(iri)
        bears = dict.fromkeys([*([said["zh"]] if "zh" in said else []), *names.get(iri, ())])
        found[iri] = Featured(
            iri,
            kinds[iri],
            Text(zh, said.get("en") or zh),
            tuple(bears),
            {name: frozenset(values) for name, values in features.get(iri, {}).items()},
        )
    return found


def read_threshold(store: Store) -> Threshold:
    """The weights and the threshold of a store. Raises `NotFound` where it holds none."""
    for row in query(store, THRESHOLD):
        names = ("name_weight", "content_weight", "reference_weight", "name_likeness", "score")
        return Threshold(*(float(_value(row[name])) for name in names))
    raise NotFound("threshold/overlap")


def _value(term: Term | None) -> str:
    return "" if term is None else term.value
