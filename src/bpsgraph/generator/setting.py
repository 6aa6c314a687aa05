"""What the bundled graph says that generated catalogues are made of: the places, the floors, the words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from bpsgraph.errors import BadParameter
from bpsgraph.quantity import Direction, PercentOf, Unit, Value, exact
from bpsgraph.stated import Units, read_units, read_value
from bpsgraph.terms import BASE, BPS, SKOS

EDITION = "2023"
STATE = "100000"
TEXTS = ("beneficiaryText", "content", "serviceStandard", "expenditure")

Term = NamedNode | Literal


@dataclass(frozen=True)
class Place:
    """A jurisdiction by its six-digit code."""

    code: str
    name: str
    level: str
    within: str | None


@dataclass(frozen=True)
class NationalGuarantee:
    """One floor of the national edition; `covers` is its own segment or else the provision's beneficiary."""

    measure: str
    segment: str | None
    covers: str
    value: Value
    floor: str
    stated: str

    @property
    def key(self) -> str:
        """The end of the guarantee's IRI: measure and own segment."""
        return f"{self.measure}/{self.segment}" if self.segment else self.measure


@dataclass(frozen=True)
class NationalProvision:
    """One item of the national edition, with the words of its cells by property name.

    `amended` tells whether a later text of the State speaks of the item, so that floors of it may have ended.
    """

    item: str
    name: str
    beneficiary: str | None
    texts: Mapping[str, str]
    leads: tuple[str, ...]
    guarantees: tuple[NationalGuarantee, ...]
    floor: str
    amended: bool


@dataclass(frozen=True)
class Segment:
    """A group with its age bounds and the groups directly above it."""

    slug: str
    name: str
    english: str
    minimum_age: int | None
    maximum_age: int | None
    broader: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """Everything that a generated catalogue is made of. Names are relative to `https://w3id.org/bps/id/`."""

    places: Mapping[str, Place]
    provisions: tuple[NationalProvision, ...]
    units: Units
    segments: Mapping[str, Segment]
    directions: Mapping[str, Direction]
    canonical_units: Mapping[str, Unit]
    schemes: Mapping[str, Mapping[str, Fraction]]
    standards: tuple[str, ...]
    withdrawn_standards: tuple[str, ...]
    own_bases: frozenset[str] = field(default=frozenset())

    def central_share(self, item: str, code: str) -> Fraction | None:
        """The share of the tier that the nearest place above (or the place itself) is listed in."""
        shares = self.schemes.get(item, {})
        here: str | None = code
        while here is not None:
            if here in shares:
                return shares[here]
            here = self.places[here].within
        return None

    def below(self, code: str) -> Iterator[Place]:
        """The place itself and all below it, each after the one above it."""
        children: dict[str | None, list[Place]] = {}
        for place in self.places.values():
            children.setdefault(place.within, []).append(place)
        waiting = [self.places[code]]
        while waiting:
            place = waiting.pop()
            yield place
            waiting += sorted(children.get(place.code, []), key=lambda p: p.code, reverse=True)


def read_setting(data: Path) -> Setting:
    """The setting in a folder of Turtle files, local catalogues left out.

    Raises `BadParameter` where the national edition of 2023 or the divisions are not among them.
    """
    graph = _Graph(
        file
        for file in sorted(data.rglob("*.ttl"))
        if file.relative_to(data).parts[0] not in ("local", "documents")
    )
    places = {
        code: Place(
            code,
            graph.text(node, SKOS + "prefLabel"),
            graph.one(node, BPS + "level").removeprefix("level/"),
            graph.one(node, BPS + "within").removeprefix("jurisdiction/") or None,
        )
        for node in graph.of_class("Jurisdiction")
        if (code := graph.one(node, BPS + "code"))
    }
    provisions = tuple(
        _provision(graph, node)
        for node in graph.of_class("Provision")
        if graph.one(node, BPS + "catalogue") == f"catalogue/{STATE}/{EDITION}"
    )
    if STATE not in places or not provisions:
        raise BadParameter(
            str(data),
            f"the divisions or the national edition of {EDITION} are not in it",
            "name the folder data/ttl of the project",
        )
    bases = {
        g.value.base_measure
        for provision in provisions
        for g in provision.guarantees
        if isinstance(g.value, PercentOf) and g.value.base_owner == "own" and g.value.base_measure
    }
    return Setting(
        places,
        provisions,
        graph.units,
        {
            node.removeprefix("segment/"): Segment(
                node.removeprefix("segment/"),
                graph.text(node, SKOS + "prefLabel"),
                graph.text(node, SKOS + "prefLabel", "en"),
                _age(graph, node, "minimumAge"),
                _age(graph, node, "maximumAge"),
                tuple(graph.all(node, SKOS + "broader")),
            )
            for node in graph.of_class("Segment")
        },
        {
            node.removeprefix("measure/"): Direction(direction.removeprefix("direction/"))
            for node in graph.of_class("Measure")
            if (direction := graph.one(node, BPS + "direction"))
        },
        {
            node.removeprefix("measure/"): graph.units[BASE + unit]
            for node in graph.of_class("Measure")
            if (unit := graph.one(node, BPS + "canonicalUnit"))
        },
        _schemes(graph),
        _standards(graph, "status/in-force"),
        _standards(graph, "status/withdrawn"),
        frozenset(measure.removeprefix(BASE + "measure/") for measure in bases),
    )


def _provision(graph: "_Graph", node: str) -> NationalProvision:
    item = graph.one(node, BPS + "item").removeprefix("item/")
    beneficiary = graph.one(node, BPS + "beneficiary").removeprefix("segment/") or None
    catalogue = graph.one(node, BPS + "catalogue")

    def floor(statement: str, measure: str, segment: str) -> str:
        since = graph.one(statement, BPS + "validFrom") or graph.one(catalogue, BPS + "validFrom")
        return f"floor/{STATE}/{since}/{item}/{measure}/{segment}"

    guarantees = []
    for guarantee in graph.all(node, BPS + "guarantee"):
        measure = graph.one(guarantee, BPS + "measure").removeprefix("measure/")
        segment = graph.one(guarantee, BPS + "segment").removeprefix("segment/") or None
        covers = segment or beneficiary
        if covers is None:
            # What is promised to nobody in particular makes no floor.
            continue
        guarantees.append(
            NationalGuarantee(
                measure,
                segment,
                covers,
                read_value(graph.triples(guarantee), graph.units),
                floor(guarantee, measure, covers),
                graph.text(guarantee, BPS + "statedAs"),
            )
        )
    return NationalProvision(
        item,
        graph.text(f"item/{item}", SKOS + "prefLabel"),
        beneficiary,
        {name: text for name in TEXTS if (text := graph.text(node, BPS + name))},
        tuple(lead.removeprefix(f"agency/{STATE}/") for lead in graph.all(node, BPS + "leadAgency")),
        tuple(guarantees),
        floor(node, "provision", "all"),
        _is_amended(graph, f"item/{item}", graph.one(catalogue, BPS + "validFrom")),
    )


def _is_amended(graph: "_Graph", item: str, since: str) -> bool:
    texts = {
        graph.one(node, BPS + "catalogue")
        for node in graph.of_class("Provision")
        if graph.one(node, BPS + "item") == item
    }
    national = [text for text in texts if text.startswith(f"catalogue/{STATE}/")]
    return any(graph.one(text, BPS + "validFrom") > since for text in national)


def _schemes(graph: "_Graph") -> dict[str, dict[str, Fraction]]:
    schemes: dict[str, dict[str, Fraction]] = {}
    for item in graph.of_class("ServiceItem"):
        for scheme in graph.all(item, BPS + "costSharingScheme"):
            shares = {
                place.removeprefix("jurisdiction/"): exact(
                    int(Fraction(graph.one(tier, BPS + "centralShare")))
                )
                for tier in graph.all(scheme, BPS + "tier")
                for place in graph.all(tier, BPS + "place")
            }
            if shares:
                schemes[item.removeprefix("item/")] = shares
    return schemes


def _standards(graph: "_Graph", status: str) -> tuple[str, ...]:
    return tuple(node for node in graph.of_class("Standard") if status in graph.all(node, BPS + "status"))


def _age(graph: "_Graph", node: str, name: str) -> int | None:
    text = graph.one(node, BPS + name)
    return int(text) if text else None


class _Graph:
    """The files as properties by subject; IRIs of things are relative, every list is sorted."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._nodes: dict[str, dict[str, list[Term]]] = {}
        self._classes: dict[str, list[str]] = {}
        units = []
        for file in files:
            for quad in parse(path=file, format=RdfFormat.TURTLE):
                triple = quad.triple
                if isinstance(triple.subject, NamedNode) and not isinstance(
                    triple.object, BlankNode | Triple
                ):
                    subject = triple.subject.value.removeprefix(BASE)
                    node = self._nodes.setdefault(subject, {})
                    node.setdefault(triple.predicate.value, []).append(triple.object)
                    if triple.predicate.value.endswith("#type"):
                        self._classes.setdefault(triple.object.value, []).append(subject)
                    if "/unit/" in triple.subject.value or "/dimension/" in triple.subject.value:
                        units.append(triple)
        self.units = read_units(units)

    def of_class(self, name: str) -> list[str]:
        return sorted(self._classes.get(BPS + name, []))

    def all(self, node: str, predicate: str) -> list[str]:
        terms = self._nodes.get(node, {}).get(predicate, [])
        return sorted(term.value.removeprefix(BASE) for term in terms)

    def one(self, node: str, predicate: str) -> str:
        return next(iter(self.all(node, predicate)), "")

    def text(self, node: str, predicate: str, language: str = "zh") -> str:
        terms = self._nodes.get(node, {}).get(predicate, [])
        return min((t.value for t in terms if isinstance(t, Literal) and t.language == language), default="")

    def triples(self, node: str) -> list[Triple]:
        return [
            Triple(NamedNode(BASE + node), NamedNode(predicate), term)
            for predicate, terms in self._nodes[node].items()
            for term in terms
        ]
